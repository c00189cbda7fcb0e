#![doc = include_str!("PROTOCOL.md")]

pub mod child;
pub mod process;
pub mod raw;
pub mod retell;
pub mod protocol;
pub mod serve;
pub mod translate;
pub mod words;

mod fault;
mod group;
mod lines;
mod meter;
mod ports;
mod transcript;
mod validate;

#[cfg(test)]
mod tests;

pub use child::ChildImplementation;
pub use fault::Fault;
pub use meter::{Meter, Work};
pub use process::{Launch, Limits};
pub use protocol::{PROTOCOL_VERSION, protocol_schema};
pub use serve::serve;
pub use transcript::Transcript;
