//! The JSON Schema of the language, read from the grammar.

use serde_json::{Map, Value, json};
use tombstone_model::plan::Kind;

use crate::grammar::{CASE_NAME, FILE, Key, NAME, TableGrammar, ValueShape, Who};
use crate::grid::EXCEPT;

/// The JSON Schema (draft 2020-12) of a scenario file.
pub fn schema() -> Value {
    let mut schema = table(&FILE);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Tombstone scenario");
    schema["description"] = json!("A starting world, the steps taken in it, and what must hold after them.");
    schema["$defs"] = json!({
        "cell": {
            "type": "string",
            "pattern": CELL,
            "description": "What an axis of the matrix gives in each case: its value, or what that holds under a key.",
        },
        "cells": cells(),
    });
    schema
}

/// A text with a reference to an axis.
const CELL: &str = "\\{[a-z][a-z0-9_-]*(\\.[a-z][a-z0-9_-]*)?(\\[[a-z][a-z0-9_-]*\\])?\\}";

/// Some values of some axes.
fn cells() -> Value {
    let one = json!({ "type": ["string", "integer", "boolean"] });
    json!({
        "type": "object",
        "minProperties": 1,
        "propertyNames": { "pattern": NAME.regex },
        "additionalProperties": { "anyOf": [one, { "type": "array", "minItems": 1, "items": one }] },
    })
}

fn axes() -> Value {
    json!({
        "type": "object",
        "minProperties": 1,
        "propertyNames": { "pattern": NAME.regex },
        "properties": {
            EXCEPT: {
                "type": "array",
                "items": { "$ref": "#/$defs/cells" },
                "description": "The cases that there are not: those that have these values together.",
            },
        },
        "additionalProperties": {
            "description": "An axis: a list of values, or a table with a name for each.",
            "anyOf": [
                { "type": "array", "minItems": 1, "items": { "type": ["string", "integer", "boolean"] } },
                { "type": "object", "minProperties": 1, "propertyNames": { "pattern": CASE_NAME.regex } },
            ],
        },
    })
}

fn table(table: &'static TableGrammar) -> Value {
    let properties: Map<String, Value> = table.all().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = table.all().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if !table.verbs.is_empty() {
        let one = |verb: &Key| json!({ "required": [verb.name] });
        let verbs: Vec<Value> = table.verbs.iter().map(one).collect();
        let alone = table.alone.map(|key| json!({ "required": [key], "not": { "anyOf": verbs.clone() } }));
        schema["oneOf"] = verbs.into_iter().chain(alone).collect();
    }
    schema
}

fn property(key: &'static Key) -> Value {
    let mut schema = if key.name == "id" { shape(&key.shape) } else { in_a_grid(&key.shape) };
    schema["description"] = json!(key.doc);
    schema
}

/// A value, or what an axis gives in its place.
fn in_a_grid(of: &'static ValueShape) -> Value {
    let whole = match of {
        // Any text may speak of axes.
        ValueShape::Text => true,
        // Declared or listed one by one, and of these each may.
        ValueShape::Axes | ValueShape::Cells | ValueShape::Named(..) | ValueShape::Tables(_) => true,
        ValueShape::Either([ValueShape::Named(..), ..]) => true,
        ValueShape::Matching(_)
        | ValueShape::Known(_)
        | ValueShape::Word(_)
        | ValueShape::Kind
        | ValueShape::Name(..)
        | ValueShape::Flag
        | ValueShape::Whole(..)
        | ValueShape::List(_)
        | ValueShape::Table(_)
        | ValueShape::Each(..)
        | ValueShape::Either(_) => false,
    };
    let plain = shape(of);
    if whole { plain } else { json!({ "anyOf": [plain, { "$ref": "#/$defs/cell" }] }) }
}

fn shape(of: &'static ValueShape) -> Value {
    match of {
        ValueShape::Text => json!({ "type": "string" }),
        ValueShape::Matching(pattern) => json!({ "type": "string", "pattern": pattern.regex }),
        ValueShape::Known(known) => json!({ "type": "string", "pattern": known.form.regex }),
        ValueShape::Word(words) => json!({ "type": "string", "enum": words }),
        ValueShape::Kind => json!({ "type": "string", "enum": Kind::ALL.map(Kind::name) }),
        // Where several may be named, a `*` stands for anything.
        ValueShape::Name(Who::Item, _) => json!({ "type": "string", "pattern": "^[a-z*][a-z0-9*-]*$" }),
        ValueShape::Name(..) => json!({ "type": "string", "pattern": NAME.regex }),
        ValueShape::Flag => json!({ "type": "boolean" }),
        ValueShape::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        ValueShape::Axes => axes(),
        ValueShape::Cells => json!({ "$ref": "#/$defs/cells" }),
        ValueShape::List(element) => json!({ "type": "array", "items": in_a_grid(element) }),
        ValueShape::Table(inner) => table(inner),
        ValueShape::Named(_, inner) => named(&table(inner)),
        ValueShape::Each(_, inner) => named(&in_a_grid(inner)),
        ValueShape::Tables(inner) => json!({ "type": "array", "items": table(inner()) }),
        ValueShape::Either(shapes) => json!({ "anyOf": shapes.iter().map(shape).collect::<Vec<_>>() }),
    }
}

fn named(inner: &Value) -> Value {
    let names = json!({ "anyOf": [{ "pattern": NAME.regex }, { "$ref": "#/$defs/cell" }] });
    json!({ "type": "object", "propertyNames": names, "additionalProperties": inner })
}
