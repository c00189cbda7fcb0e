//! How a run ends for whoever started it: never a count, always one of these.

/// The exit code of every command. Where several would be right, [`Exit::or`] says which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All that was decided conforms, and something was decided for every implementation.
    Conforms = 0,
    /// An implementation diverges, or the doctor finds an adapter faulty.
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
            Self::Diverges => "diverges (`doctor`: a faulty adapter)",
            Self::Usage => "bad usage or bad scenario",
            Self::Incomplete => {
                "incomplete (interrupted, whatever was found; broken, unstable, nothing decided, a row never met, or an output not written)"
            }
            Self::Stale => "a stale baseline",
            Self::Bug => "a bug in Tombstone",
        }
    }

    /// Every code with its meaning, in a line.
    pub fn line() -> String {
        let each = Self::ALL.map(|exit| format!("{} {}", exit.code(), exit.meaning()));
        let order = Self::ORDER.map(|exit| exit.code().to_string());
        format!("Exit codes: {}. Of several, the first of {} counts.", each.join(" · "), order.join(", "))
    }

    /// Which of several comes first. A divergence is one whatever else went wrong, as a full disk or a scenario beside it that
    /// cannot be read. A bad scenario has to be mended by whoever wrote it before anything else is worth a look. A stale
    /// baseline says more than that something was left out: it is wrong, and is so in the next run.
    const ORDER: [Self; 4] = [Self::Diverges, Self::Usage, Self::Stale, Self::Incomplete];

    /// How it ends where both are so.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let both = [self, other];
        if both.contains(&Self::Bug) {
            return Self::Bug;
        }
        Self::ORDER.into_iter().find(|exit| both.contains(exit)).unwrap_or(Self::Conforms)
    }

    /// How it ends where besides an output could not be written.
    #[must_use]
    pub fn or_unwritten(self) -> Self {
        self.or(Self::Incomplete)
    }
}
