//! Whether the report of an earlier run says more than that of the next one will: it is told before the work.

use std::fmt;

use crate::events::RunStarted;
use crate::value::scope::{PlansGiven, Shard};

/// Something that an earlier run did and the next one will not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NarrowedTo {
    /// It ran the whole suite, and this one runs scenarios that were chosen.
    Chosen,
    /// It ran this scenario, too.
    WithoutScenario(String),
    /// It ran this implementation, too.
    WithoutImplementation(String),
    /// It gave more plans.
    FewerPlans {
        /// What it gave.
        earlier: PlansGiven,
        /// What this one gives.
        own: PlansGiven,
    },
    /// It ran the tour.
    WithoutTour,
    /// It killed the engine more often.
    FewerKills,
    /// It brought disasters about.
    WithoutDisasters,
    /// It was the whole, or another shard.
    Shard {
        /// What it was; none where it was the whole.
        earlier: Option<Shard>,
        /// What this one is.
        own: Shard,
    },
}

impl fmt::Display for NarrowedTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chosen => f.write_str("it ran the whole suite, and this run does not"),
            Self::WithoutScenario(id) => write!(f, "it ran the scenario {id}, and this run does not"),
            Self::WithoutImplementation(name) => write!(f, "it ran {name}, and this run does not"),
            Self::FewerPlans { earlier, own } => write!(f, "it gave {earlier}, and this run gives {own}"),
            Self::WithoutTour => f.write_str("it ran the tour, and this run does not"),
            Self::FewerKills => f.write_str("it killed the engine more often than this run does"),
            Self::WithoutDisasters => f.write_str("it brought disasters about, and this run does not"),
            Self::Shard { earlier: None, own } => write!(f, "it was a whole run, and this one is its shard {own}"),
            Self::Shard { earlier: Some(earlier), own } => {
                write!(f, "it was the shard {earlier}, and this one is the shard {own}")
            }
        }
    }
}

impl NarrowedTo {
    /// What a run leaves out that an earlier one did. Where it runs an implementation that the earlier one did not, it is
    /// another run, and narrower only where it runs part of the suite and the earlier one all of it. Runs that do not say
    /// what they do are not compared.
    pub fn of(run: &RunStarted, earlier: &RunStarted) -> Option<Self> {
        let (own, before) = (run.scope.as_ref()?, earlier.scope.as_ref()?);
        let narrowed = match (&own.chosen, &before.chosen) {
            (Some(_), None) => Some(Self::Chosen),
            // Scenarios of other files are others.
            (Some(own), Some(before)) if run.suite_digest == earlier.suite_digest => {
                let missing = before.iter().find(|id| !own.contains(id));
                missing.map(|id| Self::WithoutScenario(id.clone()))
            }
            (Some(_) | None, Some(_)) | (None, None) => None,
        };
        let chosen = narrowed == Some(Self::Chosen);
        if chosen || !run.implementations.iter().all(|name| earlier.implementations.contains(name)) {
            return narrowed.filter(|_| chosen);
        }
        let missing = earlier.implementations.iter().find(|name| !run.implementations.contains(name));
        let fewer = |own: PlansGiven, earlier: PlansGiven| {
            own.is_less_than(earlier).then_some(Self::FewerPlans { earlier, own })
        };
        let plans = own.plans.zip(before.plans);
        let programs = own.programs.zip(before.programs);
        let shard = own.shard.filter(|_| own.shard != before.shard);
        narrowed
            .or_else(|| shard.map(|own| Self::Shard { earlier: before.shard, own }))
            .or_else(|| missing.map(|name| Self::WithoutImplementation(name.clone())))
            .or_else(|| plans.and_then(|(own, before)| fewer(PlansGiven::Number(own), PlansGiven::Number(before))))
            .or_else(|| programs.and_then(|(own, before)| fewer(own.plans, before.plans)))
            .or_else(|| (before.tour && !own.tour).then_some(Self::WithoutTour))
            .or_else(|| programs.filter(|(own, before)| own.kills < before.kills).map(|_| Self::FewerKills))
            .or_else(|| {
                let without = programs.filter(|(own, before)| before.disasters && !own.disasters);
                without.map(|_| Self::WithoutDisasters)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::scope::{ProgramScope, RunScope};

    fn run(implementations: &[&str], scope: RunScope) -> RunStarted {
        let implementations = implementations.iter().map(|&name| name.to_owned()).collect();
        RunStarted { implementations, scope: Some(scope), ..RunStarted::default() }
    }

    #[test]
    fn a_run_is_narrower_where_it_leaves_something_out_and_adds_nobody() {
        let of = |chosen: Option<&[&str]>, plans: u64, tour: bool| RunScope {
            chosen: chosen.map(|ids| ids.iter().map(|&id| id.to_owned()).collect()),
            plans: Some(plans),
            tour,
            ..RunScope::default()
        };
        let whole = run(&["a", "b"], of(None, 100, true));
        let narrowed = |implementations: &[&str], scope| NarrowedTo::of(&run(implementations, scope), &whole);
        assert_eq!(narrowed(&["a", "b"], of(None, 100, true)), None);
        assert_eq!(narrowed(&["a", "b"], of(None, 200, true)), None);
        assert_eq!(narrowed(&["a", "b", "c"], of(None, 100, true)), None);
        assert_eq!(narrowed(&["c"], of(None, 1, false)), None, "it is another run");
        assert_eq!(narrowed(&["c"], of(Some(&["x"]), 100, true)), Some(NarrowedTo::Chosen));
        let without = NarrowedTo::WithoutImplementation("b".to_owned());
        assert_eq!(narrowed(&["a"], of(None, 100, true)), Some(without));
        let (earlier, own) = (PlansGiven::Number(100), PlansGiven::Number(99));
        assert_eq!(narrowed(&["a", "b"], of(None, 99, true)), Some(NarrowedTo::FewerPlans { earlier, own }));
        assert_eq!(narrowed(&["a", "b"], of(None, 100, false)), Some(NarrowedTo::WithoutTour));
        let part = run(&["a"], of(Some(&["x", "y"]), 0, false));
        let other = |ids: &[&str]| NarrowedTo::of(&run(&["a"], of(Some(ids), 0, false)), &part);
        assert_eq!(other(&["x", "y", "z"]), None);
        assert_eq!(other(&["y", "z"]), Some(NarrowedTo::WithoutScenario("x".to_owned())));
        let elsewhere = RunStarted { suite_digest: "1".to_owned(), ..run(&["a"], of(Some(&["z"]), 0, false)) };
        assert_eq!(NarrowedTo::of(&elsewhere, &part), None, "they are other scenarios");
        assert_eq!(NarrowedTo::of(&RunStarted::default(), &whole), None);
        let shard = |number| Shard { number, of: 3 };
        let sharded = |number| run(&["a", "b"], RunScope { shard: Some(shard(number)), ..of(None, 100, true) });
        let narrower = |earlier, own| Some(NarrowedTo::Shard { earlier, own: shard(own) });
        assert_eq!(NarrowedTo::of(&sharded(2), &whole), narrower(None, 2));
        assert_eq!(NarrowedTo::of(&sharded(2), &sharded(1)), narrower(Some(shard(1)), 2));
        assert_eq!(NarrowedTo::of(&sharded(2), &sharded(2)), None, "it is the same again");
        assert_eq!(NarrowedTo::of(&whole, &sharded(2)), None, "a whole run is no narrower");
    }

    #[test]
    fn programs_are_given_a_number_of_plans_or_a_time() {
        let of = |plans, kills, disasters| {
            let programs = Some(ProgramScope { plans, kills, disasters });
            run(&["a"], RunScope { programs, ..RunScope::default() })
        };
        let usual = of(PlansGiven::Seconds(60), 12, true);
        let narrowed = |plans, kills, disasters| NarrowedTo::of(&of(plans, kills, disasters), &usual);
        assert_eq!(narrowed(PlansGiven::Seconds(60), 12, true), None);
        assert_eq!(narrowed(PlansGiven::Number(5), 12, true), None, "nobody knows which is more");
        for less in [PlansGiven::Number(0), PlansGiven::Seconds(9)] {
            assert!(matches!(narrowed(less, 12, true), Some(NarrowedTo::FewerPlans { .. })));
        }
        assert_eq!(narrowed(PlansGiven::Seconds(60), 3, true), Some(NarrowedTo::FewerKills));
        assert_eq!(narrowed(PlansGiven::Seconds(60), 12, false), Some(NarrowedTo::WithoutDisasters));
    }
}
