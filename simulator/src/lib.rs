//! The simulator: chooses, generates, runs, explores and shrinks plans against implementations under test.

pub mod choose;
pub mod generate;
pub mod run;
pub mod adapter;
