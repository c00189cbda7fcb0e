//! The laws of a report that need no run; `tests/tests/reports.rs` holds those of its forms over what real runs leave.

use proptest::prelude::*;

use crate::render::terminal::Detail;
use crate::render::text::one_line;
use crate::render::{html, junit, markdown, terminal};
use crate::*;

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
    assert_eq!(codes, [0, 1, 2, 3, 4, 70]);
}

#[test]
fn junit_is_green_only_where_the_run_is() {
    for verdict in Verdict::ALL {
        let mut report = Report::new("0.1.0", "documents-2016");
        let mut implementation = ImplementationReport::new("it", "");
        implementation.count("D01", verdict, 1);
        report.implementations.push(implementation);
        let report = report.finish();
        let xml = junit::junit(&report, None);
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
        let (against, failures) = (vec!["D08".to_owned(), "link".to_owned()], vec![failure]);
        implementation.cases =
            vec![CaseReport { id, against, verdict: Verdict::Diverges, failures, ..CaseReport::default() }];
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
    let told = |from, to, minimal| terminal::shrunk(Shrunk { from, to, minimal, single: false });
    assert_eq!(told(3, 3, false), None);
    assert_eq!(told(3, 3, true).as_deref(), Some("proved minimal: no shorter plan fails"));
    assert_eq!(told(9, 3, false).as_deref(), Some("9 steps became 3"));
    assert_eq!(told(9, 3, true).as_deref(), Some("9 steps became 3; proved minimal: no shorter plan fails"));
    let single = terminal::shrunk(Shrunk { from: 9, to: 3, minimal: false, single: true });
    let told = "9 steps became 3; no single step can be left out, and no value made simpler";
    assert_eq!(single.as_deref(), Some(told));
}

/// Why cases are unsupported is said, and of nothing that there is not.
#[test]
fn what_would_add_scenarios_is_named() {
    let missing = |name: &str, scenarios| Missing { capabilities: vec![name.to_owned()], scenarios };
    let all = |count| (0..count).map(|n| missing(&format!("c{n}"), 10 - n)).collect();
    let told =
        |elsewhere, more, several, total| Decided { decided: 5, of: 50, elsewhere, more, several }.unsupported(total);
    assert_eq!(told(0, Vec::new(), 0, 0), None);
    assert_eq!(told(44, Vec::new(), 0, 44).as_deref(), Some("44 unsupported: 44 written for other profiles"));
    // Written for another profile, and not run: fewer.
    assert_eq!(told(44, Vec::new(), 0, 3).as_deref(), Some("3 unsupported: 3 written for other profiles"));
    assert_eq!(
        told(1, all(8), 1, 31).as_deref(),
        Some(
            "31 unsupported: 1 written for other profiles, 30 for want of capabilities (to their end: `c0` would add 10; `c1` would \
             add 9; `c2` would add 8; `c3` would add 7; `c4` would add 6; `c5` would add 5; others would add 7; 1 needs \
             several others)"
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
            junit::junit(report, None),
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
    assert!(write::files(&unstable, None, &[]).iter().any(|(name, _)| name == "failures/it-generated-vanished.toml"));
    let ending = {
        let (category, text) = ("ending".to_owned(), "it left `sleep 600` behind".to_owned());
        let findings = vec![Finding { category, text, count: 1, incomplete: true, example: None }];
        run(ImplementationReport { findings, ..ImplementationReport::default() })
    };
    assert_eq!((Exit::of(&ending), ending.implementations[0].verdict), (Exit::Incomplete, Verdict::Broken));
    for form in
        [html::page(&ending, None), junit::junit(&ending, None), terminal::render(&ending, Detail::Brief, false)]
    {
        assert!(form.contains("sleep 600"), "{form}");
    }
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
    let error = write::write(&Report::new("0.1.0", "documents-2016"), None, &[], &file)
        .expect_err("a file is no folder")
        .to_string();
    assert!(error.starts_with("cannot write `") && error.contains("taken"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_stays_on_its_line(text in "\\PC{0,20}\n\\PC{0,20}\t\u{1b}\\[31m") {
        let line = one_line(&text);
        prop_assert!(!line.contains(['\n', '\u{1b}']), "{}", line);
    }
}
