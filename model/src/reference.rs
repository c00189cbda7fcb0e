//! The reference: how a world changes, step by step. This is the executable specification.
//!
//! Every transition of an item is a function of that item and of what is known for certain, written once against
//! [`Decide`]: with [`Closed`] it is the deterministic reference, with [`crate::readings::decide::Fork`]
//! the oracle's successors.
//!
//! What a step does:
//! - Whoever acts at a connected computer, or in a browser, changes the store itself. At a computer that is not
//!   connected the change is seen there at once and waits in its queue ("Tracking Records in Outlook").
//! - Nothing crosses between mailbox and CRM until the mailbox is synchronized, by its user's synchronizing computer or
//!   by the server; only a newly tracked item may get its record at once.
//! - What a delegate tracked waits until the principal connects.
//! - A synchronization first sends what changed in Outlook, then fetches what changed in CRM. It overwrites without
//!   looking at dates. What each deletion does on the other side is for the [table](crate::rules) to say.

pub mod judgement;
mod meaning;
mod route;
mod outlook;
mod crm;
mod connect;
mod crossing;
mod send;
mod sending;
mod fetch;
mod linked;
mod permit;
mod rights;
mod synchronize;

use std::sync::Arc;

use crate::contract::implementation::{Answer, Capabilities, Description, Implementation, ImplementationFailure};
use crate::ids::{ItemId, ItemSet};
use crate::plan::{Op, Plan, Setup, Step};
use crate::readings::decide::{Closed, Decide};
use crate::readings::switches::Readings;
use crate::rules::{FollowedRows, RuleId, Rules};
use crate::view::View;
use crate::world::{Context, Item, Scene, World};

pub use connect::sweep;
pub use outlook::apply;
pub use permit::permitting;
pub use route::{Route, advance, asked_option, offered, permitted, route};
pub use synchronize::{is_quiet, leaves_alone, synchronize_hidden};

/// The most items of one selection.
pub const BATCH_LIMIT: usize = 20;

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// It was done.
    Done {
        /// Whether the user was asked whether to delete the record too.
        prompted: bool,
    },
    /// The documents say that it is refused, by this row; nothing changed.
    Refused(RuleId),
    /// It makes no sense here (what it is applied to is not there). The harness skips such steps.
    Impossible,
}

impl StepOutcome {
    /// Done, without a prompt.
    pub const DONE: Self = Self::Done { prompted: false };
}

impl From<StepOutcome> for Answer {
    /// What makes no sense is refused.
    fn from(outcome: StepOutcome) -> Self {
        match outcome {
            StepOutcome::Done { prompted } => Self::Done { prompted },
            StepOutcome::Refused(_) | StepOutcome::Impossible => Self::Refused,
        }
    }
}

/// Everything that a transition of one item looks at besides the item.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// What never changes.
    pub scene: &'a Scene,
    /// What is known for certain, before the step.
    pub context: &'a Context,
    /// What the documents say.
    pub rules: &'a Rules,
}

/// The row of the deletion table that a transition followed last, if any, in which situation, and what it followed of the
/// other tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cited {
    /// The row.
    pub rule: Option<RuleId>,
    /// The number of the situation.
    pub situation: u8,
    /// The rows of the other tables, as far as whoever decides remembers them.
    pub followed: FollowedRows,
}

/// The deterministic reference: the specification with every switch closed, as an implementation.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The world.
    pub world: World,
    rules: Arc<Rules>,
    readings: Readings,
    description: Description,
}

impl Reference {
    /// A reference that follows these rules, under the closed form of the readings.
    pub fn new(name: &str, rules: Arc<Rules>, readings: Readings) -> Self {
        let description = Description {
            name: name.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: Capabilities::ALL,
        };
        let setup = Setup {
            zone: crate::time::Zone::utc(chrono::DateTime::default()),
            users: Vec::new(),
            computers: Vec::new(),
            items: Vec::new(),
            bystanders: 0,
            schedules: crate::time::Schedules::default(),
        };
        Self { world: World::new(&setup), rules, readings: readings.closed(), description }
    }

    /// From now on follows the closed form of these readings.
    pub fn read(&mut self, readings: Readings) {
        self.readings = readings.closed();
    }

    /// Takes a step. Nothing changes unless it is done.
    #[inline]
    pub fn step(&mut self, step: &Step) -> StepOutcome {
        self.step_by(step, &mut Closed(self.readings))
    }

    /// The readings that it follows.
    pub fn readings(&self) -> Readings {
        self.readings
    }

    /// Takes a step as somebody decides, who also hears which rows are followed.
    #[inline]
    pub fn step_by<D: Decide>(&mut self, step: &Step, decide: &mut D) -> StepOutcome {
        let World { scene, context, items } = &mut self.world;
        let frame = Frame { scene, context, rules: &self.rules };
        let route = match route(&frame, step) {
            Ok(route) => route,
            Err(outcome) => return outcome,
        };
        let outcome = match step.op.items() {
            Some(set) if !set.is_several() => match set.iter().next() {
                Some(id) => {
                    let mut cited = Cited::default();
                    apply(&frame, route, id, &mut items[id.index()], step, decide, &mut cited)
                }
                None => StepOutcome::DONE,
            },
            Some(set) => batch(&frame, route, items, set, step, decide),
            None => {
                for (item, id) in items.iter_mut().zip(0..) {
                    sweep(&frame, ItemId(id), item, step, decide, &mut Cited::default());
                }
                StepOutcome::DONE
            }
        };
        if let StepOutcome::Done { .. } = outcome {
            advance(scene, context, step);
        }
        outcome
    }
}

impl Implementation for Reference {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.world.reset(&plan.setup);
        Ok(())
    }

    fn apply(&mut self, step: &Step) -> Answer {
        let outcome = self.step(step);
        if let (StepOutcome::Done { .. }, Op::OpenOptions) = (outcome, step.op) {
            let World { scene, context, .. } = &self.world;
            let frame = Frame { scene, context, rules: &self.rules };
            return Answer::Offered(offered(&frame, step, &mut Closed(self.readings)));
        }
        outcome.into()
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        self.world.show(view);
        Ok(())
    }
}

/// A selection succeeds or fails as a whole.
fn batch<D: Decide>(
    frame: &Frame<'_>,
    route: Route,
    items: &mut [Item],
    set: ItemSet,
    step: &Step,
    decide: &mut D,
) -> StepOutcome {
    let mut changed = Vec::with_capacity(set.len());
    let mut all = false;
    for id in set.iter() {
        let mut item = items[id.index()];
        match apply(frame, route, id, &mut item, step, decide, &mut Cited::default()) {
            StepOutcome::Done { prompted } => all |= prompted,
            refused @ (StepOutcome::Refused(_) | StepOutcome::Impossible) => return refused,
        }
        changed.push((id, item));
    }
    for (id, item) in changed {
        items[id.index()] = item;
    }
    StepOutcome::Done { prompted: all }
}

/// When a condition is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JudgedAt {
    /// When the user acted.
    Event,
    /// When the synchronization carries it, or at the event: that is for the switch to say.
    Open,
}
