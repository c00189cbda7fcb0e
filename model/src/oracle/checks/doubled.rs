//! One item never becomes two.

use crate::oracle::check::CheckInfo;
use crate::rules::titles::{DELETING, QUESTIONS, SAVING, TRACKING};

pub(crate) const CHECK: CheckInfo = CheckInfo {
    of_item: |wrong| wrong.any(|it| it.seen.count() > 1),
    noticeable: true,
    ..CheckInfo::new(
        "doubled",
        "one item never becomes two",
        &["F001", "F137"],
        &[DELETING, TRACKING, SAVING, QUESTIONS],
    )
};
