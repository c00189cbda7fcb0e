//! From rows to a dense index of situations, and the demand that each situation has exactly one row.

use std::collections::{BTreeMap, BTreeSet};

use super::{Decision, Fate, KINDS, Prompt, Rule, RuleError, RuleErrors, RuleId, Situation, Then, Trigger};
use crate::plan::Kind;
use crate::switches::{Readings, Switch, Values};

/// The most switches that one reading may name. Four: whether it is an appointment at all, which guard, and how strictly
/// that is meant, and one to spare.
const MAX_QUESTIONS: usize = 4;

/// A look-up of a situation gives an id; its head says where its readings lie and what holds when none of them does.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) table: Box<[u8; Situation::COUNT]>,
    pub(super) heads: Vec<Head>,
    pub(super) readings: Vec<CompiledReading>,
}

/// What one id decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) base: Decision,
    /// The row that the id stands for, by itself or restrained by another.
    pub(super) row: RuleId,
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
    pub(super) decision: Decision,
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
    row: RuleId,
    base: Decision,
    readings: Vec<(Vec<(Switch, Values)>, Decision)>,
}

impl Outcomes {
    fn of(rule: &Rule, id: RuleId) -> Self {
        let base = outcome(id, Then::default(), rule.then);
        let readings = rule.readings.iter();
        let readings = readings.map(|reading| (reading.switches.clone(), outcome(id, rule.then, reading.then)));
        Self { row: id, base, readings: readings.collect() }.trimmed()
    }

    /// These outcomes where an overriding row replaces a part of them. It is cited where that changes anything.
    fn restrained(&self, id: RuleId, then: Then) -> Self {
        let restrain = |decision: Decision| {
            // Where nothing demands the restraint, what would go may stay; what stays is not given up for it.
            let restrain = |to: Option<Fate>, fate: Fate| match (to, fate) {
                (None | Some(Fate::Free), Fate::Kept) => Fate::Kept,
                (to, fate) => to.unwrap_or(fate),
            };
            let replaced = Decision {
                outlook: restrain(then.outlook, decision.outlook),
                crm: restrain(then.crm, decision.crm),
                prompt: then.prompt.unwrap_or(decision.prompt),
                unlink: then.unlink.unwrap_or(decision.unlink),
                ..decision
            };
            if replaced == decision { decision } else { Decision { rule: id, ..replaced } }
        };
        let readings = self.readings.iter().map(|(switches, decision)| (switches.clone(), restrain(*decision)));
        Self { row: self.row, base: restrain(self.base), readings: readings.collect() }.trimmed()
    }

    /// Without the last readings that decide nothing else than the base, so that nobody asks for them.
    fn trimmed(mut self) -> Self {
        while self.readings.last().is_some_and(|(_, decision)| fates(*decision) == fates(self.base)) {
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
                let fates = |value| self.decide(readings.narrowed(switch, value));
                switch.each().any(|value| fates(value) != fates(Values::FIRST))
            })
        };
        let (essential, idle): (Vec<Switch>, Vec<Switch>) = named.iter().partition(|switch| matters(switch));
        let combinations = combinations(&essential).into_iter();
        let combinations = combinations
            .map(|readings| idle.iter().fold(readings, |readings, &switch| readings.narrowed(switch, Values::FIRST)));
        let outcomes = combinations.map(|readings| self.decide(readings)).collect();
        Class { essential, outcomes }
    }

    /// What is decided where one reading is left of each switch that is named.
    fn decide(&self, readings: Readings) -> Fates {
        let holds = |&(switch, values): &(Switch, Values)| readings.of(switch).0 & values.0 != 0;
        let reading = self.readings.iter().find(|(switches, _)| switches.iter().all(holds));
        fates(reading.map_or(self.base, |&(_, decision)| decision))
    }
}

/// What an id decides, as the table of a function of the switches that matter to it.
#[derive(PartialEq, Eq)]
struct Class {
    essential: Vec<Switch>,
    outcomes: Vec<Fates>,
}

/// Every combination of one reading each.
fn combinations(switches: &[Switch]) -> Vec<Readings> {
    switches.iter().fold(vec![Readings::OPEN], |combinations, &switch| {
        let narrowed = |readings: Readings| switch.each().map(move |value| readings.narrowed(switch, value));
        combinations.into_iter().flat_map(narrowed).collect()
    })
}

/// What becomes of the copy and of the record, whether the user is asked, whether the link is cut.
type Fates = (Fate, Fate, Prompt, bool);

fn fates(decision: Decision) -> Fates {
    (decision.outlook, decision.crm, decision.prompt, decision.unlink)
}

fn outcome(rule: RuleId, base: Then, then: Then) -> Decision {
    Decision {
        rule,
        // A row that overrides names one side only; its own decision is never taken.
        outlook: then.outlook.or(base.outlook).unwrap_or(Fate::Kept),
        crm: then.crm.or(base.crm).unwrap_or(Fate::Kept),
        prompt: then.prompt.or(base.prompt).unwrap_or(Prompt::Unasked),
        unlink: then.unlink.or(base.unlink).unwrap_or(false),
    }
}

/// Compiles the rows. Where several apply the first wins; where none does, only the side acted on changes.
pub(super) fn compile(rows: &[Rule]) -> Result<Compiled, RuleErrors> {
    let mut errors = Vec::new();
    for rule in rows {
        if !rule.overrides && (rule.then.outlook.is_none() || rule.then.crm.is_none()) {
            errors.push(RuleError::of(&rule.id, "`then` must say what becomes of `outlook` and of `crm`".to_owned()));
        }
        if rule.readings.iter().any(|reading| reading.switches.len() > MAX_QUESTIONS) {
            errors.push(RuleError::of(&rule.id, format!("a reading names more than {MAX_QUESTIONS} switches")));
        }
    }
    if !errors.is_empty() {
        return Err(RuleErrors(errors));
    }

    let ids = |at: usize| u8::try_from(at).map(RuleId).map_err(|_| too_many());
    let mut all = Vec::new();
    for (at, rule) in rows.iter().enumerate() {
        all.push(Outcomes::of(rule, ids(at)?));
    }
    let mut table = Box::new([0; Situation::COUNT]);
    let mut derived = BTreeMap::new();
    // The high bits of the index are the kind and the trigger, so that few rows concern the situations of a chunk.
    for (chunk, entries) in table.chunks_mut(Situation::CHUNK).enumerate() {
        let Some(first) = Situation::at(chunk * Situation::CHUNK) else { continue };
        let concerned = |overrides: bool| -> Vec<usize> {
            let rows = rows.iter().enumerate();
            let rows = rows.filter(|(_, rule)| rule.overrides == overrides && rule.concerns(first.kind, first.trigger));
            rows.map(|(at, _)| at).collect()
        };
        let (deciding, overriding) = (concerned(false), concerned(true));
        for (n, entry) in entries.iter_mut().enumerate() {
            let Some(situation) = Situation::at(chunk * Situation::CHUNK + n) else { continue };
            let first_of = |some: &[usize]| some.iter().copied().find(|&at| rows[at].when.holds(&situation));
            let key = match (first_of(&deciding), first_of(&overriding)) {
                (Some(row), None) => {
                    *entry = ids(row)?.0;
                    continue;
                }
                (Some(row), Some(by)) => Key::Overridden { row, by },
                (None, _) => Key::Local(situation.trigger),
            };
            *entry = match derived.get(&key) {
                Some(&id) => id,
                None => {
                    let outcomes = key.outcomes(rows, &all);
                    // A row that has nothing replaced stays itself.
                    let RuleId(id) = match key {
                        Key::Overridden { row, .. } if outcomes == all[row] => ids(row)?,
                        Key::Overridden { .. } | Key::Local(_) => {
                            all.push(outcomes);
                            ids(all.len() - 1)?
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
enum Key {
    /// A row, and the one that overrides it.
    Overridden { row: usize, by: usize },
    /// No row: what was acted on changes, and nothing else.
    Local(Trigger),
}

impl Key {
    fn outcomes(self, rows: &[Rule], all: &[Outcomes]) -> Outcomes {
        match self {
            Self::Overridden { row, by } => all[row].restrained(all[by].row, rows[by].then),
            Self::Local(trigger) => {
                let (outlook, crm) = match trigger {
                    Trigger::DeleteInOutlook => (Fate::Deleted, Fate::Kept),
                    Trigger::DeleteInCrm => (Fate::Kept, Fate::Deleted),
                    Trigger::Untrack | Trigger::LeaveFilter => (Fate::Kept, Fate::Kept),
                };
                // Nothing but what is said of untracked pairs comes near.
                let near = rows.iter().position(|rule| rule.row == "D40" && rule.triggers.contains(&trigger));
                let rule = near.map_or(RuleId(0), |near| all[near].row);
                let base = Decision { rule, outlook, crm, prompt: Prompt::Unasked, unlink: false };
                Outcomes { row: rule, base, readings: Vec::new() }
            }
        }
    }
}

fn too_many() -> RuleErrors {
    RuleErrors(vec![RuleError::of("", "the table holds more outcomes than a byte can count".to_owned())])
}

fn lay_out(table: Box<[u8; Situation::COUNT]>, all: &[Outcomes]) -> Result<Compiled, RuleErrors> {
    let classes: Vec<_> = all.iter().map(Outcomes::class).collect();
    let mut compiled = Compiled { table, heads: Vec::new(), readings: Vec::new() };
    for (outcomes, class) in all.iter().zip(&classes) {
        let end = |readings: &[CompiledReading]| u16::try_from(readings.len()).map_err(|_| too_many());
        let first = end(&compiled.readings)?;
        for (switches, decision) in &outcomes.readings {
            let mut questions = [(Switch::ALL[0], Values::FIRST); MAX_QUESTIONS];
            questions[..switches.len()].copy_from_slice(switches);
            let count = u8::try_from(switches.len()).map_err(|_| too_many())?;
            compiled.readings.push(CompiledReading { questions, count, decision: *decision });
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

/// Whether each situation has exactly one row. One error for each pair of rows that overlap, and one for each kind and
/// trigger left undecided, with an example.
pub(super) fn check(rows: &[Rule]) -> Result<(), RuleErrors> {
    let mut overlaps: BTreeMap<(usize, usize), Situation> = BTreeMap::new();
    let mut gaps: BTreeMap<(Kind, Trigger), Situation> = BTreeMap::new();
    for kind in KINDS {
        for trigger in Trigger::ALL {
            let concerned: Vec<_> =
                rows.iter().enumerate().filter(|(_, rule)| !rule.overrides && rule.concerns(kind, trigger)).collect();
            for situation in Situation::all().filter(|it| it.kind == kind && it.trigger == trigger) {
                let mut applying = concerned.iter().filter(|(_, rule)| rule.when.holds(&situation));
                let Some(&(first, _)) = applying.next() else {
                    gaps.entry((kind, trigger)).or_insert(situation);
                    continue;
                };
                for &(second, _) in applying {
                    overlaps.entry((first, second)).or_insert(situation);
                }
            }
        }
    }
    let mut errors = Vec::new();
    for ((first, second), situation) in overlaps {
        let message = format!("row `{}` decides the same, for example {situation:?}", rows[second].id);
        errors.push(RuleError::of(&rows[first].id, message));
    }
    for ((kind, trigger), situation) in gaps {
        let message = format!("no row decides `{}` of `{}` where {situation:?}", trigger.name(), kind.name());
        errors.push(RuleError::of("", message));
    }
    if errors.is_empty() { Ok(()) } else { Err(RuleErrors(errors)) }
}
