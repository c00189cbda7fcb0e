//! Programs as implementations: the adapter protocol, child processes, the doctor, and measurements.
//!
//! ```text
//!    harness                                              adapter (any language)
//!    ChildImplementation ──words, translate──▶ Request ──▶ stdin ──▶ the synchronizer
//!           ▲                                                              │
//!           └── View, Answer ◀──translate, bounds── Response ◀── stdout ◀──┘
//!    serve: the other side, for an implementation in process
//!    doctor, bench: what an adapter claims, and how fast it is
//! ```
//!
//! What lives here: the [`protocol`] as messages, what it says to people who write adapters, and its schema; [`translate`]
//! from plans to names and instants and back; [`process`] starts programs, waits with deadlines and ends whatever they leave
//! running.
//!
//! What is absent: scenarios, reports, verdicts. What an adapter says is bounded here and judged elsewhere.
//!
//! ```
//! use std::sync::Arc;
//!
//! use tombstone_adapter::serve;
//! use tombstone_model::readings::profiles::Profile;
//! use tombstone_model::reference::Reference;
//! use tombstone_model::rules::Rules;
//!
//! // Any implementation in process can be served as a program would be.
//! let rules = Arc::new(Rules::documented().clone());
//! let mut reference = Reference::new("reference", rules, Profile::standard().readings());
//! let asked = concat!(
//!     r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocol":1,"harness":"0","deadline_ms":1000}}"#,
//!     "\n",
//!     r#"{"jsonrpc":"2.0","id":2,"method":"shutdown","params":{"deadline_ms":1000}}"#,
//!     "\n",
//! );
//! let mut answers = Vec::new();
//! serve(&mut reference, asked.as_bytes(), &mut answers).expect("memory can be written");
//! let answers = String::from_utf8(answers).expect("a line of JSON");
//! assert_eq!(answers.lines().count(), 2);
//! assert!(answers.contains(r#""name":"reference""#));
//! ```

pub mod bench;
pub mod deadlines;
pub mod doctor;
mod dictionary;
mod entry;
mod parts;
pub mod bystanders;
mod child;
pub mod process;
pub mod raw;
pub mod retell;
pub mod protocol;
pub mod serve;
pub mod translate;
mod wire;
pub mod words;

mod bounds;
mod fault;
mod group;
pub mod kin;
mod limits;
mod lines;
mod meter;
mod patience;
mod transcript;
mod until;
mod validate;

#[cfg(test)]
mod tests;

pub use child::ChildImplementation;
pub use fault::{AdapterFault, LineLike, ResultRemedy};
pub use limits::Limits;
pub use meter::{Meter, Work};
pub use patience::Patience;
pub use process::{KEPT_VARIABLES, Launch};
pub use protocol::{PROTOCOL_VERSION, protocol_schema};
pub use serve::serve;
pub use transcript::Transcript;
