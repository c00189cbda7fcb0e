//! The other side: serves any in-process implementation over a pair of streams, as an adapter.

use std::io::{self, BufRead, Write};

use serde_json::{Value, json};
use tombstone_model::contract::implementation::{Answer, Implementation};

use super::bystanders::set_aside;
use super::protocol::{
    Applied, Call, Error, Introduction, PROTOCOL_VERSION, Request, Snapshot, StepAnswer, StoreEntry,
};
use super::translate::{Dictionary, wire_answer, wire_capabilities};

/// Answers requests until `shutdown` or the end of the input.
///
/// # Errors
/// Where a stream cannot be read or written. What is wrong with a request is answered, not returned.
pub fn serve(implementation: &mut dyn Implementation, input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut server = Server::new(implementation);
    for line in input.split(b'\n') {
        if let Some(response) = server.respond(&line?) {
            writeln!(output, "{response}")?;
            output.flush()?;
        }
        if server.ended {
            break;
        }
    }
    Ok(())
}

/// Answers one line after another for an implementation.
pub struct Server<'i> {
    implementation: &'i mut dyn Implementation,
    dictionary: Option<Dictionary>,
    ended: bool,
    /// What no step speaks of.
    aside: Vec<StoreEntry>,
}

impl<'i> Server<'i> {
    /// A server that has not been asked anything.
    pub fn new(implementation: &'i mut dyn Implementation) -> Self {
        Self { implementation, dictionary: None, ended: false, aside: Vec::new() }
    }

    /// The line that answers this one, without its newline; none for an empty line.
    pub fn respond(&mut self, line: &[u8]) -> Option<String> {
        if line.trim_ascii().is_empty() {
            return None;
        }
        let value: Value = serde_json::from_slice(line).unwrap_or(Value::Null);
        let id = value.get("id").cloned().unwrap_or(Value::Null);
        let request = serde_json::from_value::<Request>(value);
        self.ended |= matches!(&request, Ok(Request { call: Call::Shutdown(_), .. }));
        let response = match request.map_err(|error| invalid(error.to_string())).and_then(|it| self.answer(&it.call)) {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
        };
        Some(response.to_string())
    }

    fn answer(&mut self, call: &Call) -> Result<Value, Error> {
        match call {
            Call::Initialize(_) => result(&self.introduction()),
            Call::Reset(reset) => {
                let mut reset = reset.clone();
                self.aside = set_aside(&mut reset);
                let dictionary = Dictionary::from_reset(&reset).map_err(invalid)?;
                let answer = match self.implementation.reset(&dictionary.plan()) {
                    Ok(()) => StepAnswer::Done { prompted: false, report: None, outcome: None, options: None },
                    Err(failure) => wire_answer(Answer::Failed(failure)),
                };
                self.dictionary = Some(dictionary);
                result(&answer)
            }
            Call::Apply(apply) => {
                let dictionary = self.dictionary.as_ref().ok_or_else(too_early)?;
                let steps: Result<Vec<_>, _> = apply.steps.iter().map(|step| dictionary.model_step(step)).collect();
                let steps = steps.map_err(invalid)?;
                let answers = steps.iter().map(|step| wire_answer(self.implementation.apply(step))).collect();
                result(&Applied { answers })
            }
            Call::Observe(_) => result(&self.observe()?),
            Call::Settle(_) => result(&wire_answer(self.implementation.settle())),
            Call::LoseState(_) | Call::Crash(_) | Call::Strike(_) => {
                let message = format!("`{}` needs an engine in a process of its own", call.method());
                Err(Error { code: Error::NO_SUCH_METHOD, message, data: None })
            }
            Call::Shutdown(_) => Ok(Value::Null),
        }
    }

    fn introduction(&self) -> Introduction {
        let description = self.implementation.describe();
        Introduction {
            protocol: PROTOCOL_VERSION,
            name: description.name.clone(),
            version: description.version.clone(),
            capabilities: wire_capabilities(&description.capabilities),
        }
    }

    fn observe(&mut self) -> Result<Snapshot, Error> {
        let dictionary = self.dictionary.as_ref().ok_or_else(too_early)?;
        let mut view = dictionary.view();
        self.implementation.observe(&mut view).map_err(|failure| internal(failure.message.into()))?;
        let mut snapshot = dictionary.snapshot(&view);
        snapshot.entries.extend(self.aside.iter().cloned());
        Ok(snapshot)
    }
}

fn result(value: &impl serde::Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|error| internal(error.to_string()))
}

fn invalid(message: String) -> Error {
    Error { code: Error::INVALID_REQUEST, message, data: None }
}

fn internal(message: String) -> Error {
    Error { code: Error::INTERNAL, message, data: None }
}

fn too_early() -> Error {
    invalid("`reset` comes first".to_owned())
}
