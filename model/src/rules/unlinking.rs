//! What becomes of the link of a pair of which one side goes, changes or is put elsewhere.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn, TRUTH};
use super::table::values::values;
use super::{RuleId, TableId};

/// What becomes of a link?
#[derive(Clone, Copy, Debug)]
pub enum Unlinking {}

values! {
    /// What happens to a pair, so that its link is in question.
    LinkEvent {
        /// The record was deleted in CRM, and the item stays in Outlook.
        RecordDeleted "record-deleted",
        /// The item was deleted in Outlook and the record stays; later it is edited.
        RecordEdited "record-edited",
        /// An appointment has a new subject, on either side.
        NewSubject "new-subject",
        /// The item is moved to a folder that is not synchronized.
        MovedAway "moved-away",
    }
}

values! {
    /// What becomes of it.
    LinkFate {
        /// It stands.
        Kept "kept",
        /// It is cut, and both sides go their own way.
        Cut "cut",
        /// The item is taken for one that was deleted.
        Deleted "deleted",
    }
}

/// What becomes of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkOutcome {
    /// The row to cite.
    pub rule: RuleId,
    /// What becomes of it.
    pub link: LinkFate,
    /// Whether what has left Outlook comes back.
    pub back: bool,
}

static FORM: Form = Form::plain(
    "unlinking",
    "what becomes of the link of a pair?",
    "fetching a deletion; a new subject; sending what was moved away",
    &[FactColumn::heading("event", LinkEvent::NAMES, 0)],
    &[
        OutcomeColumn {
            required: false,
            ..OutcomeColumn::required("link", LinkFate::NAMES, &["stays linked", "is unlinked", "counts as deleted"])
        },
        OutcomeColumn {
            required: false,
            ..OutcomeColumn::required("back", TRUTH, &["does not come back", "comes back"])
        },
    ],
    [2, 0],
)
.seen_as(seen);

impl Question for Unlinking {
    type Situation = LinkEvent;
    type Decision = LinkOutcome;
    const TABLE: TableId = TableId::Unlinking;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&event: &LinkEvent) -> usize {
        event as usize
    }

    #[inline(always)]
    fn decision(rule: RuleId, [link, back, ..]: Answers) -> LinkOutcome {
        LinkOutcome { rule, link: LinkFate::nth(link), back: back != 0 }
    }
}

/// A link is kept or cut, but of what is moved away; what comes back is asked of what has left.
fn seen(index: usize, [link, back, ..]: Answers) -> Option<Answers> {
    let link = LinkFate::nth(link);
    let cut = if link == LinkFate::Cut { link } else { LinkFate::Kept };
    Some(match LinkEvent::nth(index as u8) {
        LinkEvent::RecordDeleted | LinkEvent::NewSubject => [cut as u8, 0, 0, 0],
        LinkEvent::RecordEdited => [0, back, 0, 0],
        LinkEvent::MovedAway => [link as u8, 0, 0, 0],
    })
}
