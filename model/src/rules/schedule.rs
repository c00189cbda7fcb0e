//! When what waits in a mailbox is sent.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn};
use super::table::values::values;
use super::{RuleId, TableId};

/// Is what waits sent at once?
#[derive(Clone, Copy, Debug)]
pub enum Sending {}

values! {
    /// When something could be sent.
    SendingMoment {
        /// Something was just tracked, where it could be sent.
        Tracked "tracked",
        /// A computer goes offline.
        Leaving "leaving",
    }
}

values! {
    /// Whether it is.
    SentAtOnce {
        /// It is not.
        No "no",
        /// It is.
        Yes "yes",
        /// Nothing says.
        Free "free",
    }
}

static FORM: Form = Form::plain(
    "schedule",
    "is what waits in a mailbox sent at once?",
    "tracking; going offline and coming back",
    &[FactColumn::heading("moment", SendingMoment::NAMES, 0)],
    &[OutcomeColumn::required("sent", SentAtOnce::NAMES, &["is not sent", "is sent", "may be sent at once, or later"])],
    [1, 0],
);

impl Question for Sending {
    type Situation = SendingMoment;
    type Decision = (RuleId, SentAtOnce);
    const TABLE: TableId = TableId::Sending;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&moment: &SendingMoment) -> usize {
        moment as usize
    }

    #[inline(always)]
    fn decision(rule: RuleId, [sent, ..]: Answers) -> Self::Decision {
        (rule, SentAtOnce::nth(sent))
    }
}
