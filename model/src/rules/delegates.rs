//! What a delegate does in the principal's mailbox: when it synchronizes, and in whose role it is judged.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn, TRUTH};
use super::table::values::values;
use super::{RuleId, TableId};

/// What becomes of what a delegate does?
#[derive(Clone, Copy, Debug)]
pub enum Delegating {}

values! {
    /// What a delegate does in the mailbox of the principal.
    DelegateAct {
        /// Something is tracked.
        Track "track",
        /// Something is deleted or untracked.
        Delete "delete",
        /// Something is edited, or tracked, by one who has the right to that where the principal has not, or the other way
        /// round.
        Write "write",
    }
}

values! {
    /// In whose role and with whose privilege something is judged.
    Role {
        /// The owner of the mailbox.
        Principal "principal",
        /// Whoever acted in it.
        Delegate "delegate",
    }
}

/// Something that a delegate does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delegated {
    /// What.
    pub act: DelegateAct,
    /// Whether the principal is connected.
    pub connected: bool,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnBehalf {
    /// The row to cite.
    pub rule: RuleId,
    /// Whether it waits until the principal connects.
    pub waits: bool,
    /// In whose role it is judged.
    pub role: Role,
}

static FORM: Form = Form::plain(
    "delegates",
    "what becomes of what a delegate does?",
    "tracking, deleting and untracking for somebody else",
    &[
        FactColumn::heading("act", DelegateAct::NAMES, 1),
        FactColumn::truth("connected", &["the principal is not connected", "the principal is connected"], 0),
    ],
    &[
        OutcomeColumn { required: false, ..OutcomeColumn::required("waits", TRUTH, &["does not wait", "waits"]) },
        OutcomeColumn {
            required: false,
            ..OutcomeColumn::required("role", Role::NAMES, &["the principal", "the delegate"])
        },
    ],
    [3, 1],
)
.seen_as(seen);

impl Question for Delegating {
    type Situation = Delegated;
    type Decision = OnBehalf;
    const TABLE: TableId = TableId::Delegating;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&Delegated { act, connected }: &Delegated) -> usize {
        (act as usize) << 1 | usize::from(connected)
    }

    #[inline(always)]
    fn decision(rule: RuleId, [waits, role, ..]: Answers) -> OnBehalf {
        OnBehalf { rule, waits: waits != 0, role: Role::nth(role) }
    }
}

/// What is tracked may wait; what is deleted is judged in somebody's role, whoever is connected.
fn seen(index: usize, [waits, role, ..]: Answers) -> Option<Answers> {
    match DelegateAct::nth((index >> 1) as u8) {
        DelegateAct::Track => Some([waits, 0, 0, 0]),
        DelegateAct::Delete | DelegateAct::Write => (index & 1 != 0).then_some([0, role, 0, 0]),
    }
}
