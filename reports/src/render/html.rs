//! The report as one page: it works offline, needs no script to be read, and fetches nothing.

mod cases;
mod data;
mod evidence;
mod failures;
mod heat;
mod known;
mod moments;
mod pack;
mod parts;
mod plot;
mod traces;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use tombstone_model::harmless::harmless;

use crate::render::text::grouped;
use crate::render::timeline;
use crate::value::command::CommandLine;
use crate::value::report::Report;
use crate::value::results::{Counts, ImplementationReport, Verdict};
use crate::value::timings::Timings;

use failures::AnyFailure;
use parts::{anchor, verdict};

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// The page. With timings, it shows when and where the run took place, and how fast it was.
pub fn page(report: &Report, timings: Option<&Timings>) -> String {
    let title = if report.title.is_empty() { "Outlook–CRM synchronization: conformance" } else { &report.title };
    let failures = failures::all(report);
    let sections = sections(report, timings, &failures);
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
                @if !failures.is_empty() { a.skip href="#list" { "Skip to the first failure" } }
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
                    (tools(report))
                }
                main #content.wide {
                    @if report.implementations.is_empty() && report.faults.is_none() && report.bench.is_none() {
                        p.nothing { "Nothing was run: this report claims nothing." }
                    }
                    div #found role="status" hidden {}
                    div.cards { @for it in &report.implementations { (card(it, &failures)) } }
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
                (keys())
                dialog #box {}
                @if !report.implementations.is_empty() { (pack::value("index", &data::index(report, &failures))) }
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

fn sections(report: &Report, timings: Option<&Timings>, failing: &[AnyFailure<'_>]) -> Vec<Section> {
    let all = |test: fn(&ImplementationReport) -> bool| report.implementations.iter().any(test);
    let mut sections = Vec::new();
    let mut add = |id, short, title, body: &dyn Fn() -> Markup, is: bool| {
        if is {
            sections.push(Section { id, short, title, body: body() });
        }
    };
    let searched = all(|it| it.campaign.is_some());
    let ruled = !report.rules.is_empty() || !report.checks.is_empty();
    add("rules", "Rules", "Rule by rule", &|| heat::tables(report), ruled && !report.implementations.is_empty());
    add("failures", "Failures", "Failures", &|| failures::failures(report, failing), !failing.is_empty());
    if let Some(held) = &report.baseline {
        add("known", "Known", "Known failures", &|| known::known(held, report), true);
    }
    add("scenarios", "Scenarios", "Scenarios", &|| cases::cases(report), all(|it| !it.cases.is_empty()));
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
    add("rows", "Grounds", "What each row rests on", &|| traces::rows(report), ruled);
    add("facts", "Statements", "Statements covered", &|| traces::facts(report), report.facts.is_some());
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
        facts.push(("Command", CommandLine::default().with(["tombstone"]).with(&report.arguments).to_string()));
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

/// Search and filters, which the script shows.
fn tools(report: &Report) -> Markup {
    html! {
        div.tools.wide hidden role="search" {
            input #search type="search" aria-label="Search everything" placeholder="Search everything  /" autocomplete="off"
                spellcheck="false";
            select #by-verdict aria-label="Verdict" {
                option value="" { "every verdict" }
                @for verdict in Verdict::ALL { option value=(verdict.name()) { (verdict.symbol()) " " (verdict) } }
            }
            @if report.implementations.len() > 1 {
                select #by-implementation aria-label="Implementation" {
                    option value="" { "every implementation" }
                    @for it in &report.implementations { option value=(it.name) { (it.name) } }
                }
            }
            button #keys type="button" aria-label="Keys" { "?" }
        }
    }
}

/// What keys the script listens to.
fn keys() -> Markup {
    let keys = [
        ("/", "search"),
        ("j", "the next failure"),
        ("k", "the failure before"),
        ("→", "the next step of a failure"),
        ("←", "the step before"),
        ("arrows", "from cell to cell in a table of rows, from entry to entry in the index of failures"),
        ("?", "these keys"),
        ("Escape", "clear the search, close this"),
    ];
    html! {
        dialog #help aria-labelledby="help-title" {
            h2 #help-title { "Keys" }
            dl { @for (key, does) in keys { dt { kbd { (key) } } dd { (does) } } }
            form method="dialog" { button { "close" } }
        }
    }
}

fn card(it: &ImplementationReport, failures: &[AnyFailure<'_>]) -> Markup {
    let first = failures.iter().find(|failure| failure.implementation.name == it.name);
    html! {
        article class={ "card " (it.verdict.name()) } id=(anchor("implementation", &it.name)) {
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
            (known::aside(it))
            @if let Some(campaign) = &it.campaign {
                p.counts {
                    "Generated: " b { (grouped(campaign.plans)) } " plans, " b { (grouped(campaign.steps)) } " steps, "
                    b { (grouped(campaign.failing)) } " failing"
                }
            }
            @if let Some(why) = it.unsupported() { p.counts { (why) } }
            (who(it))
            @if let Some(first) = first {
                p.more { a href=(parts::link("failure", &first.failure.id)) { "See its failures" } }
            }
        }
    }
}

/// How an implementation is started, and what it says of itself.
fn who(it: &ImplementationReport) -> Markup {
    html! {
        @if it.program.is_some() || !it.lacks.is_empty() {
            details.counts.program {
                summary { "How it is started, and what it can do" }
                @if let Some(program) = &it.program { code { (program) } }
                @if !it.environment.is_empty() { p { "with these variables added: " (it.environment.join(", ")) } }
                @for (what, list) in [("It claims", &it.claims), ("It lacks", &it.lacks)] {
                    @if !list.is_empty() { p { (what) } ul { @for each in list { li { (each) } } } }
                }
            }
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
