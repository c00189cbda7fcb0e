//! At rest both stores agree on every tracked pair: fails where a synchronization that had nothing to do for a pair
//! changed it.

use crate::oracle::check::CheckInfo;
use crate::rules::titles::{DELETING, TRACKING};
use crate::verdict::{Occasion, Settling};

pub(crate) const CHECK: CheckInfo = CheckInfo {
    occasion: Occasion::Rest,
    of_item: |wrong| wrong.at_rest && wrong.in_content(),
    noticeable: true,
    settling: |later| Some(if later { Settling::WrongLater } else { Settling::Different }),
    ..CheckInfo::new(
        "convergence",
        "at rest both stores agree on every tracked pair",
        &["F008", "F009"],
        &[DELETING, TRACKING],
    )
};
