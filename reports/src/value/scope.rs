//! How much a run is asked to do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::render::text::grouped;

/// What a run is asked to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunScope {
    /// The scenarios that were chosen, by their ids; none where the whole suite runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Vec<String>>,
    /// How many plans what is built in is given; none where nothing of that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plans: Option<u64>,
    /// What programs are given; none where none runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programs: Option<ProgramScope>,
    /// Whether the tour runs, where there is time for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tour: bool,
    /// Which shard of it this is; none where it is the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
}

/// One of the shards over which a run is spread: every so manieth of its cases, and of its shares of plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shard {
    /// Which, counted from 1.
    pub number: u64,
    /// Of how many.
    pub of: u64,
}

impl Shard {
    /// The most shards of a run.
    pub const MOST: u64 = 100_000;

    /// Whether there is such a shard.
    pub fn is_sound(self) -> bool {
        (1..=Self::MOST).contains(&self.of) && (1..=self.of).contains(&self.number)
    }

    /// Whether the case, or the share of plans, with that number belongs to it; they are counted from 0.
    pub fn takes(self, nth: u64) -> bool {
        nth % self.of.max(1) + 1 == self.number
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse().ok();
        let shard = text.split_once('/').and_then(|(nth, of)| Some(Self { number: number(nth)?, of: number(of)? }));
        shard.filter(|shard| shard.is_sound()).ok_or_else(|| {
            format!("not a shard: K/N, as 3/64, from 1/N to N/N, and at most {} of them", grouped(Self::MOST))
        })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// What programs are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramScope {
    /// How many plans.
    pub plans: PlansGiven,
    /// How often the engine of each is killed, where it can be.
    pub kills: u64,
    /// Whether disasters are brought about, where they can be.
    pub disasters: bool,
}

/// How many plans a program is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlansGiven {
    /// So many.
    Number(u64),
    /// As many as there is time for, in seconds.
    Seconds(u64),
}

impl Default for PlansGiven {
    fn default() -> Self {
        Self::Number(0)
    }
}

impl PlansGiven {
    /// Whether it is surely less. A number and a time cannot be compared, but that nothing is less than either.
    pub fn is_less_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::Number(own), Self::Number(other)) | (Self::Seconds(own), Self::Seconds(other)) => own < other,
            (Self::Number(own), Self::Seconds(other)) => own == 0 && other > 0,
            (Self::Seconds(own), Self::Number(other)) => own == 0 && other > 0,
        }
    }
}

impl fmt::Display for PlansGiven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(plans) => write!(f, "{plans} plans"),
            Self::Seconds(seconds) => write!(f, "plans for {seconds} s"),
        }
    }
}
