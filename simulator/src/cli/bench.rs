//! `tombstone bench`: measures programs, alone or against each other, and the harness beside them.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tombstone_adapter::bench::{BenchLimits, Measured, Overhead, Point, Workload, measure, overhead};
use tombstone_adapter::{ChildImplementation, Launch};
use tombstone_campaign::subject::Subject;
use tombstone_model::contract::implementation::Implementation;
use tombstone_model::harmless::harmless_json;
use tombstone_model::readings::profiles::Profile;
use tombstone_reports as reports;
use tombstone_reports::{BenchPoint, BenchRatio, BenchTiming, Exit, Report, Timings};

use super::choose::Implementations;
use super::outcome::{CommandError, CommandOutcome};
use super::output::print;

#[derive(Args)]
pub(super) struct BenchArguments {
    #[command(flatten)]
    implementations: Implementations,
    /// Another program to measure in turn with the others: a name of the file of implementations, or a command line.
    #[arg(long, value_name = "NAME|COMMAND")]
    vs: Vec<String>,
    /// The time for all measurements, in seconds.
    #[arg(long, default_value_t = 30, value_parser = super::asked::whole::<u64>)]
    seconds: u64,
    /// The largest world, in items.
    #[arg(long, value_name = "ITEMS", default_value_t = 1000, value_parser = super::asked::whole::<u64>)]
    most: u64,
    /// The most repetitions of one measurement.
    #[arg(long, default_value_t = 20, value_parser = super::asked::whole::<u32>)]
    repetitions: u32,
    /// Measure these workloads only: initial, no-change, one-edit, deletion-storm, many-computers, conflicts.
    #[arg(long, value_name = "NAME")]
    workload: Vec<String>,
    /// Do not measure what the harness itself costs.
    #[arg(long)]
    no_overhead: bool,
    /// Print the report and its timings as JSON.
    #[arg(long)]
    json: bool,
    /// Where to write the report.
    #[arg(long, value_name = "FOLDER", default_value = "tombstone-bench")]
    report: PathBuf,
}

/// Round trips by which the harness is measured: a fraction of a second.
const TRIPS: u32 = 5000;

/// The hidden `tombstone echo`.
pub(super) fn echo() -> CommandOutcome {
    tombstone_adapter::raw::echo(io::stdin().lock(), io::stdout().lock())
        .map_err(|error| CommandError::incomplete(format!("error: {error}")))?;
    Ok(Exit::Conforms)
}

pub(super) fn run(arguments: &BenchArguments) -> CommandOutcome {
    let workloads = workloads(&arguments.workload)?;
    let mut subjects = arguments.implementations.chosen()?;
    subjects.retain(|subject| matches!(subject, Subject::Program { .. }));
    for text in &arguments.vs {
        subjects.push(arguments.implementations.named_or_command(text)?);
    }
    let mut contenders = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for subject in &subjects {
        let Subject::Program { launch, .. } = subject else { continue };
        let child = ChildImplementation::start((**launch).clone())
            .map_err(|fault| CommandError::incomplete(format!("error: {}", fault.to_string().trim_end())))?;
        let mut name = child.describe().name.clone();
        let alike = names.iter().filter(|other| **other == name || other.starts_with(&format!("{name} ("))).count();
        if alike > 0 {
            name = format!("{name} ({})", alike + 1);
        }
        names.push(name);
        contenders.push(child);
    }
    if contenders.is_empty() {
        return Err(CommandError::usage(
            "error: no program to measure: worlds that are built in hold 32 items\nhelp: tombstone bench -- PROGRAM",
        ));
    }
    // Before the work: nobody measures for minutes what cannot be kept.
    reports::write::attempt(&arguments.report).map_err(CommandError::unwritten)?;
    let harness = if arguments.no_overhead { None } else { own_overhead() };
    let bounds = BenchLimits {
        most: arguments.most,
        time: Duration::from_secs(arguments.seconds),
        repetitions: arguments.repetitions,
    };
    let measured = measure(&mut contenders, &workloads, bounds);
    let mut exit = if measured.points.is_empty() { Exit::Incomplete } else { Exit::Conforms };
    for child in contenders {
        if let Err(fault) = child.finish() {
            eprintln!("note: {fault}");
            exit = Exit::Incomplete;
        }
    }
    let (report, timings) = written(&measured, &names, &workloads, harness);
    if arguments.json {
        let text = serde_json::json!({ "report": report, "timings": timings });
        print(&harmless_json(&serde_json::to_string_pretty(&text).unwrap_or_default()));
    } else {
        print(&table(&measured, &names, harness));
        for ratio in report.bench.iter().flat_map(|bench| &bench.ratios) {
            print(&format!("{:.2}× {}", ratio.ratio, ratio.text));
        }
    }
    for skipped in &measured.skipped {
        eprintln!("not measured: {skipped}");
    }
    reports::write::write(&report, Some(&timings), &[], &arguments.report).map_err(CommandError::unwritten)?;
    eprintln!("report: {}", arguments.report.join("report.html").display());
    Ok(exit)
}

fn workloads(names: &[String]) -> Result<Vec<Workload>, CommandError> {
    let known: Vec<&str> = Workload::ALL.iter().map(|workload| workload.name()).collect();
    let named = |name: &String| {
        let found = Workload::ALL.into_iter().find(|workload| workload.name() == name);
        found.ok_or_else(|| super::outcome::unknown("workload", name, &known))
    };
    if names.is_empty() { Ok(Workload::ALL.to_vec()) } else { names.iter().map(named).collect() }
}

/// The overhead of the harness, with this very program as the echo.
fn own_overhead() -> Option<Overhead> {
    let program = std::env::current_exe().ok()?;
    overhead(&Launch::new(program, ["echo"]), TRIPS).ok()
}

fn written(
    measured: &Measured,
    names: &[String],
    workloads: &[Workload],
    harness: Option<Overhead>,
) -> (Report, Timings) {
    let mut report = Report::new(env!("CARGO_PKG_VERSION"), Profile::DEFAULT);
    report.title = "Benchmarks".to_owned();
    let mut bench = reports::Bench::default();
    let mut timings = Vec::new();
    for &workload in workloads {
        bench.workloads.push(reports::WorkloadReport {
            name: workload.name().to_owned(),
            title: format!("{}: time to convergence", workload.title()),
            size: workload.size().to_owned(),
        });
    }
    for point in &measured.points {
        let name = &names[point.contender];
        bench.points.push(BenchPoint {
            workload: point.workload.name().to_owned(),
            implementation: name.clone(),
            size: point.size,
            steps: point.steps,
            messages: Some(point.messages),
            bytes: Some(point.bytes),
        });
        timings.push(timing(point.workload.name(), name, point.size, &point.convergence, point.throughput()));
        for (method, latencies) in &point.latencies {
            let workload = format!("{}/{method}", point.workload.name());
            timings.push(timing(&workload, name, point.size, latencies, 0.0));
        }
    }
    bench.ratios = ratios(measured, names);
    if let Some(harness) = harness {
        bench.ratios.push(BenchRatio {
            text: "the time of one message through the harness to bare pipes, one at a time (at most 2)".to_owned(),
            ratio: rounded(harness.one_at_a_time()),
        });
        bench.ratios.push(BenchRatio {
            text: "the throughput of the harness to bare pipes, 64 messages at a time (at least 0.5)".to_owned(),
            ratio: rounded(harness.in_batches()),
        });
    }
    report.bench = Some(bench);
    let timings =
        Timings { format: reports::FORMAT, host: super::asked::host(1), bench: timings, ..Timings::default() };
    (report, timings)
}

fn rounded(ratio: f64) -> f64 {
    (ratio * 100.0).round() / 100.0
}

fn timing(
    workload: &str,
    implementation: &str,
    size: u64,
    histogram: &hdrhistogram::Histogram<u64>,
    per_second: f64,
) -> BenchTiming {
    BenchTiming {
        workload: workload.to_owned(),
        implementation: implementation.to_owned(),
        size,
        p50: histogram.value_at_quantile(0.5),
        p90: histogram.value_at_quantile(0.9),
        p99: histogram.value_at_quantile(0.99),
        max: histogram.max(),
        per_second: per_second as u64,
    }
}

/// Each implementation against the first, at the largest size that both were measured at.
fn ratios(measured: &Measured, names: &[String]) -> Vec<BenchRatio> {
    let mut ratios = Vec::new();
    for workload in Workload::ALL {
        for (contender, name) in names.iter().enumerate().skip(1) {
            let of = |who: usize| {
                measured.points.iter().filter(move |point| point.workload == workload && point.contender == who)
            };
            let pairs = of(0).filter_map(|first| Some((first, of(contender).find(|other| other.size == first.size)?)));
            let Some((first, other)) = pairs.max_by_key(|(first, _)| first.size) else { continue };
            let median = |point: &Point| point.convergence.value_at_quantile(0.5).max(1) as f64;
            ratios.push(BenchRatio {
                text: format!(
                    "{} at {} {}: the time of {name} to that of {}",
                    workload.name(),
                    first.size,
                    workload.size(),
                    names[0]
                ),
                ratio: rounded(median(other) / median(first)),
            });
        }
    }
    ratios
}

fn table(measured: &Measured, names: &[String], harness: Option<Overhead>) -> String {
    let mut text = format!(
        "{:<16} {:>7} {:<24} {:>22} {:>10} {:>10} {:>10} {:>9} {:>9}\n",
        "workload", "size", "implementation", "to rest (95 %)", "sync p50", "sync p99", "items/s", "messages", "bytes"
    );
    for point in &measured.points {
        let (mean, half) = point.mean();
        let synchronize = point.latencies.get("synchronize");
        let at = |quantile| synchronize.map_or(0, |histogram| histogram.value_at_quantile(quantile)) as f64 / 1e6;
        text.push_str(&format!(
            "{:<16} {:>7} {:<24} {:>12.2} ± {:>4.2} ms {:>7.2} ms {:>7.2} ms {:>10.0} {:>9} {:>9}\n",
            point.workload.name(),
            point.size,
            names[point.contender],
            mean * 1e3,
            half * 1e3,
            at(0.5),
            at(0.99),
            point.throughput(),
            point.messages,
            point.bytes
        ));
    }
    if let Some(harness) = harness {
        text.push_str(&format!(
            "the harness itself: a message takes {:.1} µs (bare pipes: {:.1} µs, {:.2}×); in batches {:.0} a second (bare pipes: \
             {:.0}, {:.2}×)\n",
            harness.harness.as_secs_f64() * 1e6,
            harness.raw.as_secs_f64() * 1e6,
            harness.one_at_a_time(),
            harness.harness_per_second,
            harness.raw_per_second,
            harness.in_batches()
        ));
    }
    text
}
