//! The table of convicted faults, on a terminal.

use crate::render::text::{counted, cut, grouped, one_line, pad, wrap};
use crate::render::timeline::COLUMNS;
use crate::value::evidence::{FaultReport, FaultTable, UnbrokenRow};
use crate::value::results::Verdict;

use super::paint::{Paint, join};

/// The table of convicted faults.
pub fn faults(table: &FaultTable, colour: bool) -> String {
    let paint = Paint { colour };
    let name = table.faults.iter().map(|fault| fault.name.chars().count()).max().unwrap_or(5).clamp(5, 34);
    let columns = [("suite", 6), ("tour", 6), ("random", 7), ("hidden", 7), ("shrunk", 6), ("shortest", 8)];
    let mut head = format!("  {}", pad("fault", name));
    for (title, width) in columns {
        head.push_str(&format!("  {title:>width$}"));
    }
    head.push_str("  cited");
    let mut lines = vec![paint.bold(&head), paint.dim(&"─".repeat(COLUMNS))];
    for fault in &table.faults {
        let (verdict, symbol) = conviction(fault);
        let mut line = format!(" {}", pad(&cut(&one_line(&fault.name), name), name));
        let steps = [fault.suite, fault.tour, fault.random, fault.hidden, fault.shrunk, fault.shortest];
        for (steps, (_, width)) in steps.iter().zip(columns) {
            let steps = steps.map_or_else(|| "–".to_owned(), grouped);
            line.push_str(&format!("  {steps:>width$}"));
        }
        let cited = match (&fault.cited, &fault.equivalent) {
            (Some(cited), _) if fault.rightly => cited.clone(),
            (Some(cited), _) => format!("{cited} (wrongly)"),
            (None, Some(why)) => format!("equivalent: {why}"),
            (None, None) => "missed".to_owned(),
        };
        let room = COLUMNS.saturating_sub(line.chars().count() + 3);
        lines.push(format!("{}{line}  {}", paint.verdict(verdict, symbol), cut(&one_line(&cited), room)));
    }
    let totals = table.totals;
    lines.push(format!(
        "{}: {} caught ({} by the right rule), {} proved equivalent, {} missed",
        counted(totals.faults, "fault"),
        grouped(totals.caught),
        grouped(totals.rightly),
        grouped(totals.equivalent),
        grouped(totals.missed)
    ));
    lines.extend(by_table(table));
    lines.extend(behind(table).iter().flat_map(|line| wrap(line, COLUMNS)));
    for it in &table.faultless {
        lines.push(format!(
            "{}: accused {} times in {}",
            one_line(&it.name),
            grouped(it.accused),
            counted(it.steps, "step")
        ));
    }
    join(lines)
}

/// How many faults are made of each table of rules, and of which rows none is.
fn by_table(table: &FaultTable) -> Vec<String> {
    if table.tables.is_empty() {
        return Vec::new();
    }
    let line = |name: &str, cells: [String; 6]| {
        let cells: String = cells.iter().map(|cell| format!("{cell:>12}")).collect();
        format!("  {}{cells}", pad(name, 10))
    };
    let titles = ["rows", "proved", "faults", "rightly", "equivalent", "missed"].map(str::to_owned);
    let mut lines = vec![line("table", titles)];
    for it in &table.tables {
        let cells = [it.rows, it.proved, it.faults, it.rightly, it.equivalent, it.missed].map(grouped);
        lines.push(line(&one_line(&it.table), cells));
    }
    lines.extend(without_fault(table).iter().flat_map(|line| wrap(line, COLUMNS)));
    lines
}

/// The rows that no fault is made of, with the reasons, each said once.
pub(crate) fn without_fault(table: &FaultTable) -> Vec<String> {
    let mut lines: Vec<(String, &str)> = Vec::new();
    for UnbrokenRow { row, why } in &table.unbroken {
        match lines.iter_mut().find(|(_, known)| known == why) {
            Some((rows, _)) => *rows = format!("{rows}, {}", one_line(row)),
            None => lines.push((one_line(row), why)),
        }
    }
    lines.into_iter().map(|(rows, why)| format!("no fault is made of {rows}: {}", one_line(why))).collect()
}

/// What stands behind a table of faults, in a few sentences.
pub(crate) fn behind(table: &FaultTable) -> Vec<String> {
    let totals = table.totals;
    let mut lines = Vec::new();
    lines.push(format!("convicted in {}", counted(totals.steps, "step")));
    let shrinking = table.shrinking;
    if shrinking.counterexamples > 0 {
        let confirmed = shrinking.shortest + shrinking.longer;
        lines.push(format!(
            "shrinking: {} of {} are as short as can be ({}); of {} more not every shorter plan was tried",
            grouped(shrinking.shortest),
            counted(confirmed, "counterexample"),
            per_cent(shrinking.shortest, confirmed),
            grouped(shrinking.open)
        ));
    }
    if let Some(portfolio) = &table.portfolio {
        lines.push(format!(
            "portfolio against the best strategy alone, over {}: {} in the middle case, {} at worst ({}, {}); \
             at most three times its steps for {} of {} faults",
            counted(portfolio.seeds, "seed"),
            times(portfolio.median),
            times(portfolio.worst),
            one_line(&portfolio.fault),
            one_line(&portfolio.strategy),
            grouped(portfolio.within),
            grouped(portfolio.faults)
        ));
    }
    lines
}

/// A share in per cent, with one decimal.
fn per_cent(part: u64, of: u64) -> String {
    let per_mille = part * 1000 / of.max(1);
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

/// A ratio given in per cent, as a multiple.
fn times(per_cent: u64) -> String {
    format!("{}.{:02} times", per_cent / 100, per_cent % 100)
}

/// How well a fault was convicted, from the harness's point of view: caught is good.
pub(crate) fn conviction(fault: &FaultReport) -> (Verdict, &'static str) {
    if fault.equivalent.is_some() {
        (Verdict::Unsupported, "≡")
    } else if fault.cited.is_some() && fault.rightly {
        (Verdict::Conforms, "✓")
    } else {
        (Verdict::Diverges, "✗")
    }
}
