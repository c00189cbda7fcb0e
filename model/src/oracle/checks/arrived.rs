//! Nothing arrives where nothing brings it: what is new in a place where it never was. What was there before came back.

use crate::oracle::check::CheckInfo;
use crate::rules::titles::{DELETING, SAVING, TRACKING};

use super::resurrected;

pub(crate) const CHECK: CheckInfo = CheckInfo {
    of_item: |wrong| wrong.never_there && (resurrected::CHECK.of_item)(wrong),
    ..CheckInfo::new(
        "arrived",
        "nothing arrives where nothing brings it",
        &["F001", "F100", "F116"],
        &[DELETING, TRACKING, SAVING],
    )
};
