//! `tombstone explain`: one situation, and what the documents decide in it.

use clap::Args;
use tombstone_model::plan::{Kind, KindSet};
use tombstone_model::readings::decide::Closed;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::facts::facts;
use tombstone_model::rules::table::{Question as _, Rows};
use tombstone_model::rules::{Deleting, Reply, Rule, Rules, Situation, Trigger};
use tombstone_reports::Exit;
use tombstone_scenarios::Scenario;

use super::choose::{load, profile};
use super::outcome::{CommandError, CommandOutcome, unknown};
use super::output::{colour, print};
use crate::tables;

/// The reply where nobody was asked.
const UNASKED: &str = "unasked";

#[derive(Args)]
pub(super) struct ExplainArguments {
    /// The id of a row or of a fact, such as D10 or F126. Or what the record is: email, contact, appointment, task, phone-call, letter, fax, recurring-appointment,
    /// service-activity. Or the name of a table, and what follows are facts.
    kind: String,
    /// What was done: delete-in-outlook, delete-in-crm, untrack, leave-filter. Of a table: facts, such as `kind=task`; what
    /// is not given is the first value of its column, and a truth does not hold.
    #[arg(value_name = "TRIGGER")]
    rest: Vec<String>,
    /// How the user answered the prompt: yes, no, unasked, no-client.
    #[arg(long, default_value = UNASKED)]
    reply: String,
    /// The user owns the record.
    #[arg(long)]
    owner: bool,
    /// The user organized the appointment.
    #[arg(long)]
    organizer: bool,
    /// The item is not current: the appointment is past, the task is not current any more.
    #[arg(long)]
    past: bool,
    /// The record is completed or cancelled.
    #[arg(long)]
    closed: bool,
    /// The item is not tracked.
    #[arg(long)]
    untracked: bool,
    /// The user may not delete records in CRM.
    #[arg(long)]
    unprivileged: bool,
    /// It was done to one occurrence of a series.
    #[arg(long)]
    occurrence: bool,
    /// The profile whose readings to follow.
    #[arg(long, default_value = Profile::DEFAULT)]
    profile: String,
}

pub(super) fn run(arguments: &ExplainArguments) -> CommandOutcome {
    let profile = profile(&arguments.profile)?;
    if let Some(table) = tables::named(profile, &arguments.kind) {
        if arguments.speaks_of_a_kind() {
            let help =
                "help: give them as facts, such as `owner=yes`; what a table asks for is in `tombstone table NAME`";
            return Err(CommandError::usage(format!(
                "error: the options are for a kind and a trigger, not for a table\n{help}"
            )));
        }
        let index = tables::situation(table, &arguments.rest).map_err(|mistaken| told(&mistaken))?;
        print(&situation(profile, table, index));
        return Ok(Exit::Conforms);
    }
    if arguments.rest.is_empty()
        && let Some(text) = row(&arguments.kind, profile)?.or(fact(&arguments.kind)?)
    {
        print(&text);
        return Ok(Exit::Conforms);
    }
    let kinds: Vec<&str> = KindSet::RECORDS.kinds().map(Kind::name).chain(tables::names()).collect();
    let kind = Kind::named(&arguments.kind)
        .filter(|kind| KindSet::RECORDS.contains(kind.record()))
        .ok_or_else(|| unknown("kind, table, row or fact", &arguments.kind, &kinds))?;
    let [trigger] = arguments.rest.as_slice() else {
        let given = if arguments.rest.is_empty() { "none is given" } else { "several things are given" };
        let help = "help: say what was done, as in `tombstone explain contact delete-in-outlook`";
        return Err(CommandError::usage(format!("error: of a kind one trigger is asked for, and {given}\n{help}")));
    };
    let triggers: Vec<&str> = Trigger::ALL.iter().map(|trigger| trigger.name()).collect();
    let trigger = Trigger::named(trigger).ok_or_else(|| unknown("trigger", trigger, &triggers))?;
    let replies: Vec<&str> = Reply::ALL.iter().map(|reply| reply.name()).collect();
    let reply = Reply::named(&arguments.reply).ok_or_else(|| unknown("reply", &arguments.reply, &replies))?;
    let situation = Situation {
        kind: kind.record(),
        trigger,
        reply,
        tracked: !arguments.untracked,
        owner: arguments.owner,
        organizer: arguments.organizer,
        current: !arguments.past,
        open: !arguments.closed,
        privileged: !arguments.unprivileged,
        occurrence: arguments.occurrence,
    };
    print(&self::situation(profile, profile.rules().deletion.rows(), Deleting::index(&situation)));
    Ok(Exit::Conforms)
}

/// A situation of a table, by its index, as a profile reads it: the row that decides, what it decides, and on what that rests.
fn situation(profile: &Profile, table: &Rows, index: usize) -> String {
    let id = table.row(index);
    let (row, answers) = table.decide(id, &mut Closed(profile.readings().closed()));
    let rule = table.rule(row);
    let mut text = format!("{}  {}\n\n", rule.id, rule.title);
    for (name, value) in tables::decided(table, answers) {
        text.push_str(&format!("  {name:<10} {value}\n"));
    }
    text.push_str(&format!("  certainty  {} ({})\n", rule.certainty.name(), rule.certainty.meaning()));
    text + &basis(rule, &tables::left_open(table, id, row, profile))
}

/// On what a row rests, what else it could decide, and what is remarked of it.
fn basis(rule: &Rule, otherwise: &[String]) -> String {
    let mut text = String::new();
    for source in &rule.sources {
        text.push_str(&format!("  source     \"{source}\"\n"));
    }
    if rule.sources.is_empty() && !rule.extends.is_empty() {
        text.push_str(&format!("  source     none: it extends {}\n", rule.extends.join(", ")));
    } else if rule.sources.is_empty() {
        text.push_str("  source     none: the documents are silent\n");
    }
    for words in otherwise {
        text.push_str(&format!("  otherwise  {words}\n"));
    }
    if !rule.note.is_empty() {
        text.push_str(&format!("  note       {}\n", rule.note));
    }
    text
}

/// A row as a profile reads it: what it says, where, by which documents, and which scenarios cover it.
fn row(id: &str, profile: &Profile) -> Result<Option<String>, CommandError> {
    let rules = profile.rules();
    let Some(row) = rules.named(id) else { return Ok(None) };
    let (table, rule) = (rules.table(row.table), rules.rule(row));
    let mut text =
        format!("{}  {}\n\n  table      {}: {}\n", rule.id, rule.title, table.form().name, table.form().title);
    let conditions = rule.conditions();
    if !conditions.is_empty() {
        text.push_str(&format!("  where      {conditions}\n"));
    }
    text.push_str(&format!("  certainty  {} ({})\n", rule.certainty.name(), rule.certainty.meaning()));
    text.push_str(&basis(rule, &tables::left_open(table, row, row, profile)));
    if !rule.facts.is_empty() {
        text.push_str(&format!("  facts      {}\n", rule.facts.join(", ")));
    }
    let covers = |scenario: &Scenario| scenario.covers.contains(&rule.row) || scenario.covers.contains(&rule.id);
    Ok(Some(text + &covering(covers)?))
}

/// A fact of the documents: what it says, which rows rest on it, and which scenarios cover it.
fn fact(id: &str) -> Result<Option<String>, CommandError> {
    let Some(fact) = facts().into_iter().find(|fact| fact.id == id) else { return Ok(None) };
    let mut text = format!("{}  {}\n\n", fact.id, fact.subject);
    for source in &fact.sources {
        text.push_str(&format!("  source     \"{source}\"\n"));
    }
    if let Some(beyond) = &fact.beyond {
        text.push_str(&format!("  untested   {beyond}\n"));
    }
    let rules = Rules::documented();
    let rows: Vec<&str> =
        rules.ids().filter(|(_, rule)| rule.facts.contains(&fact.id)).map(|(_, rule)| &*rule.id).collect();
    if !rows.is_empty() {
        text.push_str(&format!("  rows       {}\n", rows.join(", ")));
    }
    Ok(Some(text + &covering(|scenario| scenario.covers.contains(&fact.id))?))
}

/// How many scenarios of the suite cover something, and the first of them.
fn covering(covers: impl Fn(&Scenario) -> bool) -> Result<String, CommandError> {
    /// As many are named.
    const NAMED: usize = 5;
    let loaded = load(&[], colour())?;
    let ids: Vec<&str> = loaded.scenarios.iter().filter(|it| covers(it)).map(|it| it.id.as_str()).collect();
    let more = if ids.len() > NAMED { format!(" and {} more", ids.len() - NAMED) } else { String::new() };
    let named = ids.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    Ok(format!("  scenarios  {}\n", if ids.is_empty() { "none".to_owned() } else { named + &more }))
}

impl ExplainArguments {
    /// Whether an option is given that speaks of a kind and a trigger.
    fn speaks_of_a_kind(&self) -> bool {
        let said =
            [self.owner, self.organizer, self.past, self.closed, self.untracked, self.unprivileged, self.occurrence];
        said.contains(&true) || self.reply != UNASKED
    }
}

/// What is wrong with a fact of a table, in words.
fn told(mistaken: &tables::Mistaken) -> CommandError {
    match mistaken {
        tables::Mistaken::Unknown(what, given, known) => unknown(what, given, known),
        tables::Mistaken::Bare(fact, known) => CommandError::usage(format!(
            "error: the fact `{fact}` wants a value\nhelp: give one, such as `{fact}={}`; there are: {}",
            known[0],
            known.join(", ")
        )),
        tables::Mistaken::Twice(fact) => CommandError::usage(format!(
            "error: the fact `{fact}` is given twice\nhelp: a situation has one value of it"
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use tombstone_model::rules::{RuleId, TableId};
    use tombstone_reports::RuleText;

    use super::*;

    /// What is told of a row is the same of a situation that it decides, in the table, and where rows are counted: under every
    /// profile, for every row of every table and every way in which one restrains another.
    #[test]
    fn a_situation_a_table_and_a_report_say_the_same_of_a_row() {
        let mut compared = 0;
        for profile in Profile::all() {
            let counted: BTreeMap<String, RuleText> =
                tables::all_rows(profile).into_iter().map(|row| (row.id.clone(), row)).collect();
            for table in profile.rules().tables() {
                let listed = if table.table() == TableId::Deleting {
                    serde_json::to_value(crate::table::rows(profile)).expect("rows")
                } else {
                    tables::json(table, profile)["rows"].clone()
                };
                let listed = listed.as_array().expect("a list of rows");
                let mut known: BTreeSet<RuleId> = BTreeSet::new();
                for index in table.form().spoken().filter(|&index| known.insert(table.row(index))) {
                    let (row, _) = table.decide(table.row(index), &mut Closed(profile.readings().closed()));
                    let (rule, told) = (table.rule(row), situation(profile, table, index));
                    let counted = &counted[&rule.id];
                    let listed = listed.iter().find(|listed| listed["id"] == *rule.id).expect("it is in the table");
                    let lines = |name: &str| -> Vec<&str> {
                        let of = told.lines().filter_map(|line| line.trim_start().strip_prefix(name));
                        of.map(str::trim_start).collect()
                    };
                    let at = format!("{}, {}:\n{told}", profile.name, table.form().words(index));
                    assert!(told.starts_with(&format!("{}  {}\n", counted.id, counted.title)), "{at}");
                    assert_eq!(listed["title"], *counted.title, "{at}");
                    assert_eq!(lines("certainty"), [counted.certainty.as_str()], "{at}");
                    let certainty = listed["certainty"].as_str().expect("a certainty");
                    assert!(counted.certainty.starts_with(certainty), "{at}");
                    let sources: Vec<String> = counted.sources.iter().map(|title| format!("\"{title}\"")).collect();
                    let said: Vec<&str> = lines("source").into_iter().filter(|it| it.starts_with('"')).collect();
                    assert_eq!(said, sources, "{at}");
                    assert_eq!(listed["facts"], serde_json::json!(counted.facts), "{at}");
                    // Where a row restrains another, or is cited under one reading only, more is open than by itself.
                    if table.row(index) == row {
                        assert_eq!(lines("otherwise"), counted.open, "{at}");
                        let open = listed["open"].as_array().cloned().unwrap_or_default();
                        assert_eq!(open, counted.open, "{at}");
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared > 150 * Profile::all().len(), "{compared}");
    }
}
