//! What a run has met: which rows decided something, in which situations, and how large the sets of explanations were.

use crate::plan::Connection;
use crate::reference::Cited;
use crate::rules::RuleId;

/// How often each row of the table decided something, and in which situations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met(Vec<u32>);

/// How many situations are told apart for each row: owner, organizer, current and open, by four states of connection.
pub const SITUATIONS: usize = 64;

impl Met {
    /// Nothing met yet, for a table of so many rows.
    pub fn new(rows: usize) -> Self {
        Self(vec![0; rows * SITUATIONS])
    }

    /// How often each situation of a row was met. The index holds owner, organizer, current and open in bits 0 to 3, and
    /// in bits 4 and 5 how far from connected the computers were: all connected, one disconnected, offline, crashed.
    pub fn row(&self, rule: RuleId) -> &[u32] {
        &self.0[usize::from(rule.row) * SITUATIONS..][..SITUATIONS]
    }

    /// How often a row was met.
    pub fn count(&self, rule: RuleId) -> u64 {
        self.row(rule).iter().map(|&count| u64::from(count)).sum()
    }

    /// Adds what another run met.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(&other.0) {
            *count = count.saturating_add(*more);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.fill(0);
    }

    #[inline]
    pub(super) fn add(&mut self, cited: Cited, connection: Connection) {
        if let Some(rule) = cited.rule {
            let at = usize::from(rule.row) * SITUATIONS + usize::from(cited.situation) + 16 * connection as usize;
            self.0[at] = self.0[at].saturating_add(1);
        }
    }
}

/// How large the sets of explanations were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Sets looked at, one an item and step it was touched by.
    pub sets: u64,
    /// The sum of their sizes.
    pub explanations: u64,
    /// The largest.
    pub largest: u32,
}

impl Statistics {
    /// Both together.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            sets: self.sets + other.sets,
            explanations: self.explanations + other.explanations,
            largest: self.largest.max(other.largest),
        }
    }
}
