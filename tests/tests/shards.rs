//! A run that is spread over shards, in any order, some of them killed and gone on with, gives the report of the run in one
//! piece, byte for byte; and what does not belong together is refused.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;
use tombstone_tests::run;

/// The command line under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");

/// What is built in: the suite, the tour, and three shares of plans.
const BUILT_IN: &str = "--plans 9000 --implementation reference --implementation server-side";
/// The same without the tour, so that many shards take little time.
const MANY: &str = "--plans 9000 --scenario deletion/* --implementation outlook-client";
/// A program that fails.
const LIAR: &str = "--plans 40 --isolation scenario --scenario tracking/* --scenario deletion/contact* -- python3 liar.py creates-nothing";

/// A folder with the program in it.
fn folder() -> TempDir {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::copy(here.join("adapters/faulty/liar.py"), folder.path().join("liar.py")).expect("a copy");
    folder
}

fn tombstone(folder: &Path, line: &str) -> Output {
    run(PROGRAM, folder, &line.split_whitespace().collect::<Vec<_>>())
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("what is printed is text")
}

/// What a run came to: its report, what it printed, and how it ended.
type Outcome = (String, String, Option<i32>);

fn outcome(folder: &Path, output: &Output) -> Outcome {
    let report = fs::read_to_string(folder.join("report/report.json")).unwrap_or_default();
    (report, text(&output.stdout).to_owned(), output.status.code())
}

fn whole(line: &str) -> Outcome {
    let folder = folder();
    let output = tombstone(folder.path(), &format!("check --report report {line}"));
    outcome(folder.path(), &output)
}

/// Runs a shard in the folder `K`.
fn shard(folder: &Path, number: u64, of: u64, line: &str) {
    let output = tombstone(folder, &format!("check --shard {number}/{of} --report {number} {line}"));
    let err = text(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)) && output.stdout.is_empty(), "{err}");
    assert!(err.contains(&format!("shard {number}/{of}: ")) && err.contains("for `tombstone merge`: "), "{err}");
}

fn merged(folder: &Path, numbers: impl Iterator<Item = u64>) -> Output {
    let shards: Vec<String> = numbers.map(|number| number.to_string()).collect();
    tombstone(folder, &format!("merge --report report {}", shards.join(" ")))
}

#[track_caller]
fn alike(merged: &Outcome, whole: &Outcome, what: &str) {
    let differs = merged.0.lines().zip(whole.0.lines()).find(|(one, other)| one != other);
    assert!(!whole.0.is_empty() && merged.0 == whole.0, "{what}: another report is made: {differs:?}");
    assert_eq!((&merged.1, merged.2), (&whole.1, whole.2), "{what}");
}

#[test]
fn shards_give_the_report_of_the_whole() {
    for (line, counts) in [(BUILT_IN, &[1, 7][..]), (MANY, &[64]), (LIAR, &[7])] {
        let whole = whole(line);
        for &of in counts {
            let folder = folder();
            // Neither the order in which they run nor that in which they are given matters.
            (1..=of).rev().for_each(|number| shard(folder.path(), number, of, line));
            let numbers = (0..of).map(|n| n * 5 % of + 1).collect::<Vec<_>>();
            let output = merged(folder.path(), numbers.into_iter());
            alike(
                &outcome(folder.path(), &output),
                &whole,
                &format!("{of} shards of {line}: {}", text(&output.stderr)),
            );
        }
    }
}

#[test]
fn shards_that_were_killed_are_gone_on_with() {
    let whole = whole(LIAR);
    let folder = folder();
    let path = folder.path();
    for number in 1..=3 {
        let line = format!("check --shard {number}/3 --report {number} {LIAR}");
        let mut first = Command::new(PROGRAM);
        first.args(line.split_whitespace()).current_dir(path).stdout(Stdio::null()).stderr(Stdio::null());
        let mut first = first.stdin(Stdio::null()).spawn().expect("it can be started");
        let journal = path.join(format!("{number}/running.ndjson"));
        let told = || fs::read(&journal).unwrap_or_default().iter().filter(|&&byte| byte == b'\n').count();
        while told() < 7 * number && first.try_wait().expect("a process").is_none() {
            sleep(Duration::from_millis(5));
        }
        let signal = if number == 2 { "TERM" } else { "KILL" };
        let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {}", first.id())]).status();
        assert!(sent.expect("there is a shell").success());
        assert_ne!(first.wait().expect("it ends").code(), Some(0));
        let output = merged(path, 1..=number as u64);
        assert_eq!(output.status.code(), Some(2));
        let err = text(&output.stderr);
        assert!(err.contains("broke off\nhelp: give its command again, with --resume"), "{err}");
        let output = tombstone(path, &line.replace("check", "check --resume"));
        assert!(text(&output.stderr).contains("going on behind "), "{}", text(&output.stderr));
    }
    let output = merged(path, 1..=3);
    alike(&outcome(path, &output), &whole, text(&output.stderr));
}

#[test]
fn what_is_missing_is_named_and_leaves_the_report_incomplete() {
    let folder = folder();
    let path = folder.path();
    shard(path, 2, 4, LIAR);
    shard(path, 3, 4, LIAR);
    let output = merged(path, [3, 2].into_iter());
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{err}");
    assert!(err.contains("error: of these shards nothing is there: 1/4, 4/4\nhelp: "), "{err}");
    assert!(text(&output.stdout).contains("what was not judged by then is missing"), "{}", text(&output.stdout));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let folder = folder();
    let path = folder.path();
    let line = "--plans 0 --scenario tracking/contact* --implementation reference";
    for (name, options) in [
        ("one", "--shard 1/2"),
        ("again", "--shard 1/2"),
        ("three", "--shard 2/3"),
        ("seed", "--shard 2/2 --seed 7"),
        ("profile", "--shard 2/2 --profile online-2011"),
    ] {
        tombstone(path, &format!("check {options} --report {name} {line}"));
    }
    tombstone(path, &format!("check --report whole {line}"));
    let merge = |folders: &str| {
        let output = tombstone(path, &format!("merge --report report {folders}"));
        (output.status.code(), text(&output.stderr).to_owned())
    };
    // All that is wrong is told at once.
    let (code, err) = merge("one three seed profile whole nowhere");
    assert_eq!(code, Some(2), "{err}");
    for said in [
        "three belongs to another run than one: its shards: `2`, and here `3`",
        "seed belongs to another run than one: its seed: `1`, and here `7`",
        "profile belongs to another run than one: its profile: `documented-2016`, and here `online-2011`",
        "whole holds no shard of a run, or one that broke off",
        "cannot read nowhere",
    ] {
        assert!(err.contains(said), "no `{said}` in: {err}");
    }
    // The same shard twice is no harm, where it tells the same.
    let (code, err) = merge("one again");
    assert!(code == Some(3) && err.contains("note: the shard 1/2 is given twice, and tells the same: again"), "{err}");
    let events = fs::read_to_string(path.join("again/events.ndjson")).expect("the events");
    assert!(events.contains("\"verdict\":\"conforms\""));
    fs::write(
        path.join("again/events.ndjson"),
        events.replacen("\"verdict\":\"conforms\"", "\"verdict\":\"diverges\"", 1),
    )
    .expect("it can be written");
    let (code, err) = merge("one again");
    assert!(code == Some(2) && err.contains("the shard 1/2 is given twice, and tells something else"), "{err}");
    // A shard is no whole run, and is no other shard.
    let output = tombstone(path, &format!("check --shard 2/2 --report one {line}"));
    let err = text(&output.stderr);
    assert!(
        output.status.code() == Some(2) && err.contains("it was the shard 1/2, and this one is the shard 2/2"),
        "{err}"
    );
    for (options, said) in [
        ("--shard 0/3 --implementation reference", "not a shard: K/N, as 3/64"),
        ("--shard 4/3 --implementation reference", "not a shard: K/N, as 3/64"),
        ("--shard 1/2 -- python3 liar.py none", "help: say how many there are in all with --plans"),
    ] {
        let output = tombstone(path, &format!("check {options}"));
        let err = text(&output.stderr);
        assert!(output.status.code() == Some(2) && err.contains(said), "{err}");
    }
}

/// The commands of the page do what it says.
#[test]
fn the_commands_of_the_page_work() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(here.join("../simulator/campaign/CAMPAIGNS.md")).expect("the page");
    let blocks: Vec<&str> = page.split("```sh\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    assert_eq!(blocks.len(), 2);
    for (block, report, of) in [(blocks[0], "tombstone-report", 3), (blocks[1], "merged", 4)] {
        let folder = folder();
        let path = folder.path();
        std::os::unix::fs::symlink(PROGRAM, path.join("tombstone")).expect("a link");
        let script = format!("set -e; PATH=\"$PWD:$PATH\"\n{block}");
        let output = Command::new("sh").args(["-c", &script]).current_dir(path).stdin(Stdio::null()).output();
        let output = output.expect("there is a shell");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let report = fs::read_to_string(path.join(report).join("report.json")).expect("a report");
        let line = block
            .lines()
            .find(|line| line.contains("--shard"))
            .and_then(|line| line.split_once("check "))
            .expect("a check");
        let words = line.1.split_whitespace().collect::<Vec<_>>();
        let at = words.iter().position(|word| *word == "--plans").expect("it says how many plans");
        let whole = tombstone(path, &format!("check --report whole {}", words[at..].join(" ")));
        assert_eq!(whole.status.code(), Some(0), "{}", text(&whole.stderr));
        let whole = fs::read_to_string(path.join("whole/report.json")).expect("a report");
        assert!(report == whole, "{of} shards make another report");
    }
}
