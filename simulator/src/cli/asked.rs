//! What several commands are asked for in the same words, and what a report remembers of it.

use tombstone_reports::Host;

use super::outcome::CommandError;

/// The options that change no result and have a value: where things go, and by how many threads and shards.
const BESIDE: [&str; 6] = ["--report", "--threads", "--transcript", "--write-baseline", "--today", "--shard"];
/// Those without a value.
const BESIDE_ALONE: [&str; 2] = ["--replace", "--resume"];

/// What this command was asked for, without what changes no result.
pub(super) fn recorded() -> Vec<String> {
    let mut words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let mut recorded = Vec::new();
    while let Some(word) = words.next() {
        let (option, value) =
            word.split_once('=').map_or((word.as_str(), None), |(option, value)| (option, Some(value)));
        if word == "--" {
            recorded.push(word);
            recorded.extend(words);
            break;
        } else if !BESIDE.contains(&option) && !BESIDE_ALONE.contains(&option) {
            recorded.push(word);
        } else if BESIDE.contains(&option) && value.is_none() {
            words.next();
        }
    }
    recorded
}

/// Where this runs, and how it was started.
pub(super) fn host(threads: usize) -> Host {
    let text = |word: std::ffi::OsString| word.to_string_lossy().into_owned();
    let mut environment: Vec<String> = std::env::vars_os().map(|(name, _)| text(name)).collect();
    environment.sort();
    Host {
        system: std::env::consts::OS.to_owned(),
        architecture: std::env::consts::ARCH.to_owned(),
        threads: threads as u64,
        command: std::env::args_os().map(text).collect(),
        environment,
    }
}

/// A whole number that an option takes: everything that its type holds.
pub(super) fn whole<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    let most = u64::MAX >> (u64::BITS as usize - size_of::<T>() * 8);
    let number = text.parse::<u64>().ok().and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| format!("not a whole number from 0 to {most}"))
}

/// The most threads.
const MOST_THREADS: u64 = 1024;

/// A number of threads.
pub(super) fn threads(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=MOST_THREADS).contains(number));
    let number = number.and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| format!("not a number of threads: 1 to {MOST_THREADS}"))
}

/// Works with so many threads from here on; as many as there are processors, if nothing is said.
pub(super) fn use_threads(threads: Option<usize>) -> Result<(), CommandError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build_global();
    pool.map_err(|error| {
        let many = threads.map_or("as many threads as there are processors".to_owned(), |n| format!("{n} threads"));
        CommandError::incomplete(format!("error: cannot start {many}: {error}\nhelp: ask for fewer with --threads"))
    })
}

/// The strength of a covering array, as an argument.
pub(super) fn strength(text: &str) -> Result<tombstone_search::covering::Strength, String> {
    let number = text.parse().ok().and_then(tombstone_search::covering::Strength::numbered);
    number.ok_or_else(|| "2 for every pair, or 3 for every triple".to_owned())
}
