//! The reduced space of an exploration against the unreduced one, for bounds at which both can be had.

use std::collections::{BTreeMap, BTreeSet};

use tombstone_model::contract::implementation::{Answer, Implementation};
use tombstone_model::plan::{Kind, Names, Plan, Setup};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::{Rules, TableId};
use tombstone_model::verdict::RunVerdict;
use tombstone_model::world::World;
use tombstone_search::explore::alphabet::{Groups, alphabet, instants};
use tombstone_search::explore::pack::Packer;
use tombstone_search::explore::population::Population;
use tombstone_search::explore::tour::survey;
use tombstone_search::explore::{Bounds, End, concrete, explore};
use tombstone_search::run::{Runner, Terms};

fn setup(kind: Kind, computers: u8, items: u8) -> Setup {
    Population { computers, items, ..Population::smallest(kind) }.setup()
}

/// The canonical states that all plans up to a depth lead to, found without any reduction on the way.
fn unreduced(setup: &Setup, groups: Groups, depth: u32) -> usize {
    let profile = Profile::named(Profile::DEFAULT).expect("the default profile exists");
    let mut reference =
        Reference::new("reference", std::sync::Arc::new(Rules::documented().clone()), profile.readings());
    let letters = alphabet(setup, groups);
    let packer = Packer::new(setup, instants(setup), true);
    let named = Packer::new(setup, instants(setup), false);
    let mut canonical = BTreeSet::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let plan = Plan { setup: setup.clone(), steps: Vec::new(), names: Names::default() };
    reference.reset(&plan).expect("the reference can always be reset");
    let mut layer: Vec<World> = vec![reference.world.clone()];
    let mut bytes = Vec::new();
    for _ in 0..=depth {
        let mut next = Vec::new();
        for world in layer {
            packer.pack(&world.context, &world.items, &mut bytes);
            canonical.insert(bytes.clone());
            let mut again = world.clone();
            named.pack(&world.context, &world.items, &mut bytes);
            named.unpack(&bytes, &mut again);
            // What the reduced world does next is what the full one does.
            for letter in &letters {
                let outcome = |world: &World, reference: &mut Reference| {
                    let step = concrete(letter, world, packer.instants());
                    reference.world = world.clone();
                    let answer = reference.apply(&step);
                    let mut bytes = Vec::new();
                    named.pack(&reference.world.context, &reference.world.items, &mut bytes);
                    (answer, bytes)
                };
                assert_eq!(
                    outcome(&world, &mut reference),
                    outcome(&again, &mut reference),
                    "{letter:?} in {:?} {:?} {:?}",
                    world.items[0].record,
                    world.items[0].pairs[0],
                    world.items[0].slots[0]
                );
            }
            for letter in &letters {
                let step = concrete(letter, &world, packer.instants());
                reference.world = world.clone();
                let done = reference.apply(&step);
                if matches!(done, Answer::Done { .. }) {
                    let key = format!("{:?} {:?}", reference.world.context, reference.world.items);
                    if seen.insert(key) {
                        next.push(reference.world.clone());
                    }
                }
            }
        }
        layer = next;
    }
    canonical.len()
}

#[test]
fn the_reduced_space_is_the_unreduced_one_up_to_names() {
    let none = Groups { edits: false, crashes: false, offline: false, roles: false, status: false, web: false };
    let cases = [
        (setup(Kind::Contact, 1, 1), Groups { edits: true, offline: true, ..none }, 4),
        (setup(Kind::Task, 1, 1), Groups { crashes: true, status: true, ..none }, 4),
        (setup(Kind::Email, 2, 1), Groups { offline: true, ..none }, 4),
        (setup(Kind::Contact, 1, 2), none, 4),
    ];
    for (setup, groups, depth) in cases {
        let profile = Profile::named(Profile::DEFAULT).expect("the default profile exists");
        let bounds = Bounds { depth: Some(depth), groups, ..Bounds::USUAL };
        let space = explore(Rules::documented(), profile.readings(), &setup, bounds, &mut |_, _| {});
        assert_eq!(space.states(), unreduced(&setup, groups, depth), "{:?} {groups:?}", setup.items[0].kind);
    }
}

#[test]
fn a_shortest_plan_uses_its_row_and_conforms() {
    let rules = Rules::documented();
    let profile = Profile::named(Profile::DEFAULT).expect("the default profile exists");
    let setup = setup(Kind::Task, 2, 1);
    let bounds = Bounds { groups: Groups { crashes: false, offline: false, ..Groups::ALL }, ..Bounds::USUAL };
    let space = explore(rules, profile.readings(), &setup, bounds, &mut |_, _| {});
    assert_eq!(space.end, End::Fixpoint);
    let mut used: BTreeMap<TableId, usize> = BTreeMap::new();
    for (id, _) in rules.ids() {
        let Some(steps) = space.shortest(id) else { continue };
        let plan = Plan { setup: setup.clone(), steps, names: Names::default() };
        let mut reference = Reference::new("reference", std::sync::Arc::new(rules.clone()), profile.readings());
        let terms = Terms { rules, readings: profile.readings(), skip_unsupported: false };
        let mut runner = Runner::new(terms, &plan, &reference);
        let run = runner.run(&plan, &mut reference, None);
        assert_eq!(run.verdict, RunVerdict::Conforms, "{}", rules.rule(id).id);
        assert_eq!(run.steps as usize, plan.steps.len(), "every step of a shortest plan is possible");
        assert!(runner.met().count(id) > 0, "{}: the oracle has met it, too", rules.rule(id).id);
        *used.entry(id.table).or_default() += 1;
    }
    assert!(used.len() >= 10 && used[&TableId::Deleting] >= 5, "tasks have rows of their own: {used:?}");
}

#[test]
fn a_space_is_the_same_on_any_number_of_threads() {
    let rules = Rules::documented();
    let profile = Profile::named(Profile::DEFAULT).expect("the default profile exists");
    let setup = setup(Kind::Email, 2, 1);
    let online = Bounds { groups: Groups { offline: false, roles: false, ..Groups::ALL }, ..Bounds::USUAL };
    // Once to the fixpoint, and once up to a bound inside a layer.
    for bounds in [online, Bounds { memory: 1 << 20, ..Bounds::USUAL }] {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
            let space = pool.install(|| explore(rules, profile.readings(), &setup, bounds, &mut |_, _| {}));
            let shortest: Vec<_> = rules.ids().map(|(id, _)| space.shortest(id)).collect();
            (space.states(), space.transitions, space.depth, space.end, shortest)
        };
        let one = on(1);
        assert!(one.0 >= 2_000, "the space is worth sharing: {} states", one.0);
        assert_eq!(one, on(2));
        assert_eq!(one, on(8));
    }
}

/// The tour is worth having: random walks over the same populations take more than fifty times its steps.
#[test]
fn the_tour_takes_few_steps_and_what_it_leaves_out_cannot_be_reached() {
    let profile = Profile::named(Profile::DEFAULT).expect("the default profile exists");
    let survey = survey(Rules::documented(), profile.readings(), 60);
    assert!(survey.steps_a_cell() <= 2.5, "{} steps a cell", survey.steps_a_cell());
    assert_eq!(survey.tour.rows, survey.rows, "the tour follows each row that a step in its populations follows");
    assert!(survey.times() >= 50, "random walks take only {} times the steps", survey.times());
    insta::assert_snapshot!("the_tour", survey.render());
}
