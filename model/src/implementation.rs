//! An implementation under test, as the harness sees it.

use crate::plan::{Deletion, Kind, Method, Op, Plan, Setup, Side, Step};
use crate::verdict::Disturbed;
use crate::view::{Field, View, Word};

/// Anything that keeps mailboxes and a CRM in step: one of ours in process, or a vendor's behind an adapter.
pub trait Implementation {
    /// Who it is and what it can do.
    fn describe(&self) -> &Description;

    /// Throws everything away and starts in this world.
    ///
    /// # Errors
    /// Where the world could not be set up; the plan is then *broken*, never *diverging*.
    fn reset(&mut self, plan: &Plan) -> Result<(), Failure>;

    /// Takes one step. Never called with [`Op::Settle`]: the runner takes that apart, or calls [`Self::settle`].
    fn apply(&mut self, step: &Step) -> Answer;

    /// Writes what can now be seen into the view, which has the shape of the setup. Words never written are absent.
    ///
    /// # Errors
    /// Where the stores could not be read.
    fn observe(&mut self, view: &mut View) -> Result<(), Failure>;

    /// Whether it is another program, whose starting world is held against the one that was asked for before anything is
    /// judged, and whose stores may be looked at in the middle of something. Ours are held to that by tests.
    fn is_program(&self) -> bool {
        false
    }

    /// Runs synchronization to rest, for an implementation that cannot be stepped.
    fn settle(&mut self) -> Answer {
        Answer::unsupported("settle")
    }

    /// What became of the items that no step spoke of ([`crate::plan::Setup::bystanders`]), when last looked at: nothing, or
    /// one is not what it was after the reset. None where it holds none.
    fn beside(&mut self) -> Option<Result<(), Disturbed>> {
        None
    }

    /// What it says besides its answers. Never the verdict: a second witness, and what no plan speaks of.
    fn testify(&mut self) -> Testimony {
        Testimony::default()
    }

    /// Ends it in good order.
    ///
    /// # Errors
    /// Where it does not end, or leaves something running.
    fn end(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

/// What an implementation says besides its answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Testimony {
    /// What the stores held, when last looked at, that is no item of the plan.
    pub unknown: Vec<String>,
    /// What the engine said of its runs, since it was last asked, in their order.
    pub reports: Vec<Told>,
}

/// What an engine said of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// How the run ended, where it was said.
    pub outcome: Option<Outcome>,
    /// Its own words; nothing is read into them.
    pub words: String,
}

/// How a run of an engine ended, by its own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It says that it synchronized.
    Success,
    /// It says that something went wrong.
    Failure,
    /// It would not synchronize, to protect what there is: a safety stop.
    RefusedToSynchronize,
    /// It was killed before it ended.
    Killed,
}

impl Outcome {
    /// The name in the adapter protocol.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::RefusedToSynchronize => "refused-to-synchronize",
            Self::Killed => "killed",
        }
    }
}

/// The answer to a step: exactly one of four.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done, and the user was asked whether to delete the record too, or was not.
    Done {
        /// Whether the prompt appeared.
        prompted: bool,
    },
    /// It was refused, as an impossible step should be; nothing may have changed.
    Refused,
    /// The implementation has no such operation; why.
    Unsupported(Box<str>),
    /// It went wrong.
    Failed(Failure),
}

impl Answer {
    /// Done, without a prompt.
    pub const DONE: Self = Self::Done { prompted: false };

    /// No such operation.
    pub fn unsupported(why: impl Into<Box<str>>) -> Self {
        Self::Unsupported(why.into())
    }
}

/// Something went wrong in an implementation or on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whether it is certain that nothing happened. Otherwise it may have.
    pub definite: bool,
    /// Whether it is no failure at all, but the implementation said that it has no such thing.
    pub declined: bool,
    /// What went wrong, and the remedy where one is known.
    pub message: Box<str>,
}

impl Failure {
    /// A failure after which it is unknown whether the step happened.
    pub fn indefinite(message: impl Into<Box<str>>) -> Self {
        Self { definite: false, declined: false, message: message.into() }
    }

    /// A failure after which it is certain that the step did not happen.
    pub fn definite(message: impl Into<Box<str>>) -> Self {
        Self { definite: true, declined: false, message: message.into() }
    }

    /// No failure: the implementation has no such thing, and said so.
    pub fn declined(why: impl Into<Box<str>>) -> Self {
        Self { definite: true, declined: true, message: why.into() }
    }
}

/// Who an implementation is and what it can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it can do.
    pub capabilities: Capabilities,
}

/// Control over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clock {
    /// None: the harness places items well before and well after now, and skips waits that would matter.
    None,
    /// The clock can be set when the implementation starts, not while it runs.
    PerStart,
    /// Time can be moved while it runs.
    Live,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $variant:ident $name:literal;)+) => {
        /// An operation as a capability: what is done, and on which side.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Operation { $($(#[$doc])* $variant),+ }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in reports and in the adapter protocol.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

operations! {
    /// Create in Outlook.
    CreateInOutlook "create-in-outlook";
    /// Create in CRM.
    CreateInCrm "create-in-crm";
    /// Edit in Outlook.
    EditInOutlook "edit-in-outlook";
    /// Edit in CRM.
    EditInCrm "edit-in-crm";
    /// Delete in Outlook.
    DeleteInOutlook "delete-in-outlook";
    /// Delete in Outlook, into Deleted Items.
    SoftDeleteInOutlook "soft-delete-in-outlook";
    /// Delete in Outlook, by moving it to a folder that is not synchronized.
    MoveAwayInOutlook "move-away-in-outlook";
    /// Delete in CRM.
    DeleteInCrm "delete-in-crm";
    /// Delete one occurrence in Outlook.
    DeleteOccurrenceInOutlook "delete-occurrence-in-outlook";
    /// Delete one occurrence in CRM.
    DeleteOccurrenceInCrm "delete-occurrence-in-crm";
    /// Track.
    Track "track";
    /// Untrack.
    Untrack "untrack";
    /// Set regarding, on either side.
    SetRegarding "set-regarding";
    /// Set parent, on either side.
    SetParent "set-parent";
    /// Complete in Outlook.
    CompleteInOutlook "complete-in-outlook";
    /// Complete in CRM.
    CompleteInCrm "complete-in-crm";
    /// Cancel in CRM.
    Cancel "cancel";
    /// Assign to another owner.
    Assign "assign";
    /// Change the organizer.
    ChangeOrganizer "change-organizer";
    /// Connect.
    Connect "connect";
    /// Disconnect.
    Disconnect "disconnect";
    /// Go offline.
    GoOffline "go-offline";
    /// Go online.
    GoOnline "go-online";
    /// Synchronize from a computer.
    Synchronize "synchronize";
    /// Synchronize from the server.
    ServerSynchronize "server-synchronize";
    /// Choose the synchronizing computer.
    ChooseSynchronizingComputer "choose-synchronizing-computer";
    /// Crash inside a synchronization, and restart.
    Crash "crash";
    /// Move time.
    Wait "wait";
    /// Act in somebody else's mailbox.
    Delegate "delegate";
    /// Act in a browser.
    Web "web";
}

impl Operation {
    /// The operation of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
    }

    /// The operation that a step calls for.
    pub fn of(op: &Op) -> Option<Self> {
        let by_side = |side: Side, outlook, crm| match side {
            Side::Outlook(_) => outlook,
            Side::Crm => crm,
        };
        Some(match *op {
            Op::Create { side, .. } => by_side(side, Self::CreateInOutlook, Self::CreateInCrm),
            Op::Edit { side, .. } => by_side(side, Self::EditInOutlook, Self::EditInCrm),
            Op::Delete { side, how, .. } => match how {
                Deletion::Hard => by_side(side, Self::DeleteInOutlook, Self::DeleteInCrm),
                Deletion::Soft => by_side(side, Self::SoftDeleteInOutlook, Self::DeleteInCrm),
                Deletion::Moved => by_side(side, Self::MoveAwayInOutlook, Self::DeleteInCrm),
                Deletion::Occurrence(_) => by_side(side, Self::DeleteOccurrenceInOutlook, Self::DeleteOccurrenceInCrm),
            },
            Op::Track { .. } => Self::Track,
            Op::Untrack { .. } => Self::Untrack,
            Op::SetRegarding { .. } => Self::SetRegarding,
            Op::SetParent { .. } => Self::SetParent,
            Op::Complete { side, .. } => by_side(side, Self::CompleteInOutlook, Self::CompleteInCrm),
            Op::Cancel { .. } => Self::Cancel,
            Op::Assign { .. } => Self::Assign,
            Op::ChangeOrganizer { .. } => Self::ChangeOrganizer,
            Op::Connect => Self::Connect,
            Op::Disconnect => Self::Disconnect,
            Op::GoOffline { .. } => Self::GoOffline,
            Op::GoOnline { .. } => Self::GoOnline,
            Op::Synchronize { .. } => Self::Synchronize,
            Op::ServerSynchronize { .. } => Self::ServerSynchronize,
            Op::ChooseSynchronizingComputer => Self::ChooseSynchronizingComputer,
            Op::Restart => Self::Crash,
            Op::Wait { .. } => Self::Wait,
            Op::Settle => return None,
        })
    }
}

/// A set of operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operations(pub u32);

impl Operations {
    /// Every operation.
    pub const ALL: Self = Self((1 << Operation::ALL.len()) - 1);

    /// Whether the operation is in the set.
    pub fn contains(self, operation: Operation) -> bool {
        self.0 >> operation as u8 & 1 != 0
    }
}

impl FromIterator<Operation> for Operations {
    fn from_iter<I: IntoIterator<Item = Operation>>(operations: I) -> Self {
        Self(operations.into_iter().fold(0, |set, operation| set | 1 << operation as u8))
    }
}

/// What an implementation can do with one kind of item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindCapabilities {
    /// The operations on items of this kind.
    pub operations: Operations,
    /// The fields that can be seen, as bits of a [`Word`]; the oracle looks at no others.
    pub fields: u64,
}

impl KindCapabilities {
    /// Everything.
    pub const ALL: Self = Self { operations: Operations::ALL, fields: u64::MAX };
    /// Nothing.
    pub const NONE: Self = Self { operations: Operations(0), fields: Field::Count.mask() };
}

/// What an implementation can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// By kind, in the order of [`Kind::ALL`].
    pub kinds: [KindCapabilities; Kind::ALL.len()],
    /// The operations that concern no item.
    pub operations: Operations,
    /// Control over time.
    pub clock: Clock,
    /// Whether it synchronizes when told to and at no other time. Otherwise the oracle conjectures synchronizations.
    pub stepped: bool,
    /// Whether it knows roles: owners other than the user who tracks, organizers, attendees.
    pub roles: bool,
    /// Whether it knows several users.
    pub users: bool,
    /// Whether it knows several computers of one user.
    pub computers: bool,
    /// Whether what a computer shows can be seen ([`crate::view::Location::Cache`]).
    pub caches: bool,
    /// Whether it says when a prompt appears.
    pub prompts: bool,
}

impl Capabilities {
    /// Everything.
    pub const ALL: Self = Self {
        kinds: [KindCapabilities::ALL; Kind::ALL.len()],
        operations: Operations::ALL,
        clock: Clock::Live,
        stepped: true,
        roles: true,
        users: true,
        computers: true,
        caches: true,
        prompts: true,
    };

    /// The fields of a kind that can be seen, as bits of a [`Word`].
    pub fn fields(&self, kind: Kind) -> u64 {
        self.kinds[kind as usize].fields | Field::Count.mask()
    }

    /// Whether mailboxes can be kept in step by this method.
    pub fn synchronizes(&self, method: Method) -> bool {
        let operation = match method {
            Method::OutlookClient => Operation::Synchronize,
            Method::ServerSide => Operation::ServerSynchronize,
        };
        self.synchronizes_by_itself() || self.operations.contains(operation)
    }

    /// Whether it synchronizes by itself and cannot be told to: a synchronization is then met by
    /// [`Implementation::settle`].
    pub fn synchronizes_by_itself(&self) -> bool {
        let told = [Operation::Synchronize, Operation::ServerSynchronize];
        !self.stepped && !told.into_iter().any(|operation| self.operations.contains(operation))
    }

    /// Why a world cannot be built, if it cannot.
    pub fn lacks(&self, setup: &Setup) -> Option<String> {
        let user = crate::ids::UserId(0);
        if setup.users.len() > 1 && !self.users {
            return Some("several users".to_owned());
        }
        let several =
            |user: &crate::plan::ComputerSetup| setup.computers.iter().filter(|c| c.user == user.user).count() > 1;
        if !self.computers && setup.computers.iter().any(several) {
            return Some("several computers of one user".to_owned());
        }
        for user in &setup.users {
            if !self.synchronizes(user.method) {
                let missing = match user.method {
                    Method::OutlookClient => Operation::Synchronize,
                    Method::ServerSide => Operation::ServerSynchronize,
                };
                return Some(format!("a user whose mailbox needs `{}`", missing.name()));
            }
        }
        for item in &setup.items {
            if self.kinds[item.kind as usize].operations.0 == 0 && !item.kind.is_crm_only() {
                return Some(format!("items of kind {}", item.kind.name()));
            }
            let own = item.owner == user && item.organizer.is_none_or(|organizer| organizer == user);
            if !self.roles && (!own || (item.kind.is_calendar() && item.organizer.is_none())) {
                return Some("owners and organizers other than the user".to_owned());
            }
        }
        None
    }

    /// Why a step cannot be taken, if it cannot.
    pub fn lacks_step(&self, setup: &Setup, step: &Step) -> Option<String> {
        let operation = Operation::of(&step.op)?;
        let items = step.op.items().filter(|items| !items.is_empty());
        let able = match items {
            Some(items) => items
                .iter()
                .all(|item| self.kinds[setup.items[item.index()].kind as usize].operations.contains(operation)),
            None => {
                let told = matches!(operation, Operation::Synchronize | Operation::ServerSynchronize);
                self.operations.contains(operation) || told && self.synchronizes_by_itself()
            }
        };
        if !able {
            return Some(operation.name().to_owned());
        }
        let delegate = matches!(step.op.side(), Some(Side::Outlook(mailbox)) if mailbox != step.by);
        if delegate && !self.operations.contains(Operation::Delegate) {
            return Some(Operation::Delegate.name().to_owned());
        }
        // Of one that synchronizes by itself nobody can say where it is when it crashes.
        let crashes = self.operations.contains(Operation::Crash) && !self.synchronizes_by_itself();
        if step.op.crash().is_some() && !crashes {
            return Some(Operation::Crash.name().to_owned());
        }
        None
    }
}

/// Blanks what an implementation cannot show, so that prediction and observation are compared on equal terms.
#[inline(always)]
#[must_use]
pub fn visible(word: Word, fields: u64) -> Word {
    Word(word.0 & fields)
}
