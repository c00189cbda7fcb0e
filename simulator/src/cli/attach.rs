//! How programs are reached other than by their command line: by a name in a file, or by a local socket.

use std::path::PathBuf;

use clap::Args;

use super::Stop;
use super::choose::unknown;
use crate::adapter::Launch;
use crate::implementations::Implementations;
use crate::subject::{BuiltIn, Subject};

/// Where programs are found.
#[derive(Args, Clone, Debug)]
pub(super) struct Attaching {
    /// A file of implementations, one `[implementation.NAME]` each; with no name chosen, all of them that are installed.
    #[arg(long, value_name = "FILE")]
    implementations: Option<PathBuf>,
    /// The local socket of a program that runs already and speaks the adapter protocol. May be given several times.
    #[arg(long, value_name = "SOCKET")]
    connect: Vec<PathBuf>,
    /// Wait for answers as long as it takes.
    #[arg(long)]
    pub(super) no_deadlines: bool,
}

/// What the file holds.
pub(super) struct Listed(Implementations);

impl Attaching {
    /// Reads the file, if there is one.
    pub(super) fn listed(&self) -> Result<Listed, Stop> {
        let read = self.implementations.as_deref().map(Implementations::read).transpose();
        Ok(Listed(read.map_err(|errors| Stop::usage(errors.to_string()))?.unwrap_or_default()))
    }

    /// The programs that run already.
    pub(super) fn running(&self) -> impl Iterator<Item = Subject> {
        self.connect.iter().map(|socket| Subject::Program {
            launch: Box::new(Launch::attached(socket)),
            name: None,
            profile: None,
        })
    }
}

impl Listed {
    /// The one of that name.
    pub(super) fn named(&self, name: &str) -> Result<Subject, Stop> {
        let Self(file) = self;
        let Some(subject) = file.subject(name) else {
            let mut known: Vec<&str> = file.names().collect();
            for built_in in BuiltIn::ALL {
                known.push(built_in.name());
            }
            return Err(unknown("implementation", name, &known));
        };
        match file.missing(name) {
            None => Ok(subject),
            Some(missing) => Err(Stop::incomplete(format!("error: {}", self.not_installed(name, missing)))),
        }
    }

    /// All that are installed; what is not is said.
    pub(super) fn installed(&self) -> Result<Vec<Subject>, Stop> {
        let Self(file) = self;
        let mut subjects = Vec::new();
        for name in file.names() {
            match file.missing(name) {
                None => subjects.extend(file.subject(name)),
                Some(missing) => eprintln!("skipped: {}", self.not_installed(name, missing)),
            }
        }
        if subjects.is_empty() && file.names().next().is_some() {
            return Err(Stop::incomplete("error: none of the implementations in the file is installed"));
        }
        Ok(subjects)
    }

    fn not_installed(&self, name: &str, missing: &str) -> String {
        let entry = self.0.get(name);
        let install = entry.map(|entry| entry.install.join(" ")).filter(|install| !install.is_empty());
        let needs = entry.and_then(|entry| entry.needs.as_ref());
        let mut text = format!("{name} is not installed: `{missing}` is missing");
        if let Some(install) = install {
            let folder = entry.map(|entry| entry.directory.display().to_string()).unwrap_or_default();
            text.push_str(&format!("\nhelp: run `{install}` in its folder `{folder}`"));
            text.push_str(&needs.map(|needs| format!("; it needs {needs}")).unwrap_or_default());
        }
        text
    }
}
