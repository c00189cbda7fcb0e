//! Who decides where the documents do not: one closed profile, or every reading in turn.
//!
//! The transition functions are written once, against [`Decide`]. [`Closed`] makes them the reference, a plain
//! deterministic machine; [`Fork`] makes them the oracle's successor function, by running a transition again for each
//! combination of answers that leads somewhere else.

use crate::readings::switches::{Readings, Switch, Values};
use crate::rules::{FollowedRow, FollowedRows};

/// Answers the questions that a transition asks.
pub trait Decide {
    /// Whether the reading of the switch lies in `yes`. Ask only where the answer changes the outcome.
    fn holds(&mut self, switch: Switch, yes: Values) -> bool;

    /// The readings that are left, so that nobody asks what can no longer matter.
    fn left(&self) -> Readings;

    /// Hears that a row was followed.
    #[inline(always)]
    fn follow(&mut self, _: FollowedRow) {}

    /// One of `n` outcomes that the documents leave free and hold nobody to afterwards. `planned` is what the plan says
    /// happened, where it says so (the point of a crash), else 0.
    fn pick(&mut self, n: u8, planned: u8) -> u8;
}

/// Decides by a profile in its fully closed form, and takes what the plan says.
#[derive(Clone, Copy, Debug)]
pub struct Closed(pub Readings);

impl Decide for Closed {
    #[inline(always)]
    fn holds(&mut self, switch: Switch, yes: Values) -> bool {
        self.0.of(switch).0 & yes.0 != 0
    }

    #[inline(always)]
    fn left(&self) -> Readings {
        self.0
    }

    #[inline(always)]
    fn pick(&mut self, _: u8, planned: u8) -> u8 {
        planned
    }
}

/// The most questions one transition may ask. Sixteen is twice what the longest, a batch of conflicting edits, asks.
const MAX_QUESTIONS: usize = 16;

/// Enumerates every run of a transition: run it, then call [`Fork::advance`] and run it again from the start, until
/// that returns false.
#[derive(Clone, Copy, Debug)]
pub struct Fork {
    start: Readings,
    /// The readings left after the answers given in this run.
    pub readings: Readings,
    /// The rows followed in this run.
    pub followed: FollowedRows,
    answers: [(u8, u8); MAX_QUESTIONS],
    asked: usize,
    known: usize,
}

impl Fork {
    /// Starts from the readings that an explanation has left.
    #[inline(always)]
    pub fn new(readings: Readings) -> Self {
        Self {
            start: readings,
            readings,
            followed: FollowedRows::NONE,
            answers: [(0, 0); MAX_QUESTIONS],
            asked: 0,
            known: 0,
        }
    }

    /// Prepares the next run; false when all are done.
    #[inline(always)]
    pub fn advance(&mut self) -> bool {
        while self.known > 0 {
            let (answer, of) = &mut self.answers[self.known - 1];
            if *answer + 1 < *of {
                *answer += 1;
                self.asked = 0;
                self.readings = self.start;
                self.followed = FollowedRows::NONE;
                return true;
            }
            self.known -= 1;
        }
        false
    }

    #[inline]
    fn answer(&mut self, of: u8) -> u8 {
        debug_assert!(self.asked < MAX_QUESTIONS, "a transition asks too many questions");
        if self.asked == self.known {
            self.answers[self.known] = (0, of);
            self.known += 1;
        }
        self.asked += 1;
        self.answers[self.asked - 1].0
    }
}

impl Decide for Fork {
    #[inline(always)]
    fn holds(&mut self, switch: Switch, yes: Values) -> bool {
        let left = self.readings.of(switch);
        if left.0 & !yes.0 == 0 {
            return true;
        }
        if left.0 & yes.0 == 0 {
            return false;
        }
        let holds = self.answer(2) == 0;
        let to = if holds { yes } else { Values(!yes.0) };
        self.readings = self.readings.narrowed(switch, to);
        holds
    }

    #[inline(always)]
    fn left(&self) -> Readings {
        self.readings
    }

    #[inline(always)]
    fn follow(&mut self, row: FollowedRow) {
        self.followed.add(row);
    }

    #[inline(always)]
    fn pick(&mut self, n: u8, _: u8) -> u8 {
        self.answer(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_visits_every_combination_once_and_narrows() {
        let mut fork = Fork::new(Readings::OPEN);
        let mut seen = Vec::new();
        loop {
            let first = fork.holds(Switch::ApptCurrent, Values(0b11));
            let picked = if first { fork.pick(3, 0) } else { 9 };
            let again = fork.holds(Switch::ApptCurrent, Values(0b11));
            assert_eq!(first, again, "a switch once read stays read");
            seen.push((first, picked));
            if !fork.advance() {
                break;
            }
        }
        assert_eq!(seen, [(true, 0), (true, 1), (true, 2), (false, 9)]);
    }
}
