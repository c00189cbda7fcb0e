//! The dialogs of the personal options offer what is documented.

use crate::contract::implementation::Answer;
use crate::oracle::check::CheckInfo;
use crate::rules::titles::OPTIONS;
use crate::telling::Telling;
use crate::verdict::Occasion;

pub(crate) const CHECK: CheckInfo = CheckInfo {
    occasion: Occasion::Dialog,
    elsewhere: "the dialog of the personal options",
    grounds: |telling| telling.of_row(),
    expected: |telling| {
        let offered = if is_offered(telling) { "is not offered" } else { "is offered" };
        format!("the option `{}` {offered} ({})", name(telling), telling.grounds().text)
    },
    seen: |telling| {
        let offered = if is_offered(telling) { "was offered" } else { "was not offered" };
        format!("the option `{}` {offered}", name(telling))
    },
    ..CheckInfo::new(
        "offered",
        "the dialogs of the personal options offer what is documented",
        &["F143", "F144", "F145", "F146"],
        &[OPTIONS],
    )
};

fn name(telling: &Telling<'_>) -> &'static str {
    telling.divergence.option.map_or("", |option| option.name())
}

fn is_offered(telling: &Telling<'_>) -> bool {
    let (Some(option), Some(Answer::Offered(shown))) = (telling.divergence.option, telling.answer) else {
        return false;
    };
    shown.contains(option)
}
