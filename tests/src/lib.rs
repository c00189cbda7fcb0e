//! Tombstone: tests.
