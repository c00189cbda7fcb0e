//! Synchronized fields carry across by the overwrite rule.

use crate::oracle::check::CheckInfo;
use crate::rules::titles::{SAVING, TRACKING};

pub(crate) const CHECK: CheckInfo = CheckInfo {
    // Whatever no check before it names is a field that is not as it should be.
    of_item: |_| true,
    noticeable: true,
    ..CheckInfo::new(
        "carried",
        "synchronized fields carry across by the overwrite rule",
        &["F008", "F126"],
        &[TRACKING, SAVING],
    )
};
