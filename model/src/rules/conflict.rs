//! Which side stands where both have changed since they last agreed.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn};
use super::table::values::values;
use super::{RuleId, TableId};

/// Which side stands?
#[derive(Clone, Copy, Debug)]
pub enum Conflicting {}

values! {
    /// What has met.
    Collision {
        /// One side was deleted, the other edited.
        DeletionAndEdit "deletion-and-edit",
        /// Both sides were edited.
        Edits "edits",
        /// Both sides were edited, and what was edited in Outlook overwrites.
        Overwriting "overwriting",
        /// Both sides were edited, and the CRM was fetched before a crash.
        FetchedBeforeACrash "fetched-before-a-crash",
        /// Outlook was edited, and an edit in CRM left what was there.
        EditThatChangedNothing "edit-that-changed-nothing",
    }
}

values! {
    /// What stands.
    Stands {
        /// The deletion: what was edited goes.
        Deletion "deletion",
        /// The edit: what was deleted comes back.
        Edit "edit",
        /// Both, and the link is cut.
        Neither "neither",
        /// What Outlook has.
        Outlook "outlook",
        /// What the CRM has.
        Crm "crm",
        /// What each side edited; where that is the same field, what the CRM has.
        Merged "merged",
        /// What was edited in Outlook, and of the other fields what the CRM has.
        Fields "fields",
    }
}

static FORM: Form = Form::plain(
    "conflict",
    "which side stands?",
    "sending and fetching, where both sides have changed",
    &[FactColumn::heading("met", Collision::NAMES, 0)],
    &[OutcomeColumn::required(
        "stands",
        Stands::NAMES,
        &[
            "the deletion stands",
            "the edit stands",
            "both stand, and the link is cut",
            "what Outlook has stands",
            "what the CRM has stands",
            "what each side edited stands, and of the same field what the CRM has",
            "what was edited in Outlook stands, and of the other fields what the CRM has",
        ],
    )],
    [3, 0],
)
.seen_as(seen);

impl Question for Conflicting {
    type Situation = Collision;
    type Decision = (RuleId, Stands);
    const TABLE: TableId = TableId::Conflicting;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&met: &Collision) -> usize {
        met as usize
    }

    #[inline(always)]
    fn decision(rule: RuleId, [stands, ..]: Answers) -> Self::Decision {
        (rule, Stands::nth(stands))
    }
}

/// A deletion and an edit, and what overwrites, leave less to choose from than two edits.
fn seen(index: usize, [stands, ..]: Answers) -> Option<Answers> {
    let stands = Stands::nth(stands);
    let among = |known: &[Stands], rest: Stands| if known.contains(&stands) { stands } else { rest };
    let stands = match Collision::nth(index as u8) {
        Collision::DeletionAndEdit => among(&[Stands::Deletion, Stands::Edit], Stands::Neither),
        Collision::Edits => among(&[Stands::Outlook, Stands::Crm], Stands::Merged),
        Collision::Overwriting => among(&[Stands::Outlook], Stands::Fields),
        Collision::FetchedBeforeACrash => stands,
        Collision::EditThatChangedNothing => among(&[Stands::Crm], Stands::Outlook),
    };
    Some([stands as u8, 0, 0, 0])
}
