//! Profiles: whose documents an implementation is held to, and which switches they decide, and how.
//!
//! They stand in `model/rules/profiles.toml`. A switch that a profile does not name stays open, and a row of the table that
//! rests on none of its documents binds nobody ([`Profile::rules`]).

use std::sync::LazyLock;

use serde::Deserialize;
use toml::Table;

use crate::readings::switches::{Readings, Switch, Values};
use crate::rules::documents::Document;
use crate::rules::table::{RuleError, RuleErrors};
use crate::rules::{Rules, fnv1a, switch, titles};

/// A set of documents, and what it decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What it is called on the command line, in scenarios and in reports.
    pub name: String,
    /// What it stands for, in one line.
    pub title: String,
    /// The titles of the documents it follows.
    pub documents: Vec<&'static str>,
    /// The titles of those that it follows where the others are silent.
    pub also: Vec<&'static str>,
    /// A remark.
    pub note: String,
    /// The switches it closes, or narrows, in the order of the file.
    pub closed: Vec<(Switch, Values)>,
}

static PROFILES: LazyLock<Vec<Profile>> =
    LazyLock::new(|| match Profile::parse("profiles.toml", include_str!("../../rules/profiles.toml")) {
        Ok(profiles) => profiles,
        Err(errors) => panic!("the embedded profiles are faulty:\n{errors}"),
    });

/// The table as each profile reads it, in the order of the profiles.
static TABLES: LazyLock<Vec<Rules>> =
    LazyLock::new(|| PROFILES.iter().map(|profile| Rules::documented().under(profile)).collect());

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

    /// The profile taken where none is named.
    ///
    /// # Panics
    ///
    /// Panics if the embedded file lacks it, which a test rules out.
    pub fn standard() -> &'static Self {
        match Self::named(Self::DEFAULT) {
            Some(profile) => profile,
            None => panic!("there is no profile {}", Self::DEFAULT),
        }
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

    /// The table as it binds whoever is held to the profile: a row that rests on none of its documents leaves every outcome
    /// free. The reference acts by [`Rules::documented`], which is total.
    pub fn rules(&self) -> &'static Rules {
        let known = Self::all().iter().position(|profile| profile.name == self.name);
        known.map_or_else(Rules::documented, |at| &TABLES[at])
    }

    /// Every document that it follows, those that count first in front.
    pub fn sources(&self) -> impl Iterator<Item = &'static str> {
        self.documents.iter().chain(&self.also).copied()
    }

    /// Whether one of its documents is among these titles.
    pub fn follows(&self, titles: &[&str]) -> bool {
        self.sources().any(|title| titles.contains(&title))
    }

    /// Its documents that decide a switch: those that count first, if any of them speaks of it.
    pub fn deciding(&self, switch: Switch) -> Vec<&'static Document> {
        let speaking = |titles: &[&'static str]| -> Vec<&'static Document> {
            let documents = titles.iter().filter_map(|title| Document::titled(title));
            documents.filter(|document| document.says(switch).is_some()).collect()
        };
        let first = speaking(&self.documents);
        if first.is_empty() { speaking(&self.also) } else { first }
    }

    /// What its documents do not say though it closes a switch on it, in words; none where they do.
    fn overreaches(&self, switch: Switch, closed: Values) -> Option<String> {
        let name = switch.info().name;
        let deciding = self.deciding(switch);
        let said = deciding.iter().filter_map(|document| document.says(switch)).fold(0, |all, values| all | values.0);
        let unsaid = Values(closed.0 & !said);
        if unsaid.0 != 0 {
            let readings: Vec<_> = unsaid.names(switch).collect();
            return Some(format!(
                "`{name}` is closed on `{}`, and none of its documents says so",
                readings.join("`, `")
            ));
        }
        // A document that gives none of the readings left is contradicted.
        let denied =
            deciding.iter().find(|document| document.says(switch).is_some_and(|says| says.0 & closed.0 == 0))?;
        Some(format!("`{name}` is closed against \"{}\": leave it open", denied.title))
    }

    /// Reads profiles from a file, given as its name and text.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the file, with the name of the profile: also where it closes a switch on a reading that
    /// none of its documents gives, or against one of them.
    pub fn parse(file: &str, text: &str) -> Result<Vec<Self>, RuleErrors> {
        let mut errors = Vec::new();
        let mut fail = |row: &str, message: String| {
            errors.push(RuleError { file: file.to_owned(), row: row.to_owned(), message });
        };
        let texts = match toml::from_str::<ProfilesText>(text) {
            Ok(ProfilesText { profile }) => profile,
            Err(error) => {
                fail("", error.to_string());
                Vec::new()
            }
        };
        let mut profiles: Vec<Self> = Vec::new();
        for text in texts {
            let mut messages = Vec::new();
            let closed = text.closed.into_iter();
            let closed: Vec<_> = closed.filter_map(|(name, value)| switch(&name, value, &mut messages)).collect();
            let documents = titles(&text.documents, &mut messages);
            let also = titles(&text.also, &mut messages);
            if documents.is_empty() {
                messages.push("it follows no document".to_owned());
            }
            if profiles.iter().any(|other| other.name == text.name) {
                messages.push("the name is taken".to_owned());
            }
            let profile = Self { name: text.name, title: text.title, documents, also, note: text.note, closed };
            if messages.is_empty() {
                let wrong = profile.closed.iter();
                messages.extend(wrong.filter_map(|&(switch, values)| profile.overreaches(switch, values)));
            }
            for message in messages {
                fail(&profile.name, message);
            }
            profiles.push(profile);
        }
        if errors.is_empty() { Ok(profiles) } else { Err(RuleErrors(errors)) }
    }
}

impl Rules {
    /// The tables as they bind whoever is held to a profile, in its words: where none of its documents speaks, what a table
    /// says can be anything is free; titles and certainties fit its closed form, and only its own documents are cited. The
    /// rows keep their ids.
    ///
    /// # Panics
    ///
    /// Panics if the rows cannot be compiled, which a test rules out.
    #[must_use]
    pub fn under(&self, profile: &Profile) -> Self {
        let freed = self.tables().any(|table| table.all().iter().any(|rule| !table.binds(rule, profile)));
        let digest = if freed { fnv1a(self.digest, profile.name.bytes()) } else { self.digest };
        self.map(digest, |rows| rows.under(profile))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfilesText {
    profile: Vec<ProfileText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileText {
    name: String,
    title: String,
    documents: Vec<String>,
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    note: String,
    closed: Table,
}
