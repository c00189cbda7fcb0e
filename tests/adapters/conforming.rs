//! Conforming synchronizers of other architectures than the reference's, each written from the protocol's page alone. None is
//! accused: not by the suite, and not by random plans.
//!
//! `TOMBSTONE_PLANS=20000 cargo test --release -p tombstone-tests --test adapters conforming` is the whole of it, for three
//! seeds each and with the tour; without the variable it is a share of that.

use std::path::Path;
use std::process::Command;

/// The random plans of each seed, if `TOMBSTONE_PLANS` does not say.
const PLANS: u64 = 200;
const SEEDS: [u64; 3] = [1, 2, 3];

fn check(program: &str, script: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters");
    let asked = std::env::var("TOMBSTONE_PLANS").ok().and_then(|plans| plans.parse().ok());
    let plans = asked.unwrap_or(PLANS).to_string();
    for (number, seed) in SEEDS.into_iter().enumerate() {
        let report = tempfile::tempdir().expect("a folder for the report");
        let mut command = Command::new(env!("CARGO_BIN_EXE_tombstone-under-test"));
        command.args(["check", "--kill", "0", "--plans", &plans, "--seed", &seed.to_string()]);
        command.arg("--report").arg(report.path());
        if number == 0 {
            if asked.is_some() {
                command.arg("--tour");
            }
        } else {
            // The suite is the same whatever the seed.
            command.args(["--scenario", "computers/*"]);
        }
        let output = command.arg("--").arg(program).arg(folder.join(script)).output().expect("tombstone starts");
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{script}, seed {seed}:\n{text}");
    }
}

#[test]
fn a_journal_with_cursors_and_an_outbox() {
    check("node", "journal/adapter.js");
}

#[test]
fn comparison_with_a_snapshot() {
    check("perl", "snapshot/adapter.pl");
}

#[test]
fn one_that_synchronizes_by_itself() {
    check("python3", "by-itself/adapter.py");
}
