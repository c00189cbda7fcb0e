//! What led to a failure, and what the stores and computers held step by step.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a lane of a picture holds of an item from a column on; what is not named is as it was in the column before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LaneHolds {
    /// The column, from 0.
    pub column: usize,
    /// The lane, from 0.
    pub lane: usize,
    /// The name of the item.
    pub item: String,
    /// Whether it is not there, or not any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
    /// The fields that have a value from here on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<HeldField>,
}

/// A field and what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldField {
    /// The name of the field.
    pub field: String,
    /// Its value, in words.
    pub value: String,
}

/// Cause and effect of a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CauseAndEffect {
    /// The step that led to it; none where nothing is known to have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<CauseStep>,
    /// The step after which it shows: what carried it, or left it behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<CauseStep>,
    /// The item that it shows at.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub item: String,
    /// Where it shows, and in which fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<Differs>,
}

/// A step that a failure goes back to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CauseStep {
    /// Its number, from 1.
    pub number: u32,
    /// The computer that it was taken at, or the server.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// The step in words.
    pub step: String,
}

/// A field that is another than it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Differs {
    /// The store or computer.
    pub place: String,
    /// The name of the field; none where the item itself is there, or is not, against what is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What it should say.
    pub expected: String,
    /// What it says.
    pub seen: String,
}

impl fmt::Display for CauseStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} ({})", self.number, self.step)
    }
}

/// The sentence, without a full stop.
impl fmt::Display for CauseAndEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = false;
        match (&self.cause, &self.carried) {
            (Some(cause), Some(carried)) => {
                write!(f, "because of {cause}, since {carried}")?;
                written = true;
            }
            (Some(one), None) | (None, Some(one)) => {
                write!(f, "because of {one}")?;
                written = true;
            }
            (None, None) => {}
        }
        for (nth, Differs { place, field, expected, seen }) in self.differs.iter().enumerate() {
            let before = match (nth, written) {
                (0, true) => ": ",
                (0, false) => "",
                _ => "; ",
            };
            f.write_str(before)?;
            if let Some(field) = field {
                write!(f, "{field} of ")?;
            }
            write!(f, "{} in {place} is {seen}, and should be {expected}", self.item)?;
        }
        Ok(())
    }
}
