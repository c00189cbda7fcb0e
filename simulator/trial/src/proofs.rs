//! What proves that a row or a check can fail: the faulty implementations that it convicts, as a file.
//!
//! Deriving the catalogue compiles a table for each fault, a second in all. A report names the faults of each row, so that
//! every `check` would pay for it: it reads them from the file instead, which a test holds against the catalogue.

use serde::{Deserialize, Serialize};

use super::catalogue;

/// The file: a fault a line.
const PROOFS: &str = include_str!("../proofs.ndjson");

/// A fault that can be seen, and what convicts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The id of the fault.
    pub fault: String,
    /// The ids of the rows that convict it; none where no row is its own.
    pub rows: Vec<String>,
    /// The names of the checks that convict it.
    pub checks: Vec<String>,
}

/// Every fault that can be seen, in the order of the catalogue.
pub fn proofs() -> Vec<Proof> {
    PROOFS.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The file, made anew from the catalogue.
pub fn text() -> String {
    let mut text = String::new();
    for fault in catalogue().into_iter().filter(|fault| fault.equivalent.is_none()) {
        let checks = fault.expected.checks.iter().chain(&fault.expected.later);
        let checks = checks.map(|check| check.name().to_owned()).collect();
        let proof = Proof { fault: fault.id, rows: fault.expected.rows, checks };
        text.push_str(&serde_json::to_string(&proof).unwrap_or_default());
        text.push('\n');
    }
    text
}

/// The file is that of the catalogue, and every line of it is read.
#[test]
fn the_file_is_that_of_the_catalogue() {
    let help = "help: cargo run --release -- faults --proofs > simulator/trial/proofs.ndjson";
    assert!(text() == PROOFS, "{help}");
    assert_eq!(proofs().len(), PROOFS.lines().count());
}
