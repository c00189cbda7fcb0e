//! What commands choose alike: profiles, scenarios and implementations.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use clap::Args;
use tombstone_adapter::Launch;
use tombstone_campaign::check::Checking;
use tombstone_campaign::subject::{BuiltIn, Subject};
use tombstone_model::readings::profiles::Profile;
use tombstone_reports::value::pattern::matches;
use tombstone_scenarios::Scenario;

use super::attach::{Attaching, Limiting};
use super::outcome::{CommandError, unknown};

/// Which implementations to put under test.
#[derive(Args, Clone, Debug)]
pub(super) struct Implementations {
    /// A built-in implementation; may be given several times. All of them, if neither this nor a program is given.
    #[arg(long = "implementation", value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    attaching: Attaching,
    #[command(flatten)]
    limiting: Limiting,
    /// A program that speaks the adapter protocol, and its arguments.
    #[arg(last = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
}

impl Implementations {
    /// Whether any is chosen.
    pub(super) fn is_asked_for(&self) -> bool {
        !self.names.is_empty() || !self.program.is_empty() || self.attaching.is_asked_for()
    }

    /// The chosen implementations.
    pub(super) fn chosen(&self) -> Result<Vec<Subject>, CommandError> {
        let mut subjects = Vec::new();
        let listed = self.attaching.listed()?;
        for name in &self.names {
            let subject = match BuiltIn::named(name) {
                Some(built_in) => Subject::BuiltIn(built_in),
                None => listed.named(name)?,
            };
            subjects.push(subject);
        }
        if let Some((program, arguments)) = self.program.split_first() {
            let launch = Launch::new(program, arguments);
            subjects.push(Subject::Program { launch: Box::new(launch), name: None, profile: None });
        }
        subjects.extend(self.attaching.running());
        if subjects.is_empty() {
            subjects.extend(listed.installed()?);
        }
        if self.attaching.no_deadlines {
            subjects.iter_mut().for_each(Subject::lift_deadlines);
        }
        self.limiting.apply(&mut subjects)?;
        if subjects.is_empty() {
            subjects.extend(BuiltIn::ALL.map(Subject::BuiltIn));
        }
        Ok(subjects)
    }

    /// The names in the file of implementations.
    pub(super) fn listed_names(&self) -> Result<Vec<String>, CommandError> {
        Ok(self.attaching.listed()?.names().map(str::to_owned).collect())
    }

    /// The program of that name in the file of implementations, or else the one that this command line starts.
    pub(super) fn named_or_command(&self, text: &str) -> Result<Subject, CommandError> {
        let named = self.attaching.listed()?.named(text);
        let mut words = text.split_whitespace();
        match words.next() {
            Some(program) if named.is_err() && text.contains([' ', '/']) => {
                let launch = Box::new(Launch::new(program, words));
                let mut subjects = [Subject::Program { launch, name: None, profile: None }];
                self.limiting.apply(&mut subjects)?;
                let [subject] = subjects;
                Ok(subject)
            }
            Some(_) | None => named,
        }
    }
}

/// What an implementation is held to: the profile of the command line where it names one, then the one that the entry of
/// the implementation names, and then this.
pub(super) fn held_to(named: Option<&str>, checking: &Checking, subject: &Subject) -> Checking {
    let own = match subject {
        Subject::Program { profile, .. } if named.is_none() => profile.as_deref().and_then(Profile::named),
        Subject::Program { .. } | Subject::BuiltIn(_) | Subject::Made(_) => None,
    };
    own.map_or_else(|| checking.clone(), |profile| Checking { suite: checking.suite.clone(), ..Checking::of(profile) })
}

/// The profile that an option names.
pub(super) fn profile(name: &str) -> Result<&'static Profile, CommandError> {
    Profile::named(name).ok_or_else(|| {
        let known: Vec<&str> = Profile::all().iter().map(|profile| profile.name.as_str()).collect();
        let stop = unknown("profile", name, &known);
        CommandError { message: stop.message.replacen('\n', "\n --> --profile\n", 1), ..stop }
    })
}

/// The scenarios that could be read, and what was wrong with the others.
pub(super) struct Loaded {
    /// In the order of their ids.
    pub(super) scenarios: Vec<Scenario>,
    /// For each of them the file that it is in.
    pub(super) sources: BTreeMap<String, Rc<SourceFile>>,
    /// Rendered diagnostics, a file each.
    pub(super) errors: Vec<String>,
    /// A digest of everything that was read.
    pub(super) digest: u64,
}

/// A file with scenarios.
pub(super) struct SourceFile {
    /// Where it is, as the reader knows it.
    pub(super) place: String,
    /// What it holds.
    pub(super) text: String,
    /// How many scenarios it stands for.
    pub(super) cases: usize,
}

/// Reads the suite, or the files and folders given instead.
pub(super) fn load(paths: &[PathBuf], colour: bool) -> Result<Loaded, CommandError> {
    // What a file is called in a suite, where it is, and what it holds.
    let mut texts: Vec<(String, String, String)> = Vec::new();
    if paths.is_empty() {
        let suite = tombstone_scenarios::suite().into_iter();
        texts.extend(suite.map(|(name, text)| (name.to_owned(), name.to_owned(), text.to_owned())));
    }
    let (found, mut errors) = files_of(paths)?;
    for (path, file) in found {
        match std::fs::read_to_string(&file) {
            Ok(text) => texts.push((called(path, &file), file.display().to_string(), text)),
            Err(error) => errors.push(format!("error: cannot read {}: {error}", file.display())),
        }
    }
    let digest = texts
        .iter()
        .flat_map(|(name, _, text)| name.bytes().chain(text.bytes()))
        .fold(0xcbf2_9ce4_8422_2325, |digest: u64, byte| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut scenarios: Vec<Scenario> = Vec::new();
    let (mut sources, mut alike) = (BTreeMap::new(), BTreeMap::<String, Vec<String>>::new());
    for (name, place, text) in &texts {
        match Scenario::cases(name, text) {
            Ok(read) => {
                let (place, text) = (place.clone(), text.clone());
                let file = Rc::new(SourceFile { place, text, cases: read.len() });
                for mut scenario in read {
                    scenario.placed(from_here(&file.place), &file.text);
                    alike.entry(scenario.id.clone()).or_default().push(file.place.clone());
                    sources.entry(scenario.id.clone()).or_insert_with(|| Rc::clone(&file));
                    scenarios.push(scenario);
                }
            }
            Err(mut diagnostics) => {
                diagnostics.name.clone_from(place);
                errors.push(diagnostics.render(colour));
            }
        }
    }
    scenarios.sort_by(|a, b| a.id.cmp(&b.id));
    for (id, places) in alike.into_iter().filter(|(_, places)| places.len() > 1) {
        let (many, places) = (if places.len() == 2 { "two" } else { "several" }, places.join("\n --> "));
        let help = "ids are stable and never reused";
        errors.push(format!("error: {many} scenarios have the id `{id}`\n --> {places}\nhelp: {help}"));
    }
    scenarios.dedup_by(|a, b| a.id == b.id);
    Ok(Loaded { scenarios, sources, errors, digest })
}

/// What a command line names without saying what it is: the paths among it, and the ids or patterns of the suite.
pub(super) fn told_apart(what: &[String]) -> Result<(Vec<PathBuf>, Vec<String>), CommandError> {
    let is_path = |text: &&String| Path::new(text).exists() || text.ends_with(".toml");
    let (paths, patterns): (Vec<&String>, Vec<&String>) = what.iter().partition(is_path);
    if let (Some(path), Some(pattern)) = (paths.first(), patterns.first()) {
        return Err(CommandError::usage(format!(
            "error: `{path}` is a file or a folder, and `{pattern}` is none\nhelp: name files and folders, or scenarios of the \
             suite by their ids; with `--suite PATH --scenario PATTERN`, scenarios of a folder by their ids"
        )));
    }
    Ok((paths.into_iter().map(PathBuf::from).collect(), patterns.into_iter().cloned().collect()))
}

/// The scenarios that are named, by files and folders or by ids of the suite; all of the suite, where nothing is.
pub(super) fn named(what: &[String], colour: bool) -> Result<Loaded, CommandError> {
    let (paths, patterns) = told_apart(what)?;
    let mut loaded = load(&paths, colour)?;
    loaded.scenarios = select(loaded.scenarios, &patterns)?;
    Ok(loaded)
}

/// Files of scenarios, each with the path of the command line that leads to it.
type FoundFiles<'p> = Vec<(&'p Path, PathBuf)>;

/// The files and those in the folders given, each once, and an error for each folder without any.
pub(super) fn files_of(paths: &[PathBuf]) -> Result<(FoundFiles<'_>, Vec<String>), CommandError> {
    let (mut found, mut errors, mut known) = (Vec::new(), Vec::new(), BTreeSet::new());
    for path in paths {
        let mut files = Vec::new();
        files_below(path, true, &mut BTreeSet::new(), &mut files, &mut errors)?;
        files.sort();
        if files.is_empty() {
            let what = "a scenario is a file whose name ends in `.toml`";
            errors.push(format!("error: there is no scenario in {}\nhelp: {what}", path.display()));
        }
        let first = |file: &PathBuf| known.insert(file.canonicalize().unwrap_or_else(|_| file.clone()));
        found.extend(files.into_iter().filter(first).map(|file| (path.as_path(), file)));
    }
    Ok((found, errors))
}

/// What a file is called that was found where the command line says: its path under that folder, or, where it was named
/// itself, as it was named; never by where on this machine it is. What lies in a `suite` is called as it is there.
fn called(named: &Path, file: &Path) -> String {
    let shown = file.display().to_string();
    if shown.contains("suite/") {
        return shown;
    }
    let below = file.strip_prefix(named).ok().filter(|below| !below.as_os_str().is_empty());
    let below =
        below.unwrap_or(if file.is_absolute() { Path::new(file.file_name().unwrap_or_default()) } else { file });
    let parts = below.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The path of a file as one sees it from the folder that this was started in, where it lies below that.
fn from_here(place: &str) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let below = Path::new(place).strip_prefix(here).map_or_else(|_| PathBuf::from(place), Path::to_path_buf);
    below.strip_prefix(".").unwrap_or(&below).to_string_lossy().into_owned()
}

/// A file that is named, or every scenario below a folder; a folder that links lead to again is gone into once. What waits for
/// somebody to write into it is read only where it is named.
fn files_below(
    path: &Path,
    named: bool,
    gone_into: &mut BTreeSet<PathBuf>,
    found: &mut Vec<PathBuf>,
    errors: &mut Vec<String>,
) -> Result<(), CommandError> {
    let cannot = |error: std::io::Error| CommandError::usage(format!("error: cannot read {}: {error}", path.display()));
    let metadata = std::fs::metadata(path).map_err(cannot)?;
    if !metadata.is_dir() {
        if named || metadata.is_file() {
            found.push(path.to_owned());
        } else {
            errors.push(format!("error: {} is no file\nhelp: take it out of the folder", path.display()));
        }
        return Ok(());
    }
    if !gone_into.insert(path.canonicalize().map_err(cannot)?) {
        return Ok(());
    }
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(cannot)? {
        entries.push(entry.map_err(cannot)?.path());
    }
    // Which way leads to a folder first is not for the file system to say.
    entries.sort();
    for entry in entries {
        if entry.is_dir() || entry.extension().is_some_and(|extension| extension == "toml") {
            files_below(&entry, false, gone_into, found, errors)?;
        }
    }
    Ok(())
}

/// The scenarios whose id, alias or grid matches one of the patterns, in which `*` stands for anything.
pub(super) fn select(scenarios: Vec<Scenario>, patterns: &[String]) -> Result<Vec<Scenario>, CommandError> {
    for pattern in patterns {
        if !scenarios.iter().any(|scenario| names(scenario).any(|name| matches(pattern, name))) {
            let known: BTreeSet<&str> = scenarios.iter().flat_map(names).collect();
            return Err(unknown("scenario", pattern, &known.into_iter().collect::<Vec<_>>()));
        }
    }
    let chosen = |scenario: &Scenario| {
        patterns.is_empty() || patterns.iter().any(|pattern| names(scenario).any(|name| matches(pattern, name)))
    };
    Ok(scenarios.into_iter().filter(chosen).collect())
}

/// What a scenario is selected by: its ids, and the name of the grid whose case it is.
fn names(scenario: &Scenario) -> impl Iterator<Item = &str> {
    let aliases = scenario.aliases.iter().map(String::as_str);
    std::iter::once(scenario.id.as_str()).chain(aliases).chain(scenario.grid())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::called;

    #[test]
    fn a_scenario_is_not_called_by_where_it_is_on_this_machine() {
        for (named, file, expected) in [
            ("/home/somebody/x.toml", "/home/somebody/x.toml", "x.toml"),
            ("/home/somebody", "/home/somebody/a/x.toml", "a/x.toml"),
            ("own", "own/a/x.toml", "a/x.toml"),
            ("./own/x.toml", "./own/x.toml", "own/x.toml"),
            ("../x.toml", "../x.toml", "x.toml"),
            (".", "./a/x.toml", "a/x.toml"),
            ("scenarios/suite/batches", "scenarios/suite/batches/x.toml", "scenarios/suite/batches/x.toml"),
        ] {
            assert_eq!(called(Path::new(named), Path::new(file)), expected, "{named} {file}");
        }
    }
}
