//! Any table of rules in words, as a profile reads it; the deletion table has a form of its own (`table`).

use serde_json::{Value, json};
use tombstone_model::oracle::CONNECTIONS;
use tombstone_model::readings::decide::Closed;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch};
use tombstone_model::rules::table::Rows;
use tombstone_model::rules::table::form::{Answers, FactPlace};
use tombstone_model::rules::{Rule, RuleId, Rules, TableId};
use tombstone_reports::{CheckText, CountedFact, RuleText, TableText};
use tombstone_trial::proofs::proofs;

use crate::table;

/// The table of that name.
pub(crate) fn named(profile: &Profile, name: &str) -> Option<&'static Rows> {
    profile.rules().tables().find(|table| table.form().name == name)
}

/// The names of all tables.
pub(crate) fn names() -> Vec<&'static str> {
    Rules::documented().tables().map(|table| table.form().name).collect()
}

/// Every table: its name, how many rows it has, what it answers, and what asks it.
pub(crate) fn list() -> String {
    let line = |[name, rows, title, asked]: [&str; 4]| format!("{name:<10} {rows:>4}  {title:<58} {asked}\n");
    let mut text = line(["table", "rows", "question", "asked by"]);
    for form in each_form() {
        text.push_str(&line([form.name, &form.rows, form.title, form.asked]));
    }
    text + "\n`tombstone table NAME` prints one of them, `tombstone explain NAME fact=value …` one situation\n"
}

/// The list of the tables as Markdown.
pub(crate) fn markdown_list() -> String {
    let mut text = String::from("| table | rows | question | asked by |\n|---|--:|---|---|\n");
    for form in each_form() {
        text.push_str(&format!("| `{}` | {} | {} | {} |\n", form.name, form.rows, form.title, form.asked));
    }
    text
}

/// The list of the tables as JSON.
pub(crate) fn json_list() -> Value {
    let tables = Rules::documented().tables();
    let of = |table: &Rows| {
        let form = table.form();
        json!({ "table": form.name, "title": form.title, "asked_by": form.asked, "rows": table.all().len() })
    };
    tables.map(of).collect()
}

/// A table in the list of all.
struct ListedTable {
    name: &'static str,
    rows: String,
    title: &'static str,
    asked: &'static str,
}

fn each_form() -> impl Iterator<Item = ListedTable> {
    Rules::documented().tables().map(|table| {
        let form = table.form();
        ListedTable { name: form.name, rows: table.all().len().to_string(), title: form.title, asked: form.asked }
    })
}

/// What is counted of each table.
pub(crate) fn texts() -> Vec<TableText> {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let text = |table: &Rows| TableText {
        name: table.form().name.to_owned(),
        title: table.form().title.to_owned(),
        facts: table
            .form()
            .counted_facts()
            .map(|(fact, bit, bits)| CountedFact { name: fact.name.to_owned(), values: owned(fact.words), bit, bits })
            .collect(),
    };
    Rules::documented().tables().map(text).collect()
}

/// The rows of every table, in the words of a profile, with how many situations of each exist.
pub(crate) fn all_rows(profile: &Profile) -> Vec<RuleText> {
    let mut all = table::rows(profile);
    for table in profile.rules().tables().filter(|table| table.table() != TableId::Deleting) {
        all.extend(table.ids().map(|(id, rule)| rule_text(table, id, rule, profile)));
    }
    let situations = Rules::documented().tables().flat_map(Rows::situations);
    for (rule, situations) in all.iter_mut().zip(situations) {
        rule.situations = Some((situations * CONNECTIONS) as u64);
    }
    all
}

/// Says of each row and check which faulty implementations prove that it can fail.
pub(crate) fn proved(rules: &mut [RuleText], checks: &mut [CheckText]) {
    for proof in proofs() {
        let broken = rules.iter_mut().filter(|rule| proof.rows.contains(&rule.id));
        broken.for_each(|rule| rule.faults.push(proof.fault.clone()));
        let broken = checks.iter_mut().filter(|text| proof.checks.contains(&text.id));
        broken.for_each(|text| text.faults.push(proof.fault.clone()));
    }
}

fn rule_text(table: &Rows, id: RuleId, rule: &Rule, profile: &Profile) -> RuleText {
    RuleText {
        id: rule.id.clone(),
        table: table.form().name.to_owned(),
        row: rule.row.clone(),
        title: rule.title.clone(),
        trigger: headings(rule).join(", "),
        conditions: Some(rule.conditions()).filter(|words| !words.is_empty()).into_iter().collect(),
        decided: told(table, id, profile),
        certainty: format!("{} ({})", rule.certainty.name(), rule.certainty.meaning()),
        sources: rule.sources.iter().map(|&title| title.to_owned()).collect(),
        facts: rule.facts.clone(),
        open: open(table, id, profile),
        note: Some(rule.note.clone()).filter(|note| !note.is_empty()),
        ..RuleText::default()
    }
}

/// A table as text.
pub(crate) fn text(table: &Rows, profile: &Profile) -> String {
    let mut text = format!("{}\n\n{:<12} {:<4} {}\n", table.form().title, "row", "cert", "what");
    for (id, rule) in table.ids() {
        text.push_str(&format!("{:<12} {:<4} {}\n", rule.id, rule.certainty.name(), rule.title));
        for open in open(table, id, profile) {
            text.push_str(&format!("{:<18}{open}\n", ""));
        }
    }
    text
}

/// A table as Markdown.
pub(crate) fn markdown(table: &Rows, profile: &Profile) -> String {
    let mut text =
        String::from("| row | where | what | certainty | otherwise | documents |\n|---|---|---|---|---|---|\n");
    for (id, rule) in table.ids() {
        let otherwise = open(table, id, profile).join("; ");
        let documents: Vec<_> = rule.sources.iter().map(|title| format!("\"{title}\"")).collect();
        let cells =
            [&rule.id, &conditions(rule), &rule.title, rule.certainty.name(), &otherwise, &documents.join(", ")];
        text.push_str(&format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | ")));
    }
    text
}

/// A table as JSON: its columns, what it decides, its rows.
pub(crate) fn json(table: &Rows, profile: &Profile) -> Value {
    let form = table.form();
    let rows = table.ids().map(|(id, rule)| row(table, id, rule, profile));
    json!({ "table": form.name, "title": form.title, "rows": rows.collect::<Vec<_>>() })
}

/// A row as JSON.
fn row(table: &Rows, id: RuleId, rule: &Rule, profile: &Profile) -> Value {
    let (_, answers) = table.decide(id, &mut Closed(profile.readings().closed()));
    let asked = table.form().columns.iter().zip(rule.when.masks()).filter(|(_, asked)| asked.is_some());
    let when: serde_json::Map<_, _> = asked
        .map(|(column, _)| (column.name.to_owned(), json!(rule.when.values(column.name).collect::<Vec<_>>())))
        .collect();
    json!({
        "id": rule.id,
        "row": rule.row,
        "title": rule.title,
        "when": when,
        "then": decided(table, answers).into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect::<serde_json::Map<_, _>>(),
        "certainty": rule.certainty.name(),
        "open": open(table, id, profile),
        "sources": rule.sources,
        "facts": rule.facts,
        "note": rule.note,
    })
}

/// A table in few words, as Markdown: where, what is decided, by which row.
pub(crate) fn short(table: &Rows, profile: &Profile) -> String {
    let mut text = String::from("| where | what is decided | row |\n|---|---|---|\n");
    for (id, rule) in table.ids() {
        let cells = [&conditions(rule), &told(table, id, profile), &rule.id];
        text.push_str(&format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | ")));
    }
    text
}

/// What a row decides under the closed form of a profile, in words.
fn told(table: &Rows, id: RuleId, profile: &Profile) -> String {
    let (_, answers) = table.decide(id, &mut Closed(profile.readings().closed()));
    let words: Vec<_> = decided(table, answers).into_iter().map(|(name, value)| format!("{name} {value}")).collect();
    words.join(", ")
}

/// The questions on which the rows of a table turn under a profile.
pub(crate) fn asked(table: &Rows, profile: &Profile) -> Vec<Switch> {
    let (mut turns, readings) = (Vec::new(), profile.readings());
    for (id, _) in table.ids() {
        turns.extend(table.outcomes(id, readings).into_iter().flat_map(|(narrowed, ..)| readings.differing(narrowed)));
    }
    Switch::ALL.iter().copied().filter(|switch| turns.contains(switch)).collect()
}

/// A row as one profile reads it.
pub(crate) struct Read {
    /// Its id.
    id: String,
    /// Its title.
    title: String,
    /// What it decides, in words.
    decided: String,
    /// How sure its documents are.
    certainty: &'static str,
    /// What else it can decide, and by which readings.
    open: Vec<String>,
    /// All of it.
    pub(crate) json: Value,
}

/// Every row that two profiles read otherwise, as the one and as the other reads it.
pub(crate) fn differences(ours: (&Rows, &Profile), theirs: (&Rows, &Profile)) -> Vec<(Read, Read)> {
    let read = |(table, profile): (&Rows, &Profile)| -> Vec<Read> {
        let of = |(id, rule): (RuleId, &Rule)| Read {
            id: rule.id.clone(),
            title: rule.title.clone(),
            decided: told(table, id, profile),
            certainty: rule.certainty.name(),
            open: open(table, id, profile),
            json: row(table, id, rule, profile),
        };
        table.ids().map(of).collect()
    };
    let shown = |row: &Read| (row.decided.clone(), row.certainty, row.open.clone());
    read(ours).into_iter().zip(read(theirs)).filter(|(ours, theirs)| shown(ours) != shown(theirs)).collect()
}

/// Where two profiles differ, as text: a line of each, and below it what it leaves open.
pub(crate) fn text_of_differences(table: &Rows, (ours, theirs): (&str, &str), rows: &[(Read, Read)]) -> String {
    if rows.is_empty() {
        return format!("{ours} and {theirs} decide the same in every row of the table `{}`\n", table.form().name);
    }
    let mut text = format!("- {ours}\n+ {theirs}\n\n{:<14} {:<4} {}\n", "row", "cert", "what");
    for (ours, theirs) in rows {
        for (sign, row) in [('-', ours), ('+', theirs)] {
            let id = format!("{sign} {}", row.id);
            text.push_str(&format!("{id:<14} {:<4} {}: {}\n", row.certainty, row.title, row.decided));
            for open in &row.open {
                text.push_str(&format!("{:<20}{open}\n", ""));
            }
        }
    }
    text
}

/// Where two profiles differ, as Markdown.
pub(crate) fn markdown_of_differences((ours, theirs): (&str, &str), rows: &[(Read, Read)]) -> String {
    let mut text =
        String::from("| profile | row | what | decided | certainty | otherwise |\n|---|---|---|---|---|---|\n");
    for (a, b) in rows {
        for (name, row) in [(ours, a), (theirs, b)] {
            let cells = [name, &row.id, &row.title, &row.decided, row.certainty, &row.open.join("; ")];
            text.push_str(&format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | ")));
        }
    }
    text
}

/// What is decided, by the names of what a table decides.
pub(crate) fn decided(table: &Rows, answers: Answers) -> Vec<(&'static str, &'static str)> {
    let effects = table.form().effects.iter().zip(answers);
    effects.map(|(effect, value)| (effect.name, effect.values[usize::from(value)])).collect()
}

/// What heads a row, a fact an entry.
fn headings(rule: &Rule) -> Vec<String> {
    let columns = rule.form().columns.iter().zip(rule.when.masks());
    let asked = columns.filter(|(column, asked)| column.heads() && asked.is_some());
    asked.map(|(column, _)| rule.when.values(column.name).collect::<Vec<_>>().join(" or ")).collect()
}

/// What heads a row and its conditions, in words.
fn conditions(rule: &Rule) -> String {
    let mut parts = headings(rule);
    parts.extend(Some(rule.conditions()).filter(|words| !words.is_empty()));
    parts.join(", ")
}

/// What else is decided where a row is cited, under what a profile leaves open, in the words of its table.
pub(crate) fn left_open(table: &Rows, id: RuleId, cited: RuleId, profile: &Profile) -> Vec<String> {
    if table.table() == TableId::Deleting { table::open(id, cited, profile) } else { open(table, id, profile) }
}

/// What else a row can decide under what a profile leaves open, and by which readings.
pub(crate) fn open(table: &Rows, id: RuleId, profile: &Profile) -> Vec<String> {
    let (_, closed) = table.decide(id, &mut Closed(profile.readings().closed()));
    let others = table.outcomes(id, profile.readings()).into_iter().filter(|(_, _, other)| *other != closed);
    let told = others.map(|(readings, _, other)| {
        let differing = decided(table, other).into_iter().zip(closed.iter().zip(other)).filter(|(_, (a, b))| *a != b);
        let words: Vec<_> = differing.map(|((name, value), _)| format!("{name} {value}")).collect();
        format!("{} if {}", words.join(", "), narrower(profile.readings(), readings))
    });
    told.collect()
}

/// The readings that are narrower than those of a profile, in words.
fn narrower(open: Readings, narrowed: Readings) -> String {
    let words = |switch: Switch| {
        let names: Vec<_> = narrowed.of(switch).names(switch).collect();
        format!("{} ({}) = {}", switch.info().name, switch.info().id, names.join(" or "))
    };
    open.differing(narrowed).map(words).collect::<Vec<_>>().join(" and ")
}

/// What is wrong with a fact of a situation.
pub(crate) enum Mistaken {
    /// There is nothing of that name: what was meant, what was given, and what there is.
    Unknown(&'static str, String, Vec<&'static str>),
    /// It wants a value: its name, and what there is.
    Bare(&'static str, Vec<&'static str>),
    /// It is given twice.
    Twice(&'static str),
}

/// The index of a situation, given as facts in the form `fact=value`; what is not given is the first value of the column. A
/// truth needs no value.
///
/// # Errors
/// What is wrong with a fact.
pub(crate) fn situation(table: &Rows, facts: &[String]) -> Result<usize, Mistaken> {
    let form = table.form();
    let mut given: Vec<(usize, u8)> = Vec::new();
    for fact in facts {
        let (name, value) = fact.split_once('=').map_or((fact.as_str(), None), |(name, value)| (name, Some(value)));
        let asked = |at: &usize| form.columns[*at].name == name && matches!(form.columns[*at].at, FactPlace::Bits(..));
        let Some(at) = (0..form.columns.len()).find(asked) else {
            let known = form.columns.iter().filter(|column| matches!(column.at, FactPlace::Bits(..)));
            return Err(Mistaken::Unknown("fact", name.to_owned(), known.map(|column| column.name).collect()));
        };
        let column = &form.columns[at];
        if given.iter().any(|(other, _)| *other == at) {
            return Err(Mistaken::Twice(column.name));
        }
        let value = match value {
            Some(value) => value,
            None if column.value("yes").is_some() => "yes",
            None => return Err(Mistaken::Bare(column.name, column.values.to_vec())),
        };
        match column.value(value) {
            Some(value) => given.push((at, value)),
            None => return Err(Mistaken::Unknown("value", value.to_owned(), column.values.to_vec())),
        }
    }
    Ok(form.index(given))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tombstone_campaign::campaign::draw;
    use tombstone_model::contract::implementation::Capabilities;
    use tombstone_model::oracle::Met;
    use tombstone_model::reference::Reference;
    use tombstone_search::run::{Runner, Terms};

    use super::*;

    /// Every situation in which a row is met is one of those that are counted of it, so that no coverage is above the whole.
    #[test]
    fn what_is_met_is_among_what_is_counted() {
        let rules = Rules::documented();
        let readings = Profile::named(Profile::DEFAULT).expect("the default profile").readings();
        let terms = Terms { rules, readings, skip_unsupported: true };
        let mut reference = Reference::new("reference", Arc::new(rules.clone()), readings);
        let suite = tombstone_scenarios::scenarios().into_iter().map(|scenario| scenario.plan);
        let drawn = (0..2_000).map(|index| draw(1, index, &Capabilities::ALL).0);
        let mut met = Met::new(rules);
        for plan in suite.chain(drawn) {
            let mut runner = Runner::new(terms, &plan, &reference);
            runner.run(&plan, &mut reference, None);
            met.merge(runner.met());
        }
        let mut compared = 0;
        for table in rules.tables() {
            let situations = table.form().situations();
            for ((id, rule), counted) in table.ids().zip(table.counted()) {
                let of = |situation: usize| (0..CONNECTIONS).any(|at| met.row(id)[at * situations + situation] > 0);
                let met = (0..situations).filter(|&situation| of(situation)).fold(0, |met, at| met | 1_u64 << at);
                // A row that is never asked for is met in one way, without being asked.
                let counted = if counted == 0 { met & met.wrapping_neg() } else { counted };
                assert_eq!(met & !counted, 0, "{}: met {met:b}, counted {counted:b}", rule.id);
                compared += u32::from(met != 0);
            }
        }
        assert!(compared > 180, "{compared}");
    }
}
