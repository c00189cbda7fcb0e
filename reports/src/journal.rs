//! The journal: the stream of events on disk while the run goes on. Whatever ends the run, what was told is there, to the
//! last whole line.
//!
//! A folder of a report is locked while a run writes into it. The journal stands beside the report of an earlier run, as
//! [`RUNNING`], until the new report takes its place; from then on the same events stand in [`EVENTS`],
//! those of each implementation together, so that the same run gives the same bytes.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::events::{self, Event, EventLine, RunStarted, StreamError, from_ndjson, to_ndjson, told};
use crate::value::narrower::NarrowedTo;
use crate::write::{EVENTS, WriteError, attempt, write_file};

/// The name of a journal, inside the folder of its report, while its run goes on.
pub const RUNNING: &str = "running.ndjson";

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    taking: Mutex<Taking>,
    /// Locked as long as it is open.
    _folder: Option<File>,
}

/// How far a journal is.
#[derive(Debug)]
enum Taking {
    /// It takes what is told.
    Open(File),
    /// Something could not be written; nothing more is, so that the last line is the only one that may be cut.
    Failed(io::Error),
    /// It takes nothing more; what could not be written before.
    Closed(Option<io::Error>),
}

impl Taking {
    fn write(&mut self, of: Option<usize>, event: &Event) {
        if let Self::Open(file) = self
            && let Err(error) = file.write_all(told(of, event).as_bytes())
        {
            *self = Self::Failed(error);
        }
    }

    /// Whether it was open until now.
    fn close(&mut self) -> bool {
        match std::mem::replace(self, Self::Closed(None)) {
            Self::Open(_) => true,
            Self::Failed(error) => {
                *self = Self::Closed(Some(error));
                true
            }
            Self::Closed(error) => {
                *self = Self::Closed(error);
                false
            }
        }
    }
}

/// Locks a folder, as long as it is open.
fn lock(folder: &Path) -> Result<Option<File>, JournalError> {
    // Where folders cannot be locked, nothing is lost but the warning.
    let lock = File::open(folder).ok();
    match lock.as_ref().map(File::try_lock) {
        Some(Err(TryLockError::WouldBlock)) => Err(JournalError::Busy(folder.to_owned())),
        Some(Ok(()) | Err(TryLockError::Error(_))) | None => Ok(lock),
    }
}

/// The most bytes of a first line: many times what any rules take.
const FIRST: u64 = 64 << 20;

/// What begins the stream in a file; none where there is no such file, or no stream in it.
fn head(file: &Path) -> Option<RunStarted> {
    let mut first = Vec::new();
    // A device may never end.
    fs::metadata(file).ok().filter(fs::Metadata::is_file)?;
    BufReader::new(File::open(file).ok()?).take(FIRST).read_until(b'\n', &mut first).ok()?;
    events::head(&first)
}

/// Why a run cannot write into a folder.
#[derive(Debug)]
pub enum JournalError {
    /// Nothing can be written there.
    Unwritten(WriteError),
    /// Another run writes into it.
    Busy(PathBuf),
    /// Nothing broke off there.
    Nothing(PathBuf),
    /// What broke off there is no stream.
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: StreamError,
    },
    /// An earlier run did more.
    Narrower {
        /// The folder.
        folder: PathBuf,
        /// What this one leaves out.
        narrowed: NarrowedTo,
    },
}

impl From<WriteError> for JournalError {
    fn from(error: WriteError) -> Self {
        Self::Unwritten(error)
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unwritten(error) => error.fmt(f),
            Self::Busy(folder) => write!(f, "another run writes its report into `{}`", folder.display()),
            Self::Nothing(folder) => write!(f, "no run broke off in `{}`", folder.display()),
            Self::Malformed { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Narrower { folder, narrowed } => {
                write!(f, "`{}` holds what a run found that did more: {narrowed}", folder.display())
            }
        }
    }
}

impl std::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unwritten(error) => Some(error),
            Self::Malformed { error, .. } => Some(error),
            Self::Busy(_) | Self::Nothing(_) | Self::Narrower { .. } => None,
        }
    }
}

impl Journal {
    /// Opens the journal of a run that writes its report into a folder, which is made if need be. What an earlier run that
    /// broke off left there is replaced, and so is its report in the end: but not with that of a narrower run, unless it
    /// is to be replaced by `any`.
    ///
    /// # Errors
    ///
    /// When another run writes into the folder, an earlier one did more, or nothing can be written there.
    pub fn open(folder: &Path, run: &RunStarted, any: bool) -> Result<Self, JournalError> {
        let cannot = |path: &Path| {
            let path = path.to_owned();
            move |error| WriteError { path, error }
        };
        fs::create_dir_all(folder).map_err(cannot(folder))?;
        let lock = lock(folder)?;
        for name in [RUNNING, EVENTS].into_iter().filter(|_| !any) {
            if let Some(narrowed) = head(&folder.join(name)).and_then(|earlier| NarrowedTo::of(run, &earlier)) {
                return Err(JournalError::Narrower { folder: folder.to_owned(), narrowed });
            }
        }
        attempt(folder)?;
        let path = folder.join(RUNNING);
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(&path).map_err(cannot(&path))?;
        Ok(Self { path, taking: Mutex::new(Taking::Open(file)), _folder: lock })
    }

    /// Goes on with what a run that broke off left in a folder: a journal, or the report of one that was interrupted. Of what
    /// it told that is kept which `keep` returns; it stands in the new journal from the start.
    ///
    /// # Errors
    ///
    /// When nothing broke off there, another run writes into the folder, `keep` refuses, or nothing can be written.
    pub fn resume<E: From<JournalError>>(
        folder: &Path,
        keep: impl FnOnce(&[EventLine]) -> Result<Vec<EventLine>, E>,
    ) -> Result<(Self, Vec<EventLine>), E> {
        let nothing = || JournalError::Nothing(folder.to_owned());
        let path = [RUNNING, EVENTS].map(|name| folder.join(name)).into_iter().find(|path| path.is_file());
        let path = path.ok_or_else(nothing)?;
        let lock = lock(folder)?;
        let cannot = |path: &Path, error| JournalError::Unwritten(WriteError { path: path.to_owned(), error });
        let text = fs::read(&path).map_err(|error| cannot(&path, error))?;
        let lines = from_ndjson(&text).map_err(|error| JournalError::Malformed { path: path.clone(), error })?;
        if lines.iter().any(|line| line.event == Event::RunEnded) {
            return Err(nothing().into());
        }
        let kept = keep(&lines)?;
        // Beside what is there, so that nothing is lost where this is ended, too.
        let running = folder.join(RUNNING);
        write_file(&running, &to_ndjson(&kept)).map_err(JournalError::Unwritten)?;
        let file = OpenOptions::new().append(true).open(&running).map_err(|error| cannot(&running, error))?;
        Ok((Self { path: running, taking: Mutex::new(Taking::Open(file)), _folder: lock }, kept))
    }

    /// Tells what happened, and to which implementation, counted from 0; it is on its way to the disk before this returns.
    /// After a write that failed nothing more is written, and after the end nothing is taken.
    pub fn tell(&self, of: Option<usize>, event: &Event) {
        self.taking().write(of, event);
    }

    fn taking(&self) -> MutexGuard<'_, Taking> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes nothing more, after a last event of the run where there is one. Whether it took something until now: of several
    /// threads that end a run, one is told so, and is to show its report.
    pub fn close(&self, last: Option<&Event>) -> bool {
        let mut taking = self.taking();
        if let Some(last) = last {
            taking.write(None, last);
        }
        taking.close()
    }

    /// What was told, as far as it could be written.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read back.
    pub fn read(&self) -> io::Result<Vec<EventLine>> {
        from_ndjson(&fs::read(&self.path)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Removes the journal once the report stands in its place.
    ///
    /// # Errors
    ///
    /// When something could not be written to it before, or it cannot be removed.
    pub fn end(&self) -> Result<(), WriteError> {
        let mut taking = self.taking();
        taking.close();
        let failed = match &mut *taking {
            Taking::Closed(error) => error.take(),
            Taking::Open(_) | Taking::Failed(_) => None,
        };
        let removed = match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        };
        let path = self.path.clone();
        failed.map_or(removed, Err).map_err(|error| WriteError { path, error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::STREAM;

    fn started() -> Event {
        Event::RunStarted(Box::new(RunStarted { stream: STREAM, ..RunStarted::default() }))
    }

    #[test]
    fn what_was_told_is_there_at_once_and_after_the_cut_nothing_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(folder.path(), &RunStarted::default(), false).expect("it opens");
        journal.tell(None, &started());
        journal.tell(Some(0), &Event::ImplementationEnded);
        let read = || journal.read().expect("it can be read");
        assert_eq!(read().len(), 2);
        let interrupted = Event::Interrupted { signal: "SIGTERM".to_owned() };
        assert!(journal.close(Some(&interrupted)), "it took something until then");
        journal.tell(Some(0), &Event::ImplementationEnded);
        assert!(!journal.close(Some(&Event::RunEnded)), "it ends once");
        assert_eq!((read().len(), &read()[2].event), (3, &interrupted));
        journal.end().expect("nothing failed");
        assert!(!folder.path().join(RUNNING).exists());
    }

    #[test]
    fn two_runs_do_not_write_into_one_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Journal::open(folder.path(), &RunStarted::default(), false).expect("it opens");
        first.tell(None, &started());
        let error = Journal::open(folder.path(), &RunStarted::default(), false).expect_err("it is locked").to_string();
        assert!(error.starts_with("another run writes its report into `"), "{error}");
        first.tell(None, &Event::RunEnded);
        assert!(first.read().is_ok_and(|lines| lines.len() == 2), "the first goes on undisturbed");
        first.end().expect("nothing failed");
        drop(first);
        assert!(Journal::open(folder.path(), &RunStarted::default(), false).is_ok());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_told_at_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("/dev/full", folder.path().join(RUNNING)).expect("a link");
        let journal = Journal::open(folder.path(), &RunStarted::default(), false).expect("it opens");
        journal.tell(None, &started());
        journal.tell(None, &Event::RunEnded);
        assert_eq!(journal.end().expect_err("nothing was written").error.kind(), io::ErrorKind::StorageFull);
    }
}
