//! Failures, each as four facts and a picture; and the table of scenarios.

use maud::{Markup, html};

use super::parts::{copyable, verdict};
use crate::render::causes::without_cause;
use crate::render::terminal::shrunk;
use crate::render::text::{counted, grouped};
use crate::render::timeline;
use crate::value::report::Report;
use crate::value::results::{CaseReport, Failure, ImplementationReport, Witness};

/// Where the failure of an implementation stands on the page.
pub(super) fn anchor(implementation: usize, failure: usize) -> String {
    format!("failure-{implementation}-{failure}")
}

pub(super) fn failures(report: &Report) -> Markup {
    html! {
        @for (at, it) in report.implementations.iter().enumerate() {
            @if it.failures().next().is_some() {
                h3 id={ "failures-" (at) } { (it.name) " " small { (it.version) } }
                (causes(it, at))
                @for (nth, each) in it.failures().enumerate() { (failure(report, each, &anchor(at, nth))) }
            }
            @if !it.unstable.is_empty() {
                h3 { (it.name) ": unstable" }
                p { "Seen, and not again in a fresh start of the program: held against no rule." }
                @for (nth, each) in it.unstable.iter().enumerate() {
                    (failure(report, &each.failure, &format!("unstable-{at}-{nth}")))
                }
            }
        }
    }
}

/// What stands behind the failures of an implementation, each with the failure that shows it.
fn causes(it: &ImplementationReport, at: usize) -> Markup {
    html! {
        @if !it.causes.is_empty() {
            div.scroll tabindex="0" role="region" aria-label={ "Causes of the failures of " (it.name) } {
                table {
                    caption {
                        "Causes: failures of the same number have the same one"
                        @if let Some(without) = without_cause(it) { "; " (without) }
                    }
                    thead {
                        tr {
                            th.number scope="col" { "Cause" }
                            th scope="col" { "What fails" }
                            th scope="col" { "Kinds" }
                            th scope="col" { "Shows itself as" }
                            th.number scope="col" { "Scenarios" }
                            th.number scope="col" { "Plans" }
                            th.number scope="col" { "More, once other causes are taken out" }
                        }
                    }
                    tbody {
                        @for cause in &it.causes {
                            @let shown = it.failures().position(|failure| failure.cause == Some(cause.number));
                            tr {
                                th.number scope="row" {
                                    @match shown {
                                        Some(nth) => a href={ "#" (anchor(at, nth)) } { (cause.number) },
                                        None => (cause.number),
                                    }
                                }
                                td {
                                    ol { @for step in &cause.does { li { (step) } } }
                                    @for circumstance in &cause.circumstances { span.chip { (circumstance) } " " }
                                }
                                td { (cause.kinds.join(", ")) }
                                td { @for sort in &cause.sorts { span.chip { (sort.signature) " " b { (grouped(sort.times)) } } " " } }
                                td.number { (grouped(cause.scenarios)) }
                                td.number { (grouped(cause.plans)) }
                                td.number { (grouped(cause.behind)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn failure(report: &Report, failure: &Failure, anchor: &str) -> Markup {
    let unstable = failure.again.filter(|again| !again.holds());
    let rule = failure.expected.rule.as_deref().or(failure.signature.rule.as_deref());
    html! {
        article.failure id=(anchor) {
            header {
                h4 {
                    span.cross aria-hidden="true" { @if unstable.is_some() { "~" } @else { "✗" } }
                    span { (failure.signature) }
                    @if let Some(rule) = rule { @if report.title_of(rule) != rule { small { (report.title_of(rule)) } } }
                }
                p.id {
                    code { (failure.id) }
                    @if let Some(cause) = failure.cause { span.chip { "cause " (cause) } }
                    @if let Some(times) = failure.times { span.chip { "in " (counted(times, "plan")) } }
                    @if let Some(it) = unstable { span.chip { "unstable: " (it) } }
                    @if let Some(it) = failure.shrunk.and_then(shrunk) { span.chip { (it) } }
                }
            }
            dl.facts {
                div { dt { "What happened" } dd { (failure.happened) } }
                div {
                    dt { "What was expected" }
                    dd {
                        (failure.expected.text)
                        @if rule.is_some() || !failure.expected.documents.is_empty() {
                            p.by {
                                "By "
                                @if let Some(rule) = rule { "row " b { (rule) } }
                                @if !failure.expected.documents.is_empty() {
                                    @if rule.is_some() { " of " }
                                    @for (nth, title) in failure.expected.documents.iter().enumerate() {
                                        @if nth > 0 { "; " }
                                        cite { (title) }
                                    }
                                }
                            }
                        }
                    }
                }
                div.seen {
                    dt { "What was seen" }
                    dd {
                        (failure.seen)
                        @if let Some(parting) = &failure.parting {
                            p.by {
                                "First at step " b { (parting.step) } ", at " (parting.place)
                                @if let Some(cause) = &parting.cause { ", because of: " (cause) }
                            }
                        }
                    }
                }
                div {
                    dt { "How to replay it" }
                    dd {
                        (copyable(&failure.replay))
                        @if let Some(unshrunk) = &failure.unshrunk { p.by { "Before it was shrunk: " (copyable(unshrunk)) } }
                    }
                }
            }
            @if let Some(picture) = &failure.timeline {
                figure {
                    div.scroll.picture tabindex="0" role="region" aria-label="Timeline" {
                        (timeline::inline(picture, &format!("Timeline of {}", failure.signature)))
                    }
                    figcaption {
                        "A lane for each store and computer; a column for each step. A red ring: here the "
                        "implementation and the documents part."
                        details { summary { "As text" } pre { (timeline::text(picture)) } }
                    }
                }
            }
            @if !failure.witnesses.is_empty() {
                div.witnesses { @for each in &failure.witnesses { (witness(each)) } }
            }
            @if !failure.scenario.is_empty() {
                details { summary { "The scenario" } pre { (failure.scenario) } }
            }
        }
    }
}

/// One of the runs that contradict each other, as a column beside the others.
fn witness(witness: &Witness) -> Markup {
    html! {
        section.witness aria-label=(witness.run) {
            h5 {
                (witness.run)
                @if let Some(it) = witness.shrunk.and_then(shrunk) { " " span.chip { (it) } }
            }
            p {
                "Needs " @for reading in &witness.leaves { span.chip.good { (reading) } " " }
                "and excludes " @for reading in &witness.excludes { span.chip.out { (reading) } " " }
            }
            p { "Decided when: " (witness.happened) }
            (copyable(&witness.replay))
            @if let Some(picture) = &witness.timeline {
                div.scroll.picture tabindex="0" role="region" aria-label={ "Timeline of " (witness.run) } {
                    (timeline::inline(picture, &format!("Timeline of {}", witness.run)))
                }
                details { summary { "As text" } pre { (timeline::text(picture)) } }
            }
            details { summary { "The scenario" } pre { (witness.scenario) } }
        }
    }
}

/// Every scenario that any implementation ran, with a verdict for each.
pub(super) fn cases(report: &Report) -> Markup {
    let mut ids: Vec<&str> = report.implementations.iter().flat_map(|it| &it.cases).map(|case| &*case.id).collect();
    ids.sort_unstable();
    ids.dedup();
    html! {
        details.fold {
            summary { (counted(ids.len() as u64, "scenario")) }
            div.scroll tabindex="0" role="region" aria-label="Scenarios" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Scenario" }
                            th scope="col" { "Covers" }
                            @for it in &report.implementations { th scope="col" { (it.name) } }
                        }
                    }
                    tbody {
                        @for id in ids {
                            @let found: Vec<Option<&CaseReport>> = report.implementations.iter()
                                .map(|it| it.cases.iter().find(|case| case.id == id)).collect();
                            @let first = found.iter().flatten().next();
                            tr {
                                th scope="row" {
                                    @if let Some(case) = first { span.check { (case.title) } " " }
                                    code { (id) }
                                }
                                td { @if let Some(case) = first { (case.covers.join(", ")) } }
                                @for case in &found {
                                    td {
                                        @if let Some(case) = case {
                                            (verdict(case.verdict))
                                            @if !case.reason.is_empty() { div.why { (case.reason) } }
                                            @if let Some(steps) = case.steps { div.why { (grouped(steps)) " steps" } }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
