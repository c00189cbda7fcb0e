//! `tombstone manual`: the manual pages, a file for each command.

use std::path::PathBuf;

use clap::{Args, Command};
use tombstone_reports::Exit;

use super::outcome::{CommandError, CommandOutcome};

#[derive(Args)]
pub(super) struct ManualArguments {
    /// The folder to write them into, which is made if need be: `tombstone.1`, `tombstone-check.1`, and so on.
    folder: PathBuf,
}

pub(super) fn run(arguments: &ManualArguments, command: Command) -> CommandOutcome {
    let folder = &arguments.folder;
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
    let cannot = |error| CommandError::unwritten(format!("cannot write into {}: {error}", folder.display()));
    written.map(|()| Exit::Conforms).map_err(cannot)
}
