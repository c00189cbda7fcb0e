//! Whether what was seen is seen again. Only what is can be held against an implementation; the rest is *unstable*.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::failure::{Again, Failure};

/// A failure that was seen, and not again. It counts against no rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unstable {
    /// Where: the id of a scenario, or `generated`.
    pub place: String,
    /// How often it was seen.
    pub again: Again,
    /// What was seen.
    pub failure: Failure,
}
