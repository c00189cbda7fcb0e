//! How many items, and of which kinds, one step may name.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn};
use super::table::values::values;
use super::{RuleId, TableId};

/// May these items be named together?
#[derive(Clone, Copy, Debug)]
pub enum Selecting {}

values! {
    /// What is done to all of the items.
    SelectionAct {
        /// They are tracked.
        Track "track",
        /// They are untracked.
        Untrack "untrack",
    }
}

values! {
    /// How many items are named.
    Size {
        /// One.
        One "one",
        /// Two to twenty.
        Several "several",
        /// More.
        MoreThanTwenty "more-than-twenty",
    }
}

values! {
    /// What becomes of an item of a selection.
    Selected {
        /// It is done to it.
        Done "done",
        /// The step is refused as a whole.
        Refused "refused",
        /// It is done to others of them.
        LeftOut "left-out",
    }
}

/// One item of a selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelectedItem {
    /// What is done.
    pub act: SelectionAct,
    /// To how many.
    pub size: Size,
    /// Whether they are of several kinds.
    pub mixed: bool,
    /// Whether twenty others stand before it.
    pub beyond: bool,
}

static FORM: Form = Form::plain(
    "selection",
    "may these items be named together?",
    "tracking and untracking, of one item or several",
    &[
        FactColumn::heading("act", SelectionAct::NAMES, 4),
        FactColumn::of("size", Size::NAMES, &["one item", "two to twenty items", "more than twenty items"], 2),
        FactColumn::truth("mixed", &["of one kind", "of several kinds"], 1),
        FactColumn::truth("beyond", &["among the first twenty", "past the twentieth"], 0),
    ],
    &[OutcomeColumn::required("answer", Selected::NAMES, &["can be _", "cannot be _", "is left out"])],
    [5, 4],
)
.seen_as(seen);

impl Question for Selecting {
    type Situation = SelectedItem;
    type Decision = (RuleId, Selected);
    const TABLE: TableId = TableId::Selecting;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&SelectedItem { act, size, mixed, beyond }: &SelectedItem) -> usize {
        (act as usize) << 4 | (size as usize) << 2 | usize::from(mixed) << 1 | usize::from(beyond)
    }

    #[inline(always)]
    fn decision(rule: RuleId, [answer, ..]: Answers) -> Self::Decision {
        (rule, Selected::nth(answer))
    }
}

/// One item is of one kind, and only of more than twenty does one stand past the twentieth.
fn seen(index: usize, outcome: Answers) -> Option<Answers> {
    let (size, mixed, beyond) = (Size::nth((index >> 2 & 3) as u8), index & 2 != 0, index & 1 != 0);
    let asked = match size {
        Size::One => !mixed && !beyond,
        Size::Several => !beyond,
        Size::MoreThanTwenty => true,
    };
    asked.then_some(outcome)
}
