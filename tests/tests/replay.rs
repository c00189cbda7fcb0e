//! `replay` is `check` of one thing: the same verdict, the same signature, the same exit code, whatever is judged.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tombstone_reports::Report;
use tombstone_tests::run;

/// The command line under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What came of each scenario, by its id: the verdict, and the failures by their ids.
type Verdicts = BTreeMap<String, (String, Vec<String>)>;

/// What `check` says, and how it ends.
fn checked(folder: &Path, path: &Path, subject: &[&str]) -> (Verdicts, Option<i32>) {
    let path = path.to_string_lossy();
    let mut arguments = vec!["check", "--plans", "0", "--kill", "0", "--report", "report", "--suite", &*path];
    arguments.extend(subject);
    let output = run(PROGRAM, folder, &arguments);
    let text = fs::read_to_string(folder.join("report/report.json")).unwrap_or_default();
    let report = Report::from_json(&text).unwrap_or_default();
    let mut verdicts = Verdicts::new();
    for implementation in &report.implementations {
        for case in &implementation.cases {
            let failures = case.failures.iter().map(|failure| failure.id.clone()).collect();
            let name = format!("{}: {}", implementation.name, case.id);
            verdicts.insert(name, (case.verdict.name().to_owned(), failures));
        }
    }
    let _ = fs::remove_dir_all(folder.join("report"));
    (verdicts, output.status.code())
}

/// What `replay` says, and how it ends. It leaves nothing behind.
fn replayed(folder: &Path, path: &Path, subject: &[&str]) -> (Verdicts, Option<i32>) {
    let path = path.to_string_lossy();
    let mut arguments = vec!["replay", &*path];
    arguments.extend(subject);
    let output = run(PROGRAM, folder, &arguments);
    assert_eq!(fs::read_dir(folder).expect("a folder").count(), 0, "replay wrote something");
    let text = String::from_utf8(output.stdout).expect("what is printed is text");
    let (mut verdicts, mut failures, mut name) = (Verdicts::new(), Vec::new(), String::new());
    for line in text.lines() {
        if let Some(failure) = line.strip_prefix("✗ ") {
            failures.push(failure.to_owned());
        } else if let Some(about) = line.strip_prefix("judging ") {
            about.clone_into(&mut name);
        } else if let Some(verdict) = line.strip_prefix("verdict: ") {
            let verdict = verdict.split(':').next().unwrap_or_default().to_owned();
            verdicts.insert(std::mem::take(&mut name), (verdict, std::mem::take(&mut failures)));
        }
    }
    (verdicts, output.status.code())
}

/// Both say the same; returns what they say.
#[track_caller]
fn alike(path: &Path, subject: &[&str]) -> Verdicts {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (replayed, checked) = (replayed(folder.path(), path, subject), checked(folder.path(), path, subject));
    assert_eq!(replayed, checked, "{} {subject:?}", path.display());
    replayed.0
}

#[test]
fn the_whole_suite_is_replayed_as_it_is_checked() {
    for name in ["reference", "outlook-client", "server-side"] {
        let verdicts = alike(&here("../scenarios/suite"), &["--implementation", name]);
        assert_eq!(verdicts.len(), tombstone_scenarios::scenarios().len(), "{name}");
    }
}

#[test]
fn each_file_is_replayed_as_it_is_checked() {
    let mut files = files(&here("adapters/found"));
    assert!(files.len() > 50, "{files:?}");
    // All of the suite is replayed at once; that a file alone is no other matter is shown by some of each folder.
    files.extend(self::files(&here("../scenarios/suite")).into_iter().step_by(16));
    for file in files {
        alike(&file, &[]);
    }
}

#[test]
fn what_a_program_fails_is_replayed_as_it_is_checked() {
    let liar = here("adapters/faulty/liar.py").to_string_lossy().into_owned();
    let program = ["--isolation", "scenario", "--", "python3", &liar, "none"];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = here("../scenarios/suite/conflicts");
    let (replayed, checked) = (replayed(folder.path(), &path, &program[2..]), checked(folder.path(), &path, &program));
    assert_eq!(replayed, checked);
    assert!(replayed.0.values().any(|(verdict, failures)| verdict == "diverges" && !failures.is_empty()));
}

/// A failure is called by one name, whichever command finds it: by its scenario, by its plan, by its counterexample, and by
/// the report that tells of it, wherever that was carried.
#[test]
fn a_failure_has_one_name() {
    let liar = here("adapters/faulty/liar.py").to_string_lossy().into_owned();
    let program = ["--", "python3", &*liar, "drops-untracked-copies"];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let suite = here("../scenarios/suite/batches").to_string_lossy().into_owned();
    let check = ["check", "--plans", "8", "--report", "report", "--suite", &suite];
    let output = run(PROGRAM, folder.path(), &[&check[..], &program].concat());
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(folder.path().join("report/report.json")).expect("a report");
    let report = Report::from_json(&text).expect("a report");
    // Elsewhere there is nothing but the report and the program.
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    fs::write(elsewhere.path().join("theirs.json"), &text).expect("it can be written");
    let [implementation] = &report.implementations[..] else { panic!("one program was checked") };
    let campaign = implementation.campaign.iter().flat_map(|campaign| &campaign.failures);
    let failures: Vec<_> = implementation.cases.iter().flat_map(|case| &case.failures).chain(campaign).collect();
    assert!(failures.iter().any(|failure| failure.id.contains("/generated/")), "a plan fails");
    assert!(
        failures.iter().any(|failure| failure.shrunk.is_some() && !failure.id.contains("/generated/")),
        "a shrunk one"
    );
    for (n, failure) in failures.into_iter().enumerate() {
        // Those that fail alike are numbered.
        let number = failure.id.rsplit_once('/').filter(|(_, number)| number.parse::<u8>().is_ok());
        let name = number.map_or(&*failure.id, |(name, _)| name);
        let file = format!("counterexample-{n}.toml");
        fs::write(folder.path().join(&file), &failure.scenario).expect("it can be written");
        let by_file = [&["replay", &file][..], &program].concat();
        let by_line: Vec<&str> = failure.command.iter().map(String::as_str).skip(1).collect();
        let by_report = format!("theirs.json#{}", failure.id);
        let here = folder.path();
        for (at, arguments) in [(here, by_file), (here, by_line), (elsewhere.path(), vec!["replay", &by_report])] {
            // What others brought about was taken out: only its file shows it.
            if arguments.is_empty() {
                continue;
            }
            let output = run(PROGRAM, at, &arguments);
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(said.lines().any(|line| line == format!("✗ {name}")), "{arguments:?}: no {name} in:\n{said}");
            assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        }
    }
}

/// What a report says of a program is what is replayed; the command line goes before it; names are told.
#[test]
fn a_failure_is_replayed_as_its_report_says() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::copy(here("adapters/faulty/liar.py"), folder.path().join("liar.py")).expect("a copy");
    fs::copy(here("tests/cli/contact-tracked.toml"), folder.path().join("tracked.toml")).expect("a copy");
    let check = "check --plans 0 --kill 0 --suite tracked.toml --step-timeout 7.5 --validate --report r -- python3 liar.py none";
    assert_eq!(run(PROGRAM, folder.path(), &check.split(' ').collect::<Vec<_>>()).status.code(), Some(1));
    fs::remove_file(folder.path().join("tracked.toml")).expect("a file");
    let replay = |line: &str| {
        let output = run(PROGRAM, folder.path(), &line.split(' ').collect::<Vec<_>>());
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).expect("what is printed is text"))
    };
    let id = "liar/fixture/contact-tracked/missing";
    for report in ["r", "r/report.json", "r/events.ndjson"] {
        let (code, said) = replay(&format!("replay {report}#{id}"));
        assert_eq!(code, Some(1), "{said}");
        assert!(
            said.contains(&format!("✗ {id}\n"))
                && said.contains(&format!("replay    tombstone replay '{report}#{id}'\n"))
        );
    }
    // On the reference, and by another profile.
    let (code, said) = replay(&format!("replay r#{id} --implementation reference"));
    assert!(code == Some(0) && said.contains("judging reference: fixture/contact-tracked"), "{said}");
    let (code, said) = replay(&format!("replay r#{id} --profile nobody"));
    assert!(code == Some(2) && said.contains("unknown profile `nobody`"), "{said}");
    // Where the program is not, that is said, and nothing is held against anybody.
    fs::rename(folder.path().join("liar.py"), folder.path().join("moved.py")).expect("it can be renamed");
    assert_eq!(replay(&format!("replay r#{id}")).0, Some(3));
    for (what, told) in [
        (
            "r#liar/fixture/contact-traked/missing",
            "a failure with a similar name exists: `liar/fixture/contact-tracked/missing`",
        ),
        ("r#", "unknown failure ``"),
        ("nowhere#x", "error: cannot read nowhere"),
        ("r/report.html#x", "not a report of tombstone"),
    ] {
        let (code, said) = replay(&format!("replay {what}"));
        assert!(code == Some(2) && said.contains(told), "{what}: {said}");
    }
}

/// Whatever a file is called, what fails in it diverges, and is called by an id that can be named.
#[test]
fn a_failure_is_the_same_whatever_its_file_is_called() {
    let liar = here("adapters/faulty/liar.py").to_string_lossy().into_owned();
    let program = ["--", "python3", &*liar, "creates-nothing"];
    let text = fs::read_to_string(here("../scenarios/suite/tracking/contact-gets-a-record.toml"))
        .expect("a scenario of the suite");
    for (name, id) in [
        ("plain", "plain"),
        ("BAD", "bad"),
        ("two words", "two-words"),
        ("ünï.x", "n-x"),
        ("b[a],d", "b-a-d"),
        ("a\nb", "a-b"),
        ("…", "unnamed"),
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(format!("{name}.toml"));
        fs::write(&path, &text).expect("it can be written");
        let work = tempfile::tempdir().expect("a temporary folder");
        let (replayed, _) = replayed(work.path(), &path, &program);
        let (checked, code) = checked(work.path(), &path, &program);
        assert_eq!(checked, replayed, "{name}");
        let verdicts: Vec<(&str, &str)> = checked.iter().map(|(id, (verdict, _))| (&**id, &**verdict)).collect();
        assert_eq!((verdicts, code), (vec![(&*format!("liar: {id}"), "diverges")], Some(1)), "{name}");
    }
}

/// A program that fails in some starts and passes in others is unstable, whichever start comes first.
#[test]
fn a_program_that_passes_by_chance_does_not_conform() {
    let liar = here("adapters/faulty/liar.py").to_string_lossy().into_owned();
    let program = ["--", "python3", &*liar, "carries-nothing-in-every-second-start", "starts"];
    let scenario = ["--scenario", "tracking/edit-outlook-reaches-crm-contact"];
    for starts in ["", "."] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("starts"), starts).expect("it can be written");
        let output = run(PROGRAM, folder.path(), &[&["replay"][..], &scenario, &program].concat());
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(3), "{said}");
        let verdict = said.lines().find(|line| line.starts_with("verdict: ")).unwrap_or_default();
        let seen = if starts.is_empty() { "3 of 5" } else { "2 of 5" };
        assert_eq!(verdict, format!("verdict: unstable: seen in {seen} runs: carried"));
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("starts"), "").expect("it can be written");
    let isolation = ["--plans", "0", "--isolation", "scenario", "--report", "report"];
    let output = run(PROGRAM, folder.path(), &[&["check"][..], &scenario, &isolation, &program].concat());
    let text = fs::read_to_string(folder.path().join("report/report.json")).expect("a report");
    let report = Report::from_json(&text).expect("a report");
    let reasons: Vec<&str> = report.implementations[0].cases.iter().map(|case| &*case.reason).collect();
    assert_eq!((output.status.code(), &*reasons), (Some(3), &["seen in 3 of 5 runs: carried"][..]));
}

/// What is wrong in a scenario accuses nobody, whoever judges it.
#[test]
fn a_mistake_of_the_author_is_his_own() {
    for file in ["impossible.toml", "wrong-expectation.toml", "broken.toml", "unknown-profile.toml"] {
        let path = here("tests/cli").join(file);
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (verdicts, exit) in [replayed(folder.path(), &path, &[]), checked(folder.path(), &path, &[])] {
            assert_eq!((verdicts, exit), (Verdicts::new(), Some(2)), "{file}");
        }
    }
}

/// Every scenario below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            files.extend(self::files(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "toml") {
            files.push(entry);
        }
    }
    files.sort();
    files
}
