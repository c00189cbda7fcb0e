//! The checks that need nothing but the grammar: keys, types, forms and names. Every error of a file is found.

use std::collections::BTreeSet;
use std::ops::Range;

use tombstone_model::plan::Kind;
use toml::de::DeValue;

use crate::diagnostics::{Diagnostic, nearest, quoted};
use crate::grammar::{KnownIds, NAME, StringForm, TableGrammar, ValueShape, Who};
use crate::node::{KeyEntry, ValueNode};

/// What has been declared and what has been found wrong so far.
pub(crate) struct Checker<'a> {
    users: Vec<&'a str>,
    computers: Vec<&'a str>,
    items: Vec<&'a str>,
    /// Whether nothing is wrong with the declarations.
    pub(crate) declarations: bool,
    /// For each step whether nothing is wrong with it.
    pub(crate) steps: Vec<bool>,
    /// The errors.
    pub(crate) found: Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    /// A checker that knows the names which the file declares.
    pub(crate) fn new(file: ValueNode<'a>) -> Self {
        let names = |who: Who| -> Vec<&'a str> {
            file.get(who.table())
                .map(|table| table.entries().iter().map(|entry| entry.name).collect())
                .unwrap_or_default()
        };
        Self {
            users: names(Who::User),
            computers: names(Who::Computer),
            items: names(Who::Item),
            declarations: true,
            steps: Vec::new(),
            found: Vec::new(),
        }
    }

    /// The declared names, in the order of their declaration, which is that of their ids.
    pub(crate) fn names(&self, who: Who) -> &[&'a str] {
        match who {
            Who::User => &self.users,
            Who::Computer => &self.computers,
            Who::Item => &self.items,
        }
    }

    /// The id behind a name.
    pub(crate) fn id(&self, who: Who, name: &str) -> Option<u8> {
        self.names(who).iter().position(|&other| other == name).and_then(|at| u8::try_from(at).ok())
    }

    /// Keeps an error.
    pub(crate) fn report(
        &mut self,
        code: &'static str,
        place: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
        help: Option<String>,
    ) {
        self.found.push(Diagnostic { code, message: message.into(), span: place, label: label.into(), help });
    }

    /// Checks a table; says whether nothing was wrong. `place` is where a missing key is pointed at.
    pub(crate) fn table(&mut self, table: &'static TableGrammar, node: ValueNode<'a>, place: &Range<usize>) -> bool {
        let before = self.found.len();
        let entries = node.entries();
        for entry in &entries {
            match table.all().find(|key| key.name == entry.name) {
                Some(key) => self.shape(&key.shape, entry.node, entry),
                None => self.unknown_key(table, entry),
            }
        }
        for key in table.all().filter(|key| key.required && node.get(key.name).is_none()) {
            self.report(
                "scenario::missing-key",
                place.clone(),
                format!("{} lacks `{}`", table.what, key.name),
                format!("`{}` is missing here", key.name),
                Some(format!("{}: {}", key.name, lower(key.doc))),
            );
        }
        if !table.verbs.is_empty() {
            self.verbs(table, &entries, place);
        }
        self.found.len() == before
    }

    fn verbs(&mut self, table: &'static TableGrammar, entries: &[KeyEntry<'a>], place: &Range<usize>) {
        let is_verb = |entry: &&KeyEntry<'a>| table.verbs.iter().any(|verb| verb.name == entry.name);
        let mut verbs = entries.iter().filter(is_verb);
        match (verbs.next(), verbs.next()) {
            (Some(_), None) => {}
            (None, _) if table.alone.is_some_and(|alone| entries.iter().any(|entry| entry.name == alone)) => {}
            (Some(first), Some(second)) => self.report(
                "scenario::several-steps",
                second.place.clone(),
                format!("{} does one thing, not `{}` and `{}`", table.what, first.name, second.name),
                "a second thing to do",
                Some("begin another `[[step]]` for it".to_owned()),
            ),
            // An unknown key is the misspelt step, and has been reported.
            (None, _) if entries.iter().any(|entry| table.all().all(|key| key.name != entry.name)) => {}
            (None, _) => self.report(
                "scenario::missing-key",
                place.clone(),
                format!("{} says nothing to do", table.what),
                "nothing to do here",
                Some(format!("one of {}", quoted(table.verbs.iter().map(|verb| verb.name).chain(table.alone)))),
            ),
        }
    }

    fn unknown_key(&mut self, table: &'static TableGrammar, entry: &KeyEntry<'a>) {
        let known: Vec<&str> = table.all().map(|key| key.name).collect();
        let help = match nearest(entry.name, known.iter().copied()) {
            Some(similar) => format!("a key with a similar name exists: `{similar}`"),
            None if known.is_empty() => format!("{} has no keys", table.what),
            None => format!("the keys are {}", quoted(known)),
        };
        self.report(
            "scenario::unknown-key",
            entry.place.clone(),
            format!("unknown key `{}`", entry.name),
            format!("not a key of {}", table.what),
            Some(help),
        );
    }

    fn shape(&mut self, shape: &'static ValueShape, node: ValueNode<'a>, entry: &KeyEntry<'a>) {
        if !accepts(shape, node) {
            let wanted = describe(shape);
            let declares = |shape: &ValueShape| matches!(shape, ValueShape::Named(..));
            self.declarations &=
                !declares(shape) && !matches!(shape, ValueShape::Either([first, ..]) if declares(first));
            let quotes = matches!(node.value(), DeValue::Datetime(_)).then(|| "write it in quotes".to_owned());
            return self.report(
                "scenario::wrong-type",
                node.span(),
                format!("`{}` cannot be {}", entry.name, type_of(node)),
                format!("expected {wanted}"),
                quotes,
            );
        }
        match shape {
            // The axes were checked, and taken out, before the file of a case is.
            ValueShape::Text | ValueShape::Flag | ValueShape::Axes => {}
            ValueShape::Cells => self.report(
                "scenario::unknown-axis",
                entry.place.clone(),
                format!("`{}` in a file of one case", entry.name),
                "there are no axes",
                Some("declare them under `[matrix]`, for example `kind = [\"email\", \"contact\"]`".to_owned()),
            ),
            ValueShape::Matching(pattern) => {
                self.form(pattern, node, entry);
            }
            ValueShape::Known(known) => {
                if self.form(&known.form, node, entry) {
                    self.known(known, node.text().unwrap_or_default(), &node.span());
                }
            }
            ValueShape::Word(words) => self.word(node, entry.name, words.to_vec()),
            ValueShape::Kind => self.word(node, entry.name, Kind::ALL.map(Kind::name).to_vec()),
            ValueShape::Name(who, also) => self.name(*who, also, node.text().unwrap_or_default(), &node.span()),
            ValueShape::Whole(least, most) => {
                if !node.whole().is_some_and(|number| (*least..=*most).contains(&number)) {
                    self.report(
                        "scenario::out-of-range",
                        node.span(),
                        format!("`{}` is out of range", entry.name),
                        format!("expected {least} to {most}"),
                        None,
                    );
                }
            }
            ValueShape::List(element) => {
                node.list().for_each(|node| self.shape(element, node, entry));
                if matches!(
                    element,
                    ValueShape::Known(_)
                        | ValueShape::Either([ValueShape::Known(_), ..])
                        | ValueShape::Name(Who::Item, _)
                ) {
                    self.twice(node, entry);
                }
            }
            ValueShape::Table(table) => {
                self.table(table, node, &entry.place);
            }
            ValueShape::Named(who, table) => {
                let before = self.found.len();
                for entry in node.entries() {
                    self.declaration(*who, table, &entry);
                }
                self.declarations &= self.found.len() == before;
            }
            ValueShape::Each(who, shape) => {
                for entry in node.entries() {
                    self.name(*who, &[], entry.name, &entry.place);
                    self.shape(shape, entry.node, &entry);
                }
            }
            ValueShape::Tables(table) => {
                for node in node.list() {
                    let clean = self.table(table(), node, &node.span());
                    self.steps.push(clean);
                }
            }
            ValueShape::Either(shapes) => {
                if let Some(shape) = shapes.iter().find(|shape| accepts(shape, node)) {
                    self.shape(shape, node, entry);
                }
            }
        }
    }

    /// Whether a string has a form; an error where it does not.
    fn form(&mut self, pattern: &StringForm, node: ValueNode<'a>, entry: &KeyEntry<'a>) -> bool {
        let fits = node.text().is_some_and(pattern.fits);
        if !fits {
            self.report(
                "scenario::malformed",
                node.span(),
                format!("`{}` cannot be `{}`", entry.name, node.text().unwrap_or_default()),
                format!("expected {}", pattern.what),
                None,
            );
        }
        fits
    }

    fn known(&mut self, known: &KnownIds, id: &str, place: &Range<usize>) {
        let all = (known.all)();
        if all.iter().any(|other| other == id) {
            return;
        }
        let near = neighbour(id, all).or_else(|| nearest(id, all.iter().map(String::as_str)));
        let help = match near {
            Some(near) => format!("the nearest is `{near}`; {}", known.listed),
            None => known.listed.to_owned(),
        };
        self.report(
            "scenario::unknown-id",
            place.clone(),
            format!("unknown {} `{id}`", known.what),
            format!("there is no such {}", known.what),
            Some(help),
        );
    }

    /// What a list of ids names again.
    fn twice(&mut self, list: ValueNode<'a>, entry: &KeyEntry<'a>) {
        let mut seen = BTreeSet::new();
        let again = list.list().filter(|node| node.text().is_some_and(|id| !seen.insert(id.to_owned())));
        let again: Vec<ValueNode<'a>> = again.collect();
        for node in again {
            let id = node.text().unwrap_or_default();
            self.report(
                "scenario::twice",
                node.span(),
                format!("`{}` names `{id}` twice", entry.name),
                "a second time",
                Some("name each once".to_owned()),
            );
        }
    }

    fn declaration(&mut self, who: Who, table: &'static TableGrammar, entry: &KeyEntry<'a>) {
        if !(NAME.fits)(entry.name) || entry.name == who.reserved() {
            self.report(
                "scenario::malformed",
                entry.place.clone(),
                format!("`{}` cannot be the name of {}", entry.name, table.what),
                format!("expected {}", NAME.what),
                (entry.name == who.reserved()).then(|| format!("`{}` already means something here", entry.name)),
            );
        }
        if entry.node.table().is_some() {
            self.table(table, entry.node, &entry.place);
        } else {
            self.report(
                "scenario::wrong-type",
                entry.node.span(),
                format!("`{}` cannot be {}", entry.name, type_of(entry.node)),
                "expected a table",
                Some(format!("declare it under `[{}.{}]`", who.table(), entry.name)),
            );
        }
    }

    fn word(&mut self, node: ValueNode<'a>, key: &str, words: Vec<&'static str>) {
        let word = node.text().unwrap_or_default();
        if words.contains(&word) {
            return;
        }
        let similar = nearest(word, words.iter().copied()).map(|similar| format!("a similar word is `{similar}`"));
        self.report(
            "scenario::unknown-word",
            node.span(),
            format!("`{key}` cannot be `{word}`"),
            format!("expected one of {}", quoted(words)),
            similar,
        );
    }

    fn name(&mut self, who: Who, also: &[&'static str], name: &str, place: &Range<usize>) {
        if also.contains(&name) || self.names(who).contains(&name) {
            return;
        }
        let (word, table) = (who.word(), who.table());
        let known: Vec<&str> = self.names(who).iter().chain(also).copied().collect();
        let help = match nearest(name, known.iter().copied()) {
            Some(similar) => format!("{} {word} with a similar name exists: `{similar}`", article(word)),
            None if known.is_empty() => format!("declare it under `[{table}.{name}]`"),
            None => format!("known are {}", quoted(known)),
        };
        self.report(
            "scenario::unknown-name",
            place.clone(),
            format!("unknown {word} `{name}`"),
            format!("not declared under [{table}]"),
            Some(help),
        );
    }
}

/// Of ids that are numbered, the one with the nearest number.
fn neighbour<'i>(id: &str, all: &'i [String]) -> Option<&'i str> {
    let parts = |id: &str| {
        let (letters, digits) = id.split_at(id.find(|c: char| c.is_ascii_digit())?);
        Some((letters.to_owned(), digits.parse::<u32>().ok()?))
    };
    let (letters, number) = parts(id)?;
    let alike =
        all.iter().filter_map(|other| parts(other).filter(|(same, _)| *same == letters).map(|(_, n)| (n, other)));
    alike.min_by_key(|(n, _)| n.abs_diff(number)).map(|(_, other)| other.as_str())
}

/// Whether the TOML type of a value is that of a shape.
fn accepts(shape: &ValueShape, node: ValueNode<'_>) -> bool {
    match shape {
        ValueShape::Text
        | ValueShape::Matching(_)
        | ValueShape::Known(_)
        | ValueShape::Word(_)
        | ValueShape::Kind
        | ValueShape::Name(..) => node.text().is_some(),
        ValueShape::Flag => node.flag().is_some(),
        ValueShape::Whole(..) => node.value().is_integer(),
        ValueShape::List(_) => node.value().is_array(),
        ValueShape::Tables(_) => node.value().is_array() && node.list().all(|node| node.table().is_some()),
        ValueShape::Table(_) | ValueShape::Named(..) | ValueShape::Each(..) | ValueShape::Axes | ValueShape::Cells => {
            node.table().is_some()
        }
        ValueShape::Either(shapes) => shapes.iter().any(|shape| accepts(shape, node)),
    }
}

/// What a shape wants, with its article.
fn describe(shape: &ValueShape) -> String {
    match shape {
        ValueShape::Text => "a string".to_owned(),
        ValueShape::Matching(pattern) => pattern.what.to_owned(),
        ValueShape::Known(known) => known.form.what.to_owned(),
        ValueShape::Word(words) => format!("one of {}", quoted(words.iter().copied())),
        ValueShape::Kind => "the name of a kind".to_owned(),
        ValueShape::Name(who, _) => format!("the name of {} {}", article(who.word()), who.word()),
        ValueShape::Flag => "true or false".to_owned(),
        ValueShape::Whole(..) => "a whole number".to_owned(),
        ValueShape::List(_) => "a list".to_owned(),
        ValueShape::Table(_) | ValueShape::Each(..) | ValueShape::Axes | ValueShape::Cells => "a table".to_owned(),
        ValueShape::Named(who, _) => format!("tables `[{}.name]`", who.table()),
        ValueShape::Tables(_) => "tables `[[step]]`".to_owned(),
        ValueShape::Either(shapes) => {
            let all: Vec<String> = shapes.iter().map(describe).collect();
            all.join(", or ")
        }
    }
}

fn type_of(node: ValueNode<'_>) -> &'static str {
    match node.value() {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a TOML date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with('i') { "an" } else { "a" }
}

/// A sentence that goes on after a colon.
fn lower(doc: &str) -> String {
    let mut letters = doc.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
