//! From what runs left behind to the values of a report.

use std::collections::BTreeMap;

use tombstone_model::contract::implementation::{Capabilities, Clock, Implementation, Operation};
use tombstone_model::oracle::Met;
use tombstone_model::plan::Kind;
use tombstone_model::rules::Rules;
use tombstone_model::verdict::{Check, RunVerdict};
use tombstone_model::view::Field;
use tombstone_reports as reports;
use tombstone_reports::events::{
    CaseJudged, CaseShrunk, Event, ExplanationSets, FailingPlans, PlanSource, PlansJudged, PlansStarted, Recurring,
    RowMet, StrategyShare,
};
use tombstone_reports::{CheckText, CommandLine, FactCoverage, Facts, Failure};
use tombstone_scenarios::Scenario;
use tombstone_search::generate::Strategy;
use tombstone_search::run::{Terms, record};
use tombstone_search::shrink::SINGLE_BUDGET;

use crate::campaign::{CampaignPlan, PlansFrom, Tally, shrunk, singly};
use crate::causes::{self, FailedRuns, KnownCauses};
use crate::check::{self, Checking};
use crate::confirm;
use crate::exhibit::{SINGLY, became};
use crate::explain::{self, ReplaySource};
use crate::lines;
use crate::log::{Log, noted};
use crate::subject::Subject;

/// What it can do beside operations and fields, and whether it does.
fn flags(capabilities: &Capabilities) -> [(bool, &'static str); 8] {
    [
        (capabilities.stepped, "being told when to synchronize"),
        (capabilities.roles, "owners and organizers other than the user"),
        (capabilities.rights, "users who may not create or change records"),
        (capabilities.users, "several users"),
        (capabilities.computers, "several computers of one user"),
        (capabilities.caches, "showing what a computer holds"),
        (capabilities.prompts, "saying when a prompt appears"),
        (capabilities.clock == Clock::Live, "moving time"),
    ]
}

/// What an implementation claims, for people: the kinds first, each with its operations and the fields that can be seen.
pub fn claims(capabilities: &Capabilities) -> Vec<String> {
    let mut claims = Vec::new();
    for kind in Kind::ALL.into_iter().filter(|kind| capabilities.knows(*kind)) {
        let own = capabilities.kinds[kind as usize].operations;
        let operations = Operation::ALL.iter().filter(|it| it.is_of_kinds() && it.suits(kind) && own.contains(**it));
        let operations: Vec<&str> = operations.map(|operation| operation.name()).collect();
        let fields = capabilities.fields(kind);
        let fields = Field::ALL.iter().filter(|field| fields & field.mask() != 0).map(|field| field.name());
        let fields: Vec<&str> = fields.collect();
        let does = if operations.is_empty() { "is held".to_owned() } else { operations.join(", ") };
        claims.push(format!("{}: {does}; shown: {}", kind.name(), fields.join(", ")));
    }
    let general = Operation::ALL.iter().filter(|operation| !operation.is_of_kinds());
    claims.extend(general.filter(|it| capabilities.operations.contains(**it)).map(|it| it.name().to_owned()));
    claims.extend(flags(capabilities).into_iter().filter(|(has, _)| *has).map(|(_, what)| what.to_owned()));
    claims
}

/// What an implementation says it cannot do.
pub fn lacks(capabilities: &Capabilities) -> Vec<String> {
    let mut lacks = Vec::new();
    lacks.extend(flags(capabilities).into_iter().filter(|(has, _)| !has).map(|(_, what)| what.to_owned()));
    for kind in Kind::ALL {
        let own = capabilities.kinds[kind as usize].operations;
        if !capabilities.knows(kind) {
            lacks.push(format!("items of kind {}", kind.name()));
            continue;
        }
        let of_kinds = Operation::ALL.iter().filter(|operation| operation.is_of_kinds() && operation.suits(kind));
        let missing = of_kinds.filter(|operation| !own.contains(**operation));
        let missing: Vec<&str> = missing.map(|operation| operation.name()).collect();
        if !missing.is_empty() {
            lacks.push(format!("{}: {}", kind.name(), missing.join(", ")));
        }
    }
    let general = Operation::ALL.iter().filter(|operation| !operation.is_of_kinds());
    lacks.extend(
        general.filter(|operation| !capabilities.operations.contains(**operation)).map(|o| o.name().to_owned()),
    );
    lacks
}

/// An implementation that cannot do what is asked of it at all decides nothing: every scenario is unsupported.
pub fn unsupported(log: &mut Log, scenarios: &[Scenario], why: &str) {
    log.tell(Event::NotRun { why: why.to_owned() });
    log.tell_all(scenarios.iter().map(|scenario| not_run(scenario, reports::Verdict::Unsupported, why)));
}

/// A program that could not be started decides nothing: every scenario is broken.
pub fn not_started(log: &mut Log, scenarios: &[Scenario], error: &str) {
    log.tell(Event::NotRun { why: error.to_owned() });
    let why = "the program could not be started";
    log.tell_all(scenarios.iter().map(|scenario| not_run(scenario, reports::Verdict::Broken, why)));
    if scenarios.is_empty() {
        log.tell(Event::Found(noted("not started", error, "")));
    }
}

fn not_run(scenario: &Scenario, verdict: reports::Verdict, why: &str) -> Event {
    let case = reports::CaseReport {
        id: scenario.id.clone(),
        aliases: scenario.aliases.clone(),
        title: scenario.title.clone(),
        covers: scenario.covers.clone(),
        verdict,
        reason: why.to_owned(),
        ..reports::CaseReport::default()
    };
    Event::CaseJudged(Box::new(CaseJudged { case, ..CaseJudged::default() }))
}

/// What is told before the plans of a campaign run.
pub fn plans_started(campaign: &CampaignPlan) -> Event {
    let source = source(campaign);
    let strategies = match source {
        PlanSource::Tour => vec![TOUR],
        PlanSource::Generated => {
            std::iter::once(SITUATIONS).chain(Strategy::ALL.into_iter().map(Strategy::name)).collect()
        }
    };
    let strategies = strategies.into_iter().map(str::to_owned).collect();
    Event::PlansStarted(PlansStarted { source, plans: campaign.plans, strategies })
}

/// What the plans of the tour, and those that begin with a situation, are counted by.
const TOUR: &str = "tour";
const SITUATIONS: &str = "situations";

/// Where the plans of a campaign are from.
pub fn source(campaign: &CampaignPlan) -> PlanSource {
    match campaign.source {
        PlansFrom::Tour(_) => PlanSource::Tour,
        PlansFrom::Random(_) | PlansFrom::Covering { .. } => PlanSource::Generated,
    }
}

/// What is told of a share of the plans of a campaign: those from an index on.
pub fn plans_judged(campaign: &CampaignPlan, subject: &Subject, from: u64, tally: &Tally) -> Event {
    let rules = &campaign.rules;
    let recurring = |text: &str, times: u64, first: u64| Recurring {
        text: text.to_owned(),
        times,
        first,
        replay: replay(campaign, subject, first).to_string(),
    };
    let share = |name: &str, (plans, steps, failing): (u64, u64, u64)| StrategyShare {
        name: name.to_owned(),
        plans,
        steps,
        failing,
    };
    let source = source(campaign);
    let strategies = match source {
        PlanSource::Tour => vec![share(TOUR, (tally.plans, tally.steps, tally.failing()))],
        PlanSource::Generated => {
            let drawn = Strategy::ALL.iter().zip(tally.strategies);
            let drawn = drawn.map(|(strategy, counts)| share(strategy.name(), counts));
            std::iter::once(share(SITUATIONS, tally.covering)).chain(drawn).collect()
        }
    };
    let failing = tally.failures.iter().map(|(&signature, failing)| FailingPlans {
        signature: causes::told(signature, rules),
        row: signature.rule.map(|id| id.row),
        times: failing.times,
        plans: failing.kept.iter().map(|(&index, symptom)| symptom.told(index)).collect(),
    });
    let twice = "the same plan, run twice, left different things behind";
    let nondeterministic =
        tally.nondeterministic.first().map(|&first| recurring(twice, tally.nondeterministic.len() as u64, first));
    Event::PlansJudged(Box::new(PlansJudged {
        source,
        from,
        plans: tally.plans,
        steps: tally.steps,
        undecided: tally.undecided,
        broken: tally.broken.iter().map(|(why, &(first, times))| recurring(why, times, first)).collect(),
        nondeterministic,
        strategies: strategies.into_iter().filter(|strategy| strategy.plans > 0).collect(),
        failing: failing.collect(),
        situations: tally.situations.iter().copied().collect(),
        counts: check::counts(rules, &tally.met, tally.checked),
        met: met(rules, &tally.met),
        explanations: ExplanationSets {
            sets: tally.statistics.sets,
            explanations: tally.statistics.explanations,
            largest: tally.statistics.largest.into(),
        },
        left: tally.held.left(),
    }))
}

/// The situations of rules that were met.
fn met(rules: &Rules, met: &Met) -> Vec<RowMet> {
    let rows = rules.ids().map(|(id, rule)| {
        let cells = (0..).zip(met.row(id)).filter(|(_, times)| **times > 0);
        RowMet { rule: rule.id.clone(), cells: cells.map(|(number, &times)| (number, times.into())).collect() }
    });
    rows.filter(|row| !row.cells.is_empty()).collect()
}

/// Groups everything that failed by its cause, and tells what came of the plans of campaigns, the tour and the random ones,
/// beyond what was told of each share. Returns what the causes do.
pub fn campaigns(runs: FailedRuns<'_>, implementation: &mut dyn Implementation, log: &mut Log) -> KnownCauses {
    let known = causes::causes(runs, implementation, log);
    let situations = situations(runs.campaigns, &implementation.describe().capabilities);
    log.tell_all(situations.map(Event::SituationsMet));
    known
}

/// What share of the situations was drawn and met, where plans begin with situations.
fn situations(campaigns: &[(CampaignPlan, Tally)], capabilities: &Capabilities) -> Option<reports::SituationsCovered> {
    campaigns.iter().find_map(|(campaign, tally)| {
        let PlansFrom::Covering { strength, .. } = campaign.source else { return None };
        let situations = campaign.source.situations(capabilities)?;
        let plans = situations.len().min(campaign.plans);
        Some(reports::SituationsCovered {
            strength: strength.number(),
            plans: situations.len(),
            run: plans,
            tuples: situations.tuples(),
            drawn: situations.met(0..plans),
            met: situations.met(tally.situations.iter().copied()),
        })
    })
}

/// The command that replays a plan of a campaign.
pub fn replay(campaign: &CampaignPlan, subject: &Subject, index: u64) -> CommandLine {
    lines::plan(&campaign.source, index, &campaign.profile, subject)
}

/// The most executions for shrinking a scenario: it was written short.
const CASE_BUDGET: usize = 12;
/// One change and the synchronization after it: nothing shorter can fail.
const SHORTEST: usize = 2;

/// Shrinks what an implementation fails of the scenarios: of each signature, the shortest.
pub fn shrink_cases(
    checking: &Checking,
    subject: &Subject,
    scenarios: &[Scenario],
    implementation: &mut dyn Implementation,
    log: &mut Log,
) {
    let mut shortest: BTreeMap<reports::Signature, &Scenario> = BTreeMap::new();
    for case in &log.so_far().cases {
        let scenario = scenarios.iter().find(|scenario| scenario.id == case.id);
        let (Some(failure), Some(scenario)) = (case.failures.first(), scenario) else { continue };
        let known = shortest.get(&failure.signature);
        if known.is_none_or(|known| scenario.plan.steps.len() < known.plan.steps.len()) {
            shortest.insert(failure.signature.clone(), scenario);
        }
    }
    for (signature, scenario) in shortest {
        let from = scenario.plan.steps.len() as u64;
        let shorter = shorter(checking, subject, (scenario, &signature), implementation, log);
        let (failure, to, single) = shorter.unwrap_or((None, from, false));
        let shrunk = reports::Shrunk { from, to, minimal: false, single };
        log.tell(Event::CaseShrunk(Box::new(CaseShrunk { id: scenario.id.clone(), shrunk, failure })));
    }
}

/// The failure of a scenario, shrunk and seen again, or none where it is as it was; how many steps are left; and whether every
/// single one was left out in turn. None where it could not be shrunk.
fn shorter(
    checking: &Checking,
    subject: &Subject,
    (scenario, signature): (&Scenario, &reports::Signature),
    implementation: &mut dyn Implementation,
    log: &mut Log,
) -> Option<(Option<Failure>, u64, bool)> {
    let rules = &*checking.rules;
    let terms = Terms { rules, readings: checking.profile.readings(), skip_unsupported: false };
    let from = scenario.plan.steps.len();
    let short = if from <= SHORTEST {
        scenario.plan.clone()
    } else {
        shrunk(terms, &scenario.plan, implementation, CASE_BUDGET)?.plan
    };
    let (plan, single) = singly(terms, &short, implementation, SINGLE_BUDGET)?;
    if plan.steps == scenario.plan.steps && plan.setup == scenario.plan.setup {
        return Some((None, from as u64, single));
    }
    let (run, trace) = record(terms, &plan, implementation);
    let RunVerdict::Diverges(divergence) = run.verdict else { return None };
    let to = plan.steps.len() as u64;
    let mut small = Scenario::new(scenario.id.clone(), scenario.title.clone(), plan.clone());
    small.header = vec![format!("{}From the scenario {}.", became(from as u64, to), scenario.id)];
    small.header.extend(single.then(|| SINGLY.to_owned()));
    small.profile = Some(checking.profile.name.clone());
    let text = tombstone_scenarios::write(&small);
    let source = ReplaySource { replay: lines::scenario(checking, subject, &scenario.id), scenario: text.clone() };
    let failure = explain::failure(rules, &plan, &divergence, &trace, source);
    if failure.signature != *signature {
        return None;
    }
    let again = confirm::again(checking, subject, implementation, (&text, signature), log);
    again.holds().then_some((Some(Failure { again: Some(again), ..failure }), to, single))
}

/// Which scenarios cover each documented fact.
pub fn facts(scenarios: &[Scenario]) -> Facts {
    let mut facts = Facts::default();
    for fact in tombstone_model::rules::facts::facts() {
        let covering = scenarios.iter().filter(|scenario| scenario.covers.contains(&fact.id));
        let covering: Vec<String> = covering.map(|scenario| scenario.id.clone()).collect();
        let total = match (covering.is_empty(), &fact.beyond) {
            (false, _) => &mut facts.totals.covered,
            (true, Some(_)) => &mut facts.totals.untestable,
            (true, None) => &mut facts.totals.uncovered,
        };
        *total += 1;
        facts.totals.facts += 1;
        facts.facts.push(FactCoverage {
            id: fact.id.clone(),
            text: fact.subject.clone(),
            sources: fact.sources.clone(),
            reason: fact.beyond.clone().filter(|_| covering.is_empty()),
            scenarios: covering,
        });
    }
    facts
}

/// A check beyond the table, in words.
pub fn check(check: Check) -> CheckText {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    CheckText {
        id: check.name().to_owned(),
        title: check.meaning().to_owned(),
        sources: owned(check.sources()),
        facts: owned(check.facts()),
        faults: Vec::new(),
    }
}
