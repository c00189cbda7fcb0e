//! A meter: how much a program was asked to do. It is counted, not timed, so that two runs are alike.

use std::sync::{Arc, Mutex, PoisonError};

use tombstone_model::plan::Effect;

use super::protocol::{Call, WireOp};

/// How much a program was asked to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Worlds that were set up.
    pub resets: u64,
    /// Synchronizations that were asked for, one by one or until it comes to rest.
    pub synchronizations: u64,
}

/// Counts the work of every process that is started alike. Copies count together.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Work>>);

impl Meter {
    /// What was counted since this was last asked.
    pub fn take(&self) -> Work {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn count(&self, call: &Call) {
        let (resets, synchronizations) = match call {
            Call::Reset(_) => (1, 0),
            Call::Apply(apply) => {
                let cycles = apply.steps.iter().filter(|step| is_cycle(&step.op)).count();
                (0, cycles as u64)
            }
            Call::Settle(_) | Call::Crash(_) => (0, 1),
            Call::Initialize(_) | Call::Observe(_) | Call::LoseState(_) | Call::Strike(_) | Call::Shutdown(_) => (0, 0),
        };
        let mut work = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        work.resets += resets;
        work.synchronizations += synchronizations;
    }
}

fn is_cycle(op: &WireOp) -> bool {
    op.op.0.effect() == Effect::Synchronizes
}
