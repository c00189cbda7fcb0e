//! Nothing vanishes without a rule that deletes it.

use crate::oracle::check::CheckInfo;
use crate::rules::titles::{DELETING, TRACKING};

pub(crate) const CHECK: CheckInfo = CheckInfo {
    of_item: |wrong| wrong.any(|it| it.before.is_present() && !it.seen.is_present() && it.expected.is_present()),
    noticeable: true,
    ..CheckInfo::new(
        "vanished",
        "nothing vanishes without a rule that deletes it",
        &["F009", "F125"],
        &[DELETING, TRACKING],
    )
};
