//! The folder of a run's report: tried, locked and held against what it holds, before the work.

use std::path::{Path, PathBuf};

use tombstone_reports::events::RunStarted;
use tombstone_reports::journal::{Journal, JournalError};

use super::outcome::CommandError;

/// The folder, where none is named.
const USUAL: &str = "tombstone-report";
/// The folder, where none is named and the usual one holds what a run found that did more.
const PART: &str = "tombstone-report-part";

/// Opens the journal of a run in the folder that is named, or in the usual one; the start of the run says in which.
///
/// A narrower run never takes the place of a fuller one unasked: in a folder that is named that is an error, and otherwise it
/// goes to a folder of its own, where nothing is kept.
pub(super) fn open(
    named: Option<&Path>,
    replace: bool,
    run: &mut RunStarted,
) -> Result<(Journal, PathBuf), CommandError> {
    let folder = named.unwrap_or(Path::new(USUAL));
    let (folder, opened) = match Journal::open(folder, run, replace) {
        Err(JournalError::Narrower { narrowed, .. }) if named.is_none() => {
            eprintln!(
                "note: `{USUAL}` holds what a run found that did more: {narrowed}; this one goes to `{PART}`, or with \
                 --replace into its place"
            );
            (Path::new(PART), Journal::open(Path::new(PART), run, true))
        }
        opened => (folder, opened),
    };
    let journal = opened.map_err(|error| match error {
        JournalError::Unwritten(error) => CommandError::unwritten(format!("{error}\n{ANOTHER}")),
        JournalError::Busy(_) => CommandError::incomplete(format!(
            "error: {error}\nhelp: wait for its end, or name another folder with --report"
        )),
        JournalError::Narrower { .. } => {
            CommandError::usage(format!("error: {error}\nhelp: name another folder with --report, or say --replace"))
        }
    })?;
    run.folder = Some(folder.to_string_lossy().into_owned());
    Ok((journal, folder.to_owned()))
}

/// What helps where a folder cannot be written into.
const ANOTHER: &str = "help: name another folder with --report";
