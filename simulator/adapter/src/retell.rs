//! Replays a recorded transcript into a program: the same requests, in the same order, and nothing is judged.

use serde_json::{Value, json};

use super::fault::AdapterFault;
use super::process::{Launch, Process};
use super::protocol::{Call, Request};

/// What is said while a transcript is replayed.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// To the program.
    To(Value),
    /// By the program, and whether the recording holds the same answer; none where it holds none.
    From(Value, Option<bool>),
    /// What was done to the process.
    Note(String),
}

/// Replays a transcript into the program that this starts, and hands on what is said, both sides. Requests are sent one
/// at a time, each once the one before is answered.
///
/// # Errors
/// A line that is no line of a transcript, with its number; or whatever the program did instead of answering.
pub fn retell(text: &str, launch: &Launch, tell: &mut dyn FnMut(Said)) -> Result<(), String> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let read = |(line, number): (&str, usize)| {
        let wrong = |why: String| format!("line {number} is no line of a transcript: {why}");
        let line: Value = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
        let request = line.get("to").map(|request| Request::deserialize_from(request).map_err(wrong)).transpose()?;
        Ok((line, request))
    };
    let lines = lines.map(read).collect::<Result<Vec<_>, String>>()?;
    let mut process: Option<Process> = None;
    // Ids begin again with every process.
    let mut since = 0;
    for (n, (line, request)) in lines.iter().enumerate() {
        if line.get("note").is_some() {
            (process, since) = (None, n);
            continue;
        }
        let Some(Request { id, call, .. }) = request else { continue };
        if process.is_none() {
            process = Some(Process::start(launch).map_err(|fault| fault.to_string())?);
            tell(Said::Note("started".to_owned()));
        }
        let Some(running) = &mut process else { continue };
        tell(Said::To(json!({ "method": call.method(), "params": line["to"]["params"] })));
        let answered = answer(running, call).map_err(|fault| fault.to_string())?;
        let recorded = lines[since..].iter().skip(1).take_while(|(line, _)| line.get("note").is_none());
        let recorded = recorded.filter_map(|(line, _)| line.get("from"));
        let recorded = recorded.into_iter().find(|from| from.get("id").and_then(Value::as_u64) == Some(*id));
        let same = recorded.map(|from| {
            from.get("result") == answered.get("result")
                && from.get("error").is_some() == answered.get("error").is_some()
        });
        tell(Said::From(answered, same));
        if matches!(call, Call::Shutdown(_)) {
            process = None;
            since = n;
        }
    }
    Ok(())
}

fn answer(process: &mut Process, call: &Call) -> Result<Value, AdapterFault> {
    let deadline = process.limits().reset;
    Ok(match process.call(call.clone(), deadline)? {
        Ok(result) => json!({ "result": result }),
        Err(error) => json!({ "error": error }),
    })
}

impl Request {
    fn deserialize_from(value: &Value) -> Result<Self, String> {
        serde_json::from_value(value.clone()).map_err(|error| error.to_string())
    }
}
