//! The doctor finds what is wrong with an adapter, says why and what to do, and never calls fine what it could not start.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tombstone_simulator::adapter::Launch;
use tombstone_simulator::doctor::{Examination, Health, examine};

fn adapters() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters")
}

fn script(path: &str, argument: &str) -> Launch {
    let arguments: [OsString; 2] = [adapters().join(path).into_os_string(), argument.into()];
    let mut launch = Launch::new("python3", arguments);
    launch.limits.reset = Duration::from_millis(2500);
    launch.limits.message = Duration::from_millis(2500);
    launch.limits.grace = Duration::from_millis(300);
    launch.limits.line = 1 << 20;
    launch
}

/// What the doctor says is wrong: a line for each check that is ill, with cause and remedy.
fn complaints(examination: &Examination) -> Vec<String> {
    let ill = examination.checks.iter().filter(|check| check.health == Health::Ill);
    ill.flat_map(|check| check.complaints.iter().map(|it| format!("{}: {} => {}", check.name, it.cause, it.remedy)))
        .collect()
}

#[track_caller]
fn check(path: &str, argument: &str, words: &[&str]) {
    let examination = examine(script(path, argument));
    let complaints = complaints(&examination);
    let found = complaints.iter().any(|complaint| words.iter().all(|word| complaint.contains(word)));
    assert!(examination.is_ill() && found, "{argument}: none says {words:?}:\n{examination}");
}

#[test]
fn every_fault_is_found_with_its_remedy() {
    for (fault, words) in [
        ("garbage", ["reset: ", "no JSON", "print to standard error"]),
        ("not-an-answer", ["reset: ", "no answer", "an answer is"]),
        ("hang", ["reset: ", "hung", "capabilities.deadlines"]),
        ("exit-with-status", ["reset: ", "exited with status 3", "run it by hand"]),
        ("killed", ["reset: ", "SIGKILL", "run it by hand"]),
        ("close-output", ["reset: ", "closed its standard output", "keep standard output open"]),
        ("wrong-id", ["reset: ", "4711", "echo the id"]),
        ("id-as-text", ["reset: ", "never sent", "a number stays that number"]),
        ("repeated-id", ["end: ", "twice", "answer every request once"]),
        ("no-flush", ["reset: ", "never flushed", "flush=True"]),
        ("huge-line", ["reset: ", "1048576 bytes", "newline"]),
        ("die-during-the-answer", ["reset: ", "in the middle of a line", "run it by hand"]),
        ("misspelt-result", ["reset: ", "promted", "tombstone schema protocol"]),
        ("error-answer", ["reset: ", "no such table", "=> "]),
        ("leave-a-process", ["end: ", "sleep 600", "before it exits"]),
        ("stay-after-the-end", ["end: ", "did not exit", "end of input means finish"]),
        ("fail-at-the-end", ["end: ", "OSError", "status 0"]),
    ] {
        check("faulty/adapter.py", fault, &words);
    }
}

#[test]
fn every_lie_is_found_with_its_remedy() {
    for (lie, words) in [
        ("claims-what-it-cannot", ["capabilities: ", "`contact untrack` is claimed", "take `untrack` out"]),
        ("claims-a-network", ["operations: ", "`disconnect` is claimed", "take `disconnect` out"]),
        ("creates-nothing", ["capabilities: ", "it is not there", "`observe` read that store"]),
        ("forgets-an-item", ["reset: ", "shows none of it", "`in_crm`"]),
        ("drops-untracked-copies", ["reset: ", "asked for there, and `observe` shows not there", "tracked or not"]),
        ("keeps-the-last-world", ["forgetting: ", "something of the last one is still there", "fresh folders"]),
        ("keeps-what-waits", ["forgetting: ", "right after a reset changes something", "what the engine remembers"]),
        ("does-it-another-way-every-time", ["determinism: ", "the second time", "`stepped`"]),
        ("writes-titles-of-its-own", ["identity: ", "`A contact`", "keep titles"]),
        ("answers-slowly", ["deadlines: ", "`reset` took", "capabilities.deadlines"]),
        ("sees-no-edit-right-after-another", ["edits: ", "edited again at once", "`min_edit_gap_ms`"]),
        ("waits-without-a-clock", ["clock: ", "`wait` is claimed", "say `live`"]),
    ] {
        check("faulty/liar.py", lie, &words);
    }
}

#[test]
fn an_honest_adapter_is_well() {
    for launch in [script("faulty/liar.py", "none"), script("sqlite/adapter.py", "--without-transaction")] {
        let examination = examine(launch);
        assert!(!examination.is_ill() && examination.decided(), "{examination}");
    }
}

#[test]
fn what_cannot_be_started_is_never_fine() {
    let (nothing, folder) = ([""; 0], adapters());
    for launch in [
        Launch::new("no-such-adapter", nothing),
        Launch::new(folder.join("README.md"), nothing),
        Launch::new(folder, nothing),
        Launch::new("true", nothing),
        Launch::new("false", nothing),
        Launch::new("cat", nothing),
        script("faulty/adapter.py", "wrong-version"),
        script("faulty/adapter.py", "no-such-fault"),
    ] {
        let examination = examine(launch);
        assert!(!examination.started && examination.is_ill() && !examination.decided(), "{examination}");
        let [complaint] = &complaints(&examination)[..] else { panic!("{examination}") };
        assert!(!complaint.ends_with("=> "), "{complaint}");
    }
}

#[test]
fn where_nothing_is_claimed_nothing_is_decided() {
    let examination = examine(script("faulty/adapter.py", "noise-on-standard-error"));
    assert!(!examination.is_ill() && !examination.decided(), "{examination}");
}
