//! The prompt appears exactly when documented.

use crate::oracle::check::CheckInfo;
use crate::reference::StepOutcome;
use crate::rules::titles::{DELETING, TRACKING};
use crate::rules::{Deleting, Prompt};
use crate::verdict::Occasion;

pub(crate) const CHECK: CheckInfo = CheckInfo {
    occasion: Occasion::Prompt,
    of_answer: |answered| answered.done && matches!(answered.expected, Some(StepOutcome::Done { .. })),
    elsewhere: "the answer",
    grounds: |telling| telling.of_row(),
    expected: |telling| {
        // The opposite of what was seen, and not what the row says: a profile may read it otherwise.
        let prompt = !telling.was_asked();
        let asked = if prompt { "asked" } else { "not asked" };
        let row = telling.rule.map(|rule| Deleting::prompt(&rule.then) == Some(Prompt::Asked));
        let reading = if row == Some(!prompt) { ", as the profile reads it" } else { "" };
        let (item, grounds) = (telling.item(), telling.grounds().text);
        format!("the user is {asked} whether to delete the record of {item} too ({grounds}){reading}")
    },
    seen: |telling| if telling.was_asked() { "the user was asked" } else { "the user was not asked" }.to_owned(),
    ..CheckInfo::new(
        "prompt",
        "the prompt appears exactly when documented",
        &["F030", "F031", "F035", "F036", "F037"],
        &[DELETING, TRACKING],
    )
};
