//! `tombstone scenario`: write, check and format scenarios.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;
use tombstone_model::plan::Kind;
use tombstone_model::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::trace::{Moment, Trace};
use tombstone_model::verdict::Verdict;
use tombstone_reports::Exit;
use tombstone_scenarios::Scenario;

use super::choose::{load, select, unknown};
use super::{Outcome, Stop, colour, print};
use crate::check::unmet;
use crate::run::{Terms, record};
use crate::words;

#[derive(Subcommand)]
pub(super) enum Command {
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

pub(super) fn run(command: Command) -> Outcome {
    match command {
        Command::New { kind } => {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            let kind = Kind::named(&kind).ok_or_else(|| unknown("kind", &kind, &known))?;
            print(&tombstone_scenarios::template(kind));
            Ok(Exit::Conforms)
        }
        Command::Check { paths } => check(&paths),
        Command::Fmt { paths, check } => format(&paths, check),
        Command::Show { patterns } => {
            for scenario in select(load(&[], colour())?.scenarios, &patterns)? {
                show(&scenario);
            }
            Ok(Exit::Conforms)
        }
    }
}

fn check(paths: &[PathBuf]) -> Outcome {
    let mut loaded = load(paths, colour())?;
    for scenario in &loaded.scenarios {
        loaded.errors.extend(problems(scenario));
    }
    if loaded.errors.is_empty() {
        print(&match loaded.scenarios.len() {
            1 => "1 scenario, nothing wrong with it".to_owned(),
            n => format!("{n} scenarios, nothing wrong with them"),
        });
        return Ok(Exit::Conforms);
    }
    Err(Stop::usage(loaded.errors.join("\n")))
}

/// Steps of a scenario that are not possible, in the words of an error each.
pub(super) fn impossible_steps(scenario: &Scenario) -> Vec<String> {
    let rules = Arc::new(Rules::documented().clone());
    let profile = scenario.profile.as_deref().unwrap_or(Profile::DEFAULT);
    let Some(profile) = Profile::named(profile) else { return Vec::new() };
    let mut reference = Reference::new("reference", Arc::clone(&rules), profile.readings());
    let terms = Terms { rules: &rules, readings: profile.readings(), skip_unsupported: false };
    impossible(scenario, &record(terms, &scenario.plan, &mut reference).1)
}

fn impossible(scenario: &Scenario, trace: &Trace) -> Vec<String> {
    let moments = trace.moments.iter().filter(|moment| moment.answer.is_none());
    let error = |moment: &Moment| {
        format!(
            "error[scenario::impossible-step]: step {} is not possible: {}\n --> {}\nhelp: what it is applied to is not \
             there, or the computer cannot be used then",
            moment.number + 1,
            words::step(&scenario.plan, &moment.step),
            scenario.id
        )
    };
    moments.map(error).collect()
}

/// Steps that are not possible, and expectations that the model does not share.
fn problems(scenario: &Scenario) -> Vec<String> {
    let rules = Arc::new(Rules::documented().clone());
    let profile = scenario.profile.as_deref().unwrap_or(Profile::DEFAULT);
    let Some(profile) = Profile::named(profile) else { return Vec::new() };
    let mut reference = Reference::new("reference", Arc::clone(&rules), profile.readings());
    let terms = Terms { rules: &rules, readings: profile.readings(), skip_unsupported: false };
    let (run, trace) = record(terms, &scenario.plan, &mut reference);
    let mut problems = impossible(scenario, &trace);
    if run.verdict != Verdict::Conforms {
        problems.push(format!(
            "error[scenario::model]: the model does not follow it: {:?}\n --> {}",
            run.verdict, scenario.id
        ));
    }
    for expectation in &scenario.expectations {
        if let Some((expected, seen)) = unmet(scenario, expectation, &trace) {
            problems.push(format!(
                "error[scenario::expectation]: the model does not share an expectation after step {}\n --> {}\n  = expected: \
                 {expected}\n  = the model: {seen}\nhelp: leave the expectation out, and the model supplies it; or name the \
                 profile that it holds under",
                expectation.after, scenario.id
            ));
        }
    }
    problems
}

fn format(paths: &[PathBuf], check: bool) -> Outcome {
    let mut errors = Vec::new();
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
                    errors.push(format!("error: {error}"));
                }
            }
        }
    }
    if errors.is_empty() { Ok(Exit::Conforms) } else { Err(Stop::usage(errors.join("\n"))) }
}

fn show(scenario: &Scenario) {
    print(&format!("{}\n  {}\n  covers {}", scenario.id, scenario.title, scenario.covers.join(", ")));
    for (step, number) in scenario.plan.steps.iter().zip(1..) {
        print(&format!("  {number:>3}. {}", words::step(&scenario.plan, step)));
    }
}
