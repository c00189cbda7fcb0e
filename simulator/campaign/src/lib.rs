//! The campaign: holds an implementation to the documents, over scenarios, plans and what happens from outside, and says
//! what came of it.
//!
//! ```text
//!    Subject ──start──▶ Implementation ─┐
//!    Scenario, Plans, disasters ────────┼──▶ judge ──▶ again, in a fresh start ──▶ shrink ──▶ explain ──▶ Log ──▶ Report
//!    Checking { rules, profile } ───────┘
//! ```
//!
//! What lives here: an implementation under test is a [`subject`], one of the engines in process, or a program behind an adapter.
//! What is found is judged in one place ([`judge`]), confirmed in a fresh start ([`confirm`]), grouped ([`causes`]), shrunk, and told
//! as events ([`log`]): the report is folded from those.
//!
//! What is absent: printing, arguments, writing reports.
//!
//! ```
//! use tombstone_campaign::check::Checking;
//! use tombstone_campaign::judge::{Conclusion, judge};
//! use tombstone_campaign::subject::{BuiltIn, Subject};
//! use tombstone_model::readings::profiles::Profile;
//!
//! let profile = Profile::standard();
//! let checking = Checking::of(profile);
//! let subject = Subject::BuiltIn(BuiltIn::ServerSide);
//! let scenario = tombstone_scenarios::scenarios().remove(0);
//! let mut implementation = subject.start(profile).expect("it is built in");
//! let judged = judge(&checking, &subject, &mut *implementation, &scenario, None);
//! assert!(matches!(judged.outcome, Conclusion::Conforms));
//! ```

mod against;
pub mod campaign;
pub mod cause;
pub mod causes;
pub mod check;
mod checking;
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
pub mod modelled;
pub mod never;
pub mod packing;
pub mod picture;
pub mod readings;
pub mod resume;
pub mod shards;
pub mod subject;
pub mod summary;
