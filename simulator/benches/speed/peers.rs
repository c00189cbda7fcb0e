//! The peers, on the same steps: proptest-state-machine and quickcheck with the reference as their model and the ordinary
//! implementation under test, stateright over the reference.

use std::cell::Cell;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use quickcheck::{Arbitrary, Gen, QuickCheck};
use stateright::{Checker, Model as _, Property};
use tombstone_model::contract::implementation::Implementation;
use tombstone_model::ids::ItemId;
use tombstone_model::plan::{Plan, Step};
use tombstone_model::readings::decide::Closed;
use tombstone_model::readings::switches::Readings;
use tombstone_model::reference::{Cited, Frame, StepOutcome, advance, apply, route, sweep};
use tombstone_model::view::View;
use tombstone_model::world::{Context, Item, Presence, World};
use tombstone_search::explore::alphabet::{Groups, Letter, alphabet, instants};
use tombstone_search::explore::concrete;
use tombstone_search::explore::pack::Packer;

use crate::ordinary::Ordinary;
use crate::population::{ACTS, Act, CASE, HOUR, READINGS, RULES, act, plan, step};
use crate::small::Table;

static START: LazyLock<World> = LazyLock::new(|| World::new(&crate::population::setup()));
static PLAN: LazyLock<Plan> = LazyLock::new(plan);
static TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(&RULES, *READINGS));

static CLOSED: LazyLock<Readings> = LazyLock::new(|| READINGS.closed());

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    STEPS.with(|steps| steps.set(steps.get() + 1));
}

/// The reference as a peer's model: what changes of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Model {
    context: Context,
    items: Vec<Item>,
}

impl Model {
    fn start() -> Self {
        Self { context: START.context, items: START.items.clone() }
    }

    fn frame(&self) -> Frame<'_> {
        Frame { scene: &START.scene, context: &self.context, rules: &RULES }
    }

    /// Takes a step; false, and unchanged, where it makes no sense.
    fn step(&mut self, step: &Step) -> bool {
        let Self { context, items } = self;
        let frame = Frame { scene: &START.scene, context, rules: &RULES };
        let Ok(route) = route(&frame, step) else { return false };
        let mut decide = Closed(*CLOSED);
        let mut cited = Cited::default();
        match step.op.items() {
            Some(named) => {
                for id in named.iter() {
                    let item = &mut items[id.index()];
                    if apply(&frame, route, id, item, step, &mut decide, &mut cited) == StepOutcome::Impossible {
                        return false;
                    }
                }
            }
            None => {
                for (item, id) in items.iter_mut().zip(0..) {
                    sweep(&frame, ItemId(id), item, step, &mut decide, &mut cited);
                }
            }
        }
        advance(&START.scene, context, step);
        true
    }

    fn possible(&self, step: &Step) -> bool {
        let frame = self.frame();
        let Ok(route) = route(&frame, step) else { return false };
        let mut named = step.op.items().into_iter().flat_map(|named| named.iter().collect::<Vec<_>>());
        named.all(|id| {
            let mut item = self.items[id.index()];
            let mut decide = Closed(*CLOSED);
            apply(&frame, route, id, &mut item, step, &mut decide, &mut Cited::default()) != StepOutcome::Impossible
        })
    }

    fn show(&self, view: &mut View) {
        for (item, id) in self.items.iter().zip(0..) {
            item.show(&START.scene, &self.context, view.item_mut(ItemId(id)));
        }
    }
}

/// The implementation under test of the peers.
pub(crate) struct Tested {
    implementation: Box<dyn Implementation>,
    seen: View,
    expected: View,
}

impl Tested {
    fn start() -> Self {
        let mut implementation = Box::new(Ordinary::new(TABLE.clone(), true));
        implementation.reset(&PLAN).expect("the ordinary implementation starts");
        Self { implementation, seen: View::new(&PLAN.setup), expected: View::new(&PLAN.setup) }
    }

    fn agrees(&mut self, step: &Step, model: &Model) -> bool {
        count();
        self.implementation.apply(step);
        self.implementation.observe(&mut self.seen).expect("the ordinary implementation can be observed");
        model.show(&mut self.expected);
        self.seen == self.expected
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::start()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        (0..ACTS, 1..=200_u8).prop_map(|(number, token)| step(act(number), token)).boxed()
    }

    fn apply(mut state: Self, transition: &Step) -> Self {
        Model::step(&mut state, transition);
        state
    }

    fn preconditions(state: &Self, transition: &Step) -> bool {
        state.possible(transition)
    }
}

impl StateMachineTest for Tested {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(_: &Model) -> Self {
        Self::start()
    }

    fn apply(mut tested: Self, model: &Model, transition: Step) -> Self {
        assert!(tested.agrees(&transition, model), "the ordinary implementation does what the reference does");
        tested
    }
}

/// proptest-state-machine; returns the steps taken.
pub(crate) fn state_machine(cases: u32) -> u64 {
    let before = STEPS.with(Cell::get);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let strategy = Model::sequential_strategy(CASE / 2);
    let run = TestRunner::new_with_rng(config.clone(), TestRunner::deterministic().new_rng()).run(
        &strategy,
        |(state, transitions, seen)| {
            Tested::test_sequential(config.clone(), state, transitions, seen);
            Ok(())
        },
    );
    assert!(run.is_ok(), "{run:?}");
    STEPS.with(Cell::get) - before
}

/// A step as quickcheck draws and shrinks it.
#[derive(Clone, Debug)]
struct Drawn(u32, u8);

impl Arbitrary for Drawn {
    fn arbitrary(g: &mut Gen) -> Self {
        Self(u32::arbitrary(g) % ACTS, u8::arbitrary(g).max(1))
    }
}

/// quickcheck with a vector of steps, those skipped that make no sense; returns the steps taken.
pub(crate) fn quick(cases: u64) -> u64 {
    fn agree(drawn: Vec<Drawn>) -> bool {
        let (mut model, mut tested) = (Model::start(), Tested::start());
        drawn.into_iter().all(|Drawn(number, token)| {
            let step = step(act(number), token);
            !model.possible(&step) || (model.step(&step) && tested.agrees(&step, &model))
        })
    }
    let before = STEPS.with(Cell::get);
    // Lengths are drawn up to the size, so that the mean is that of the other rows.
    let mut check = QuickCheck::new().tests(cases).max_tests(cases).rng(Gen::from_size_and_seed(2 * CASE, 7));
    let passed = check.quicktest(agree as fn(Vec<Drawn>) -> bool);
    assert!(passed.is_ok(), "the ordinary implementation does what the reference does");
    STEPS.with(Cell::get) - before
}

/// stateright over the reference: the same steps, with one title for each way to write one.
#[derive(Clone, Debug)]
struct IdiomaticSearch;

impl stateright::Model for IdiomaticSearch {
    type State = Model;
    type Action = u32;

    fn init_states(&self) -> Vec<Model> {
        vec![Model::start()]
    }

    fn actions(&self, _: &Model, actions: &mut Vec<u32>) {
        actions.extend(0..ACTS);
    }

    fn next_state(&self, state: &Model, action: u32) -> Option<Model> {
        let act = act(action);
        let token = match act {
            Act::Edit { at, .. } => 1 + at,
            Act::EditCrm { .. } => 3,
            Act::Delete { .. }
            | Act::DeleteCrm { .. }
            | Act::Track { .. }
            | Act::Untrack { .. }
            | Act::Disconnect { .. }
            | Act::Connect { .. }
            | Act::Synchronize
            | Act::Wait => 0,
        };
        let mut next = state.clone();
        next.step(&step(act, token)).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("a record is never waited for", |_, state: &Model| {
            state.items.iter().all(|item| item.record.presence != Presence::Tombstone)
        })]
    }

    fn within_boundary(&self, state: &Model) -> bool {
        state.context.now <= 3 * HOUR
    }
}

/// stateright over the packed states of an exploration, with the same steps: it keeps what `explore` keeps, and makes of it
/// what `explore` makes of it.
#[derive(Clone, Debug)]
struct PackedSearch {
    packer: Packer,
    letters: Vec<Letter>,
}

impl stateright::Model for PackedSearch {
    type State = Vec<u8>;
    type Action = u16;

    fn init_states(&self) -> Vec<Vec<u8>> {
        let mut bytes = Vec::new();
        let start = self.packer.start();
        self.packer.pack(&start.context, &start.items, &mut bytes);
        vec![bytes]
    }

    fn actions(&self, _: &Vec<u8>, actions: &mut Vec<u16>) {
        actions.extend(0..self.letters.len() as u16);
    }

    fn next_state(&self, state: &Vec<u8>, action: u16) -> Option<Vec<u8>> {
        let mut world = self.packer.start().clone();
        self.packer.unpack(state, &mut world);
        let step = concrete(&self.letters[usize::from(action)], &world, self.packer.instants());
        let mut next = Model { context: world.context, items: world.items };
        let done = next.step(&step);
        done.then(|| {
            let mut bytes = Vec::with_capacity(state.len() + 8);
            self.packer.pack(&next.context, &next.items, &mut bytes);
            bytes
        })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("a state says something", |_, state: &Vec<u8>| !state.is_empty())]
    }
}

/// How stateright searches, and over what.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Search {
    /// Breadth first over the reference as it is.
    Idiomatic,
    /// Breadth first over packed states.
    Breadth,
    /// Depth first over packed states.
    Depth,
}

/// stateright, up to so many generated states; returns how many were generated.
pub(crate) fn search(search: Search, groups: Groups, states: usize) -> u64 {
    let setup = crate::population::setup();
    let packed = || {
        let model =
            PackedSearch { packer: Packer::new(&setup, instants(&setup), false), letters: alphabet(&setup, groups) };
        model.checker().target_state_count(states)
    };
    let generated = match search {
        Search::Idiomatic => IdiomaticSearch.checker().target_state_count(states).spawn_bfs().join().state_count(),
        Search::Breadth => packed().spawn_bfs().join().state_count(),
        Search::Depth => packed().spawn_dfs().join().state_count(),
    };
    generated as u64
}
