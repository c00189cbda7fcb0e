//! The simulator: chooses, generates, runs, explores and shrinks plans against implementations under test.

pub mod choose;
pub mod generate;
pub mod run;
pub mod words;
pub mod explain;
pub mod shrink;
pub mod minimal;
pub mod campaign;
pub mod readings;
pub mod explore;
pub mod judge;
pub mod check;
pub mod subject;
pub mod summary;
pub mod short_table;
pub mod packing;
pub mod bench;
pub mod findings;
pub mod kill;
pub mod disasters;
pub mod doctor;
pub mod implementations;
pub mod cli;
pub mod engines;
pub mod faults;
pub mod adapter;
