//! Reads the output of a child, line by line and bounded, on threads of their own.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::transcript::Transcript;

/// What came on standard output.
#[derive(Debug)]
pub(super) enum Line {
    /// A line, without its newline.
    Whole(Vec<u8>),
    /// What stood after the last newline when the output ended.
    Begun(Vec<u8>),
    /// A line that grew beyond the limit.
    TooLong,
}

/// How many lines may wait to be looked at. A flood is stopped here, by the pipe, and not by memory.
const WAITING_LINES: usize = 16;

/// Reads lines of at most `limit` bytes until the output ends; the channel then closes.
pub(super) fn read_lines(output: impl Read + Send + 'static, limit: usize) -> Receiver<Line> {
    let (send, receive) = sync_channel(WAITING_LINES);
    thread::spawn(move || send_lines(output, limit, &send));
    receive
}

fn send_lines(output: impl Read, limit: usize, send: &SyncSender<Line>) {
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    while let Ok(chunk) = output.fill_buf() {
        if chunk.is_empty() {
            break;
        }
        let end = chunk.iter().position(|&byte| byte == b'\n');
        line.extend_from_slice(&chunk[..end.unwrap_or(chunk.len())]);
        let used = end.map_or(chunk.len(), |end| end + 1);
        output.consume(used);
        if line.len() > limit {
            // The harness is about to end the program: whoever waits no longer does no harm.
            let _ = send.send(Line::TooLong);
            return;
        }
        if end.is_some() && send.send(Line::Whole(std::mem::take(&mut line))).is_err() {
            return;
        }
    }
    if !line.is_empty() {
        let _ = send.send(Line::Begun(line));
    }
}

/// The last lines of a log.
#[derive(Clone, Debug, Default)]
pub(super) struct Log(Arc<Mutex<VecDeque<String>>>);

/// How many lines of a log are kept: enough for a stack trace.
const KEPT_LINES: usize = 40;
/// The most bytes of a line of a log that are kept.
const KEPT_BYTES: usize = 2000;

impl Log {
    /// Follows a log until it ends.
    pub(super) fn follow(&self, log: impl Read + Send + 'static, transcript: Transcript) -> JoinHandle<()> {
        let ring = Arc::clone(&self.0);
        thread::spawn(move || {
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
