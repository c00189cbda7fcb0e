//! What is known to fail: the entries of the baseline, what became of each, and what no entry names.

use maud::{Markup, html};

use super::parts::{anchor, link, verdict};
use crate::render::text::{counted, grouped};
use crate::value::baseline::{BaselineReport, KnownEntry};
use crate::value::report::Report;
use crate::value::results::{Failure, ImplementationReport, Verdict};

/// The most failures of an entry that are linked; the index of failures has them all.
const LINKED: usize = 12;

pub(super) fn known(held: &BaselineReport, report: &Report) -> Markup {
    html! {
        p.lead {
            "The baseline " code { (held.file) } " names failures that are accepted. They are run, counted and shown as ever: "
            b { (grouped(held.known)) } " known, " b { (grouped(held.new.len() as u64)) } " new, "
            (counted(held.entries.len() as u64, "entry")) ", " b { (grouped(held.stale)) } " of them stale."
        }
        @if !held.entries.is_empty() {
            div.scroll tabindex="0" role="group" aria-label="Entries of the baseline" {
                table {
                    thead {
                        tr {
                            th.number scope="col" { "Entry" }
                            th scope="col" { "Names" }
                            th scope="col" { "Why it is accepted" }
                            th scope="col" { "Until" }
                            th scope="col" { "What became of it" }
                        }
                    }
                    tbody { @for it in &held.entries { (entry(it, report)) } }
                }
            }
        }
        @if !held.new.is_empty() {
            h3 { "New: no entry names these" }
            ul { @for place in &held.new { li { (place) } } }
        }
    }
}

fn entry(it: &KnownEntry, report: &Report) -> Markup {
    let entry = &it.entry;
    let named = [&entry.row, &entry.signature, &entry.seed];
    let failures = report.implementations.iter().flat_map(ImplementationReport::failures);
    let failures: Vec<&Failure> = failures.filter(|failure| failure.known == Some(it.number)).collect();
    let class = if it.state.is_stale() { "label broken" } else { "label unsupported" };
    html! {
        tr id=(anchor("known", &it.number.to_string())) {
            th.number scope="row" { (it.number) }
            td {
                (entry.implementation) ": " (entry.case)
                @for name in named.into_iter().flatten() { " " span.chip { (name) } }
            }
            td { (entry.reason) @if let Some(address) = &entry.link { div.why { (outside(address)) } } }
            td { @if let Some(day) = &entry.expires { (day) } }
            td {
                span class=(class) { (it.state.words()) }
                @if let Some(unmatched) = &it.unmatched {
                    div.why {
                        "there is no " (unmatched.what) " " (unmatched.name)
                        @if let Some(nearest) = &unmatched.nearest { "; the nearest is " (nearest) }
                    }
                }
                @if it.state.is_stale() { @for place in &it.places { div.why { (place) } } }
                @for failure in failures.iter().take(LINKED) {
                    div.why { a href=(link("failure", &failure.id)) { (failure.id) } }
                }
                @if failures.len() > LINKED { div.why { "and " (failures.len() - LINKED) " more" } }
            }
        }
    }
}

/// An address that leads out of the page, where it is one that a browser merely opens.
fn outside(address: &str) -> Markup {
    let opened = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme));
    html! { @if opened { a href=(address) rel="noreferrer" { (address) } } @else { (address) } }
}

/// Says of a failure that it is known, by which entry and why.
pub(super) fn mark(held: Option<&BaselineReport>, failure: &Failure) -> Markup {
    let number = failure.known;
    let entry = number.and_then(|number| held?.entry(number));
    html! {
        @if let (Some(number), Some(entry)) = (number, entry) {
            p.warning { "Known, by " a href=(link("known", &number.to_string())) { "entry " (number) } ": " (entry.reason) }
        }
    }
}

/// The verdict on an implementation once what is known is set aside, where that is another.
pub(super) fn aside(it: &ImplementationReport) -> Markup {
    let aside: Option<Verdict> = it.aside.filter(|aside| *aside != it.verdict);
    html! { @if let Some(aside) = aside { p.counts { "With what is known set aside: " (verdict(aside)) } } }
}
