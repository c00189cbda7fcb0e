//! The deletion table is followed.
//!
//! Fails where a row decided something and what is seen differs in what a row can decide: whether the item is there,
//! whether it is tracked, which of its occurrences are left.

use crate::oracle::check::CheckInfo;
use crate::rules::titles::DOCUMENTS;
use crate::verdict::Occasion;
use crate::view::Field;

pub(crate) const CHECK: CheckInfo = CheckInfo {
    occasion: Occasion::Row,
    of_item: |wrong| {
        let decided = if wrong.in_presence() {
            true
        } else if wrong.in_no_store() {
            false
        } else if wrong.in_bits(Field::Tracked.mask()) {
            !wrong.in_content()
        } else {
            wrong.in_bits(Field::Occurrences.mask())
        };
        wrong.rule.is_some() && decided
    },
    grounds: |telling| telling.of_row(),
    // Each row names its own facts.
    ..CheckInfo::new("rule", "the deletion table is followed", &[], &DOCUMENTS)
};
