//! What surrounds a user besides the stores: personal options, filters and rules for duplicates.
//!
//! No operation of a plan reads them yet: until one does they stand at what the documents call the default, and a plan
//! pays nothing for them. They have their place in the world so that a plan which needs them changes no type.

use crate::plan::Kind;
use crate::time::Seconds;

/// What a user has set ("Set personal options that affect tracking and synchronization").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which of the user's filters are active.
    pub filters: Filters,
    /// How often the client synchronizes by itself, in seconds; never, if `None`: plans synchronize by a step of theirs.
    pub every: Option<Seconds>,
    /// Which incoming messages are tracked without the user.
    pub track: Incoming,
    /// Whether tracking a message creates a contact for an unknown sender.
    pub creates_contacts: bool,
    /// Whether the name of the parent account overwrites a contact's company in Outlook.
    pub company_from_parent: bool,
    /// The rules for duplicates that are checked when a computer comes back online.
    pub duplicates: Duplicates,
}

impl Options {
    /// What a user has who has set nothing.
    pub const DEFAULT: Self = Self {
        filters: Filters::ALL,
        every: None,
        track: Incoming::Nothing,
        creates_contacts: false,
        company_from_parent: false,
        duplicates: Duplicates::NONE,
    };
}

/// Which incoming messages are tracked without the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// None.
    Nothing,
    /// Answers to tracked messages.
    Answers,
    /// Messages from contacts, leads and accounts.
    FromRecords,
    /// All.
    All,
}

/// The kinds of records that a filter of the user brings to Outlook. Filters of one kind add up, and without an active one
/// nothing of the kind comes ("Tracking Records in Outlook").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filters(u16);

impl Filters {
    /// A default filter for every kind.
    pub const ALL: Self = Self(u16::MAX);

    /// Whether a filter for that kind is active.
    pub fn contains(self, kind: Kind) -> bool {
        self.0 >> kind as u8 & 1 != 0
    }

    /// The same without the filters for a kind.
    #[must_use]
    pub fn without(self, kind: Kind) -> Self {
        Self(self.0 & !(1 << kind as u8))
    }
}

/// The rules by which the organization tells duplicates, and whether the user wants them checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicates {
    /// Whether they are checked when a computer comes back online.
    pub on_return: bool,
    /// How many rules are published for contacts, and how many for leads: at most five each.
    pub rules: [u8; 2],
}

impl Duplicates {
    /// No rules.
    pub const NONE: Self = Self { on_return: false, rules: [0; 2] };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_of_one_kind() {
        for kind in Kind::ALL {
            let filters = Filters::ALL.without(kind);
            for other in Kind::ALL {
                assert_eq!(filters.contains(other), other != kind, "{} without {}", other.name(), kind.name());
            }
        }
    }
}
