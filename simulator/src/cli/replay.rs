//! `tombstone replay`: one plan again, with every step shown.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tombstone_model::plan::Names;
use tombstone_model::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_model::verdict::Verdict;
use tombstone_reports::Exit;
use tombstone_scenarios::Scenario;

use super::choose::{Implementations, load, profile};
use super::{Outcome, Stop, colour, print};
use crate::campaign::Plans;
use crate::explain::{Source, failure, timeline};
use crate::explore::tour::tour;
use crate::run::{Terms, digests, record};

#[derive(Args)]
pub(super) struct Arguments {
    /// A scenario or counterexample file; without one, --seed and --index name a random plan.
    #[arg(required_unless_present = "index")]
    file: Option<PathBuf>,
    /// The seed of a campaign.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The plan is one of the tour.
    #[arg(long)]
    tour: bool,
    /// The index of a plan of that campaign.
    #[arg(long)]
    index: Option<u64>,
    /// The profile to judge by; a scenario that names one is judged by that.
    #[arg(long, default_value = Profile::DEFAULT)]
    profile: String,
    #[command(flatten)]
    implementations: Implementations,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let mut profile = profile(&arguments.profile)?;
    let rules = Arc::new(Rules::documented().clone());
    let mut scenario: Option<Scenario> = None;
    if let Some(file) = &arguments.file {
        let mut loaded = load(std::slice::from_ref(file), colour())?;
        if !loaded.errors.is_empty() {
            return Err(Stop::usage(loaded.errors.join("\n")));
        }
        let Some(one) = loaded.scenarios.pop() else {
            return Err(Stop::usage("error: the folder holds no scenario"));
        };
        if let Some(wanted) = one.profile.as_deref() {
            profile = Profile::named(wanted).unwrap_or(profile);
        }
        scenario = Some(one);
    }
    let index = arguments.index.unwrap_or(0);
    let source = if arguments.tour && scenario.is_none() {
        let tour = tour(&rules, profile.readings());
        if index >= tour.plans.len() as u64 {
            return Err(Stop::usage(format!("error: the tour has {} plans", tour.plans.len())));
        }
        Plans::Tour(Arc::new(tour))
    } else {
        Plans::Random(arguments.seed)
    };
    let mut exit = Exit::Conforms;
    for subject in arguments.implementations.chosen(profile)? {
        let mut implementation =
            subject.start(&rules, profile).map_err(|error| Stop::incomplete(format!("error: {}", error.trim_end())))?;
        let plan = match &scenario {
            Some(scenario) => scenario.plan.clone(),
            None => {
                let (mut plan, drawn) = source.plan(index, &implementation.describe().capabilities);
                plan.names = Names::invented(&plan.setup);
                eprintln!("plan {index}: {drawn}");
                plan
            }
        };
        let random = scenario.as_ref().is_none_or(|scenario| scenario.origin.is_some());
        let terms = Terms { rules: &rules, readings: profile.readings(), skip_unsupported: random };
        let (run, trace) = record(terms, &plan, &mut *implementation);
        print(&format!(
            "{}\n{}",
            implementation.describe().name,
            tombstone_reports::timeline::text(&timeline(&plan, &trace, None))
        ));
        if let Some(origin) = scenario.as_ref().and_then(|scenario| scenario.origin.as_ref()) {
            since(&rules, origin, &digests(&trace));
        }
        match run.verdict {
            Verdict::Conforms => print("conforms"),
            Verdict::Diverges(divergence) => {
                let source = Source { replay: again(arguments), scenario: String::new() };
                let failure = failure(&rules, &plan, &divergence, &trace, source);
                print(&tombstone_reports::terminal::failure(&failure, colour()));
                exit = Exit::Diverges;
            }
            Verdict::Unsupported(why) => exit = undecided(exit, "unsupported", &why),
            Verdict::Broken(why) => exit = undecided(exit, "broken", &why),
            Verdict::Undecided(why) => exit = undecided(exit, "undecided", &why),
        }
    }
    Ok(exit)
}

fn undecided(exit: Exit, verdict: &str, why: &str) -> Exit {
    print(&format!("{verdict}: {why}"));
    if exit == Exit::Conforms { Exit::Incomplete } else { exit }
}

/// Says whether the rules, or what was seen, have changed since a counterexample was written.
fn since(rules: &Rules, origin: &tombstone_scenarios::Origin, digests: &[String]) {
    if origin.rules != rules.version() {
        eprintln!(
            "note: the counterexample was written under the rules {}, these are {}",
            origin.rules,
            rules.version()
        );
    }
    if let Some(at) = origin.digests.iter().zip(digests).position(|(then, now)| then != now) {
        eprintln!("note: from step {} on, something else is seen than when the counterexample was written", at + 1);
    }
}

fn again(arguments: &Arguments) -> String {
    match (&arguments.file, arguments.index) {
        (Some(file), _) => format!("tombstone replay {}", file.display()),
        (None, index) if arguments.tour => format!("tombstone replay --tour --index {}", index.unwrap_or(0)),
        (None, index) => format!("tombstone replay --seed {} --index {}", arguments.seed, index.unwrap_or(0)),
    }
}
