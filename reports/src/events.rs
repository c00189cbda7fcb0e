//! The stream of events that a run is: what happened, in order, each small and plain. The report is folded from it
//! ([`crate::fold`]), and from nothing else.
//!
//! Written down it is one JSON object a line. The first line says of which version the stream is and by what was judged,
//! the last that nothing is missing; a stream that breaks off before means what it says up to there. The events of one
//! implementation come in the order in which they happened, and the same run tells the same events at any number of
//! threads; only [`Event::Timed`] depends on the machine.

use std::fmt;

use serde::{Deserialize, Serialize};
use tombstone_model::harmless::harmless_json;

use crate::value::baseline::Baseline;
use crate::value::decided::Decided;
use crate::value::evidence::{Inference, SituationsCovered};
use crate::value::failure::Again;
use crate::value::report::{CheckText, Facts, RuleText};
use crate::value::results::{CaseReport, Cause, Failure, NeverMet, Shrunk, Signature, Verdict, none};
use crate::value::scope::RunScope;
use crate::value::tables::TableText;
use crate::value::timings::{CaseTiming, Host, KillTiming, StageTiming};

/// The version of the stream's format. It grows when an old reader would misread a new stream; a new optional field does
/// not change it.
pub const STREAM: u32 = 1;

/// One line of the stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventLine {
    /// Which implementation it is about, counted from 0 as they were named; none where it is about the whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<usize>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run began.
    RunStarted(Box<RunStarted>),
    /// An implementation said who it is, or did not get so far.
    ImplementationStarted(ImplementationStarted),
    /// Nothing can be asked of it.
    NotRun {
        /// Why.
        why: String,
    },
    /// The scenarios are about to run.
    ScenariosStarted {
        /// Whether they share worlds: then no verdict stands before all have run.
        packed: bool,
    },
    /// Every scenario was judged.
    ScenariosJudged,
    /// A scenario, a crash from outside or a disaster was judged. A failure that does not say how often it was seen again
    /// holds nothing against anybody until it is confirmed.
    CaseJudged(Box<CaseJudged>),
    /// A failing case was looked at again.
    CaseConfirmed(CaseConfirmed),
    /// There is something to say of a case that its verdict does not say.
    CaseRemarked {
        /// The case.
        id: String,
        /// What there is to say.
        remark: String,
    },
    /// The first failure of a case was shrunk.
    CaseShrunk(Box<CaseShrunk>),
    /// Plans are about to run.
    PlansStarted(PlansStarted),
    /// A share of the plans was judged: one of a program, some thousands of what is built in.
    PlansJudged(Box<PlansJudged>),
    /// What failed was grouped by its cause: all that failing plans have to say was told.
    PlansGrouped(PlansGrouped),
    /// What share of the situations the plans met.
    SituationsMet(SituationsCovered),
    /// A cause was found.
    CauseFound(CauseFound),
    /// A failure that is shown besides those of cases: shrunk, and looked at again. What was not seen again is unstable.
    Exhibited(Box<Exhibited>),
    /// Which readings of the documents it follows in everything that was run.
    ReadingsInferred(Inference),
    /// The documents leave open what came of something.
    Observed(NotedEvent),
    /// Something is wrong, or looks wrong, though no rule speaks of it.
    Found(NotedEvent),
    /// It did not end as it should.
    EndedBadly {
        /// What it did instead.
        text: String,
    },
    /// Rows that nothing met in all that was run.
    RowsNeverMet {
        /// The rows.
        rows: Vec<NeverMet>,
    },
    /// How long something took.
    Timed {
        /// What.
        what: Timed,
    },
    /// Nothing more is asked of an implementation.
    ImplementationEnded,
    /// The run was ended from outside: what is not told by now is missing.
    Interrupted {
        /// By which signal.
        signal: String,
    },
    /// The run ended as it should: nothing is missing.
    RunEnded,
}

/// What was to be run, and by what it is judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    /// The version of the stream: [`STREAM`].
    pub stream: u32,
    /// The version of Tombstone.
    pub tombstone: String,
    /// A digest of the rules that are judged by.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rules_digest: String,
    /// A digest of the scenarios.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suite_digest: String,
    /// The profile.
    pub profile: String,
    /// The seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// What was asked for, one argument an entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// Whether only part of the suite was selected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filtered: bool,
    /// The folder of the report: commands that replay a failure name files in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// What the implementations are called before they say their names.
    pub implementations: Vec<String>,
    /// How much it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<RunScope>,
    /// What is known to fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// The tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableText>,
    /// The rows of every table, table by table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleText>,
    /// Those of them that nothing can meet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreachable: Vec<String>,
    /// The checks beyond the table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckText>,
    /// Which statements of the documents the scenarios cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
}

/// Who is under test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImplementationStarted {
    /// Its name.
    pub name: String,
    /// Its version, as it says itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The command line it was started with; none where it runs inside Tombstone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The names of the variables that are added to its environment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
    /// What it said beforehand that it can do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<String>,
    /// What it said beforehand that it cannot do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// How many scenarios that is enough for, and what more would add.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// The words at the end of a command that choose it, and the profile that it is held to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen_by: Vec<String>,
}

/// What came of a case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CaseJudged {
    /// The case.
    pub case: CaseReport,
    /// Whether it was not run because it was written for another profile than the implementation is held to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_profile: bool,
    /// What it counts for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<RowCount>,
    /// The readings that it left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<ReadingsLeft>,
}

/// How often a rule or a check was decided in one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCount {
    /// The rule or check.
    pub row: String,
    /// What was decided.
    pub verdict: Verdict,
    /// How often.
    pub times: u64,
}

/// Runs that left the same readings of a switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingsLeft {
    /// The name of the switch.
    pub switch: String,
    /// The names of the readings that explain them.
    pub leaves: Vec<String>,
    /// How many there are.
    pub runs: u64,
    /// The steps of the smallest.
    pub steps: u64,
    /// The smallest.
    pub smallest: RunOrigin,
}

/// Which run something is from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunOrigin {
    /// The scenario with this id.
    Scenario(String),
    /// The plan of the tour with this index.
    Tour(u64),
    /// The random plan with this index.
    Random(u64),
}

/// What came of looking at a failing case again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseConfirmed {
    /// The case.
    pub id: String,
    /// How often its first failure was seen; none where no file can hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
    /// The rules and checks that it counts for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<String>,
}

/// How the first failure of a case was shrunk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CaseShrunk {
    /// The case.
    pub id: String,
    /// By how much.
    pub shrunk: Shrunk,
    /// What it is now; none where it is as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// Where plans are from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanSource {
    /// The tour.
    Tour,
    /// Situations first, then plans drawn at random.
    #[default]
    Generated,
}

/// Plans that are about to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlansStarted {
    /// Where they are from.
    pub source: PlanSource,
    /// How many.
    pub plans: u64,
    /// The strategies that draw them, in the order in which they are shown.
    pub strategies: Vec<String>,
}

/// What came of plans one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlansJudged {
    /// Where they are from.
    pub source: PlanSource,
    /// The index of the first.
    pub from: u64,
    /// How many they are.
    pub plans: u64,
    /// The steps that were taken.
    pub steps: u64,
    /// How many decided nothing.
    #[serde(default, skip_serializing_if = "none")]
    pub undecided: u64,
    /// On which the implementation broke, by what it broke of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<Recurring>,
    /// Which were run twice and left different things behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nondeterministic: Option<Recurring>,
    /// By strategy; one without plans is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strategies: Vec<StrategyShare>,
    /// Which failed, by what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failing: Vec<FailingPlans>,
    /// The indices of the situations that were met.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub situations: Vec<u64>,
    /// What they count for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<RowCount>,
    /// The situations of rules that were met; one that was not is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub met: Vec<RowMet>,
    /// The sets of explanations that the oracle kept.
    pub explanations: ExplanationSets,
    /// The readings that they left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<ReadingsLeft>,
}

/// Something that happened on several plans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    /// What.
    pub text: String,
    /// On how many.
    pub times: u64,
    /// The index of the first.
    pub first: u64,
    /// The command that replays the first.
    pub replay: String,
}

/// What one strategy drew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrategyShare {
    /// Its name.
    pub name: String,
    /// The plans.
    pub plans: u64,
    /// The steps in them.
    pub steps: u64,
    /// The plans among them that failed.
    #[serde(default, skip_serializing_if = "none")]
    pub failing: u64,
}

/// Plans that failed in the same way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingPlans {
    /// By what.
    pub signature: Signature,
    /// How many.
    pub times: u64,
    /// The number of the row by which they do: a row that another one restrains has several, and one id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u8>,
    /// The first of them, by their indices.
    pub plans: Vec<FailingPlan>,
}

/// How a plan failed, as far as finding its cause needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingPlan {
    /// Its index.
    pub index: u64,
    /// On which item, by its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u8>,
    /// After which step; none for the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    /// In which manner.
    pub manner: FailingManner,
    /// Where it is seen first; none where it is the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<FailingPlace>,
}

/// In which manner a plan failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailingManner {
    /// Fewer copies are seen than there should be.
    Missing,
    /// More copies are seen than there should be.
    Left,
    /// Fields differ: their bits in a word.
    Differs(u64),
    /// The stores are as they should be, and the answer is not, by this check.
    Answered(String),
}

/// Where it is seen that a plan failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailingPlace {
    /// In CRM.
    Crm,
    /// In the mailbox of the user with that number.
    Mailbox(u8),
    /// In the cache with that number.
    Cache(u8),
}

/// The situations of a rule that were met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowMet {
    /// The rule.
    pub rule: String,
    /// The number of each situation, and how often it was met: in its lowest bits the facts of its table, as
    /// [`TableText::facts`] places them, and above them how far from connected the computers were: all connected, one
    /// disconnected, offline, crashed.
    pub cells: Vec<(u16, u64)>,
}

/// The sets of explanations that the oracle kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplanationSets {
    /// How many sets.
    pub sets: u64,
    /// The sum of their sizes.
    pub explanations: u64,
    /// The size of the largest.
    pub largest: u64,
}

/// What came of grouping failing plans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlansGrouped {
    /// How many failed in a way that was not seen again, by signature.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unstable: Vec<SignatureTimes>,
    /// How many belong to no cause.
    #[serde(default, skip_serializing_if = "none")]
    pub ungrouped: u64,
}

/// How often something failed in one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureTimes {
    /// In which.
    pub signature: Signature,
    /// How often.
    pub times: u64,
}

/// A cause, and what shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseFound {
    /// The cause.
    pub cause: Cause,
    /// The cases whose first failure it is, the best one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<String>,
}

/// A failure, and where it belongs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exhibited {
    /// Where.
    pub place: FailedAt,
    /// The failure, with how often it was seen.
    pub failure: Failure,
}

/// What a failure is one of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailedAt {
    /// A case, by its id.
    Case(String),
    /// The generated plans.
    Generated,
    /// Everything that was run.
    Run,
}

impl fmt::Display for FailedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Case(id) => id,
            Self::Generated => "generated",
            Self::Run => "run",
        })
    }
}

/// A finding or an observation, each time that it is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotedEvent {
    /// The category.
    pub category: String,
    /// What was seen.
    pub text: String,
    /// What makes it the same as another of its category, where the text does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alike: Option<String>,
    /// Where to see it: a command that replays it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// What depends on the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timed {
    /// The scenarios, as far as each ran alone.
    Cases(Vec<CaseTiming>),
    /// A stage with a program.
    Stage(StageTiming),
    /// The kills.
    Kills(KillTiming),
    /// An implementation: all of it, and the plans alone, in milliseconds.
    Implementation {
        /// All of it.
        milliseconds: u64,
        /// The plans alone, without what was made of them afterwards.
        plans: u64,
    },
    /// The run.
    Run {
        /// The machine.
        host: Host,
        /// When it started, as RFC 3339.
        started: String,
        /// How long it took, in milliseconds.
        milliseconds: u64,
    },
}

/// Why a stream could not be read.
#[derive(Debug)]
pub enum StreamError {
    /// A line is not one of a stream. A last line without its end is no such line: it is left out.
    Malformed {
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// It is of a version that this one does not read; none where its first line does not say that a run started.
    Version(Option<u32>),
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { line, error } => write!(f, "line {line} is no event: {error}"),
            Self::Version(None) => {
                f.write_str("not a stream of events: the first line does not say that a run started")
            }
            Self::Version(Some(version)) => {
                write!(f, "version {version} of the stream is unknown to this version, which reads version {STREAM}")
            }
        }
    }
}

impl std::error::Error for StreamError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Malformed { error, .. } => Some(error),
            Self::Version(_) => None,
        }
    }
}

impl EventLine {
    /// The line as JSON, with its end.
    ///
    /// # Panics
    ///
    /// Never: the value has no map with keys other than strings, and writing to memory does not fail.
    pub fn to_json(&self) -> String {
        told(self.of, &self.event)
    }

    /// Whether it says the same on every machine.
    pub fn is_of_the_run(&self) -> bool {
        !matches!(self.event, Event::Timed { .. })
    }
}

/// The line of an event, as [`EventLine::to_json`] writes it.
pub(crate) fn told(of: Option<usize>, event: &Event) -> String {
    #[derive(Serialize)]
    struct Told<'e> {
        #[serde(skip_serializing_if = "Option::is_none")]
        of: Option<usize>,
        #[serde(flatten)]
        event: &'e Event,
    }
    let mut text = serde_json::to_string(&Told { of, event }).expect("plain data with string keys is always JSON");
    text.push('\n');
    harmless_json(&text).into_owned()
}

/// Writes a stream: a line each.
pub fn to_ndjson(lines: &[EventLine]) -> String {
    lines.iter().map(EventLine::to_json).collect()
}

/// Whether a text is meant as a stream, of whatever version: its first line is an event.
pub fn is_stream(text: &[u8]) -> bool {
    let first: serde_json::Value = serde_json::from_slice(first_line(text)).unwrap_or_default();
    first.get("event").is_some()
}

/// What begins a stream, from its first line alone; none where that is not the start of a run.
pub fn head(first: &[u8]) -> Option<RunStarted> {
    match serde_json::from_slice(first_line(first)) {
        Ok(EventLine { event: Event::RunStarted(head), .. }) => Some(*head),
        Ok(_) | Err(_) => None,
    }
}

fn first_line(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == b'\n').next().unwrap_or_default()
}

/// Reads a stream that [`to_ndjson`] wrote, as far as it goes: of a last line that was cut nothing is read.
///
/// # Errors
///
/// When a whole line is no event, or the first one does not begin a stream of this version.
pub fn from_ndjson(text: &[u8]) -> Result<Vec<EventLine>, StreamError> {
    // Where the machine went down, a file may hold bytes that were never written: zeros, which no line has.
    let written = text.iter().position(|&byte| byte == 0).map_or(text, |end| &text[..end]);
    // A line may have been cut inside a character.
    let whole = written.iter().rposition(|&byte| byte == b'\n').map_or(&[][..], |end| &written[..end]);
    let lines = whole.split(|&byte| byte == b'\n').zip(1..).filter(|(text, _)| !text.trim_ascii().is_empty());
    let read = |(text, line)| serde_json::from_slice(text).map_err(|error| StreamError::Malformed { line, error });
    // The version is looked at first, so that a newer stream is called that, and not malformed.
    let head: serde_json::Value = serde_json::from_slice(first_line(whole)).unwrap_or_default();
    let version = head.get("stream").and_then(serde_json::Value::as_u64).and_then(|version| version.try_into().ok());
    if version != Some(STREAM) {
        return Err(StreamError::Version(version));
    }
    lines.map(read).collect()
}
