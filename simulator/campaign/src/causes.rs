//! Causes: failures are grouped by what their shrunk plans do, not by the check that they break.
//!
//! One example of a sort would hide others: a date that is not sent and a title that is not fetched both break `carried`.
//! And one cause shows itself as many sorts: a deletion that never crosses breaks a row of every kind. So failing scenarios
//! and plans are looked into one after another. One is shrunk; what is left of it, as operations on an item (a
//! `Pattern`), is its cause. Of every other one it is asked whether it holds a known cause: whether its own steps that
//! match the pattern, with no others but plain synchronizations, fail in the same manner. If so the cause is *set aside*,
//! that is those steps are taken out, and whether the rest fails still is looked into in the same way. So a second fault
//! behind a first one is found, and every cause has an example of its own.
//!
//! Whether the kind of the item belongs to a cause is found out by trying others: where every kind on which something is
//! due fails, the cause is one for all of them; otherwise it is one for each family of kinds.
//!
//! Everything is bounded by a number of executions, and depends on nothing else. Plans for which none is left are counted
//! by what they do and the manner in which they failed.

mod circumstances;
mod known;
mod pattern;
mod symptom;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tombstone_model::contract::implementation::Implementation;
use tombstone_model::ids::ItemId;
use tombstone_model::plan::Plan;
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::verdict::{DivergenceSignature, RunVerdict};
use tombstone_model::words;
use tombstone_reports as reports;
use tombstone_reports::events::{CaseShrunk, CauseFound, Event, Exhibited, PlansGrouped, SignatureTimes};
use tombstone_reports::{Failure, ImplementationReport};
use tombstone_scenarios::Scenario;
use tombstone_search::run::{Terms, record, run};
use tombstone_search::shrink::{BUDGET, SLOW_BUDGET};

use self::pattern::{KindFamily, Pattern};
pub use self::symptom::{Manner, Symptom};
use crate::campaign::{CampaignPlan, Tally, shrunk};
use crate::check::Checking;
use crate::exhibit::{FoundFailure, Stem};
use crate::judge::suited;
use crate::log::Log;
use crate::subject::Subject;

pub use self::known::KnownCauses;

/// The most executions of an implementation in process: a second or two, and only of one that fails.
const EXECUTIONS: usize = 12_000;
/// The fewest and the most executions of a program, where each may take seconds: otherwise as many as it was given plans.
const SLOW_EXECUTIONS: (usize, usize) = (240, 600);
/// The most executions for shrinking a scenario on a program: it was written short.
const SLOW_SCENARIO: usize = 16;
/// How often something is set aside in one plan.
const ASIDE: usize = 6;

/// Everything that was run on an implementation, and may have failed.
#[derive(Clone, Copy, Debug)]
pub struct FailedRuns<'a> {
    /// What it was held to.
    pub checking: &'a Checking,
    /// The implementation.
    pub subject: &'a Subject,
    /// The scenarios.
    pub scenarios: &'a [Scenario],
    /// The tour and the random plans, and what they left.
    pub campaigns: &'a [(CampaignPlan, Tally)],
}

/// What failed: the number of a scenario, or of a campaign and a plan of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum FailedRun {
    Scenario(usize),
    Plan(usize, u64),
}

impl FailedRun {
    fn stem<'a>(self, runs: &FailedRuns<'a>) -> Stem<'a> {
        match self {
            Self::Scenario(number) => Stem::Scenario(&runs.scenarios[number]),
            Self::Plan(number, index) => Stem::Plan(&runs.campaigns[number].0, index),
        }
    }

    fn is_plan(self) -> bool {
        matches!(self, Self::Plan(..))
    }
}

/// One cause.
#[derive(Debug)]
struct FoundCause {
    pattern: Pattern,
    families: BTreeSet<KindFamily>,
    /// Whether others may join them: none was found on which the same is due and done.
    open: bool,
    /// The shrunk plan, and how it fails.
    small: Plan,
    symptom: Symptom,
    /// What it was shrunk from, without the steps that were set aside before.
    place: FailedRun,
    whole: Plan,
    skip_unsupported: bool,
    /// As what it shows itself, and where.
    sorts: BTreeMap<DivergenceSignature, BTreeSet<FailedRun>>,
    /// What fails by it first.
    own: BTreeSet<FailedRun>,
    /// What fails by it once others are set aside.
    behind: BTreeSet<FailedRun>,
    /// The cause that it turned out to be.
    into: Option<usize>,
}

impl FoundCause {
    fn scenarios(&self) -> impl Iterator<Item = usize> {
        self.own.iter().filter_map(|place| match *place {
            FailedRun::Scenario(number) => Some(number),
            FailedRun::Plan(..) => None,
        })
    }

    fn plans(&self) -> u64 {
        self.own.iter().filter(|place| place.is_plan()).count() as u64
    }

    /// Whether a plan that failed so does what this cause does, as far as can be told without running it.
    fn resembles(&self, plan: &Plan, symptom: Symptom) -> bool {
        self.symptom.is_like(symptom)
            && self.concerns(plan, symptom)
            && !self.pattern.embeddings(plan, symptom).is_empty()
    }

    fn concerns(&self, plan: &Plan, symptom: Symptom) -> bool {
        self.into.is_none()
            && (self.open || symptom.item.is_none_or(|item| self.families.contains(&KindFamily::of(plan, item))))
    }

    fn told(&self, number: u64, rules: &Rules) -> reports::Cause {
        let sort = |(signature, places): (&DivergenceSignature, &BTreeSet<FailedRun>)| reports::Sort {
            signature: told(*signature, rules),
            times: places.len() as u64,
        };
        reports::Cause {
            number,
            does: self.small.steps.iter().map(|step| words::step(&self.small, step)).collect(),
            circumstances: circumstances::of(&self.small),
            kinds: self.families.iter().map(|family| family.name().to_owned()).collect(),
            sorts: self.sorts.iter().map(sort).collect(),
            scenarios: self.scenarios().count() as u64,
            plans: self.plans(),
            behind: self.behind.difference(&self.own).count() as u64,
        }
    }
}

/// The plans of which no cause was found, by how they fail.
type Unattributed = BTreeMap<DivergenceSignature, BTreeSet<(usize, u64)>>;

/// Groups everything that failed by its cause, and tells the causes, an exhibit for each that no scenario shows, and one for
/// each sort of what belongs to no cause. Returns what the causes do.
pub(crate) fn causes(runs: FailedRuns<'_>, implementation: &mut dyn Implementation, log: &mut Log) -> KnownCauses {
    let (mut causes, left) = CauseTrial::of(runs, &mut *implementation).causes(log.so_far());
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.own.len()));
    let mut grouped = Grouped::default();
    for cause in &causes {
        grouped.show(cause, runs, implementation, log);
    }
    for (signature, places) in left {
        grouped.show_left(signature, &places, runs, implementation, log);
    }
    if runs.campaigns.is_empty() {
        return grouped.known;
    }
    let failing: u64 = runs.campaigns.iter().map(|(_, tally)| tally.failing()).sum();
    let never_again: u64 = grouped.unstable.values().sum();
    let unstable = grouped
        .unstable
        .iter()
        .map(|(&signature, &times)| SignatureTimes { signature: told(signature, &runs.checking.rules), times });
    let unstable = unstable.collect();
    let ungrouped = failing.saturating_sub(grouped.of_causes + never_again);
    log.tell(Event::PlansGrouped(PlansGrouped { unstable, ungrouped }));
    grouped.known
}

/// A signature, in words.
pub(crate) fn told(signature: DivergenceSignature, rules: &Rules) -> reports::Signature {
    reports::Signature {
        check: signature.check.name().to_owned(),
        rule: signature.rule.map(|id| rules.rule(id).id.clone()),
    }
}

/// What came of grouping.
#[derive(Debug, Default)]
struct Grouped {
    /// The causes that were told.
    causes: u64,
    /// How many plans fail by them.
    of_causes: u64,
    /// How many plans failed, by sort, in a way that was not seen again.
    unstable: BTreeMap<DivergenceSignature, u64>,
    /// What the causes do.
    known: KnownCauses,
}

impl Grouped {
    /// Shows a cause by what scenarios failed, or else by an exhibit of its own. Where that is not seen again, it is none.
    fn show(
        &mut self,
        cause: &FoundCause,
        runs: FailedRuns<'_>,
        implementation: &mut dyn Implementation,
        log: &mut Log,
    ) {
        let number = self.causes + 1;
        let plans = cause.plans();
        let failed = |id: &str| {
            let case = log.so_far().cases.iter().find(|case| case.id == id);
            case.is_some_and(|case| !case.failures.is_empty())
        };
        // The plainest first: it is the one that is looked at.
        let mut scenarios: Vec<&Scenario> = cause.scenarios().map(|number| &runs.scenarios[number]).collect();
        scenarios.sort_by_key(|scenario| (scenario.plan.steps.len(), size(&scenario.plan), &scenario.id));
        let cases = scenarios.into_iter().map(|scenario| scenario.id.clone());
        let cases: Vec<String> = cases.filter(|id| failed(id)).collect();
        let mut exhibited = None;
        if cases.is_empty() {
            let stem = cause.place.stem(&runs);
            let FailedRuns { checking, subject, .. } = runs;
            let (signature, whole, small) = (cause.symptom.signature, &cause.whole, Some(&cause.small));
            let found = FoundFailure { stem, checking, subject, signature, whole, small, times: plans };
            let failure = found.failure(implementation, log);
            if failure.again.is_some_and(|again| !again.holds()) {
                for (&signature, places) in &cause.sorts {
                    let own = places.intersection(&cause.own).filter(|place| place.is_plan()).count();
                    *self.unstable.entry(signature).or_default() += own as u64;
                }
                log.tell(Event::Exhibited(Box::new(Exhibited { place: stem.place(), failure })));
                return;
            }
            let failure = Failure { cause: Some(number), ..failure };
            exhibited = Some(Event::Exhibited(Box::new(Exhibited { place: stem.place(), failure })));
        }
        self.causes = number;
        self.of_causes += plans;
        self.known.add(number, cause);
        log.tell_all(exhibited);
        let shown = !cases.is_empty();
        log.tell(Event::CauseFound(CauseFound { cause: cause.told(number, &runs.checking.rules), cases }));
        if shown {
            shorten(cause, runs, implementation, log);
        }
    }

    /// Shows the first of what belongs to no cause as it was drawn, so that none is without an exhibit.
    fn show_left(
        &mut self,
        signature: DivergenceSignature,
        places: &BTreeSet<(usize, u64)>,
        runs: FailedRuns<'_>,
        implementation: &mut dyn Implementation,
        log: &mut Log,
    ) {
        let Some(&(number, index)) = places.first() else { return };
        let FailedRuns { checking, subject, campaigns, .. } = runs;
        let campaign = &campaigns[number].0;
        let whole = &campaign.source.plan(index, &implementation.describe().capabilities).0;
        // No execution was left to shrink it, or it did not fail again.
        let small = matches!(subject, Subject::Program { .. }).then_some(whole);
        let (stem, times) = (Stem::Plan(campaign, index), places.len() as u64);
        let found = FoundFailure { stem, checking, subject, signature, whole, small, times };
        let failure = found.failure(implementation, log);
        if failure.again.is_some_and(|again| !again.holds()) {
            *self.unstable.entry(signature).or_default() += times;
        }
        log.tell(Event::Exhibited(Box::new(Exhibited { place: stem.place(), failure })));
    }
}

/// How much the stores of a plan hold.
fn size(plan: &Plan) -> usize {
    plan.setup.items.len() + usize::from(plan.setup.bystanders)
}

/// Puts the shrunk plan of a cause in the place of the scenario that it was shrunk from, where that says more than it must:
/// more steps, or a larger world.
fn shorten(cause: &FoundCause, runs: FailedRuns<'_>, implementation: &mut dyn Implementation, log: &mut Log) {
    let FailedRun::Scenario(number) = cause.place else { return };
    let scenario = &runs.scenarios[number];
    let plain = |plan: &Plan| (plan.steps.len(), size(plan));
    if !cause.own.contains(&cause.place) || plain(&cause.small) >= plain(&scenario.plan) {
        return;
    }
    let case = log.so_far().cases.iter().find(|case| case.id == scenario.id);
    let Some(known) = case.and_then(|case| case.failures.first()).cloned() else { return };
    let FailedRuns { checking, subject, .. } = runs;
    let (stem, signature) = (cause.place.stem(&runs), cause.symptom.signature);
    let (whole, small) = (&cause.whole, Some(&cause.small));
    let shorter =
        FoundFailure { stem, checking, subject, signature, whole, small, times: 0 }.failure(implementation, log);
    let holds = shorter.again.is_some_and(reports::Again::holds);
    let Some(shrunk) = shorter.shrunk.filter(|_| holds) else { return };
    if shorter.signature == known.signature && shorter.scenario.len() < known.scenario.len() {
        let Failure { cause, times, .. } = known;
        let failure = Some(Failure { cause, times, ..shorter });
        log.tell(Event::CaseShrunk(Box::new(CaseShrunk { id: scenario.id.clone(), shrunk, failure })));
    }
}

struct CauseTrial<'t> {
    runs: FailedRuns<'t>,
    implementation: &'t mut dyn Implementation,
    slow: bool,
    /// The executions that are left.
    left: usize,
    causes: Vec<FoundCause>,
}

/// Something that fails, or what is left of it.
struct Suspect {
    place: FailedRun,
    plan: Plan,
    skip_unsupported: bool,
    /// The most executions for shrinking it.
    budget: usize,
}

impl<'t> CauseTrial<'t> {
    fn of(runs: FailedRuns<'t>, implementation: &'t mut dyn Implementation) -> Self {
        let slow = matches!(runs.subject, Subject::Program { .. });
        Self { runs, implementation, slow, left: 0, causes: Vec::new() }
    }

    /// Looks into everything that failed, the scenarios first. Returns the causes, and the plans that have none.
    fn causes(mut self, report: &ImplementationReport) -> (Vec<FoundCause>, Unattributed) {
        let plans: u64 = self.runs.campaigns.iter().map(|(_, tally)| tally.plans).sum();
        let (least, most) = SLOW_EXECUTIONS;
        let slow = usize::try_from(plans).map_or(most, |plans| plans.clamp(least, most));
        let executions = if self.slow { slow } else { EXECUTIONS };
        let failing = self.runs.campaigns.iter().any(|(_, tally)| !tally.failures.is_empty());
        let kept = if failing { executions / 2 } else { 0 };
        self.left = executions - kept;
        self.scenarios(report);
        self.left += kept;
        let failing = self.plans();
        self.causes.retain(|cause| cause.into.is_none());
        let mut left = Unattributed::new();
        for (number, index, symptom) in failing {
            if self.causes.iter().all(|cause| !cause.own.contains(&FailedRun::Plan(number, index))) {
                left.entry(symptom.signature).or_default().insert((number, index));
            }
        }
        (self.causes, left)
    }

    fn scenarios(&mut self, report: &ImplementationReport) {
        let diverges = |id: &str| {
            let case = report.cases.iter().find(|case| case.id == id);
            case.is_some_and(|case| case.verdict == reports::Verdict::Diverges)
        };
        let ours = &self.runs.checking.profile.name;
        let failing = self.runs.scenarios.iter().enumerate().filter(|(_, scenario)| {
            scenario.profile.as_ref().is_none_or(|profile| profile == ours) && diverges(&scenario.id)
        });
        // The shortest first: they are the plainest.
        let mut failing: Vec<(usize, &Scenario)> = failing.collect();
        failing.sort_by_key(|(_, scenario)| (scenario.plan.steps.len(), &scenario.id));
        for (number, scenario) in failing {
            let plan = suited(scenario, &self.implementation.describe().capabilities).plan.clone();
            let budget = if self.slow { SLOW_SCENARIO } else { BUDGET };
            let (place, skip_unsupported) = (FailedRun::Scenario(number), scenario.origin.is_some());
            if self.left > 0 {
                self.examine(Suspect { place, plan, skip_unsupported, budget });
            } else if let Some(symptom) = self.symptom(&plan, skip_unsupported) {
                self.attribute(place, &plan, symptom);
            }
        }
    }

    /// Looks into plans, and returns those that failed. First the first of each sort, then those that do not look like a
    /// known cause, then the others. Those that no execution is left for are what they look like.
    fn plans(&mut self) -> Vec<(usize, u64, Symptom)> {
        let mut failing = Vec::new();
        for (number, (_, tally)) in self.runs.campaigns.iter().enumerate() {
            for sort in tally.failures.values() {
                let kept = sort.kept.iter().enumerate();
                failing.extend(kept.map(|(nth, (&index, &symptom))| (nth > 0, number, index, symptom)));
            }
        }
        failing.sort_by_key(|&(later, number, index, _)| (later, number, index));
        let (mut alike, mut unexamined) = (Vec::new(), Vec::new());
        for &(later, number, index, symptom) in &failing {
            let plan = self.drawn(number, index);
            if later && self.causes.iter().any(|cause| cause.resembles(&plan, symptom)) {
                alike.push((number, index, symptom));
            } else if !self.look_into(number, index, plan) {
                unexamined.push((number, index, symptom));
            }
        }
        for (number, index, symptom) in alike {
            let plan = self.drawn(number, index);
            if !self.look_into(number, index, plan) {
                unexamined.push((number, index, symptom));
            }
        }
        for (number, index, symptom) in unexamined {
            let (place, plan) = (FailedRun::Plan(number, index), self.drawn(number, index));
            if self.causes.iter().all(|cause| !cause.own.contains(&place)) {
                self.attribute(place, &plan, symptom);
            }
        }
        failing.into_iter().map(|(_, number, index, symptom)| (number, index, symptom)).collect()
    }

    /// Counts something for the first cause that it looks like.
    fn attribute(&mut self, place: FailedRun, plan: &Plan, symptom: Symptom) {
        if let Some(cause) = self.causes.iter_mut().find(|cause| cause.resembles(plan, symptom)) {
            cause.families.extend(symptom.item.map(|item| KindFamily::of(plan, item)));
            cause.own.insert(place);
            cause.sorts.entry(symptom.signature).or_default().insert(place);
        }
    }

    /// Looks into a plan; whether that was not cut short.
    fn look_into(&mut self, number: usize, index: u64, plan: Plan) -> bool {
        if self.left > 0 {
            let budget = if self.slow { SLOW_BUDGET } else { BUDGET };
            self.examine(Suspect { place: FailedRun::Plan(number, index), plan, skip_unsupported: true, budget });
        }
        self.left > 0
    }

    fn drawn(&self, number: usize, index: u64) -> Plan {
        self.runs.campaigns[number].0.source.plan(index, &self.implementation.describe().capabilities).0
    }

    fn terms(&self, skip_unsupported: bool) -> Terms<'t> {
        let checking = self.runs.checking;
        Terms { rules: &checking.rules, readings: checking.profile.readings(), skip_unsupported }
    }

    /// How a plan fails, if it does and an execution is left.
    fn fails(&mut self, plan: &Plan, skip_unsupported: bool) -> Option<Symptom> {
        self.left = self.left.checked_sub(1)?;
        self.symptom(plan, skip_unsupported)
    }

    /// How a plan fails, if it does.
    fn symptom(&mut self, plan: &Plan, skip_unsupported: bool) -> Option<Symptom> {
        let ran = run(self.terms(skip_unsupported), plan, self.implementation);
        let RunVerdict::Diverges(divergence) = ran.verdict else { return None };
        Some(Symptom::of(&divergence, ran.ended_at))
    }

    /// Finds the causes that something holds, one behind the other.
    fn examine(&mut self, mut suspect: Suspect) {
        for nth in 0..ASIDE {
            let Some(symptom) = self.fails(&suspect.plan, suspect.skip_unsupported) else { break };
            let known = (0..self.causes.len()).find_map(|at| {
                let steps = self.holds(&suspect.plan, symptom, at, suspect.skip_unsupported)?;
                Some((at, Some(steps)))
            });
            let Some((at, steps)) = known.or_else(|| self.find(&suspect, symptom)) else { break };
            let (place, cause) = (suspect.place, &mut self.causes[at]);
            cause.families.extend(symptom.item.map(|item| KindFamily::of(&suspect.plan, item)));
            if nth == 0 {
                cause.own.insert(place);
            } else {
                cause.behind.insert(place);
            }
            cause.sorts.entry(symptom.signature).or_default().insert(place);
            let Some(steps) = steps else { break };
            let mut keep = (0..suspect.plan.steps.len()).map(|n| !steps.contains(&n));
            suspect.plan.steps.retain(|_| keep.next().unwrap_or(true));
        }
    }

    /// Whether a plan that fails so holds a known cause: then the steps that set it aside when they are taken out.
    fn holds(&mut self, plan: &Plan, symptom: Symptom, at: usize, skip_unsupported: bool) -> Option<Vec<usize>> {
        let cause = &self.causes[at];
        if !cause.concerns(plan, symptom) {
            return None;
        }
        let of_cause = cause.symptom;
        let embeddings = cause.pattern.embeddings(plan, symptom);
        let holding = embeddings.into_iter().find(|steps| {
            let mut tried: Vec<Vec<usize>> = vec![steps.clone(), pattern::in_step(plan, steps, symptom.item)];
            tried.dedup();
            tried.into_iter().any(|steps| {
                let only = Plan { steps: steps.iter().map(|&n| plan.steps[n]).collect(), ..plan.clone() };
                let failed = self.fails(&only, skip_unsupported);
                failed.is_some_and(|failed| failed.item == symptom.item && failed.is_like(of_cause))
            })
        });
        holding.map(|steps| pattern::trigger(plan, steps))
    }

    /// A new cause, or a known one that the shrunk plan turns out to be: its number, and the steps that set it aside.
    fn find(&mut self, suspect: &Suspect, symptom: Symptom) -> Option<(usize, Option<Vec<usize>>)> {
        let Suspect { place, ref plan, skip_unsupported, budget } = *suspect;
        let budget = budget.min(self.left);
        let small = shrunk(self.terms(skip_unsupported), plan, self.implementation, budget);
        self.left = self.left.saturating_sub(small.as_ref().map_or(1, |small| small.executions));
        let small = small?.plan;
        let again = self.fails(&small, skip_unsupported)?;
        let pattern = Pattern::of(&small, again);
        let steps = pattern.embeddings(plan, symptom).into_iter().next();
        let steps = steps.map(|steps| pattern::trigger(plan, steps));
        let known = (0..self.causes.len()).find(|&at| self.holds(&small, again, at, skip_unsupported).is_some());
        if let Some(at) = known {
            return Some((at, steps));
        }
        let (families, open) = self.families(&small, again, skip_unsupported);
        let cause = FoundCause {
            pattern,
            families,
            open,
            small,
            symptom: again,
            place,
            whole: plan.clone(),
            skip_unsupported,
            sorts: BTreeMap::new(),
            own: BTreeSet::new(),
            behind: BTreeSet::new(),
            into: None,
        };
        self.causes.push(cause);
        let new = self.causes.len() - 1;
        self.absorb(new);
        Some((new, steps))
    }

    /// Causes that turn out to hold the one just found are that one.
    fn absorb(&mut self, new: usize) {
        for at in 0..new {
            let other = &self.causes[at];
            if other.into.is_some() || other.pattern.len() <= self.causes[new].pattern.len() {
                continue;
            }
            let (symptom, small, skip_unsupported) = (other.symptom, other.small.clone(), other.skip_unsupported);
            if self.holds(&small, symptom, new, skip_unsupported).is_none() {
                continue;
            }
            let other = &mut self.causes[at];
            other.into = Some(new);
            let (sorts, families) = (std::mem::take(&mut other.sorts), std::mem::take(&mut other.families));
            let (own, behind) = (std::mem::take(&mut other.own), std::mem::take(&mut other.behind));
            let cause = &mut self.causes[new];
            for (signature, places) in sorts {
                cause.sorts.entry(signature).or_default().extend(places);
            }
            cause.families.extend(families);
            cause.own.extend(own);
            cause.behind.extend(behind);
        }
    }

    /// The families of kinds that a cause is one for: all that fail, where every one fails on which the same is due, and the
    /// item's own otherwise; and whether others may join them.
    fn families(&mut self, plan: &Plan, symptom: Symptom, skip_unsupported: bool) -> (BTreeSet<KindFamily>, bool) {
        // What concerns no item concerns no kind.
        let Some(item) = symptom.item else { return (BTreeSet::new(), true) };
        let own = KindFamily::of(plan, item);
        let mut failing = BTreeSet::from([own]);
        for family in KindFamily::ALL.into_iter().filter(|&family| family != own) {
            let Some(other) = family.instead(plan, item) else { continue };
            let capabilities = &self.implementation.describe().capabilities;
            let lacks = |step| capabilities.lacks_step(&other.setup, step).is_some();
            if capabilities.lacks(&other.setup).is_some() || other.steps.iter().any(lacks) {
                continue;
            }
            let Some(left) = self.left.checked_sub(1) else { break };
            self.left = left;
            let ran = run(self.terms(skip_unsupported), &other, self.implementation);
            // Who conforms by another reading than the first shows neither.
            let first = self.runs.checking.profile.readings().closed();
            let by_the_first = ran.readings.and(first).contradiction().is_none();
            match ran.verdict {
                RunVerdict::Diverges(_) => {
                    failing.insert(family);
                }
                RunVerdict::Conforms if by_the_first && self.is_due(&other, item, symptom) => {
                    return (BTreeSet::from([own]), false);
                }
                RunVerdict::Conforms
                | RunVerdict::Unsupported(_)
                | RunVerdict::Broken(_)
                | RunVerdict::Undecided(_) => {}
            }
        }
        (failing, true)
    }

    /// Whether every step of a plan is possible, and its last step changes the item in the manner that fails, by the
    /// documents.
    fn is_due(&self, plan: &Plan, item: ItemId, symptom: Symptom) -> bool {
        let checking = self.runs.checking;
        let readings = checking.profile.readings().closed();
        let mut reference = Reference::new("reference", Arc::clone(&checking.rules), readings);
        let (_, trace) = record(self.terms(false), plan, &mut reference);
        let Some(last) = trace.moments.last() else { return false };
        let before = trace.moments.iter().rev().find(|moment| moment.number < last.number);
        let before = before.map_or(&trace.start, |moment| &moment.view);
        let mut changes = before.item(item).iter().zip(last.view.item(item));
        trace.moments.iter().all(|moment| moment.answer.is_some())
            && changes.any(|(&before, &after)| symptom.manner.is_due(before, after))
    }
}
