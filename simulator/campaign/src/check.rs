//! Runs scenarios on an implementation and says what came of each.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tombstone_model::implementation::Implementation;
use tombstone_model::oracle::Met;
use tombstone_model::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_model::trace::Trace;
use tombstone_model::verdict::Check;
use tombstone_model::words;
use tombstone_reports as reports;
use tombstone_reports::{CaseReport, CommandLine, Failure, ImplementationReport};
use tombstone_scenarios::Scenario;
use tombstone_search::run::Checked;

use crate::explain::{self, Source};
use crate::findings;
use crate::judge::{Declined, EXPECTATION, Judged, Outcome, Unmet, judge};
use crate::lines;
use crate::readings::{Held, Origin};
use crate::subject::Subject;

/// What a check of scenarios needs.
#[derive(Clone, Debug)]
pub struct Checking {
    /// The deletion table.
    pub rules: Arc<Rules>,
    /// The profile that implementations are held to.
    pub profile: Profile,
    /// The files and folders that the scenarios are from, as the command line names them; none for the suite.
    pub suite: Vec<String>,
}

impl Checking {
    /// What a profile holds implementations to: its readings, and the table as its own documents bind.
    pub fn of(profile: &Profile) -> Self {
        Self { rules: Arc::new(profile.rules().clone()), profile: profile.clone(), suite: Vec::new() }
    }
}

/// Runs scenarios on an implementation, and adds what came of them to its report, and the readings left. `tick` is called after each.
pub fn scenarios(
    checking: &Checking,
    subject: &Subject,
    implementation: &mut dyn Implementation,
    scenarios: &[Scenario],
    (report, held): (&mut ImplementationReport, &mut Held),
    tick: &mut dyn FnMut(&CaseReport),
) {
    for scenario in scenarios {
        let case = one(checking, subject, implementation, scenario, (report, held), None);
        tick(&case);
        report.cases.push(case);
    }
}

/// Judges one scenario, and adds what came of it to the report; `progress` shows the number of the step that is being
/// taken.
pub(crate) fn one(
    checking: &Checking,
    subject: &Subject,
    implementation: &mut dyn Implementation,
    scenario: &Scenario,
    (report, held): (&mut ImplementationReport, &mut Held),
    progress: Option<&AtomicUsize>,
) -> CaseReport {
    let replay = lines::scenario(checking, subject, &scenario.id);
    let (case, judged) = told(checking, subject, implementation, (scenario, &replay), report, progress);
    // Under another profile it is another implementation.
    if let Some(run) = judged.run.as_ref().filter(|_| judged.readings == checking.profile.readings()) {
        held.note(judged.readings, run.readings, run.steps, &Origin::Scenario(scenario.id.clone()));
    }
    case
}

/// The same, with what was judged; `replay` is the command that judges it again.
pub fn told<'s>(
    checking: &Checking,
    subject: &Subject,
    implementation: &mut dyn Implementation,
    (scenario, replay): (&'s Scenario, &CommandLine),
    report: &mut ImplementationReport,
    progress: Option<&AtomicUsize>,
) -> (CaseReport, Judged<'s>) {
    let judged = judge(checking, subject, implementation, scenario, progress);
    if let (Subject::Program { .. }, Some(run)) = (subject, &judged.run) {
        let seen = (&judged.scenario.plan, run, &judged.trace);
        findings::note(report, seen, &implementation.testify(), judged.readings, &replay.to_string());
    }
    (case(checking, &judged, replay, report), judged)
}

/// The case of something that was judged; counts what it met. How its failures count is told once they are confirmed.
fn case(
    checking: &Checking,
    judged: &Judged<'_>,
    replay: &CommandLine,
    report: &mut ImplementationReport,
) -> CaseReport {
    let (rules, scenario) = (&checking.rules, &judged.scenario);
    let mut case = CaseReport {
        id: scenario.id.clone(),
        title: scenario.title.clone(),
        covers: scenario.covers.clone(),
        steps: judged.run.as_ref().map(|run| run.steps),
        ..CaseReport::default()
    };
    count(rules, &judged.met, judged.checked, report);
    let source = || Source { replay: replay.clone(), scenario: tombstone_scenarios::write(scenario) };
    match &judged.outcome {
        Outcome::Conforms => case.verdict = reports::Verdict::Conforms,
        Outcome::Unmet(unmet) => {
            case.verdict = reports::Verdict::Diverges;
            case.failures = unmet.iter().map(|unmet| expectation(scenario, &judged.trace, unmet, source())).collect();
        }
        Outcome::Diverges(divergence) => {
            case.verdict = reports::Verdict::Diverges;
            case.failures = vec![explain::failure(rules, &scenario.plan, divergence, &judged.trace, source())];
        }
        // Another profile is none of the implementation's business.
        Outcome::Unsupported(why @ Declined::OtherProfile(_)) => {
            (case.verdict, case.reason) = (reports::Verdict::Unsupported, why.to_string());
        }
        Outcome::Unsupported(why @ Declined::Unable(_)) => {
            not_decided(rules, report, &mut case, reports::Verdict::Unsupported, why.to_string());
        }
        Outcome::Broken(why) => not_decided(rules, report, &mut case, reports::Verdict::Broken, why.clone()),
        Outcome::Undecided(why) => not_decided(rules, report, &mut case, reports::Verdict::Undecided, why.clone()),
    }
    case
}

/// A case that decided nothing counts for the rows that it would have decided.
fn not_decided(
    rules: &Rules,
    report: &mut ImplementationReport,
    case: &mut CaseReport,
    verdict: reports::Verdict,
    why: String,
) {
    for rule in rules.rows().iter().filter(|rule| case.covers.contains(&rule.row)) {
        report.count(&rule.id, verdict, 1);
    }
    case.verdict = verdict;
    case.reason = why;
}

/// Adds to a report how often each row was met and each check had something to decide, without a failure.
pub fn count(rules: &Rules, met: &Met, checked: Checked, report: &mut ImplementationReport) {
    let verdict = reports::Verdict::Conforms;
    for check in Check::ALL.into_iter().filter(|&check| checked.of(check) > 0) {
        report.count(check.name(), verdict, checked.of(check));
    }
    for (rule, id) in rules.rows().iter().zip(0..) {
        let times = met.count(tombstone_model::rules::RuleId(id));
        if times > 0 {
            report.count(&rule.id, verdict, times);
        }
    }
}

/// The failure that an expectation which was not met is.
fn expectation(scenario: &Scenario, trace: &Trace, unmet: &Unmet, source: Source) -> Failure {
    let step = unmet.after.checked_sub(1).map(|n| &scenario.plan.steps[n]);
    let mut failure = Failure {
        signature: reports::Signature { check: EXPECTATION.to_owned(), rule: None },
        happened: step.map_or("the world was set up".to_owned(), |step| words::step(&scenario.plan, step)),
        expected: reports::Expected { text: unmet.expected.clone(), rule: None, documents: Vec::new() },
        seen: unmet.seen.clone(),
        scenario: source.scenario,
        timeline: Some(explain::timeline(&scenario.plan, trace, None)),
        ..Failure::default()
    };
    failure.replayed_by(&source.replay);
    failure
}
