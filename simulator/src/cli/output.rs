//! Everything that is printed, and the one way out for it: what comes from outside does nothing there, and what cannot be
//! written is noticed.

use std::fmt;
use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use tombstone_model::harmless::harmless;

/// Whether something could not be written.
static FAILED: AtomicBool = AtomicBool::new(false);

/// Whether something could not be written.
pub(super) fn failed() -> bool {
    FAILED.load(Ordering::Relaxed)
}

/// Whether standard output wants colour.
pub(super) fn colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Prints data or a verdict to standard output.
pub(super) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let written = line(&mut out, text, colour()).and_then(|()| out.flush());
    drop(out);
    noted("standard output", written);
}

/// Prints commands to a build, which obeys them: whatever in them comes from outside does nothing already.
pub(super) fn command(text: &str) {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    drop(out);
    noted("standard output", written);
}

/// Tells something to standard error.
pub(super) fn tell(text: fmt::Arguments<'_>) {
    let mut out = io::stderr().lock();
    let written = line(&mut out, &text.to_string(), colour());
    drop(out);
    if written.is_err() {
        FAILED.store(true, Ordering::Relaxed);
    }
}

/// Remembers that something could not be written, and says so the first time. A reader that has gone away has seen what it
/// wanted to see.
fn noted(what: &str, written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
        && !FAILED.swap(true, Ordering::Relaxed)
    {
        tell(format_args!("error: cannot write {what}: {error}"));
    }
}

fn line(out: &mut impl Write, text: &str, colour: bool) -> io::Result<()> {
    let mut rest = text;
    // Our own colours pass; whatever else looks like them is shown.
    while let Some((at, end)) = colour.then(|| painted(rest)).flatten() {
        out.write_all(harmless(&rest[..at]).as_bytes())?;
        out.write_all(&rest.as_bytes()[at..end])?;
        rest = &rest[end..];
    }
    out.write_all(harmless(rest).as_bytes())?;
    if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") }
}

/// Where the next change of colour or weight begins and ends: `ESC [ numbers m`, with none that would hide text.
fn painted(text: &str) -> Option<(usize, usize)> {
    const START: &str = "\u{1b}[";
    text.match_indices(START).find_map(|(at, _)| {
        let numbers = &text[at + START.len()..];
        let length = numbers.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        let plain =
            |number: &str| matches!(number.parse(), Ok(0..=4 | 22..=24 | 30..=39 | 90..=97)) || number.is_empty();
        let ours = numbers[length..].starts_with('m') && numbers[..length].split(';').all(plain);
        ours.then(|| (at, at + START.len() + length + 1))
    })
}

/// A place whose failures count as those of standard output do.
#[derive(Debug)]
pub(super) struct Noted<W> {
    name: String,
    place: W,
}

impl<W> Noted<W> {
    /// That place, under that name.
    pub(super) fn new(name: impl Into<String>, place: W) -> Self {
        Self { name: name.into(), place }
    }
}

impl<W: Write> Write for Noted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.place.write(bytes);
        if let Err(error) = &written {
            noted(&self.name, Err(io::Error::new(error.kind(), error.to_string())));
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.place.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_pass_and_nothing_else_does() {
        let text = "\u{1b}[1m\u{1b}[91merror\u{1b}[0m \u{1b}[8mhidden \u{1b}]0;title\u{7} \u{1b}[2J";
        let mut plain = Vec::new();
        line(&mut plain, text, false).unwrap();
        assert!(!plain.contains(&0x1b) && !plain.contains(&7));
        let mut painted = Vec::new();
        line(&mut painted, text, true).unwrap();
        let painted = String::from_utf8(painted).unwrap();
        assert!(painted.starts_with("\u{1b}[1m\u{1b}[91merror\u{1b}[0m "), "{painted:?}");
        assert!(painted.ends_with("\\u{1b}[8mhidden \\u{1b}]0;title\\u{7} \\u{1b}[2J\n"), "{painted:?}");
    }
}
