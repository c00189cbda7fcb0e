//! The report is what the events of a run leave behind: written down, read back and folded they give the same bytes; cut
//! anywhere they give a report that claims no more than was decided by then.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tombstone_reports::events::{Event, EventLine, StreamError, from_ndjson, to_ndjson};
use tombstone_reports::{Exit, ImplementationReport, Report, Timings, Verdict, fold};
use tombstone_tests::run;

/// A check, its events and what it wrote.
struct Checked {
    events: String,
    lines: Vec<EventLine>,
    report: String,
    timings: String,
}

/// Checks with these arguments, the last of which may be a program.
#[track_caller]
fn checked(folder: &Path, arguments: &[&str], subject: &[&str]) -> Checked {
    let own = ["check", "--report", "report"];
    let arguments: Vec<&str> = own.iter().chain(arguments).chain(subject).copied().collect();
    let output = run(env!("CARGO_BIN_EXE_tombstone-under-test"), folder, &arguments);
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("it was written");
    assert!(output.status.code().is_some_and(|code| code <= 1), "{}", String::from_utf8_lossy(&output.stderr));
    let events = read("report/events.ndjson");
    let lines = from_ndjson(events.as_bytes()).expect("a stream");
    Checked { events, lines, report: read("report/report.json"), timings: read("report/timings.json") }
}

impl Checked {
    /// Holds the stream against what was written, whole and cut.
    #[track_caller]
    fn holds(&self) {
        assert!(fold::report(&self.lines).to_json() == self.report, "another report is folded from the events");
        assert!(fold::timings(&self.lines) == Timings::from_json(&self.timings).expect("timings"));
        assert!(to_ndjson(&self.lines) == self.events, "it is written as it was read");
        let whole = verdicts(&fold::report(&self.lines));
        for end in (1..self.lines.len()).step_by(self.lines.len().div_ceil(60)) {
            let report = fold::report(&self.lines[..end]);
            let ended = |line: &EventLine| line.event == Event::ImplementationEnded;
            let missing = report.implementations.len() > self.lines[..end].iter().filter(|line| ended(line)).count();
            assert!(!missing || Exit::of(&report) != Exit::Conforms, "cut at {end} it passes");
            for (case, verdict) in verdicts(&report) {
                // What stands is what was decided; what failed once is not.
                let decided = matches!(verdict, Verdict::Diverges | Verdict::Unsupported);
                assert!(!decided || whole.get(&case) == Some(&verdict), "cut at {end} {case:?} is {verdict}");
            }
            assert!(
                report
                    .implementations
                    .iter()
                    .flat_map(ImplementationReport::failures)
                    .all(|failure| failure.again.is_some())
            );
        }
        // A last line that was cut is left out.
        let cut = &self.events[..self.events.len() - 4];
        assert_eq!(from_ndjson(cut.as_bytes()).expect("a stream").len(), self.lines.len() - 1);
    }
}

/// The verdicts of a report, by implementation and case.
fn verdicts(report: &Report) -> BTreeMap<(String, String), Verdict> {
    let each = report
        .implementations
        .iter()
        .flat_map(|it| it.cases.iter().map(|case| ((it.name.clone(), case.id.clone()), case.verdict)));
    each.collect()
}

#[test]
fn events_of_what_is_built_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["--plans", "500", "--doublecheck", "--implementation", "reference", "--implementation"];
    checked(folder.path(), &arguments, &["server-side"]).holds();
}

#[test]
fn events_of_a_program_that_conforms() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = env!("CARGO_BIN_EXE_adapter-under-test");
    checked(folder.path(), &["--plans", "20", "--isolation", "scenario"], &["--", program]).holds();
}

#[test]
fn events_of_a_program_that_diverges_alone_and_packed() {
    let liar = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/faulty/liar.py");
    let liar = ["--", "python3", liar.to_str().expect("a path"), "none"];
    for isolation in ["scenario", "packed"] {
        let folder = tempfile::tempdir().expect("a folder");
        let checked = checked(folder.path(), &["--plans", "20", "--shrink", "--isolation", isolation], &liar);
        let causes = checked.lines.iter().filter(|line| matches!(line.event, Event::CauseFound(_)));
        assert!(causes.count() > 1);
        checked.holds();
    }
}

#[test]
fn what_is_no_stream_is_told_so() {
    let version = |text: &str| match from_ndjson(text.as_bytes()) {
        Err(StreamError::Version(version)) => version,
        other => panic!("{other:?}"),
    };
    assert_eq!([version(""), version("{}\n"), version("nothing\n")], [None; 3]);
    assert_eq!(version("{\"event\":\"run-started\",\"stream\":7}\n"), Some(7));
    let started =
        "{\"event\":\"run-started\",\"stream\":1,\"tombstone\":\"1\",\"profile\":\"p\",\"implementations\":[]}\n";
    assert_eq!(from_ndjson(started.as_bytes()).expect("a stream").len(), 1);
    let error = from_ndjson(format!("{started}{{\"event\":\"unheard-of\"}}\n").as_bytes());
    let error = error.expect_err("no event").to_string();
    assert!(error.starts_with("line 2 is no event: "), "{error}");
    // Cut inside a character, and where the machine went down, in zeros and what came behind them.
    for end in [&b"{\"event\":\"not-run\",\"why\":\"\xe2\x9c"[..], b"\0\0\0\n{}\n"] {
        assert_eq!(from_ndjson(&[started.as_bytes(), end].concat()).expect("a stream").len(), 1);
    }
}
