//! What is known to fail: the entries of a baseline, and what became of them in a run.
//!
//! What is known is run, shown and counted as ever; verdicts are what they are. Beside them stands what remains once the
//! known failures are set aside, and by that a run ends. Until when an entry holds is told by a date, and no report knows
//! one: whoever starts a run compares it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::failure::{Signature, none};
use crate::value::pattern::matches;

/// The case of what generated plans fail.
pub const GENERATED: &str = "generated";
/// The case of what no single reading of the documents explains.
pub const READINGS: &str = "readings";

/// A failure that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownFailure {
    /// The implementation; `*` stands for anything.
    pub implementation: String,
    /// The cases: ids or aliases of scenarios, `generated` or `readings`; `*` stands for anything.
    pub case: String,
    /// The row or check that it counts for; none for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// Its signature, as reports show it; none for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Where more is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The last day on which it is accepted, as `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Of generated plans: those of which seed met it. With another one nothing is said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// Of generated plans: how many met it. Where fewer run nothing is said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plans: Option<u64>,
}

/// What a run is held against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The file, as it was named.
    pub file: String,
    /// Its entries, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<KnownFailure>,
    /// The scenarios that exist and are not run: an entry for one of them is not wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_cases: Vec<String>,
    /// The implementations that exist and are not run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_implementations: Vec<String>,
}

/// What became of a baseline in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Baseline")]
pub struct BaselineReport {
    /// The file, as it was named.
    pub file: String,
    /// Its entries, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<KnownEntry>,
    /// What failed that no entry names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new: Vec<FailureSite>,
    /// How many failing places entries name.
    pub known: u64,
    /// How many entries are stale: the file says what is no longer so.
    #[serde(default, skip_serializing_if = "none")]
    pub stale: u64,
}

/// What became of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownEntry {
    /// Its number in the file, from 1.
    pub number: u64,
    /// The entry.
    pub entry: KnownFailure,
    /// What became of it.
    pub state: KnownState,
    /// The places that it names, or where its signature changed those that fail otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<FailureSite>,
    /// What of it nothing bears, and the nearest name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmatched: Option<Unmatched>,
}

/// What of an entry nothing bears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unmatched {
    /// What it names: an implementation, a case or a row.
    pub what: String,
    /// As what.
    pub name: String,
    /// The nearest name that there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<String>,
}

/// What became of an entry in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KnownState {
    /// It fails as is known.
    Fails,
    /// What it names was decided, and does not fail so any more.
    Passes,
    /// What it names fails, but otherwise.
    SignatureChanged,
    /// It names what there is not.
    MatchesNothing,
    /// What it names was not run, or nothing was decided there.
    #[default]
    Undecided,
}

impl KnownState {
    /// Whether the entry says what is no longer so.
    pub fn is_stale(self) -> bool {
        match self {
            Self::Passes | Self::SignatureChanged | Self::MatchesNothing => true,
            Self::Fails | Self::Undecided => false,
        }
    }

    /// What became of the entry, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Fails => "fails as is known",
            Self::Passes => "passes",
            Self::SignatureChanged => "fails otherwise",
            Self::MatchesNothing => "matches nothing",
            Self::Undecided => "was not decided",
        }
    }
}

/// Where something fails, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct FailureSite {
    /// The implementation.
    pub implementation: String,
    /// The case: the id of a scenario, `generated` or `readings`.
    pub case: String,
    /// How.
    pub signature: Signature,
}

impl fmt::Display for FailureSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.implementation, self.case, self.signature)
    }
}

impl fmt::Display for KnownFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.implementation, self.case)?;
        for what in [&self.row, &self.signature].into_iter().flatten() {
            write!(f, ": {what}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no {} `{}`", self.what, self.name)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; the nearest is `{nearest}`"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for KnownEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} ({}) {}", self.number, self.entry, self.state.words())?;
        if let Some(unmatched) = &self.unmatched {
            write!(f, ": {unmatched}")?;
        }
        if self.state == KnownState::SignatureChanged {
            let places: Vec<String> = self.places.iter().map(ToString::to_string).collect();
            write!(f, ": {}", places.join(", "))?;
        }
        Ok(())
    }
}

impl KnownFailure {
    /// Whether it names a case with that id and these aliases.
    pub(crate) fn names_case(&self, id: &str, aliases: &[String]) -> bool {
        matches(&self.case, id) || aliases.iter().any(|alias| matches(&self.case, alias))
    }

    /// Whether it is no longer accepted on that day, both as `YYYY-MM-DD`.
    pub fn is_expired(&self, today: &str) -> bool {
        self.expires.as_deref().is_some_and(|last| last < today)
    }
}

impl BaselineReport {
    /// The entry by which a failure is known.
    pub fn entry(&self, number: u64) -> Option<&KnownFailure> {
        self.entries.iter().find(|it| it.number == number).map(|it| &it.entry)
    }

    /// The entries that say what is no longer so.
    pub fn stale(&self) -> impl Iterator<Item = &KnownEntry> {
        self.entries.iter().filter(|it| it.state.is_stale())
    }
}
