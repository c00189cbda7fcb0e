//! The command line of Tombstone.
//!
//! ```text
//!    arguments ──cli──▶ campaign · trial · adapter · search ──▶ Report ──▶ files, the terminal, the exit code
//! ```
//!
//! What lives here: a file for each command in [`cli`], with its arguments and what it prints. What a command calls lives in the
//! crates beside it: `search` (plans), `engines` (implementations of our own), `adapter` (programs behind the protocol),
//! `campaign` (verdicts) and `trial` (faults that prove the checks).
//!
//! What is absent: anything that another crate needs.
//!
//! ```
//! // Every command is in the help, with a line that says what it does.
//! let command = tombstone_simulator::cli::command();
//! assert!(command.get_subcommands().any(|known| known.get_name() == "check"));
//! assert!(command.get_subcommands().all(|known| known.get_about().is_some()));
//! ```

mod baseline;
pub mod cli;
mod open_table;
mod short_table;
mod table;
mod tables;
