//! To what an item may be linked.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn, TRUTH};
use super::table::values::values;
use super::{RuleId, TableId};
use crate::plan::Kind;

/// May an item be linked to a record?
#[derive(Clone, Copy, Debug)]
pub enum Linking {}

values! {
    /// As what a record is linked.
    LinkAs {
        /// As the parent of a contact.
        Parent "parent",
    }
}

values! {
    /// What is linked.
    LinkTarget {
        /// An account.
        Account "account",
        /// A contact.
        Contact "contact",
        /// Anything else.
        Another "another",
    }
}

impl LinkTarget {
    /// What a record of this kind is.
    #[inline(always)]
    pub fn of(kind: Kind) -> Self {
        if kind == Kind::Account {
            Self::Account
        } else if kind == Kind::Contact {
            Self::Contact
        } else {
            Self::Another
        }
    }
}

static FORM: Form = Form::plain(
    "linking",
    "may an item be linked to a record?",
    "setting the parent of a contact",
    &[
        FactColumn::heading("link", LinkAs::NAMES, 2),
        FactColumn::of("to", LinkTarget::NAMES, &["to an account", "to a contact", "to another record"], 0),
    ],
    &[OutcomeColumn::required("linked", TRUTH, &["cannot belong to", "can belong to"])],
    [2, 2],
);

impl Question for Linking {
    type Situation = (LinkAs, LinkTarget);
    type Decision = (RuleId, bool);
    const TABLE: TableId = TableId::Linking;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&(link, to): &(LinkAs, LinkTarget)) -> usize {
        (link as usize) << 2 | to as usize
    }

    #[inline(always)]
    fn decision(rule: RuleId, [linked, ..]: Answers) -> Self::Decision {
        (rule, linked != 0)
    }
}
