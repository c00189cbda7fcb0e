//! How programs are reached other than by their command line, by a name in a file or by a local socket, and what is put
//! up with from them.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use tombstone_adapter::deadlines::{RESET_TIMEOUT, STEP_TIMEOUT};
use tombstone_adapter::{Launch, Patience, Transcript};
use tombstone_campaign::implementations::ImplementationsFile;
use tombstone_campaign::subject::{BuiltIn, Subject};

use super::outcome::{CommandError, unknown};
use super::output::Noted;

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

/// What programs are allowed, and what is kept of them.
#[derive(Args, Clone, Debug)]
pub(super) struct Limiting {
    /// How long a program may take to start, to begin anew, to settle, and to be struck (`tombstone schema deadlines`).
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    reset_timeout: Option<Duration>,
    /// How long a program may take for any other answer.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    step_timeout: Option<Duration>,
    /// After how many broken cases in a row the rest is not run and counts as broken: 10, if not said otherwise; 0 for never.
    #[arg(long, value_name = "N", value_parser = super::asked::whole::<u32>)]
    give_up: Option<u32>,
    /// Give a program an environment of its own: PATH, HOME, USER, LANG, LC_ALL, TZ and TMPDIR, and what its entry in the
    /// file of implementations says. Otherwise it is given all of Tombstone's.
    #[arg(long)]
    clean_env: bool,
    /// Hold every message of a program against the schema of the protocol.
    #[arg(long)]
    validate: bool,
    /// Write every message between Tombstone and a program into this file.
    #[arg(long, value_name = "FILE")]
    transcript: Option<PathBuf>,
}

/// The longest that a program may be given, in seconds: a day.
const LONGEST: f64 = 86_400.0;

/// Seconds, possibly broken, as a duration.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds, such as 5 or 0.5".to_owned())?;
    if seconds > 0.0 && seconds <= LONGEST {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(format!("not more than 0 and at most {LONGEST} seconds"))
    }
}

impl Limiting {
    /// The options that say the same again. What is only kept of a program changes no verdict, and is left out, as is after
    /// how many cases it is given up: what is judged again is one.
    fn options(&self) -> Vec<String> {
        let Self { reset_timeout, step_timeout, give_up: _, clean_env, validate, transcript: _ } = self;
        let mut options = Vec::new();
        for (option, duration) in [(RESET_TIMEOUT, reset_timeout), (STEP_TIMEOUT, step_timeout)] {
            options.extend(duration.iter().flat_map(|it| [option.to_owned(), it.as_secs_f64().to_string()]));
        }
        options.extend(clean_env.then(|| "--clean-env".to_owned()));
        options.extend(validate.then(|| "--validate".to_owned()));
        options
    }

    /// Applies what was said to the programs that were chosen.
    pub(super) fn apply(&self, subjects: &mut [Subject]) -> Result<(), CommandError> {
        let transcript = match &self.transcript {
            None => None,
            Some(path) => {
                let cannot = |error| CommandError::unwritten(format!("cannot write {}: {error}", path.display()));
                let file = File::create(path).map_err(cannot)?;
                Some(Transcript::to(Noted::new(path.display().to_string(), file)))
            }
        };
        for subject in subjects.iter_mut() {
            let Subject::Program { launch, .. } = subject else { continue };
            launch.limits.reset = self.reset_timeout.unwrap_or(launch.limits.reset);
            launch.limits.message = self.step_timeout.unwrap_or(launch.limits.message);
            launch.limits.step = self.step_timeout.unwrap_or(launch.limits.step);
            launch.validate |= self.validate;
            launch.clean |= self.clean_env;
            launch.patience = Patience::of(self.give_up.unwrap_or(Patience::USUAL));
            launch.options.extend(self.options());
            if let Some(transcript) = &transcript {
                launch.transcript = transcript.clone();
            }
        }
        let given = [
            (RESET_TIMEOUT, self.reset_timeout.is_some()),
            (STEP_TIMEOUT, self.step_timeout.is_some()),
            ("--give-up", self.give_up.is_some()),
            ("--clean-env", self.clean_env),
            ("--validate", self.validate),
            ("--transcript", self.transcript.is_some()),
        ];
        about_programs(subjects, &given)
    }
}

/// Refuses an option that is about programs, and given, where no program is chosen: it would do nothing.
pub(super) fn about_programs(subjects: &[Subject], options: &[(&str, bool)]) -> Result<(), CommandError> {
    let none = !subjects.iter().any(|subject| matches!(subject, Subject::Program { .. }));
    match options.iter().find(|(_, given)| *given && none) {
        Some((option, _)) => Err(CommandError::usage(format!(
            "error: {option} is about programs, and none is chosen\nhelp: give a program and its arguments after `--`"
        ))),
        None => Ok(()),
    }
}

/// What the file holds.
pub(super) struct Listed {
    file: ImplementationsFile,
    /// Where it is.
    path: Option<PathBuf>,
}

impl Attaching {
    /// Whether any program is named so.
    pub(super) fn is_asked_for(&self) -> bool {
        self.implementations.is_some() || !self.connect.is_empty()
    }

    /// Reads the file, if there is one.
    pub(super) fn listed(&self) -> Result<Listed, CommandError> {
        let read = self.implementations.as_deref().map(ImplementationsFile::read).transpose();
        let file = read.map_err(|errors| CommandError::usage(errors.to_string()))?.unwrap_or_default();
        Ok(Listed { file, path: self.implementations.clone() })
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
    fn subject(&self, name: &str) -> Option<Subject> {
        let mut subject = self.file.subject(name);
        if let Some(Subject::Program { launch, .. }) = &mut subject {
            launch.listed.clone_from(&self.path);
        }
        subject
    }

    /// The names of all of them.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.file.names()
    }

    /// The one of that name.
    pub(super) fn named(&self, name: &str) -> Result<Subject, CommandError> {
        let Self { file, .. } = self;
        let Some(subject) = self.subject(name) else {
            let mut known: Vec<&str> = file.names().collect();
            for built_in in BuiltIn::ALL {
                known.push(built_in.name());
            }
            return Err(unknown("implementation", name, &known));
        };
        match file.missing(name) {
            None => Ok(subject),
            Some(missing) => Err(CommandError::incomplete(format!("error: {}", self.not_installed(name, missing)))),
        }
    }

    /// All that are installed; what is not is said.
    pub(super) fn installed(&self) -> Result<Vec<Subject>, CommandError> {
        let Self { file, .. } = self;
        let mut subjects = Vec::new();
        for name in file.names() {
            match file.missing(name) {
                None => subjects.extend(self.subject(name)),
                Some(missing) => eprintln!("skipped: {}", self.not_installed(name, missing)),
            }
        }
        if subjects.is_empty() && file.names().next().is_some() {
            return Err(CommandError::incomplete("error: none of the implementations in the file is installed"));
        }
        Ok(subjects)
    }

    fn not_installed(&self, name: &str, missing: &str) -> String {
        let entry = self.file.get(name);
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
