//! The reference step by step: what is done, refused or impossible, and what comes of it under each reading.

use std::sync::{Arc, LazyLock};

use tombstone_model::contract::implementation::Implementation;
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, SlotId, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, Crash, Deletion, ItemSetup, Kind, Method, Names, Op, Place, Plan, Right, Rights, Setup,
    Side, Stage, Step, Store, UserSetup,
};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::reference::{BATCH_LIMIT, Reference, StepOutcome};
use tombstone_model::rules::Rules;
use tombstone_model::time::{Schedule, Schedules, Zone};
use tombstone_model::view::Location;

/// Refused, by the row of that id.
fn refused_by(row: &str) -> StepOutcome {
    StepOutcome::Refused(Rules::documented().named(row).expect("the row exists"))
}

static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::documented().clone()));

/// Anna has two computers, and Boris has one; each is the other's delegate. The server synchronizes his mailbox, and he may
/// not delete in CRM. Carla has one computer.
const ANNA: UserId = UserId(0);
const BORIS: UserId = UserId(1);
const CARLA: UserId = UserId(2);

/// What the computer of Boris holds of Anna's mailbox.
const DELEGATED: Location = Location::Cache(SlotId(6));

const MEETING: ItemId = ItemId(0);
const CONTACT: ItemId = ItemId(1);
const SERIES: ItemId = ItemId(2);
const TASK: ItemId = ItemId(3);
const EMAIL: ItemId = ItemId(4);
const ACCOUNT: ItemId = ItemId(5);
/// In Anna's mailbox only.
const NEW_CONTACT: ItemId = ItemId(7);
const NEW_TASK: ItemId = ItemId(8);
const OTHER_TASK: ItemId = ItemId(9);
const NEW_SERIES: ItemId = ItemId(10);
const FAR_TASK: ItemId = ItemId(11);
const FARTHER_TASK: ItemId = ItemId(12);
const ASSIGNED_TASK: ItemId = ItemId(13);
const NEW_SERVICE: ItemId = ItemId(14);
/// Nowhere yet.
const NO_MEETING: ItemId = ItemId(15);
const NO_ACCOUNT: ItemId = ItemId(16);
/// Anna organizes it, and nobody is invited.
const OWN_MEETING: ItemId = ItemId(17);
/// In CRM only: Carla is required, organizes it, or is optional.
const REQUIRED: ItemId = ItemId(18);
const ORGANIZED: ItemId = ItemId(19);
const OPTIONAL: ItemId = ItemId(20);
/// Anna tracks it, and Boris owns it.
const HIS_CONTACT: ItemId = ItemId(21);
/// In the mailbox of Boris: one he tracks, and one he does not.
const BORIS_CONTACT: ItemId = ItemId(22);
const BORIS_NEW: ItemId = ItemId(23);
/// A series that is nowhere yet.
const NO_SERIES: ItemId = ItemId(24);

fn setup() -> Setup {
    const DAY: i32 = 86_400;
    let ahead = Schedule { start: DAY, end: DAY + 3600, every: 0, count: 1 };
    let (hers, all) = (UserSet::of(ANNA), UserSet::of(ANNA).with(BORIS).with(CARLA));
    let item = |kind: Kind| ItemSetup {
        when: if kind == Kind::RecurringAppointment { 2 } else { u8::from(kind.is_calendar()) },
        required: if kind.is_calendar() { all } else { UserSet::EMPTY },
        ..ItemSetup::new(kind, ANNA)
    };
    let tracked = |kind: Kind| ItemSetup { copies: hers, tracked: hers, in_crm: true, ..item(kind) };
    let meeting = ItemSetup { organizer: None, in_crm: true, when: 1, ..ItemSetup::new(Kind::Appointment, ANNA) };
    let his = UserSet::of(BORIS);
    let new = |kind: Kind| ItemSetup { copies: hers, ..item(kind) };
    let items = vec![
        tracked(Kind::Appointment),
        tracked(Kind::Contact),
        tracked(Kind::RecurringAppointment),
        tracked(Kind::Task),
        tracked(Kind::Email),
        ItemSetup { in_crm: true, ..item(Kind::Account) },
        tracked(Kind::ServiceActivity),
        new(Kind::Contact),
        new(Kind::Task),
        new(Kind::Task),
        new(Kind::RecurringAppointment),
        ItemSetup { store: Store::Elsewhere, ..new(Kind::Task) },
        ItemSetup { store: Store::OutlookDefault, ..new(Kind::Task) },
        ItemSetup { assigned: true, ..new(Kind::Task) },
        new(Kind::ServiceActivity),
        item(Kind::Appointment),
        item(Kind::Account),
        ItemSetup { required: UserSet::EMPTY, ..tracked(Kind::Appointment) },
        ItemSetup { required: UserSet::of(CARLA), ..meeting },
        ItemSetup { organizer: Some(CARLA), ..meeting },
        ItemSetup { optional: UserSet::of(CARLA), ..meeting },
        ItemSetup { owner: BORIS, ..tracked(Kind::Contact) },
        ItemSetup { copies: his, tracked: his, in_crm: true, ..ItemSetup::new(Kind::Contact, BORIS) },
        ItemSetup { copies: his, ..ItemSetup::new(Kind::Contact, BORIS) },
        item(Kind::RecurringAppointment),
    ];
    let user = |method, delegates, rights| UserSetup { method, delegates, rights };
    let computer = |user, synchronizing| ComputerSetup { user, synchronizing };
    Setup {
        zone: Zone::utc(chrono::DateTime::default()),
        users: vec![
            user(Method::OutlookClient, UserSet::of(BORIS), Rights::ALL),
            user(Method::ServerSide, UserSet::of(ANNA), Rights::ALL.without(Right::Delete)),
            user(Method::OutlookClient, UserSet::EMPTY, Rights::ALL),
        ],
        computers: vec![computer(ANNA, true), computer(ANNA, false), computer(BORIS, false), computer(CARLA, true)],
        items,
        bystanders: 0,
        schedules: Schedules::of([ahead, Schedule { every: DAY, count: 3, ..ahead }]),
    }
}

/// The documented readings in their closed form, with others of some switches.
fn readings(others: &[(Switch, u8)]) -> Readings {
    let closed = Profile::named("documented-2016").expect("the profile exists").readings().closed();
    Switch::ALL.iter().fold(Readings::OPEN, |left, &switch| {
        let other = others.iter().find(|(of, _)| *of == switch).map(|&(_, n)| Values::nth(n));
        left.narrowed(switch, other.unwrap_or(closed.of(switch)))
    })
}

fn reference(others: &[(Switch, u8)]) -> Reference {
    let mut reference = Reference::new("reference", Arc::clone(&RULES), readings(others));
    let plan = Plan { setup: setup(), steps: Vec::new(), names: Names::default() };
    reference.reset(&plan).expect("the reference starts in any world");
    reference
}

const ASKED: StepOutcome = StepOutcome::Done { prompted: true };
const OUTLOOK: Side = Side::Outlook(ANNA);
const SYNC: Op = Op::Synchronize { crash: None };
const GO_OFFLINE: Op = Op::GoOffline { crash: None };
const GO_ONLINE: Op = Op::GoOnline { crash: None };

/// At one of the four computers, by whose it is.
const fn at(computer: u8, op: Op) -> Step {
    let by = match computer {
        0 | 1 => ANNA,
        2 => BORIS,
        _ => CARLA,
    };
    Step { by, at: Place::Computer(ComputerId(computer)), op }
}

const fn web(by: UserId, op: Op) -> Step {
    Step { by, at: Place::Web, op }
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

const fn occurrence(n: u8, item: ItemId, side: Side) -> Op {
    Op::Delete { item, side, how: Deletion::Occurrence(n) }
}

fn track(items: &[ItemId], record: Option<Kind>) -> Op {
    Op::Track { items: items.iter().copied().collect(), mailbox: ANNA, record }
}

fn untrack(items: &[ItemId], yes: bool) -> Op {
    Op::Untrack { items: items.iter().copied().collect(), mailbox: ANNA, yes }
}

fn regarding(item: ItemId, side: Side) -> Op {
    Op::SetRegarding { items: ItemSet::of(item), side, to: ACCOUNT }
}

const fn parent(item: ItemId, side: Side) -> Op {
    Op::SetParent { item, side, to: ACCOUNT }
}

/// A synchronization that crashes before anything is sent.
const CRASH: Op = Op::Synchronize { crash: Some(Crash { at: ItemId(0), stage: Stage::BeforeUpload }) };

#[test]
fn a_step_is_done_refused_or_impossible() {
    type Case<'a> = (&'a [(Switch, u8)], Vec<Step>, StepOutcome);
    const CRM: Side = Side::Crm;
    const DONE: StepOutcome = StepOutcome::DONE;
    use StepOutcome::Impossible;
    let crm = |op| web(ANNA, op);
    let complete = |item, side| Op::Complete { item, side };
    let create = |item, side| Op::Create { item, side };
    let none: &[(Switch, u8)] = &[];
    let later = crm(Op::Wait { seconds: 10 * 86_400 });
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        // Creating what is nowhere yet.
        (none, vec![at(0, create(NO_MEETING, OUTLOOK))], DONE),
        (none, vec![crm(create(NO_MEETING, CRM))], DONE),
        (none, vec![crm(create(MEETING, CRM))], Impossible),
        (none, vec![at(0, create(MEETING, OUTLOOK))], Impossible),
        (none, vec![at(0, create(NEW_TASK, OUTLOOK))], Impossible),
        (none, vec![crm(create(NEW_TASK, CRM))], Impossible),
        (none, vec![crm(create(NO_ACCOUNT, CRM))], DONE),
        (none, vec![at(0, create(NO_ACCOUNT, OUTLOOK))], Impossible),
        (none, vec![crm(create(NO_MEETING, CRM)), crm(delete(NO_MEETING, CRM)), crm(create(NO_MEETING, CRM))], Impossible),
        (none, vec![at(0, create(NO_MEETING, OUTLOOK)), crm(create(NO_MEETING, CRM))], Impossible),
        (none, vec![at(0, Op::Disconnect), at(0, create(NO_MEETING, OUTLOOK)), crm(create(NO_MEETING, CRM))], Impossible),
        (none, vec![at(0, Op::Disconnect), at(0, create(NO_MEETING, OUTLOOK)), at(1, create(NO_MEETING, OUTLOOK))], Impossible),
        (none, vec![at(0, Op::Disconnect), at(0, title(MEETING, OUTLOOK, 1)), crm(create(NO_MEETING, CRM))], DONE),
        // Editing.
        (none, vec![at(0, title(MEETING, OUTLOOK, 1))], DONE),
        (none, vec![at(0, when(MEETING, OUTLOOK, 0))], DONE),
        (none, vec![at(0, title(CONTACT, OUTLOOK, 1))], DONE),
        (none, vec![at(0, when(CONTACT, OUTLOOK, 1))], Impossible),
        (none, vec![at(0, when(TASK, OUTLOOK, 1))], DONE),
        (none, vec![at(0, title(EMAIL, OUTLOOK, 1))], Impossible),
        (none, vec![at(0, when(EMAIL, OUTLOOK, 1))], Impossible),
        (none, vec![crm(title(CONTACT, CRM, 1))], DONE),
        (none, vec![crm(when(CONTACT, CRM, 1))], Impossible),
        (none, vec![crm(when(MEETING, CRM, 0))], DONE),
        (none, vec![crm(title(ACCOUNT, CRM, 1))], DONE),
        (none, vec![crm(when(ACCOUNT, CRM, 1))], Impossible),
        (none, vec![crm(title(EMAIL, CRM, 1))], refused_by("E02")),
        (none, vec![crm(complete(TASK, CRM)), crm(title(TASK, CRM, 1))], refused_by("E03")),
        (none, vec![crm(Op::Cancel { item: TASK }), crm(when(TASK, CRM, 1))], refused_by("E03")),
        (none, vec![crm(complete(MEETING, CRM)), crm(Op::ChangeOrganizer { item: MEETING, to: BORIS })], refused_by("E03")),
        (none, vec![crm(complete(TASK, CRM)), at(0, title(TASK, OUTLOOK, 1))], DONE),
        (none, vec![at(0, delete(TASK, OUTLOOK)), at(0, title(TASK, OUTLOOK, 1))], Impossible),
        (none, vec![crm(delete(TASK, CRM)), crm(title(TASK, CRM, 1))], Impossible),
        (none, vec![at(0, delete(TASK, OUTLOOK)), crm(title(TASK, CRM, 1))], DONE),
        // References.
        (none, vec![at(0, regarding(MEETING, OUTLOOK))], DONE),
        (none, vec![at(0, regarding(CONTACT, OUTLOOK))], Impossible),
        (none, vec![at(0, regarding(NEW_TASK, OUTLOOK))], DONE),
        (none, vec![at(0, regarding(ASSIGNED_TASK, OUTLOOK))], refused_by("T09")),
        (none, vec![at(0, untrack(&[MEETING], true)), at(0, regarding(MEETING, OUTLOOK))], Impossible),
        (none, vec![at(0, parent(CONTACT, OUTLOOK))], DONE),
        (none, vec![at(0, parent(MEETING, OUTLOOK))], Impossible),
        (none, vec![crm(regarding(MEETING, CRM))], DONE),
        (none, vec![crm(regarding(EMAIL, CRM))], DONE),
        (none, vec![crm(complete(TASK, CRM)), crm(regarding(TASK, CRM))], refused_by("E03")),
        (none, vec![crm(regarding(CONTACT, CRM))], Impossible),
        (none, vec![crm(regarding(NO_ACCOUNT, CRM))], Impossible),
        (none, vec![crm(parent(CONTACT, CRM))], DONE),
        (none, vec![crm(parent(MEETING, CRM))], Impossible),
        (none, vec![crm(parent(ACCOUNT, CRM))], Impossible),
        // Closing.
        (none, vec![at(0, complete(TASK, OUTLOOK))], DONE),
        (none, vec![at(0, complete(TASK, OUTLOOK)), at(0, complete(TASK, OUTLOOK))], Impossible),
        (none, vec![at(0, complete(MEETING, OUTLOOK))], Impossible),
        (none, vec![at(0, complete(EMAIL, OUTLOOK))], Impossible),
        (none, vec![crm(complete(MEETING, CRM))], DONE),
        (none, vec![crm(complete(MEETING, CRM)), crm(Op::Cancel { item: MEETING })], refused_by("E03")),
        (none, vec![crm(complete(CONTACT, CRM))], Impossible),
        (none, vec![crm(Op::Cancel { item: ACCOUNT })], Impossible),
        (none, vec![crm(Op::Cancel { item: EMAIL })], refused_by("E02")),
        // Deleting, and who may.
        (none, vec![crm(delete(TASK, CRM))], DONE),
        (none, vec![crm(delete(TASK, CRM)), crm(delete(TASK, CRM))], Impossible),
        (none, vec![crm(Op::Delete { item: TASK, side: CRM, how: Deletion::Soft })], Impossible),
        (none, vec![crm(Op::Delete { item: TASK, side: CRM, how: Deletion::Moved })], Impossible),
        (none, vec![at(0, Op::Delete { item: TASK, side: OUTLOOK, how: Deletion::Soft })], DONE),
        (none, vec![web(BORIS, delete(TASK, CRM))], refused_by("E07")),
        (none, vec![crm(occurrence(0, SERIES, CRM))], DONE),
        (none, vec![web(BORIS, occurrence(0, SERIES, CRM))], refused_by("E07")),
        (none, vec![crm(occurrence(3, SERIES, CRM))], Impossible),
        (none, vec![crm(occurrence(0, MEETING, CRM))], Impossible),
        (none, vec![crm(occurrence(0, SERIES, CRM)), crm(occurrence(0, SERIES, CRM))], Impossible),
        (none, vec![crm(occurrence(0, SERIES, CRM)), crm(occurrence(2, SERIES, CRM))], DONE),
        (none, vec![crm(occurrence(0, SERIES, CRM)), crm(occurrence(2, SERIES, CRM)), crm(occurrence(1, SERIES, CRM))], Impossible),
        (none, vec![at(0, occurrence(0, SERIES, OUTLOOK))], DONE),
        (none, vec![at(0, occurrence(3, SERIES, OUTLOOK))], Impossible),
        (none, vec![at(0, occurrence(1, MEETING, OUTLOOK))], Impossible),
        (none, vec![at(0, occurrence(0, SERIES, OUTLOOK)), at(0, occurrence(0, SERIES, OUTLOOK))], Impossible),
        (none, vec![at(0, occurrence(1, SERIES, OUTLOOK)), at(0, occurrence(2, SERIES, OUTLOOK)), at(0, occurrence(0, SERIES, OUTLOOK))], Impossible),
        // Organizers and owners.
        (none, vec![crm(Op::ChangeOrganizer { item: MEETING, to: BORIS })], DONE),
        (none, vec![crm(Op::ChangeOrganizer { item: TASK, to: BORIS })], Impossible),
        (none, vec![crm(Op::ChangeOrganizer { item: CONTACT, to: BORIS })], Impossible),
        (none, vec![crm(Op::Assign { item: CONTACT, to: BORIS })], DONE),
        (none, vec![at(0, GO_OFFLINE), at(0, Op::Assign { item: CONTACT, to: BORIS })], Impossible),
        // Tracking, and what of.
        (none, vec![at(0, track(&[NEW_CONTACT], None))], DONE),
        (none, vec![at(0, track(&[CONTACT], None))], Impossible),
        (none, vec![at(0, track(&[NEW_TASK], Some(Kind::Fax)))], DONE),
        (none, vec![at(0, track(&[NEW_TASK], Some(Kind::Task)))], DONE),
        (none, vec![at(0, track(&[NEW_TASK], Some(Kind::Appointment)))], Impossible),
        (none, vec![at(0, track(&[NEW_CONTACT], Some(Kind::Task)))], Impossible),
        (none, vec![at(0, track(&[NEW_SERVICE], None))], Impossible),
        (none, vec![at(0, track(&[ASSIGNED_TASK], None))], refused_by("T09")),
        (&[(Switch::AssignedTrackable, 1)], vec![at(0, track(&[ASSIGNED_TASK], None))], DONE),
        (none, vec![at(0, track(&[NEW_TASK, OTHER_TASK], None))], DONE),
        (none, vec![at(0, track(&[NEW_TASK, NEW_CONTACT], None))], refused_by("S03")),
        (none, vec![at(0, track(&[NEW_TASK, ASSIGNED_TASK], None))], refused_by("T09")),
        (none, vec![crm(track(&[NEW_CONTACT], None))], Impossible),
        (&[(Switch::RecurringTrackable, 0)], vec![at(0, track(&[NEW_SERIES], None))], DONE),
        (&[(Switch::RecurringTrackable, 1)], vec![at(0, track(&[NEW_SERIES], None))], refused_by("T05")),
        (&[(Switch::RecurringTrackable, 1)], vec![at(0, regarding(NEW_SERIES, OUTLOOK))], refused_by("T05")),
        (&[(Switch::TaskStoreRule, 0)], vec![at(0, track(&[NEW_TASK], None))], DONE),
        (&[(Switch::TaskStoreRule, 0)], vec![at(0, track(&[FAR_TASK], None))], refused_by("T08")),
        (&[(Switch::TaskStoreRule, 0)], vec![at(0, track(&[FARTHER_TASK], None))], refused_by("T07")),
        (&[(Switch::TaskStoreRule, 1)], vec![at(0, track(&[FAR_TASK], None))], DONE),
        (&[(Switch::TaskStoreRule, 1)], vec![at(0, track(&[FARTHER_TASK], None))], refused_by("T07")),
        (&[(Switch::TaskStoreRule, 2)], vec![at(0, track(&[FARTHER_TASK], None))], DONE),
        // Untracking.
        (none, vec![at(0, untrack(&[CONTACT], true))], ASKED),
        (none, vec![at(0, untrack(&[NEW_CONTACT], true))], Impossible),
        (none, vec![at(0, untrack(&[CONTACT], true)), at(0, untrack(&[CONTACT], true))], Impossible),
        (none, vec![at(0, untrack(&[CONTACT], true)), at(0, track(&[CONTACT], None))], Impossible),
        (none, vec![crm(untrack(&[CONTACT], true))], Impossible),
        (none, vec![at(1, Op::Disconnect), at(1, track(&[NEW_CONTACT], None)), at(1, untrack(&[NEW_CONTACT], true))], DONE),
        (&[(Switch::MultiUntrack, 0)], vec![at(0, untrack(&[CONTACT, TASK], true))], refused_by("S06")),
        (&[(Switch::MultiUntrack, 1)], vec![at(0, untrack(&[CONTACT, TASK], true))], ASKED),
        (&[(Switch::MultiUntrack, 0)], vec![at(0, untrack(&[TASK], true))], ASKED),
        (&[(Switch::UntrackPrompt, 0)], vec![later, at(0, untrack(&[MEETING], true))], ASKED),
        (&[(Switch::UntrackPrompt, 1)], vec![later, at(0, untrack(&[MEETING], true))], DONE),
        (&[(Switch::UntrackPrompt, 1)], vec![at(0, untrack(&[MEETING], true))], ASKED),
        (none, vec![at(2, Op::Untrack { items: ItemSet::of(BORIS_CONTACT), mailbox: BORIS, yes: true })], ASKED),
        (none, vec![web(BORIS, Op::Untrack { items: ItemSet::of(BORIS_CONTACT), mailbox: BORIS, yes: true })], DONE),
        // Connections.
        (none, vec![at(0, Op::Connect)], Impossible),
        (none, vec![at(0, Op::Restart)], Impossible),
        (none, vec![at(0, GO_ONLINE)], Impossible),
        (none, vec![at(0, Op::Disconnect), at(0, Op::Disconnect)], Impossible),
        (none, vec![at(0, Op::Disconnect), at(0, GO_OFFLINE)], Impossible),
        (none, vec![at(0, Op::Disconnect), at(0, GO_ONLINE)], Impossible),
        (none, vec![at(0, Op::Disconnect), at(0, Op::Connect)], DONE),
        (none, vec![at(0, GO_OFFLINE), at(0, Op::Connect)], Impossible),
        (none, vec![at(0, GO_OFFLINE), at(0, GO_ONLINE)], DONE),
        (none, vec![at(0, CRASH), at(0, Op::Connect)], Impossible),
        (none, vec![at(0, CRASH), at(0, Op::Restart)], DONE),
        (none, vec![at(0, CRASH), at(0, Op::Restart), at(0, GO_ONLINE)], Impossible),
        (none, vec![at(0, CRASH), at(0, Op::Restart), at(0, Op::Connect)], DONE),
        (none, vec![at(0, Op::Disconnect), at(0, SYNC)], Impossible),
        (none, vec![at(1, SYNC)], DONE),
        (none, vec![at(2, SYNC)], Impossible),
        (none, vec![Step { by: BORIS, ..at(0, SYNC) }], Impossible),
        (none, vec![web(ANNA, SYNC)], Impossible),
        (none, vec![web(BORIS, Op::ServerSynchronize { mailbox: BORIS, crash: None })], DONE),
        (none, vec![web(ANNA, Op::ServerSynchronize { mailbox: ANNA, crash: None })], Impossible),
        (none, vec![at(1, Op::ChooseSynchronizingComputer)], DONE),
        (none, vec![at(2, Op::ChooseSynchronizingComputer)], refused_by("P05-server")),
        (none, vec![at(3, Op::ChooseSynchronizingComputer)], refused_by("P05-one")),
        (none, vec![at(1, Op::Disconnect), at(1, Op::ChooseSynchronizingComputer)], Impossible),
        (none, vec![web(ANNA, Op::Wait { seconds: 0 })], DONE),
        (none, vec![web(ANNA, Op::Wait { seconds: -1 })], Impossible),
        (none, vec![web(ANNA, Op::Settle)], Impossible),
        // In whose mailbox, and where.
        (none, vec![at(2, title(MEETING, OUTLOOK, 1))], DONE),
        (none, vec![at(3, title(MEETING, OUTLOOK, 1))], Impossible),
        (none, vec![at(0, title(BORIS_NEW, Side::Outlook(BORIS), 1))], DONE),
        (none, vec![at(0, title(BORIS_NEW, Side::Outlook(CARLA), 1))], Impossible),
        (none, vec![at(2, Op::Disconnect), at(2, title(MEETING, OUTLOOK, 1))], DONE),
        (none, vec![at(0, CRASH), at(0, title(MEETING, OUTLOOK, 1))], Impossible),
        (none, vec![at(0, title(MEETING, CRM, 1))], DONE),
        (none, vec![at(0, Op::Disconnect), at(0, title(MEETING, CRM, 1))], Impossible),
        (none, vec![at(0, GO_OFFLINE), at(0, title(MEETING, CRM, 1))], DONE),
        (none, vec![at(0, Op::Disconnect), crm(title(MEETING, CRM, 1))], DONE),
        (none, vec![Step { by: BORIS, ..at(0, title(MEETING, CRM, 1)) }], Impossible),
    ];
    let mut wrong = Vec::new();
    for (others, steps, expected) in cases {
        let mut reference = reference(others);
        let (last, before) = steps.split_last().expect("a step");
        for step in before {
            let outcome = reference.step(step);
            assert!(matches!(outcome, StepOutcome::Done { .. }), "{outcome:?}: {step:?} of {steps:?}");
        }
        let world = reference.world.clone();
        let outcome = reference.step(last);
        if !matches!(outcome, StepOutcome::Done { .. }) {
            assert_eq!((&reference.world.items, reference.world.context), (&world.items, world.context), "{steps:?}");
        }
        if outcome != expected {
            wrong.push(format!("{others:?} {steps:?}: {outcome:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Of a selection of more than twenty items, all are refused, or only the first twenty are tracked.
#[test]
fn a_selection_holds_twenty_items() {
    let contact = ItemSetup { copies: UserSet::of(ANNA), ..ItemSetup::new(Kind::Contact, ANNA) };
    let setup = Setup { items: vec![contact; BATCH_LIMIT + 1], ..setup() };
    let ids: Vec<ItemId> = (0..setup.items.len() as u8).map(ItemId).collect();
    let plan = Plan { setup, steps: Vec::new(), names: Names::default() };
    for (reading, selected, outcome, tracked) in [
        (0, 20, StepOutcome::DONE, 20),
        (0, 21, refused_by("S04"), 0),
        (1, 20, StepOutcome::DONE, 20),
        (1, 21, StepOutcome::DONE, 20),
    ] {
        let mut reference = reference(&[(Switch::BatchOver20, reading)]);
        reference.reset(&plan).expect("the reference starts in any world");
        assert_eq!(reference.step(&at(0, track(&ids[..selected], None))), outcome);
        let seen = ids.iter().map(|&id| reference.world.seen(id, Location::Mailbox(ANNA)).is_tracked());
        assert_eq!(seen.collect::<Vec<_>>(), (0..21).map(|n| n < tracked).collect::<Vec<_>>(), "{reading} {selected}");
    }
}

/// What is seen of an item: its title, and whatever else is not as it was at the start.
fn shown(reference: &Reference, item: ItemId, location: Location) -> String {
    let word = reference.world.seen(item, location);
    if !word.is_present() {
        return "absent".to_owned();
    }
    let setup = &reference.world.scene.items[item.index()];
    let mut words = vec![format!("#{}", word.title())];
    let mut other = |differs: bool, text: String| words.extend(differs.then_some(text));
    other(word.when() != setup.when, format!("when {}", word.when()));
    other(word.status() != setup.status, format!("{:?}", word.status()).to_lowercase());
    other(word.regarding_bits() != 0, format!("re {}", word.regarding_bits()));
    other(word.parent_bits() != 0, format!("of {}", word.parent_bits()));
    other(setup.kind == Kind::RecurringAppointment, format!("{:03b}", word.occurrences()));
    let in_crm = location == Location::Crm;
    other(in_crm && word.owner() != Some(ANNA), format!("owner {}", word.owner_bits()));
    other(in_crm && word.record() != setup.record, word.record().name().to_owned());
    other(!in_crm && !word.is_tracked(), "untracked".to_owned());
    words.join(" ")
}

#[test]
fn what_comes_of_it_under_each_reading() {
    const CRM: Location = Location::Crm;
    const MAILBOX: Location = Location::Mailbox(ANNA);
    const HIS: Location = Location::Mailbox(BORIS);
    const HERS: Location = Location::Mailbox(CARLA);
    use Switch::{
        ApptOutlookDeleteGuard, CalendarVisibility, ClosedEditFromOutlook, ConditionStrength, ConflictWinner,
        ContactOutlookDelete, DelegateFlush, DeleteAgainstEdit, JudgedAt, LatencyModel, LogicalDelete,
        NonownerUntrackContact, OfflineFlow, RecurringDeleteUnit, SubjectChangeUntracks, Survivor,
        TaskOutlookDeleteGuard,
    };
    type Case<'a> = (&'a [(Switch, u8)], Vec<Step>, Vec<(ItemId, Location, &'a str)>);
    let crm = |op| web(ANNA, op);
    let (sync, carla) = (at(0, SYNC), at(3, SYNC));
    let server = web(BORIS, Op::ServerSynchronize { mailbox: BORIS, crash: None });
    let create = at(0, Op::Create { item: NO_MEETING, side: OUTLOOK });
    let conflict = || {
        let outlook = [title(MEETING, OUTLOOK, 5), regarding(MEETING, OUTLOOK)].map(|op| at(0, op));
        let in_crm = [title(MEETING, Side::Crm, 6), when(MEETING, Side::Crm, 0)].map(crm);
        [&outlook[..], &in_crm, &[sync]].concat()
    };
    let both = |item, shown| vec![(item, MAILBOX, shown), (item, CRM, shown)];
    let his = |op| Step { by: ANNA, ..at(0, op) };
    let track_his = |item| Op::Track { items: ItemSet::of(item), mailbox: BORIS, record: None };
    let sent_at = |at| Op::Synchronize { crash: Some(Crash { at, stage: Stage::BeforeAcknowledgement }) };
    let sent = sent_at(CONTACT);
    let return_sent = Op::GoOnline { crash: Some(Crash { at: CONTACT, stage: Stage::BeforeAcknowledgement }) };
    let meanwhile = [CONTACT, TASK].map(|item| at(1, title(item, OUTLOOK, 7)));
    let gone_and_changed = |item, change| vec![at(0, delete(item, OUTLOOK)), sync, crm(change), sync];
    let later = |days| crm(Op::Wait { seconds: days * 86_400 + 7_200 });
    let handed_over = |item| [Op::ChangeOrganizer { item, to: BORIS }, Op::Assign { item, to: BORIS }].map(crm);
    let completed = |item| crm(Op::Complete { item, side: Side::Crm });
    let away = |op| vec![at(0, GO_OFFLINE), op, at(0, GO_ONLINE)];
    let apart = || vec![at(0, Op::Disconnect), at(1, Op::Disconnect)];
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        // Both sides were edited.
        (&[(ConflictWinner, 0)], conflict(), both(MEETING, "#5 re 6")),
        (&[(ConflictWinner, 1)], conflict(), both(MEETING, "#6 when 0")),
        (&[(ConflictWinner, 2)], conflict(), both(MEETING, "#5 re 6")),
        (&[(ConflictWinner, 3)], conflict(), both(MEETING, "#6 when 0 re 6")),
        (&[(ConflictWinner, 1)], vec![at(0, title(CONTACT, OUTLOOK, 5)), sync], both(CONTACT, "#5")),
        (&[(ConflictWinner, 2)], vec![crm(title(CONTACT, Side::Crm, 6)), sync], both(CONTACT, "#6")),
        (&[(ConflictWinner, 3)], vec![at(0, when(MEETING, OUTLOOK, 0)), crm(regarding(MEETING, Side::Crm)), sync], both(MEETING, "#0 when 0 re 6")),
        (&[(ConflictWinner, 3)], vec![at(0, title(CONTACT, OUTLOOK, 5)), crm(parent(CONTACT, Side::Crm)), sync], both(CONTACT, "#5 of 6")),
        (&[(ConflictWinner, 3)], vec![crm(title(CONTACT, Side::Crm, 5)), at(0, parent(CONTACT, OUTLOOK)), sync], both(CONTACT, "#5 of 6")),
        (&[(ConflictWinner, 3)], vec![crm(Op::Wait { seconds: 130_000 }), at(0, title(SERIES, OUTLOOK, 5)), crm(regarding(SERIES, Side::Crm)), crm(occurrence(0, SERIES, Side::Crm)), sync], vec![(SERIES, MAILBOX, "#5 re 6 111"), (SERIES, CRM, "#5 re 6 110")]),
        // What was sent before a crash, and edited in CRM since, is sent again.
        (&[], vec![at(0, title(CONTACT, OUTLOOK, 5)), at(0, sent), crm(title(CONTACT, Side::Crm, 6)), at(0, Op::Restart), at(0, Op::Connect), sync], both(CONTACT, "#5")),
        // What was created before a crash, and deleted in CRM since, is not created again.
        (&[(LatencyModel, 1)], vec![at(0, track(&[NEW_CONTACT], None)), at(0, sent_at(NEW_CONTACT)), crm(delete(NEW_CONTACT, Side::Crm)), at(0, Op::Restart), at(0, Op::Connect), sync], vec![(NEW_CONTACT, CRM, "absent"), (NEW_CONTACT, MAILBOX, "#0 untracked")]),
        // An edit in Outlook of what is closed in CRM is taken back, stays there alone for ever, or is carried.
        (&[(ClosedEditFromOutlook, 0)], vec![completed(TASK), sync, at(0, title(TASK, OUTLOOK, 5)), sync], both(TASK, "#0 completed")),
        (&[(ClosedEditFromOutlook, 1)], vec![completed(TASK), sync, at(0, title(TASK, OUTLOOK, 5)), sync, sync, sync], vec![(TASK, MAILBOX, "#5 completed"), (TASK, CRM, "#0 completed")]),
        (&[(ClosedEditFromOutlook, 2)], vec![completed(TASK), sync, at(0, title(TASK, OUTLOOK, 5)), sync], both(TASK, "#5 completed")),
        (&[(ClosedEditFromOutlook, 2)], vec![completed(TASK), at(0, title(TASK, OUTLOOK, 5)), sync], both(TASK, "#5 completed")),
        // A message is closed from the start, and what it is regarding is carried all the same.
        (&[(ClosedEditFromOutlook, 0)], vec![at(0, regarding(EMAIL, OUTLOOK)), sync], both(EMAIL, "#0 re 6")),
        // Whose it was, where conditions are judged at the deletion: in CRM as the record had it, in Outlook as the copy did.
        (&[(JudgedAt, 1)], [&handed_over(MEETING)[..], &[crm(delete(MEETING, Side::Crm)), sync]].concat(), vec![(MEETING, MAILBOX, "#0 untracked")]),
        (&[(JudgedAt, 1)], vec![crm(delete(MEETING, Side::Crm)), sync], vec![(MEETING, MAILBOX, "absent")]),
        (&[(JudgedAt, 1), (ApptOutlookDeleteGuard, 1)], [&handed_over(MEETING)[..], &[at(0, delete(MEETING, OUTLOOK)), sync]].concat(), vec![(MEETING, CRM, "absent")]),
        (&[(JudgedAt, 0), (ApptOutlookDeleteGuard, 1)], [&handed_over(MEETING)[..], &[at(0, delete(MEETING, OUTLOOK)), sync]].concat(), vec![(MEETING, CRM, "#0 owner 2")]),
        (&[(JudgedAt, 1), (ContactOutlookDelete, 1)], vec![crm(Op::Assign { item: CONTACT, to: BORIS }), at(0, delete(CONTACT, OUTLOOK)), sync], vec![(CONTACT, CRM, "absent")]),
        (&[(JudgedAt, 0), (ContactOutlookDelete, 1)], vec![crm(Op::Assign { item: CONTACT, to: BORIS }), at(0, delete(CONTACT, OUTLOOK)), sync], vec![(CONTACT, CRM, "#0 owner 2")]),
        // Whether an appointment was past: when it was untracked, or when that is synchronized.
        (&[(JudgedAt, 1)], vec![at(0, untrack(&[MEETING], true)), later(10), sync], vec![(MEETING, CRM, "absent")]),
        (&[(JudgedAt, 0)], vec![at(0, untrack(&[MEETING], true)), later(10), sync], vec![(MEETING, CRM, "#0")]),
        // Whether a series is past: by the last date it ever had, or by those that are left.
        (&[(RecurringDeleteUnit, 0)], vec![crm(occurrence(2, SERIES, Side::Crm)), sync, later(2), crm(delete(SERIES, Side::Crm)), sync], vec![(SERIES, MAILBOX, "absent")]),
        (&[(RecurringDeleteUnit, 1)], vec![crm(occurrence(2, SERIES, Side::Crm)), sync, later(2), crm(delete(SERIES, Side::Crm)), sync], vec![(SERIES, MAILBOX, "#0 011 untracked")]),
        (&[(RecurringDeleteUnit, 1)], vec![later(2), crm(delete(SERIES, Side::Crm)), sync], vec![(SERIES, MAILBOX, "absent")]),
        // What is left free stays as it is.
        (&[(ConditionStrength, 1)], vec![later(10), crm(delete(MEETING, Side::Crm)), sync], vec![(MEETING, MAILBOX, "#0 untracked")]),
        // One side was deleted, and the other was edited.
        (&[(DeleteAgainstEdit, 0)], vec![at(0, title(TASK, OUTLOOK, 5)), crm(delete(TASK, Side::Crm)), sync], both(TASK, "absent")),
        (&[(DeleteAgainstEdit, 1)], vec![at(0, title(TASK, OUTLOOK, 5)), crm(delete(TASK, Side::Crm)), sync], both(TASK, "#5")),
        (&[(DeleteAgainstEdit, 2)], vec![at(0, title(TASK, OUTLOOK, 5)), crm(delete(TASK, Side::Crm)), sync], vec![(TASK, MAILBOX, "#5 untracked"), (TASK, CRM, "absent")]),
        (&[(DeleteAgainstEdit, 0)], vec![crm(title(TASK, Side::Crm, 6)), at(0, delete(TASK, OUTLOOK)), sync], both(TASK, "absent")),
        (&[(DeleteAgainstEdit, 1)], vec![crm(title(TASK, Side::Crm, 6)), at(0, delete(TASK, OUTLOOK)), sync], both(TASK, "#6")),
        (&[(DeleteAgainstEdit, 2)], vec![crm(title(TASK, Side::Crm, 6)), at(0, delete(TASK, OUTLOOK)), sync], vec![(TASK, MAILBOX, "absent"), (TASK, CRM, "#6")]),
        (&[(DeleteAgainstEdit, 1)], vec![crm(title(TASK, Side::Crm, 6)), crm(delete(TASK, Side::Crm)), at(0, delete(TASK, OUTLOOK)), sync], both(TASK, "absent")),
        // What survives a deletion on the other side: whether it stays linked, and whether it comes back with the next change.
        (&[(Survivor, 0)], vec![crm(delete(CONTACT, Side::Crm)), sync], vec![(CONTACT, MAILBOX, "#0 untracked")]),
        (&[(Survivor, 1)], vec![crm(delete(CONTACT, Side::Crm)), sync, sync], vec![(CONTACT, MAILBOX, "#0")]),
        (&[(Survivor, 2)], vec![crm(delete(CONTACT, Side::Crm)), sync], vec![(CONTACT, MAILBOX, "#0 untracked")]),
        (&[(Survivor, 0)], gone_and_changed(CONTACT, title(CONTACT, Side::Crm, 5)), vec![(CONTACT, MAILBOX, "absent"), (CONTACT, CRM, "#5")]),
        (&[(Survivor, 1)], gone_and_changed(CONTACT, title(CONTACT, Side::Crm, 5)), vec![(CONTACT, MAILBOX, "absent"), (CONTACT, CRM, "#5")]),
        (&[(Survivor, 2)], gone_and_changed(CONTACT, title(CONTACT, Side::Crm, 5)), both(CONTACT, "#5")),
        (&[(Survivor, 2)], vec![at(0, delete(CONTACT, OUTLOOK)), sync, sync], vec![(CONTACT, MAILBOX, "absent"), (CONTACT, CRM, "#0")]),
        (&[(Survivor, 2)], gone_and_changed(EMAIL, regarding(EMAIL, Side::Crm)), vec![(EMAIL, MAILBOX, "absent"), (EMAIL, CRM, "#0 re 6")]),
        // A new subject, and only a subject, and only of an appointment.
        (&[(SubjectChangeUntracks, 1)], vec![at(0, title(MEETING, OUTLOOK, 5)), sync], vec![(MEETING, MAILBOX, "#5 untracked"), (MEETING, CRM, "#0")]),
        (&[(SubjectChangeUntracks, 1)], vec![crm(title(MEETING, Side::Crm, 5)), sync], vec![(MEETING, MAILBOX, "#0 untracked"), (MEETING, CRM, "#5")]),
        (&[(SubjectChangeUntracks, 0)], vec![at(0, title(MEETING, OUTLOOK, 5)), sync], both(MEETING, "#5")),
        (&[(SubjectChangeUntracks, 1)], vec![at(0, title(CONTACT, OUTLOOK, 5)), sync], both(CONTACT, "#5")),
        (&[(SubjectChangeUntracks, 1)], vec![crm(title(CONTACT, Side::Crm, 5)), sync], both(CONTACT, "#5")),
        (&[(SubjectChangeUntracks, 1)], vec![create, at(0, title(NO_MEETING, OUTLOOK, 5)), at(0, track(&[NO_MEETING], None)), at(0, when(NO_MEETING, OUTLOOK, 0)), sync], both(NO_MEETING, "#5 when 0")),
        (&[(SubjectChangeUntracks, 1)], vec![create, at(0, title(NO_MEETING, OUTLOOK, 5)), at(0, track(&[NO_MEETING], None)), crm(when(NO_MEETING, Side::Crm, 0)), sync], both(NO_MEETING, "#5 when 0")),
        // What guards a deletion in Outlook: who organizes the appointment, and what is open.
        (&[(ApptOutlookDeleteGuard, 2)], vec![at(0, delete(MEETING, OUTLOOK)), sync], vec![(MEETING, CRM, "absent")]),
        (&[(ApptOutlookDeleteGuard, 2)], vec![crm(Op::ChangeOrganizer { item: MEETING, to: BORIS }), sync, at(0, delete(MEETING, OUTLOOK)), sync], vec![(MEETING, CRM, "#0")]),
        (&[(ApptOutlookDeleteGuard, 2)], vec![crm(Op::Complete { item: MEETING, side: Side::Crm }), sync, at(0, delete(MEETING, OUTLOOK)), sync], vec![(MEETING, CRM, "#0 completed")]),
        (&[(TaskOutlookDeleteGuard, 1)], vec![at(0, delete(TASK, OUTLOOK)), sync], vec![(TASK, CRM, "absent")]),
        (&[(TaskOutlookDeleteGuard, 1)], vec![crm(Op::Complete { item: TASK, side: Side::Crm }), sync, at(0, delete(TASK, OUTLOOK)), sync], vec![(TASK, CRM, "#0 completed")]),
        (&[(TaskOutlookDeleteGuard, 0)], vec![crm(Op::Complete { item: TASK, side: Side::Crm }), sync, at(0, delete(TASK, OUTLOOK)), sync], vec![(TASK, CRM, "absent")]),
        // Which of the two somebody loses who untracks a contact of somebody else.
        (&[(NonownerUntrackContact, 0)], vec![at(0, untrack(&[HIS_CONTACT], true)), sync], vec![(HIS_CONTACT, MAILBOX, "#0 untracked"), (HIS_CONTACT, CRM, "absent")]),
        (&[(NonownerUntrackContact, 1)], vec![at(0, untrack(&[HIS_CONTACT], true)), sync], vec![(HIS_CONTACT, MAILBOX, "absent"), (HIS_CONTACT, CRM, "#0 owner 2")]),
        (&[(NonownerUntrackContact, 2)], vec![at(0, untrack(&[HIS_CONTACT], true)), sync], vec![(HIS_CONTACT, MAILBOX, "absent"), (HIS_CONTACT, CRM, "absent")]),
        (&[(NonownerUntrackContact, 3)], vec![at(0, untrack(&[HIS_CONTACT], true)), sync], vec![(HIS_CONTACT, MAILBOX, "#0 untracked"), (HIS_CONTACT, CRM, "#0 owner 2")]),
        // Occurrences.
        (&[], vec![at(0, occurrence(1, SERIES, OUTLOOK)), sync], both(SERIES, "#0 101")),
        (&[], vec![at(0, occurrence(2, SERIES, OUTLOOK)), sync], both(SERIES, "#0 011")),
        (&[], vec![crm(occurrence(1, SERIES, Side::Crm)), sync], both(SERIES, "#0 101")),
        (&[], vec![crm(occurrence(0, SERIES, Side::Crm)), sync], both(SERIES, "#0 110")),
        (&[], vec![at(0, occurrence(0, SERIES, OUTLOOK)), crm(occurrence(2, SERIES, Side::Crm)), sync], both(SERIES, "#0 010")),
        (&[], vec![at(0, occurrence(0, SERIES, OUTLOOK)), sync, crm(occurrence(2, SERIES, Side::Crm)), sync], both(SERIES, "#0 010")),
        (&[], vec![crm(occurrence(2, SERIES, Side::Crm)), sync, crm(title(SERIES, Side::Crm, 5)), sync], both(SERIES, "#5 011")),
        (&[(ApptOutlookDeleteGuard, 1)], vec![later(1), at(0, occurrence(0, SERIES, OUTLOOK)), sync], vec![(SERIES, MAILBOX, "#0 110"), (SERIES, CRM, "#0 111")]),
        // It was judged once: the series takes no date now, and its occurrence is not deleted after all.
        (&[(ApptOutlookDeleteGuard, 1)], vec![later(1), at(0, occurrence(0, SERIES, OUTLOOK)), sync, crm(when(SERIES, Side::Crm, 0)), sync], vec![(SERIES, MAILBOX, "#0 when 0 110"), (SERIES, CRM, "#0 when 0 111")]),
        // What went while the series was not tracked is no deletion to carry; and one occurrence always stays on either side.
        (&[], vec![at(0, untrack(&[SERIES], false)), sync, at(0, occurrence(0, SERIES, OUTLOOK)), at(0, track(&[SERIES], None)), sync, sync], vec![(SERIES, MAILBOX, "#0 110"), (SERIES, CRM, "#0 111")]),
        (&[], vec![at(0, untrack(&[SERIES], false)), sync, crm(occurrence(0, SERIES, Side::Crm)), at(0, track(&[SERIES], None)), sync, sync], vec![(SERIES, MAILBOX, "#0 111"), (SERIES, CRM, "#0 110")]),
        (&[], vec![at(0, untrack(&[SERIES], false)), sync, at(0, track(&[SERIES], None)), sync, at(0, occurrence(0, SERIES, OUTLOOK)), sync], both(SERIES, "#0 110")),
        (&[], vec![at(0, occurrence(0, SERIES, OUTLOOK)), at(0, occurrence(1, SERIES, OUTLOOK)), crm(occurrence(2, SERIES, Side::Crm)), sync], vec![(SERIES, MAILBOX, "#0 100"), (SERIES, CRM, "#0 010")]),
        (&[], vec![at(0, Op::Create { item: NO_SERIES, side: OUTLOOK })], vec![(NO_SERIES, MAILBOX, "#0 111 untracked")]),
        (&[], vec![crm(Op::Create { item: NO_SERIES, side: Side::Crm })], vec![(NO_SERIES, CRM, "#0 111")]),
        // References and status.
        (&[], vec![at(0, regarding(MEETING, OUTLOOK)), sync], both(MEETING, "#0 re 6")),
        (&[], vec![crm(regarding(MEETING, Side::Crm)), sync], both(MEETING, "#0 re 6")),
        (&[], vec![crm(parent(CONTACT, Side::Crm)), sync], both(CONTACT, "#0 of 6")),
        (&[], vec![crm(Op::Cancel { item: TASK }), sync], both(TASK, "#0 cancelled")),
        (&[], vec![at(0, Op::Complete { item: TASK, side: OUTLOOK }), sync], both(TASK, "#0 completed")),
        // What arrives in whose mailbox.
        (&[(CalendarVisibility, 0)], vec![carla], vec![(REQUIRED, HERS, "#0"), (ORGANIZED, HERS, "absent"), (OPTIONAL, HERS, "absent"), (OWN_MEETING, HERS, "absent")]),
        (&[(CalendarVisibility, 1)], vec![carla], vec![(REQUIRED, HERS, "#0"), (ORGANIZED, HERS, "#0"), (OPTIONAL, HERS, "absent"), (OWN_MEETING, HERS, "absent")]),
        (&[(CalendarVisibility, 2)], vec![carla], vec![(REQUIRED, HERS, "#0"), (ORGANIZED, HERS, "#0"), (OPTIONAL, HERS, "#0"), (OWN_MEETING, HERS, "absent")]),
        (&[(CalendarVisibility, 2)], vec![sync], vec![(REQUIRED, MAILBOX, "absent"), (ORGANIZED, MAILBOX, "absent"), (OPTIONAL, MAILBOX, "absent")]),
        (&[], vec![carla], vec![(MEETING, HERS, "#0"), (SERIES, HERS, "#0 111"), (TASK, HERS, "absent"), (CONTACT, HERS, "absent"), (EMAIL, HERS, "absent"), (ACCOUNT, HERS, "absent"), (NO_MEETING, HERS, "absent")]),
        (&[], vec![crm(Op::Assign { item: TASK, to: CARLA }), carla], vec![(TASK, HERS, "#0")]),
        (&[], vec![crm(Op::Assign { item: EMAIL, to: CARLA }), carla], vec![(EMAIL, HERS, "absent")]),
        (&[], vec![crm(Op::Assign { item: ACCOUNT, to: CARLA }), carla], vec![(ACCOUNT, HERS, "absent")]),
        (&[], vec![crm(delete(REQUIRED, Side::Crm)), carla], vec![(REQUIRED, HERS, "absent")]),
        // What leaves the filter.
        (&[(LogicalDelete, 0)], vec![crm(Op::Assign { item: CONTACT, to: BORIS }), sync], vec![(CONTACT, MAILBOX, "#0"), (CONTACT, CRM, "#0 owner 2")]),
        (&[(LogicalDelete, 1)], vec![crm(Op::Assign { item: CONTACT, to: BORIS }), sync], vec![(CONTACT, MAILBOX, "absent"), (CONTACT, CRM, "#0 owner 2")]),
        (&[(LogicalDelete, 2)], vec![crm(Op::Assign { item: CONTACT, to: BORIS }), sync], vec![(CONTACT, MAILBOX, "#0 untracked")]),
        (&[(LogicalDelete, 1), (CalendarVisibility, 1)], vec![crm(Op::ChangeOrganizer { item: OWN_MEETING, to: BORIS }), sync], vec![(OWN_MEETING, MAILBOX, "absent"), (OWN_MEETING, CRM, "#0")]),
        (&[(LogicalDelete, 1), (CalendarVisibility, 1)], vec![crm(Op::ChangeOrganizer { item: MEETING, to: BORIS }), sync], both(MEETING, "#0")),
        (&[(LogicalDelete, 1), (CalendarVisibility, 0)], vec![crm(Op::ChangeOrganizer { item: OWN_MEETING, to: BORIS }), sync], both(OWN_MEETING, "#0")),
        (&[(LogicalDelete, 1)], vec![crm(title(HIS_CONTACT, Side::Crm, 5)), sync], vec![(HIS_CONTACT, MAILBOX, "#5"), (HIS_CONTACT, CRM, "#5 owner 2")]),
        (&[(LogicalDelete, 1)], vec![crm(Op::Assign { item: HIS_CONTACT, to: CARLA }), sync], vec![(HIS_CONTACT, MAILBOX, "#0")]),
        (&[(LogicalDelete, 1)], vec![crm(Op::Assign { item: HIS_CONTACT, to: ANNA }), sync], both(HIS_CONTACT, "#0")),
        // When the record of what is newly tracked appears.
        (&[(LatencyModel, 0)], vec![at(0, track(&[NEW_CONTACT], None))], both(NEW_CONTACT, "#0")),
        (&[(LatencyModel, 0)], vec![at(0, regarding(NEW_TASK, OUTLOOK))], both(NEW_TASK, "#0 re 6")),
        (&[(LatencyModel, 0)], vec![at(1, track(&[NEW_CONTACT], None))], vec![(NEW_CONTACT, CRM, "absent")]),
        (&[(LatencyModel, 0)], vec![at(2, track(&[NEW_CONTACT], None))], vec![(NEW_CONTACT, CRM, "absent")]),
        (&[(LatencyModel, 0)], vec![at(1, track(&[NEW_CONTACT], None)), at(0, title(NEW_CONTACT, OUTLOOK, 5))], vec![(NEW_CONTACT, MAILBOX, "#5"), (NEW_CONTACT, CRM, "absent")]),
        (&[(LatencyModel, 0)], vec![web(ANNA, track_his(BORIS_NEW))], vec![(BORIS_NEW, HIS, "#0"), (BORIS_NEW, CRM, "absent")]),
        (&[(LatencyModel, 0)], vec![his(track_his(BORIS_NEW))], vec![(BORIS_NEW, HIS, "#0"), (BORIS_NEW, CRM, "absent")]),
        (&[(LatencyModel, 0)], vec![at(0, track(&[NEW_TASK, OTHER_TASK], None))], [both(NEW_TASK, "#0"), both(OTHER_TASK, "#0")].concat()),
        (&[(LatencyModel, 1)], vec![at(0, track(&[NEW_CONTACT], None))], vec![(NEW_CONTACT, MAILBOX, "#0"), (NEW_CONTACT, CRM, "absent")]),
        (&[(LatencyModel, 1)], vec![at(0, track(&[NEW_CONTACT], None)), sync], both(NEW_CONTACT, "#0")),
        (&[], vec![at(0, track(&[NEW_TASK], Some(Kind::Fax))), sync], vec![(NEW_TASK, CRM, "#0 fax")]),
        (&[], vec![web(BORIS, track_his(BORIS_NEW))], vec![(BORIS_NEW, HIS, "#0"), (BORIS_NEW, CRM, "#0 owner 2")]),
        // What a delegate tracked waits for a principal who is not connected, under one reading.
        (&[(DelegateFlush, 0)], vec![at(2, Op::Disconnect), his(track_his(BORIS_NEW)), server], vec![(BORIS_NEW, HIS, "#0"), (BORIS_NEW, CRM, "absent")]),
        (&[(DelegateFlush, 0)], vec![at(2, Op::Disconnect), his(track_his(BORIS_NEW)), at(2, Op::Connect), server], vec![(BORIS_NEW, CRM, "#0 owner 2")]),
        (&[(DelegateFlush, 0)], vec![his(track_his(BORIS_NEW)), server], vec![(BORIS_NEW, CRM, "#0 owner 2")]),
        (&[(DelegateFlush, 1)], vec![at(2, Op::Disconnect), his(track_his(BORIS_NEW)), server], vec![(BORIS_NEW, CRM, "#0 owner 2")]),
        (&[(DelegateFlush, 0)], vec![at(2, Op::Disconnect), at(0, Op::Disconnect), his(track_his(BORIS_NEW)), at(0, Op::Connect), server], vec![(BORIS_NEW, CRM, "absent")]),
        (&[(DelegateFlush, 0)], vec![at(0, Op::Disconnect), his(track_his(BORIS_NEW)), at(0, Op::Connect), server], vec![(BORIS_NEW, CRM, "#0 owner 2")]),
        (&[(DelegateFlush, 0), (LatencyModel, 1)], vec![web(BORIS, track_his(BORIS_NEW)), at(0, Op::Disconnect), his(title(BORIS_NEW, Side::Outlook(BORIS), 5)), at(2, Op::Disconnect), at(0, Op::Connect), server], vec![(BORIS_NEW, CRM, "#5 owner 2")]),
        // Work away from the servers: what is entered there waits.
        (&[], vec![at(0, Op::Disconnect), at(0, title(CONTACT, OUTLOOK, 5))], vec![(CONTACT, MAILBOX, "#0"), (CONTACT, Location::Cache(SlotId(0)), "#5"), (CONTACT, Location::Cache(SlotId(1)), "#0")]),
        (&[], vec![at(0, Op::Disconnect), at(0, title(CONTACT, OUTLOOK, 5)), at(0, Op::Connect)], vec![(CONTACT, MAILBOX, "#5"), (CONTACT, CRM, "#0"), (CONTACT, Location::Cache(SlotId(1)), "#5")]),
        (&[], vec![at(0, Op::Disconnect), create, at(0, Op::Connect)], vec![(NO_MEETING, MAILBOX, "#0 untracked"), (NO_MEETING, CRM, "absent")]),
        (&[], vec![at(2, Op::Disconnect), at(2, title(CONTACT, OUTLOOK, 5))], vec![(CONTACT, MAILBOX, "#0"), (CONTACT, DELEGATED, "#5")]),
        (&[], vec![at(2, Op::Disconnect), at(2, title(CONTACT, OUTLOOK, 5)), at(2, Op::Connect)], vec![(CONTACT, MAILBOX, "#5"), (CONTACT, DELEGATED, "#5")]),
        // What was tracked and untracked there leaves nothing behind; what was untracked elsewhere first stays as it was answered.
        (&[], vec![at(1, Op::Disconnect), at(1, track(&[NEW_CONTACT], None)), at(1, untrack(&[NEW_CONTACT], true)), at(1, Op::Connect), sync], vec![(NEW_CONTACT, MAILBOX, "#0 untracked"), (NEW_CONTACT, CRM, "absent")]),
        (&[], vec![at(1, Op::Disconnect), at(1, untrack(&[CONTACT], false)), at(0, untrack(&[CONTACT], true)), at(1, Op::Connect), sync], vec![(CONTACT, MAILBOX, "#0 untracked"), (CONTACT, CRM, "absent")]),
        // What was deleted elsewhere is deleted, and no longer untracked.
        (&[], vec![at(1, Op::Disconnect), at(1, untrack(&[MEETING], false)), at(0, delete(MEETING, OUTLOOK)), at(1, Op::Connect), sync], both(MEETING, "absent")),
        (&[], vec![at(0, GO_OFFLINE), at(0, title(CONTACT, OUTLOOK, 5)), at(0, Op::GoOnline { crash: Some(Crash { at: ItemId(0), stage: Stage::BeforeUpload }) })], vec![(CONTACT, MAILBOX, "#0")]),
        // What had been sent before a crash on the way back is not sent again; what had not overwrites what came after it.
        (&[], [&[at(0, GO_OFFLINE), at(0, title(CONTACT, OUTLOOK, 5)), at(0, title(TASK, OUTLOOK, 5)), at(0, return_sent)], &meanwhile[..], &[at(0, Op::Restart), at(0, GO_ONLINE)]].concat(), vec![(CONTACT, MAILBOX, "#7"), (TASK, MAILBOX, "#5")]),
        // What an answer given there means is decided by whose the contact was there, whoever it belongs to by now.
        (&[(NonownerUntrackContact, 3)], vec![at(1, Op::ChooseSynchronizingComputer), at(0, Op::Disconnect), at(0, untrack(&[CONTACT], true)), crm(Op::Assign { item: CONTACT, to: BORIS }), at(1, SYNC), at(0, Op::Connect), at(1, SYNC)], vec![(CONTACT, CRM, "absent")]),
        (&[(NonownerUntrackContact, 3)], vec![at(1, Op::ChooseSynchronizingComputer), at(0, Op::Disconnect), at(0, untrack(&[HIS_CONTACT], true)), crm(Op::Assign { item: HIS_CONTACT, to: ANNA }), at(1, SYNC), at(0, Op::Connect), at(1, SYNC)], vec![(HIS_CONTACT, CRM, "#0")]),
        (&[], vec![at(0, CRASH)], vec![(CONTACT, MAILBOX, "#0"), (CONTACT, Location::Cache(SlotId(0)), "absent")]),
        (&[], away(at(0, title(CONTACT, Side::Crm, 5))), vec![(CONTACT, CRM, "#5"), (CONTACT, MAILBOX, "#0")]),
        (&[(OfflineFlow, 0)], away(crm(title(CONTACT, Side::Crm, 6))), vec![(CONTACT, MAILBOX, "#0")]),
        (&[(OfflineFlow, 1)], away(crm(title(CONTACT, Side::Crm, 6))), both(CONTACT, "#6")),
        (&[(OfflineFlow, 1)], vec![at(1, GO_OFFLINE), crm(title(CONTACT, Side::Crm, 6)), at(1, GO_ONLINE)], vec![(CONTACT, MAILBOX, "#0")]),
        (&[(OfflineFlow, 0)], vec![at(0, title(CONTACT, OUTLOOK, 5)), at(0, GO_OFFLINE)], both(CONTACT, "#5")),
        (&[(OfflineFlow, 1)], vec![at(0, title(CONTACT, OUTLOOK, 5)), at(0, GO_OFFLINE)], vec![(CONTACT, MAILBOX, "#5"), (CONTACT, CRM, "#0")]),
        (&[(OfflineFlow, 1)], vec![at(0, delete(MEETING, OUTLOOK)), at(0, GO_OFFLINE), at(0, GO_ONLINE)], both(MEETING, "absent")),
        (&[(OfflineFlow, 1)], vec![crm(title(CONTACT, Side::Crm, 6)), at(0, GO_OFFLINE)], both(CONTACT, "#6")),
        (&[(OfflineFlow, 0)], vec![at(1, title(CONTACT, OUTLOOK, 5)), at(1, GO_OFFLINE)], vec![(CONTACT, CRM, "#0")]),
        (&[], [apart(), vec![at(1, Op::Connect), at(1, SYNC)]].concat(), both(MEETING, "#0")),
        (&[], vec![at(1, Op::ChooseSynchronizingComputer), at(1, title(CONTACT, OUTLOOK, 5)), sync], vec![(CONTACT, CRM, "#0")]),
        (&[], vec![at(1, Op::ChooseSynchronizingComputer), at(1, title(CONTACT, OUTLOOK, 5)), at(1, SYNC)], both(CONTACT, "#5")),
    ];
    let mut wrong = Vec::new();
    for (others, steps, expected) in cases {
        let mut reference = reference(others);
        for step in &steps {
            let outcome = reference.step(step);
            assert!(matches!(outcome, StepOutcome::Done { .. }), "{outcome:?}: {step:?} of {steps:?}");
        }
        for (item, location, expected) in expected {
            let seen = shown(&reference, item, location);
            if seen != expected {
                wrong.push(format!("{others:?} {steps:?}: {item:?} in {location:?} is {seen}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
