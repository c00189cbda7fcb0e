//! The lines that are printed so that something can be seen again: each is a command of Tombstone that overwrites no
//! report.
//!
//! Every kind of line is made here, and executed as it is printed by a test.

use std::path::Path;

use tombstone_model::readings::profiles::Profile;
use tombstone_reports::{AGAIN, CommandLine};

use crate::campaign::PlansFrom;
use crate::checking::Checking;
use crate::subject::Subject;

/// Judges a scenario again, by its id.
pub fn scenario(checking: &Checking, subject: &Subject, id: &str) -> CommandLine {
    let from = checking.suite.iter().flat_map(|path| ["--suite", path]);
    replay(CommandLine::tombstone("replay").with(["--scenario", id]).with(from), &checking.profile, subject)
}

/// Judges a drawn plan again, by its index.
pub fn plan(source: &PlansFrom, index: u64, profile: &Profile, subject: &Subject) -> CommandLine {
    replay(CommandLine::tombstone("replay").with(source.arguments(index)), profile, subject)
}

/// Judges the scenario of a file again.
pub fn file(path: &Path, profile: &Profile, subject: &Subject) -> CommandLine {
    CommandLine::replay(path).with(chosen_by(profile, subject))
}

/// The words at the end of each line, which choose the profile and the implementation.
pub fn chosen_by(profile: &Profile, subject: &Subject) -> Vec<String> {
    replay(CommandLine::default(), profile, subject).words().to_vec()
}

/// Checks more than one thing again. That writes a report, and so into a folder of its own.
pub fn several(checking: &Checking, subject: &Subject, options: Vec<String>) -> CommandLine {
    let from = checking.suite.iter().flat_map(|path| ["--suite", path]);
    let command = CommandLine::tombstone("check").with(options).with(from).with(["--report", AGAIN, "--replace"]);
    replay(command, &checking.profile, subject)
}

/// Kills the engine of a program so many times again.
pub fn kills(times: u64, seed: u64, profile: &Profile, subject: &Subject) -> CommandLine {
    let again = ["--kill".to_owned(), times.to_string(), "--seed".to_owned(), seed.to_string()];
    replay(CommandLine::tombstone("replay").with(again), profile, subject)
}

/// Brings the disasters about again.
pub fn disasters(profile: &Profile, subject: &Subject) -> CommandLine {
    replay(CommandLine::tombstone("replay").with(["--disasters"]), profile, subject)
}

fn replay(command: CommandLine, profile: &Profile, subject: &Subject) -> CommandLine {
    subject.chosen_by(command.with(["--profile", &profile.name]))
}
