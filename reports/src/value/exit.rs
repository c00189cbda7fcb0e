//! How a run ends for whoever started it: never a count, always one of these.

use crate::value::report::Report;
use crate::value::results::Verdict;

/// The exit code of every command. Nothing ends with 4, which is kept for a baseline that names what no longer occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All that was decided conforms, and something was decided for every implementation.
    Conforms = 0,
    /// An implementation diverges.
    Diverges = 1,
    /// Bad usage, or a bad scenario.
    Usage = 2,
    /// An implementation broke, nothing was decided of one, or an output could not be written.
    Incomplete = 3,
    /// A bug in Tombstone.
    Bug = 70,
}

impl Exit {
    /// Every exit code.
    pub const ALL: [Self; 5] = [Self::Conforms, Self::Diverges, Self::Usage, Self::Incomplete, Self::Bug];

    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What it means, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::Diverges => "diverges",
            Self::Usage => "bad usage or bad scenario",
            Self::Incomplete => {
                "incomplete (interrupted, broken, unstable, nothing decided, a row never met, or an output not written)"
            }
            Self::Bug => "a bug in Tombstone",
        }
    }

    /// Every code with its meaning, in a line.
    pub fn line() -> String {
        let each = Self::ALL.map(|exit| format!("{} {}", exit.code(), exit.meaning()));
        format!("Exit codes: {}. A divergence comes first.", each.join(" · "))
    }

    /// How it ends where besides an output could not be written: incomplete instead of conforming. Whatever else was found
    /// stands: a divergence is one although the disk is full.
    #[must_use]
    pub fn or_unwritten(self) -> Self {
        match self {
            Self::Conforms => Self::Incomplete,
            Self::Diverges | Self::Usage | Self::Incomplete | Self::Bug => self,
        }
    }

    /// How a run with this report ends. A divergence is a finding whatever else went wrong, so it comes first; then
    /// anything that leaves the run incomplete. A run that was interrupted is incomplete, whatever it had found by then. A
    /// report without anything in it is incomplete, never a pass.
    pub fn of(report: &Report) -> Self {
        if report.interrupted.is_some() {
            return Self::Incomplete;
        }
        let faults = report.faults.iter().map(|table| {
            let accused = table.faultless.iter().any(|implementation| implementation.accused > 0);
            if accused || table.totals.missed > 0 || table.totals.rightly < table.totals.caught {
                Verdict::Diverges
            } else if table.totals.faults == 0 {
                Verdict::Undecided
            } else {
                Verdict::Conforms
            }
        });
        let implementations = report.implementations.iter().map(|implementation| implementation.verdict);
        let verdicts: Vec<Verdict> = implementations.chain(faults).collect();
        if verdicts.contains(&Verdict::Diverges) {
            Self::Diverges
        } else if report.implementations.iter().flat_map(|it| &it.never).any(|never| never.excuse.is_none()) {
            Self::Incomplete
        } else if !verdicts.is_empty() && verdicts.iter().all(|verdict| *verdict == Verdict::Conforms) {
            Self::Conforms
        } else {
            Self::Incomplete
        }
    }
}
