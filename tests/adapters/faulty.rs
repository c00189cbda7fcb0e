//! Every way in which an adapter can misbehave is contained, and named with its remedy.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use tempfile::TempDir;
use tombstone_adapter::{AdapterFault, ChildImplementation, Launch, Patience, Transcript};
use tombstone_model::contract::implementation::{Answer, Implementation};
use tombstone_model::ids::{ComputerId, ItemId, UserId, UserSet};
use tombstone_model::plan::{Deletion, Op, Place, Side, Step};
use tombstone_model::readings::switches::Readings;
use tombstone_model::rules::Rules;
use tombstone_model::verdict::RunVerdict;
use tombstone_model::view::View;
use tombstone_search::run::{Terms, run};
use tombstone_tests::faulty_adapter_of_contacts;

use crate::world::one_contact;

/// The faulty adapter, claiming contacts.
fn script() -> PathBuf {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("adapter.py"), faulty_adapter_of_contacts()).expect("a copy");
        folder
    });
    FOLDER.path().join("adapter.py")
}

fn launch(fault: &str) -> Launch {
    let mut launch = Launch::new("python3", [script().into_os_string(), fault.into()]);
    launch.limits.reset = Duration::from_secs(6);
    launch.limits.message = Duration::from_secs(6);
    launch.limits.grace = Duration::from_secs(1);
    launch.limits.line = 1 << 20;
    launch.validate = true;
    launch
}

/// A step that it claims.
fn deletion() -> Step {
    let op = Op::Delete { item: ItemId(0), side: Side::Outlook(UserId(0)), how: Deletion::Hard };
    Step { by: UserId(0), at: Place::Computer(ComputerId(0)), op }
}

/// The message of the failure at `reset`.
fn broken_by(fault: &str) -> String {
    let mut child = ChildImplementation::start(launch(fault)).expect("it introduces itself");
    let failure = child.reset(&one_contact()).expect_err("the reset is answered wrongly");
    assert!(!failure.definite, "whether the reset happened is not known after {fault}");
    failure.message.into()
}

#[track_caller]
fn check(fault: &str, words: &[&str]) {
    let message = broken_by(fault);
    for word in words {
        assert!(message.contains(word), "{fault}: `{word}` is not in: {message}");
    }
    assert!(message.contains("\nhelp: ") || fault == "error-answer", "{fault}: no remedy in: {message}");
}

#[test]
fn garbage_is_quoted() {
    check("garbage", &["no JSON", "`Synchronizing… 3 items\\u{1b}[0m`", "print to standard error"]);
}

#[test]
fn json_that_is_no_answer_is_quoted() {
    check("not-an-answer", &["no answer", r#"`{"status": "ok"}`"#]);
}

#[test]
fn a_hang_ends_at_the_deadline() {
    check("hang", &["hung: no answer to `reset` within 6 s"]);
}

/// What was waited for, how long, where to look, and what makes it longer: for the start, which no wish precedes, too.
#[test]
fn a_hang_says_what_to_look_at_and_what_waits_longer() {
    let mut launch = launch("hang-at-the-start");
    launch.limits.reset = Duration::from_secs(1);
    let message = ChildImplementation::start(launch).unwrap_err().to_string();
    for words in
        ["no answer to `initialize` within 1 s", "before it reads its standard input", "`--reset-timeout SECONDS`"]
    {
        assert!(message.contains(words), "`{words}` is not in: {message}");
    }
    assert!(!message.contains("capabilities.deadlines"), "{message}");
    check("hang", &["what it empties", "`--reset-timeout SECONDS`", "`reset_ms` under `capabilities.deadlines`"]);
}

#[test]
fn a_batch_with_too_few_answers_is_quoted_as_it_came() {
    let mut child = ChildImplementation::start(launch("one-answer-too-few")).unwrap();
    let step = deletion();
    for (steps, words) in
        [(1, ["(0 answers to 1 step)", r#"`{"answers":[]}`"#]), (2, ["(1 answer to 2 steps)", r#""answer":"done""#])]
    {
        child.reset(&one_contact()).unwrap();
        let answers = child.apply_batch(&vec![step; steps]);
        let [Answer::Failed(failure), ..] = &answers[..] else { panic!("{answers:?}") };
        for word in words {
            assert!(failure.message.contains(word), "`{word}` is not in: {}", failure.message);
        }
        assert!(!failure.message.contains("Applied"), "{}", failure.message);
    }
}

#[test]
fn a_slow_answer_is_no_fault_and_remembered() {
    let mut child = ChildImplementation::start(launch("slow-answer")).unwrap();
    assert_eq!(child.reset(&one_contact()), Ok(()));
    let (took, deadline) = child.slowest()["reset"];
    assert!(took * 2 > deadline && took < deadline, "{took:?} of {deadline:?}");
    assert_eq!(child.finish(), Ok(()));
}

#[test]
fn an_exit_is_shown_with_its_status_and_last_words() {
    check(
        "exit-with-status",
        &["exited with status 3 before it answered `reset`", "\n  | could not open the database"],
    );
}

#[test]
fn a_signal_is_named() {
    check("killed", &["was killed by signal 9 (SIGKILL)", "wrote nothing to standard error"]);
}

#[test]
fn a_closed_output_is_no_hang() {
    check("close-output", &["closed its standard output", "still runs"]);
}

#[test]
fn an_id_never_sent_is_wrong() {
    check("wrong-id", &["answered the id 4711, which was never sent; awaited: 2"]);
}

#[test]
fn an_id_is_echoed_as_it_came() {
    check("id-as-text", &[r#"answered the id "2", which was never sent"#, "a number stays that number"]);
}

#[test]
fn forgetting_to_flush_is_no_hang() {
    check("no-flush", &["never flushed", "flush=True"]);
}

/// What came without a newline is told from what never came.
#[test]
fn a_missing_newline_is_named() {
    let newline = "write a newline behind every message";
    check(
        "no-newline",
        &["no newline ends what the adapter wrote", "`reset` within 6 s", r#""answer": "done""#, newline],
    );
    check("part-of-a-line", &["no newline ends what the adapter wrote", "104 bytes", "`working working", newline]);
    check("two-on-a-line", &["holds several messages", newline]);
    for fault in ["cut-line", "pretty-print"] {
        check(fault, &["ends in the middle of its JSON", "whole on one line"]);
    }
}

#[test]
fn a_line_is_bounded() {
    check("huge-line", &["more than 1048576 bytes"]);
}

#[test]
fn dying_in_the_middle_of_an_answer_shows_how_far_it_came() {
    check("die-during-the-answer", &["exited with status 9", "in the middle of a line", r#""result":{"answ`"#]);
}

#[test]
fn a_process_that_holds_the_output_open_hides_no_exit() {
    check("leave-a-process-that-holds-the-output", &["exited with status 1 before it answered `reset`"]);
}

#[test]
fn a_misspelt_field_is_named() {
    check("misspelt-result", &["`reset`", "promted"]);
}

#[test]
fn an_error_answer_is_told_in_its_own_words() {
    check("error-answer", &["error -32603: no such table"]);
}

#[test]
fn a_repeated_id_is_found_with_the_next_answer() {
    let mut child = ChildImplementation::start(launch("repeated-id")).unwrap();
    child.reset(&one_contact()).unwrap();
    let failure = child.observe(&mut View::new(&one_contact().setup)).unwrap_err();
    assert!(failure.message.contains("answered the id 2 twice"), "{}", failure.message);
}

#[test]
fn noise_on_standard_error_is_no_fault() {
    let mut child = ChildImplementation::start(launch("noise-on-standard-error")).unwrap();
    assert_eq!(child.reset(&one_contact()), Ok(()));
    assert_eq!(child.finish(), Ok(()));
}

#[test]
fn split_lines_are_no_fault() {
    let mut child = ChildImplementation::start(launch("split-lines")).unwrap();
    assert_eq!(child.reset(&one_contact()), Ok(()));
    assert_eq!(child.finish(), Ok(()));
}

#[test]
fn processes_left_behind_are_named() {
    let mut child = ChildImplementation::start(launch("leave-a-process")).unwrap();
    child.reset(&one_contact()).unwrap();
    let fault = child.finish().unwrap_err();
    let AdapterFault::Leaked { processes } = &fault else { panic!("{fault}") };
    assert_eq!(processes.len(), 1, "{fault}");
    assert!(!cfg!(target_os = "linux") || processes[0] == "`sleep 600`", "{fault}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_left_behind_is_named_even_where_it_left_the_group() {
    let mut child = ChildImplementation::start(launch("leave-a-port")).unwrap();
    child.reset(&one_contact()).unwrap();
    let fault = child.finish().unwrap_err();
    let AdapterFault::Leaked { processes } = &fault else { panic!("{fault}") };
    assert!(processes.len() == 1 && processes[0].contains("create_server"), "{fault}");
}

/// The processes that run a command, whosever they are.
#[cfg(target_os = "linux")]
fn running(command: &str) -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let commands = processes.filter_map(|process| fs::read_to_string(process.path().join("cmdline")).ok());
    commands.filter(|words| words.replace('\0', " ").trim() == command).count()
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_left_behind_is_found_named_and_ended_after_every_end() {
    for fault in ["leave-a-daemon", "exit-and-leave-a-daemon", "hang-beside-a-daemon"] {
        let mut child = ChildImplementation::start(launch(fault)).unwrap();
        let broken = child.reset(&one_contact()).err().map(|failure| failure.message);
        let fault_at_the_end = child.finish().unwrap_err();
        let AdapterFault::Leaked { processes } = &fault_at_the_end else { panic!("{fault}: {fault_at_the_end}") };
        assert_eq!(*processes, ["`sleep 600.25`"], "{fault}");
        if let Some(broken) = broken {
            assert!(broken.contains("left processes behind, which were ended: `sleep 600.25`\nhelp: "), "{broken}");
        }
        assert_eq!(running("sleep 600.25"), 0, "{fault}");
    }
}

#[test]
fn a_flood_ends_at_the_deadline() {
    check("flood-of-blank-lines", &["hung: no answer to `reset` within 6 s"]);
    check("trickle-without-an-end", &["no newline ends", "no answer to `reset` within 6 s"]);
}

#[test]
fn what_a_program_says_is_bounded() {
    let mut launch = launch("many-values");
    launch.limits.line = 16 << 20;
    let mut child = ChildImplementation::start(launch.clone()).unwrap();
    let failure = child.reset(&one_contact()).unwrap_err();
    assert!(failure.message.contains("more than 1000000 values in one line"), "{}", failure.message);
    launch.arguments[1] = "long-message".into();
    let mut child = ChildImplementation::start(launch.clone()).unwrap();
    let failure = child.reset(&one_contact()).unwrap_err();
    assert!(failure.message.len() < 5_000 && failure.message.contains("bytes more)"), "{}", failure.message.len());
    launch.arguments[1] = "long-name".into();
    let child = ChildImplementation::start(launch.clone()).unwrap();
    assert!(child.describe().name.len() < 300, "{}", child.describe().name.len());
    launch.arguments[1] = "long-gap".into();
    let fault = ChildImplementation::start(launch).unwrap_err().to_string();
    let gap = "`capabilities.min_edit_gap_ms` is `9223372036854775808`, and should be a whole number from 0 to 10000";
    assert!(fault.contains(gap), "{fault}");
}

#[test]
fn a_program_that_breaks_case_after_case_is_given_up() {
    let mut launch = launch("exit-with-status");
    launch.patience = Patience::of(3);
    let mut child = ChildImplementation::start(launch.clone()).unwrap();
    for _ in 0..3 {
        assert!(child.reset(&one_contact()).unwrap_err().message.contains("exited with status 3"));
    }
    for _ in 0..2 {
        let message = child.reset(&one_contact()).unwrap_err().message;
        assert!(
            message.starts_with("given up: 3 cases in a row broke, the last since the adapter exited"),
            "{message}"
        );
    }
    // Copies count together.
    let mut other = ChildImplementation::start(launch).unwrap();
    assert!(other.reset(&one_contact()).unwrap_err().message.starts_with("given up: "));
}

#[test]
fn staying_after_the_end_of_input_is_a_fault() {
    let mut child = ChildImplementation::start(launch("stay-after-the-end")).unwrap();
    child.reset(&one_contact()).unwrap();
    let fault = child.finish().unwrap_err();
    assert_eq!(fault.name(), "stayed", "{fault}");
}

#[test]
fn failing_at_the_end_is_a_fault() {
    let mut child = ChildImplementation::start(launch("fail-at-the-end")).unwrap();
    child.reset(&one_contact()).unwrap();
    let message = child.finish().unwrap_err().to_string();
    assert!(message.contains("exited with status 1 after the end of its input"), "{message}");
    assert!(message.contains("OSError: the folder is not empty"), "{message}");
}

#[test]
fn another_version_of_the_protocol_is_refused() {
    let fault = ChildImplementation::start(launch("wrong-version")).unwrap_err();
    assert_eq!(fault, AdapterFault::Version { theirs: 2, ours: 1 });
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let fault = ChildImplementation::start(Launch::new("no-such-adapter", [""; 0])).unwrap_err();
    assert_eq!(fault, AdapterFault::NotFound { program: "no-such-adapter".into() });
}

#[test]
fn a_file_that_cannot_be_executed_is_told_from_one_that_is_not_there() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let fault = ChildImplementation::start(Launch::new(file, [""; 0])).unwrap_err();
    assert_eq!(fault.name(), "not-executable", "{fault}");
}

#[test]
fn a_crash_costs_one_case_and_not_the_run() {
    let mut child = ChildImplementation::start(launch("exit-with-status")).unwrap();
    let step = deletion();
    for _ in 0..2 {
        assert!(child.reset(&one_contact()).unwrap_err().message.contains("exited with status 3"));
        let Answer::Failed(failure) = child.apply(&step) else { panic!("a step cannot succeed without a process") };
        assert!(failure.definite && failure.message.contains("does not run"), "{}", failure.message);
    }
}

/// A contact in Ann's mailbox that nobody tracks, and a step that has nothing to do with it.
#[test]
fn another_world_than_the_one_asked_for_is_charged_to_the_adapter() {
    let start = |lie: &str| {
        let liar = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/faulty/liar.py");
        ChildImplementation::start(Launch::new("python3", [liar.into_os_string(), lie.into()])).unwrap()
    };
    let mut plan = one_contact();
    plan.setup.items[0].copies = UserSet::of(UserId(0));
    plan.steps = vec![Step { by: UserId(0), at: Place::Web, op: Op::Settle }];
    let terms = Terms { rules: Rules::documented(), readings: Readings::OPEN, skip_unsupported: false };
    assert_eq!(run(terms, &plan, &mut start("none")).verdict, RunVerdict::Conforms);
    let RunVerdict::Broken(why) = run(terms, &plan, &mut start("drops-untracked-copies")).verdict else {
        panic!("judged")
    };
    let words = format!("reset: `{}` in {}'s mailbox: asked for there, and", plan.names.items[0], plan.names.users[0]);
    assert!(why.starts_with(&words) && why.contains("\nhelp: create every item"), "{why}");
}

#[test]
fn a_transcript_holds_every_message() {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut launch = launch("noise-on-standard-error");
    launch.transcript = Transcript::to(writer);
    let reading = std::thread::spawn(move || std::io::read_to_string(reader));
    let mut child = ChildImplementation::start(launch).unwrap();
    child.reset(&one_contact()).unwrap();
    child.finish().unwrap();
    let text = reading.join().unwrap().unwrap();
    let keys = |wanted: &str| text.lines().filter(|line| line.starts_with(&format!("{{\"{wanted}\":"))).count();
    assert_eq!((keys("to"), keys("from"), keys("log"), keys("note")), (3, 3, 10_000, 2));
}
