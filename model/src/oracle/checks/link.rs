//! An item is tracked exactly as long as it should be.

use crate::oracle::check::CheckInfo;
use crate::rules::titles::{DELETING, SAVING, TRACKING};
use crate::view::Field;

pub(crate) const CHECK: CheckInfo = CheckInfo {
    of_item: |wrong| wrong.in_bits(Field::Tracked.mask()),
    grounds: |telling| telling.of_row(),
    ..CheckInfo::new(
        "link",
        "an item is tracked exactly as long as it should be",
        &["F001", "F018", "F038"],
        &[DELETING, TRACKING, SAVING],
    )
};
