//! The deletion table in words, as a profile reads it: what it decides, what it leaves open, and where two profiles differ.

use tombstone_model::readings::decide::Closed;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch};
use tombstone_model::rules::{Decision, Deleting, Fate, Prompt, Rule, RuleId, Rules};
use tombstone_reports::RuleText;

/// Every row of the table, in the words of a profile.
pub(crate) fn rows(profile: &Profile) -> Vec<RuleText> {
    profile.rules().deletion.rows().ids().map(|(id, rule)| row(rule, id, profile)).collect()
}

fn row(rule: &Rule, id: RuleId, profile: &Profile) -> RuleText {
    let closed = profile.rules().deletion.decide(id, &mut Closed(profile.readings().closed()));
    RuleText {
        id: rule.id.clone(),
        table: rule.form().name.to_owned(),
        row: rule.row.clone(),
        title: rule.title.clone(),
        kinds: rule.when.values("kinds").map(str::to_owned).collect(),
        trigger: rule.when.values("trigger").collect::<Vec<_>>().join(", "),
        conditions: Some(rule.conditions()).filter(|text| !text.is_empty()).into_iter().collect(),
        outlook: Deleting::outlook(&rule.then).map_or("-", |_| closed.outlook.name()).to_owned(),
        crm: Deleting::crm(&rule.then).map_or("-", |_| closed.crm.name()).to_owned(),
        prompt: prompt(closed.prompt).to_owned(),
        decided: String::new(),
        situations: None,
        certainty: format!("{} ({})", rule.certainty.name(), rule.certainty.meaning()),
        sources: rule.sources.iter().map(|&title| title.to_owned()).collect(),
        facts: rule.facts.clone(),
        faults: Vec::new(),
        open: open(id, id, profile),
        note: Some(rule.note.clone()).filter(|note| !note.is_empty()),
    }
}

/// What else is decided where a row is cited, under what a profile leaves open, and by which readings.
pub(crate) fn open(id: RuleId, cited: RuleId, profile: &Profile) -> Vec<String> {
    let documented = Rules::documented().deletion.rows();
    let (table, bound) = (&profile.rules().deletion, documented.binds(documented.rule(cited), profile));
    let closed = table.decide(id, &mut Closed(profile.readings().closed()));
    let mut open: Vec<String> = Vec::new();
    if !bound {
        open.push("no document of the profile speaks of it".to_owned());
    }
    for (readings, other) in table.outcomes(id, profile.readings()) {
        let differing = differing(closed, other);
        if !differing.is_empty() {
            open.push(format!("{} if {}", differing.join(", "), conditions(profile.readings(), readings)));
        }
    }
    if bound && (closed.outlook == Fate::Free || closed.crm == Fate::Free) {
        open.push("free: no document says what becomes of it".to_owned());
    }
    open
}

/// Whether the user is asked, in words.
pub(crate) fn prompt(prompt: Prompt) -> &'static str {
    match prompt {
        Prompt::Asked => "asked",
        Prompt::Unasked => "not asked",
        Prompt::Free => "free",
    }
}

/// What another outcome has otherwise.
fn differing(closed: Decision, other: Decision) -> Vec<String> {
    let mut parts = Vec::new();
    if other.outlook != closed.outlook {
        parts.push(format!("Outlook {}", other.outlook.name()));
    }
    if other.crm != closed.crm {
        parts.push(format!("CRM {}", other.crm.name()));
    }
    if other.prompt != closed.prompt {
        parts.push(prompt(other.prompt).to_owned());
    }
    if other.unlink != closed.unlink {
        parts.push(if other.unlink { "link cut" } else { "link kept" }.to_owned());
    }
    parts
}

/// The readings that are narrower than those of a profile, in words.
fn conditions(open: Readings, narrowed: Readings) -> String {
    let words = |switch: Switch| {
        let names: Vec<_> = narrowed.of(switch).names(switch).collect();
        format!("{} ({}) = {}", switch.info().name, switch.info().id, names.join(" or "))
    };
    open.differing(narrowed).map(words).collect::<Vec<_>>().join(" and ")
}

/// One row that two profiles read otherwise: the second's words, where the first has the row in other ones.
pub(crate) fn differences(ours: &[RuleText], theirs: &[RuleText]) -> Vec<(RuleText, RuleText)> {
    let pairs = ours.iter().zip(theirs);
    let differ = |a: &RuleText, b: &RuleText| {
        let cells = |row: &RuleText| {
            let certainty = row.certainty.clone();
            (row.outlook.clone(), row.crm.clone(), row.prompt.clone(), certainty, row.open.clone())
        };
        cells(a) != cells(b)
    };
    pairs.filter(|(a, b)| differ(a, b)).map(|(a, b)| (a.clone(), b.clone())).collect()
}

/// The deletion table as text.
pub(crate) fn text(rows: &[RuleText]) -> String {
    let mut text = heading();
    for row in rows {
        line(&mut text, &row.id, row);
    }
    text
}

/// Where two profiles differ, as text: a line of each.
pub(crate) fn text_of_differences((ours, theirs): (&str, &str), rows: &[(RuleText, RuleText)]) -> String {
    if rows.is_empty() {
        return format!("{ours} and {theirs} decide the same in every row of the deletion table\n");
    }
    let mut text = format!("- {ours}\n+ {theirs}\n\n{}", heading());
    for (a, b) in rows {
        line(&mut text, &format!("- {}", a.id), a);
        for open in &a.open {
            text.push_str(&format!("      {open}\n"));
        }
        line(&mut text, &format!("+ {}", b.id), b);
        for open in &b.open {
            text.push_str(&format!("      {open}\n"));
        }
    }
    text
}

fn heading() -> String {
    format!("{:<26} {:<8} {:<8} {:<6} {:<4} {:<5} {}\n", "row", "Outlook", "CRM", "prompt", "cert", "open", "what")
}

fn line(text: &mut String, id: &str, row: &RuleText) {
    let prompt = match row.prompt.as_str() {
        "asked" => "yes",
        "not asked" => "no",
        other => other,
    };
    let certainty = row.certainty.chars().next().unwrap_or(' ');
    let open = if row.open.is_empty() { "" } else { "open" };
    text.push_str(&format!(
        "{id:<26} {:<8} {:<8} {prompt:<6} {certainty:<4} {open:<5} {}\n",
        row.outlook, row.crm, row.title
    ));
}
