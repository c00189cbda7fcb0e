//! The harness on trial: every faulty implementation through the suite, the tour and random plans, shrunk, and held
//! against a shortest plan where that can be found by trying every shorter one.

use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use tombstone_model::plan::{Names, Op, Plan, Step};
use tombstone_model::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_model::switches::{Switch, Values};
use tombstone_model::verdict::{Divergence, Verdict};
use tombstone_model::world::World;
use tombstone_reports as reports;
use tombstone_reports::{FaultReport, FaultTable, Faultless};
use tombstone_scenarios::Scenario;

use super::{Fault, catalogue, convict};
use crate::campaign::{self, Campaign, Plans, shrunk};
use crate::explore::alphabet::{Groups, alphabet, instants};
use crate::explore::concrete;
use crate::explore::tour::{Tour, bisimilar};
use crate::run::{Runner, Terms};
use crate::shrink::BUDGET;
use crate::subject::{BuiltIn, Subject};

/// How a trial is held.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The seed of the random plans.
    pub seed: u64,
    /// The most random plans tried on each fault.
    pub plans: u64,
    /// The random plans run on each implementation with nothing wrong.
    pub faultless: u64,
    /// The longest plans that are all tried, to prove that nothing shorter fails.
    pub prove: usize,
}

/// Holds the trial. `tick` is called after each fault.
pub fn hold(trial: &Trial, scenarios: &[Scenario], tour: &Arc<Tour>, tick: &(dyn Fn() + Sync)) -> FaultTable {
    let faults = catalogue();
    let mut table = FaultTable {
        faults: faults
            .par_iter()
            .map(|fault| {
                let report = one(trial, fault, scenarios, tour);
                tick();
                report
            })
            .collect(),
        ..FaultTable::default()
    };
    table.faultless = faultless(trial);
    let totals = &mut table.totals;
    for fault in &table.faults {
        let caught = fault.suite.or(fault.tour).or(fault.random).is_some();
        totals.faults += 1;
        totals.caught += u64::from(caught);
        totals.rightly += u64::from(fault.rightly);
        totals.by_suite += u64::from(fault.suite.is_some());
        totals.by_tour += u64::from(fault.tour.is_some());
        totals.by_random += u64::from(fault.random.is_some());
        totals.equivalent += u64::from(!caught && fault.equivalent.is_some());
        totals.missed += u64::from(!caught && fault.equivalent.is_none());
    }
    table
}

/// The implementations with nothing wrong, none of which may be accused.
fn faultless(trial: &Trial) -> Vec<Faultless> {
    let Some(profile) = Profile::named(Profile::DEFAULT) else { return Vec::new() };
    let each = BuiltIn::ALL.into_par_iter().map(|built_in| {
        let campaign = Campaign {
            rules: Arc::new(Rules::documented().clone()),
            profile: profile.clone(),
            source: Plans::Random(trial.seed),
            plans: trial.faultless,
            doublecheck: false,
        };
        let tally = campaign::run(&campaign, &Subject::BuiltIn(built_in), &|_| {}).ok();
        let (steps, accused) =
            tally.map_or((0, 0), |tally| (tally.steps, tally.failures.values().map(|(_, times)| times).sum()));
        Faultless { name: built_in.name().to_owned(), steps, accused }
    });
    each.collect()
}

fn one(trial: &Trial, fault: &Fault, scenarios: &[Scenario], tour: &Tour) -> FaultReport {
    let rules = Rules::documented();
    let Some(profile) = Profile::named(Profile::DEFAULT) else { return FaultReport::default() };
    let terms = Terms { rules, readings: profile.readings(), skip_unsupported: true };
    let mut report = FaultReport {
        name: fault.id.clone(),
        wrong: fault.what.clone(),
        breaks: fault
            .expected
            .checks
            .iter()
            .map(|check| check.name().to_owned())
            .chain(fault.expected.rows.iter().cloned())
            .collect(),
        verdict: reports::Verdict::Conforms,
        ..FaultReport::default()
    };
    let own = scenarios.iter().filter(|scenario| scenario.profile.as_deref().is_none_or(|name| name == profile.name));
    let by_suite = first(fault, terms, own.map(|scenario| &scenario.plan));
    let plans: Vec<Plan> = tour
        .plans
        .iter()
        .map(|plan| Plan { setup: plan.setup.clone(), steps: plan.steps.clone(), names: Names::default() })
        .collect();
    let by_tour = first(fault, terms, plans.iter());
    let nothing_yet = by_suite.is_none() && by_tour.is_none();
    if nothing_yet && let Some(why) = proved(fault, profile) {
        report.equivalent = Some(why);
        return report;
    }
    let by_random = convict(fault, trial.seed, trial.plans);
    report.suite = by_suite.as_ref().map(|found| found.steps);
    report.tour = by_tour.as_ref().map(|found| found.steps);
    report.random = by_random.as_ref().map(|found| found.steps);
    let random = by_random.map(|conviction| {
        let plan = campaign::draw(trial.seed, conviction.plan, &fault.make().describe().capabilities).0;
        Found { plan, steps: conviction.steps, divergence: conviction.divergence }
    });
    let found: Vec<Found> = [by_suite, by_tour, random].into_iter().flatten().collect();
    let right = found.iter().find(|found| fault.expected.convicts(&found.divergence, rules));
    let Some(chosen) = right.or(found.first()) else { return report };
    report.verdict = reports::Verdict::Diverges;
    report.rightly = right.is_some();
    report.cited = Some(match chosen.divergence.rule {
        Some(rule) => format!("{} {}", chosen.divergence.check.name(), rules.rule(rule).id),
        None => chosen.divergence.check.name().to_owned(),
    });
    let mut implementation = fault.make();
    let Some(small) = shrunk(terms, &chosen.plan, &mut *implementation, BUDGET) else { return report };
    report.shrunk = Some(small.steps.len() as u64);
    report.shortest = shortest(trial, fault, terms, &small, &chosen.divergence);
    report
}

/// Why nobody could see the fault, where exploration proves that: in every reachable state of the tour's populations it
/// does what the reference does, under the default profile or under another reading that the profile leaves open.
fn proved(fault: &Fault, profile: &Profile) -> Option<String> {
    let ((rules, kinds), why) = (fault.rules.as_ref()?, fault.equivalent?);
    let open = profile.readings();
    let others = Switch::ALL.iter().flat_map(|&switch| {
        let left = open.of(switch).0;
        (0..8).map(Values::nth).filter(move |value| left & value.0 != 0).map(move |value| open.narrowed(switch, value))
    });
    let documented = Rules::documented();
    let mut readings = std::iter::once(open).chain(others);
    let states = readings.find_map(|reading| bisimilar((documented, reading), (rules, open), kinds))?;
    Some(format!("bisimilar in {states} states: {why}"))
}

/// What first convicted a fault.
struct Found {
    plan: Plan,
    steps: u64,
    divergence: Divergence,
}

/// The first of some plans that diverges, and how many steps were taken until then.
fn first<'a>(fault: &Fault, terms: Terms<'_>, plans: impl Iterator<Item = &'a Plan>) -> Option<Found> {
    let mut implementation = fault.make();
    let mut runner: Option<Runner<'_>> = None;
    let mut steps = 0;
    let mut other = None;
    for plan in plans {
        let runner = runner.get_or_insert_with(|| Runner::new(terms, plan, &*implementation));
        let run = runner.run(plan, &mut *implementation, None);
        steps += run.steps;
        if let Verdict::Diverges(divergence) = run.verdict {
            let right = fault.expected.convicts(&divergence, terms.rules);
            let found = Found { plan: plan.clone(), steps, divergence: *divergence };
            if right {
                return Some(found);
            }
            other.get_or_insert(found);
        }
    }
    other
}

/// The length of a shortest plan in the world of a shrunk one that fails in the same way: by trying every plan shorter
/// than it over the alphabet of an exploration. None where there are too many to try.
fn shortest(trial: &Trial, fault: &Fault, terms: Terms<'_>, plan: &Plan, divergence: &Divergence) -> Option<u64> {
    let most = plan.steps.len();
    if most > trial.prove + 1 {
        return None;
    }
    let mut search = Search {
        letters: alphabet(&plan.setup, Groups::ALL),
        instants: instants(&plan.setup),
        terms,
        fault,
        divergence,
        plan: Plan { steps: Vec::new(), ..plan.clone() },
    };
    (1..most).find(|&length| search.fails(length)).or(Some(most)).map(|length| length as u64)
}

struct Search<'a> {
    letters: Vec<crate::explore::alphabet::Letter>,
    instants: Vec<i32>,
    terms: Terms<'a>,
    fault: &'a Fault,
    divergence: &'a Divergence,
    plan: Plan,
}

impl Search<'_> {
    fn fails(&mut self, length: usize) -> bool {
        let mut implementation = self.fault.make();
        let mut runner = Runner::new(self.terms, &self.plan, &*implementation);
        let world = World::new(&self.plan.setup);
        let mut numbers = vec![0usize; length];
        loop {
            let steps: Vec<Step> = numbers
                .iter()
                .zip(1u8..)
                .map(|(&n, title)| {
                    let mut step = concrete(&self.letters[n], &world, &self.instants);
                    if let Op::Edit { change: tombstone_model::plan::Change::Title(token), .. } = &mut step.op {
                        *token = title;
                    }
                    step
                })
                .collect();
            self.plan.steps = steps;
            let run = runner.run(&self.plan, &mut *implementation, None);
            if let Verdict::Diverges(found) = run.verdict
                && found.signature() == self.divergence.signature()
            {
                return true;
            }
            // The next plan; where the run stopped early, plans that differ only afterwards would stop there too.
            let mut at = length;
            loop {
                let Some(before) = at.checked_sub(1) else { return false };
                at = before;
                numbers[at] += 1;
                if numbers[at] < self.letters.len() {
                    break;
                }
                numbers[at] = 0;
            }
        }
    }
}
