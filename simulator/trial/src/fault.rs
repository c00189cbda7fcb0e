//! A faulty implementation, and what should convict it.

use std::fmt;
use std::sync::Arc;

use tombstone_model::contract::implementation::Implementation;
use tombstone_model::plan::Kind;
use tombstone_model::readings::switches::Readings;
use tombstone_model::rules::{RuleId, Rules, TableId};
use tombstone_model::verdict::{Check, Divergence};

/// An implementation with exactly one thing wrong.
#[derive(Clone)]
pub struct Fault {
    /// The id in reports, unique in the catalogue.
    pub id: String,
    /// What is wrong, in one sentence.
    pub what: String,
    /// Who should convict it, and by what.
    pub expected: ConvictedBy,
    /// Why nobody could tell it from a right one, where that is so.
    pub equivalent: Option<&'static str>,
    /// The rows that it does not follow, where that is what is wrong with it.
    pub broken: Option<BrokenRows>,
    pub(crate) make: Arc<dyn Fn() -> Box<dyn Implementation> + Send + Sync>,
    /// Makes it synchronize at hidden moments too, where it can.
    pub(crate) hidden: Option<Arc<MakeHidden>>,
}

/// The rows that a faulty implementation does not follow.
#[derive(Clone, Debug)]
pub struct BrokenRows {
    /// The table of the row from which the fault is derived.
    pub table: TableId,
    /// The rows that have to be reached before anything is wrong.
    pub rows: Vec<RuleId>,
    /// The rules that it follows instead.
    pub rules: Arc<Rules>,
    /// The readings of which it follows the closed form, but where it follows others by turns.
    pub readings: Readings,
    /// The kinds of record that they speak of.
    pub kinds: Vec<Kind>,
}

/// Makes an implementation that synchronizes at hidden moments, which a seed tells.
pub(crate) type MakeHidden = dyn Fn(u64) -> Box<dyn Implementation> + Send + Sync;

/// By what a faulty implementation should be convicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvictedBy {
    /// By one of these checks; any where there is none.
    pub checks: Vec<Check>,
    /// Which row it cites: one of these, given by their ids, or of the same row of the table; where two readings were followed,
    /// none. Any where there is none.
    pub rows: Vec<String>,
    /// By one of these too, whichever row it cites: what the rows decide is seen at a later step.
    pub later: Vec<Check>,
}

impl ConvictedBy {
    /// Whether this is what should have been found.
    pub fn convicts(&self, divergence: &Divergence, rules: &Rules) -> bool {
        let row = |id: &String| rules.named(id).map(|id| &rules.rule(id).row);
        let cited = |id: RuleId| self.rows.iter().any(|expected| row(expected) == Some(&rules.rule(id).row));
        let by_row = divergence.check != Check::Readings;
        self.later.contains(&divergence.check)
            || (self.checks.is_empty() || self.checks.contains(&divergence.check))
                && (self.rows.is_empty() || !by_row || divergence.rows().any(cited))
    }
}

impl Fault {
    /// A new one, as any implementation is used.
    pub fn make(&self) -> Box<dyn Implementation> {
        (self.make)()
    }

    /// A new one that also synchronizes when nobody asked, where it is an engine.
    pub fn make_hidden(&self, seed: u64) -> Option<Box<dyn Implementation>> {
        self.hidden.as_ref().map(|make| make(seed))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").field("id", &self.id).field("expected", &self.expected).finish_non_exhaustive()
    }
}
