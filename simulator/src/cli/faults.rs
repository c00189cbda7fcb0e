//! `tombstone faults`: the harness on trial, with its own faulty implementations as the accused.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tombstone_model::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_reports::{Exit, Report};

use super::choose::load;
use super::{Outcome, Stop, colour, print};
use crate::explore::tour::tour;
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
    /// Prove shrunk plans minimal by trying every plan of up to so many steps.
    #[arg(long, value_name = "STEPS", default_value_t = 2)]
    prove: usize,
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
    let tour = Arc::new(tour(rules, profile.readings()));
    let trial = trial::Trial {
        seed: arguments.seed,
        plans: arguments.plans,
        faultless: arguments.faultless,
        prove: arguments.prove,
    };
    let bar = super::check::bar(catalogue().len() as u64, "faults");
    let table = trial::hold(&trial, &loaded.scenarios, &tour, &|| bar.inc(1));
    bar.finish_and_clear();
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
