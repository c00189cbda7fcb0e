//! Exhaustive exploration: every interleaving, of any length, of a small population.
//!
//! Breadth-first over canonical states, a fingerprint each in a flat table and a parent for each, so that the first plan
//! found to do something is a shortest one. What is abstracted, and why that loses nothing, stands where it is done: the
//! canonical form in `pack`, the instants and the steps in `alphabet`.

pub mod pack;
pub mod alphabet;
pub mod judged;
pub mod population;
mod space;
pub mod tour;

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tombstone_model::plan::Setup;
use tombstone_model::readings::switches::Readings;
use tombstone_model::rules::Rules;

use alphabet::{alphabet, instants};
use judged::PlacedOracle;
use pack::Packer;
use space::{BLOCKS, Fingerprints, FoundStates, Layer, ReachedBy, fingerprint};

pub use space::{BYTES_A_STATE, Bounds, End, Followed, Space, concrete};

/// Explores the worlds that a setup can become, on as many threads as the pool has; the space is the same on any number.
/// `tick` is told the number of states now and then.
pub fn explore(
    rules: &Rules,
    readings: Readings,
    setup: &Setup,
    bounds: Bounds,
    tick: &mut dyn FnMut(usize, u32),
) -> Space {
    search(rules, readings, None, setup, bounds, tick)
}

/// Explores the reference and an oracle that goes by this law together: every state of both. A step that the reference
/// refuses may teach the oracle something, and counts as a transition. Ends where the oracle wrongs the reference.
pub fn explore_judged(
    rules: &Rules,
    readings: Readings,
    law: Followed<'_>,
    setup: &Setup,
    bounds: Bounds,
    tick: &mut dyn FnMut(usize, u32),
) -> Space {
    search(rules, readings, Some(law), setup, bounds, tick)
}

fn search(
    rules: &Rules,
    readings: Readings,
    law: Option<Followed<'_>>,
    setup: &Setup,
    bounds: Bounds,
    tick: &mut dyn FnMut(usize, u32),
) -> Space {
    let packer = Packer::new(setup, instants(setup), bounds.symmetric);
    let letters = alphabet(setup, bounds.groups);
    let mut bytes = Vec::new();
    let renaming = packer.pack(&packer.start().context, &packer.start().items, &mut bytes);
    if let Some(law) = law {
        // Whatever the oracle starts with, the reference's own start is among it.
        PlacedOracle::new(law, readings.closed(), setup, &packer).write(packer.start(), &renaming, &mut bytes);
    }
    let mut space = Space {
        setup: setup.clone(),
        rules: rules.clone(),
        readings,
        letters,
        nodes: vec![ReachedBy { parent: 0, letter: 0 }],
        transitions: 0,
        depth: 0,
        end: End::Fixpoint,
        first: BTreeMap::new(),
        bytes: 0,
        largest: 0,
        wrong: None,
        packer,
    };
    let mut seen = Fingerprints::new();
    seen.insert(fingerprint(&bytes));
    let mut layer = Layer::default();
    layer.push(0, &bytes);
    if bounds.depth == Some(0) {
        space.end = End::Depth;
        return space;
    }
    while !layer.is_empty() {
        let known = space.nodes.len();
        // What nothing will be tried on need not be held.
        let last = bounds.depth == Some(space.depth + 1);
        let mut next = Layer::default();
        for from in (0..layer.blocks()).step_by(BLOCKS) {
            let blocks = (from..layer.blocks().min(from + BLOCKS)).into_par_iter();
            let expand = |block| {
                let mut found = FoundStates::default();
                let block = layer.block(block);
                match law {
                    None => found.expand((rules, readings), &space, bounds, &seen, block),
                    Some(law) => found.expand_judged((rules, readings), law, &space, bounds, &seen, block),
                }
                found
            };
            let found: Vec<FoundStates> = blocks.map(expand).collect();
            for found in found {
                space.enter(&found, &mut seen, (!last).then_some(&mut next));
                if space.wrong.is_some() {
                    space.end = End::Wrong;
                    return space;
                }
                let held =
                    seen.bytes() + space.nodes.capacity() * size_of::<ReachedBy>() + layer.bytes() + next.bytes();
                space.bytes = space.bytes.max(held);
                if held + seen.growth() > bounds.memory {
                    space.end = End::Memory;
                    return space;
                }
            }
            tick(space.nodes.len(), space.depth);
        }
        layer = next;
        if space.nodes.len() > known {
            space.depth += 1;
            if last {
                space.end = End::Depth;
            }
        }
    }
    space
}
