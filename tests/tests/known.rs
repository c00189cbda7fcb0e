//! What is known to fail, what is demanded, and how a run ends by that; from outside.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tombstone_reports::{Exit, Report, Verdict};
use tombstone_tests::run;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");
/// A run that diverges in one case of two.
const RUN: &str = "check --plans 0 --kill 0 --suite good.toml --suite contact-tracked.toml --report report --replace";
const ENGINE: &str = "-- python3 liar.py none";

fn folder() -> TempDir {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    for file in ["good.toml", "contact-tracked.toml"] {
        fs::copy(here.join("tests/cli").join(file), folder.path().join(file)).expect("a copy");
    }
    fs::copy(here.join("adapters/faulty/liar.py"), folder.path().join("liar.py")).expect("a copy");
    folder
}

/// Runs a command, which ends so; what it prints and what it tells.
#[track_caller]
fn ends(folder: &TempDir, command: &str, exit: Exit) -> (String, String) {
    let words: Vec<&str> = command.split_whitespace().collect();
    let output = run(PROGRAM, folder.path(), &words);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(i32::from(exit.code())), "{command}\n{out}\n{err}");
    (out, err)
}

fn known(folder: &TempDir, entries: &[&str]) {
    let text: String = entries.iter().map(|entry| format!("[[known]]\n{entry}\n")).collect();
    fs::write(folder.path().join("known.toml"), text).expect("a file");
}

const LOST: &str = "implementation = \"liar\"\ncase = \"fixture/contact-*\"\nsignature = \"missing\"\nreason = \"#1\"";

#[test]
fn a_run_is_red_for_what_is_new_and_only_for_that() {
    let folder = folder();
    let held = |options: &str, exit| ends(&folder, &format!("{RUN} --baseline known.toml {options} {ENGINE}"), exit);
    known(&folder, &[]);
    let (out, _) = held("", Exit::Diverges);
    assert!(out.contains("0 known, 1 new") && out.contains("new: liar: fixture/contact-tracked: missing"), "{out}");

    known(&folder, &[LOST]);
    let (out, err) = held("", Exit::Conforms);
    assert!(out.contains("known     by entry 1 of the baseline") && out.contains(": #1"), "{out}");
    assert!(!err.contains("expir"), "nothing is asked of the clock: {err}");
    let report = fs::read_to_string(folder.path().join("report/report.json")).expect("a report");
    let report = Report::from_json(&report).expect("a report");
    let it = &report.implementations[0];
    assert_eq!((it.verdict.name(), it.aside.map(Verdict::name)), ("diverges", Some("conforms")));
    let junit = fs::read_to_string(folder.path().join("report/junit.xml")).expect("JUnit");
    assert!(!junit.contains("<failure") && junit.contains("type=\"known\""), "{junit}");
    ends(&folder, "report report/report.json", Exit::Conforms);

    // One that passes, another signature, a name that nothing bears.
    let passing = LOST.replace("fixture/contact-*", "fixture/good").replace("signature = \"missing\"\n", "");
    let good = report.implementations[0].cases.iter().find(|case| case.id != "fixture/contact-tracked");
    let passing = passing.replace("fixture/good", &good.expect("the other case").id);
    for (entry, told) in [
        (passing.as_str(), "passes"),
        (&LOST.replace("\"liar\"", "\"lier\""), "there is no implementation `lier`; the nearest is `liar`"),
        (&format!("{LOST}\nrow = \"D055\""), "there is no row or check `D055`; the nearest is `D05"),
        (&LOST.replace("contact-*", "contact-trakced"), "the nearest is `fixture/contact-tracked`"),
    ] {
        known(&folder, &[LOST, entry]);
        let (out, _) = held("", Exit::Stale);
        let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(told) && words.contains("1 stale"), "{entry}\n{out}");
    }
    known(&folder, &[&LOST.replace("\"missing\"", "\"resurrected\"")]);
    let (out, _) = held("", Exit::Stale);
    assert!(out.contains("fails otherwise"), "{out}");

    // Something that exists and was not run is not wrong.
    let elsewhere = LOST.replace("\"liar\"", "\"reference\"");
    let unchosen = LOST.replace("fixture/contact-*", "faults-from-outside/memory-lost");
    known(&folder, &[LOST, &elsewhere, &unchosen]);
    held("", Exit::Conforms);
    held("--scenario fixture/contact-tracked", Exit::Conforms);

    // The last day, and the day after it.
    known(&folder, &[&format!("{LOST}\nexpires = 2026-02-28")]);
    let (_, err) = held("--today 2026-02-28", Exit::Conforms);
    assert!(err.contains("compared with 2026-02-28, as --today says"), "{err}");
    let before = fs::read(folder.path().join("report/report.json")).expect("a report");
    let (_, err) = held("--today 2026-03-01", Exit::Stale);
    assert!(err.contains("entry 1") && err.contains("its last day was 2026-02-28"), "{err}");
    assert!(before == fs::read(folder.path().join("report/report.json")).expect("a report"), "no report says the day");
    let (_, err) = held("", Exit::Stale);
    assert!(err.contains("by the clock"), "{err}");
}

#[test]
fn a_baseline_is_written_after_a_whole_run_and_keeps_its_authors_words() {
    let folder = folder();
    let file = folder.path().join("known.toml");
    let line = |options: &str| format!("{RUN} --write-baseline known.toml {options} {ENGINE}");
    ends(&folder, &line("--scenario fixture/contact-tracked"), Exit::Usage);
    assert!(!file.exists());
    ends(&folder, &line(""), Exit::Diverges);
    ends(&folder, &format!("{RUN} --baseline known.toml {ENGINE}"), Exit::Conforms);
    let text = fs::read_to_string(&file).expect("it was written");
    let text = text.replace("not explained yet", "it never carries a contact") + "\n# The end.\n";
    fs::write(&file, &text).expect("a file");
    ends(&folder, &line(""), Exit::Diverges);
    assert_eq!(fs::read_to_string(&file).expect("it was written"), text);

    // Of a program that breaks nobody knows what else would fail.
    let broken = format!("{RUN} --write-baseline known.toml -- python3 nowhere.py");
    let (_, err) = ends(&folder, &broken, Exit::Incomplete);
    assert!(err.contains("known.toml is not written"), "{err}");
    assert_eq!(fs::read_to_string(&file).expect("it is there"), text);

    fs::write(&file, "[[known]]\ncase = 3\n[[known]]\nreson = \"\"\n").expect("a file");
    let (_, err) = ends(&folder, &format!("{RUN} --baseline known.toml {ENGINE}"), Exit::Usage);
    for told in ["known.toml:2:", "`case` takes a text", "did you mean `reason`?", "an entry without `implementation`"]
    {
        assert!(err.contains(told), "{told}: {err}");
    }
    ends(&folder, &format!("{RUN} --baseline nowhere.toml {ENGINE}"), Exit::Usage);
    ends(&folder, &format!("{RUN} --baseline known.toml --today 2026-02-30 {ENGINE}"), Exit::Usage);
}

/// Where several exit codes would be right, one comes first, the same whatever else is wrong.
#[test]
fn of_several_endings_the_first_counts() {
    let folder = folder();
    fs::write(folder.path().join("bad.toml"), "title = 3\n").expect("a file");
    known(&folder, &[&LOST.replace("contact-*", "contact-of-another-name")]);
    let conforms = "check --plans 0 --suite good.toml --report report --replace --implementation reference";
    let (stale, lacking, bad) = ("--baseline known.toml", "--require-decided 300", "--suite bad.toml");
    for (options, exit) in [
        (vec![], Exit::Conforms),
        (vec![lacking], Exit::Incomplete),
        (vec![stale], Exit::Stale),
        (vec![stale, lacking], Exit::Stale),
        (vec![bad, lacking], Exit::Usage),
        (vec![bad, stale, lacking], Exit::Usage),
    ] {
        let options = options.join(" ");
        ends(&folder, &format!("{conforms} {options}"), exit);
        ends(&folder, &format!("{RUN} {options} {ENGINE}"), Exit::Diverges);
    }
}

#[test]
fn what_is_demanded_and_not_met_is_said() {
    let folder = folder();
    let conforms = "check --plans 0 --suite good.toml --report report --replace --implementation reference";
    ends(&folder, &format!("{conforms} --require-decided 1 --require-row D05"), Exit::Conforms);
    let (_, err) = ends(&folder, &format!("{conforms} --require-decided 300"), Exit::Incomplete);
    assert!(err.contains("reference: 1 case was decided, and --require-decided demands 300"), "{err}");
    let (_, err) = ends(&folder, &format!("{conforms} --require-row D05 --require-row D12"), Exit::Incomplete);
    assert!(err.contains("nothing was decided of D12") && !err.contains("D05"), "{err}");
    let (_, err) = ends(&folder, &format!("{conforms} --require-row D999"), Exit::Usage);
    assert!(err.contains("unknown row or check `D999`"), "{err}");
    ends(&folder, &format!("{conforms} --deny unstable --allow unstable"), Exit::Usage);
    // A divergence comes first, and what is missing is said all the same.
    let (_, err) = ends(&folder, &format!("{RUN} --require-decided 300 {ENGINE}"), Exit::Diverges);
    assert!(err.contains("demands 300"), "{err}");
    ends(&folder, "report report/report.json --require-row D12", Exit::Diverges);
}
