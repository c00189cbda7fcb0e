//! Packed into shared worlds, the suite comes to the same verdicts in a fraction of the worlds and synchronizations.

use std::path::Path;

use tombstone_adapter::{ChildImplementation, Launch};
use tombstone_campaign::check::{self, Checking};
use tombstone_campaign::log::Log;
use tombstone_campaign::packing::{self, Saved};
use tombstone_campaign::subject::Subject;
use tombstone_model::contract::implementation::Implementation;
use tombstone_model::readings::profiles::Profile;
use tombstone_reports::Verdict;

fn launch(script: &str, argument: Option<&str>) -> Launch {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters").join(script);
    Launch::new("python3", std::iter::once(script.into_os_string()).chain(argument.map(Into::into)))
}

/// Verdicts by scenario.
type Verdicts = Vec<(String, Verdict)>;

/// What came of the suite, alone and packed: the verdict of each case, by id.
fn both(launch: &Launch) -> (Verdicts, Verdicts, Saved) {
    let profile = Profile::named(Profile::DEFAULT).expect("the default profile").clone();
    let subject = Subject::Program { launch: Box::new(launch.clone()), name: None, profile: None };
    let mut beside = subject.start(&profile).expect("it starts");
    let mut child = ChildImplementation::start(launch.clone()).expect("it starts");
    let (checking, scenarios) = (Checking::of(&profile), tombstone_scenarios::scenarios());
    let (mut alone, mut packed) = (Log::default(), Log::default());
    check::scenarios(&checking, &subject, &mut *beside, &scenarios, &mut alone, &mut |_| {});
    let into = &mut packed;
    let saved = packing::scenarios(&checking, &subject, &mut child, &mut *beside, &scenarios, into, &mut |_| {});
    assert_eq!(alone.held().decided(), packed.held().decided());
    assert_eq!((child.end(), beside.end()), (Ok(()), Ok(())));
    let verdicts = |log: &Log| {
        let cases = log.so_far().cases.iter().map(|case| (case.id.clone(), case.verdict));
        let mut cases: Vec<_> = cases.collect();
        cases.sort();
        cases
    };
    (verdicts(&alone), verdicts(&packed), saved)
}

#[test]
fn the_verdicts_are_the_same_and_the_worlds_few() {
    let (alone, packed, saved) = both(&launch("sqlite/adapter.py", None));
    assert_eq!(alone, packed);
    // A world has one zone, one start and one order of waits, and 300 items at most: the suite has fourteen starts that two of
    // its scenarios or more share, half a dozen waits of which none is the beginning of another, and items for two or three
    // worlds of the usual start; which share one depends on their order, which is that of their ids. Of people who have nothing
    // to do with each other, each is synchronized for itself.
    assert!(saved.packed > 300 && saved.worlds <= 24 && saved.cycles * 3 <= saved.cycles_alone, "{saved}");
    assert_eq!(saved.confirmed, 0, "{saved}");
}

#[test]
fn what_fails_packed_is_run_in_other_company_and_one_of_each_class_alone() {
    // It carries every edit and no deletion, so that much diverges, each for itself.
    let (alone, packed, saved) = both(&launch("faulty/liar.py", Some("none")));
    assert_eq!(alone, packed);
    assert!(saved.confirmed > 0 && saved.believed > 0, "{saved}");
    assert!(packed.iter().any(|(_, verdict)| *verdict == Verdict::Diverges));
}
