//! What stands behind the failures of an implementation, in sentences.

use std::collections::BTreeMap;

use crate::render::text::{counted, grouped};
use crate::value::results::{Cause, Failure, ImplementationReport, Sort, Verdict};

/// For each cause the id of the failure that shows it best: the one with the fewest steps, in the smallest world.
pub(crate) fn plainest(implementation: &ImplementationReport) -> BTreeMap<u64, &str> {
    let size = |failure: &Failure| {
        let steps = failure.timeline.as_ref().map_or(usize::MAX, |picture| picture.columns.len());
        (steps, failure.scenario.len())
    };
    let mut plainest: BTreeMap<u64, &Failure> = BTreeMap::new();
    // Runs that contradict each other follow from a cause, and show another thing.
    for failure in implementation.failures().filter(|failure| failure.witnesses.is_empty()) {
        let Some(cause) = failure.cause else { continue };
        let known = plainest.entry(cause).or_insert(failure);
        if size(failure) < size(known) {
            *known = failure;
        }
    }
    plainest.into_iter().map(|(cause, failure)| (cause, failure.id.as_str())).collect()
}

/// How much failed of which no cause was told apart, so that the causes and this are all that fails.
pub(crate) fn without_cause(implementation: &ImplementationReport) -> Option<String> {
    let failing = implementation.cases.iter().filter(|case| case.verdict == Verdict::Diverges);
    let (mut scenarios, mut beside) = (0, 0);
    for case in failing.filter(|case| case.failures.iter().all(|failure| failure.cause.is_none())) {
        *(if case.beside { &mut beside } else { &mut scenarios }) += 1;
    }
    let plans = implementation.campaign.as_ref().map_or(0, |campaign| campaign.ungrouped);
    let readings = implementation.readings.as_ref().map(|readings| &readings.failures);
    let readings = readings.map_or(0, |all| all.iter().filter(|failure| failure.cause.is_none()).count() as u64);
    let parts = [
        (scenarios, counted(scenarios, "failing scenario")),
        (plans, counted(plans, "failing plan")),
        (beside, format!("{} beside them", counted(beside, "failing case"))),
        (readings, format!("{} between runs", counted(readings, "contradiction"))),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, told)| told);
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| format!("no cause that was told apart: {}", parts.join(", ")))
}

/// A cause in a sentence: what fails, on what, as what it shows itself, and how often.
pub(crate) fn told(cause: &Cause) -> String {
    let Cause { does, circumstances, kinds, scenarios, plans, behind, .. } = cause;
    let kinds = (!kinds.is_empty()).then(|| kinds.join(", "));
    let concerns: Vec<String> = kinds.into_iter().chain(circumstances.iter().cloned()).collect();
    let concerns = if concerns.is_empty() { String::new() } else { format!(" ({})", concerns.join("; ")) };
    let (does, sorts) = (does.join("; "), sorts(cause));
    let found = [(*scenarios, "scenario"), (*plans, "plan")].into_iter().filter(|(count, _)| *count > 0);
    let mut found: Vec<String> = found.map(|(count, what)| counted(count, what)).collect();
    if *behind > 0 {
        found.push(format!("{} more once the steps of other causes are taken out", grouped(*behind)));
    }
    format!("{does}{concerns}: {sorts}, in {}", found.join(", "))
}

/// The most sorts of a cause that are named; the report has them all.
const SORTS: usize = 4;

/// As what a cause shows itself, the most frequent first.
fn sorts(cause: &Cause) -> String {
    let mut all: Vec<&Sort> = cause.sorts.iter().collect();
    all.sort_by_key(|sort| std::cmp::Reverse(sort.times));
    let mut names: Vec<String> = all.iter().take(SORTS).map(|sort| sort.signature.to_string()).collect();
    if all.len() > SORTS {
        names.push(format!("{} more", grouped((all.len() - SORTS) as u64)));
    }
    names.join(", ")
}
