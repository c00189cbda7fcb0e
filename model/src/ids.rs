//! Ids: small indices into the setup of a plan. Names exist at the edges only ([`crate::plan::Names`]).

use serde::{Deserialize, Serialize};

/// The most users a plan can hold.
pub const MAX_USERS: usize = 4;
/// The most computers a plan can hold, over all users.
pub const MAX_COMPUTERS: usize = 12;
/// The most cached mailboxes a plan can hold: one a computer, and one more for each mailbox its user may open as a delegate.
pub const MAX_SLOTS: usize = 16;
/// The most items a plan can hold: one more than the batch limit of twenty, and room to stand beside it.
pub const MAX_ITEMS: usize = 32;
/// The most bystanders of a plan: items that no step speaks of, so that they need no id.
pub const MAX_BYSTANDERS: u16 = 2000;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u8);

        impl $name {
            /// The id as an index.
            #[inline(always)]
            pub fn index(self) -> usize {
                usize::from(self.0)
            }
        }
    };
}

id!(
    /// A person with a mailbox and a CRM user.
    UserId
);
id!(
    /// A computer that runs Outlook with the CRM client.
    ComputerId
);
id!(
    /// One logical item: a CRM record, the copies of it in mailboxes, or both.
    ItemId
);
id!(
    /// One cached mailbox on one computer: the user's own, or a principal's that the user opens as a delegate.
    SlotId
);

macro_rules! set {
    ($(#[$doc:meta])* $name:ident, $of:ident, $bits:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $bits);

        impl $name {
            /// The set of nothing.
            pub const EMPTY: Self = Self(0);

            /// The set of one.
            #[inline(always)]
            pub fn of(id: $of) -> Self {
                Self(1 << id.0)
            }

            /// Whether the id is in the set.
            #[inline(always)]
            pub fn contains(self, id: $of) -> bool {
                self.0 >> id.0 & 1 != 0
            }

            /// The set with the id.
            #[inline(always)]
            #[must_use]
            pub fn with(self, id: $of) -> Self {
                Self(self.0 | 1 << id.0)
            }

            /// The set without the id.
            #[inline(always)]
            #[must_use]
            pub fn without(self, id: $of) -> Self {
                Self(self.0 & !(1 << id.0))
            }

            /// How many ids are in the set.
            #[inline(always)]
            pub fn len(self) -> usize {
                self.0.count_ones() as usize
            }

            /// Whether more than one is in the set.
            #[inline(always)]
            pub fn is_several(self) -> bool {
                self.0 & self.0.wrapping_sub(1) != 0
            }

            /// Whether nothing is in the set.
            #[inline(always)]
            pub fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// The ids, in ascending order.
            #[inline(always)]
            pub fn iter(self) -> impl Iterator<Item = $of> {
                let mut rest = self.0;
                std::iter::from_fn(move || {
                    if rest == 0 {
                        return None;
                    }
                    let id = $of(rest.trailing_zeros() as u8);
                    rest &= rest - 1;
                    Some(id)
                })
            }
        }

        impl FromIterator<$of> for $name {
            fn from_iter<I: IntoIterator<Item = $of>>(ids: I) -> Self {
                ids.into_iter().fold(Self::EMPTY, Self::with)
            }
        }
    };
}

set!(
    /// A set of users.
    UserSet, UserId, u8
);
set!(
    /// A set of items.
    ItemSet, ItemId, u32
);
set!(
    /// A set of cached mailboxes.
    SlotSet, SlotId, u16
);
set!(
    /// A set of computers.
    ComputerSet, ComputerId, u16
);
