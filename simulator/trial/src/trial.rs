//! The harness on trial: every faulty implementation is convicted by the suite or by random plans; then what each source of
//! plans needs is compared, counterexamples are shrunk and held against a shortest plan, and what nobody could see is
//! proved to be so.

use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use tombstone_campaign::campaign::{self, CampaignPlan, PlansFrom, shrunk};
use tombstone_campaign::subject::{BuiltIn, Subject};
use tombstone_model::contract::implementation::{Capabilities, Implementation};
use tombstone_model::plan::{Names, Plan};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Switch, Values};
use tombstone_model::rules::table::Rows;
use tombstone_model::rules::{Rule, Rules};
use tombstone_model::verdict::RunVerdict;
use tombstone_reports as reports;
use tombstone_reports::{FaultReport, FaultTable, Faultless, FaultsOfTable, Portfolio, Shrinking, UnbrokenRow};
use tombstone_search::explore::tour::{Tour, bisimilar};
use tombstone_search::generate::Strategy;
use tombstone_search::minimal::{Minimal, minimal};
use tombstone_search::run::Runner;
use tombstone_search::shrink::{BUDGET, ShrunkPlan};

use super::docket::{Conviction, Docket, terms};
use super::{BrokenRows, Fault, catalogue, without_fault};

/// How a trial is held.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The seed of the random plans.
    pub seed: u64,
    /// The most random plans tried on each fault.
    pub plans: u64,
    /// The random plans run on each implementation with nothing wrong.
    pub faultless: u64,
    /// The most executions for proving that no plan shorter than a shrunk one fails.
    pub prove: usize,
    /// From how many seeds counterexamples are shrunk and held against a shortest plan.
    pub seeds: u64,
    /// Over how many seeds the portfolio is held against each of its strategies; 0 for not at all.
    pub strategies: u64,
}

/// How many random plans of a further seed may be spent on a counterexample to shrink.
const FURTHER: u64 = 2_000;

/// A fault, and its conviction if there is one.
pub type TriedFault = (Fault, Option<Conviction>);

/// Convicts every fault of the catalogue, by the suite or by random plans, and does nothing else.
pub fn convict(trial: &Trial, docket: &Docket, tick: &(dyn Fn() + Sync)) -> Vec<TriedFault> {
    let faults = catalogue();
    let tried = faults.into_par_iter().map(|fault| {
        // What no plan can show is not tried: that none can has to be proved.
        let conviction = if fault.equivalent.is_none() { docket.convict(&fault, trial.plans) } else { None };
        tick();
        (fault, conviction)
    });
    tried.collect()
}

/// The table of convictions alone, without the faults that nobody can see.
pub fn convictions(tried: &[TriedFault]) -> FaultTable {
    let faults = tried.iter().filter(|(fault, _)| fault.equivalent.is_none()).map(|(fault, conviction)| {
        let mut report = described(fault);
        if let Some(conviction) = conviction {
            cite(&mut report, conviction);
        }
        report
    });
    total(FaultTable { faults: faults.collect(), ..FaultTable::default() })
}

/// Everything else: what each source of plans needs, shrinking, proofs, and the implementations with nothing wrong.
/// `tick` is called after each fault.
pub fn compare(
    trial: &Trial,
    docket: &Docket,
    tried: &[TriedFault],
    tour: &Tour,
    tick: &(dyn Fn() + Sync),
) -> FaultTable {
    let further: Vec<Docket> =
        (1..trial.seeds).map(|n| Docket::new(&[], trial.seed.wrapping_add(n), FURTHER)).collect();
    let plans = tour.plans.iter();
    let toured: Vec<Plan> = plans
        .map(|plan| Plan { setup: plan.setup.clone(), steps: plan.steps.clone(), names: Names::default() })
        .collect();
    let each = tried.par_iter().map(|(fault, conviction)| {
        let one = one(trial, docket, &further, fault, conviction.as_ref(), &toured);
        tick();
        one
    });
    let each: Vec<(FaultReport, Shrinking, Option<Race>)> = each.collect();
    let mut table = FaultTable::default();
    let mut races = Vec::new();
    for (report, shrinking, race) in each {
        races.extend(race.map(|race| (report.name.clone(), race)));
        table.shrinking.merge(shrinking);
        table.faults.push(report);
    }
    if trial.strategies > 0 {
        table.portfolio = Some(portfolio(trial.strategies, &races));
    }
    table.faultless = faultless(trial);
    total(table)
}

fn total(mut table: FaultTable) -> FaultTable {
    let rules = Rules::documented();
    table.tables = rules.tables().map(|rows| of_table(rows, &table.faults)).collect();
    let unbroken = without_fault().map(|(id, why)| UnbrokenRow { row: rules.rule(id).id.clone(), why: why.to_owned() });
    table.unbroken = unbroken.collect();
    let totals = &mut table.totals;
    for fault in &table.faults {
        let caught = fault.cited.is_some();
        totals.faults += 1;
        totals.caught += u64::from(caught);
        totals.rightly += u64::from(fault.rightly);
        totals.by_suite += u64::from(fault.suite.is_some());
        totals.by_tour += u64::from(fault.tour.is_some());
        totals.by_random += u64::from(fault.random.is_some());
        totals.equivalent += u64::from(!caught && fault.equivalent.is_some());
        totals.missed += u64::from(!caught && fault.equivalent.is_none());
        totals.steps += fault.convicted.unwrap_or(0);
    }
    table
}

fn of_table(rows: &Rows, faults: &[FaultReport]) -> FaultsOfTable {
    let name = rows.form().name;
    let proved = |rule: &&Rule| faults.iter().any(|fault| fault.rightly && fault.breaks.contains(&rule.id));
    let own = || faults.iter().filter(|fault| fault.table.as_deref() == Some(name));
    let missed = own().filter(|fault| fault.cited.is_none() && fault.equivalent.is_none());
    FaultsOfTable {
        table: name.to_owned(),
        rows: rows.all().len() as u64,
        proved: rows.all().iter().filter(proved).count() as u64,
        faults: own().count() as u64,
        rightly: own().filter(|fault| fault.rightly).count() as u64,
        equivalent: own().filter(|fault| fault.equivalent.is_some()).count() as u64,
        missed: missed.count() as u64,
    }
}

/// The implementations with nothing wrong, none of which may be accused.
fn faultless(trial: &Trial) -> Vec<Faultless> {
    let Some(profile) = Profile::named(Profile::DEFAULT) else { return Vec::new() };
    let each = BuiltIn::ALL.into_par_iter().map(|built_in| {
        let campaign = CampaignPlan {
            rules: Arc::new(Rules::documented().clone()),
            profile: profile.clone(),
            source: PlansFrom::Random(trial.seed),
            plans: trial.faultless,
            doublecheck: false,
        };
        let tally = campaign::run(&campaign, &Subject::BuiltIn(built_in), &|_| {}, &mut |_, _| {}).ok();
        let (steps, accused) = tally.map_or((0, 0), |tally| (tally.steps, tally.failing()));
        Faultless { name: built_in.name().to_owned(), steps, accused }
    });
    each.collect()
}

fn described(fault: &Fault) -> FaultReport {
    let checks = fault.expected.checks.iter().chain(&fault.expected.later).map(|check| check.name().to_owned());
    let table = fault.broken.as_ref().map(|broken| Rules::documented().table(broken.table).form().name.to_owned());
    FaultReport {
        name: fault.id.clone(),
        wrong: fault.what.clone(),
        table,
        breaks: checks.chain(fault.expected.rows.iter().cloned()).collect(),
        verdict: reports::Verdict::Conforms,
        equivalent: fault.equivalent.map(str::to_owned),
        ..FaultReport::default()
    }
}

fn cite(report: &mut FaultReport, conviction: &Conviction) {
    let Conviction { divergence, expected, taken, .. } = conviction;
    report.verdict = reports::Verdict::Diverges;
    report.rightly = *expected;
    report.convicted = Some(*taken);
    report.cited = Some(match divergence.rule {
        Some(rule) => format!("{} {}", divergence.check.name(), Rules::documented().rule(rule).id),
        None => divergence.check.name().to_owned(),
    });
}

fn one(
    trial: &Trial,
    docket: &Docket,
    further: &[Docket],
    fault: &Fault,
    conviction: Option<&Conviction>,
    tour: &[Plan],
) -> (FaultReport, Shrinking, Option<Race>) {
    let mut report = described(fault);
    let mut shrinking = Shrinking::default();
    let terms = terms();
    if fault.equivalent.is_some() {
        report.equivalent = Profile::named(Profile::DEFAULT).and_then(|profile| proved(fault, profile));
        return (report, shrinking, None);
    }
    let Some(conviction) = conviction else { return (report, shrinking, None) };
    cite(&mut report, conviction);
    report.suite = docket.by_suite(fault).0.map(|found| found.steps);
    report.tour = hunt(fault, &mut *fault.make(), u64::MAX, |index, _| Some(tour.get(index as usize)?.clone()));
    let random = docket.by_random(fault, trial.plans);
    report.random = random.as_ref().map(|found| found.steps);
    let seen = random.as_ref().map_or(0, |found| found.steps);
    report.hidden = hidden(fault, trial.seed, (seen * PATIENCE).max(PATIENCE_AT_LEAST));
    let mut implementation = fault.make();
    let others = further.iter().filter_map(|docket| docket.by_random(fault, FURTHER));
    let found: Vec<Conviction> = std::iter::once(conviction.clone()).chain(random).chain(others).collect();
    for (n, found) in found.iter().enumerate() {
        let Some(ShrunkPlan { plan: small, .. }) = shrunk(terms, &found.plan, &mut *implementation, BUDGET) else {
            continue;
        };
        let length = small.steps.len() as u64;
        let signature = found.divergence.signature();
        let shortest = match minimal(terms, &small, signature, &mut *implementation, trial.prove) {
            Minimal::Proved => Some(length),
            Minimal::Shorter(plan) => Some(plan.steps.len() as u64),
            Minimal::Open => None,
        };
        shrinking.merge(Shrinking {
            counterexamples: 1,
            shortest: u64::from(shortest == Some(length)),
            longer: u64::from(shortest.is_some_and(|shortest| shortest < length)),
            open: u64::from(shortest.is_none()),
        });
        if n == 0 {
            (report.shrunk, report.shortest) = (Some(length), shortest);
        }
    }
    let race = if trial.strategies > 0 { race(fault, trial.seed, trial.strategies) } else { None };
    (report, shrinking, race)
}

/// The steps that a fault may take where synchronizations are hidden, as a multiple of those that full sight needs.
const PATIENCE: u64 = 5;

/// The fewest of them, for faults that full sight finds at once.
const PATIENCE_AT_LEAST: u64 = 20_000;

/// How many steps random plans need where the engine synchronizes at hidden moments as well; none where it is not caught
/// within the budget, or is no engine.
pub(super) fn hidden(fault: &Fault, seed: u64, budget: u64) -> Option<u64> {
    let mut implementation = fault.make_hidden(seed)?;
    hunt(fault, &mut *implementation, budget, |index, capabilities| Some(campaign::draw(seed, index, capabilities).0))
}

/// Why nobody could see the fault, where exploration proves that: in every reachable state of the tour's populations it
/// does what the reference does, under the default profile or under another reading that the profile leaves open.
fn proved(fault: &Fault, profile: &Profile) -> Option<String> {
    let (BrokenRows { rules, readings: own, kinds, .. }, why) = (fault.broken.as_ref()?, fault.equivalent?);
    let open = profile.readings();
    let others = Switch::ALL.iter().flat_map(|&switch| {
        let left = open.of(switch).0;
        (0..8).map(Values::nth).filter(move |value| left & value.0 != 0).map(move |value| own.narrowed(switch, value))
    });
    let documented = Rules::documented();
    let mut readings = std::iter::once(*own).chain(others.filter(|reading| reading.contradiction().is_none()));
    let states = readings.find_map(|reading| bisimilar((documented, reading), (rules, *own), kinds))?;
    Some(format!("bisimilar in {states} states: {why}"))
}

/// How many steps it takes until one of the plans convicts a fault as it should; none where none does within the budget.
fn hunt(
    fault: &Fault,
    implementation: &mut dyn Implementation,
    budget: u64,
    plan: impl Fn(u64, &Capabilities) -> Option<Plan>,
) -> Option<u64> {
    let terms = terms();
    let capabilities = implementation.describe().capabilities.clone();
    let mut runner: Option<Runner<'_>> = None;
    let mut steps = 0;
    for index in 0.. {
        if steps > budget {
            return None;
        }
        let plan = plan(index, &capabilities)?;
        let runner = runner.get_or_insert_with(|| Runner::new(terms, &plan, implementation));
        let run = runner.run(&plan, implementation, None);
        steps += run.steps;
        if let RunVerdict::Diverges(divergence) = run.verdict
            && fault.expected.convicts(&divergence, terms.rules)
        {
            return Some(steps);
        }
    }
    None
}

/// How many steps the portfolio needs for a fault, and each of its strategies alone, over several seeds together.
#[derive(Clone, Copy, Debug)]
struct Race {
    portfolio: u64,
    /// Where a strategy needs more than the portfolio, how many more does not matter.
    alone: [Option<u64>; Strategy::ALL.len()],
}

/// The most steps that the portfolio may need for a fault, a seed. A fault that takes longer shows in so few plans that
/// chance would decide which strategy looks best.
const LONG_RACE: u64 = 10_000;

/// None where the fault is too rare to tell.
fn race(fault: &Fault, seed: u64, seeds: u64) -> Option<Race> {
    let needs = |left: u64, strategy: Option<Strategy>| {
        (0..seeds).try_fold(0, |sum, n| {
            let seed = seed.wrapping_add(n);
            let steps = hunt(fault, &mut *fault.make(), left - sum, |index, capabilities| {
                let strategy = strategy.unwrap_or(Strategy::of(index));
                Some(campaign::draw_with(seed, index, strategy, capabilities).0)
            });
            steps.map(|steps| sum + steps).filter(|&sum| sum <= left)
        })
    };
    let portfolio = needs(LONG_RACE * seeds, None)?;
    Some(Race { portfolio, alone: Strategy::ALL.map(|strategy| needs(portfolio, Some(strategy))) })
}

/// By how much the portfolio is slower than the best of its strategies alone, in the worst case and in the middle one.
fn portfolio(seeds: u64, races: &[(String, Race)]) -> Portfolio {
    let mut ratios: Vec<(u64, &str, &str)> = races
        .iter()
        .map(|(name, race)| {
            let each = Strategy::ALL.iter().zip(race.alone);
            let best = each.filter_map(|(strategy, steps)| Some((steps?, strategy.name()))).min();
            let (steps, strategy) = best.unwrap_or((race.portfolio, "portfolio"));
            (race.portfolio * 100 / steps.max(1), name.as_str(), strategy)
        })
        .collect();
    ratios.sort_unstable();
    let Some(&(worst, fault, strategy)) = ratios.last() else { return Portfolio::default() };
    let median = ratios[ratios.len() / 2].0;
    let within = ratios.iter().filter(|(ratio, _, _)| *ratio <= 300).count() as u64;
    let (fault, strategy) = (fault.to_owned(), strategy.to_owned());
    Portfolio { seeds, faults: ratios.len() as u64, within, median, worst, fault, strategy }
}
