//! `tombstone faults`: the harness on trial, with its own faulty implementations as the accused.

use std::path::PathBuf;

use clap::Args;
use tombstone_model::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_reports::{Exit, Report};

use super::choose::load;
use super::{Outcome, Stop, colour, print};
use crate::explore::tour::tour;
use crate::faults::docket::Docket;
use crate::faults::{catalogue, trial};

#[derive(Args)]
pub(super) struct Arguments {
    /// The most random plans tried on each fault.
    #[arg(long, default_value_t = 100_000)]
    plans: u64,
    /// The seed of the random plans.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The random plans run on each implementation with nothing wrong.
    #[arg(long, default_value_t = 10_000)]
    faultless: u64,
    /// Convict only: neither compare the sources of plans, nor shrink, nor prove anything.
    #[arg(long)]
    convict: bool,
    /// Prove shrunk plans minimal by at most so many executions of shorter ones.
    #[arg(long, value_name = "EXECUTIONS", default_value_t = 3000)]
    prove: usize,
    /// From how many seeds counterexamples are shrunk and held against a shortest plan.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Hold the portfolio against each of its strategies alone, over so many seeds.
    #[arg(long, value_name = "SEEDS", default_value_t = 0)]
    strategies: u64,
    /// Where to write the report; nowhere, if not said.
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let loaded = load(&[], colour())?;
    if !loaded.errors.is_empty() {
        return Err(Stop::usage(loaded.errors.join("\n")));
    }
    let rules = Rules::documented();
    let profile = super::choose::profile(Profile::DEFAULT)?;
    let trial = trial::Trial {
        seed: arguments.seed,
        plans: arguments.plans,
        faultless: arguments.faultless,
        prove: arguments.prove,
        seeds: arguments.seeds,
        strategies: arguments.strategies,
    };
    let started = super::check::clock();
    let docket = Docket::new(&loaded.scenarios, trial.seed, trial.plans);
    let bar = super::check::bar(catalogue().len() as u64, "convicting");
    let heard = trial::convict(&trial, &docket, &|| bar.inc(1));
    bar.finish_and_clear();
    eprintln!("convicted in {} ms", super::check::millis(started));
    let table = if arguments.convict {
        let equivalent = heard.iter().filter(|(fault, _)| fault.equivalent.is_some()).count();
        eprintln!("{equivalent} faults that nobody can see are left out: without --convict that is proved");
        trial::convictions(&heard)
    } else {
        let started = super::check::clock();
        let bar = super::check::bar(heard.len() as u64, "comparing, shrinking and proving");
        let table = trial::compare(&trial, &docket, &heard, &tour(rules, profile.readings()), &|| bar.inc(1));
        bar.finish_and_clear();
        eprintln!("compared, shrunk and proved in {} ms", super::check::millis(started));
        table
    };
    let mut report = Report::new(env!("CARGO_PKG_VERSION"), profile.name.clone());
    report.rules_digest = rules.version();
    report.seed = Some(arguments.seed.to_string());
    report.faults = Some(table);
    let report = report.finish();
    if let Some(table) = &report.faults {
        print(&tombstone_reports::terminal::faults(table, colour()));
    }
    if let Some(folder) = &arguments.report {
        tombstone_reports::write::write(&report, None, folder)
            .map_err(|error| Stop::usage(format!("error: {error}")))?;
    }
    Ok(Exit::of(&report))
}
