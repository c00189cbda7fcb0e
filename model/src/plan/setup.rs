//! The starting world of a plan.

use crate::ids::{
    ComputerId, ItemId, MAX_BYSTANDERS, MAX_COMPUTERS, MAX_ITEMS, MAX_SLOTS, MAX_USERS, SlotId, UserId, UserSet,
};
use crate::time::{Schedules, Zone};

use super::{Kind, Rights};

/// How a user's mailbox and the CRM are kept in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// By the Outlook client on the user's synchronizing computer.
    OutlookClient,
    /// By the server, which polls the mailbox.
    ServerSide,
}

/// Where a record stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// Open.
    Open,
    /// Completed; for an e-mail, sent or received.
    Completed,
    /// Cancelled.
    Cancelled,
}

/// In which message store of Outlook an item lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Store {
    /// The default folder of the Exchange mailbox.
    Exchange,
    /// The Outlook default message store, where that is not the Exchange mailbox.
    OutlookDefault,
    /// Anywhere else.
    Elsewhere,
}

/// A user and what surrounds the user from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserSetup {
    /// How the user's mailbox is synchronized.
    pub method: Method,
    /// Who may act in this user's mailbox.
    pub delegates: UserSet,
    /// What the user may do with records in CRM.
    pub rights: Rights,
}

/// Whether a computer can reach the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Connection {
    /// Outlook runs and reaches both servers.
    Connected,
    /// Outlook runs without a network; changes wait in its cached mailbox.
    Disconnected,
    /// The CRM client was taken offline: the user works in a local copy of the CRM as well.
    Offline,
    /// Outlook does not run.
    Crashed,
}

/// A computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComputerSetup {
    /// Whose it is.
    pub user: UserId,
    /// Whether it is its user's synchronizing computer at the start. At most one a user is; without one it is the first.
    pub synchronizing: bool,
}

/// An item at the start of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemSetup {
    /// What it is in Outlook.
    pub kind: Kind,
    /// What its record is; differs from `kind` for a meeting request, and for a task tracked as something else.
    pub record: Kind,
    /// The mailboxes that hold a copy at the start.
    pub copies: UserSet,
    /// Those of them in which the copy is tracked at the start.
    pub tracked: UserSet,
    /// Whether a record exists at the start.
    pub in_crm: bool,
    /// The owner of the record; for an item not yet in CRM, who will own it is decided by tracking.
    pub owner: UserId,
    /// Who organized the appointment, if one of the users did.
    pub organizer: Option<UserId>,
    /// The required attendees.
    pub required: UserSet,
    /// The optional attendees.
    pub optional: UserSet,
    /// Open, completed or cancelled.
    pub status: Status,
    /// When it takes place or is due: an index into [`Setup::schedules`].
    pub when: u8,
    /// The occurrences of a series that are exceptions, as a bit set.
    pub exceptions: u8,
    /// The record it is regarding.
    pub regarding: Option<ItemId>,
    /// The account or contact a contact belongs to.
    pub parent: Option<ItemId>,
    /// Where it lies in Outlook.
    pub store: Store,
    /// Whether a task was assigned to somebody.
    pub assigned: bool,
}

impl ItemSetup {
    /// An item of this kind that exists nowhere yet, with nothing special about it.
    pub fn new(kind: Kind, owner: UserId) -> Self {
        Self {
            kind,
            record: kind.record(),
            copies: UserSet::EMPTY,
            tracked: UserSet::EMPTY,
            in_crm: false,
            owner,
            organizer: kind.is_calendar().then_some(owner),
            required: UserSet::EMPTY,
            optional: UserSet::EMPTY,
            // A received or sent message is closed in CRM.
            status: if kind == Kind::Email { Status::Completed } else { Status::Open },
            when: 0,
            exceptions: 0,
            regarding: None,
            parent: None,
            store: Store::Exchange,
            assigned: false,
        }
    }
}

/// The starting world of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The time zone, and with it the instant at which the plan starts.
    pub zone: Zone,
    /// The users.
    pub users: Vec<UserSetup>,
    /// The computers.
    pub computers: Vec<ComputerSetup>,
    /// The items.
    pub items: Vec<ItemSetup>,
    /// How many items more the first user's mailbox and the CRM hold, of the kind of the first item, tracked, that no step
    /// speaks of: at most [`MAX_BYSTANDERS`]. A store of many items is another store than one of few. Only who has stores of
    /// its own holds them; whoever holds them must leave them as they are.
    pub bystanders: u16,
    /// The schedules that items have or are moved to.
    pub schedules: Schedules,
}

impl Setup {
    /// The cached mailboxes: each computer's own, then for each computer those its user may open as a delegate.
    pub fn slots(&self) -> Vec<(ComputerId, UserId)> {
        self.each_slot().collect()
    }

    /// The slots one at a time.
    pub fn each_slot(&self) -> impl Iterator<Item = (ComputerId, UserId)> {
        let computers = || self.computers.iter().zip(0..).map(|(computer, id)| (ComputerId(id), computer.user));
        let own = computers();
        let delegated = computers().flat_map(|(computer, user)| {
            let principals = self.users.iter().zip(0..).filter(move |(other, _)| other.delegates.contains(user));
            principals.map(move |(_, principal)| (computer, UserId(principal)))
        });
        own.chain(delegated)
    }

    /// The cached mailbox of a user on a computer.
    pub fn slot(&self, computer: ComputerId, mailbox: UserId) -> Option<SlotId> {
        self.slots().iter().zip(0..).find(|(slot, _)| **slot == (computer, mailbox)).map(|(_, id)| SlotId(id))
    }

    /// What is wrong with the setup, as sentences; nothing where it can be run.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut limit = |what: &str, is: usize, most: usize| {
            if is > most {
                problems.push(format!("{is} {what} are more than the {most} that a plan can hold"));
            }
        };
        limit("users", self.users.len(), MAX_USERS);
        limit("computers", self.computers.len(), MAX_COMPUTERS);
        limit("items", self.items.len(), MAX_ITEMS);
        limit(
            "cached mailboxes (one a computer, one more for each principal of its user)",
            self.slots().len(),
            MAX_SLOTS,
        );
        limit("bystanders", usize::from(self.bystanders), usize::from(MAX_BYSTANDERS));
        if self.users.is_empty() {
            problems.push("a plan needs a user".to_owned());
        }
        problems
    }
}
