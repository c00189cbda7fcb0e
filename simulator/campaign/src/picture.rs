//! The picture of a run: what each store and computer held after each step, and who spoke to whom. What was refused, passed
//! over or not reached is said so, and so is every field that a step changed.

use std::borrow::Cow;

use tombstone_model::contract::implementation::Answer;
use tombstone_model::ids::{ItemId, SlotId, UserId};
use tombstone_model::plan::{Connection, Kind, Op, Place, Plan, Status, Step};
use tombstone_model::reference::advance;
use tombstone_model::rules::PersonalOption;
use tombstone_model::telling::of_word;
use tombstone_model::trace::{TakenStep, Trace};
use tombstone_model::verdict::Divergence;
use tombstone_model::view::{Field, Location, View, Word};
use tombstone_model::words;
use tombstone_model::world::{Context, Scene};
use tombstone_reports::{Cell, CellState, Column, HeldField, Lane, LaneHolds, LaneKind, Message, Timeline};

/// A lane for each store, computer and the server; a column for each step. One that synchronizes everything to rest has a
/// column for each synchronization, all with its number.
pub fn timeline(plan: &Plan, trace: &Trace, divergence: Option<&Divergence>) -> Timeline {
    let mut lanes = vec![Lane { name: "CRM".to_owned(), kind: LaneKind::Crm }];
    let mailboxes =
        plan.names.users.iter().map(|user| Lane { name: format!("{user}'s mailbox"), kind: LaneKind::Mailbox });
    lanes.extend(mailboxes);
    let computers = plan.names.computers.iter();
    lanes.extend(computers.map(|name| Lane { name: name.clone(), kind: LaneKind::Computer }));
    let mut columns = vec![Column { number: 0, step: "start".to_owned() }];
    let mut cells = Vec::new();
    let mut messages = Vec::new();
    let mut held = Vec::new();
    let scene = Scene::new(&plan.setup);
    let mut context = Context::new(&plan.setup);
    let mut before = &trace.start;
    // Nothing was seen of a world that was never set up.
    if trace.start == View::default() {
        return Timeline { lanes, columns, cells, messages, held };
    }
    column(plan, (&trace.start, None), &context.connection, 0, &mut cells, None);
    hold(plan, (&trace.start, None), 0, &mut held);
    let reached = trace.moments.last().map_or(0, |moment| moment.number + 1);
    for (number, step) in plan.steps.iter().enumerate() {
        let mut moments = trace.moments.iter().filter(|moment| moment.number == number).peekable();
        if moments.peek().is_none() {
            // A run that ended says so elsewhere.
            if number < reached || divergence.is_none() {
                let why = if step.op == Op::Settle {
                    "nothing can be synchronized"
                } else if number < reached {
                    "passed over: not supported"
                } else {
                    "not taken"
                };
                columns.push(told(plan, number, step, Some(why)));
            }
            continue;
        }
        for (nth, moment) in moments.enumerate() {
            if let Some(Answer::Done { .. } | Answer::Offered(_)) = moment.answer {
                advance(&scene, &mut context, &moment.step);
            }
            let at = columns.len();
            let mut column = told(plan, number, &moment.step, answered(moment).as_deref());
            if nth == 0 && step.op == Op::Settle && moment.step.op != Op::Settle {
                column.step = format!("{}: {}", words::step(plan, step), column.step);
            }
            columns.push(column);
            let last = trace.moments.last().is_some_and(|last| std::ptr::eq(last, moment));
            let divergence = divergence.filter(|_| last);
            self::column(plan, (&moment.view, Some(before)), &context.connection, at, &mut cells, divergence);
            hold(plan, (&moment.view, Some(before)), at, &mut held);
            if moment.answer.is_some()
                && let Some(message) = message(plan, moment, at)
            {
                messages.push(message);
            }
            before = &moment.view;
        }
    }
    Timeline { lanes, columns, cells, messages, held }
}

/// The column of a step, with what became of it where it was not simply done.
fn told(plan: &Plan, number: usize, step: &Step, became: Option<&str>) -> Column {
    let became = became.map(|became| format!(" ({became})")).unwrap_or_default();
    Column { number: number as u32 + 1, step: format!("{}{became}", words::step(plan, step)) }
}

/// What was answered to a step, where that is more than that it was done.
fn answered(moment: &TakenStep) -> Option<Cow<'static, str>> {
    match &moment.answer {
        Some(Answer::Done { prompted: false }) => None,
        Some(Answer::Done { prompted: true }) => Some("the user was asked".into()),
        Some(Answer::Offered(options)) => {
            let names: Vec<&str> = options.iter().map(PersonalOption::name).collect();
            Some(if names.is_empty() {
                "none is offered".into()
            } else {
                format!("offered: {}", names.join(", ")).into()
            })
        }
        Some(Answer::Refused) => Some("refused".into()),
        Some(Answer::Unsupported(_)) => Some("not supported".into()),
        Some(Answer::Failed(_)) => Some("failed".into()),
        None => Some("passed over: not possible here".into()),
    }
}

/// What each lane shows. A computer's shows its own mailbox; what it holds of others' is rarely worth the room.
fn places(plan: &Plan) -> Vec<(usize, Location)> {
    let users = plan.names.users.len();
    let mut places: Vec<(usize, Location)> = vec![(0, Location::Crm)];
    places.extend((0..users).map(|n| (1 + n, Location::Mailbox(UserId(n as u8)))));
    let slots = plan.setup.slots();
    let own = slots
        .iter()
        .zip(0u8..)
        .filter(|((computer, mailbox), _)| plan.setup.computers[computer.index()].user == *mailbox);
    places.extend(own.map(|((computer, _), id)| (1 + users + computer.index(), Location::Cache(SlotId(id)))));
    places
}

/// The most changes that a picture tells field by field: a run of a few steps has some tens.
const MOST_HELD: usize = 400;

/// What each lane holds of each item, field by field, where that is not what it was.
fn hold(plan: &Plan, (view, before): (&View, Option<&View>), column: usize, held: &mut Vec<LaneHolds>) {
    for (lane, location) in places(plan) {
        for id in (0..plan.setup.items.len() as u8).map(ItemId) {
            if held.len() >= MOST_HELD {
                return;
            }
            let word = view.get(id, location);
            let was = before.map(|before| before.get(id, location));
            let item = plan.names.item(id).to_owned();
            let (there, was_there) = (word.is_present(), was.is_some_and(Word::is_present));
            if !there && (was_there || before.is_none()) {
                held.push(LaneHolds { column, lane, item, absent: true, fields: Vec::new() });
            } else if there {
                // Of a copy that was not there all is new that says anything.
                let was = was.filter(|_| was_there).unwrap_or(Word::ABSENT);
                let fields = was
                    .differing(word, u64::MAX)
                    .filter(|&field| was_there || field != Field::Count || word.count() > 1);
                let fields: Vec<HeldField> = fields.map(|field| told_field(plan, field, word)).collect();
                if !fields.is_empty() || !was_there {
                    held.push(LaneHolds { column, lane, item, absent: false, fields });
                }
            }
        }
    }
}

fn told_field(plan: &Plan, field: Field, word: Word) -> HeldField {
    HeldField { field: field.name().to_owned(), value: words::value(plan, field, word) }
}

fn column(
    plan: &Plan,
    (view, before): (&View, Option<&View>),
    connections: &[Connection],
    column: usize,
    cells: &mut Vec<Cell>,
    divergence: Option<&Divergence>,
) {
    let users = plan.names.users.len();
    let items = (0..plan.setup.items.len() as u8).map(ItemId);
    for (lane, location) in places(plan) {
        let there = items.clone().filter(|&id| view.get(id, location).is_present());
        let parts = there.map(|id| {
            let was = before.map(|before| before.get(id, location));
            short(plan, id, view.get(id, location), was, location)
        });
        let now = parts.collect::<Vec<_>>().join(", ");
        let differs = |before: &View| {
            let mut words = items.clone().map(|id| (before.get(id, location), view.get(id, location)));
            words.any(|(was, is)| was.count() != is.count() || was.differing(is, u64::MAX).next().is_some())
        };
        let changed = before.is_some_and(differs);
        let connection = lane.checked_sub(1 + users).map(|n| connections[n]);
        let sighting = divergence.and_then(|d| d.sightings.iter().find(|s| s.location == location));
        let state = match connection {
            Some(Connection::Crashed) => CellState::Crashed,
            Some(Connection::Disconnected | Connection::Offline) => CellState::Offline,
            Some(Connection::Connected) | None => {
                if now.is_empty() {
                    CellState::Absent
                } else if changed {
                    CellState::Changed
                } else {
                    CellState::Present
                }
            }
        };
        if before.is_some() && !changed && sighting.is_none() && state == CellState::Present {
            continue;
        }
        // Of several items, the one that is meant is named.
        let meant = divergence.and_then(|d| d.item).filter(|_| plan.setup.items.len() > 1);
        let meant = meant.map(|id| format!("{}: ", plan.names.item(id))).unwrap_or_default();
        let expected = sighting.map(|s| format!("{meant}{}", of_word(plan, s, s.expected)));
        let differing = sighting.map(|s| format!("{meant}{}", of_word(plan, s, s.seen)));
        let text = match differing.filter(|_| !now.is_empty()) {
            Some(seen) => format!("{now} ({seen})"),
            None if now.is_empty() => "—".to_owned(),
            None => now,
        };
        cells.push(Cell { lane, column, state, text, diverges: sighting.is_some(), expected });
    }
}

/// An item in a place: its name, its title, whether it is tracked, its status where that is not the usual one, and which
/// other fields are not what they were.
fn short(plan: &Plan, id: ItemId, word: Word, was: Option<Word>, location: Location) -> String {
    let mut text = plan.names.item(id).to_owned();
    if word.title() != 0 {
        text.push_str(&format!(" #{}", word.title()));
    }
    if location != Location::Crm && word.is_tracked() {
        text.push_str(" ↔");
    }
    if word.count() > 1 {
        text.push_str(" ×2");
    }
    // A message is closed from the start.
    if word.status() != Status::Open && plan.setup.items[id.index()].kind != Kind::Email {
        text.push_str(&format!(" {}", words::status(word.status())));
    }
    let Some(was) = was.filter(|was| was.is_present()) else { return text };
    // Those that are shown beside the name already.
    let shown = |field: &Field| ![Field::Title, Field::Tracked, Field::Count, Field::Status].contains(field);
    let changed = was.differing(word, u64::MAX).filter(shown).map(|field| words::field(plan, field, word));
    let changed: Vec<String> = changed.collect();
    if changed.is_empty() { text } else { format!("{text}, now {}", changed.join(", ")) }
}

/// Who spoke to whom: a synchronization between a mailbox and CRM, a computer with its mailbox.
fn message(plan: &Plan, moment: &TakenStep, column: usize) -> Option<Message> {
    let users = plan.names.users.len();
    let lane = |place: Place| match place {
        Place::Computer(computer) => Some(1 + users + computer.index()),
        Place::Web => None,
    };
    let lost = moment.step.op.crash().is_some();
    let (from, to, label) = if let Op::ServerSynchronize { mailbox, .. } = moment.step.op {
        (1 + mailbox.index(), 0, "synchronize")
    } else if let Op::Synchronize { .. } = moment.step.op {
        (lane(moment.step.at)?, 0, "synchronize")
    } else if let Op::GoOffline { .. } = moment.step.op {
        (lane(moment.step.at)?, 0, "go offline")
    } else if let Op::GoOnline { .. } = moment.step.op {
        (lane(moment.step.at)?, 0, "go online")
    } else if moment.step.op == Op::Connect {
        (lane(moment.step.at)?, 1 + moment.step.by.index(), "connect")
    } else {
        return None;
    };
    Some(Message { column, from, to, label: label.to_owned(), lost })
}
