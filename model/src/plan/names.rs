//! What things are called.

use crate::ids::{ComputerId, ItemId, UserId};

use super::Setup;

/// What things are called. Only the edges (scenarios, reports, adapters) look at names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The users, by id.
    pub users: Vec<String>,
    /// The computers, by id.
    pub computers: Vec<String>,
    /// The items, by id.
    pub items: Vec<String>,
}

impl Names {
    /// Names for a setup that has none: `user-1`, `computer-1`, `contact-1`, …
    pub fn invented(setup: &Setup) -> Self {
        let number = |word: &str, count: usize| (1..=count).map(|n| format!("{word}-{n}")).collect();
        Self {
            users: number("user", setup.users.len()),
            computers: number("computer", setup.computers.len()),
            items: setup
                .items
                .iter()
                .zip(1..)
                .map(|(item, n): (_, usize)| format!("{}-{n}", item.kind.name()))
                .collect(),
        }
    }

    /// The name of a user.
    pub fn user(&self, id: UserId) -> &str {
        &self.users[id.index()]
    }

    /// The name of a computer.
    pub fn computer(&self, id: ComputerId) -> &str {
        &self.computers[id.index()]
    }

    /// The name of an item.
    pub fn item(&self, id: ItemId) -> &str {
        &self.items[id.index()]
    }
}
