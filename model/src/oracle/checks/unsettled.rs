//! Synchronization comes to rest.
//!
//! Whoever runs a plan finds it: after so many rounds of synchronization each of them still changed something.

use crate::oracle::check::CheckInfo;
use crate::rules::titles::{DELETING, TRACKING};
use crate::verdict::{Occasion, Settling};

pub(crate) const CHECK: CheckInfo = CheckInfo {
    occasion: Occasion::Rest,
    noticeable: true,
    settling: |_| Some(Settling::Never),
    expected: |telling| format!("synchronization comes to rest ({})", telling.grounds().text),
    seen: |_| "every round of synchronization changed something".to_owned(),
    ..CheckInfo::new("unsettled", "synchronization comes to rest", &["F009"], &[DELETING, TRACKING])
};
