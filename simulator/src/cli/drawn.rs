//! A plan of a campaign, as a scenario.

use tombstone_campaign::campaign::PlansFrom;
use tombstone_campaign::check::Checking;
use tombstone_model::contract::implementation::Capabilities;
use tombstone_model::plan::Names;
use tombstone_scenarios::{Origin, Scenario};

/// The plan of an index as a scenario.
pub(super) fn drawn(source: &PlansFrom, index: u64, checking: &Checking, capabilities: &Capabilities) -> Scenario {
    let (mut plan, drawn) = source.plan(index, capabilities);
    plan.names = Names::invented(&plan.setup);
    eprintln!("plan {index}: {drawn}");
    let mut scenario = Scenario::new(format!("plan-{index}"), drawn, plan);
    scenario.profile = Some(checking.profile.name.clone());
    let seed = source.seed();
    scenario.origin = Some(Origin { seed, index, rules: checking.rules.version(), digests: Vec::new() });
    scenario
}
