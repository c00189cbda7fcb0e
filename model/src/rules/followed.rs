//! Which rows a transition asked on its way, besides those of deletions, which it cites one by one.
//!
//! Every transition of every explanation carries them, so that a row and its situation are one number of sixteen bits, and
//! the rows of a transition fit into a few bytes.

use super::ids::{RuleId, TableId};

/// The most rows that are told of one transition; what is asked after them is not counted.
const MOST: usize = 12;

/// How many bits the row of a [`FollowedRow`] has, and how many its situation; the table has the rest.
const BITS: [u32; 2] = [6, 5];

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

impl FollowedRow {
    /// As one number, which is never 0: the table of deletions, which is never told, is the first.
    #[inline(always)]
    fn pack(self) -> u16 {
        let Self { rule: RuleId { table, row }, situation } = self;
        debug_assert!(u32::from(row) >> BITS[0] == 0 && u32::from(situation) >> BITS[1] == 0 && table as u8 != 0);
        (table as u16) << (BITS[0] + BITS[1]) | u16::from(row) << BITS[1] | u16::from(situation)
    }

    fn unpack(packed: u16) -> Self {
        let part = |bit: u32, bits: u32| (packed >> bit & ((1 << bits) - 1)) as u8;
        let table = TableId::ALL[usize::from(packed >> (BITS[0] + BITS[1])) % TableId::ALL.len()];
        Self { rule: RuleId { table, row: part(BITS[1], BITS[0]) }, situation: part(0, BITS[1]) }
    }
}

/// The rows that a transition followed, each once a situation, in the order in which they were asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FollowedRows([u16; MOST]);

impl FollowedRows {
    /// None.
    pub const NONE: Self = Self([0; MOST]);

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = FollowedRow> {
        self.0.into_iter().take_while(|&packed| packed != 0).map(FollowedRow::unpack)
    }

    /// Adds a row, unless it is there already.
    #[inline(always)]
    pub fn add(&mut self, row: FollowedRow) {
        self.enter(row.pack());
    }

    #[inline(always)]
    fn enter(&mut self, packed: u16) {
        for entry in &mut self.0 {
            if *entry == 0 {
                *entry = packed;
            }
            if *entry == packed {
                return;
            }
        }
    }

    /// These rows, and then those of another.
    #[inline]
    #[must_use]
    pub fn then(mut self, other: &Self) -> Self {
        other.0.iter().take_while(|&&packed| packed != 0).for_each(|&packed| self.enter(packed));
        self
    }
}

/// Rows of any table, each in it or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSet([[u64; 4]; TableId::ALL.len()]);

impl Default for RowSet {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl RowSet {
    /// No row.
    pub const EMPTY: Self = Self([[0; 4]; TableId::ALL.len()]);

    /// Whether a row is in it.
    #[inline(always)]
    pub fn contains(&self, rule: RuleId) -> bool {
        self.0[rule.table as usize][usize::from(rule.row >> 6)] >> (rule.row & 63) & 1 != 0
    }

    /// Adds a row; false where it was there.
    pub fn insert(&mut self, rule: RuleId) -> bool {
        let is_new = !self.contains(rule);
        self.0[rule.table as usize][usize::from(rule.row >> 6)] |= 1 << (rule.row & 63);
        is_new
    }

    /// Adds the rows of another.
    pub fn extend(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().flatten().zip(other.0.iter().flatten()) {
            *mine |= theirs;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rules;

    fn every_row() -> impl Iterator<Item = FollowedRow> {
        let rules = Rules::documented();
        rules.ids().filter(|(id, _)| id.table != TableId::Deleting).flat_map(|(rule, _)| {
            let situations = rules.table(rule.table).form().situations() as u8;
            (0..situations).map(move |situation| FollowedRow { rule, situation })
        })
    }

    /// Whatever a table holds is told as it is, and no two rows are taken for one another.
    #[test]
    fn every_row_in_every_situation_has_a_number_of_its_own() {
        let mut numbers = std::collections::BTreeSet::new();
        for row in every_row() {
            let packed = row.pack();
            assert_eq!(FollowedRow::unpack(packed), row);
            assert!(packed != 0 && numbers.insert(packed), "{row:?}");
        }
        assert!(numbers.len() > 500, "{}", numbers.len());
    }

    /// Each is told once, in the order in which they came, until there is no room.
    #[test]
    fn rows_are_told_once_in_their_order_as_far_as_there_is_room() {
        let rows: Vec<_> = every_row().step_by(7).take(MOST + 3).collect();
        let (mut one, mut other) = (FollowedRows::NONE, FollowedRows::NONE);
        rows.iter().take(3).for_each(|&row| one.add(row));
        rows.iter().skip(1).for_each(|&row| other.add(row));
        assert_eq!(other.rows().collect::<Vec<_>>(), rows[1..=MOST]);
        other.add(rows[1]);
        assert_eq!(other.rows().count(), MOST);
        assert_eq!(one.then(&other).rows().collect::<Vec<_>>(), rows[..MOST]);
        assert_eq!(one.then(&one), one);
        assert_eq!(FollowedRows::NONE.then(&one), one);
    }
}
