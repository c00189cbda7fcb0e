//! A report held against a baseline.

use crate::value::baseline::{
    Baseline, BaselineReport, FailureSite, GENERATED, KnownEntry, KnownFailure, KnownState, READINGS, Unmatched,
};
use crate::value::failure::{Signature, Verdict};
use crate::value::pattern::{matches, nearest};
use crate::value::report::Report;
use crate::value::results::ImplementationReport;

/// Whether an entry names a place of a case with these aliases.
fn names(entry: &KnownFailure, report: &Report, place: &FailureSite, aliases: &[String]) -> bool {
    let row = place.signature.counts_for();
    let of = report.rule(row).map(|rule| rule.row.as_str());
    matches(&entry.implementation, &place.implementation)
        && entry.names_case(&place.case, aliases)
        && entry.row.as_ref().is_none_or(|named| named == row || Some(named.as_str()) == of)
        && entry.signature.as_ref().is_none_or(|signature| *signature == place.signature.to_string())
}

/// Every place where an implementation fails, each once, with the aliases of its case. A row that diverges and of which no
/// failure tells is a place of the generated plans.
fn places(it: &ImplementationReport) -> Vec<(FailureSite, &[String])> {
    let mut places: Vec<(FailureSite, &[String])> = Vec::new();
    let mut add = |case: &str, signature: &Signature, aliases| {
        let place =
            FailureSite { implementation: it.name.clone(), case: case.to_owned(), signature: signature.clone() };
        if places.iter().all(|(known, _)| *known != place) {
            places.push((place, aliases));
        }
    };
    let mut told: Vec<&str> = Vec::new();
    for case in &it.cases {
        for failure in &case.failures {
            add(&case.id, &failure.signature, &case.aliases);
            told.push(failure.signature.counts_for());
            told.extend(case.covers.iter().map(String::as_str));
        }
    }
    let random = it.campaign.iter().flat_map(|campaign| &campaign.failures).map(|failure| &failure.signature);
    let causes = it.causes.iter().filter(|cause| cause.plans > 0).flat_map(|cause| &cause.sorts);
    for signature in random.chain(causes.map(|sort| &sort.signature)) {
        add(GENERATED, signature, &[]);
        told.push(signature.counts_for());
    }
    for failure in it.readings.iter().flat_map(|readings| &readings.failures) {
        add(READINGS, &failure.signature, &[]);
        told.push(failure.signature.counts_for());
    }
    for row in it.rows.iter().filter(|row| row.counts.diverges > 0) {
        // A case covers a row of the documents, and its situations with it.
        let known = told.iter().any(|told| row.rule == *told || row.rule.starts_with(told) && !told.is_empty());
        if !known {
            add(GENERATED, &Signature { check: row.rule.clone(), rule: None }, &[]);
        }
    }
    places
}

/// Whether something was decided of what an entry names.
fn is_decided(report: &Report, it: &ImplementationReport, entry: &KnownFailure) -> bool {
    let decided = |verdict| matches!(verdict, Verdict::Conforms | Verdict::Diverges);
    let mut cases = it.cases.iter().filter(|case| entry.names_case(&case.id, &case.aliases));
    if cases.any(|case| decided(case.verdict)) {
        return true;
    }
    let campaign = it.campaign.as_ref().filter(|_| matches(&entry.case, GENERATED));
    let enough = campaign.is_some_and(|campaign| {
        campaign.plans > 0
            && entry.plans.is_none_or(|plans| campaign.plans >= plans)
            && entry.seed.as_ref().is_none_or(|seed| report.seed.as_ref() == Some(seed))
    });
    enough || (matches(&entry.case, READINGS) && it.readings.is_some())
}

/// What of an entry nothing bears, run or not.
fn unmatched(report: &Report, baseline: &Baseline, entry: &KnownFailure) -> Option<Unmatched> {
    let absent = |what: &str, name: &str, known: &[&str]| {
        let nearest = nearest(name, known.iter().copied()).map(str::to_owned);
        Some(Unmatched { what: what.to_owned(), name: name.to_owned(), nearest })
    };
    let run = report.implementations.iter().map(|it| it.name.as_str());
    let implementations: Vec<&str> = run.chain(baseline.other_implementations.iter().map(String::as_str)).collect();
    if !implementations.iter().any(|name| matches(&entry.implementation, name)) {
        return absent("implementation", &entry.implementation, &implementations);
    }
    let run = report.implementations.iter().flat_map(|it| &it.cases);
    let run = run.flat_map(|case| std::iter::once(&case.id).chain(&case.aliases));
    let cases = run.chain(&baseline.other_cases).map(String::as_str);
    let cases: Vec<&str> = cases.chain([GENERATED, READINGS]).collect();
    // Of a run that broke off nobody knows which cases it would have had.
    if report.interrupted.is_none() && !cases.iter().any(|case| matches(&entry.case, case)) {
        return absent("case", &entry.case, &cases);
    }
    let named = entry.row.as_deref()?;
    let rows = report.rules.iter().flat_map(|rule| [rule.id.as_str(), rule.row.as_str()]);
    let rows: Vec<&str> = rows.chain(report.checks.iter().map(|check| check.id.as_str())).collect();
    if rows.contains(&named) { None } else { absent("row or check", named, &rows) }
}

/// Holds a completed report against a baseline: says of each failure by which entry it is known, of each entry what became
/// of it, and of each implementation what its verdict is without what is known.
pub fn hold(report: &mut Report, baseline: &Baseline) {
    let mut entries: Vec<KnownEntry> = Vec::new();
    let all: Vec<(FailureSite, &[String])> = report.implementations.iter().flat_map(places).collect();
    let mut set_aside = vec![None; all.len()];
    for (entry, number) in baseline.entries.iter().zip(1..) {
        let mut it = KnownEntry { number, entry: entry.clone(), ..KnownEntry::default() };
        for ((place, aliases), by) in all.iter().zip(&mut set_aside) {
            if names(entry, report, place, aliases) {
                it.places.push(place.clone());
                by.get_or_insert(number);
            }
        }
        entries.push(it);
    }
    let known = set_aside.clone();
    for it in &mut entries {
        let entry = it.entry.clone();
        if !it.places.is_empty() {
            it.state = KnownState::Fails;
            continue;
        }
        it.unmatched = unmatched(report, baseline, &entry);
        if it.unmatched.is_some() {
            it.state = KnownState::MatchesNothing;
            continue;
        }
        let anyhow = KnownFailure { row: None, signature: None, ..entry.clone() };
        for (((place, aliases), by), known) in all.iter().zip(&mut set_aside).zip(&known) {
            if known.is_none() && names(&anyhow, report, place, aliases) {
                it.places.push(place.clone());
                by.get_or_insert(it.number);
            }
        }
        let mut named = report.implementations.iter().filter(|it| matches(&entry.implementation, &it.name));
        it.state = if !it.places.is_empty() {
            KnownState::SignatureChanged
        } else if named.any(|it| is_decided(report, it, &entry)) {
            KnownState::Passes
        } else {
            KnownState::Undecided
        };
    }
    let by_place: Vec<(FailureSite, Option<u64>, Option<u64>)> =
        all.into_iter().zip(known).zip(set_aside).map(|(((place, _), known), aside)| (place, known, aside)).collect();
    for it in &mut report.implementations {
        let name = it.name.clone();
        let known_by = |case: &str, signature: &Signature| {
            let is = |place: &FailureSite| {
                place.implementation == name && place.case == case && place.signature == *signature
            };
            by_place.iter().find(|(place, _, _)| is(place)).and_then(|(_, known, _)| *known)
        };
        for case in &mut it.cases {
            let id = case.id.clone();
            for failure in &mut case.failures {
                failure.known = known_by(&id, &failure.signature);
            }
        }
        for failure in it.campaign.iter_mut().flat_map(|campaign| &mut campaign.failures) {
            failure.known = known_by(GENERATED, &failure.signature);
        }
        for failure in it.readings.iter_mut().flat_map(|readings| &mut readings.failures) {
            failure.known = known_by(READINGS, &failure.signature);
        }
        let new = by_place.iter().any(|(place, _, aside)| place.implementation == name && aside.is_none());
        let mut evidence = it.evidence();
        if !new {
            // What is known to fail was decided.
            evidence.conforms += std::mem::take(&mut evidence.diverges);
        }
        it.aside = Some(it.verdict_by(evidence));
    }
    let new = by_place.iter().filter(|(_, _, aside)| aside.is_none()).map(|(place, _, _)| place.clone());
    report.baseline = Some(BaselineReport {
        file: baseline.file.clone(),
        new: new.collect(),
        known: by_place.iter().filter(|(_, known, _)| known.is_some()).count() as u64,
        stale: entries.iter().filter(|it| it.state.is_stale()).count() as u64,
        entries,
    });
}
