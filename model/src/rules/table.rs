//! A table of rules: a question with named facts, and rows that answer each situation exactly once.
//!
//! The rows stand in `model/rules/<table>/*.toml`. A [`Question`] gives the table its [`Form`], and types to its situations
//! and decisions; all that reads, proves, compiles, edits and tells rows is written once, against the form.

pub mod form;
mod compile;
mod errors;
mod named;
mod read;
pub(super) mod values;

use std::marker::PhantomData;

use crate::readings::decide::{Closed, Decide, Fork};
use crate::readings::profiles::Profile;
use crate::readings::switches::{Readings, Values};

use super::followed::FollowedRow;
use super::ids::{RuleId, TableId};
use compile::{Compiled, UNDER};
use form::{Answers, Form};

pub use errors::{RuleError, RuleErrors};
pub use form::{Certainty, Reading, Rule, Then, When};
pub(crate) use named::switch;
pub(crate) use read::titles;
#[cfg(test)]
pub(crate) use read::told;

/// A question that a table answers.
pub trait Question {
    /// Everything that an answer can depend on.
    type Situation: Copy;
    /// An answer.
    type Decision;
    /// The name of its table in ids.
    const TABLE: TableId;
    /// The shape of its table.
    const FORM: &'static Form;

    /// The index of a situation, below [`Form::indices`].
    fn index(situation: &Self::Situation) -> usize;

    /// An answer, from the row to cite and the numbers of the values.
    fn decision(rule: RuleId, outcome: Answers) -> Self::Decision;
}

/// The rows that answer a question, and a dense index of the situations that each decides.
#[derive(Clone, Debug)]
pub struct Table<Q> {
    rows: Rows,
    question: PhantomData<fn() -> Q>,
}

impl<Q: Question> Table<Q> {
    /// Reads a table from files, given as names and texts.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the files, with the id of the row; and once each row is sound by itself, every
    /// group of situations that no row decides, or more than one.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, RuleErrors> {
        let rows = read::rows(Q::FORM, files)?;
        let compiled = compile::check(Q::FORM, &rows).and_then(|()| compile::compile(Q::FORM, &rows))?;
        Ok(Self::of(Rows { table: Q::TABLE, form: Q::FORM, rows, compiled }))
    }

    pub(super) fn of(rows: Rows) -> Self {
        Self { rows, question: PhantomData }
    }

    /// The rows, whatever the question is.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// What decides the situation. For one in which a row restrains another it is an id of its own, past those of the rows;
    /// [`Rows::rule`] finds the text of either.
    #[inline(always)]
    pub fn row(&self, situation: &Q::Situation) -> RuleId {
        self.rows.row(Q::index(situation))
    }

    /// A number that two ids share exactly if they decide alike under every reading: where the classes agree, a question
    /// that would choose between the two cannot matter.
    #[inline(always)]
    pub fn class(&self, row: RuleId) -> u8 {
        self.rows.compiled.heads[usize::from(row.row)].class
    }

    /// What a row decides. Asks for a reading only where it changes the outcome. The rule of the decision is always one of
    /// the rows.
    #[inline]
    pub fn decide(&self, row: RuleId, decide: &mut impl Decide) -> Q::Decision {
        let (rule, outcome) = self.rows.decide(row, decide);
        Q::decision(rule, outcome)
    }

    /// Under which readings the row of a situation decides by a value of the first thing that the table decides, where the row
    /// turns on one switch.
    #[inline(always)]
    pub fn under(&self, situation: &Q::Situation, value: u8) -> Values {
        let id = self.rows.row(Q::index(situation));
        self.rows.compiled.under[usize::from(id.row)][usize::from(value) % UNDER]
    }

    /// Tells whoever decides that the row of a situation was followed, by a way of its own ([`Table::under`]).
    #[inline]
    pub fn follow(&self, situation: &Q::Situation, decide: &mut impl Decide) {
        let index = Q::index(situation);
        decide.follow(FollowedRow { rule: self.rows.row(index), situation: Q::FORM.situation(index) });
    }

    /// What is decided in a situation. Whoever decides is told which row was followed.
    #[inline]
    pub fn ask(&self, situation: &Q::Situation, decide: &mut impl Decide) -> Q::Decision {
        let index = Q::index(situation);
        let (rule, outcome) = self.rows.decide(self.rows.row(index), decide);
        decide.follow(FollowedRow { rule, situation: Q::FORM.situation(index) });
        Q::decision(rule, outcome)
    }

    /// The number of a situation among those that are counted of its row.
    #[inline(always)]
    pub fn situation(&self, situation: &Q::Situation) -> u8 {
        Q::FORM.situation(Q::index(situation))
    }

    /// Everything that a row can decide under what is left of the readings, each with the readings that lead to it first.
    pub fn outcomes(&self, row: RuleId, readings: Readings) -> Vec<(Readings, Q::Decision)> {
        let outcomes = self.rows.outcomes(row, readings).into_iter();
        outcomes.map(|(readings, rule, outcome)| (readings, Q::decision(rule, outcome))).collect()
    }
}

/// The rows of a table, whatever its question is.
#[derive(Clone, Debug)]
pub struct Rows {
    table: TableId,
    form: &'static Form,
    rows: Vec<Rule>,
    compiled: Compiled,
}

impl Rows {
    /// The table that they are of.
    pub fn table(&self) -> TableId {
        self.table
    }

    /// The shape of the table.
    pub fn form(&self) -> &'static Form {
        self.form
    }

    /// The rows, in the order of the table.
    pub fn all(&self) -> &[Rule] {
        &self.rows
    }

    /// The rows with their ids, in the order of the table.
    pub fn ids(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.rows.iter().zip(0..).map(|(rule, row)| (RuleId { table: self.table, row }, rule))
    }

    /// The row of that id.
    pub fn named(&self, id: &str) -> Option<RuleId> {
        self.ids().find(|(_, rule)| rule.id == id).map(|(at, _)| at)
    }

    /// The text of a row, whichever way its id was found.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rows[usize::from(self.compiled.heads[usize::from(id.row)].row)]
    }

    /// What decides the situation of an index.
    #[inline(always)]
    pub fn row(&self, index: usize) -> RuleId {
        RuleId { table: self.table, row: self.compiled.table[index] }
    }

    /// What a row decides: the row to cite, and the numbers of the values.
    #[inline]
    pub fn decide(&self, row: RuleId, decide: &mut impl Decide) -> (RuleId, Answers) {
        let head = &self.compiled.heads[usize::from(row.row)];
        let readings = &self.compiled.readings[usize::from(head.first)..usize::from(head.end)];
        let mut decided = &head.base;
        for reading in readings {
            if reading.questions().iter().all(|&(switch, values)| decide.holds(switch, values)) {
                decided = &reading.decided;
                break;
            }
        }
        (RuleId { table: self.table, row: decided.row }, decided.outcome)
    }

    /// Everything that a row can decide under what is left of the readings, each with the readings that lead to it first.
    pub fn outcomes(&self, row: RuleId, readings: Readings) -> Vec<(Readings, RuleId, Answers)> {
        let mut outcomes: Vec<(Readings, RuleId, Answers)> = Vec::new();
        let mut fork = Fork::new(readings);
        loop {
            let (rule, outcome) = self.decide(row, &mut fork);
            if !outcomes.iter().any(|(_, _, known)| *known == outcome) {
                outcomes.push((fork.readings, rule, outcome));
            }
            if !fork.advance() {
                return outcomes;
            }
        }
    }

    /// How many situations of each row are told apart, in the order of the table. A row of what is never asked for has one.
    pub fn situations(&self) -> Vec<usize> {
        self.counted().into_iter().map(|counted| counted.count_ones().max(1) as usize).collect()
    }

    /// The situations of each row, a bit for each by its number: combinations of the facts that are counted, as far as the row
    /// decides them and they are seen.
    pub fn counted(&self) -> Vec<u64> {
        let Compiled { heads, readings, .. } = &self.compiled;
        let mut met = vec![0_u64; self.rows.len()];
        for index in self.form.spoken().filter(|&index| (self.form.seen)(index, [0; form::EFFECTS]).is_some()) {
            let head = &heads[usize::from(self.row(index).row)];
            let other = &readings[usize::from(head.first)..usize::from(head.end)];
            for decided in std::iter::once(&head.base).chain(other.iter().map(|reading| &reading.decided)) {
                met[usize::from(decided.row)] |= 1 << self.form.situation(index);
            }
        }
        met
    }

    /// The table with one row edited, for implementations with something wrong. Where rows overlap afterwards the first
    /// in the order of the table decides; where none is left, only the side that was acted on changes.
    pub(super) fn edited(&self, at: RuleId, edit: impl FnOnce(&mut Rule)) -> Self {
        let mut rows = self.rows.clone();
        let rule = &mut rows[usize::from(at.row)];
        edit(rule);
        let id = rule.id.clone();
        match compile::compile(self.form, &rows) {
            Ok(compiled) => Self { rows, compiled, ..*self },
            Err(errors) => panic!("row `{id}` was edited beyond use:\n{errors}"),
        }
    }

    /// The table as it binds whoever is held to a profile, in its words.
    pub(crate) fn under(&self, profile: &Profile) -> Self {
        let rows = self.ids().map(|(id, rule)| self.read_by(rule, id, profile)).collect::<Vec<_>>();
        match compile::compile(self.form, &rows) {
            Ok(compiled) => Self { rows, compiled, ..*self },
            Err(errors) => panic!("`{}` makes the table unfit for use:\n{errors}", profile.name),
        }
    }

    /// A row as a profile reads it.
    fn read_by(&self, rule: &Rule, id: RuleId, profile: &Profile) -> Rule {
        let binds = self.binds(rule, profile);
        let mut read = match self.form.freed {
            Some(freed) if !binds => Rule { then: freed(rule), readings: Vec::new(), ..rule.clone() },
            Some(_) | None => rule.clone(),
        };
        read.sources.retain(|title| profile.follows(&[title]));
        let outcomes = self.outcomes(id, profile.readings());
        let (_, closed) = self.decide(id, &mut Closed(profile.readings().closed()));
        let mut told = read.then;
        if binds || self.form.freed.is_none() {
            for (told, closed) in told.0.iter_mut().zip(closed) {
                *told = told.map(|_| closed);
            }
        }
        read.title = read::told(self.form, &read.template, &told);
        // What a row must say is what its title says.
        let essential = |then: &Then| {
            let effects = self.form.effects.iter().zip(then.0).filter(|(effect, _)| effect.required);
            effects.map(|(_, value)| value).collect::<Vec<_>>()
        };
        let own = essential(&rule.then) == essential(&told) && outcomes.len() == 1;
        if !own || !binds {
            read.certainty = Certainty::C;
        }
        read
    }

    /// Whether a row binds whoever is held to a profile: one of the profile's documents says it, or says what it extends. Of
    /// what no document says, and what extends nothing, its readings are all that there is.
    pub fn binds(&self, rule: &Rule, profile: &Profile) -> bool {
        let extended = || rule.extends.iter().filter_map(|id| self.rows.iter().find(|row| row.id == *id));
        profile.follows(&rule.sources)
            || extended().any(|row| self.binds(row, profile))
            || (rule.sources.is_empty() && rule.extends.is_empty())
    }
}
