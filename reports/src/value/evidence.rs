//! What stands behind the verdicts: random campaigns, readings followed, convicted faults, costs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use tombstone_model::plan::Connection;
use tombstone_model::words;

use crate::render::text::{counted, grouped};
use crate::value::results::{Failure, Verdict};
use crate::value::tables::{CountedFact, TableText};

/// A campaign of random interleavings on one implementation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Campaign {
    /// The plans that were run.
    pub plans: u64,
    /// The steps that were taken.
    pub steps: u64,
    /// The plans that failed.
    pub failing: u64,
    /// The plans of which nothing could be concluded.
    pub inconclusive: u64,
    /// The plans on which the implementation broke.
    pub broken: u64,
    /// The plans that failed in a way that was not seen again.
    #[serde(default, skip_serializing_if = "crate::value::results::none")]
    pub unstable: u64,
    /// The failing plans that belong to no cause: they did not fail again, or nobody looked for it.
    #[serde(default, skip_serializing_if = "crate::value::results::none")]
    pub ungrouped: u64,
    /// The portfolio, in the order of its strategies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strategies: Vec<StrategyCounts>,
    /// What share of the pairs of circumstances the plans brought together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub situations: Option<SituationsCovered>,
    /// Which situations of the rules were met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// How many explanations the oracle kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanations: Option<Explanations>,
    /// What failed, one for each cause that no scenario shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
}

/// The situations that plans begin with: rows of a covering array over zone, instant, age, volume, kind, role and more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Situations")]
pub struct SituationsCovered {
    /// How many circumstances meet in what is covered: 2 for pairs, 3 for triples.
    pub strength: u8,
    /// The plans that hold every such tuple of what the implementation knows.
    pub plans: u64,
    /// Those of them that were run.
    pub run: u64,
    /// How many tuples there are.
    pub tuples: u64,
    /// The tuples that the plans held which were run.
    pub drawn: u64,
    /// Those of them in which the step that they are about was taken and judged.
    pub met: u64,
}

impl SituationsCovered {
    /// What share was met, for people.
    pub fn sentence(self) -> String {
        let what = if self.strength == 3 { "triple" } else { "pair" };
        let share = |part: u64| part as f64 * 100.0 / self.tuples.max(1) as f64;
        format!(
            "situations: {} of {} run; of {} of circumstances {:.1} % drawn, {:.1} % met",
            grouped(self.run),
            counted(self.plans, "plan"),
            counted(self.tuples, what),
            share(self.drawn),
            share(self.met)
        )
    }
}

/// One strategy of a portfolio.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Strategy")]
pub struct StrategyCounts {
    /// Its name.
    pub name: String,
    /// The plans it drew.
    pub plans: u64,
    /// The steps in them.
    pub steps: u64,
    /// The plans among them that failed.
    pub failing: u64,
}

/// Which situations were met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// The situations that were met at least once.
    pub reached: u64,
    /// The situations that exist: each a combination of the facts by which a rule tells situations apart, and of how far from
    /// connected the computers were. No plan brings about every one of them.
    pub situations: u64,
    /// By rule, in the order of the tables.
    pub rules: Vec<RuleCoverage>,
    /// The rules that were never met.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub never: Vec<String>,
}

/// Which situations of one rule were met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleCoverage {
    /// The rule.
    pub rule: String,
    /// The situations of it that were met at least once.
    pub reached: u64,
    /// The situations of it that exist.
    pub situations: u64,
    /// Each of them that was met.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<SituationCoverage>,
}

/// A situation in which a rule was met.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Situation")]
pub struct SituationCoverage {
    /// What held of the facts by which its table tells situations apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
    /// Connected, disconnected, offline, crashed.
    pub connection: String,
    /// How often it was met.
    pub count: u64,
}

impl SituationCoverage {
    /// The situation that the oracle numbers so of a row of a table.
    pub(crate) fn numbered(table: &TableText, number: u16, count: u64) -> Self {
        let bits: u32 = table.facts.iter().map(|fact| fact.bits).sum();
        let told = |fact: &CountedFact| {
            let value = usize::from(number) >> fact.bit & ((1 << fact.bits) - 1);
            fact.values.get(value).cloned().unwrap_or_default()
        };
        let connection = CONNECTIONS[usize::from(number) >> bits & 3];
        Self {
            facts: table.facts.iter().map(told).collect(),
            connection: words::connection(connection).to_owned(),
            count,
        }
    }
}

const CONNECTIONS: [Connection; 4] =
    [Connection::Connected, Connection::Disconnected, Connection::Offline, Connection::Crashed];

/// How many explanations the oracle kept of a pair after a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Explanations {
    /// On average; a finite number.
    pub mean: f64,
    /// At most.
    pub max: u64,
}

/// Which readings of the documents an implementation follows in everything that was run: scenarios, tour, random plans.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Inference {
    /// By switch, in the order of the fact base.
    pub switches: Vec<SwitchInference>,
    /// The shipped profile that comes nearest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<NearestProfile>,
    /// The switches of which no single reading explains what was seen, each with runs that contradict each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
}

/// Which readings of one switch an implementation follows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SwitchInference {
    /// The id of the ambiguity.
    pub id: String,
    /// The name of the switch.
    pub name: String,
    /// The question, in one line.
    pub question: String,
    /// The readings that agree with all that was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<String>,
    /// The readings that something seen excludes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<String>,
    /// In how many runs the readings would have differed.
    pub deciding: u64,
    /// Whether one reading explains them all.
    pub consistent: bool,
    /// The command that runs the smallest one again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// The shipped profile that comes nearest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NearestProfile {
    /// Its name.
    pub name: String,
    /// The switches on which it agrees.
    pub agrees: u64,
    /// The switches that were decided.
    pub decided: u64,
    /// The names of the switches on which it does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
}

/// The harness tried on its own faulty implementations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaultTable {
    /// Its summary.
    pub totals: FaultTotals,
    /// Its summary by the tables of rules that faults are made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<FaultsOfTable>,
    /// The rows that no fault is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unbroken: Vec<UnbrokenRow>,
    /// How short counterexamples become.
    #[serde(default)]
    pub shrinking: Shrinking,
    /// How the portfolio of strategies compares with each of them alone, where that was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<Portfolio>,
    /// What came of the implementations with nothing wrong: none may be accused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faultless: Vec<Faultless>,
    /// The faults, in the order of their names.
    pub faults: Vec<FaultReport>,
}

/// The summary of a fault table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaultTotals {
    /// All faults.
    pub faults: u64,
    /// Those caught by anything.
    pub caught: u64,
    /// Those caught by the right rule.
    pub rightly: u64,
    /// Those caught by the suite.
    pub by_suite: u64,
    /// Those caught by the tour.
    pub by_tour: u64,
    /// Those caught by random interleavings.
    pub by_random: u64,
    /// Those proved to change nothing that can be seen.
    pub equivalent: u64,
    /// Those neither caught nor proved equivalent.
    pub missed: u64,
    /// The steps that it took to convict all of them.
    #[serde(default)]
    pub steps: u64,
}

/// What came of the faults made of one table of rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaultsOfTable {
    /// The name of the table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// Those of its rows that a fault breaks which was caught by the right rule.
    pub proved: u64,
    /// The faults made of it.
    pub faults: u64,
    /// Those caught by the right rule.
    pub rightly: u64,
    /// Those proved to change nothing that can be seen.
    pub equivalent: u64,
    /// Those neither caught nor proved equivalent.
    pub missed: u64,
}

/// A row that no fault is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnbrokenRow {
    /// Its id.
    pub row: String,
    /// Why there is none.
    pub why: String,
}

/// How short counterexamples become, held against the shortest plan in the same world that fails in the same way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shrinking {
    /// The counterexamples shrunk, from several seeds for each fault.
    pub counterexamples: u64,
    /// Those of which every shorter plan was tried, and none fails.
    pub shortest: u64,
    /// Those of which a shorter plan fails too.
    pub longer: u64,
    /// Those with more shorter plans than were tried.
    pub open: u64,
}

impl Shrinking {
    /// Adds others.
    pub fn merge(&mut self, other: Self) {
        self.counterexamples += other.counterexamples;
        self.shortest += other.shortest;
        self.longer += other.longer;
        self.open += other.open;
    }
}

/// How the portfolio of strategies compares with the best one alone, in steps over several seeds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Portfolio {
    /// The seeds.
    pub seeds: u64,
    /// The faults it was tried on.
    pub faults: u64,
    /// Those for which the portfolio takes at most three times the steps of the best strategy.
    pub within: u64,
    /// What the portfolio takes in the middle case, in per cent of the best strategy's steps.
    pub median: u64,
    /// What it takes in the worst case, in per cent of the best strategy's steps.
    pub worst: u64,
    /// The fault of the worst case.
    pub fault: String,
    /// The best strategy there.
    pub strategy: String,
}

/// What came of an implementation with nothing wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Faultless {
    /// Its name.
    pub name: String,
    /// The steps taken.
    pub steps: u64,
    /// How often it was accused.
    pub accused: u64,
}

/// What came of one fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaultReport {
    /// Its name.
    pub name: String,
    /// What is wrong with it.
    pub wrong: String,
    /// The table of rules that it is made of, if it is made of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The rules and checks that may rightly be cited against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<String>,
    /// The verdict on it: `diverges` where it was caught, `conforms` where it was not.
    pub verdict: Verdict,
    /// The rule or check that was cited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cited: Option<String>,
    /// Whether that is one of the right ones.
    pub rightly: bool,
    /// The steps it took until it was convicted, the suite first and then random interleavings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convicted: Option<u64>,
    /// Whether random interleavings caught it where the engine synchronizes at hidden moments too, and by how many steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<u64>,
    /// Whether the suite caught it, and by how many steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<u64>,
    /// Whether the tour caught it, and by how many steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tour: Option<u64>,
    /// Whether random interleavings caught it, and by how many steps (the mean where there were several seeds).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub random: Option<u64>,
    /// The steps of the shrunk plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shrunk: Option<u64>,
    /// The steps of the shortest plan there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortest: Option<u64>,
    /// Why it changes nothing that can be seen, where that was proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equivalent: Option<String>,
}

/// Work and cost by size, as far as the machine does not matter; times are in [`crate::Timings`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bench {
    /// What was measured on.
    pub workloads: Vec<WorkloadReport>,
    /// Every measurement, by workload, implementation and size.
    pub points: Vec<BenchPoint>,
    /// Ratios worth stating.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ratios: Vec<BenchRatio>,
}

/// Something to measure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Workload")]
pub struct WorkloadReport {
    /// Its name.
    pub name: String,
    /// What it does, in one line.
    pub title: String,
    /// What its size counts.
    pub size: String,
}

/// One measurement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BenchPoint {
    /// The workload.
    pub workload: String,
    /// The implementation.
    pub implementation: String,
    /// The size.
    pub size: u64,
    /// The steps it took.
    pub steps: u64,
    /// The messages between stores, computers and the server, or between harness and program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<u64>,
    /// The bytes in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// A ratio worth stating.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BenchRatio {
    /// Of what to what.
    pub text: String,
    /// The ratio; a finite number.
    pub ratio: f64,
}
