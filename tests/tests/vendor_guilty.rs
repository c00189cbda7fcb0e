//! The guilty are convicted, whatever hides them: company, a second fault in front.

use std::path::Path;

use tempfile::TempDir;
use tombstone_reports::{Exit, Failure, ImplementationReport, Report};
use tombstone_tests::run;

/// The command line under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");

/// What `check` with these arguments finds of the SQLite sample with these defects, its exit code, and the folder.
fn checked(arguments: &[&str], defects: &[&str]) -> (ImplementationReport, Option<i32>, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let common = ["check", "--kill", "0", "--report", "report"];
    let all: Vec<&str> = common.into_iter().chain(arguments.iter().copied()).collect();
    let output = run(PROGRAM, folder.path(), &with_program(&all, defects).iter().map(|it| &**it).collect::<Vec<_>>());
    let json = std::fs::read_to_string(folder.path().join("report/report.json"));
    let json = json.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let mut report: Report = serde_json::from_str(&json).expect("a report");
    (report.implementations.remove(0), output.status.code(), folder)
}

/// Arguments, and then the sample with its defects.
fn with_program(arguments: &[&str], defects: &[&str]) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/sqlite/adapter.py");
    let program = ["--", "python3", script.to_str().expect("a path that is text")];
    let all = arguments.iter().chain(&program).map(|&word| word.to_owned());
    all.chain(defects.iter().map(|defect| format!("--defect={defect}"))).collect()
}

/// How a command ends that was printed; its words hold no spaces here.
fn again(folder: &Path, command: &str) -> Option<i32> {
    let line = command.replacen("tombstone", PROGRAM, 1);
    run("sh", folder, &["-c", &line]).status.code()
}

/// How the counterexample ends that was saved, on the sample with these defects.
fn replayed(folder: &Path, failure: &Failure, defects: &[&str]) -> Option<i32> {
    let file = folder.join("again.toml");
    std::fs::write(&file, &failure.scenario).expect("a file");
    let arguments = with_program(&["replay", "again.toml"], defects);
    run(PROGRAM, folder, &arguments.iter().map(|it| &**it).collect::<Vec<_>>()).status.code()
}

const DIVERGES: Option<i32> = Some(Exit::Diverges as i32);
const CONFORMS: Option<i32> = Some(Exit::Conforms as i32);

#[test]
fn what_fails_in_company_only_is_convicted() {
    let scenarios = ["--isolation", "packed", "--scenario", "deletion/contact*", "--scenario", "deletion/task*"];
    let (report, exit, folder) = checked(&scenarios, &["page-of-six"]);
    assert_eq!(exit, DIVERGES);
    let company = report.cases.iter().filter(|case| case.id.starts_with("in-company/"));
    let failures: Vec<&Failure> = company.flat_map(|case| &case.failures).collect();
    assert!(!failures.is_empty());
    for failure in failures {
        assert!(failure.scenario.contains("in a world with 7 items"), "{}", failure.scenario);
        assert_eq!(replayed(folder.path(), failure, &["page-of-six"]), DIVERGES, "{}", failure.scenario);
        assert_eq!(replayed(folder.path(), failure, &[]), CONFORMS, "{}", failure.scenario);
        assert_eq!(again(folder.path(), &failure.replay), DIVERGES, "{}", failure.replay);
    }
    let (report, exit, _) = checked(&scenarios, &[]);
    assert_eq!((exit, report.failures().count()), (CONFORMS, 0));
}

const PLANS: [&str; 4] = ["--plans", "80", "--scenario", "deletion/contact-delete-outlook-owner-keeps-crm"];

/// Every failing plan is one of a cause, or told to belong to none; every cause has its exhibit.
#[track_caller]
fn adds_up(report: &ImplementationReport) {
    let campaign = report.campaign.as_ref().expect("plans were run");
    let of_causes: u64 = report.causes.iter().map(|cause| cause.plans).sum();
    assert_eq!(of_causes + campaign.ungrouped, campaign.failing, "{:#?}", report.causes);
    let of_none = report.failures().filter(|failure| failure.cause.is_none()).filter_map(|failure| failure.times);
    assert_eq!(of_none.sum::<u64>(), campaign.ungrouped);
    for cause in &report.causes {
        let exhibits = || report.failures().filter(|failure| failure.cause == Some(cause.number));
        let times: u64 = exhibits().filter_map(|failure| failure.times).sum();
        assert_eq!((exhibits().next().is_some(), times), (true, cause.plans), "{cause:#?}");
        let sorts: u64 = cause.sorts.iter().map(|sort| sort.times).sum();
        assert!(sorts >= cause.plans + cause.scenarios, "{cause:#?}");
    }
}

#[test]
fn no_fault_hides_behind_another() {
    let defects = ["dates-not-sent", "title-of-contacts-not-fetched", "status-not-fetched"];
    let (report, exit, folder) = checked(&PLANS, &defects);
    assert_eq!(exit, DIVERGES);
    adds_up(&report);
    let mut shown = [0; 3];
    for cause in &report.causes {
        let failure = report.failures().find(|failure| failure.cause == Some(cause.number)).expect("an exhibit");
        assert_eq!(again(folder.path(), &failure.replay), DIVERGES, "{}", failure.replay);
        // Each is shown by what only one of the defects does.
        assert_eq!(replayed(folder.path(), failure, &defects), DIVERGES, "{}", failure.scenario);
        let alone = defects.map(|defect| replayed(folder.path(), failure, &[defect]) == DIVERGES);
        assert_eq!(alone.iter().filter(|&&alone| alone).count(), 1, "{}", failure.scenario);
        shown.iter_mut().zip(alone).for_each(|(shown, alone)| *shown += usize::from(alone));
    }
    assert_eq!(shown, [1; 3], "{:#?}", report.causes);
    for threads in ["1", "8"] {
        let (other, ..) = checked(&[&PLANS[..], &["--threads", threads]].concat(), &defects);
        assert!(other == report, "{threads} threads: {:#?}", other.causes);
    }
}

#[test]
fn one_fault_that_breaks_many_rules_is_one_cause() {
    let (report, exit, _) = checked(&["--plans", "0", "--scenario", "deletion/*"], &["deletions-not-fetched"]);
    assert_eq!(exit, DIVERGES);
    let failing: Vec<&Failure> = report.cases.iter().filter_map(|case| case.failures.first()).collect();
    assert!(failing.len() > 10 && failing.iter().all(|failure| failure.cause.is_some()), "{:#?}", report.causes);
    // The deletion of an occurrence is another operation, and two items can contradict each other.
    let [first, rest @ ..] = &report.causes[..] else { panic!("no cause") };
    assert!(first.sorts.len() >= 6 && first.scenarios > 10 && rest.len() <= 2, "{:#?}", report.causes);
}

/// What fails in some runs and not in others is reported, whatever was left to look into it: no run is lost for it.
#[test]
fn what_fails_now_and_then_costs_no_report() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let arguments =
        ["check", "--kill", "0", "--plans", "60", "--seed", "2", "--scenario", "deletion/contact-delete-crm*"];
    let mut all = with_program(&[&arguments[..], &["--report", "report"]].concat(), &[]);
    all.push("--without-transaction".to_owned());
    let output = run(PROGRAM, folder.path(), &all.iter().map(|it| &**it).collect::<Vec<_>>());
    let json = std::fs::read_to_string(folder.path().join("report/report.json"));
    let report: Report =
        serde_json::from_str(&json.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr))))
            .expect("a report");
    let implementation = &report.implementations[0];
    adds_up(implementation);
    let failed = implementation.failures().count() + implementation.unstable.len();
    let exit = output.status.code();
    assert!(failed > 0 && [Exit::Diverges as i32, Exit::Incomplete as i32].map(Some).contains(&exit), "{exit:?}");
}
