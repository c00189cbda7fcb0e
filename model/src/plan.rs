//! A plan: a starting world and the steps to take in it. It is data; running it is somebody else's business.

use crate::ids::{
    ComputerId, ItemId, ItemSet, MAX_BYSTANDERS, MAX_COMPUTERS, MAX_ITEMS, MAX_SLOTS, MAX_USERS, SlotId, UserId,
    UserSet,
};
use crate::options::Options;
use crate::time::{Schedules, Seconds, Zone};

/// What an item is. The same word names the Outlook item and its record, except that a meeting request becomes an
/// appointment, and a task may be tracked as a letter, a fax or a phone call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A message, received or sent.
    Email,
    /// A person in the address book.
    Contact,
    /// A single appointment.
    Appointment,
    /// A request in the inbox to attend an appointment.
    MeetingRequest,
    /// A series of appointments.
    RecurringAppointment,
    /// A task.
    Task,
    /// A phone call: a task in Outlook.
    PhoneCall,
    /// A letter: a task in Outlook.
    Letter,
    /// A fax: a task in Outlook.
    Fax,
    /// A service activity: it flows from CRM to Outlook.
    ServiceActivity,
    /// An account: in CRM only.
    Account,
    /// A lead: in CRM only.
    Lead,
    /// An opportunity: in CRM only.
    Opportunity,
    /// A case: in CRM only.
    Case,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Email,
        Self::Contact,
        Self::Appointment,
        Self::MeetingRequest,
        Self::RecurringAppointment,
        Self::Task,
        Self::PhoneCall,
        Self::Letter,
        Self::Fax,
        Self::ServiceActivity,
        Self::Account,
        Self::Lead,
        Self::Opportunity,
        Self::Case,
    ];

    /// The name in scenarios, rules, reports and the adapter protocol.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Contact => "contact",
            Self::Appointment => "appointment",
            Self::MeetingRequest => "meeting-request",
            Self::RecurringAppointment => "recurring-appointment",
            Self::Task => "task",
            Self::PhoneCall => "phone-call",
            Self::Letter => "letter",
            Self::Fax => "fax",
            Self::ServiceActivity => "service-activity",
            Self::Account => "account",
            Self::Lead => "lead",
            Self::Opportunity => "opportunity",
            Self::Case => "case",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind of the record that an Outlook item of this kind is saved as, unless the user picks another.
    #[inline(always)]
    #[must_use]
    pub fn record(self) -> Self {
        if self == Self::MeetingRequest { Self::Appointment } else { self }
    }

    /// Whether the kind lives in CRM only.
    #[inline(always)]
    pub fn is_crm_only(self) -> bool {
        self as u8 >= Self::Account as u8
    }

    /// Whether the kind is one of a calendar's.
    #[inline(always)]
    pub fn is_calendar(self) -> bool {
        match self {
            Self::Appointment | Self::MeetingRequest | Self::RecurringAppointment | Self::ServiceActivity => true,
            Self::Email
            | Self::Contact
            | Self::Task
            | Self::PhoneCall
            | Self::Letter
            | Self::Fax
            | Self::Account
            | Self::Lead
            | Self::Opportunity
            | Self::Case => false,
        }
    }

    /// Whether the kind is a task or one of the types a task may be tracked as.
    #[inline(always)]
    pub fn is_task_like(self) -> bool {
        (Self::Task as u8..=Self::Fax as u8).contains(&(self as u8))
    }
}

/// How a user's mailbox and the CRM are kept in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// Whether the user may delete records in CRM.
    pub may_delete: bool,
    /// What the user has set.
    pub options: Options,
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

    /// The same, one at a time.
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

/// Where somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In a browser: Outlook on the web, or the CRM web client.
    Web,
    /// At a computer.
    Computer(ComputerId),
}

/// The store somebody acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The mailbox of a user; of another than the one who acts, as a delegate.
    Outlook(UserId),
    /// The CRM.
    Crm,
}

/// What an edit changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// The title, to a token that no other edit of the plan writes (0 is what an item starts with).
    Title(u8),
    /// When it takes place or is due: an index into [`Setup::schedules`].
    When(u8),
}

/// How something is deleted. Outlook knows three ways to delete an item. The documents speak of deleting and do not tell
/// them apart, so that each of them has the outcome of the row; an engine may tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deletion {
    /// The whole item, for good.
    Hard,
    /// The whole item, into Deleted Items; in Outlook only.
    Soft,
    /// The whole item, by moving it to a folder that is not synchronized; in Outlook only.
    Moved,
    /// One occurrence of a series.
    Occurrence(u8),
}

impl Deletion {
    /// The ways to delete a whole item in Outlook.
    pub const WHOLE: [Self; 3] = [Self::Hard, Self::Soft, Self::Moved];

    /// The occurrence that is deleted, where it is not the whole item.
    #[inline]
    pub fn occurrence(self) -> Option<u8> {
        match self {
            Self::Occurrence(n) => Some(n),
            Self::Hard | Self::Soft | Self::Moved => None,
        }
    }

    /// Whether CRM can delete so: it knows of no Deleted Items, and of no folders.
    #[inline]
    pub fn suits_crm(self) -> bool {
        match self {
            Self::Hard | Self::Occurrence(_) => true,
            Self::Soft | Self::Moved => false,
        }
    }

    /// The word of scenarios and of the adapter protocol; an occurrence has none.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Hard => Some("hard"),
            Self::Soft => Some("soft"),
            Self::Moved => Some("move"),
            Self::Occurrence(_) => None,
        }
    }

    /// The way of that name to delete a whole item.
    pub fn named(name: &str) -> Option<Self> {
        Self::WHOLE.into_iter().find(|how| how.name() == Some(name))
    }
}

/// A point inside a synchronization at which the computer crashes. Items are handled in order of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Crash {
    /// The item at which it happens: those before it are done, those after it untouched.
    pub at: ItemId,
    /// How far that item came.
    pub stage: Stage,
}

/// How far the synchronization of one item came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stage {
    /// All of it is done.
    Done,
    /// Nothing has been sent.
    BeforeUpload,
    /// The server has carried the change out; its acknowledgement has not arrived.
    BeforeAcknowledgement,
    /// The acknowledgement has arrived; the waiting change has not been erased locally.
    BeforeErase,
}

impl Stage {
    /// Every stage, in the order in which [`crate::decide::Decide::pick`] numbers them.
    pub const ALL: [Self; 4] = [Self::Done, Self::BeforeUpload, Self::BeforeAcknowledgement, Self::BeforeErase];
}

/// One thing that somebody does, or that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Who acts.
    pub by: UserId,
    /// Where.
    pub at: Place,
    /// What.
    pub op: Op,
}

/// What is done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the fields say what the operation is applied to, in the words of their types")]
pub enum Op {
    /// Creates an item that exists nowhere yet.
    Create { item: ItemId, side: Side },
    /// Changes an item.
    Edit { item: ItemId, side: Side, change: Change },
    /// Deletes an item, or one occurrence of a series.
    Delete { item: ItemId, side: Side, how: Deletion },
    /// Tracks a selection of items, as the record kind given or as what they are.
    Track { items: ItemSet, mailbox: UserId, record: Option<Kind> },
    /// Stops tracking a selection of items; `yes` is the answer, should a prompt appear.
    Untrack { items: ItemSet, mailbox: UserId, yes: bool },
    /// Sets the record that items are regarding.
    SetRegarding { items: ItemSet, side: Side, to: ItemId },
    /// Sets the account or contact that a contact belongs to.
    SetParent { item: ItemId, side: Side, to: ItemId },
    /// Completes an activity.
    Complete { item: ItemId, side: Side },
    /// Cancels an activity in CRM.
    Cancel { item: ItemId },
    /// Gives a record another owner.
    Assign { item: ItemId, to: UserId },
    /// Gives an appointment another organizer, in CRM.
    ChangeOrganizer { item: ItemId, to: UserId },
    /// Connects the computer to the servers.
    Connect,
    /// Cuts it off.
    Disconnect,
    /// Takes the CRM client offline.
    GoOffline { crash: Option<Crash> },
    /// Brings it online again.
    GoOnline { crash: Option<Crash> },
    /// Synchronizes the mailbox of the computer's user, if this is the synchronizing computer.
    Synchronize { crash: Option<Crash> },
    /// Lets the server synchronize a mailbox.
    ServerSynchronize { mailbox: UserId, crash: Option<Crash> },
    /// Makes the computer its user's synchronizing computer.
    ChooseSynchronizingComputer,
    /// Starts Outlook again after a crash.
    Restart,
    /// Lets time pass.
    Wait { seconds: Seconds },
    /// Synchronizes every mailbox that can be, again and again, until nothing changes.
    Settle,
}

impl Op {
    /// The crash inside the synchronization, if there is one.
    #[inline]
    pub fn crash(&self) -> Option<Crash> {
        if let Self::GoOffline { crash }
        | Self::GoOnline { crash }
        | Self::Synchronize { crash }
        | Self::ServerSynchronize { crash, .. } = *self
        {
            crash
        } else {
            None
        }
    }

    /// The side that the operation acts on, where it acts on one.
    #[inline]
    pub fn side(&self) -> Option<Side> {
        if let Self::Create { side, .. }
        | Self::Edit { side, .. }
        | Self::Delete { side, .. }
        | Self::SetRegarding { side, .. }
        | Self::SetParent { side, .. }
        | Self::Complete { side, .. } = *self
        {
            Some(side)
        } else if let Self::Track { mailbox, .. } | Self::Untrack { mailbox, .. } = *self {
            Some(Side::Outlook(mailbox))
        } else if let Self::Cancel { .. } | Self::Assign { .. } | Self::ChangeOrganizer { .. } = *self {
            Some(Side::Crm)
        } else {
            None
        }
    }

    /// The items that the operation names; `None` where it concerns all of them.
    #[inline]
    pub fn items(&self) -> Option<ItemSet> {
        match *self {
            Self::Create { item, .. }
            | Self::Edit { item, .. }
            | Self::Delete { item, .. }
            | Self::SetParent { item, .. }
            | Self::Complete { item, .. }
            | Self::Cancel { item }
            | Self::Assign { item, .. }
            | Self::ChangeOrganizer { item, .. } => Some(ItemSet::of(item)),
            Self::Track { items, .. } | Self::Untrack { items, .. } | Self::SetRegarding { items, .. } => Some(items),
            Self::ChooseSynchronizingComputer | Self::Restart | Self::Wait { .. } => Some(ItemSet::EMPTY),
            Self::Connect
            | Self::Disconnect
            | Self::GoOffline { .. }
            | Self::GoOnline { .. }
            | Self::Synchronize { .. }
            | Self::ServerSynchronize { .. }
            | Self::Settle => None,
        }
    }
}

/// What things are called. Only the edges (scenarios, reports, adapters) look at names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The users, by id.
    pub users: Vec<String>,
    /// The computers, by id.
    pub computers: Vec<String>,
    /// The items, by id.
    pub items: Vec<String>,
}

impl Names {
    /// Names for a setup that has none: `user-1`, `computer-1`, `contact-1`, …
    pub fn invented(setup: &Setup) -> Self {
        let number = |word: &str, count: usize| (1..=count).map(|n| format!("{word}-{n}")).collect();
        Self {
            users: number("user", setup.users.len()),
            computers: number("computer", setup.computers.len()),
            items: setup
                .items
                .iter()
                .zip(1..)
                .map(|(item, n): (_, usize)| format!("{}-{n}", item.kind.name()))
                .collect(),
        }
    }

    /// The name of a user.
    pub fn user(&self, id: UserId) -> &str {
        &self.users[id.index()]
    }

    /// The name of a computer.
    pub fn computer(&self, id: ComputerId) -> &str {
        &self.computers[id.index()]
    }

    /// The name of an item.
    pub fn item(&self, id: ItemId) -> &str {
        &self.items[id.index()]
    }
}

/// A starting world, the steps to take in it, and what things are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The starting world.
    pub setup: Setup,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What things are called.
    pub names: Names,
}
