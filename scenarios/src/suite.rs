//! The suite that ships with the harness.

use crate::scenario::Scenario;

static SUITE: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/suite.rs"));

/// Every scenario file of the suite, as path and text, in the order of the paths.
pub fn suite() -> Vec<(&'static str, &'static str)> {
    SUITE.to_vec()
}

/// Every scenario of the suite, in the order of the files.
///
/// # Panics
/// Where a file of it is wrong. A test reads them all.
pub fn scenarios() -> Vec<Scenario> {
    let cases = |(path, text): &(&str, &str)| Scenario::cases(path, text).unwrap_or_else(|errors| panic!("{errors}"));
    SUITE.iter().flat_map(cases).collect()
}
