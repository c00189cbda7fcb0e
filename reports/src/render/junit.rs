//! JUnit XML: a suite for each implementation, a test case for each scenario, for each failure found beyond
//! the scenarios, and one for the verdict as a whole; and where the run was interrupted, a suite that says so.
//!
//! It is what the schema of the xUnit plugin for Jenkins takes, and holds nothing beyond that: a test case has no place for
//! its file, so that the text of a failure begins with it, as the messages of compilers do. Without timings the same report
//! gives the same bytes.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};
use tombstone_model::harmless::harmless;

use crate::render::causes;
use crate::render::terminal;
use crate::value::report::Report;
use crate::value::results::{Cause, Failure, ImplementationReport, Verdict};
use crate::value::timings::Timings;

/// The report as JUnit XML, with the times that are known.
///
/// # Panics
///
/// Never: writing XML to memory does not fail.
pub fn junit(report: &Report, timings: Option<&Timings>) -> String {
    let mut junit = Junit::new("tombstone");
    if let Some(timings) = timings {
        junit.set_time(Duration::from_millis(timings.milliseconds));
    }
    for implementation in &report.implementations {
        let mut suite = suite(report, implementation);
        if let Some(timings) = timings {
            timed(&mut suite, timings, &implementation.name);
        }
        junit.add_test_suite(suite);
    }
    if let Some(interruption) = &report.interrupted {
        let status = status(Verdict::Undecided, &interruption.to_string());
        let mut suite = TestSuite::new("the run");
        suite.add_test_case(test_case("the run", "its end", status));
        junit.add_test_suite(suite);
    }
    let text = junit.to_string().expect("writing to memory does not fail");
    // The schema knows no such count of all suites, and it stands first there.
    let mut text = text.replacen(&format!(" skipped=\"{}\"", junit.skipped), "", 1);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    harmless(&text).into_owned()
}

/// Says how long an implementation took, and each of its scenarios that ran alone.
fn timed(suite: &mut TestSuite, timings: &Timings, name: &str) {
    suite.timestamp = DateTime::parse_from_rfc3339(&timings.started).ok();
    let Some(timing) = timings.implementations.iter().find(|timing| timing.name == name) else { return };
    suite.set_time(Duration::from_millis(timing.milliseconds));
    let took: BTreeMap<&str, u64> = timing.cases.iter().map(|case| (&*case.id, case.microseconds)).collect();
    for case in suite.test_cases.iter_mut().filter(|case| case.classname.as_deref() == Some(name)) {
        if let Some(&microseconds) = took.get(case.name.as_str()) {
            case.set_time(Duration::from_micros(microseconds));
        }
    }
}

fn suite(report: &Report, implementation: &ImplementationReport) -> TestSuite {
    let mut suite = TestSuite::new(&*implementation.name);
    let about = [
        ("implementation", &*implementation.name),
        ("tombstone", &report.tombstone),
        ("profile", &report.profile),
        ("seed", report.seed.as_deref().unwrap_or_default()),
        ("rules", &report.rules_digest),
        ("suite", &report.suite_digest),
        ("version", &implementation.version),
        ("program", implementation.program.as_deref().unwrap_or_default()),
        ("verdict", implementation.verdict.name()),
    ];
    for (name, value) in about {
        if !value.is_empty() {
            suite.add_property((name, value));
        }
    }
    for case in &implementation.cases {
        let mut status = status(case.verdict, &case.reason);
        if !case.failures.is_empty() && matches!(case.verdict, Verdict::Conforms | Verdict::Diverges) {
            let place = case.file.as_ref().map(|file| format!("{file}:{}", case.line.unwrap_or(1)));
            status = failed(&case.failures, place.as_deref(), &implementation.causes);
        }
        if case.verdict == Verdict::Diverges
            && let Some(known) = known(report, &case.failures)
        {
            status = known;
        }
        suite.add_test_case(test_case(&implementation.name, &case.id, status));
    }
    // What random interleavings and all runs together found belongs to no scenario: a test case for each.
    let random = implementation.campaign.iter().flat_map(|campaign| &campaign.failures).map(|it| ("generated", it));
    let readings = implementation.readings.iter().flat_map(|readings| &readings.failures).map(|it| ("readings", it));
    for (name, failure) in random.chain(readings) {
        let class = format!("{}.{name}", implementation.name);
        suite.add_test_case(test_case(
            &class,
            &failure.id,
            known(report, std::slice::from_ref(failure)).unwrap_or_else(|| {
                failed(std::slice::from_ref(failure), failure.file.as_deref(), &implementation.causes)
            }),
        ));
    }
    // What was not seen again is an error of the run, and no failure of a rule. That of a scenario is its own case's.
    for unstable in
        implementation.unstable.iter().filter(|it| implementation.cases.iter().all(|case| case.id != it.place))
    {
        let class = format!("{}.unstable", implementation.name);
        let reason = format!("{}: {}", unstable.again, unstable.failure.signature);
        suite.add_test_case(test_case(&class, &unstable.failure.id, status(Verdict::Unstable, &reason)));
    }
    for finding in implementation.findings.iter().filter(|finding| finding.incomplete) {
        let class = format!("{}.ending", implementation.name);
        suite.add_test_case(test_case(&class, &finding.category, status(Verdict::Broken, &finding.text)));
    }
    // The verdict over everything comes last, so that a suite in which nothing was decided is not green.
    let verdict = implementation.aside.unwrap_or(implementation.verdict);
    let mut whole = match verdict {
        Verdict::Unsupported => status(Verdict::Undecided, ""),
        verdict
        @ (Verdict::Conforms | Verdict::Diverges | Verdict::Broken | Verdict::Unstable | Verdict::Undecided) => {
            status(verdict, "")
        }
    };
    whole.set_type(verdict.name()).set_message(&*implementation.reason);
    suite.add_test_case(test_case(&implementation.name, "as a whole", whole));
    suite
}

fn test_case(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    case
}

fn status(verdict: Verdict, reason: &str) -> TestCaseStatus {
    match verdict {
        Verdict::Conforms => TestCaseStatus::success(),
        Verdict::Diverges => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Unsupported => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(verdict.name()).set_message(reason);
            status
        }
        // Neither is a pass: a run that cannot be judged must not look green.
        Verdict::Broken | Verdict::Unstable | Verdict::Undecided => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type(verdict.name()).set_message(reason);
            status
        }
    }
}

/// How a case ends all of whose failures are known: it is passed over, with the reasons.
fn known(report: &Report, failures: &[Failure]) -> Option<TestCaseStatus> {
    let held = report.baseline.as_ref()?;
    let reasons: Option<Vec<&str>> =
        failures.iter().map(|failure| Some(held.entry(failure.known?)?.reason.as_str())).collect();
    let mut reasons = reasons.filter(|reasons| !reasons.is_empty())?;
    reasons.dedup();
    let mut status = TestCaseStatus::skipped();
    status.set_type("known").set_message(reasons.join("; "));
    Some(status)
}

fn failed(failures: &[Failure], place: Option<&str>, causes: &[Cause]) -> TestCaseStatus {
    let mut status = status(Verdict::Diverges, "");
    if let Some(first) = failures.first() {
        status.set_type(first.signature.to_string()).set_message(&*first.expected.text);
    }
    let texts = failures.iter().map(|failure| {
        let cause = causes.iter().find(|cause| failure.cause == Some(cause.number));
        let cause = cause.map(|cause| format!("cause {}: {}\n", cause.number, causes::told(cause)));
        format!("{}{}", cause.unwrap_or_default(), terminal::failure(failure, false))
    });
    let place = place.map(str::to_owned);
    let texts: Vec<String> = place.into_iter().chain(texts).collect();
    status.set_description(texts.join("\n"));
    status
}
