//! The docket: the plans that faulty implementations are tried with, prepared once for all of them.
//!
//! A fault in a row of the table shows only in plans that come to that row. So each plan is run on the reference first,
//! which tells the rows it reaches; faults of a table are then tried with those plans that reach theirs. Until a faulty
//! reference comes to its row it is the reference, so that hardly anything is lost by this: only where a step follows one
//! row of the deletion table after another for the same item is the first of them not noted.

use std::sync::{Arc, OnceLock};

use tombstone_campaign::campaign::{draw, redraw};
use tombstone_campaign::judge;
use tombstone_model::contract::implementation::{
    Answer, Capabilities, Description, Implementation, ImplementationFailure,
};
use tombstone_model::oracle::Met;
use tombstone_model::plan::{Names, Op, Plan, Step};
use tombstone_model::readings::decide::{Closed, Decide};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::reference::Reference;
use tombstone_model::rules::{FollowedRow, RuleId, Rules, TableId};
use tombstone_model::verdict::{Divergence, RunVerdict};
use tombstone_model::view::View;
use tombstone_scenarios::Scenario;
use tombstone_search::run::{Runner, Terms};

use super::fault::Fault;
use super::rows::followed;

/// What convicted a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conviction {
    /// The number of the plan: of the scenario in the suite, or of the random plan of the seed.
    pub number: u64,
    /// The plan.
    pub plan: Plan,
    /// How many steps a campaign takes until then, over all plans in their order.
    pub steps: u64,
    /// How many steps the faulty implementation took until then: fewer, where plans were passed over.
    pub taken: u64,
    /// What was found.
    pub divergence: Divergence,
    /// Whether it is what should have been found.
    pub expected: bool,
}

/// The terms that faults are tried on: those of the default profile.
pub fn terms() -> Terms<'static> {
    let readings = Profile::named(Profile::DEFAULT).map_or(Readings::OPEN, Profile::readings);
    Terms { rules: Rules::documented(), readings, skip_unsupported: true }
}

/// The rows that a plan reaches, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct ReachedRows([u128; TableId::ALL.len()]);

impl ReachedRows {
    fn with(mut self, RuleId { table, row }: RuleId) -> Self {
        self.0[table as usize] |= 1 << (row % 128);
        self
    }

    fn met(self, met: &Met, rules: &Rules) -> Self {
        rules.tables().flat_map(|table| met.rows(table)).fold(self, Self::with)
    }

    fn touches(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(a, b)| a & b != 0)
    }
}

/// What the reference made of a plan.
#[derive(Clone, Copy, Debug)]
struct KnownPlan {
    rows: ReachedRows,
    steps: u32,
}

/// How many random plans are run on the reference at a time, when a fault comes so far.
const BLOCK: u64 = 2048;

/// The plans that faults are tried with.
#[derive(Debug)]
pub struct Docket {
    suite: Vec<(Plan, KnownPlan)>,
    /// The suite's plans, synchronized by the server.
    served: Vec<Plan>,
    seed: u64,
    blocks: Vec<OnceLock<Vec<KnownPlan>>>,
}

impl Docket {
    /// Prepares the scenarios of the default profile, and up to so many random plans of a seed.
    pub fn new(scenarios: &[Scenario], seed: u64, plans: u64) -> Self {
        let own = scenarios.iter().filter(|it| it.profile.as_deref().is_none_or(|name| name == Profile::DEFAULT));
        let plans_of_suite: Vec<Plan> = own.map(|scenario| scenario.plan.clone()).collect();
        let served = plans_of_suite.iter().map(|plan| {
            let mut plan = plan.clone();
            judge::by_server(&mut plan);
            plan
        });
        let served = served.collect();
        let known = know(plans_of_suite.iter().cloned());
        let suite = plans_of_suite.into_iter().zip(known).collect();
        let blocks = (0..plans.div_ceil(BLOCK)).map(|_| OnceLock::new()).collect();
        Self { suite, served, seed, blocks }
    }

    /// Tries a fault with the suite and then with random plans, until something convicts it as it should. Where something
    /// else is found, and nothing better, that is what is returned.
    pub fn convict(&self, fault: &Fault, plans: u64) -> Option<Conviction> {
        let by_suite = self.by_suite(fault);
        let taken = by_suite.1;
        if by_suite.0.as_ref().is_some_and(|conviction| conviction.expected) {
            return by_suite.0;
        }
        let mut random = self.by_random(fault, plans);
        if let Some(conviction) = &mut random {
            conviction.taken += taken;
        }
        random.filter(|conviction| conviction.expected).or(by_suite.0)
    }

    /// Tries a fault with the suite; tells the steps it took as well.
    pub fn by_suite(&self, fault: &Fault) -> (Option<Conviction>, u64) {
        let mut stand = Stand::new(fault);
        let served = stand.by_server_only();
        let (mut steps, mut later) = (0, Vec::new());
        for (number, (plan, known)) in self.suite.iter().enumerate() {
            let before = steps;
            steps += u64::from(known.steps);
            if stand.concerns(known.rows) {
                let plan = if served { &self.served[number] } else { plan };
                if stand.try_plan(plan, number as u64, before) {
                    return stand.verdict();
                }
            } else {
                later.push((number, before));
            }
        }
        for (number, before) in later {
            if stand.try_plan(&self.suite[number].0, number as u64, before) {
                break;
            }
        }
        stand.verdict()
    }

    /// Tries a fault with random plans.
    pub fn by_random(&self, fault: &Fault, plans: u64) -> Option<Conviction> {
        let mut stand = Stand::new(fault);
        let capabilities = stand.implementation.describe().capabilities.clone();
        let mut plan = draw(self.seed, 0, &capabilities).0;
        if stand.rows.is_some() {
            let mut steps = 0;
            for index in 0..plans {
                let Some(known) = self.known(index) else { break };
                if stand.concerns(known.rows) {
                    redraw(self.seed, index, &capabilities, &mut plan);
                    if stand.try_plan(&plan, index, steps) {
                        break;
                    }
                }
                steps += u64::from(known.steps);
            }
            return stand.verdict().0;
        }
        for index in 0..plans {
            redraw(self.seed, index, &capabilities, &mut plan);
            let taken = stand.taken;
            if stand.try_plan(&plan, index, taken) {
                break;
            }
        }
        stand.verdict().0
    }

    /// What the reference made of a random plan.
    fn known(&self, index: u64) -> Option<KnownPlan> {
        let block = usize::try_from(index / BLOCK).ok()?;
        let known = self.blocks.get(block)?.get_or_init(|| {
            let first = index / BLOCK * BLOCK;
            know((first..first + BLOCK).map(|index| draw(self.seed, index, &Capabilities::ALL).0))
        });
        known.get((index % BLOCK) as usize).copied()
    }
}

/// Runs plans on the reference.
fn know(plans: impl Iterator<Item = Plan>) -> Vec<KnownPlan> {
    let terms = terms();
    let reference = Reference::new("reference", Arc::new(terms.rules.clone()), followed());
    let mut heard = HeardReference { reference, rows: ReachedRows::default() };
    let mut runner: Option<Runner<'_>> = None;
    let known = plans.map(|plan| {
        let runner = runner.get_or_insert_with(|| Runner::new(terms, &plan, &heard));
        runner.met().clear();
        let run = runner.run(&plan, &mut heard, None);
        KnownPlan { rows: heard.rows.met(runner.met(), terms.rules), steps: run.steps as u32 }
    });
    known.collect()
}

/// The reference, and the rows that it follows itself: the oracle tells those of one explanation of what it does.
struct HeardReference {
    reference: Reference,
    rows: ReachedRows,
}

/// Decides as the reference does, and hears the rows.
struct Hearing<'a> {
    closed: Closed,
    rows: &'a mut ReachedRows,
}

impl Decide for Hearing<'_> {
    fn holds(&mut self, switch: Switch, yes: Values) -> bool {
        self.closed.holds(switch, yes)
    }

    fn left(&self) -> Readings {
        self.closed.left()
    }

    fn follow(&mut self, row: FollowedRow) {
        *self.rows = self.rows.with(row.rule);
    }

    fn pick(&mut self, n: u8, planned: u8) -> u8 {
        self.closed.pick(n, planned)
    }
}

impl Implementation for HeardReference {
    fn describe(&self) -> &Description {
        self.reference.describe()
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.rows = ReachedRows::default();
        self.reference.reset(plan)
    }

    fn apply(&mut self, step: &Step) -> Answer {
        if step.op == Op::OpenOptions {
            return self.reference.apply(step);
        }
        let closed = Closed(self.reference.readings());
        self.reference.step_by(step, &mut Hearing { closed, rows: &mut self.rows }).into()
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        self.reference.observe(view)
    }
}

/// A fault under trial.
struct Stand<'a> {
    fault: &'a Fault,
    terms: Terms<'static>,
    implementation: Box<dyn Implementation>,
    runner: Option<Runner<'static>>,
    /// The rows that have to be reached, where it is a row that is wrong.
    rows: Option<ReachedRows>,
    taken: u64,
    right: Option<Conviction>,
    other: Option<Conviction>,
}

impl<'a> Stand<'a> {
    fn new(fault: &'a Fault) -> Self {
        let terms = terms();
        let broken = fault.broken.as_ref().map(|broken| broken.rows.iter().copied());
        let rows = broken.map(|rows| rows.fold(ReachedRows::default(), ReachedRows::with));
        let implementation = fault.make();
        Self { fault, terms, implementation, runner: None, rows, taken: 0, right: None, other: None }
    }

    fn by_server_only(&self) -> bool {
        judge::by_server_only(&self.implementation.describe().capabilities)
    }

    fn concerns(&self, rows: ReachedRows) -> bool {
        self.rows.is_none_or(|own| own.touches(rows))
    }

    /// Runs a plan, before which a campaign takes so many steps; tells whether the fault stands convicted.
    fn try_plan(&mut self, plan: &Plan, number: u64, before: u64) -> bool {
        let runner = self.runner.get_or_insert_with(|| Runner::new(self.terms, plan, &*self.implementation));
        let run = runner.run(plan, &mut *self.implementation, None);
        self.taken += run.steps;
        let RunVerdict::Diverges(divergence) = run.verdict else { return false };
        let expected = self.fault.expected.convicts(&divergence, self.terms.rules);
        let plan = Plan { names: Names::default(), ..plan.clone() };
        let (steps, taken) = (before + run.steps, self.taken);
        let conviction = Conviction { number, plan, steps, taken, divergence: *divergence, expected };
        if expected {
            self.right = Some(conviction);
        } else {
            self.other.get_or_insert(conviction);
        }
        expected
    }

    fn verdict(self) -> (Option<Conviction>, u64) {
        (self.right.or(self.other), self.taken)
    }
}
