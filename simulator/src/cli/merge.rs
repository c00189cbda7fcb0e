//! `tombstone merge`: the journals of the shards of a run, put together as one run would have told them, and gone on with:
//! what is made of the whole is made once, and the report is that of the run in one piece.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Parser};
use tombstone_campaign::shards::{self, ShardJournal, TogetherError};
use tombstone_reports::events::{Event, EventLine, RunStarted, from_ndjson};
use tombstone_reports::journal::{Journal, RUNNING};
use tombstone_reports::value::scope::{RunScope, Shard};
use tombstone_reports::write::{EVENTS, write};
use tombstone_reports::{Exit, fold, quoted};

use super::check::{CheckArguments, run_as};
use super::folder::{another, open};
use super::outcome::{CommandError, CommandOutcome};
use super::output::{colour, print};

#[derive(Args)]
pub(super) struct MergeArguments {
    /// The folders of the shards, in any order.
    #[arg(required = true, value_name = "FOLDER")]
    shards: Vec<PathBuf>,
    /// Where to write the report: tombstone-report, if not said otherwise.
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
    /// Replace the report of a run that did more than all shards together.
    #[arg(long)]
    replace: bool,
    /// How many threads to use; 1 to 1024; as many as there are processors, if not said otherwise.
    #[arg(long, value_name = "N", value_parser = super::asked::threads)]
    threads: Option<usize>,
}

/// The `check` that the shards are of.
#[derive(Parser)]
#[command(name = "tombstone check", no_binary_name = true)]
struct Whole {
    #[command(flatten)]
    check: CheckArguments,
}

pub(super) fn run(arguments: &MergeArguments) -> CommandOutcome {
    let journals = read(&arguments.shards)?;
    let [first, ..] = &journals[..] else { return Err(CommandError::usage("error: no shards are given")) };
    let mut whole = whole(&first.run);
    let together = shards::together(&journals).map_err(|error| told(&error))?;
    let missing = shards::missing(&journals);
    let (journal, folder) = open(arguments.report.as_deref(), arguments.replace, &mut whole)?;
    let words = whole.arguments.clone();
    let start = EventLine { of: None, event: Event::RunStarted(Box::new(whole)) };
    let lines: Vec<EventLine> = std::iter::once(start).chain(together).collect();
    if !missing.is_empty() {
        return incomplete(&missing, &lines, &folder, &journal);
    }
    for line in &lines {
        journal.tell(line.of, &line.event);
    }
    drop(journal);
    let mut line = vec!["--resume".to_owned(), "--report".to_owned(), folder.to_string_lossy().into_owned()];
    line.extend(arguments.threads.iter().flat_map(|threads| ["--threads".to_owned(), threads.to_string()]));
    line.extend(words.iter().skip(1).cloned());
    let Whole { check } = Whole::try_parse_from(&line).map_err(|error| CommandError::usage(error.to_string()))?;
    run_as(check, words)
}

/// The report of the shards that are there, which says that it is not whole.
fn incomplete(missing: &[Shard], lines: &[EventLine], folder: &Path, journal: &Journal) -> CommandOutcome {
    let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
    eprintln!("error: of these shards nothing is there: {}", names.join(", "));
    eprintln!("help: run each with --shard, or go on with it with --resume, and merge all of them again");
    let report = fold::report(lines);
    print(&tombstone_reports::render::terminal::render(
        &report,
        tombstone_reports::render::terminal::Detail::Brief,
        colour(),
    ));
    write(&report, None, lines, folder).and_then(|_| journal.end()).map_err(CommandError::unwritten)?;
    eprintln!("report: {}", quoted(&folder.join("report.html").to_string_lossy()));
    Ok(Exit::Incomplete)
}

/// What the run in one piece would have begun with.
fn whole(run: &RunStarted) -> RunStarted {
    let scope = run.scope.clone().map(|scope| RunScope { shard: None, ..scope });
    RunStarted { scope, folder: None, ..run.clone() }
}

/// The journals of shards, all of one run, each shard once; whatever is wrong with any of them is told.
fn read(folders: &[PathBuf]) -> Result<Vec<ShardJournal>, CommandError> {
    let mut errors = Vec::new();
    let mut journals: Vec<ShardJournal> = Vec::new();
    for folder in folders {
        match journal(folder) {
            Ok(journal) => journals.push(journal),
            Err(error) => errors.push(error),
        }
    }
    if let Some((first, others)) = journals.split_first() {
        for other in others {
            let shards = [first, other].map(|it| it.shard);
            let differs = another(&whole(&other.run), &whole(&first.run));
            let differs = differs.or_else(|| {
                let many = shards.map(|shard| shard.of.to_string());
                (many[0] != many[1]).then(|| format!("its shards: `{}`, and here `{}`", many[0], many[1]))
            });
            if let Some(differs) = differs {
                let place = other.name();
                errors.push(format!("error: {place} belongs to another run than {}: {differs}", first.name()));
            }
        }
    }
    journals.sort_by_key(|journal| journal.shard);
    let mut once: Vec<ShardJournal> = Vec::new();
    for journal in journals {
        let Some(last) = once.last().filter(|last| last.shard == journal.shard) else {
            once.push(journal);
            continue;
        };
        if last.tells_the_same(&journal) {
            eprintln!("note: the shard {} is given twice, and tells the same: {}", journal.shard, journal.name());
        } else {
            errors.push(format!(
                "error: the shard {} is given twice, and tells something else: {} and {}\nhelp: when it ran again something \
                 else came of it; name one of them",
                journal.shard,
                last.name(),
                journal.name()
            ));
        }
    }
    if errors.is_empty() { Ok(once) } else { Err(CommandError::usage(errors.join("\n"))) }
}

/// The journal of a shard, out of its folder.
fn journal(folder: &Path) -> Result<ShardJournal, String> {
    let name = quoted(&folder.to_string_lossy());
    let path = if folder.is_dir() { folder.join(EVENTS) } else { folder.to_owned() };
    if !path.is_file() && folder.join(RUNNING).is_file() {
        return Err(format!("error: the shard in {name} broke off\nhelp: give its command again, with --resume"));
    }
    let text = fs::read(&path).map_err(|error| format!("error: cannot read {}: {error}", path.display()))?;
    let lines = from_ndjson(&text).map_err(|error| format!("error: {}: {error}", path.display()))?;
    ShardJournal::of(folder.to_owned(), lines).ok_or_else(|| {
        format!("error: {name} holds no shard of a run, or one that broke off\nhelp: `tombstone check --shard K/N` makes one")
    })
}

fn told(error: &TogetherError) -> CommandError {
    CommandError::usage(format!("error: {error}\nhelp: run that shard again"))
}
