//! Every table of rules as a heat map: a line for each row, a column for each implementation.

use maud::{Markup, html};

use super::parts::{anchor, link, verdict};
use crate::render::text::grouped;
use crate::value::report::{Report, RuleText};
use crate::value::results::{Counts, ImplementationReport, RowReport, Verdict};

/// More implementations than these have their names written upwards.
const ACROSS: usize = 4;

/// Rows of a table that speak of the same kinds of items, with the names of those.
type KindRows<'r> = (String, Vec<&'r RuleText>);

pub(super) fn tables(report: &Report) -> Markup {
    // The tables in their order; a heading wherever the kind of item changes that the rows speak of.
    let mut tables: Vec<(&str, Vec<KindRows<'_>>)> = Vec::new();
    for rule in &report.rules {
        if tables.last().is_none_or(|(table, _)| *table != rule.table) {
            tables.push((&rule.table, Vec::new()));
        }
        let Some((_, groups)) = tables.last_mut() else { continue };
        let kinds = rule.kinds.join(", ");
        match groups.last_mut() {
            Some((last, rules)) if *last == kinds => rules.push(rule),
            Some(_) | None => groups.push((kinds, vec![rule])),
        }
    }
    html! {
        p.lead {
            "A line for each row of the documents, a column for each implementation: how often the row was decided, and how. "
            "The stronger the colour, the oftener. Each cell leads to its scenarios and failures."
        }
        p.legend { @for it in Verdict::ALL { (verdict(it)) " " } }
        @for (table, groups) in &tables {
            @let title = report.table(table).map_or(*table, |table| &table.title);
            @let name = if table.is_empty() { "Rows" } else { table };
            (heat(report, name, title, &html! {
                @for (kinds, rules) in groups {
                    tbody {
                        @if !kinds.is_empty() {
                            tr.group { th scope="rowgroup" { (kinds) } td colspan=(report.implementations.len()) {} }
                        }
                        @for rule in rules { (line(report, &rule.id, &rule.title)) }
                    }
                }
            }))
        }
        @if !report.checks.is_empty() {
            (heat(report, "checks", "beyond the tables", &html! {
                tbody { @for check in &report.checks { (line(report, &check.id, &check.title)) } }
            }))
        }
        p.nomatch hidden { "No row matches." }
    }
}

fn heat(report: &Report, name: &str, title: &str, body: &Markup) -> Markup {
    let upwards = report.implementations.len() > ACROSS;
    html! {
        div.heatbox {
            table.heat.rove.upwards[upwards] {
                caption { b { (name) } @if !title.is_empty() && name != title { ": " (title) } }
                thead {
                    tr {
                        th scope="col" { "Row" }
                        @for it in &report.implementations { th.who scope="col" { span { (it.name) } } }
                    }
                }
                (body)
            }
        }
    }
}

fn line(report: &Report, id: &str, title: &str) -> Markup {
    let verdicts: Vec<&str> =
        report.implementations.iter().map(|it| it.row(id).map_or("", |row| row.verdict.name())).collect();
    html! {
        tr.row data-row=(id) data-anchor=(anchor("row", id)) data-verdicts=(verdicts.join(" ")) {
            th scope="row" { a href=(link("row", id)) { (id) } " " span { (title) } }
            @for it in &report.implementations { (cell(it, id)) }
        }
    }
}

/// How strong the colour is of a row that was decided so often: a step for each power of ten.
fn strength(times: u64) -> u32 {
    times.checked_ilog10().map_or(0, |power| (power + 1).min(4))
}

/// A count in three characters or four.
fn short(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{}k", count / 1_000),
        _ => format!("{}M", count / 1_000_000),
    }
}

/// The count that goes with a verdict.
fn telling(row: &RowReport) -> u64 {
    if row.verdict == Verdict::Conforms { row.counts.decided } else { row.counts.of(row.verdict) }
}

pub(super) fn told(counts: &Counts) -> String {
    let parts = Verdict::ALL.into_iter().filter(|verdict| counts.of(*verdict) > 0);
    let parts: Vec<String> = parts.map(|verdict| format!("{} {verdict}", grouped(counts.of(verdict)))).collect();
    if parts.is_empty() { "never decided".to_owned() } else { parts.join(", ") }
}

fn cell(it: &ImplementationReport, id: &str) -> Markup {
    let Some(row) = it.row(id) else { return html! { td.none {} } };
    let count = telling(row);
    let said = told(&row.counts);
    html! {
        td class={ (row.verdict.name()) " h" (strength(count)) } title={ (it.name) ": " (said) } {
            a href=(link("row", id)) {
                span aria-hidden="true" { (row.verdict.symbol()) @if count > 0 { " " (short(count)) } }
                span.said { (said) }
            }
        }
    }
}
