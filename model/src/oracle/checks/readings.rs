//! One reading of each ambiguity is followed throughout.
//!
//! Fails by an answer where every explanation took a reading that something seen before ruled out, and where the readings
//! that the explanations of several items need cannot hold together.

use crate::oracle::check::CheckInfo;
use crate::titles::DOCUMENTS;

pub(crate) const CHECK: CheckInfo = CheckInfo {
    of_answer: |answered| answered.expected.is_none(),
    expected: |telling| match telling.divergence.switch {
        Some(switch) => {
            let info = switch.info();
            format!("one reading of {} ({}): {}", info.name, info.id, info.question)
        }
        None => "one reading of each ambiguity".to_owned(),
    },
    seen: |_| "what was seen needs two readings that cannot both hold".to_owned(),
    // A convention of the harness: no document says it.
    ..CheckInfo::new("readings", "one reading of each ambiguity is followed throughout", &[], &DOCUMENTS)
};
