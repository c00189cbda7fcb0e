//! The report as one page: it works offline, needs no script to be read, and fetches nothing.

mod evidence;
mod failures;
mod parts;
mod plot;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use tombstone_model::harmless::harmless;

use crate::render::terminal::tally;
use crate::render::text::grouped;
use crate::render::timeline;
use crate::value::command::quoted;
use crate::value::report::{CheckText, Report, RuleText};
use crate::value::results::{Counts, ImplementationReport, Verdict};
use crate::value::timings::Timings;

use parts::verdict;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// The page. With timings, it shows when and where the run took place, and how fast it was.
pub fn page(report: &Report, timings: Option<&Timings>) -> String {
    let title = if report.title.is_empty() { "Outlook–CRM synchronization: conformance" } else { &report.title };
    let sections = sections(report, timings);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "tombstone " (report.tombstone) };
                title { (title) }
                style { (PreEscaped(STYLE)) (PreEscaped(timeline::STYLE)) }
            }
            body {
                a.skip href="#content" { "Skip to the results" }
                header.top {
                    div.wide {
                        p.brand { (mark()) "Tombstone" span { "conformance report" } }
                        h1 { (title) }
                        (about(report, timings))
                    }
                }
                nav.contents aria-label="Sections" {
                    div.wide {
                        @for section in &sections { a href={ "#" (section.id) } { (section.short) } }
                    }
                }
                main #content.wide {
                    @if report.implementations.is_empty() && report.faults.is_none() && report.bench.is_none() {
                        p.nothing { "Nothing was run: this report claims nothing." }
                    }
                    div.cards { @for (at, it) in report.implementations.iter().enumerate() { (card(it, at)) } }
                    @for section in &sections {
                        section #(section.id) aria-labelledby={ (section.id) "-title" } {
                            h2 id={ (section.id) "-title" } { (section.title) }
                            (section.body)
                        }
                    }
                }
                footer.wide {
                    p {
                        "Every number on this page stands in "
                        code { "report.json" }
                        ", format " (report.format) "; times stand in " code { "timings.json" }
                        ". Written by tombstone " (report.tombstone) "."
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    let mut page = markup.into_string();
    page.push('\n');
    harmless(&page).into_owned()
}

/// A part of the page.
struct Section {
    id: &'static str,
    /// What the navigation calls it.
    short: &'static str,
    title: &'static str,
    body: Markup,
}

fn sections(report: &Report, timings: Option<&Timings>) -> Vec<Section> {
    let all = |test: fn(&ImplementationReport) -> bool| report.implementations.iter().any(test);
    let mut sections = Vec::new();
    let mut add = |id, short, title, body: &dyn Fn() -> Markup, is: bool| {
        if is {
            sections.push(Section { id, short, title, body: body() });
        }
    };
    let searched = all(|it| it.campaign.is_some());
    add("rules", "Rules", "Rule by rule", &|| matrix(report), !report.rules.is_empty() || !report.checks.is_empty());
    add(
        "failures",
        "Failures",
        "Failures",
        &|| failures::failures(report),
        all(|it| it.failures().next().is_some() || !it.unstable.is_empty()),
    );
    add("scenarios", "Scenarios", "Scenarios", &|| failures::cases(report), all(|it| !it.cases.is_empty()));
    add("generated", "Generated", "Generated interleavings", &|| evidence::campaigns(report), searched);
    add(
        "readings",
        "Readings",
        "Readings it follows",
        &|| evidence::inference(report),
        all(|it| it.readings.is_some()),
    );
    let noted = all(|it| !it.findings.is_empty() || !it.observations.is_empty());
    add("observations", "Findings", "Findings and observations", &|| evidence::observations(report), noted);
    add("faults", "Faults", "Faults convicted", &|| evidence::faults(report), report.faults.is_some());
    add("cost", "Cost", "Cost", &|| evidence::bench(report, timings), report.bench.is_some());
    add("facts", "Statements", "Statements covered", &|| evidence::facts(report), report.facts.is_some());
    sections
}

/// A gravestone with a tick.
fn mark() -> Markup {
    html! {
        svg.stone width="22" height="24" viewBox="0 0 22 24" aria-hidden="true" {
            path.body d="M3 22V10a8 8 0 0 1 16 0v12z" {}
            path.ground d="M0.5 22.2h21" {}
            path.tick d="M7.2 12.4l2.9 3l5-6" {}
        }
    }
}

fn about(report: &Report, timings: Option<&Timings>) -> Markup {
    let mut facts: Vec<(&str, String)> = vec![("Profile", report.profile.clone())];
    facts.extend(report.seed.iter().map(|seed| ("Seed", seed.clone())));
    let digests = [("Rules", &report.rules_digest), ("Suite", &report.suite_digest)];
    facts.extend(digests.into_iter().filter(|(_, digest)| !digest.is_empty()).map(|(name, it)| (name, it.clone())));
    if !report.arguments.is_empty() {
        facts.push(("Arguments", report.arguments.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")));
    }
    if let Some(timings) = timings {
        facts.push(("Started", timings.started.clone()));
        facts.push(("Took", milliseconds(timings.milliseconds)));
        let host = &timings.host;
        facts.push(("Host", format!("{} {}, {} threads", host.system, host.architecture, host.threads)));
    }
    html! {
        dl.about { @for (name, value) in &facts { div { dt { (name) } dd { (value) } } } }
        @if let Some(interruption) = &report.interrupted {
            p.warning { span aria-hidden="true" { "! " } (interruption) }
        }
        @if report.filtered {
            p.warning { span aria-hidden="true" { "! " } "Only part of the suite was selected; nothing is said about the rest." }
        }
    }
}

fn milliseconds(milliseconds: u64) -> String {
    if milliseconds < 1_000 {
        format!("{milliseconds} ms")
    } else {
        format!("{}.{} s", grouped(milliseconds / 1_000), milliseconds % 1_000 / 100)
    }
}

fn card(it: &ImplementationReport, at: usize) -> Markup {
    html! {
        article class={ "card " (it.verdict.name()) } {
            header {
                h2 { (it.name) " " small { (it.version) } }
                p.verdict { (verdict(it.verdict)) }
            }
            @if !it.reason.is_empty() { p.reason { (it.reason) } }
            @if it.totals != Counts::default() {
                (bar(&it.totals))
                p.counts {
                    "Scenarios: "
                    @for (nth, which) in counted(&it.totals).into_iter().enumerate() {
                        @if nth > 0 { ", " }
                        b { (grouped(it.totals.of(which))) } " " (which)
                    }
                }
            }
            @if let Some(campaign) = &it.campaign {
                p.counts {
                    "Generated: " b { (grouped(campaign.plans)) } " plans, " b { (grouped(campaign.steps)) } " steps, "
                    b { (grouped(campaign.failing)) } " failing"
                }
            }
            @if let Some(why) = it.unsupported() { p.counts { (why) } }
            @if !it.lacks.is_empty() {
                details.counts { summary { "Says what it lacks" } (it.lacks.join(", ")) }
            }
            @if let Some(program) = &it.program { p.program { code { (program) } } }
            @if it.failures().next().is_some() { p.more { a href={ "#failures-" (at) } { "See its failures" } } }
        }
    }
}

fn counted(counts: &Counts) -> Vec<Verdict> {
    Verdict::ALL.into_iter().filter(|verdict| counts.of(*verdict) > 0).collect()
}

/// The counts as a bar of lengths in proportion.
fn bar(counts: &Counts) -> Markup {
    html! {
        div.bar aria-hidden="true" {
            @for verdict in counted(counts) {
                span class=(verdict.name()) style=(format!("flex-grow:{}", counts.of(verdict))) {}
            }
        }
    }
}

fn matrix(report: &Report) -> Markup {
    // A heading wherever the table changes, or the kind of item that it speaks of.
    let mut groups: Vec<(String, Vec<&RuleText>)> = Vec::new();
    for rule in &report.rules {
        let title = || report.table(&rule.table).map(|table| format!("{}: {}", table.name, table.title));
        let kinds = if rule.kinds.is_empty() { title().unwrap_or_default() } else { rule.kinds.join(", ") };
        match groups.last_mut() {
            Some((last, rules)) if *last == kinds => rules.push(rule),
            Some(_) | None => groups.push((kinds, vec![rule])),
        }
    }
    let columns = 6 + report.implementations.len();
    html! {
        p.lead {
            "Each row is a rule of the documents and what they say becomes of the two sides. Each count is how often the rule "
            "was decided. Open a row for its conditions and sources."
        }
        (legend())
        div.filters hidden role="group" aria-label="Show rows" {}
        div.scroll tabindex="0" role="region" aria-label="Rule by rule" {
            table.matrix {
                thead {
                    tr {
                        th scope="col" { "Row" }
                        th scope="col" { "What happens" }
                        th.fates scope="col" { "Outlook" }
                        th.fates scope="col" { "CRM" }
                        th.fates scope="col" { "Prompt" }
                        th.fates scope="col" { "Certainty" }
                        @for it in &report.implementations { th.verdict scope="col" { (it.name) " " small { (it.version) } } }
                    }
                }
                @for (kinds, rules) in &groups {
                    tbody {
                        tr.group { th scope="rowgroup" colspan=(columns) { (kinds) } }
                        @for rule in rules { (rule_row(report, rule)) }
                    }
                }
                @if !report.checks.is_empty() {
                    tbody {
                        tr.group { th scope="rowgroup" colspan=(columns) { "beyond the tables" } }
                        @for check in &report.checks { (check_row(report, check)) }
                    }
                }
            }
        }
    }
}

fn legend() -> Markup {
    html! { p.legend { @for it in Verdict::ALL { (verdict(it)) " " } } }
}

fn row_verdicts(report: &Report, id: &str) -> String {
    let rows = report.implementations.iter().filter_map(|it| it.row(id));
    let names: Vec<&str> = rows.map(|row| row.verdict.name()).collect();
    names.join(" ")
}

fn rule_row(report: &Report, rule: &RuleText) -> Markup {
    html! {
        tr data-verdicts=(row_verdicts(report, &rule.id)) {
            th scope="row" { (rule.row) }
            td.what {
                details {
                    summary { (rule.title) }
                    dl {
                        dt { "When" } dd { (rule.trigger) }
                        @if !rule.conditions.is_empty() { dt { "If" } dd { (rule.conditions.join(", ")) } }
                        dt { "Then" }
                        dd {
                            @if rule.decided.is_empty() {
                                "Outlook: " (rule.outlook) "; CRM: " (rule.crm) "; prompt: " (rule.prompt)
                            } @else {
                                (rule.decided)
                            }
                        }
                        @if rule.id != rule.row { dt { "Id" } dd { code { (rule.id) } } }
                        @if !rule.sources.is_empty() {
                            dt { "By" } dd { ul { @for source in &rule.sources { li { (source) } } } }
                        }
                        @if !rule.open.is_empty() {
                            dt { "Open" } dd { ul { @for open in &rule.open { li { (open) } } } }
                        }
                        @if let Some(note) = &rule.note { dt { "Note" } dd { (note) } }
                    }
                }
            }
            @if rule.decided.is_empty() {
                td.fates { (fate(&rule.outlook)) }
                td.fates { (fate(&rule.crm)) }
                td.fates { (rule.prompt) }
            } @else {
                td.fates colspan="3" { (rule.decided) }
            }
            td.fates { (rule.certainty) @if !rule.open.is_empty() { " · open" } }
            @for (at, it) in report.implementations.iter().enumerate() { (matrix_cell(it, at, &rule.id)) }
        }
    }
}

fn check_row(report: &Report, check: &CheckText) -> Markup {
    html! {
        tr data-verdicts=(row_verdicts(report, &check.id)) {
            th scope="row" colspan="2" { span.check { (check.title) } " " code { (check.id) } }
            td.fates colspan="4" {}
            @for (at, it) in report.implementations.iter().enumerate() { (matrix_cell(it, at, &check.id)) }
        }
    }
}

fn fate(text: &str) -> Markup {
    // Words of the rules that are worth a sign of their own; any other word is shown as it is.
    let class = match text {
        "deleted" => "fate deleted",
        "kept" => "fate kept",
        _ => "fate",
    };
    html! { span class=(class) { (text) } }
}

fn matrix_cell(it: &ImplementationReport, at: usize, rule: &str) -> Markup {
    let Some(row) = it.row(rule) else { return html! { td.verdict {} } };
    let cites = |failure: &crate::Failure| {
        failure.signature.rule.as_deref() == Some(rule)
            || failure.expected.rule.as_deref() == Some(rule)
            || failure.signature.check == rule
    };
    let of_cause = || {
        let cause = it.causes.iter().find(|cause| {
            cause.sorts.iter().any(|sort| sort.signature.rule.as_deref() == Some(rule) || sort.signature.check == rule)
        })?;
        it.failures().position(|failure| failure.cause == Some(cause.number))
    };
    let failure = it.failures().position(cites).or_else(of_cause);
    let parts = counted(&row.counts);
    let said: Vec<String> = parts.iter().map(|which| format!("{} {which}", grouped(row.counts.of(*which)))).collect();
    let said = if said.is_empty() { "never decided".to_owned() } else { said.join(", ") };
    let label = html! {
        span aria-hidden="true" { (tally(row)) }
        span.said { (said) }
    };
    html! {
        td class={ "verdict " (row.verdict.name()) } title=(said) {
            @match failure {
                Some(nth) => a href={ "#" (failures::anchor(at, nth)) } { (label) },
                None => (label),
            }
        }
    }
}
