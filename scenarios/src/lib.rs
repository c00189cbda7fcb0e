//! Tombstone: scenarios.
