//! What the model makes of a scenario: both stores and each computer after every step, and the rows that decided it.

use std::sync::Arc;

use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::table::Rows;
use tombstone_model::rules::{RuleId, Rules};
use tombstone_model::trace::Trace;
use tombstone_scenarios::Scenario;
use tombstone_search::run::{Runner, Terms};

/// A scenario as the reference takes it.
#[derive(Clone, Debug)]
pub struct Modelled {
    /// What it answered and showed.
    pub trace: Trace,
    /// For each step of the plan the rows that decided something in it, table by table.
    pub rows: Vec<Vec<RuleId>>,
}

/// Has the reference take a scenario under its own profile, or under the usual one. Each step is taken as often as steps follow
/// it: what a step adds to the rows that were followed is what the plan without it does not follow.
pub fn modelled(scenario: &Scenario) -> Modelled {
    let profile = scenario.profile.as_deref().and_then(Profile::named).unwrap_or_else(Profile::standard);
    let rules = Rules::documented();
    let mut reference = Reference::new("reference", Arc::new(rules.clone()), profile.readings());
    let terms = Terms { rules: profile.rules(), readings: profile.readings(), skip_unsupported: false };
    let mut runner = Runner::new(terms, &scenario.plan, &reference);
    let mut trace = Trace::default();
    let mut followed = |plan: &_, trace: Option<&mut Trace>| -> Vec<u64> {
        runner.met().clear();
        runner.run(plan, &mut reference, trace);
        let met = runner.met();
        rules.tables().flat_map(Rows::ids).map(|(id, _)| met.count(id)).collect()
    };
    let mut before = vec![0; rules.ids().count()];
    let mut rows = Vec::new();
    for taken in 1..=scenario.plan.steps.len() {
        let mut plan = scenario.plan.clone();
        plan.steps.truncate(taken);
        let now = followed(&plan, None);
        let more = rules.ids().zip(now.iter().zip(&before)).filter(|(_, (now, before))| now > before);
        rows.push(more.map(|((id, _), _)| id).collect());
        before = now;
    }
    followed(&scenario.plan, Some(&mut trace));
    Modelled { trace, rows }
}
