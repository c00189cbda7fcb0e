//! The report: what was run, by which rules, and what came of it.

use std::fmt;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tombstone_model::harmless::harmless_json;

use crate::value::baseline::BaselineReport;
use crate::value::evidence::{Bench, FaultTable};
use crate::value::results::ImplementationReport;
use crate::value::tables::TableText;

/// The version of the report's format. It grows when an old reader would misread a new report; a new optional field
/// does not change it.
pub const FORMAT: u32 = 1;

/// The report of one run. The same inputs give the same report, byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this format: [`FORMAT`].
    pub format: u32,
    /// The version of Tombstone that wrote the report.
    pub tombstone: String,
    /// What the page is headed with; empty for the usual heading.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// A digest of the rules that were judged by.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rules_digest: String,
    /// A digest of the scenarios that were run.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suite_digest: String,
    /// The profile: which readings of the documents were open and which closed.
    pub profile: String,
    /// The seed, as it is given on the command line; none where nothing was drawn at random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// What was asked for, one argument an entry, where that changes what a reader may conclude (a selection, a budget).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// Whether only part of the suite was selected: such a run says nothing about the rest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filtered: bool,
    /// How the run broke off; none where it ended as it should. What was not judged by then is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<Interruption>,
    /// The tables of rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableText>,
    /// The rows of every table, table by table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleText>,
    /// The checks beyond the table (nothing comes back, nothing doubles, both stores converge, ...).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckText>,
    /// The implementations under test, in the order in which they were named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implementations: Vec<ImplementationReport>,
    /// What became of the failures that are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineReport>,
    /// The harness tried on its own faulty implementations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults: Option<FaultTable>,
    /// Work and cost by size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bench: Option<Bench>,
    /// Which statements of the documents are covered by which scenarios.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
}

/// How a run broke off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Interruption {
    /// By which signal; none where nothing was told of it, as when the process was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
}

impl fmt::Display for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the run was interrupted")?;
        if let Some(signal) = &self.signal {
            write!(f, " by {signal}")?;
        }
        f.write_str(": what was not judged by then is missing")
    }
}

/// A row of a table, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleText {
    /// The id that verdicts cite.
    pub id: String,
    /// The name of its table.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub table: String,
    /// The row of the table, such as `D12`; may equal the id.
    pub row: String,
    /// The row in one line.
    pub title: String,
    /// The kinds of item it speaks of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// What sets it off: a deletion in Outlook, a deletion in CRM, untracking ...
    pub trigger: String,
    /// Under which conditions, one an entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    /// What becomes of the Outlook copy; only of deletions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub outlook: String,
    /// What becomes of the record in CRM; only of deletions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub crm: String,
    /// Whether the user is asked; only of deletions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prompt: String,
    /// What is decided, as the table calls it; not of deletions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub decided: String,
    /// How many situations of it exist; none where they were not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub situations: Option<u64>,
    /// How certain the documents make it.
    pub certainty: String,
    /// The titles of the documents it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The statements of the fact base behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
    /// The faulty implementations that prove that it can fail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// What else the profile lets become of it, an outcome and the readings that lead there an entry; none where it decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
    /// A remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A check beyond the table, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckText {
    /// The id that verdicts cite.
    pub id: String,
    /// The check in one line.
    pub title: String,
    /// The titles of the documents it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The statements of the fact base behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
    /// The faulty implementations that prove that it can fail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// Which statements of the documents are covered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Facts {
    /// How many there are, and how many are covered.
    pub totals: FactTotals,
    /// The statements, in the order of the fact base.
    pub facts: Vec<FactCoverage>,
}

/// How many statements are covered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactTotals {
    /// All statements.
    pub facts: u64,
    /// Those that a scenario covers.
    pub covered: u64,
    /// Those that cannot be tested from outside, each with its reason.
    pub untestable: u64,
    /// The rest.
    pub uncovered: u64,
}

/// The coverage of one statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactCoverage {
    /// The id of the statement.
    pub id: String,
    /// The statement, in our words.
    pub text: String,
    /// The titles of the documents that make it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The scenarios that cover it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<String>,
    /// Why none does, where that is deliberate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why a saved report could not be read.
#[derive(Debug)]
pub enum ReportError {
    /// It is not JSON, or not the JSON of a report; with line and column.
    Malformed(serde_json::Error),
    /// It is of a format that this version does not read.
    Format {
        /// The format it states; none where it states none.
        format: Option<u64>,
        /// The version of Tombstone that wrote it, where it says so.
        tombstone: Option<String>,
    },
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "not a report of tombstone: {error}"),
            Self::Format { format: None, .. } => {
                write!(f, "not a report of tombstone: it has no `format` number (this version reads format {FORMAT})")
            }
            Self::Format { format: Some(format), tombstone } => {
                write!(f, "report format {format} is unknown to this version, which reads format {FORMAT}")?;
                match tombstone {
                    Some(version) => {
                        write!(f, "; it was written by tombstone {version}: use that version to render it")
                    }
                    None => Ok(()),
                }
            }
        }
    }
}

impl std::error::Error for ReportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Malformed(error) => Some(error),
            Self::Format { .. } => None,
        }
    }
}

impl Report {
    /// The report as JSON: indented, in the order of the fields, with a newline at the end.
    ///
    /// # Panics
    ///
    /// Never: the value has no map with keys other than strings, and writing to memory does not fail.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// Reads a report that [`Report::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// When the text is no report, or is one of another format.
    pub fn from_json(text: &str) -> Result<Self, ReportError> {
        from_json(text)
    }

    /// The table of that name.
    pub fn table(&self, name: &str) -> Option<&TableText> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The row of a table with that id.
    pub fn rule(&self, id: &str) -> Option<&RuleText> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// What a rule or a check says, in one line; the id itself where the report does not describe it.
    pub fn title_of<'a>(&'a self, id: &'a str) -> &'a str {
        let check = || self.checks.iter().find(|check| check.id == id).map(|check| check.title.as_str());
        self.rule(id).map(|rule| rule.title.as_str()).or_else(check).unwrap_or(id)
    }
}

/// A value as JSON, indented, with a newline at the end.
pub(crate) fn to_json<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plain data with string keys is always JSON");
    text.push('\n');
    harmless_json(&text).into_owned()
}

/// Reads a value that states its format as [`Report`] does.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, ReportError> {
    // The format is looked at by itself first, so that a newer report is called that, and not malformed.
    let value: serde_json::Value = serde_json::from_str(text).map_err(ReportError::Malformed)?;
    let format = value.get("format").and_then(serde_json::Value::as_u64);
    if format != Some(u64::from(FORMAT)) {
        let tombstone = value.get("tombstone").and_then(serde_json::Value::as_str).map(str::to_owned);
        return Err(ReportError::Format { format, tombstone });
    }
    // From the text again, not from the value: the error then has its line and column.
    serde_json::from_str(text).map_err(ReportError::Malformed)
}

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}
