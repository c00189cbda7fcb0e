//! From rows to a dense index of situations, and the demand that each situation has exactly one row.

use std::collections::{BTreeMap, BTreeSet};

use super::errors::{RuleError, RuleErrors};
use super::form::{Answers, EFFECTS, FactPlace, Form, Rule, Then};
use crate::readings::switches::{Readings, Switch, Values};

/// The most switches that one reading may name. Four: whether it is an appointment at all, which guard, and how strictly
/// that is meant, and one to spare.
const MAX_QUESTIONS: usize = 4;

/// A look-up of a situation gives an id; its head says where its readings lie and what holds when none of them does.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) table: Box<[u8]>,
    pub(super) heads: Vec<Head>,
    pub(super) readings: Vec<CompiledReading>,
    /// For each id, under which readings the first thing that is decided has each of its values, where the id turns on one
    /// switch at most.
    pub(super) under: Vec<[Values; UNDER]>,
}

/// How many values of the first thing that is decided [`Compiled::under`] tells apart.
pub(super) const UNDER: usize = 4;

/// What is decided, and the row to cite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DecidedRow {
    pub(super) row: u8,
    pub(super) outcome: Answers,
}

/// What one id decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) base: DecidedRow,
    /// The row that the id stands for, by itself or restrained by another.
    pub(super) row: u8,
    pub(super) class: u8,
    /// Its readings, as a range of [`Compiled::readings`].
    pub(super) first: u16,
    pub(super) end: u16,
}

/// A reading, with its switches in place so that a decision follows no pointer.
#[derive(Clone, Copy, Debug)]
pub(super) struct CompiledReading {
    questions: [(Switch, Values); MAX_QUESTIONS],
    count: u8,
    pub(super) decided: DecidedRow,
}

impl CompiledReading {
    #[inline(always)]
    pub(super) fn questions(&self) -> &[(Switch, Values)] {
        &self.questions[..usize::from(self.count)]
    }
}

/// The outcomes of one id, before they are laid out flat.
#[derive(Clone, PartialEq, Eq)]
struct Outcomes {
    row: u8,
    base: DecidedRow,
    readings: Vec<(Vec<(Switch, Values)>, DecidedRow)>,
}

impl Outcomes {
    fn of(rule: &Rule, row: u8) -> Self {
        let outcome = |base: &Then, then: &Then| DecidedRow { row, outcome: rule.form().outcome(base, then) };
        let base = outcome(&Then::default(), &rule.then);
        let readings = rule.readings.iter();
        let readings = readings.map(|reading| (reading.switches.clone(), outcome(&rule.then, &reading.then)));
        Self { row, base, readings: readings.collect() }.trimmed()
    }

    /// These outcomes where an overriding row replaces a part of them. It is cited where that changes anything.
    fn restrained(&self, form: &Form, row: u8, then: Then) -> Self {
        let restrain = |decided: DecidedRow| {
            let mut outcome = decided.outcome;
            for (at, effect) in form.effects.iter().enumerate() {
                // Where nothing demands the restraint, what would go may stay; what stays is not given up for it.
                outcome[at] = match then.0[at] {
                    Some(to) if effect.free() != Some(to) || outcome[at] != 0 => to,
                    Some(_) | None => outcome[at],
                };
            }
            if outcome == decided.outcome { decided } else { DecidedRow { row, outcome } }
        };
        let readings = self.readings.iter().map(|(switches, decided)| (switches.clone(), restrain(*decided)));
        Self { row: self.row, base: restrain(self.base), readings: readings.collect() }.trimmed()
    }

    /// Without the last readings that decide nothing else than the base, so that nobody asks for them.
    fn trimmed(mut self) -> Self {
        while self.readings.last().is_some_and(|(_, decided)| decided.outcome == self.base.outcome) {
            self.readings.pop();
        }
        self
    }

    /// What is decided under each combination of readings, whichever rows are cited and in whichever order the switches
    /// are asked: two outcomes of one class cannot be told apart.
    fn class(&self) -> Class {
        let named = self.readings.iter().flat_map(|(switches, _)| switches);
        let named: BTreeSet<Switch> = named.map(|&(switch, _)| switch).collect();
        let matters = |&switch: &Switch| {
            let others: Vec<_> = named.iter().copied().filter(|&other| other != switch).collect();
            combinations(&others).into_iter().any(|readings| {
                let outcome = |value| self.decide(readings.narrowed(switch, value));
                switch.each().any(|value| outcome(value) != outcome(Values::FIRST))
            })
        };
        let (essential, idle): (Vec<Switch>, Vec<Switch>) = named.iter().partition(|switch| matters(switch));
        let combinations = combinations(&essential).into_iter();
        let combinations = combinations
            .map(|readings| idle.iter().fold(readings, |readings, &switch| readings.narrowed(switch, Values::FIRST)));
        let outcomes = combinations.map(|readings| self.decide(readings)).collect();
        Class { essential, outcomes }
    }

    /// Under which readings of its one switch the first thing that is decided has each value; nothing where there are several.
    fn under(&self) -> [Values; UNDER] {
        let mut under = [Values(0); UNDER];
        let mut named = self.readings.iter().flat_map(|(switches, _)| switches).map(|&(switch, _)| switch);
        match named.next() {
            None => under[usize::from(self.base.outcome[0]) % UNDER] = Values(u8::MAX),
            Some(switch) if named.all(|other| other == switch) => {
                for value in switch.each() {
                    let outcome = self.decide(Readings::OPEN.narrowed(switch, value))[0];
                    under[usize::from(outcome) % UNDER].0 |= value.0;
                }
            }
            Some(_) => {}
        }
        under
    }

    /// What is decided where one reading is left of each switch that is named.
    fn decide(&self, readings: Readings) -> Answers {
        let holds = |&(switch, values): &(Switch, Values)| readings.of(switch).0 & values.0 != 0;
        let reading = self.readings.iter().find(|(switches, _)| switches.iter().all(holds));
        reading.map_or(self.base.outcome, |(_, decided)| decided.outcome)
    }
}

/// What an id decides, as the table of a function of the switches that matter to it.
#[derive(PartialEq, Eq)]
struct Class {
    essential: Vec<Switch>,
    outcomes: Vec<Answers>,
}

/// Every combination of one reading each.
fn combinations(switches: &[Switch]) -> Vec<Readings> {
    switches.iter().fold(vec![Readings::OPEN], |combinations, &switch| {
        let narrowed = |readings: Readings| switch.each().map(move |value| readings.narrowed(switch, value));
        combinations.into_iter().flat_map(narrowed).collect()
    })
}

/// A condition of a row, as a test of an index.
enum Test {
    Bits { bit: u32, width: usize, asked: u16 },
    All { bits: usize, asked: u16 },
    Any { bits: usize, asked: u16 },
}

impl Test {
    #[inline(always)]
    fn holds(&self, index: usize) -> bool {
        match *self {
            Self::Bits { bit, width, asked } => asked >> (index >> bit & width) & 1 != 0,
            Self::All { bits, asked } => asked >> u8::from(index & bits == bits) & 1 != 0,
            Self::Any { bits, asked } => asked >> u8::from(index & bits != 0) & 1 != 0,
        }
    }
}

/// The rows of a table, ready to be asked of every index in turn.
struct AskedRows<'a> {
    form: &'static Form,
    rows: &'a [Rule],
    /// Their conditions but for what heads them, which a chunk has in common.
    tests: Vec<Vec<Test>>,
}

impl<'a> AskedRows<'a> {
    fn new(form: &'static Form, rows: &'a [Rule]) -> Self {
        let bit = |name: &&str| {
            let column = form.columns.iter().find(|column| column.name == *name);
            column.map_or(0, |column| match column.at {
                FactPlace::Bits(bit, _) => 1usize << bit,
                FactPlace::All(_) | FactPlace::Any(_) => 0,
            })
        };
        let bits = |others: &[&str]| others.iter().fold(0, |bits, name| bits | bit(name));
        let tests = |rule: &Rule| {
            let columns = form.columns.iter().zip(rule.when.masks()).filter(|(column, _)| !column.heads());
            let tests = columns.filter_map(|(column, asked)| {
                let asked = (*asked)?;
                Some(match column.at {
                    FactPlace::Bits(bit, _) => {
                        let width = column.values.len().next_power_of_two() - 1;
                        Test::Bits { bit, width, asked }
                    }
                    FactPlace::All(others) => Test::All { bits: bits(others), asked },
                    FactPlace::Any(others) => Test::Any { bits: bits(others), asked },
                })
            });
            tests.collect()
        };
        Self { form, rows, tests: rows.iter().map(tests).collect() }
    }

    /// The rows that what the situations of a chunk have in common allows, overriding ones or not.
    fn concerned(&self, chunk: usize, overrides: bool) -> Vec<usize> {
        let headed = |rule: &Rule| {
            self.form.columns.iter().enumerate().zip(rule.when.masks()).all(|((at, column), asked)| {
                let value = || self.form.value(at, chunk);
                !column.heads() || asked.is_none_or(|asked| value().is_some_and(|value| asked >> value & 1 != 0))
            })
        };
        let rows = self.rows.iter().enumerate();
        rows.filter(|(_, rule)| rule.overrides == overrides && headed(rule)).map(|(at, _)| at).collect()
    }

    #[inline(always)]
    fn holds(&self, row: usize, index: usize) -> bool {
        self.tests[row].iter().all(|test| test.holds(index))
    }
}

/// Compiles the rows. Where several apply the first wins; where none does, the form says what is decided.
pub(super) fn compile(form: &'static Form, rows: &[Rule]) -> Result<Compiled, RuleErrors> {
    let mut errors = Vec::new();
    for rule in rows {
        let unsaid = form.effects.iter().zip(rule.then.0).filter(|(effect, said)| effect.required && said.is_none());
        if !rule.overrides && unsaid.count() > 0 {
            let required: Vec<_> = form.effects.iter().filter(|effect| effect.required).map(|it| it.name).collect();
            let message = format!("`then` must say what becomes of `{}`", required.join("` and of `"));
            errors.push(RuleError::of(&rule.id, message));
        }
        if rule.readings.iter().any(|reading| reading.switches.len() > MAX_QUESTIONS) {
            errors.push(RuleError::of(&rule.id, format!("a reading names more than {MAX_QUESTIONS} switches")));
        }
    }
    if !errors.is_empty() {
        return Err(RuleErrors(errors));
    }

    let id = |at: usize| u8::try_from(at).map_err(|_| too_many());
    let mut all = Vec::new();
    for (at, rule) in rows.iter().enumerate() {
        all.push(Outcomes::of(rule, id(at)?));
    }
    let asked = AskedRows::new(form, rows);
    let mut table = vec![0; form.indices].into_boxed_slice();
    let mut derived = BTreeMap::new();
    for (chunk, entries) in table.chunks_mut(form.chunk).enumerate() {
        let start = chunk * form.chunk;
        let (deciding, overriding) = (asked.concerned(start, false), asked.concerned(start, true));
        let mut undecided = None;
        for (n, entry) in entries.iter_mut().enumerate() {
            let first_of = |some: &[usize]| some.iter().copied().find(|&at| asked.holds(at, start + n));
            let key = match (first_of(&deciding), first_of(&overriding)) {
                (Some(row), None) => {
                    *entry = id(row)?;
                    continue;
                }
                (Some(row), Some(by)) => RestrainedRow::Overridden { row, by },
                (None, _) => {
                    let (row, outcome) = *undecided.get_or_insert_with(|| (form.undecided)(rows, start));
                    RestrainedRow::Undecided { row, outcome }
                }
            };
            *entry = match derived.get(&key) {
                Some(&id) => id,
                None => {
                    let outcomes = key.outcomes(form, rows, &all)?;
                    // A row that has nothing replaced stays itself.
                    let id = match key {
                        RestrainedRow::Overridden { row, .. } if outcomes == all[row] => id(row)?,
                        RestrainedRow::Overridden { .. } | RestrainedRow::Undecided { .. } => {
                            all.push(outcomes);
                            id(all.len() - 1)?
                        }
                    };
                    derived.insert(key, id);
                    id
                }
            };
        }
    }
    lay_out(table, &all)
}

/// What an id beyond those of the rows stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RestrainedRow {
    /// A row, and the one that overrides it.
    Overridden { row: usize, by: usize },
    /// No row: what the form says, and the row that it cites.
    Undecided { row: usize, outcome: [u8; EFFECTS] },
}

impl RestrainedRow {
    fn outcomes(self, form: &Form, rows: &[Rule], all: &[Outcomes]) -> Result<Outcomes, RuleErrors> {
        match self {
            Self::Overridden { row, by } => Ok(all[row].restrained(form, all[by].row, rows[by].then)),
            Self::Undecided { row, outcome } => {
                let row = u8::try_from(row).map_err(|_| too_many())?;
                Ok(Outcomes { row, base: DecidedRow { row, outcome }, readings: Vec::new() })
            }
        }
    }
}

fn too_many() -> RuleErrors {
    RuleErrors(vec![RuleError::of("", "the table holds more outcomes than a byte can count".to_owned())])
}

fn lay_out(table: Box<[u8]>, all: &[Outcomes]) -> Result<Compiled, RuleErrors> {
    let classes: Vec<_> = all.iter().map(Outcomes::class).collect();
    let mut compiled =
        Compiled { table, heads: Vec::new(), readings: Vec::new(), under: all.iter().map(Outcomes::under).collect() };
    for (outcomes, class) in all.iter().zip(&classes) {
        let end = |readings: &[CompiledReading]| u16::try_from(readings.len()).map_err(|_| too_many());
        let first = end(&compiled.readings)?;
        for (switches, decided) in &outcomes.readings {
            let mut questions = [(Switch::ALL[0], Values::FIRST); MAX_QUESTIONS];
            questions[..switches.len()].copy_from_slice(switches);
            let count = u8::try_from(switches.len()).map_err(|_| too_many())?;
            compiled.readings.push(CompiledReading { questions, count, decided: *decided });
        }
        // The first id of a class lends it its number.
        let alike = classes.iter().position(|other| other == class).unwrap_or_default();
        compiled.heads.push(Head {
            base: outcomes.base,
            row: outcomes.row,
            class: u8::try_from(alike).map_err(|_| too_many())?,
            first,
            end: end(&compiled.readings)?,
        });
    }
    Ok(compiled)
}

/// Whether each situation has exactly one row. One error for each pair of rows that overlap, and one for what heads a row
/// and is left undecided, with an example.
pub(super) fn check(form: &'static Form, rows: &[Rule]) -> Result<(), RuleErrors> {
    let asked = AskedRows::new(form, rows);
    let mut overlaps: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut gaps: BTreeMap<usize, usize> = BTreeMap::new();
    let mut concerned = (usize::MAX, Vec::new());
    for index in form.spoken() {
        let chunk = index / form.chunk;
        if concerned.0 != chunk {
            concerned = (chunk, asked.concerned(chunk * form.chunk, false));
        }
        let mut applying = concerned.1.iter().copied().filter(|&row| asked.holds(row, index));
        let Some(first) = applying.next() else {
            gaps.entry(chunk).or_insert(index);
            continue;
        };
        for second in applying {
            overlaps.entry((first, second)).or_insert(index);
        }
    }
    let mut errors = Vec::new();
    for ((first, second), index) in overlaps {
        let message = format!("row `{}` decides the same, for example {}", rows[second].id, form.words(index));
        errors.push(RuleError::of(&rows[first].id, message));
    }
    for index in gaps.into_values() {
        errors.push(RuleError::of("", format!("no row decides where {}", form.words(index))));
    }
    if errors.is_empty() { Ok(()) } else { Err(RuleErrors(errors)) }
}
