//! What no step speaks of stays as it was.
//!
//! Whoever runs a plan finds it: the adapter tells of the items beside those of the plan.

use crate::oracle::check::CheckInfo;
use crate::rules::titles::{DELETING, TRACKING};
use crate::verdict::Occasion;

pub(crate) const CHECK: CheckInfo = CheckInfo {
    occasion: Occasion::Beside,
    noticeable: true,
    expected: |telling| match &telling.divergence.bystander {
        Some(it) => format!("{}, which no step speaks of, stays as it was: {}", it.what, it.before),
        None => String::new(),
    },
    seen: |telling| match &telling.divergence.bystander {
        Some(it) => format!("{}: {}", it.what, it.now),
        None => String::new(),
    },
    ..CheckInfo::new("bystander", "what no step speaks of stays as it was", &["F009"], &[DELETING, TRACKING])
};
