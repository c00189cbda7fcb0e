//! Many reports in the order of time: a line for each row and check, with its verdict in each report.

use std::collections::{BTreeMap, BTreeSet};

use maud::html;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::forms::page;
use crate::render::markdown::escape;
use crate::render::text::{one_line, pad};
use crate::value::report::{Report, to_json};
use crate::value::results::{Counts, Verdict};

/// What became of each row over several reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// The version of the report's format.
    pub format: u32,
    /// What the reports are called, the earliest first.
    pub reports: Vec<String>,
    /// A line for each row and check in which anything was decided, by implementation, in the order of the tables.
    pub lines: Vec<HistoryLine>,
}

/// A row of an implementation in each report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryLine {
    /// The implementation.
    pub implementation: String,
    /// The row or check.
    pub row: String,
    /// Its verdict in each report; none where the report does not have it.
    pub verdicts: Vec<Option<Verdict>>,
}

/// The history that reports tell, each with the name that it is called by.
pub fn history(reports: &[(String, Report)]) -> History {
    // In the order of the tables of the latest report that has them.
    let mut order: Vec<&str> = Vec::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut names: Vec<&str> = Vec::new();
    let mut counts: BTreeMap<(&str, &str), Vec<Option<Counts>>> = BTreeMap::new();
    for (at, (_, report)) in reports.iter().enumerate().rev() {
        let rows = report.rules.iter().map(|rule| rule.row.as_str());
        for row in rows.chain(report.checks.iter().map(|check| check.id.as_str())) {
            if known.insert(row) {
                order.push(row);
            }
        }
        for it in &report.implementations {
            if !names.contains(&it.name.as_str()) {
                names.push(&it.name);
            }
            for row in &it.rows {
                // The situations of a row are one.
                let id = report.rule(&row.rule).map_or(row.rule.as_str(), |rule| rule.row.as_str());
                if known.insert(id) {
                    order.push(id);
                }
                let cells = counts.entry((&it.name, id)).or_insert_with(|| vec![None; reports.len()]);
                cells[at].get_or_insert_default().merge(row.counts);
            }
        }
    }
    names.sort_unstable();
    let mut lines = Vec::new();
    for name in names {
        for row in &order {
            let Some(cells) = counts.get(&(name, *row)) else { continue };
            if cells.iter().flatten().all(|counts| *counts == Counts::default()) {
                continue;
            }
            let verdicts = cells.iter().map(|cell| cell.map(|counts| counts.verdict())).collect();
            lines.push(HistoryLine { implementation: name.to_owned(), row: (*row).to_owned(), verdicts });
        }
    }
    let reports = reports.iter().map(|(name, _)| name.clone()).collect();
    History { format: crate::FORMAT, reports, lines }
}

fn symbol(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or("·", Verdict::symbol)
}

fn word(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or("absent", Verdict::name)
}

impl History {
    /// The history as JSON.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// The history for a terminal: the reports by number, and a column for each.
    pub fn text(&self) -> String {
        let mut lines: Vec<String> =
            self.reports.iter().zip(1..).map(|(name, at)| format!("{at:>3}  {}", one_line(name))).collect();
        let width = |of: &dyn Fn(&HistoryLine) -> usize| self.lines.iter().map(of).max().unwrap_or(0);
        let names = width(&|it| one_line(&it.implementation).chars().count());
        let rows = width(&|it| one_line(&it.row).chars().count());
        lines.push(String::new());
        for it in &self.lines {
            let cells: String = it.verdicts.iter().map(|verdict| format!(" {}", symbol(*verdict))).collect();
            lines.push(format!(
                "{}  {} {cells}",
                pad(&one_line(&it.implementation), names),
                pad(&one_line(&it.row), rows)
            ));
        }
        let legend: Vec<String> = Verdict::ALL.iter().map(|it| format!("{} {it}", it.symbol())).collect();
        lines.extend([format!("{}  · absent", legend.join("  ")), String::new()]);
        lines.join("\n")
    }

    /// The history as Markdown.
    pub fn markdown(&self) -> String {
        let heads: String = self.reports.iter().map(|name| format!(" {} |", escape(name))).collect();
        let mut out = format!("## History of {} reports\n\n| Implementation | Row |{heads}\n", self.reports.len());
        out.push_str(&format!("|---|---|{}\n", "---|".repeat(self.reports.len())));
        for it in &self.lines {
            let cells: String = it.verdicts.iter().map(|verdict| format!(" {} |", symbol(*verdict))).collect();
            out.push_str(&format!("| {} | {} |{cells}\n", escape(&it.implementation), escape(&it.row)));
        }
        out
    }

    /// The history as a page, whole in itself.
    pub fn html(&self) -> String {
        page(
            "History of reports",
            &html! {
                div role="region" aria-label="Rows" tabindex="0" { table {
                    caption { "A line for each row, the earliest report first" }
                    thead { tr {
                        th scope="col" { "Implementation" }
                        th scope="col" { "Row" }
                        @for name in &self.reports { th scope="col" { (one_line(name)) } }
                    } }
                    tbody { @for it in &self.lines { tr {
                        td { (one_line(&it.implementation)) }
                        th scope="row" { (one_line(&it.row)) }
                        @for verdict in &it.verdicts { td { (symbol(*verdict)) " " (word(*verdict)) } }
                    } } }
                } }
            },
        )
    }
}
