//! The world and the steps that every row of the table plays: one user who synchronizes through Outlook, two computers,
//! and a contact, a task and an appointment, tracked. Every row draws from the same 33 steps.

use std::sync::{Arc, LazyLock};

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, Deletion, ItemSetup, Kind, Method, Names, Op, Place, Plan, Rights, Setup, Side, Step,
    UserSetup,
};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::Readings;
use tombstone_model::rules::Rules;
use tombstone_model::time::{Schedule, Schedules, Seconds, Zone};

/// An hour, in seconds.
pub(crate) const HOUR: Seconds = 3600;
/// When the appointment ends.
pub(crate) const ENDS: Seconds = 2 * HOUR;
/// The kinds of the items, in their order.
pub(crate) const KINDS: [Kind; 3] = [Kind::Contact, Kind::Task, Kind::Appointment];
/// How many steps are drawn for a case.
pub(crate) const CASE: usize = 40;

/// The one user.
pub(crate) const USER: UserId = UserId(0);

/// The deletion table.
pub(crate) static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::documented().clone()));

/// What the profile of the rows leaves open.
pub(crate) static READINGS: LazyLock<Readings> =
    LazyLock::new(|| Profile::named("documented-2016").expect("the profile exists").readings());

/// The starting world.
pub(crate) fn setup() -> Setup {
    let appointment = Schedule { start: HOUR, end: ENDS, every: 0, count: 1 };
    let item = |kind: Kind| ItemSetup {
        copies: UserSet::of(USER),
        tracked: UserSet::of(USER),
        in_crm: true,
        required: UserSet::of(USER),
        when: u8::from(kind == Kind::Appointment),
        ..ItemSetup::new(kind, USER)
    };
    Setup {
        zone: Zone::utc(chrono::DateTime::default()),
        users: vec![UserSetup { method: Method::OutlookClient, delegates: UserSet::EMPTY, rights: Rights::ALL }],
        computers: [true, false].map(|synchronizing| ComputerSetup { user: USER, synchronizing }).to_vec(),
        items: KINDS.map(item).to_vec(),
        bystanders: 0,
        schedules: Schedules::of([appointment]),
    }
}

/// A plan without steps.
pub(crate) fn plan() -> Plan {
    Plan { setup: setup(), steps: Vec::with_capacity(CASE), names: Names::default() }
}

/// What is done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Act {
    /// Edit in Outlook, at a computer.
    Edit { item: u8, at: u8 },
    /// Edit in CRM.
    EditCrm { item: u8 },
    /// Delete in Outlook, at a computer.
    Delete { item: u8, at: u8 },
    /// Delete in CRM.
    DeleteCrm { item: u8 },
    /// Track, at the first computer.
    Track { item: u8 },
    /// Untrack, at the first computer.
    Untrack { item: u8, yes: bool },
    /// A computer loses its connection.
    Disconnect { at: u8 },
    /// It gets it back.
    Connect { at: u8 },
    /// Synchronize at the first computer, which is the synchronizing one.
    Synchronize,
    /// Wait for an hour.
    Wait,
}

/// How many acts there are.
pub(crate) const ACTS: u32 = 33;

/// The act with that number.
pub(crate) fn act(number: u32) -> Act {
    let (item, of) = ((number / 9) as u8, number % 9);
    match (number, of) {
        (27 | 28, _) => Act::Disconnect { at: (number - 27) as u8 },
        (29 | 30, _) => Act::Connect { at: (number - 29) as u8 },
        (31, _) => Act::Synchronize,
        (32.., _) => Act::Wait,
        (_, 0 | 1) => Act::Edit { item, at: of as u8 },
        (_, 2) => Act::EditCrm { item },
        (_, 3 | 4) => Act::Delete { item, at: (of - 3) as u8 },
        (_, 5) => Act::DeleteCrm { item },
        (_, 6) => Act::Track { item },
        (_, of) => Act::Untrack { item, yes: of == 7 },
    }
}

/// The act as a step of a plan; `token` is the title that an edit writes.
pub(crate) fn step(act: Act, token: u8) -> Step {
    let web = |op| Step { by: USER, at: Place::Web, op };
    let at = |computer, op| Step { by: USER, at: Place::Computer(ComputerId(computer)), op };
    let outlook = Side::Outlook(USER);
    let change = Change::Title(token);
    match act {
        Act::Edit { item, at: computer } => at(computer, Op::Edit { item: ItemId(item), side: outlook, change }),
        Act::EditCrm { item } => web(Op::Edit { item: ItemId(item), side: Side::Crm, change }),
        Act::Delete { item, at: computer } => {
            at(computer, Op::Delete { item: ItemId(item), side: outlook, how: Deletion::Hard })
        }
        Act::DeleteCrm { item } => web(Op::Delete { item: ItemId(item), side: Side::Crm, how: Deletion::Hard }),
        Act::Track { item } => at(0, Op::Track { items: ItemSet::of(ItemId(item)), mailbox: USER, record: None }),
        Act::Untrack { item, yes } => at(0, Op::Untrack { items: ItemSet::of(ItemId(item)), mailbox: USER, yes }),
        Act::Disconnect { at: computer } => at(computer, Op::Disconnect),
        Act::Connect { at: computer } => at(computer, Op::Connect),
        Act::Synchronize => at(0, Op::Synchronize { crash: None }),
        Act::Wait => web(Op::Wait { seconds: HOUR }),
    }
}
