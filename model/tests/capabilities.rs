//! Every parameter of a step is a capability: without it a step that has the parameter cannot be taken, and the same step
//! without the parameter can.

use tombstone_model::contract::implementation::{Capabilities, KindCapabilities, Lack, Operation};
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, Crash, Deletion, ItemSetup, Kind, Method, Op, Place, Rights, Setup, Side, Stage, Step,
    UserSetup,
};
use tombstone_model::time::{Schedules, Zone};
use tombstone_model::view::Field;

const ANN: UserId = UserId(0);
const BOB: UserId = UserId(1);
const TASK: ItemId = ItemId(0);
const OTHER: ItemId = ItemId(1);
const CONTACT: ItemId = ItemId(2);
const ACCOUNT: ItemId = ItemId(3);
const AT: Place = Place::Computer(ComputerId(0));
const OUTLOOK: Side = Side::Outlook(ANN);

fn setup(kinds: &[Kind]) -> Setup {
    let user = UserSetup { method: Method::OutlookClient, delegates: UserSet::EMPTY, rights: Rights::ALL };
    Setup {
        zone: Zone::utc(chrono::DateTime::UNIX_EPOCH),
        users: vec![user],
        computers: vec![ComputerSetup { user: ANN, synchronizing: true }],
        items: kinds.iter().map(|&kind| ItemSetup::new(kind, ANN)).collect(),
        bystanders: 0,
        schedules: Schedules::default(),
    }
}

/// Everything but this, of every kind and in general.
fn without(operation: Operation) -> Capabilities {
    let mut capabilities = Capabilities::ALL;
    capabilities.operations = capabilities.operations.without(operation);
    for kind in &mut capabilities.kinds {
        kind.operations = kind.operations.without(operation);
    }
    capabilities
}

fn step(op: Op) -> Step {
    Step { by: ANN, at: AT, op }
}

#[test]
fn a_parameter_that_is_not_claimed_is_not_asked_for() {
    let world = setup(&[Kind::Task, Kind::Task, Kind::Contact, Kind::Account]);
    let untrack = |yes| step(Op::Untrack { items: ItemSet::of(TASK), mailbox: ANN, yes });
    let in_browser = |step: Step| Step { at: Place::Web, ..step };
    let track = |items, record| step(Op::Track { items, mailbox: ANN, record });
    let delete = |how| step(Op::Delete { item: TASK, side: OUTLOOK, how });
    let edit = |side| step(Op::Edit { item: TASK, side, change: Change::Title(1) });
    let synchronize = |crash| step(Op::Synchronize { crash });
    let crash = Some(Crash { at: OTHER, stage: Stage::BeforeErase });
    for (operation, with, plain) in [
        (Operation::UntrackAnswer, untrack(true), in_browser(untrack(true))),
        (Operation::UntrackAnswer, untrack(false), in_browser(untrack(false))),
        (Operation::TrackAs, track(ItemSet::of(TASK), Some(Kind::Fax)), track(ItemSet::of(TASK), None)),
        (Operation::Several, track(ItemSet::of(TASK).with(OTHER), None), track(ItemSet::of(TASK), None)),
        (Operation::SoftDeleteInOutlook, delete(Deletion::Soft), delete(Deletion::Hard)),
        (Operation::MoveAwayInOutlook, delete(Deletion::Moved), delete(Deletion::Hard)),
        (Operation::DeleteOccurrenceInOutlook, delete(Deletion::Occurrence(1)), delete(Deletion::Hard)),
        (Operation::Web, in_browser(edit(OUTLOOK)), edit(OUTLOOK)),
        (Operation::Web, in_browser(edit(OUTLOOK)), in_browser(edit(Side::Crm))),
        (Operation::Delegate, edit(Side::Outlook(BOB)), edit(OUTLOOK)),
        (Operation::Crash, synchronize(crash), synchronize(None)),
        (Operation::CrashItem, synchronize(crash), synchronize(None)),
        (Operation::CrashStage, synchronize(crash), synchronize(None)),
    ] {
        let capabilities = without(operation);
        assert_eq!(capabilities.lacks_step(&world, &with), Some(Lack::Operation(operation)), "{with:?}");
        assert_eq!(capabilities.lacks_step(&world, &plain), None, "{plain:?}");
        assert_eq!(Capabilities::ALL.lacks_step(&world, &with), None, "{with:?}");
        assert_eq!(Lack::Operation(operation).to_string(), operation.name());
    }
}

#[test]
fn where_a_parameter_cannot_matter_it_is_not_needed() {
    let crash = step(Op::Synchronize { crash: Some(Crash { at: TASK, stage: Stage::Done }) });
    let one = setup(&[Kind::Task, Kind::Account]);
    assert_eq!(without(Operation::CrashItem).lacks_step(&one, &crash), None);
    let full = Setup { bystanders: 5, ..one };
    let lack = Some(Lack::Operation(Operation::CrashItem));
    assert_eq!(without(Operation::CrashItem).lacks_step(&full, &crash), lack);
}

#[test]
fn an_edit_needs_its_field_and_a_reference_the_kind_of_its_record() {
    let world = setup(&[Kind::Task, Kind::Task, Kind::Contact, Kind::Account]);
    let mut capabilities = Capabilities::ALL;
    capabilities.kinds[Kind::Task as usize].fields = Field::Title.mask();
    capabilities.kinds[Kind::Account as usize] = KindCapabilities::NONE;
    let edit = |change| step(Op::Edit { item: TASK, side: Side::Crm, change });
    let lacks = |step: Step| capabilities.lacks_step(&world, &step);
    assert_eq!(lacks(edit(Change::Title(1))), None);
    assert_eq!(lacks(edit(Change::When(0))), Some(Lack::Field(Field::When)));
    let regarding = |to| step(Op::SetRegarding { items: ItemSet::of(TASK), side: Side::Crm, to });
    assert_eq!(lacks(regarding(CONTACT)), None);
    assert_eq!(lacks(regarding(ACCOUNT)), Some(Lack::Kind(Kind::Account)));
    assert_eq!(
        lacks(step(Op::SetParent { item: CONTACT, side: Side::Crm, to: ACCOUNT })),
        Some(Lack::Kind(Kind::Account))
    );
}
