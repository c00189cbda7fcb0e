//! Reads the output of a child, line by line and bounded; its log, on a thread of its own.

use std::collections::VecDeque;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
#[cfg(not(unix))]
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::transcript::Transcript;
use super::until::Until;

/// What came on standard output.
#[derive(Debug)]
pub(super) enum OutputLine {
    /// A line, without its newline.
    Whole(Vec<u8>),
    /// What stood after the last newline when the output ended.
    Begun(Vec<u8>),
    /// A line that grew beyond the limit.
    TooLong,
}

/// Why there is no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoLine {
    /// Nothing came in time.
    Nothing,
    /// Something came, and the line has no end yet.
    Unfinished,
    /// There is no more.
    Ended,
}

/// Where lines come from.
#[cfg(unix)]
pub(super) trait Output: Read + Send + std::os::fd::AsFd + 'static {}
#[cfg(unix)]
impl<T: Read + Send + std::os::fd::AsFd + 'static> Output for T {}

/// Where lines come from.
#[cfg(not(unix))]
pub(super) trait Output: Read + Send + 'static {}
#[cfg(not(unix))]
impl<T: Read + Send + 'static> Output for T {}

/// Lines of at most so many bytes, each waited for as long as one likes. On Unix the output is polled by whoever waits:
/// handing every line from thread to thread would double the time of a round trip.
pub(super) struct Lines {
    #[cfg(unix)]
    output: Box<dyn Output>,
    #[cfg(not(unix))]
    received: Receiver<Vec<u8>>,
    limit: usize,
    /// What has been read and not yet handed out, from `at` on; up to `searched` there is no newline in it.
    buffer: Vec<u8>,
    at: usize,
    searched: usize,
    ended: bool,
}

/// How much is read at once.
const CHUNK: usize = 1 << 13;

impl Lines {
    pub(super) fn new(output: impl Output, limit: usize) -> Self {
        #[cfg(not(unix))]
        let received = read_chunks(output);
        Self {
            #[cfg(unix)]
            output: Box::new(output),
            #[cfg(not(unix))]
            received,
            limit,
            buffer: Vec::new(),
            at: 0,
            searched: 0,
            ended: false,
        }
    }

    /// The next line, if it comes in time. A program that writes without pause and ends no line cannot stay in here either.
    pub(super) fn next(&mut self, at_most: Duration) -> Result<OutputLine, NoLine> {
        let until = Until::after(at_most);
        let mut filled = false;
        loop {
            if let Some(length) = self.buffer[self.searched..].iter().position(|&byte| byte == b'\n') {
                let end = self.searched + length;
                let line = self.buffer[self.at..end].to_vec();
                (self.at, self.searched) = (end + 1, end + 1);
                return Ok(if line.len() > self.limit { OutputLine::TooLong } else { OutputLine::Whole(line) });
            }
            self.searched = self.buffer.len();
            if self.buffer.len() - self.at > self.limit {
                return Ok(OutputLine::TooLong);
            }
            if self.ended {
                let rest = self.buffer.split_off(self.at);
                (self.buffer, self.at, self.searched) = (Vec::new(), 0, 0);
                return if rest.is_empty() { Err(NoLine::Ended) } else { Ok(OutputLine::Begun(rest)) };
            }
            if filled && until.left().is_zero() {
                return Err(NoLine::Unfinished);
            }
            self.buffer.drain(..self.at);
            (self.searched, self.at) = (self.searched - self.at, 0);
            self.fill(until.left())?;
            filled = true;
        }
    }

    /// What has come since the last newline, where something has and no line waits.
    pub(super) fn begun(&self) -> Option<&[u8]> {
        let begun = &self.buffer[self.at..];
        (!begun.is_empty() && !begun.contains(&b'\n')).then_some(begun)
    }

    /// Waits for more, and takes it.
    #[cfg(unix)]
    fn fill(&mut self, at_most: Duration) -> Result<(), NoLine> {
        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
        // Rounded up, so that a deadline is never met early by a poll that ends at once.
        let millis = u32::try_from(at_most.as_micros().div_ceil(1000)).unwrap_or(u32::MAX).min(1 << 30);
        let timeout = PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(self.output.as_fd(), PollFlags::POLLIN)], timeout) {
            Ok(0) => return Err(NoLine::Nothing),
            Err(nix::errno::Errno::EINTR) => return Ok(()),
            Ok(_) | Err(_) => {}
        }
        let before = self.buffer.len();
        self.buffer.resize(before + CHUNK, 0);
        // Something is there, or the end: this does not wait.
        let read = self.output.read(&mut self.buffer[before..]).unwrap_or(0);
        self.buffer.truncate(before + read);
        self.ended = read == 0;
        Ok(())
    }

    /// Waits for more, and takes it.
    #[cfg(not(unix))]
    fn fill(&mut self, at_most: Duration) -> Result<(), NoLine> {
        match self.received.recv_timeout(at_most) {
            Ok(chunk) => self.buffer.extend(chunk),
            Err(RecvTimeoutError::Disconnected) => self.ended = true,
            Err(RecvTimeoutError::Timeout) => return Err(NoLine::Nothing),
        }
        Ok(())
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({} bytes waiting)", self.buffer.len() - self.at)
    }
}

#[cfg(not(unix))]
fn read_chunks(mut output: impl Output) -> Receiver<Vec<u8>> {
    // A flood is stopped here, by the pipe, and not by memory.
    let (send, receive) = std::sync::mpsc::sync_channel(4);
    thread::spawn(move || {
        loop {
            let mut chunk = vec![0; CHUNK];
            let read = output.read(&mut chunk).unwrap_or(0);
            chunk.truncate(read);
            if read == 0 || send.send(chunk).is_err() {
                return;
            }
        }
    });
    receive
}

/// The last lines of a log.
#[derive(Clone, Debug, Default)]
pub(super) struct LogTail(Arc<Mutex<VecDeque<String>>>);

/// How many lines of a log are kept: enough for a stack trace.
const KEPT_LINES: usize = 40;
/// The most bytes of a line of a log that are kept.
const KEPT_BYTES: usize = 2000;

impl LogTail {
    /// Follows a log until it ends.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub(super) fn follow(
        &self,
        log: impl Read + Send + 'static,
        transcript: Transcript,
    ) -> std::io::Result<JoinHandle<()>> {
        let ring = Arc::clone(&self.0);
        thread::Builder::new().spawn(move || {
            let mut log = BufReader::new(log);
            let mut line = Vec::new();
            while let Ok(chunk) = log.fill_buf() {
                if chunk.is_empty() {
                    break;
                }
                let end = chunk.iter().position(|&byte| byte == b'\n');
                let room = KEPT_BYTES.saturating_sub(line.len());
                let part = &chunk[..end.unwrap_or(chunk.len())];
                line.extend_from_slice(&part[..part.len().min(room)]);
                let used = end.map_or(chunk.len(), |end| end + 1);
                log.consume(used);
                if end.is_some() {
                    keep(&ring, &transcript, &std::mem::take(&mut line));
                }
            }
            if !line.is_empty() {
                keep(&ring, &transcript, &line);
            }
        })
    }

    /// The last lines, oldest first.
    pub(super) fn last(&self, count: usize) -> Vec<String> {
        let ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ring.iter().skip(ring.len().saturating_sub(count)).cloned().collect()
    }
}

fn keep(ring: &Mutex<VecDeque<String>>, transcript: &Transcript, line: &[u8]) {
    let text = String::from_utf8_lossy(line).trim_end().to_owned();
    transcript.log(&text);
    let mut ring = ring.lock().unwrap_or_else(PoisonError::into_inner);
    if ring.len() == KEPT_LINES {
        ring.pop_front();
    }
    ring.push_back(text);
}
