//! The doctor finds what is wrong with an adapter, says why and what to do, and never calls fine what it could not start.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tombstone_adapter::Launch;
use tombstone_adapter::doctor::{Examination, Health, examine};
use tombstone_campaign::decided;
use tombstone_model::contract::implementation::Capabilities;
use tombstone_reports::Decided;
use tombstone_tests::run;

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
        ("no-newline", ["reset: ", "no newline ends", "write a newline behind"]),
        ("part-of-a-line", ["reset: ", "no newline ends", "write a newline behind"]),
        ("cut-line", ["reset: ", "in the middle of its JSON", "whole on one line"]),
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

/// A message that is not of the form of the protocol: the field, what stands there and what should, the same words wherever
/// an adapter is looked at, and with a remedy.
#[test]
fn what_is_said_wrongly_is_told_by_check_and_doctor_alike() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::copy(here.join("tests/cli/good.toml"), folder.path().join("good.toml")).expect("a copy");
    fs::copy(adapters().join("faulty/misspoken.py"), folder.path().join("misspoken.py")).expect("a copy");
    let options = "options.toml";
    let scenario = "title = \"The options\"\ncovers = [\"F112\"]\n\n[[step]]\nopen-options = { at = \"desktop\" }\n";
    fs::write(folder.path().join(options), scenario).expect("a scenario");
    for (scenario, method, path, value, words) in [
        (
            "good.toml",
            "initialize",
            "capabilities.min_edit_gap_ms",
            "-5",
            "`capabilities.min_edit_gap_ms` is `-5`, and should be a whole number from 0 to 10000)",
        ),
        (
            "good.toml",
            "initialize",
            "capabilities.deadlines.apply_ms",
            "1000000000000000000000000000000",
            "`capabilities.deadlines.apply_ms` is `1e+30`, and should be a whole number from 0 to 18446744073709551615)",
        ),
        (
            "good.toml",
            "initialize",
            "protocol",
            "\"1\"",
            "`protocol` is `\"1\"`, and should be a whole number from 0 to 4294967295)",
        ),
        (
            "good.toml",
            "initialize",
            "capabilities.stepped",
            "1",
            "`capabilities.stepped` is `1`, and should be true or false)",
        ),
        ("good.toml", "initialize", "name", "", "`name` is missing, and should be a text)"),
        (
            "good.toml",
            "initialize",
            "capabilities",
            "[\"contact\"]",
            "`capabilities` is `[\"contact\"]`, and should be an object with the keys `caches`, `clock`, ",
        ),
        (
            "good.toml",
            "initialize",
            "capabilities.clock",
            "\"sundial\"",
            "`capabilities.clock` is `\"sundial\"`, and should be one of `none`, `per-start`, `live`)",
        ),
        (
            "good.toml",
            "initialize",
            "capabilities.kinds",
            "{\"sundial\": {}}",
            "`capabilities.kinds.sundial` is not known; known there: `account`, `appointment`, ",
        ),
        (
            "good.toml",
            "initialize",
            "capabilities.kinds.contact.fields",
            "[\"title\", \"gist\"]",
            "`capabilities.kinds.contact.fields[1]` is `\"gist\"`, and should be one of `title`, `when`, ",
        ),
        ("good.toml", "reset", "answer", "\"maybe\"", ANSWERS),
        (
            "good.toml",
            "reset",
            "answer",
            "",
            "`answer` is missing, and should be one of `done`, `refused`, `unsupported`, `failed`)",
        ),
        ("good.toml", "apply", "answers.*.answer", "\"maybe\"", ANSWERS),
        (
            "good.toml",
            "apply",
            "answers.*.outcome",
            "\"splendid\"",
            "`answers[0].outcome` is `\"splendid\"`, and should be one of `success`, `failure`, `refused-to-synchronize`, `killed`",
        ),
        ("good.toml", "apply", "answers.*", "\"done\"", "`answers[0]` is `\"done\"`, and should be an object"),
        ("good.toml", "apply", "answers", "[]", "0 answers to 1 step)"),
        (
            options,
            "apply",
            "answers.*.options",
            "[\"teleport\"]",
            "`answers[0].options[0]` is `\"teleport\"`, and should be one of `online-filters`, ",
        ),
        (
            options,
            "apply",
            "answers.*.options",
            "[\"folder-rules\", \"folder-rules\"]",
            "`answers[0].options` names `\"folder-rules\"` more than once, and should name each once)",
        ),
        (options, "apply", "answers.*.options", "", "was answered without `options`, the list of what is offered"),
        (
            "good.toml",
            "observe",
            "entries.*.status",
            "\"paused\"",
            "`entries[0].status` is `\"paused\"`, and should be one of `open`, `completed`, `cancelled` (and 1 more like it))",
        ),
        (
            "good.toml",
            "observe",
            "entries.*.dates",
            "{\"start\": \"yesterday\"}",
            "#0`: `yesterday` is no instant by RFC 3339, such as 2016-03-01T09:00:00Z",
        ),
        ("good.toml", "observe", "entries.*.mailbox", "\"zed\"", "#0`: unknown user `zed`; the plan knows "),
        ("good.toml", "observe", "entries.*.owner", "\"zed\"", "`entries[0].owner` of the entry with the title "),
    ] {
        let program = ["--", "python3", "misspoken.py", method, path, value];
        let check = ["check", scenario, "--plans", "0", "--kill", "0", "--report", "report", "--replace"];
        for (arguments, codes) in [(&check[..], [3, 3]), (&["doctor"], [1, 3])] {
            let output =
                run(env!("CARGO_BIN_EXE_tombstone-under-test"), folder.path(), &[arguments, &program].concat());
            let all = [output.stdout, output.stderr].concat();
            let all = String::from_utf8(all).expect("text").split_whitespace().collect::<Vec<_>>().join(" ");
            let code = output.status.code();
            assert!(all.contains(words), "{arguments:?} {method} {path} {value}: `{words}` is not in: {all}");
            let (_, after) = all.split_once(words).expect("the words");
            let help = after.split_once("help: ").map(|(_, help)| help).unwrap_or_default();
            assert!(!help.starts_with("the adapter's own log") && !help.is_empty(), "{arguments:?} {path}: {all}");
            assert!(codes.map(Some).contains(&code), "{arguments:?} {path}: {code:?}: {all}");
            for foreign in ["expected u", "struct ", "variant", "oneOf", "anyOf", "schemas listed"] {
                assert!(!all.contains(foreign), "{arguments:?} {path}: `{foreign}` is in: {all}");
            }
        }
    }
}

/// What stands in the place of the word that tells answers apart.
const ANSWERS: &str = "is `\"maybe\"`, and should be one of `done`, `refused`, `unsupported`, `failed`";

/// A cause that concerns no item names no kinds of items.
#[test]
fn a_cause_without_an_item_names_no_kinds() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scenario = "title = \"The options\"\ncovers = [\"F112\"]\n\n[[step]]\nopen-options = { at = \"desktop\" }\n";
    fs::write(folder.path().join("options.toml"), scenario).expect("a scenario");
    fs::copy(adapters().join("faulty/misspoken.py"), folder.path().join("misspoken.py")).expect("a copy");
    let line = "check options.toml --plans 0 --kill 0 --report report -- python3 misspoken.py apply answers.*.options [\"folder-rules\"]";
    let output = run(env!("CARGO_BIN_EXE_tombstone-under-test"), folder.path(), &line.split(' ').collect::<Vec<_>>());
    let text = String::from_utf8(output.stdout).expect("text");
    let cause = text.lines().find(|line| line.trim_start().starts_with("1.  "));
    assert!(
        cause.is_some_and(|cause| cause.ends_with(": offered · P01, in 1 scenario") && !cause.contains('(')),
        "{text}"
    );
}
