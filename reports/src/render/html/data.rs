//! What the script searches and filters by: a line for everything on the page, also for what is packed.

use serde_json::{Value, json};

use super::cases;
use super::failures::AnyFailure;
use super::parts::anchor;
use crate::value::report::Report;
use crate::value::results::Verdict;

/// For each kind of thing its anchor, who it concerns, and its text.
pub(super) fn index(report: &Report, failures: &[AnyFailure<'_>]) -> Value {
    let implementations: Vec<&str> = report.implementations.iter().map(|it| it.name.as_str()).collect();
    let failures = failures.iter().map(|AnyFailure { implementation, at, failure, unstable }| {
        let text = [
            &failure.id,
            &failure.signature.to_string(),
            &failure.happened,
            &failure.expected.text,
            &failure.seen,
            &failure.expected.documents.join(" "),
            &implementation.name,
        ];
        let cited: Vec<&str> = super::traces::cited(failure).into_iter().collect();
        let verdict = if *unstable { Verdict::Unstable } else { Verdict::Diverges };
        json!([
            anchor("failure", &failure.id),
            failure.id,
            at,
            text.map(String::as_str).join(" "),
            cited,
            verdict.name()
        ])
    });
    let cases = cases::by_id(report);
    let cases = cases.iter().map(|(id, found)| {
        let first = found.iter().flatten().next();
        let title = first.map_or("", |case| case.title.as_str());
        let covers = first.map(|case| &case.covers[..]).unwrap_or_default();
        // A letter for each implementation, and a dash where it did not run it.
        let verdicts: String = found.iter().map(|case| case.map_or("-", |case| letter(case.verdict))).collect();
        json!([anchor("case", id), id, title, covers, verdicts])
    });
    let rows = report.rules.iter().map(|rule| (&rule.id, &rule.row, &rule.title, &rule.sources));
    let checks = report.checks.iter().map(|check| (&check.id, &check.id, &check.title, &check.sources));
    let rows = rows.chain(checks);
    let rows = rows.map(|(id, row, title, sources)| json!([anchor("row", id), id, row, title, sources.join(" ")]));
    let facts = report.facts.iter().flat_map(|facts| &facts.facts);
    let facts = facts.map(|fact| json!([anchor("fact", &fact.id), fact.id, fact.text]));
    json!({
        "implementations": implementations,
        "letters": Verdict::ALL.map(|verdict| [letter(verdict), verdict.name(), verdict.symbol()]),
        "failures": failures.collect::<Vec<_>>(),
        "cases": cases.collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
        "facts": facts.collect::<Vec<_>>(),
    })
}

fn letter(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Conforms => "c",
        Verdict::Diverges => "d",
        Verdict::Unsupported => "u",
        Verdict::Broken => "b",
        Verdict::Unstable => "s",
        Verdict::Undecided => "n",
    }
}
