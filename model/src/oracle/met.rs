//! What a run has met: which rows decided something, in which situations, and how large the sets of explanations were.

use crate::plan::Connection;
use crate::reference::Cited;
use crate::rules::table::Rows;
use crate::rules::{FollowedRow, RuleId, Rules, TableId};

/// How many states of connection are told apart: all computers connected, one disconnected, offline, crashed.
pub const CONNECTIONS: usize = 4;

/// How often each row of each table decided something, and in which situations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    counts: Vec<u32>,
    /// Where the counts of each table begin, and how many situations of a row of it are told apart.
    tables: [(usize, usize); TableId::ALL.len()],
}

impl Met {
    /// Nothing met yet, for these tables.
    pub fn new(rules: &Rules) -> Self {
        let mut end = 0;
        let tables = TableId::ALL.map(|table| {
            let rows = rules.table(table);
            let start = end;
            end += rows.all().len() * rows.form().situations() * CONNECTIONS;
            (start, rows.form().situations())
        });
        Self { counts: vec![0; end], tables }
    }

    /// How often each situation of a row was met: for each state of connection, from connected to crashed, the situations by
    /// their numbers ([`Form::situation`](crate::rules::table::form::Form::situation)).
    pub fn row(&self, rule: RuleId) -> &[u32] {
        let (start, situations) = self.tables[rule.table as usize];
        &self.counts[start + usize::from(rule.row) * situations * CONNECTIONS..][..situations * CONNECTIONS]
    }

    /// How often a row was met.
    pub fn count(&self, rule: RuleId) -> u64 {
        self.row(rule).iter().map(|&count| u64::from(count)).sum()
    }

    /// The rows of a table that were met.
    pub fn rows<'r>(&'r self, table: &'r Rows) -> impl Iterator<Item = RuleId> + 'r {
        table.ids().map(|(id, _)| id).filter(|&id| self.row(id).iter().any(|&count| count > 0))
    }

    /// Adds what another run met.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count = count.saturating_add(*more);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts.fill(0);
    }

    #[inline]
    pub(super) fn add(&mut self, cited: &Cited, connection: Connection) {
        let Cited { rule, situation, followed } = cited;
        let deletion = rule.map(|rule| FollowedRow { rule, situation: *situation });
        for FollowedRow { rule, situation } in deletion.into_iter().chain(followed.rows()) {
            let (start, situations) = self.tables[rule.table as usize];
            let row = start + usize::from(rule.row) * situations * CONNECTIONS;
            let at = row + connection as usize * situations + usize::from(situation);
            self.counts[at] = self.counts[at].saturating_add(1);
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
