//! Reads the files of rules: TOML in, rows out, with everything that is wrong said at once.

use serde::Deserialize;
use toml::{Table, Value};

use super::errors::{RuleError, RuleErrors};
use super::form::{Certainty, Form, Reading, Rule, TRUTH, Then, When};
use super::named::{OneOrMany, switch};
use crate::rules::documents::Document;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowText {
    id: String,
    row: Option<String>,
    like: Option<String>,
    #[serde(default)]
    extends: Vec<String>,
    title: String,
    #[serde(default)]
    when: Table,
    #[serde(default)]
    then: Table,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadingText {
    switch: Table,
    then: Table,
}

/// The rows of all files, in their order.
pub(super) fn rows(form: &'static Form, files: &[(&str, &str)]) -> Result<Vec<Rule>, RuleErrors> {
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
            match headed(form, value) {
                Ok((heading, text)) => {
                    let rule = rule(form, heading, text, &rows, &mut messages);
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

/// What heads a row, apart from the rest of it.
fn headed(form: &Form, value: Value) -> Result<(Table, RowText), toml::de::Error> {
    let Value::Table(mut row) = value else { return value.try_into().map(|text| (Table::new(), text)) };
    let mut heading = Table::new();
    for column in form.columns.iter().filter(|column| column.heads()) {
        if let Some(value) = row.remove(column.name) {
            heading.insert(column.name.to_owned(), value);
        }
    }
    Value::Table(row).try_into().map(|text| (heading, text))
}

fn rule(form: &'static Form, heading: Table, text: RowText, before: &[Rule], messages: &mut Vec<String>) -> Rule {
    let like = text.like.as_ref().and_then(|like| {
        let found = before.iter().find(|rule| rule.id == *like);
        if found.is_none() {
            messages.push(format!("`like` names `{like}`, and no row before it is called that"));
        }
        found
    });
    let mut when = like.map_or_else(|| usual(form), |like| like.when.clone());
    for (name, value) in heading.into_iter().chain(text.when) {
        condition(form, &mut when, &name, value, messages);
    }
    let unsaid = form.columns.iter().zip(when.masks()).filter(|(column, asked)| column.heads() && asked.is_none());
    if text.like.is_none() {
        messages.extend(unsaid.map(|(column, _)| format!("`{}` is missing", column.name)));
    }
    let mut extends = text.extends;
    extends.extend(text.like.clone());
    for id in extends.iter().filter(|id| !before.iter().any(|rule| rule.id == **id)) {
        if text.like.as_ref() != Some(id) {
            messages.push(format!("`extends` names `{id}`, and no row before it is called that"));
        }
    }
    let then = outcome(form, text.then, messages).or(like.map(|like| like.then).unwrap_or_default());
    let mut readings: Vec<_> = text.reading.into_iter().map(|text| reading(form, text, messages)).collect();
    if let Some(like) = like {
        readings.extend(like.readings.iter().cloned());
    }
    let certainty = Certainty::ALL.into_iter().find(|certainty| certainty.name() == text.certainty);
    let certainty = certainty.unwrap_or_else(|| {
        messages.push(format!("unknown certainty `{}`; it is `A`, `B` or `C`", text.certainty));
        Certainty::C
    });
    Rule {
        row: text.row.unwrap_or_else(|| text.id.clone()),
        sources: titles(&text.sources, messages),
        extends,
        id: text.id,
        title: told(form, &text.title, &then),
        template: text.title,
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

/// The conditions of a row that names none.
fn usual(form: &'static Form) -> When {
    let mut when = When::none(form);
    for column in form.columns.iter().filter(|column| column.usual.is_some()) {
        *when.of(column.name) = column.usual;
    }
    when
}

impl Rule {
    /// What it would say if this were what it decides.
    pub fn told(&self, then: &Then) -> String {
        told(self.form(), &self.template, then)
    }
}

/// The title of a row, with the words of what it decides in their places.
pub(crate) fn told(form: &Form, template: &str, then: &Then) -> String {
    let mut told = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((place, behind)) = after.split_once('}') else { break };
        told.push_str(before);
        told.push_str(&form.tell(place, then));
        rest = behind;
    }
    told.push_str(rest);
    told
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

/// A condition on the column of that name: a truth, a value, or a list of them.
fn condition(form: &Form, when: &mut When, name: &str, value: Value, messages: &mut Vec<String>) {
    let Some(column) = form.columns.iter().find(|column| column.name == name) else {
        let known: Vec<_> = form.columns.iter().map(|column| column.name).collect();
        messages.push(format!("unknown condition `{name}`; it is one of `{}`", known.join("`, `")));
        return;
    };
    let Some(names) = names(value) else {
        messages.push(format!("`{name}` must be `true`, `false`, a string or a list of strings"));
        return;
    };
    let mut asked = 0;
    for value in &names {
        match column.value(value) {
            Some(n) if column.usual.is_none_or(|usual| !column.heads() || usual >> n & 1 != 0) => asked |= 1 << n,
            Some(_) => messages.push(format!("the table does not speak of `{value}`")),
            None => messages.push(unknown(name, value, column.values)),
        }
    }
    *when.of(column.name) = Some(asked);
}

fn unknown(name: &str, value: &str, values: &[&str]) -> String {
    format!("unknown `{name}`: `{value}`; it is one of `{}`", values.join("`, `"))
}

/// The names of values that are given.
fn names(value: Value) -> Option<Vec<String>> {
    if let Value::Boolean(truth) = value {
        return Some(vec![TRUTH[usize::from(truth)].to_owned()]);
    }
    value.try_into::<OneOrMany>().ok().map(OneOrMany::into_vec)
}

fn outcome(form: &Form, table: Table, messages: &mut Vec<String>) -> Then {
    let mut then = Then::default();
    for (name, value) in table {
        let Some(at) = form.effects.iter().position(|effect| effect.name == name) else {
            let known: Vec<_> = form.effects.iter().map(|effect| effect.name).collect();
            messages.push(format!("unknown outcome `{name}`; it is one of `{}`", known.join("`, `")));
            continue;
        };
        let effect = &form.effects[at];
        match names(value).as_deref() {
            Some([value]) => match effect.value(value) {
                Some(n) => then.0[at] = Some(n),
                None => messages.push(unknown(&name, value, effect.values)),
            },
            Some(_) | None => messages.push(format!("`{name}` must be `true`, `false` or a string")),
        }
    }
    then
}

fn reading(form: &Form, text: ReadingText, messages: &mut Vec<String>) -> Reading {
    if text.switch.is_empty() {
        messages.push("a reading names no switch".to_owned());
    }
    let switches = text.switch.into_iter().filter_map(|(name, value)| switch(&name, value, messages));
    Reading { switches: switches.collect(), then: outcome(form, text.then, messages) }
}
