//! The shape of a table, and its rows: which facts its question asks for and which outcomes it can have; under which
//! conditions a row applies, what it decides, and on what that rests.

use std::fmt::Write;

use crate::readings::switches::{Switch, Values};

/// The most outcomes of a table.
pub const EFFECTS: usize = 4;

/// The shape of a table. It is all that reading, proving and compiling a table need to know of it.
#[derive(Debug)]
pub struct Form {
    /// The name on the command line and of the folder of its rows.
    pub name: &'static str,
    /// The question that it answers, in one line.
    pub title: &'static str,
    /// What users do that asks it, in few words.
    pub asked: &'static str,
    /// The facts that it asks for, in the order in which conditions are told. Those that head a row stand first.
    pub columns: &'static [FactColumn],
    /// What it decides, at most [`EFFECTS`].
    pub effects: &'static [OutcomeColumn],
    /// How many indices there are: a power of two.
    pub indices: usize,
    /// How many of them, next to each other, share the columns that head a row: a power of two.
    pub chunk: usize,
    /// The facts by which the situations of a row are told apart when they are counted: the first bit of them in an index,
    /// and how many there are, at most six. They stand next to each other.
    pub counted: [u32; 2],
    /// What is decided where no row applies, given what heads a row as any index of its chunk: which row is cited, and what
    /// becomes of each effect.
    pub undecided: fn(&[Rule], usize) -> (usize, Answers),
    /// What is left of a row that binds nobody, for none of the documents that somebody follows speaks of it; where this is
    /// absent, the row stands all the same.
    pub freed: Option<fn(&Rule) -> Then>,
    /// What is seen of an outcome in the situation of an index, with the first value for what is not; nothing where it is
    /// never asked for.
    pub seen: fn(usize, Answers) -> Option<Answers>,
    /// The words for a place of a title, `{place}`, that fit an outcome; where this is absent, those of the effect of that name.
    pub tells: Option<fn(&str, &Then) -> String>,
}

/// A fact that a question asks for.
#[derive(Debug)]
pub struct FactColumn {
    /// The name in the files.
    pub name: &'static str,
    /// The names of its values. Those of a truth are [`TRUTH`], and are written `false` and `true`.
    pub values: &'static [&'static str],
    /// What a condition on each value is told as; nothing at all where the column heads a row, and nothing for a value
    /// that goes without saying.
    pub words: &'static [&'static str],
    /// Where it is found.
    pub at: FactPlace,
    /// The values that a row means where it names none, as bits; every one where this is absent.
    pub usual: Option<u16>,
    /// The values, as bits, that whoever ignores the fact takes for one another; every one where this is absent.
    pub alike: Option<u16>,
}

/// Where a fact is found in the index of a situation.
#[derive(Debug)]
pub enum FactPlace {
    /// In the bits from this one on; and which value of the column the rows speak of where this one is met.
    Bits(u32, fn(u8) -> Option<u8>),
    /// It holds where all of these columns do.
    All(&'static [&'static str]),
    /// It holds where any of these columns does.
    Any(&'static [&'static str]),
}

/// The values of a truth.
pub const TRUTH: &[&str] = &["no", "yes"];

/// What a table decides of one thing.
#[derive(Debug)]
pub struct OutcomeColumn {
    /// The name in the files.
    pub name: &'static str,
    /// The names of its values, the first the one that holds where a row names none.
    pub values: &'static [&'static str],
    /// The words for its values, as they fit a title at `{name}`; `_` stands for what a title says behind a colon, as in
    /// `{name:there}`.
    pub words: &'static [&'static str],
    /// Whether a row must say it.
    pub required: bool,
}

/// What becomes of each effect, as numbers of values.
pub type Answers = [u8; EFFECTS];

impl Form {
    /// A table whose rows stand in every profile, whose outcomes are all seen, and that is asked of nothing that no row
    /// decides.
    pub const fn plain(
        name: &'static str,
        title: &'static str,
        asked: &'static str,
        columns: &'static [FactColumn],
        effects: &'static [OutcomeColumn],
        bits: [u32; 2],
    ) -> Self {
        Self {
            name,
            title,
            asked,
            columns,
            effects,
            indices: 1 << bits[0],
            chunk: 1 << bits[1],
            counted: [0, bits[1]],
            undecided: |_, _| (0, [0; EFFECTS]),
            freed: None,
            seen: |_, outcome| Some(outcome),
            tells: None,
        }
    }

    /// This table, of whose outcomes not all are seen.
    pub const fn seen_as(self, seen: fn(usize, Answers) -> Option<Answers>) -> Self {
        Self { seen, ..self }
    }
}

impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Form {}

impl FactColumn {
    /// A fact with these values, in the bits from this one on, that heads a row.
    pub const fn heading(name: &'static str, values: &'static [&'static str], bit: u32) -> Self {
        Self { name, values, words: &[], at: FactPlace::Bits(bit, Some), usual: None, alike: None }
    }

    /// A fact with these values, in the bits from this one on, and the words for a condition on each.
    pub const fn of(
        name: &'static str,
        values: &'static [&'static str],
        words: &'static [&'static str],
        bit: u32,
    ) -> Self {
        Self { name, values, words, at: FactPlace::Bits(bit, Some), usual: None, alike: None }
    }

    /// A truth at this bit, and the words for a condition that it does not hold, or does.
    pub const fn truth(name: &'static str, words: &'static [&'static str; 2], bit: u32) -> Self {
        Self { name, values: TRUTH, words, at: FactPlace::Bits(bit, Some), usual: None, alike: None }
    }

    /// A truth made of others.
    pub const fn made(name: &'static str, words: &'static [&'static str; 2], at: FactPlace) -> Self {
        Self { name, values: TRUTH, words, at, usual: None, alike: None }
    }

    /// Whether it heads a row, so that it is told apart from the conditions.
    pub fn heads(&self) -> bool {
        self.words.is_empty()
    }

    /// Every value, as bits.
    pub fn all(&self) -> u16 {
        ((1u32 << self.values.len()) - 1) as u16
    }

    /// The value of that name, or of that truth.
    pub fn value(&self, name: &str) -> Option<u8> {
        self.values.iter().position(|value| *value == name).and_then(|at| u8::try_from(at).ok())
    }

    /// How many bits of an index it takes.
    fn width(&self) -> u32 {
        usize::BITS - (self.values.len() - 1).leading_zeros()
    }
}

impl OutcomeColumn {
    /// What must be said in each row, with the words for its values.
    pub const fn required(name: &'static str, values: &'static [&'static str], words: &'static [&'static str]) -> Self {
        Self { name, values, words, required: true }
    }

    /// The number of its value that leaves everything open.
    pub fn free(&self) -> Option<u8> {
        self.value("free")
    }

    /// The value of that name.
    pub fn value(&self, name: &str) -> Option<u8> {
        self.values.iter().position(|value| *value == name).and_then(|at| u8::try_from(at).ok())
    }
}

impl Form {
    /// The number of the column of that name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The value of a column at an index; none where no row can speak of it.
    pub fn value(&self, column: usize, index: usize) -> Option<u8> {
        let holds = |name: &&str| self.column(name).and_then(|column| self.value(column, index)) == Some(1);
        let column = &self.columns[column];
        match column.at {
            FactPlace::Bits(bit, spoken) => {
                let value = (index >> bit & ((1 << column.width()) - 1)) as u8;
                if usize::from(value) < column.values.len() { spoken(value) } else { None }
            }
            FactPlace::All(others) => Some(u8::from(others.iter().all(holds))),
            FactPlace::Any(others) => Some(u8::from(others.iter().any(holds))),
        }
    }

    /// Every index of a situation that the rows speak of as it is.
    pub fn spoken(&self) -> impl Iterator<Item = usize> {
        (0..self.indices).filter(|&index| {
            self.columns.iter().all(|column| match column.at {
                FactPlace::Bits(bit, spoken) => {
                    let value = (index >> bit & ((1 << column.width()) - 1)) as u8;
                    usize::from(value) < column.values.len() && spoken(value) == Some(value)
                }
                FactPlace::All(_) | FactPlace::Any(_) => true,
            })
        })
    }

    /// The index of a situation, given as values by the numbers of their columns; what is not given is the first value.
    pub fn index(&self, values: impl IntoIterator<Item = (usize, u8)>) -> usize {
        values.into_iter().fold(0, |index, (column, value)| match self.columns[column].at {
            FactPlace::Bits(bit, _) => index | usize::from(value) << bit,
            FactPlace::All(_) | FactPlace::Any(_) => index,
        })
    }

    /// The number of the situation of an index among those that are counted of its row: the facts of [`Form::counted`].
    #[inline(always)]
    pub const fn situation(&self, index: usize) -> u8 {
        (index >> self.counted[0] & ((1 << self.counted[1]) - 1)) as u8
    }

    /// How many situations of a row are told apart by number, whether they exist or not.
    pub const fn situations(&self) -> usize {
        1 << self.counted[1]
    }

    /// The facts by which situations are told apart: each with the first of its bits in the number of a situation, and how
    /// many bits it has.
    pub fn counted_facts(&self) -> impl Iterator<Item = (&FactColumn, u32, u32)> {
        let [first, bits] = self.counted;
        self.columns.iter().filter_map(move |column| match column.at {
            FactPlace::Bits(bit, _) if (first..first + bits).contains(&bit) => {
                Some((column, bit - first, column.width()))
            }
            FactPlace::Bits(..) | FactPlace::All(_) | FactPlace::Any(_) => None,
        })
    }

    /// A situation in words, column by column.
    pub fn words(&self, index: usize) -> String {
        let told = self.columns.iter().enumerate().filter(|(_, column)| matches!(column.at, FactPlace::Bits(..)));
        let told = told.filter_map(|(at, column)| {
            let value = self.value(at, index)?;
            Some(format!("{} = {}", column.name, column.values[usize::from(value)]))
        });
        told.collect::<Vec<_>>().join(", ")
    }

    /// The words for a place of a title that fit an outcome.
    pub fn tell(&self, place: &str, then: &Then) -> String {
        if let Some(tells) = self.tells {
            return tells(place, then);
        }
        let (name, rest) = place.split_once(':').unwrap_or((place, ""));
        let Some(at) = self.effects.iter().position(|effect| effect.name == name) else { return String::new() };
        let word = self.effects[at].words.get(usize::from(then.0[at].unwrap_or_default()));
        word.map_or_else(String::new, |word| word.replace('_', rest))
    }

    /// What is decided by a row that leaves nothing open, for what it does not name the first value.
    pub fn outcome(&self, base: &Then, then: &Then) -> Answers {
        let mut outcome = [0; EFFECTS];
        for (at, value) in outcome.iter_mut().enumerate() {
            *value = then.0[at].or(base.0[at]).unwrap_or(0);
        }
        outcome
    }
}

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
