//! Every scenario that any implementation ran, with a verdict for each.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::pack;
use super::parts::{anchor, link, symbol, verdict};
use crate::render::text::{counted, grouped};
use crate::value::report::Report;
use crate::value::results::CaseReport;

/// The most scenarios that stand on the page itself; the others are packed.
const SHOWN: usize = 300;
/// How many go into a pack.
const PACK: usize = 500;

/// What the implementations made of each scenario, in the order of the ids.
pub(super) fn by_id(report: &Report) -> BTreeMap<&str, Vec<Option<&CaseReport>>> {
    let mut cases: BTreeMap<&str, Vec<Option<&CaseReport>>> = BTreeMap::new();
    for (at, it) in report.implementations.iter().enumerate() {
        for case in &it.cases {
            cases.entry(&case.id).or_insert_with(|| vec![None; report.implementations.len()])[at] = Some(case);
        }
    }
    cases
}

pub(super) fn cases(report: &Report) -> Markup {
    let cases = by_id(report);
    let lines: Vec<Markup> = cases.iter().map(|(id, found)| line(report, id, found)).collect();
    let (shown, packed) = lines.split_at(lines.len().min(SHOWN));
    html! {
        details.fold #cases {
            summary { (counted(cases.len() as u64, "scenario")) }
            @if !packed.is_empty() {
                noscript { p.soft { "The first " (grouped(shown.len() as u64)) " of them; the others are in report.json." } }
            }
            div.scroll.tall {
                table.cases {
                    caption.said { "Scenarios" }
                    thead {
                        tr {
                            th scope="col" { "Scenario" }
                            th scope="col" { "Covers" }
                            @for it in &report.implementations { th scope="col" { (it.name) } }
                            th scope="col" { "Why" }
                        }
                    }
                    tbody { @for line in shown { (line) } }
                }
            }
            p.more hidden { button type="button" { "Show more" } " " span role="status" {} }
        }
        (pack::pieces("cases", shown.len(), PACK, packed))
    }
}

fn line(report: &Report, id: &str, found: &[Option<&CaseReport>]) -> Markup {
    let first = found.iter().flatten().next();
    // The reasons, each once, with whom it is of.
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for (it, case) in report.implementations.iter().zip(found) {
        let Some(case) = case.filter(|case| !case.reason.is_empty()) else { continue };
        match reasons.iter_mut().find(|(reason, _)| *reason == case.reason) {
            Some((_, names)) => names.push(&it.name),
            None => reasons.push((&case.reason, vec![&it.name])),
        }
    }
    let few = report.implementations.len() <= 3;
    html! {
        tr id=(anchor("case", id)) {
            th scope="row" {
                @if let Some(case) = first { span.check { (case.title) } " " }
                code { (id) }
            }
            td { @if let Some(case) = first { (covers(report, case)) } }
            @for case in found {
                td {
                    @if let Some(case) = case {
                        @let label = if few { verdict(case.verdict) } else {
                            html! { span class={ "label " (case.verdict.name()) } { (symbol(case.verdict)) } }
                        };
                        @match case.failures.first() {
                            Some(failure) => a href=(link("failure", &failure.id)) { (label) },
                            None => (label),
                        }
                        @if let Some(steps) = case.steps.filter(|_| few) { div.why { (counted(steps, "step")) } }
                    }
                }
            }
            td.why {
                @for (reason, names) in &reasons {
                    div { @if report.implementations.len() > 1 { b { (names.join(", ")) } ": " } (reason) }
                }
            }
        }
    }
}

fn covers(report: &Report, case: &CaseReport) -> Markup {
    html! {
        @for (nth, name) in case.covers.iter().enumerate() {
            @if nth > 0 { ", " }
            @match place(report, name) { Some(link) => a href=(link) { (name) }, None => (name) }
        }
    }
}

/// Where what is covered stands: a row by its id or its place in the table, a check, a statement.
fn place(report: &Report, name: &str) -> Option<String> {
    let rule =
        report.rules.iter().find(|rule| rule.id == name).or_else(|| report.rules.iter().find(|it| it.row == name));
    if let Some(rule) = rule {
        return Some(link("row", &rule.id));
    }
    if report.checks.iter().any(|check| check.id == name) {
        return Some(link("row", name));
    }
    let facts = report.facts.as_ref()?;
    facts.facts.iter().any(|fact| fact.id == name).then(|| link("fact", name))
}
