//! One reading of each ambiguity is followed throughout.
//!
//! Fails by an answer where every explanation took a reading that something seen before ruled out, and where the readings
//! that the explanations of several items need cannot hold together.

use crate::oracle::check::CheckInfo;
use crate::readings::switches::Values;
use crate::rules::titles::DOCUMENTS;

pub(crate) const CHECK: CheckInfo = CheckInfo {
    of_answer: |answered| answered.expected.is_none(),
    expected: |telling| match telling.divergence.switch {
        Some(switch) => {
            let info = switch.info();
            format!("one reading of {} ({}) throughout: {}", info.name, info.id, info.question)
        }
        None => "one reading of each ambiguity throughout".to_owned(),
    },
    seen: |telling| match (telling.divergence.switch, telling.divergence.torn) {
        (Some(switch), Some((before, now))) => {
            let either = |values: Values| values.names(switch).collect::<Vec<_>>().join(" or ");
            format!("what was seen before needs {}; what is seen now needs {}", either(before), either(now))
        }
        (_, _) => "what was seen needs two readings that cannot both hold".to_owned(),
    },
    // A convention of the harness: no document says it.
    ..CheckInfo::new("readings", "one reading of each ambiguity is followed throughout", &[], &DOCUMENTS)
};
