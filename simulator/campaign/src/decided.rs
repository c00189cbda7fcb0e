//! How much of the suite a set of capabilities is enough for, and what more would add.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use tombstone_model::contract::implementation::{Capabilities, Lack};
use tombstone_model::readings::profiles::Profile;
use tombstone_reports::{Decided, Missing};
use tombstone_scenarios::Scenario;

use crate::judge;

/// Sets of several capabilities are named up to this many: most scenarios need one thing more.
const MOST_TOGETHER: usize = 3;

/// What these capabilities are enough for under a profile.
pub fn decided(capabilities: &Capabilities, scenarios: &[Scenario], profile: &str) -> Decided {
    let mut decided = Decided::default();
    let mut missing: BTreeMap<BTreeSet<String>, u64> = BTreeMap::new();
    for scenario in scenarios {
        decided.of += 1;
        if scenario.profile.as_deref().is_some_and(|wanted| wanted != profile) {
            decided.elsewhere += 1;
            continue;
        }
        let lacking = lacking(capabilities, scenario);
        if lacking.is_empty() {
            decided.decided += 1;
        } else {
            *missing.entry(lacking).or_default() += 1;
        }
    }
    let together = missing.keys().filter(|set| set.len() > 1).map(|set| (Reverse(missing[set]), set.clone()));
    let mut together: Vec<_> = together.collect();
    together.sort();
    let rare: BTreeSet<BTreeSet<String>> = together.into_iter().skip(MOST_TOGETHER).map(|(_, set)| set).collect();
    decided.several = rare.iter().map(|set| missing[set]).sum();
    let named = missing.into_iter().filter(|(set, _)| !rare.contains(set));
    let named = named.map(|(set, scenarios)| Missing { capabilities: set.into_iter().collect(), scenarios });
    decided.more = named.collect();
    decided.more.sort_by_key(|missing| (Reverse(missing.scenarios), missing.capabilities.len()));
    decided
}

/// How much of the suite is decided under the default profile.
pub fn of_suite(capabilities: &Capabilities) -> Decided {
    decided(capabilities, &tombstone_scenarios::scenarios(), Profile::DEFAULT)
}

/// Every capability that a scenario needs and that is missing, as the adapter protocol calls them.
fn lacking(capabilities: &Capabilities, scenario: &Scenario) -> BTreeSet<String> {
    let suited = judge::suited(scenario, capabilities);
    let setup = &suited.plan.setup;
    let mut lacking: BTreeSet<String> = capabilities.lacking(setup).map(Lack::capability).collect();
    for step in &suited.plan.steps {
        capabilities.each_lack_of_step(setup, step, &mut |lack| {
            lacking.insert(lack.capability());
        });
    }
    lacking
}
