//! An implementation under test, as the harness sees it.

use std::fmt;

use crate::ids::{ItemId, ItemSet, UserId, UserSet};
use crate::plan::{ItemSetup, Kind, Method, Op, Part, Place, Plan, Right, Setup, Side, Step};
use crate::rules::OptionSet;
use crate::verdict::Disturbed;
use crate::view::{Field, View, Word};

pub use crate::plan::Operation;

/// The most rounds of synchronization until everything must be at rest. A change needs one round to reach the CRM, one
/// to reach every other mailbox, and one to show that nothing moves any more; the rest is for slow vendors.
pub const SETTLE_ROUNDS: usize = 5;

/// Anything that keeps mailboxes and a CRM in step: one of ours in process, or a vendor's behind an adapter.
pub trait Implementation {
    /// Who it is and what it can do.
    fn describe(&self) -> &Description;

    /// Throws everything away and starts in this world.
    ///
    /// # Errors
    /// Where the world could not be set up; the plan is then *broken*, never *diverging*.
    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure>;

    /// Takes one step. Never called with [`Op::Settle`]: the runner takes that apart, or calls [`Self::settle`].
    fn apply(&mut self, step: &Step) -> Answer;

    /// Writes what can now be seen into the view, which has the shape of the setup. Words never written are absent.
    ///
    /// # Errors
    /// Where the stores could not be read.
    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure>;

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
    fn end(&mut self) -> Result<(), ImplementationFailure> {
        Ok(())
    }
}

/// What an implementation says besides its answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Testimony {
    /// What the stores held, when last looked at, that is no item of the plan.
    pub unknown: Vec<String>,
    /// What the engine said of its runs, since it was last asked, in their order.
    pub reports: Vec<EngineAccount>,
}

/// What an engine said of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineAccount {
    /// How the run ended, where it was said.
    pub outcome: Option<EngineOutcome>,
    /// Its own words; nothing is read into them.
    pub words: String,
}

/// How a run of an engine ended, by its own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EngineOutcome {
    /// It says that it synchronized.
    Success,
    /// It says that something went wrong.
    Failure,
    /// It would not synchronize, to protect what there is: a safety stop.
    RefusedToSynchronize,
    /// It was killed before it ended.
    Killed,
}

impl EngineOutcome {
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

/// The answer to a step: exactly one of five.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done, and the user was asked whether to delete the record too, or was not.
    Done {
        /// Whether the prompt appeared.
        prompted: bool,
    },
    /// The dialog of the personal options was opened, and offered these.
    Offered(OptionSet),
    /// It was refused, as an impossible step should be; nothing may have changed.
    Refused,
    /// The implementation has no such operation; why.
    Unsupported(Box<str>),
    /// It went wrong.
    Failed(ImplementationFailure),
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
pub struct ImplementationFailure {
    /// Whether it is certain that nothing happened. Otherwise it may have.
    pub definite: bool,
    /// Whether it is no failure at all, but the implementation said that it has no such thing.
    pub declined: bool,
    /// What went wrong, and the remedy where one is known.
    pub message: Box<str>,
}

impl ImplementationFailure {
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

/// A set of operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operations(pub u64);

impl Operations {
    /// Every operation.
    pub const ALL: Self = Self((1 << Operation::ALL.len()) - 1);

    /// The set with one more.
    #[must_use]
    pub fn with(self, operation: Operation) -> Self {
        Self(self.0 | 1 << operation as u8)
    }

    /// The set without one.
    #[must_use]
    pub fn without(self, operation: Operation) -> Self {
        Self(self.0 & !(1 << operation as u8))
    }

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

/// What an implementation can do with one kind of item. A kind is *claimed* where it is named among the kinds, whatever stands
/// behind the name: [`Capabilities::knows`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindCapabilities {
    /// The operations on items of this kind.
    pub operations: Operations,
    /// The fields that can be seen, as bits of a [`Word`]; the oracle looks at no others. How many there are is seen of every
    /// kind that is claimed.
    pub fields: u64,
}

impl KindCapabilities {
    /// Everything.
    pub const ALL: Self = Self { operations: Operations::ALL, fields: u64::MAX };
    /// Nothing: the kind is not claimed.
    pub const NONE: Self = Self { operations: Operations(0), fields: 0 };
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
    /// Whether it knows roles: items that are not all of one user, who owns, organizes and alone attends them, assigned ones,
    /// and users who may not delete.
    pub roles: bool,
    /// Whether it knows users who may not create records in CRM, or may not change them.
    pub rights: bool,
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
        rights: true,
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

    /// Whether a kind is claimed. There is no other meaning of a known kind: what is not claimed is never set up, asked for
    /// or looked at; what is claimed can be set up and is shown, even where no operation on it is claimed.
    pub fn knows(&self, kind: Kind) -> bool {
        self.kinds[kind as usize].fields != 0
    }

    /// Whether plain items of a kind can be set up: the kind is claimed, and so are that of its record and, of a series, its
    /// dates.
    pub fn holds(&self, kind: Kind) -> bool {
        let dated = kind != Kind::RecurringAppointment || self.fields(kind) & Field::When.mask() != 0;
        self.knows(kind) && self.knows(kind.record()) && dated
    }

    /// Takes out of an item what needs a capability that is missing, as far as its kind allows.
    pub fn suit(&self, item: &mut ItemSetup) {
        if !self.knows(item.record) {
            item.record = item.kind.record();
        }
        let plain = ItemSetup::new(item.kind, item.owner);
        for field in self.special(item) {
            match field {
                Special::When => item.when = plain.when,
                Special::Status => item.status = plain.status,
                Special::Exceptions => item.exceptions = plain.exceptions,
                Special::Regarding => item.regarding = plain.regarding,
                Special::Parent => item.parent = plain.parent,
            }
        }
        if !self.roles {
            let own = UserSet::of(item.owner);
            for set in [&mut item.copies, &mut item.tracked, &mut item.required] {
                set.0 &= own.0;
            }
            (item.organizer, item.optional, item.assigned) = (plain.organizer, UserSet::EMPTY, false);
        }
    }

    /// What is special about an item, of its fields, and is not claimed.
    fn special(&self, item: &ItemSetup) -> impl Iterator<Item = Special> + use<> {
        let plain = ItemSetup::new(item.kind, item.owner);
        let fields = self.fields(item.kind);
        let special = [
            (Special::When, item.when != plain.when),
            (Special::Status, item.status != plain.status),
            (Special::Exceptions, item.exceptions != plain.exceptions),
            (Special::Regarding, item.regarding != plain.regarding),
            (Special::Parent, item.parent != plain.parent),
        ];
        let missing =
            move |(special, has): (Special, bool)| (has && fields & special.field().mask() == 0).then_some(special);
        special.into_iter().filter_map(missing)
    }

    /// The first capability that is missing for a world, if one is.
    pub fn lacks(&self, setup: &Setup) -> Option<Lack> {
        self.lacking(setup).next()
    }

    /// Every capability that is missing for a world.
    pub fn lacking(&self, setup: &Setup) -> impl Iterator<Item = Lack> {
        let mut of_user = setup.computers.iter().map(|computer| computer.user).collect::<Vec<_>>();
        of_user.sort_unstable();
        let several = of_user.windows(2).any(|pair| pair[0] == pair[1]);
        let delegated = setup.users.iter().any(|user| user.delegates != UserSet::EMPTY);
        let barred = |right| setup.users.iter().any(|user| !user.rights.may(right));
        let people = [
            (!self.users && setup.users.len() > 1).then_some(Lack::Users),
            (!self.computers && several).then_some(Lack::Computers),
            (!self.roles && barred(Right::Delete)).then_some(Lack::Roles),
            (!self.rights && (barred(Right::Create) || barred(Right::Write))).then_some(Lack::Rights),
            (!self.operations.contains(Operation::Delegate) && delegated)
                .then_some(Lack::Operation(Operation::Delegate)),
        ];
        let methods = setup.users.iter().filter(|user| !self.synchronizes(user.method));
        let methods = methods.map(|user| Lack::Method(user.method));
        let items = setup.items.iter().flat_map(|item| {
            let unknown = [item.kind, item.record].into_iter().find(|&kind| !self.knows(kind));
            let others = (!self.roles && !is_of_its_owner(item)).then_some(Lack::Roles);
            // Of a kind that is not claimed, that is what is missing.
            let fields = self.special(item).filter(move |_| unknown.is_none());
            unknown.map(Lack::Kind).into_iter().chain(others).chain(fields.map(|it| Lack::Field(it.field())))
        });
        people.into_iter().flatten().chain(methods).chain(items)
    }

    /// The first capability that is missing for a step, if one is.
    pub fn lacks_step(&self, setup: &Setup, step: &Step) -> Option<Lack> {
        let mut first = None;
        self.each_lack_of_step(setup, step, &mut |lack| first = first.or(Some(lack)));
        first
    }

    /// Tells every capability that is missing for a step: the operation, and each parameter that it has.
    pub fn each_lack_of_step(&self, setup: &Setup, step: &Step, tell: &mut dyn FnMut(Lack)) {
        let Some(operation) = Operation::of(&step.op) else { return };
        let kind = |item: ItemId| setup.items[item.index()].kind;
        let items = step.op.items().unwrap_or(ItemSet::EMPTY);
        let of_each = |operation| items.iter().all(|it| self.kinds[kind(it) as usize].operations.contains(operation));
        let told = matches!(operation, Operation::Synchronize | Operation::ServerSynchronize);
        // Of a kind that is not claimed, that is what is missing.
        let unknown = items.iter().map(kind).find(|&kind| !self.knows(kind));
        if let Some(kind) = unknown {
            tell(Lack::Kind(kind));
        }
        let mut need = |has: bool, operation: Operation| {
            if !has {
                tell(Lack::Operation(operation));
            }
        };
        let general = |operation| self.operations.contains(operation);
        let own = if items.is_empty() { general(operation) } else { unknown.is_some() || of_each(operation) };
        need(own || told && self.synchronizes_by_itself(), operation);
        if let Some(Side::Outlook(mailbox)) = step.op.side() {
            need(mailbox == step.by || general(Operation::Delegate), Operation::Delegate);
            need(step.at != Place::Web || general(Operation::Web), Operation::Web);
            // In a browser nobody is asked.
            let asks = matches!(step.op, Op::Untrack { .. }) && step.at != Place::Web;
            need(!asks || unknown.is_some() || of_each(Operation::UntrackAnswer), Operation::UntrackAnswer);
        }
        need(items.len() < 2 || general(Operation::Several), Operation::Several);
        let owner = |item: ItemId| setup.items[item.index()].owner;
        let apart = |user: UserId| !self.roles && items.iter().any(|item| owner(item) != user);
        let made = matches!(step.op, Op::Create { .. }).then_some(step.by);
        let whose = match step.op.side() {
            Some(Side::Outlook(mailbox)) => Some(mailbox),
            Some(Side::Crm) | None => made,
        };
        let mut others = whose.is_some_and(apart);
        if step.op.crash().is_some() {
            // Of one that synchronizes by itself nobody can say where it is when it crashes.
            let crashes = general(Operation::Crash) && !self.synchronizes_by_itself();
            need(crashes, Operation::Crash);
            need(!self.synchronizes_by_itself(), operation);
            need(!crashes || general(Operation::CrashStage), Operation::CrashStage);
            let one = setup.bystanders == 0 && setup.items.iter().filter(|item| !item.kind.is_crm_only()).count() < 2;
            need(!crashes || one || general(Operation::CrashItem), Operation::CrashItem);
        }
        step.op.each(|_, part| {
            if let Part::Change(change) = part {
                let field = change.field();
                if unknown.is_none() && items.iter().any(|it| self.fields(kind(it)) & field.mask() == 0) {
                    tell(Lack::Field(field));
                }
            } else if let Part::Other(to) = part
                && !self.knows(kind(to))
            {
                tell(Lack::Kind(kind(to)));
            } else if let Part::Record(Some(record)) = part
                && !self.knows(record)
            {
                tell(Lack::Kind(record));
            } else if let Part::User(user) = part {
                others |= apart(user);
            }
        });
        if others {
            tell(Lack::Roles);
        }
    }
}

/// Whether an item has to do with nobody but its owner.
fn is_of_its_owner(item: &ItemSetup) -> bool {
    let own = UserSet::of(item.owner);
    let only = |set: UserSet| set.0 & !own.0 == 0;
    let organized = item.organizer == ItemSetup::new(item.kind, item.owner).organizer;
    organized
        && [item.copies, item.tracked, item.required].into_iter().all(only)
        && item.optional == UserSet::EMPTY
        && !item.assigned
}

/// What can be special about an item at the start, of its fields: by all of it the documents decide, or it is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Special {
    When,
    Status,
    Exceptions,
    Regarding,
    Parent,
}

impl Special {
    const fn field(self) -> Field {
        match self {
            Self::When => Field::When,
            Self::Status => Field::Status,
            Self::Exceptions => Field::Exceptions,
            Self::Regarding => Field::Regarding,
            Self::Parent => Field::Parent,
        }
    }
}

/// A capability that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lack {
    /// Several users.
    Users,
    /// Several computers of one user.
    Computers,
    /// Owners, organizers and attendees other than the user, and users who may not delete.
    Roles,
    /// Users who may not create records in CRM, or may not change them.
    Rights,
    /// Synchronizing by a method.
    Method(Method),
    /// Items of a kind.
    Kind(Kind),
    /// An operation, or a parameter of one.
    Operation(Operation),
    /// A field that an edit changes, or that is special about an item.
    Field(Field),
}

impl Lack {
    /// The capability, as the adapter protocol calls it.
    pub fn capability(self) -> String {
        let name = match self {
            Self::Users => "users",
            Self::Computers => "computers",
            Self::Roles => "roles",
            Self::Rights => "rights",
            Self::Method(Method::OutlookClient) => Operation::Synchronize.name(),
            Self::Method(Method::ServerSide) => Operation::ServerSynchronize.name(),
            Self::Kind(kind) => kind.name(),
            Self::Operation(operation) => operation.name(),
            Self::Field(field) => return format!("field {}", field.name()),
        };
        name.to_owned()
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Users => f.write_str("several users"),
            Self::Computers => f.write_str("several computers of one user"),
            Self::Roles => f.write_str("owners and organizers other than the user"),
            Self::Rights => f.write_str("users who may not create or change records"),
            Self::Method(_) => write!(f, "a user whose mailbox needs `{}`", self.capability()),
            Self::Kind(kind) => write!(f, "items of kind {}", kind.name()),
            Self::Operation(operation) => f.write_str(operation.name()),
            Self::Field(field) => write!(f, "the field {}", field.name()),
        }
    }
}

/// Blanks what an implementation cannot show, so that prediction and observation are compared on equal terms.
#[inline(always)]
#[must_use]
pub fn visible(word: Word, fields: u64) -> Word {
    Word(word.0 & fields)
}
