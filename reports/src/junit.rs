//! JUnit XML: a suite for each implementation, a test case for each scenario and for each rule of the campaign.
//! It bears no times, so that the same report gives the same bytes.

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use crate::report::Report;
use crate::results::{Failure, ImplementationReport, Verdict};
use crate::terminal;

/// The report as JUnit XML.
///
/// # Panics
///
/// Never: writing XML to memory does not fail.
pub fn junit(report: &Report) -> String {
    let mut junit = Junit::new("tombstone");
    for implementation in &report.implementations {
        junit.add_test_suite(suite(report, implementation));
    }
    let mut text = junit.to_string().expect("writing to memory does not fail");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn suite(report: &Report, implementation: &ImplementationReport) -> TestSuite {
    let mut suite = TestSuite::new(&*implementation.name);
    let about = [
        ("tombstone", report.tombstone.as_str()),
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
        let mut status = status(case.verdict, &case.reason, &case.failures);
        if let (TestCaseStatus::Success { .. }, false) = (&status, case.failures.is_empty()) {
            status = failed(&case.failures);
        }
        suite.add_test_case(test_case(&implementation.name, &case.id, status));
    }
    // What random interleavings and the search found belongs to no scenario: one test case a signature, and one that
    // passes where there was something to find and nothing was found.
    let searches = [
        ("random", implementation.campaign.as_ref().map(|campaign| &campaign.failures)),
        ("explore", implementation.explore.as_ref().map(|explore| &explore.failures)),
    ];
    for (name, failures) in searches {
        let Some(failures) = failures else { continue };
        let class = format!("{}.{name}", implementation.name);
        if failures.is_empty() {
            let (status, reason) = if implementation.campaign.as_ref().is_some_and(|campaign| campaign.broken > 0) {
                (Verdict::Broken, "the implementation broke on some of the plans")
            } else {
                (Verdict::Conforms, "")
            };
            suite.add_test_case(test_case(&class, "no failure found", self::status(status, reason, &[])));
        }
        for failure in failures {
            suite.add_test_case(test_case(&class, &failure.id, failed(std::slice::from_ref(failure))));
        }
    }
    suite
}

fn test_case(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    case
}

fn status(verdict: Verdict, reason: &str, failures: &[Failure]) -> TestCaseStatus {
    match verdict {
        Verdict::Conforms => TestCaseStatus::success(),
        Verdict::Diverges => failed(failures),
        Verdict::Unsupported => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(verdict.name()).set_message(reason);
            status
        }
        // Neither is a pass: a run that cannot be judged must not look green.
        Verdict::Broken | Verdict::Undecided => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type(verdict.name()).set_message(reason);
            status
        }
    }
}

fn failed(failures: &[Failure]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    if let Some(first) = failures.first() {
        status.set_type(first.signature.to_string()).set_message(&*first.expected.text);
    }
    let texts: Vec<String> = failures.iter().map(|failure| terminal::failure(failure, false)).collect();
    status.set_description(texts.join("\n"));
    status
}
