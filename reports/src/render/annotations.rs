//! Annotations, as commands to GitHub Actions: a line for each cause and for each failure without one, at the file and line of
//! its scenario. They are there to be obeyed, and everything in them from outside is escaped as such commands want it.

use std::collections::BTreeSet;

use tombstone_model::harmless::harmless;

use crate::render::places::{PlacedFailure, placed, undecided};
use crate::render::terminal::expected;
use crate::render::text::one_line;
use crate::value::report::Report;
use crate::value::results::ImplementationReport;

/// How bad what an annotation says is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
}

/// The annotations of a report, a line each, errors first: no more than some are shown.
pub fn annotations(report: &Report) -> String {
    let mut lines: Vec<(Level, String)> = Vec::new();
    if let Some(interruption) = &report.interrupted {
        lines.push(line(Level::Error, None, "the run", &interruption.to_string()));
    }
    for it in &report.implementations {
        let mut told = BTreeSet::new();
        let own = lines.len();
        for placed in placed(it) {
            // One of each cause; what is not seen again has none.
            let again = placed.failure.cause.is_some_and(|cause| !told.insert((cause, placed.known(report).is_some())));
            if placed.unstable.is_some() || !again {
                lines.push(failed(report, it, &placed));
            }
        }
        for finding in it.findings.iter().filter(|finding| finding.incomplete) {
            lines.push(line(Level::Error, None, &format!("{}: {}", it.name, finding.category), &finding.text));
        }
        if lines.len() == own {
            lines.extend(undecided(it).map(|why| line(Level::Error, None, &it.name, &why)));
        }
    }
    lines.sort_by_key(|(level, _)| *level);
    lines.into_iter().map(|(_, line)| line).collect()
}

fn failed(report: &Report, it: &ImplementationReport, placed: &PlacedFailure<'_>) -> (Level, String) {
    let failure = placed.failure;
    let known = placed.known(report);
    let level = if known.is_some() || placed.unstable.is_some() { Level::Warning } else { Level::Error };
    let signature = &failure.signature;
    let mut facts = vec![report.title_of(signature.counts_for()).to_owned()];
    facts.push(format!("happened: {}", failure.happened));
    facts.push(format!("expected: {}", expected(failure)));
    facts.push(format!("seen: {}", failure.seen));
    facts.extend(known.map(|reason| format!("known: {reason}")));
    facts.extend(placed.unstable.map(|unstable| unstable.again.to_string()));
    facts.push(format!("replay: {}", failure.replay));
    let facts: Vec<String> = facts.iter().map(|fact| one_line(fact)).collect();
    line(level, placed.written(), &format!("{}: {signature}", it.name), &facts.join("\n"))
}

fn line(level: Level, place: Option<(&str, u32)>, title: &str, text: &str) -> (Level, String) {
    let name = match level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let place = place.map(|(file, line)| format!("file={},line={line},", property(file)));
    (level, format!("::{name} {}title={}::{}\n", place.unwrap_or_default(), property(&one_line(title)), message(text)))
}

/// Text behind the second `::`.
fn message(text: &str) -> String {
    harmless(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which a comma or a colon would end.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
