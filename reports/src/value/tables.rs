//! What a report says of each table of rules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A table of rules, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableText {
    /// Its name.
    pub name: String,
    /// The question that it answers.
    pub title: String,
    /// The facts by which the situations of a row are told apart when they are counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<CountedFact>,
}

/// A fact by which situations are told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CountedFact {
    /// Its name.
    pub name: String,
    /// The words for its values.
    pub values: Vec<String>,
    /// The first bit of it in the number of a situation.
    pub bit: u32,
    /// How many bits it has there.
    pub bits: u32,
}
