//! How a command ends.

use tombstone_reports::Exit;

/// Why a command could not do its work: what to print, and how to exit.
pub(super) struct CommandError {
    pub(super) exit: Exit,
    pub(super) message: String,
}

impl CommandError {
    /// Bad usage or a bad scenario.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    /// The implementation, or the machine, did not let it be done.
    pub(super) fn incomplete(message: impl Into<String>) -> Self {
        Self { exit: Exit::Incomplete, message: message.into() }
    }

    /// An output could not be written, whichever and whenever that is noticed.
    pub(super) fn unwritten(error: impl std::fmt::Display) -> Self {
        Self::incomplete(format!("error: {error}"))
    }
}

pub(super) type CommandOutcome = Result<Exit, CommandError>;

/// The most names that an error lists.
const LISTED: usize = 24;

/// How much of a name a similar one has in common, at least.
const SIMILAR: f64 = 0.6;
/// How much less it counts that a name begins like another one.
const BEGINS: f64 = 0.95;

/// An error for a name that nothing bears, with the nearest that something does, and all of them where they are few.
pub(super) fn unknown(what: &str, name: &str, known: &[&str]) -> CommandError {
    let likeness = |known: &str| {
        let start: String = known.chars().take(name.chars().count()).collect();
        let begins = BEGINS * strsim::normalized_damerau_levenshtein(name, &start);
        strsim::normalized_damerau_levenshtein(name, known).max(begins)
    };
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let near = nearest.filter(|nearest| likeness(nearest) > SIMILAR).map(|nearest| {
        let article = if what.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
        format!("{article} {what} with a similar name exists: `{nearest}`")
    });
    let all = (known.len() <= LISTED).then(|| format!("there are: {}", known.join(", ")));
    let none = || format!("there are {} of them, and none is called like that", known.len());
    let help = [near, all].into_iter().flatten().collect::<Vec<_>>();
    let help = if help.is_empty() { none() } else { help.join("; ") };
    CommandError::usage(format!("error: unknown {what} `{name}`\nhelp: {help}"))
}
