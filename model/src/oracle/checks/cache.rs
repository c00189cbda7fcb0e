//! A computer shows what it holds: fails where the stores are as they should be, and a computer is not.

use crate::oracle::check::CheckInfo;
use crate::rules::titles::TRACKING;

pub(crate) const CHECK: CheckInfo = CheckInfo {
    of_item: |wrong| wrong.in_no_store(),
    ..CheckInfo::new("cache", "a computer shows what it holds", &["F117", "F124"], &[TRACKING])
};
