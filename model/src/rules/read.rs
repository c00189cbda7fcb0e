//! Reads the files of rules: TOML in, rows out, with everything that is wrong said at once.

use std::fmt::{self, Display, Formatter};

use serde::Deserialize;
use toml::{Table, Value};

use super::{Certainty, Fate, KINDS, Prompt, Reading, Reply, Rule, Then, Trigger, When};
use crate::documents::Document;
use crate::plan::Kind;
use crate::switches::{Switch, Values};

/// One thing that is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The file; empty where the table as a whole is meant.
    pub file: String,
    /// The id of the row; empty where none is meant.
    pub row: String,
    /// What is wrong.
    pub message: String,
}

impl RuleError {
    /// An error of a row, whichever file it stands in.
    pub(super) fn of(row: &str, message: String) -> Self {
        Self { file: String::new(), row: row.to_owned(), message }
    }
}

impl Display for RuleError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for place in [&self.file, &self.row] {
            if !place.is_empty() {
                write!(f, "{place}: ")?;
            }
        }
        f.write_str(&self.message)
    }
}

/// Everything that is wrong with a table, in the order of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleErrors(pub Vec<RuleError>);

impl Display for RuleErrors {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (n, error) in self.0.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for RuleErrors {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    id: String,
    row: Option<String>,
    like: Option<String>,
    #[serde(default)]
    extends: Vec<String>,
    title: String,
    kinds: Option<OneOrMany>,
    trigger: Option<OneOrMany>,
    #[serde(default)]
    when: WhenText,
    #[serde(default)]
    then: ThenText,
    #[serde(default)]
    reading: Vec<ReadingText>,
    #[serde(default)]
    overrides: bool,
    certainty: String,
    #[serde(default)]
    sources: Vec<String>,
    #[serde(default)]
    note: String,
    #[serde(default)]
    unreachable: Option<String>,
    #[serde(default)]
    facts: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenText {
    tracked: Option<bool>,
    current: Option<bool>,
    current_and_owner: Option<bool>,
    owner: Option<bool>,
    organizer: Option<bool>,
    owner_or_organizer: Option<bool>,
    open: Option<bool>,
    privileged: Option<bool>,
    occurrence: Option<bool>,
    reply: Option<OneOrMany>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThenText {
    outlook: Option<String>,
    crm: Option<String>,
    prompt: Option<bool>,
    link: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadingText {
    switch: Table,
    then: ThenText,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

/// The rows of all files, in their order.
pub(super) fn rows(files: &[(&str, &str)]) -> Result<Vec<Rule>, RuleErrors> {
    let mut errors = Vec::new();
    let mut rows: Vec<Rule> = Vec::new();
    for &(file, text) in files {
        let mut fail = |row: &str, message: String| {
            errors.push(RuleError { file: file.to_owned(), row: row.to_owned(), message });
        };
        let mut table = match text.parse::<Table>() {
            Ok(table) => table,
            Err(error) => {
                fail("", error.to_string());
                continue;
            }
        };
        let rules = match table.remove("rule") {
            Some(Value::Array(rules)) => rules,
            Some(_) => {
                fail("", "`rule` must be a list of tables, each headed [[rule]]".to_owned());
                continue;
            }
            None => Vec::new(),
        };
        for key in table.keys() {
            fail("", format!("unknown key `{key}`; a file of rules consists of [[rule]] tables"));
        }
        for (n, value) in (1..).zip(rules) {
            let id = value.get("id").and_then(Value::as_str).map_or_else(|| format!("rule {n}"), str::to_owned);
            let mut messages = Vec::new();
            match value.try_into::<RuleText>() {
                Ok(text) => {
                    let rule = rule(text, &rows, &mut messages);
                    if rows.iter().any(|other| other.id == rule.id) {
                        messages.push("the id is taken".to_owned());
                    }
                    rows.push(rule);
                }
                Err(error) => messages.push(error.message().to_owned()),
            }
            for message in messages {
                fail(&id, message);
            }
        }
    }
    if errors.is_empty() { Ok(rows) } else { Err(RuleErrors(errors)) }
}

fn rule(text: RuleText, before: &[Rule], messages: &mut Vec<String>) -> Rule {
    let like = text.like.as_ref().and_then(|like| {
        let found = before.iter().find(|rule| rule.id == *like);
        if found.is_none() {
            messages.push(format!("`like` names `{like}`, and no row before it is called that"));
        }
        found
    });
    let kinds = match text.kinds {
        Some(kinds) => words(kinds, "kind", Kind::named, messages),
        None => like.map_or_else(|| KINDS.to_vec(), |like| like.kinds.clone()),
    };
    for kind in kinds.iter().filter(|kind| !KINDS.contains(kind)) {
        messages.push(format!("the table does not speak of `{}`, which is no kind of tracked record", kind.name()));
    }
    let triggers = match text.trigger {
        Some(trigger) => words(trigger, "trigger", Trigger::named, messages),
        None => like.map(|like| like.triggers.clone()).unwrap_or_default(),
    };
    if triggers.is_empty() && text.like.is_none() {
        messages.push("`trigger` is missing".to_owned());
    }
    let base = like.map(|like| like.when.clone()).unwrap_or_default();
    let reply = text.when.reply.map(|reply| words(reply, "reply", Reply::named, messages));
    let when = When {
        tracked: text.when.tracked.or(base.tracked).or(Some(true)),
        current: text.when.current.or(base.current),
        current_and_owner: text.when.current_and_owner.or(base.current_and_owner),
        owner: text.when.owner.or(base.owner),
        organizer: text.when.organizer.or(base.organizer),
        owner_or_organizer: text.when.owner_or_organizer.or(base.owner_or_organizer),
        open: text.when.open.or(base.open),
        privileged: text.when.privileged.or(base.privileged),
        occurrence: text.when.occurrence.or(base.occurrence),
        reply: reply.unwrap_or(base.reply),
    };
    let mut extends = text.extends;
    extends.extend(text.like.clone());
    for id in extends.iter().filter(|id| !before.iter().any(|rule| rule.id == **id)) {
        if text.like.as_ref() != Some(id) {
            messages.push(format!("`extends` names `{id}`, and no row before it is called that"));
        }
    }
    let own = outcome(text.then, messages);
    let base = like.map(|like| like.then).unwrap_or_default();
    let then = Then {
        outlook: own.outlook.or(base.outlook),
        crm: own.crm.or(base.crm),
        prompt: own.prompt.or(base.prompt),
        unlink: own.unlink.or(base.unlink),
    };
    let mut readings: Vec<_> = text.reading.into_iter().map(|text| reading(text, messages)).collect();
    if let Some(like) = like {
        readings.extend(like.readings.iter().cloned());
    }
    let certainty = match text.certainty.as_str() {
        "A" => Certainty::A,
        "B" => Certainty::B,
        "C" => Certainty::C,
        other => {
            messages.push(format!("unknown certainty `{other}`; it is `A`, `B` or `C`"));
            Certainty::C
        }
    };
    Rule {
        row: text.row.unwrap_or_else(|| text.id.clone()),
        sources: titles(&text.sources, messages),
        extends,
        id: text.id,
        title: super::words::told(&text.title, then.outlook, then.crm),
        template: text.title,
        kinds,
        triggers,
        when,
        then,
        readings,
        overrides: text.overrides,
        certainty,
        note: text.note,
        unreachable: text.unreachable,
        facts: text.facts,
    }
}

/// The documents of those titles.
pub(crate) fn titles(titles: &[String], messages: &mut Vec<String>) -> Vec<&'static str> {
    let known = titles.iter().filter_map(|title| {
        let known = Document::titled(title).map(|document| document.title.as_str());
        if known.is_none() {
            messages.push(format!("no document has the title `{title}`"));
        }
        known
    });
    known.collect()
}

fn words<T>(words: OneOrMany, what: &str, named: impl Fn(&str) -> Option<T>, messages: &mut Vec<String>) -> Vec<T> {
    let known = words.into_vec().into_iter().filter_map(|word| {
        let known = named(&word);
        if known.is_none() {
            messages.push(format!("unknown {what} `{word}`"));
        }
        known
    });
    known.collect()
}

fn outcome(text: ThenText, messages: &mut Vec<String>) -> Then {
    let mut fate = |name: Option<String>| {
        let name = name?;
        let fate = Fate::named(&name);
        if fate.is_none() {
            messages.push(format!("unknown outcome `{name}`; it is `kept`, `deleted` or `free`"));
        }
        fate
    };
    let (outlook, crm) = (fate(text.outlook), fate(text.crm));
    let unlink = match text.link.as_deref() {
        None => None,
        Some("kept") => Some(false),
        Some("cut") => Some(true),
        Some(other) => {
            messages.push(format!("unknown link `{other}`; it is `kept` or `cut`"));
            None
        }
    };
    Then { outlook, crm, prompt: text.prompt.map(Prompt::of), unlink }
}

fn reading(text: ReadingText, messages: &mut Vec<String>) -> Reading {
    if text.switch.is_empty() {
        messages.push("a reading names no switch".to_owned());
    }
    let switches = text.switch.into_iter().filter_map(|(name, value)| switch(&name, value, messages));
    Reading { switches: switches.collect(), then: outcome(text.then, messages) }
}

/// A switch and some of its readings, as `name = "value"` or `name = ["value", …]`.
pub(crate) fn switch(name: &str, value: Value, messages: &mut Vec<String>) -> Option<(Switch, Values)> {
    let Some(switch) = Switch::named(name) else {
        messages.push(format!("unknown switch `{name}`"));
        return None;
    };
    let Ok(names) = value.try_into::<OneOrMany>() else {
        messages.push(format!("the readings of `{name}` must be a string or a list of strings"));
        return None;
    };
    let mut values = Values(0);
    for reading in names.into_vec() {
        match switch.value(&reading) {
            Some(value) => values.0 |= value.0,
            None => {
                let known = switch.info().values.join("`, `");
                messages.push(format!("`{name}` has no reading `{reading}`; it has `{known}`"));
            }
        }
    }
    if values.0 == 0 {
        messages.push(format!("no reading of `{name}` is given"));
        return None;
    }
    Some((switch, values))
}
