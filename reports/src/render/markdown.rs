//! The report as Markdown, short enough for the summary of a CI job.

use std::fmt::Write as _;

use tombstone_model::harmless::harmless;

use crate::render::causes::{self, without_cause};
use crate::render::known;
use crate::render::terminal::{behind, conviction, expected, shrunk, tally, totals};
use crate::render::text::{counted, grouped, one_line};
use crate::render::timeline;
use crate::value::report::{Report, RuleText};
use crate::value::reproduced::Unstable;
use crate::value::results::{Failure, ImplementationReport, Verdict};

/// The most failures that are told in full for each implementation; a CI summary has a limit, the HTML page none.
const FAILURES: usize = 20;

/// The report as Markdown.
pub fn markdown(report: &Report) -> String {
    let mut out = String::new();
    let title = if report.title.is_empty() { "Conformance of Outlook–CRM synchronization" } else { &report.title };
    line(&mut out, &format!("## {}\n", escape(title)));
    if let Some(interruption) = &report.interrupted {
        line(&mut out, &format!("**{}**\n", escape(&interruption.to_string())));
    }
    if !report.implementations.is_empty() {
        line(&mut out, "| Implementation | Verdict | What was run |\n|---|---|---|");
        for it in &report.implementations {
            let name = escape(&format!("{} {}", it.name, it.version));
            let reason = if it.reason.is_empty() { String::new() } else { format!(" — {}", escape(&it.reason)) };
            let why = it.unsupported().map(|why| format!("; {}", escape(&why))).unwrap_or_default();
            line(
                &mut out,
                &format!(
                    "| {} | {} **{}**{reason} | {}{why} |",
                    name.trim(),
                    it.verdict.symbol(),
                    it.verdict,
                    totals(it)
                ),
            );
        }
        line(&mut out, "");
    }
    if let Some(held) = &report.baseline {
        for told in known::lines(held) {
            line(&mut out, &format!("- {}", escape(&told)));
        }
        line(&mut out, "");
    }
    for implementation in &report.implementations {
        failures(&mut out, implementation);
        unstable(&mut out, implementation);
    }
    if !report.rules.is_empty() {
        let heading = if report.implementations.is_empty() { "The deletion table" } else { "Rule by rule" };
        line(&mut out, &format!("<details><summary>{heading}</summary>\n"));
        out.push_str(&table(report));
        line(&mut out, "\n</details>\n");
    }
    faults(&mut out, report);
    let seed = report.seed.as_ref().map(|seed| format!(" · seed `{seed}`")).unwrap_or_default();
    line(&mut out, &format!("Tombstone {} · profile `{}`{seed}", escape(&report.tombstone), escape(&report.profile)));
    harmless(&out).into_owned()
}

/// The deletion table as Markdown, with a verdict in each row for each implementation.
pub fn table(report: &Report) -> String {
    let mut out = String::from("| Row | What happens | Outlook | CRM | Prompt | Certainty | Open |");
    for implementation in &report.implementations {
        out.push_str(&format!(" {} |", escape(&implementation.name)));
    }
    out.push_str("\n|---|---|---|---|---|---|---|");
    out.push_str(&"---|".repeat(report.implementations.len()));
    out.push('\n');
    let rules = report.rules.iter().map(|rule| (&rule.id, cells(&rule.row, rule)));
    let checks = report.checks.iter().filter(|_| !report.implementations.is_empty()).map(|check| {
        let empty = || std::iter::repeat_n(String::new(), 5);
        (&check.id, [escape(&check.id), escape(&check.title)].into_iter().chain(empty()).collect())
    });
    for (id, cells) in rules.chain(checks) {
        out.push_str(&format!("| {} |", cells.join(" | ")));
        for implementation in &report.implementations {
            out.push_str(&format!(" {} |", implementation.row(id).map_or_else(String::new, tally)));
        }
        out.push('\n');
    }
    out
}

/// The rows in which two profiles differ, the first's and the second's, as Markdown.
pub fn differences((ours, theirs): (&str, &str), rows: &[(RuleText, RuleText)]) -> String {
    let mut out = String::from("| Profile | Row | What happens | Outlook | CRM | Prompt | Certainty | Open |\n");
    out.push_str("|---|---|---|---|---|---|---|---|\n");
    for (a, b) in rows {
        for (name, rule) in [(ours, a), (theirs, b)] {
            out.push_str(&format!("| {} | {} |\n", escape(name), cells(&rule.id, rule).join(" | ")));
        }
    }
    out
}

fn cells(id: &str, rule: &RuleText) -> Vec<String> {
    let certainty: String = rule.certainty.chars().take(1).collect();
    let open = rule.open.join("; ");
    [id, &rule.title, &rule.outlook, &rule.crm, &rule.prompt, &certainty, &open].map(escape).to_vec()
}

fn failures(out: &mut String, implementation: &ImplementationReport) {
    let all: Vec<&Failure> = implementation.failures().collect();
    if all.is_empty() {
        return;
    }
    line(out, &format!("### {} {}\n", Verdict::Diverges.symbol(), escape(&implementation.name)));
    for it in &implementation.causes {
        line(out, &format!("{}. {}", it.number, escape(&causes::told(it))));
    }
    let without = without_cause(implementation);
    if let Some(without) = &without {
        line(out, &format!("- {}", escape(without)));
    }
    if !implementation.causes.is_empty() || without.is_some() {
        line(out, "");
    }
    for failure in all.iter().take(FAILURES) {
        line(out, &format!("<details><summary><code>{}</code></summary>\n", html(&failure.id)));
        if let Some(cause) = failure.cause {
            line(out, &format!("- **Cause:** {cause}"));
        }
        if let Some(entry) = failure.known {
            line(out, &format!("- **Known:** by entry {entry} of the baseline"));
        }
        line(out, &format!("- **Happened:** {}", escape(&failure.happened)));
        line(out, &format!("- **Expected:** {}", escape(&expected(failure))));
        line(out, &format!("- **Seen:** {}", escape(&failure.seen)));
        line(out, &format!("- **Replay:** {}", code(&failure.replay)));
        if let Some(unshrunk) = &failure.unshrunk {
            line(out, &format!("- **Unshrunk:** {}", code(unshrunk)));
        }
        if let Some(shrunk) = failure.shrunk.and_then(shrunk) {
            line(out, &format!("- **Shrunk:** {shrunk}"));
        }
        line(out, "");
        if let Some(picture) = &failure.timeline {
            fence(out, "text", &timeline::text(picture));
        }
        if !failure.scenario.is_empty() {
            fence(out, "toml", &failure.scenario);
        }
        for witness in &failure.witnesses {
            line(out, &format!("**{}**\n", escape(&witness.run)));
            line(out, &format!("- **Happened:** {}", escape(&witness.happened)));
            line(out, &format!("- **Needs:** {}", escape(&witness.leaves.join(" or "))));
            line(out, &format!("- **Excludes:** {}", escape(&witness.excludes.join(", "))));
            line(out, &format!("- **Replay:** {}\n", code(&witness.replay)));
            if let Some(picture) = &witness.timeline {
                fence(out, "text", &timeline::text(picture));
            }
            fence(out, "toml", &witness.scenario);
        }
        line(out, "</details>\n");
    }
    if all.len() > FAILURES {
        line(out, &format!("The report tells {} failures; the first {FAILURES} are shown here.\n", all.len()));
    }
}

/// What was seen, and not again.
fn unstable(out: &mut String, implementation: &ImplementationReport) {
    if implementation.unstable.is_empty() {
        return;
    }
    line(out, &format!("### {} {}: unstable\n", Verdict::Unstable.symbol(), escape(&implementation.name)));
    for Unstable { failure, again, .. } in implementation.unstable.iter().take(FAILURES) {
        line(out, &format!("- {}: {again}; {}", escape(&failure.id), code(&failure.replay)));
    }
    line(out, "");
}

fn faults(out: &mut String, report: &Report) {
    let Some(table) = &report.faults else { return };
    let totals = table.totals;
    line(
        out,
        &format!(
            "### Faults\n\n{}: {} caught ({} by the right rule), {} proved equivalent, {} missed.\n",
            counted(totals.faults, "fault"),
            grouped(totals.caught),
            grouped(totals.rightly),
            grouped(totals.equivalent),
            grouped(totals.missed)
        ),
    );
    for sentence in behind(table) {
        line(out, &format!("{sentence}.\n"));
    }
    line(out, "| | Fault | What is wrong | Suite | Tour | Random | Hidden | Shrunk | Shortest | Cited |");
    line(out, "|---|---|---|--:|--:|--:|--:|--:|--:|---|");
    for fault in &table.faults {
        let number = |steps: Option<u64>| steps.map_or_else(|| "–".to_owned(), grouped);
        let cited = fault.cited.as_deref().or(fault.equivalent.as_deref()).unwrap_or("missed");
        line(
            out,
            &format!(
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                conviction(fault).1,
                escape(&fault.name),
                escape(&fault.wrong),
                number(fault.suite),
                number(fault.tour),
                number(fault.random),
                number(fault.hidden),
                number(fault.shrunk),
                number(fault.shortest),
                escape(cited)
            ),
        );
    }
    line(out, "");
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// Text that Markdown takes for nothing but text.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in one_line(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

fn html(text: &str) -> String {
    maud::html! { (one_line(text)) }.into_string()
}

/// A command, with as many backticks around it as it needs.
fn code(text: &str) -> String {
    let text = one_line(text);
    let ticks = "`".repeat(longest_run(&text) + 1);
    if text.contains('`') { format!("{ticks} {text} {ticks}") } else { format!("{ticks}{text}{ticks}") }
}

fn fence(out: &mut String, language: &str, text: &str) {
    let ticks = "`".repeat((longest_run(text) + 1).max(3));
    // Writing to a string does not fail.
    let _ = write!(out, "{ticks}{language}\n{}\n{ticks}\n\n", text.trim_end());
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
