//! The doctor finds what is wrong with an adapter, says why and what to do, and never calls fine what it could not start.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tombstone_adapter::Launch;
use tombstone_adapter::doctor::{Examination, Health, examine};
use tombstone_campaign::decided;
use tombstone_model::contract::implementation::Capabilities;
use tombstone_reports::Decided;

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

/// A script with deadlines that a busy machine keeps, for what nothing is wrong with.
fn patiently(path: &str, argument: &str) -> Launch {
    let mut launch = script(path, argument);
    launch.limits.reset = Duration::from_secs(30);
    launch.limits.message = Duration::from_secs(30);
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
    let examination = examine(script(path, argument), &|_| Vec::new(), &mut |_| {});
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

/// Each claims everything, and does not hear what is named; what one group names does not hide what else it names.
#[test]
fn what_is_claimed_and_makes_no_difference_is_found_with_its_remedy() {
    let groups: [&[&str]; 4] = [
        &[
            "untrack-answer",
            "several",
            "track-as",
            "crash-stage",
            "crash-item",
            "set-regarding",
            "set-parent",
            "assign",
            "change-organizer",
            "delete-occurrence-in-outlook",
            "delete-occurrence-in-crm",
            "prompts",
            "caches",
            "wait",
        ],
        &[
            "web",
            "delegate",
            "computers",
            "connect",
            "go-online",
            "crash",
            "crash-stage",
            "crash-item",
            "choose-synchronizing-computer",
        ],
        &["disconnect", "go-offline", "synchronize", "server-synchronize", "users"],
        &["roles", "rights"],
    ];
    for deaf in groups {
        let mut launch = patiently("faulty/deaf.py", deaf[0]);
        launch.arguments.extend(deaf[1..].iter().map(OsString::from));
        let examination = examine(launch, &|_| Vec::new(), &mut |_| {});
        let complaints = complaints(&examination);
        for capability in deaf {
            let (cause, remedy) = (
                format!("difference: `{capability}` is claimed, and makes no difference. Tried: "),
                format!("=> do not claim `{capability}`: what needs it is then unsupported"),
            );
            let found = complaints.iter().any(|it| it.starts_with(&cause) && it.contains(&remedy));
            assert!(found, "nothing is said of {capability}:\n{examination}");
        }
        let named = complaints.iter().filter_map(|it| it.strip_prefix("difference: `")?.split('`').next());
        let others: Vec<&str> = named.filter(|name| !deaf.contains(name)).collect();
        // Where nothing synchronizes, nothing that is seen by it can differ.
        assert!(others.is_empty() || deaf.contains(&"synchronize"), "{others:?}: {examination}");
    }
}

/// What is heard of some kinds only is said of the others.
#[test]
fn the_kinds_that_make_no_difference_are_named() {
    let examination = examine(patiently("faulty/deaf.py", "untrack-answer"), &|_| Vec::new(), &mut |_| {});
    let complaints = complaints(&examination);
    let kinds = "(email, contact, appointment, recurring-appointment, task)";
    assert!(complaints.len() == 1 && complaints[0].contains(kinds), "{examination}");
}

/// What a program claims is weighed before anything is tried, and everything is told when it is known.
#[test]
fn the_doctor_tells_as_it_goes() {
    let weighed = |launch: Launch, tell: &mut dyn FnMut(&str)| {
        let enough = RefCell::new(Decided::default());
        let weigh = |known: &Capabilities| {
            *enough.borrow_mut() = decided::of_suite(known);
            enough.borrow().lines()
        };
        let examination = examine(launch, &weigh, tell);
        (examination, enough.into_inner())
    };
    let mut told = Vec::new();
    let (examination, enough) = weighed(script("faulty/liar.py", "none"), &mut |text| told.push(text.to_owned()));
    assert_eq!(told.concat(), examination.to_string());
    assert_eq!(told.len(), examination.checks.len() + 1);
    let (first, second) = (&enough.more[0], &enough.more[1]);
    let words = format!(
        "liar none\n  with these capabilities {} of {} scenarios are decided to their end ({} are written for other \
         profiles)\n    `{}` would add {}\n",
        enough.decided, enough.of, enough.elsewhere, first.capabilities[0], first.scenarios
    );
    assert!(
        told[0].starts_with(&words) && first.scenarios >= second.scenarios && enough.decided < enough.of,
        "{}",
        told[0]
    );
    let (_, everything) = weighed(script("sqlite/adapter.py", "--without-transaction"), &mut |_| {});
    assert!(everything.decided + everything.elsewhere == everything.of && everything.more.is_empty(), "{everything:?}");
}

/// Through a pipe, too: a line can be read while the next is being found out.
#[test]
fn lines_arrive_one_by_one_through_a_pipe() {
    let liar = adapters().join("faulty/liar.py");
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_tombstone-under-test"))
        .args(["doctor", "--reset-timeout", "3", "--", "python3"])
        .arg(liar)
        .arg("answers-slowly")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the doctor");
    let mut lines = BufReader::new(doctor.stdout.take().expect("a pipe")).lines();
    let started = lines.by_ref().map_while(Result::ok).find(|line| line.starts_with("  ✓ start: "));
    // The first reset takes two seconds.
    assert!(started.is_some() && doctor.try_wait().expect("a process").is_none());
    let last = lines.map_while(Result::ok).last();
    assert!(last.is_some_and(|line| line.ends_with("something is wrong with this adapter")));
    assert_eq!(doctor.wait().expect("an end").code(), Some(1));
}

/// What an engine does by itself between a step and a look at it is no fault of its adapter.
#[test]
fn one_that_synchronizes_by_itself_is_well_every_time() {
    for launch in [patiently("by-itself/adapter.py", ""), patiently("sqlite/adapter.py", "--by-itself")] {
        for _ in 0..3 {
            let examination = examine(launch.clone(), &|_| Vec::new(), &mut |_| {});
            assert!(!examination.is_ill() && examination.decided(), "{examination}");
        }
    }
}

#[test]
fn an_honest_adapter_is_well() {
    for launch in [patiently("faulty/liar.py", "none"), patiently("sqlite/adapter.py", "--without-transaction")] {
        let examination = examine(launch, &|_| Vec::new(), &mut |_| {});
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
        let examination = examine(launch, &|_| Vec::new(), &mut |_| {});
        assert!(!examination.started && examination.is_ill() && !examination.decided(), "{examination}");
        let [complaint] = &complaints(&examination)[..] else { panic!("{examination}") };
        assert!(!complaint.ends_with("=> "), "{complaint}");
    }
}

#[test]
fn where_nothing_is_claimed_nothing_is_decided() {
    let examination = examine(script("faulty/adapter.py", "noise-on-standard-error"), &|_| Vec::new(), &mut |_| {});
    assert!(!examination.is_ill() && !examination.decided(), "{examination}");
}
