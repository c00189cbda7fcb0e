//! Nothing deleted comes back.

use crate::oracle::check::CheckInfo;
use crate::rules::titles::{DELETING, SAVING, TRACKING};

pub(crate) const CHECK: CheckInfo = CheckInfo {
    of_item: |wrong| wrong.any(|it| !it.before.is_present() && it.seen.is_present() && !it.expected.is_present()),
    ..CheckInfo::new("resurrected", "nothing deleted comes back", &["F008", "F052"], &[DELETING, TRACKING, SAVING])
};
