//! How many plans a program is given: as many as its resets and steps leave time for.
//!
//! Only the number is chosen by the clock. Which plan stands at which index follows from the seed alone, so that whoever
//! gives the number that was chosen gets the same run.

use std::time::Duration;

use tombstone_campaign::campaign::CampaignPlan;
use tombstone_model::contract::implementation::Implementation;
use tombstone_model::plan::{Op, Plan, Setup, Step};
use tombstone_model::verdict::RunVerdict;
use tombstone_search::explore::tour::Tour;
use tombstone_search::run::{Terms, run};

use super::clock::clock;

/// What a budget leaves time for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// How many plans.
    pub plans: u64,
    /// Whether the tour runs too.
    pub tour: bool,
}

/// What a program's work costs, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cost {
    reset: CostLine,
    step: CostLine,
}

/// A cost that grows with the items of a world.
#[derive(Clone, Copy, Debug, PartialEq)]
struct CostLine {
    base: f64,
    item: f64,
}

impl CostLine {
    /// The line through what was measured with fewer and with more items.
    fn through(few: (u64, f64), many: (u64, f64)) -> Self {
        let more = many.0.saturating_sub(few.0);
        let item = if more == 0 { 0.0 } else { ((many.1 - few.1) / more as f64).max(0.0) };
        Self { base: (few.1 - item * few.0 as f64).max(0.0), item }
    }

    fn at(self, items: u64) -> f64 {
        self.base + self.item * items as f64
    }
}

impl Cost {
    fn of(self, setup: &Setup, steps: &[Step]) -> f64 {
        let items = size(setup);
        self.reset.at(items) + self.step.at(items) * taken(setup, steps)
    }
}

/// How many items the stores of a world hold.
fn size(setup: &Setup) -> u64 {
    setup.items.len() as u64 + u64::from(setup.bystanders)
}

/// About how many steps a program takes of these: coming to rest takes two rounds of every mailbox.
fn taken(setup: &Setup, steps: &[Step]) -> f64 {
    steps.iter().map(|step| if step.op == Op::Settle { 2.0 * setup.users.len() as f64 } else { 1.0 }).sum()
}

/// How many plans fit, after the situations the tour where it fits whole, and the line that says so.
///
/// None where the program cannot be measured: it breaks on the first plans, or declines them.
pub(super) fn choose(
    budget: Duration,
    campaign: &CampaignPlan,
    tour: Option<&Tour>,
    implementation: &mut dyn Implementation,
) -> Option<(Choice, String)> {
    let cost = measure(campaign, implementation)?;
    let capabilities = implementation.describe().capabilities.clone();
    let situations = campaign.source.situations(&capabilities).map_or(0, |situations| situations.len());
    let plan = |index| campaign.source.plan(index, &capabilities).0;
    let cost_of = |plan: &Plan| cost.of(&plan.setup, &plan.steps);
    let mut left = budget.as_secs_f64();
    let mut plans = 0;
    let mut toured = false;
    loop {
        if plans == situations
            && let Some(tour) = tour
        {
            let all: f64 = tour.plans.iter().map(|plan| cost.of(&plan.setup, &plan.steps)).sum();
            toured = all <= left;
            left -= if toured { all } else { 0.0 };
        }
        left -= cost_of(&plan(plans));
        if left < 0.0 && plans > 0 {
            break;
        }
        plans += 1;
    }
    let said = format!(
        "a reset takes about {:.1} ms and a step {:.2} ms, so that {} s allow {plans} plans{}; again: --plans {plans}{}",
        cost.reset.at(1) * 1000.0,
        cost.step.at(1) * 1000.0,
        budget.as_secs(),
        if toured { " and the tour" } else { "" },
        if toured { " --tour" } else { "" },
    );
    Some((Choice { plans, tour: toured }, said))
}

/// The most items of a world that is measured: a slow program would need its whole budget for more.
const MEASURED: u64 = 32;

/// Measures a small and a large world of the first plans.
fn measure(campaign: &CampaignPlan, implementation: &mut dyn Implementation) -> Option<Cost> {
    let capabilities = implementation.describe().capabilities.clone();
    let situations = campaign.source.situations(&capabilities)?.len();
    let plans = (0..situations).map(|index| campaign.source.plan(index, &capabilities).0);
    let plans: Vec<Plan> = plans.filter(|plan| capabilities.lacks(&plan.setup).is_none()).collect();
    let small = plans.iter().min_by_key(|plan| (size(&plan.setup), plan.steps.len()))?;
    let large = plans.iter().filter(|plan| size(&plan.setup) <= MEASURED).max_by_key(|plan| size(&plan.setup))?;
    let terms = Terms { rules: &campaign.rules, readings: campaign.profile.readings(), skip_unsupported: true };
    // The first reset of all may have to build what later ones find.
    implementation.reset(small).ok()?;
    let mut one = |plan: &Plan| {
        let begun = clock();
        implementation.reset(plan).ok()?;
        let reset = begun.elapsed().as_secs_f64();
        let begun = clock();
        let ran = run(terms, plan, implementation);
        let all = begun.elapsed().as_secs_f64();
        let decided = matches!(ran.verdict, RunVerdict::Conforms | RunVerdict::Diverges(_)) && ran.steps > 0;
        decided.then(|| (size(&plan.setup), reset, (all - reset).max(0.0) / ran.steps as f64))
    };
    let (few, many) = (one(small)?, one(large)?);
    let line = |few: (u64, f64), many: (u64, f64)| CostLine::through(few, many);
    // What takes no time at all would never use up a budget.
    let least = |line: CostLine| CostLine { base: line.base.max(1e-6), ..line };
    Some(Cost {
        reset: least(line((few.0, few.1), (many.0, many.1))),
        step: least(line((few.0, few.2), (many.0, many.2))),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tombstone_model::readings::profiles::Profile;
    use tombstone_model::rules::Rules;

    use super::*;
    use tombstone_campaign::campaign::PlansFrom;
    use tombstone_campaign::subject::BuiltIn;
    use tombstone_search::covering::Strength;

    #[test]
    fn a_line_goes_through_what_was_measured_and_never_falls() {
        let line = CostLine::through((1, 2.0), (5, 10.0));
        assert!((line.at(1) - 2.0).abs() < 1e-9 && (line.at(9) - 18.0).abs() < 1e-9);
        assert!((CostLine::through((1, 3.0), (5, 1.0)).at(100) - 3.0).abs() < 1e-9);
        assert!((CostLine::through((1, 3.0), (1, 3.0)).at(100) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn more_time_allows_more_plans_and_the_least_time_one() {
        let rules = Arc::new(Rules::documented().clone());
        let profile = Profile::named(Profile::DEFAULT).expect("the default");
        let campaign = CampaignPlan {
            rules: Arc::clone(&rules),
            profile: profile.clone(),
            source: PlansFrom::Covering { seed: 1, strength: Strength::Pairs },
            plans: 0,
            doublecheck: false,
        };
        let mut reference = BuiltIn::Reference.make(profile);
        let mut plans = |millis| {
            let chosen = choose(Duration::from_millis(millis), &campaign, None, &mut *reference);
            chosen.expect("it can be measured").0.plans
        };
        assert_eq!(plans(0), 1);
        assert!(plans(100) > 10);
    }
}
