//! Which rows a transition asked on its way, besides those of deletions, which it cites one by one.

use super::ids::{RuleId, TableId};

/// The most rows that are told of one transition; what is asked after them is not counted.
const MOST: usize = 8;

/// A row that decided something, and the number of the situation in which it did ([`Form::situation`]).
///
/// [`Form::situation`]: super::table::form::Form::situation
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowedRow {
    /// The row.
    pub rule: RuleId,
    /// The situation.
    pub situation: u8,
}

/// The rows that a transition followed, each once a situation, in the order in which they were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowedRows {
    rows: [FollowedRow; MOST],
    count: u8,
}

impl FollowedRows {
    /// None.
    pub const NONE: Self = {
        let rule = RuleId { table: TableId::Deleting, row: 0 };
        Self { rows: [FollowedRow { rule, situation: 0 }; MOST], count: 0 }
    };

    /// The rows.
    pub fn rows(&self) -> &[FollowedRow] {
        &self.rows[..usize::from(self.count)]
    }

    /// Adds a row, unless it is there already.
    pub fn add(&mut self, row: FollowedRow) {
        if usize::from(self.count) < MOST && !self.rows().contains(&row) {
            self.rows[usize::from(self.count)] = row;
            self.count += 1;
        }
    }

    /// These rows, and then those of another.
    #[must_use]
    pub fn then(mut self, other: &Self) -> Self {
        other.rows().iter().for_each(|&row| self.add(row));
        self
    }
}

impl Default for FollowedRows {
    fn default() -> Self {
        Self::NONE
    }
}
