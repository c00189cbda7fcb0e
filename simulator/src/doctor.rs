//! The doctor: examines an adapter by itself, and says in words what is wrong with it and what to do.
//!
//! It judges the adapter, not the product behind it: whether the protocol is spoken, what is claimed is true, a reset
//! resets, the same steps do the same, and the program ends. What becomes of a deletion is for the oracle.

use std::fmt;

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::implementation::{Answer, Capabilities, Clock, Failure, Implementation, Operation};
use tombstone_model::options::Options;
use tombstone_model::oracle::{Forecast, Oracle};
use tombstone_model::plan::{
    Change, ComputerSetup, Crash, ItemSetup, Kind, Method, Names, Op, Part, Place, Plan, Setup, Side, Stage, Step,
    UserSetup,
};
use tombstone_model::rules::Rules;
use tombstone_model::switches::Readings;
use tombstone_model::time::{Schedule, Zone};
use tombstone_model::view::{Field, Location, View};

use crate::adapter::process::Process;
use crate::adapter::protocol::{Call, Initialize, Observe, PROTOCOL_VERSION};
use crate::adapter::translate::Dictionary;
use crate::adapter::{ChildImplementation, Fault, Launch};

/// What the doctor found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// The name and version of the implementation, as it says itself.
    pub name: String,
    /// Whether it was started and introduced itself. If not, nothing else was looked at.
    pub started: bool,
    /// What was looked at, in order.
    pub checks: Vec<Checked>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What was looked at, as a short name.
    pub name: &'static str,
    /// What should hold, and what came of it.
    pub text: String,
    /// How it is.
    pub health: Health,
    /// What is wrong with it; nothing where it is well.
    pub complaints: Vec<Complaint>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// As it should be.
    Well,
    /// Not looked at.
    Skipped,
    /// Something is wrong.
    Ill,
}

/// Something that is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// What was seen, and why it is wrong.
    pub cause: String,
    /// What to do.
    pub remedy: String,
}

impl Complaint {
    fn new(cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { cause: cause.into(), remedy: remedy.into() }
    }

    fn of(text: &str) -> Self {
        match text.split_once("\nhelp: ") {
            Some((cause, remedy)) => Self::new(cause, remedy),
            None => Self::new(text, "the adapter's own log says more; `--transcript FILE` writes every message down"),
        }
    }
}

impl Examination {
    /// Whether anything is wrong.
    pub fn is_ill(&self) -> bool {
        !self.started || self.checks.iter().any(|check| check.health == Health::Ill)
    }

    /// Writes down what came of a process; a complaint that has been made is not made again.
    fn process(&mut self, name: &'static str, text: &str, result: Result<(), Fault>) {
        let complaint = result.err().map(|fault| Complaint::of(&fault.to_string()));
        let health = if complaint.is_some() { Health::Ill } else { Health::Well };
        let known = |complaint: &Complaint| self.checks.iter().any(|check| check.complaints.contains(complaint));
        let again = if complaint.as_ref().is_some_and(known) { " (as above)" } else { "" };
        let complaints = complaint.into_iter().filter(|complaint| !known(complaint)).collect();
        self.checks.push(Checked { name, text: format!("{text}{again}"), health, complaints });
    }

    /// Whether anything beyond the introduction was examined. Where nothing was, nothing can be said.
    pub fn decided(&self) -> bool {
        self.started && self.checks.iter().any(|check| check.name == CAPABILITIES && check.health != Health::Skipped)
    }
}

impl fmt::Display for Examination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.started {
            writeln!(f, "{}", self.name)?;
        }
        for Checked { name, text, health, complaints } in &self.checks {
            let symbol = match health {
                Health::Well => '✓',
                Health::Skipped => '–',
                Health::Ill => '✗',
            };
            writeln!(f, "  {symbol} {name}: {text}")?;
            for Complaint { cause, remedy } in complaints {
                let indented = |text: &str| text.replace('\n', "\n        ");
                writeln!(f, "      {}\n        help: {}", indented(cause), indented(remedy))?;
            }
        }
        Ok(())
    }
}

const START: &str = "start";
const CAPABILITIES: &str = "capabilities";

/// Examines the adapter that this starts. Every message is held against the schema.
pub fn examine(mut launch: Launch) -> Examination {
    launch.validate = true;
    let mut examination = Examination::default();
    let child = match ChildImplementation::start(launch.clone()) {
        Ok(child) => child,
        Err(fault) => {
            examination.checks.push(ill(
                START,
                "the program starts and introduces itself",
                vec![Complaint::of(&fault.to_string())],
            ));
            return examination;
        }
    };
    let description = child.describe();
    examination.name = format!("{} {}", description.name, description.version);
    examination.started = true;
    let mut doctor = Doctor { capabilities: description.capabilities.clone(), child, checks: Vec::new() };
    doctor.well(START, "the program starts and introduces itself");
    doctor.examine();
    let Doctor { child, checks, .. } = doctor;
    examination.checks = checks;
    let ending = "after `shutdown` it ends, and leaves no process behind";
    match child.fault() {
        None => examination.process("end", ending, child.finish()),
        Some(_) => examination.checks.push(Checked {
            name: "end",
            text: "was not looked at: the harness has ended it".to_owned(),
            health: Health::Skipped,
            complaints: Vec::new(),
        }),
    }
    if launch.socket.is_none() {
        let ids = "several requests under way are each answered under their own id";
        examination.process("ids", ids, pipeline(&launch));
        let result = ChildImplementation::start(launch).and_then(|mut child| {
            // Whatever a reset starts has to be ended as well. What is wrong with it has been said above.
            let _ = child.reset(&world(&child.describe().capabilities, Vec::new()));
            child.hang_up()
        });
        examination.process("end of input", "when its input ends without a word it ends as well", result);
    }
    examination
}

fn ill(name: &'static str, text: &str, complaints: Vec<Complaint>) -> Checked {
    Checked { name, text: text.to_owned(), health: Health::Ill, complaints }
}

/// Asks for several things at once, and waits for the last answer first.
fn pipeline(launch: &Launch) -> Result<(), Fault> {
    let mut process = Process::start(launch)?;
    let deadline = launch.limits.reset;
    let deadline_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
    let harness = env!("CARGO_PKG_VERSION").to_owned();
    let initialize = Initialize { protocol: PROTOCOL_VERSION, harness, deadline_ms };
    let mut ids = vec![process.send(Call::Initialize(initialize))?];
    let reset = Dictionary::new(&world(&Capabilities::ALL, Vec::new())).reset(deadline_ms);
    ids.push(process.send(Call::Reset(reset))?);
    for _ in 0..3 {
        ids.push(process.send(Call::Observe(Observe { deadline_ms }))?);
    }
    ids.iter().rev().try_for_each(|&id| process.receive(id, deadline).map(drop))?;
    // How it ends is looked at elsewhere.
    Ok(())
}

const USER: UserId = UserId(0);
const COMPUTER: ComputerId = ComputerId(0);

/// One user, one computer, and these items.
fn world(capabilities: &Capabilities, items: Vec<ItemSetup>) -> Plan {
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
        schedules: vec![
            Schedule::NONE,
            Schedule { start: 400 * day, end: 400 * day + 3600, every: 0, count: 1 },
            Schedule { start: 400 * day, end: 400 * day + 3600, every: 7 * day, count: 3 },
            Schedule { start: 400 * day, end: 400 * day, every: 0, count: 1 },
        ],
    };
    let names = Names::invented(&setup);
    Plan { setup, steps: Vec::new(), names }
}

/// An item of the kind that exists nowhere yet, far from now.
fn blank(kind: Kind) -> ItemSetup {
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
fn tracked(kind: Kind) -> ItemSetup {
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
fn trial(kind: Kind, operation: Operation, item: ItemId, other: ItemId) -> Option<(ItemSetup, Op)> {
    let (outlook, crm) = (Side::Outlook(USER), Side::Crm);
    let (setup, op) = match operation {
        Operation::CreateInOutlook => (blank(kind), Op::Create { item, side: outlook }),
        Operation::CreateInCrm => (blank(kind), Op::Create { item, side: crm }),
        Operation::EditInOutlook => (tracked(kind), Op::Edit { item, side: outlook, change: Change::Title(1) }),
        Operation::EditInCrm => (tracked(kind), Op::Edit { item, side: crm, change: Change::Title(1) }),
        Operation::DeleteInOutlook => (tracked(kind), Op::Delete { item, side: outlook, part: Part::Whole }),
        Operation::DeleteInCrm => (tracked(kind), Op::Delete { item, side: crm, part: Part::Whole }),
        Operation::DeleteOccurrenceInOutlook if kind == Kind::RecurringAppointment => {
            (tracked(kind), Op::Delete { item, side: outlook, part: Part::Occurrence(1) })
        }
        Operation::DeleteOccurrenceInCrm if kind == Kind::RecurringAppointment => {
            (tracked(kind), Op::Delete { item, side: crm, part: Part::Occurrence(1) })
        }
        Operation::Track => {
            let mut setup = blank(kind);
            setup.copies = UserSet::of(USER);
            (setup, Op::Track { items: ItemSet::of(item), mailbox: USER, record: None })
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
        | Operation::Wait
        | Operation::Delegate
        | Operation::Web => return None,
    };
    let wrong_side = kind.is_crm_only() && matches!(op.side(), Some(Side::Outlook(_)));
    (!wrong_side).then_some((setup, op))
}

/// Where somebody stands who takes this step.
fn taken(op: Op) -> Step {
    let at = match op.side() {
        Some(Side::Crm) => Place::Web,
        Some(Side::Outlook(_)) | None => Place::Computer(COMPUTER),
    };
    Step { by: USER, at, op }
}

struct Doctor {
    child: ChildImplementation,
    capabilities: Capabilities,
    checks: Vec<Checked>,
}

/// A check: its name, what should hold, and how it is looked at.
type Look = (&'static str, &'static str, fn(&mut Doctor) -> Found);

/// What a check gives: what is wrong, or that it could not be carried through.
type Found = Result<Vec<Complaint>, Failure>;

impl Doctor {
    fn examine(&mut self) {
        let mut kinds = Kind::ALL.into_iter().filter(|&kind| self.claims_something(kind));
        if kinds.next().is_none() && self.capabilities.operations.0 == 0 {
            let reset = self.child.reset(&world(&self.capabilities, Vec::new())).map(|()| Vec::new());
            self.note("reset", "an empty world can be set up", reset);
            let text = "it claims nothing, so that nothing could be examined; say in `capabilities` what it can do";
            self.skip(CAPABILITIES, text);
            return;
        }
        let checks: [Look; 7] = [
            ("reset", "after a reset the stores hold what was asked for and nothing else", Self::reset_is_faithful),
            (CAPABILITIES, "every operation that is claimed for a kind is there, and does what it says", Self::honesty),
            ("operations", "every other operation that is claimed is there", Self::general),
            ("forgetting", "a reset is total: nothing of the last world is left, and nothing waits", Self::forgetting),
            ("determinism", "the same steps, taken twice, leave the same behind", Self::determinism),
            (
                "identity",
                "items are known again in the other store, after an edit and a synchronization",
                Self::identity,
            ),
            ("clock", "the clock is what is claimed", Self::clock),
        ];
        for (name, text, check) in checks {
            let found = check(self);
            if found.is_err() && !self.note(name, text, found.clone()) {
                self.skip("the rest", "was not looked at: it would fail in the same way");
                return;
            }
            if found.is_ok() {
                self.note(name, text, found);
            }
        }
        self.deadlines();
    }

    /// Writes down what came of a check; false where the same failure has been written down before.
    fn note(&mut self, name: &'static str, text: &str, found: Found) -> bool {
        let complaints = match found {
            Ok(complaints) => complaints,
            Err(failure) => {
                let complaint = Complaint::of(&failure.message);
                if self.checks.iter().any(|check| check.complaints.contains(&complaint)) {
                    return false;
                }
                vec![complaint]
            }
        };
        let health = if complaints.is_empty() { Health::Well } else { Health::Ill };
        self.checks.push(Checked { name, text: text.to_owned(), health, complaints });
        true
    }

    fn well(&mut self, name: &'static str, text: &str) {
        self.note(name, text, Ok(Vec::new()));
    }

    fn skip(&mut self, name: &'static str, text: &str) {
        self.checks.push(Checked { name, text: text.to_owned(), health: Health::Skipped, complaints: Vec::new() });
    }

    fn claims_something(&self, kind: Kind) -> bool {
        self.capabilities.kinds[kind as usize].operations.0 != 0
    }

    fn claims(&self, kind: Kind, operation: Operation) -> bool {
        self.capabilities.kinds[kind as usize].operations.contains(operation)
    }

    fn sees(&self, kind: Kind, field: Field) -> bool {
        self.capabilities.fields(kind) & field.mask() != 0
    }

    /// Every kind that is claimed and lives in both stores.
    fn kinds(&self) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|&kind| self.claims_something(kind) && !kind.is_crm_only()).collect()
    }

    /// A tracked item of every kind.
    fn everything(&self) -> Plan {
        world(&self.capabilities, self.kinds().into_iter().map(tracked).collect())
    }

    fn reset(&mut self, plan: &Plan) -> Result<View, Failure> {
        self.child.reset(plan)?;
        self.observe(plan)
    }

    fn observe(&mut self, plan: &Plan) -> Result<View, Failure> {
        let mut view = View::new(&plan.setup);
        self.child.observe(&mut view)?;
        Ok(view)
    }

    /// Synchronizes once, where it can be told to.
    fn synchronize(&mut self) -> Result<(), Failure> {
        let operations = self.capabilities.operations;
        let answer = if operations.contains(Operation::Synchronize) {
            self.child.apply(&taken(Op::Synchronize { crash: None }))
        } else if operations.contains(Operation::ServerSynchronize) {
            self.child.apply(&Step {
                by: USER,
                at: Place::Web,
                op: Op::ServerSynchronize { mailbox: USER, crash: None },
            })
        } else {
            self.child.settle()
        };
        match answer {
            Answer::Failed(failure) => Err(failure),
            Answer::Unsupported(why) => Err(Failure::definite(format!(
                "it cannot be synchronized: {why}\nhelp: claim `synchronize` or `server-synchronize`, or answer `settle`"
            ))),
            Answer::Done { .. } | Answer::Refused => Ok(()),
        }
    }

    /// What the last snapshot held that is no item of the plan.
    fn unknown(&self) -> Vec<String> {
        self.child.unknown().iter().map(|entry| format!("`{}` ({})", entry.title, entry.kind.0.name())).collect()
    }

    fn reset_is_faithful(&mut self) -> Found {
        let plan = self.everything();
        let view = self.reset(&plan)?;
        let mut complaints = Vec::new();
        for (n, setup) in plan.setup.items.iter().enumerate() {
            let item = ItemId(n as u8);
            let places = [(Location::Crm, "in CRM"), (Location::Mailbox(USER), "in the mailbox")];
            for (location, place) in places {
                let word = view.get(item, location);
                let name = plan.names.item(item);
                if word.count() != 1 {
                    complaints.push(Complaint::new(
                        format!(
                            "after a reset that asked for the {} `{name} #0` once {place}, `observe` shows {} of it",
                            setup.kind.name(),
                            ["none", "one", "several"][usize::from(word.count().min(2))]
                        ),
                        "create every item as `reset` describes it, under its `title`, in each mailbox of `copies` and, with \
                         `in_crm`, in CRM; and list it in `observe`. If the kind cannot be kept, claim no operation on it",
                    ));
                } else if location != Location::Crm && self.sees(setup.kind, Field::Tracked) && !word.is_tracked() {
                    complaints.push(Complaint::new(
                        format!("`{name}` was to be tracked from the start, and `observe` shows it untracked"),
                        "link what `tracked` names, or do not claim the field `tracked`",
                    ));
                } else if self.sees(setup.kind, Field::When) && usize::from(word.when()) >= plan.setup.schedules.len() {
                    complaints.push(Complaint::new(
                        format!("the dates of `{name}` are none of those that `reset` named"),
                        "write and read instants with their offset from UTC, or do not claim the field `when`",
                    ));
                }
            }
        }
        Ok(complaints)
    }

    fn honesty(&mut self) -> Found {
        let mut complaints = Vec::new();
        for kind in Kind::ALL {
            if self.claims_something(kind) {
                complaints.extend(self.honesty_of(kind)?);
            }
        }
        Ok(complaints)
    }

    fn honesty_of(&mut self, kind: Kind) -> Found {
        let other = ItemId(0);
        let mut items = vec![tracked(Kind::Account)];
        let mut trials = Vec::new();
        for &operation in Operation::ALL.iter().filter(|&&operation| self.claims(kind, operation)) {
            let item = ItemId(items.len() as u8);
            if let Some((setup, op)) = trial(kind, operation, item, other) {
                items.push(setup);
                trials.push((operation, item, taken(op)));
            }
        }
        let plan = world(&self.capabilities, items);
        self.child.reset(&plan)?;
        let mut oracle = Oracle::new(Rules::documented(), &plan.setup, Readings::OPEN, &self.capabilities);
        trials.retain(|(_, _, step)| oracle.forecast(step) == Forecast::Possible);
        let steps: Vec<Step> = trials.iter().map(|(_, _, step)| *step).collect();
        let answers = if steps.is_empty() { Vec::new() } else { self.child.apply_batch(&steps) };
        let mut complaints = Vec::new();
        let mut done = Vec::new();
        for ((operation, item, step), answer) in trials.into_iter().zip(answers) {
            let claimed = format!("{} {}", kind.name(), operation.name());
            match answer {
                Answer::Done { .. } => done.push((claimed, item, step)),
                Answer::Refused => {}
                Answer::Unsupported(why) => complaints.push(Complaint::new(
                    format!("`{claimed}` is claimed, and answered with unsupported: {why}"),
                    format!("take `{}` out of the operations of `{}`, or carry it out", operation.name(), kind.name()),
                )),
                Answer::Failed(failure) if self.child.fault().is_some() => return Err(failure),
                Answer::Failed(failure) => complaints.push(Complaint::new(
                    format!("`{claimed}` failed in the simplest of worlds: {}", failure.message),
                    "find out why; what cannot be done for a reason known beforehand is `unsupported`, and not claimed",
                )),
            }
        }
        let view = self.observe(&plan)?;
        for (claimed, item, step) in done {
            let location = match step.op.side() {
                Some(Side::Outlook(user)) => Location::Mailbox(user),
                Some(Side::Crm) | None => Location::Crm,
            };
            let word = view.get(item, location);
            let seen = if matches!(step.op, Op::Create { .. }) && !word.is_present() {
                "it is not there"
            } else if matches!(step.op, Op::Edit { .. }) && self.sees(kind, Field::Title) && word.title() != 1 {
                "its title is not the new one"
            } else if matches!(step.op, Op::Delete { part: Part::Whole, .. }) && word.is_present() {
                "it is still there"
            } else {
                continue;
            };
            complaints.push(Complaint::new(
                format!("`{claimed}` was answered with done, and `observe` shows that {seen}"),
                "answer once the store has been changed, and let `observe` read that store; what is not done is `refused`, \
                 `unsupported` or `failed`",
            ));
        }
        Ok(complaints)
    }

    fn general(&mut self) -> Found {
        let plan = self.everything();
        self.child.reset(&plan)?;
        let crash = plan.setup.items.first().map(|_| Crash { at: ItemId(0), stage: Stage::BeforeUpload });
        let laptop = taken;
        let mut steps = vec![
            laptop(Op::Disconnect),
            laptop(Op::Connect),
            laptop(Op::GoOffline { crash: None }),
            laptop(Op::GoOnline { crash: None }),
            laptop(Op::Synchronize { crash: None }),
            Step { by: USER, at: Place::Web, op: Op::ServerSynchronize { mailbox: USER, crash: None } },
            laptop(Op::ChooseSynchronizingComputer),
            Step { by: USER, at: Place::Web, op: Op::Wait { seconds: 60 } },
        ];
        if self.capabilities.operations.contains(Operation::Crash) {
            steps.extend([laptop(Op::Synchronize { crash }), laptop(Op::Restart), laptop(Op::Connect)]);
        }
        let mut complaints = Vec::new();
        let server = plan.setup.users[0].method == Method::ServerSide;
        for step in steps {
            let other_method = match step.op {
                Op::Synchronize { .. } => server,
                Op::ServerSynchronize { .. } => !server,
                Op::Create { .. }
                | Op::Edit { .. }
                | Op::Delete { .. }
                | Op::Track { .. }
                | Op::Untrack { .. }
                | Op::SetRegarding { .. }
                | Op::SetParent { .. }
                | Op::Complete { .. }
                | Op::Cancel { .. }
                | Op::Assign { .. }
                | Op::ChangeOrganizer { .. }
                | Op::Connect
                | Op::Disconnect
                | Op::GoOffline { .. }
                | Op::GoOnline { .. }
                | Op::ChooseSynchronizingComputer
                | Op::Restart
                | Op::Wait { .. }
                | Op::Settle => false,
            };
            if other_method || self.capabilities.lacks_step(&plan.setup, &step).is_some() {
                continue;
            }
            let name =
                if step.op.crash().is_some() { "crash" } else { Operation::of(&step.op).map_or("", Operation::name) };
            match self.child.apply(&step) {
                Answer::Done { .. } | Answer::Refused => {}
                Answer::Unsupported(why) => complaints.push(Complaint::new(
                    format!("`{name}` is claimed, and answered with unsupported: {why}"),
                    format!("take `{name}` out of `operations`, or carry it out"),
                )),
                Answer::Failed(failure) if self.child.fault().is_some() => return Err(failure),
                Answer::Failed(failure) => complaints.push(Complaint::new(
                    format!("`{name}` failed in the simplest of worlds: {}", failure.message),
                    "find out why; what cannot be done for a reason known beforehand is `unsupported`, and not claimed",
                )),
            }
        }
        Ok(complaints)
    }

    /// Edits, deletions and a synchronization, as far as they are claimed; what was seen after each.
    fn routine(&mut self, plan: &Plan) -> Result<Vec<View>, Failure> {
        let mut views = vec![self.reset(plan)?];
        let edits = |side| move |item| Op::Edit { item, side, change: Change::Title(7) };
        let deletes = |side| move |item| Op::Delete { item, side, part: Part::Whole };
        let (outlook, crm) = (Side::Outlook(USER), Side::Crm);
        type Make = Box<dyn Fn(ItemId) -> Op>;
        let rounds: [(Operation, Make); 4] = [
            (Operation::EditInOutlook, Box::new(edits(outlook))),
            (Operation::EditInCrm, Box::new(edits(crm))),
            (Operation::DeleteInCrm, Box::new(deletes(crm))),
            (Operation::DeleteInOutlook, Box::new(deletes(outlook))),
        ];
        for (round, (operation, make)) in rounds.iter().enumerate() {
            let items =
                plan.setup.items.iter().zip(0u8..).filter(|(item, id)| {
                    usize::from(*id) % rounds.len() == round && self.claims(item.kind, *operation)
                });
            let steps: Vec<Step> = items.map(|(_, id)| taken(make(ItemId(id)))).collect();
            for answer in self.child.apply_batch(&steps) {
                if let Answer::Failed(failure) = answer {
                    return Err(failure);
                }
            }
            views.push(self.observe(plan)?);
            self.synchronize()?;
            views.push(self.observe(plan)?);
        }
        Ok(views)
    }

    fn forgetting(&mut self) -> Found {
        let plan = self.everything();
        let fresh = self.routine(&plan)?.swap_remove(0);
        // Something is left waiting on purpose.
        let waiting: Vec<Step> = plan
            .setup
            .items
            .iter()
            .zip(0u8..)
            .filter(|(item, _)| self.claims(item.kind, Operation::EditInOutlook))
            .map(|(_, id)| {
                let side = Side::Outlook(USER);
                taken(Op::Edit { item: ItemId(id), side, change: Change::Title(9) })
            })
            .collect();
        self.child.reset(&plan)?;
        if !waiting.is_empty() {
            self.child.apply_batch(&waiting);
        }
        let again = self.reset(&plan)?;
        let mut complaints = Vec::new();
        if again != fresh {
            complaints.push(Complaint::new(
                format!(
                    "reset to the same world as before, the stores hold something else: {}",
                    differences(&plan, &fresh, &again)
                ),
                "begin with fresh folders, mailboxes or tables at every `reset`, in both stores",
            ));
        }
        self.synchronize()?;
        self.synchronize()?;
        let after = self.observe(&plan)?;
        if after != again {
            complaints.push(Complaint::new(
                format!("synchronizing right after a reset changes something: {}", differences(&plan, &again, &after)),
                "let `reset` throw away what the engine remembers too, and run it once so that what is tracked is linked",
            ));
        }
        let mut other = self.everything();
        other.names.items.iter_mut().for_each(|name| name.push_str("-again"));
        self.reset(&other)?;
        let unknown = self.unknown();
        if !unknown.is_empty() {
            complaints.push(Complaint::new(
                format!(
                    "after a reset to another world, something of the last one is still there: {}",
                    unknown.join(", ")
                ),
                "begin with fresh folders, mailboxes or tables at every `reset`, in both stores",
            ));
        }
        Ok(complaints)
    }

    fn determinism(&mut self) -> Found {
        let plan = self.everything();
        let (first, second) = (self.routine(&plan)?, self.routine(&plan)?);
        let differing = first.iter().zip(&second).position(|(first, second)| first != second);
        Ok(differing
            .map(|at| {
                Complaint::new(
                    format!(
                        "the same steps after the same reset left something else behind the second time: {}",
                        differences(&plan, &first[at], &second[at])
                    ),
                    "wait until the engine has finished before answering; if it synchronizes when nobody asks, do not claim \
                     `stepped`; if edits must be apart for the engine to see both, say so under `min_edit_gap_ms`",
                )
            })
            .into_iter()
            .collect())
    }

    fn identity(&mut self) -> Found {
        let plan = self.everything();
        let mut complaints = Vec::new();
        for (operation, side, word) in
            [(Operation::EditInOutlook, Side::Outlook(USER), "in Outlook"), (Operation::EditInCrm, Side::Crm, "in CRM")]
        {
            self.child.reset(&plan)?;
            let mut edited = Vec::new();
            for (setup, id) in plan.setup.items.iter().zip(0u8..) {
                if self.claims(setup.kind, operation) {
                    edited.push(taken(Op::Edit { item: ItemId(id), side, change: Change::Title(3) }));
                }
            }
            if !edited.is_empty() {
                self.child.apply_batch(&edited);
            }
            self.synchronize()?;
            self.synchronize()?;
            let view = self.observe(&plan)?;
            let unknown = self.unknown();
            let lost = plan.setup.items.iter().zip(0u8..).filter(|(_, id)| {
                let item = ItemId(*id);
                !view.get(item, Location::Crm).is_present() || !view.get(item, Location::Mailbox(USER)).is_present()
            });
            let lost: Vec<&str> = lost.map(|(_, id)| plan.names.item(ItemId(id))).collect();
            if !unknown.is_empty() {
                complaints.push(Complaint::new(
                    format!(
                        "after edits {word} and a synchronization the snapshot holds what no title or address names: {}",
                        unknown.join(", ")
                    ),
                    "keep titles (`NAME #TOKEN`) and addresses as they are written, in both stores; where neither survives, \
                     say in the snapshot under `item` which item it is",
                ));
            }
            if !lost.is_empty() && !unknown.is_empty() {
                complaints.push(Complaint::new(
                    format!("and these are no longer known in both stores: {}", lost.join(", ")),
                    "an edit must keep the rest of the text of a title",
                ));
            }
        }
        Ok(complaints)
    }

    fn clock(&mut self) -> Found {
        let waits = self.capabilities.operations.contains(Operation::Wait);
        Ok(match (self.capabilities.clock, waits) {
            (Clock::Live, true) | (Clock::None | Clock::PerStart, false) => Vec::new(),
            (Clock::Live, false) => vec![Complaint::new(
                "the clock is claimed to be live, and `wait` is not claimed",
                "claim `wait` under `operations`, or say `per-start` or `none` under `clock`",
            )],
            (Clock::None | Clock::PerStart, true) => vec![Complaint::new(
                "`wait` is claimed, and the clock cannot be moved while the implementation runs",
                "say `live` under `clock`, or take `wait` out of `operations`",
            )],
        })
    }

    /// Whether answers come well within their deadlines.
    fn deadlines(&mut self) {
        let near = self.child.slowest().into_iter().filter(|(_, (took, deadline))| *took * 2 > *deadline);
        let complaints = near.map(|(method, (took, deadline))| {
            Complaint::new(
                format!(
                    "`{method}` took {:.1} s of the {:.1} s that it has",
                    took.as_secs_f64(),
                    deadline.as_secs_f64()
                ),
                "wish for a longer deadline under `capabilities.deadlines`, or be quicker: a busy machine is slower",
            )
        });
        let complaints = complaints.collect();
        self.note("deadlines", "every answer comes within half of its deadline", Ok(complaints));
    }
}

/// The first few items in which two views differ, and how.
fn differences(plan: &Plan, before: &View, after: &View) -> String {
    let stride = before.words().len() / plan.setup.items.len().max(1);
    let differing = before.words().iter().zip(after.words()).enumerate().filter(|(_, (a, b))| a != b);
    let text = differing.take(3).map(|(n, (a, b))| {
        let item = plan.names.item(ItemId((n / stride.max(1)) as u8));
        let location = before.location(n % stride.max(1));
        let fields: Vec<&str> = a.differing(*b, u64::MAX).map(Field::name).collect();
        let presence = match (a.is_present(), b.is_present()) {
            (true, false) => "gone".to_owned(),
            (false, true) => "new".to_owned(),
            (true, true) | (false, false) => format!("another {}", fields.join(", ")),
        };
        format!("{item} {}: {presence}", crate::words::place(plan, location))
    });
    text.collect::<Vec<_>>().join("; ")
}
