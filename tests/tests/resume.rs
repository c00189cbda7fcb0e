//! A run that broke off is gone on with, and gives the report that a run gives which nothing ended, byte for byte.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;
use tombstone_reports::events::{Event, from_ndjson};

/// The command line under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");

/// A program that diverges, and scenarios of which it can do some.
const LIAR: &str = "--scenario tracking/* --scenario conflicts/* --scenario deletion/contact* -- python3 liar.py none";

/// A folder with the program in it.
fn folder() -> TempDir {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::copy(here.join("adapters/faulty/liar.py"), folder.path().join("liar.py")).expect("a copy");
    folder
}

fn command(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(line.split_whitespace()).current_dir(folder).stdin(Stdio::null());
    command.env("NO_COLOR", "1").env("COLUMNS", "100").env_remove("RUST_BACKTRACE");
    command
}

fn tombstone(folder: &Path, line: &str) -> Output {
    command(folder, line).output().expect("it can be started")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("what is printed is text")
}

/// What a run that nothing ended comes to: its report, what it prints, how it ends, and its events, a line each.
struct Whole {
    report: String,
    printed: String,
    code: Option<i32>,
    events: Vec<String>,
    line: String,
}

impl Whole {
    fn of(line: &str) -> Self {
        let folder = folder();
        let output = tombstone(folder.path(), &format!("check --report report {line}"));
        let read = |name: &str| fs::read_to_string(folder.path().join("report").join(name)).expect("it was written");
        let events = read("events.ndjson").lines().map(|line| format!("{line}\n")).collect();
        let (report, printed) = (read("report.json"), text(&output.stdout).to_owned());
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", text(&output.stderr));
        Self { report, printed, code: output.status.code(), events, line: line.to_owned() }
    }

    /// Goes on in a folder in which it broke off. Says how many events of the earlier run stood.
    #[track_caller]
    fn resumed(&self, folder: &Path, when: &str) -> String {
        let output = tombstone(folder, &format!("check --resume --report report {}", self.line));
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), self.code, "{when}: {err}");
        let report = fs::read_to_string(folder.join("report/report.json")).expect("a report");
        if report != self.report {
            let differs = report.lines().zip(self.report.lines()).find(|(one, other)| one != other);
            panic!("{when}: another report is made: {differs:?}");
        }
        assert!(text(&output.stdout) == self.printed, "{when}: another report is printed");
        assert!(!folder.join("report/running.ndjson").exists());
        let behind = err.lines().find(|line| line.starts_with("going on behind ")).expect("it says where it goes on");
        behind.to_owned()
    }

    /// Goes on from so many shares of the events, and from inside the line behind; from so many different places at least.
    fn resumed_everywhere(&self, parts: usize, least: usize) {
        let mut before = Vec::new();
        for part in 1..=parts {
            let folder = folder();
            fs::create_dir(folder.path().join("report")).expect("a folder");
            let at = (self.events.len() - 1) * part / parts;
            let cut = &self.events[at][..self.events[at].len() / 3];
            let journal = self.events[..at].concat() + cut.trim_end_matches(|c: char| !c.is_ascii());
            fs::write(folder.path().join("report/running.ndjson"), journal).expect("a journal");
            before.push(self.resumed(folder.path(), &format!("cut at {at} of {}", self.events.len())));
        }
        before.dedup();
        assert!(before.len() >= least, "hardly anything stands: {before:?}");
    }
}

#[test]
fn what_is_built_in_goes_on_from_anywhere() {
    Whole::of("--plans 9000 --implementation reference --implementation server-side").resumed_everywhere(4, 4);
}

#[test]
fn a_program_goes_on_from_anywhere() {
    Whole::of(&format!("--plans 40 --isolation scenario --shrink {LIAR}")).resumed_everywhere(6, 5);
}

#[test]
fn a_program_in_shared_worlds_goes_on_from_anywhere() {
    Whole::of(&format!("--plans 40 --isolation packed {LIAR}")).resumed_everywhere(5, 3);
}

/// Programs that fail nearly always: what is known of plans that failed is told, and what it comes to is the same.
#[test]
fn causes_of_plans_that_failed_before_are_found() {
    let whole = Whole::of("--plans 60 --isolation scenario --scenario tracking/* -- python3 liar.py creates-nothing");
    assert!(whole.report.contains("\"causes\""), "it has causes");
    whole.resumed_everywhere(4, 3);
}

/// Breaks off a run for good, when so many events were told; twice.
#[test]
fn killed_twice_it_goes_on_twice() {
    for (line, at) in [
        (format!("--plans 60 --isolation scenario {LIAR}"), [60, 140]),
        ("--plans 9000 --implementation reference --implementation server-side".to_owned(), [300, 900]),
    ] {
        let whole = Whole::of(&line);
        for signal in ["KILL", "TERM"] {
            let folder = folder();
            for (nth, at) in at.into_iter().enumerate() {
                let resume = if nth == 0 { "" } else { "--resume" };
                let mut run = command(folder.path(), &format!("check {resume} --report report {line}"));
                let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it can be started");
                let journal = folder.path().join("report/running.ndjson");
                let told = || fs::read(&journal).unwrap_or_default().iter().filter(|&&byte| byte == b'\n').count();
                while told() < at && run.try_wait().expect("a process").is_none() {
                    sleep(Duration::from_millis(10));
                }
                let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {}", run.id())]).status();
                assert!(sent.expect("there is a shell").success());
                run.wait().expect("it ends");
            }
            let behind = whole.resumed(folder.path(), &format!("SIG{signal}"));
            assert!(!behind.contains(" 0 cases"), "{behind}");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let folder = folder();
    let path = folder.path();
    let line = format!("--plans 20 --isolation scenario {LIAR}");
    let refused = |line: &str, why: &str| {
        let before = fs::read(path.join("report/running.ndjson")).ok();
        let output = tombstone(path, &format!("check --resume --report report {line}"));
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{err}");
        assert!(err.contains(why) && err.contains("help: "), "{err}");
        assert_eq!(fs::read(path.join("report/running.ndjson")).ok(), before, "the journal is as it was");
    };
    refused(&line, "error: no run broke off in `report`");
    tombstone(path, &format!("check --report report {line}"));
    refused(&line, "error: no run broke off in `report`");
    let events = fs::read(path.join("report/events.ndjson")).expect("the events");
    let end = events.len() - "{\"event\":\"run-ended\"}\n".len();
    fs::write(path.join("report/running.ndjson"), &events[..end]).expect("a journal");
    let another = "error: what broke off in `report` is another run: its ";
    refused(&format!("--seed 7 {line}"), &format!("{another}seed: `1`, and here `7`"));
    refused(&format!("--profile online-2011 {line}"), &format!("{another}profile: "));
    refused("--plans 20 --isolation scenario -- python3 liar.py creates-nothing", &format!("{another}arguments: "));
    refused("--plans 20 --implementation reference", &format!("{another}implementations: "));
    let liar = fs::read_to_string(path.join("liar.py")).expect("the program");
    fs::write(path.join("liar.py"), liar.replace("\"version\": LIE", "\"version\": \"2\"")).expect("another program");
    refused(&line, "is another program than before the run broke off: it was liar none, and is liar 2");
    fs::write(path.join("liar.py"), liar).expect("the program");
    // Of the last version nothing is read, and of what is no journal nothing is taken.
    let text = String::from_utf8(events[..end].to_vec()).expect("text");
    fs::write(path.join("report/running.ndjson"), text.replace("\"stream\":1", "\"stream\":9")).expect("a journal");
    refused(&line, "version 9 of the stream is unknown to this version");
    fs::write(path.join("report/running.ndjson"), &events[..end]).expect("a journal");
    let output = tombstone(path, &format!("check --resume --report report {line}"));
    assert_eq!(output.status.code(), Some(1));
    let lines = from_ndjson(&fs::read(path.join("report/events.ndjson")).expect("the events")).expect("a stream");
    assert_eq!(lines.last().map(|line| &line.event), Some(&Event::RunEnded));
}
