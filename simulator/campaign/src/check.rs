//! Runs scenarios on an implementation and says what came of each.

use std::sync::atomic::AtomicUsize;

use tombstone_model::contract::implementation::Implementation;
use tombstone_model::oracle::Met;
use tombstone_model::rules::Rules;
use tombstone_model::trace::Trace;
use tombstone_model::verdict::Check;
use tombstone_model::words;
use tombstone_reports as reports;
use tombstone_reports::events::{CaseJudged, Event, RowCount, RunOrigin};
use tombstone_reports::{CaseReport, CommandLine, Failure};
use tombstone_scenarios::{Scenario, ScenarioPlace};
use tombstone_search::run::Checked;

use crate::against::against;
pub use crate::checking::Checking;
use crate::explain::{self, ReplaySource};
use crate::findings;
use crate::judge::{Conclusion, Declined, EXPECTATION, JudgedCase, Unmet, judge};
use crate::lines;
use crate::log::Log;
use crate::picture;
use crate::readings::HeldReadings;
use crate::resume;
use crate::subject::Subject;

/// What came of one scenario, as it is told: what was noted on the way, and the verdict.
#[derive(Clone, Debug, Default)]
pub struct ToldCase {
    /// Findings and observations.
    pub noted: Vec<Event>,
    /// The case.
    pub judged: CaseJudged,
}

impl ToldCase {
    /// Tells it.
    pub fn to(self, log: &mut Log) {
        log.tell_all(self.noted);
        log.tell(Event::CaseJudged(Box::new(self.judged)));
    }
}

/// Runs scenarios on an implementation, and tells what came of each; those that the log began with are passed over. `tick` is
/// called after each.
pub fn scenarios(
    checking: &Checking,
    subject: &Subject,
    implementation: &mut dyn Implementation,
    scenarios: &[Scenario],
    log: &mut Log,
    tick: &mut dyn FnMut(&CaseReport),
) {
    let judged = resume::cases(log.earlier());
    for scenario in scenarios.iter().skip(judged) {
        let told = one(checking, subject, implementation, scenario, None);
        tick(&told.judged.case);
        told.to(log);
    }
}

/// Judges one scenario; `progress` shows the number of the step that is being taken.
pub(crate) fn one(
    checking: &Checking,
    subject: &Subject,
    implementation: &mut dyn Implementation,
    scenario: &Scenario,
    progress: Option<&AtomicUsize>,
) -> ToldCase {
    let replay = lines::scenario(checking, subject, &scenario.id);
    told(checking, subject, implementation, (scenario, &replay), progress).0
}

/// Judges, and tells what was judged; `replay` is the command that judges it again.
pub fn told<'s>(
    checking: &Checking,
    subject: &Subject,
    implementation: &mut dyn Implementation,
    (scenario, replay): (&'s Scenario, &CommandLine),
    progress: Option<&AtomicUsize>,
) -> (ToldCase, JudgedCase<'s>) {
    let judged = judge(checking, subject, implementation, scenario, progress);
    let noted = match (subject, &judged.run) {
        (Subject::Program { .. }, Some(run)) => {
            let seen = (&judged.scenario.plan, run, &judged.trace);
            findings::note(seen, &implementation.testify(), judged.readings, &replay.to_string())
        }
        (Subject::Program { .. } | Subject::BuiltIn(_) | Subject::Made(_), _) => Vec::new(),
    };
    let mut held = HeldReadings::default();
    // Under another profile it is another implementation.
    if let Some(run) = judged.run.as_ref().filter(|_| judged.readings == checking.profile.readings()) {
        held.note(judged.readings, run.readings, run.steps, &RunOrigin::Scenario(scenario.id.clone()));
    }
    (ToldCase { noted, judged: CaseJudged { left: held.left(), ..case(checking, &judged, replay) } }, judged)
}

/// The case of something that was judged, and what it counts for. How its failures count is told once they are confirmed.
fn case(checking: &Checking, judged: &JudgedCase<'_>, replay: &CommandLine) -> CaseJudged {
    let (rules, scenario) = (&checking.rules, &judged.scenario);
    let mut case = CaseReport {
        id: scenario.id.clone(),
        aliases: scenario.aliases.clone(),
        title: scenario.title.clone(),
        file: scenario.place.as_ref().map(|place| place.file.clone()),
        covers: scenario.covers.clone(),
        drawn: scenario.origin.is_some(),
        steps: judged.run.as_ref().map(|run| run.steps),
        ..CaseReport::default()
    };
    let mut counts = counts(rules, &judged.met, judged.checked);
    let mut other_profile = false;
    let source = || ReplaySource { replay: replay.clone(), scenario: tombstone_scenarios::write(scenario) };
    let mut undecided = |case: &mut CaseReport, verdict: reports::Verdict, why: String| {
        counts.extend(not_decided(rules, &case.covers, verdict));
        (case.verdict, case.reason) = (verdict, why);
    };
    match &judged.outcome {
        Conclusion::Conforms => case.verdict = reports::Verdict::Conforms,
        Conclusion::Unmet(unmet) => {
            case.verdict = reports::Verdict::Diverges;
            case.failures = unmet.iter().map(|unmet| expectation(scenario, &judged.trace, unmet, source())).collect();
        }
        Conclusion::Diverges(divergence) => {
            case.verdict = reports::Verdict::Diverges;
            case.failures = vec![explain::failure(rules, &scenario.plan, divergence, &judged.trace, source())];
            let kind = divergence.item.map(|id| scenario.plan.setup.items[id.index()].record);
            case.against = against(rules, &case.covers, &case.failures[0].signature, kind);
        }
        // Another profile is none of the implementation's business.
        Conclusion::Unsupported(why @ Declined::OtherProfile(_)) => {
            other_profile = true;
            (case.verdict, case.reason) = (reports::Verdict::Unsupported, why.to_string());
        }
        Conclusion::Unsupported(why @ Declined::Unable(_)) => {
            undecided(&mut case, reports::Verdict::Unsupported, why.to_string());
        }
        Conclusion::Broken(why) => undecided(&mut case, reports::Verdict::Broken, why.clone()),
        Conclusion::Undecided(why) => undecided(&mut case, reports::Verdict::Undecided, why.clone()),
    }
    case.line = scenario.place.as_ref().map(|place| line(place, judged));
    CaseJudged { case, other_profile, counts, left: Vec::new() }
}

/// The line of the step by which a scenario fails; the first, where it does not, or fails in its starting world.
fn line(place: &ScenarioPlace, judged: &JudgedCase<'_>) -> u32 {
    let steps = match &judged.outcome {
        Conclusion::Unmet(unmet) => unmet.first().map_or(0, |unmet| unmet.after),
        Conclusion::Diverges(_) => judged.trace.moments.last().map_or(0, |moment| moment.number + 1),
        Conclusion::Conforms | Conclusion::Unsupported(_) | Conclusion::Broken(_) | Conclusion::Undecided(_) => 0,
    };
    // What is played otherwise than it was written has no lines.
    let written = place.lines.len() == judged.scenario.plan.steps.len();
    steps.checked_sub(1).filter(|_| written).and_then(|step| place.lines.get(step)).copied().unwrap_or(1)
}

/// A case that decided nothing counts for the rows that it would have decided.
fn not_decided(rules: &Rules, covers: &[String], verdict: reports::Verdict) -> Vec<RowCount> {
    let covered = rules.ids().filter(|(_, rule)| covers.contains(&rule.row));
    covered.map(|(_, rule)| RowCount { row: rule.id.clone(), verdict, times: 1 }).collect()
}

/// How often each row was met and each check had something to decide, without a failure.
pub fn counts(rules: &Rules, met: &Met, checked: Checked) -> Vec<RowCount> {
    let verdict = reports::Verdict::Conforms;
    let checks = Check::ALL.into_iter().map(|check| (check.name(), checked.of(check)));
    let rows = rules.ids().map(|(id, rule)| (rule.id.as_str(), met.count(id)));
    let counts = checks.chain(rows).filter(|(_, times)| *times > 0);
    counts.map(|(row, times)| RowCount { row: row.to_owned(), verdict, times }).collect()
}

/// The failure that an expectation which was not met is.
fn expectation(scenario: &Scenario, trace: &Trace, unmet: &Unmet, source: ReplaySource) -> Failure {
    let step = unmet.after.checked_sub(1).map(|n| &scenario.plan.steps[n]);
    let mut failure = Failure {
        signature: reports::Signature { check: EXPECTATION.to_owned(), rule: None },
        happened: step.map_or("the world was set up".to_owned(), |step| words::step(&scenario.plan, step)),
        expected: reports::Expected { text: unmet.expected.clone(), ..reports::Expected::default() },
        seen: unmet.seen.clone(),
        scenario: source.scenario,
        timeline: Some(picture::timeline(&scenario.plan, trace, None)),
        ..Failure::default()
    };
    failure.replayed_by(&source.replay);
    failure
}
