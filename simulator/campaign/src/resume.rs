//! Going on where a run broke off: what of its events stands, so that only the rest is run. The report of both together is
//! that of a run that nothing ended, byte for byte, as far as the implementation does the same when it is asked again.
//!
//! What is gone on from is the last verdict behind which nothing is known that is not told. Whatever comes after all plans
//! (causes, readings, what is seen again) is made of everything before, and is made again.

use std::collections::{BTreeMap, BTreeSet};

use tombstone_reports::Verdict;
use tombstone_reports::events::{Event, EventLine, PlanSource, PlansJudged, Timed};

/// The events of implementations to go on from: all of one that ended, and of the others as many as stand. Those of the run
/// itself are left out.
pub fn kept(lines: &[EventLine]) -> Vec<EventLine> {
    let mut of: BTreeMap<usize, Vec<&Event>> = BTreeMap::new();
    for (number, event) in lines.iter().filter_map(|line| Some((line.of?, &line.event))) {
        of.entry(number).or_default().push(event);
    }
    let mut left: BTreeMap<usize, usize> = of.iter().map(|(&number, events)| (number, standing(events))).collect();
    let stands = |line: &&EventLine| {
        let left = line.of.and_then(|number| left.get_mut(&number)).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    };
    lines.iter().filter(stands).cloned().collect()
}

/// Whether everything was told of an implementation.
pub fn is_whole(events: &[Event]) -> bool {
    events.contains(&Event::ImplementationEnded)
}

/// How many of the events of an implementation stand.
fn standing(events: &[&Event]) -> usize {
    if events.iter().any(|event| **event == Event::ImplementationEnded) {
        return events.len();
    }
    let (mut stand, mut packed, mut broke) = (0, false, false);
    for (event, after) in events.iter().zip(1..) {
        match event {
            // Nothing could be asked: perhaps it can by now.
            Event::NotRun { .. } => return 0,
            Event::ImplementationStarted(_) => stand = after,
            Event::ScenariosStarted { packed: shared } => packed = *shared,
            Event::CaseJudged(judged) => {
                // How many break in a row decides whether more are run: whoever goes on counts them all again.
                broke = match judged.case.verdict {
                    Verdict::Broken => true,
                    Verdict::Unsupported => broke,
                    Verdict::Conforms | Verdict::Diverges | Verdict::Unstable | Verdict::Undecided => false,
                };
            }
            Event::ScenariosJudged => packed = false,
            Event::PlansJudged(share) => broke = !share.broken.is_empty(),
            Event::CaseConfirmed(_) | Event::PlansStarted(_) | Event::Timed { what: Timed::Cases(_) } => {}
            // What belongs to the next verdict.
            Event::Observed(_) | Event::Found(_) | Event::EndedBadly { .. } | Event::CaseRemarked { .. } => continue,
            // What is made of all verdicts.
            Event::CaseShrunk(_)
            | Event::PlansGrouped(_)
            | Event::SituationsMet(_)
            | Event::CauseFound(_)
            | Event::Exhibited(_)
            | Event::ReadingsInferred(_)
            | Event::RowsNeverMet { .. }
            | Event::Timed { .. }
            | Event::ImplementationEnded
            | Event::RunStarted(_)
            | Event::Interrupted { .. }
            | Event::RunEnded => break,
        }
        // The number of plans is chosen anew until the first was run.
        if !packed && !broke && !matches!(event, Event::PlansStarted(_)) {
            stand = after;
        }
    }
    stand
}

/// How many scenarios were judged.
pub fn cases(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::CaseJudged(_))).count()
}

/// Whether all scenarios were judged.
pub fn has_all_cases(events: &[Event]) -> bool {
    events.contains(&Event::ScenariosJudged)
}

/// Whether it is known that the scenarios share no worlds.
pub fn is_alone(events: &[Event]) -> bool {
    events.contains(&Event::ScenariosStarted { packed: false })
}

/// The cases that were looked at again.
pub fn confirmed(events: &[Event]) -> BTreeSet<String> {
    let confirmed = events.iter().filter_map(|event| {
        let Event::CaseConfirmed(confirmed) = event else { return None };
        Some(confirmed.id.clone())
    });
    confirmed.collect()
}

/// The plans that were chosen, and how many of each source; none where that was not chosen.
pub fn chosen(events: &[Event]) -> Option<Vec<(PlanSource, u64)>> {
    let chosen = events.iter().filter_map(|event| {
        let Event::PlansStarted(started) = event else { return None };
        Some((started.source, started.plans))
    });
    Some(chosen.collect::<Vec<_>>()).filter(|chosen| !chosen.is_empty())
}

/// The shares of plans of a source that were judged.
pub fn shares(events: &[Event], source: PlanSource) -> impl Iterator<Item = &PlansJudged> {
    events.iter().filter_map(move |event| {
        let Event::PlansJudged(share) = event else { return None };
        (share.source == source).then_some(&**share)
    })
}
