//! A file of implementations: what they are called, and how to start or reach each.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use tombstone_adapter::Launch;
use tombstone_model::readings::profiles::Profile;

use crate::subject::{BuiltIn, Subject};

/// The implementations of a file, by name.
#[derive(Clone, Debug, Default)]
pub struct ImplementationsFile {
    entries: BTreeMap<String, FileEntry>,
    folder: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    implementation: BTreeMap<String, FileEntry>,
}

/// What a file says of one implementation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// The program and its arguments. A word that begins with `./` is relative to `directory`.
    #[serde(default)]
    pub command: Vec<String>,
    /// The local socket of one that runs already, in place of a command; relative to `directory`.
    pub socket: Option<PathBuf>,
    /// The folder to start it in, relative to the file; the file's own folder, if left out.
    #[serde(default)]
    pub directory: PathBuf,
    /// What to add to its environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Seconds for `initialize`, `reset` and `settle`.
    pub reset_timeout: Option<f64>,
    /// Seconds for any other answer, and for each step of a batch after the first.
    pub step_timeout: Option<f64>,
    /// The profile that it is held to.
    pub profile: Option<String>,
    /// The command that installs it.
    #[serde(default)]
    pub install: Vec<String>,
    /// What must be there for it to be installed: a path with a slash, or a program on `PATH`.
    #[serde(default)]
    pub present: Vec<String>,
    /// The software behind it.
    pub software: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// What `install` does not bring.
    pub needs: Option<String>,
    /// A remark.
    pub notes: Option<String>,
}

/// What is wrong with a file of implementations, one an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors(pub Vec<String>);

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Errors {}

impl ImplementationsFile {
    /// Reads a file of implementations.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(file: &Path) -> Result<Self, Errors> {
        let place = file.display();
        let text = std::fs::read_to_string(file)
            .map_err(|error| Errors(vec![format!("error: cannot read {place}: {error}")]))?;
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        Self::parse(&text, folder).map_err(|Errors(all)| {
            Errors(all.into_iter().map(|error| format!("error: {place}: {}", error.trim_end())).collect())
        })
    }

    /// Reads the text of such a file, which lies in that folder.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str, folder: PathBuf) -> Result<Self, Errors> {
        let File { implementation: entries } = toml::from_str(text).map_err(|error| Errors(vec![error.to_string()]))?;
        let wrong = entries.iter().flat_map(|(name, entry)| entry.problems(name));
        let wrong: Vec<String> = wrong.collect();
        if wrong.is_empty() { Ok(Self { entries, folder }) } else { Err(Errors(wrong)) }
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// What the file says of one.
    pub fn get(&self, name: &str) -> Option<&FileEntry> {
        self.entries.get(name)
    }

    /// What is missing for an implementation to run, of what its entry says must be there.
    pub fn missing(&self, name: &str) -> Option<&str> {
        let entry = self.entries.get(name)?;
        let folder = self.folder.join(&entry.directory);
        let on_path = |program: &str| {
            let folders = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&folders).any(|folder| folder.join(program).exists())
        };
        let there = |what: &&String| if what.contains('/') { folder.join(what).exists() } else { on_path(what) };
        entry.present.iter().find(|what| !there(what)).map(String::as_str)
    }

    /// The implementation of that name, to be put under test.
    pub fn subject(&self, name: &str) -> Option<Subject> {
        let entry = self.entries.get(name)?;
        let folder = self.folder.join(&entry.directory);
        let own = |word: &str| match word.strip_prefix("./") {
            // A program is looked for from the harness' folder, and its arguments are read in its own.
            Some(path) => std::path::absolute(folder.join(path)).map_or_else(|_| word.into(), PathBuf::into_os_string),
            None => OsString::from(word),
        };
        let mut launch = match (entry.command.split_first(), &entry.socket) {
            (Some((program, arguments)), _) => {
                let mut launch = Launch::new(own(program), arguments.iter().map(|word| own(word)));
                launch.folder = Some(folder).filter(|folder| !folder.as_os_str().is_empty());
                launch
            }
            (None, Some(socket)) => Launch::attached(folder.join(socket)),
            (None, None) => return None,
        };
        launch.environment = entry.env.iter().map(|(name, value)| (name.into(), value.into())).collect();
        if let Some(seconds) = entry.reset_timeout {
            launch.limits.reset = Duration::from_secs_f64(seconds);
        }
        if let Some(seconds) = entry.step_timeout {
            launch.limits.message = Duration::from_secs_f64(seconds);
            launch.limits.step = Duration::from_secs_f64(seconds);
        }
        Some(Subject::Program { launch: Box::new(launch), name: Some(name.to_owned()), profile: entry.profile.clone() })
    }
}

impl FileEntry {
    fn problems(&self, name: &str) -> Vec<String> {
        let mut problems = Vec::new();
        let mut wrong = |what: String, help: &str| {
            problems.push(format!("implementation `{name}`: {what}\nhelp: {help}"));
        };
        if BuiltIn::named(name).is_some() {
            wrong("a built-in implementation is called so".to_owned(), "give it another name");
        }
        match (self.command.is_empty(), self.socket.is_some()) {
            (true, false) => wrong(
                "it says neither how to start it nor where to reach it".to_owned(),
                "write `command = [\"program\", \"argument\"]`, or `socket = \"path\"`",
            ),
            (false, true) => wrong("it has both a command and a socket".to_owned(), "keep one of them"),
            (true, true) | (false, false) => {}
        }
        for (key, seconds) in [("reset_timeout", self.reset_timeout), ("step_timeout", self.step_timeout)] {
            if seconds.is_some_and(|seconds| !(seconds > 0.0 && seconds <= LONGEST)) {
                wrong(
                    format!("`{key}` is not a number of seconds that can be waited"),
                    "more than 0, and at most a day",
                );
            }
        }
        if let Some(profile) = self.profile.as_deref().filter(|profile| Profile::named(profile).is_none()) {
            let known: Vec<&str> = Profile::all().iter().map(|profile| profile.name.as_str()).collect();
            wrong(format!("there is no profile `{profile}`"), &format!("there are: {}", known.join(", ")));
        }
        problems
    }
}

/// The longest that an adapter may be given, in seconds: a day.
const LONGEST: f64 = 86_400.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_is_said_at_once() {
        let text = "[implementation.reference]\ncommand = [\"a\"]\n[implementation.b]\nreset_timeout = -1\nprofile = \"x\"\n\
                    [implementation.c]\ncommand = [\"a\"]\nsocket = \"s\"\n";
        let Errors(errors) = ImplementationsFile::parse(text, PathBuf::new()).unwrap_err();
        let errors = errors.join("\n");
        for part in [
            "`reference`: a built-in",
            "`b`: it says neither",
            "`b`: `reset_timeout`",
            "`b`: there is no profile `x`",
            "`c`: it has both",
        ] {
            assert!(errors.contains(part), "{part} is not in: {errors}");
        }
        let misspelt = ImplementationsFile::parse("[implementation.b]\ncomand = []\n", PathBuf::new()).unwrap_err();
        assert!(misspelt.to_string().contains("comand"), "{misspelt}");
    }

    #[test]
    fn an_entry_becomes_a_way_to_start_it() {
        let text = "[implementation.b]\ncommand = [\"./run\", \"plain\", \"./x\"]\ndirectory = \"d\"\nstep_timeout = 0.5\n\
                    profile = \"permissive\"\n[implementation.b.env]\nKEY = \"value\"\n";
        let file = ImplementationsFile::parse(text, PathBuf::from("/files")).unwrap();
        let Some(Subject::Program { launch, name, profile }) = file.subject("b") else { panic!("no program") };
        assert_eq!((name.as_deref(), profile.as_deref()), (Some("b"), Some("permissive")));
        assert_eq!(launch.program, "/files/d/run");
        assert_eq!(launch.arguments, ["plain", "/files/d/x"]);
        assert_eq!(launch.folder.as_deref(), Some(Path::new("/files/d")));
        assert_eq!(launch.environment, [("KEY".into(), "value".into())]);
        assert_eq!(
            (launch.limits.message, launch.limits.step),
            (Duration::from_millis(500), Duration::from_millis(500))
        );
        assert!(file.subject("c").is_none());
    }
}
