//! The suite that ships with the harness.

static SUITE: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/suite.rs"));

/// Every scenario file of the suite, as path and text, in the order of the paths.
pub fn suite() -> Vec<(&'static str, &'static str)> {
    SUITE.to_vec()
}
