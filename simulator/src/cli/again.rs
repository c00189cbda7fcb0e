//! `tombstone replay REPORT#ID`: a failure of a report, judged again with nothing but the report and the program.

use std::path::{Path, PathBuf};

use clap::Args;
use tombstone_reports::{CommandLine, Failure, ImplementationReport};
use tombstone_scenarios::Scenario;

use super::check::CheckArguments;
use super::outcome::{CommandError, CommandOutcome, unknown};
use super::output::colour;
use super::replay::{self, ReplayArguments};
use super::{check, report};

/// Replays what the command line names: a failure of a report, or anything else.
pub(super) fn replay(arguments: ReplayArguments) -> CommandOutcome {
    let text = arguments.named();
    match text.as_deref().and_then(named) {
        Some((report, id)) => run(arguments, report, id),
        None => replay::run(arguments),
    }
}

/// The report and the failure that a text names, as `REPORT#ID`; none where it is the name of a file, or names neither.
fn named(text: &str) -> Option<(&Path, &str)> {
    let parts = |(at, _): (usize, &str)| (Path::new(&text[..at]), &text[at + 1..]);
    let mut all = text.match_indices('#').map(parts).filter(|_| !Path::new(text).exists());
    // A path may hold the sign itself; one that is not there is told as the first would be.
    let first = all.clone().next();
    all.find(|(report, _)| report.exists()).or(first)
}

/// The file of a report that may be named by its folder.
fn file(report: &Path) -> PathBuf {
    let names = ["report.json", tombstone_reports::journal::RUNNING];
    let inside = names.iter().map(|name| report.join(name)).find(|file| file.is_file());
    inside.unwrap_or_else(|| report.to_owned())
}

/// Replays it, as the report says: with the profile, what the program was allowed, and the plan as it was shrunk. What the
/// command line says of these goes first.
fn run(arguments: ReplayArguments, report: &Path, id: &str) -> CommandOutcome {
    let path = file(report);
    let held = report::read(&path)?;
    let all: Vec<(&ImplementationReport, &Failure)> = held
        .implementations
        .iter()
        .flat_map(|it| {
            let unstable = it.unstable.iter().map(|unstable| &unstable.failure);
            it.failures().chain(unstable).map(move |failure| (it, failure))
        })
        .collect();
    let Some((it, failure)) = all.iter().find(|(_, failure)| failure.id == id) else {
        if all.is_empty() {
            return Err(CommandError::usage(format!("error: {} tells of no failure", path.display())));
        }
        return Err(unknown("failure", id, &all.iter().map(|(_, failure)| failure.id.as_str()).collect::<Vec<_>>()));
    };
    if it.chosen_by.is_empty() {
        return Err(CommandError::usage(format!(
            "error: {} does not say how {} was started\nhelp: its own line is: {}",
            path.display(),
            it.name,
            failure.replay
        )));
    }
    if !failure.witnesses.is_empty() {
        return together(arguments, &path, it, failure);
    }
    if failure.scenario.is_empty() {
        // Nothing but its line shows it: a world with many items, an engine that is killed.
        return as_recorded(arguments, &CommandLine::default().with(&failure.command));
    }
    let scenario =
        Scenario::parse(id, &failure.scenario).map_err(|wrong| CommandError::usage(wrong.render(colour())))?;
    let line = CommandLine::tombstone("replay").with([format!("{}#{id}", report.display())]);
    // Read as a line of its own, so that options mean what they meant.
    let recorded = recorded(line.clone().with(&it.chosen_by).words())?;
    let recorded = overruled(recorded, arguments);
    replay::one_scenario(&recorded, scenario, line)
}

/// What was recorded, where the command line does not say otherwise.
fn overruled(mut recorded: ReplayArguments, own: ReplayArguments) -> ReplayArguments {
    recorded.profile = own.profile.or(recorded.profile);
    if own.implementations.is_asked_for() {
        recorded.implementations = own.implementations;
    }
    recorded
}

/// Runs that contradict each other, checked together.
fn together(arguments: ReplayArguments, path: &Path, it: &ImplementationReport, failure: &Failure) -> CommandOutcome {
    let beside = tempfile::tempdir().map_err(|error| CommandError::unwritten(format!("a folder: {error}")))?;
    let mut files = Vec::new();
    for (witness, number) in failure.witnesses.iter().zip(1..) {
        let kept = witness.file.as_ref().map(|file| path.with_file_name(file)).filter(|file| file.is_file());
        let own = beside.path().join(format!("witness-{number}.toml"));
        if kept.is_none() {
            std::fs::write(&own, &witness.scenario).map_err(CommandError::unwritten)?;
        }
        files.push(kept.unwrap_or(own));
    }
    as_recorded(arguments, &CommandLine::together(&files).with(&it.chosen_by))
}

/// Runs a command as it was recorded, on the implementation that this command line chooses, if it does.
fn as_recorded(arguments: ReplayArguments, line: &CommandLine) -> CommandOutcome {
    eprintln!("replaying: {line}");
    match line.words().get(1).map(String::as_str) {
        Some("check") => {
            let mut recorded: CheckArguments = recorded(line.words())?;
            if arguments.implementations.is_asked_for() {
                recorded.implementations = arguments.implementations;
            }
            check::run(recorded)
        }
        Some("replay") => replay::run(overruled(recorded(line.words())?, arguments)),
        Some(_) | None => Err(CommandError::usage("error: the report does not say how to replay that")),
    }
}

/// What a line of a report says to its command.
fn recorded<A: Args>(words: &[String]) -> Result<A, CommandError> {
    let command = A::augment_args(clap::Command::new("tombstone"));
    let matches = command.try_get_matches_from(words.iter().skip(1));
    let wrong = |error| CommandError::usage(format!("error: what the report says cannot be read: {error}"));
    matches.and_then(|matches| A::from_arg_matches(&matches)).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::named;
    use std::path::Path;

    #[test]
    fn a_report_and_a_failure_are_told_apart_where_the_report_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let report = folder.path().join("a#b");
        std::fs::write(&report, "").expect("a file");
        let text = report.to_string_lossy().into_owned();
        assert_eq!(named(&text), None);
        assert_eq!(named(&format!("{text}#x/y#2")), Some((&*report, "x/y#2")));
        assert_eq!(named("nowhere.json#x#y"), Some((Path::new("nowhere.json"), "x#y")));
        assert_eq!(named("deletion/contact"), None);
    }
}
