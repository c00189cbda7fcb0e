//! The causes of a run as others may ask for them.

use tombstone_model::ids::ItemId;
use tombstone_model::plan::Plan;

use super::pattern::Pattern;
use super::{FoundCause, Symptom};

/// What each cause does, with its number in the report.
#[derive(Clone, Debug, Default)]
pub struct KnownCauses(Vec<(u64, Pattern, Symptom)>);

impl KnownCauses {
    pub(super) fn add(&mut self, number: u64, cause: &FoundCause) {
        self.0.push((number, cause.pattern.clone(), cause.symptom));
    }

    /// The first cause whose steps are among those of one of these plans, each of which needs all that it does: what is
    /// seen there follows from it.
    pub fn behind<'p>(&self, plans: &(impl Iterator<Item = &'p Plan> + Clone)) -> Option<u64> {
        let does = |plan: &Plan, (pattern, symptom): (&Pattern, Symptom)| {
            let items = (0..plan.setup.items.len() as u8).map(|id| Some(ItemId(id)));
            // What concerns no item is asked of none.
            let items = items.filter(|_| symptom.item.is_some()).chain(symptom.item.is_none().then_some(None));
            let mut items = items.map(|item| Symptom { item, at: None, ..symptom });
            items.any(|symptom| !pattern.embeddings(plan, symptom).is_empty())
        };
        let mut causes = self.0.iter();
        let found = causes.find(|(_, pattern, symptom)| plans.clone().any(|plan| does(plan, (pattern, *symptom))));
        found.map(|(number, _, _)| *number)
    }
}
