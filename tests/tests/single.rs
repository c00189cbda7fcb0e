//! What is shown of a program that fails is short: each single step of it is needed, and each value is the simplest.

use std::fs;
use std::path::Path;

use tombstone_adapter::Launch;
use tombstone_campaign::check::Checking;
use tombstone_campaign::judge::judge;
use tombstone_campaign::subject::Subject;
use tombstone_model::readings::profiles::Profile;
use tombstone_reports::{Failure, Report};
use tombstone_scenarios::Scenario;
use tombstone_tests::run;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");

/// Programs that fail, each in its own way, and what they are checked by besides plans.
const FAULTY: [(&str, &[&str], &str); 5] = [
    ("faulty/liar.py", &["none"], "batches"),
    ("faulty/liar.py", &["writes-into-another"], "tracking"),
    ("faulty/liar.py", &["drops-untracked-copies"], "filters"),
    ("sqlite/adapter.py", &["--defect", "page-of-six"], "batches"),
    ("sqlite/adapter.py", &["--defect", "deletions-not-fetched"], "deletion"),
];

#[test]
fn no_single_step_of_what_a_program_is_shown_to_fail_can_be_left_out() {
    let profile = Profile::standard();
    let checking = Checking::of(profile);
    let (mut shown, mut long) = (0, 0);
    for (program, options, suite) in FAULTY {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters").join(program);
        let script = script.to_string_lossy().into_owned();
        let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/suite").join(suite);
        let suite = suite.to_string_lossy().into_owned();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let line = ["check", "--suite", &suite, "--plans", "8", "--kill", "0", "--report", "report", "--"];
        let line: Vec<&str> = line.into_iter().chain(["python3", &*script]).chain(options.iter().copied()).collect();
        run(PROGRAM, folder.path(), &line);
        let text = fs::read_to_string(folder.path().join("report/report.json")).expect("a report");
        let report = Report::from_json(&text).expect("a report");
        let launch = Launch::new("python3", std::iter::once(&*script).chain(options.iter().copied()));
        let subject = Subject::Program { launch: Box::new(launch), name: None, profile: None };
        let mut implementation = subject.start(profile).expect("it starts");
        let mut fails = |scenario: &Scenario, failure: &Failure| {
            let judged = judge(&checking, &subject, &mut *implementation, scenario, None);
            judged.signature(&checking.rules).as_ref() == Some(&failure.signature)
        };
        let [of] = &report.implementations[..] else { panic!("one program was checked") };
        let failures = of.failures().filter(|failure| failure.shrunk.is_some() && failure.witnesses.is_empty());
        for failure in failures {
            let shrunk = failure.shrunk.unwrap_or_default();
            assert!(shrunk.single || shrunk.minimal, "{}: {shrunk:?}\n{}", failure.id, failure.scenario);
            let mut scenario = Scenario::parse("counterexample.toml", &failure.scenario).expect("it can be read back");
            // What its author expects is not what it fails by.
            scenario.expectations.clear();
            assert!(fails(&scenario, failure), "{}:\n{}", failure.id, failure.scenario);
            for step in 0..scenario.plan.steps.len() {
                let mut shorter = scenario.clone();
                shorter.plan.steps.remove(step);
                assert!(!fails(&shorter, failure), "{}: without step {}:\n{}", failure.id, step + 1, failure.scenario);
            }
            shown += 1;
            long += usize::from(scenario.plan.steps.len() > 1);
        }
        drop(implementation.end());
    }
    assert!(shown > 5 && long > 3, "{shown} shown, {long} of several steps");
}
