//! The report of a run as one plain value, [`Report`], and its renderings.
//!
//! Nothing here runs an implementation, judges one or works anything out: whoever ran it fills the value, and every
//! number that a page, a table or a picture shows stands in the JSON. So any saved report can be rendered again, in
//! any form, by the module named after the form; [`write::write`] makes them all. What depends on the machine is kept
//! apart, in [`Timings`].

pub mod report;

pub mod results;

pub mod evidence;

pub mod timings;

pub mod events;

pub mod fold;

pub mod build;

pub mod exit;

pub mod html;

pub mod timeline;

pub mod terminal;

pub mod markdown;

pub mod junit;

pub mod badge;

pub mod compare;

pub mod write;

mod causes;

mod command;

mod reproduced;

mod text;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use command::{AGAIN, CommandLine, quoted};
pub use evidence::*;
pub use exit::Exit;
pub use report::{CheckText, FORMAT, FactCoverage, FactTotals, Facts, Report, ReportError, RuleText, schema};
pub use reproduced::{Again, Unstable};
pub use results::*;
pub use timings::{BenchTiming, Host, ImplementationTiming, KillTiming, StageTiming, Timings};
pub use tombstone_model::words::counted;
