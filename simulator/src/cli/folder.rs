//! The folder of a run's report: tried, locked and held against what it holds, before the work.

use std::path::{Path, PathBuf};

use tombstone_reports::events::{Event, EventLine, RunStarted};
use tombstone_reports::journal::{Journal, JournalError};
use tombstone_reports::quoted;

use super::outcome::CommandError;

/// The folder, where none is named.
const USUAL: &str = "tombstone-report";
/// The folder, where none is named and the usual one holds what a run found that did more.
const PART: &str = "tombstone-report-part";

/// The folder of a run that did less than the one whose report is kept.
pub(super) fn part() -> &'static Path {
    Path::new(PART)
}

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
    let journal = opened.map_err(refused)?;
    run.folder = Some(folder.to_string_lossy().into_owned());
    Ok((journal, folder.to_owned()))
}

/// What is gone on with: the journal, its folder, and the events that stand.
pub(super) struct Resumed {
    pub(super) journal: Journal,
    pub(super) folder: PathBuf,
    pub(super) events: Vec<EventLine>,
}

/// Goes on with the journal of a run that broke off, in the folder that is named, or in those that it goes to otherwise; the
/// start of the run says in which. What another command began is refused, and whatever `fits` refuses.
pub(super) fn resume(
    named: Option<&Path>,
    run: &mut RunStarted,
    fits: impl Fn(&[EventLine]) -> Result<(), CommandError>,
) -> Result<Resumed, CommandError> {
    let folders = named.map_or_else(|| vec![Path::new(USUAL), Path::new(PART)], |named| vec![named]);
    let mut why = None;
    for folder in folders {
        run.folder = Some(folder.to_string_lossy().into_owned());
        let keep = |lines: &[EventLine]| -> Result<Vec<EventLine>, ResumeRefusal> {
            if let Some(EventLine { event: Event::RunStarted(earlier), .. }) = lines.first()
                && let Some(other) = another(run, earlier)
            {
                return Err(ResumeRefusal::Another(other));
            }
            let kept = tombstone_campaign::resume::kept(lines);
            fits(&kept).map_err(ResumeRefusal::Command)?;
            let start = EventLine { of: None, event: Event::RunStarted(Box::new(run.clone())) };
            Ok(std::iter::once(start).chain(kept).collect())
        };
        match Journal::resume(folder, keep) {
            Ok((journal, mut events)) => {
                events.remove(0);
                return Ok(Resumed { journal, folder: folder.to_owned(), events });
            }
            Err(ResumeRefusal::Another(other)) => {
                why = Some(CommandError::usage(format!(
                    "error: what broke off in `{}` is another run: {other}\nhelp: give the command that broke off, and \
                     --resume; or start anew without it",
                    folder.display()
                )));
            }
            Err(ResumeRefusal::Journal(error @ JournalError::Nothing(_))) => {
                why.get_or_insert_with(|| refused(error));
            }
            Err(ResumeRefusal::Journal(error)) => return Err(refused(error)),
            Err(ResumeRefusal::Command(error)) => return Err(error),
        }
    }
    Err(why.unwrap_or_else(|| CommandError::usage("error: no folder to go on in")))
}

/// Why a journal cannot be gone on with.
enum ResumeRefusal {
    /// It is another run's: how that differs.
    Another(String),
    /// It cannot be read, or written.
    Journal(JournalError),
    /// Something else does not fit.
    Command(CommandError),
}

impl From<JournalError> for ResumeRefusal {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

/// How a run differs from an earlier one that was to do the same, where it does.
pub(super) fn another(run: &RunStarted, earlier: &RunStarted) -> Option<String> {
    let line = |words: &[String]| words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let of = |run: &RunStarted| {
        [
            ("version", run.tombstone.clone()),
            ("profile", run.profile.clone()),
            ("seed", run.seed.clone().unwrap_or_default()),
            ("rules", run.rules_digest.clone()),
            ("suite", run.suite_digest.clone()),
            ("implementations", line(&run.implementations)),
            ("arguments", line(&run.arguments)),
        ]
    };
    let differs = of(earlier).into_iter().zip(of(run)).find(|((_, theirs), (_, ours))| theirs != ours);
    let differs = differs.map(|((what, theirs), (_, ours))| format!("its {what}: `{theirs}`, and here `{ours}`"));
    differs.or_else(|| (run.scope != earlier.scope).then(|| "it does more, or less".to_owned()))
}

/// Why the folder of a report cannot be used, and what helps.
fn refused(error: JournalError) -> CommandError {
    match error {
        JournalError::Unwritten(error) => CommandError::unwritten(format!("{error}\n{ANOTHER}")),
        JournalError::Busy(_) => CommandError::incomplete(format!(
            "error: {error}\nhelp: wait for its end, or name another folder with --report"
        )),
        JournalError::Nothing(_) => CommandError::usage(format!(
            "error: {error}\nhelp: name its folder with --report, or start anew without --resume"
        )),
        JournalError::Malformed { .. } => {
            CommandError::usage(format!("error: {error}\nhelp: start anew without --resume"))
        }
        JournalError::Narrower { .. } => {
            CommandError::usage(format!("error: {error}\nhelp: name another folder with --report, or say --replace"))
        }
    }
}

/// What helps where a folder cannot be written into.
const ANOTHER: &str = "help: name another folder with --report";
