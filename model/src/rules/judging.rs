//! By what a condition is judged that does not stay as it is.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn};
use super::table::values::values;
use super::{RuleId, TableId};

/// By what is a condition judged?
#[derive(Clone, Copy, Debug)]
pub enum Conditioning {}

values! {
    /// Where there is more than one thing by which a condition could be judged.
    JudgedMatter {
        /// It was otherwise when the user acted than when the synchronization carries it.
        Change "change",
        /// Of a series, the last occurrence of the pattern is otherwise than those that are left.
        Series "series",
    }
}

values! {
    /// By what it is judged.
    JudgedBy {
        /// How things are when the synchronization carries the event.
        Synchronization "synchronization",
        /// How they were at the event.
        Event "event",
        /// The last occurrence of the pattern.
        Pattern "pattern",
        /// The last of the occurrences that are left.
        Left "left",
    }
}

static FORM: Form = Form::plain(
    "judging",
    "by what is a condition judged?",
    "sending and fetching a deletion that depends on a date or a role",
    &[FactColumn::heading("matter", JudgedMatter::NAMES, 0)],
    &[OutcomeColumn::required(
        "by",
        JudgedBy::NAMES,
        &[
            "how things are at the synchronization",
            "how they were at the event",
            "the last occurrence of its pattern",
            "the last occurrence that is left",
        ],
    )],
    [1, 0],
)
.seen_as(seen);

impl Question for Conditioning {
    type Situation = JudgedMatter;
    type Decision = (RuleId, JudgedBy);
    const TABLE: TableId = TableId::Conditioning;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&matter: &JudgedMatter) -> usize {
        matter as usize
    }

    #[inline(always)]
    fn decision(rule: RuleId, [by, ..]: Answers) -> Self::Decision {
        (rule, JudgedBy::nth(by))
    }
}

/// Each of the two matters has two answers.
fn seen(index: usize, [by, ..]: Answers) -> Option<Answers> {
    let [usual, other] = match JudgedMatter::nth(index as u8) {
        JudgedMatter::Change => [JudgedBy::Synchronization, JudgedBy::Event],
        JudgedMatter::Series => [JudgedBy::Pattern, JudgedBy::Left],
    };
    let by = if JudgedBy::nth(by) == other { other } else { usual };
    Some([by as u8, 0, 0, 0])
}
