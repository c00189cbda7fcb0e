//! What depends on the machine: times and the host. It never stands in the report itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::report::{ReportError, from_json, to_json};

/// How long a run took, and where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timings {
    /// The version of the report's format that this belongs to: [`crate::FORMAT`].
    pub format: u32,
    /// The machine.
    pub host: Host,
    /// When the run started, as RFC 3339.
    pub started: String,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// By implementation, in the order of the report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implementations: Vec<ImplementationTiming>,
    /// By measurement, in the order of the report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bench: Vec<BenchTiming>,
}

/// A machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    /// The operating system.
    pub system: String,
    /// The processor's architecture.
    pub architecture: String,
    /// The threads that were used.
    pub threads: u64,
    /// The command line, a word an entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The names of the variables in the environment that it was started in; never their values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
}

/// How long one implementation took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImplementationTiming {
    /// The implementation.
    pub name: String,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// Steps a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps_per_second: Option<u64>,
    /// By scenario that ran alone, in the order in which they ran; what shared a world took no time of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CaseTiming>,
    /// By stage of the run, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageTiming>,
    /// Its kills, where any were tried: when they fall is a matter of milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kills: Option<KillTiming>,
}

/// How long one scenario took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseTiming {
    /// The scenario.
    pub id: String,
    /// How long it took, in microseconds.
    pub microseconds: u64,
}

/// When the kills fell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KillTiming {
    /// How often the engine was to be killed.
    pub rounds: u64,
    /// How often that fell inside a synchronization, as the adapter says.
    pub landed: u64,
    /// How often the engine had finished before, as the adapter says.
    pub finished: u64,
}

/// How long one stage of a run took with a program, and what the program was asked to do in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StageTiming {
    /// The stage: `scenarios`, `plans`, ...
    pub stage: String,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// Worlds that were set up.
    pub resets: u64,
    /// Synchronizations.
    pub synchronizations: u64,
}

/// How long one measurement took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BenchTiming {
    /// The workload.
    pub workload: String,
    /// The implementation.
    pub implementation: String,
    /// The size.
    pub size: u64,
    /// The latency that half of the steps stay below, in nanoseconds.
    pub p50: u64,
    /// That nine in ten stay below, in nanoseconds.
    pub p90: u64,
    /// That ninety-nine in a hundred stay below, in nanoseconds.
    pub p99: u64,
    /// The longest, in nanoseconds.
    pub max: u64,
    /// Steps a second.
    pub per_second: u64,
}

impl Timings {
    /// The timings as JSON: indented, with a newline at the end.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// Reads timings that [`Timings::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// When the text is none, or belongs to a report of another format.
    pub fn from_json(text: &str) -> Result<Self, ReportError> {
        from_json(text)
    }
}
