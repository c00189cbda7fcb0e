//! What can be tracked, and where it must lie.

use super::deletion::KIND_NAMES;
use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn};
use super::table::values::values;
use super::{RuleId, TableId};
use crate::plan::{Kind, Store};

/// Can an item be tracked?
#[derive(Clone, Copy, Debug)]
pub enum Tracking {}

values! {
    /// What the record is to be.
    ChosenKind {
        /// What the item is.
        Own "own",
        /// Of a task, something else that a task can be.
        AsAnotherTask "as-another-task",
        /// Anything else.
        AsAnother "as-another",
    }
}

values! {
    /// Whether an item can be tracked.
    Trackable {
        /// It can.
        Done "done",
        /// It is refused.
        Refused "refused",
        /// No document names it, so that plans leave it alone.
        Unnamed "unnamed",
    }
}

/// An item that somebody wants to track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What it is.
    pub kind: Kind,
    /// What its record is to be.
    pub chosen: ChosenKind,
    /// Where it lies.
    pub store: Store,
    /// Whether it was assigned to somebody.
    pub assigned: bool,
}

static FORM: Form = Form::plain(
    "tracking",
    "can an item be tracked?",
    "tracking; setting what is not tracked regarding something",
    &[
        FactColumn::heading("kind", &KIND_NAMES, 5),
        FactColumn::of(
            "chosen",
            ChosenKind::NAMES,
            &["as what it is", "as another kind of task", "as another kind"],
            3,
        ),
        FactColumn::of(
            "store",
            &["exchange", "outlook-default", "elsewhere"],
            &["in the default Exchange store", "in Outlook's default store", "in another store"],
            1,
        ),
        FactColumn::truth("assigned", &["not assigned", "assigned"], 0),
    ],
    &[OutcomeColumn::required(
        "answer",
        Trackable::NAMES,
        &["can be tracked", "cannot be tracked", "is not named as what can be tracked"],
    )],
    [9, 5],
)
.seen_as(seen);

impl Question for Tracking {
    type Situation = Candidate;
    type Decision = (RuleId, Trackable);
    const TABLE: TableId = TableId::Tracking;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&Candidate { kind, chosen, store, assigned }: &Candidate) -> usize {
        let store = match store {
            Store::Exchange => 0,
            Store::OutlookDefault => 1,
            Store::Elsewhere => 2,
        };
        (kind as usize) << 5 | (chosen as usize) << 3 | store << 1 | usize::from(assigned)
    }

    #[inline(always)]
    fn decision(rule: RuleId, [answer, ..]: Answers) -> Self::Decision {
        (rule, Trackable::nth(answer))
    }
}

/// Who asks for what no document names is turned away, as where it is refused.
fn seen(_: usize, [answer, rest @ ..]: Answers) -> Option<Answers> {
    let answer = match Trackable::nth(answer) {
        Trackable::Unnamed => Trackable::Refused,
        other @ (Trackable::Done | Trackable::Refused) => other,
    };
    let [a, b, c] = rest;
    Some([answer as u8, a, b, c])
}
