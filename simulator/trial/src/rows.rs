//! Implementations with one row not followed, made from the rows of every table: the reference, with an outcome or a condition
//! of a row turned round, or with a reading of it followed by turns.
//!
//! Whoever adds a row adds its faults; what a table decides has the values of its form, and what of them can be told apart
//! [`Form::seen`] says. What is right under another reading of the documents is open and no fault, until the next step goes by
//! the first reading again.
//!
//! [`Form::seen`]: tombstone_model::rules::table::form::Form::seen

use std::sync::Arc;

use tombstone_model::contract::implementation::{Answer, Description, Implementation, ImplementationFailure};
use tombstone_model::plan::{Kind, KindSet, Plan, Step};
use tombstone_model::readings::decide::Closed;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::reference::Reference;
use tombstone_model::rules::table::Rows;
use tombstone_model::rules::table::form::{Answers, EFFECTS, Form, TRUTH};
use tombstone_model::rules::{Deleting, Rule, RuleId, Rules, TableId};
use tombstone_model::verdict::Check;
use tombstone_model::view::View;

use super::fault::{BrokenRows, ConvictedBy, Fault};
use super::unshown::NEVER_ASKED;

/// Of what is open, the readings that hide nothing: where a deletion always stands nobody sees what becomes of an edit, and
/// where more than twenty items are refused nobody sees which of them are left out.
const SHOWING: [(Switch, &str); 2] = [(Switch::DeleteAgainstEdit, "edit_wins"), (Switch::BatchOver20, "first_20")];

/// The readings that the reference follows with which faults are made.
pub(super) fn followed() -> Readings {
    showing(open()).closed()
}

/// What the default profile leaves open.
fn open() -> Readings {
    Profile::named(Profile::DEFAULT).map_or(Readings::OPEN, Profile::readings)
}

fn showing(open: Readings) -> Readings {
    let values = SHOWING.iter().filter_map(|&(switch, name)| Some((switch, switch.value(name)?)));
    values.fold(open, |readings, (switch, value)| readings.narrowed(switch, value))
}

/// The faults of every row, table by table, and then the readings that are followed by turns.
pub(super) fn faults() -> Vec<Fault> {
    let documented = Documented::new();
    let mut faults: Vec<Fault> = documented.tables.iter().flat_map(|table| documented.faults_of(table)).collect();
    faults.extend(documented.by_turns());
    faults
}

/// What the documents say, and what the profile leaves open.
struct Documented {
    rules: &'static Rules,
    open: Readings,
    /// What of it the faults leave open.
    showing: Readings,
    /// The readings that a reference with nothing wrong follows.
    closed: Readings,
    tables: Vec<SeenTable>,
}

/// A table, and all that the reference lets anybody see of it.
struct SeenTable {
    rows: &'static Rows,
    /// The situations in which it is asked.
    asked: Vec<usize>,
    /// What is seen in each of them.
    seen: Vec<Answers>,
    /// By the numbers of what decides: everything that is decided under what is open, with the readings that lead there.
    open: Vec<Vec<(Readings, Answers)>>,
}

impl SeenTable {
    fn new(rows: &'static Rows, open: Readings, closed: Readings) -> Self {
        let form = rows.form();
        let is_met = |&index: &usize| {
            let rule = rows.rule(rows.row(index));
            rule.unreachable.is_none() && NEVER_ASKED.iter().all(|(id, _)| *id != rule.id)
        };
        let is_seen = |&index: &usize| (form.seen)(index, [0; EFFECTS]).is_some();
        let asked: Vec<usize> = form.spoken().filter(is_met).filter(is_seen).collect();
        let seen = sight(rows, &asked, closed);
        let last = asked.iter().map(|&index| rows.row(index).row).max();
        let table = rows.table();
        let outcomes = |row| {
            let all = rows.outcomes(RuleId { table, row }, open).into_iter();
            all.map(|(readings, _, outcome)| (readings, outcome)).collect()
        };
        Self { rows, asked, seen, open: (0..=last.unwrap_or_default()).map(outcomes).collect() }
    }

    /// Everything that is right in a situation, with the readings that lead there.
    fn right(&self, index: usize) -> impl Iterator<Item = (Readings, Answers)> + '_ {
        let outcomes = self.open[usize::from(self.rows.row(index).row)].iter();
        outcomes.filter_map(move |&(readings, outcome)| Some((readings, (self.rows.form().seen)(index, outcome)?)))
    }

    /// The rows that decide where these answers are not what is seen.
    fn changed(&self, answers: &[Answers], readings: Readings) -> Vec<RuleId> {
        self.rows_where(readings, |at| self.seen[at] != answers[at])
    }

    /// The rows that decide where whoever follows one of the readings is not right under the other.
    fn torn(&self, readings: [Readings; 2]) -> Vec<RuleId> {
        let [one, other] = readings.map(|readings| sight(self.rows, &self.asked, readings));
        let form = self.rows.form();
        self.rows_where(readings[0], |at| !covers(form, one[at], other[at]) && !covers(form, other[at], one[at]))
    }

    fn rows_where(&self, readings: Readings, is_meant: impl Fn(usize) -> bool) -> Vec<RuleId> {
        let meant = self.asked.iter().enumerate().filter(|(at, _)| is_meant(*at));
        let mut rows: Vec<RuleId> = meant
            .flat_map(|(_, &index)| {
                let row = self.rows.row(index);
                [row, self.rows.decide(row, &mut Closed(readings)).0]
            })
            .collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

/// What a table lets anybody see in these situations.
fn sight(table: &Rows, asked: &[usize], readings: Readings) -> Vec<Answers> {
    let seen = asked.iter().map(|&index| {
        let (_, outcome) = table.decide(table.row(index), &mut Closed(readings));
        (table.form().seen)(index, outcome).unwrap_or_default()
    });
    seen.collect()
}

/// Whether whoever demands the one is content with the other.
fn covers(form: &Form, demanded: Answers, seen: Answers) -> bool {
    let mut each = form.effects.iter().zip(demanded.into_iter().zip(seen));
    each.all(|(effect, (demanded, seen))| demanded == seen || effect.free() == Some(demanded))
}

impl Documented {
    fn new() -> Self {
        let rules = Rules::documented();
        let open = open();
        let showing = showing(open);
        let closed = showing.closed();
        let tables = rules.tables().map(|table| SeenTable::new(table, open, closed)).collect();
        Self { rules, open, showing, closed, tables }
    }

    /// The faults of a table: each row with an outcome or a condition turned round.
    fn faults_of(&self, table: &SeenTable) -> Vec<Fault> {
        let mut known = vec![table.seen.clone()];
        let mut faults = Vec::new();
        for (own, rule) in table.rows.ids() {
            for (name, what, edited) in edits(table, own, rule, self.closed) {
                let rules = self.rules.with_row(&rule.id, |rule| *rule = edited);
                let seen = sight(rules.table(table.rows.table()), &table.asked, self.closed);
                // Some edits change nothing, for another row says the same, or the same as another edit does.
                if known.contains(&seen) {
                    continue;
                }
                let others = self.right_by(table, &seen);
                if others.iter().any(|&readings| self.is_right(table, &seen, readings)) {
                    continue;
                }
                let rows = table.changed(&seen, self.closed);
                known.push(seen);
                // What the row alone would be right by is seen to be wrong by another that the same reading changes.
                let torn = others.into_iter().flat_map(|readings| self.torn([self.closed, readings]));
                let cited = rows.iter().copied().chain(torn).collect();
                let (id, what) = (format!("{}-{name}", rule.id), format!("{}: {what}", rule.id));
                faults.push(self.fault(&id, what, [self.closed; 2], cited, self.broken(own, rows, rules)));
            }
        }
        faults
    }

    /// The readings that are open and that a row turns on, each followed at every other step.
    fn by_turns(&self) -> Vec<Fault> {
        let all = self.tables.iter().flat_map(|table| table.open.iter().flatten());
        let mut switches: Vec<Switch> = all.flat_map(|&(readings, _)| self.open.differing(readings)).collect();
        switches.sort_unstable();
        switches.dedup();
        let others = switches.into_iter().flat_map(|switch| self.others(switch));
        let faults = others.filter_map(|(switch, value, other)| {
            let readings = [self.closed, other];
            let rows: Vec<RuleId> = self.torn(readings).collect();
            let broken = self.broken(*rows.first()?, rows.clone(), self.rules.clone());
            let (name, value) = (switch.info().name, value.names(switch).next()?);
            let what = format!("{name} is read as {value} at every other step");
            Some(self.fault(&format!("{name}-{value}-by-turns"), what, readings, rows, broken))
        });
        faults.collect()
    }

    /// What the reference follows, but for another reading of a switch.
    fn others(&self, switch: Switch) -> impl Iterator<Item = (Switch, Values, Readings)> + '_ {
        let open = switch.each().filter(move |value| value.0 & self.open.of(switch).0 & !self.closed.of(switch).0 != 0);
        open.map(move |value| {
            let rest = Switch::ALL.iter().filter(|&&other| other != switch);
            let own = rest.fold(self.open, |readings, &other| readings.narrowed(other, self.closed.of(other)));
            (switch, value, own.narrowed(switch, value))
        })
    }

    /// The rows of all tables that two readings tear apart.
    fn torn(&self, readings: [Readings; 2]) -> impl Iterator<Item = RuleId> + '_ {
        self.tables.iter().flat_map(move |table| table.torn(readings))
    }

    /// The readings under which what is seen of a table may be right; none where it is wrong in some situation under each.
    fn right_by(&self, table: &SeenTable, seen: &[Answers]) -> Vec<Readings> {
        let form = table.rows.form();
        let mut switches: Vec<Switch> = Vec::new();
        for (&index, (&before, &after)) in table.asked.iter().zip(table.seen.iter().zip(seen)) {
            if covers(form, before, after) {
                continue;
            }
            let mut right = table.right(index).filter(|&(_, right)| covers(form, right, after)).peekable();
            if right.peek().is_none() {
                return Vec::new();
            }
            switches.extend(right.flat_map(|(readings, _)| self.open.differing(readings)));
            switches.sort_unstable();
            switches.dedup();
        }
        let others = switches.into_iter().flat_map(|switch| self.others(switch)).map(|(_, _, readings)| readings);
        std::iter::once(self.closed).chain(others).collect()
    }

    /// Whether all that is seen is right by one reading, if this is what is seen of one table.
    fn is_right(&self, table: &SeenTable, seen: &[Answers], readings: Readings) -> bool {
        self.tables.iter().all(|other| {
            let shown = if other.rows.table() == table.rows.table() { seen } else { &other.seen };
            let demanded = sight(other.rows, &other.asked, readings);
            demanded.into_iter().zip(shown).all(|(demanded, shown)| covers(other.rows.form(), demanded, *shown))
        })
    }

    /// Rows that these rules do not follow, or not throughout; the first is what they are derived from.
    fn broken(&self, first: RuleId, rows: Vec<RuleId>, rules: Rules) -> BrokenRows {
        let kinds: Vec<Kind> = Deleting::kinds(self.rules.rule(first));
        let kinds = if kinds.is_empty() { KindSet::RECORDS.kinds().collect() } else { kinds };
        BrokenRows { table: first.table, rows, rules: Arc::new(rules), readings: self.showing, kinds }
    }

    fn fault(&self, id: &str, what: String, readings: [Readings; 2], cited: Vec<RuleId>, broken: BrokenRows) -> Fault {
        let id = format!("reference/{id}");
        let mut rows: Vec<String> = cited.into_iter().map(|row| self.rules.rule(row).id.clone()).collect();
        rows.sort();
        rows.dedup();
        let (called, rules) = (id.clone(), Arc::clone(&broken.rules));
        let make = move || -> Box<dyn Implementation> {
            let reference = Reference::new(&called, Arc::clone(&rules), readings[0]);
            Box::new(Turning { reference, readings, steps: 0 })
        };
        let expected = expected(broken.table, rows);
        Fault { id, what, expected, equivalent: None, broken: Some(broken), make: Arc::new(make), hidden: None }
    }
}

/// By what a fault of a row of a table is convicted.
fn expected(table: TableId, rows: Vec<String>) -> ConvictedBy {
    let (checks, later) = match table {
        // After a crash the oracle cannot tell a row not followed from a change lost, and calls it the latter.
        TableId::Deleting => (vec![Check::Rule, Check::Prompt, Check::Readings, Check::Erased], Vec::new()),
        // Whether what a delegate tracked waits is seen when the mailbox is synchronized, and the row is not asked again.
        TableId::Delegating => (Vec::new(), vec![Check::Arrived, Check::Missing]),
        TableId::Selecting
        | TableId::Tracking
        | TableId::Editing
        | TableId::Filtering
        | TableId::Conflicting
        | TableId::Sending
        | TableId::Linking
        | TableId::Offering
        | TableId::Unlinking
        | TableId::Likening
        | TableId::Conditioning
        | TableId::Dating
        | TableId::Prompting => (Vec::new(), Vec::new()),
    };
    ConvictedBy { checks, rows, later }
}

/// The reference, under one reading at one step and another at the next; where the two are the same, as any.
struct Turning {
    reference: Reference,
    readings: [Readings; 2],
    steps: usize,
}

impl Implementation for Turning {
    fn describe(&self) -> &Description {
        self.reference.describe()
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.steps = 0;
        self.reference.reset(plan)
    }

    fn apply(&mut self, step: &Step) -> Answer {
        self.reference.read(self.readings[self.steps % 2]);
        self.steps += 1;
        self.reference.apply(step)
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        self.reference.observe(view)
    }
}

/// A row with one thing turned round, each with a name and a sentence.
fn edits(table: &SeenTable, id: RuleId, rule: &Rule, readings: Readings) -> Vec<(String, String, Rule)> {
    let form = table.rows.form();
    let (_, closed) = table.rows.decide(id, &mut Closed(readings));
    let mut then = rule.then;
    for (own, closed) in then.0.iter_mut().zip(closed) {
        *own = own.map(|_| closed);
    }
    let title = rule.told(&then);
    let mut edits = Vec::new();
    for (at, effect) in form.effects.iter().enumerate() {
        let said = then.0[at].or((!rule.overrides && !effect.required).then_some(0));
        // Whoever leaves open what is open, or says nothing, does nothing wrong.
        let Some(said) = said.filter(|&said| effect.free() != Some(said)) else { continue };
        for other in (0..effect.values.len() as u8).filter(|&other| other != said && effect.free() != Some(other)) {
            let mut turned = then;
            turned.0[at] = Some(other);
            // What is never told from another value goes by the name of that.
            let outcome = form.outcome(&then, &turned);
            let shows = |&index: &usize| (form.seen)(index, outcome).is_some_and(|seen| seen[at] == other);
            if !table.asked.iter().filter(|&&index| rule.applies(index)).any(shows) {
                continue;
            }
            let value = effect.values[usize::from(other)];
            let told = Some(rule.told(&turned)).filter(|told| *told != title);
            let what = told.unwrap_or_else(|| format!("`{}` is `{value}`", effect.name));
            let edited = Rule { then: turned, readings: Vec::new(), ..rule.clone() };
            edits.push((format!("{}-{value}", effect.name), what, edited));
        }
    }
    for (column, asked) in form.columns.iter().zip(rule.when.masks()) {
        // What heads a row, and what goes without saying, the reference takes for granted.
        let Some(asked) = asked.filter(|_| !column.heads() && column.usual.is_none()) else { continue };
        let name = column.name.replace('_', "-");
        let mut dropped = rule.clone();
        *dropped.when.of(column.name) = column.alike;
        let mut negated = rule.clone();
        *negated.when.of(column.name) = Some(column.all() & !asked);
        let what = if column.values == TRUTH {
            format!("whether `{name}` holds does not matter")
        } else {
            format!("which `{name}` it is does not matter")
        };
        edits.push((format!("{name}-dropped"), what, dropped));
        edits.push((format!("{name}-negated"), format!("`{name}` is taken for its opposite"), negated));
    }
    edits
}
