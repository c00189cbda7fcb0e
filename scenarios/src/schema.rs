//! The JSON Schema of the language, read from the grammar.

use serde_json::{Map, Value, json};
use tombstone_model::plan::Kind;

use crate::grammar::{FILE, Key, NAME, TableGrammar, ValueShape};

/// The JSON Schema (draft 2020-12) of a scenario file.
pub fn schema() -> Value {
    let mut schema = table(&FILE);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Tombstone scenario");
    schema["description"] = json!("A starting world, the steps taken in it, and what must hold after them.");
    schema
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
        schema["oneOf"] = table.verbs.iter().map(one).collect();
    }
    schema
}

fn property(key: &'static Key) -> Value {
    let mut schema = shape(&key.shape);
    schema["description"] = json!(key.doc);
    schema
}

fn shape(of: &'static ValueShape) -> Value {
    match of {
        ValueShape::Text => json!({ "type": "string" }),
        ValueShape::Matching(pattern) => json!({ "type": "string", "pattern": pattern.regex }),
        ValueShape::Known(known) => json!({ "type": "string", "pattern": known.form.regex }),
        ValueShape::Word(words) => json!({ "type": "string", "enum": words }),
        ValueShape::Kind => json!({ "type": "string", "enum": Kind::ALL.map(Kind::name) }),
        ValueShape::Name(..) => json!({ "type": "string", "pattern": NAME.regex }),
        ValueShape::Flag => json!({ "type": "boolean" }),
        ValueShape::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        ValueShape::List(element) => json!({ "type": "array", "items": shape(element) }),
        ValueShape::Table(inner) => table(inner),
        ValueShape::Named(_, inner) => named(&table(inner)),
        ValueShape::Each(_, inner) => named(&shape(inner)),
        ValueShape::Tables(inner) => json!({ "type": "array", "items": table(inner()) }),
        ValueShape::Either(shapes) => json!({ "anyOf": shapes.iter().map(shape).collect::<Vec<_>>() }),
    }
}

fn named(inner: &Value) -> Value {
    json!({ "type": "object", "propertyNames": { "pattern": NAME.regex }, "additionalProperties": inner })
}
