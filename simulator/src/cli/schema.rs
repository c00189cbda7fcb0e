//! `tombstone schema`: the JSON Schemas, and the operations, fields and deadlines of the protocol, generated.

use clap::{Args, ValueEnum};
use serde_json::Value;
use tombstone_reports::Exit;

use super::outcome::CommandOutcome;
use super::output::print;

#[derive(Args)]
pub(super) struct SchemaArguments {
    /// Of what.
    #[arg(value_enum)]
    of: Of,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    /// The report.
    Report,
    /// A scenario.
    Scenario,
    /// The adapter protocol.
    Protocol,
    /// The operations of the adapter protocol, as a table in Markdown.
    Operations,
    /// The fields of items in the adapter protocol, as a table in Markdown.
    Fields,
    /// How long the harness waits for each message of the adapter protocol, as a table in Markdown.
    Deadlines,
}

pub(super) fn run(arguments: &SchemaArguments) -> CommandOutcome {
    let mut schema = match arguments.of {
        Of::Report => tombstone_reports::schema(),
        Of::Scenario => tombstone_scenarios::schema(),
        Of::Protocol => tombstone_adapter::protocol_schema(),
        Of::Operations => {
            print(&tombstone_adapter::protocol::operations());
            return Ok(Exit::Conforms);
        }
        Of::Fields => {
            print(&tombstone_adapter::protocol::fields());
            return Ok(Exit::Conforms);
        }
        Of::Deadlines => {
            print(&tombstone_adapter::deadlines::table());
            return Ok(Exit::Conforms);
        }
    };
    unlink(&mut schema);
    print(&serde_json::to_string_pretty(&schema).unwrap_or_default());
    Ok(Exit::Conforms)
}

/// Takes the links to types of Rust out of the descriptions: whoever reads a schema has no use for them.
fn unlink(schema: &mut Value) {
    match schema {
        Value::String(text) => {
            *text = text.replace("[`crate::", "[`").replace("[`", "`").replace("`]", "`");
        }
        Value::Array(values) => values.iter_mut().for_each(unlink),
        Value::Object(fields) => fields.values_mut().for_each(unlink),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
