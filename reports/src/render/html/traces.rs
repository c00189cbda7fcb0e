//! What every verdict rests on, from both ends: rows and checks with their documents, scenarios, failures and the faulty
//! implementations that prove that they can fail; statements with the rows, checks and scenarios that rest on them.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::heat;
use super::parts::{anchor, links, verdict};
use crate::render::text::{counted, grouped};
use crate::value::report::{CheckText, FactCoverage, Report, RuleText};
use crate::value::results::{Failure, ImplementationReport};

/// What leads to a row: the scenarios that cover it, and the failures that cite it.
#[derive(Default)]
struct Leading<'r> {
    cases: BTreeSet<&'r str>,
    failures: Vec<&'r str>,
}

/// The rows and checks that a failure cites.
pub(super) fn cited(failure: &Failure) -> BTreeSet<&str> {
    let rules = failure.signature.rule.iter().chain(&failure.expected.rule).map(String::as_str);
    rules.chain([failure.signature.check.as_str()]).collect()
}

fn leading(report: &Report) -> BTreeMap<&str, Leading<'_>> {
    let mut leading: BTreeMap<&str, Leading<'_>> = BTreeMap::new();
    for it in &report.implementations {
        for case in &it.cases {
            for name in &case.covers {
                leading.entry(name).or_default().cases.insert(&case.id);
            }
        }
        for failure in it.failures() {
            for name in cited(failure) {
                leading.entry(name).or_default().failures.push(&failure.id);
            }
        }
    }
    leading
}

pub(super) fn rows(report: &Report) -> Markup {
    let leading = leading(report);
    let of = |names: &[&str]| {
        let mut all = Leading::default();
        for it in names.iter().collect::<BTreeSet<_>>().into_iter().filter_map(|name| leading.get(name)) {
            all.cases.extend(&it.cases);
            all.failures.extend(&it.failures);
        }
        all
    };
    html! {
        p.lead {
            "From each row to the statements and documents behind it, the scenarios that cover it, the failures that cite it, "
            "and the faulty implementations that prove that it can fail."
        }
        div.traces {
            @for rule in &report.rules { (row(report, rule, &of(&[&rule.id, &rule.row]))) }
            @for check in &report.checks { (self::check(report, check, &of(&[&check.id]))) }
        }
        p.nomatch hidden { "No row matches." }
    }
}

fn row(report: &Report, rule: &RuleText, leading: &Leading<'_>) -> Markup {
    html! {
        details.trace id=(anchor("row", &rule.id)) {
            summary { b { (rule.id) } " " (rule.title) @if !rule.open.is_empty() { " " span.chip { "open" } } }
            dl {
                dt { "When" } dd { (rule.trigger) }
                @if !rule.conditions.is_empty() { dt { "If" } dd { (rule.conditions.join(", ")) } }
                dt { "Then" }
                dd {
                    @if rule.decided.is_empty() {
                        "Outlook: " b { (rule.outlook) } "; CRM: " b { (rule.crm) } "; prompt: " b { (rule.prompt) }
                    } @else {
                        (rule.decided)
                    }
                }
                dt { "Certainty" } dd { (rule.certainty) }
                (sources(&rule.sources))
                @if !rule.open.is_empty() { dt { "Open" } dd { ul { @for open in &rule.open { li { (open) } } } } }
                @if let Some(note) = &rule.note { dt { "Note" } dd { (note) } }
                (behind(report, &rule.id, &rule.facts, &rule.faults, leading))
            }
        }
    }
}

fn check(report: &Report, check: &CheckText, leading: &Leading<'_>) -> Markup {
    html! {
        details.trace id=(anchor("row", &check.id)) {
            summary { b { (check.id) } " " (check.title) }
            dl { (sources(&check.sources)) (behind(report, &check.id, &check.facts, &check.faults, leading)) }
        }
    }
}

fn sources(sources: &[String]) -> Markup {
    html! {
        @if !sources.is_empty() {
            dt { "By" } dd { ul { @for source in sources { li { cite { (source) } } } } }
        }
    }
}

fn known<'r>(report: &'r Report, facts: &'r [String]) -> impl Iterator<Item = &'r str> {
    let all = report.facts.iter().flat_map(|facts| &facts.facts).map(|fact| fact.id.as_str());
    let all: BTreeSet<&str> = all.collect();
    facts.iter().map(String::as_str).filter(move |id| all.contains(id))
}

fn behind(report: &Report, id: &str, facts: &[String], faults: &[String], leading: &Leading<'_>) -> Markup {
    let told = |it: &ImplementationReport| it.row(id).map(|row| (row.verdict, heat::told(&row.counts)));
    let said: Vec<_> = report.implementations.iter().filter_map(|it| told(it).map(|told| (it, told))).collect();
    html! {
        @if !facts.is_empty() { dt { "Statements" } dd { (links("fact", known(report, facts))) } }
        @if !leading.cases.is_empty() { dt { "Scenarios" } dd { (links("case", leading.cases.iter().copied())) } }
        @if !faults.is_empty() {
            dt { "Proved by" }
            dd { @for (nth, name) in faults.iter().enumerate() { @if nth > 0 { ", " } code { (name) } } }
        }
        @if !leading.failures.is_empty() { dt { "Failures" } dd { (links("failure", leading.failures.iter().copied())) } }
        @if !said.is_empty() {
            dt { "Decided" }
            dd { ul { @for (it, (is, told)) in &said { li { (verdict(*is)) " " b { (it.name) } ": " (told) } } } }
        }
    }
}

pub(super) fn facts(report: &Report) -> Markup {
    let Some(facts) = &report.facts else { return html! {} };
    let totals = facts.totals;
    let numbers = [
        ("statements", totals.facts),
        ("covered", totals.covered),
        ("not testable", totals.untestable),
        ("not covered", totals.uncovered),
    ];
    html! {
        p.lead { "Every statement of the documents, with the rows and checks that rest on it and the scenarios that cover it." }
        dl.numbers { @for (name, value) in numbers { div { dt { (name) } dd { (grouped(value)) } } } }
        details.fold {
            summary { (counted(totals.facts, "statement")) }
            div.traces { @for fact in &facts.facts { (self::fact(report, fact)) } }
        }
    }
}

fn fact(report: &Report, fact: &FactCoverage) -> Markup {
    let rows = report.rules.iter().filter(|rule| rule.facts.contains(&fact.id));
    let checks = report.checks.iter().filter(|check| check.facts.contains(&fact.id));
    let rows: Vec<(&str, &[String])> = rows
        .map(|rule| (rule.id.as_str(), &rule.faults[..]))
        .chain(checks.map(|check| (check.id.as_str(), &check.faults[..])))
        .collect();
    let faults: BTreeSet<&str> = rows.iter().flat_map(|(_, faults)| *faults).map(String::as_str).collect();
    // Those that this report tells of.
    let ran: BTreeSet<&str> =
        report.implementations.iter().flat_map(|it| &it.cases).map(|case| case.id.as_str()).collect();
    html! {
        details.trace id=(anchor("fact", &fact.id)) {
            summary {
                b { (fact.id) } " " (fact.text) " "
                @if !fact.scenarios.is_empty() { span.label.conforms { "✓ " (counted(fact.scenarios.len() as u64, "scenario")) } }
                @else if fact.reason.is_some() { span.label.unsupported { "– not testable" } }
                @else { span.label.undecided { "? none" } }
            }
            dl {
                (sources(&fact.sources))
                @if let Some(reason) = &fact.reason { dt { "Not tested" } dd { (reason) } }
                @if !rows.is_empty() { dt { "Rows, checks" } dd { (links("row", rows.iter().map(|(id, _)| *id))) } }
                @if !fact.scenarios.is_empty() {
                    dt { "Scenarios" }
                    dd {
                        @for (nth, id) in fact.scenarios.iter().enumerate() {
                            @if nth > 0 { ", " }
                            @if ran.contains(id.as_str()) { (links("case", [id.as_str()])) } @else { code { (id) } }
                        }
                    }
                }
                @if !faults.is_empty() {
                    dt { "Proved by" }
                    dd { @for (nth, name) in faults.iter().enumerate() { @if nth > 0 { ", " } code { (name) } } }
                }
            }
        }
    }
}
