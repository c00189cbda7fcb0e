//! The forms of a comparison: text, Markdown, JSON, HTML.

use maud::{DOCTYPE, Markup, html};

use super::{ChangeTotals, Comparison, ReportChange};
use crate::render::markdown::escape;
use crate::render::text::{one_line, pad};
use crate::value::report::to_json;
use crate::value::results::Verdict;

/// How a page of comparisons looks: by the reader's own colours, and nothing from elsewhere.
pub(super) const STYLE: &str = "\
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}\
table{border-collapse:collapse;width:100%}caption{text-align:left;padding:.4rem 0}th,td{text-align:left;vertical-align:top;\
padding:.3rem .6rem;border-bottom:1px solid #8886;overflow-wrap:anywhere}thead th{position:sticky;top:0;background:Canvas}\
div{overflow-x:auto}";

impl Comparison {
    /// The comparison as JSON.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// The comparison for a terminal.
    pub fn text(&self) -> String {
        let mut lines: Vec<String> =
            self.caveats.iter().map(|caveat| format!("note: {}", one_line(&caveat.to_string()))).collect();
        for change in &self.changes {
            let line = format!("{}  {}", pad(change.kind.name(), 17), one_line(&change.words()));
            lines.push(line);
        }
        lines.push(self.sentence());
        lines.push(String::new());
        lines.join("\n")
    }

    /// The comparison as Markdown.
    pub fn markdown(&self) -> String {
        let mut lines = vec!["## Comparison of two reports".to_owned(), String::new()];
        lines.extend(self.caveats.iter().map(|caveat| format!("> {}\n", escape(&caveat.to_string()))));
        if !self.changes.is_empty() {
            lines
                .push("| Change | Implementation | Subject | Before | After | |\n|---|---|---|---|---|---|".to_owned());
        }
        for change in &self.changes {
            lines.push(format!(
                "| {} | {} | {} | {} | {} | {} |",
                change.kind.name(),
                escape(&change.implementation),
                escape(&change.subject.to_string()),
                mark(change.before),
                mark(change.after),
                escape(&change.note)
            ));
        }
        lines.extend([String::new(), self.sentence(), String::new()]);
        lines.join("\n")
    }

    /// The comparison as a page, whole in itself.
    pub fn html(&self) -> String {
        page(
            "Comparison of two reports",
            &html! {
                @for caveat in &self.caveats { p { strong { "Note: " } (one_line(&caveat.to_string())) } }
                p { (self.sentence()) }
                @if !self.changes.is_empty() {
                    div role="region" aria-label="Changes" tabindex="0" { table {
                        caption { "What changed, the most urgent first" }
                        thead { tr {
                            @for head in ["Change", "Implementation", "Subject", "Before", "After", "More"] {
                                th scope="col" { (head) }
                            }
                        } }
                        tbody { @for it in &self.changes { tr {
                            th scope="row" { (it.kind.name()) }
                            td { (one_line(&it.implementation)) }
                            td { (one_line(&it.subject.to_string())) }
                            td { (mark(it.before)) }
                            td { (mark(it.after)) }
                            td { (one_line(&it.note)) }
                        } } }
                    } }
                }
            },
        )
    }

    fn sentence(&self) -> String {
        let ChangeTotals { regressions, signatures, lost, new, fixes, renamed, readings, slower, others, unchanged } =
            self.totals;
        format!(
            "regressions: {regressions}, signatures changed: {signatures}, lost: {lost}, new: {new}, fixes: {fixes}, \
             renamed: {renamed}, readings changed: {readings}, slower: {slower}, other changes: {others}, unchanged: \
             {unchanged}"
        )
    }
}

/// A page with that title and body.
pub(super) fn page(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Tombstone" }
                style { (maud::PreEscaped(STYLE)) }
            }
            body { main { h1 { (title) } (body) } }
        }
    };
    format!("{}\n", page.into_string())
}

impl ReportChange {
    fn words(&self) -> String {
        let whose = if self.implementation.is_empty() { String::new() } else { format!("{}: ", self.implementation) };
        let note = if self.note.is_empty() { String::new() } else { format!(" ({})", self.note) };
        match (self.before, self.after) {
            (None, None) => format!("{whose}{}{note}", self.subject),
            (before, after) => format!("{whose}{}: {} → {}{note}", self.subject, mark(before), mark(after)),
        }
    }
}

fn mark(verdict: Option<Verdict>) -> String {
    verdict.map_or_else(|| "absent".to_owned(), |verdict| format!("{} {verdict}", verdict.symbol()))
}
