//! The forms of a report, of what real runs left behind: a check of implementations that conform, diverge, break, waver,
//! and say what a page would obey; a trial of the harness; a measurement.

#[path = "reports/forms.rs"]
mod forms;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;
use tombstone_reports::events::from_ndjson;
use tombstone_reports::render::compare::{Tolerance, compare};
use tombstone_reports::render::terminal::{self, Detail};
use tombstone_reports::render::{badge, html, junit, markdown, timeline};
use tombstone_reports::{CellState, Exit, ImplementationReport, Report, Timeline, Timings, Verdict, schema, write};
use tombstone_tests::{faulty_adapter_of_contacts, run};

/// Programs beside the one that says what is obeyed.
const IMPLEMENTATIONS: &str = r#"
[implementation.liar]
command = ["python3", "liar.py", "none"]

[implementation.wavering]
command = ["python3", "liar.py", "carries-nothing-in-every-second-start", "starts"]

[implementation.leaving]
command = ["python3", "faulty.py", "leave-a-process"]
"#;

/// What the files of a folder are made of.
struct Made {
    folder: TempDir,
    report: Report,
}

/// Runs commands in a folder with the adapters that misbehave, the last of which leaves a report in `report`.
fn made(commands: &[&str]) -> Made {
    let folder = tempfile::tempdir().expect("a folder");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["tests/cli/good.toml", "tests/cli/contact-tracked.toml", "adapters/faulty/liar.py"] {
        let name = Path::new(file).file_name().expect("a name");
        fs::copy(here.join(file), folder.path().join(name)).expect("a copy");
    }
    fs::write(folder.path().join("faulty.py"), faulty_adapter_of_contacts()).expect("a copy");
    fs::write(folder.path().join("implementations.toml"), IMPLEMENTATIONS).expect("a file");
    for command in commands {
        let arguments: Vec<&str> = command.split_whitespace().collect();
        let output = run(env!("CARGO_BIN_EXE_tombstone-under-test"), folder.path(), &arguments);
        let ended = output.status.code().is_some_and(|code| code != 2 && code <= 3);
        assert!(ended, "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let json = fs::read_to_string(folder.path().join("report/report.json")).expect("a report");
    let report = Report::from_json(&json).expect("a report");
    Made { folder, report }
}

/// Something in every section of a check.
static CHECKED: LazyLock<Made> = LazyLock::new(|| {
    made(&["check --plans 40 --kill 0 --scenario conflicts/* --scenario tracking/* --scenario deletion/contact* \
            --implementations implementations.toml --implementation liar --implementation wavering \
            --implementation leaving --implementation reference --report report -- python3 faulty.py hostile-text"])
});

/// One scenario that conforms and one that does not, little enough to be read.
static SMALL: LazyLock<Made> = LazyLock::new(|| {
    made(&["check --plans 0 --kill 0 --suite contact-tracked.toml --suite good.toml --report report \
                             -- python3 liar.py none"])
});

/// The harness on trial: some faults convicted, and some missed, for want of plans.
static TRIED: LazyLock<Made> = LazyLock::new(|| made(&["faults --convict --plans 50 --report report"]));

/// A measurement.
static MEASURED: LazyLock<Made> = LazyLock::new(|| {
    let program = env!("CARGO_BIN_EXE_adapter-under-test");
    made(&[&format!(
        "bench --seconds 2 --most 10 --no-overhead --workload deletion-storm --report report -- {program}"
    )])
});

fn everything() -> [&'static Report; 4] {
    [&CHECKED.report, &SMALL.report, &TRIED.report, &MEASURED.report]
}

impl Made {
    fn timings(&self) -> Option<Timings> {
        let json = fs::read_to_string(self.folder.path().join("report/timings.json")).ok()?;
        let timings = Timings::from_json(&json).expect("timings");
        assert_eq!(timings.to_json(), json);
        Some(timings)
    }

    fn implementation(&self, verdict: Verdict) -> &ImplementationReport {
        let mut all = self.report.implementations.iter();
        all.find(|it| it.verdict == verdict).unwrap_or_else(|| panic!("nobody {verdict}"))
    }
}

fn picture(report: &Report) -> &Timeline {
    let mut failures = report.implementations.iter().flat_map(ImplementationReport::failures);
    failures.find_map(|failure| failure.timeline.as_ref()).expect("a picture")
}

/// What the tests below would say nothing of, if it were not there.
#[test]
fn the_runs_leave_something_in_every_section() {
    let diverging = CHECKED.implementation(Verdict::Diverges);
    assert!(diverging.causes.len() > 1 && diverging.causes.iter().any(|cause| cause.behind > 0));
    assert!(diverging.failures().any(|failure| failure.witnesses.len() > 1), "runs that contradict each other");
    assert!(diverging.failures().any(|failure| failure.unshrunk.is_some()));
    assert!(diverging.campaign.as_ref().is_some_and(|campaign| campaign.failing > 0 && campaign.situations.is_some()));
    assert!(!diverging.observations.is_empty() && !diverging.lacks.is_empty());
    assert!(diverging.totals.unsupported > 0 && diverging.decided.as_ref().is_some_and(|it| !it.more.is_empty()));
    assert_eq!(CHECKED.implementation(Verdict::Conforms).name, "reference");
    let all = &CHECKED.report.implementations;
    assert!(all.iter().any(|it| !it.unstable.is_empty()), "something wavers");
    assert!(all.iter().any(|it| it.findings.iter().any(|finding| finding.incomplete)), "something does not end well");
    assert!(all.iter().any(|it| it.name.contains("</script><zq>")), "something hostile is said");
    let faults = TRIED.report.faults.as_ref().expect("faults").totals;
    assert!(faults.caught > 0 && faults.missed > 0);
    assert!(MEASURED.report.bench.as_ref().is_some_and(|bench| !bench.points.is_empty()));
}

/// What a run contradicts is named: rows, or facts, or both.
#[test]
fn each_failure_of_a_run_names_what_it_rests_on() {
    let all = CHECKED.report.implementations.iter().flat_map(ImplementationReport::failures);
    let of_runs = all.filter(|failure| failure.parting.is_some() || !failure.witnesses.is_empty());
    let mut named = 0;
    for failure in of_runs {
        let expected = &failure.expected;
        assert!(!expected.rows.is_empty() || !expected.facts.is_empty(), "{}: {}", failure.id, failure.signature);
        assert!(expected.rule.iter().all(|rule| expected.rows.contains(rule)), "{}", failure.id);
        assert!(expected.rows.iter().all(|row| CHECKED.report.rule(row).is_some()), "{}", failure.id);
        named += 1;
    }
    assert!(named > 5, "{named}");
}

/// Nothing is counted out of nothing, and what helps is said once of each implementation.
#[test]
fn nothing_is_said_of_nothing_and_no_help_is_said_twice() {
    for report in everything() {
        let text = terminal::render(report, Detail::Brief, false);
        for nothing in [" of 0 ", " 0 times", "0.00 on average", "coverage: 0", "became 0"] {
            assert!(!text.contains(nothing), "{nothing}: {text}");
        }
    }
    // Every reset of it fails in the same way, in scenarios and plans.
    let made = made(&["check --kill 0 --plans 10 --scenario tracking/*contact* --report report \
                       -- python3 liar.py forgets-an-item"]);
    let broken = made.implementation(Verdict::Diverges);
    assert!(broken.findings.len() > 1 && broken.totals.broken > 1, "it breaks in several places");
    let text = terminal::render(&made.report, Detail::Brief, false);
    assert_eq!(text.matches("\nhelp: ").count(), 1, "{text}");
}

/// Each row that fails names a cause or a failure that is told.
#[test]
fn a_row_that_fails_names_what_is_told() {
    for it in CHECKED.report.implementations.iter().chain(&SMALL.report.implementations) {
        let told: BTreeSet<&str> = it.failures().map(|failure| failure.id.as_str()).collect();
        for row in it.rows.iter().filter(|row| row.verdict == Verdict::Diverges) {
            let known = |number: &u64| it.causes.iter().any(|cause| cause.number == *number);
            assert!(!row.causes.is_empty() || !row.failures.is_empty(), "{} of {}", row.rule, it.name);
            assert!(row.causes.iter().all(known) && row.failures.iter().all(|id| told.contains(&**id)), "{}", row.rule);
        }
    }
}

#[test]
fn what_is_written_is_what_the_json_says() {
    for made in [&*CHECKED, &*SMALL, &*TRIED, &*MEASURED] {
        let (report, timings) = (&made.report, made.timings());
        assert_eq!(report.clone().finish(), *report, "completing it twice is as good as once");
        let folder = made.folder.path().join("report");
        // Only a check is made of events.
        let events = fs::read(folder.join("events.ndjson")).map(|text| from_ndjson(&text).expect("a stream"));
        let files = write::files(report, timings.as_ref(), &events.unwrap_or_default());
        for (name, text) in &files {
            let kept = fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(kept == *text, "{name} says another thing than report.json");
        }
        let in_folder = |sub: &str| fs::read_dir(folder.join(sub)).map_or(0, Iterator::count);
        // The folder of failures is an entry, where there is one.
        let failures = usize::from(in_folder("failures") > 0);
        assert_eq!(in_folder("") + in_folder("failures"), files.len() + failures, "nothing else is left");
    }
}

#[test]
fn the_json_is_valid_by_the_schema() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema is one");
    for report in everything() {
        let json = serde_json::from_str(&report.to_json()).expect("it is JSON");
        let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
    }
}

#[test]
fn ids_of_failures_are_unique() {
    let failures = CHECKED.report.implementations.iter().flat_map(ImplementationReport::failures);
    let ids: Vec<&str> = failures.map(|failure| failure.id.as_str()).collect();
    assert!(ids.len() > 5 && ids.iter().collect::<BTreeSet<_>>().len() == ids.len(), "{ids:?}");
}

#[test]
fn what_one_cause_explains_is_shown_once() {
    let it = CHECKED.implementation(Verdict::Diverges);
    let [brief, full] = [Detail::Brief, Detail::Full].map(|detail| terminal::render(&CHECKED.report, detail, false));
    let shown = |text: &str, cause: u64| {
        let of = it.failures().filter(|failure| failure.cause == Some(cause) && failure.witnesses.is_empty());
        of.filter(|failure| text.contains(&format!("✗ {}\n", failure.id))).count()
    };
    let mut more = 0;
    for cause in it.causes.iter().map(|cause| cause.number) {
        let all = it.failures().filter(|failure| failure.cause == Some(cause) && failure.witnesses.is_empty()).count();
        assert_eq!((shown(&brief, cause), shown(&full, cause)), (all.min(1), all), "cause {cause}");
        assert_eq!(brief.contains(&format!("cause {cause}: {} more, told in", all.saturating_sub(1))), all > 1);
        more += all.saturating_sub(1);
    }
    assert!(more > 0 && !full.contains("more, told in"));
}

/// A name as links have it.
fn linked(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("~{byte:02x}") }).collect()
}

#[test]
fn pages_fetch_nothing_and_their_links_lead_somewhere() {
    for report in everything() {
        let page = html::page(report, None);
        for reference in ["http://", "https://", "<script src", "<link", "<img", "<iframe", "@import", "url(", "src="] {
            assert!(!page.contains(reference), "{reference}");
        }
        let targets = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let targets: Vec<&str> = targets.collect();
        // What is packed is on the page once it is unpacked.
        let packed = report.implementations.iter().flat_map(|it| {
            let cases = it.cases.iter().map(|case| ("case", &case.id));
            cases.chain(it.failures().map(|failure| ("failure", &failure.id)))
        });
        let packed: BTreeSet<String> = packed.map(|(sort, name)| format!("{sort}/{}", linked(name))).collect();
        for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(targets.contains(&link) || packed.contains(link), "{link}");
        }
        assert_eq!(targets.iter().collect::<BTreeSet<_>>().len(), targets.len(), "two ids are alike");
    }
}

#[test]
fn text_for_a_terminal_is_narrow_enough_and_colour_adds_nothing_but_colour() {
    for report in everything() {
        for detail in [Detail::Brief, Detail::Full] {
            let plain = terminal::render(report, detail, false);
            for line in plain.lines() {
                // What is copied is never broken: a command, and the id of a failure.
                let whole = ["  replay", "  unshrunk", "    replay", "✗ ", "~ ", "      ✗ "];
                let narrow = line.chars().count() <= 110 || whole.iter().any(|start| line.starts_with(start));
                assert!(narrow, "{line}");
            }
            let coloured = terminal::render(report, detail, true);
            let mut parts = coloured.split('\u{1b}');
            let first = parts.next().unwrap_or_default().to_owned();
            let without = parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest));
            assert_eq!(without, plain);
        }
    }
}

/// The report with some text behind every text in it, but for the words that are not free.
fn tainted(report: &Report, taint: &str) -> Report {
    const FIXED: [&str; 4] = ["verdict", "kind", "state", "from"];
    fn walk(value: &mut Value, taint: &str) {
        match value {
            Value::String(text) => text.push_str(taint),
            Value::Array(values) => values.iter_mut().for_each(|value| walk(value, taint)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    let fixed = FIXED.contains(&name.as_str()) && value.is_string();
                    // The state of a cell is one of a few words, that of a situation any text.
                    if !fixed || name == "state" && serde_json::from_value::<CellState>(value.clone()).is_err() {
                        walk(value, taint);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut value = serde_json::to_value(report).expect("it is JSON");
    walk(&mut value, taint);
    serde_json::from_value(value).expect("it is still a report")
}

/// What a program said, and then the same of every text that a report can hold.
#[test]
fn any_text_is_escaped() {
    let hostile = ["<zq tail", "\"zq='1 tail", "</script><zq>tail", "]]><zq>", "--><zq>"];
    let tainted = hostile.map(|taint| tainted(&CHECKED.report, taint));
    for report in tainted.iter().chain([&CHECKED.report]) {
        assert_eq!(Report::from_json(&report.to_json()).expect("it was just written"), *report);
        let page = html::page(report, None);
        assert!(page.contains("zq"));
        let packed = page.matches("<script type=\"text/plain\" data-pack=\"").count();
        assert_eq!(page.matches("<script").count(), packed + 1, "data, and the one script");
        let mut texts = vec![page, junit::junit(report, None), timeline::svg(picture(report), "<zq \"zq")];
        texts.extend(report.implementations.iter().map(badge::badge));
        for text in &texts {
            assert!(!text.contains("<zq") && !text.contains("\"zq"), "{text}");
        }
        // Markdown has no attributes.
        assert!(!markdown::table(report).contains("<zq"));
        for file in write::files(report, None, &[]).iter().map(|(name, _)| name) {
            assert!(file.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c)), "{file}");
        }
    }
}

#[test]
fn nothing_changes_from_a_report_to_itself() {
    let comparison = compare(&CHECKED.report, &CHECKED.report, None);
    assert!(comparison.changes.is_empty() && comparison.totals.unchanged > 0);
    assert_eq!(comparison.exit(&Tolerance::default()), Exit::Conforms);
}

/// What comes, goes, gets worse or better, and fails otherwise than before.
#[test]
fn what_changed_is_told_in_both_directions() {
    let lie = |lie: &str, own: &str| {
        let scenarios = ["edit-crm-reaches-outlook-contact", "three-edits-in-a-row", own];
        let scenarios = scenarios.map(|scenario| format!("--scenario tracking/{scenario}")).join(" ");
        made(&[&format!("check --kill 0 {scenarios} --report report -- python3 liar.py {lie}")])
    };
    let before = lie("none", "contact-gets-a-record");
    let after = lie("writes-titles-of-its-own", "edit-outlook-reaches-crm-contact");
    let mut text = String::new();
    for (what, before, after) in [("there", &before, &after), ("back", &after, &before)] {
        let comparison = compare(&before.report, &after.report, None);
        let json: Value = serde_json::from_str(&comparison.to_json()).expect("JSON");
        assert_eq!(json["changes"].as_array().map(Vec::len), Some(comparison.changes.len()));
        // Those of rules follow.
        let told = comparison.text();
        let told: Vec<&str> =
            told.lines().filter(|line| !line.contains(": rule ") && !line.contains("  fact ")).collect();
        text +=
            &format!("{what}, exit code {}\n{}\n\n", comparison.exit(&Tolerance::default()).code(), told.join("\n"));
    }
    insta::assert_snapshot!(text);
}

/// The forms of one small run, for a person to read.
#[test]
fn forms_of_a_small_run() {
    let report = &SMALL.report;
    let picture = picture(report);
    // The table of rows is pinned where it is printed.
    let form = markdown::markdown(report);
    let (before, rest) = form.split_once("<details><summary>Rule by rule").expect("the table");
    let (_, after) = rest.split_once("</details>\n").expect("its end");
    let form = format!("{before}{after}");
    insta::assert_snapshot!("markdown_of_a_small_run", form);
    // Digests change with every rule and scenario.
    let xml = junit::junit(report, None);
    let lines: Vec<&str> = xml.lines().filter(|line| !line.contains("<property ")).collect();
    let xml = lines.join("\n");
    insta::assert_snapshot!("junit_of_a_small_run", xml);
    insta::assert_snapshot!("picture_of_a_small_run", timeline::text(picture));
    let page = html::page(report, None);
    let shown = |from: &str, to: &str| {
        let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("{from}"));
        visible(rest.split_once(to).expect("its end").0)
    };
    let parts = [shown("<article class=\"card", "</article>"), shown("<article class=\"failure", "<figure>")];
    let page = parts.join("\n\n");
    insta::assert_snapshot!("page_of_a_small_run", page);
    let svg = timeline::svg(picture, "picture");
    for text in picture.lanes.iter().map(|lane| &lane.name).chain(picture.messages.iter().map(|it| &it.label)) {
        assert!(svg.contains(&*text.replace('\'', "&#39;")) || svg.contains(&**text), "{text}");
    }
    let badges = report.implementations.iter().map(badge::badge);
    assert_eq!(
        badges.map(|badge| visible(&badge)).collect::<Vec<_>>(),
        ["tombstone · liar: diverges tombstone · liar ✗ diverges"]
    );
}

/// The text of a piece of a page, without its marks.
fn visible(piece: &str) -> String {
    let mut text = String::new();
    for part in piece.split('<') {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
        text.push(' ');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
