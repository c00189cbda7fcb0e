//! The report of a run as one plain value, [`Report`], and its renderings.
//!
//! Nothing here runs an implementation, judges one or works anything out: whoever ran it fills the value, and every
//! number that a page, a table or a picture shows stands in the JSON. So any saved report can be rendered again, in
//! any form. What depends on the machine is kept apart, in [`Timings`].

pub mod build;
pub mod evidence;
pub mod exit;
pub mod report;
pub mod results;
pub mod timings;

pub use evidence::*;
pub use exit::Exit;
pub use report::{CheckText, FORMAT, FactCoverage, FactTotals, Facts, Report, ReportError, RuleText, schema};
pub use results::*;
pub use timings::{BenchTiming, CaseTiming, Host, ImplementationTiming, Timings};
