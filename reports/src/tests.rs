//! Every rendering of a rich report, and the laws they keep.

use proptest::prelude::*;
use serde_json::Value;

use crate::compare::compare;
use crate::sample::{report, timings};
use crate::terminal::Detail;
use crate::text::one_line;
use crate::*;

fn picture() -> Timeline {
    report().implementations[1]
        .failures()
        .next()
        .and_then(|failure| failure.timeline.clone())
        .expect("it has a picture")
}

#[test]
fn page_of_the_sample() {
    insta::assert_binary_snapshot!(".html", html::page(&report(), Some(&timings())).into_bytes());
}

#[test]
fn picture_of_the_sample() {
    insta::assert_binary_snapshot!(".svg", timeline::svg(&picture(), "sample").into_bytes());
    insta::assert_snapshot!("picture_as_text", timeline::text(&picture()));
}

#[test]
fn json_of_the_sample() {
    insta::assert_snapshot!(report().to_json());
    insta::assert_snapshot!("timings", timings().to_json());
}

#[test]
fn terminal_of_the_sample() {
    insta::assert_snapshot!(terminal::render(&report(), Detail::Full, false));
    insta::assert_snapshot!("brief_terminal", terminal::render(&report(), Detail::Brief, false));
}

#[test]
fn what_one_cause_explains_is_shown_once() {
    let mut report = report();
    let cases = &mut report.implementations[1].cases;
    let case = cases.iter_mut().find(|case| !case.failures.is_empty()).expect("a case that fails");
    let id = "another/of/the/same/cause".to_owned();
    case.failures.push(Failure { id, ..case.failures[0].clone() });
    let brief = terminal::render(&report, Detail::Brief, false);
    assert!(!brief.contains("another/of/the/same/cause") && brief.contains("cause 1: 1 more, told in"), "{brief}");
    let full = terminal::render(&report, Detail::Full, false);
    assert!(full.contains("another/of/the/same/cause") && !full.contains("1 more, told in"), "{full}");
}

#[test]
fn table_without_implementations() {
    let mut report = report();
    report.implementations.clear();
    insta::assert_snapshot!("table_text", terminal::table(&report, false));
    insta::assert_snapshot!("table_markdown", markdown::table(&report));
}

#[test]
fn markdown_of_the_sample() {
    insta::assert_snapshot!(markdown::markdown(&report()));
}

#[test]
fn junit_of_the_sample() {
    insta::assert_snapshot!(junit::junit(&report()));
}

#[test]
fn badges_of_the_sample() {
    let badges: Vec<String> = report().implementations.iter().map(badge::badge).collect();
    insta::assert_snapshot!(badges.join("\n"));
}

/// The sample as it might look a version later.
fn later() -> Report {
    let mut later = report();
    later.suite_digest = "00c0ffee".to_owned();
    let [reference, acme, contoso] = &mut later.implementations[..] else { unreachable!("the sample has three") };
    reference.cases[0].verdict = Verdict::Broken;
    acme.cases.remove(3);
    for case in acme.cases.iter_mut().chain(&mut contoso.cases) {
        if let Some(failure) = case.failures.first_mut() {
            failure.signature.check = "convergence".to_owned();
        } else {
            case.verdict = Verdict::Conforms;
        }
    }
    acme.campaign = None;
    contoso.cases.push(CaseReport { id: "zz/new".to_owned(), verdict: Verdict::Diverges, ..CaseReport::default() });
    later.finish()
}

#[test]
fn comparison_with_a_later_report() {
    let comparison = compare(&report(), &later());
    assert_eq!(comparison.exit(), Exit::Diverges);
    insta::assert_snapshot!("comparison_text", comparison.text());
    insta::assert_snapshot!("comparison_markdown", comparison.markdown());
    insta::assert_snapshot!("comparison_json", comparison.to_json());
}

#[test]
fn nothing_changes_from_a_report_to_itself() {
    let comparison = compare(&report(), &report());
    assert!(comparison.changes.is_empty() && comparison.totals.unchanged > 0);
    assert_eq!(comparison.exit(), Exit::Conforms);
}

#[test]
fn schema_of_the_report() {
    insta::assert_json_snapshot!(schema());
}

#[test]
fn json_is_read_back_as_it_was_written() {
    let json = report().to_json();
    let read = Report::from_json(&json).expect("it was just written");
    assert_eq!(read, report());
    assert_eq!(read.to_json(), json);
    assert!(json.ends_with("}\n"));
    assert_eq!(Timings::from_json(&timings().to_json()).expect("it was just written"), timings());
}

#[test]
fn json_is_valid_by_the_schema() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema is one");
    for report in [report(), later(), Report::new("0.1.0", "permissive").finish()] {
        let json = serde_json::from_str(&report.to_json()).expect("it is JSON");
        let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
    }
    assert!(!validator.is_valid(&serde_json::json!({ "format": 1 })));
}

#[test]
fn what_is_no_report_of_this_format_is_told_so() {
    let message = |text: &str| Report::from_json(text).expect_err("it is none").to_string();
    let messages = [
        message("{"),
        message("[]"),
        message(r#"{"format": "1"}"#),
        message(r#"{"format": 7}"#),
        message(r#"{"format": 7, "tombstone": "3.0.0"}"#),
        message("{\n  \"format\": 1,\n  \"tombstone\": 3\n}"),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn finishing_twice_is_as_good_as_once() {
    assert_eq!(report().finish(), report());
}

#[test]
fn ids_of_failures_are_unique() {
    let mut report = report();
    let campaign = report.implementations[1].campaign.as_mut().expect("it has one");
    let mut again = campaign.failures[0].clone();
    again.id.clear();
    campaign.failures.push(again);
    let report = report.finish();
    let mut ids: Vec<&str> = report.implementations[1].failures().map(|failure| failure.id.as_str()).collect();
    let last = ["acme-sync/generated/deletion/D16/2", "acme-sync/run/readings"];
    assert_eq!(ids[ids.len() - 2..], last);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[test]
fn verdicts_are_never_merged() {
    use Verdict::{Broken, Conforms, Diverges, Undecided, Unstable, Unsupported};
    let cases: [(&[Verdict], Verdict); 11] = [
        (&[Conforms, Unstable], Unstable),
        (&[Unstable, Broken], Broken),
        (&[Unstable, Diverges], Diverges),
        (&[], Undecided),
        (&[Undecided], Undecided),
        (&[Unsupported], Unsupported),
        (&[Unsupported, Undecided], Undecided),
        (&[Conforms, Unsupported, Undecided], Conforms),
        (&[Conforms, Broken], Broken),
        (&[Diverges, Broken, Conforms], Diverges),
        (&[Broken, Unsupported], Broken),
    ];
    for (verdicts, expected) in cases {
        let mut counts = Counts::default();
        for verdict in verdicts {
            counts.add(*verdict, 1);
        }
        assert_eq!(counts.verdict(), expected, "{verdicts:?}");
        assert_eq!(counts.decided, counts.conforms + counts.diverges);
    }
}

#[test]
fn a_row_that_nothing_met_leaves_the_run_incomplete_unless_it_is_excused() {
    let run = |verdict: Verdict, never: &[Option<&str>]| {
        let mut report = Report::new("0.1.0", "documents-2016");
        let mut implementation = ImplementationReport::new("acme-sync", "");
        implementation.count("D01", verdict, 1);
        let never = never.iter().map(|excuse| NeverMet { rule: "D02".to_owned(), excuse: excuse.map(str::to_owned) });
        implementation.never = never.collect();
        report.implementations.push(implementation);
        Exit::of(&report.finish())
    };
    for (verdict, never, exit) in [
        (Verdict::Conforms, [].as_slice(), Exit::Conforms),
        (Verdict::Conforms, &[Some("messages pass through no filter")], Exit::Conforms),
        (Verdict::Conforms, &[Some("messages pass through no filter"), None], Exit::Incomplete),
        (Verdict::Diverges, &[None], Exit::Diverges),
    ] {
        assert_eq!(run(verdict, never), exit, "{verdict}: {never:?}");
    }
}

#[test]
fn a_run_passes_only_where_something_was_decided_of_everybody() {
    let run = |verdicts: &[Verdict]| {
        let mut report = Report::new("0.1.0", "documents-2016");
        for (verdict, at) in verdicts.iter().zip(0..) {
            let mut implementation = ImplementationReport::new(format!("implementation {at}"), "");
            implementation.count("D01", *verdict, 1);
            report.implementations.push(implementation);
        }
        Exit::of(&report.finish())
    };
    let cases: [(&[Verdict], Exit); 8] = [
        (&[Verdict::Conforms, Verdict::Unstable], Exit::Incomplete),
        (&[], Exit::Incomplete),
        (&[Verdict::Conforms], Exit::Conforms),
        (&[Verdict::Conforms, Verdict::Undecided], Exit::Incomplete),
        (&[Verdict::Conforms, Verdict::Unsupported], Exit::Incomplete),
        (&[Verdict::Conforms, Verdict::Broken], Exit::Incomplete),
        (&[Verdict::Broken, Verdict::Diverges], Exit::Diverges),
        (&[Verdict::Conforms, Verdict::Conforms], Exit::Conforms),
    ];
    for (verdicts, exit) in cases {
        assert_eq!(run(verdicts), exit, "{verdicts:?}");
    }
    let codes = Exit::ALL.map(Exit::code);
    assert_eq!(codes, [0, 1, 2, 3, 70]);
}

#[test]
fn junit_is_green_only_where_the_run_is() {
    for verdict in Verdict::ALL {
        let mut report = Report::new("0.1.0", "documents-2016");
        let mut implementation = ImplementationReport::new("it", "");
        implementation.count("D01", verdict, 1);
        report.implementations.push(implementation);
        let report = report.finish();
        let xml = junit::junit(&report);
        let green = xml.contains("failures=\"0\"") && xml.contains("errors=\"0\"") && xml.contains("skipped=\"0\"");
        assert_eq!(green, Exit::of(&report) == Exit::Conforms, "{verdict}: {xml}");
    }
}

/// A row that diverges names the causes by which it does, or where none is known, the failure.
#[test]
fn a_row_that_diverges_says_by_what() {
    let sort = |check: &str, rule: Option<&str>| Signature { check: check.to_owned(), rule: rule.map(str::to_owned) };
    let run = |cause: Option<u64>| {
        let mut report = Report::new("0.1.0", "documents-2016");
        let rule = |id: &str, row: &str| RuleText { id: id.to_owned(), row: row.to_owned(), ..RuleText::default() };
        report.rules = vec![rule("D01", "D01"), rule("D08", "D08"), rule("D08-closed", "D08")];
        let mut implementation = ImplementationReport::new("it", "");
        // The case is about D08, and fails by what no row decides.
        let failure = Failure { signature: sort("link", None), cause, ..Failure::default() };
        let id = "deletion/case".to_owned();
        let (covers, failures) = (vec!["D08".to_owned()], vec![failure]);
        implementation.cases =
            vec![CaseReport { id, covers, verdict: Verdict::Diverges, failures, ..CaseReport::default() }];
        let sorts = vec![Sort { signature: sort("rule", Some("D01")), times: 3 }];
        implementation.causes = cause.map(|number| Cause { number, sorts, ..Cause::default() }).into_iter().collect();
        for row in ["D01", "D08", "link"] {
            implementation.count(row, Verdict::Diverges, 1);
        }
        implementation.count("D08-closed", Verdict::Conforms, 1);
        report.implementations.push(implementation);
        report.finish()
    };
    let rows = |report: &Report| -> Vec<(String, Vec<u64>, Vec<String>)> {
        let rows = report.implementations[0].rows.iter();
        let rows = rows.filter(|row| !row.causes.is_empty() || !row.failures.is_empty());
        let row = |row: &RowReport| {
            (row.rule.clone(), Vec::from_iter(row.causes.clone()), Vec::from_iter(row.failures.clone()))
        };
        rows.map(row).collect()
    };
    let known = run(Some(7));
    assert_eq!(rows(&known), ["D01", "D08", "link"].map(|row| (row.to_owned(), vec![7], Vec::new())));
    let unknown = run(None);
    let failure = "it/deletion/case/link";
    assert_eq!(rows(&unknown), ["D08", "link"].map(|row| (row.to_owned(), Vec::new(), vec![failure.to_owned()])));
    for detail in [Detail::Brief, Detail::Full] {
        assert!(terminal::render(&known, detail, false).contains("✗ 1/1 (7)"));
        let told = terminal::render(&unknown, detail, false);
        // Below the row, below the check, and where the failure is told.
        assert!(
            told.contains("✗ 1/2\n      ✗ it/deletion/case/link")
                || told.contains("✗ 1/1\n      ✗ it/deletion/case/link"),
            "{told}"
        );
        assert!(told.contains("\n✗ it/deletion/case/link\n"), "{told}");
    }
}

/// What did not become shorter is not said to have been shrunk.
#[test]
fn shrinking_is_told_where_something_changed() {
    let told = |from, to, minimal| terminal::shrunk(Shrunk { from, to, minimal });
    assert_eq!(told(3, 3, false), None);
    assert_eq!(told(3, 3, true).as_deref(), Some("proved minimal: no shorter plan fails"));
    assert_eq!(told(9, 3, false).as_deref(), Some("9 steps became 3"));
    assert_eq!(told(9, 3, true).as_deref(), Some("9 steps became 3; proved minimal: no shorter plan fails"));
}

/// Why cases are unsupported is said, and of nothing that there is not.
#[test]
fn what_would_add_scenarios_is_named() {
    let missing = |name: &str, scenarios| Missing { capabilities: vec![name.to_owned()], scenarios };
    let all = |count| (0..count).map(|n| missing(&format!("c{n}"), 10 - n)).collect();
    let told = |elsewhere, more, several| Decided { decided: 5, of: 50, elsewhere, more, several }.unsupported();
    assert_eq!(told(0, Vec::new(), 0), None);
    assert_eq!(told(44, Vec::new(), 0).as_deref(), Some("unsupported: 44 scenarios written for other profiles"));
    assert_eq!(
        told(1, all(8), 1).as_deref(),
        Some(
            "unsupported: 1 scenario written for other profiles; `c0` would add 10; `c1` would add 9; `c2` would add \
             8; `c3` would add 7; `c4` would add 6; `c5` would add 5; others would add 7; 1 needs several others"
        )
    );
}

/// What was not seen again, and an end that was no good one, are in every form, and are no failure of a rule.
#[test]
fn what_leaves_a_run_incomplete_is_told_everywhere() {
    let run = |noted: ImplementationReport| {
        let mut report = Report::new("0.1.0", "documents-2016");
        let mut implementation = ImplementationReport { name: "it".to_owned(), ..noted };
        implementation.count("D01", Verdict::Conforms, 1);
        report.implementations.push(implementation);
        report.finish()
    };
    let unstable = {
        let signature = Signature { check: "vanished".to_owned(), rule: None };
        let again = Again { seen: 2, runs: 5 };
        let failure = Failure { signature, again: Some(again), scenario: "# it".to_owned(), ..Failure::default() };
        let unstable = vec![Unstable { place: "generated".to_owned(), again, failure }];
        run(ImplementationReport { unstable, ..ImplementationReport::default() })
    };
    assert_eq!((Exit::of(&unstable), unstable.implementations[0].failures().count()), (Exit::Incomplete, 0));
    let forms = |report: &Report| {
        [
            html::page(report, None),
            junit::junit(report),
            markdown::markdown(report),
            terminal::render(report, Detail::Brief, false),
            report.to_json(),
        ]
    };
    for form in forms(&unstable) {
        assert!(form.contains("seen in 2 of 5 runs") || form.contains("\"seen\": 2"), "{form}");
    }
    assert_eq!(
        unstable.implementations[0].unstable[0].failure.file.as_deref(),
        Some("failures/it-generated-vanished.toml")
    );
    assert!(write::files(&unstable, None).iter().any(|(name, _)| name == "failures/it-generated-vanished.toml"));
    let ending = {
        let (category, text) = ("ending".to_owned(), "it left `sleep 600` behind".to_owned());
        let findings = vec![Finding { category, text, count: 1, incomplete: true, example: None }];
        run(ImplementationReport { findings, ..ImplementationReport::default() })
    };
    assert_eq!((Exit::of(&ending), ending.implementations[0].verdict), (Exit::Incomplete, Verdict::Broken));
    for form in [html::page(&ending, None), junit::junit(&ending), terminal::render(&ending, Detail::Brief, false)] {
        assert!(form.contains("sleep 600"), "{form}");
    }
}

#[test]
fn the_page_fetches_nothing() {
    let page = html::page(&report(), Some(&timings()));
    for reference in ["http://", "https://", "<script src", "<link", "<img", "<iframe", "@import", "url(", "src="] {
        assert!(!page.contains(reference), "{reference}");
    }
}

#[test]
fn every_link_of_the_page_leads_somewhere() {
    let page = html::page(&report(), Some(&timings()));
    let mut targets: Vec<&str> = page.split("id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(targets.contains(&link), "{link}");
    }
    targets.sort_unstable();
    let all = targets.len();
    targets.dedup();
    assert_eq!(targets.len(), all, "no two ids are alike");
}

#[test]
fn text_for_a_terminal_is_narrow_enough() {
    let mut wide = report();
    for implementation in &mut wide.implementations {
        implementation.name.push_str("-with-a-rather-long-name");
    }
    let copies = wide.implementations.clone();
    wide.implementations.extend(copies);
    for report in [report(), wide, later()] {
        let texts = [Detail::Brief, Detail::Full].map(|detail| terminal::render(&report, detail, false));
        for line in texts.iter().flat_map(|text| text.lines()) {
            // A command is never broken.
            assert!(
                line.chars().count() <= 110 || line.starts_with("  replay") || line.starts_with("  unshrunk"),
                "{line}"
            );
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let mut plain = String::new();
    let coloured = terminal::render(&report(), Detail::Full, true);
    assert!(coloured.contains('\u{1b}'));
    for (at, part) in coloured.split('\u{1b}').enumerate() {
        plain.push_str(if at == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) });
    }
    assert_eq!(plain, terminal::render(&report(), Detail::Full, false));
}

#[test]
fn a_report_is_written_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("deep/er");
    let paths = write::write(&report(), Some(&timings()), &target).expect("it can be written");
    let names: Vec<String> = paths
        .iter()
        .filter_map(|path| path.strip_prefix(&target).ok())
        .map(|path| path.display().to_string().replace('\\', "/"))
        .collect();
    insta::assert_snapshot!(names.join("\n"));
    let found: usize =
        ["", "failures"].iter().map(|sub| std::fs::read_dir(target.join(sub)).expect("it is there").count()).sum();
    assert_eq!(found, paths.len() + 1, "nothing temporary is left, and one entry is the folder of failures");
    assert_eq!(std::fs::read_to_string(target.join("report.json")).expect("it is there"), report().to_json());
}

#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_written_to_and_not_replaced() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().unwrap();
    let [plain, link, full] = ["plain", "link", "full"].map(|name| folder.path().join(name));
    std::fs::write(&plain, "before").unwrap();
    symlink(&plain, &link).unwrap();
    symlink("/dev/full", &full).unwrap();
    write::write_file(&link, "after").unwrap();
    assert_eq!(std::fs::read_to_string(&plain).unwrap(), "after");
    assert!(write::write_file(&full, "after").is_err());
    assert!([link, full].iter().all(|path| path.is_symlink()));
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("taken");
    std::fs::write(&file, "").expect("it can be written");
    let error = write::write(&report(), None, &file).expect_err("a file is no folder").to_string();
    assert!(error.starts_with("cannot write `") && error.contains("taken"), "{error}");
}

/// The report with some text behind every text in it, but for the words that are not free.
fn tainted(taint: &str) -> Report {
    const FIXED: [&str; 4] = ["verdict", "kind", "state", "from"];
    fn walk(value: &mut Value, taint: &str) {
        match value {
            Value::String(text) => text.push_str(taint),
            Value::Array(values) => values.iter_mut().for_each(|value| walk(value, taint)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    let fixed = FIXED.contains(&name.as_str()) && value.is_string();
                    // The state of a cell is one of a few words, that of a situation any text.
                    if !fixed || name == "state" && !is_cell_state(value) {
                        walk(value, taint);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    fn is_cell_state(value: &Value) -> bool {
        serde_json::from_value::<CellState>(value.clone()).is_ok()
    }
    let mut value = serde_json::to_value(report()).expect("it is JSON");
    walk(&mut value, taint);
    serde_json::from_value(value).expect("it is still a report")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_is_escaped(tail in "\\PC{0,8}") {
        // Short marks, since pictures cut long texts.
        for taint in [format!("<zq {tail}"), format!("\"zq='1 {tail}"), format!("</script><zq>{tail}")] {
            let report = tainted(&taint);
            let page = html::page(&report, None);
            prop_assert!(page.contains("zq"));
            for raw in ["<zq", "\"zq", "</script><zq"] {
                prop_assert!(!page.contains(raw), "{}", raw);
            }
            prop_assert_eq!(page.matches("<script").count(), 1);
            let picture = report.implementations[1].failures().next().and_then(|it| it.timeline.clone());
            for svg in [timeline::svg(&picture.unwrap_or_default(), &taint), badge::badge(&report.implementations[0])] {
                prop_assert!(!svg.contains("<zq") && !svg.contains("\"zq"));
            }
            let markdown = markdown::table(&report);
            prop_assert!(!markdown.contains("<zq"));
        }
    }

    #[test]
    fn any_text_stays_on_its_line(text in "\\PC{0,20}\n\\PC{0,20}\t\u{1b}\\[31m") {
        let line = one_line(&text);
        prop_assert!(!line.contains(['\n', '\u{1b}']), "{}", line);
    }

    #[test]
    fn any_report_is_read_back(tail in any::<String>()) {
        let report = tainted(&tail);
        prop_assert_eq!(Report::from_json(&report.to_json()).expect("it was just written"), report);
    }
}
