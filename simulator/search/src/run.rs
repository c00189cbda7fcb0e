//! Runs one plan against one implementation under the oracle's eyes. Running is the only impure act.

mod unsteady;

use std::sync::atomic::{AtomicUsize, Ordering};

use tombstone_model::contract::implementation::{
    Answer, Capabilities, Implementation, ImplementationFailure, SETTLE_ROUNDS,
};
use tombstone_model::contract::reset;
use tombstone_model::ids::UserId;
use tombstone_model::oracle::{Forecast, Judgement, Met, Oracle, Statistics};
use tombstone_model::plan::{Method, Op, Place, Plan, Step};
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::rules::Rules;
use tombstone_model::trace::{TakenStep, Trace};
use tombstone_model::verdict::{Check, Divergence, Occasion, RunVerdict};
use tombstone_model::view::View;

/// What a run needs besides the plan.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The deletion table.
    pub rules: &'a Rules,
    /// The readings that the profile leaves open.
    pub readings: Readings,
    /// Whether a step that the implementation cannot take is skipped (random plans), rather than ending the run as
    /// unsupported (scenarios).
    pub skip_unsupported: bool,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The verdict.
    pub verdict: RunVerdict,
    /// How many steps the implementation took.
    pub steps: u64,
    /// The step of the plan at which the run ended early.
    pub ended_at: Option<usize>,
    /// The readings left at the end, or before the step that nothing explains.
    pub readings: Readings,
    /// How large the oracle's sets were.
    pub statistics: Statistics,
}

/// Runs a plan.
pub fn run(terms: Terms<'_>, plan: &Plan, implementation: &mut dyn Implementation) -> Run {
    Runner::new(terms, plan, implementation).run(plan, implementation, None)
}

/// Runs a plan and records what happened.
pub fn record(terms: Terms<'_>, plan: &Plan, implementation: &mut dyn Implementation) -> (Run, Trace) {
    let mut trace = Trace::default();
    let run = Runner::new(terms, plan, implementation).run(plan, implementation, Some(&mut trace));
    (run, trace)
}

/// Folds what was answered and seen into a digest, word by word (a multiply and rotate for each, as in FxHash).
fn fold(digest: u64, answer: &Answer, view: &View) -> u64 {
    let answer = match answer {
        Answer::Done { prompted: false } => 1,
        Answer::Done { prompted: true } => 2,
        Answer::Refused => 3,
        Answer::Unsupported(_) => 4,
        Answer::Failed(_) => 5,
        Answer::Offered(options) => 1 << 8 | u64::from(options.0),
    };
    let mix = |digest: u64, word: u64| (digest.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    view.words().iter().fold(mix(digest, answer), |digest, word| mix(digest, word.0))
}

/// The chain of digests of what was answered and seen, a link for each step taken.
pub fn digests(trace: &Trace) -> Vec<String> {
    let mut digest = 0;
    let taken = trace.moments.iter().filter_map(|moment| Some((moment.answer.as_ref()?, &moment.view)));
    let chain = taken.map(|(answer, view)| {
        digest = fold(digest, answer, view);
        format!("{digest:016x}")
    });
    chain.collect()
}

/// Runs plan after plan, keeping its memory.
#[derive(Clone, Debug)]
pub struct Runner<'a> {
    terms: Terms<'a>,
    oracle: Oracle<'a>,
    view: View,
    before: View,
    steps: u64,
    digest: u64,
    checked: Checked,
    /// Whether a computer has crashed in the plan at hand.
    crashed: bool,
    /// Whether the implementation at hand synchronizes by itself and cannot be told to.
    by_itself: bool,
    /// Whether one look at it may fall into the middle of something.
    unsteady: bool,
    /// Where the number of the step at hand is shown.
    progress: Option<&'a AtomicUsize>,
    /// What was left of the readings after the last step that was explained.
    left: Readings,
    /// Readings of a switch: once none of them is left, the run ends.
    stop_without: Option<(Switch, Values)>,
}

/// How often the checks beyond the deletion table had something to decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Steps judged, by every check that looks at each step.
    pub steps: u64,
    /// Steps at which a prompt could have appeared.
    pub prompts: u64,
    /// Steps after a crash in the same plan.
    pub crashes: u64,
    /// Times that synchronization came to rest.
    pub rests: u64,
    /// Steps beside bystanders that an implementation holds.
    pub beside: u64,
    /// Times that personal options were opened.
    pub dialogs: u64,
}

impl Checked {
    /// Both together.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            steps: self.steps + other.steps,
            prompts: self.prompts + other.prompts,
            crashes: self.crashes + other.crashes,
            rests: self.rests + other.rests,
            beside: self.beside + other.beside,
            dialogs: self.dialogs + other.dialogs,
        }
    }

    /// How often a check had something to decide.
    pub fn of(self, check: Check) -> u64 {
        match check.occasion() {
            Occasion::Row => 0,
            Occasion::Step => self.steps,
            Occasion::Prompt => self.prompts,
            Occasion::AfterCrash => self.crashes,
            Occasion::Rest => self.rests,
            Occasion::Beside => self.beside,
            Occasion::Dialog => self.dialogs,
        }
    }
}

/// How a step ended a run.
enum StepEnd {
    Verdict(RunVerdict),
}

fn is_synchronization(op: &Op) -> bool {
    matches!(op, Op::Synchronize { .. } | Op::ServerSynchronize { .. })
}

/// Whether the run goes on.
fn ended(judgement: Judgement) -> Result<(), StepEnd> {
    Err(StepEnd::Verdict(match judgement {
        Judgement::Explained => return Ok(()),
        Judgement::Diverges(divergence) => RunVerdict::Diverges(divergence),
        Judgement::Inconclusive(item) => {
            RunVerdict::Undecided(format!("more explanations of item {} than the oracle holds", item.0))
        }
    }))
}

impl<'a> Runner<'a> {
    /// What it runs plans on.
    pub fn terms(&self) -> Terms<'a> {
        self.terms
    }

    /// A runner for plans on this implementation.
    pub fn new(terms: Terms<'a>, plan: &Plan, implementation: &dyn Implementation) -> Self {
        let capabilities = &implementation.describe().capabilities;
        Self {
            terms,
            oracle: Oracle::new(terms.rules, &plan.setup, terms.readings, capabilities),
            view: View::default(),
            before: View::default(),
            steps: 0,
            digest: 0,
            checked: Checked::default(),
            crashed: false,
            by_itself: false,
            unsteady: false,
            progress: None,
            left: terms.readings,
            stop_without: None,
        }
    }

    /// From now on ends a run once none of these readings of a switch is left: as one that conforms, at that step.
    pub fn stop_without(&mut self, switch: Switch, readings: Values) {
        self.stop_without = Some((switch, readings));
    }

    /// From now on shows the number of the step of the plan that is being taken.
    pub fn show_progress(&mut self, progress: &'a AtomicUsize) {
        self.progress = Some(progress);
    }

    /// Which rows were met since the runner was made or this was last cleared.
    pub fn met(&mut self) -> &mut Met {
        self.oracle.met()
    }

    /// How often the checks had something to decide since the runner was made or this was last taken.
    pub fn take_checked(&mut self) -> Checked {
        std::mem::take(&mut self.checked)
    }

    /// A digest of everything that was answered and seen in the last run.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Runs a plan, and records it if asked to.
    pub fn run(&mut self, plan: &Plan, implementation: &mut dyn Implementation, mut trace: Option<&mut Trace>) -> Run {
        self.steps = 0;
        self.digest = 0;
        self.crashed = false;
        self.left = self.terms.readings;
        let capabilities = implementation.describe().capabilities.clone();
        self.by_itself = capabilities.synchronizes_by_itself();
        self.unsteady = !capabilities.stepped && implementation.is_program();
        // Asked once, not at every step.
        let able = capabilities == Capabilities::ALL;
        self.oracle.reset(&plan.setup, self.terms.readings, &capabilities);
        let before = self.oracle.statistics();
        let (users, slots) = (self.oracle.scene().users.len(), self.oracle.scene().slots.len());
        self.view.reset(users, slots, plan.setup.items.len());
        let mut ended_at = None;
        let verdict = match self.start(plan, implementation, &capabilities, trace.as_deref_mut()) {
            Err(StepEnd::Verdict(verdict)) => verdict,
            Ok(()) => 'steps: {
                for (number, step) in plan.steps.iter().enumerate() {
                    if let Some(progress) = self.progress {
                        progress.store(number, Ordering::Release);
                    }
                    let result = if let Op::Settle = step.op {
                        self.settle(number, implementation, trace.as_deref_mut())
                    } else {
                        if !able && let Some(lacks) = capabilities.lacks_step(&plan.setup, step) {
                            if self.terms.skip_unsupported {
                                continue;
                            }
                            ended_at = Some(number);
                            break 'steps RunVerdict::Unsupported(lacks.to_string());
                        }
                        self.take(number, step, implementation, trace.as_deref_mut())
                    };
                    if let Err(StepEnd::Verdict(verdict)) = result {
                        ended_at = Some(number);
                        break 'steps verdict;
                    }
                    if self.stop_without.is_some_and(|(switch, values)| self.left.of(switch).0 & values.0 == 0) {
                        ended_at = Some(number);
                        break;
                    }
                }
                if self.steps == 0 {
                    RunVerdict::Undecided("no step was possible".to_owned())
                } else {
                    RunVerdict::Conforms
                }
            }
        };
        let after = self.oracle.statistics();
        let statistics = Statistics {
            sets: after.sets - before.sets,
            explanations: after.explanations - before.explanations,
            largest: after.largest,
        };
        Run { verdict, steps: self.steps, ended_at, readings: self.left, statistics }
    }

    fn start(
        &mut self,
        plan: &Plan,
        implementation: &mut dyn Implementation,
        capabilities: &Capabilities,
        trace: Option<&mut Trace>,
    ) -> Result<(), StepEnd> {
        if let Some(lacks) = capabilities.lacks(&plan.setup) {
            return Err(StepEnd::Verdict(RunVerdict::Unsupported(lacks.to_string())));
        }
        let broken = |failure: ImplementationFailure| {
            let verdict = if failure.declined { RunVerdict::Unsupported } else { RunVerdict::Broken };
            StepEnd::Verdict(verdict(failure.message.into()))
        };
        implementation.reset(plan).map_err(broken)?;
        if trace.is_some() || implementation.is_program() {
            implementation.observe(&mut self.view).map_err(broken)?;
            reset::judged(plan, &self.oracle.misplaced(&self.view)).map_err(broken)?;
        }
        if let Some(trace) = trace {
            trace.start = self.view.clone();
        }
        Ok(())
    }

    /// Takes one step, unless it is impossible; tells whether it was done.
    fn take(
        &mut self,
        number: usize,
        step: &Step,
        implementation: &mut dyn Implementation,
        trace: Option<&mut Trace>,
    ) -> Result<bool, StepEnd> {
        let before = self.unsteady.then(|| self.oracle.clone());
        if self.oracle.forecast(step) == Forecast::Impossible {
            if let Some(trace) = trace {
                trace.moments.push(TakenStep { number, step: *step, answer: None, view: self.view.clone() });
            }
            return Ok(false);
        }
        let answer = if self.by_itself && is_synchronization(&step.op) {
            implementation.settle()
        } else {
            implementation.apply(step)
        };
        self.steps += 1;
        let failed = match &answer {
            Answer::Done { .. } | Answer::Offered(_) | Answer::Refused => None,
            Answer::Unsupported(_) if self.terms.skip_unsupported => return Ok(false),
            Answer::Unsupported(why) => Some(RunVerdict::Unsupported(why.to_string())),
            Answer::Failed(failure) => Some(RunVerdict::Broken(failure.message.to_string())),
        };
        let failed = failed.or_else(|| {
            implementation.observe(&mut self.view).err().map(|failure| RunVerdict::Broken(failure.message.into()))
        });
        self.digest = fold(self.digest, &answer, &self.view);
        let judgement = if failed.is_none() { self.oracle.judge(&answer, &self.view) } else { Judgement::Explained };
        let judgement = match before {
            Some(before) => self.confirm(judgement, &before, std::slice::from_ref(step), &answer, implementation)?,
            None => judgement,
        };
        let done = matches!(answer, Answer::Done { .. } | Answer::Offered(_));
        let beside = if failed.is_none() { implementation.beside() } else { None };
        if judgement == Judgement::Explained && failed.is_none() {
            self.left = self.oracle.readings();
            self.crashed |= step.op.crash().is_some();
            self.checked.steps += 1;
            self.checked.prompts += u64::from(matches!(step.op, Op::Untrack { .. }));
            self.checked.crashes += u64::from(self.crashed);
            self.checked.beside += u64::from(beside.is_some());
            self.checked.dialogs += u64::from(matches!(answer, Answer::Offered(_)));
        }
        if let Some(trace) = trace {
            trace.moments.push(TakenStep { number, step: *step, answer: Some(answer), view: self.view.clone() });
        }
        match (failed, beside) {
            (Some(verdict), _) => Err(StepEnd::Verdict(verdict)),
            (None, Some(Err(disturbed))) if judgement == Judgement::Explained => {
                let divergence =
                    Divergence { step: Some(*step), bystander: Some(disturbed), ..Divergence::of(Check::Bystander) };
                Err(StepEnd::Verdict(RunVerdict::Diverges(Box::new(divergence))))
            }
            (None, _) => ended(judgement).map(|()| done),
        }
    }

    /// Synchronizes every mailbox that can be, until a whole round changes nothing.
    fn settle(
        &mut self,
        number: usize,
        implementation: &mut dyn Implementation,
        mut trace: Option<&mut Trace>,
    ) -> Result<bool, StepEnd> {
        if self.by_itself {
            return self.settle_by_itself(number, implementation, trace);
        }
        for round in 0..SETTLE_ROUNDS {
            self.before.clone_from(&self.view);
            let mut synchronized = false;
            for user in (0..self.oracle.scene().users.len() as u8).map(UserId) {
                if let Some(step) = self.synchronization(user) {
                    synchronized |= self.take(number, &step, implementation, trace.as_deref_mut())?;
                }
            }
            if !synchronized {
                return Ok(false);
            }
            // The first round may look like rest only because nothing had been looked at before it.
            if round > 0 && self.before == self.view {
                self.checked.rests += 1;
                return Ok(true);
            }
        }
        Err(StepEnd::Verdict(RunVerdict::Diverges(Box::new(Divergence::of(Check::Unsettled)))))
    }

    /// The step that synchronizes a mailbox now, if it can be.
    fn synchronization(&self, user: UserId) -> Option<Step> {
        let (scene, context) = (self.oracle.scene(), self.oracle.context());
        if !context.can_synchronize(scene, user) {
            return None;
        }
        Some(match scene.method(user) {
            Method::ServerSide => {
                Step { by: user, at: Place::Web, op: Op::ServerSynchronize { mailbox: user, crash: None } }
            }
            Method::OutlookClient => {
                let computer = context.synchronizing[user.index()]?;
                Step { by: user, at: Place::Computer(computer), op: Op::Synchronize { crash: None } }
            }
        })
    }
}
