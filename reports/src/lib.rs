//! Tombstone: reports.
