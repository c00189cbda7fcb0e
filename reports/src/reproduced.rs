//! Whether what was seen is seen again. Only what is can be held against an implementation; the rest is *unstable*.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::results::Failure;

/// In how many runs the same failure was seen, the first one included; each run after the first is one of the written
/// counterexample, in a fresh start of the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Again {
    /// The runs in which it was seen.
    pub seen: u64,
    /// All of them.
    pub runs: u64,
}

impl Again {
    /// Whether it was seen in every run, and in more than one.
    pub fn holds(self) -> bool {
        self.runs > 1 && self.seen == self.runs
    }
}

impl fmt::Display for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seen in {} of {} runs", self.seen, self.runs)
    }
}

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
