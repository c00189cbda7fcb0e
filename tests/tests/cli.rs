//! The command line from outside: what each command prints, where, and how it ends. The files of `cli/` and the adapters
//! that misbehave lie in the folder that every command is run in.

use std::fs;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;
use tombstone_model::rules::PersonalOption;
use tombstone_reports::Exit;
use tombstone_tests::{faulty_adapter_of_contacts, run};

/// The command line under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");

/// A folder of its own, with the files of `cli/` and `faulty.py`.
fn folder() -> TempDir {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    for file in fs::read_dir(here.join("tests/cli")).expect("the files of the tests") {
        let file = file.expect("a file").path();
        if file.is_file() {
            fs::copy(&file, folder.path().join(file.file_name().expect("a name"))).expect("a copy");
        }
    }
    fs::write(folder.path().join("faulty.py"), faulty_adapter_of_contacts()).expect("a copy");
    fs::copy(here.join("adapters/faulty/liar.py"), folder.path().join("liar.py")).expect("a copy");
    folder
}

/// The most lines of an output that a snapshot holds; longer ones are pinned where they are made.
const SHOWN: usize = 90;

fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).expect("what is printed is text");
    let lines = text.lines().count();
    let mut shown: Vec<&str> = text.lines().take(SHOWN).collect();
    let more = format!("[{} lines more]", lines.saturating_sub(SHOWN));
    if lines > SHOWN {
        shown.push(&more);
    }
    shown.into_iter().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect()
}

/// Demands that nothing which is wrong is said twice, however it is wrapped.
#[track_caller]
fn says_errors_once(output: &Output) {
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).split_whitespace().collect::<Vec<_>>().join(" ");
    let all = format!("{} {}", words(&output.stdout), words(&output.stderr));
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        let said = line.trim_start_matches("error: ").trim_start_matches("help: ");
        if said != line {
            let said = words(said.as_bytes());
            assert_eq!(all.matches(&said).count(), 1, "`{said}` is said twice");
        }
    }
}

/// The commands, separated by `;`, run one after the other in a folder of their own: their snapshot, and the exit code
/// of the last. What stands in the folder `report` afterwards is listed.
#[track_caller]
fn check(name: &str, commands: &str, exit: Exit) {
    let folder = folder();
    let mut text = String::new();
    let mut code = None;
    for command in commands.split(';') {
        let arguments: Vec<&str> = command.split_whitespace().collect();
        let output = run(PROGRAM, folder.path(), &arguments);
        says_errors_once(&output);
        code = output.status.code();
        let number = code.map_or("none".to_owned(), |code| code.to_string());
        text.push_str(&format!("$ tombstone {}\nexit code {number}\n", arguments.join(" ")));
        text.push_str(&format!("standard output\n{}standard error\n{}", shown(&output.stdout), shown(&output.stderr)));
    }
    if let Ok(files) = fs::read_dir(folder.path().join("report")) {
        let mut names: Vec<String> =
            files.filter_map(|file| Some(file.ok()?.file_name().to_string_lossy().into_owned())).collect();
        names.sort();
        text.push_str(&format!("report: {}\n", names.join(", ")));
    }
    assert_eq!(code, Some(i32::from(exit.code())), "{text}");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "cli/snapshots" }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn every_command_says_how_it_is_used() {
    check("help", "--help", Exit::Conforms);
    check("no-command", "", Exit::Usage);
    check("no-such-command", "chek", Exit::Usage);
    let commands = [
        "check",
        "replay",
        "explore",
        "table",
        "explain",
        "scenario",
        "report",
        "compare",
        "doctor",
        "schema",
        "completions",
        "manual",
        "faults",
        "bench",
    ];
    for command in commands {
        check(&format!("help-{command}"), &format!("{command} --help"), Exit::Conforms);
    }
    for command in ["new", "check", "fmt", "show"] {
        check(&format!("help-scenario-{command}"), &format!("scenario {command} --help"), Exit::Conforms);
    }
}

#[test]
fn the_table_is_printed_in_each_form() {
    check("table-text", "table deletion", Exit::Conforms);
    check("table-markdown", "table deletion --format markdown", Exit::Conforms);
    check("table-json", "table deletion --format json", Exit::Conforms);
    check("table-of-no-profile", "table --profile app-2012", Exit::Usage);
    check("table-list", "table", Exit::Conforms);
    check("table-list-markdown", "table --format markdown", Exit::Conforms);
    check("table-diff", "table --diff online-2011 online-2011-r2", Exit::Conforms);
    check("table-tracking", "table tracking", Exit::Conforms);
    check("table-tracking-markdown", "table tracking --format markdown --profile online-2011", Exit::Conforms);
    check("table-conflict-json", "table conflict --format json", Exit::Conforms);
    check("table-of-no-name", "table trakcing", Exit::Usage);
    check("table-tracking-short", "table tracking --format short", Exit::Conforms);
    check("table-tracking-open", "table tracking --format open", Exit::Conforms);
    check("table-tracking-diff", "table tracking --diff documented-2016 online-2011", Exit::Conforms);
    check("check-plans-below-nothing", "check --plans -1", Exit::Usage);
    check("check-kill-without-a-program", "check --implementation reference --kill 3", Exit::Usage);
}

#[test]
fn a_population_is_explored_to_the_fixpoint_to_a_depth_or_until_memory_is_full() {
    check("explore-fixpoint", "explore --kind contact --without crashes,offline,edits,roles", Exit::Conforms);
    check("explore-depth", "explore --kind task --items 2 --depth 3 --without crashes,offline", Exit::Conforms);
    check("explore-memory", "explore --kind contact --computers 2 --depth 20 --memory 1", Exit::Incomplete);
    check("explore-oracle", "explore --oracle closed --kind contact --without crashes", Exit::Conforms);
    check("explore-oracle-open", "explore --oracle open --kind email --depth 5", Exit::Conforms);
    check("explore-no-group", "explore --without crahses", Exit::Usage);
    check("explore-nobody", "explore --users 0", Exit::Usage);
}

#[test]
fn one_situation_is_explained() {
    check("explain-row", "explain contact delete-in-outlook --owner", Exit::Conforms);
    check("explain-reply", "explain appointment untrack --reply yes --owner", Exit::Conforms);
    check("explain-past", "explain appointment delete-in-crm --past", Exit::Conforms);
    check("explain-silence", "explain service-activity delete-in-outlook --profile permissive", Exit::Conforms);
    check("explain-no-kind", "explain contract untrack", Exit::Usage);
    check("explain-no-trigger", "explain contact delete-in-outlok", Exit::Usage);
    check("explain-no-reply", "explain contact untrack --reply maybe", Exit::Usage);
    check("explain-id", "explain D10", Exit::Conforms);
    check("explain-id-of-a-profile", "explain H09 --profile online-2011", Exit::Conforms);
    check("explain-fact", "explain F126", Exit::Conforms);
    check("explain-table", "explain tracking kind=task store=elsewhere", Exit::Conforms);
    check("explain-deletion", "explain deletion kinds=contact trigger=delete-in-outlook tracked owner", Exit::Conforms);
    check("explain-no-fact", "explain tracking kind=task shop=elsewhere", Exit::Usage);
    check("explain-no-value", "explain tracking kind=taks", Exit::Usage);
    check("explain-half", "explain contact", Exit::Usage);
    check("explain-too-much", "explain email delete-in-crm foo=bar", Exit::Usage);
    check("explain-conflict", "explain conflict", Exit::Conforms);
    check("explain-fact-twice", "explain tracking kind=task kind=email", Exit::Usage);
    check("explain-fact-without-value", "explain tracking kind", Exit::Usage);
    check("explain-option-of-a-kind", "explain tracking kind=task --owner", Exit::Usage);
}

#[test]
fn scenarios_are_written_checked_formatted_and_shown() {
    check("scenario-new", "scenario new appointment", Exit::Conforms);
    check("scenario-new-covering", "scenario new --covers D21", Exit::Conforms);
    check(
        "scenario-new-of-nothing",
        "scenario new; scenario new contact --covers D21; scenario new --covers D99",
        Exit::Usage,
    );
    check("scenario-new-of-no-kind", "scenario new apointment", Exit::Usage);
    check("scenario-check", "scenario check good.toml", Exit::Conforms);
    check("scenario-check-broken", "scenario check broken.toml good.toml", Exit::Usage);
    check("scenario-check-impossible", "scenario check impossible.toml", Exit::Usage);
    check("scenario-check-expectation", "scenario check wrong-expectation.toml", Exit::Usage);
    check("scenario-check-nothing-there", "scenario check nowhere.toml", Exit::Usage);
    check("scenario-check-unknown-ids", "scenario check unknown-ids.toml", Exit::Usage);
    // The first command leaves a folder in which there is no scenario.
    let empty = "check --plans 0 --implementation reference --suite good.toml --report report";
    check("scenario-check-empty-folder", &format!("{empty}; scenario check report"), Exit::Usage);
    check("check-empty-folder", &format!("{empty}; check --suite report"), Exit::Usage);
    check("scenario-fmt-check", "scenario fmt --check untidy.toml", Exit::Usage);
    let twice = "scenario fmt untidy.toml; scenario fmt --check untidy.toml good.toml; scenario check untidy.toml";
    check("scenario-fmt", twice, Exit::Conforms);
    check("scenario-show", "scenario show deletion/contact-delete-outlook-*", Exit::Conforms);
    check("scenario-show-file", "scenario show good.toml", Exit::Conforms);
    check(
        "scenario-list",
        "scenario list options/*; scenario list --covers D21; scenario list good.toml",
        Exit::Conforms,
    );
    check("scenario-list-as-json", "scenario list options/only* --format json", Exit::Conforms);
    check("scenario-list-covers-nothing", "scenario list --covers D99", Exit::Usage);
    check("scenario-show-nothing", "scenario show deletion/contact-delete-outlook-owner-keeps-crn", Exit::Usage);
}

#[test]
fn a_scenario_is_run_and_judged() {
    let run = "check --report report --plans 0 --implementation";
    check("check-conforms", &format!("{run} reference --suite good.toml"), Exit::Conforms);
    check("check-verbose", &format!("{run} reference --suite good.toml --verbose"), Exit::Conforms);
    check(
        "check-expectation",
        &format!("{run} reference --suite wrong-expectation.toml --suite good.toml"),
        Exit::Usage,
    );
    // It carries edits, and makes no records.
    check(
        "check-diverges",
        "check --report report --plans 0 --kill 0 --suite contact-tracked.toml --suite good.toml -- python3 liar.py none",
        Exit::Diverges,
    );
    check("check-broken-scenario", &format!("{run} reference --suite broken.toml --suite good.toml"), Exit::Usage);
    check("check-impossible", &format!("{run} reference --suite impossible.toml --suite good.toml"), Exit::Usage);
    check("check-nothing-readable", &format!("{run} reference --suite broken.toml"), Exit::Usage);
    check("check-other-profile", &format!("{run} outlook-client --suite other-profile.toml"), Exit::Conforms);
    check("check-profile-unknown-to-it", &format!("{run} reference --suite unknown-profile.toml"), Exit::Usage);
    // Whoever names files has these run, and nothing else that is not asked for.
    check("check-files-only", "check --report report --implementation reference --suite good.toml", Exit::Conforms);
    check("check-infer", &format!("{run} reference --suite good.toml --infer"), Exit::Conforms);
}

#[test]
fn names_that_nothing_bears_are_told_with_the_nearest() {
    check("no-such-profile", "check --profile documented-2061", Exit::Usage);
    check("no-profile-like-that", "check --profile nope", Exit::Usage);
    check("no-profile-like-that-to-replay", "replay good.toml --profile nope", Exit::Usage);
    check("no-such-implementation", "check --implementation refernce", Exit::Usage);
    check("no-such-scenario", "check --scenario deletion/email-delete-crm-keeps-outlok", Exit::Usage);
    check("no-such-suite", "check --suite nowhere", Exit::Usage);
}

#[test]
fn a_program_that_misbehaves_is_contained() {
    let run = "check --report report --plans 0 --suite good.toml --reset-timeout 9 --step-timeout 9";
    for fault in ["garbage", "hang", "exit-with-status", "close-output", "error-answer", "wrong-version"] {
        check(&format!("program-{fault}"), &format!("{run} -- python3 faulty.py {fault}"), Exit::Incomplete);
    }
    // It never introduces itself.
    let soon = "check --report report --plans 0 --suite good.toml --reset-timeout 1";
    check("program-silent-at-the-start", &format!("{soon} -- sleep 600"), Exit::Incomplete);
    check("program-missing", &format!("{run} -- ./no-such-program"), Exit::Incomplete);
    check("program-not-executable", &format!("{run} -- ./good.toml"), Exit::Incomplete);
    // What conforms beside it is told as before.
    check(
        "program-beside-another",
        &format!("{run} --implementation reference -- python3 faulty.py garbage"),
        Exit::Incomplete,
    );
    let nothing = "check good.toml --; replay good.toml --; bench --; transcript good.toml --; doctor --";
    check("program-of-no-words", nothing, Exit::Usage);
    check("program-options-without-one", "check --reset-timeout 5", Exit::Usage);
    check("program-timeout-of-nothing", "check --reset-timeout soon -- true", Exit::Usage);
}

#[test]
fn a_plan_is_replayed() {
    check("replay-file", "replay good.toml --implementation reference", Exit::Conforms);
    check("replay-every-step", "replay every-step.toml --implementation reference", Exit::Conforms);
    check("replay-seed", "replay --seed 7 --index 3 --implementation reference", Exit::Conforms);
    check("replay-nothing", "replay", Exit::Usage);
    check("replay-broken", "replay broken.toml", Exit::Usage);
    check("replay-impossible", "replay impossible.toml", Exit::Usage);
    check("replay-expectation", "replay wrong-expectation.toml", Exit::Usage);
    check("replay-other-profile", "replay other-profile.toml --implementation outlook-client", Exit::Conforms);
    check(
        "replay-scenario",
        "replay --scenario deletion/contact-delete-outlook-owner-* --implementation server-side",
        Exit::Conforms,
    );
    check("replay-no-such-scenario", "replay --scenario deletion/contact-delete-outlok", Exit::Usage);
    check("replay-missing-file", "replay nowhere.toml", Exit::Usage);
    // How many there are is the tour's business.
    let past = run(PROGRAM, Path::new("."), &["replay", "--tour", "--index", "99999999"]);
    let error = String::from_utf8(past.stderr).expect("an error is text");
    assert!(past.status.code() == Some(2) && error.starts_with("error: the tour has "), "{error}");
}

#[test]
fn reports_are_kept_rendered_and_compared() {
    let run = "check --plans 0 --implementation reference --suite";
    let liar = |suite: &str, name: &str| {
        format!("check --plans 0 --kill 0 {suite} --suite good.toml --report {name} -- python3 liar.py none")
    };
    let both = format!("{}; {}", liar("", "before"), liar("--suite contact-tracked.toml", "after"));
    check("report-text", &format!("{run} good.toml --report before; report before/report.json"), Exit::Conforms);
    check("compare-same", &format!("{both}; compare after/report.json after/report.json"), Exit::Conforms);
    check("compare-worse", &format!("{both}; compare before/report.json after/report.json"), Exit::Diverges);
    check(
        "compare-as-markdown",
        &format!("{both}; compare before/report.json after/report.json --format markdown"),
        Exit::Diverges,
    );
    check("report-missing", "report nowhere.json", Exit::Usage);
    check("report-truncated", "report truncated.json", Exit::Usage);
    check("report-foreign", "report foreign.json", Exit::Usage);
    check("report-newer", "report newer.json", Exit::Usage);
    check("compare-foreign", "compare foreign.json newer.json", Exit::Usage);
    // A file is in the way of the folder.
    check("report-folder-in-the-way", &format!("{run} good.toml --report good.toml"), Exit::Incomplete);
}

/// What scenarios are is not said twice: by file, folder or id, wherever one is named.
#[test]
fn scenarios_are_named_by_file_folder_or_id() {
    let quick = "--implementation reference --report report";
    check("named-file", &format!("check good.toml {quick}"), Exit::Conforms);
    check("named-id", &format!("check options/only* {quick}"), Exit::Conforms);
    check("named-run", &format!("scenario run good.toml {quick}"), Exit::Conforms);
    check("named-run-nothing", "scenario run", Exit::Usage);
    check("named-both", "check good.toml options/only*", Exit::Usage);
    check("named-nothing", "check nowhere.toml", Exit::Usage);
    check("named-no-id", "check options/only-computers-cannot-be-chosen", Exit::Usage);
    check("named-replay", "replay options/only-computer-cannot-be-chosen --implementation reference", Exit::Conforms);
}

/// A grid is a file of many scenarios: its cases are listed, named and run like any other, and what is wrong with several is
/// said once.
#[test]
fn the_cases_of_a_grid_are_scenarios() {
    let run = "--implementation reference --plans 0";
    check(
        "grid-list",
        "scenario list grid.toml; scenario check grid.toml; scenario fmt --check grid.toml",
        Exit::Conforms,
    );
    check("grid-mistaken", "scenario check grid-impossible.toml", Exit::Usage);
    check("grid-mistaken-run", &format!("check --suite grid-impossible.toml {run}"), Exit::Usage);
    let one = format!("check --suite grid.toml --scenario grid[past,owner] {run}");
    let former = format!("check --suite grid.toml --scenario former/appointment-past-* {run}");
    let all = format!("check --suite grid.toml --scenario grid {run}");
    check("grid-run", &format!("{one}; {former}; {all}"), Exit::Conforms);
    let replay = "replay --suite grid.toml --implementation reference --scenario";
    check("grid-replay", &format!("{replay} grid[*,owner]; {replay} former/appointment-future-owner"), Exit::Conforms);
    check("grid-no-case", &format!("{replay} grid[past,ownr]"), Exit::Usage);
}

/// A random plan is a scenario to begin with, which is formatted, has no mistake, and runs.
#[test]
fn a_random_plan_becomes_a_scenario() {
    let folder = folder();
    let printed = run(PROGRAM, folder.path(), &["scenario", "new", "--index", "7", "--seed", "3"]);
    assert_eq!(printed.status.code(), Some(0));
    fs::write(folder.path().join("plan.toml"), &printed.stdout).expect("the folder can be written");
    for line in
        ["scenario fmt --check plan.toml", "scenario check plan.toml", "replay plan.toml --implementation reference"]
    {
        let output = run(PROGRAM, folder.path(), &line.split(' ').collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(0), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A program stands after `--`: whoever writes it before is told so, with the line that does it.
#[test]
fn a_program_in_the_wrong_place_is_answered_with_the_right_one() {
    let lines = "doctor liar.py none; doctor ./liar.py; doctor python3 liar.py; bench liar.py; doctor good.toml";
    check("meant-program", lines, Exit::Usage);
}

/// What other tools call it is answered with the command that does it.
#[test]
fn what_other_tools_call_it_is_answered_with_the_command() {
    for (name, line) in [
        ("meant-run", "run good.toml"),
        ("meant-file", "good.toml"),
        ("meant-list", "list"),
        ("meant-scenario-list", "check --list"),
        ("meant-filter", "check --filter=deletion"),
        ("meant-validate", "scenario validate good.toml"),
    ] {
        check(name, line, Exit::Usage);
    }
}

#[test]
fn completions_and_schemas_are_printed() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(PROGRAM, Path::new("."), &["completions", shell]);
        let text = String::from_utf8(output.stdout).expect("a script is text");
        assert!(output.status.success() && text.contains("tombstone") && text.contains("explain"), "{shell}: {text}");
    }
    check("no-such-shell", "completions dos", Exit::Usage);
    check("no-such-schema", "schema reports", Exit::Usage);
}

/// The tables in `PROTOCOL.md` are those that the program prints, byte for byte.
#[test]
fn the_tables_of_the_page_are_the_generated_ones() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../simulator/adapter/PROTOCOL.md");
    let page = fs::read_to_string(page).expect("the page of the protocol");
    for words in [
        &["table", "deletion", "--format", "short"][..],
        &["table", "--format", "open"],
        &["schema", "operations"],
        &["schema", "fields"],
        &["schema", "deadlines"],
    ] {
        let line = words.join(" ");
        let begin = format!("<!-- tombstone {line} -->\n");
        let kept = page.split_once(&begin).and_then(|(_, rest)| rest.split_once("<!-- end -->")).expect("the marks").0;
        let output = run(PROGRAM, Path::new("."), words);
        let printed = String::from_utf8(output.stdout).expect("text");
        assert_eq!(kept, printed, "help: put what `tombstone {line}` prints between the marks");
    }
    for option in PersonalOption::ALL {
        assert!(page.contains(&format!("`{}`", option.name())), "the page names no option `{}`", option.name());
    }
}

/// The exit codes are said once: the README and `--help` say what the commands end with.
#[test]
fn the_exit_codes_are_the_same_everywhere() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(readme).expect("the page");
    let help = run(PROGRAM, Path::new("."), &["--help"]);
    let help = String::from_utf8(help.stdout).expect("text");
    for text in [readme, help] {
        assert!(words(&text).contains(&words(&Exit::line())), "`{}` is not said in: {text}", Exit::line());
    }
}

/// The schemas in the repository are those that the program prints, byte for byte.
#[test]
fn schemas_in_the_repository_are_the_generated_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../simulator/schemas");
    for schema in ["report", "scenario", "protocol"] {
        let output = run(PROGRAM, Path::new("."), &["schema", schema]);
        let kept = fs::read(folder.join(format!("{schema}.json"))).expect("the file of the schema");
        let help = format!("help: cargo run --release -- schema {schema} > simulator/schemas/{schema}.json");
        assert!(output.stdout == kept, "the schema of the {schema} is another by now\n{help}");
    }
}
