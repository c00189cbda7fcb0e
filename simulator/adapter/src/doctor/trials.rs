//! The worlds in which the doctor tries things, and what it does to one item to try an operation.

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::implementation::{Capabilities, Operation};
use tombstone_model::options::Options;
use tombstone_model::plan::{
    Change, ComputerSetup, Deletion, ItemSetup, Kind, Method, Names, Op, Place, Plan, Setup, Side, Step, UserSetup,
};
use tombstone_model::time::{Schedule, Schedules, Zone};

pub(super) const USER: UserId = UserId(0);
pub(super) const COMPUTER: ComputerId = ComputerId(0);

/// One user, one computer, and these items.
pub(super) fn world(capabilities: &Capabilities, items: Vec<ItemSetup>) -> Plan {
    let server = !capabilities.operations.contains(Operation::Synchronize)
        && capabilities.operations.contains(Operation::ServerSynchronize);
    let method = if server { Method::ServerSide } else { Method::OutlookClient };
    // A Monday morning.
    let start = chrono::DateTime::from_timestamp(1_456_736_400, 0).unwrap_or_default();
    let day = 86_400;
    let setup = Setup {
        zone: Zone::utc(start),
        users: vec![UserSetup { method, delegates: UserSet::EMPTY, may_delete: true, options: Options::DEFAULT }],
        computers: vec![ComputerSetup { user: USER, synchronizing: true }],
        items,
        bystanders: 0,
        schedules: Schedules::of([
            Schedule { start: 400 * day, end: 400 * day + 3600, every: 0, count: 1 },
            Schedule { start: 400 * day, end: 400 * day + 3600, every: 7 * day, count: 3 },
            Schedule { start: 400 * day, end: 400 * day, every: 0, count: 1 },
        ]),
    };
    let names = Names::invented(&setup);
    Plan { setup, steps: Vec::new(), names }
}

/// An item of the kind that exists nowhere yet, far from now.
pub(super) fn blank(kind: Kind) -> ItemSetup {
    let mut item = ItemSetup::new(kind, USER);
    item.when = match kind {
        Kind::Appointment | Kind::MeetingRequest | Kind::ServiceActivity => 1,
        Kind::RecurringAppointment => 2,
        Kind::Task | Kind::PhoneCall | Kind::Letter | Kind::Fax => 3,
        Kind::Email | Kind::Contact | Kind::Account | Kind::Lead | Kind::Opportunity | Kind::Case => 0,
    };
    item
}

/// An item of the kind that both stores hold, tracked; one that lives in CRM only is there.
pub(super) fn tracked(kind: Kind) -> ItemSetup {
    let mut item = blank(kind);
    item.in_crm = true;
    if !kind.is_crm_only() {
        (item.copies, item.tracked) = (UserSet::of(USER), UserSet::of(USER));
    }
    if kind.is_calendar() {
        item.required = UserSet::of(USER);
    }
    item
}

/// What is done to one item to try an operation: the item, and the step.
pub(super) fn trial(kind: Kind, operation: Operation, item: ItemId, other: ItemId) -> Option<(ItemSetup, Op)> {
    let (outlook, crm) = (Side::Outlook(USER), Side::Crm);
    let (setup, op) = match operation {
        Operation::CreateInOutlook => (blank(kind), Op::Create { item, side: outlook }),
        Operation::CreateInCrm => (blank(kind), Op::Create { item, side: crm }),
        Operation::EditInOutlook => (tracked(kind), Op::Edit { item, side: outlook, change: Change::Title(1) }),
        Operation::EditInCrm => (tracked(kind), Op::Edit { item, side: crm, change: Change::Title(1) }),
        Operation::DeleteInOutlook => (tracked(kind), Op::Delete { item, side: outlook, how: Deletion::Hard }),
        Operation::SoftDeleteInOutlook => (tracked(kind), Op::Delete { item, side: outlook, how: Deletion::Soft }),
        Operation::MoveAwayInOutlook => (tracked(kind), Op::Delete { item, side: outlook, how: Deletion::Moved }),
        Operation::DeleteInCrm => (tracked(kind), Op::Delete { item, side: crm, how: Deletion::Hard }),
        Operation::DeleteOccurrenceInOutlook if kind == Kind::RecurringAppointment => {
            (tracked(kind), Op::Delete { item, side: outlook, how: Deletion::Occurrence(1) })
        }
        Operation::DeleteOccurrenceInCrm if kind == Kind::RecurringAppointment => {
            (tracked(kind), Op::Delete { item, side: crm, how: Deletion::Occurrence(1) })
        }
        Operation::Track => {
            let mut setup = blank(kind);
            setup.copies = UserSet::of(USER);
            (setup, Op::Track { items: ItemSet::of(item), mailbox: USER, record: None })
        }
        Operation::TrackAs if kind == Kind::Task => {
            let mut setup = blank(kind);
            setup.copies = UserSet::of(USER);
            (setup, Op::Track { items: ItemSet::of(item), mailbox: USER, record: Some(Kind::PhoneCall) })
        }
        Operation::Untrack => (tracked(kind), Op::Untrack { items: ItemSet::of(item), mailbox: USER, yes: false }),
        Operation::SetRegarding if !kind.is_crm_only() && kind != Kind::Contact => {
            (tracked(kind), Op::SetRegarding { items: ItemSet::of(item), side: crm, to: other })
        }
        Operation::SetParent if kind == Kind::Contact => (tracked(kind), Op::SetParent { item, side: crm, to: other }),
        Operation::CompleteInOutlook if kind.is_task_like() => (tracked(kind), Op::Complete { item, side: outlook }),
        Operation::CompleteInCrm if kind.is_task_like() => (tracked(kind), Op::Complete { item, side: crm }),
        Operation::Cancel if kind.is_calendar() => (tracked(kind), Op::Cancel { item }),
        // These need a second user, or make no sense for the kind, or concern no item.
        Operation::Assign
        | Operation::ChangeOrganizer
        | Operation::TrackAs
        | Operation::UntrackAnswer
        | Operation::DeleteOccurrenceInOutlook
        | Operation::DeleteOccurrenceInCrm
        | Operation::SetRegarding
        | Operation::SetParent
        | Operation::CompleteInOutlook
        | Operation::CompleteInCrm
        | Operation::Cancel
        | Operation::Connect
        | Operation::Disconnect
        | Operation::GoOffline
        | Operation::GoOnline
        | Operation::Synchronize
        | Operation::ServerSynchronize
        | Operation::ChooseSynchronizingComputer
        | Operation::Crash
        | Operation::CrashItem
        | Operation::CrashStage
        | Operation::Wait
        | Operation::Delegate
        | Operation::Web
        | Operation::Several => return None,
    };
    let wrong_side = kind.is_crm_only() && matches!(op.side(), Some(Side::Outlook(_)));
    (!wrong_side).then_some((setup, op))
}

/// Where somebody stands who takes this step.
pub(super) fn taken(op: Op) -> Step {
    let at = match op.side() {
        Some(Side::Crm) => Place::Web,
        Some(Side::Outlook(_)) | None => Place::Computer(COMPUTER),
    };
    Step { by: USER, at, op }
}
