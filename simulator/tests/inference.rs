//! Inference: a campaign that leaves everything open tells which profile the implementation follows.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use tombstone_campaign::campaign::{CampaignPlan, PlansFrom, part};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_scenarios::{Scenario, scenarios};
use tombstone_search::run::{Terms, run};

/// Enough for every switch that random plans can tell at all; a few hundred decide most of them.
const PLANS: u64 = 10_000;

/// Everything open, but that conditions are necessary: were they only sufficient, no outcome could be held against
/// anybody, and nothing would follow from any.
fn open() -> Profile {
    let mut profile = Profile::named("permissive").expect("the profile").clone();
    profile.closed.push((Switch::ConditionStrength, Values::FIRST));
    profile
}

/// The readings that the suite and random plans leave of those that an implementation may follow.
fn inferred(rules: &Arc<Rules>, scenarios: &[Scenario], followed: Readings) -> Readings {
    let profile = open();
    let mut reference = Reference::new("reference", Arc::clone(rules), followed);
    let terms = Terms { rules, readings: profile.readings(), skip_unsupported: true };
    let suite = scenarios.iter().map(|scenario| run(terms, &scenario.plan, &mut reference).readings);
    let left = suite.fold(profile.readings(), Readings::and);
    let campaign = CampaignPlan {
        rules: Arc::clone(rules),
        profile,
        source: PlansFrom::Random(1),
        plans: PLANS,
        doublecheck: false,
    };
    let tally = part(&campaign, &mut reference, 0..PLANS);
    assert_eq!((tally.failures.len(), tally.broken.len()), (0, 0), "{:?}", tally.failures);
    tally.held.narrow(left)
}

/// Each closed profile is told by what its reference does, but for the switches that nothing tells apart.
#[test]
fn every_profile_is_inferred() {
    let rules = Arc::new(Rules::documented().clone());
    let scenarios = scenarios();
    let profiles: Vec<&Profile> = Profile::all().iter().filter(|profile| profile.name != "permissive").collect();
    let each: Vec<(&Profile, Readings)> = profiles
        .par_iter()
        .map(|&profile| (profile, inferred(&rules, &scenarios, profile.readings().closed())))
        .collect();
    let mut left_open: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut tied = Vec::new();
    for (profile, left) in &each {
        let followed = profile.readings().closed();
        for &switch in Switch::ALL {
            let (left, followed) = (left.of(switch), followed.of(switch));
            assert!(left.0 & followed.0 != 0, "{}: {} is ruled out", profile.name, switch.info().name);
            if left != followed {
                let names: Vec<&str> = left.names(switch).collect();
                let line = format!("{} {}: {}", switch.info().id, switch.info().name, names.join(" | "));
                left_open.entry(line).or_default().push(&profile.name);
            }
        }
        // Two profiles whose closed forms are one cannot be told apart by what either does.
        let acts = |other: &&&Profile| other.readings().closed() != followed;
        for other in profiles.iter().filter(acts) {
            let other_readings = other.readings().closed();
            if Switch::ALL.iter().all(|&switch| left.of(switch).0 & other_readings.of(switch).0 != 0) {
                let differing = followed.differing(other_readings).map(|switch| switch.info().name);
                let differing = differing.collect::<Vec<_>>().join(", ");
                tied.push(format!("{} may as well be {}, which differs on {differing}", profile.name, other.name));
            }
        }
    }
    assert_eq!(tied, [""; 0]);
    let lines = left_open.iter().map(|(line, profiles)| format!("{line} ({})", profiles.join(", ")));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}
