//! The doctor: examines an adapter by itself, and says in words what is wrong with it and what to do.
//!
//! It judges the adapter, not the product behind it: whether the protocol is spoken, what is claimed is true, a reset
//! resets, the same steps do the same, and the program ends. What becomes of a deletion is for the oracle.

mod claims;
mod proofs;
mod repeats;
mod trials;

use std::fmt;

use tombstone_model::contract::implementation::{
    Answer, Capabilities, Clock, Implementation, ImplementationFailure, Operation,
};
use tombstone_model::plan::{Kind, Op, Place, Plan, Step};
use tombstone_model::view::{Field, View};

use self::trials::{USER, taken, tracked, world};
use crate::process::Process;
use crate::protocol::{Call, Initialize, Observe, PROTOCOL_VERSION};
use crate::translate::Dictionary;
use crate::{AdapterFault, ChildImplementation, Launch};

/// What the doctor found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// The name and version of the implementation, as it says itself.
    pub name: String,
    /// Whether it was started and introduced itself. If not, nothing else was looked at.
    pub started: bool,
    /// What its capabilities are enough for, as whoever asked for the examination says it: a line, and what would add to it.
    pub enough: Vec<String>,
    /// What was looked at, in order.
    pub checks: Vec<Looked>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
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

    /// What a failure says, with its own remedy where it has one.
    fn of(text: &str) -> Self {
        Self::with_own(text, "the adapter's own log says more; `--transcript FILE` writes every message down")
    }

    /// The same, with this remedy where it has none.
    fn with_own(text: &str, otherwise: &str) -> Self {
        let (cause, remedy) = text.split_once("\nhelp: ").unwrap_or((text, otherwise));
        Self::new(cause, remedy)
    }

    /// Of a step that failed where nothing is in its way.
    fn of_step(name: &str, failure: &ImplementationFailure) -> Self {
        Self::with_own(
            &format!("`{name}` failed in the simplest of worlds: {}", failure.message),
            "find out why; what cannot be done for a reason known beforehand is `unsupported`, and not claimed",
        )
    }
}

impl Examination {
    /// What the implementation calls itself, with its version; nothing where it did not introduce itself.
    pub fn called(&self) -> Option<&str> {
        self.started.then_some(self.name.as_str()).filter(|name| !name.trim().is_empty())
    }

    /// Whether anything is wrong.
    pub fn is_ill(&self) -> bool {
        !self.started || self.checks.iter().any(|check| check.health == Health::Ill)
    }

    /// Whether anything beyond the introduction was examined. Where nothing was, nothing can be said.
    pub fn decided(&self) -> bool {
        self.started && self.checks.iter().any(|check| check.name == CAPABILITIES && check.health != Health::Skipped)
    }

    /// What stands before the checks.
    fn head(&self) -> String {
        if !self.started {
            return String::new();
        }
        let lines = self.enough.iter().enumerate();
        let lines: String = lines.map(|(n, line)| format!("{}{line}\n", if n == 0 { "  " } else { "    " })).collect();
        format!("{}\n{lines}", self.name)
    }
}

impl fmt::Display for Examination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.head())?;
        self.checks.iter().try_for_each(|check| check.fmt(f))
    }
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, text, health, complaints } = self;
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
        Ok(())
    }
}

/// What is written down, and told at once.
struct Sheet<'t> {
    examination: Examination,
    enough: &'t dyn Fn(&Capabilities) -> Vec<String>,
    tell: &'t mut dyn FnMut(&str),
}

impl Sheet<'_> {
    fn introduce(&mut self, name: String, capabilities: &Capabilities) {
        self.examination.name = name;
        self.examination.started = true;
        self.examination.enough = (self.enough)(capabilities);
        (self.tell)(&self.examination.head());
    }

    fn write(&mut self, checked: Looked) {
        (self.tell)(&checked.to_string());
        self.examination.checks.push(checked);
    }

    fn knows(&self, complaint: &Complaint) -> bool {
        self.examination.checks.iter().any(|check| check.complaints.contains(complaint))
    }

    /// Writes down what came of a process; a complaint that has been made is not made again.
    fn process(&mut self, name: &'static str, text: &str, result: Result<(), AdapterFault>) {
        let complaint = result.err().map(|fault| Complaint::of(&fault.to_string()));
        let health = if complaint.is_some() { Health::Ill } else { Health::Well };
        let known = |complaint: &Complaint| self.knows(complaint);
        let again = if complaint.as_ref().is_some_and(known) { " (as above)" } else { "" };
        let complaints = complaint.into_iter().filter(|complaint| !known(complaint)).collect();
        self.write(Looked { name, text: format!("{text}{again}"), health, complaints });
    }
}

const START: &str = "start";
const CAPABILITIES: &str = "capabilities";

/// Examines the adapter that this starts, and tells each part of what was found as soon as it is. Every message is held
/// against the schema. `enough` says what its capabilities are enough for.
pub fn examine(
    mut launch: Launch,
    enough: &dyn Fn(&Capabilities) -> Vec<String>,
    tell: &mut dyn FnMut(&str),
) -> Examination {
    launch.validate = true;
    let mut sheet = Sheet { examination: Examination::default(), enough, tell };
    let child = match ChildImplementation::start(launch.clone()) {
        Ok(child) => child,
        Err(fault) => {
            let complaints = vec![Complaint::of(&fault.to_string())];
            let text = "the program starts and introduces itself".to_owned();
            sheet.write(Looked { name: START, text, health: Health::Ill, complaints });
            return sheet.examination;
        }
    };
    let description = child.describe().clone();
    sheet.introduce(format!("{} {}", description.name, description.version), &description.capabilities);
    let mut doctor = Doctor { capabilities: description.capabilities, child, sheet };
    doctor.well(START, "the program starts and introduces itself");
    doctor.examine();
    let Doctor { child, capabilities, mut sheet } = doctor;
    let ending = "after `shutdown` it ends, and leaves no process behind";
    match child.fault() {
        None => sheet.process("end", ending, child.finish()),
        Some(_) => sheet.write(Looked {
            name: "end",
            text: "was not looked at: the harness has ended it".to_owned(),
            health: Health::Skipped,
            complaints: Vec::new(),
        }),
    }
    if launch.socket.is_none() {
        let ids = "several requests under way are each answered under their own id";
        sheet.process("ids", ids, pipeline(&launch, &capabilities));
        let result = ChildImplementation::start(launch).and_then(|mut child| {
            // Whatever a reset starts has to be ended as well. What is wrong with it has been said above.
            let _ = child.reset(&world(&capabilities, Vec::new()));
            child.hang_up()
        });
        sheet.process("end of input", "when its input ends without a word it ends as well", result);
    }
    sheet.examination
}

/// Asks for several things at once, and waits for the last answer first.
fn pipeline(launch: &Launch, capabilities: &Capabilities) -> Result<(), AdapterFault> {
    let mut process = Process::start(launch)?;
    let deadline = launch.limits.reset;
    let deadline_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
    let harness = env!("CARGO_PKG_VERSION").to_owned();
    let initialize = Initialize { protocol: PROTOCOL_VERSION, harness, deadline_ms };
    let mut ids = vec![process.send(Call::Initialize(initialize))?];
    let reset = Dictionary::new(&world(capabilities, Vec::new())).reset(deadline_ms);
    ids.push(process.send(Call::Reset(reset))?);
    for _ in 0..3 {
        ids.push(process.send(Call::Observe(Observe { deadline_ms }))?);
    }
    ids.iter().rev().try_for_each(|&id| process.receive(id, deadline).map(drop))?;
    // How it ends is looked at elsewhere.
    Ok(())
}

struct Doctor<'t> {
    child: ChildImplementation,
    capabilities: Capabilities,
    sheet: Sheet<'t>,
}

/// A check: its name, what should hold, and how it is looked at.
type Look<'t> = (&'static str, &'static str, fn(&mut Doctor<'t>) -> CheckResult);

/// What a check gives: what is wrong, or that it could not be carried through.
type CheckResult = Result<Vec<Complaint>, ImplementationFailure>;

impl<'t> Doctor<'t> {
    fn examine(&mut self) {
        let mut kinds = Kind::ALL.into_iter().filter(|&kind| self.capabilities.knows(kind));
        if kinds.next().is_none() && self.capabilities.operations.0 == 0 {
            let reset = self.child.reset(&world(&self.capabilities, Vec::new())).map(|()| Vec::new());
            self.note("reset", "an empty world can be set up", reset);
            let text = "it claims nothing, so that nothing could be examined; say in `capabilities` what it can do";
            self.skip(CAPABILITIES, text);
            return;
        }
        let checks: [Look<'t>; 9] = [
            ("reset", "after a reset the stores hold what was asked for and nothing else", Self::reset_is_faithful),
            (CAPABILITIES, "every operation that is claimed for a kind is there, and does what it says", Self::honesty),
            ("operations", "every other operation that is claimed is there", Self::general),
            ("difference", "whatever else is claimed makes a difference where the documents say so", Self::difference),
            ("forgetting", "a reset is total: nothing of the last world is left, and nothing waits", Self::forgetting),
            ("determinism", "the same steps, taken twice, leave the same behind", Self::determinism),
            (
                "identity",
                "items are known again in the other store, after an edit and a synchronization",
                Self::identity,
            ),
            (
                "edits",
                "an edit right after another is seen, or the distance that edits need is said",
                Self::edits_apart,
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
    fn note(&mut self, name: &'static str, text: &str, found: CheckResult) -> bool {
        let complaints = match found {
            Ok(complaints) => complaints,
            Err(failure) => {
                let complaint = Complaint::of(&failure.message);
                if self.sheet.knows(&complaint) {
                    return false;
                }
                vec![complaint]
            }
        };
        let health = if complaints.is_empty() { Health::Well } else { Health::Ill };
        self.sheet.write(Looked { name, text: text.to_owned(), health, complaints });
        true
    }

    fn well(&mut self, name: &'static str, text: &str) {
        self.note(name, text, Ok(Vec::new()));
    }

    fn skip(&mut self, name: &'static str, text: &str) {
        self.sheet.write(Looked { name, text: text.to_owned(), health: Health::Skipped, complaints: Vec::new() });
    }

    fn claims(&self, kind: Kind, operation: Operation) -> bool {
        self.capabilities.kinds[kind as usize].operations.contains(operation)
    }

    fn sees(&self, kind: Kind, field: Field) -> bool {
        self.capabilities.fields(kind) & field.mask() != 0
    }

    /// Every kind that can be set up and lives in both stores.
    fn kinds(&self) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|&kind| self.capabilities.holds(kind) && !kind.is_crm_only()).collect()
    }

    /// The kind of a record that items of a kind are set to be regarding, or to belong to.
    fn target(&self, of: Kind) -> Kind {
        [Kind::Account, Kind::Contact].into_iter().find(|&kind| self.capabilities.holds(kind)).unwrap_or(of)
    }

    /// A tracked item of every kind.
    fn everything(&self) -> Plan {
        world(&self.capabilities, self.kinds().into_iter().map(tracked).collect())
    }

    fn reset(&mut self, plan: &Plan) -> Result<View, ImplementationFailure> {
        self.child.reset(plan)?;
        self.observe(plan)
    }

    fn observe(&mut self, plan: &Plan) -> Result<View, ImplementationFailure> {
        let mut view = View::new(&plan.setup);
        self.child.observe(&mut view)?;
        Ok(view)
    }

    /// A reset, and what is there when it is at rest.
    fn start(&mut self, plan: &Plan) -> Result<View, ImplementationFailure> {
        self.child.reset(plan)?;
        self.rested(plan)
    }

    /// What is there now. Where it synchronizes when nobody asks, that is chance before it has come to rest.
    fn rested(&mut self, plan: &Plan) -> Result<View, ImplementationFailure> {
        if !self.capabilities.stepped {
            self.synchronize()?;
        }
        self.observe(plan)
    }

    /// Synchronizes once, where it can be told to and does so at no other time; otherwise to rest.
    fn synchronize(&mut self) -> Result<(), ImplementationFailure> {
        let operations = self.capabilities.operations;
        let stepped = self.capabilities.stepped;
        let answer = if stepped && operations.contains(Operation::Synchronize) {
            self.child.apply(&taken(Op::Synchronize { crash: None }))
        } else if stepped && operations.contains(Operation::ServerSynchronize) {
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
            Answer::Unsupported(why) => Err(ImplementationFailure::definite(format!(
                "it cannot be synchronized: {why}\nhelp: claim `synchronize` or `server-synchronize`, or answer `settle`"
            ))),
            Answer::Done { .. } | Answer::Offered(_) | Answer::Refused => Ok(()),
        }
    }

    /// What the last snapshot held that is no item of the plan.
    fn unknown(&self) -> Vec<String> {
        self.child.unknown().iter().map(|entry| format!("`{}` ({})", entry.title, entry.kind.0.name())).collect()
    }

    fn clock(&mut self) -> CheckResult {
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
