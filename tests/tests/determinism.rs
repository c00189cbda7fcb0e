//! Equal inputs give equal bytes: at any number of threads, today and again; and nothing of the machine, the clock
//! or the folder is among them.

use std::fs;
use std::path::Path;

use tombstone_reports::events::{EventLine, from_ndjson, to_ndjson};
use tombstone_tests::run;

/// Enough for several parts a thread, and for each strategy of the portfolio.
const PLANS: &str = "600";

/// The `report.json` of a check with these many threads, and the folder that it was made in.
fn report(folder: &Path, threads: &str, name: &str) -> String {
    let program = env!("CARGO_BIN_EXE_tombstone-under-test");
    let arguments = ["check", "--plans", PLANS, "--seed", "11", "--threads", threads, "--report", name];
    let output = run(program, folder, &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(folder.join(name).join("report.json")).expect("the report")
}

/// The events of that check, without what depends on the machine and without the first, which names the folder.
fn events(folder: &Path, name: &str) -> String {
    let text = fs::read(folder.join(name).join("events.ndjson")).expect("the events");
    let lines = from_ndjson(&text).expect("a stream").into_iter().skip(1);
    to_ndjson(&lines.filter(EventLine::is_of_the_run).collect::<Vec<_>>())
}

#[test]
fn the_report_is_the_same_at_any_number_of_threads_and_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let first = report(folder.path(), "1", "first");
    for (threads, name) in [("1", "again"), ("2", "two"), ("2", "two-again"), ("8", "eight"), ("8", "eight-again")] {
        assert!(report(folder.path(), threads, name) == first, "another report at {threads} threads ({name})");
        let told = events(folder.path(), name) == events(folder.path(), "first");
        assert!(told, "other events at {threads} threads ({name})");
    }
    // The other forms are made of it, and of nothing else, but for the times in one of them.
    for file in ["junit.xml", "summary.md"] {
        let of = |name: &str| {
            let text = fs::read_to_string(folder.path().join(name).join(file)).expect("a form of the report");
            without_times(&text)
        };
        assert!(of("first") == of("eight"), "{file} differs");
    }
    holds_nothing_of_its_making(folder.path(), &first);
}

/// XML without the attributes that say when something was and how long it took.
fn without_times(xml: &str) -> String {
    let mut parts = xml.split(" time");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| match part.strip_prefix("=\"").or_else(|| part.strip_prefix("stamp=\"")) {
        Some(value) => value.split_once('"').map_or("", |(_, rest)| rest).to_owned(),
        None => format!(" time{part}"),
    });
    rest.fold(first, |text, part| text + &part)
}

#[track_caller]
fn holds_nothing_of_its_making(folder: &Path, report: &str) {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let home = std::env::var("HOME").unwrap_or_default();
    let user = std::env::var("USER").unwrap_or_default();
    let places = [
        ("the folder", folder.to_string_lossy().into_owned()),
        ("the sources", env!("CARGO_MANIFEST_DIR").to_owned()),
        ("the home", home),
        ("the host", host.trim().to_owned()),
        ("the user", format!("/{user}/")),
        ("threads", "\"threads\"".to_owned()),
        ("a duration", "milliseconds".to_owned()),
        ("a start", "\"started\"".to_owned()),
    ];
    for (what, text) in places.iter().filter(|(_, text)| text.len() > 3) {
        assert!(!report.contains(text.as_str()), "the report names {what}: {text}");
    }
    let year = this_year();
    assert!(!report.contains(&format!("\"{year}-")), "the report holds a date of this year");
}

/// The year it is, by the age of the epoch: only the test looks at the clock.
#[expect(clippy::disallowed_methods, reason = "the report must not hold today's date, which the test has to know")]
fn this_year() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    1970 + since.as_secs() / 31_556_952
}
