//! How much of the suite a set of capabilities is enough for, and what more would add.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use tombstone_model::implementation::{Capabilities, Lack};
use tombstone_model::profiles::Profile;
use tombstone_scenarios::Scenario;

use crate::judge;

/// How many scenarios can be decided, and by how many more each missing capability would bring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// How many can be, to their last step.
    pub decided: usize,
    /// Of how many.
    pub of: usize,
    /// How many of those were written for another profile.
    pub elsewhere: usize,
    /// What is missing for others and nothing else is, and for how many: the most first.
    pub more: Vec<(Vec<String>, usize)>,
}

/// Sets of several capabilities are named up to this many: most scenarios need one thing more.
const MOST_TOGETHER: usize = 3;

impl Decided {
    /// What these capabilities are enough for under a profile.
    pub fn of(capabilities: &Capabilities, scenarios: &[Scenario], profile: &str) -> Self {
        let mut this = Self::default();
        let mut missing: BTreeMap<BTreeSet<String>, usize> = BTreeMap::new();
        for scenario in scenarios {
            this.of += 1;
            if scenario.profile.as_deref().is_some_and(|wanted| wanted != profile) {
                this.elsewhere += 1;
                continue;
            }
            let lacking = lacking(capabilities, scenario);
            if lacking.is_empty() {
                this.decided += 1;
            } else {
                *missing.entry(lacking).or_default() += 1;
            }
        }
        let together = missing.keys().filter(|set| set.len() > 1).map(|set| (Reverse(missing[set]), set.clone()));
        let mut together: Vec<_> = together.collect();
        together.sort();
        let rare: BTreeSet<BTreeSet<String>> = together.into_iter().skip(MOST_TOGETHER).map(|(_, set)| set).collect();
        this.more = missing
            .into_iter()
            .filter(|(set, _)| !rare.contains(set))
            .map(|(set, count)| (set.into_iter().collect(), count))
            .collect();
        this.more.sort_by_key(|(set, count)| (Reverse(*count), set.len()));
        this
    }

    /// How much of the suite is decided under the default profile.
    pub fn of_suite(capabilities: &Capabilities) -> Self {
        let parse = |(name, text): (&str, &str)| Scenario::parse(name, text).ok();
        let scenarios: Vec<Scenario> = tombstone_scenarios::suite().into_iter().filter_map(parse).collect();
        Self::of(capabilities, &scenarios, Profile::DEFAULT)
    }

    /// How much is decided, and what each more would add.
    pub fn lines(&self) -> Vec<String> {
        [self.summary()].into_iter().chain(self.additions()).collect()
    }

    /// How much is decided, in a line.
    pub fn summary(&self) -> String {
        let elsewhere = match self.elsewhere {
            0 => String::new(),
            1 => " (1 is written for another profile)".to_owned(),
            more => format!(" ({more} are written for other profiles)"),
        };
        format!("with these capabilities {} of {} scenarios are decided to their end{elsewhere}", self.decided, self.of)
    }

    /// What each more would add, a line each.
    pub fn additions(&self) -> impl Iterator<Item = String> {
        self.more.iter().map(|(set, count)| {
            let names: Vec<String> = set.iter().map(|name| format!("`{name}`")).collect();
            let together = if set.len() > 1 { " together" } else { "" };
            format!("{}{together} would add {count}", names.join(", "))
        })
    }
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
