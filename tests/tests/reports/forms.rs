//! The forms that are for other programs, held against what those programs take.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tombstone_reports::render::{annotations, badge, html, junit, sarif};
use tombstone_reports::value::baseline::{Baseline, KnownFailure};
use tombstone_reports::value::hold::hold;
use tombstone_reports::{ImplementationReport, Report};
use tombstone_tests::skip;

use super::{CHECKED, MEASURED, SMALL, TRIED, tainted, visible};

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
    texts.extend(all_sorts().iter().map(|report| junit::junit(report, None)));
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

/// The small run, held against a baseline that knows what fails.
fn known() -> Report {
    let mut report = SMALL.report.clone();
    let entry = KnownFailure {
        implementation: "*".to_owned(),
        case: "*".to_owned(),
        reason: "carries nothing, yet".to_owned(),
        ..KnownFailure::default()
    };
    hold(&mut report, &Baseline { file: "known.toml".to_owned(), entries: vec![entry], ..Baseline::default() });
    assert!(report.baseline.as_ref().is_some_and(|held| held.known > 0 && held.new.is_empty()));
    report
}

/// Reports of every sort, and some whose every text is hostile.
fn all_sorts() -> Vec<Report> {
    let made = [&*CHECKED, &*SMALL, &*TRIED, &*MEASURED].map(|made| made.report.clone());
    let hostile = ["]]>\u{fffe}<zq", "&\"'\u{1b}\n::error::%0A"].map(|taint| tainted(&CHECKED.report, taint));
    let interrupted = Report { interrupted: Some(Default::default()), ..SMALL.report.clone() };
    made.into_iter().chain(hostile).chain([interrupted, known()]).collect()
}

#[test]
fn sarif_is_valid_by_the_schema_of_oasis() {
    let schema = serde_json::from_str(include_str!("sarif-schema-2.1.0.json")).expect("the schema is JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is one");
    let mut results = 0;
    for report in all_sorts() {
        let log: Value = serde_json::from_str(&sarif::sarif(&report)).expect("it is JSON");
        let errors: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
        results +=
            log["runs"].as_array().into_iter().flatten().flat_map(|run| run["results"].as_array()).flatten().count();
    }
    assert!(results > 30, "only {results} results");
    // What the schema does not know is found.
    let mut log: Value = serde_json::from_str(&sarif::sarif(&SMALL.report)).expect("it is JSON");
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = Value::from(0);
    assert!(!validator.is_valid(&log));
}

/// Every failure is a result by its id, of a rule that is described, in a file that is there.
#[test]
fn sarif_holds_every_failure_once() {
    for report in all_sorts() {
        let log: Value = serde_json::from_str(&sarif::sarif(&report)).expect("it is JSON");
        let runs = log["runs"].as_array().expect("runs");
        assert_eq!(runs.len(), report.implementations.len());
        for (run, it) in runs.iter().zip(&report.implementations) {
            let results = run["results"].as_array().expect("results");
            let ids: BTreeSet<&str> =
                results.iter().filter_map(|it| it["fingerprints"]["tombstoneFailure/v1"].as_str()).collect();
            let failures: BTreeSet<&str> = every(it).map(|failure| failure.id.as_str()).collect();
            assert_eq!((&ids, results.len()), (&failures, failures.len()));
            let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
            for result in results {
                let rule = &rules[result["ruleIndex"].as_u64().expect("an index") as usize];
                assert_eq!(rule["id"], result["ruleId"]);
                assert!(rule["help"]["text"].as_str().is_some_and(|text| !text.is_empty()));
                assert!(!result["locations"].as_array().expect("locations").is_empty() || it.readings.is_some());
            }
        }
    }
    let log: Value = serde_json::from_str(&sarif::sarif(&known())).expect("it is JSON");
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["suppressions"][0]["justification"], "carries nothing, yet");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "contact-tracked.toml");
    let own = &result["relatedLocations"][0]["physicalLocation"]["artifactLocation"];
    let file = SMALL.folder.path().join("report").join(own["uri"].as_str().expect("a file"));
    assert!(own["uriBaseId"] == "REPORT" && file.is_file(), "{own}");
}

/// Every failure of an implementation, those included that were not seen again.
fn every(it: &ImplementationReport) -> impl Iterator<Item = &tombstone_reports::Failure> {
    it.failures().chain(it.unstable.iter().map(|unstable| &unstable.failure))
}

/// The properties of a command, by name.
type Properties<'l> = Vec<(&'l str, String)>;

/// What GitHub makes of a line: the level, the properties and the message; none where it is no such command.
fn read_as_a_command(line: &str) -> Option<(&str, Properties<'_>, String)> {
    let (head, message) = line.strip_prefix("::")?.split_once("::")?;
    let (level, properties) = head.split_once(' ')?;
    let unescaped = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",");
        text.replace("%25", "%")
    };
    let properties = properties.split(',').map(|property| property.split_once('='));
    let properties = properties.map(|it| it.map(|(name, value)| (name, unescaped(value)))).collect::<Option<_>>()?;
    Some((level, properties, unescaped(message)))
}

#[test]
fn annotations_are_commands_and_nothing_else_is() {
    for report in all_sorts() {
        let text = annotations::annotations(&report);
        let mut levels = Vec::new();
        for line in text.lines() {
            let (level, properties, message) = read_as_a_command(line).unwrap_or_else(|| panic!("{line}"));
            let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
            assert!(matches!(names[..], ["title"] | ["file", "line", "title"]), "{line}");
            assert!(!message.trim().is_empty() && line.chars().all(|c| !c.is_control()), "{line}");
            levels.push(level);
        }
        assert!(levels.is_sorted() && levels.iter().all(|level| ["error", "warning"].contains(level)), "{text}");
        let diverging = report.implementations.iter().filter(|it| it.failures().next().is_some()).count();
        assert!(levels.len() >= diverging, "{text}");
    }
    // Of each cause one, and what is known is no error.
    let of = |report: &Report| annotations::annotations(report);
    assert_eq!((of(&known()).matches("::warning ").count(), of(&known()).matches("::error ").count()), (1, 0));
    insta::assert_snapshot!("annotations_of_a_small_run", of(&SMALL.report));
    let causes: usize = CHECKED.report.implementations.iter().map(|it| it.causes.len()).sum();
    let failures: usize = CHECKED.report.implementations.iter().map(|it| it.failures().count()).sum();
    let told = of(&CHECKED.report).lines().count();
    assert!(causes <= told && told < failures, "{causes} {told} {failures}");
}

/// A service for badges is answered what it asks for, of the verdict and of every row.
#[test]
fn badges_are_answers_of_an_endpoint() {
    let is_one = |answer: &Value| {
        let fields = answer.as_object().expect("an object");
        let names: Vec<&str> = fields.keys().map(String::as_str).collect();
        assert_eq!(names, ["color", "isError", "label", "message", "schemaVersion"]);
        assert_eq!(answer["schemaVersion"], 1);
    };
    for report in all_sorts() {
        for it in &report.implementations {
            let answer: Value = serde_json::from_str(&badge::endpoint(it)).expect("it is JSON");
            is_one(&answer);
            assert_eq!(
                (&answer["message"], answer["isError"] == true),
                (&Value::from(it.verdict.name()), { ["diverges", "broken"].contains(&it.verdict.name()) })
            );
        }
        let rows: Value = serde_json::from_str(&badge::endpoints(&report)).expect("it is JSON");
        for it in &report.implementations {
            let own = rows[&it.name].as_object().expect("the rows of an implementation");
            own.values().for_each(is_one);
            for row in &it.rows {
                assert_eq!(own[&row.rule]["message"], row.verdict.name(), "{}", row.rule);
            }
        }
    }
}

/// Entries that fail as is known, that pass, and that match nothing: each with what became of it, and what fails names its
/// entry.
#[test]
fn the_page_shows_what_is_known() {
    let mut report = SMALL.report.clone();
    let entry = |case: &str, reason: &str| KnownFailure {
        implementation: "liar".to_owned(),
        case: case.to_owned(),
        reason: reason.to_owned(),
        link: Some("https://example.org/<zq".to_owned()),
        expires: Some("2030-01-31".to_owned()),
        ..KnownFailure::default()
    };
    let entries = [
        entry("fixture/contact-tracked", "carries <zq nothing"),
        entry("fixture/good", "long ago"),
        entry("fixture/contact-trackde", "elsewhere"),
    ];
    hold(&mut report, &Baseline { file: "known.toml".to_owned(), entries: entries.into(), ..Baseline::default() });
    let page = html::page(&report, None);
    let (_, section) = page.split_once("<section id=\"known\"").expect("a section");
    let section = visible(section.split_once("</section>").expect("its end").0);
    for told in ["1 known, 0 new", "2 of them stale", "fails as is known", "passes", "matches nothing", "2030-01-31"] {
        assert!(section.contains(told), "{told}: {section}");
    }
    assert!(section.contains("the nearest is fixture/contact-tracked"), "{section}");
    let link = "href=\"#failure/liar/fixture/contact-tracked/missing\"";
    assert!(page.contains(link) && page.contains("href=\"#known/1\"") && page.contains("id=\"known/1\""));
    assert!(!page.contains("<zq") && page.contains("href=\"https://example.org/&lt;zq\""));
    // What is set aside is said where the verdict stands, and nothing of it where nothing is known.
    assert!(page.contains("With what is known set aside"));
    let bare = html::page(&SMALL.report, None);
    assert!(!bare.contains("id=\"known\"") && !bare.contains("set aside"));
}

/// What was run, and with what: the command line, what the implementation claims, how it was started.
#[test]
fn the_run_says_how_it_was_started() {
    let it = &SMALL.report.implementations[0];
    assert!(it.claims.iter().any(|claim| claim.starts_with("contact: ")), "{:?}", it.claims);
    let page = visible(&html::page(&SMALL.report, None));
    for told in it.claims.iter().chain(&it.lacks).chain(&it.program) {
        assert!(page.contains(&**told), "{told}");
    }
    let command =
        "tombstone check --plans 0 --kill 0 --suite contact-tracked.toml --suite good.toml -- python3 liar.py none";
    assert!(page.contains(command), "{page}");
    let host = SMALL.timings().expect("timings").host;
    assert!(host.command.iter().any(|word| word == "--report") && host.environment.iter().any(|name| name == "PATH"));
    assert!(host.environment.is_sorted() && host.environment.iter().all(|name| !name.contains('=')));
    // A value would be a secret, perhaps.
    let written = std::fs::read_to_string(SMALL.folder.path().join("report/timings.json")).expect("timings");
    let path = std::env::var("PATH").expect("a path");
    assert!(!written.contains(&path));
}
