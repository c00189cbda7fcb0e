//! What a check runs on an implementation after the scenarios, and how much of it: the same whoever asks.

use std::sync::Arc;

use crate::campaign::Plans;
use crate::explore::tour::Tour;
use crate::subject::Subject;

/// The random plans run on each built-in implementation, if not said otherwise.
const PLANS: u64 = 10_000;

/// The random plans run on a program: one takes it milliseconds to seconds.
const PROGRAM_PLANS: u64 = 50;

/// The seed of the random plans, if not said otherwise.
pub const SEED: u64 = 1;

/// How an implementation is used: as the command line chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// As one that is built in.
    BuiltIn,
    /// As a program.
    Program,
}

impl Used {
    /// How this one is used.
    pub fn of(subject: &Subject) -> Self {
        match subject {
            Subject::BuiltIn(_) => Self::BuiltIn,
            Subject::Program { .. } => Self::Program,
        }
    }
}

/// What was asked for on the command line.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The random plans.
    pub plans: Option<u64>,
    /// Their seed.
    pub seed: u64,
    /// Whether scenarios were chosen: then no random plans are run unless they were asked for.
    pub filtered: bool,
    /// Whether the tour is run on programs, too.
    pub tour: bool,
}

impl Default for Asked {
    /// Nothing was asked for.
    fn default() -> Self {
        Self { plans: None, seed: SEED, filtered: false, tour: false }
    }
}

/// Where the plans come from, and how many of them are run, in this order.
pub fn plans(used: Used, asked: Asked, tour: Option<&Arc<Tour>>) -> Vec<(Plans, u64)> {
    let usual = match (used, asked.filtered) {
        (_, true) => 0,
        (Used::BuiltIn, false) => PLANS,
        (Used::Program, false) => PROGRAM_PLANS,
    };
    let toured = tour.filter(|_| asked.tour || used == Used::BuiltIn);
    let toured = toured.map(|tour| (Plans::Tour(Arc::clone(tour)), tour.plans.len() as u64));
    let plans = asked.plans.unwrap_or(usual);
    toured.into_iter().chain((plans > 0).then_some((Plans::Random(asked.seed), plans))).collect()
}
