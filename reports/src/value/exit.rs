//! How a run ends for whoever started it: never a count, always one of these.

/// The exit code of every command.
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
    /// A baseline names what no longer fails so, or is not there.
    Stale = 4,
    /// A bug in Tombstone.
    Bug = 70,
}

impl Exit {
    /// Every exit code.
    pub const ALL: [Self; 6] = [Self::Conforms, Self::Diverges, Self::Usage, Self::Incomplete, Self::Stale, Self::Bug];

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
            Self::Stale => "a stale baseline",
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
            Self::Diverges | Self::Usage | Self::Incomplete | Self::Stale | Self::Bug => self,
        }
    }
}
