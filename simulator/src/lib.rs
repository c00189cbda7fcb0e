//! The command line of Tombstone.
//!
//! What it calls lives in the crates beside it: `search` (plans), `engines` (implementations of our own), `adapter` (programs
//! behind the protocol), `campaign` (verdicts) and `trial` (faults that prove the checks).

pub mod cli;
mod open_table;
mod short_table;
mod table;
mod tables;
