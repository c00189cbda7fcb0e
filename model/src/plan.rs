//! A plan: a starting world and the steps to take in it. It is data; running it is somebody else's business.
//!
//! Kinds and operations are declared once, in [`kind`] and [`operations`], and everything else goes over their rows.

pub mod kind;
mod names;
pub mod operations;
mod setup;

pub use kind::{Family, Kind};
pub use names::Names;
pub use operations::{
    Acts, Change, Crash, Deletion, Effect, Ground, Op, Part, PartKind, PartRow, Place, Reach, Side, Source, Stage, Verb,
};
pub use setup::{ComputerSetup, Connection, ItemSetup, Method, Setup, Status, Store, UserSetup};

use crate::ids::UserId;

/// One thing that somebody does, or that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Who acts.
    pub by: UserId,
    /// Where.
    pub at: Place,
    /// What.
    pub op: Op,
}

/// A starting world, the steps to take in it, and what things are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The starting world.
    pub setup: Setup,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What things are called.
    pub names: Names,
}
