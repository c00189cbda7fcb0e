//! What an item is taken for that the documents name only by what it resembles.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn};
use super::table::values::values;
use super::{RuleId, TableId};

/// What is an item taken for?
#[derive(Clone, Copy, Debug)]
pub enum Likening {}

values! {
    /// What is done to an item of which it must be known what it is.
    LikenedItem {
        /// A meeting request is deleted, on either side.
        DeletedRequest "deleted-request",
        /// A service activity is edited in Outlook.
        EditedServiceActivity "edited-service-activity",
    }
}

values! {
    /// What it is taken for.
    TakenFor {
        /// An appointment.
        Appointment "appointment",
        /// The message that brought it.
        Message "message",
        /// What CRM alone decides.
        OneWay "one-way",
    }
}

static FORM: Form = Form::plain(
    "nature",
    "what is an item taken for?",
    "sending what is deleted or edited, of two kinds",
    &[FactColumn::heading("item", LikenedItem::NAMES, 0)],
    &[OutcomeColumn::required(
        "taken",
        TakenFor::NAMES,
        &[
            "is like an appointment",
            "is like the message that brought it, so that nothing crosses",
            "is brought back to what CRM has",
        ],
    )],
    [1, 0],
)
.seen_as(seen);

impl Question for Likening {
    type Situation = LikenedItem;
    type Decision = (RuleId, TakenFor);
    const TABLE: TableId = TableId::Likening;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&item: &LikenedItem) -> usize {
        item as usize
    }

    #[inline(always)]
    fn decision(rule: RuleId, [taken, ..]: Answers) -> Self::Decision {
        (rule, TakenFor::nth(taken))
    }
}

/// Each of the two kinds is an appointment, or what it is otherwise.
fn seen(index: usize, [taken, ..]: Answers) -> Option<Answers> {
    let otherwise = match LikenedItem::nth(index as u8) {
        LikenedItem::DeletedRequest => TakenFor::Message,
        LikenedItem::EditedServiceActivity => TakenFor::OneWay,
    };
    let taken = if TakenFor::nth(taken) == otherwise { otherwise } else { TakenFor::Appointment };
    Some([taken as u8, 0, 0, 0])
}
