//! Whether somebody who untracks is asked at all, before the table of deletions says what for.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn};
use super::table::values::values;
use super::{RuleId, TableId};

/// Is whoever untracks asked?
#[derive(Clone, Copy, Debug)]
pub enum Prompting {}

values! {
    /// Where something is untracked.
    UntrackedIn {
        /// In Outlook, with the client.
        Client "client",
        /// In a browser.
        Web "web",
    }
}

values! {
    /// Whether somebody is asked.
    AskedUser {
        /// As the row of the deletion says.
        AsDeleted "as-deleted",
        /// No.
        No "no",
        /// Nothing says.
        Free "free",
    }
}

/// Something that is untracked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UntrackedItem {
    /// Where.
    pub place: UntrackedIn,
    /// Whether it is a contact.
    pub contact: bool,
    /// Whether it has a record yet.
    pub linked: bool,
    /// Whether whoever untracks may delete records in CRM.
    pub privileged: bool,
}

static FORM: Form = Form::plain(
    "prompt",
    "is whoever untracks asked whether to delete the record?",
    "untracking",
    &[
        FactColumn::heading("place", UntrackedIn::NAMES, 3),
        FactColumn::truth("contact", &["no contact", "a contact"], 2),
        FactColumn::truth("linked", &["no record yet", "a record"], 1),
        FactColumn::truth("privileged", &["may not delete in CRM", "may delete in CRM"], 0),
    ],
    &[OutcomeColumn::required(
        "asked",
        AskedUser::NAMES,
        &["is asked as the row of the deletion says", "is not asked", "may be asked"],
    )],
    [4, 3],
)
.seen_as(seen);

impl Question for Prompting {
    type Situation = UntrackedItem;
    type Decision = (RuleId, AskedUser);
    const TABLE: TableId = TableId::Prompting;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&UntrackedItem { place, contact, linked, privileged }: &UntrackedItem) -> usize {
        (place as usize) << 3 | usize::from(contact) << 2 | usize::from(linked) << 1 | usize::from(privileged)
    }

    #[inline(always)]
    fn decision(rule: RuleId, [asked, ..]: Answers) -> Self::Decision {
        (rule, AskedUser::nth(asked))
    }
}

/// Of what has no record yet no row of the deletion table speaks, so that nobody is asked as it says.
fn seen(index: usize, [asked, ..]: Answers) -> Option<Answers> {
    let (asked, linked) = (AskedUser::nth(asked), index & 2 != 0);
    let asked = if !linked && asked == AskedUser::AsDeleted { AskedUser::No } else { asked };
    Some([asked as u8, 0, 0, 0])
}
