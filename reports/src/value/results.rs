//! What came of running one implementation: verdicts, counts, cases, and failures as four facts.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::decided::Decided;
use crate::value::evidence::{Campaign, Inference};
use crate::value::reproduced::Unstable;

pub(crate) use crate::value::failure::none;
pub use crate::value::failure::{
    Cause, Cell, CellState, Column, Expected, Failure, Lane, LaneKind, Message, Parting, Shrunk, Signature, Sort,
    Timeline, Verdict, Witness,
};

/// How often each verdict was reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Those that were decided either way: the sum of the next two.
    pub decided: u64,
    /// How often it conformed.
    pub conforms: u64,
    /// How often it diverged.
    pub diverges: u64,
    /// How often it was declined.
    pub unsupported: u64,
    /// How often the implementation broke.
    pub broken: u64,
    /// How often it failed in a way that was not seen again.
    #[serde(default, skip_serializing_if = "none")]
    pub unstable: u64,
    /// How often nothing was decided.
    pub undecided: u64,
}

/// What came of one implementation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImplementationReport {
    /// Its name; no two of a report are alike.
    pub name: String,
    /// Its version, as it says itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The command line it was started with, as given; none where it runs inside Tombstone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The names of the variables that are added to its environment; never their values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
    /// The words at the end of a command that choose it again, as it was chosen: the profile, what a program is allowed, and
    /// its command line or its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen_by: Vec<String>,
    /// What it said beforehand that it can do: of each kind the operations and the fields that can be seen, then the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<String>,
    /// What it said beforehand that it cannot do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// How many scenarios that is enough for, and what more would add; none where it did not get so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// The verdict over everything below.
    pub verdict: Verdict,
    /// The verdict with the failures set aside that the baseline knows; none where nothing is held against one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<Verdict>,
    /// Whether the run ended before everything was judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// Why, in one sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The verdicts of the cases, counted.
    pub totals: Counts,
    /// The rules and checks, in the order of the report's `rules`, then of its `checks`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowReport>,
    /// The scenarios, in the order of their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CaseReport>,
    /// The random interleavings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Campaign>,
    /// The causes of what failed, those that were met most often first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// Which readings of the documents it follows, in everything that was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readings: Option<Inference>,
    /// Failures that were seen, and not again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unstable: Vec<Unstable>,
    /// The rules that nothing met, neither a scenario nor a generated plan. One without an excuse leaves the run incomplete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub never: Vec<NeverMet>,
    /// Undocumented outcomes, in named categories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Observation>,
    /// What is wrong, or looks wrong, though no rule speaks of it (its own report disagrees with the stores, ...).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

impl ImplementationReport {
    /// Every failure: of the cases, then of the campaign, then of the readings held.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        let cases = self.cases.iter().flat_map(|case| &case.failures);
        let campaign = self.campaign.iter().flat_map(|campaign| &campaign.failures);
        let readings = self.readings.iter().flat_map(|readings| &readings.failures);
        cases.chain(campaign).chain(readings)
    }

    /// Why cases are unsupported, in a sentence; none where none is, or nothing is known.
    pub(crate) fn unsupported(&self) -> Option<String> {
        self.decided.as_ref()?.unsupported(self.totals.unsupported)
    }

    /// The row of a rule or check.
    pub fn row(&self, rule: &str) -> Option<&RowReport> {
        self.rows.iter().find(|row| row.rule == rule)
    }
}

/// A rule that nothing met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NeverMet {
    /// The rule.
    pub rule: String,
    /// Why it cannot be met, or not with this implementation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excuse: Option<String>,
}

/// What came of one rule, or one check, over all cases and interleavings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowReport {
    /// The id of the rule or check.
    pub rule: String,
    /// The verdict.
    pub verdict: Verdict,
    /// How often it was decided, and how.
    pub counts: Counts,
    /// By which causes it diverges, by their numbers.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub causes: BTreeSet<u64>,
    /// By which failures it diverges of which no cause was told apart, by their ids.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub failures: BTreeSet<String>,
}

/// What came of one scenario.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseReport {
    /// The id of the scenario; no two of an implementation are alike.
    pub id: String,
    /// Whether it is no scenario, but a case beside them: kills, a disaster, what failed in company.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beside: bool,
    /// Whether it was drawn, and not written: its failures are called as those of generated plans are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drawn: bool,
    /// What the scenario was called before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Its title.
    pub title: String,
    /// The file that it is from, as one sees it from the folder of the run; none of what is in no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line there, from 1: of the step by which it fails, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The rules, checks and statements it covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, where the verdict alone does not say it: what is unsupported, how it broke, what stayed undecided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// How many steps were taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// What failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
    /// The rows and checks that the first failure counts against.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<String>,
}

/// An outcome that the documents say nothing about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Observation {
    /// The category.
    pub category: String,
    /// What was seen.
    pub text: String,
    /// How often.
    pub count: u64,
    /// Where to see it: a scenario, or a command that replays it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// Something that is wrong, or looks wrong, though no rule speaks of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The category, such as `report disagrees with stores` or `never settles`.
    pub category: String,
    /// What was found.
    pub text: String,
    /// Whether it leaves the run incomplete: it hung at its end, or left processes behind.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// How often.
    pub count: u64,
    /// Where to see it: a scenario, or a command that replays it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}
