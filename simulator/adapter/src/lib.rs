#![doc = include_str!("../PROTOCOL.md")]

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
mod lines;
mod meter;
mod patience;
mod transcript;
mod validate;

#[cfg(test)]
mod tests;

pub use child::ChildImplementation;
pub use fault::Fault;
pub use meter::{Meter, Work};
pub use patience::Patience;
pub use process::{KEPT_VARIABLES, Launch, Limits};
pub use protocol::{PROTOCOL_VERSION, protocol_schema};
pub use serve::serve;
pub use transcript::Transcript;
