//! What can be edited and deleted in CRM, and what becomes of an edit in Outlook of what is closed there.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn};
use super::table::values::values;
use super::{RuleId, TableId};
use crate::plan::{Family, Kind};

/// Can a record be edited, or deleted?
#[derive(Clone, Copy, Debug)]
pub enum Editing {}

values! {
    /// What is done to a record.
    RecordAct {
        /// Its content is edited.
        Content "content",
        /// What it is regarding is set.
        Regarding "regarding",
        /// It is completed or cancelled.
        Status "status",
        /// It is deleted, or one occurrence of it.
        Delete "delete",
        /// An edit in Outlook reaches it.
        FromOutlook "from-outlook",
        /// It was deleted, and edited in Outlook meanwhile.
        AgainstDeletion "against-deletion",
    }
}

values! {
    /// What a record is.
    RecordKind {
        /// An activity, but no message.
        Activity "activity",
        /// A message.
        Email "email",
        /// No activity: it has no state.
        NoActivity "no-activity",
    }
}

values! {
    /// What becomes of an edit or a deletion.
    Edited {
        /// It is done.
        Done "done",
        /// It is refused.
        Refused "refused",
        /// It is undone, and the copy takes the record's content.
        Undone "undone",
        /// It stays where it is.
        Ignored "ignored",
        /// It is done, but for its status.
        ButStatus "but-status",
    }
}

/// An edit, or a deletion, of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordEdit {
    /// What is done.
    pub act: RecordAct,
    /// What the record is.
    pub record: RecordKind,
    /// Whether it is neither completed nor cancelled.
    pub open: bool,
    /// Whether the user may delete records in CRM.
    pub privileged: bool,
}

impl RecordKind {
    /// What a record of this kind is.
    #[inline(always)]
    pub fn of(kind: Kind) -> Self {
        match kind.family() {
            Family::Mail => Self::Email,
            Family::People | Family::CrmOnly => Self::NoActivity,
            Family::Calendar | Family::Tasks => Self::Activity,
        }
    }
}

static FORM: Form = Form::plain(
    "editing",
    "can a record be edited, or deleted?",
    "editing and deleting in CRM; sending an edit",
    &[
        FactColumn::heading("act", RecordAct::NAMES, 4),
        FactColumn::of("record", RecordKind::NAMES, &["an activity but no message", "a message", "no activity"], 2),
        FactColumn::truth("open", &["closed", "open"], 1),
        FactColumn::truth("privileged", &["may not delete in CRM", "may delete in CRM"], 0),
    ],
    &[OutcomeColumn::required(
        "answer",
        Edited::NAMES,
        &["can be _", "cannot be _", "is undone", "is ignored", "can be _, but for its status"],
    )],
    [7, 4],
)
.seen_as(seen);

impl Question for Editing {
    type Situation = RecordEdit;
    type Decision = (RuleId, Edited);
    const TABLE: TableId = TableId::Editing;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&RecordEdit { act, record, open, privileged }: &RecordEdit) -> usize {
        (act as usize) << 4 | (record as usize) << 2 | usize::from(open) << 1 | usize::from(privileged)
    }

    #[inline(always)]
    fn decision(rule: RuleId, [answer, ..]: Answers) -> Self::Decision {
        (rule, Edited::nth(answer))
    }
}

/// In CRM an edit is done or refused; one from Outlook cannot be refused any more, and only activities have a status.
fn seen(index: usize, [answer, ..]: Answers) -> Option<Answers> {
    let answer = Edited::nth(answer);
    let (act, record, open) =
        (RecordAct::nth((index >> 4) as u8), RecordKind::nth((index >> 2 & 3) as u8), index & 2 != 0);
    let activity = record == RecordKind::Activity;
    // What is no activity has no state, and is regarding nothing.
    let stateless = !open || matches!(act, RecordAct::Regarding | RecordAct::Status);
    if record == RecordKind::NoActivity && stateless && act != RecordAct::Delete {
        return None;
    }
    let seen = match act {
        RecordAct::Content | RecordAct::Regarding | RecordAct::Status | RecordAct::Delete => match answer {
            Edited::Refused => Edited::Refused,
            Edited::Done | Edited::Undone | Edited::Ignored | Edited::ButStatus => Edited::Done,
        },
        RecordAct::FromOutlook => match answer {
            Edited::Refused => Edited::Ignored,
            Edited::ButStatus if !activity => Edited::Done,
            Edited::Done | Edited::Undone | Edited::Ignored | Edited::ButStatus => answer,
        },
        RecordAct::AgainstDeletion => match answer {
            Edited::Undone => Edited::Undone,
            Edited::Done | Edited::Refused | Edited::Ignored | Edited::ButStatus => Edited::Done,
        },
    };
    Some([seen as u8, 0, 0, 0])
}
