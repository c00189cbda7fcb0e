//! Disasters from outside, through the command line: what no product may do is a verdict, with its exit code and its case in
//! JUnit; that an engine stops and protects the data is praised; and nothing is read into what a program says in words.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;
use tombstone_tests::run;

/// The command line under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");

/// What came of a check of `struck.py`.
struct Checked {
    output: Output,
    report: Value,
    timings: Value,
    junit: String,
}

impl Checked {
    /// A check of one way of meeting disasters, with these options.
    fn of(way: &str, options: &[&str]) -> Self {
        let folder: TempDir = tempfile::tempdir().expect("a temporary folder");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/faulty/struck.py");
        fs::copy(script, folder.path().join("struck.py")).expect("a copy");
        let start = ["check", "--plans", "0", "--scenario", SCENARIO];
        let end = ["--", "python3", "struck.py", way];
        let output = run(PROGRAM, folder.path(), &[&start[..], options, &end[..]].concat());
        let read = |name: &str| {
            fs::read_to_string(folder.path().join("tombstone-report").join(name)).unwrap_or_else(|error| {
                panic!("{name}: {error}\n{}", String::from_utf8_lossy(&output.stderr));
            })
        };
        let report = serde_json::from_str(&read("report.json")).expect("a report");
        let timings = serde_json::from_str(&read("timings.json")).expect("timings");
        Self { report, timings, junit: read("junit.xml"), output }
    }

    fn code(&self) -> Option<i32> {
        self.output.status.code()
    }

    /// The verdict on a case `faults-from-outside/…`, the checks that failed, and the reason.
    fn case(&self, id: &str) -> Option<(String, Vec<String>, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let cases = self.report["implementations"][0]["cases"].as_array().expect("cases");
        let case = cases.iter().find(|case| case["id"] == format!("faults-from-outside/{id}"))?;
        let failures = case["failures"].as_array().map(Vec::as_slice).unwrap_or_default();
        let checks = failures.iter().map(|failure| text(&failure["signature"]["check"]));
        Some((text(&case["verdict"]), checks.collect(), text(&case["reason"])))
    }

    /// The verdict on a case and the checks that failed.
    #[track_caller]
    fn is(&self, id: &str, verdict: &str, checks: &[&str]) {
        let (seen, failed, reason) = self.case(id).expect(id);
        assert_eq!(
            (seen.as_str(), failed.iter().map(String::as_str).collect::<Vec<_>>()),
            (verdict, checks.to_vec()),
            "{reason}"
        );
    }

    /// The texts of the observations of a category.
    fn observed(&self, category: &str) -> Vec<&str> {
        let observations = self.report["implementations"][0]["observations"].as_array();
        let of = observations.map(Vec::as_slice).unwrap_or_default().iter().filter(|seen| seen["category"] == category);
        of.filter_map(|seen| seen["text"].as_str()).collect()
    }
}

/// One that a program may pass which lets deletions be.
const SCENARIO: &str = "deletion/contact-delete-outlook-owner-keeps-crm";
const ALL: [&str; 4] = ["memory-lost", "outlook-emptied", "crm-emptied", "crm-unreachable"];
const DISASTERS: [&str; 3] = ["--kill", "0", "--disasters"];

#[test]
fn an_engine_that_refuses_is_praised() {
    let checked = Checked::of("refuses", &DISASTERS);
    assert_eq!(checked.code(), Some(0), "{}", String::from_utf8_lossy(&checked.output.stdout));
    for id in ALL {
        checked.is(id, "conforms", &[]);
    }
    // The scenario empties a store, too, and there the stop is seen once more.
    let mut stops = checked.observed("safety stop");
    stops.retain(|seen| seen.starts_with("after "));
    assert_eq!(stops.len(), 3, "{stops:?}");
    for (disaster, seen) in ["CRM was emptied", "Outlook was emptied", "its memory was lost"].iter().zip(&stops) {
        let praise =
            format!("after {disaster}: it stops, and leaves both stores as they are; it says: refused-to-synchronize");
        assert!(seen.starts_with(&praise), "{seen}");
    }
    // Of what was left alone nothing more is said.
    assert_eq!(checked.observed("after its memory was lost"), [""; 0]);
    assert_eq!(
        checked.observed("while CRM was out of reach"),
        ["it says: failure, in its words `0 errors, all is well`"]
    );
    assert_eq!(checked.report["implementations"][0]["findings"].as_array().map(Vec::len).unwrap_or_default(), 0);
}

#[test]
fn what_no_disaster_excuses_is_a_verdict() {
    for (way, id, check) in [
        ("doubles", "memory-lost", "doubled"),
        ("resurrects", "memory-lost", "resurrected"),
        ("forgets", "memory-lost", "forgotten"),
        ("empties-the-other", "outlook-emptied", "vanished"),
        ("empties-the-other", "crm-emptied", "vanished"),
        ("says-success", "crm-unreachable", "false-success"),
    ] {
        let checked = Checked::of(way, &DISASTERS);
        assert_eq!(checked.code(), Some(1), "{way}");
        checked.is(id, "diverges", &[check]);
        let case = checked.junit.split("<testcase").find(|case| case.contains(&format!("faults-from-outside/{id}")));
        assert!(case.is_some_and(|case| case.contains("<failure")), "{way}: {}", checked.junit);
        for other in ALL.into_iter().filter(|other| *other != id && way != "empties-the-other") {
            checked.is(other, "conforms", &[]);
        }
    }
}

#[test]
fn the_adapter_is_told_from_the_engine() {
    let checked = Checked::of("reaches-what-is-out-of-reach", &DISASTERS);
    checked.is("crm-unreachable", "broken", &[]);
    let checked = Checked::of("declares-what-it-has-not", &["--kill", "3", "--disasters"]);
    assert_eq!(checked.code(), Some(0));
    checked.is("memory-lost", "unsupported", &[]);
    checked.is("killed-inside-a-synchronization", "unsupported", &[]);
}

/// What a kill or a disaster leaves behind counts where a fresh start of the program, struck again, leaves it behind, too.
#[test]
fn what_no_second_process_does_is_unstable() {
    let (killed, lost) = ("killed-inside-a-synchronization", "memory-lost");
    for (case, way, code, verdict, checks, runs) in [
        (killed, "doubles-when-killed", 1, "diverges", &["doubled"][..], (2, 2)),
        (killed, "doubles-when-killed-in-one-process", 3, "unstable", &[], (1, 5)),
        (lost, "doubles", 1, "diverges", &["doubled"], (2, 2)),
        (lost, "doubles-in-one-process", 3, "unstable", &[], (1, 5)),
    ] {
        let options = if case == killed { &["--kill", "4"][..] } else { &DISASTERS };
        let checked = Checked::of(way, options);
        assert_eq!(checked.code(), Some(code), "{way}");
        checked.is(case, verdict, checks);
        let report = &checked.report["implementations"][0];
        let cases = report["cases"].as_array().expect("cases").iter();
        let failures = cases.filter_map(|case| case["failures"].as_array()).flatten();
        let unstable = report["unstable"].as_array().map(Vec::as_slice).unwrap_or_default();
        let (held, not) = (failures.map(|it| &it["again"]), unstable.iter().map(|it| &it["again"]));
        let again: Vec<_> = held.chain(not).map(|it| (it["seen"].as_u64(), it["runs"].as_u64())).collect();
        assert_eq!(again, [(Some(runs.0), Some(runs.1))], "{way}");
        let kills = serde_json::json!({ "rounds": 4, "landed": 4, "finished": 0 });
        let told = &checked.timings["implementations"][0]["kills"];
        assert!(if case == killed { *told == kills } else { told.is_null() }, "{way}: {told}");
        let junit = checked.junit.split("<testcase").find(|it| it.contains(case)).expect("a case");
        assert_eq!((junit.contains("<failure"), junit.contains("<error")), (code == 1, code == 3), "{junit}");
    }
}

#[test]
fn only_what_is_declared_is_killed() {
    let case = "killed-inside-a-synchronization";
    let checked = Checked::of("refuses", &["--kill", "4"]);
    checked.is(case, "conforms", &[]);
    let said = String::from_utf8_lossy(&checked.output.stderr).into_owned();
    assert!(said.contains("of 4 kills 4 fell inside a synchronization; in 0 the engine had finished before"), "{said}");
    let checked = Checked::of("is-never-met", &["--kill", "4"]);
    checked.is(case, "undecided", &[]);
    let checked = Checked::of("crash-is-only-a-step", &["--kill", "4"]);
    checked.is(case, "unsupported", &[]);
    let checked = Checked::of("crash-is-only-a-step", &["--disasters"]);
    assert_eq!(checked.case(case), None);
}
