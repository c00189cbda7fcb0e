//! A row of a table: under which conditions it applies, what it decides, and on what that rests.

use std::fmt::Write;

use super::form::{EFFECTS, Form};
use crate::switches::{Switch, Values};

/// One row of a table, with all that a report says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The id that verdicts cite: `D12`, or `D12-owner` where the row of the table is split.
    pub id: String,
    /// The row of the table that it is, or is a part of: `D12`.
    pub row: String,
    /// What it says, as a short sentence.
    pub title: String,
    /// The sentence, with a place for each outcome, as the form of the table tells it.
    pub template: String,
    /// Under which conditions it applies.
    pub when: When,
    /// What it decides.
    pub then: Then,
    /// What it decides under other readings; the first that holds wins, else `then`.
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
    /// The shape of its table.
    pub fn form(&self) -> &'static Form {
        self.when.form
    }

    /// Whether the row applies to the situation of an index.
    pub fn applies(&self, index: usize) -> bool {
        self.when.holds(index)
    }

    /// The conditions in words, such as `current, owner or organizer`; empty where there are none. What heads the row goes
    /// without saying.
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

/// The conditions of a row: for each column the values, as bits, of which one must be met; an absent one does not matter.
#[derive(Clone, PartialEq, Eq)]
pub struct When {
    form: &'static Form,
    masks: Vec<Option<u16>>,
}

impl std::fmt::Debug for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("When").field(&self.masks).finish()
    }
}

impl When {
    /// No condition at all.
    pub fn none(form: &'static Form) -> Self {
        Self { form, masks: vec![None; form.columns.len()] }
    }

    /// The values asked for of the column of that name.
    ///
    /// # Panics
    ///
    /// Panics if the table has no such column.
    pub fn of(&mut self, column: &str) -> &mut Option<u16> {
        match self.form.column(column) {
            Some(column) => &mut self.masks[column],
            None => panic!("the table `{}` has no column `{column}`", self.form.name),
        }
    }

    /// The values asked for of each column, by its number.
    pub fn masks(&self) -> &[Option<u16>] {
        &self.masks
    }

    /// The values asked for of the column of that name; every one where it does not matter.
    pub fn values(&self, column: &str) -> impl Iterator<Item = &'static str> {
        let of = self.form.column(column).map(|at| (&self.form.columns[at], self.masks[at]));
        of.into_iter().flat_map(|(column, mask)| {
            let asked = mask.unwrap_or_else(|| column.all());
            column.values.iter().enumerate().filter(move |(n, _)| asked >> n & 1 != 0).map(|(_, value)| *value)
        })
    }

    /// Whether all that is asked for holds.
    pub fn holds(&self, index: usize) -> bool {
        self.masks.iter().enumerate().all(|(column, asked)| {
            asked.is_none_or(|asked| self.form.value(column, index).is_some_and(|value| asked >> value & 1 != 0))
        })
    }

    fn words(&self) -> String {
        let mut words = String::new();
        for (column, asked) in self.form.columns.iter().zip(&self.masks).filter(|(column, _)| !column.heads()) {
            let Some(asked) = *asked else { continue };
            let told = column.words.iter().enumerate().filter(|(n, word)| asked >> n & 1 != 0 && !word.is_empty());
            for (n, (_, word)) in told.enumerate() {
                push(&mut words, if n == 0 { ", " } else { " or " }, word);
            }
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

/// What a row decides, as numbers of values by the numbers of their effects. In a reading, what is absent stays as the row
/// has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Then(pub [Option<u8>; EFFECTS]);

impl Then {
    /// What is said here, and what the other says of the rest.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut both = self;
        for (own, other) in both.0.iter_mut().zip(other.0) {
            *own = own.or(other);
        }
        both
    }
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
    /// Every certainty.
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::C];

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
