//! The command line again, in this package, so that its tests can start it: cargo builds it for them and says where it is.

use std::process::ExitCode;

fn main() -> ExitCode {
    tombstone_simulator::cli::main()
}
