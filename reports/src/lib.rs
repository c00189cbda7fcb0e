//! The report of a run as one plain value, [`Report`], and its renderings.
//!
//! ```text
//!    campaign ──events, fold──▶ Report ──▶ JSON ──▶ Report ──▶ HTML · terminal · Markdown · JUnit · badge
//!                               Timings ─▶ JSON        what depends on the machine, kept apart
//! ```
//!
//! What lives here: what a run tells ([`events`]), on disk while it goes on ([`journal`]), how much it does ([`scope`],
//! [`narrower`]), and
//! the one [`fold`] over it; the value ([`report`], [`results`], [`evidence`], [`timings`]); and a module for each form, named
//! after it; [`write::write`] makes them all, [`compare`] tells two reports apart, [`exit`] says with which code a run ends.
//!
//! What is absent: running an implementation and judging one. Every number that a page, a table or a picture shows stands in the
//! JSON, so that any saved report can be rendered again, in any form.
//!
//! ```
//! use tombstone_reports::exit::Exit;
//! use tombstone_reports::{ImplementationReport, Report, markdown, terminal};
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

pub mod report;

pub mod results;

pub mod evidence;

pub mod timings;

pub mod events;

pub mod fold;

mod decided;

pub mod journal;

pub mod build;

pub mod exit;

pub mod html;

pub mod timeline;

pub mod terminal;

pub mod markdown;

pub mod junit;

pub mod badge;

pub mod compare;

pub mod scope;

pub mod narrower;

pub mod write;

mod causes;

mod command;

mod failure;

mod reproduced;

mod text;

#[cfg(test)]
mod tests;

pub use command::{AGAIN, CommandLine, quoted};
pub use decided::{Decided, Missing};
pub use evidence::*;
pub use exit::Exit;
pub use failure::Again;
pub use report::{
    CheckText, FORMAT, FactCoverage, FactTotals, Facts, Interruption, Report, ReportError, RuleText, schema,
};
pub use reproduced::Unstable;
pub use results::*;
pub use timings::{BenchTiming, Host, ImplementationTiming, KillTiming, StageTiming, Timings};
pub use tombstone_model::words::counted;
