//! The report of a run as one plain value, [`Report`], and its renderings.
//!
//! ```text
//!    campaign ──events, fold──▶ Report ──▶ JSON ──▶ Report ──▶ HTML · terminal · Markdown · JUnit · SARIF · badges
//!                               Timings ─▶ JSON        what depends on the machine, kept apart
//! ```
//!
//! What lives here: what a run tells ([`events`]), on disk while it goes on ([`journal`]), and the one [`fold`] over it; the
//! [`value`], which is plain data; the forms of it, a file each ([`render`]); [`write::write`] makes them all.
//!
//! What is absent: running an implementation and judging one. Every number that a page, a table or a picture shows stands in the
//! JSON, so that any saved report can be rendered again, in any form.
//!
//! ```
//! use tombstone_reports::render::{markdown, terminal};
//! use tombstone_reports::{Exit, ImplementationReport, Report};
//!
//! let mut report = Report::new("0.1.0", "documented-2016");
//! report.implementations.push(ImplementationReport::new("example", "1"));
//! let report = report.finish();
//!
//! // The JSON is the report: each rendering of it says the same.
//! let again = Report::from_json(&report.to_json()).expect("what is written can be read");
//! assert_eq!(again, report);
//! assert!(markdown::markdown(&again).contains("example"));
//! assert!(terminal::summary(&again, false).contains("example"));
//! assert_eq!(Exit::of(&again), Exit::of(&report));
//! ```

pub mod events;
pub mod fold;
pub mod journal;
pub mod render;
pub mod value;
pub mod write;

#[cfg(test)]
mod tests;

pub use tombstone_model::words::counted;
pub use value::command::{AGAIN, CommandLine, quoted};
pub use value::decided::{Decided, Missing};
pub use value::evidence::*;
pub use value::exit::Exit;
pub use value::failure::Again;
pub use value::moments::{CauseAndEffect, CauseStep, Differs, HeldField, LaneHolds};
pub use value::report::{
    CheckText, FORMAT, FactCoverage, FactTotals, Facts, Interruption, Report, ReportError, RuleText, schema,
};
pub use value::reproduced::Unstable;
pub use value::results::*;
pub use value::tables::{CountedFact, TableText};
pub use value::timings::{BenchTiming, CaseTiming, Host, ImplementationTiming, KillTiming, StageTiming, Timings};
