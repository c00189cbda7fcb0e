//! The one binary of Tombstone.

use std::process::ExitCode;

fn main() -> ExitCode {
    tombstone_simulator::cli::main()
}
