//! The file of a baseline: read, with everything that is wrong in it at once, and written again with what its author wrote.

use std::collections::BTreeMap;
use std::ops::Range;

use tombstone_reports::Report;
use tombstone_reports::value::baseline::{FailureSite, GENERATED, KnownFailure, KnownState};
use tombstone_reports::value::pattern::nearest;
use tombstone_scenarios::{Diagnostic, Diagnostics};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

/// The table of entries.
const KNOWN: &str = "known";
/// What an entry may say, whether it must, and an example of it.
const KEYS: [(&str, bool, &str); 9] = [
    ("implementation", true, r#""my-sync", or "*" for any"#),
    ("case", true, r#""deletions/*", "generated" or "readings""#),
    ("row", false, r#""D05""#),
    ("signature", false, r#""rule · D05", as the report shows it"#),
    ("reason", true, r#""what is wrong, and why it is accepted""#),
    ("link", false, r#""https://tracker.example/42""#),
    ("expires", false, "2027-03-31, the last day on which it is accepted"),
    ("seed", false, r#""1", of generated plans"#),
    ("plans", false, "10000, of generated plans"),
];
/// The reason of what nobody has explained.
const UNEXPLAINED: &str = "not explained yet";

/// Reads a baseline.
///
/// # Errors
///
/// Everything that is wrong with the file.
pub(crate) fn parse(name: &str, text: &str) -> Result<Vec<KnownFailure>, Diagnostics> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = BaselineReader::default();
    for error in &errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        let message = error.message().trim().replace('\n', ", ");
        reader.wrong("baseline::syntax", message, span, "not valid TOML", None);
    }
    if errors.is_empty() {
        reader.file(table.get_ref());
    }
    if reader.found.is_empty() {
        return Ok(reader.entries);
    }
    reader.found.sort_by_key(|diagnostic| diagnostic.span.start);
    Err(Diagnostics { name: name.to_owned(), text: text.to_owned(), list: reader.found })
}

#[derive(Default)]
struct BaselineReader {
    found: Vec<Diagnostic>,
    entries: Vec<KnownFailure>,
}

impl BaselineReader {
    fn wrong(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        span: Range<usize>,
        label: impl Into<String>,
        help: Option<String>,
    ) {
        self.found.push(Diagnostic { code, message: message.into(), span, label: label.into(), help });
    }

    fn file(&mut self, file: &DeTable<'_>) {
        for (key, node) in file {
            if key.get_ref() != KNOWN {
                let help = format!("a baseline is a list of `[[{KNOWN}]]`");
                let message = format!("unknown key `{}`", key.get_ref());
                self.wrong("baseline::unknown-key", message, key.span(), "not a key of a baseline", Some(help));
                continue;
            }
            let Some(entries) = node.get_ref().as_array() else {
                let help = format!("write `[[{KNOWN}]]` above each entry");
                self.wrong("baseline::type", "not a list of entries", node.span(), "not a list", Some(help));
                continue;
            };
            for entry in entries {
                match entry.get_ref().as_table() {
                    Some(table) => self.entry(table, entry.span()),
                    None => {
                        let help = format!("write `[[{KNOWN}]]` above each entry");
                        self.wrong("baseline::type", "not an entry", entry.span(), "not a table", Some(help));
                    }
                }
            }
        }
    }

    fn entry(&mut self, table: &DeTable<'_>, place: Range<usize>) {
        for key in table.keys() {
            if !KEYS.iter().any(|(known, _, _)| known == key.get_ref()) {
                let near = nearest(key.get_ref(), KEYS.map(|(known, _, _)| known));
                let all = KEYS.map(|(known, _, _)| format!("`{known}`")).join(", ");
                let help = near.map_or_else(|| format!("there are: {all}"), |near| format!("did you mean `{near}`?"));
                let message = format!("unknown key `{}`", key.get_ref());
                self.wrong("baseline::unknown-key", message, key.span(), "not a key of an entry", Some(help));
            }
        }
        for (key, _, example) in KEYS.iter().filter(|(key, required, _)| *required && !table.contains_key(*key)) {
            let help = Some(format!("{key} = {example}"));
            self.wrong("baseline::missing", format!("an entry without `{key}`"), place.clone(), "this entry", help);
        }
        let entry = KnownFailure {
            implementation: self.text(table, "implementation").unwrap_or_default(),
            case: self.text(table, "case").unwrap_or_default(),
            row: self.text(table, "row"),
            signature: self.text(table, "signature"),
            reason: self.text(table, "reason").unwrap_or_default(),
            link: self.text(table, "link"),
            expires: self.day(table),
            seed: self.text(table, "seed"),
            plans: self.number(table),
        };
        let same = |known: &KnownFailure| known.to_string() == entry.to_string();
        if let Some(known) = self.entries.iter().position(same).filter(|_| !entry.case.is_empty()) {
            let message = format!("`{entry}` is known twice");
            let help = Some(format!("entry {} says the same: remove one of them", known + 1));
            self.wrong("baseline::twice", message, place, "this entry", help);
        }
        self.entries.push(entry);
    }

    fn wrong_type(&mut self, key: &str, node: &Spanned<DeValue<'_>>, what: &str) {
        let example = KEYS.iter().find(|(known, _, _)| *known == key).map(|(_, _, example)| *example);
        let help = example.map(|example| format!("{key} = {example}"));
        self.wrong("baseline::type", format!("`{key}` takes {what}"), node.span(), format!("not {what}"), help);
    }

    fn text(&mut self, table: &DeTable<'_>, key: &str) -> Option<String> {
        let node = table.get(key)?;
        match node.get_ref().as_str().map(str::trim) {
            Some(text) if !text.is_empty() => return Some(text.to_owned()),
            Some(_) => self.wrong_type(key, node, "a text that says something"),
            None => self.wrong_type(key, node, "a text"),
        }
        None
    }

    fn day(&mut self, table: &DeTable<'_>) -> Option<String> {
        let node = table.get("expires")?;
        let text = match node.get_ref() {
            DeValue::Datetime(day) => day.to_string(),
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Array(_) | DeValue::Table(_) => {
                String::new()
            }
        };
        let day = day(&text);
        if day.is_none() {
            self.wrong_type("expires", node, "a day");
        }
        day
    }

    fn number(&mut self, table: &DeTable<'_>) -> Option<u64> {
        let node = table.get("plans")?;
        let digits = node.get_ref().as_integer();
        let number = digits.and_then(|digits| u64::from_str_radix(digits.as_str(), digits.radix()).ok());
        if number.is_none() {
            self.wrong_type("plans", node, "a whole number from 0");
        }
        number
    }
}

/// A day that there is, as `YYYY-MM-DD`.
pub(crate) fn day(text: &str) -> Option<String> {
    let day: chrono::NaiveDate = text.parse().ok()?;
    let written = day.format("%Y-%m-%d").to_string();
    (written == text).then_some(written)
}

/// The text of a baseline that knows everything which fails in a report, and else what an earlier text says, with its reasons
/// and comments: entries that still hold, and those of which nothing was decided, stay as they are; one whose signature
/// changed is changed; what passes or matches nothing goes.
///
/// # Errors
///
/// When the earlier text is no TOML.
pub(crate) fn write(report: &Report, earlier: &str) -> Result<String, toml_edit::TomlError> {
    let mut document: DocumentMut = earlier.parse()?;
    let held = report.baseline.as_ref();
    let states: BTreeMap<usize, _> =
        held.iter().flat_map(|held| &held.entries).map(|it| (it.number as usize, it)).collect();
    if document.get(KNOWN).and_then(Item::as_array_of_tables).is_none() {
        // One written as a list of tables in a line becomes the usual form.
        let listed = document.remove(KNOWN).and_then(|item| item.into_array_of_tables().ok());
        document.insert(KNOWN, Item::ArrayOfTables(listed.unwrap_or_default()));
    }
    let mut new: Vec<(FailureSite, Option<Table>)> =
        held.iter().flat_map(|held| &held.new).map(|place| (place.clone(), None)).collect();
    if let Some(tables) = document.get_mut(KNOWN).and_then(Item::as_array_of_tables_mut) {
        let mut kept = ArrayOfTables::new();
        // What stands above the first entry, and apart from it, is about the file.
        let mut head = String::new();
        for (mut table, number) in std::mem::take(tables).into_iter().zip(1..) {
            let above = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned();
            let (apart, own) = match above.rfind("\n\n") {
                Some(at) if number == 1 => above.split_at(at + 2),
                Some(_) | None => ("", above.as_str()),
            };
            head.push_str(apart);
            let Some(it) = states.get(&number) else { continue };
            match it.state {
                KnownState::Passes | KnownState::MatchesNothing => continue,
                KnownState::SignatureChanged => {
                    let mut places = it.places.iter();
                    if let Some(place) = places.next() {
                        become_of(&mut table, place);
                    }
                    new.extend(places.map(|place| (place.clone(), Some(table.clone()))));
                }
                KnownState::Fails | KnownState::Undecided => {}
            }
            table.decor_mut().set_prefix(format!("{head}{own}"));
            head.clear();
            table.set_position(None);
            kept.push(table);
        }
        for (place, like) in new {
            let mut table = like.unwrap_or_default();
            table.decor_mut().set_prefix(if kept.is_empty() { std::mem::take(&mut head) } else { "\n".to_owned() });
            if !table.contains_key("reason") {
                table.insert("implementation", value(&place.implementation));
                table.insert("case", value(&place.case));
                table.insert("reason", value(UNEXPLAINED));
            }
            become_of(&mut table, &place);
            if place.case == GENERATED {
                let campaign = report.implementations.iter().find(|it| it.name == place.implementation);
                let plans = campaign.and_then(|it| it.campaign.as_ref()).map_or(0, |campaign| campaign.plans);
                table.insert("plans", value(i64::try_from(plans).unwrap_or(i64::MAX)));
                if let Some(seed) = &report.seed {
                    table.insert("seed", value(seed));
                }
            }
            table.set_position(None);
            kept.push(table);
        }
        *tables = kept;
    }
    Ok(document.to_string())
}

/// Makes an entry one for a place that fails otherwise.
fn become_of(table: &mut Table, place: &FailureSite) {
    // A row that it named would no longer be the one.
    if table.contains_key("row") {
        table.insert("row", value(place.signature.counts_for()));
    }
    table.insert("signature", value(place.signature.to_string()));
}
