//! Whether a failing plan is as short as can be: every shorter plan in its world is tried, in the order of their lengths.
//!
//! Steps that are impossible are passed over by whoever runs a plan, so that a beginning whose last step is impossible
//! need not be continued: what follows was tried without that step. Nothing else is left out, for nobody knows what a
//! faulty implementation makes of a step that changes nothing to be seen.

use tombstone_model::contract::implementation::Implementation;
use tombstone_model::plan::{Change, Op, Plan, Step};
use tombstone_model::verdict::{DivergenceSignature, RunVerdict};
use tombstone_model::world::World;

use crate::explore::alphabet::{Groups, Letter, alphabet, instants, untried};
use crate::explore::concrete;
use crate::run::{Runner, Terms};

/// The executions that a proof may take in process: a fraction of a second. A world of one user and one item has some
/// fifteen possible steps at a time, so that this is enough for a plan of four or five.
pub const BUDGET: usize = 20_000;

/// What came of trying every shorter plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Minimal {
    /// None of them fails by the signature.
    Proved,
    /// This one does, and none that is shorter still.
    Shorter(Box<Plan>),
    /// There are more than could be tried.
    Open,
}

/// Tries every plan that is shorter than one that fails by a signature, by at most so many executions.
pub fn minimal(
    terms: Terms<'_>,
    plan: &Plan,
    signature: DivergenceSignature,
    implementation: &mut dyn Implementation,
    budget: usize,
) -> Minimal {
    if plan.steps.len() <= 1 {
        return Minimal::Proved;
    }
    let letters = letters(plan);
    let instants = instants(&plan.setup);
    let mut world = World::new(&plan.setup);
    let mut candidate = plan.clone();
    let mut runner = Runner::new(terms, plan, implementation);
    // A beginning, and how many steps were taken in it.
    let mut layer: Vec<(Vec<Step>, u64)> = vec![(Vec::new(), 0)];
    let mut left = budget;
    for length in 1..plan.steps.len() {
        let mut next = Vec::new();
        for (start, taken) in &layer {
            let passed = start.iter().map(|step| if let Op::Wait { seconds } = step.op { seconds } else { 0 }).sum();
            world.context.now = passed;
            for letter in &letters {
                let Some(rest) = left.checked_sub(1) else { return Minimal::Open };
                left = rest;
                candidate.steps.clone_from(start);
                candidate.steps.push(said(letter, &world, &instants, length));
                let run = runner.run(&candidate, implementation, None);
                match run.verdict {
                    RunVerdict::Diverges(found) if found.signature() == signature => {
                        return Minimal::Shorter(Box::new(candidate));
                    }
                    RunVerdict::Conforms | RunVerdict::Undecided(_) => {
                        if run.steps > *taken && length + 1 < plan.steps.len() {
                            next.push((candidate.steps.clone(), run.steps));
                        }
                    }
                    // The run ended there, so that whatever comes later makes no difference.
                    RunVerdict::Diverges(_) | RunVerdict::Unsupported(_) | RunVerdict::Broken(_) => {}
                }
            }
        }
        layer = next;
    }
    Minimal::Proved
}

/// A letter as a step: with a title that is new in the plan, and a wait to the next instant that matters.
fn said(letter: &Letter, world: &World, instants: &[i32], length: usize) -> Step {
    let mut step = concrete(letter, world, instants);
    if let Op::Edit { change: Change::Title(title), .. } = &mut step.op {
        *title = u8::try_from(length).unwrap_or(u8::MAX);
    }
    step
}

/// Every step over the world of a plan: those of an exploration, those that only scenarios and random plans take, and the
/// plan's own.
fn letters(plan: &Plan) -> Vec<Letter> {
    let mut letters = alphabet(&plan.setup, Groups::ALL);
    let own = plan.steps.iter().map(|step| {
        let mut step = *step;
        if let Op::Edit { change: Change::Title(title), .. } = &mut step.op {
            *title = 0;
        }
        step
    });
    let own: Vec<Step> = own.filter(|step| !matches!(step.op, Op::Wait { .. })).collect();
    for step in own.into_iter().chain(untried(&plan.setup)) {
        let letter = Letter { step };
        if !letters.contains(&letter) {
            letters.push(letter);
        }
    }
    letters
}
