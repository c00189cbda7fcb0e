//! Nothing is erased locally before the server has acknowledged it.
//!
//! Fails where a change is missing that had not reached the other side when a computer crashed, and what is seen is what
//! was there before it.

use crate::oracle::check::CheckInfo;
use crate::oracle::unsent::Unsent;
use crate::rules::titles::TRACKING;
use crate::verdict::{Occasion, Sighting};
use crate::view::{Field, Word};

pub(crate) const CHECK: CheckInfo = CheckInfo {
    occasion: Occasion::AfterCrash,
    of_item: |wrong| wrong.unsent.iter().any(|change| wrong.any(|sighting| is_lost(change, sighting))),
    noticeable: true,
    grounds: |telling| telling.of_row(),
    ..CheckInfo::new(
        "erased-before-acknowledgement",
        "nothing is erased locally before the server has acknowledged it",
        &["F125"],
        &[TRACKING],
    )
};

/// Whether what is wrong is that the change is missing: seen is what was before it.
fn is_lost(change: &Unsent, sighting: &Sighting) -> bool {
    const CHANGED: u64 = Word::SYNCHRONIZED | Field::Occurrences.mask() | Field::Tracked.mask();
    let Sighting { expected, seen, .. } = *sighting;
    if expected.is_present() != seen.is_present() {
        return change.after.is_present() == expected.is_present() && change.before.is_present() == seen.is_present();
    }
    let lost = |field: Field| {
        let differ = |a: Word, b: Word| (a.0 ^ b.0) & field.mask() != 0;
        differ(change.before, change.after) && !differ(change.after, expected) && !differ(change.before, seen)
    };
    expected.differing(seen, CHANGED).any(lost)
}
