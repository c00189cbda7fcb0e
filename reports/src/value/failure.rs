//! A verdict and a failure, as a report shows them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::command::CommandLine;
use crate::value::moments::{CauseAndEffect, LaneHolds};

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

/// Whether a count is nothing to speak of.
pub(crate) fn none(count: &u64) -> bool {
    *count == 0
}

/// A failure: four facts (what happened, what was expected, what was seen, how to replay it) and what helps to see them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The id, unique in the report and the same in the next run; given when the report is put in order, where it is empty.
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
    /// Where its scenario is written, inside the folder of the report, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How often it was seen again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
    /// Where the implementation and the documents first part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parting: Option<Parting>,
    /// Cause and effect: which step led to it, what carried it, and which field is another than it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<CauseAndEffect>,
    /// The number of its cause; the first failure of a cause shows it best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<u64>,
    /// By which entry of the baseline it is known, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<u64>,
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
    /// The file in the folder of the report that holds the scenario, where it has one.
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
    /// Every row that it rests on: that rule, those that were followed on the way, and where two readings were followed those that
    /// turn on the question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<String>,
    /// The statements that it rests on besides those of the rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
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
    /// Whether every single step was left out in turn, and every value made simpler, and it did not fail so any more. Other
    /// steps in the place of these may be fewer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub single: bool,
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
    /// What each lane holds, field by field: all of it in the first column, and in each later one what the step changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<LaneHolds>,
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
