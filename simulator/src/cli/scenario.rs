//! `tombstone scenario`: write, check and format scenarios.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Subcommand;
use tombstone_campaign::judge::{Mistake, Unmet, mistakes};
use tombstone_model::plan::Kind;
use tombstone_model::verdict::RunVerdict;
use tombstone_model::words::{self, counted};
use tombstone_reports::Exit;
use tombstone_scenarios::{Diagnostic, Diagnostics, Scenario};

use super::choose::{Loaded, files_of, load, select};
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
        /// Files and folders.
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
    let wrong = loaded.scenarios.iter().filter_map(|scenario| said(&loaded, scenario, &mistakes(scenario)));
    let wrong: Vec<String> = wrong.collect();
    loaded.errors.extend(wrong);
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
    let mut wrong = BTreeSet::new();
    let mut errors = Vec::new();
    for scenario in &loaded.scenarios {
        let mut mistakes = mistakes(scenario);
        // What the model does not get through may be decided of an implementation.
        mistakes.retain(|mistake| !matches!(mistake, Mistake::NotFollowed(_)));
        if let Some(said) = said(loaded, scenario, &mistakes) {
            errors.push(said);
            wrong.insert(scenario.id.clone());
        }
    }
    loaded.errors.extend(errors);
    loaded.scenarios.retain(|scenario| !wrong.contains(&scenario.id));
}

/// The mistakes of a scenario, each with its place in the file; none where there is none.
fn said(loaded: &Loaded, scenario: &Scenario, mistakes: &[Mistake]) -> Option<String> {
    if mistakes.is_empty() {
        return None;
    }
    let (name, text) = loaded.sources.get(&scenario.id).cloned().unwrap_or_default();
    let mut list: Vec<Diagnostic> = mistakes.iter().map(|mistake| diagnosed(scenario, mistake)).collect();
    list.sort_by_key(|diagnostic| diagnostic.span.start);
    Some(Diagnostics { name, text, list }.render(colour()))
}

/// A mistake of a scenario, as an error of its file. Steps are counted as replays count them, without the expectations.
fn diagnosed(scenario: &Scenario, mistake: &Mistake) -> Diagnostic {
    let of_step = |number: usize| scenario.spans.get(number).cloned().unwrap_or_default();
    match mistake {
        Mistake::Impossible(moment) => Diagnostic {
            code: "scenario::impossible-step",
            message: format!("step {} is not possible", moment.number + 1),
            span: of_step(moment.number),
            label: words::step(&scenario.plan, &moment.step),
            help: Some(
                "what it is applied to is not there, or is no such thing or closed already, or the computer cannot be used \
                 then; no implementation is asked to do it"
                    .to_owned(),
            ),
        },
        Mistake::NotFollowed(verdict) => {
            let why = match verdict {
                RunVerdict::Conforms => "it conforms",
                RunVerdict::Diverges(_) => "it does something else itself",
                RunVerdict::Unsupported(why) | RunVerdict::Broken(why) | RunVerdict::Undecided(why) => why,
            };
            Diagnostic {
                code: "scenario::model",
                message: "the model does not follow it".to_owned(),
                span: of_step(0),
                label: why.to_owned(),
                help: None,
            }
        }
        Mistake::NotShared(Unmet { after, expected, seen, span }) => {
            let when = if *after == 0 { "at the start".to_owned() } else { format!("after step {after}") };
            Diagnostic {
                code: "scenario::expectation",
                message: format!("the model does not share an expectation {when}: {expected}"),
                span: span.clone(),
                label: format!("the model: {seen}"),
                help: Some(
                    "leave the expectation out, and the model supplies it; or name the profile that it holds under"
                        .to_owned(),
                ),
            }
        }
    }
}

fn format(paths: &[PathBuf], check: bool) -> CommandOutcome {
    let (found, mut errors) = files_of(paths)?;
    let mut unwritten = Vec::new();
    for (_, path) in found {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                errors.push(format!("error: cannot read {}: {error}", path.display()));
                continue;
            }
        };
        if text.trim().is_empty() {
            let help = "`tombstone scenario new KIND` prints one to begin with";
            errors.push(format!("error: there is nothing in {}\nhelp: {help}", path.display()));
            continue;
        }
        match tombstone_scenarios::format(&text) {
            Err(error) => errors.push(format!("error: {}: {error}", path.display())),
            Ok(formatted) if formatted == text => {}
            Ok(_) if check => errors.push(format!("error: {} is not formatted", path.display())),
            Ok(formatted) => {
                if let Err(error) = tombstone_reports::write::write_file(&path, &formatted) {
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
