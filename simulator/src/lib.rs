//! Tombstone: simulator.
