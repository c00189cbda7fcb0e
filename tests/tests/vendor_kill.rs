//! Killed inside its synchronizations, the SQLite sample loses nothing; without its transactions the suite convicts it.
//! What no rule speaks of becomes a finding or an observation.

use std::path::Path;

use tombstone_adapter::{ChildImplementation, Launch};
use tombstone_campaign::check::{Checking, scenarios};
use tombstone_campaign::findings::{self, Fared};
use tombstone_campaign::kill::{kill, possible};
use tombstone_campaign::log::Log;
use tombstone_campaign::subject::Subject;
use tombstone_model::contract::implementation::{EngineAccount, EngineOutcome, Testimony};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::verdict::Check;
use tombstone_reports::{ImplementationReport, Verdict};
use tombstone_scenarios::Scenario;

fn sqlite(options: &[&str]) -> Launch {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/sqlite/adapter.py");
    Launch::new("python3", std::iter::once(script.into_os_string()).chain(options.iter().map(Into::into)))
}

#[test]
fn killed_again_and_again_it_loses_nothing() {
    let mut child = ChildImplementation::start(sqlite(&[])).expect("it starts");
    assert!(possible(&child));
    let kills = kill(&mut child, 16, 7).expect("it can be synchronized");
    assert!(kills.wrong.is_empty() && kills.broken.is_empty(), "{kills:?}");
    assert!(kills.finished < kills.rounds, "none of the kills fell inside a synchronization");
    assert_eq!(child.finish(), Ok(()));
}

/// The suite's scenarios of that id, run on a program.
fn checked(launch: Launch, pattern: &str) -> ImplementationReport {
    let known_as = |it: &Scenario| std::iter::once(&it.id).chain(&it.aliases).any(|name| name.contains(pattern));
    let chosen: Vec<Scenario> = tombstone_scenarios::scenarios().into_iter().filter(known_as).collect();
    assert!(!chosen.is_empty(), "{pattern}");
    let profile = Profile::named(Profile::DEFAULT).expect("the default profile").clone();
    let subject = Subject::Program { launch: Box::new(launch), name: None, profile: None };
    let mut implementation = subject.start(&profile).expect("it starts");
    let mut log = Log::new("sqlite");
    scenarios(&Checking::of(&profile), &subject, &mut *implementation, &chosen, &mut log, &mut |_| {});
    assert_eq!(implementation.end(), Ok(()));
    log.so_far().clone()
}

#[test]
fn without_transactions_the_suite_convicts_it() {
    let verdict = |options: &[&str]| {
        let report = checked(sqlite(options), "crashes/edit-before-upload");
        (report.cases[0].verdict, report.cases[0].failures.first().map(|failure| failure.signature.check.clone()))
    };
    assert_eq!(verdict(&[]), (Verdict::Conforms, None));
    let convicted = (Verdict::Diverges, Some(Check::Erased.name().to_owned()));
    assert_eq!(verdict(&["--without-transaction"]), convicted);
}

#[test]
fn what_the_documents_leave_open_is_observed() {
    let report = checked(sqlite(&[]), "conflicts/");
    let categories: Vec<&str> = report.observations.iter().map(|seen| seen.category.as_str()).collect();
    for category in ["X-24 conflict_winner", "X-33 delete_against_edit"] {
        assert!(categories.contains(&category), "{categories:?}");
    }
    assert_eq!(report.findings, []);
}

#[test]
fn a_second_witness_is_heard() {
    let disagrees = Some("report disagrees with stores");
    let lost = Fared::Diverged(Check::Vanished);
    // The words contradict the field: nothing is read into them.
    let told = |outcome, words: &str| vec![EngineAccount { outcome, words: words.to_owned() }];
    let clean = || told(Some(EngineOutcome::Success), "{\"failed\":0,\"errors\":[]}");
    let dirty = || told(Some(EngineOutcome::Failure), "exit 0: done");
    for (unknown, reports, fared, expected) in [
        (vec![], clean(), Fared::Conformed, None),
        (vec![], dirty(), Fared::Conformed, disagrees),
        (vec![], told(Some(EngineOutcome::RefusedToSynchronize), "error"), Fared::Conformed, None),
        (vec![], told(None, "exit 1: error: it failed"), Fared::Conformed, None),
        (vec![], clean(), lost, disagrees),
        (vec![], [clean(), dirty()].concat(), lost, None),
        (vec![], told(Some(EngineOutcome::RefusedToSynchronize), "done"), lost, None),
        (vec![], told(None, "exit 0: done"), lost, None),
        (vec![], vec![], lost, None),
        (vec!["`A copy`, a contact"], vec![], Fared::Conformed, Some("unknown copies")),
    ] {
        let mut log = Log::default();
        let unknown: Vec<String> = unknown.into_iter().map(str::to_owned).collect();
        let testimony = Testimony { unknown: unknown.clone(), reports: reports.clone() };
        log.tell_all(findings::witness(&testimony, fared, "here"));
        let found = log.so_far().findings.first().map(|finding| finding.category.as_str());
        assert_eq!(found, expected, "{unknown:?} {reports:?} {fared:?}");
    }
}
