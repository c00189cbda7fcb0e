//! Laws of the harness itself.

use std::collections::BTreeMap;

use quickcheck::quickcheck;
use tombstone_model::implementation::Capabilities;
use tombstone_model::plan::Plan;
use tombstone_scenarios::{Scenario, canonical, write};
use tombstone_simulator::campaign;

fn draw(seed: u64, index: u64) -> Plan {
    campaign::draw(seed, index, &Capabilities::ALL).0
}

/// Why a plan does not survive being written and read, if it does not.
fn lost(plan: &Plan) -> Option<String> {
    let written = write(&Scenario::new("drawn", "drawn", plan.clone()));
    match Scenario::parse("drawn.toml", &written) {
        Ok(read) if read.plan == canonical(plan) => None,
        Ok(_) => Some("something else is read".to_owned()),
        Err(errors) => Some(errors.render(false)),
    }
}

#[test]
fn what_is_drawn_can_be_said() {
    let mut reasons: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for index in 0..3000 {
        if let Some(why) = lost(&draw(11, index)) {
            for line in why.lines().filter(|line| line.starts_with("error") || !why.starts_with("error")) {
                reasons.entry(line.to_owned()).or_insert((0, index)).0 += 1;
            }
        }
    }
    assert_eq!(reasons, BTreeMap::new());
}

quickcheck! {
    fn the_same_seed_draws_the_same_plan(seed: u64, index: u64) -> bool {
        draw(seed, index) == draw(seed, index)
    }
}
