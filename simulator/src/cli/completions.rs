//! `tombstone completions`: a completion script for a shell.

use clap::{Args, Command};
use clap_complete::Shell;
use tombstone_reports::Exit;

use super::outcome::CommandOutcome;

#[derive(Args)]
pub(super) struct CompletionsArguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &CompletionsArguments, command: &mut Command) -> CommandOutcome {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, command, "tombstone", &mut script);
    super::output::print(&String::from_utf8_lossy(&script));
    Ok(Exit::Conforms)
}
