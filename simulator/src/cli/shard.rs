//! `check --shard`: a share of a run that leaves its journal behind, and nothing that is made of the whole.

use std::path::{Path, PathBuf};

use tombstone_reports::events::{Event, EventLine, to_ndjson};
use tombstone_reports::journal::Journal;
use tombstone_reports::value::scope::Shard;
use tombstone_reports::write::{EVENTS, write_file};
use tombstone_reports::{Exit, Verdict, counted, quoted};

use super::outcome::CommandError;

/// The folder of a shard, where none is named.
pub(super) fn folder(shard: Shard) -> PathBuf {
    PathBuf::from(format!("tombstone-shard-{}-of-{}", shard.number, shard.of))
}

/// Refuses what nobody could put together again: plans whose number is a matter of how fast a machine is.
pub(super) fn fits(by_time: bool) -> Result<(), CommandError> {
    if by_time {
        return Err(CommandError::usage(
            "error: how many plans a program gets would be chosen by its speed, and be another number in each shard\nhelp: \
             say how many there are in all with --plans",
        ));
    }
    Ok(())
}

/// Keeps the events of a shard in the place of its journal; how it ends by them. Of one that was interrupted the journal
/// stays, to be gone on with.
pub(super) fn keep(shard: Shard, lines: &[EventLine], folder: &Path, journal: &Journal) -> Exit {
    let ended = lines.iter().any(|line| line.event == Event::RunEnded);
    let done = Done::of(lines);
    let told = format!("shard {shard}: {}, {}", counted(done.cases, "case"), counted(done.plans, "plan"));
    if !ended {
        eprintln!("{told}; the rest with --resume");
        return Exit::Incomplete;
    }
    let path = folder.join(EVENTS);
    let written = write_file(&path, &to_ndjson(lines)).and_then(|()| journal.end());
    let failing = if done.failing > 0 { format!(", {} of them failing", done.failing) } else { String::new() };
    let exit = match (done.failing, done.broken) {
        (0, 0) => Exit::Conforms,
        (0, _) => Exit::Incomplete,
        (..) => Exit::Diverges,
    };
    match written {
        Ok(()) => {
            eprintln!("{told}{failing}; for `tombstone merge`: {}", quoted(&path.to_string_lossy()));
            exit
        }
        Err(error) => {
            eprintln!("error: {error}\nhelp: name another folder with --report");
            exit.or_unwritten()
        }
    }
}

/// What a shard did.
#[derive(Default)]
struct Done {
    cases: u64,
    plans: u64,
    failing: u64,
    broken: u64,
}

impl Done {
    fn of(lines: &[EventLine]) -> Self {
        let mut done = Self::default();
        for line in lines {
            if let Event::CaseJudged(judged) = &line.event {
                done.cases += 1;
                done.failing += u64::from(judged.case.verdict == Verdict::Diverges);
                done.broken += u64::from(judged.case.verdict == Verdict::Broken);
            } else if let Event::PlansJudged(share) = &line.event {
                done.plans += share.plans;
                done.failing += share.failing.iter().map(|failing| failing.times).sum::<u64>();
                done.broken += share.broken.iter().map(|broken| broken.times).sum::<u64>();
            } else if matches!(line.event, Event::NotRun { .. } | Event::EndedBadly { .. }) {
                done.broken += 1;
            }
        }
        done
    }
}
