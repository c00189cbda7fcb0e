//! `tombstone scenario`: write, check and format scenarios.

use std::path::PathBuf;

use clap::Subcommand;
use tombstone_campaign::judge::{Mistake, Unmet, mistakes};
use tombstone_model::plan::Kind;
use tombstone_model::verdict::RunVerdict;
use tombstone_model::words::{self, counted};
use tombstone_reports::Exit;
use tombstone_scenarios::Scenario;

use super::choose::{Loaded, load, select};
use super::outcome::{CommandError, CommandOutcome, unknown};
use super::output::{colour, print};

#[derive(Subcommand)]
pub(super) enum ScenarioCommand {
    /// Print a new scenario about an item of a kind.
    New {
        /// The kind: email, contact, appointment, task, ...
        kind: String,
    },
    /// Check files and folders, or the suite: the language, that every step is possible, and that expectations agree with
    /// the model.
    Check {
        /// Files and folders.
        paths: Vec<PathBuf>,
    },
    /// Format files in place.
    Fmt {
        /// Files.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Change nothing; exit 2 if something would change.
        #[arg(long)]
        check: bool,
    },
    /// Show scenarios of the suite: their steps in words.
    Show {
        /// Ids; `*` stands for anything.
        patterns: Vec<String>,
    },
}

pub(super) fn run(command: ScenarioCommand) -> CommandOutcome {
    match command {
        ScenarioCommand::New { kind } => {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            let kind = Kind::named(&kind).ok_or_else(|| unknown("kind", &kind, &known))?;
            print(&tombstone_scenarios::template(kind));
            Ok(Exit::Conforms)
        }
        ScenarioCommand::Check { paths } => check(&paths),
        ScenarioCommand::Fmt { paths, check } => format(&paths, check),
        ScenarioCommand::Show { patterns } => {
            for scenario in select(load(&[], colour())?.scenarios, &patterns)? {
                show(&scenario);
            }
            Ok(Exit::Conforms)
        }
    }
}

fn check(paths: &[PathBuf]) -> CommandOutcome {
    let mut loaded = load(paths, colour())?;
    for scenario in &loaded.scenarios {
        loaded.errors.extend(mistakes(scenario).iter().map(|mistake| said(scenario, mistake)));
    }
    if loaded.errors.is_empty() {
        let them = if loaded.scenarios.len() == 1 { "it" } else { "them" };
        print(&format!("{}, nothing wrong with {them}", counted(loaded.scenarios.len() as u64, "scenario")));
        return Ok(Exit::Conforms);
    }
    Err(CommandError::usage(loaded.errors.join("\n")))
}

/// Takes scenarios out that are wrong in themselves, under their own profile or this one, and says what is: nobody is to
/// be judged by them. The suite is right, by a test.
pub(super) fn take_out_mistaken(loaded: &mut Loaded) {
    let Loaded { scenarios, errors, .. } = loaded;
    scenarios.retain(|scenario| {
        let mut mistakes = mistakes(scenario);
        // What the model does not get through may be decided of an implementation.
        mistakes.retain(|mistake| !matches!(mistake, Mistake::NotFollowed(_)));
        errors.extend(mistakes.iter().map(|mistake| said(scenario, mistake)));
        mistakes.is_empty()
    });
}

/// A mistake of a scenario, in the words of an error.
fn said(scenario: &Scenario, mistake: &Mistake) -> String {
    match mistake {
        Mistake::Impossible(moment) => format!(
            "error[scenario::impossible-step]: step {} is not possible: {}\n --> {}\nhelp: what it is applied to is not \
             there, or is no such thing or closed already, or the computer cannot be used then; no implementation is \
             asked to do it",
            moment.number + 1,
            words::step(&scenario.plan, &moment.step),
            scenario.id
        ),
        Mistake::NotFollowed(verdict) => {
            let why = match verdict {
                RunVerdict::Conforms => "it conforms",
                RunVerdict::Diverges(_) => "it does something else itself",
                RunVerdict::Unsupported(why) | RunVerdict::Broken(why) | RunVerdict::Undecided(why) => why,
            };
            format!("error[scenario::model]: the model does not follow it: {why}\n --> {}", scenario.id)
        }
        Mistake::NotShared(Unmet { after, expected, seen }) => format!(
            "error[scenario::expectation]: the model does not share an expectation after step {after}\n --> {}\n  = expected: \
             {expected}\n  = the model: {seen}\nhelp: leave the expectation out, and the model supplies it; or name the \
             profile that it holds under",
            scenario.id
        ),
    }
}

fn format(paths: &[PathBuf], check: bool) -> CommandOutcome {
    let (mut errors, mut unwritten) = (Vec::new(), Vec::new());
    for path in paths {
        let cannot = |error: std::io::Error| format!("error: cannot read {}: {error}", path.display());
        let text = match std::fs::read_to_string(path).map_err(cannot) {
            Ok(text) => text,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        match tombstone_scenarios::format(&text) {
            Err(error) => errors.push(format!("error: {}: {error}", path.display())),
            Ok(formatted) if formatted == text => {}
            Ok(_) if check => errors.push(format!("error: {} is not formatted", path.display())),
            Ok(formatted) => {
                if let Err(error) = tombstone_reports::write::write_file(path, &formatted) {
                    unwritten.push(CommandError::unwritten(error));
                }
            }
        }
    }
    let exit = match (errors.is_empty(), unwritten.is_empty()) {
        (true, true) => return Ok(Exit::Conforms),
        (false, _) => Exit::Usage,
        (true, false) => Exit::Incomplete,
    };
    errors.extend(unwritten.into_iter().map(|stop| stop.message));
    Err(CommandError { exit, message: errors.join("\n") })
}

fn show(scenario: &Scenario) {
    print(&format!("{}\n  {}\n  covers {}", scenario.id, scenario.title, scenario.covers.join(", ")));
    for (step, number) in scenario.plan.steps.iter().zip(1..) {
        print(&format!("  {number:>3}. {}", words::step(&scenario.plan, step)));
    }
}
