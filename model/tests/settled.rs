//! What the documents leave open and conforming synchronizers do in more than one way: everything that may be seen, and
//! nothing else.

use std::collections::BTreeSet;

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, Deletion, ItemSetup, Kind, Method, Op, Place, Rights, Setup, Side, Status, Step, UserSetup,
};
use tombstone_model::readings::decide::Fork;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::reference::{Cited, Frame, StepOutcome, advance, apply, route, sweep};
use tombstone_model::rules::Rules;
use tombstone_model::time::{Schedule, Schedules, Zone};
use tombstone_model::view::{Location, Word};
use tombstone_model::world::{Item, World};

const ME: UserId = UserId(0);
const BORIS: UserId = UserId(1);
const PC: ComputerId = ComputerId(0);
const LAPTOP: ComputerId = ComputerId(1);
const OUTLOOK: Side = Side::Outlook(ME);
const DAY: i32 = 86_400;

/// An appointment, a contact, a task and a series, all ahead and linked, and a service activity that Boris owns.
const APPOINTMENT: ItemId = ItemId(0);
const CONTACT: ItemId = ItemId(1);
const TASK: ItemId = ItemId(2);
const SERIES: ItemId = ItemId(3);
const SERVICE: ItemId = ItemId(4);

fn world() -> World {
    let ahead = Schedule { start: DAY, end: DAY + 3600, every: 0, count: 1 };
    let kinds = [Kind::Appointment, Kind::Contact, Kind::Task, Kind::RecurringAppointment, Kind::ServiceActivity];
    let item = |kind: Kind| ItemSetup {
        copies: UserSet::of(ME),
        tracked: UserSet::of(ME),
        in_crm: true,
        required: if kind.is_calendar() { UserSet::of(ME) } else { UserSet::EMPTY },
        when: if kind == Kind::RecurringAppointment { 2 } else { u8::from(kind != Kind::Contact) },
        ..ItemSetup::new(kind, if kind == Kind::ServiceActivity { BORIS } else { ME })
    };
    let method = Method::OutlookClient;
    let user = UserSetup { method, delegates: UserSet::EMPTY, rights: Rights::ALL };
    World::new(&Setup {
        zone: Zone::utc(chrono::DateTime::default()),
        users: vec![user, user],
        computers: [true, false].map(|synchronizing| ComputerSetup { user: ME, synchronizing }).to_vec(),
        items: kinds.map(item).to_vec(),
        bystanders: 0,
        schedules: Schedules::of([
            ahead,
            Schedule { every: DAY, count: 3, ..ahead },
            Schedule { start: 2 * DAY, end: 2 * DAY, ..ahead },
        ]),
    })
}

/// The default profile in its closed form, but for these readings.
fn but(readings: &[(Switch, u8)]) -> Readings {
    let closed = Profile::standard().readings().closed();
    readings.iter().fold(closed, |all, &(switch, values)| {
        let open = Readings::OPEN.narrowed(switch, Values(values));
        Readings(all.narrowed(switch, Values(0)).0 | open.0 & !Readings::OPEN.narrowed(switch, Values(0)).0)
    })
}

/// Everything that may be seen of an item in CRM and in the mailbox after these steps.
fn seen(readings: Readings, item: ItemId, steps: &[Step]) -> BTreeSet<String> {
    let mut world = world();
    let mut ends = vec![world.items[item.index()]];
    for step in steps {
        let frame = Frame { scene: &world.scene, context: &world.context, rules: Rules::documented() };
        let way = route(&frame, step).expect("the step is possible");
        let mut next: Vec<Item> = Vec::new();
        for end in &ends {
            let mut fork = Fork::new(readings);
            loop {
                let (mut new, mut cited) = (*end, Cited::default());
                let done = match step.op.items() {
                    Some(items) if items.contains(item) => {
                        apply(&frame, way, item, &mut new, step, &mut fork, &mut cited)
                    }
                    Some(_) => StepOutcome::DONE,
                    None => {
                        sweep(&frame, item, &mut new, step, &mut fork, &mut cited);
                        StepOutcome::DONE
                    }
                };
                assert!(matches!(done, StepOutcome::Done { .. }), "{step:?}");
                if !next.contains(&new) {
                    next.push(new);
                }
                if !fork.advance() {
                    break;
                }
            }
        }
        ends = next;
        advance(&world.scene, &mut world.context, step);
    }
    let mut all = BTreeSet::new();
    for end in ends {
        world.items[item.index()] = end;
        let [crm, mailbox] =
            [Location::Crm, Location::Mailbox(ME)].map(|place| told(&world, item, world.seen(item, place)));
        all.insert(format!("{crm} | {mailbox}"));
    }
    all
}

/// The title, and whatever else is not as it was at the start.
fn told(world: &World, item: ItemId, word: Word) -> String {
    if !word.is_present() {
        return "absent".to_owned();
    }
    let setup = &world.scene.items[item.index()];
    let mut words = vec![format!("#{}", word.title())];
    let mut other = |differs: bool, text: String| words.extend(differs.then_some(text));
    other(word.when() != setup.when, format!("when {}", word.when()));
    other(word.status() != Status::Open, format!("{:?}", word.status()).to_lowercase());
    other(word.regarding_bits() != 0, format!("re {}", word.regarding_bits()));
    other(word.parent_bits() != 0, format!("of {}", word.parent_bits()));
    other(setup.kind == Kind::RecurringAppointment, format!("{:03b}", word.occurrences()));
    other(word.owner_bits() == 1 && setup.owner != ME, "mine".to_owned());
    words.join(" ")
}

fn at(computer: ComputerId, op: Op) -> Step {
    Step { by: ME, at: Place::Computer(computer), op }
}

fn pc(op: Op) -> Step {
    at(PC, op)
}

fn web(op: Op) -> Step {
    Step { by: ME, at: Place::Web, op }
}

const fn title(item: ItemId, side: Side, token: u8) -> Op {
    Op::Edit { item, side, change: Change::Title(token) }
}

const fn when(item: ItemId, side: Side, when: u8) -> Op {
    Op::Edit { item, side, change: Change::When(when) }
}

const fn delete(item: ItemId, side: Side) -> Op {
    Op::Delete { item, side, how: Deletion::Hard }
}

fn parent(side: Side) -> Op {
    Op::SetParent { item: CONTACT, side, to: CONTACT }
}

fn untracked(item: ItemId) -> [Step; 2] {
    [pc(Op::Untrack { items: ItemSet::of(item), mailbox: ME, yes: false }), pc(SYNC)]
}

fn track(item: ItemId) -> Op {
    Op::Track { items: ItemSet::of(item), mailbox: ME, record: None }
}

const SYNC: Op = Op::Synchronize { crash: None };

#[track_caller]
fn may_be(readings: &[(Switch, u8)], item: ItemId, steps: &[Step], expected: &[&str]) {
    let seen = seen(but(readings), item, steps);
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{steps:?}");
}

/// A write that leaves everything as it was is an edit to one who keeps a journal, and none to one who compares: on either
/// side, against an edit and against a deletion.
#[test]
fn a_write_that_changes_nothing_is_an_edit_or_none() {
    let (outlook, crm) = (pc, web);
    let same = |side| when(APPOINTMENT, side, 1);
    let conflict = Switch::ConflictWinner;
    let against = |touch: Step, edit: Step| [touch, edit, pc(SYNC)];
    // The last processed side overwrites what was edited in CRM, if the write in Outlook counts.
    let steps = against(outlook(same(OUTLOOK)), crm(title(APPOINTMENT, Side::Crm, 5)));
    may_be(&[(conflict, 0b1)], APPOINTMENT, &steps, &["#0 | #0", "#5 | #5"]);
    may_be(&[(conflict, 0b10)], APPOINTMENT, &steps, &["#5 | #5"]);
    // CRM wins, if the write there counts.
    let steps = against(crm(same(Side::Crm)), outlook(title(APPOINTMENT, OUTLOOK, 5)));
    may_be(&[(conflict, 0b1)], APPOINTMENT, &steps, &["#5 | #5"]);
    may_be(&[(conflict, 0b10)], APPOINTMENT, &steps, &["#0 | #0", "#5 | #5"]);
    // There and back is such a write as well; without one nothing is open.
    let moved = [3, 1].map(|to| crm(when(APPOINTMENT, Side::Crm, to)));
    let steps = [moved[0], moved[1], outlook(title(APPOINTMENT, OUTLOOK, 5)), pc(SYNC)];
    may_be(&[(conflict, 0b10)], APPOINTMENT, &steps, &["#0 | #0", "#5 | #5"]);
    may_be(&[(conflict, 0b10)], APPOINTMENT, &steps[2..], &["#5 | #5"]);
    let edit_wins = [(Switch::DeleteAgainstEdit, 0b10)];
    let steps = against(crm(same(Side::Crm)), outlook(delete(APPOINTMENT, OUTLOOK)));
    may_be(&edit_wins, APPOINTMENT, &steps, &["#0 | #0", "absent | absent"]);
    may_be(&edit_wins, APPOINTMENT, &steps[1..], &["absent | absent"]);
}

/// An occurrence that is gone is no exception, whoever says so; one that is there is, or is not.
#[test]
fn of_an_occurrence_that_is_gone_nobody_says_whether_it_was_moved() {
    let word = Word::ABSENT.with_count(1).with_occurrences(0b101).with_exceptions(0b110);
    for (exceptions, apart) in [(0b110, false), (0b100, false), (0b010, true), (0b111, true), (0b000, true)] {
        assert_eq!(word.apart(word.with_exceptions(exceptions), u64::MAX) != 0, apart, "{exceptions:b}");
    }
}

/// Where tracking finds a record, the content of either side wins; a series keeps its occurrences on each, or they go with
/// the content. What was edited since the tracking may go with the record's.
#[test]
fn tracking_finds_a_record() {
    let [no, sync] = untracked(SERIES);
    let lost = pc(Op::Delete { item: SERIES, side: OUTLOOK, how: Deletion::Occurrence(0) });
    let steps = [lost, no, sync, pc(track(SERIES)), pc(SYNC)];
    may_be(&[(Switch::LatencyModel, 0b10)], SERIES, &steps, &["#0 110 | #0 110", "#0 111 | #0 110", "#0 111 | #0 111"]);
    let [no, sync] = untracked(CONTACT);
    let steps = [no, pc(title(CONTACT, OUTLOOK, 5)), sync, pc(parent(OUTLOOK)), pc(SYNC)];
    let three = ["#0 of 2 | #0 of 2", "#0 | #0", "#5 of 2 | #5 of 2"];
    may_be(&[(Switch::LatencyModel, 0b10)], CONTACT, &steps, &three);
}

/// A computer that was away completes what has been cancelled meanwhile, or does not: then it is as if it had been done
/// now. What is completed there and was not closed is completed.
#[test]
fn what_was_entered_before_it_was_closed() {
    let complete = at(LAPTOP, Op::Complete { item: TASK, side: OUTLOOK });
    let cancel = web(Op::Cancel { item: TASK });
    let connect = at(LAPTOP, Op::Connect);
    let steps = [at(LAPTOP, Op::Disconnect), complete, cancel, pc(SYNC), connect, pc(SYNC)];
    let connected = ["#0 cancelled | #0 cancelled", "#0 cancelled | #0 completed"];
    may_be(&[], TASK, &steps[..5], &connected);
    may_be(&[], TASK, &steps, &connected[..1]);
    may_be(&[], TASK, &[steps[0], complete, connect, pc(SYNC)], &["#0 completed | #0 completed"]);
}

/// Whole, or the fields that changed in Outlook over the others; each is a reading of its own.
#[test]
fn both_sides_were_edited() {
    let edits = [pc(title(APPOINTMENT, OUTLOOK, 5)), web(when(APPOINTMENT, Side::Crm, 3)), pc(SYNC)];
    let clash = [edits[0], edits[1], web(title(APPOINTMENT, Side::Crm, 6)), pc(SYNC)];
    let switch = Switch::ConflictWinner;
    let cases = [
        (0b1, "#5 | #5", "#5 | #5"),
        (0b10, "#0 when 3 | #0 when 3", "#6 when 3 | #6 when 3"),
        (0b100, "#5 | #5", "#5 | #5"),
        (0b1000, "#5 when 3 | #5 when 3", "#6 when 3 | #6 when 3"),
        (0b1_0000, "#5 when 3 | #5 when 3", "#5 when 3 | #5 when 3"),
    ];
    for (reading, apart, clashing) in cases {
        may_be(&[(switch, reading)], APPOINTMENT, &edits, &[apart]);
        may_be(&[(switch, reading)], APPOINTMENT, &clash, &[clashing]);
    }
}

/// What an edit makes again is owned as it was, or by whoever edited; and an edit that would be undone is none that stands.
#[test]
fn an_edit_stands_against_a_deletion() {
    let stands = (Switch::DeleteAgainstEdit, 0b10);
    let steps = [pc(title(SERVICE, OUTLOOK, 5)), web(delete(SERVICE, Side::Crm)), pc(SYNC)];
    may_be(&[stands, (Switch::ServiceActivity, 0b10)], SERVICE, &steps, &["#5 mine | #5", "#5 | #5"]);
    may_be(&[stands], SERVICE, &steps, &["#5 mine | #5", "#5 | #5", "absent | #5", "absent | absent"]);
    let edit = [pc(title(APPOINTMENT, OUTLOOK, 5)), web(delete(APPOINTMENT, Side::Crm)), pc(SYNC)];
    may_be(&[stands], APPOINTMENT, &edit, &["#5 | #5"]);
    let cancel = [web(Op::Cancel { item: APPOINTMENT }), pc(SYNC)];
    let closed = [&cancel[..], &edit].concat();
    may_be(&[stands], APPOINTMENT, &closed, &["#5 cancelled | #5 cancelled", "absent | absent"]);
    may_be(&[stands, (Switch::ClosedEditFromOutlook, 0b100)], APPOINTMENT, &closed, &["#5 cancelled | #5 cancelled"]);
}
