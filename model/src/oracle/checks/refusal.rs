//! What is refused is refused, and changes nothing.
//!
//! Fails by an answer, or by what a refused step changed.

use crate::contract::implementation::Answer;
use crate::oracle::check::CheckInfo;
use crate::rules::titles::{QUESTIONS, SAVING, TRACKING};
use crate::telling::Telling;

pub(crate) const CHECK: CheckInfo = CheckInfo {
    // Whatever else an answer that nothing explains could be: the prompt was asked first.
    of_answer: |_| true,
    of_item: |wrong| wrong.named && !wrong.touched,
    elsewhere: "the answer",
    grounds: |telling| match telling.decides {
        Some(row) => Telling::of_rule(row),
        None if telling.divergence.sightings.is_empty() => telling.of_step(),
        None => telling.of_check(),
    },
    expected: |telling| {
        if !telling.divergence.sightings.is_empty() {
            return format!("a refused step changes nothing: {}", telling.expected_places());
        }
        let answer = if telling.answer == Some(&Answer::Refused) { "done" } else { "refused" };
        format!("the step is {answer} ({})", telling.grounds().text)
    },
    seen: |telling| {
        if telling.divergence.sightings.is_empty() {
            let refused = telling.answer == Some(&Answer::Refused);
            return if refused { "it was refused" } else { "it was done" }.to_owned();
        }
        telling.seen_in_places()
    },
    ..CheckInfo::new(
        "refusal",
        "what is refused is refused, and changes nothing",
        &["F015", "F017", "F027", "F070", "F071"],
        &[TRACKING, SAVING, QUESTIONS],
    )
};
