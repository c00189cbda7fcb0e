//! An implementation under test that runs in a process of its own and speaks the adapter protocol.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tombstone_model::contract::implementation::{
    Answer, Description, EngineAccount, Implementation, ImplementationFailure, Testimony,
};
use tombstone_model::plan::{Effect, Op, Plan, Step};
use tombstone_model::verdict::Disturbed;
use tombstone_model::view::View;
use tombstone_model::words::counted;

use super::bounds;
use super::bystanders::Bystanders;
use super::deadlines::{self, Deadline};
use super::fault::{AdapterFault, ResultRemedy, quote};
use super::process::{Launch, Process};
use super::protocol::{
    Applied, Apply, Blow, Call, CrashEngine, Error, Initialize, Introduction, LoseState, Observe, PROTOCOL_VERSION,
    Reset, Settle, Snapshot, StepAnswer, StepMessage, StoreEntry, Strike, result_definition,
};
use super::translate::{Dictionary, model_answer, model_capabilities, model_outcome};
use super::until::Until;
use super::validate;

/// How many cycles an implementation that cannot be stepped is given to come to rest.
const MOST_CYCLES: u32 = 5;

/// A vendor's program behind the adapter protocol.
///
/// After a [`AdapterFault`] the process is ended; steps then fail definitely, and the next `reset` starts a fresh one. So a crash
/// costs one case and not the run.
#[derive(Debug)]
pub struct ChildImplementation {
    launch: Launch,
    introduction: Introduction,
    description: Description,
    process: Option<Process>,
    /// Why there is no process.
    fault: Option<AdapterFault>,
    dictionary: Option<Dictionary>,
    bystanders: Bystanders,
    unknown: Vec<StoreEntry>,
    reports: Vec<EngineAccount>,
    /// When the engine may be edited again.
    editable: Option<Until>,
    /// What processes of it that have ended left behind.
    leaked: Vec<String>,
}

impl ChildImplementation {
    /// Starts the adapter and asks it who it is.
    ///
    /// # Errors
    /// Where it cannot be started or does not introduce itself.
    pub fn start(launch: Launch) -> Result<Self, AdapterFault> {
        let (process, introduction) = introduce(&launch)?;
        let description = Description {
            name: introduction.name.clone(),
            version: introduction.version.clone(),
            capabilities: model_capabilities(&introduction.capabilities),
        };
        Ok(Self {
            launch,
            introduction,
            description,
            process: Some(process),
            fault: None,
            dictionary: None,
            bystanders: Bystanders::default(),
            unknown: Vec::new(),
            reports: Vec::new(),
            editable: None,
            leaked: Vec::new(),
        })
    }

    /// What the adapter said of itself, in its own words.
    pub fn introduction(&self) -> &Introduction {
        &self.introduction
    }

    /// Takes several steps in one message; one answer a step.
    pub fn apply_batch(&mut self, steps: &[Step]) -> Vec<Answer> {
        if self.introduction.capabilities.min_edit_gap_ms == 0 {
            return self.apply_at_once(steps);
        }
        // The harness keeps the distance between edits, and inside a message it cannot.
        steps.iter().flat_map(|step| self.apply_at_once(std::slice::from_ref(step))).collect()
    }

    /// The entries of the last snapshot that are no item of the plan, in the order of the snapshot.
    pub fn unknown(&self) -> &[StoreEntry] {
        &self.unknown
    }

    /// What the engine said of its runs, since the last call: a second witness, never the verdict.
    pub fn take_reports(&mut self) -> Vec<EngineAccount> {
        std::mem::take(&mut self.reports)
    }

    /// The fault that ended the process, until a reset starts a fresh one.
    pub fn fault(&self) -> Option<&AdapterFault> {
        self.fault.as_ref()
    }

    /// Makes the engine forget what it remembers, on one computer or everywhere; no store is touched.
    pub fn lose_state(&mut self, computer: Option<&str>) -> Answer {
        let deadline = self.granted(&deadlines::LOSE_STATE);
        let computer = computer.map(str::to_owned);
        self.one_answer(Call::LoseState(LoseState { deadline_ms: milliseconds(deadline), computer }), deadline)
    }

    /// Starts a synchronization and kills the engine so long after.
    pub fn crash(&mut self, computer: Option<&str>, delay: Duration) -> Answer {
        let deadline = self.granted(&deadlines::CRASH) + delay;
        let computer = computer.map(str::to_owned);
        let crash = CrashEngine { deadline_ms: milliseconds(deadline), computer, delay_ms: milliseconds(delay) };
        self.one_answer(Call::Crash(crash), deadline)
    }

    /// Does something to a whole store, behind the engine's back.
    pub fn strike(&mut self, blow: Blow) -> Answer {
        let deadline = self.granted(&deadlines::STRIKE);
        self.one_answer(Call::Strike(Strike { deadline_ms: milliseconds(deadline), blow }), deadline)
    }

    /// Sets up a world given in the words of the protocol; [`Self::observe_all`] then shows it.
    ///
    /// # Errors
    /// As [`Implementation::reset`].
    pub fn reset_to(&mut self, mut world: Reset) -> Result<(), ImplementationFailure> {
        self.revive()?;
        self.dictionary = None;
        self.bystanders = Bystanders::default();
        let deadline = self.granted(&deadlines::RESET);
        world.deadline_ms = milliseconds(deadline);
        self.set_up(world, deadline)
    }

    /// Takes steps given in the words of the protocol, in one message; one answer a step. The distance that edits must
    /// have is kept between messages.
    pub fn take_all(&mut self, steps: Vec<StepMessage>) -> Vec<Answer> {
        let gap = Duration::from_millis(self.introduction.capabilities.min_edit_gap_ms);
        if let Some(editable) = self.editable.filter(|_| !gap.is_zero()) {
            thread::sleep(editable.left());
        }
        let answers = self.send_steps(steps);
        self.editable = Some(Until::after(gap));
        answers
    }

    /// Everything in every store.
    ///
    /// # Errors
    /// As [`Implementation::observe`].
    pub fn observe_all(&mut self) -> Result<Snapshot, ImplementationFailure> {
        let deadline = self.granted(&deadlines::OBSERVE);
        self.look(deadline)
    }

    fn look(&mut self, deadline: Duration) -> Result<Snapshot, ImplementationFailure> {
        let snapshot = self.ask(Call::Observe(Observe { deadline_ms: milliseconds(deadline) }), deadline);
        let snapshot: Snapshot = snapshot.map_err(|trouble| self.hurt(trouble.into()))?;
        let entries = snapshot.entries.len();
        if entries <= bounds::ENTRIES {
            return Ok(snapshot);
        }
        let why = format!("{entries} entries, and at most {} are read", bounds::ENTRIES);
        let (result, remedy) = ("(the entries)".to_owned(), ResultRemedy::Fewer);
        Err(self.broken(AdapterFault::WrongResult { method: "observe", why, result, remedy }))
    }

    /// What the last message took.
    pub fn took(&self) -> Duration {
        self.process.as_ref().map(Process::took).unwrap_or_default()
    }

    /// Messages and bytes of the process that runs now, both ways.
    pub fn traffic(&self) -> (u64, u64) {
        self.process.as_ref().map(Process::traffic).unwrap_or_default()
    }

    /// The slowest answer to each method of the process that runs now, and the deadline it was given.
    pub fn slowest(&self) -> BTreeMap<&'static str, (Duration, Duration)> {
        self.process.as_ref().map(|process| process.slowest().clone()).unwrap_or_default()
    }

    /// Closes the adapter's input without a word; it must end all the same.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub fn hang_up(mut self) -> Result<(), AdapterFault> {
        self.end_by(Process::hang_up)
    }

    /// Ends the adapter in good order.
    ///
    /// # Errors
    /// Where it does not end, or leaves processes behind.
    pub fn finish(mut self) -> Result<(), AdapterFault> {
        self.end_by(Process::finish)
    }

    /// Ends the process that runs, and says what is wrong with that; or else what earlier processes left behind.
    fn end_by(&mut self, end: fn(Process) -> Result<(), AdapterFault>) -> Result<(), AdapterFault> {
        self.process.take().map_or(Ok(()), end)?;
        let processes = std::mem::take(&mut self.leaked);
        if processes.is_empty() { Ok(()) } else { Err(AdapterFault::Leaked { processes }) }
    }

    /// Forgets the last world, and starts the adapter again if a fault has ended it.
    fn revive(&mut self) -> Result<(), ImplementationFailure> {
        self.launch.patience.begin().map_err(ImplementationFailure::definite)?;
        self.unknown.clear();
        self.reports.clear();
        self.editable = None;
        if self.process.is_none() {
            let (process, introduction) = introduce(&self.launch).map_err(|fault| self.broken(fault))?;
            if introduction != self.introduction {
                let (name, version) = (introduction.name, introduction.version);
                return Err(self.hurt(ImplementationFailure::definite(format!(
                    "started again, the adapter introduced itself as another one, {name} {version}, or with other capabilities\n\
                     help: let name, version and capabilities depend on nothing that changes while the harness runs"
                ))));
            }
            self.process = Some(process);
            self.fault = None;
        }
        Ok(())
    }

    /// How long is waited for the answer to a message.
    fn granted(&self, deadline: &Deadline) -> Duration {
        deadline.granted(self.launch.limits, &self.introduction.capabilities.deadlines)
    }

    fn set_up(&mut self, reset: Reset, deadline: Duration) -> Result<(), ImplementationFailure> {
        let answer = self.ask(Call::Reset(reset), deadline).map_err(|trouble| self.hurt(trouble.into()))?;
        match bounds::answer(answer) {
            StepAnswer::Done { .. } => Ok(()),
            StepAnswer::Refused => {
                Err(self.hurt(ImplementationFailure::definite(
                    "the adapter refused this starting world\n\
                     help: a world that it cannot set up it answers with `unsupported` and a reason; steps are what is refused",
                )))
            }
            StepAnswer::Unsupported { reason } => {
                Err(ImplementationFailure::declined(format!("this starting world: {reason}")))
            }
            StepAnswer::Failed { definite, message } => {
                Err(self.hurt(ImplementationFailure { definite, declined: false, message: message.into() }))
            }
        }
    }

    /// Remembers that the case at hand broke.
    fn hurt(&self, failure: ImplementationFailure) -> ImplementationFailure {
        self.launch.patience.broke(&failure.message);
        failure
    }

    /// Takes the steps in one message, but for those that need what is not claimed: they are answered for the adapter, which
    /// never hears of them.
    fn apply_at_once(&mut self, steps: &[Step]) -> Vec<Answer> {
        let lacks = |step: &Step| {
            let setup = self.dictionary.as_ref().map(|dictionary| &dictionary.setup)?;
            let capabilities = &self.description.capabilities;
            let alone = step.op.verb().effect() == Effect::Synchronizes && capabilities.synchronizes_by_itself();
            let alone = alone.then_some("it synchronizes by itself");
            let lacks = capabilities.lacks_step(setup, step).map(|lacks| lacks.to_string());
            alone.map(str::to_owned).or(lacks).map(Answer::unsupported)
        };
        let declined: Vec<Option<Answer>> = steps.iter().map(lacks).collect();
        if declined.iter().all(Option::is_none) {
            return self.ask_for(steps);
        }
        let asked: Vec<Step> =
            steps.iter().zip(&declined).filter(|(_, no)| no.is_none()).map(|(step, _)| *step).collect();
        let mut answers = if asked.is_empty() { Vec::new() } else { self.ask_for(&asked) }.into_iter();
        let missing = || Answer::Failed(ImplementationFailure::indefinite("the adapter gave no answer"));
        declined.into_iter().map(|no| no.or_else(|| answers.next()).unwrap_or_else(missing)).collect()
    }

    fn ask_for(&mut self, steps: &[Step]) -> Vec<Answer> {
        let same = |answer: Answer| vec![answer; steps.len()];
        let Some(dictionary) = &mut self.dictionary else {
            return same(Answer::Failed(ImplementationFailure::definite(
                "no world has been set up: `reset` comes before `apply`",
            )));
        };
        steps.iter().for_each(|step| dictionary.remember(step));
        let translated: Option<Vec<_>> = steps.iter().map(|step| dictionary.step(step)).collect();
        let Some(translated) = translated else {
            return same(Answer::unsupported("settle is a method of its own, not a step of a batch"));
        };
        self.keep_distance(steps);
        let answers = self.send_steps(translated);
        steps.iter().zip(answers).map(|(step, answer)| self.answered(fitting(step, answer))).collect()
    }

    fn send_steps(&mut self, steps: Vec<StepMessage>) -> Vec<Answer> {
        let asked = steps.len();
        let same = |answer: Answer| vec![answer; asked];
        let wishes = &self.introduction.capabilities.deadlines;
        let deadline = deadlines::APPLY.granted_for(asked, self.launch.limits, wishes);
        let apply = Call::Apply(Apply { deadline_ms: milliseconds(deadline), steps });
        match self.ask::<Applied>(apply, deadline) {
            Ok(applied) if applied.answers.len() == asked => {
                applied.answers.into_iter().map(|answer| self.witness(answer)).collect()
            }
            Ok(applied) => {
                let fault = AdapterFault::WrongResult {
                    method: "apply",
                    why: format!(
                        "{} to {}",
                        counted(applied.answers.len() as u64, "answer"),
                        counted(asked as u64, "step")
                    ),
                    result: quote(serde_json::to_string(&applied).unwrap_or_default().as_bytes()),
                    remedy: ResultRemedy::EachStep,
                };
                same(Answer::Failed(self.broken(fault)))
            }
            Err(trouble) => same(self.answered(trouble.into())),
        }
    }

    /// The answer; one that breaks the case is remembered.
    fn answered(&self, answer: Answer) -> Answer {
        if let Answer::Failed(failure) = &answer {
            self.launch.patience.broke(&failure.message);
        }
        answer
    }

    fn keep_distance(&mut self, steps: &[Step]) {
        let gap = self.introduction.capabilities.min_edit_gap_ms;
        let edits = steps.iter().any(|step| matches!(step.op, Op::Edit { .. } | Op::Create { .. }));
        if gap == 0 || !edits {
            return;
        }
        if let Some(editable) = self.editable {
            thread::sleep(editable.left());
        }
        self.editable = Some(Until::after(Duration::from_millis(gap)));
    }

    fn one_answer(&mut self, call: Call, deadline: Duration) -> Answer {
        match self.ask(call, deadline) {
            Ok(answer) => self.witness(answer),
            Err(trouble) => self.answered(trouble.into()),
        }
    }

    fn witness(&mut self, answer: StepAnswer) -> Answer {
        let answer = bounds::answer(answer);
        if let StepAnswer::Done { report, outcome, .. } = &answer
            && (report.is_some() || outcome.is_some())
        {
            let words = report.clone().unwrap_or_default();
            self.reports.push(EngineAccount { outcome: outcome.map(model_outcome), words });
        }
        self.answered(model_answer(answer))
    }

    fn ask<T: DeserializeOwned>(&mut self, call: Call, deadline: Duration) -> Result<T, Trouble> {
        let (method, definition) = (call.method(), result_definition(&call));
        self.launch.meter.count(&call);
        let Some(process) = &mut self.process else {
            let why = self.fault.as_ref().map_or_else(|| "it was ended".to_owned(), ToString::to_string);
            return Err(ImplementationFailure::definite(format!("the adapter does not run, since {why}")).into());
        };
        match process.call(call, deadline) {
            Ok(Ok(result)) => validate::read(definition.unwrap_or_default(), &result)
                .map_err(|why| self.broken(AdapterFault::wrong(method, why, &result)).into()),
            Ok(Err(error)) if error.code == Error::NO_SUCH_METHOD => Err(Trouble::NoSuchMethod(method)),
            // The adapter answered in good order: it may go on.
            Ok(Err(error)) => Err(Trouble::Failure(error_answer(method, &error).into())),
            Err(fault) => Err(self.broken(fault).into()),
        }
    }

    fn broken(&mut self, fault: AdapterFault) -> ImplementationFailure {
        self.process = None;
        self.leaked.extend(fault.left_behind().iter().cloned());
        let failure = fault.clone().into();
        self.fault = Some(fault);
        self.hurt(failure)
    }
}

impl Implementation for ChildImplementation {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.dictionary = None;
        if let Some(lacks) = self.description.capabilities.lacks(&plan.setup) {
            return Err(ImplementationFailure::declined(format!("this starting world: {lacks}")));
        }
        self.revive()?;
        let dictionary = Dictionary::new(plan);
        let deadline = self.granted(&deadlines::RESET);
        let mut reset = dictionary.reset(milliseconds(deadline));
        self.bystanders = Bystanders::join(&mut reset, plan.setup.bystanders);
        self.dictionary = Some(dictionary);
        self.set_up(reset, deadline)?;
        if self.bystanders.are_there() {
            let mut snapshot = self.observe_all()?;
            self.bystanders.begin(&mut snapshot).map_err(ImplementationFailure::definite)?;
        }
        Ok(())
    }

    fn apply(&mut self, step: &Step) -> Answer {
        self.apply_at_once(std::slice::from_ref(step))
            .pop()
            .unwrap_or_else(|| Answer::Failed(ImplementationFailure::indefinite("the adapter gave no answer")))
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        let deadline = self.granted(&deadlines::OBSERVE);
        let mut snapshot = self.look(deadline)?;
        self.bystanders.look(&mut snapshot);
        let Some(dictionary) = &self.dictionary else {
            return Err(ImplementationFailure::definite("no world has been set up: `reset` comes before `observe`"));
        };
        self.unknown =
            dictionary.read(snapshot, view).map_err(|why| self.hurt(ImplementationFailure::indefinite(why)))?;
        Ok(())
    }

    fn is_program(&self) -> bool {
        true
    }

    fn beside(&mut self) -> Option<Result<(), Disturbed>> {
        self.bystanders.are_there().then(|| self.bystanders.disturbed().map_or(Ok(()), Err))
    }

    fn testify(&mut self) -> Testimony {
        let title = |entry: &StoreEntry| bounds::text(&entry.title, bounds::WORD);
        let word = |entry: &StoreEntry| format!("`{}`, a {}", title(entry), entry.kind.0.name());
        Testimony { unknown: self.unknown.iter().map(word).collect(), reports: self.take_reports() }
    }

    fn end(&mut self) -> Result<(), ImplementationFailure> {
        self.end_by(Process::finish).map_err(ImplementationFailure::from)
    }

    fn settle(&mut self) -> Answer {
        let deadline = self.granted(&deadlines::SETTLE);
        let settle = Settle { deadline_ms: milliseconds(deadline), most_cycles: MOST_CYCLES };
        self.one_answer(Call::Settle(settle), deadline)
    }
}

/// Why there is no result.
#[derive(Debug)]
enum Trouble {
    NoSuchMethod(&'static str),
    Failure(ImplementationFailure),
}

impl From<ImplementationFailure> for Trouble {
    fn from(failure: ImplementationFailure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Trouble> for Answer {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NoSuchMethod(method) => Self::unsupported(format!("the adapter has no method `{method}`")),
            Trouble::Failure(failure) => Self::Failed(failure),
        }
    }
}

impl From<Trouble> for ImplementationFailure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NoSuchMethod(method) => Self::definite(format!(
                "the adapter has no method `{method}`\nhelp: every adapter answers initialize, reset, apply, observe and shutdown"
            )),
            Trouble::Failure(failure) => failure,
        }
    }
}

fn introduce(launch: &Launch) -> Result<(Process, Introduction), AdapterFault> {
    let mut process = Process::start(launch)?;
    let deadline = deadlines::INITIALIZE.limit(launch.limits);
    let initialize = Initialize {
        protocol: PROTOCOL_VERSION,
        harness: env!("CARGO_PKG_VERSION").to_owned(),
        deadline_ms: milliseconds(deadline),
    };
    let answered = process.call(Call::Initialize(initialize), deadline)?;
    let result = answered.map_err(|error| error_answer("initialize", &error))?;
    if let Some(theirs) = result.get("protocol").and_then(Value::as_u64)
        && theirs != u64::from(PROTOCOL_VERSION)
    {
        let theirs = u32::try_from(theirs).unwrap_or(u32::MAX);
        return Err(AdapterFault::Version { theirs, ours: PROTOCOL_VERSION });
    }
    let wrong = |why| AdapterFault::wrong("initialize", why, &result);
    validate::check("Introduction", &result).map_err(wrong)?;
    let mut introduction: Introduction = validate::read("Introduction", &result).map_err(wrong)?;
    introduction.name = bounds::word(&introduction.name);
    introduction.version = bounds::word(&introduction.version);
    Ok((process, introduction))
}

fn error_answer(method: &'static str, error: &Error) -> AdapterFault {
    AdapterFault::Refused { method, message: bounds::text(&error.message, bounds::TEXT), code: error.code }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The answer, where it is one to such a step: options are what is seen of the dialog that shows them, and of nothing else.
fn fitting(step: &Step, answer: Answer) -> Answer {
    let why = match (step.op, &answer) {
        (Op::OpenOptions, Answer::Done { .. }) => {
            "`open-options` was answered without `options`, the list of what is offered\n\
             help: list under `options` what the dialog offers, and where it offers nothing an empty list; without such a dialog, \
             do not claim `open-options`"
        }
        (Op::OpenOptions, _) => return answer,
        (_, Answer::Offered(_)) => {
            "`options` belong to the answer to `open-options` only\nhelp: leave `options` out of the answers to other steps"
        }
        (_, _) => return answer,
    };
    Answer::Failed(ImplementationFailure::indefinite(why))
}
