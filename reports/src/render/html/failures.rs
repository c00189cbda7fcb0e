//! Failures: an index of them by signature, and each as cause and effect, four facts, a picture, and what the stores held.

use std::collections::BTreeMap;
use std::path::Path;

use maud::{Markup, html};

use super::known;
use super::moments::moments;
use super::pack;
use super::parts::{anchor, copyable, link};
use crate::render::causes::without_cause;
use crate::render::terminal::shrunk;
use crate::render::text::{counted, grouped};
use crate::render::timeline;
use crate::value::command::CommandLine;
use crate::value::moments::CauseAndEffect;
use crate::value::report::Report;
use crate::value::results::{Failure, ImplementationReport, Witness};

/// The most failures that stand on the page itself; the others are packed.
const SHOWN: usize = 40;
/// How many go into a pack.
const PACK: usize = 40;

/// A failure of an implementation.
pub(super) struct AnyFailure<'r> {
    pub implementation: &'r ImplementationReport,
    /// The place of the implementation in the report.
    pub at: usize,
    pub failure: &'r Failure,
    /// Whether it was seen, and not again.
    pub unstable: bool,
}

/// Every failure of a report, in the order of the page.
pub(super) fn all(report: &Report) -> Vec<AnyFailure<'_>> {
    let mut all = Vec::new();
    for (at, implementation) in report.implementations.iter().enumerate() {
        let holding = implementation.failures().map(|failure| (failure, false));
        let unstable = implementation.unstable.iter().map(|it| (&it.failure, true));
        let each = holding.chain(unstable);
        all.extend(each.map(|(failure, unstable)| AnyFailure { implementation, at, failure, unstable }));
    }
    all
}

pub(super) fn failures(report: &Report, all: &[AnyFailure<'_>]) -> Markup {
    let (shown, packed) = all.split_at(all.len().min(SHOWN));
    let packed: Vec<Markup> = packed.iter().map(|it| failure(report, it)).collect();
    html! {
        (index(report, all))
        @for it in report.implementations.iter().filter(|it| !it.causes.is_empty()) { (causes(it)) }
        @if !packed.is_empty() {
            noscript {
                p.warning {
                    "The first " (shown.len()) " failures stand below; without a script the others cannot be unpacked. "
                    "Each is a file in the folder failures beside this page."
                }
            }
        }
        div #list {
            @for it in shown { (failure(report, it)) }
        }
        p.nomatch hidden { "No failure matches." }
        (pack::pieces("failures", shown.len(), PACK, &packed))
    }
}

/// The failures by their signatures, those first that are most.
fn index(report: &Report, all: &[AnyFailure<'_>]) -> Markup {
    let mut groups: BTreeMap<_, Vec<&AnyFailure<'_>>> = BTreeMap::new();
    for it in all {
        groups.entry(&it.failure.signature).or_default().push(it);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, failures)| std::cmp::Reverse(failures.len()));
    let several = report.implementations.len() > 1;
    html! {
        p.lead { (counted(all.len() as u64, "failure")) " of " (counted(groups.len() as u64, "signature")) ": the check that failed and the row that it cites." }
        div.index.rove {
            @for (signature, failures) in &groups {
                @let id = signature.counts_for();
                details.signature open[groups.len() == 1] {
                    summary {
                        b.count { (grouped(failures.len() as u64)) } " "
                        span.cross { (signature) }
                        @if report.title_of(id) != id { " " span.soft { (report.title_of(id)) } }
                    }
                    ul {
                        @for it in failures {
                            li data-id=(anchor("failure", &it.failure.id)) {
                                a href=(link("failure", &it.failure.id)) { (headline(it.failure)) }
                                @if several { " " span.chip { (it.implementation.name) } }
                                @if it.unstable { " " span.chip { "unstable" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A failure in a line.
fn headline(failure: &Failure) -> String {
    if failure.happened.is_empty() { failure.id.clone() } else { failure.happened.clone() }
}

/// What stands behind the failures of an implementation, each with the failure that shows it.
fn causes(it: &ImplementationReport) -> Markup {
    let label = format!("Causes of the failures of {}", it.name);
    html! {
        h3 { "Causes: " (it.name) " " small { (it.version) } }
        @if let Some(without) = without_cause(it) { p.soft { "Beside them: " (without) } }
        div.scroll tabindex="0" role="group" aria-label=(label) {
            table {
                thead {
                    tr {
                        th.number scope="col" { "Cause" }
                        th scope="col" { "What fails" }
                        th scope="col" { "Kinds" }
                        th scope="col" { "Shows itself as" }
                        th.number scope="col" { "Scenarios" }
                        th.number scope="col" { "Plans" }
                        th.number scope="col" { "Behind others" }
                    }
                }
                tbody {
                    @for cause in &it.causes {
                        @let shown = it.failures().find(|failure| failure.cause == Some(cause.number));
                        tr {
                            th.number scope="row" {
                                @match shown {
                                    Some(failure) => a href=(link("failure", &failure.id)) { (cause.number) },
                                    None => (cause.number),
                                }
                            }
                            td {
                                ol.plan { @for step in &cause.does { li { (step) } } }
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

fn failure(report: &Report, it: &AnyFailure<'_>) -> Markup {
    let failure = it.failure;
    let unstable = failure.again.filter(|again| !again.holds());
    let rule = failure.expected.rule.as_deref().or(failure.signature.rule.as_deref());
    let anchor = anchor("failure", &failure.id);
    html! {
        article.failure id=(anchor) tabindex="-1" aria-labelledby={ (anchor) "/title" } {
            header {
                h3 id={ (anchor) "/title" } {
                    span.cross aria-hidden="true" { @if unstable.is_some() { "~ " } @else { "✗ " } }
                    (failure.signature)
                    @if let Some(rule) = rule { @if report.title_of(rule) != rule { " " small { (report.title_of(rule)) } } }
                }
                p.id {
                    a href={ "#" (anchor) } { code { (failure.id) } }
                    span.chip { (it.implementation.name) }
                    @if let Some(cause) = failure.cause { span.chip { "cause " (cause) } }
                    @if let Some(times) = failure.times { span.chip { "in " (counted(times, "plan")) } }
                    @if let Some(it) = unstable { span.chip { "unstable: " (it) } }
                    @if let Some(it) = failure.shrunk.and_then(shrunk) { span.chip { (it) } }
                }
            }
            (known::mark(report.baseline.as_ref(), failure))
            @if let Some(effect) = &failure.effect { p.effect { (sentence(effect, &failure.seen)) } }
            (facts(report, failure, rule))
            @if let Some(picture) = &failure.timeline {
                figure {
                    (self::picture(picture, &format!("Timeline of {}", failure.id)))
                    figcaption {
                        "A lane for each store and computer, a column for each step. The red ring: here the implementation "
                        "and the documents part."
                    }
                }
                (moments(picture, &anchor, failure.effect.as_ref()))
            }
            @if !failure.witnesses.is_empty() {
                div.witnesses { @for each in &failure.witnesses { (witness(failure, each)) } }
            }
            @if !failure.scenario.is_empty() { (scenario(&failure.scenario)) }
        }
    }
}

/// Cause and effect as a sentence; where no field is another than it should be, with what was seen.
fn sentence(effect: &CauseAndEffect, seen: &str) -> String {
    let text = effect.to_string();
    let text = match (effect.differs.is_empty(), text.is_empty()) {
        (false, _) => text,
        (true, false) => format!("{text}: {seen}"),
        (true, true) => seen.to_owned(),
    };
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// The four facts, with every check and row that is cited and its documents.
fn facts(report: &Report, failure: &Failure, rule: Option<&str>) -> Markup {
    let check = report.checks.iter().find(|check| check.id == failure.signature.check);
    html! {
        dl.facts {
            div { dt { "What happened" } dd { (failure.happened) } }
            div {
                dt { "What was expected" }
                dd {
                    (failure.expected.text)
                    @if rule.is_some() || !failure.expected.documents.is_empty() {
                        p.by {
                            "By "
                            @if let Some(rule) = rule {
                                @if report.rule(rule).is_some() { a href=(link("row", rule)) { (rule) } } @else { b { (rule) } }
                                @if !failure.expected.documents.is_empty() { " of " }
                            }
                            (documents(&failure.expected.documents))
                        }
                    }
                    @let others = failure.expected.rows.iter().filter(|row| Some(row.as_str()) != rule);
                    @if others.clone().next().is_some() {
                        p.by {
                            "Followed on the way:"
                            @for row in others { " " a href=(link("row", row)) { (row) } }
                        }
                    }
                    @if let Some(check) = check {
                        p.by {
                            "Check " a href=(link("row", &check.id)) { (check.id) } ": " (check.title)
                            @if !check.sources.is_empty() { ", by " (documents(&check.sources)) }
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
                    p.by {
                        "With the report alone, wherever the program is: "
                        (copyable(&CommandLine::replay(Path::new(&format!("report.json#{}", failure.id))).to_string()))
                    }
                    @if let Some(unshrunk) = &failure.unshrunk { p.by { "Before it was shrunk: " (copyable(unshrunk)) } }
                }
            }
        }
    }
}

fn documents(titles: &[String]) -> Markup {
    html! { @for (nth, title) in titles.iter().enumerate() { @if nth > 0 { "; " } cite { (title) } } }
}

fn picture(picture: &crate::Timeline, name: &str) -> Markup {
    html! {
        div.scroll.picture tabindex="0" role="group" aria-label=(name) { (timeline::inline(picture, name)) }
        details.text { summary { "As text" } pre { (timeline::text(picture)) } }
    }
}

fn scenario(text: &str) -> Markup {
    html! { details.scenario { summary { "The scenario" } pre.copy tabindex="0" { (text) } } }
}

/// One of the runs that contradict each other, as a column beside the others.
fn witness(failure: &Failure, witness: &Witness) -> Markup {
    html! {
        div.witness {
            h4 {
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
                (self::picture(picture, &format!("Timeline of {}: {}", failure.id, witness.run)))
            }
            (scenario(&witness.scenario))
        }
    }
}
