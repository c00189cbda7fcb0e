//! From a divergence to four facts and a picture: what happened, what was expected and by which row of which document,
//! what was seen, how to replay it.

use tombstone_model::ids::{ItemId, SlotId, UserId};
use tombstone_model::implementation::Answer;
use tombstone_model::plan::{Connection, Op, Place, Plan};
use tombstone_model::reference::advance;
use tombstone_model::rules::{Fate, Rules};
use tombstone_model::telling::{Telling, of_word};
use tombstone_model::trace::{Moment, Trace};
use tombstone_model::verdict::Divergence;
use tombstone_model::view::{Location, View, Word};
use tombstone_model::words;
use tombstone_model::world::{Context, Scene};
use tombstone_reports as reports;
use tombstone_reports::{
    Cell, CellState, Column, CommandLine, Expected, Failure, Lane, LaneKind, Message, Parting, Timeline,
};

use crate::cause::causes;

/// Where a failure can be replayed from.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The command that replays it.
    pub replay: CommandLine,
    /// The scenario, as TOML.
    pub scenario: String,
}

/// The failure that a report shows.
pub fn failure(rules: &Rules, plan: &Plan, divergence: &Divergence, trace: &Trace, source: Source) -> Failure {
    let last = trace.moments.last();
    let end = match (divergence.step, last) {
        (Some(step), _) => words::step(plan, &step),
        (None, Some(_)) => "everything synchronizes to rest".to_owned(),
        (None, None) => "the world was set up".to_owned(),
    };
    let causes = causes(divergence, trace);
    let earlier = causes.iter().map(|moment| words::step(plan, &moment.step));
    let happened = earlier.chain([end]).collect::<Vec<_>>().join("; then ");
    let numbered = |moment: &&Moment| format!("step {}, {}", moment.number + 1, words::step(plan, &moment.step));
    let cause = causes.iter().map(numbered).collect::<Vec<_>>().join("; ");
    let telling = Telling::of(rules, plan, divergence, last.and_then(|moment| moment.answer.as_ref()));
    let rule = telling.rule.map(|rule| rule.id.clone());
    let expected = Expected {
        text: telling.expected(),
        rule: rule.clone(),
        documents: telling.grounds().documents.iter().map(|&title| title.to_owned()).collect(),
    };
    let mut failure = Failure {
        signature: reports::Signature { check: divergence.check.name().to_owned(), rule },
        happened,
        expected,
        seen: telling.seen(),
        parting: Some(Parting {
            step: last.map_or(0, |moment| moment.number as u32 + 1),
            place: telling.place(),
            cause: (!cause.is_empty()).then_some(cause),
        }),
        scenario: source.scenario,
        timeline: Some(timeline(plan, trace, Some(divergence))),
        ..Failure::default()
    };
    failure.replayed_by(&source.replay);
    failure
}

/// What a rule says becomes of a side.
pub fn fate(fate: Option<Fate>) -> &'static str {
    match fate {
        Some(Fate::Kept) => "kept",
        Some(Fate::Deleted) => "deleted",
        Some(Fate::Free) => "either",
        None => "as elsewhere",
    }
}

/// A lane for each store, computer and the server; a column for each step.
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
    let scene = Scene::new(&plan.setup);
    let mut context = Context::new(&plan.setup);
    let mut before: Option<&Moment> = None;
    // Nothing was seen of a world that was never set up.
    if trace.start == View::default() {
        return Timeline { lanes, columns, cells, messages };
    }
    column(plan, &trace.start, None, &context.connection, 0, &mut cells, None);
    for moment in trace.moments.iter().filter(|moment| moment.answer.is_some()) {
        if let Some(Answer::Done { .. }) = moment.answer {
            advance(&scene, &mut context, &moment.step);
        }
        let at = columns.len();
        columns.push(Column { number: moment.number as u32 + 1, step: words::step(plan, &moment.step) });
        let last = trace.moments.last().is_some_and(|last| std::ptr::eq(last, moment));
        let previous = before.map_or(&trace.start, |moment| &moment.view);
        column(plan, &moment.view, Some(previous), &context.connection, at, &mut cells, divergence.filter(|_| last));
        if let Some(message) = message(plan, moment, at) {
            messages.push(message);
        }
        before = Some(moment);
    }
    Timeline { lanes, columns, cells, messages }
}

fn column(
    plan: &Plan,
    view: &View,
    before: Option<&View>,
    connections: &[Connection],
    column: usize,
    cells: &mut Vec<Cell>,
    divergence: Option<&Divergence>,
) {
    let users = plan.names.users.len();
    let slots = plan.setup.slots();
    let items = (0..plan.setup.items.len() as u8).map(ItemId);
    let mut places: Vec<(usize, Location)> = vec![(0, Location::Crm)];
    places.extend((0..users).map(|n| (1 + n, Location::Mailbox(UserId(n as u8)))));
    // A computer's lane shows its own mailbox; what it holds of others' is rarely worth the room.
    let own = slots
        .iter()
        .zip(0u8..)
        .filter(|((computer, mailbox), _)| plan.setup.computers[computer.index()].user == *mailbox);
    places.extend(own.map(|((computer, _), id)| (1 + users + computer.index(), Location::Cache(SlotId(id)))));
    for (lane, location) in places {
        let text = |view: &View| {
            let parts = items.clone().filter(|&id| view.get(id, location).is_present());
            let parts = parts.map(|id| short(plan, id, view.get(id, location), location));
            parts.collect::<Vec<_>>().join(", ")
        };
        let now = text(view);
        let was = before.map(&text);
        let connection = lane.checked_sub(1 + users).map(|n| connections[n]);
        let sighting = divergence.and_then(|d| d.sightings.iter().find(|s| s.location == location));
        let state = match connection {
            Some(Connection::Crashed) => CellState::Crashed,
            Some(Connection::Disconnected | Connection::Offline) => CellState::Offline,
            Some(Connection::Connected) | None => {
                if now.is_empty() {
                    CellState::Absent
                } else if was.as_ref().is_some_and(|was| *was != now) {
                    CellState::Changed
                } else {
                    CellState::Present
                }
            }
        };
        if was.as_deref() == Some(now.as_str()) && sighting.is_none() && state == CellState::Present {
            continue;
        }
        let expected = sighting.map(|s| of_word(plan, s, s.expected));
        let differing = sighting.map(|s| of_word(plan, s, s.seen)).filter(|_| !now.is_empty());
        let text = match differing {
            // Of several items, the one that is meant.
            Some(seen) => format!("{now} ({seen})"),
            None if now.is_empty() => "—".to_owned(),
            None => now,
        };
        cells.push(Cell { lane, column, state, text, diverges: sighting.is_some(), expected });
    }
}

fn short(plan: &Plan, id: ItemId, word: Word, location: Location) -> String {
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
    text
}

/// Who spoke to whom: a synchronization between a mailbox and CRM, a computer with its mailbox.
fn message(plan: &Plan, moment: &Moment, column: usize) -> Option<Message> {
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
