//! Nothing is reported that does not reproduce. Before a failure is held against an implementation, its counterexample is
//! written as it stands in the report, read back, and judged again in a fresh start of the program. Only what fails by the
//! same signature then is a divergence; the rest is *unstable*, with how often it was seen.

use tombstone_model::implementation::Implementation;
use tombstone_model::rules::Rules;
use tombstone_reports::{Again, ImplementationReport, Signature, Unstable, Verdict};
use tombstone_scenarios::Scenario;

use crate::check::Checking;
use crate::findings;
use crate::judge::judge;
use crate::subject::Subject;

/// How often what was not seen again at once is run in all, to tell how often it is seen.
const RUNS: u64 = 5;

/// Judges a written counterexample in fresh starts: once where it fails by the same signature, and otherwise more often.
/// The run in which it was found counts as the first. What does not end as it should is noted in the report.
///
/// Of a program that was attached to there is no other start: it is asked again as it is.
pub fn again(
    checking: &Checking,
    subject: &Subject,
    attached: &mut dyn Implementation,
    (text, signature): (&str, &Signature),
    report: &mut ImplementationReport,
) -> Again {
    let mut again = Again { seen: 1, runs: 1 };
    // Whatever cannot be read back is seen by nobody.
    let Ok(scenario) = Scenario::parse("counterexample.toml", text) else { return Again { seen: 1, runs: 2 } };
    while again.runs < RUNS {
        let seen = fresh(checking, subject, attached, &scenario, report);
        again.runs += 1;
        again.seen += u64::from(seen.as_ref() == Some(signature));
        if again.runs == 2 && again.holds() {
            break;
        }
    }
    again
}

/// By which signature a scenario fails in a fresh start; none where it does not, or cannot be started.
fn fresh(
    checking: &Checking,
    subject: &Subject,
    attached: &mut dyn Implementation,
    scenario: &Scenario,
    report: &mut ImplementationReport,
) -> Option<Signature> {
    if subject.is_attached() {
        return judge(checking, subject, attached, scenario, None).signature(&checking.rules);
    }
    let mut implementation = subject.forgiven().start(&checking.profile).ok()?;
    let signature = judge(checking, subject, &mut *implementation, scenario, None).signature(&checking.rules);
    if let Err(failure) = implementation.end() {
        findings::ending(report, &failure);
    }
    signature
}

/// Confirms what scenarios failed: what is not seen again is no divergence. Then each failing scenario counts for the rows
/// that it covers, and for the one by which it fails.
pub fn cases(
    checking: &Checking,
    subject: &Subject,
    attached: &mut dyn Implementation,
    report: &mut ImplementationReport,
) {
    let mut cases = std::mem::take(&mut report.cases);
    for case in cases.iter_mut().filter(|case| case.verdict == Verdict::Diverges) {
        let Some(first) = case.failures.first() else { continue };
        let signature = first.signature.clone();
        if !first.scenario.is_empty() {
            let text = first.scenario.clone();
            let again = again(checking, subject, attached, (&text, &signature), report);
            for failure in &mut case.failures {
                failure.again = Some(again);
            }
            if !again.holds() {
                (case.verdict, case.reason) = (Verdict::Unstable, format!("{again}: {signature}"));
                let place = &case.id;
                let unstable = case.failures.drain(..).map(|failure| Unstable { place: place.clone(), again, failure });
                report.unstable.extend(unstable);
            }
        }
        for row in rows(&checking.rules, &case.covers, &signature) {
            report.count(row, case.verdict, 1);
        }
    }
    report.cases = cases;
}

/// The rows that a failing scenario is about: those that it covers, and the one, or the check, by which it fails.
fn rows<'r>(rules: &'r Rules, covers: &[String], signature: &'r Signature) -> Vec<&'r str> {
    let covered = rules.rows().iter().filter(|rule| covers.contains(&rule.row)).map(|rule| rule.id.as_str());
    let mut rows: Vec<&str> = covered.collect();
    let cited = signature.rule.as_ref().unwrap_or(&signature.check);
    if !rows.contains(&cited.as_str()) {
        rows.push(cited);
    }
    rows
}
