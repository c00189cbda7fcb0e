//! What a file need not say: who there is, and that each has a computer.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::Diagnostic;
use crate::grammar::Who;

/// The user of a file that names none.
const USER: &str = "anna";
/// The computers of the users of a file that names none. They are read in the order of their names.
const COMPUTERS: [&str; 4] = ["desktop", "laptop", "notebook", "tablet"];

/// Puts into a file what it need not say. That stands nowhere, which is to say at the end. Users that are only named become
/// users; one that is named twice is reported.
pub(crate) fn supply(file: &mut Spanned<DeValue<'_>>, end: usize) -> Vec<Diagnostic> {
    let DeValue::Table(file) = file.get_mut() else { return Vec::new() };
    let (users, twice) = match file.iter().find(|(key, _)| key.get_ref() == Who::User.table()) {
        None => (Some(table([(at(end, USER.into()), DeTable::new())])), Vec::new()),
        Some((_, value)) => named(value),
    };
    if let Some(users) = users {
        put(file, Who::User.table(), at(end, users));
    }
    let users =
        file.iter().find(|(key, _)| key.get_ref() == Who::User.table()).and_then(|(_, it)| it.get_ref().as_table());
    let mut users: Vec<_> = users.into_iter().flat_map(DeTable::keys).cloned().collect();
    users.sort_by_key(|user| user.span().start);
    if file.keys().all(|key| key.get_ref() != Who::Computer.table()) {
        let of = |user: Spanned<Cow<'_, str>>| at(end, DeValue::String(Cow::Owned(user.into_inner().into_owned())));
        let each = COMPUTERS.iter().zip(users);
        let each = each
            .map(|(name, user)| (at(end, Cow::from(*name)), DeTable::from_iter([(at(end, "user".into()), of(user))])));
        put(file, Who::Computer.table(), at(end, table(each)));
    }
    twice
}

/// The users that a list names, and those that it names again.
fn named<'a>(list: &Spanned<DeValue<'a>>) -> (Option<DeValue<'a>>, Vec<Diagnostic>) {
    let mut twice = Vec::new();
    let DeValue::Array(names) = list.get_ref() else { return (None, twice) };
    let mut users = DeTable::new();
    for name in names.iter() {
        // What is no name is told by whoever checks the list.
        let DeValue::String(text) = name.get_ref() else { return (None, Vec::new()) };
        let key = Spanned::new(name.span(), text.clone());
        if users.contains_key(&key) {
            twice.push(Diagnostic {
                code: "scenario::twice",
                message: format!("`users` names `{text}` twice"),
                span: name.span(),
                label: "a second time".to_owned(),
                help: Some("name each once".to_owned()),
            });
            continue;
        }
        users.insert(key, Spanned::new(name.span(), DeValue::Table(DeTable::new())));
    }
    (Some(DeValue::Table(users)), twice)
}

fn at<T>(end: usize, value: T) -> Spanned<T> {
    Spanned::new(end..end, value)
}

fn table<'a>(entries: impl IntoIterator<Item = (Spanned<Cow<'a, str>>, DeTable<'a>)>) -> DeValue<'a> {
    let entry = |(key, value): (Spanned<Cow<'a, str>>, DeTable<'a>)| {
        let place = key.span();
        (key, Spanned::new(place, DeValue::Table(value)))
    };
    DeValue::Table(entries.into_iter().map(entry).collect())
}

/// Puts a value under a key; where there is one, it keeps its place.
fn put<'a>(file: &mut DeTable<'a>, key: &'static str, value: Spanned<DeValue<'a>>) {
    let there = file.iter_mut().find(|(known, _)| known.get_ref() == key);
    match there {
        Some((_, there)) => *there.get_mut() = value.into_inner(),
        None => _ = file.insert(Spanned::new(value.span(), key.into()), value),
    }
}
