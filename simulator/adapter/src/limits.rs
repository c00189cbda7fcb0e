//! How long the harness waits for a program, and how much it reads of it.

use std::time::Duration;

/// How long the harness waits, and how much it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the answer to `initialize`, `reset` and `settle`: interpreters and servers have to start.
    pub reset: Duration,
    /// For any other answer; `apply` gets it once, and [`Limits::step`] for each step after the first.
    pub message: Duration,
    /// For each step of a batch after the first. Real engines take up to 3 s a cycle.
    pub step: Duration,
    /// For a program that should be ending to end.
    pub grace: Duration,
    /// The most bytes of a line.
    pub line: usize,
}

impl Limits {
    /// No deadlines to speak of, for a person who types the answers or sits in a debugger.
    #[must_use]
    pub fn without_deadlines(self) -> Self {
        let ever = Duration::from_hours(24 * 365);
        Self { reset: ever, message: ever, step: Duration::ZERO, ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reset: Duration::from_secs(30),
            message: Duration::from_secs(10),
            step: Duration::from_secs(3),
            grace: Duration::from_millis(500),
            line: 16 << 20,
        }
    }
}
