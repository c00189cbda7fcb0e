//! `tombstone completions`: a completion script for a shell.

use clap::{Args, Command};
use clap_complete::Shell;
use tombstone_reports::Exit;

use super::outcome::Outcome;

#[derive(Args)]
pub(super) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments, command: &mut Command) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, command, "tombstone", &mut script);
    super::output::print(&String::from_utf8_lossy(&script));
    Ok(Exit::Conforms)
}
