//! What of the CRM comes to whose Outlook, and what stays there.

use super::table::Question;
use super::table::form::{Answers, FactColumn, FactPlace, Form, OutcomeColumn, TRUTH};
use super::table::values::values;
use super::{RuleId, TableId};
use crate::plan::{Family, Kind};

/// Is a record in a user's Outlook?
#[derive(Clone, Copy, Debug)]
pub enum Filtering {}

values! {
    /// What passes a filter.
    Filtered {
        /// A contact, or what a task can be.
        PersonOrTask "person-or-task",
        /// What takes place.
        Calendar "calendar",
        /// What no filter brings.
        Neither "neither",
    }
}

impl Filtered {
    /// What a record of this kind is to a filter.
    #[inline(always)]
    pub fn of(kind: Kind) -> Self {
        match kind.family() {
            Family::People | Family::Tasks => Self::PersonOrTask,
            Family::Calendar => Self::Calendar,
            Family::Mail | Family::CrmOnly => Self::Neither,
        }
    }
}

/// A record, and the part that a user has in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewed {
    /// What the record is.
    pub what: Filtered,
    /// Whether the user tracks it.
    pub tracked: bool,
    /// Whether the user is a required resource.
    pub required: bool,
    /// Whether the user organized it.
    pub organizer: bool,
    /// Whether the user is an optional attendee.
    pub optional: bool,
    /// Whether the user owns it.
    pub owner: bool,
}

static FORM: Form = Form::plain(
    "filter",
    "is a record in a user's Outlook?",
    "fetching what is not in Outlook; a new owner, organizer or attendee",
    &[
        FactColumn::heading("what", Filtered::NAMES, 5),
        FactColumn::truth("tracked", &["not tracked", "tracked"], 4),
        FactColumn::truth("required", &["no required resource", "required resource"], 3),
        FactColumn::truth("organizer", &["not organizer", "organizer"], 2),
        FactColumn::truth("optional", &["no optional attendee", "optional attendee"], 1),
        FactColumn::truth("owner", &["not owner", "owner"], 0),
        FactColumn::made(
            "required_organizer_or_owner",
            &["none of required resource, organizer and owner", "required resource, organizer or owner"],
            FactPlace::Any(&["required", "organizer", "owner"]),
        ),
    ],
    &[OutcomeColumn::required("shown", TRUTH, &["is not in the mailbox", "is in the mailbox"])],
    [7, 5],
);

impl Question for Filtering {
    type Situation = Viewed;
    type Decision = (RuleId, bool);
    const TABLE: TableId = TableId::Filtering;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&Viewed { what, tracked, required, organizer, optional, owner }: &Viewed) -> usize {
        let bits = [tracked, required, organizer, optional, owner];
        bits.iter().fold(what as usize, |index, &bit| index << 1 | usize::from(bit))
    }

    #[inline(always)]
    fn decision(rule: RuleId, [shown, ..]: Answers) -> Self::Decision {
        (rule, shown != 0)
    }
}
