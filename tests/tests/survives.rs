//! Whatever ends a run, what was decided by then is on disk; and what was found before is not lost to what comes after.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;
use tombstone_reports::events::{Event, EventLine, from_ndjson};
use tombstone_reports::{Exit, Report, Verdict, fold};

/// The command line under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");

/// `liar.py` behind a pipe that lets a message through now and then.
const SLOW: &str = r#"
import sys, time
def slowly(lines):
    for line in lines:
        time.sleep(0.03)
        yield line
sys.stdin = slowly(sys.stdin)
sys.argv = ["liar.py", "none"]
exec(open("liar.py").read())
"#;

/// The same; it and a process that it starts in a session of its own do not end when they are asked to.
const STUBBORN: &str = r#"
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
none = subprocess.DEVNULL
subprocess.Popen(["sleep", "600"], start_new_session=True, stdin=none, stdout=none, stderr=none)
exec(open("slow.py").read())
"#;

/// A folder with the programs in it.
fn folder() -> TempDir {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::copy(here.join("adapters/faulty/liar.py"), folder.path().join("liar.py")).expect("a copy");
    fs::write(folder.path().join("slow.py"), SLOW).expect("a file");
    fs::write(folder.path().join("stubborn.py"), STUBBORN).expect("a file");
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

/// Runs it, which must end so; what it prints.
#[track_caller]
fn ends(folder: &Path, line: &str, exit: Exit) -> (String, String) {
    let output = tombstone(folder, line);
    let (out, err) = (text(&output.stdout).to_owned(), text(&output.stderr).to_owned());
    assert_eq!(output.status.code(), Some(i32::from(exit.code())), "{line}\n{out}\n{err}");
    (out, err)
}

/// A run of a program that takes its time, and where it writes.
struct Running {
    child: Child,
    folder: TempDir,
}

impl Running {
    /// Starts a program with nothing but scenarios to run, and waits until some were judged.
    fn start(program: &str) -> Self {
        let folder = folder();
        let line = format!("check --plans 0 --kill 0 --isolation scenario --report report -- python3 {program}");
        let child = command(folder.path(), &line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let running = Self { child: child.expect("it can be started"), folder };
        running.wait_for("the first verdicts", |it| it.judged() >= 3);
        running
    }

    fn wait_for(&self, what: &str, done: impl Fn(&Self) -> bool) {
        for _ in 0..6000 {
            if done(self) {
                return;
            }
            sleep(Duration::from_millis(10));
        }
        panic!("in vain: {what}");
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("report").join(name)
    }

    fn journal(&self) -> Vec<EventLine> {
        from_ndjson(&fs::read(self.path("running.ndjson")).unwrap_or_default()).unwrap_or_default()
    }

    /// How many scenarios conformed by now.
    fn judged(&self) -> usize {
        let conforms = |event: &Event| matches!(event, Event::CaseJudged(it) if it.case.verdict == Verdict::Conforms);
        self.journal().iter().filter(|line| conforms(&line.event)).count()
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {}", self.child.id())]).status();
        assert!(sent.expect("there is a shell").success());
    }

    /// The processes that run in the folder, without the run itself: their ids and commands.
    fn processes(&self) -> Vec<(String, String)> {
        let folder = fs::canonicalize(self.folder.path()).expect("a path");
        let all = fs::read_dir("/proc").expect("processes").flatten();
        let here = all.filter(|process| {
            fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == folder)
                && process.file_name().to_string_lossy() != self.child.id().to_string()
        });
        let told = |process: fs::DirEntry| {
            let command = fs::read_to_string(process.path().join("cmdline")).unwrap_or_default();
            (process.file_name().to_string_lossy().into_owned(), command)
        };
        here.map(told).filter(|(_, command)| !command.is_empty()).collect()
    }

    /// Waits for its end: how it exits, and what it printed.
    fn end(&mut self) -> (Option<i32>, String, String) {
        let status = self.child.wait().expect("it ends");
        let (mut out, mut err) = (String::new(), String::new());
        self.child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("text");
        self.child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("text");
        (status.code(), out, err)
    }
}

/// A report in every form, each made of a file by `report`.
fn forms(folder: &Path, file: &str, exit: Exit) -> [String; 7] {
    let form = |form: &str| ends(folder, &format!("report {file} --format {form}"), exit).0;
    let verbose = ends(folder, &format!("report {file} --verbose"), exit).0;
    [form("json"), form("html"), form("junit"), form("sarif"), form("markdown"), form("text"), verbose]
}

/// The forms that a run wrote into its folder, in the same order.
fn written(folder: &Path, name: &str) -> [String; 5] {
    ["report.json", "report.html", "junit.xml", "report.sarif", "summary.md"]
        .map(|file| fs::read_to_string(folder.join(name).join(file)).expect("it was written"))
}

#[test]
fn a_journal_is_readable_after_the_run_was_killed() {
    let mut running = Running::start("slow.py");
    running.signal("KILL");
    assert_eq!(running.end().0, None, "a signal ended it");
    let folder = running.folder.path();
    let lines = running.journal();
    assert!(running.judged() >= 3 && lines.iter().all(|line| line.event != Event::RunEnded));
    let report = fold::report(&lines);
    for form in &forms(folder, "report/running.ndjson", Exit::Incomplete)[1..] {
        assert!(form.contains("the run was interrupted: what was not judged by then is missing"), "{form}");
    }
    let cases = &report.implementations[0].cases;
    assert!(cases.iter().any(|case| case.verdict == Verdict::Conforms), "what was decided stands");
    assert!(cases.iter().all(|case| case.verdict != Verdict::Diverges), "nothing was looked at again");
    // Cut anywhere in the last line, and with what a machine that went down leaves.
    let whole = fs::read(running.path("running.ndjson")).expect("a journal");
    let last = whole[..whole.len() - 1].iter().rposition(|&byte| byte == b'\n').expect("lines") + 1;
    for cut in (last..whole.len()).step_by(37) {
        fs::write(folder.join("cut.ndjson"), &whole[..cut]).expect("a file");
        assert_eq!(forms(folder, "cut.ndjson", Exit::Incomplete)[0], fold::report(&lines[..lines.len() - 1]).to_json());
    }
    fs::write(folder.join("cut.ndjson"), [&whole, &[0; 4096][..]].concat()).expect("a file");
    assert_eq!(forms(folder, "cut.ndjson", Exit::Incomplete)[0], report.to_json());
    // Another run takes the place of the journal.
    ends(folder, "check --plans 20 --report report --implementation reference", Exit::Conforms);
    assert!(!running.path("running.ndjson").exists());
}

#[test]
fn a_signal_ends_the_programs_and_leaves_a_report() {
    for signal in ["INT", "TERM", "HUP"] {
        let mut running = Running::start("stubborn.py");
        assert!(running.processes().len() >= 2, "it started another: {:?}", running.processes());
        running.signal(signal);
        let (code, out, err) = running.end();
        assert_eq!(code, Some(i32::from(Exit::Incomplete.code())), "{err}");
        assert_eq!(running.processes(), [], "{signal}: processes are left");
        let said = format!("the run was interrupted by SIG{signal}: what was not judged by then is missing");
        let folder = running.folder.path();
        let own = written(folder, "report");
        let report = Report::from_json(&own[0]).expect("a report");
        assert_eq!(report.interrupted.as_ref().and_then(|it| it.signal.clone()), Some(format!("SIG{signal}")));
        assert!(report.implementations[0].cases.len() >= 3);
        let forms = forms(folder, "report/events.ndjson", Exit::Incomplete);
        for form in &forms[1..] {
            assert!(form.contains(&said), "{form}");
        }
        assert!(forms[..5] == own && forms[5] == out, "another report is made of the journal");
        assert!(!running.path("running.ndjson").exists());
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut running = Running::start("stubborn.py");
    running.signal("TERM");
    // It is on its way: the programs are being asked to end, and do not.
    running.wait_for("the interruption", |it| {
        it.journal().iter().any(|line| matches!(line.event, Event::Interrupted { .. }))
    });
    running.signal("INT");
    let (code, ..) = running.end();
    assert_eq!(code, Some(i32::from(Exit::Incomplete.code())));
    assert!(!running.path("report.json").exists() && running.path("running.ndjson").exists());
    for (id, _) in running.processes() {
        let _ = Command::new("sh").args(["-c", &format!("kill -9 {id}")]).status();
    }
}

/// What the shell counts by, in bytes.
const BLOCK: usize = 512;

/// What a run that could not write says and how it ends; `limit` is how much a file may hold, in blocks.
fn limited(folder: &Path, limit: usize, program: &str) -> (Option<i32>, String) {
    let line = format!(
        "ulimit -f {limit}; exec {PROGRAM} check --plans 0 --kill 0 --report report --scenario 'conflicts/contact*' \
         --scenario 'tracking/contact*' --replace {program}"
    );
    let output = Command::new("sh").args(["-c", &line]).current_dir(folder).env("NO_COLOR", "1").output();
    let output = output.expect("there is a shell");
    (output.status.code(), text(&output.stderr).to_owned())
}

/// A limit on the size of files stands for a disk that is full: neither needs anybody's leave.
#[test]
fn a_full_disk_is_an_error_and_changes_no_verdict() {
    let folder = folder();
    let path = folder.path();
    for (program, without, with) in [
        ("--implementation reference", Exit::Conforms, Exit::Incomplete),
        ("-- python3 liar.py none", Exit::Diverges, Exit::Diverges),
    ] {
        let code = |exit: Exit| Some(i32::from(exit.code()));
        let (enough, err) = limited(path, 1_000_000, program);
        assert_eq!(enough, code(without), "{err}");
        let before = written(path, "report");
        let largest = before.iter().map(String::len).max().unwrap_or_default();
        // Not even the start of the journal can be written; nearly everything can.
        for limit in [8, largest / BLOCK - 1] {
            let (exit, err) = limited(path, limit, program);
            assert_eq!(exit, code(with), "{err}");
            assert!(err.contains("error: cannot write `report/") && err.contains("help: "), "{err}");
            assert!(written(path, "report") == before, "the earlier report is as it was");
        }
    }
}

#[test]
fn two_runs_do_not_write_into_one_folder() {
    let mut running = Running::start("slow.py");
    let folder = running.folder.path();
    let line = "check --plans 20 --report report --replace --implementation reference";
    let (out, err) = ends(folder, line, Exit::Incomplete);
    assert!(out.is_empty() && err.starts_with("error: another run writes its report into `report`\nhelp: "), "{err}");
    assert!(running.judged() >= 3, "the journal is the first one's");
    running.signal("INT");
    running.end();
    ends(running.folder.path(), line, Exit::Conforms);
}

#[test]
fn a_narrower_run_does_not_replace_a_fuller_one_unasked() {
    let folder = folder();
    let path = folder.path();
    let whole = "--plans 30 --implementation reference --implementation server-side";
    ends(path, &format!("check {whole}"), Exit::Conforms);
    ends(path, &format!("check --report named {whole}"), Exit::Conforms);
    let (before, named) = (written(path, "tombstone-report"), written(path, "named"));
    let narrower = [
        "--plans 30 --implementation reference",
        "--plans 29 --implementation reference --implementation server-side",
        "--plans 30 --implementation reference --implementation server-side --scenario tracking/*",
        "--scenario conflicts/contact* -- python3 liar.py none",
    ];
    for line in narrower {
        // In a folder that is named it is an error, before the work.
        let (out, err) = ends(path, &format!("check --report named {line}"), Exit::Usage);
        assert!(out.is_empty() && err.contains("error: `named` holds what a run found that did more: it "), "{err}");
        assert!(err.contains("help: name another folder with --report, or say --replace"), "{err}");
        assert!(written(path, "named") == named);
        // In the usual one it makes room.
        let output = tombstone(path, &format!("check {line}"));
        let err = text(&output.stderr);
        assert!(err.contains("note: `tombstone-report` holds what a run found that did more: it "), "{err}");
        assert!(err.contains("report: tombstone-report-part/report.html"), "{err}");
        assert!(written(path, "tombstone-report") == before);
    }
    // Of what was there before nothing remains: neither of a fuller run, nor what others left beside.
    let files = |name: &str| {
        let all = fs::read_dir(path.join(name)).expect("a folder").flatten();
        let mut names: Vec<String> = all.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    let usual = ["badge-reference.json", "badge-reference.svg", "badges.json", "events.ndjson", "junit.xml"];
    let forms = ["report.html", "report.json", "report.sarif", "summary.md", "timings.json"];
    let usual = [usual, forms].concat();
    fs::create_dir(path.join("named/.tombstone-1")).expect("a folder");
    ends(path, &format!("check --report named --replace {}", narrower[0]), Exit::Conforms);
    assert_eq!(files("named"), usual);
    // As much, or more, or of somebody else, takes the place as ever.
    ends(path, "check --report named --plans 31 --implementation reference", Exit::Conforms);
    ends(path, "check --report named --plans 20 --implementation outlook-client", Exit::Conforms);
    // What a long run that broke off left is not lost to a short one, either.
    fs::copy(path.join("tombstone-report/events.ndjson"), path.join("named/running.ndjson")).expect("a copy");
    let (_, err) = ends(path, "check --report named --plans 0 --implementation reference", Exit::Usage);
    assert!(err.contains("it ran server-side, and this run does not"), "{err}");
}

#[test]
fn a_whole_run_is_rendered_again_from_its_journal() {
    let folder = folder();
    let path = folder.path();
    let programs = "--scenario tracking/contact* --scenario conflicts/contact* -- python3 liar.py none";
    for (line, exit) in [
        ("--plans 200 --implementation reference --implementation outlook-client", Exit::Conforms),
        (&*format!("--plans 30 --kill 0 --shrink {programs}"), Exit::Diverges),
    ] {
        let (brief, _) = ends(path, &format!("check --replace --report report {line}"), exit);
        let own = written(path, "report");
        let forms = forms(path, "report/events.ndjson", exit);
        assert!(forms[..5] == own && forms[5] == brief, "another report is made of the journal");
        let (full, _) = ends(path, &format!("check --replace --verbose --report report {line}"), exit);
        let told = ends(path, "report report/events.ndjson --verbose", exit).0;
        assert!(told == full, "another report is told");
    }
}
