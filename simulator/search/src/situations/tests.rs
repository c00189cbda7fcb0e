use std::collections::BTreeSet;

use tombstone_model::contract::implementation::{KindCapabilities, Operations};

use super::*;
use crate::covering::met;

fn less() -> Capabilities {
    let mut less = Capabilities { users: false, roles: false, computers: false, ..Capabilities::ALL };
    let kept = [Operation::Synchronize, Operation::Connect];
    less.operations = kept.into_iter().collect::<Operations>();
    less.kinds[Kind::Email as usize] = KindCapabilities::NONE;
    less.kinds[Kind::Task as usize].operations =
        [Operation::EditInOutlook, Operation::DeleteInCrm].into_iter().collect::<Operations>();
    less
}

#[test]
fn every_plan_of_a_situation_can_be_run_and_replayed() {
    for capabilities in [Capabilities::ALL, less()] {
        let situations = Situations::of(&capabilities, Strength::Pairs);
        for index in 0..situations.len() {
            let situation = situations.get(index).expect("as many as there are");
            let (plan, core) = situation.plan(7, index);
            assert_eq!(plan.setup.problems(), Vec::<String>::new(), "{index}");
            assert_eq!(capabilities.lacks(&plan.setup), None, "{index}: {}", situation.describe());
            assert_eq!((plan.clone(), core.clone()), situation.plan(7, index), "{index}");
            assert!(!core.is_empty(), "{index}");
            for step in &plan.steps[core] {
                let lacks = capabilities.lacks_step(&plan.setup, step);
                assert_eq!(lacks, None, "{index}: {step:?}: {}", situation.describe());
            }
            let distinct: BTreeSet<String> = plan.setup.schedules.iter().map(|s| format!("{s:?}")).collect();
            assert_eq!(distinct.len(), plan.setup.schedules.len(), "{index}: no date stands twice");
        }
        assert_eq!(situations.met(0..situations.len()), situations.tuples());
    }
}

#[test]
fn whoever_can_do_less_is_put_into_fewer_situations() {
    let (all, less) = [Capabilities::ALL, less()].map(|able| Situations::of(&able, Strength::Pairs)).into();
    assert!(less.len() < all.len() && less.tuples() < all.tuples(), "{} {}", less.len(), all.len());
    let words: BTreeSet<String> = (0..less.len()).filter_map(|n| less.get(n)).map(|it| it.describe()).collect();
    for absent in ["by a delegate", "kind: email", "by the server", "may not delete", "400 days;"] {
        assert!(words.iter().all(|words| !words.contains(absent)), "{absent}");
    }
}

#[test]
fn the_first_plans_hold_the_most() {
    let all = Situations::of(&Capabilities::ALL, Strength::Pairs);
    let half = all.met(0..all.len() / 2);
    assert!(half * 100 > all.tuples() * 75, "{half} of {}", all.tuples());
    assert_eq!(met(Strength::Pairs, &Vec::<Vec<u8>>::new()), 0);
}
