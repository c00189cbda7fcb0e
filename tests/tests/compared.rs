//! Reports side by side: evidence that vanishes is no progress.

use tombstone_reports::render::compare::{CaveatKind, ChangeKind, ComparedSubject, Tolerance, compare, history};
use tombstone_reports::value::timings::{ImplementationTiming, Timings};
use tombstone_reports::{
    Campaign, CaseReport, CheckText, Exit, FactCoverage, Facts, Failure, ImplementationReport, Inference, Interruption,
    Report, Signature, SwitchInference, Verdict,
};

fn case(id: &str, verdict: Verdict, check: &str) -> CaseReport {
    let signature = Signature { check: check.to_owned(), rule: None };
    let failures = if check.is_empty() { Vec::new() } else { vec![Failure { signature, ..Failure::default() }] };
    CaseReport { id: id.to_owned(), verdict, failures, ..CaseReport::default() }
}

/// A report on two implementations, in which everything occurs that can change.
fn report() -> Report {
    let mut report = Report::new("1", "p");
    (report.rules_digest, report.suite_digest) = ("r".to_owned(), "s".to_owned());
    report.checks = ["lost", "doubled"]
        .map(|id| CheckText { id: id.to_owned(), title: id.to_owned(), ..CheckText::default() })
        .to_vec();
    let fact = FactCoverage { id: "F001".to_owned(), scenarios: vec!["one".to_owned()], ..FactCoverage::default() };
    report.facts = Some(Facts { facts: vec![fact], ..Facts::default() });
    for name in ["a", "b"] {
        let mut it = ImplementationReport::new(name, "1");
        it.cases = vec![case("one", Verdict::Conforms, ""), case("two", Verdict::Diverges, "lost")];
        it.campaign = Some(Campaign { plans: 10, ..Campaign::default() });
        let follows = vec!["yes".to_owned()];
        let switch = SwitchInference { id: "X-01".to_owned(), follows, ..SwitchInference::default() };
        it.readings = Some(Inference { switches: vec![switch], ..Inference::default() });
        report.implementations.push(it);
    }
    report.finish()
}

/// What changes, of which kind and how it ends: without anything said, and with everything accepted.
#[test]
fn what_vanishes_is_a_regression_and_what_differs_is_said() {
    type Edit = fn(&mut Report);
    let edits: [(Edit, ChangeKind, [Exit; 2]); 9] = [
        (|it| it.implementations.truncate(1), ChangeKind::Lost, [Exit::Diverges, Exit::Conforms]),
        (|it| drop(it.implementations[0].cases.remove(0)), ChangeKind::Lost, [Exit::Diverges, Exit::Conforms]),
        // A failure that is no longer looked at is not mended.
        (|it| drop(it.implementations[0].cases.remove(1)), ChangeKind::Lost, [Exit::Diverges, Exit::Conforms]),
        (
            |it| it.implementations[0].cases[1] = case("two", Verdict::Unsupported, ""),
            ChangeKind::Lost,
            [Exit::Diverges, Exit::Conforms],
        ),
        (|it| it.facts = None, ChangeKind::Lost, [Exit::Diverges, Exit::Conforms]),
        (|it| it.implementations[0].campaign = None, ChangeKind::Lost, [Exit::Diverges, Exit::Conforms]),
        (
            |it| it.implementations[0].cases[0] = case("one", Verdict::Diverges, "lost"),
            ChangeKind::Regression,
            [Exit::Diverges; 2],
        ),
        (
            |it| it.implementations[0].cases[1] = case("two", Verdict::Diverges, "doubled"),
            ChangeKind::SignatureChanged,
            [Exit::Diverges; 2],
        ),
        (
            |it| it.implementations[0].readings.as_mut().expect("readings").switches[0].follows.clear(),
            ChangeKind::ReadingsChanged,
            [Exit::Conforms; 2],
        ),
    ];
    let before = report();
    for (edit, kind, exits) in edits {
        let mut after = before.clone();
        edit(&mut after);
        let after = after.finish();
        let comparison = compare(&before, &after, None);
        assert!(comparison.changes.iter().any(|change| change.kind == kind), "{kind:?}: {}", comparison.text());
        let all = Tolerance { lost: true, others: Vec::new() };
        let ends = [Tolerance::default(), all].map(|tolerance| comparison.exit(&tolerance));
        assert_eq!(ends, exits, "{kind:?}: {}", comparison.text());
        let forms = [comparison.text(), comparison.markdown(), comparison.html(), comparison.to_json()];
        assert!(forms.iter().all(|form| !form.is_empty() && form.ends_with('\n')));
    }
    let fixed = compare(
        &report(),
        &{
            let mut after = report();
            after.implementations[0].cases[1] = case("two", Verdict::Conforms, "");
            after.finish()
        },
        None,
    );
    assert!(fixed.totals.fixes > 0 && fixed.exit(&Tolerance::default()) == Exit::Conforms, "{}", fixed.text());

    type Change = fn(&mut Report);
    let others: [(Change, CaveatKind); 5] = [
        (|it| it.profile = "q".to_owned(), CaveatKind::Profile),
        (|it| it.rules_digest = "q".to_owned(), CaveatKind::Rules),
        (|it| it.suite_digest = "q".to_owned(), CaveatKind::Suite),
        (|it| it.tombstone = "2".to_owned(), CaveatKind::Version),
        (|it| it.interrupted = Some(Interruption::default()), CaveatKind::Interrupted),
    ];
    for (edit, kind) in others {
        let mut after = before.clone();
        edit(&mut after);
        let comparison = compare(&before, &after, None);
        assert!(comparison.changes.is_empty() && comparison.caveats.iter().any(|it| it.what == kind), "{kind:?}");
        assert_eq!(comparison.exit(&Tolerance::default()), Exit::Incomplete, "{kind:?}");
        let allowed = Tolerance { others: vec![kind], ..Tolerance::default() };
        assert_eq!(comparison.exit(&allowed), Exit::Conforms, "{kind:?}");
    }
}

#[test]
fn a_scenario_that_was_renamed_is_the_same() {
    let before = report();
    let mut after = before.clone();
    let renamed = &mut after.implementations[0].cases[1];
    (renamed.id, renamed.aliases) = ("zwei".to_owned(), vec!["two".to_owned()]);
    let comparison = compare(&before, &after.finish(), None);
    let [change] = &comparison.changes[..] else { panic!("{}", comparison.text()) };
    assert_eq!((change.kind, &change.subject), (ChangeKind::Renamed, &ComparedSubject::Case("zwei".to_owned())));
    assert!(change.note.contains("it was two"));
    assert_eq!(comparison.exit(&Tolerance::default()), Exit::Conforms);
}

#[test]
fn what_takes_half_as_long_again_is_slower() {
    let took = |milliseconds| Timings {
        implementations: vec![ImplementationTiming {
            name: "a".to_owned(),
            milliseconds,
            ..ImplementationTiming::default()
        }],
        ..Timings::default()
    };
    let slower = |before, after| compare(&report(), &report(), Some((&took(before), &took(after)))).totals.slower;
    assert_eq!([slower(2000, 3000), slower(2000, 2999), slower(10, 900), slower(3000, 2000)], [1, 0, 0, 0]);
}

#[test]
fn many_reports_have_a_line_for_each_row() {
    let mut later = report();
    later.implementations[0].cases[0] = case("one", Verdict::Diverges, "lost");
    later.implementations.truncate(1);
    let row = later.implementations[0].rows.iter_mut().find(|row| row.rule == "lost").expect("a row");
    row.counts.add(Verdict::Conforms, 1);
    let reports = [("one", report()), ("two", later.finish()), ("three", report())];
    let history = history(&reports.map(|(name, report)| (name.to_owned(), report)));
    assert_eq!(history.reports, ["one", "two", "three"]);
    let lost = history.lines.iter().find(|it| it.implementation == "a" && it.row == "lost").expect("a line");
    assert_eq!(lost.verdicts[1], Some(Verdict::Conforms));
    assert_eq!(lost.verdicts.len(), 3);
    for form in [history.text(), history.markdown(), history.html(), history.to_json()] {
        assert!(form.contains("three") && form.contains("lost"), "{form}");
    }
}
