//! Nothing is reported that does not reproduce: every failure of every faulty implementation is written, read back, and seen
//! again in a fresh start.

use tombstone_campaign::campaign::PlansFrom;
use tombstone_campaign::check::Checking;
use tombstone_campaign::judge::judge;
use tombstone_campaign::subject::Subject;
use tombstone_model::readings::profiles::Profile;
use tombstone_reports::{Failure, Unstable};
use tombstone_scenarios::{Scenario, scenarios};
use tombstone_search::covering::Strength;
use tombstone_tests::faulty::{all, checked, each};

/// How many plans each is given after the suite.
const PLANS: u64 = 10;
/// Of how many faulty implementations one is tried.
const SHARE: usize = if cfg!(debug_assertions) { 17 } else { 1 };

/// What does not come again of a failure that was reported; none where it does.
fn lost(checking: &Checking, subject: &Subject, failure: &Failure) -> Option<String> {
    let scenario = match Scenario::parse("counterexample.toml", &failure.scenario) {
        Ok(scenario) => scenario,
        Err(errors) => return Some(format!("it cannot be read back: {errors}")),
    };
    let mut implementation = subject.start(&checking.profile).expect("it starts");
    let judged = judge(checking, subject, &mut *implementation, &scenario, None);
    let signature = judged.signature(&checking.rules);
    let same = signature.as_ref() == Some(&failure.signature);
    (!same).then(|| format!("{signature:?} in place of {:?}", failure.signature))
}

#[test]
fn every_failure_of_every_faulty_implementation_comes_again() {
    let profile = Profile::named(Profile::DEFAULT).expect("the default profile");
    let (checking, scenarios) = (Checking::of(profile), scenarios());
    let source = PlansFrom::Covering { seed: 3, strength: Strength::Pairs };
    let subjects: Vec<Subject> = all().into_iter().step_by(SHARE).map(|faulty| faulty.subject).collect();
    let heard = each(&subjects, |subject| {
        let report = checked(&checking, subject, &scenarios, &source, PLANS);
        let mut wrong = Vec::new();
        for Unstable { place, again, failure } in &report.unstable {
            wrong.push(format!("{}: {place}: {again}: {}\n{}", report.name, failure.signature, failure.scenario));
        }
        let mut failures = 0;
        // What two runs contradict each other in is no scenario of its own.
        for failure in report.failures().filter(|failure| failure.witnesses.is_empty()) {
            failures += 1;
            if let Some(why) = lost(&checking, subject, failure) {
                wrong.push(format!("{}: {why}\n{}", report.name, failure.scenario));
            }
        }
        (failures, wrong)
    });
    let failures: usize = heard.iter().map(|(failures, _)| failures).sum();
    let accused = heard.iter().filter(|(failures, _)| *failures > 0).count();
    let wrong: Vec<String> = heard.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{} of {failures}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(
        accused * 10 >= subjects.len() * 8 && failures > 4 * accused,
        "{failures} failures of {accused} in {}",
        subjects.len()
    );
}
