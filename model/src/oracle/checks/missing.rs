//! What should be there is there, and what should be gone is gone.

use crate::oracle::check::CheckInfo;
use crate::rules::titles::{DELETING, SAVING, TRACKING};

pub(crate) const CHECK: CheckInfo = CheckInfo {
    // What is there that should not be has been named before.
    of_item: |wrong| wrong.in_presence(),
    noticeable: true,
    ..CheckInfo::new(
        "missing",
        "what should be there is there, and what should be gone is gone",
        &["F001", "F100", "F116"],
        &[DELETING, TRACKING, SAVING],
    )
};
