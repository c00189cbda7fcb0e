//! What came of running one implementation: verdicts, counts, cases, and failures as four facts.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::command::CommandLine;
use crate::decided::Decided;
use crate::evidence::{Campaign, Inference};
use crate::reproduced::{Again, Unstable};

/// What was found out. The first four are never merged into one another, and a run in which nothing was decided is
/// not a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All that was decided agrees with the documents.
    Conforms,
    /// Something was seen that no reading of the documents allows.
    Diverges,
    /// The implementation declined, and had said so beforehand.
    Unsupported,
    /// It crashed, hung or answered garbage.
    Broken,
    /// It fails in some runs and not in others: nothing can be held against a rule.
    Unstable,
    /// Nothing was decided.
    #[default]
    Undecided,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 6] =
        [Self::Conforms, Self::Diverges, Self::Unsupported, Self::Broken, Self::Unstable, Self::Undecided];

    /// The word, as the JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::Diverges => "diverges",
            Self::Unsupported => "unsupported",
            Self::Broken => "broken",
            Self::Unstable => "unstable",
            Self::Undecided => "undecided",
        }
    }

    /// The symbol, which says the same without colour.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Conforms => "✓",
            Self::Diverges => "✗",
            Self::Unsupported => "–",
            Self::Broken => "!",
            Self::Unstable => "~",
            Self::Undecided => "?",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

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

/// Whether a count is nothing to speak of.
pub(crate) fn none(count: &u64) -> bool {
    *count == 0
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
    /// What it said beforehand that it cannot do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// How many scenarios that is enough for, and what more would add; none where it did not get so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// The verdict over everything below.
    pub verdict: Verdict,
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
        self.decided.as_ref().filter(|_| self.totals.unsupported > 0)?.unsupported()
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
    /// Its title.
    pub title: String,
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
}

/// A failure: four facts (what happened, what was expected, what was seen, how to replay it) and what helps to see them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The id, unique in the report and the same in the next run; [`crate::build`] gives one where it is empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// What makes two failures the same.
    pub signature: Signature,
    /// What happened.
    pub happened: String,
    /// What was expected, by which row of which document.
    pub expected: Expected,
    /// What was seen.
    pub seen: String,
    /// The command that replays it, as a line for a shell.
    pub replay: String,
    /// The command, a word an entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The command that replays what it was shrunk from, as a line for a shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unshrunk: Option<String>,
    /// Where its scenario is written, inside the folder of the report; [`crate::build`] says where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How often it was seen again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
    /// Where the implementation and the documents first part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parting: Option<Parting>,
    /// The number of its cause; the first failure of a cause shows it best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<u64>,
    /// In how many plans the same cause, or where none is known the same signature, was what failed first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// The scenario, as TOML.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scenario: String,
    /// How it was shrunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shrunk: Option<Shrunk>,
    /// The picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<Timeline>,
    /// The runs that contradict each other, where no single one fails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<Witness>,
}

/// What stands behind failures, whatever checks they break: the same steps fail in all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// Its number, from 1.
    pub number: u64,
    /// The steps that fail, in words, as in the shortest plan that was found.
    pub does: Vec<String>,
    /// The circumstances without which it does not fail, in words: how much else the stores hold, the zone, the date.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub circumstances: Vec<String>,
    /// The kinds of items that it concerns.
    pub kinds: Vec<String>,
    /// As what it shows itself, and how often.
    pub sorts: Vec<Sort>,
    /// How many scenarios fail by it first.
    pub scenarios: u64,
    /// How many generated plans fail by it first. Those of all causes, and those that belong to none, are all that fail.
    pub plans: u64,
    /// How many scenarios and plans fail by it once other causes are set aside.
    #[serde(default, skip_serializing_if = "none")]
    pub behind: u64,
}

/// As what a cause shows itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sort {
    /// The check, and the rule.
    pub signature: Signature,
    /// In how many scenarios and plans.
    pub times: u64,
}

impl Failure {
    /// Says by which command it is replayed.
    pub fn replayed_by(&mut self, command: &CommandLine) {
        self.replay = command.to_string();
        self.command = command.words().to_vec();
    }
}

/// One of several runs that cannot all be explained by one reading of the documents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Witness {
    /// Which run it is: a scenario, a plan of the tour, a random plan.
    pub run: String,
    /// The readings that explain it.
    pub leaves: Vec<String>,
    /// The readings that do not.
    pub excludes: Vec<String>,
    /// The step that decides it, in words.
    pub happened: String,
    /// The command that runs it again.
    pub replay: String,
    /// The file in the folder of the report that holds the scenario; given by [`crate::build`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The scenario, as TOML.
    pub scenario: String,
    /// How it was shrunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shrunk: Option<Shrunk>,
    /// The picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<Timeline>,
}

/// What makes two failures the same: never the message.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Signature {
    /// The check that failed.
    pub check: String,
    /// The rule it cites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

impl Signature {
    /// The rule or check that what fails so counts for.
    pub fn counts_for(&self) -> &str {
        self.rule.as_ref().unwrap_or(&self.check)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Some(rule) if *rule != self.check => write!(f, "{} · {rule}", self.check),
            Some(_) | None => f.write_str(&self.check),
        }
    }
}

/// What was expected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expected {
    /// In words.
    pub text: String,
    /// By which rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The titles of the documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
}

/// Where the implementation and the documents first part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parting {
    /// The number of the step, from 1.
    pub step: u32,
    /// Where it shows: a store, a computer.
    pub place: String,
    /// The earlier step that led to it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// How a failing plan was shrunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shrunk {
    /// The steps it had.
    pub from: u64,
    /// The steps it has.
    pub to: u64,
    /// Whether an exhaustive search found nothing shorter.
    pub minimal: bool,
}

impl Shrunk {
    /// Whether it became shorter.
    pub fn is_shorter(&self) -> bool {
        self.to < self.from
    }
}

/// A picture of a run: a lane for each store and computer, a column for each step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// The lanes, from the top.
    pub lanes: Vec<Lane>,
    /// The columns, from the left.
    pub columns: Vec<Column>,
    /// What a lane shows after a step. Where it has not changed, the cell may be left out.
    pub cells: Vec<Cell>,
    /// What went from lane to lane.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Message>,
}

/// A lane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lane {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: LaneKind,
}

/// What a lane is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LaneKind {
    /// The CRM.
    Crm,
    /// A mailbox.
    #[default]
    Mailbox,
    /// A computer and what it holds.
    Computer,
}

impl LaneKind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::Mailbox => "mailbox",
            Self::Computer => "computer",
        }
    }
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// The number of the step; 0 for the start.
    pub number: u32,
    /// The step in words.
    pub step: String,
}

/// What a lane shows after a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// The lane, from 0.
    pub lane: usize,
    /// The column, from 0.
    pub column: usize,
    /// What it shows.
    pub state: CellState,
    /// In words, a few.
    pub text: String,
    /// Whether this is where the implementation and the documents part.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub diverges: bool,
    /// What the documents expect here instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

/// The state of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CellState {
    /// The item is there.
    #[default]
    Present,
    /// It is not.
    Absent,
    /// It is there, and something about it changed.
    Changed,
    /// The computer is cut off, or its CRM client offline.
    Offline,
    /// The computer crashed.
    Crashed,
}

impl CellState {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
            Self::Changed => "changed",
            Self::Offline => "offline",
            Self::Crashed => "crashed",
        }
    }

    /// The symbol, which says the same without colour.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Present => "●",
            Self::Absent => "○",
            Self::Changed => "◐",
            Self::Offline => "⊘",
            Self::Crashed => "✖",
        }
    }
}

/// Something that went from one lane to another during a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// The column, from 0.
    pub column: usize,
    /// The lane it left, from 0.
    pub from: usize,
    /// The lane it went to, from 0.
    pub to: usize,
    /// What it is, in a few words.
    pub label: String,
    /// Whether it never arrived, or its acknowledgement did not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lost: bool,
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
