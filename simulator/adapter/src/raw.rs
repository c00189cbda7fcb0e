//! Bare pipes to a child, to hold the process host against; and the echoing child that both talk to.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::fault::AdapterFault;
use super::kin;
use super::process::Launch;

/// A child behind bare pipes.
#[derive(Debug)]
pub struct Raw {
    child: Child,
    input: BufWriter<ChildStdin>,
    output: BufReader<ChildStdout>,
    line: Vec<u8>,
}

impl Raw {
    /// Starts the program.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn start(launch: &Launch) -> Result<Self, AdapterFault> {
        let program = launch.program.to_string_lossy().into_owned();
        let cannot = |why: String| AdapterFault::NotExecutable { program: program.clone(), why };
        let mut command = Command::new(&launch.program);
        command.args(&launch.arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = kin::spawn(&mut command).map_err(|error| cannot(error.to_string()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            kin::bury(&mut child);
            return Err(cannot("its standard streams could not be opened".to_owned()));
        };
        Ok(Self { child, input: BufWriter::new(input), output: BufReader::new(output), line: Vec::new() })
    }

    /// Writes a line so many times.
    ///
    /// # Errors
    /// Where the child no longer reads.
    pub fn write(&mut self, line: &[u8], times: u32) -> Result<(), AdapterFault> {
        let written = (0..times).try_for_each(|_| self.input.write_all(line)).and_then(|()| self.input.flush());
        written.map_err(ended)
    }

    /// Reads so many lines.
    ///
    /// # Errors
    /// Where there are no more.
    pub fn read(&mut self, lines: u32) -> Result<(), AdapterFault> {
        for _ in 0..lines {
            self.line.clear();
            if self.output.read_until(b'\n', &mut self.line).map_err(ended)? == 0 {
                return Err(ended(io::ErrorKind::UnexpectedEof.into()));
            }
        }
        Ok(())
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        kin::bury(&mut self.child);
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands on")]
fn ended(error: io::Error) -> AdapterFault {
    AdapterFault::Exited {
        method: "apply",
        how: format!("could not be reached: {error}"),
        begun: None,
        log: Vec::new(),
    }
}

/// Answers every line with `done`, under its own id, and does nothing else.
///
/// # Errors
/// Where a stream cannot be read or written.
pub fn echo(input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut input = input;
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let key = b"\"id\":";
        let at = line.windows(key.len()).position(|window| window == key).map_or(0, |at| at + key.len());
        let digits = line[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        output.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":")?;
        output.write_all(&line[at..at + digits])?;
        output.write_all(b",\"result\":{\"answers\":[{\"answer\":\"done\"}]}}\n")?;
        output.flush()?;
        line.clear();
    }
    Ok(())
}
