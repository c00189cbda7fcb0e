//! The deletion table: what becomes of the other side when one side of a tracked pair is deleted or untracked.
//!
//! Its rows are `D01` to `D43`. Nothing here knows a rule; whoever edits a row edits what the reference does and what the
//! oracle demands.

use super::table::form::{Answers, FactColumn, FactPlace, Form, OutcomeColumn};
use super::table::{Question, Rule, Then};
use super::{RuleId, TableId};
use crate::plan::{Kind, KindSet};

/// What becomes of a pair?
#[derive(Clone, Copy, Debug)]
pub enum Deleting {}

static FORM: Form = Form {
    name: "deletion",
    title: "what becomes of a pair of which one side goes?",
    asked: "deleting and untracking; what leaves a filter",
    columns: &[
        FactColumn {
            at: FactPlace::Bits(11, spoken),
            usual: Some(KindSet::RECORDS.bits()),
            ..FactColumn::heading("kinds", &KIND_NAMES, 11)
        },
        FactColumn::heading("trigger", &["delete-in-outlook", "delete-in-crm", "untrack", "leave-filter"], 9),
        FactColumn { usual: Some(0b10), ..FactColumn::truth("tracked", &["untracked", ""], 6) },
        FactColumn::truth("current", &["not current", "current"], 3),
        FactColumn::made(
            "current_and_owner",
            &["not current and owner at once", "current and owner"],
            FactPlace::All(&["current", "owner"]),
        ),
        FactColumn::truth("owner", &["not owner", "owner"], 5),
        FactColumn::truth("organizer", &["not organizer", "organizer"], 4),
        FactColumn::made(
            "owner_or_organizer",
            &["neither owner nor organizer", "owner or organizer"],
            FactPlace::Any(&["owner", "organizer"]),
        ),
        FactColumn::truth("open", &["not open", "open"], 2),
        FactColumn::truth("privileged", &["may not delete in CRM", "may delete in CRM"], 1),
        FactColumn::truth("occurrence", &["not an occurrence", "one occurrence"], 0),
        FactColumn {
            // That no client is there can hardly be overlooked.
            alike: Some(0b0111),
            ..FactColumn::of(
                "reply",
                &["yes", "no", "unasked", "no-client"],
                &["answer Yes", "answer No", "not asked", "no client to ask"],
                7,
            )
        },
    ],
    effects: &[
        OutcomeColumn::required("outlook", &["kept", "deleted", "free"], &[]),
        OutcomeColumn::required("crm", &["kept", "deleted", "free"], &[]),
        OutcomeColumn { required: false, ..OutcomeColumn::required("prompt", &["no", "yes", "free"], &[]) },
        OutcomeColumn { required: false, ..OutcomeColumn::required("link", &["kept", "cut"], &[]) },
    ],
    indices: 1 << 15,
    chunk: 1 << 9,
    // Owner, organizer, current, open.
    counted: [2, 4],
    undecided,
    freed: Some(freed),
    seen,
    tells: Some(told),
};

impl Question for Deleting {
    type Situation = Situation;
    type Decision = Decision;
    const TABLE: TableId = TableId::Deleting;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(situation: &Situation) -> usize {
        situation.index()
    }

    #[inline(always)]
    fn decision(rule: RuleId, [outlook, crm, prompt, link]: Answers) -> Decision {
        Decision {
            rule,
            outlook: Fate::nth(outlook),
            crm: Fate::nth(crm),
            prompt: Prompt::nth(prompt),
            unlink: link != 0,
        }
    }
}

impl Deleting {
    /// What a row says becomes of the user's Outlook copy.
    pub fn outlook(then: &Then) -> Option<Fate> {
        then.0[0].map(Fate::nth)
    }

    /// What a row says becomes of the record.
    pub fn crm(then: &Then) -> Option<Fate> {
        then.0[1].map(Fate::nth)
    }

    /// Whether a row has the user asked.
    pub fn prompt(then: &Then) -> Option<Prompt> {
        then.0[2].map(Prompt::nth)
    }

    /// The kinds of record that a row is about.
    pub fn kinds(rule: &Rule) -> Vec<Kind> {
        rule.when.values("kinds").filter_map(Kind::named).collect()
    }

    /// What was done where a row applies.
    pub fn triggers(rule: &Rule) -> Vec<Trigger> {
        rule.when.values("trigger").filter_map(Trigger::named).collect()
    }
}

/// The names of all kinds.
pub(super) const KIND_NAMES: [&str; Kind::ALL.len()] = {
    let mut names = [""; Kind::ALL.len()];
    let mut n = 0;
    while n < names.len() {
        names[n] = Kind::ALL[n].name();
        n += 1;
    }
    names
};

/// The kind of the record, where the table speaks of it.
fn spoken(kind: u8) -> Option<u8> {
    let record = Kind::ALL.get(usize::from(kind))?.record();
    KindSet::RECORDS.contains(record).then_some(record as u8)
}

/// Where no row applies what was acted on changes, and nothing else; nothing but what is said of untracked pairs comes near.
fn undecided(rows: &[Rule], index: usize) -> (usize, Answers) {
    let trigger = Trigger::ALL[index >> 9 & 3];
    let near = rows.iter().position(|rule| rule.row == "D40" && Deleting::triggers(rule).contains(&trigger));
    let (outlook, crm) = match trigger {
        Trigger::DeleteInOutlook => (Fate::Deleted, Fate::Kept),
        Trigger::DeleteInCrm => (Fate::Kept, Fate::Deleted),
        Trigger::Untrack | Trigger::LeaveFilter => (Fate::Kept, Fate::Kept),
    };
    (near.unwrap_or_default(), [outlook as u8, crm as u8, 0, 0])
}

/// The row where no document speaks: what was acted on changes, and anything may become of the rest. A row that overrides
/// others frees what they delete and no more.
fn freed(rule: &Rule) -> Then {
    let free = Some(Fate::Free as u8);
    if rule.overrides {
        let [outlook, crm, prompt, link] = rule.then.0;
        return Then([outlook.and(free), crm.and(free), prompt, link]);
    }
    let triggers = Deleting::triggers(rule);
    let unless = |kept: Fate, trigger: Trigger| if triggers.contains(&trigger) { Some(kept as u8) } else { free };
    let crm = if triggers.contains(&Trigger::LeaveFilter) {
        Some(Fate::Kept as u8)
    } else {
        unless(Fate::Deleted, Trigger::DeleteInCrm)
    };
    let prompt = triggers.contains(&Trigger::Untrack).then_some(2);
    Then([unless(Fate::Deleted, Trigger::DeleteInOutlook), crm, prompt, None])
}

/// What somebody did to one side of a tracked pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Trigger {
    /// The copy was deleted in Outlook.
    DeleteInOutlook,
    /// The record was deleted in CRM.
    DeleteInCrm,
    /// Tracking was stopped.
    Untrack,
    /// The record left the user's filter, or the user lost access to it.
    LeaveFilter,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 4] = [Self::DeleteInOutlook, Self::DeleteInCrm, Self::Untrack, Self::LeaveFilter];

    /// The name in the files of rules and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeleteInOutlook => "delete-in-outlook",
            Self::DeleteInCrm => "delete-in-crm",
            Self::Untrack => "untrack",
            Self::LeaveFilter => "leave-filter",
        }
    }

    /// The trigger of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trigger| trigger.name() == name)
    }
}

/// How the question whether to delete the record too was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reply {
    /// Yes, delete the record too.
    Yes,
    /// No, keep it.
    No,
    /// The client was there and did not ask.
    Unasked,
    /// No client was there to ask.
    NoClient,
}

impl Reply {
    /// Every reply.
    pub const ALL: [Self; 4] = [Self::Yes, Self::No, Self::Unasked, Self::NoClient];

    /// The name in the files of rules and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unasked => "unasked",
            Self::NoClient => "no-client",
        }
    }

    /// The reply of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reply| reply.name() == name)
    }
}

/// Everything about a pair that a row of the table can depend on, from the point of view of the synchronizing user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Situation {
    /// The kind of the record.
    pub kind: Kind,
    /// What was done.
    pub trigger: Trigger,
    /// The answer to the prompt; matters for [`Trigger::Untrack`] only.
    pub reply: Reply,
    /// Whether the pair was tracked.
    pub tracked: bool,
    /// Whether the user owns the record.
    pub owner: bool,
    /// Whether the user organized the appointment.
    pub organizer: bool,
    /// Whether the item is current: for the table of [`Dating`](super::Dating) to say.
    pub current: bool,
    /// Whether it is still open: neither completed nor cancelled.
    pub open: bool,
    /// Whether the user may delete records in CRM.
    pub privileged: bool,
    /// Whether it is one occurrence of a series: its kind is then that of a single appointment, and it is judged by its
    /// own date.
    pub occurrence: bool,
}

impl Situation {
    /// How many indices there are: four bits for the kind, two for the trigger, two for the reply, seven conditions.
    const COUNT: usize = 1 << 15;

    /// Every situation of the kinds that the table speaks of.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).filter_map(Self::at).filter(|situation| KindSet::RECORDS.contains(situation.kind))
    }

    #[inline(always)]
    fn index(&self) -> usize {
        let mut index = usize::from(self.kind as u8);
        index = index << 2 | usize::from(self.trigger as u8);
        index = index << 2 | usize::from(self.reply as u8);
        index = index << 1 | usize::from(self.tracked);
        index = index << 1 | usize::from(self.owner);
        index = index << 1 | usize::from(self.organizer);
        index = index << 1 | usize::from(self.current);
        index = index << 1 | usize::from(self.open);
        index = index << 1 | usize::from(self.privileged);
        index = index << 1 | usize::from(self.occurrence);
        // The mask changes nothing: it tells the compiler that the look-up is in bounds.
        index & (Self::COUNT - 1)
    }

    fn at(index: usize) -> Option<Self> {
        let bit = |n: u32| index >> n & 1 != 0;
        Some(Self {
            kind: *Kind::ALL.get(index >> 11)?,
            trigger: Trigger::ALL[index >> 9 & 3],
            reply: Reply::ALL[index >> 7 & 3],
            tracked: bit(6),
            owner: bit(5),
            organizer: bit(4),
            current: bit(3),
            open: bit(2),
            privileged: bit(1),
            occurrence: bit(0),
        })
    }
}

/// What becomes of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Fate {
    /// It stays.
    Kept,
    /// It is deleted.
    Deleted,
    /// Any outcome agrees with the documents; the oracle accepts both.
    Free,
}

impl Fate {
    /// Every fate.
    pub const ALL: [Self; 3] = [Self::Kept, Self::Deleted, Self::Free];

    /// The name in the files of rules and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Deleted => "deleted",
            Self::Free => "free",
        }
    }

    /// The fate of that number.
    #[inline(always)]
    fn nth(n: u8) -> Self {
        match n {
            0 => Self::Kept,
            1 => Self::Deleted,
            _ => Self::Free,
        }
    }

    /// The fate of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fate| fate.name() == name)
    }
}

/// Whether the user is asked whether to delete the record too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Prompt {
    /// Not asked.
    Unasked,
    /// Asked.
    Asked,
    /// Either agrees with the documents.
    Free,
}

impl Prompt {
    /// Asked or not.
    pub fn of(asked: bool) -> Self {
        if asked { Self::Asked } else { Self::Unasked }
    }

    #[inline(always)]
    fn nth(n: u8) -> Self {
        match n {
            0 => Self::Unasked,
            1 => Self::Asked,
            _ => Self::Free,
        }
    }
}

/// What the table says about a situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The row to cite.
    pub rule: RuleId,
    /// What becomes of the user's Outlook copy.
    pub outlook: Fate,
    /// What becomes of the record.
    pub crm: Fate,
    /// Whether the user is asked.
    pub prompt: Prompt,
    /// Whether the row itself cuts the link between what stays. What untracking does to the link, and what becomes of
    /// that of a survivor, is not the table's business.
    pub unlink: bool,
}

/// What is seen of a decision: the other side, and of untracking the prompt as well. Of what is not tracked the table is never
/// asked.
fn seen(index: usize, [outlook, crm, prompt, link]: Answers) -> Option<Answers> {
    let situation = Situation::at(index)?;
    let asked = situation.trigger == Trigger::Untrack || situation.reply == Reply::Unasked;
    (situation.tracked && asked).then_some(match situation.trigger {
        Trigger::DeleteInOutlook => [0, crm, 0, 0],
        Trigger::DeleteInCrm => [outlook, 0, 0, 0],
        // Where no client is there, no prompt can appear.
        Trigger::Untrack if situation.reply == Reply::NoClient => [outlook, crm, 0, 0],
        Trigger::Untrack => [outlook, crm, prompt, 0],
        Trigger::LeaveFilter => [outlook, 0, 0, link],
    })
}

/// The words of a title: `{crm}` stands for what becomes of the record, `{outlook:where}` for what becomes of the copy
/// there, `{deletes}` for what the user does to the record by untracking.
fn told(place: &str, then: &Then) -> String {
    let (outlook, crm) = (Deleting::outlook(then), Deleting::crm(then));
    match place.split_once(':') {
        Some((_, place)) => goes(outlook, place),
        None if place == "crm" => goes(crm, "CRM"),
        None => match crm {
            Some(Fate::Deleted) => "deletes".to_owned(),
            Some(Fate::Kept) | None => "keeps".to_owned(),
            Some(Fate::Free) => "may delete or keep".to_owned(),
        },
    }
}

fn goes(fate: Option<Fate>, place: &str) -> String {
    match fate {
        Some(Fate::Deleted) => format!("goes from {place}"),
        Some(Fate::Kept) | None => format!("stays in {place}"),
        Some(Fate::Free) => format!("may go from {place} or stay"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::table::told;

    #[test]
    fn a_title_fits_what_is_decided() {
        let then = |outlook: Option<Fate>, crm: Option<Fate>| {
            Then([outlook.map(|fate| fate as u8), crm.map(|fate| fate as u8), None, None])
        };
        let (kept, deleted, free) = (Some(Fate::Kept), Some(Fate::Deleted), Some(Fate::Free));
        for (template, outlook, crm, expected) in [
            ("it {crm}", None, deleted, "it goes from CRM"),
            ("it {crm}, unasked", None, kept, "it stays in CRM, unasked"),
            ("it {outlook:its place}", free, deleted, "it may go from its place or stay"),
            ("Yes {deletes} it", None, free, "Yes may delete or keep it"),
            ("nothing", None, None, "nothing"),
        ] {
            assert_eq!(told(&FORM, template, &then(outlook, crm)), expected);
        }
    }
}
