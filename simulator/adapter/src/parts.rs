//! What messages are made of: dates, titles and addresses, what an edit changes, where a computer crashes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::StageWord;

/// When something takes place: `start` and `end`; for a task `due`, and `start` if it differs; or no date at all. Instants
/// are RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Dates {
    /// The start of an appointment, of the first occurrence of a series, or of a task that does not start when it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// When a task is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Seconds from one occurrence of a series to the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every_s: Option<i32>,
    /// How many occurrences a series has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u8>,
}

/// What an edit changes: one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Change")]
pub enum EditChange {
    /// The whole text of the title: `NAME #TOKEN`.
    Title(String),
    /// When it takes place or is due.
    Dates(Dates),
}

/// A point inside a synchronization at which the computer crashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CrashPoint {
    /// The item at which it happens. Items come in the order of `reset`: those before it are done, those after untouched.
    pub item: String,
    /// How far that item came.
    pub stage: StageWord,
}

/// A way to delete a whole item in Outlook, other than for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeletionWord {
    /// Into Deleted Items.
    Soft,
    /// By moving it to a folder that is not synchronized.
    Move,
}

/// The title of an item after the edit with that token: the item's name, ` #`, the token. 0 is what an item starts with.
pub fn title(item: &str, token: u8) -> String {
    format!("{item} #{token}")
}

/// The item and the token that a title names. What stands after the last ` #` is the token.
pub fn parse_title(title: &str) -> Option<(&str, u8)> {
    let (item, token) = title.trim().rsplit_once(" #")?;
    Some((item, token.parse().ok()?))
}

/// The e-mail address of an item or user of that name.
pub fn address(name: &str) -> String {
    format!("{name}@{ADDRESS_HOST}")
}

/// The item or user that an address names.
pub fn parse_address(address: &str) -> Option<&str> {
    address.trim().strip_suffix(ADDRESS_HOST)?.strip_suffix('@')
}

const ADDRESS_HOST: &str = "tombstone.example";
