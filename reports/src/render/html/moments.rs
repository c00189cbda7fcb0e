//! What the stores and computers held before and after each step, with what changed marked.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::value::moments::CauseAndEffect;
use crate::value::results::Timeline;

/// The most steps that are shown field by field: the last ones, where it went wrong.
const MOST: usize = 12;

/// What each lane holds of each item: the values of its fields, by lane, item and field, each by its number.
type LaneValues<'t> = BTreeMap<(usize, usize, usize), &'t str>;

/// The items and fields of a picture, in the order in which they are first told; the first field is whether it is there.
struct FieldNames<'t> {
    items: Vec<&'t str>,
    fields: Vec<&'t str>,
}

/// The number of the field that says whether the item is there.
const THERE: usize = 0;

impl<'t> FieldNames<'t> {
    fn of(picture: &'t Timeline) -> Self {
        let mut names = Self { items: Vec::new(), fields: vec!["count"] };
        for held in &picture.held {
            place(&mut names.items, &held.item);
            for field in &held.fields {
                place(&mut names.fields, &field.field);
            }
        }
        names
    }
}

/// The place of a name in a list, which it is added to where it is not in it.
fn place<'t>(names: &mut Vec<&'t str>, name: &'t str) -> usize {
    names.iter().position(|known| *known == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}

/// The values after a column, from those before it.
fn after<'t>(picture: &'t Timeline, names: &mut FieldNames<'t>, column: usize, values: &mut LaneValues<'t>) {
    for held in picture.held.iter().filter(|held| held.column == column) {
        let item = place(&mut names.items, &held.item);
        let was_there = values.get(&(held.lane, item, THERE)).is_some_and(|text| *text != "not there");
        if held.absent || !was_there {
            values.retain(|(lane, other, _), _| (*lane, *other) != (held.lane, item));
            values.insert((held.lane, item, THERE), if held.absent { "not there" } else { "there" });
        }
        for field in &held.fields {
            values.insert((held.lane, item, place(&mut names.fields, &field.field)), &field.value);
        }
    }
}

/// A table for each step. They open one at a time.
pub(super) fn moments(picture: &Timeline, anchor: &str, effect: Option<&CauseAndEffect>) -> Markup {
    if picture.held.is_empty() {
        return html! {};
    }
    let mut names = FieldNames::of(picture);
    let mut values = LaneValues::new();
    let mut tables = Vec::new();
    for column in 0..picture.columns.len() {
        let before = values.clone();
        after(picture, &mut names, column, &mut values);
        tables.push((column, if column == 0 { values.clone() } else { before }, values.clone()));
    }
    let last = tables.len().saturating_sub(1);
    html! {
        div.moments role="group" aria-label="Step by step" {
            @if tables.len() > MOST { p.soft { "The last " (MOST) " columns of the picture, field by field." } }
            @for (column, before, after) in tables.iter().skip(tables.len().saturating_sub(MOST)) {
                details.moment.last[*column == last] name={ "steps of " (anchor) } open[*column == last]
                    data-column=(column) {
                    summary {
                        b { (picture.columns[*column].number) } " " (picture.columns[*column].step)
                        (changes(&names, picture, before, after))
                    }
                    (table(picture, &names, *column, (before, after), effect))
                }
            }
        }
    }
}

/// How much the step changed, for its heading.
fn changes(names: &FieldNames<'_>, picture: &Timeline, before: &LaneValues<'_>, after: &LaneValues<'_>) -> Markup {
    let keys = (0..picture.lanes.len()).flat_map(|lane| {
        (0..names.items.len()).flat_map(move |item| (0..names.fields.len()).map(move |field| (lane, item, field)))
    });
    let count = keys.filter(|key| before.get(key) != after.get(key)).count();
    html! { " " span.chip { @if count == 0 { "nothing changed" } @else { (count) " changed" } } }
}

fn table(
    picture: &Timeline,
    names: &FieldNames<'_>,
    column: usize,
    (before, after): (&LaneValues<'_>, &LaneValues<'_>),
    effect: Option<&CauseAndEffect>,
) -> Markup {
    let lanes = 0..picture.lanes.len();
    // Where the ring is.
    let wrong = |lane: usize| picture.cells.iter().any(|it| it.diverges && it.column == column && it.lane == lane);
    let messages: Vec<_> = picture.messages.iter().filter(|message| message.column == column).collect();
    html! {
        @if !messages.is_empty() {
            p.by {
                @for message in &messages {
                    @if let (Some(from), Some(to)) = (picture.lanes.get(message.from), picture.lanes.get(message.to)) {
                        span.chip { (from.name) " → " (to.name) ": " (message.label) @if message.lost { " (lost)" } } " "
                    }
                }
            }
        }
        div.scroll tabindex="0" role="group" aria-label="What each holds" {
            table.values {
                thead {
                    tr {
                        th scope="col" { "Field" }
                        @for lane in &picture.lanes { th scope="col" { (lane.name) } }
                    }
                }
                @for (item, name) in names.items.iter().enumerate() {
                    tbody {
                        tr.group { th scope="rowgroup" { (name) } td colspan=(picture.lanes.len()) {} }
                        @for (field, title) in names.fields.iter().enumerate() {
                            @let of = |values: &LaneValues<'_>, lane: usize| values.get(&(lane, item, field)).map(ToString::to_string);
                            @if lanes.clone().any(|lane| of(before, lane).or_else(|| of(after, lane)).is_some()) {
                                tr {
                                    th scope="row" { @if field == THERE { "is there" } @else { (title) } }
                                    @for lane in lanes.clone() {
                                        @let differs = effect.filter(|it| it.item == *name && wrong(lane)).and_then(|it| {
                                            it.differs.iter().find(|differs| differs.field.as_deref().unwrap_or(names.fields[THERE]) == *title)
                                        });
                                        (value(of(before, lane), of(after, lane), differs.map(|it| it.expected.as_str())))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn value(before: Option<String>, after: Option<String>, expected: Option<&str>) -> Markup {
    let shown = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    html! {
        td.changed[before != after].wrong[expected.is_some()] {
            @if before == after { (shown(after)) }
            @else { del { (shown(before)) } " → " ins { (shown(after)) } }
            @if let Some(expected) = expected { strong.expected { "✗ should be " (expected) } }
        }
    }
}
