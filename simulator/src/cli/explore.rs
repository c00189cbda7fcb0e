//! `tombstone explore`: every interleaving of a small population.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use indicatif::ProgressBar;
use tombstone_campaign::judge::{Mistake, mistakes};
use tombstone_model::ids::{MAX_COMPUTERS, MAX_USERS};
use tombstone_model::plan::{Kind, Method, Names, Plan, Setup, Step};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_model::words::{self, counted};
use tombstone_reports::Exit;
use tombstone_scenarios::Scenario;
use tombstone_search::explore::alphabet::Groups;
use tombstone_search::explore::judged::OracleWrong;
use tombstone_search::explore::population::Population;
use tombstone_search::explore::tour::{PATIENCE, TourPlan, survey};
use tombstone_search::explore::{BYTES_A_STATE, Bounds, End, Space, explore, explore_judged};

use super::choose::profile;
use super::outcome::{CommandError, CommandOutcome, unknown};
use super::output::print;

#[derive(Args)]
pub(super) struct ExploreArguments {
    /// How many users.
    #[arg(long, default_value_t = 1, value_parser = super::asked::whole::<u8>)]
    users: u8,
    /// How many computers each of them has.
    #[arg(long, default_value_t = 1, value_parser = super::asked::whole::<u8>)]
    computers: u8,
    /// How many delegates the first user has, each with a computer.
    #[arg(long, default_value_t = 0, value_parser = super::asked::whole::<u8>)]
    delegates: u8,
    /// How many items.
    #[arg(long, default_value_t = 1, value_parser = super::asked::whole::<u8>)]
    items: u8,
    /// The kind of the items.
    #[arg(long, default_value = "appointment")]
    kind: String,
    /// The most steps of a plan; to the fixpoint, if not said.
    #[arg(long, value_parser = super::asked::whole::<u32>)]
    depth: Option<u32>,
    /// The most changes of one item that wait on one computer.
    #[arg(long, default_value_t = 2, value_parser = super::asked::whole::<usize>)]
    queue: usize,
    /// The most memory to use, in megabytes.
    #[arg(long, default_value_t = 1024, value_parser = super::asked::whole::<usize>)]
    memory: usize,
    /// Mailboxes are synchronized by the server.
    #[arg(long)]
    server_side: bool,
    /// How many threads to use; 1 to 1024; as many as there are processors, if not said otherwise. The result is the same.
    #[arg(long, value_name = "N", value_parser = super::asked::threads)]
    threads: Option<usize>,
    /// Leave out steps of these groups: edits, crashes, offline, roles, status, web.
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    without: Vec<String>,
    /// Explore the reference and the oracle that judges it together: a state is then what both hold. `closed`: it knows the
    /// readings that the reference follows. `open`: it knows what the profile says of them.
    #[arg(long, value_enum)]
    oracle: Option<Knowing>,
    /// Do not exchange equal computers and items for one another.
    #[arg(long)]
    unreduced: bool,
    /// The profile that the reference follows.
    #[arg(long, default_value = Profile::DEFAULT)]
    profile: String,
    /// Write the tour as scenarios into this folder, and tell what it is worth: what random walks would take for the same
    /// cells, and which cells nobody can reach.
    #[arg(long, value_name = "FOLDER")]
    write_suite: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Knowing {
    Closed,
    Open,
}

pub(super) fn run(arguments: &ExploreArguments) -> CommandOutcome {
    let profile = profile(&arguments.profile)?;
    super::asked::use_threads(arguments.threads)?;
    let rules = Rules::documented();
    if let Some(folder) = &arguments.write_suite {
        return write_suite(rules, profile, folder);
    }
    let setup = setup(arguments)?;
    let memory = arguments.memory << 20;
    let bounds = Bounds {
        depth: arguments.depth,
        memory,
        groups: groups(&arguments.without)?,
        queue: arguments.queue,
        symmetric: !arguments.unreduced,
    };
    let states = memory / BYTES_A_STATE;
    eprintln!("at most {} MB: about {states} states, at {BYTES_A_STATE} bytes a state", arguments.memory);
    let bar = super::clock::bar(0, "exploring");
    let readings = profile.readings();
    let mut tick = |states, depth| told(&bar, states, depth);
    let known = arguments.oracle.map(|knowing| match knowing {
        Knowing::Closed => readings.closed(),
        Knowing::Open => readings,
    });
    let space = match known {
        None => explore(rules, readings, &setup, bounds, &mut tick),
        Some(known) => explore_judged(rules, readings, (rules, known), &setup, bounds, &mut tick),
    };
    bar.finish_and_clear();
    print(&render(rules, &space));
    Ok(match space.end {
        End::Fixpoint | End::Depth => Exit::Conforms,
        End::Memory => {
            eprintln!("stopped at the bound: give --depth, --memory or --without to say what should be left out");
            Exit::Incomplete
        }
        End::Wrong => Exit::Bug,
    })
}

fn told(bar: &ProgressBar, states: usize, depth: u32) {
    bar.set_position(states as u64);
    bar.set_message(format!("exploring: {states} states, depth {depth}"));
}

fn groups(without: &[String]) -> Result<Groups, CommandError> {
    let mut groups = Groups::ALL;
    for name in without {
        let group = match name.as_str() {
            "edits" => &mut groups.edits,
            "crashes" => &mut groups.crashes,
            "offline" => &mut groups.offline,
            "roles" => &mut groups.roles,
            "status" => &mut groups.status,
            "web" => &mut groups.web,
            _ => return Err(unknown("group", name, &["edits", "crashes", "offline", "roles", "status", "web"])),
        };
        *group = false;
    }
    Ok(groups)
}

fn setup(arguments: &ExploreArguments) -> Result<Setup, CommandError> {
    let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    let kind = Kind::named(&arguments.kind).ok_or_else(|| unknown("kind", &arguments.kind, &known))?;
    let method = if arguments.server_side { Method::ServerSide } else { Method::OutlookClient };
    let count = usize::from(arguments.users) + usize::from(arguments.delegates);
    let too_many = count > MAX_USERS || arguments.items > 3 || arguments.users == 0 || arguments.items == 0;
    let computers = usize::from(arguments.users) * usize::from(arguments.computers) + usize::from(arguments.delegates);
    if too_many || computers > MAX_COMPUTERS {
        return Err(CommandError::usage(format!(
            "error: a population has 1 to {MAX_USERS} users and delegates, up to {MAX_COMPUTERS} computers and 1 to 3 items"
        )));
    }
    let population = Population {
        users: arguments.users,
        computers: arguments.computers,
        delegates: arguments.delegates,
        items: arguments.items,
        kind,
        method,
    };
    let setup = population.setup();
    let problems = setup.problems();
    if problems.is_empty() {
        Ok(setup)
    } else {
        Err(CommandError::usage(format!("error: {}", problems.join("\nerror: "))))
    }
}

fn render(rules: &Rules, space: &Space) -> String {
    let (how, without) = match space.end {
        End::Fixpoint => ("every reachable one", "that this population cannot reach"),
        End::Depth => ("those that so many steps reach", "that so many steps do not reach"),
        End::Memory => ("those that fit into memory", "that these states do not reach"),
        End::Wrong => ("those that were met until the oracle was wrong", "that these states do not reach"),
    };
    let bytes = space.bytes / space.states().max(1);
    let mut text = format!(
        "{} ({how}), {}, longest shortest plan {}, {} a state\n\nshortest plans\n",
        counted(space.states() as u64, "state"),
        counted(space.transitions, "transition"),
        counted(space.depth.into(), "step"),
        counted(bytes as u64, "byte")
    );
    let plan = Plan { names: Names::invented(&space.setup), setup: space.setup.clone(), steps: Vec::new() };
    let said = |steps: &[Step]| steps.iter().map(|step| words::step(&plan, step)).collect::<Vec<_>>().join("; ");
    let mut never = Vec::new();
    for (id, rule) in rules.ids().filter(|(_, rule)| rule.unreachable.is_none()) {
        let Some(steps) = space.shortest(id) else {
            never.push(rule.id.as_str());
            continue;
        };
        text.push_str(&format!("  {:<18} {:>2}  {}\n", rule.id, steps.len(), said(&steps)));
    }
    text.push_str(&format!("\nrows {without}: {}\n", never.join(", ")));
    if space.largest > 0 {
        text.push_str(&format!("largest set of explanations: {}\n", space.largest));
        if space.wrong().is_none() {
            text.push_str("the oracle accuses the reference in none of these states, and always knows how it stands\n");
        }
    }
    if let Some((steps, wrong)) = space.wrong() {
        let how = match wrong {
            OracleWrong::Accused(judgement) => format!("accuses the reference: {judgement:?}"),
            OracleWrong::Lost => "no longer thinks possible what the reference holds".to_owned(),
        };
        text.push_str(&format!("the oracle {how}, after\n  {}\n", said(&steps)));
    }
    text
}

fn write_suite(rules: &Rules, profile: &Profile, folder: &std::path::Path) -> CommandOutcome {
    let cannot = |error: std::io::Error| CommandError::unwritten(format!("cannot write {}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(cannot)?;
    let survey = survey(rules, profile.readings(), PATIENCE);
    for (plan, n) in survey.tour.plans.iter().zip(1..) {
        let (slug, scenario) = toured(profile, plan, n);
        let path = folder.join(format!("{slug}-{n}.toml"));
        tombstone_reports::write::write_file(&path, &tombstone_scenarios::write(&scenario))
            .map_err(CommandError::unwritten)?;
    }
    print(&survey.render());
    Ok(Exit::Conforms)
}

/// A plan of the tour as a scenario, and the name of its population. What the tour tries and nobody can do is left out: it
/// changes nothing, and a scenario that says it is a mistaken one.
fn toured(profile: &Profile, plan: &TourPlan, number: usize) -> (String, Scenario) {
    let slug = plan.population.replace(' ', "-");
    let names = Names::invented(&plan.setup);
    let plan = Plan { setup: plan.setup.clone(), steps: plan.steps.clone(), names };
    let mut scenario = Scenario::new(format!("tour/{slug}-{number}"), format!("the tour, plan {number}"), plan);
    scenario.profile = Some(profile.name.clone());
    let mistakes = mistakes(&scenario);
    let impossible = mistakes.iter().filter_map(|mistake| match mistake {
        Mistake::Impossible(moment) => Some(moment.number),
        Mistake::NotShared(_) | Mistake::NotFollowed(_) => None,
    });
    let impossible: BTreeSet<usize> = impossible.collect();
    let mut number = 0..;
    scenario.plan.steps.retain(|_| number.next().is_none_or(|number| !impossible.contains(&number)));
    (slug, scenario)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use tombstone_search::explore::tour::tour;

    #[test]
    fn no_scenario_of_the_tour_is_mistaken_and_some_plans_of_it_were() {
        let rules = Arc::new(Rules::documented().clone());
        let profile = Profile::named(Profile::DEFAULT).expect("the default");
        let tour = tour(&rules, profile.readings());
        let mut shorter = 0;
        for (plan, number) in tour.plans.iter().zip(1..) {
            let (_, scenario) = toured(profile, plan, number);
            shorter += usize::from(scenario.plan.steps.len() < plan.steps.len());
            let text = tombstone_scenarios::write(&scenario);
            let read = Scenario::parse("tour", &text).expect("it is read back");
            assert!(mistakes(&read).is_empty(), "{text}");
        }
        assert!(shorter > 0);
    }
}
