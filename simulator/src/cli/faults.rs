//! `tombstone faults`: the harness on trial, with its own faulty implementations as the accused.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use tombstone_campaign::campaign::PlansFrom;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_reports::{Exit, Report};
use tombstone_scenarios::Scenario;
use tombstone_search::explore::tour::tour;
use tombstone_trial::docket::Docket;
use tombstone_trial::{catalogue, products, trial};

use super::choose::load;
use super::outcome::{CommandError, CommandOutcome};
use super::output::{colour, print};

/// The most random plans tried on each fault that is derived from a row or an engine.
const PLANS: u64 = 100_000;

#[derive(Args)]
pub(super) struct FaultsArguments {
    /// The most random plans tried on each fault: 100,000, and with --products as many as a check of a program runs.
    #[arg(long, value_parser = super::asked::whole::<u64>)]
    plans: Option<u64>,
    /// The seed of the random plans.
    #[arg(long, default_value_t = 1, value_parser = super::asked::whole::<u64>)]
    seed: u64,
    /// The random plans run on each implementation with nothing wrong.
    #[arg(long, default_value_t = 10_000, value_parser = super::asked::whole::<u64>)]
    faultless: u64,
    /// Convict only: neither compare the sources of plans, nor shrink, nor prove anything.
    #[arg(long)]
    convict: bool,
    /// Prove shrunk plans minimal by at most so many executions of shorter ones.
    #[arg(long, value_name = "EXECUTIONS", default_value_t = 3000, value_parser = super::asked::whole::<usize>)]
    prove: usize,
    /// From how many seeds counterexamples are shrunk and held against a shortest plan.
    #[arg(long, default_value_t = 1, value_parser = super::asked::whole::<u64>)]
    seeds: u64,
    /// Hold the portfolio against each of its strategies alone, over so many seeds.
    #[arg(long, value_name = "SEEDS", default_value_t = 0, value_parser = super::asked::whole::<u64>)]
    strategies: u64,
    /// Try the faults that real products have instead, each checked as a program is by default.
    #[arg(long, conflicts_with_all = ["convict", "report", "strategies"])]
    products: bool,
    /// With --products: run the tour as well, before the random plans.
    #[arg(long, requires = "products")]
    tour: bool,
    /// With --products: leave out how long each took.
    #[arg(long, requires = "products")]
    untimed: bool,
    /// With --products: only those whose id contains this. May be given several times.
    #[arg(long, value_name = "TEXT", requires = "products")]
    only: Vec<String>,
    /// Print which rows and checks convict each fault, and try none: what `simulator/trial/proofs.ndjson` holds.
    #[arg(long, conflicts_with_all = ["plans", "convict", "report", "strategies", "products"])]
    proofs: bool,
    /// Where to write the report; nowhere, if not said.
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
}

pub(super) fn run(arguments: &FaultsArguments) -> CommandOutcome {
    if arguments.proofs {
        print(&tombstone_trial::proofs::text());
        return Ok(Exit::Conforms);
    }
    let loaded = load(&[], colour())?;
    if !loaded.errors.is_empty() {
        return Err(CommandError::usage(loaded.errors.join("\n")));
    }
    if arguments.products {
        return products(arguments, loaded.scenarios);
    }
    if let Some(folder) = &arguments.report {
        tombstone_reports::write::attempt(folder).map_err(CommandError::unwritten)?;
    }
    let rules = Rules::documented();
    let profile = super::choose::profile(Profile::DEFAULT)?;
    let trial = trial::Trial {
        seed: arguments.seed,
        plans: arguments.plans.unwrap_or(PLANS),
        faultless: arguments.faultless,
        prove: arguments.prove,
        seeds: arguments.seeds,
        strategies: arguments.strategies,
    };
    let started = super::clock::clock();
    let docket = Docket::new(&loaded.scenarios, trial.seed, trial.plans);
    let bar = super::clock::bar(catalogue().len() as u64, "convicting");
    let tried = trial::convict(&trial, &docket, &|| bar.inc(1));
    bar.finish_and_clear();
    eprintln!("convicted in {} ms", super::clock::millis(started));
    let table = if arguments.convict {
        let equivalent = tried.iter().filter(|(fault, _)| fault.equivalent.is_some()).count();
        eprintln!("{equivalent} faults that nobody can see are left out: without --convict that is proved");
        trial::convictions(&tried)
    } else {
        let started = super::clock::clock();
        let bar = super::clock::bar(tried.len() as u64, "comparing, shrinking and proving");
        let table = trial::compare(&trial, &docket, &tried, &tour(rules, profile.readings()), &|| bar.inc(1));
        bar.finish_and_clear();
        eprintln!("compared, shrunk and proved in {} ms", super::clock::millis(started));
        table
    };
    let mut report = Report::new(env!("CARGO_PKG_VERSION"), profile.name.clone());
    report.rules_digest = rules.version();
    report.seed = Some(arguments.seed.to_string());
    report.faults = Some(table);
    let report = report.finish();
    if let Some(table) = &report.faults {
        print(&tombstone_reports::render::terminal::faults(table, colour()));
    }
    if let Some(folder) = &arguments.report {
        tombstone_reports::write::write(&report, None, &[], folder).map_err(CommandError::unwritten)?;
    }
    Ok(Exit::of(&report))
}

/// The faults of products: exit code 1 where one of them is not convicted as it should be.
fn products(arguments: &FaultsArguments, scenarios: Vec<Scenario>) -> CommandOutcome {
    let only = &arguments.only;
    let wanted = |id: &str| only.is_empty() || only.iter().any(|text| id.contains(text.as_str()));
    let cases: Vec<_> = products::cases().filter(|(product, _)| wanted(product.id)).collect();
    if cases.is_empty() {
        return Err(CommandError::usage(
            "error: no fault of a product has that in its id\nhelp: leave --only out to see them all".to_owned(),
        ));
    }
    let scenarios = products::scenarios(scenarios);
    let readings = super::choose::profile(Profile::DEFAULT)?.readings();
    let mut sources = Vec::new();
    if arguments.tour {
        let tour = tour(Rules::documented(), readings);
        let plans = tour.plans.len() as u64;
        sources.push((PlansFrom::Tour(Arc::new(tour)), plans));
    }
    sources.extend(products::sources(arguments.seed, arguments.plans.unwrap_or(products::PLANS)));
    let bar = super::clock::bar(cases.len() as u64, "convicting");
    let tried = cases.par_iter().with_max_len(1).map(|&(product, method)| {
        let begun = super::clock::clock();
        let tried = products::try_product(product, method, &scenarios, &sources);
        bar.inc(1);
        (tried, (!arguments.untimed).then(|| super::clock::millis(begun)))
    });
    let tried: Vec<_> = tried.collect();
    bar.finish_and_clear();
    print(&products::table(&tried));
    Ok(if tried.iter().all(|(it, _)| it.is_convicted()) { Exit::Conforms } else { Exit::Diverges })
}
