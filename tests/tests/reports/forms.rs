//! The forms that are for other programs, held against what those programs take.

use std::path::{Path, PathBuf};
use std::process::Command;

use tombstone_reports::Report;
use tombstone_reports::render::junit;
use tombstone_tests::skip;

use super::{CHECKED, MEASURED, SMALL, TRIED, tainted};

/// The schema of the xUnit plugin for Jenkins, as pytest keeps it beside its tests.
fn schema_of_junit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports/junit-10.xsd")
}

/// What xmllint says against these texts by that schema; none where there is no xmllint.
fn invalid(texts: &[String]) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let files = texts.iter().zip(1..).map(|(text, number)| {
        let file = folder.path().join(format!("{number}.xml"));
        std::fs::write(&file, text).expect("it can be written");
        file
    });
    let files: Vec<PathBuf> = files.collect();
    let mut command = Command::new("xmllint");
    command.args(["--noout", "--nonet", "--schema"]).arg(schema_of_junit()).args(files);
    let output = command.output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(said.lines().filter(|line| !line.ends_with(" validates")).collect())
}

#[test]
fn junit_is_what_strict_readers_take() {
    let runs = [&*CHECKED, &*SMALL, &*TRIED, &*MEASURED];
    let mut texts: Vec<String> = runs.iter().map(|made| junit::junit(&made.report, made.timings().as_ref())).collect();
    texts.extend(["]]>\u{fffe}<zq", "&\"'\u{1b}\n"].map(|taint| junit::junit(&tainted(&CHECKED.report, taint), None)));
    texts.push(junit::junit(&Report { interrupted: Some(Default::default()), ..SMALL.report.clone() }, None));
    let Some(said) = invalid(&texts) else { return skip("JUnit is not validated: there is no xmllint") };
    assert_eq!(said, "");
    // What the schema does not know is found.
    let wrong = texts[1].replacen("<testsuites ", "<testsuites skipped=\"0\" ", 1);
    assert!(invalid(&[wrong]).is_some_and(|said| said.contains("'skipped' is not allowed")));
}

/// Every scenario that ran alone has its time, and one that fails its file and line.
#[test]
fn junit_says_where_and_how_long() {
    let timings = SMALL.timings().expect("timings");
    let took = &timings.implementations[0].cases;
    let xml = junit::junit(&SMALL.report, Some(&timings));
    let cases = &SMALL.report.implementations[0].cases;
    assert!(cases.len() == 2 && cases.iter().all(|case| took.iter().any(|it| it.id == case.id)), "{took:?}");
    for case in cases {
        let written = xml.lines().find(|line| line.contains(&format!("<testcase name=\"{}\"", case.id)));
        assert!(written.is_some_and(|line| line.contains(" time=\"")), "{}: {xml}", case.id);
    }
    assert!(xml.contains(&format!(" timestamp=\"{}\"", timings.started.replace("+00:00", ".000+00:00"))), "{xml}");
    let failing = cases.iter().find(|case| !case.failures.is_empty()).expect("one fails");
    let (file, line) = (failing.file.as_deref().expect("a file"), failing.line.expect("a line"));
    assert!(xml.contains(&format!(">{file}:{line}\n")), "{xml}");
    // The line is that of a step, in the file that is named.
    let text = std::fs::read_to_string(SMALL.folder.path().join(file)).expect("it is there");
    let at = text.lines().nth(line as usize - 1).expect("so many lines");
    assert!(at.contains(" = {"), "{file}:{line}: {at}");
    for name in ["implementation", "version", "profile", "seed"] {
        assert!(xml.contains(&format!("<property name=\"{name}\" value=\"")), "{name}: {xml}");
    }
}
