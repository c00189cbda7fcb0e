//! A plan: a starting world and the steps to take in it. It is data; running it is somebody else's business.
//!
//! Kinds, operations and their parts are declared once, in [`kind`], [`operations`] and [`parts`], and everything else goes
//! over their rows.

mod about;
pub mod kind;
mod names;
pub mod operations;
pub mod parts;
mod rights;
mod setup;

pub use about::{Acts, Effect, Fixed, Ground, Reach, Tried};
pub use kind::{Family, Kind, KindSet};
pub use names::Names;
pub use operations::{DRAWS, Draw, Op, Operation, Verb};
pub use parts::{Change, Crash, Deletion, Part, PartKind, PartRow, PartValues, Place, Side, Source, Stage};
pub use rights::{Right, Rights};
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
