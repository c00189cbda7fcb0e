//! The fold: a report is what a stream of events leaves behind. Nothing else fills one.
//!
//! A stream may be cut anywhere. What was decided before stands; what was seen once, and not looked at again before the
//! end, is held against nobody; and an implementation whose end is missing says so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::events::*;
use crate::value::command::CommandLine;
use crate::value::evidence::{Campaign, Coverage, Explanations, RuleCoverage, SituationCoverage, StrategyCounts};
use crate::value::hold::hold;
use crate::value::report::{FORMAT, Interruption, Report};
use crate::value::reproduced::Unstable;
use crate::value::results::{
    CaseReport, Failure, Finding, ImplementationReport, Observation, Shrunk, Signature, Verdict, Witness,
};
use crate::value::tables::TableText;
use crate::value::timings::{ImplementationTiming, Timings};

/// The report of a stream of events, whole or cut.
pub fn report(lines: &[EventLine]) -> Report {
    of(lines).report()
}

/// The timings of a stream of events, as far as it has any.
pub fn timings(lines: &[EventLine]) -> Timings {
    of(lines).timings()
}

fn of(lines: &[EventLine]) -> Fold {
    let mut fold = Fold::default();
    for line in lines {
        fold.take(line);
    }
    fold
}

/// A whole run, as far as it was told.
#[derive(Debug, Default)]
struct Fold {
    head: RunStarted,
    implementations: BTreeMap<usize, ImplementationFold>,
    timings: Timings,
    signal: Option<String>,
    ended: bool,
}

impl Fold {
    fn take(&mut self, line: &EventLine) {
        if let Some(number) = line.of {
            self.implementations.entry(number).or_default().take(&line.event);
        } else if let Event::RunStarted(head) = &line.event {
            self.head = (**head).clone();
            self.implementations = (0..).zip(head.implementations.iter().map(ImplementationFold::new)).collect();
        } else if let Event::Timed { what: Timed::Run { host, started, milliseconds } } = &line.event {
            let (host, started) = (host.clone(), started.clone());
            self.timings = Timings { host, started, milliseconds: *milliseconds, ..Timings::default() };
        } else if let Event::Interrupted { signal } = &line.event {
            self.signal = Some(signal.clone());
        } else if line.event == Event::RunEnded {
            self.ended = true;
        }
    }

    fn report(&self) -> Report {
        let head = self.head.clone();
        let mut report = Report {
            format: FORMAT,
            tombstone: head.tombstone,
            title: String::new(),
            rules_digest: head.rules_digest,
            suite_digest: head.suite_digest,
            profile: head.profile,
            seed: head.seed,
            arguments: head.arguments,
            filtered: head.filtered,
            interrupted: (!self.ended).then(|| Interruption { signal: self.signal.clone() }),
            tables: head.tables,
            rules: head.rules,
            checks: head.checks,
            implementations: self.implementations.values().map(|it| it.report(&self.head)).collect(),
            baseline: None,
            faults: None,
            bench: None,
            facts: head.facts,
        }
        .finish();
        if let Some(baseline) = &head.baseline {
            hold(&mut report, baseline);
        }
        if let Some(folder) = &head.folder {
            for implementation in &mut report.implementations {
                let chosen_by = implementation.chosen_by.clone();
                for failure in implementation.shrunk() {
                    replay_file(failure, folder, &chosen_by);
                }
                for failure in implementation.readings.iter_mut().flat_map(|readings| &mut readings.failures) {
                    replay_witnesses(failure, folder, &chosen_by);
                }
            }
        }
        report
    }

    fn timings(&self) -> Timings {
        let implementations = self.implementations.values().filter_map(|fold| {
            let steps = fold.report.campaign.as_ref().map(|campaign| campaign.steps);
            let (milliseconds, plans) = fold.milliseconds?;
            Some(ImplementationTiming {
                name: fold.report.name.clone(),
                steps_per_second: steps.map(|steps| steps.saturating_mul(1000) / plans.max(1)),
                milliseconds,
                ..fold.timing.clone()
            })
        });
        Timings { format: FORMAT, implementations: implementations.collect(), ..self.timings.clone() }
    }
}

/// Names the file of a failure in the line that replays it.
fn replay_file(failure: &mut Failure, folder: &str, chosen_by: &[String]) {
    let Some(file) = &failure.file else { return };
    let line = CommandLine::replay(&Path::new(folder).join(file)).with(chosen_by);
    // What was found behind something else has no line of what was run before.
    failure.unshrunk = Some(std::mem::take(&mut failure.replay)).filter(|line| !line.is_empty());
    failure.replayed_by(&line);
}

/// The command for runs that contradict each other: where one of them was shrunk, their files are checked together.
fn replay_witnesses(failure: &mut Failure, folder: &str, chosen_by: &[String]) {
    let shorter = |it: &Witness| it.shrunk.as_ref().is_some_and(Shrunk::is_shorter);
    let files = failure.witnesses.iter().filter_map(|it| Some(Path::new(folder).join(it.file.as_ref()?)));
    let files: Vec<PathBuf> = files.collect();
    if !failure.witnesses.iter().any(shorter) || files.len() < failure.witnesses.len() {
        return;
    }
    for (witness, file) in failure.witnesses.iter_mut().zip(&files) {
        witness.replay = CommandLine::replay(file).with(chosen_by).to_string();
    }
    failure.unshrunk = Some(std::mem::take(&mut failure.replay)).filter(|line| !line.is_empty());
    failure.replayed_by(&CommandLine::together(&files).with(chosen_by));
}

/// The report on one implementation, as far as it was told.
#[derive(Clone, Debug, Default)]
pub struct ImplementationFold {
    report: ImplementationReport,
    /// What makes each finding, and each observation, the same as another: in the order of the report's.
    findings: Vec<NoteKey>,
    observations: Vec<NoteKey>,
    /// The cases that were not run because they were written for another profile.
    other_profile: Vec<String>,
    plans: Plans,
    timing: ImplementationTiming,
    /// What all of it took, and the plans alone.
    milliseconds: Option<(u64, u64)>,
    ended: bool,
}

/// The category of a note, and what makes it the same as another there.
type NoteKey = (String, String);

/// What shares of plans add up to.
#[derive(Clone, Debug, Default)]
struct Plans {
    /// How often plans failed, by signature.
    failing: BTreeMap<Signature, u64>,
    /// On how many plans it broke of what, by source.
    broken: BTreeMap<(PlanSource, String), Recurring>,
    nondeterministic: BTreeMap<PlanSource, Recurring>,
    /// The situations that were met, by rule and number.
    met: BTreeMap<String, BTreeMap<u16, u64>>,
    sets: ExplanationSets,
    grouped: bool,
}

/// What is said of a case that failed once.
const UNCONFIRMED: &str = "it failed, and the run ended before that was looked at again";
/// The category of what is said of one that did not end as it should.
const ENDING: &str = "does not end as it should";

impl ImplementationFold {
    /// The fold before anything was told of an implementation that is called so.
    pub fn new(name: impl Into<String>) -> Self {
        Self { report: ImplementationReport::new(name, ""), ..Self::default() }
    }

    /// What is known so far, in the order in which it was told, and not yet completed.
    pub fn so_far(&self) -> &ImplementationReport {
        &self.report
    }

    /// Whether a case was not run because it was written for another profile.
    pub fn is_of_another_profile(&self, case: &str) -> bool {
        self.other_profile.iter().any(|other| other == case)
    }

    /// Takes what happened next.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::ImplementationStarted(started) => self.started(started),
            Event::NotRun { why } => self.report.reason.clone_from(why),
            Event::CaseJudged(judged) => self.judged(judged),
            Event::CaseConfirmed(confirmed) => self.confirmed(confirmed),
            Event::CaseRemarked { id, remark } => {
                if let Some(case) = self.case(id) {
                    case.reason.clone_from(remark);
                }
            }
            Event::CaseShrunk(shrunk) => self.shrunk(shrunk),
            Event::PlansStarted(started) => self.plans_started(started),
            Event::PlansJudged(share) => self.plans_judged(share),
            Event::PlansGrouped(grouped) => self.plans_grouped(grouped),
            Event::SituationsMet(situations) => {
                if let Some(campaign) = &mut self.report.campaign {
                    campaign.situations = Some(*situations);
                }
            }
            Event::CauseFound(found) => self.cause(found),
            Event::Exhibited(exhibited) => self.exhibited(exhibited),
            Event::ReadingsInferred(inference) => {
                let readings = self.report.readings.get_or_insert_default();
                let failures = std::mem::take(&mut readings.failures);
                *readings = inference.clone();
                readings.failures = failures;
            }
            Event::Observed(noted) => self.observed(noted),
            Event::Found(noted) => self.found(noted),
            Event::EndedBadly { text } => self.ended_badly(text),
            Event::RowsNeverMet { rows } => self.report.never.clone_from(rows),
            Event::Timed { what } => self.timed(what),
            Event::ImplementationEnded => self.ended = true,
            // Those are about the run, or say only how far it is.
            Event::RunStarted(_)
            | Event::ScenariosStarted { .. }
            | Event::ScenariosJudged
            | Event::Interrupted { .. }
            | Event::RunEnded => {}
        }
    }

    fn case(&mut self, id: &str) -> Option<&mut CaseReport> {
        self.report.cases.iter_mut().find(|case| case.id == id)
    }

    fn started(&mut self, started: &ImplementationStarted) {
        let ImplementationStarted { name, version, program, environment, claims, lacks, decided, chosen_by } =
            started.clone();
        let report = self.report.clone();
        self.report =
            ImplementationReport { name, version, program, environment, chosen_by, claims, lacks, decided, ..report };
    }

    fn judged(&mut self, judged: &CaseJudged) {
        let CaseJudged { case, other_profile, counts, left: _ } = judged;
        self.count(counts);
        if *other_profile {
            self.other_profile.push(case.id.clone());
        }
        self.report.cases.push(case.clone());
    }

    fn count(&mut self, counts: &[RowCount]) {
        for RowCount { row, verdict, times } in counts {
            self.report.count(row, *verdict, *times);
        }
    }

    fn confirmed(&mut self, confirmed: &CaseConfirmed) {
        let CaseConfirmed { id, again, rows } = confirmed;
        let Some(case) = self.report.cases.iter_mut().find(|case| case.id == *id) else { return };
        if let Some(again) = *again {
            for failure in &mut case.failures {
                failure.again = Some(again);
            }
            if !again.holds() {
                let signature = case.failures.first().map(|failure| failure.signature.clone()).unwrap_or_default();
                (case.verdict, case.reason) = (Verdict::Unstable, format!("{again}: {signature}"));
                let unstable = case.failures.drain(..).map(|failure| Unstable { place: id.clone(), again, failure });
                self.report.unstable.extend(unstable);
            }
        }
        let verdict = case.verdict;
        for row in rows {
            self.report.count(row, verdict, 1);
        }
    }

    fn shrunk(&mut self, shrunk: &CaseShrunk) {
        let Some(known) = self.case(&shrunk.id).and_then(|case| case.failures.first_mut()) else { return };
        if let Some(shorter) = &shrunk.failure {
            *known = Failure { cause: known.cause, times: known.times, ..shorter.clone() };
        }
        known.shrunk = Some(shrunk.shrunk);
    }

    fn plans_started(&mut self, started: &PlansStarted) {
        let campaign = self.report.campaign.get_or_insert_default();
        for name in &started.strategies {
            strategy(campaign, name);
        }
    }

    fn plans_judged(&mut self, share: &PlansJudged) {
        let campaign = self.report.campaign.get_or_insert_default();
        campaign.plans += share.plans;
        campaign.steps += share.steps;
        campaign.inconclusive += share.undecided;
        campaign.broken += share.broken.iter().map(|broken| broken.times).sum::<u64>();
        for own in &share.strategies {
            let known = strategy(campaign, &own.name);
            known.plans += own.plans;
            known.steps += own.steps;
            known.failing += own.failing;
        }
        let plans = &mut self.plans;
        for FailingPlans { signature, times, row: _, plans: _ } in &share.failing {
            *plans.failing.entry(signature.clone()).or_default() += times;
            campaign.failing += times;
        }
        for broken in &share.broken {
            recur(plans.broken.entry((share.source, broken.text.clone())).or_default(), broken);
        }
        if let Some(twice) = &share.nondeterministic {
            recur(plans.nondeterministic.entry(share.source).or_default(), twice);
        }
        for RowMet { rule, cells } in &share.met {
            let known = plans.met.entry(rule.clone()).or_default();
            for (number, times) in cells {
                *known.entry(*number).or_default() += times;
            }
        }
        plans.sets.sets += share.explanations.sets;
        plans.sets.explanations += share.explanations.explanations;
        plans.sets.largest = plans.sets.largest.max(share.explanations.largest);
        self.count(&share.counts);
    }

    fn plans_grouped(&mut self, grouped: &PlansGrouped) {
        let Some(campaign) = &mut self.report.campaign else { return };
        self.plans.grouped = true;
        campaign.ungrouped = grouped.ungrouped;
        campaign.unstable = grouped.unstable.iter().map(|it| it.times).sum();
        campaign.failing = campaign.failing.saturating_sub(campaign.unstable);
        for (signature, times) in std::mem::take(&mut self.plans.failing) {
            let unstable = grouped.unstable.iter().find(|it| it.signature == signature);
            let unstable = unstable.map_or(0, |it| it.times);
            let row = signature.rule.as_ref().unwrap_or(&signature.check);
            for (verdict, times) in [(Verdict::Diverges, times.saturating_sub(unstable)), (Verdict::Unstable, unstable)]
            {
                if times > 0 {
                    self.report.count(row, verdict, times);
                }
            }
        }
    }

    fn cause(&mut self, found: &CauseFound) {
        let CauseFound { cause, cases } = found;
        let mut times = Some(cause.plans).filter(|plans| *plans > 0);
        for id in cases {
            if let Some(failure) = self.case(id).and_then(|case| case.failures.first_mut()) {
                failure.cause = Some(cause.number);
                failure.times = times.take();
            }
        }
        self.report.causes.push(cause.clone());
    }

    fn exhibited(&mut self, exhibited: &Exhibited) {
        let Exhibited { place, failure } = exhibited;
        let unstable = failure.again.filter(|again| !again.holds());
        if *place == FailedAt::Run {
            let verdict = if unstable.is_some() { Verdict::Unstable } else { Verdict::Diverges };
            self.report.count(&failure.signature.check, verdict, 1);
        }
        let failures = match (unstable, place) {
            (Some(again), _) => {
                let failure = failure.clone();
                self.report.unstable.push(Unstable { place: place.to_string(), again, failure });
                return;
            }
            (None, FailedAt::Case(id)) => self.case(id).map(|case| &mut case.failures),
            (None, FailedAt::Generated) => Some(&mut self.report.campaign.get_or_insert_default().failures),
            (None, FailedAt::Run) => Some(&mut self.report.readings.get_or_insert_default().failures),
        };
        if let Some(failures) = failures {
            failures.push(failure.clone());
        }
    }

    fn observed(&mut self, noted: &NotedEvent) {
        let observations = &mut self.report.observations;
        match known(&mut self.observations, noted) {
            Some(at) => observations[at].count += 1,
            None => {
                let NotedEvent { category, text, alike: _, example } = noted.clone();
                observations.push(Observation { category, text, count: 1, example });
            }
        }
    }

    fn found(&mut self, noted: &NotedEvent) {
        let findings = &mut self.report.findings;
        match known(&mut self.findings, noted) {
            Some(at) => findings[at].count += 1,
            None => {
                let NotedEvent { category, text, alike: _, example } = noted.clone();
                findings.push(Finding { category, text, incomplete: false, count: 1, example });
            }
        }
    }

    fn ended_badly(&mut self, text: &str) {
        self.found(&NotedEvent { category: ENDING.to_owned(), text: text.to_owned(), ..NotedEvent::default() });
        for finding in self.report.findings.iter_mut().filter(|finding| finding.category == ENDING) {
            finding.incomplete = true;
        }
        if self.report.reason.is_empty() {
            self.report.reason = format!("{ENDING}: {text}");
        }
    }

    fn timed(&mut self, what: &Timed) {
        match what {
            Timed::Cases(cases) => self.timing.cases.extend(cases.iter().cloned()),
            Timed::Stage(stage) => self.timing.stages.push(stage.clone()),
            Timed::Kills(kills) => self.timing.kills = Some(*kills),
            Timed::Implementation { milliseconds, plans } => self.milliseconds = Some((*milliseconds, *plans)),
            Timed::Run { .. } => {}
        }
    }

    /// The report as far as it was told, completed as far as that goes without the others.
    fn report(&self, head: &RunStarted) -> ImplementationReport {
        let mut report = self.report.clone();
        if let Some(campaign) = &mut report.campaign {
            campaign.strategies.retain(|strategy| strategy.plans > 0);
            let ExplanationSets { sets, explanations, largest } = self.plans.sets;
            let mean = explanations as f64 / sets.max(1) as f64;
            campaign.explanations = Some(Explanations { mean, max: largest });
            campaign.coverage = Some(self.plans.coverage(head));
            if !self.plans.grouped {
                // What failed once is held against nobody.
                campaign.inconclusive += std::mem::take(&mut campaign.failing);
            }
        }
        let problem = |category: &str, text: &str, it: &Recurring| Finding {
            category: category.to_owned(),
            text: text.to_owned(),
            incomplete: false,
            count: it.times,
            example: Some(it.replay.clone()),
        };
        let Plans { broken, nondeterministic, .. } = &self.plans;
        report.findings.extend(broken.values().map(|it| problem("broken", &it.text, it)));
        report.findings.extend(nondeterministic.values().map(|it| problem("not deterministic", &it.text, it)));
        if !self.ended {
            for case in report.cases.iter_mut().filter(|case| case.verdict == Verdict::Diverges) {
                if case.failures.first().is_none_or(|failure| failure.again.is_none()) {
                    (case.verdict, case.reason) = (Verdict::Undecided, UNCONFIRMED.to_owned());
                    case.failures.clear();
                }
            }
            report.interrupted = true;
            "the run ended before everything was judged".clone_into(&mut report.reason);
        }
        report
    }
}

/// The strategy of that name, which is added where it is not known.
fn strategy<'c>(campaign: &'c mut Campaign, name: &str) -> &'c mut StrategyCounts {
    let strategies = &mut campaign.strategies;
    let at = strategies.iter().position(|strategy| strategy.name == name).unwrap_or_else(|| {
        strategies.push(StrategyCounts { name: name.to_owned(), ..StrategyCounts::default() });
        strategies.len() - 1
    });
    &mut strategies[at]
}

/// Adds plans to those on which the same happened: the first of all is shown.
fn recur(known: &mut Recurring, more: &Recurring) {
    let times = known.times + more.times;
    if known.times == 0 || more.first < known.first {
        *known = more.clone();
    }
    known.times = times;
}

/// The place of a note that is known already; a new one is remembered.
fn known(keys: &mut Vec<NoteKey>, noted: &NotedEvent) -> Option<usize> {
    let key = (noted.category.clone(), noted.alike.clone().unwrap_or_else(|| noted.text.clone()));
    let at = keys.iter().position(|known| *known == key);
    if at.is_none() {
        keys.push(key);
    }
    at
}

impl Plans {
    /// Which situations of the rules were met.
    fn coverage(&self, head: &RunStarted) -> Coverage {
        let mut coverage = Coverage::default();
        for rule in &head.rules {
            let nothing = TableText::default();
            let table = head.tables.iter().find(|table| table.name == rule.table).unwrap_or(&nothing);
            let met = self.met.get(&rule.id).into_iter().flatten();
            let cells: Vec<SituationCoverage> =
                met.map(|(&number, &count)| SituationCoverage::numbered(table, number, count)).collect();
            let reached = cells.len() as u64;
            coverage.reached += reached;
            if reached == 0 && !head.unreachable.contains(&rule.id) {
                coverage.never.push(rule.id.clone());
            }
            let situations = rule.situations.unwrap_or(reached);
            coverage.situations += situations;
            coverage.rules.push(RuleCoverage { rule: rule.id.clone(), reached, situations, cells });
        }
        coverage
    }
}
