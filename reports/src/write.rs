//! Writing a report into a folder: every form of it, each to a temporary name first and then renamed.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::report::Report;
use crate::timings::Timings;
use crate::{badge, html, junit, markdown, timeline};

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
/// others are made of.
pub fn files(report: &Report, timings: Option<&Timings>) -> Vec<(String, String)> {
    let mut files = vec![
        ("report.json".to_owned(), report.to_json()),
        ("report.html".to_owned(), html::page(report, timings)),
        ("junit.xml".to_owned(), junit::junit(report)),
        ("summary.md".to_owned(), markdown::markdown(report)),
    ];
    files.extend(timings.map(|timings| ("timings.json".to_owned(), timings.to_json())));
    let mut names = Vec::new();
    for implementation in &report.implementations {
        let name = unique(&mut names, &implementation.name);
        files.push((format!("badge-{name}.svg"), badge::badge(implementation)));
        for failure in implementation.failures() {
            let name = unique(&mut names, &failure.id);
            if let Some(picture) = &failure.timeline {
                files.push((format!("failures/{name}.svg"), timeline::svg(picture, &failure.id)));
            }
            if !failure.scenario.is_empty() {
                files.push((format!("failures/{name}.toml"), failure.scenario.clone()));
            }
        }
    }
    files
}

/// Writes every file of a report into a folder, which is made if need be. Returns their paths.
///
/// # Errors
///
/// When the folder cannot be made or a file in it not be written; the error names it.
pub fn write(report: &Report, timings: Option<&Timings>, folder: &Path) -> Result<Vec<PathBuf>, WriteError> {
    let mut paths = Vec::new();
    for (name, text) in files(report, timings) {
        let path = folder.join(name);
        write_file(&path, &text)?;
        paths.push(path);
    }
    Ok(paths)
}

/// Writes a file to a temporary name beside it and renames it, so that nobody ever sees half of it.
///
/// # Errors
///
/// When that fails; the error names the file.
pub fn write_file(path: &Path, text: &str) -> Result<(), WriteError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let written = fs::create_dir_all(folder).and_then(|()| {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        readable(file.as_file())?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    });
    written.map_err(|error| WriteError { path: path.to_owned(), error })
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

/// A file name for any text: letters, digits, dots and dashes, and no two alike even where case does not count.
fn unique(names: &mut Vec<String>, text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slug: String = text.chars().map(plain).take(100).collect();
    let slug = slug.trim_matches('-');
    let slug = if slug.is_empty() { "unnamed" } else { slug };
    let mut name = slug.to_owned();
    let mut times = 1;
    while names.contains(&name) {
        times += 1;
        name = format!("{slug}-{times}");
    }
    names.push(name.clone());
    name
}
