//! An adapter as a child process: started in its own process group, asked under deadlines, ended with all it started.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::bounds;
use super::deadlines;
use super::fault::{AdapterFault, LineLike, ResultRemedy, quote};
use super::group::how_ended;
use super::kin;
use super::limits::Limits;
use super::lines::{Lines, LogTail, NoLine, Output, OutputLine};
use super::meter::Meter;
use super::patience::Patience;
use super::protocol::{Call, Error, JsonRpc, Request, Response, Shutdown, result_definition};
use super::transcript::Transcript;
use super::until::Until;
use super::validate;

/// How to start an adapter.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program, as a path or a name on `PATH`.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// The folder to start it in; the harness' own, if there is none.
    pub folder: Option<PathBuf>,
    /// What to add to its environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Whether of the harness' own environment it is given [`KEPT_VARIABLES`] only.
    pub clean: bool,
    /// The local socket of one that runs already; then nothing is started, and `program` is only a name.
    pub socket: Option<PathBuf>,
    /// What the harness puts up with.
    pub limits: Limits,
    /// Where messages are written down.
    pub transcript: Transcript,
    /// Where its work is counted.
    pub meter: Meter,
    /// How many cases it may break in a row.
    pub patience: Patience,
    /// Whether every message is held against the schema.
    pub validate: bool,
    /// The file of implementations that it stands in, as the command line names it.
    pub listed: Option<PathBuf>,
    /// The options of the command line that it is started with, to start it like this again.
    pub options: Vec<String>,
}

impl Launch {
    /// Starts that program with these arguments, with the usual limits.
    pub fn new(program: impl Into<OsString>, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            folder: None,
            environment: Vec::new(),
            clean: false,
            socket: None,
            limits: Limits::default(),
            transcript: Transcript::default(),
            meter: Meter::default(),
            patience: Patience::default(),
            validate: false,
            listed: None,
            options: Vec::new(),
        }
    }

    /// Attaches to an adapter that listens on a local socket.
    pub fn attached(socket: impl Into<PathBuf>) -> Self {
        let socket = socket.into();
        Self { socket: Some(socket.clone()), ..Self::new(socket, [""; 0]) }
    }
}

/// The variables that are left of the environment where a program is to have a clean one.
pub const KEPT_VARIABLES: [&str; 8] = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "SystemRoot"];

/// How often a program that says nothing is looked at, to see whether it still runs.
const LOOK: Duration = Duration::from_millis(50);
/// How many lines of a log a message shows.
const SHOWN_LINES: usize = 8;

/// A running adapter. Dropping it ends it and everything that it started.
#[derive(Debug)]
pub struct Process {
    peer: Peer,
    /// Closed, the input ends.
    input: Option<Input>,
    output: Lines,
    log: LogTail,
    logging: Option<thread::JoinHandle<()>>,
    /// What was asked and not yet answered, by id.
    awaited: BTreeMap<u64, Awaited>,
    /// Answers that came before they were waited for.
    early: BTreeMap<u64, Response>,
    next_id: u64,
    limits: Limits,
    transcript: Transcript,
    /// Whether every message is held against the schema.
    validate: bool,
    /// The slowest answer to each method, and the deadline it was given.
    slowest: BTreeMap<&'static str, (Duration, Duration)>,
    /// What the last answer took.
    took: Duration,
    /// Messages and bytes, both ways.
    traffic: (u64, u64),
}

/// Who is at the other end.
#[derive(Debug)]
enum Peer {
    /// A program that was started, and is ended.
    Program(Child),
    /// One that ran before: when it hangs up is all that can be known of it.
    Attached,
}

#[derive(Clone, Copy, Debug)]
struct Awaited {
    method: &'static str,
    result: Option<&'static str>,
}

impl Process {
    /// Starts the program. It has not been spoken to yet.
    ///
    /// # Errors
    /// Where there is no such program, or it cannot be executed.
    pub fn start(launch: &Launch) -> Result<Self, AdapterFault> {
        if let Some(socket) = &launch.socket {
            return Self::attach(launch, socket);
        }
        let program = launch.program.to_string_lossy().into_owned();
        let mut command = Command::new(&launch.program);
        command.args(&launch.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(folder) = &launch.folder {
            command.current_dir(folder);
        }
        if launch.clean {
            command.env_clear();
            command.envs(KEPT_VARIABLES.iter().filter_map(|&name| Some((name, std::env::var_os(name)?))));
        }
        command.envs(launch.environment.iter().map(|(name, value)| (name, value)));
        let not_executable = |why: String| AdapterFault::NotExecutable { program: program.clone(), why };
        let mut child = kin::spawn(&mut command).map_err(|error| {
            // A script whose interpreter is missing is reported like a missing script.
            let there = launch.program.to_string_lossy().contains('/') && PathBuf::from(&launch.program).exists();
            if error.kind() != io::ErrorKind::NotFound {
                not_executable(error.to_string())
            } else if there {
                not_executable("the interpreter that its first line names is missing".into())
            } else {
                AdapterFault::NotFound { program: program.clone() }
            }
        })?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            kin::bury(&mut child);
            return Err(not_executable("its standard streams could not be opened".into()));
        };
        launch.transcript.note(|| format!("started `{program}`"));
        let log = LogTail::default();
        let logging = match log.follow(stderr, launch.transcript.clone()) {
            Ok(logging) => logging,
            Err(error) => {
                kin::bury(&mut child);
                return Err(not_executable(format!("no thread could be started to read its log: {error}")));
            }
        };
        let mut process = Self::new(launch, Peer::Program(child), stdin, stdout);
        (process.log, process.logging) = (log, Some(logging));
        Ok(process)
    }

    #[cfg(unix)]
    fn attach(launch: &Launch, socket: &std::path::Path) -> Result<Self, AdapterFault> {
        use std::os::unix::net::UnixStream;
        let program = socket.display().to_string();
        let cannot = |why: String| AdapterFault::NotAttached { socket: program.clone(), why };
        let stream = UnixStream::connect(socket).map_err(|error| cannot(error.to_string()))?;
        let output = stream.try_clone().map_err(|error| cannot(error.to_string()))?;
        launch.transcript.note(|| format!("attached to `{program}`"));
        Ok(Self::new(launch, Peer::Attached, HangUp(stream), output))
    }

    #[cfg(not(unix))]
    fn attach(_: &Launch, socket: &std::path::Path) -> Result<Self, AdapterFault> {
        let why = "there are local sockets on Unix only".to_owned();
        Err(AdapterFault::NotAttached { socket: socket.display().to_string(), why })
    }

    fn new(launch: &Launch, peer: Peer, input: impl Write + Send + 'static, output: impl Output) -> Self {
        Self {
            peer,
            input: Some(Input::new(input)),
            output: Lines::new(output, launch.limits.line),
            log: LogTail::default(),
            logging: None,
            awaited: BTreeMap::new(),
            early: BTreeMap::new(),
            next_id: 1,
            limits: launch.limits,
            transcript: launch.transcript.clone(),
            validate: launch.validate,
            slowest: BTreeMap::new(),
            took: Duration::ZERO,
            traffic: (0, 0),
        }
    }

    /// The slowest answer to each method so far, and the deadline it was given.
    pub fn slowest(&self) -> &BTreeMap<&'static str, (Duration, Duration)> {
        &self.slowest
    }

    /// Messages and bytes so far, both ways.
    pub fn traffic(&self) -> (u64, u64) {
        self.traffic
    }

    /// What the harness puts up with.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What the last answer took.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Sends a request and returns its id. Nothing is waited for: several may be under way.
    ///
    /// # Errors
    /// Where validation is on and the harness itself broke the schema.
    pub fn send(&mut self, call: Call) -> Result<u64, AdapterFault> {
        let id = self.next_id;
        self.next_id += 1;
        // Of an introduction, whoever asks for it sees first whether it is of this version.
        let held = !matches!(call, Call::Initialize(_));
        let asked = Awaited { method: call.method(), result: result_definition(&call).filter(|_| held) };
        let request = Request { jsonrpc: JsonRpc::Two, id, call };
        let own_fault = |why: String| AdapterFault::WrongResult {
            method: asked.method,
            why,
            result: "(the request)".into(),
            remedy: ResultRemedy::Form,
        };
        if self.validate {
            let value = serde_json::to_value(&request).map_err(|error| own_fault(error.to_string()))?;
            validate::check("Request", &value).map_err(own_fault)?;
        }
        let mut line = serde_json::to_string(&request).map_err(|error| own_fault(error.to_string()))?;
        self.transcript.sent(&line);
        line.push('\n');
        self.count(line.len());
        self.awaited.insert(id, asked);
        if let Some(input) = &mut self.input {
            input.add(line.as_bytes());
        }
        Ok(id)
    }

    /// Waits for the answer to a request. Answers to others that come before it are kept for later.
    ///
    /// # Errors
    /// Any [`AdapterFault`]; the process is then of no further use and should be dropped.
    pub fn receive(&mut self, id: u64, deadline: Duration) -> Result<Response, AdapterFault> {
        self.wait_for(id, deadline).map_err(|fault| self.with_kin(fault))
    }

    fn wait_for(&mut self, id: u64, deadline: Duration) -> Result<Response, AdapterFault> {
        let method = self.awaited.get(&id).map_or("a request", |asked| asked.method);
        let until = Until::after(deadline);
        if let Some(input) = &mut self.input {
            input.flush();
        }
        loop {
            if let Some(response) = self.early.remove(&id) {
                if let Some(input) = self.input.as_mut().filter(|_| self.awaited.is_empty()) {
                    input.is_empty();
                }
                self.took = deadline.saturating_sub(until.left());
                let slowest = self.slowest.entry(method).or_default();
                *slowest = (*slowest).max((self.took, deadline));
                return Ok(response);
            }
            match self.output.next(until.left().min(LOOK)) {
                Ok(line) => self.take(line, method)?,
                Err(NoLine::Ended) => return Err(self.ended(method, None)),
                // The output of a program that has ended may be held open by one that it started.
                Err(NoLine::Nothing) if !until.left().is_zero() && self.has_exited() => {
                    return Err(self.ended(method, None));
                }
                Err(NoLine::Nothing | NoLine::Unfinished) => {}
            }
            // After every line: a program that writes without pause and answers nothing hangs, too.
            if until.left().is_zero() && !self.early.contains_key(&id) {
                return Err(self.hung(id, method, deadline));
            }
        }
    }

    /// Sends a request and waits for its result.
    ///
    /// # Errors
    /// As [`Self::receive`]; the inner error is one that the adapter answered.
    pub fn call(&mut self, call: Call, deadline: Duration) -> Result<Result<Value, Error>, AdapterFault> {
        let id = self.send(call)?;
        let response = self.receive(id, deadline)?;
        Ok(match response.error {
            Some(error) => Err(error),
            None => Ok(response.result.unwrap_or(Value::Null)),
        })
    }

    /// Says goodbye, closes the input, and awaits the end of the program and of everything it started.
    ///
    /// # Errors
    /// Where it does not end, ends with another status than 0, or leaves processes behind; they are ended all the same.
    pub fn finish(mut self) -> Result<(), AdapterFault> {
        let deadline = deadlines::SHUTDOWN.limit(self.limits);
        let deadline_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
        // A program that ends instead of answering has done what was asked.
        match self.call(Call::Shutdown(Shutdown { deadline_ms }), deadline) {
            Ok(_) => {}
            Err(fault)
                if matches!(fault.without_kin(), AdapterFault::Exited { .. } | AdapterFault::ClosedOutput { .. }) => {}
            Err(fault) => return Err(fault),
        }
        self.end().map_err(|fault| self.with_kin(fault))
    }

    /// Closes the input without a word, and awaits the end of the program and of everything it started.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub fn hang_up(mut self) -> Result<(), AdapterFault> {
        self.end().map_err(|fault| self.with_kin(fault))
    }

    fn end(&mut self) -> Result<(), AdapterFault> {
        let deadline = deadlines::SHUTDOWN.limit(self.limits);
        self.input = None;
        if matches!(self.peer, Peer::Attached) {
            return Ok(());
        }
        if !self.wait_until(deadline, Self::has_exited) {
            return Err(AdapterFault::Stayed { deadline, log: self.log.last(SHOWN_LINES) });
        }
        let grace = self.limits.grace;
        if !self.wait_until(grace, |this| this.kin(false).is_empty()) {
            return Err(AdapterFault::Leaked { processes: self.kin(false) });
        }
        match self.status() {
            Some(status) if !status.success() => {
                self.wait_until(grace, Self::has_said_all);
                Err(AdapterFault::EndedBadly { how: how_ended(status), log: self.log.last(SHOWN_LINES) })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn take(&mut self, line: OutputLine, method: &'static str) -> Result<(), AdapterFault> {
        let (line, whole) = match line {
            OutputLine::Whole(line) if line.trim_ascii().is_empty() => return Ok(()),
            OutputLine::Whole(line) => (line, true),
            OutputLine::Begun(line) => (line, false),
            OutputLine::TooLong => return Err(AdapterFault::TooLong { limit: self.limits.line }),
        };
        self.count(line.len() + 1);
        if let Err(why) = bounds::values(&line) {
            self.transcript.garbage(&line);
            return Err(AdapterFault::NotAnAnswer { line: quote(&line), why });
        }
        let value: Value = match serde_json::from_slice(&line) {
            Ok(value) => value,
            Err(_) if !whole => {
                self.transcript.garbage(&line);
                return Err(self.ended(method, Some(&line)));
            }
            Err(error) => {
                self.transcript.garbage(&line);
                let like = like(&line, &error);
                return Err(AdapterFault::NotJson { line: quote(&line), why: error.to_string(), like });
            }
        };
        self.transcript.received(&value);
        let not_an_answer = |why: String| AdapterFault::NotAnAnswer { line: quote(&line), why };
        let id = value.get("id").ok_or_else(|| not_an_answer("it has no id".into()))?;
        let Some((id, asked)) = id.as_u64().and_then(|id| Some((id, *self.awaited.get(&id)?))) else {
            return Err(match id.as_u64() {
                Some(id) if (1..self.next_id).contains(&id) => AdapterFault::RepeatedId { id },
                _ => AdapterFault::WrongId { id: id.to_string(), awaited: self.awaited.keys().copied().collect() },
            });
        };
        if self.validate {
            validate::check("Response", &value).map_err(not_an_answer)?;
            if let (Some(definition), Some(result)) = (asked.result, value.get("result")) {
                validate::check(definition, result).map_err(|why| AdapterFault::wrong(asked.method, why, result))?;
            }
        }
        let has_result = value.get("result").is_some();
        let response: Response = match serde_json::from_value(value) {
            Ok(response) => response,
            Err(_) => {
                let again: Value = serde_json::from_slice(&line).unwrap_or_default();
                validate::read("Response", &again).map_err(not_an_answer)?
            }
        };
        if has_result == response.error.is_some() {
            return Err(not_an_answer("it must have either a result or an error".into()));
        }
        self.awaited.remove(&id);
        self.early.insert(id, response);
        Ok(())
    }

    fn count(&mut self, bytes: usize) {
        self.traffic = (self.traffic.0 + 1, self.traffic.1 + bytes as u64);
    }

    /// The output ended: because the program did, or although it did not.
    fn ended(&mut self, method: &'static str, begun: Option<&[u8]>) -> AdapterFault {
        let grace = self.limits.grace;
        self.wait_until(grace, Self::has_exited);
        match self.status() {
            Some(status) => {
                // Its last words may still be on their way.
                self.wait_until(grace, Self::has_said_all);
                let begun = begun.map(quote);
                AdapterFault::Exited { method, how: how_ended(status), begun, log: self.log.last(SHOWN_LINES) }
            }
            None => AdapterFault::ClosedOutput { method, log: self.log.last(SHOWN_LINES) },
        }
    }

    /// The deadline has passed. A program that answers once its input ends, and the buffers of its output are written out
    /// with that, did not hang: it never flushed. One that wrote something did not hang either, if a newline is all that is
    /// missing.
    fn hung(&mut self, id: u64, method: &'static str, deadline: Duration) -> AdapterFault {
        self.input = None;
        let until = Until::after(self.limits.grace);
        let mut begun = self.output.begun().map(<[u8]>::to_vec);
        while let Ok(line) = self.output.next(until.left()) {
            if let OutputLine::Begun(line) = line {
                begun = Some(line);
                break;
            }
            if self.take(line, method).is_err() {
                break;
            }
            if self.early.contains_key(&id) {
                return AdapterFault::Unflushed { method, deadline };
            }
            if until.left().is_zero() {
                break;
            }
        }
        match begun {
            Some(begun) => {
                self.transcript.garbage(&begun);
                AdapterFault::Unended { method, deadline, begun: quote(&begun), bytes: begun.len() }
            }
            None => AdapterFault::Hung { method, deadline, log: self.log.last(SHOWN_LINES) },
        }
    }

    fn has_exited(&mut self) -> bool {
        self.status().is_some()
    }

    fn status(&mut self) -> Option<ExitStatus> {
        match &mut self.peer {
            Peer::Program(child) => child.try_wait().ok().flatten(),
            Peer::Attached => None,
        }
    }

    /// The processes that it started and that still run; or only those that left its process group.
    fn kin(&self, escaped: bool) -> Vec<String> {
        match &self.peer {
            Peer::Program(child) => kin::of(child, escaped),
            Peer::Attached => Vec::new(),
        }
    }

    /// Adds to a fault what the program leaves behind, which is ended with it. What only runs on because the program does
    /// is no fault of its own.
    fn with_kin(&mut self, fault: AdapterFault) -> AdapterFault {
        let exited = self.has_exited();
        if matches!(fault, AdapterFault::Leaked { .. } | AdapterFault::Left { .. })
            || self.wait_until(if exited { self.limits.grace } else { Duration::ZERO }, |this| {
                this.kin(!exited).is_empty()
            })
        {
            return fault;
        }
        AdapterFault::Left { fault: Box::new(fault), processes: self.kin(!exited) }
    }

    fn has_said_all(&mut self) -> bool {
        self.logging.as_ref().is_none_or(thread::JoinHandle::is_finished)
    }

    fn wait_until(&mut self, at_most: Duration, mut condition: impl FnMut(&mut Self) -> bool) -> bool {
        let until = Until::after(at_most);
        loop {
            if condition(self) {
                return true;
            }
            if until.left().is_zero() {
                return false;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        match &mut self.peer {
            Peer::Program(child) => {
                self.transcript.note(|| "ended the process group".to_owned());
                kin::bury(child);
            }
            Peer::Attached => self.transcript.note(|| "hung up".to_owned()),
        }
    }
}

/// What a line looks like that is no JSON, for this reason.
fn like(line: &[u8], error: &serde_json::Error) -> LineLike {
    let first = serde_json::Deserializer::from_slice(line).into_iter::<Value>().next();
    if error.is_eof() {
        LineLike::Cut
    } else if first.is_some_and(|first| first.is_ok_and(|first| first.is_object())) {
        LineLike::Several
    } else {
        LineLike::Foreign
    }
}

/// The input of a program, written in such a way that one that does not read cannot hold the harness up: at once where
/// it surely fits into the pipe, and on a thread of its own otherwise.
struct Input {
    pipe: Arc<Mutex<Box<dyn Write + Send>>>,
    thread: Option<Sender<Vec<u8>>>,
    /// How many writes the thread has yet to do.
    queued: Arc<AtomicUsize>,
    /// What has been said and not yet written.
    waiting: Vec<u8>,
    /// What has been written and may not have been read.
    unread: usize,
}

/// What fits into every pipe, whatever its owner has been granted.
const FITS: usize = 4096;

impl Input {
    fn new(input: impl Write + Send + 'static) -> Self {
        let pipe: Arc<Mutex<Box<dyn Write + Send>>> = Arc::new(Mutex::new(Box::new(input)));
        Self { pipe, thread: None, queued: Arc::default(), waiting: Vec::new(), unread: 0 }
    }

    /// Says something; it is written with the next [`Self::flush`], so that a batch is one write.
    fn add(&mut self, line: &[u8]) {
        self.waiting.extend_from_slice(line);
    }

    /// Everything has been answered, and so everything has been read.
    fn is_empty(&mut self) {
        self.unread = 0;
    }

    fn flush(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.waiting);
        self.unread += bytes.len();
        // A program that no longer reads is noticed by the answer that does not come.
        if self.unread <= FITS && self.queued.load(Ordering::Acquire) == 0 {
            let _ = write(&self.pipe, &bytes);
        } else {
            self.queued.fetch_add(1, Ordering::AcqRel);
            if self.thread.is_none() {
                self.thread = writer(&self.pipe, &self.queued).ok();
            }
            // Without a thread it is not written, and the answer does not come.
            if let Some(thread) = &self.thread {
                let _ = thread.send(bytes);
            }
        }
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.flush();
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input({} bytes unread)", self.unread)
    }
}

fn write(pipe: &Mutex<Box<dyn Write + Send>>, bytes: &[u8]) -> io::Result<()> {
    let mut pipe = pipe.lock().unwrap_or_else(PoisonError::into_inner);
    pipe.write_all(bytes).and_then(|()| pipe.flush())
}

fn writer(pipe: &Arc<Mutex<Box<dyn Write + Send>>>, queued: &Arc<AtomicUsize>) -> io::Result<Sender<Vec<u8>>> {
    let (pipe, queued) = (Arc::clone(pipe), Arc::clone(queued));
    let (send, receive) = channel::<Vec<u8>>();
    thread::Builder::new().spawn(move || {
        for bytes in receive {
            let written = write(&pipe, &bytes);
            queued.fetch_sub(1, Ordering::AcqRel);
            if written.is_err() {
                return;
            }
        }
    })?;
    Ok(send)
}

/// A socket whose other end sees the end of input once this is dropped, although the reader still holds it.
#[cfg(unix)]
struct HangUp(std::os::unix::net::UnixStream);

#[cfg(unix)]
impl Write for HangUp {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(unix)]
impl Drop for HangUp {
    fn drop(&mut self) {
        let _ = self.0.shutdown(std::net::Shutdown::Write);
    }
}
