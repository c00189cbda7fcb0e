//! Ids are stable: each that a scenario of the suite was ever known under still names the same case.

use std::fmt::Debug;

use tombstone_model::plan::{Names, Plan};
use tombstone_scenarios::{Scenario, canonical, scenarios};

/// What a scenario comes to: its world, its steps, what it expects of them and under which profile, whatever things are called.
fn meaning(scenario: &Scenario) -> u64 {
    let plan = Plan { names: Names::default(), ..scenario.plan.clone() };
    let expected: Vec<_> = scenario.expectations.iter().map(|it| (it.after, it.what)).collect();
    digest(&(canonical(&plan), expected, &scenario.profile))
}

fn digest(value: &impl Debug) -> u64 {
    let step = |digest: u64, byte| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{value:?}").bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// A case that was known under other ids is listed under those: the list stays as it is when files become one.
#[test]
fn what_each_id_means() {
    let mut lines = Vec::new();
    for scenario in scenarios() {
        let mut covers = scenario.covers.clone();
        covers.sort();
        let line = |id: &str| format!("{id} {:016x} {}", meaning(&scenario), covers.join(" "));
        match scenario.aliases.as_slice() {
            [] => lines.push(line(&scenario.id)),
            aliases => lines.extend(aliases.iter().map(|id| line(id))),
        }
    }
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}
