//! Every faulty implementation is convicted, but for those that nobody could tell from a right one.

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use tombstone_model::rules::Rules;

use super::{Conviction, Fault, catalogue, convict};

/// The seed of the plans.
const SEED: u64 = 7;

/// How many plans may be spent on a fault. The last to be caught, but for the rare ones, needs some eight thousand.
const PLANS: u64 = 20_000;

/// The same for the rare ones, of which the last needs some hundred and sixty thousand.
const PLANS_FOR_RARE: u64 = 300_000;

/// Those that show only where several unlikely things meet: two kinds untracked without a client in one plan, or an
/// occurrence that was moved, and deleted between its old end and its new one.
const RARE: [&str; 8] = [
    "reference/D11-reply-negated",
    "reference/D41-crm-flipped",
    "reference/D41-contact-crm-flipped",
    "reference/D41-contact-not-owner-crm-flipped",
    "reference/D41-series-crm-flipped",
    "reference/D41-series-past-crm-flipped",
    "outlook-client/exceptions-ignored",
    "server-side/exceptions-ignored",
];

fn line(fault: &Fault, conviction: Option<&Conviction>) -> String {
    let Some(conviction) = conviction else { return format!("{:60} never", fault.id) };
    let row = conviction.divergence.rule.map_or("-", |id| &Rules::documented().rule(id).id);
    let check = conviction.divergence.check.name();
    let Conviction { plan, steps, expected, .. } = conviction;
    let by = if *expected { "" } else { " (not as expected)" };
    format!("{:60} {check:30} {row:30} plan {plan:6} steps {steps:8}{by}", fault.id)
}

/// Demands that every one of the faults is convicted by what should convict it, or by nothing where nobody could see it.
fn all_convicted(faults: &[Fault], plans: u64) {
    let convicted = |fault: &Fault| {
        let conviction = convict(fault, SEED, plans);
        let right = match (&conviction, fault.equivalent) {
            (Some(conviction), None) => conviction.expected,
            (None, Some(_)) => true,
            (Some(_), Some(_)) | (None, None) => false,
        };
        (right, line(fault, conviction.as_ref()))
    };
    let lines: Vec<(bool, String)> = faults.par_iter().map(convicted).collect();
    if let Some(path) = std::env::var_os("TOMBSTONE_CONVICTIONS") {
        let lines: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
        std::fs::write(path, lines.join("\n")).unwrap();
    }
    let wrong: Vec<&str> = lines.iter().filter(|(right, _)| !right).map(|(_, line)| line.as_str()).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), faults.len(), wrong.join("\n"));
}

fn split() -> (Vec<Fault>, Vec<Fault>) {
    catalogue().into_iter().partition(|fault| RARE.contains(&fault.id.as_str()))
}

#[test]
fn the_catalogue_is_large_and_its_ids_are_unique() {
    let faults = catalogue();
    assert!(faults.len() >= 300, "{}", faults.len());
    let mut ids: Vec<_> = faults.iter().map(|fault| fault.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), faults.len());
    assert_eq!(split().0.len(), RARE.len(), "every rare one is in the catalogue");
    assert_eq!(faults.iter().filter(|fault| fault.equivalent.is_some()).count(), super::EQUIVALENT.len());
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes minutes without optimization")]
fn every_fault_is_convicted() {
    all_convicted(&split().1, PLANS);
}

#[test]
#[ignore = "takes minutes"]
fn even_the_rare_ones_are_convicted() {
    all_convicted(&split().0, PLANS_FOR_RARE);
}
