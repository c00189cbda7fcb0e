//! Several items at once: copies of one, and steps that name more than one.

use std::borrow::Cow;

use tombstone_model::ids::MAX_ITEMS;
use tombstone_model::pattern::matches;
use tombstone_model::plan::{PartKind, Verb};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::grammar::Who;
use crate::node::{ValueNode, entries};

/// The key that says how many there are of an item.
const COPIES: &str = "copies";
/// How many steps a file may come to.
const MOST_STEPS: usize = 100_000;

/// Takes a file apart: an item with `copies` becomes so many items, and a step that names several, one by one or by a pattern,
/// as many steps; of a verb that takes a selection it stays one step. What is wrong is left for whoever checks the file.
/// Whether it comes to no more steps than a file may have.
pub(crate) fn take_apart(file: &mut Spanned<DeValue<'_>>) -> bool {
    let DeValue::Table(file) = file.get_mut() else { return true };
    if let Some(items) = value_of(file, Who::Item.table())
        && let DeValue::Table(items) = items.get_mut()
    {
        copy(items);
    }
    let items = file.iter().find(|(key, _)| key.get_ref() == Who::Item.table());
    let items = items.and_then(|(_, items)| items.get_ref().as_table());
    let names: Vec<String> =
        items.map(|it| entries(it).iter().map(|it| it.name.to_owned()).collect()).unwrap_or_default();
    if let Some(steps) = value_of(file, "step")
        && let DeValue::Array(list) = steps.get_mut()
    {
        let mut apart = DeArray::new();
        for step in list.iter() {
            each(step, &names).into_iter().for_each(|step| apart.push(step));
            if apart.len() > MOST_STEPS {
                return false;
            }
        }
        *list = apart;
    }
    true
}

fn value_of<'t, 'a>(table: &'t mut DeTable<'a>, key: &str) -> Option<&'t mut Spanned<DeValue<'a>>> {
    table.iter_mut().find(|(known, _)| known.get_ref() == key).map(|(_, value)| value)
}

/// Puts copies in the place of items that say how many there are of them: `offer-1` to `offer-9`, `offer-01` to `offer-21`.
fn copy(items: &mut DeTable<'_>) {
    let several: Vec<_> = items.keys().cloned().collect();
    for key in several {
        let Some(many) = items.get(&key).and_then(|item| ValueNode(item).get(COPIES)?.whole()) else { continue };
        let many = usize::try_from(many).unwrap_or_default();
        if !(1..=MAX_ITEMS).contains(&many) {
            continue;
        }
        let Some(mut item) = items.remove(&key) else { continue };
        if let DeValue::Table(item) = item.get_mut() {
            item.remove(COPIES);
        }
        let width = many.to_string().len();
        for number in 1..=many {
            let name = format!("{}-{number:0width$}", key.get_ref());
            items.insert(Spanned::new(key.span(), Cow::Owned(name)), item.clone());
        }
    }
}

/// The steps that a step comes to.
fn each<'a>(step: &Spanned<DeValue<'a>>, names: &[String]) -> Vec<Spanned<DeValue<'a>>> {
    let DeValue::Table(table) = step.get_ref() else { return vec![step.clone()] };
    let (mut acts, mut expected) = (Vec::new(), Vec::new());
    for (key, value) in table {
        let named = || selected(value, names);
        match (key.get_ref().as_ref(), Verb::named(key.get_ref())) {
            ("expect", _) => expected = named().map(|items| one_each(key, value, items)).unwrap_or_default(),
            (_, Some(verb)) if verb.has(PartKind::Items) => {
                acts = named().map(|items| vec![(key.clone(), together(value, items))]).unwrap_or_default();
            }
            (_, Some(_)) => acts = named().map(|items| one_each(key, value, items)).unwrap_or_default(),
            (_, None) => {}
        }
    }
    if acts.is_empty() && expected.is_empty() {
        return vec![step.clone()];
    }
    let with = |changed: &[Entry<'a>], without: &[&str]| {
        let mut table = table.clone();
        without.iter().for_each(|key| _ = table.remove(*key));
        changed.iter().for_each(|(key, value)| _ = table.insert(key.clone(), value.clone()));
        Spanned::new(step.span(), DeValue::Table(table))
    };
    let last = acts.len().saturating_sub(1);
    let mut steps: Vec<_> = acts
        .iter()
        .enumerate()
        .map(|(n, act)| {
            let act = std::slice::from_ref(act);
            // What is expected is seen after the last of them.
            if n < last {
                with(act, &["expect"])
            } else {
                with(&[act, &expected[..expected.len().min(1)]].concat(), &[])
            }
        })
        .collect();
    if steps.is_empty() {
        steps.extend(expected.first().map(|first| with(std::slice::from_ref(first), &[])));
    }
    let others = expected.iter().skip(1);
    steps.extend(others.map(|(key, value)| {
        Spanned::new(step.span(), DeValue::Table(DeTable::from_iter([(key.clone(), value.clone())])))
    }));
    steps
}

type Entry<'a> = (Spanned<Cow<'a, str>>, Spanned<DeValue<'a>>);
/// The names of items, each with the key and the place at which it was named.
type Selected<'a> = Vec<Spanned<Cow<'a, str>>>;

/// The items that an act names, where it names several or a pattern; nothing, where it names one or is wrong.
fn selected<'a>(act: &Spanned<DeValue<'a>>, names: &[String]) -> Option<Selected<'a>> {
    let DeValue::Table(table) = act.get_ref() else { return None };
    let (one, several) = (table.get("item"), table.get("items"));
    let listed: Vec<&Spanned<DeValue<'a>>> = match (one, several.map(|several| (several, several.get_ref()))) {
        (Some(one), None) if one.get_ref().as_str().is_some_and(|name| name.contains('*')) => vec![one],
        (None, Some((_, DeValue::Array(list)))) if !list.is_empty() => list.iter().collect(),
        _ => return None,
    };
    let mut selected = Vec::new();
    for name in listed {
        let DeValue::String(text) = name.get_ref() else { return None };
        let before = selected.len();
        let fitting = names.iter().filter(|known| text.contains('*') && matches(text, known));
        selected.extend(fitting.map(|known| Spanned::new(name.span(), Cow::Owned(known.clone()))));
        // What is no pattern, or one that nothing fits, is an item, or is unknown.
        if selected.len() == before {
            selected.push(Spanned::new(name.span(), text.clone()));
        }
    }
    Some(selected)
}

/// The act for each item.
fn one_each<'a>(key: &Spanned<Cow<'a, str>>, act: &Spanned<DeValue<'a>>, items: Selected<'a>) -> Vec<Entry<'a>> {
    let with = |item: Spanned<Cow<'a, str>>| {
        let mut table = act.get_ref().as_table().cloned().unwrap_or_default();
        let place = table
            .remove_entry("items")
            .or_else(|| table.remove_entry("item"))
            .map_or(act.span(), |(key, _)| key.span());
        let name = Spanned::new(item.span(), DeValue::String(item.into_inner()));
        table.insert(Spanned::new(place, "item".into()), name);
        (key.clone(), Spanned::new(act.span(), DeValue::Table(table)))
    };
    items.into_iter().map(with).collect()
}

/// The act on all of the items at once.
fn together<'a>(act: &Spanned<DeValue<'a>>, items: Selected<'a>) -> Spanned<DeValue<'a>> {
    let mut table = act.get_ref().as_table().cloned().unwrap_or_default();
    let (key, place) = table
        .remove_entry("items")
        .or_else(|| table.remove_entry("item"))
        .map_or_else(|| (act.span(), act.span()), |(key, value)| (key.span(), value.span()));
    let mut list = DeArray::new();
    items.into_iter().for_each(|item| list.push(Spanned::new(item.span(), DeValue::String(item.into_inner()))));
    table.insert(Spanned::new(key, "items".into()), Spanned::new(place, DeValue::Array(list)));
    Spanned::new(act.span(), DeValue::Table(table))
}
