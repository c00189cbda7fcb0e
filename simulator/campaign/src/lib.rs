//! The campaign: holds an implementation to the documents, over scenarios, plans and what happens from outside, and says
//! what came of it.
//!
//! Here an implementation under test is a subject: one of the engines in process, or a program behind an adapter. What is
//! found is judged in one place, confirmed in a fresh start, grouped, shrunk, and told as events ([`log`]): the report is
//! folded from those.

pub mod campaign;
pub mod cause;
pub mod causes;
pub mod check;
pub mod confirm;
pub mod decided;
pub mod disasters;
pub mod exhibit;
pub mod explain;
pub mod findings;
pub mod implementations;
pub mod judge;
pub mod kill;
pub mod lines;
pub mod log;
pub mod packing;
pub mod picture;
pub mod readings;
pub mod subject;
pub mod summary;
