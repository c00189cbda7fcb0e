//! The worlds in which the doctor tries things, and what it does to one item to try an operation.

use tombstone_model::contract::implementation::{Capabilities, Operation};
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, Deletion, ItemSetup, Kind, Method, Names, Op, PartValues, Place, Plan, Rights, Setup, Side,
    Step, UserSetup, Verb,
};
use tombstone_model::time::{Schedule, Schedules, Zone};

pub(super) const USER: UserId = UserId(0);
pub(super) const COMPUTER: ComputerId = ComputerId(0);

/// One user, one computer, and these items, without what needs a capability that is missing.
pub(super) fn world(capabilities: &Capabilities, mut items: Vec<ItemSetup>) -> Plan {
    items.iter_mut().for_each(|item| capabilities.suit(item));
    let server = !capabilities.operations.contains(Operation::Synchronize)
        && capabilities.operations.contains(Operation::ServerSynchronize);
    let method = if server { Method::ServerSide } else { Method::OutlookClient };
    // A Monday morning.
    let start = chrono::DateTime::from_timestamp(1_456_736_400, 0).unwrap_or_default();
    let day = 86_400;
    let setup = Setup {
        zone: Zone::utc(start),
        users: vec![UserSetup { method, delegates: UserSet::EMPTY, rights: Rights::ALL }],
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

/// What is done to one item to try an operation: of all that can be done by one user, with the plainest of parts, what calls
/// for it.
pub(super) fn trial(operation: Operation, item: ItemId, other: ItemId) -> Option<Op> {
    let values = PartValues {
        item: vec![item],
        items: vec![ItemSet::of(item)],
        side: vec![Side::Outlook(USER), Side::Crm],
        mailbox: vec![USER],
        other: vec![other],
        // Whoever is spoken of besides the user would be a second one.
        user: Vec::new(),
        change: vec![Change::Title(1)],
        how: Deletion::WHOLE.into_iter().chain([Deletion::Occurrence(1)]).collect(),
        record: vec![None, Some(Kind::PhoneCall)],
        answer: vec![false],
        crash: vec![None],
        seconds: vec![60],
    };
    Verb::ALL.iter().flat_map(|verb| verb.each_of(&values)).find(|op| Operation::of(op) == Some(operation))
}

/// How an item can stand when something is tried: in both stores, in Outlook only, nowhere.
pub(super) fn stands(kind: Kind) -> [ItemSetup; 3] {
    [tracked(kind), ItemSetup { copies: UserSet::of(USER), ..blank(kind) }, blank(kind)]
}

/// Where somebody stands who takes this step.
pub(super) fn taken(op: Op) -> Step {
    let at = match op.side() {
        Some(Side::Crm) => Place::Web,
        Some(Side::Outlook(_)) | None => Place::Computer(COMPUTER),
    };
    Step { by: USER, at, op }
}
