//! From what runs left behind to the values of a report.

use std::collections::BTreeMap;

use tombstone_model::implementation::{Capabilities, Clock, Implementation, Operation};
use tombstone_model::oracle::SITUATIONS;
use tombstone_model::plan::{Connection, Kind};
use tombstone_model::rules::{Rule, RuleId, Rules};
use tombstone_model::verdict::{Check, Signature, Verdict};
use tombstone_model::words;
use tombstone_reports as reports;
use tombstone_reports::{
    CheckText, CommandLine, Coverage, Explanations, FactCoverage, Facts, Failure, ImplementationReport, RuleCoverage,
    Situation,
};
use tombstone_scenarios::Scenario;
use tombstone_search::generate::Strategy;
use tombstone_search::run::{Terms, record};

use crate::campaign::{Campaign, Plans, Tally, shrunk};
use crate::causes::{Grouped, Runs, causes};
use crate::check::Checking;
use crate::confirm;
use crate::explain::{self, Source};
use crate::judge;
use crate::lines;
use crate::subject::Subject;

/// What an implementation says it cannot do.
pub fn lacks(capabilities: &Capabilities) -> Vec<String> {
    let mut lacks = Vec::new();
    let flags = [
        (capabilities.stepped, "being told when to synchronize"),
        (capabilities.roles, "owners and organizers other than the user"),
        (capabilities.users, "several users"),
        (capabilities.computers, "several computers of one user"),
        (capabilities.caches, "showing what a computer holds"),
        (capabilities.prompts, "saying when a prompt appears"),
        (capabilities.clock == Clock::Live, "moving time"),
    ];
    lacks.extend(flags.into_iter().filter(|(has, _)| !has).map(|(_, what)| what.to_owned()));
    for kind in Kind::ALL.into_iter().filter(|kind| !kind.is_crm_only()) {
        let own = capabilities.kinds[kind as usize].operations;
        if own.0 == 0 {
            lacks.push(format!("items of kind {}", kind.name()));
            continue;
        }
        let missing =
            Operation::ALL[..Operation::Connect as usize].iter().filter(|operation| !own.contains(**operation));
        let missing: Vec<&str> = missing.map(|operation| operation.name()).collect();
        if !missing.is_empty() {
            lacks.push(format!("{}: {}", kind.name(), missing.join(", ")));
        }
    }
    let general = Operation::ALL[Operation::Connect as usize..].iter();
    lacks.extend(
        general.filter(|operation| !capabilities.operations.contains(**operation)).map(|o| o.name().to_owned()),
    );
    lacks
}

/// An implementation that cannot do what is asked of it at all decides nothing: every scenario is unsupported.
pub fn unsupported(report: &mut ImplementationReport, scenarios: &[Scenario], why: &str) {
    report.reason = why.to_owned();
    report.cases = scenarios
        .iter()
        .map(|scenario| reports::CaseReport {
            id: scenario.id.clone(),
            title: scenario.title.clone(),
            covers: scenario.covers.clone(),
            verdict: reports::Verdict::Unsupported,
            reason: why.to_owned(),
            ..reports::CaseReport::default()
        })
        .collect();
}

/// A program that could not be started decides nothing: every scenario is broken.
pub fn not_started(report: &mut ImplementationReport, scenarios: &[Scenario], error: &str) {
    report.reason = error.to_owned();
    report.cases = scenarios
        .iter()
        .map(|scenario| reports::CaseReport {
            id: scenario.id.clone(),
            title: scenario.title.clone(),
            covers: scenario.covers.clone(),
            verdict: reports::Verdict::Broken,
            reason: "the program could not be started".to_owned(),
            ..reports::CaseReport::default()
        })
        .collect();
    if scenarios.is_empty() {
        report.findings.push(reports::Finding {
            category: "not started".to_owned(),
            text: error.to_owned(),
            count: 1,
            incomplete: false,
            example: None,
        });
    }
}

/// The rules that nothing met in a whole run, with an excuse where the table or the implementation has one. What an
/// implementation meets that cannot be stepped is chance.
pub fn never(rules: &Rules, stepped: bool, report: &ImplementationReport) -> Vec<reports::NeverMet> {
    let counts = |rule: &Rule| report.row(&rule.id).map(|row| row.counts).unwrap_or_default();
    let unmet = rules.rows().iter().filter(|rule| counts(rule).decided == 0);
    // Another profile is none of the implementation's business.
    let declined = report
        .cases
        .iter()
        .filter(|case| case.verdict == reports::Verdict::Unsupported && !case.reason.starts_with(judge::OTHER_PROFILE));
    let never = unmet.map(|rule| {
        let case = declined.clone().find(|case| case.covers.contains(&rule.row));
        let declined = case.map(|case| format!("unsupported: {}", case.reason));
        let chance = (!stepped).then(|| "it synchronizes by itself: what it meets is chance".to_owned());
        reports::NeverMet { rule: rule.id.clone(), excuse: rule.unreachable.clone().or(declined).or(chance) }
    });
    never.collect()
}

/// Groups everything that failed by its cause, and adds campaigns, the tour and the random plans, to an implementation's
/// report.
pub fn campaigns(runs: Runs<'_>, implementation: &mut dyn Implementation, report: &mut ImplementationReport) {
    let Runs { subject, campaigns, .. } = runs;
    let Grouped { failures, unstable, ungrouped } = causes(runs, implementation, report);
    let mut times: BTreeMap<Signature, u64> = BTreeMap::new();
    for (campaign, tally) in campaigns {
        for (&signature, failing) in &tally.failures {
            *times.entry(signature).or_default() += failing.times;
        }
        problems(campaign, subject, tally, report);
    }
    for (signature, times) in times {
        let row = signature.rule.map_or_else(|| signature.check.name(), |id| runs.checking.rules.rule(id).id.as_str());
        let never_again = unstable.get(&signature).copied().unwrap_or_default();
        for (verdict, times) in
            [(reports::Verdict::Diverges, times.saturating_sub(never_again)), (reports::Verdict::Unstable, never_again)]
        {
            if times > 0 {
                report.count(row, verdict, times);
            }
        }
    }
    let unstable: u64 = unstable.values().sum();
    let Some((campaign, _)) = campaigns.first() else { return };
    let all = campaigns.iter().map(|(_, tally)| tally.clone()).reduce(Tally::merge);
    let Some(tally) = all else { return };
    let tally = &tally;
    let tours = campaigns.iter().filter(|(campaign, _)| matches!(campaign.source, Plans::Tour(_)));
    let tours = tours.map(|(_, tally)| reports::Strategy {
        name: "tour".to_owned(),
        plans: tally.plans,
        steps: tally.steps,
        failing: tally.failing(),
        mix: Vec::new(),
    });
    let (plans, steps, failing) = tally.covering;
    let covering =
        reports::Strategy { name: "situations".to_owned(), plans, steps, failing, ..reports::Strategy::default() };
    let strategies = Strategy::ALL.iter().zip(tally.strategies);
    report.campaign = Some(reports::Campaign {
        plans: tally.plans,
        steps: tally.steps,
        failing: tally.failing().saturating_sub(unstable),
        unstable,
        ungrouped,
        inconclusive: tally.undecided,
        broken: tally.broken.values().map(|(_, times)| times).sum(),
        strategies: tours
            .chain(std::iter::once(covering))
            .chain(strategies.map(|(strategy, (plans, steps, failing))| reports::Strategy {
                name: strategy.name().to_owned(),
                plans,
                steps,
                failing,
                mix: Vec::new(),
            }))
            .filter(|strategy| strategy.plans > 0)
            .collect(),
        situations: met(campaigns, &implementation.describe().capabilities),
        coverage: Some(coverage(&campaign.rules, tally)),
        explanations: Some(Explanations {
            mean: tally.statistics.explanations as f64 / tally.statistics.sets.max(1) as f64,
            max: tally.statistics.largest.into(),
        }),
        failures,
    });
}

/// What share of the situations was drawn and met, where plans begin with situations.
fn met(campaigns: &[(Campaign, Tally)], capabilities: &Capabilities) -> Option<reports::Situations> {
    campaigns.iter().find_map(|(campaign, tally)| {
        let Plans::Covering { strength, .. } = campaign.source else { return None };
        let situations = campaign.source.situations(capabilities)?;
        let plans = situations.len().min(campaign.plans);
        Some(reports::Situations {
            strength: strength.number(),
            plans: situations.len(),
            run: plans,
            tuples: situations.tuples(),
            drawn: situations.met(0..plans),
            met: situations.met(tally.situations.iter().copied()),
        })
    })
}

fn problems(campaign: &Campaign, subject: &Subject, tally: &Tally, report: &mut ImplementationReport) {
    for (why, (index, count)) in &tally.broken {
        report.findings.push(reports::Finding {
            category: "broken".to_owned(),
            text: why.clone(),
            count: *count,
            incomplete: false,
            example: Some(replay(campaign, subject, *index).to_string()),
        });
    }
    if let Some(index) = tally.nondeterministic.first() {
        report.findings.push(reports::Finding {
            category: "not deterministic".to_owned(),
            text: "the same plan, run twice, left different things behind".to_owned(),
            count: tally.nondeterministic.len() as u64,
            incomplete: false,
            example: Some(replay(campaign, subject, *index).to_string()),
        });
    }
}

/// The command that replays a plan of a campaign.
pub fn replay(campaign: &Campaign, subject: &Subject, index: u64) -> CommandLine {
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
    report: &mut ImplementationReport,
) {
    let rules = &*checking.rules;
    let terms = Terms { rules, readings: checking.profile.readings(), skip_unsupported: false };
    let mut ended = ImplementationReport::default();
    let mut shortest: BTreeMap<reports::Signature, (&mut Failure, &Scenario)> = BTreeMap::new();
    for case in &mut report.cases {
        let scenario = scenarios.iter().find(|scenario| scenario.id == case.id);
        let (Some(failure), Some(scenario)) = (case.failures.first_mut(), scenario) else { continue };
        let known = shortest.get(&failure.signature);
        if known.is_none_or(|(_, known)| scenario.plan.steps.len() < known.plan.steps.len()) {
            shortest.insert(failure.signature.clone(), (failure, scenario));
        }
    }
    for (signature, (failure, scenario)) in shortest {
        let from = scenario.plan.steps.len();
        failure.shrunk = Some(reports::Shrunk { from: from as u64, to: from as u64, minimal: false });
        if from <= SHORTEST {
            continue;
        }
        let Some(small) = shrunk(terms, &scenario.plan, implementation, CASE_BUDGET) else { continue };
        let plan = small.plan;
        let (run, trace) = record(terms, &plan, implementation);
        let Verdict::Diverges(divergence) = run.verdict else { continue };
        let to = plan.steps.len() as u64;
        let mut small =
            Scenario::new(format!("counterexample/{}", divergence.check.name()), scenario.title.clone(), plan.clone());
        small.header = vec![format!("{from} steps became {to}. From the scenario {}.", scenario.id)];
        small.profile = Some(checking.profile.name.clone());
        let text = tombstone_scenarios::write(&small);
        let source = Source { replay: lines::scenario(checking, subject, &scenario.id), scenario: text.clone() };
        let mut shorter = explain::failure(rules, &plan, &divergence, &trace, source);
        if shorter.signature != signature {
            continue;
        }
        let again = confirm::again(checking, subject, implementation, (&text, &signature), &mut ended);
        if again.holds() {
            shorter.again = Some(again);
            shorter.shrunk = Some(reports::Shrunk { from: from as u64, to, minimal: false });
            (shorter.cause, shorter.times) = (failure.cause, failure.times);
            *failure = shorter;
        }
    }
    report.findings.append(&mut ended.findings);
}

fn coverage(rules: &Rules, tally: &Tally) -> Coverage {
    let mut coverage = Coverage::default();
    for (rule, id) in rules.rows().iter().zip(0..) {
        let row = tally.met.row(RuleId(id));
        let cells = (0..SITUATIONS).filter(|&n| row[n] > 0).map(|n| Situation {
            role: ["neither", "owner", "organizer", "owner and organizer"][n & 3].to_owned(),
            time: ["not current", "current"][n >> 2 & 1].to_owned(),
            state: ["closed", "open"][n >> 3 & 1].to_owned(),
            connection: words::connection(CONNECTIONS[n >> 4]).to_owned(),
            count: row[n].into(),
        });
        let cells: Vec<Situation> = cells.collect();
        let reached = cells.len() as u64;
        coverage.reached += reached;
        if reached == 0 && rule.unreachable.is_none() {
            coverage.never.push(rule.id.clone());
        }
        coverage.rules.push(RuleCoverage { rule: rule.id.clone(), reached, situations: reached, cells });
    }
    coverage.situations = coverage.reached;
    coverage
}

const CONNECTIONS: [Connection; 4] =
    [Connection::Connected, Connection::Disconnected, Connection::Offline, Connection::Crashed];

/// Which scenarios cover each documented fact.
pub fn facts(scenarios: &[Scenario]) -> Facts {
    let mut facts = Facts::default();
    for fact in tombstone_scenarios::facts() {
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
    }
}
