//! Profiles: which switches a set of documents decides, and how.
//!
//! They stand in `model/rules/profiles.toml`. A switch that a profile does not name stays open.

use std::sync::LazyLock;

use serde::Deserialize;
use toml::Table;

use crate::rules::{RuleError, RuleErrors, switch, titles};
use crate::switches::{Readings, Switch, Values};

/// A set of documents, and what it decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What it is called on the command line, in scenarios and in reports.
    pub name: String,
    /// What it stands for, in one line.
    pub title: String,
    /// The titles of the documents it follows; none for the profiles after public descriptions of later versions.
    pub sources: Vec<&'static str>,
    /// A remark.
    pub note: String,
    /// The switches it closes, or narrows, in the order of the file.
    pub closed: Vec<(Switch, Values)>,
}

static PROFILES: LazyLock<Vec<Profile>> =
    LazyLock::new(|| match Profile::parse("profiles.toml", include_str!("../rules/profiles.toml")) {
        Ok(profiles) => profiles,
        Err(errors) => panic!("the embedded profiles are faulty:\n{errors}"),
    });

impl Profile {
    /// The name of the profile taken where none is named.
    pub const DEFAULT: &'static str = "documented-2016";

    /// Every profile; the default one first.
    ///
    /// # Panics
    ///
    /// Panics if the embedded file is faulty, which a test rules out.
    pub fn all() -> &'static [Self] {
        &PROFILES
    }

    /// The profile of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|profile| profile.name == name)
    }

    /// The readings that the profile allows: what it does not decide is left open. [`Readings::closed`] is its fully
    /// closed form.
    pub fn readings(&self) -> Readings {
        self.closed.iter().fold(Readings::OPEN, |readings, &(switch, values)| readings.narrowed(switch, values))
    }

    /// Reads profiles from a file, given as its name and text.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the file, with the name of the profile.
    pub fn parse(file: &str, text: &str) -> Result<Vec<Self>, RuleErrors> {
        let mut errors = Vec::new();
        let mut fail = |row: &str, message: String| {
            errors.push(RuleError { file: file.to_owned(), row: row.to_owned(), message });
        };
        let texts = match toml::from_str::<FileText>(text) {
            Ok(FileText { profile }) => profile,
            Err(error) => {
                fail("", error.to_string());
                Vec::new()
            }
        };
        let mut profiles: Vec<Self> = Vec::new();
        for text in texts {
            let mut messages = Vec::new();
            let closed = text.closed.into_iter();
            let closed = closed.filter_map(|(name, value)| switch(&name, value, &mut messages)).collect();
            let sources = titles(&text.sources, &mut messages);
            if profiles.iter().any(|other| other.name == text.name) {
                messages.push("the name is taken".to_owned());
            }
            for message in messages {
                fail(&text.name, message);
            }
            profiles.push(Self { name: text.name, title: text.title, sources, note: text.note, closed });
        }
        if errors.is_empty() { Ok(profiles) } else { Err(RuleErrors(errors)) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    profile: Vec<ProfileText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileText {
    name: String,
    title: String,
    sources: Vec<String>,
    #[serde(default)]
    note: String,
    closed: Table,
}
