//! A campaign: many random plans on one implementation, in parallel, with the same result whatever the threads.
//!
//! Each plan's seed is derived from the campaign's and its index, so that any one can be replayed alone. What plans leave
//! behind is merged by operations that do not care about order; failures are kept by the lowest index of each signature.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tombstone_model::contract::implementation::{Answer, Capabilities, Implementation};
use tombstone_model::oracle::{Met, Statistics};
use tombstone_model::plan::{Names, Plan};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::Readings;
use tombstone_model::rules::{RuleId, Rules};
use tombstone_model::trace::Trace;
use tombstone_model::verdict::{Check, DivergenceSignature, RunVerdict};
use tombstone_reports::events::{FailingPlans, PlansJudged, RunOrigin};
use tombstone_search::choose::{Seeded, sub_seed};
use tombstone_search::covering::Strength;
use tombstone_search::explore::tour::{Tour, TourPlan};
use tombstone_search::generate::{self, Mix, Strategy};
use tombstone_search::run::{Checked, Run, Runner, Terms};
use tombstone_search::shrink::{self, Failed, ShrunkPlan, shrink};
use tombstone_search::situations::Situations;

use crate::causes::Symptom;
use crate::findings::Fared;
use crate::judge::{by_server, by_server_only};
use crate::readings::HeldReadings;
use crate::subject::Subject;

/// What a campaign is to do.
#[derive(Clone, Debug)]
pub struct CampaignPlan {
    /// The tables.
    pub rules: Arc<Rules>,
    /// The profile that the implementation is held to.
    pub profile: Profile,
    /// Where the plans come from.
    pub source: PlansFrom,
    /// How many plans.
    pub plans: u64,
    /// Whether every plan is run twice and must leave the same behind.
    pub doublecheck: bool,
}

/// Where the plans of a campaign come from.
#[derive(Clone, Debug)]
pub enum PlansFrom {
    /// Drawn at random from this seed.
    Random(u64),
    /// First the situations of a covering array, then drawn at random.
    Covering {
        /// The seed of both.
        seed: u64,
        /// How many circumstances meet in what the array covers.
        strength: Strength,
    },
    /// The tour.
    Tour(Arc<Tour>),
}

impl PlansFrom {
    /// The plan of an index for an implementation, and what it was drawn with.
    pub fn plan(&self, index: u64, capabilities: &Capabilities) -> (Plan, String) {
        match self {
            Self::Random(seed) => {
                let (plan, mix) = draw(*seed, index, capabilities);
                (plan, mix.describe())
            }
            Self::Covering { seed, .. } => match self.situations(capabilities).and_then(|all| all.get(index)) {
                Some(situation) => (situation.plan(*seed, index).0, situation.describe()),
                None => Self::Random(*seed).plan(index, capabilities),
            },
            Self::Tour(tour) => {
                let TourPlan { population, setup, steps } = tour.plans[index as usize].clone();
                let mut plan = Plan { setup, steps, names: Names::default() };
                if by_server_only(capabilities) {
                    by_server(&mut plan);
                }
                (plan, format!("the tour, {population}"))
            }
        }
    }

    /// The situations that the plans begin with, where they begin with any.
    pub fn situations(&self, capabilities: &Capabilities) -> Option<Arc<Situations>> {
        match *self {
            Self::Covering { strength, .. } => Some(Situations::of(capabilities, strength)),
            Self::Random(_) | Self::Tour(_) => None,
        }
    }

    /// The seed that plans are drawn from; 0 for the tour.
    pub fn seed(&self) -> u64 {
        match *self {
            Self::Random(seed) | Self::Covering { seed, .. } => seed,
            Self::Tour(_) => 0,
        }
    }

    /// The strategy of the plan of an index, where it is drawn at random.
    fn strategy(&self, index: u64) -> Option<Strategy> {
        match self {
            Self::Random(_) | Self::Covering { .. } => Some(Strategy::of(index)),
            Self::Tour(_) => None,
        }
    }

    /// What the plan of an index is called.
    pub fn origin(&self, index: u64) -> RunOrigin {
        match self {
            Self::Random(_) | Self::Covering { .. } => RunOrigin::Random(index),
            Self::Tour(_) => RunOrigin::Tour(index),
        }
    }

    /// The options that draw the plan of an index again.
    pub fn arguments(&self, index: u64) -> Vec<String> {
        let index = ["--index".to_owned(), index.to_string()];
        match self {
            Self::Random(seed) | Self::Covering { seed, strength: Strength::Pairs } => {
                ["--seed".to_owned(), seed.to_string()].into_iter().chain(index).collect()
            }
            Self::Covering { seed, strength: Strength::Triples } => {
                let own = ["--strength", "3", "--seed"].map(str::to_owned).into_iter();
                own.chain([seed.to_string()]).chain(index).collect()
            }
            Self::Tour(_) => std::iter::once("--tour".to_owned()).chain(index).collect(),
        }
    }
}

/// What a campaign, or a part of one, left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Plans run.
    pub plans: u64,
    /// Steps taken.
    pub steps: u64,
    /// Plans without a verdict: more explanations than the oracle holds, or nothing possible.
    pub undecided: u64,
    /// Plans that could not be run: the implementation declined.
    pub unsupported: u64,
    /// Plans on which it broke, with the first reason.
    pub broken: BTreeMap<String, (u64, u64)>,
    /// Plans, steps and failures by strategy.
    pub strategies: [(u64, u64, u64); Strategy::ALL.len()],
    /// Plans, steps and failures of situations.
    pub covering: (u64, u64, u64),
    /// The situations that were met: what they are about was done, or refused, and judged.
    pub situations: BTreeSet<u64>,
    /// The plans that failed, by the signature of the failure.
    pub failures: BTreeMap<DivergenceSignature, Failing>,
    /// Plans that left something else behind when run again.
    pub nondeterministic: Vec<u64>,
    /// Which rows were met.
    pub met: Met,
    /// How often the checks had something to decide.
    pub checked: Checked,
    /// How large the oracle's sets were.
    pub statistics: Statistics,
    /// The readings that were left.
    pub held: HeldReadings,
}

/// The plans that failed by one signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failing {
    /// How many.
    pub times: u64,
    /// How the first of them failed, by their indices: at most [`KEPT`].
    pub kept: BTreeMap<u64, Symptom>,
}

/// How many failing plans of each signature are kept.
pub const KEPT: usize = 10_000;

impl Failing {
    /// Adds others. Associative and commutative.
    fn add(&mut self, others: Self) {
        self.times += others.times;
        self.kept.extend(others.kept);
        while self.kept.len() > KEPT {
            self.kept.pop_last();
        }
    }
}

impl Tally {
    /// What no plan left behind.
    pub fn new(rules: &Rules) -> Self {
        Self {
            plans: 0,
            steps: 0,
            undecided: 0,
            unsupported: 0,
            broken: BTreeMap::new(),
            strategies: [(0, 0, 0); Strategy::ALL.len()],
            covering: (0, 0, 0),
            situations: BTreeSet::new(),
            failures: BTreeMap::new(),
            nondeterministic: Vec::new(),
            met: Met::new(rules),
            checked: Checked::default(),
            statistics: Statistics::default(),
            held: HeldReadings::default(),
        }
    }

    /// What was told of shares of plans, as far as grouping what failed needs it. What no longer has a name is left out.
    pub fn told<'s>(rules: &Rules, shares: impl Iterator<Item = &'s PlansJudged>) -> Self {
        let mut tally = Self::new(rules);
        for share in shares {
            tally.plans += share.plans;
            tally.situations.extend(&share.situations);
            for failing in &share.failing {
                let FailingPlans { signature, row, times, plans } = failing;
                let check = Check::ALL.into_iter().find(|check| check.name() == signature.check);
                let rule = signature.rule.as_ref().and_then(|id| rules.named(id));
                let rule = rule.map(|id| RuleId { row: row.unwrap_or(id.row), ..id });
                let Some(signature) = check.map(|check| DivergenceSignature { check, rule }) else { continue };
                let kept = plans.iter().filter_map(|plan| Some((plan.index, Symptom::of_told(signature, plan)?)));
                tally.failures.entry(signature).or_default().add(Failing { times: *times, kept: kept.collect() });
            }
        }
        tally
    }

    /// How a part of a single plan went.
    pub fn fared(&self) -> Fared {
        match self.failures.keys().next() {
            Some(signature) => Fared::Diverged(signature.check),
            None if self.plans > self.undecided + self.unsupported && self.broken.is_empty() => Fared::Conformed,
            None => Fared::Undecided,
        }
    }

    /// How many plans failed.
    pub fn failing(&self) -> u64 {
        self.failures.values().map(|failing| failing.times).sum()
    }

    /// Adds another part. Associative and commutative.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.plans += other.plans;
        self.steps += other.steps;
        self.undecided += other.undecided;
        self.unsupported += other.unsupported;
        let add = |ours: &mut (u64, u64, u64), theirs: (u64, u64, u64)| {
            *ours = (ours.0 + theirs.0, ours.1 + theirs.1, ours.2 + theirs.2);
        };
        self.strategies.iter_mut().zip(other.strategies).for_each(|(ours, theirs)| add(ours, theirs));
        add(&mut self.covering, other.covering);
        self.situations.extend(other.situations);
        let join = |ours: &mut (u64, u64), theirs: (u64, u64)| *ours = (ours.0.min(theirs.0), ours.1 + theirs.1);
        for (signature, theirs) in other.failures {
            self.failures.entry(signature).or_default().add(theirs);
        }
        for (why, theirs) in other.broken {
            join(self.broken.entry(why).or_insert((u64::MAX, 0)), theirs);
        }
        self.held = self.held.merge(other.held);
        self.nondeterministic.extend(other.nondeterministic);
        self.nondeterministic.sort_unstable();
        self.met.merge(&other.met);
        self.checked = self.checked.merge(other.checked);
        self.statistics = self.statistics.merge(other.statistics);
        self
    }

    fn count(&mut self, (index, source): (u64, &PlansFrom), strategy: Option<Strategy>, run: &Run, profile: Readings) {
        self.plans += 1;
        self.steps += run.steps;
        self.statistics = self.statistics.merge(run.statistics);
        let mut none = (0, 0, 0);
        let by = strategy.map_or(&mut none, |strategy| &mut self.strategies[strategy as usize]);
        by.0 += 1;
        by.1 += run.steps;
        match &run.verdict {
            RunVerdict::Conforms => {}
            RunVerdict::Diverges(divergence) => {
                by.2 += 1;
                let kept = BTreeMap::from([(index, Symptom::of(divergence, run.ended_at))]);
                self.failures.entry(divergence.signature()).or_default().add(Failing { times: 1, kept });
            }
            RunVerdict::Unsupported(_) => self.unsupported += 1,
            RunVerdict::Broken(why) => {
                let entry = self.broken.entry(why.clone()).or_insert((index, 0));
                *entry = (entry.0.min(index), entry.1 + 1);
            }
            RunVerdict::Undecided(_) => self.undecided += 1,
        }
        self.held.note(profile, run.readings, run.steps, &source.origin(index));
    }
}

impl Tally {
    /// Runs a plan again, and notes where it leaves something else behind.
    fn compare(&mut self, index: u64, runner: &mut Runner<'_>, plan: &Plan, implementation: &mut dyn Implementation) {
        let first = runner.digest();
        runner.run(plan, implementation, None);
        if runner.digest() != first {
            self.nondeterministic.push(index);
        }
    }
}

/// How many plans one task runs. Large enough that starting an implementation costs nothing, small enough that a
/// campaign of ten thousand plans keeps eight threads busy.
const CHUNK: u64 = 256;

/// How many plans are told of at once: enough that telling them costs nothing, however many there are.
const SHARE: u64 = 16 * CHUNK;

/// Runs a campaign on an implementation in process. `tick` is told how many plans were run since it was last called, from
/// any thread; `share` is told what each share of the plans left behind, by the index of its first, in order.
///
/// # Errors
/// Where the implementation cannot be started.
pub fn run(
    campaign: &CampaignPlan,
    subject: &Subject,
    tick: &(dyn Fn(u64) + Sync),
    share: &mut (dyn FnMut(u64, &Tally) + Send),
) -> Result<Tally, String> {
    let all: Vec<u64> = (0..shares(campaign.plans)).collect();
    go_on(campaign, subject, tick, share, Tally::new(&campaign.rules), &all)
}

/// How many shares so many plans are told in.
pub fn shares(plans: u64) -> u64 {
    plans.div_ceil(SHARE)
}

/// As [`run`], but only these shares of the plans, by their numbers; `known` is what others left behind. Returns both
/// together.
///
/// # Errors
/// Where the implementation cannot be started.
pub fn go_on(
    campaign: &CampaignPlan,
    subject: &Subject,
    tick: &(dyn Fn(u64) + Sync),
    share: &mut (dyn FnMut(u64, &Tally) + Send),
    known: Tally,
    shares: &[u64],
) -> Result<Tally, String> {
    let none = || Tally::new(&campaign.rules);
    let in_order = Mutex::new(InOrder { share, all: Some(known), left: shares, waiting: BTreeMap::new() });
    shares.into_par_iter().try_for_each(|&number| {
        let plans = number * SHARE..((number + 1) * SHARE).min(campaign.plans);
        let chunks = (0..(plans.end - plans.start).div_ceil(CHUNK)).into_par_iter().map(|chunk| {
            let mut implementation = subject.start(&campaign.profile)?;
            let from = plans.start + chunk * CHUNK;
            let indices = from..(from + CHUNK).min(plans.end);
            let tally = part(campaign, &mut *implementation, indices.clone());
            tick(indices.end - indices.start);
            Ok::<Tally, String>(tally)
        });
        let tally = chunks.try_reduce(none, |a, b| Ok(a.merge(b)))?;
        in_order.lock().unwrap_or_else(PoisonError::into_inner).add(number, tally);
        Ok::<(), String>(())
    })?;
    Ok(in_order.into_inner().unwrap_or_else(PoisonError::into_inner).all.unwrap_or_else(none))
}

/// Shares, told in their order, whichever is done first.
struct InOrder<'o> {
    share: &'o mut (dyn FnMut(u64, &Tally) + Send),
    all: Option<Tally>,
    /// The numbers of those that were not told yet.
    left: &'o [u64],
    waiting: BTreeMap<u64, Tally>,
}

impl InOrder<'_> {
    fn add(&mut self, number: u64, tally: Tally) {
        self.waiting.insert(number, tally);
        while let Some((next, left)) = self.left.split_first()
            && let Some(tally) = self.waiting.remove(next)
        {
            (self.share)(next * SHARE, &tally);
            self.left = left;
            self.all = Some(match self.all.take() {
                Some(all) => all.merge(tally),
                None => tally,
            });
        }
    }
}

/// Runs the plans of some indices, one after another, on one implementation.
pub fn part(campaign: &CampaignPlan, implementation: &mut dyn Implementation, indices: std::ops::Range<u64>) -> Tally {
    let mut tally = Tally::new(&campaign.rules);
    let readings = campaign.profile.readings();
    let terms = Terms { rules: &campaign.rules, readings, skip_unsupported: true };
    let mut runner: Option<Runner<'_>> = None;
    let mut drawn: Option<Plan> = None;
    let capabilities = implementation.describe().capabilities.clone();
    let situations = campaign.source.situations(&capabilities);
    for index in indices {
        if let Some(situation) = situations.as_ref().and_then(|all| all.get(index)) {
            let (plan, core) = situation.plan(campaign.source.seed(), index);
            let runner = runner.get_or_insert_with(|| Runner::new(terms, &plan, implementation));
            let mut trace = Trace::default();
            let run = runner.run(&plan, implementation, Some(&mut trace));
            tally.count((index, &campaign.source), None, &run, readings);
            let judged = matches!(run.verdict, RunVerdict::Conforms | RunVerdict::Diverges(_));
            let failing = u64::from(matches!(run.verdict, RunVerdict::Diverges(_)));
            let (plans, steps, before) = tally.covering;
            tally.covering = (plans + 1, steps + run.steps, before + failing);
            let taken = |answer: &Answer| matches!(answer, Answer::Done { .. } | Answer::Offered(_) | Answer::Refused);
            let mut moments = trace.moments.iter().filter(|moment| core.contains(&moment.number));
            if judged && moments.any(|moment| moment.answer.as_ref().is_some_and(taken)) {
                tally.situations.insert(index);
            }
            if campaign.doublecheck {
                tally.compare(index, runner, &plan, implementation);
            }
            continue;
        }
        let plan = match (&campaign.source, &mut drawn) {
            (PlansFrom::Random(seed) | PlansFrom::Covering { seed, .. }, Some(plan)) => {
                redraw(*seed, index, &capabilities, plan);
                plan
            }
            (PlansFrom::Random(_) | PlansFrom::Covering { .. } | PlansFrom::Tour(_), drawn) => {
                drawn.insert(campaign.source.plan(index, &capabilities).0)
            }
        };
        let runner = runner.get_or_insert_with(|| Runner::new(terms, plan, implementation));
        let run = runner.run(plan, implementation, None);
        tally.count((index, &campaign.source), campaign.source.strategy(index), &run, readings);
        if campaign.doublecheck {
            tally.compare(index, runner, plan, implementation);
        }
    }
    if let Some(mut runner) = runner {
        tally.met.merge(runner.met());
        tally.checked = runner.take_checked();
    }
    tally
}

/// Draws the plan of an index, and the mix it was drawn with, for an implementation that can do so much.
pub fn draw(seed: u64, index: u64, capabilities: &Capabilities) -> (Plan, Mix) {
    draw_with(seed, index, Strategy::of(index), capabilities)
}

/// Draws a plan by a given strategy, not by the one that its index has.
pub fn draw_with(seed: u64, index: u64, strategy: Strategy, capabilities: &Capabilities) -> (Plan, Mix) {
    let mut choose = Seeded::new(sub_seed(seed, index));
    let mix = Mix::draw(&mut choose, strategy);
    let mut setup = generate::setup(&mut choose, &mix);
    generate::suit(&mut setup, capabilities);
    let mut steps = Vec::new();
    generate::steps(&mut choose, &mix, &setup, &mut steps);
    generate::suit_steps(&setup, &mut steps, capabilities);
    (Plan { setup, steps, names: Names::default() }, mix)
}

/// Draws a plan into the memory of another one without names.
pub fn redraw(seed: u64, index: u64, capabilities: &Capabilities, plan: &mut Plan) {
    let mut choose = Seeded::new(sub_seed(seed, index));
    let mix = Mix::draw(&mut choose, Strategy::of(index));
    generate::draw_setup(&mut choose, &mix, &mut plan.setup);
    generate::suit(&mut plan.setup, capabilities);
    generate::steps(&mut choose, &mix, &plan.setup, &mut plan.steps);
    generate::suit_steps(&plan.setup, &mut plan.steps, capabilities);
}

/// Shrinks a failing plan on an implementation.
pub fn shrunk(
    terms: Terms<'_>,
    plan: &Plan,
    implementation: &mut dyn Implementation,
    budget: usize,
) -> Option<ShrunkPlan> {
    let mut runner = Runner::new(terms, plan, implementation);
    let mut small = shrink(plan, budget, &mut |candidate| failed(&mut runner, candidate, implementation))?;
    small.plan.names = Names::invented(&small.plan.setup);
    Some(small)
}

/// Leaves out every single step of a failing plan, and makes every value simpler, as far as it still fails; and whether all of
/// it could be tried. None where it does not fail.
pub fn singly(
    terms: Terms<'_>,
    plan: &Plan,
    implementation: &mut dyn Implementation,
    budget: usize,
) -> Option<(Plan, bool)> {
    let mut runner = Runner::new(terms, plan, implementation);
    shrink::singly(plan, budget, &mut |candidate| failed(&mut runner, candidate, implementation))
}

/// How a candidate of a shrinker fails; none where it does not.
fn failed(runner: &mut Runner<'_>, candidate: &Plan, implementation: &mut dyn Implementation) -> Option<Failed> {
    let mut trace = Trace::default();
    let run = runner.run(candidate, implementation, Some(&mut trace));
    let RunVerdict::Diverges(divergence) = run.verdict else { return None };
    let mut taken = vec![false; candidate.steps.len()];
    for moment in trace.moments.iter().filter(|moment| moment.answer.is_some()) {
        taken[moment.number] = true;
    }
    Some(Failed { signature: divergence.signature(), ended_at: run.ended_at, item: divergence.item, taken })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_in_order_whichever_is_done_first() {
        let mut told = Vec::new();
        let share = &mut |from, tally: &Tally| told.push((from, tally.plans));
        let mut in_order = InOrder { share, all: None, left: &[0, 1, 2, 7], waiting: BTreeMap::new() };
        for number in [2, 0, 7, 1] {
            in_order.add(number, Tally { plans: number + 1, ..Tally::new(Rules::documented()) });
        }
        assert_eq!(in_order.all.map(|all| all.plans), Some(14));
        assert_eq!(told, [(0, 1), (SHARE, 2), (2 * SHARE, 3), (7 * SHARE, 8)]);
    }
}
