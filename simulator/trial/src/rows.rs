//! A table of rules with one thing turned round, for every row: an outcome, or a condition.
//!
//! All of it is made from the rows themselves. Whoever adds a row adds its faults.

use std::sync::Arc;

use tombstone_model::contract::implementation::Implementation;
use tombstone_model::readings::decide::Closed;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::Readings;
use tombstone_model::reference::Reference;
use tombstone_model::rules::table::Rows;
use tombstone_model::rules::table::form::{Answers, TRUTH};
use tombstone_model::rules::{Deleting, Rule, Rules};
use tombstone_model::verdict::Check;

use super::fault::{ConvictedBy, Fault};

/// The faults of every row.
pub(super) fn faults() -> Vec<Fault> {
    let rules = Rules::documented();
    let readings = Profile::named(Profile::DEFAULT).map_or(Readings::OPEN, Profile::readings).closed();
    faults_of(rules, rules.deletion.rows(), readings)
}

fn faults_of(rules: &Rules, table: &Rows, readings: Readings) -> Vec<Fault> {
    let documented = seen(table, readings);
    let mut tables = vec![documented.clone()];
    let mut faults = Vec::new();
    for rule in table.all() {
        for (name, what, edited) in edits(table, rule, readings) {
            let faulty = rules.with_row(&rule.id, |rule| *rule = edited);
            let sight = seen(faulty.table(table.table()), readings);
            // Some edits change nothing, for another row says the same, or the same as another edit does.
            if tables.contains(&sight) {
                continue;
            }
            let changed = documented.iter().zip(&sight).filter(|(before, after)| before != after);
            let cited = |index: usize| {
                let row = table.row(index);
                let (cited, _) = table.decide(row, &mut Closed(readings));
                [row, cited].map(|id| rules.rule(id).id.clone())
            };
            let mut rows: Vec<String> = changed.flat_map(|(&(index, _), _)| cited(index)).collect();
            rows.sort();
            rows.dedup();
            tables.push(sight);
            faults.push(fault(rule, &name, &what, rows, faulty, readings));
        }
    }
    faults
}

fn fault(rule: &Rule, name: &str, what: &str, rows: Vec<String>, rules: Rules, readings: Readings) -> Fault {
    // After a crash the oracle cannot tell a row not followed from a change lost, and calls it the latter.
    let checks = vec![Check::Rule, Check::Prompt, Check::Readings, Check::Erased];
    let rules = Arc::new(rules);
    let id = format!("reference/{}-{name}", rule.id);
    let called = id.clone();
    let followed = Arc::clone(&rules);
    let make = move || -> Box<dyn Implementation> { Box::new(Reference::new(&called, Arc::clone(&rules), readings)) };
    Fault {
        id,
        what: format!("{}: {what}", rule.id),
        expected: ConvictedBy { checks, rows },
        equivalent: None,
        rules: Some((followed, Deleting::kinds(rule))),
        make: Arc::new(make),
        hidden: None,
    }
}

/// All that a table lets anybody see, by the indices of the situations in which it is asked.
fn seen(table: &Rows, readings: Readings) -> Vec<(usize, Answers)> {
    let form = table.form();
    let seen = form.spoken().filter_map(|index| {
        let (_, outcome) = table.decide(table.row(index), &mut Closed(readings));
        Some((index, (form.seen)(index, outcome)?))
    });
    seen.collect()
}

/// A row with one thing turned round, each with a name and a sentence.
fn edits(table: &Rows, rule: &Rule, readings: Readings) -> Vec<(String, String, Rule)> {
    let mut edits = Vec::new();
    let form = table.form();
    if let Some(id) = table.named(&rule.id) {
        let (_, closed) = table.decide(id, &mut Closed(readings));
        let mut then = rule.then;
        for (own, closed) in then.0.iter_mut().zip(closed) {
            *own = own.map(|_| closed);
        }
        for (at, effect) in form.effects.iter().enumerate() {
            let said = then.0[at].or((!rule.overrides && !effect.required).then_some(0));
            let Some((value, what)) = said.and_then(|value| Some((value, effect.turned.get(usize::from(value))?)))
            else {
                continue;
            };
            let mut turned = then;
            turned.0[at] = Some((value + 1) % effect.turned.len() as u8);
            let edited = Rule { then: turned, readings: Vec::new(), ..rule.clone() };
            edits.push((format!("{}-flipped", effect.name), (*what).to_owned(), edited));
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
