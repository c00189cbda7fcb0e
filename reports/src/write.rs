//! Writing a report into a folder: every form of it, each to a temporary name first and then renamed.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::events::{EventLine, to_ndjson};
use crate::render::text::{GivenNames, unique};
use crate::render::{badge, html, junit, markdown, sarif, timeline};
use crate::value::report::Report;
use crate::value::timings::Timings;

/// The name of the events that a report was folded from, inside its folder.
pub const EVENTS: &str = "events.ndjson";

/// A file that could not be written.
#[derive(Debug)]
pub struct WriteError {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub error: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write `{}`: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Every file of a report, by its name inside the folder, in a fixed order. `report.json` comes first: it is what the
/// others are made of, and equal reports give equal files. Times stand in `timings.json`, in `junit.xml` and with the events
/// that the report was folded from, and nowhere else; a report without events, which nothing was folded from, has no file of them.
pub fn files(report: &Report, timings: Option<&Timings>, events: &[EventLine]) -> Vec<(String, String)> {
    let mut files = vec![
        ("report.json".to_owned(), report.to_json()),
        ("report.html".to_owned(), html::page(report, None)),
        ("junit.xml".to_owned(), junit::junit(report, timings)),
        ("report.sarif".to_owned(), sarif::sarif(report)),
        ("summary.md".to_owned(), markdown::markdown(report)),
    ];
    files.extend(timings.map(|timings| ("timings.json".to_owned(), timings.to_json())));
    files.extend((!events.is_empty()).then(|| (EVENTS.to_owned(), to_ndjson(events))));
    if !report.implementations.is_empty() {
        files.push((BADGES.to_owned(), badge::endpoints(report)));
    }
    let mut names = GivenNames::new();
    for implementation in &report.implementations {
        let name = unique(&mut names, &implementation.name);
        files.push((format!("badge-{name}.svg"), badge::badge(implementation)));
        files.push((format!("badge-{name}.json"), badge::endpoint(implementation)));
    }
    let mut names = GivenNames::new();
    for implementation in &report.implementations {
        let unstable = implementation.unstable.iter().map(|unstable| &unstable.failure);
        for failure in implementation.failures().chain(unstable) {
            let file = failure.file.as_deref().and_then(|file| file.strip_prefix("failures/")?.strip_suffix(".toml"));
            let name = unique(&mut names, file.unwrap_or(&failure.id));
            if let Some(picture) = &failure.timeline {
                files.push((format!("{FAILURES}/{name}.svg"), timeline::svg(picture, &failure.id)));
            }
            if !failure.scenario.is_empty() {
                files.push((format!("{FAILURES}/{name}.toml"), failure.scenario.clone()));
            }
            for (witness, at) in failure.witnesses.iter().zip(1..) {
                let file =
                    witness.file.as_deref().and_then(|file| file.strip_prefix("failures/")?.strip_suffix(".toml"));
                let name = format!("{name}-witness-{at}");
                let name = unique(&mut names, file.unwrap_or(&name));
                if let Some(picture) = &witness.timeline {
                    files.push((format!("failures/{name}.svg"), timeline::svg(picture, &witness.run)));
                }
                files.push((format!("failures/{name}.toml"), witness.scenario.clone()));
            }
        }
    }
    files
}

/// The name of the badges of rows inside the folder of a report.
const BADGES: &str = "badges.json";
/// The folder of the failures inside that of a report.
const FAILURES: &str = "failures";
/// How the name of a folder begins in which a report is made before it takes its place.
const STAGE: &str = ".tombstone-";

/// Tries whether a report can be written into a folder, which is made if need be. Nothing in it is changed.
///
/// # Errors
///
/// When the folder cannot be made or nothing be written in it.
pub fn attempt(folder: &Path) -> Result<(), WriteError> {
    let tried = fs::create_dir_all(folder).and_then(|()| {
        let mut file = tempfile::Builder::new().prefix(STAGE).tempfile_in(folder)?;
        file.write_all(b"tombstone")?;
        file.flush()
    });
    tried.map_err(|error| WriteError { path: folder.to_owned(), error })
}

/// Writes every file of a report into a folder, which is made if need be. Returns their paths.
///
/// All of it is first written beside what is there, and takes its place only then: a report that cannot be written leaves
/// the earlier one as it was. Of that nothing remains afterwards; what is no part of a report is left alone. While the
/// places are taken there is no `report.json`: a folder without one holds no report.
///
/// # Errors
///
/// When the folder cannot be made or a file in it not be written; the error names it.
pub fn write(
    report: &Report,
    timings: Option<&Timings>,
    events: &[EventLine],
    folder: &Path,
) -> Result<Vec<PathBuf>, WriteError> {
    let cannot = |error: io::Error| WriteError { path: folder.to_owned(), error };
    fs::create_dir_all(folder).map_err(cannot)?;
    let stage = tempfile::Builder::new().prefix(STAGE).tempdir_in(folder).map_err(cannot)?;
    let files = files(report, timings, events);
    for (name, text) in &files {
        write_file(&stage.path().join(name), text).map_err(|error| WriteError { path: folder.join(name), ..error })?;
    }
    clear(folder, stage.path()).map_err(cannot)?;
    let mut paths = Vec::new();
    // The report itself is the last.
    for (name, _) in files.iter().skip(1).chain(files.first()) {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        let moved = fs::create_dir_all(parent).and_then(|()| fs::rename(stage.path().join(name), &path));
        moved.map_err(|error| WriteError { path: path.clone(), error })?;
        paths.push(path);
    }
    Ok(paths)
}

/// Removes what an earlier report left in the folder, that report's `report.json` first, and what one that was
/// interrupted left.
fn clear(folder: &Path, stage: &Path) -> io::Result<()> {
    let removed = |path: &Path| match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    };
    for name in
        ["report.json", "report.html", "junit.xml", "report.sarif", "summary.md", "timings.json", BADGES, EVENTS]
    {
        removed(&folder.join(name))?;
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?.path();
        let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with(STAGE) && entry.file_name() != stage.file_name() {
            if entry.is_dir() { fs::remove_dir_all(&entry)? } else { removed(&entry)? }
        } else if name.starts_with("badge-") && (name.ends_with(".svg") || name.ends_with(".json")) {
            removed(&entry)?;
        }
    }
    let failures = folder.join(FAILURES);
    if failures.is_dir() {
        for entry in fs::read_dir(&failures)? {
            let entry = entry?.path();
            if entry.extension().is_some_and(|extension| extension == "svg" || extension == "toml") {
                removed(&entry)?;
            }
        }
        // One that holds anything else stays.
        let _ = fs::remove_dir(&failures);
    }
    Ok(())
}

/// Writes a file to a temporary name beside it and renames it, so that nobody ever sees half of it. What a link leads to is
/// replaced, not the link; a device or a pipe is written to.
///
/// # Errors
///
/// When that fails; the error names the file.
pub fn write_file(path: &Path, text: &str) -> Result<(), WriteError> {
    let written = match fs::metadata(path) {
        Ok(there) if there.is_file() => fs::canonicalize(path).and_then(|path| replace(&path, text)),
        Ok(there) if !there.is_dir() => {
            let opened = fs::OpenOptions::new().write(true).open(path);
            opened.and_then(|mut file| file.write_all(text.as_bytes()))
        }
        Ok(_) | Err(_) => replace(path, text),
    };
    written.map_err(|error| WriteError { path: path.to_owned(), error })
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    readable(file.as_file())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A temporary file is its owner's alone; a report is for everybody who may look into the folder.
#[cfg(unix)]
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}
