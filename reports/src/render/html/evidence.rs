//! What stands behind the verdicts: campaigns, readings, searches, faults, cost, statements.

use maud::{Markup, html};

use super::parts::{copyable, verdict};
use super::plot::{Series, plot};
use crate::render::terminal::{behind, conviction, without_fault};
use crate::render::text::{counted, grouped};
use crate::value::evidence::{Bench, Campaign, Coverage, FaultReport, FaultTable};
use crate::value::report::Report;
use crate::value::results::{ImplementationReport, Verdict};
use crate::value::timings::Timings;

/// The implementations that have a part, with that part.
fn having<'a, T>(
    report: &'a Report,
    part: impl Fn(&'a ImplementationReport) -> Option<T>,
) -> Vec<(&'a ImplementationReport, T)> {
    report.implementations.iter().filter_map(|it| part(it).map(|part| (it, part))).collect()
}

fn number(value: u64) -> Markup {
    html! { td.number { (grouped(value)) } }
}

fn steps(value: Option<u64>) -> Markup {
    html! { td.number { @if let Some(value) = value { (grouped(value)) } @else { span aria-label="none" { "–" } } } }
}

pub(super) fn campaigns(report: &Report) -> Markup {
    html! {
        @for (it, campaign) in having(report, |it| it.campaign.as_ref()) {
            article.panel {
                h3 { (it.name) " " small { (it.version) } }
                (campaign_numbers(campaign))
                @if let Some(situations) = campaign.situations { p.soft { (situations.sentence()) } }
                @if !campaign.strategies.is_empty() { (strategies(campaign)) }
                @if let Some(coverage) = &campaign.coverage { (self::coverage(report, coverage)) }
            }
        }
    }
}

fn campaign_numbers(campaign: &Campaign) -> Markup {
    let numbers = [
        ("plans", campaign.plans),
        ("steps", campaign.steps),
        ("failing", campaign.failing),
        ("inconclusive", campaign.inconclusive),
        ("broken", campaign.broken),
    ];
    html! {
        dl.numbers {
            @for (name, value) in numbers { div { dt { (name) } dd { (grouped(value)) } } }
            @if let Some(explanations) = campaign.explanations {
                div { dt { "explanations, mean" } dd { (explanations.mean) } }
                div { dt { "at most" } dd { (grouped(explanations.max)) } }
            }
        }
    }
}

fn strategies(campaign: &Campaign) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Strategies" {
            table {
                caption { "The portfolio" }
                thead {
                    tr {
                        th scope="col" { "Strategy" }
                        th.number scope="col" { "Plans" }
                        th.number scope="col" { "Steps" }
                        th.number scope="col" { "Failing" }
                    }
                }
                tbody {
                    @for strategy in &campaign.strategies {
                        tr {
                            th scope="row" { (strategy.name) }
                            (number(strategy.plans)) (number(strategy.steps)) (number(strategy.failing))
                        }
                    }
                }
            }
        }
    }
}

fn coverage(report: &Report, coverage: &Coverage) -> Markup {
    html! {
        details.fold {
            summary {
                "Coverage: " b { (grouped(coverage.reached)) } " of " (counted(coverage.situations, "situation")) " of rows met"
                @if !coverage.never.is_empty() { "; not by generated plans: " (coverage.never.join(", ")) }
            }
            p.soft {
                "A square for each situation of a rule, a combination of the facts that count in its table and of how far from "
                "connected the computers were: filled for each that was met, hollow for each other. Not every one can be "
                "brought about."
            }
            div.scroll tabindex="0" role="group" aria-label="Coverage" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Rule" }
                            th.number scope="col" { "Met" }
                            th.number scope="col" { "Of" }
                            th scope="col" { "Situations" }
                        }
                    }
                    tbody {
                        @for rule in &coverage.rules {
                            tr {
                                th scope="row" title=(report.title_of(&rule.rule)) { (rule.rule) }
                                (number(rule.reached)) (number(rule.situations))
                                td {
                                    (squares((0..rule.situations.max(rule.reached)).map(|n| n < rule.reached)))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Squares in rows, filled or hollow: two paths, however many there are.
fn squares(filled: impl Iterator<Item = bool>) -> Markup {
    const ACROSS: usize = 48;
    let (mut full, mut hollow, mut count) = (String::new(), String::new(), 0);
    for (at, filled) in filled.enumerate() {
        let (x, y) = (at % ACROSS * 11 + 1, at / ACROSS * 11 + 1);
        let path = if filled { &mut full } else { &mut hollow };
        path.push_str(&format!("M{x} {y}h8v8h-8z"));
        count = at + 1;
    }
    let (width, height) = (count.min(ACROSS) * 11, count.div_ceil(ACROSS) * 11);
    html! {
        @if count > 0 {
            svg.squares width=(width) height=(height) viewBox=(format!("0 0 {width} {height}")) aria-hidden="true" {
                path.full d=(full) {}
                path.hollow d=(hollow) {}
            }
        }
    }
}

pub(super) fn inference(report: &Report) -> Markup {
    html! {
        p.lead {
            "Where the documents are silent or contradict each other, several readings are allowed. These are the ones that "
            "explain everything that was run, scenarios and generated plans together."
        }
        @for (it, inference) in having(report, |it| it.readings.as_ref()) {
            article.panel {
                h3 { (it.name) " " small { (it.version) } }
                @if let Some(nearest) = &inference.nearest {
                    p {
                        "Nearest profile: " b { (nearest.name) } "; it answers " b { (nearest.agrees) } " of the "
                        b { (counted(nearest.decided, "open question")) } " decided here as that does"
                        @if !nearest.differs.is_empty() { ", and not " (nearest.differs.join(", ")) }
                        "."
                    }
                }
                div.scroll tabindex="0" role="group" aria-label="Readings" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Switch" }
                                th scope="col" { "Readings that agree" }
                                th scope="col" { "Excluded" }
                                th.number scope="col" { "Deciding" }
                                th scope="col" { "Consistent" }
                            }
                        }
                        tbody {
                            @for switch in &inference.switches {
                                tr {
                                    th scope="row" { span.check { (switch.question) } " " code { (switch.id) " " (switch.name) } }
                                    td { @for reading in &switch.follows { span.chip.good { (reading) } " " } }
                                    td { @for reading in &switch.excluded { span.chip.out { (reading) } " " } }
                                    (number(switch.deciding))
                                    td {
                                        @if !switch.consistent { span.label.diverges { "✗ no" } }
                                        @else if switch.deciding == 0 { span.label.undecided { "? open" } }
                                        @else { span.label.conforms { "✓ yes" } }
                                        @if let Some(example) = &switch.example { div.why { (copyable(example)) } }
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

pub(super) fn observations(report: &Report) -> Markup {
    let rows = report.implementations.iter().flat_map(|it| {
        let findings = it.findings.iter().map(move |f| (it, true, &f.category, &f.text, f.count, &f.example));
        findings.chain(it.observations.iter().map(move |o| (it, false, &o.category, &o.text, o.count, &o.example)))
    });
    html! {
        p.lead {
            "A finding is wrong, or looks wrong, though no rule speaks of it. An observation is an outcome on which the "
            "documents are silent; it counts neither for nor against."
        }
        div.scroll tabindex="0" role="group" aria-label="Findings and observations" {
            table {
                thead {
                    tr {
                        th scope="col" { "Implementation" }
                        th scope="col" { "Category" }
                        th scope="col" { "What was seen" }
                        th.number scope="col" { "Times" }
                    }
                }
                tbody {
                    @for (it, finding, category, text, count, example) in rows {
                        tr {
                            th scope="row" { (it.name) }
                            td {
                                @if finding { span.label.broken { "! finding" } " " } @else { span.label.unsupported { "observation" } " " }
                                (category)
                            }
                            td { (text) @if let Some(example) = example { div.why { (copyable(example)) } } }
                            (number(count))
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn faults(report: &Report) -> Markup {
    let Some(table) = &report.faults else { return html! {} };
    let totals = table.totals;
    let numbers = [
        ("faults", totals.faults),
        ("caught", totals.caught),
        ("by the right rule", totals.rightly),
        ("by the suite", totals.by_suite),
        ("by the tour", totals.by_tour),
        ("by random", totals.by_random),
        ("proved equivalent", totals.equivalent),
        ("missed", totals.missed),
    ];
    html! {
        p.lead {
            "The harness tried on implementations that each have exactly one thing wrong: how many steps it took to catch "
            "each, and by which rule. One without fault may never be accused."
        }
        dl.numbers { @for (name, value) in numbers { div { dt { (name) } dd { (grouped(value)) } } } }
        @for line in behind(table) { p { (line) } }
        @if !table.tables.is_empty() { (faults_by_table(table)) }
        @for it in &table.faultless {
            p {
                (verdict(if it.accused == 0 { Verdict::Conforms } else { Verdict::Diverges }))
                " " b { (it.name) } ": accused " b { (grouped(it.accused)) } " times in " b { (grouped(it.steps)) } " steps."
            }
        }
        div.scroll tabindex="0" role="group" aria-label="Faults" {
            table {
                thead {
                    tr {
                        th scope="col" { "Fault" }
                        th.number scope="col" { "Suite" }
                        th.number scope="col" { "Tour" }
                        th.number scope="col" { "Random" }
                        th.number scope="col" title="where the engine synchronizes at hidden moments" { "Hidden" }
                        th.number scope="col" { "Shrunk" }
                        th.number scope="col" { "Shortest" }
                        th scope="col" { "Cited" }
                    }
                }
                tbody { @for fault in &table.faults { (self::fault(report, fault)) } }
            }
        }
    }
}

fn faults_by_table(table: &FaultTable) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Faults by table" {
            table {
                thead {
                    tr {
                        th scope="col" { "Table" }
                        th.number scope="col" { "Rows" }
                        th.number scope="col" title="rows that a fault breaks which was caught by the right rule" { "Proved" }
                        th.number scope="col" { "Faults" }
                        th.number scope="col" { "By the right rule" }
                        th.number scope="col" { "Equivalent" }
                        th.number scope="col" { "Missed" }
                    }
                }
                tbody {
                    @for it in &table.tables {
                        tr {
                            th scope="row" { (it.table) }
                            @for count in [it.rows, it.proved, it.faults, it.rightly, it.equivalent, it.missed] { (number(count)) }
                        }
                    }
                }
            }
        }
        @for line in without_fault(table) { p.why { (line) } }
    }
}

fn fault(report: &Report, fault: &FaultReport) -> Markup {
    let (verdict, symbol) = conviction(fault);
    html! {
        tr {
            th scope="row" { span.check { (fault.wrong) } " " code { (fault.name) } }
            (steps(fault.suite)) (steps(fault.tour)) (steps(fault.random)) (steps(fault.hidden)) (steps(fault.shrunk))
            (steps(fault.shortest))
            td {
                @match (&fault.cited, &fault.equivalent) {
                    (Some(cited), _) => {
                        span class={ "label " (verdict.name()) } title=(report.title_of(cited)) { (symbol) " " (cited) }
                        @if !fault.rightly { div.why { "expected " (fault.breaks.join(", ")) } }
                    }
                    (None, Some(why)) => {
                        span class={ "label " (verdict.name()) } { (symbol) " equivalent" }
                        div.why { (why) }
                    }
                    (None, None) => {
                        span class={ "label " (verdict.name()) } { (symbol) " missed" }
                        div.why { "expected " (fault.breaks.join(", ")) }
                    }
                }
            }
        }
    }
}

pub(super) fn bench(report: &Report, timings: Option<&Timings>) -> Markup {
    let Some(bench) = &report.bench else { return html! {} };
    html! {
        @if !bench.ratios.is_empty() {
            ul.ratios { @for it in &bench.ratios { li { b { (it.ratio) "×" } " " (it.text) } } }
        }
        @for workload in &bench.workloads {
            article.panel {
                h3 { (workload.name) " " small { (workload.title) } }
                div.plots {
                    (plot(&workload.size, "messages", &series(bench, &workload.name, |point| point.messages)))
                    (plot(&workload.size, "bytes", &series(bench, &workload.name, |point| point.bytes)))
                    @if let Some(timings) = timings {
                        (plot(&workload.size, "median latency, ns", &timed(timings, &workload.name, |it| it.p50)))
                        (plot(&workload.size, "99 in 100 below, ns", &timed(timings, &workload.name, |it| it.p99)))
                    }
                }
                (measurements(bench, timings, &workload.name, &workload.size))
            }
        }
    }
}

fn series(bench: &Bench, workload: &str, value: impl Fn(&crate::BenchPoint) -> Option<u64>) -> Vec<Series> {
    let mut series: Vec<Series> = Vec::new();
    for point in bench.points.iter().filter(|point| point.workload == workload) {
        if let Some(value) = value(point) {
            Series::add(&mut series, &point.implementation, point.size, value);
        }
    }
    series
}

fn timed(timings: &Timings, workload: &str, value: impl Fn(&crate::BenchTiming) -> u64) -> Vec<Series> {
    let mut series: Vec<Series> = Vec::new();
    for timing in timings.bench.iter().filter(|timing| timing.workload == workload) {
        Series::add(&mut series, &timing.implementation, timing.size, value(timing));
    }
    series
}

fn measurements(bench: &Bench, timings: Option<&Timings>, workload: &str, size: &str) -> Markup {
    let timing = |point: &crate::BenchPoint| {
        let same = |it: &&crate::BenchTiming| {
            it.workload == point.workload && it.implementation == point.implementation && it.size == point.size
        };
        timings.and_then(|timings| timings.bench.iter().find(same))
    };
    html! {
        details.fold {
            summary { "The numbers" }
            div.scroll tabindex="0" role="group" aria-label="Measurements" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Implementation" }
                            th.number scope="col" { (size) }
                            th.number scope="col" { "Steps" }
                            th.number scope="col" { "Messages" }
                            th.number scope="col" { "Bytes" }
                            @if timings.is_some() {
                                th.number scope="col" { "p50, ns" }
                                th.number scope="col" { "p90, ns" }
                                th.number scope="col" { "p99, ns" }
                                th.number scope="col" { "max, ns" }
                                th.number scope="col" { "Steps a second" }
                            }
                        }
                    }
                    tbody {
                        @for point in bench.points.iter().filter(|point| point.workload == workload) {
                            tr {
                                th scope="row" { (point.implementation) }
                                (number(point.size)) (number(point.steps)) (steps(point.messages)) (steps(point.bytes))
                                @if timings.is_some() {
                                    @let it = timing(point);
                                    (steps(it.map(|it| it.p50))) (steps(it.map(|it| it.p90))) (steps(it.map(|it| it.p99)))
                                    (steps(it.map(|it| it.max))) (steps(it.map(|it| it.per_second)))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
