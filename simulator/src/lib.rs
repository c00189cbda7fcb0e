//! Tombstone: simulator.

pub mod adapter;
