//! What became of a baseline, in lines: what is known, what is new, and what is stale.

use crate::render::text::grouped;
use crate::value::baseline::{BaselineReport, KnownState};

/// The most entries and places that are listed of each sort; the report has them all.
const LISTED: usize = 20;

/// The lines, the first of which counts; without what a terminal or a page makes of them.
pub(crate) fn lines(held: &BaselineReport) -> Vec<String> {
    let mut lines = vec![format!(
        "baseline {}: {} known, {} new; entries: {}, {} stale",
        held.file,
        grouped(held.known),
        grouped(held.new.len() as u64),
        grouped(held.entries.len() as u64),
        grouped(held.stale)
    )];
    let fails = held.entries.iter().filter(|it| it.state == KnownState::Fails);
    list(
        &mut lines,
        fails.map(|it| {
            let link = it.entry.link.as_ref().map(|link| format!(" ({link})")).unwrap_or_default();
            format!("known: entry {} ({}): {}{link}", it.number, it.entry, it.entry.reason)
        }),
    );
    list(&mut lines, held.new.iter().map(|place| format!("new: {place}")));
    list(&mut lines, held.stale().map(|it| format!("stale: {it}")));
    lines
}

fn list(lines: &mut Vec<String>, mut more: impl Iterator<Item = String>) {
    lines.extend(more.by_ref().take(LISTED));
    let rest = more.count();
    if rest > 0 {
        lines.push(format!("… and {} more", grouped(rest as u64)));
    }
}
