//! A run of the command line ends, whatever a program, a file or a device does; and what it ends with is what was found.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tombstone_tests::{faulty_adapter_of_contacts, run};

/// The command line under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");

/// A program that diverges, and what to run of it.
const DIVERGING: &str =
    "T check --plans 0 --kill 0 --report report --scenario 'deletion/contact*' -- python3 skeleton.py";

/// A folder with a scenario, an adapter `faulty.py` that claims to know contacts, and one that diverges.
fn folder() -> TempDir {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::copy(here.join("tests/cli/good.toml"), folder.path().join("good.toml")).expect("a copy");
    // The skeleton of the page of the protocol: it deletes nothing across, and so diverges.
    let page = fs::read_to_string(here.join("../simulator/adapter/PROTOCOL.md")).expect("the page");
    let skeleton = page.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).expect("its skeleton");
    fs::write(folder.path().join("skeleton.py"), skeleton).expect("a copy");
    fs::write(folder.path().join("faulty.py"), faulty_adapter_of_contacts()).expect("a copy");
    folder
}

/// Runs a line of the shell in a folder; `T` in it is the command line under test.
fn shell(folder: &Path, line: &str) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", &line.replace("T ", &format!("{PROGRAM} "))]).current_dir(folder);
    command.env("NO_COLOR", "1").env("COLUMNS", "100").env_remove("RUST_BACKTRACE");
    command.output().expect("there is a shell")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("what is printed is text")
}

#[track_caller]
fn ends(output: &Output, code: i32) -> (String, String) {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "standard output:\n{out}\nstandard error:\n{err}");
    (out, err)
}

#[expect(clippy::disallowed_methods, reason = "how long a run takes is what the test is about")]
fn timed(act: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    act();
    begun.elapsed()
}

/// Generous: the machine may be busy. Without an end these would take for ever.
const SOON: Duration = Duration::from_secs(120);

#[test]
fn floods_end_at_the_deadline() {
    let folder = folder();
    let limits = ["--reset-timeout", "1", "--step-timeout", "1"];
    for program in [
        &["yes", ""][..],
        &["yes", r#"{"jsonrpc":"2.0","id":9,"result":null}"#],
        &["python3", "faulty.py", "flood-of-blank-lines"],
    ] {
        for command in ["check", "doctor"] {
            let mut arguments = vec![command];
            if command == "check" {
                arguments.extend(["--plans", "0", "--kill", "0", "--suite", "good.toml", "--report", "report"]);
            }
            arguments.extend(limits);
            arguments.push("--");
            arguments.extend(program);
            let took = timed(|| {
                let output = run(PROGRAM, folder.path(), &arguments);
                assert!(matches!(output.status.code(), Some(1 | 3)), "{arguments:?}: {output:?}");
            });
            assert!(took < SOON, "{arguments:?}: {took:?}");
        }
    }
}

#[test]
fn a_program_that_breaks_every_case_is_given_up() {
    let folder = folder();
    let line = "T check --plans 500 --kill 0 --report report --give-up 4 --isolation scenario \
                -- python3 faulty.py exit-with-status";
    ends(&shell(folder.path(), line), 3);
    let report = fs::read_to_string(folder.path().join("report/report.json")).expect("a report");
    assert!(report.contains("given up: 4 cases in a row broke, the last since the adapter exited"), "it is not said");
    // Each case that was given up tells how the last one before it broke.
    let told = report.matches("exited with status 3 before").count();
    let started = told - report.matches("the last since the adapter exited with status 3").count();
    assert!((4..40).contains(&started), "{started}");
}

/// Two threads of a test harness may run this at once; the daemons of each are told apart by their parents.
#[test]
#[cfg(target_os = "linux")]
fn a_daemon_is_found_whatever_its_environment_says() {
    let folder = folder();
    let faulty = folder.path().join("faulty.py");
    let script = fs::read_to_string(&faulty).expect("the adapter");
    fs::write(&faulty, script.replace("setsid sleep 600.25", "setsid env -i sleep 600.5")).expect("another adapter");
    let line = "T check --plans 0 --kill 0 --suite good.toml --report report -- python3 faulty.py leave-a-daemon";
    let _ = shell(folder.path(), line);
    let report = fs::read_to_string(folder.path().join("report/report.json")).expect("a report");
    assert!(report.contains("left processes behind: `sleep 600.5`"), "it is not named: {report}");
    let left = fs::read_dir("/proc").expect("processes").flatten();
    let left = left.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    assert_eq!(left.filter(|words| words == b"sleep\x00600.5\x00").count(), 0);
}

#[test]
fn threads_are_bounded_and_their_lack_is_an_error() {
    let folder = folder();
    for number in ["1000000", "1025", "0", "-1", "many"] {
        let output = run(PROGRAM, folder.path(), &["check", "--suite", "good.toml", &format!("--threads={number}")]);
        let (_, error) = ends(&output, 2);
        assert!(error.contains("1 to 1024"), "{error}");
    }
    // A thousand threads have no room in half a gigabyte.
    let output = shell(folder.path(), "ulimit -v 500000; T check --suite good.toml --threads 1024 --report report");
    let (_, error) = ends(&output, 3);
    assert!(error.starts_with("error: cannot start 1024 threads: "), "{error}");
}

#[test]
#[cfg(target_os = "linux")]
fn an_output_that_cannot_be_written_is_no_success() {
    let folder = folder();
    let check = "T check --plans 0 --implementation reference --report report --suite";
    let made = format!("{check} good.toml >/dev/null 2>&1; cp report/report.json kept.json");
    shell(folder.path(), &made);
    for (line, code) in [
        (format!("{check} good.toml >/dev/full"), 3),
        // A file is in the way, or the folder is not there: of the report, of what else is kept, and before the work.
        ("T check --plans 0 --implementation reference --suite good.toml --report good.toml".to_owned(), 3),
        ("T check --plans 0 --implementation reference --suite good.toml --report good.toml/below".to_owned(), 3),
        ("T check --suite good.toml --report report --transcript nowhere/said -- python3 skeleton.py".to_owned(), 3),
        ("T bench --report good.toml --most 1 -- python3 skeleton.py".to_owned(), 3),
        ("T faults --convict --report good.toml".to_owned(), 3),
        ("T explore --write-suite good.toml".to_owned(), 3),
        (format!("{check} good.toml 2>/dev/full"), 3),
        (format!("{DIVERGING} >/dev/full"), 1),
        (format!("{DIVERGING} 2>/dev/full >&2"), 1),
        ("T report kept.json >/dev/full".to_owned(), 3),
        ("T compare kept.json kept.json >/dev/full".to_owned(), 3),
        ("T schema report >/dev/full".to_owned(), 3),
        ("T table >/dev/full".to_owned(), 3),
        ("T completions bash >/dev/full".to_owned(), 3),
        ("T --help >/dev/full".to_owned(), 3),
        ("T chek 2>/dev/full".to_owned(), 2),
        ("T report nowhere.json 2>/dev/full".to_owned(), 2),
        ("T doctor --transcript /dev/full -- python3 faulty.py exit-with-status".to_owned(), 1),
    ] {
        let output = shell(folder.path(), &line);
        assert_eq!(output.status.code(), Some(code), "{line}: {}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("panicked"), "{line}: {}", text(&output.stderr));
    }
    // A reader that has seen enough is no failure.
    let output = shell(folder.path(), "{ T table; echo $? >&2; } | head -n 1");
    assert_eq!(text(&output.stderr), "0\n");
}

/// The disk is full when the report is written, and was not before. A divergence stays one.
#[test]
#[cfg(target_os = "linux")]
fn a_report_that_cannot_be_written_hides_no_divergence() {
    let folder = folder();
    let conforming = "T check --plans 0 --implementation reference --suite good.toml --report report";
    for (line, code) in [(conforming, 3), (DIVERGING, 1)] {
        // No file may grow beyond twenty blocks of 512 bytes: enough for the try, too little for the page.
        let line = format!("trap '' XFSZ; ulimit -f 20; {line}");
        let (_, error) = ends(&shell(folder.path(), &line), code);
        assert!(error.contains("error: cannot write `report/report."), "{error}");
    }
}

#[test]
fn nothing_of_an_older_run_remains() {
    let folder = folder();
    let check = "T check --plans 0 --report report";
    ends(&shell(folder.path(), DIVERGING), 1);
    let report = folder.path().join("report");
    assert!(report.join("failures").is_dir() && report.join("badge-skeleton.svg").is_file());
    fs::write(report.join("notes.txt"), "mine").expect("a file of the user's");
    fs::create_dir(report.join(".tombstone-interrupted")).expect("what an interrupted run left");
    ends(&shell(folder.path(), &format!("{check} --implementation server-side --suite good.toml")), 0);
    let mut names: Vec<String> = fs::read_dir(&report)
        .expect("the report")
        .map(|file| file.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let expected = [
        "badge-server-side.json",
        "badge-server-side.svg",
        "badges.json",
        "events.ndjson",
        "junit.xml",
        "notes.txt",
        "report.html",
        "report.json",
        "report.sarif",
        "summary.md",
        "timings.json",
    ];
    assert_eq!(names, expected);
    // Where nothing can be written, nothing is run.
    let output = shell(folder.path(), &format!("{check}/notes.txt --suite good.toml"));
    let (out, error) = ends(&output, 3);
    assert!(out.is_empty() && error.starts_with("error: cannot write `report/notes.txt`"), "{out}{error}");
}

#[test]
fn the_page_is_the_same_for_the_same_run_and_times_begin_at_the_start() {
    let folder = folder();
    let pages: Vec<String> = ["one", "two"]
        .iter()
        .map(|name| {
            ends(&shell(folder.path(), &format!("T check --plans 300 --suite good.toml --report {name}")), 0);
            fs::read_to_string(folder.path().join(name).join("report.html")).expect("a page")
        })
        .collect();
    assert!(pages[0] == pages[1], "two pages of one run differ");
    // A program that never introduces itself takes its whole deadline; four seconds before the end it had begun.
    let line = "T check --plans 0 --suite good.toml --report slow --reset-timeout 5 -- sleep 60";
    ends(&shell(folder.path(), line), 3);
    let before = text(&shell(folder.path(), "date -u -d '4 seconds ago' +%FT%T").stdout);
    let timings = fs::read_to_string(folder.path().join("slow/timings.json")).expect("times");
    let timings: serde_json::Value = serde_json::from_str(&timings).expect("JSON");
    let started = timings["started"].as_str().expect("a time");
    assert!(started < before.trim(), "{started} is no start, {before}");
}

/// Whether a text holds something that a terminal or a build would obey.
fn obeyed(text: &str) -> bool {
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().any(|c| hidden(c) || c.is_control() && c != '\n' && c != '\t')
        || text.lines().any(|line| line.trim_start().starts_with("::"))
        || text.contains("##[")
        || text.contains("##vso[")
}

#[test]
fn text_from_outside_does_nothing_wherever_it_is_shown() {
    let folder = folder();
    let hostile = "\\u001b[31m\\u202e\\u200b\\n::error::fooled ##vso[task]";
    let good = fs::read_to_string(folder.path().join("good.toml")).expect("a scenario");
    let titled = good.lines().map(|line| match line.split_once(" = ") {
        Some(("title", _)) => format!("title = \"A {hostile}\"\n"),
        _ => format!("{line}\n"),
    });
    fs::write(folder.path().join("titled.toml"), titled.collect::<String>()).expect("a scenario");
    fs::write(folder.path().join("broken.toml"), format!("{good}\n[\"{hostile}\"]\nx = 1\n")).expect("a scenario");
    let mut texts = Vec::new();
    for line in [
        "T check --plans 0 --kill 0 --suite titled.toml --report report --transcript report/t.jsonl -- python3 faulty.py hostile-text",
        "T check --plans 0 --suite broken.toml --report other",
        "T scenario check broken.toml",
        "T doctor -- python3 faulty.py hostile-text",
        "T report report/report.json",
        "T report report/report.json --format markdown",
        "T report report/report.json --format html",
        "T report report/report.json --format junit",
        "T report report/report.json --format sarif",
        "T report report/report.json --format json",
        "T compare report/report.json report/report.json",
        "T check --suite \"$(printf 'no\\033[2J')\"",
    ] {
        let _ = fs::create_dir(folder.path().join("report"));
        let output = shell(folder.path(), line);
        texts.push((line.to_owned(), text(&output.stdout) + &text(&output.stderr)));
    }
    for file in fs::read_dir(folder.path().join("report")).expect("a report") {
        let path = file.expect("a file").path();
        if path.is_file() {
            texts.push((path.display().to_string(), fs::read_to_string(&path).expect("text")));
        }
    }
    assert!(texts.iter().any(|(_, text)| text.contains("fooled")), "nothing hostile was shown at all");
    for (what, text) in &texts {
        assert!(!obeyed(text), "{what}: {text}");
    }
    let report = fs::read_to_string(folder.path().join("report/report.json")).expect("a report");
    serde_json::from_str::<serde_json::Value>(&report).expect("it stays JSON");
}

#[test]
#[cfg(target_os = "linux")]
fn a_program_inherits_no_descriptor_and_on_request_no_environment() {
    let folder = folder();
    let check = "T check --plans 0 --kill 0 --suite good.toml --report report";
    let start = "exec 7<good.toml 9>other; SECRET=1 PATH=$PATH";
    for (option, secret) in [("", true), ("--clean-env", false)] {
        let line = format!("{start} {check} {option} -- python3 faulty.py tell-what-was-inherited");
        ends(&shell(folder.path(), &line), 3);
        let report = fs::read_to_string(folder.path().join("report/report.json")).expect("a report");
        assert!(report.contains("descriptors [] variables ["), "descriptors leak: {report}");
        assert_eq!(report.contains("'SECRET'"), secret, "{option}");
        assert!(report.contains("'PATH'"), "{option}");
    }
}
