//! What can go wrong between the harness and an adapter, each in words and with its remedy.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde_json::Value;
use tombstone_model::contract::implementation::ImplementationFailure;
use tombstone_model::words::counted;

use super::deadlines;

/// Something went wrong between the harness and an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdapterFault {
    /// The program is not there.
    NotFound {
        /// The program.
        program: String,
    },
    /// The program is there and may not be executed, or is nothing that can be.
    NotExecutable {
        /// The program.
        program: String,
        /// What the operating system says.
        why: String,
    },
    /// Nobody listens on the socket.
    NotAttached {
        /// The socket.
        socket: String,
        /// What the operating system says.
        why: String,
    },
    /// It ended while an answer was awaited.
    Exited {
        /// The method whose answer was awaited.
        method: &'static str,
        /// How it ended.
        how: String,
        /// The line it had begun, if it had.
        begun: Option<String>,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// It closed its standard output and went on running.
    ClosedOutput {
        /// The method whose answer was awaited.
        method: &'static str,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// It wrote a line that is no JSON.
    NotJson {
        /// The line, shortened.
        line: String,
        /// Why it is none.
        why: String,
        /// What it looks like.
        like: LineLike,
    },
    /// It wrote JSON that is no answer.
    NotAnAnswer {
        /// The line, shortened.
        line: String,
        /// Why it is none.
        why: String,
    },
    /// It answered a request that was never sent.
    WrongId {
        /// The id, as JSON.
        id: String,
        /// The ids whose answers are awaited.
        awaited: Vec<u64>,
    },
    /// It answered a request twice.
    RepeatedId {
        /// The id.
        id: u64,
    },
    /// It did not answer in time.
    Hung {
        /// The method.
        method: &'static str,
        /// How long the harness waited.
        deadline: Duration,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// It answered too late, and only once its input had been closed: so programs do that forget to flush.
    Unflushed {
        /// The method.
        method: &'static str,
        /// How long the harness waited before it closed the input.
        deadline: Duration,
    },
    /// It wrote something with no newline behind it, and no answer came.
    Unended {
        /// The method.
        method: &'static str,
        /// How long the harness waited.
        deadline: Duration,
        /// What it wrote, shortened.
        begun: String,
        /// How many bytes that is.
        bytes: usize,
    },
    /// It wrote a line that is too long.
    TooLong {
        /// The most bytes that a line may have.
        limit: usize,
    },
    /// Its result is not what the method calls for.
    WrongResult {
        /// The method.
        method: &'static str,
        /// What is wrong.
        why: String,
        /// The result, shortened.
        result: String,
        /// What mends it.
        remedy: ResultRemedy,
    },
    /// It answered with an error instead of a result.
    Refused {
        /// The method.
        method: &'static str,
        /// What it says.
        message: String,
        /// The code it gives.
        code: i64,
    },
    /// It speaks another version of the protocol.
    Version {
        /// The version it speaks.
        theirs: u32,
        /// The version of the harness.
        ours: u32,
    },
    /// It went on running after the end of its input.
    Stayed {
        /// How long the harness waited.
        deadline: Duration,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// It ended after the last message, and badly.
    EndedBadly {
        /// How it ended.
        how: String,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// It ended and left processes behind.
    Leaked {
        /// The processes.
        processes: Vec<String>,
    },
    /// Something else was wrong, and it left processes behind besides.
    Left {
        /// What was wrong.
        fault: Box<AdapterFault>,
        /// The processes.
        processes: Vec<String>,
    },
}

/// What a line looks like that is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineLike {
    /// The beginning of a message, the rest of which is missing, or stands on the next line.
    Cut,
    /// Several messages.
    Several,
    /// Something that is not of the protocol.
    Foreign,
}

/// What mends a result that is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultRemedy {
    /// Its form.
    Form,
    /// An answer for each step.
    EachStep,
    /// Fewer entries.
    Fewer,
}

impl AdapterFault {
    /// A stable name for the sort of fault, for reports.
    pub const fn name(&self) -> &'static str {
        match self.without_kin() {
            Self::NotFound { .. } => "not-found",
            Self::NotExecutable { .. } => "not-executable",
            Self::NotAttached { .. } => "not-attached",
            Self::Exited { .. } => "exited",
            Self::ClosedOutput { .. } => "closed-output",
            Self::NotJson { .. } => "not-json",
            Self::NotAnAnswer { .. } => "not-an-answer",
            Self::WrongId { .. } => "wrong-id",
            Self::RepeatedId { .. } => "repeated-id",
            Self::Hung { .. } => "hung",
            Self::Unflushed { .. } => "unflushed",
            Self::Unended { .. } => "unended-line",
            Self::TooLong { .. } => "line-too-long",
            Self::WrongResult { .. } => "wrong-result",
            Self::Refused { .. } => "error-answer",
            Self::Version { .. } => "wrong-version",
            Self::Stayed { .. } => "stayed",
            Self::EndedBadly { .. } => "ended-badly",
            Self::Leaked { .. } | Self::Left { .. } => "leaked",
        }
    }

    /// Whether it is certain that the request was not carried out.
    pub const fn is_definite(&self) -> bool {
        match self.without_kin() {
            Self::NotFound { .. } | Self::NotExecutable { .. } | Self::NotAttached { .. } | Self::Version { .. } => {
                true
            }
            Self::Exited { .. }
            | Self::ClosedOutput { .. }
            | Self::NotJson { .. }
            | Self::NotAnAnswer { .. }
            | Self::WrongId { .. }
            | Self::RepeatedId { .. }
            | Self::Hung { .. }
            | Self::Unflushed { .. }
            | Self::Unended { .. }
            | Self::TooLong { .. }
            | Self::WrongResult { .. }
            | Self::Refused { .. }
            | Self::Stayed { .. }
            | Self::EndedBadly { .. }
            | Self::Leaked { .. }
            | Self::Left { .. } => false,
        }
    }

    /// A result that is not of the form that the method calls for.
    pub(super) fn wrong(method: &'static str, why: String, result: &Value) -> Self {
        let result = quote(result.to_string().as_bytes());
        Self::WrongResult { method, why, result, remedy: ResultRemedy::Form }
    }

    /// What was wrong, whatever was left behind besides.
    pub const fn without_kin(&self) -> &Self {
        if let Self::Left { fault, .. } = self { fault } else { self }
    }

    /// The processes that were left behind.
    pub fn left_behind(&self) -> &[String] {
        match self {
            Self::Leaked { processes } | Self::Left { processes, .. } => processes,
            Self::NotFound { .. }
            | Self::NotExecutable { .. }
            | Self::NotAttached { .. }
            | Self::Exited { .. }
            | Self::ClosedOutput { .. }
            | Self::NotJson { .. }
            | Self::NotAnAnswer { .. }
            | Self::WrongId { .. }
            | Self::RepeatedId { .. }
            | Self::Hung { .. }
            | Self::Unflushed { .. }
            | Self::Unended { .. }
            | Self::TooLong { .. }
            | Self::WrongResult { .. }
            | Self::Refused { .. }
            | Self::Version { .. }
            | Self::Stayed { .. }
            | Self::EndedBadly { .. } => &[],
        }
    }

    fn help(&self) -> Cow<'static, str> {
        let help = match self.without_kin() {
            Self::NotFound { .. } => "give the path of the program, or put its folder on PATH",
            Self::NotExecutable { .. } => {
                "make it executable (chmod +x) and let its first line name its interpreter, or name the interpreter: \
                 `-- python3 adapter.py`"
            }
            Self::NotAttached { .. } => "start the adapter first, listening on that local (Unix) socket",
            Self::Exited { .. } => "run it by hand and type the request: its own log says why it ended",
            Self::ClosedOutput { .. } => "keep standard output open until the end of input",
            Self::NotJson { like: LineLike::Cut, .. } => {
                "write every message whole on one line, with a newline behind it and none inside, as pretty-printed JSON has"
            }
            Self::NotJson { like: LineLike::Several, .. } => "write a newline behind every message",
            Self::NotJson { like: LineLike::Foreign, .. } => {
                "standard output carries the protocol and nothing else: print to standard error, and send the output of \
                 programs that the adapter starts there too"
            }
            Self::NotAnAnswer { .. } => {
                "an answer is {\"jsonrpc\":\"2.0\",\"id\":…,\"result\":…} or has an `error` in place of the result"
            }
            Self::WrongId { .. } => "echo the id of the request as it came: a number stays that number",
            Self::RepeatedId { .. } => "answer every request once",
            Self::Hung { method, .. } => {
                return deadlines::named(method)
                    .map_or("look at where it waits".into(), |deadline| deadline.help().into());
            }
            Self::Unflushed { method, .. } => {
                let slow = deadlines::named(method).map_or(String::new(), deadlines::Deadline::longer);
                return format!(
                    "flush standard output after every line (Python: print(…, flush=True); C: fflush(stdout)); if it is \
                     slow rather than unflushed, {slow}"
                )
                .into();
            }
            Self::Unended { method, .. } => {
                let slow = deadlines::named(method).map_or(String::new(), deadlines::Deadline::longer);
                return format!(
                    "write a newline behind every message (Python: print(json.dumps(message), flush=True)); if it is slow and the \
                     rest was still to come, {slow}"
                )
                .into();
            }
            Self::TooLong { .. } => "end every message with a newline, and leave `raw` bodies out of the snapshot",
            Self::WrongResult { remedy: ResultRemedy::Form, .. } => {
                "write it as the protocol says: `tombstone schema protocol` has every field with what may stand there"
            }
            Self::WrongResult { remedy: ResultRemedy::EachStep, .. } => {
                "give one answer for each step, in their order, whatever became of the ones before: `done`, `refused`, \
                 `unsupported` or `failed`"
            }
            Self::WrongResult { remedy: ResultRemedy::Fewer, .. } => {
                "list what lies in the stores of this world and no more"
            }
            Self::Refused { .. } => {
                "an error answers a request that could not be handled at all; a step that failed is an answer `failed`"
            }
            Self::Version { .. } => "take the adapter and the harness from the same release",
            Self::Stayed { .. } => "end of input means finish: leave the reading loop and exit",
            Self::EndedBadly { .. } => "its own log says why; after `shutdown` a program exits with status 0",
            Self::Leaked { .. } | Self::Left { .. } => {
                "stop and await every process that the adapter started, servers above all, before it exits"
            }
        };
        help.into()
    }
}

impl fmt::Display for AdapterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.without_kin() {
            Self::NotFound { program } => write!(f, "cannot start the adapter: there is no program `{program}`")?,
            Self::NotExecutable { program, why } => write!(f, "cannot start the adapter `{program}`: {why}")?,
            Self::NotAttached { socket, why } => write!(f, "cannot attach to the adapter at `{socket}`: {why}")?,
            Self::Exited { method, how, begun, log } => {
                write!(f, "the adapter {how} before it answered `{method}`")?;
                if let Some(begun) = begun {
                    write!(f, ", in the middle of a line: {begun}")?;
                }
                write_log(f, log)?;
            }
            Self::ClosedOutput { method, log } => {
                write!(f, "the adapter closed its standard output before it answered `{method}`, and still runs")?;
                write_log(f, log)?;
            }
            Self::NotJson { line, why, like } => {
                let what = match like {
                    LineLike::Cut => "ends in the middle of its JSON",
                    LineLike::Several => "holds several messages",
                    LineLike::Foreign => "is no JSON",
                };
                write!(f, "the adapter wrote a line to standard output that {what} ({why}): {line}")?;
            }
            Self::NotAnAnswer { line, why } => write!(f, "the adapter wrote a line that is no answer ({why}): {line}")?,
            Self::WrongId { id, awaited } => {
                let awaited: Vec<_> = awaited.iter().map(u64::to_string).collect();
                write!(f, "the adapter answered the id {id}, which was never sent; awaited: {}", awaited.join(", "))?;
            }
            Self::RepeatedId { id } => write!(f, "the adapter answered the id {id} twice")?,
            Self::Hung { method, deadline, log } => {
                write!(f, "the adapter hung: no answer to `{method}` within {}", seconds(*deadline))?;
                write_log(f, log)?;
            }
            Self::Unflushed { method, deadline } => write!(
                f,
                "the adapter never flushed: no answer to `{method}` within {}, and then one as soon as its input was closed",
                seconds(*deadline)
            )?,
            Self::Unended { method, deadline, begun, bytes } => write!(
                f,
                "no newline ends what the adapter wrote, and so there is no answer to `{method}` within {}: {} without one, {begun}",
                seconds(*deadline),
                counted(*bytes as u64, "byte")
            )?,
            Self::TooLong { limit } => write!(f, "the adapter wrote a line of more than {limit} bytes")?,
            Self::WrongResult { method, why, result, remedy: _ } => {
                write!(f, "the adapter's result for `{method}` is not what it should be ({why}): {result}")?;
            }
            Self::Refused { method, message, code } => {
                write!(f, "the adapter answered `{method}` with the error {code}: {message}")?;
            }
            Self::Version { theirs, ours } => {
                write!(f, "the adapter speaks version {theirs} of the protocol, and the harness version {ours}")?;
            }
            Self::Stayed { deadline, log } => {
                write!(f, "the adapter did not exit within {} of the end of its input", seconds(*deadline))?;
                write_log(f, log)?;
            }
            Self::EndedBadly { how, log } => {
                write!(f, "the adapter {how} after the end of its input")?;
                write_log(f, log)?;
            }
            Self::Leaked { processes } | Self::Left { processes, .. } => {
                write!(f, "the adapter exited and left processes behind: {}", processes.join(", "))?;
            }
        }
        if let Self::Left { processes, .. } = self {
            write!(f, "\nit left processes behind, which were ended: {}", processes.join(", "))?;
        }
        write!(f, "\nhelp: {}", self.help())
    }
}

impl std::error::Error for AdapterFault {}

impl From<AdapterFault> for ImplementationFailure {
    fn from(fault: AdapterFault) -> Self {
        Self { definite: fault.is_definite(), declined: false, message: fault.to_string().into() }
    }
}

fn write_log(f: &mut fmt::Formatter<'_>, log: &[String]) -> fmt::Result {
    if log.is_empty() {
        return write!(f, "; it wrote nothing to standard error");
    }
    write!(f, "; its last words on standard error:")?;
    log.iter().try_for_each(|line| write!(f, "\n  | {line}"))
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

/// The most characters of a line that a message quotes.
const QUOTED: usize = 200;

/// A line as a message quotes it: in backquotes, shortened, with nothing invisible in it.
pub(super) fn quote(line: &[u8]) -> String {
    // No character takes more than four bytes: what comes later is not looked at.
    let head = &line[..line.len().min(4 * QUOTED + 4)];
    let text = String::from_utf8_lossy(head);
    let mut shown: String = text.trim_end().chars().take(QUOTED).flat_map(char::escape_debug).collect();
    shown = shown.replace("\\\"", "\"").replace("\\'", "'");
    if text.trim_end().chars().count() > QUOTED {
        shown.push('…');
    }
    format!("`{shown}`")
}
