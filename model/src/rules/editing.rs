//! What can be made, edited and deleted in CRM, by whom, and what becomes of what Outlook brings that cannot.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn};
use super::table::values::values;
use super::{RuleId, TableId};
use crate::plan::{Family, Kind, Right, Rights, Status};
use crate::view::Word;

/// Can a record be made, edited, or deleted?
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
        /// It is assigned to somebody.
        Owner "owner",
        /// It is deleted, or one occurrence of it.
        Delete "delete",
        /// One occurrence of it is deleted, by a user who may delete it.
        Occurrence "occurrence",
        /// It is made in CRM.
        Create "create",
        /// It is made of an item that was tracked.
        Track "track",
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
        /// It is done, or it is not.
        Free "free",
    }
}

/// Something that is done to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordEdit {
    /// What is done.
    pub act: RecordAct,
    /// What the record is.
    pub record: RecordKind,
    /// Whether it is neither completed nor cancelled.
    pub open: bool,
    /// Whether the user has the rights that it takes.
    pub privileged: bool,
}

impl RecordAct {
    /// The rights that it takes.
    pub const fn takes(self) -> Rights {
        match self {
            Self::Create | Self::Track => Rights::NONE.with(Right::Create),
            Self::Content | Self::Regarding | Self::Status | Self::Owner | Self::Occurrence | Self::FromOutlook => {
                Rights::NONE.with(Right::Write)
            }
            Self::Delete => Rights::NONE.with(Right::Delete),
            // The record is made again.
            Self::AgainstDeletion => Rights::NONE.with(Right::Create).with(Right::Write),
        }
    }
}

impl RecordEdit {
    /// Something that a user with these rights does to what a record says, or said.
    #[inline(always)]
    pub fn of(act: RecordAct, record: Word, rights: Rights) -> Self {
        Self {
            act,
            record: RecordKind::of(record.record()),
            open: record.status() == Status::Open,
            privileged: rights.may_all(act.takes()),
        }
    }
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
    "can a record be made, edited, or deleted?",
    "making, editing and deleting in CRM; sending what was tracked or edited",
    &[
        FactColumn::heading("act", RecordAct::NAMES, 4),
        FactColumn::of("record", RecordKind::NAMES, &["an activity but no message", "a message", "no activity"], 2),
        FactColumn::truth("open", &["closed", "open"], 1),
        FactColumn::truth("privileged", &["has no right to that in CRM", "has the right to that in CRM"], 0),
    ],
    &[OutcomeColumn::required(
        "answer",
        Edited::NAMES,
        &["can be _", "cannot be _", "is undone", "is ignored", "can be _, but for its status", "may be _, or not"],
    )],
    [8, 4],
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
    // What is no activity has no state, and is regarding nothing; and only a series has occurrences.
    let stateless = !open || matches!(act, RecordAct::Regarding | RecordAct::Status);
    let single = act == RecordAct::Occurrence && !activity;
    if record == RecordKind::NoActivity && stateless && act != RecordAct::Delete || single {
        return None;
    }
    let seen = match act {
        RecordAct::Content
        | RecordAct::Regarding
        | RecordAct::Status
        | RecordAct::Owner
        | RecordAct::Delete
        | RecordAct::Occurrence
        | RecordAct::Create => match answer {
            Edited::Refused | Edited::Free => answer,
            Edited::Done | Edited::Undone | Edited::Ignored | Edited::ButStatus => Edited::Done,
        },
        // It is refused to those only who may not create records.
        RecordAct::Track => match answer {
            Edited::Refused if index & 1 != 0 => Edited::Ignored,
            Edited::ButStatus => Edited::Done,
            Edited::Done | Edited::Refused | Edited::Undone | Edited::Ignored | Edited::Free => answer,
        },
        RecordAct::FromOutlook => match answer {
            Edited::Refused => Edited::Ignored,
            Edited::ButStatus if !activity => Edited::Done,
            Edited::Done | Edited::Undone | Edited::Ignored | Edited::ButStatus | Edited::Free => answer,
        },
        RecordAct::AgainstDeletion => match answer {
            Edited::Undone | Edited::Free => answer,
            Edited::Done | Edited::Refused | Edited::Ignored | Edited::ButStatus => Edited::Done,
        },
    };
    Some([seen as u8, 0, 0, 0])
}
