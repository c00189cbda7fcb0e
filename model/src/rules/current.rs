//! Whether an item is current at a moment: how its dates stand to the moment, and in which state it is.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn};
use super::table::values::values;
use super::{RuleId, TableId};

/// Is an item current?
#[derive(Clone, Copy, Debug)]
pub enum Dating {}

values! {
    /// What has dates.
    DatedKind {
        /// An appointment, or one occurrence of a series.
        Appointment "appointment",
        /// A task, or what a task may be tracked as.
        Task "task",
    }
}

values! {
    /// How the dates of an item stand to a moment, in the zone of the world.
    Dates {
        /// It has none.
        None "none",
        /// It begins later.
        Ahead "ahead",
        /// It begins just then.
        Beginning "beginning",
        /// It has begun, and has not ended; the moment of its end belongs to it.
        UnderWay "under-way",
        /// It ends just then, at midnight, so that its last day is over.
        EndingAtMidnight "ending-at-midnight",
        /// It has ended on the same day.
        EarlierToday "earlier-today",
        /// It has ended on a day before.
        Past "past",
    }
}

values! {
    /// Whether an item is current.
    Current {
        /// It is not.
        No "no",
        /// It is.
        Yes "yes",
        /// It is while it is open in CRM.
        Open "while-open",
        /// It is while it is not completed in Outlook.
        Undone "until-completed",
    }
}

/// Something with dates, at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatedItem {
    /// What it is.
    pub kind: DatedKind,
    /// How its dates stand.
    pub dates: Dates,
}

static FORM: Form = Form::plain(
    "current",
    "is an item current?",
    "deleting and untracking what has dates, where it matters",
    &[
        FactColumn::heading("kind", DatedKind::NAMES, 3),
        FactColumn::of(
            "dates",
            Dates::NAMES,
            &[
                "undated",
                "still to come",
                "beginning now",
                "under way",
                "ending now, at midnight",
                "over, today",
                "over, before today",
            ],
            0,
        ),
    ],
    &[OutcomeColumn::required(
        "current",
        Current::NAMES,
        &[
            "is not current",
            "is current",
            "is current while it is open in CRM",
            "is current until it is completed in Outlook",
        ],
    )],
    [4, 3],
)
.seen_as(seen);

impl Question for Dating {
    type Situation = DatedItem;
    type Decision = (RuleId, Current);
    const TABLE: TableId = TableId::Dating;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&DatedItem { kind, dates }: &DatedItem) -> usize {
        (kind as usize) << 3 | dates as usize
    }

    #[inline(always)]
    fn decision(rule: RuleId, [current, ..]: Answers) -> Self::Decision {
        (rule, Current::nth(current))
    }
}

/// No appointment is completed in Outlook, and no task ends at midnight rather than on a day.
fn seen(index: usize, [current, ..]: Answers) -> Option<Answers> {
    let current = Current::nth(current);
    match DatedKind::nth((index >> 3) as u8) {
        DatedKind::Appointment if current == Current::Undone => Some([Current::Yes as u8, 0, 0, 0]),
        DatedKind::Task if Dates::nth((index & 7) as u8) == Dates::EndingAtMidnight => None,
        DatedKind::Appointment | DatedKind::Task => Some([current as u8, 0, 0, 0]),
    }
}
