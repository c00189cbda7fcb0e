//! Holds messages against the schema of the protocol.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::protocol::protocol_schema;

/// The compiled schemas of the messages.
#[derive(Debug)]
pub(super) struct Validators(BTreeMap<&'static str, Validator>);

/// The definitions that messages are held against.
const DEFINITIONS: [&str; 6] = ["Request", "Response", "Introduction", "Answer", "Applied", "Snapshot"];

/// The most errors of one message that are shown.
const SHOWN_ERRORS: usize = 5;

impl Validators {
    /// Compiles them.
    ///
    /// # Errors
    /// Where the schema of the protocol is itself no schema, which would be a bug in Tombstone.
    pub(super) fn new() -> Result<Self, String> {
        let schema = protocol_schema();
        let compile = |name: &'static str| {
            let one = json!({ "$ref": format!("#/$defs/{name}"), "$defs": schema["$defs"] });
            let validator =
                jsonschema::draft202012::new(&one).map_err(|error| format!("definition {name}: {error}"))?;
            Ok((name, validator))
        };
        DEFINITIONS.into_iter().map(compile).collect::<Result<_, String>>().map(Self)
    }

    /// What is wrong with a message, if anything is.
    pub(super) fn check(&self, definition: &str, message: &Value) -> Result<(), String> {
        let Some(validator) = self.0.get(definition) else {
            return Err(format!("there is no definition {definition}"));
        };
        let errors: Vec<_> = validator
            .iter_errors(message)
            .take(SHOWN_ERRORS)
            .map(|error| match error.instance_path().to_string() {
                path if path.is_empty() => error.to_string(),
                path => format!("{path}: {error}"),
            })
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(errors.join("; ")) }
    }
}
