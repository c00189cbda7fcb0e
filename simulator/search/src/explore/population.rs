//! The populations that are explored: a few users, their computers, and items that are all alike.

use tombstone_model::ids::{UserId, UserSet};
use tombstone_model::plan::{ComputerSetup, ItemSetup, Kind, Method, Rights, Setup, Status, UserSetup};
use tombstone_model::time::{Schedule, Schedules, Zone};

/// How many there are of whom and of what.
#[derive(Clone, Copy, Debug)]
pub struct Population {
    /// The users, without delegates.
    pub users: u8,
    /// The computers of each of them.
    pub computers: u8,
    /// The delegates of the first user, each with a computer.
    pub delegates: u8,
    /// The items, in the first user's mailbox and tracked, but for those that live in CRM only.
    pub items: u8,
    /// Their kind.
    pub kind: Kind,
    /// How all mailboxes are synchronized.
    pub method: Method,
}

impl Population {
    /// One user with one computer and one item.
    pub const fn smallest(kind: Kind) -> Self {
        Self { users: 1, computers: 1, delegates: 0, items: 1, kind, method: Method::OutlookClient }
    }

    /// The world that it starts in. An appointment begins in an hour and ends in two, a task is due in two, a series has one
    /// occurrence behind it and one ahead.
    pub fn setup(self) -> Setup {
        let Self { users: principals, computers, delegates, items, kind, method } = self;
        let count = principals + delegates;
        let users = (0..count).map(|n| UserSetup {
            method,
            delegates: if n == 0 { (principals..count).map(UserId).collect() } else { UserSet::EMPTY },
            rights: Rights::ALL,
        });
        let computers = (0..count).flat_map(|user| {
            let own = if user < principals { computers } else { 1 };
            (0..own).map(move |n| ComputerSetup { user: UserId(user), synchronizing: n == 0 })
        });
        let mut item = ItemSetup::new(kind, UserId(0));
        if !kind.is_crm_only() {
            item.copies = UserSet::of(UserId(0));
            item.tracked = item.copies;
        }
        item.in_crm = true;
        item.status = if kind == Kind::Email { Status::Completed } else { Status::Open };
        item.when =
            if kind == Kind::RecurringAppointment { 2 } else { u8::from(kind.is_calendar() || kind.is_task_like()) };
        let start = if kind.is_task_like() { 7200 } else { 3600 };
        Setup {
            zone: Zone::utc(chrono::DateTime::default()),
            users: users.collect(),
            computers: computers.collect(),
            items: vec![item; usize::from(items)],
            bystanders: 0,
            schedules: Schedules::of([
                Schedule { start, end: 7200, every: 0, count: 1 },
                Schedule { start: -3600, end: -1800, every: 7200, count: 2 },
            ]),
        }
    }
}
