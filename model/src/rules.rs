//! The documented deletion table, as data.
//!
//! The rows stand in `model/rules/*.toml`. [`Rules`] is their compiled form: one look-up by [`Situation`], then at most
//! a few questions about switches. Nothing here knows a rule; whoever edits a row edits what the reference does and what
//! the oracle demands.

mod compile;
mod read;
mod words;

pub use read::{RuleError, RuleErrors};
pub(crate) use read::{switch, titles};

use std::fmt::Write;
use std::sync::LazyLock;

use crate::decide::{Closed, Decide, Fork};
use crate::plan::Kind;
use crate::profiles::Profile;
use crate::switches::{Readings, Switch, Values};

/// The table: its rows, and a dense index of the situations that each decides.
#[derive(Clone, Debug)]
pub struct Rules {
    rows: Vec<Rule>,
    compiled: compile::Compiled,
    digest: u64,
}

/// The documented rows, in the order of the table: `D01` to `D43`.
const TEXTS: [(&str, &str); 7] = [
    ("email.toml", include_str!("../rules/email.toml")),
    ("contact.toml", include_str!("../rules/contact.toml")),
    ("appointment.toml", include_str!("../rules/appointment.toml")),
    ("task.toml", include_str!("../rules/task.toml")),
    ("recurring.toml", include_str!("../rules/recurring.toml")),
    ("service-activity.toml", include_str!("../rules/service-activity.toml")),
    ("general.toml", include_str!("../rules/general.toml")),
];

static DOCUMENTED: LazyLock<Rules> = LazyLock::new(|| match Rules::parse(&TEXTS) {
    Ok(rules) => rules,
    Err(errors) => panic!("the embedded rules are faulty:\n{errors}"),
});

impl Rules {
    /// The table that the documents describe.
    ///
    /// # Panics
    ///
    /// Panics if the embedded files are faulty, which a test rules out.
    pub fn documented() -> &'static Self {
        &DOCUMENTED
    }

    /// Reads a table from files, given as names and texts.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the files, with the id of the row; and once each row is sound by itself, every
    /// group of situations that no row decides, or more than one.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, RuleErrors> {
        let rows = read::rows(files)?;
        let compiled = compile::check(&rows).and_then(|()| compile::compile(&rows))?;
        let bytes = files.iter().flat_map(|(name, text)| name.bytes().chain(text.bytes()));
        Ok(Self { rows, compiled, digest: fnv1a(FNV_OFFSET, bytes) })
    }

    /// The rows, in the order of the table.
    pub fn rows(&self) -> &[Rule] {
        &self.rows
    }

    /// The row that decides the situation. For a user who lacks the privilege that the row needs it is an id of its
    /// own, past those of [`Rules::rows`]; [`Rules::rule`] finds the text of either.
    #[inline(always)]
    pub fn row(&self, situation: &Situation) -> RuleId {
        RuleId(self.compiled.table[situation.index()])
    }

    /// A number that two ids share exactly if they decide alike under every reading: where the classes agree, a question
    /// that would choose between the two cannot matter.
    #[inline(always)]
    pub fn class(&self, row: RuleId) -> u8 {
        self.compiled.heads[usize::from(row.0)].class
    }

    /// What a row decides. Asks for a reading only where it changes the outcome. The rule of the decision is always an
    /// index into [`Rules::rows`].
    #[inline]
    pub fn decide(&self, row: RuleId, decide: &mut impl Decide) -> Decision {
        let head = &self.compiled.heads[usize::from(row.0)];
        for reading in &self.compiled.readings[usize::from(head.first)..usize::from(head.end)] {
            if reading.questions().iter().all(|&(switch, values)| decide.holds(switch, values)) {
                return reading.decision;
            }
        }
        head.base
    }

    /// The text of a row, whichever way its id was found.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rows[usize::from(self.compiled.heads[usize::from(id.0)].row.0)]
    }

    /// The row of that id.
    pub fn named(&self, id: &str) -> Option<RuleId> {
        self.rows.iter().zip(0..).find(|(rule, _)| rule.id == id).map(|(_, n)| RuleId(n))
    }

    /// The table with one row edited, for implementations with something wrong. Where rows overlap afterwards the first
    /// in the order of the table decides; where none is left, only the side that was acted on changes.
    ///
    /// # Panics
    ///
    /// Panics if there is no such row, or if the edit leaves out what becomes of a side.
    #[must_use]
    pub fn with_row(&self, id: &str, edit: impl FnOnce(&mut Rule)) -> Self {
        let Some(RuleId(at)) = self.named(id) else { panic!("the table has no row `{id}`") };
        let mut rows = self.rows.clone();
        let rule = &mut rows[usize::from(at)];
        edit(rule);
        let digest = fnv1a(self.digest, format!("{rule:?}").bytes());
        match compile::compile(&rows) {
            Ok(compiled) => Self { rows, compiled, digest },
            Err(errors) => panic!("row `{id}` was edited beyond use:\n{errors}"),
        }
    }

    /// The table as it binds whoever is held to a profile, in its words: where none of its documents speaks, every outcome is
    /// free; titles and certainties fit its closed form, and only its own documents are cited. The rows keep their ids.
    ///
    /// # Panics
    ///
    /// Panics if the rows cannot be compiled, which a test rules out.
    #[must_use]
    pub fn under(&self, profile: &Profile) -> Self {
        let rows =
            self.rows.iter().zip(0..).map(|(rule, n)| self.read_by(rule, RuleId(n), profile)).collect::<Vec<_>>();
        let freed = self.rows.iter().any(|rule| !self.binds(rule, profile));
        let digest = if freed { fnv1a(self.digest, profile.name.bytes()) } else { self.digest };
        match compile::compile(&rows) {
            Ok(compiled) => Self { rows, compiled, digest },
            Err(errors) => panic!("`{}` makes the table unfit for use:\n{errors}", profile.name),
        }
    }

    /// A row as a profile reads it.
    fn read_by(&self, rule: &Rule, id: RuleId, profile: &Profile) -> Rule {
        let mut read = if self.binds(rule, profile) { rule.clone() } else { rule.freed() };
        read.sources.retain(|title| profile.follows(&[title]));
        let outcomes = self.outcomes(id, profile.readings());
        let closed = self.decide(id, &mut Closed(profile.readings().closed()));
        let (outlook, crm) = match self.binds(rule, profile) {
            true => (rule.then.outlook.map(|_| closed.outlook), rule.then.crm.map(|_| closed.crm)),
            false => (read.then.outlook, read.then.crm),
        };
        read.title = words::told(&read.template, outlook, crm);
        let own = (rule.then.outlook, rule.then.crm) == (outlook, crm) && outcomes.len() == 1;
        if !own || !self.binds(rule, profile) {
            read.certainty = Certainty::C;
        }
        read
    }

    /// Everything that a row can decide under what is left of the readings, each with the readings that lead to it first.
    pub fn outcomes(&self, row: RuleId, readings: Readings) -> Vec<(Readings, Decision)> {
        let alike = |a: &Decision, b: &Decision| {
            (a.outlook, a.crm, a.prompt, a.unlink) == (b.outlook, b.crm, b.prompt, b.unlink)
        };
        let mut outcomes: Vec<(Readings, Decision)> = Vec::new();
        let mut fork = Fork::new(readings);
        loop {
            let decision = self.decide(row, &mut fork);
            if !outcomes.iter().any(|(_, known)| alike(known, &decision)) {
                outcomes.push((fork.readings, decision));
            }
            if !fork.advance() {
                return outcomes;
            }
        }
    }

    /// Whether a row binds whoever is held to a profile: one of the profile's documents says it, or says what it extends. Of
    /// what no document says, and what extends nothing, its readings are all that there is.
    pub fn binds(&self, rule: &Rule, profile: &Profile) -> bool {
        let extended = || rule.extends.iter().filter_map(|id| self.rows.iter().find(|row| row.id == *id));
        profile.follows(&rule.sources)
            || extended().any(|row| self.binds(row, profile))
            || (rule.sources.is_empty() && rule.extends.is_empty())
    }

    /// A digest of the table, as sixteen hexadecimal digits: the same texts, the same digest, on every machine.
    pub fn version(&self) -> String {
        format!("{:016x}", self.digest)
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// The 64-bit digest FNV-1a.
fn fnv1a(start: u64, bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(start, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// The kinds of record that the table speaks of: those that can be tracked. A meeting request is saved as an
/// appointment.
pub const KINDS: [Kind; 9] = [
    Kind::Email,
    Kind::Contact,
    Kind::Appointment,
    Kind::RecurringAppointment,
    Kind::Task,
    Kind::PhoneCall,
    Kind::Letter,
    Kind::Fax,
    Kind::ServiceActivity,
];

/// One row of the table, with all that a report says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The id that verdicts cite: `D12`, or `D12-owner` where the row of the table is split.
    pub id: String,
    /// The row of the table that it is, or is a part of: `D12`.
    pub row: String,
    /// What it says, as a short sentence.
    pub title: String,
    /// The same, with a place for each outcome: `{crm}`, `{outlook:where}`, `{deletes}`.
    pub template: String,
    /// The kinds of record it is about.
    pub kinds: Vec<Kind>,
    /// What was done.
    pub triggers: Vec<Trigger>,
    /// Under which conditions.
    pub when: When,
    /// What becomes of the pair.
    pub then: Then,
    /// What becomes of it under other readings; the first that holds wins, else `then`.
    pub readings: Vec<Reading>,
    /// Whether the row replaces, where it applies, a part of what another row decides.
    pub overrides: bool,
    /// How sure the documents are.
    pub certainty: Certainty,
    /// The titles of the documents that say so; none where they are silent.
    pub sources: Vec<&'static str>,
    /// The ids of the rows that it extends to what they do not speak of: it binds wherever one of them does.
    pub extends: Vec<String>,
    /// A remark; may be empty.
    pub note: String,
    /// Why no plan can meet it, for a row that only makes the table total.
    pub unreachable: Option<String>,
    /// The statements of the fact base behind it.
    pub facts: Vec<String>,
}

impl Rule {
    /// Whether the row applies.
    pub fn applies(&self, situation: &Situation) -> bool {
        self.concerns(situation.kind, situation.trigger) && self.when.holds(situation)
    }

    /// The row where no document speaks: what was acted on changes, and anything may become of the rest. A row that
    /// overrides others frees what they delete and no more.
    fn freed(&self) -> Self {
        let free = |kept: Fate, trigger: Trigger| if self.triggers.contains(&trigger) { kept } else { Fate::Free };
        let then = if self.overrides {
            let free = |fate: Option<Fate>| fate.map(|_| Fate::Free);
            Then { outlook: free(self.then.outlook), crm: free(self.then.crm), ..self.then }
        } else {
            Then {
                outlook: Some(free(Fate::Deleted, Trigger::DeleteInOutlook)),
                crm: Some(if self.triggers.contains(&Trigger::LeaveFilter) {
                    Fate::Kept
                } else {
                    free(Fate::Deleted, Trigger::DeleteInCrm)
                }),
                prompt: self.triggers.contains(&Trigger::Untrack).then_some(Prompt::Free),
                unlink: None,
            }
        };
        Self { then, readings: Vec::new(), ..self.clone() }
    }

    fn concerns(&self, kind: Kind, trigger: Trigger) -> bool {
        self.kinds.contains(&kind.record()) && self.triggers.contains(&trigger)
    }

    /// The conditions in words, such as `current, owner or organizer`; empty where there are none. That the pair is
    /// tracked goes without saying.
    pub fn conditions(&self) -> String {
        self.when.words()
    }

    /// Every switch that its readings name, each once.
    pub fn switches(&self) -> Vec<Switch> {
        let mut switches: Vec<_> =
            self.readings.iter().flat_map(|reading| &reading.switches).map(|&(switch, _)| switch).collect();
        switches.sort_unstable();
        switches.dedup();
        switches
    }
}

/// The conditions of a row. All that are given must hold; an absent one does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// Whether the pair is tracked. In the files this is true unless they say otherwise.
    pub tracked: Option<bool>,
    /// Whether the item is current.
    pub current: Option<bool>,
    /// Whether the item is current and the user owns the record.
    pub current_and_owner: Option<bool>,
    /// Whether the user owns the record.
    pub owner: Option<bool>,
    /// Whether the user organized the appointment.
    pub organizer: Option<bool>,
    /// Whether the user owns the record, organized the appointment, or both.
    pub owner_or_organizer: Option<bool>,
    /// Whether the item is neither completed nor cancelled.
    pub open: Option<bool>,
    /// Whether the user may delete records in CRM.
    pub privileged: Option<bool>,
    /// Whether it is one occurrence of a series.
    pub occurrence: Option<bool>,
    /// How the prompt was answered; empty where it does not matter.
    pub reply: Vec<Reply>,
}

impl When {
    /// Whether all that is asked for holds.
    pub fn holds(&self, situation: &Situation) -> bool {
        let Situation { tracked, owner, organizer, current, open, privileged, occurrence, .. } = *situation;
        let conditions = [
            (self.tracked, tracked),
            (self.current, current),
            (self.current_and_owner, current && owner),
            (self.owner, owner),
            (self.organizer, organizer),
            (self.owner_or_organizer, owner || organizer),
            (self.open, open),
            (self.privileged, privileged),
            (self.occurrence, occurrence),
        ];
        conditions.iter().all(|(asked, is)| asked.is_none_or(|asked| asked == *is))
            && (self.reply.is_empty() || self.reply.contains(&situation.reply))
    }

    fn words(&self) -> String {
        let conditions = [
            (self.tracked.filter(|tracked| !tracked), "", "untracked"),
            (self.current, "current", "not current"),
            (self.current_and_owner, "current and owner", "not current and owner at once"),
            (self.owner, "owner", "not owner"),
            (self.organizer, "organizer", "not organizer"),
            (self.owner_or_organizer, "owner or organizer", "neither owner nor organizer"),
            (self.open, "open", "not open"),
            (self.privileged, "may delete in CRM", "may not delete in CRM"),
            (self.occurrence, "one occurrence", "not an occurrence"),
        ];
        let mut words = String::new();
        for (asked, yes, no) in conditions {
            if let Some(asked) = asked {
                push(&mut words, ", ", if asked { yes } else { no });
            }
        }
        for (n, reply) in self.reply.iter().enumerate() {
            push(&mut words, if n == 0 { ", " } else { " or " }, reply.words());
        }
        words
    }
}

fn push(words: &mut String, separator: &str, word: &str) {
    if !words.is_empty() {
        words.push_str(separator);
    }
    words.push_str(word);
}

/// What becomes of a pair. In a reading, what is absent stays as the row has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Then {
    /// What becomes of the user's Outlook copy.
    pub outlook: Option<Fate>,
    /// What becomes of the record.
    pub crm: Option<Fate>,
    /// Whether the user is asked; absent means no.
    pub prompt: Option<Prompt>,
    /// Whether the row itself cuts the link; absent means no.
    pub unlink: Option<bool>,
}

/// Another outcome, under certain readings of the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The switches and the readings of each under which it holds, in the order in which they are asked. All must hold.
    pub switches: Vec<(Switch, Values)>,
    /// What is different then.
    pub then: Then,
}

impl Reading {
    /// The readings in words, such as `appt_outlook_delete_guard = none`.
    pub fn words(&self) -> String {
        let mut words = String::new();
        for &(switch, values) in &self.switches {
            let names: Vec<_> = values.names(switch).collect();
            push(&mut words, ", ", switch.info().name);
            // Writing to a string cannot fail.
            let _ = write!(words, " = {}", names.join(" or "));
        }
        words
    }
}

/// How sure the documents are of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// All documents agree.
    A,
    /// Implied, by contrast or by the question asked.
    B,
    /// Ambiguous, or left to the profile.
    C,
}

impl Certainty {
    /// The letter.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }

    /// What the letter stands for.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::A => "all documents agree",
            Self::B => "implied, by contrast or by the question asked",
            Self::C => "ambiguous, or left to the profile",
        }
    }
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

    fn words(self) -> &'static str {
        match self {
            Self::Yes => "answer Yes",
            Self::No => "answer No",
            Self::Unasked => "not asked",
            Self::NoClient => "no client to ask",
        }
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
    /// Whether the item is current.
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

    /// How many of them share the kind and the trigger.
    const CHUNK: usize = 1 << 9;

    /// Every situation of the kinds that the table speaks of.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).filter_map(Self::at).filter(|situation| KINDS.contains(&situation.kind))
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
}

/// What the table says about a situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The row to cite: an index into [`Rules::rows`].
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

/// A row of the table: an index into [`Rules::rows`], or past it for a row as it binds a user without the privilege.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u8);
