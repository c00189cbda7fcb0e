//! Holds messages against the schema of the protocol, and says in plain words what is wrong with them: in which field, what
//! stands there, and what should.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{ValidationError, Validator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::bounds;
use super::fault::quote;
use super::protocol::protocol_schema;

/// The schema of the protocol, and of it what messages are held against.
struct Schemas {
    all: Value,
    validators: BTreeMap<&'static str, Validator>,
}

/// The definitions that messages are held against.
const DEFINITIONS: [&str; 6] = ["Request", "Response", "Introduction", "Answer", "Applied", "Snapshot"];

/// The most errors of one message that are looked at, and the most that are shown.
const LOOKED_AT: usize = 1000;
const SHOWN: usize = 5;

static SCHEMAS: LazyLock<Result<Schemas, String>> = LazyLock::new(|| {
    let all = protocol_schema();
    let compile = |name: &'static str| {
        let one = json!({ "$ref": format!("#/$defs/{name}"), "$defs": all["$defs"] });
        let validator = jsonschema::draft202012::new(&one).map_err(|error| format!("definition {name}: {error}"))?;
        Ok((name, validator))
    };
    let validators = DEFINITIONS.into_iter().map(compile).collect::<Result<_, String>>()?;
    Ok(Schemas { all, validators })
});

/// Holds a message against a definition of the schema.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(definition: &str, message: &Value) -> Result<(), String> {
    let schemas = SCHEMAS.as_ref().map_err(Clone::clone)?;
    let Some(validator) = schemas.validators.get(definition) else {
        return Err(format!("there is no definition {definition}"));
    };
    let mut flaws = FormFlaws::default();
    for error in validator.iter_errors(message).take(LOOKED_AT) {
        schemas.find(&error, &mut flaws);
    }
    if flaws.0.is_empty() { Ok(()) } else { Err(flaws.said()) }
}

/// Reads a message of a definition: what the schema allows is read, and what it does not is told by its words.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read<T: DeserializeOwned>(definition: &str, message: &Value) -> Result<T, String> {
    T::deserialize(message).or_else(|error| {
        check(definition, message)?;
        // By the schema a whole number may be written with a point.
        T::deserialize(whole(message)).map_err(|_| bounds::text(&error.to_string(), bounds::TEXT))
    })
}

/// The message with every whole number written as one.
fn whole(message: &Value) -> Value {
    match message {
        Value::Number(number) => {
            let digits = number.as_f64().filter(|it| it.fract() == 0.0).map(|it| format!("{it:.0}"));
            digits.and_then(|digits| serde_json::from_str(&digits).ok()).unwrap_or_else(|| message.clone())
        }
        Value::Array(all) => all.iter().map(whole).collect(),
        Value::Object(all) => all.iter().map(|(key, value)| (key.clone(), whole(value))).collect::<Map<_, _>>().into(),
        Value::Null | Value::Bool(_) | Value::String(_) => message.clone(),
    }
}

/// What is wrong with a message: what is wrong in the same way in many places is said once.
#[derive(Default)]
struct FormFlaws(Vec<FormFlaw>);

struct FormFlaw {
    /// The first place where it is, and that place without numbers.
    path: String,
    pattern: String,
    /// What is wrong there.
    said: String,
    times: usize,
}

impl FormFlaws {
    fn add(&mut self, at: &Location, key: Option<&str>, said: String) {
        let (mut path, mut pattern) = (String::new(), String::new());
        let keys = key.map(|key| LocationSegment::Property(key.into()));
        for segment in at.segments().chain(keys) {
            match segment {
                LocationSegment::Property(name) => {
                    let dot = if path.is_empty() { "" } else { "." };
                    path.push_str(&format!("{dot}{name}"));
                    pattern.push_str(&format!("{dot}{name}"));
                }
                LocationSegment::Index(number) => {
                    path.push_str(&format!("[{number}]"));
                    pattern.push_str("[]");
                }
            }
        }
        match self.0.iter_mut().find(|flaw| flaw.pattern == pattern && flaw.said == said) {
            // Of one value several things may be wrong, and the same is said of each.
            Some(flaw) => flaw.times += usize::from(flaw.path != path),
            None => self.0.push(FormFlaw { path, pattern, said, times: 1 }),
        }
    }

    fn said(&self) -> String {
        let each = self.0.iter().take(SHOWN).map(|FormFlaw { path, said, times, .. }| {
            let place = if path.is_empty() { "it".to_owned() } else { quote(path.as_bytes()) };
            let more = if *times > 1 { format!(" (and {} more like it)", times - 1) } else { String::new() };
            format!("{place} {said}{more}")
        });
        let mut said: Vec<String> = each.collect();
        let more = self.0.len().saturating_sub(SHOWN);
        said.extend((more > 0).then(|| format!("and {more} more")));
        said.join("; ")
    }
}

/// What may stand somewhere: words of the protocol, sorts of values, and objects, each by its keys.
#[derive(Default)]
struct Allowed {
    words: Vec<String>,
    sorts: Vec<String>,
    objects: Vec<String>,
}

impl Schemas {
    /// What an error comes to.
    fn find(&self, error: &ValidationError<'_>, flaws: &mut FormFlaws) {
        let (at, schema) = (error.instance_path(), self.around(error));
        if let Kind::OneOfNotValid { context } | Kind::AnyOf { context } = error.kind() {
            self.find_in_one(error, context, flaws);
        } else if let Kind::AdditionalProperties { unexpected } = error.kind() {
            for key in unexpected {
                flaws.add(at, Some(key), format!("is not known; known there: {}", keys(&schema["properties"])));
            }
        } else if let Kind::Required { property } = error.kind() {
            let key = property.as_str().unwrap_or_default();
            flaws.add(at, Some(key), missing(&self.allowed(&[&schema["properties"][key]])));
        } else if let Kind::UniqueItems = error.kind() {
            let items = error.instance().as_array().map(Vec::as_slice).unwrap_or_default();
            let twice = items.iter().enumerate().find(|(n, item)| items[..*n].contains(item));
            let twice = twice.map(|(_, item)| shown(item)).unwrap_or_default();
            flaws.add(at, None, format!("names {twice} more than once, and should name each once"));
        } else {
            flaws.add(at, None, wrong(error.instance(), &self.allowed(&[schema])));
        }
    }

    /// What is wrong where one of several should hold and none does: with what comes nearest.
    fn find_in_one(&self, error: &ValidationError<'_>, each: &[Vec<ValidationError<'static>>], flaws: &mut FormFlaws) {
        let at = error.instance_path();
        let alike: Vec<_> = each.iter().filter(|errors| !errors.iter().any(|error| is_other(error, at))).collect();
        let Some(first) = alike.first() else {
            flaws.add(at, None, wrong(error.instance(), &self.allowed(&[self.around(error)])));
            return;
        };
        // The word that tells them apart is another, or missing.
        let word = |errors: &[ValidationError<'static>]| {
            errors.iter().position(|error| matches!(error.kind(), Kind::Constant { .. }))
        };
        let lacks = |errors: &[ValidationError<'static>], key: &Value| {
            errors.iter().any(|error| matches!(error.kind(), Kind::Required { property } if property == key))
        };
        let key = first.iter().find_map(|error| {
            let Kind::Required { property } = error.kind() else { return None };
            property.as_str().filter(|_| alike.iter().all(|errors| lacks(errors, property)))
        });
        let fitting = alike.iter().find(|errors| word(errors).is_none());
        if let (Some(key), true) = (key, alike.len() > 1) {
            let each: Vec<&Value> = alike
                .iter()
                .filter_map(|errors| errors.iter().find(|error| matches!(error.kind(), Kind::Required { .. })))
                .map(|error| &self.around(error)["properties"][key])
                .collect();
            flaws.add(at, Some(key), missing(&self.allowed(&each)));
        } else if let Some(errors) = fitting {
            errors.iter().for_each(|error| self.find(error, flaws));
        } else {
            let words: Vec<_> = alike.iter().filter_map(|errors| errors.get(word(errors)?)).collect();
            let each: Vec<&Value> = words.iter().map(|error| self.around(error)).collect();
            if let Some(word) = words.first() {
                flaws.add(word.instance_path(), None, wrong(word.instance(), &self.allowed(&each)));
            }
        }
    }

    /// The schema whose keyword an error is about.
    fn around(&self, error: &ValidationError<'_>) -> &Value {
        let keyword = error.schema_path().as_str();
        keyword.rsplit_once('/').and_then(|(around, _)| self.all.pointer(around)).unwrap_or(&Value::Null)
    }

    /// What these schemas allow, in words.
    fn allowed(&self, schemas: &[&Value]) -> String {
        let mut allowed = Allowed::default();
        schemas.iter().for_each(|schema| self.collect(schema, &mut allowed));
        let Allowed { words, mut sorts, objects } = allowed;
        if words.len() > 1 {
            sorts.insert(0, format!("one of {}", words.join(", ")));
        } else {
            sorts.splice(0..0, words);
        }
        match &objects[..] {
            [] => {}
            [keys] if !keys.is_empty() => sorts.push(format!("an object with the keys {keys}")),
            [..] => sorts.push("an object".to_owned()),
        }
        if sorts.is_empty() { "something else".to_owned() } else { sorts.join(", or ") }
    }

    /// The words and the sorts of values that a schema allows. That most things may be `null` goes without saying.
    fn collect(&self, schema: &Value, allowed: &mut Allowed) {
        let list = |key: &str| schema[key].as_array().map(Vec::as_slice).unwrap_or_default();
        if let Some(name) = schema["$ref"].as_str() {
            let meant = self.all.pointer(name.trim_start_matches('#')).unwrap_or(&Value::Null);
            return self.collect(meant, allowed);
        }
        let several = [list("oneOf"), list("anyOf")].concat();
        let said: Vec<&Value> = schema.get("const").into_iter().chain(list("enum")).collect();
        if !several.is_empty() || !said.is_empty() {
            allowed.words.extend(said.into_iter().map(word));
            several.iter().for_each(|schema| self.collect(schema, allowed));
            return;
        }
        let types = schema.get("type").map(std::slice::from_ref).unwrap_or_default();
        let types = if let [Value::Array(types)] = types { types } else { types };
        for sort in types.iter().filter_map(Value::as_str) {
            match sort {
                "integer" => allowed.sorts.push(format!("a whole number{}", range(schema))),
                "number" => allowed.sorts.push("a number".to_owned()),
                "string" => allowed.sorts.push("a text".to_owned()),
                "boolean" => allowed.sorts.push("true or false".to_owned()),
                "array" => {
                    let each = self.allowed(&[&schema["items"]]);
                    allowed.sorts.push(format!("a list, each of it {each}"));
                }
                "object" => allowed.objects.push(keys(&schema["properties"])),
                _ => {}
            }
        }
    }
}

/// Whether an error says that a value is of another sort than a schema is for, and not what is wrong in it.
fn is_other(error: &ValidationError<'_>, at: &Location) -> bool {
    let all_other = |each: &[Vec<ValidationError<'static>>]| {
        each.iter().all(|errors| errors.iter().any(|error| is_other(error, at)))
    };
    let other = if let Kind::OneOfNotValid { context } | Kind::AnyOf { context } = error.kind() {
        all_other(context)
    } else {
        matches!(error.kind(), Kind::Type { .. } | Kind::Constant { .. } | Kind::Enum { .. })
    };
    other && error.instance_path() == at
}

fn wrong(value: &Value, allowed: &str) -> String {
    format!("is {}, and should be {allowed}", shown(value))
}

fn missing(allowed: &str) -> String {
    format!("is missing, and should be {allowed}")
}

/// A value as it stands in a message.
fn shown(value: &Value) -> String {
    quote(value.to_string().as_bytes())
}

/// A word of the protocol: what is written in its place is a text.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| shown(value), |word| format!("`{word}`"))
}

fn keys(properties: &Value) -> String {
    let keys = properties.as_object().into_iter().flatten();
    keys.map(|(key, _)| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}

fn range(schema: &Value) -> String {
    match (&schema["minimum"], &schema["maximum"]) {
        (Value::Number(least), Value::Number(most)) => format!(" from {least} to {most}"),
        _ => String::new(),
    }
}
