//! What an operation can say: its parts, by their kinds.
//!
//! Each kind of part is a row of `parts!`. Whoever makes operations is a [`Source`] of parts; [`PartValues`] is the one that
//! gives every part each of some values in turn.

use crate::ids::{ComputerId, ItemId, ItemSet, UserId};
use crate::time::Seconds;

use super::Kind;

/// Where somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In a browser: Outlook on the web, or the CRM web client.
    Web,
    /// At a computer.
    Computer(ComputerId),
}

/// The store somebody acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The mailbox of a user; of another than the one who acts, as a delegate.
    Outlook(UserId),
    /// The CRM.
    Crm,
}

/// What an edit changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// The title, to a token that no other edit of the plan writes (0 is what an item starts with).
    Title(u8),
    /// When it takes place or is due: an index into [`super::Setup::schedules`].
    When(u8),
}

/// How something is deleted. Outlook knows three ways to delete an item. The documents speak of deleting and do not tell
/// them apart, so that each of them has the outcome of the row; an engine may tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deletion {
    /// The whole item, for good.
    Hard,
    /// The whole item, into Deleted Items; in Outlook only.
    Soft,
    /// The whole item, by moving it to a folder that is not synchronized; in Outlook only.
    Moved,
    /// One occurrence of a series.
    Occurrence(u8),
}

impl Deletion {
    /// The ways to delete a whole item in Outlook.
    pub const WHOLE: [Self; 3] = [Self::Hard, Self::Soft, Self::Moved];

    /// The occurrence that is deleted, where it is not the whole item.
    #[inline]
    pub fn occurrence(self) -> Option<u8> {
        match self {
            Self::Occurrence(n) => Some(n),
            Self::Hard | Self::Soft | Self::Moved => None,
        }
    }

    /// Whether CRM can delete so: it knows of no Deleted Items, and of no folders.
    #[inline]
    pub fn suits_crm(self) -> bool {
        match self {
            Self::Hard | Self::Occurrence(_) => true,
            Self::Soft | Self::Moved => false,
        }
    }

    /// The word of scenarios and of the adapter protocol; an occurrence has none.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Hard => Some("hard"),
            Self::Soft => Some("soft"),
            Self::Moved => Some("move"),
            Self::Occurrence(_) => None,
        }
    }

    /// The way of that name to delete a whole item.
    pub fn named(name: &str) -> Option<Self> {
        Self::WHOLE.into_iter().find(|how| how.name() == Some(name))
    }
}

/// A point inside a synchronization at which the computer crashes. Items are handled in order of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Crash {
    /// The item at which it happens: those before it are done, those after it untouched.
    pub at: ItemId,
    /// How far that item came.
    pub stage: Stage,
}

/// How far the synchronization of one item came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stage {
    /// All of it is done.
    Done,
    /// Nothing has been sent.
    BeforeUpload,
    /// The server has carried the change out; its acknowledgement has not arrived.
    BeforeAcknowledgement,
    /// The acknowledgement has arrived; the waiting change has not been erased locally.
    BeforeErase,
}

impl Stage {
    /// Every stage, in the order in which [`crate::readings::decide::Decide::pick`] numbers them.
    pub const ALL: [Self; 4] = [Self::Done, Self::BeforeUpload, Self::BeforeAcknowledgement, Self::BeforeErase];

    /// The word of scenarios and of the adapter protocol.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::BeforeUpload => "before-upload",
            Self::BeforeAcknowledgement => "before-acknowledgement",
            Self::BeforeErase => "before-erase",
        }
    }

    /// The stage of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// A part of an operation, as its row declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartRow {
    /// The name of the field of [`Op`](super::Op).
    pub name: &'static str,
    /// Of what kind it is.
    pub kind: PartKind,
    /// What it is, where its kind does not say all.
    pub doc: &'static str,
}

/// Lists the kinds of parts.
macro_rules! parts {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:ident: $type:ty;)+) => {
        /// A kind of part that an operation can have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum PartKind { $($(#[doc = $doc])+ $variant),+ }

        /// A part of an operation, told to whoever wants to know.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Part { $($(#[doc = $doc])+ $variant($type)),+ }

        /// Gives the parts of an operation, in the order of its row: what [`Verb::make`](super::Verb::make) asks.
        pub trait Source {
            /// Why a part could not be given.
            type Error;
            $(
                $(#[doc = $doc])+
                ///
                /// # Errors
                /// Where there is no such part.
                fn $name(&mut self, part: &'static PartRow) -> Result<$type, Self::Error>;
            )+
        }

        /// Values for each kind of part, to make every operation of: see [`super::Verb::each_of`].
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct PartValues { $($(#[doc = $doc])+ pub $name: Vec<$type>),+ }

        impl Source for Odometer<'_> {
            type Error = NoValue;
            $(
                #[inline]
                fn $name(&mut self, _: &'static PartRow) -> Result<$type, NoValue> {
                    self.turn(self.values.$name.len()).map(|at| self.values.$name[at])
                }
            )+
        }

        /// From a value to a part, by the kind's name.
        pub(super) mod wrap {
            use super::*;
            $(#[inline(always)] pub(in crate::plan) fn $name(value: $type) -> Part { Part::$variant(value) })+
        }

        /// From a part to a value, by the kind's name; another kind of part leaves the old value.
        pub(super) mod unwrap {
            use super::*;
            $(
                #[inline(always)]
                pub(in crate::plan) fn $name(part: Part, old: $type) -> $type {
                    if let Part::$variant(value) = part { value } else { old }
                }
            )+
        }

        /// From the name of a kind to the kind.
        #[expect(non_upper_case_globals, reason = "the kinds of parts are written in lower case in the rows")]
        pub(super) mod kind {
            use super::PartKind;
            $(pub(in crate::plan) const $name: PartKind = PartKind::$variant;)+
        }
    };
}

parts! {
    /// The item that is acted on.
    Item item: ItemId;
    /// The items that are acted on.
    Items items: ItemSet;
    /// The store that is acted on.
    Side side: Side;
    /// The mailbox that is acted on.
    Mailbox mailbox: UserId;
    /// Another item, or a record, that the operation speaks of.
    Other other: ItemId;
    /// A user that the operation speaks of.
    User user: UserId;
    /// What an edit changes.
    Change change: Change;
    /// How it is deleted.
    How how: Deletion;
    /// What the record is to be; nothing where that is plain.
    Record record: Option<Kind>;
    /// The answer, should the user be asked: Yes or No.
    Answer answer: bool;
    /// Where inside the synchronization the computer crashes, if it does.
    Crash crash: Option<Crash>;
    /// How long it takes.
    Seconds seconds: Seconds;
}

/// There is no value for a part, so that there is no operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoValue;

/// Gives the parts of an operation each of the values in turn, those of the last part fastest.
#[derive(Debug)]
pub(super) struct Odometer<'v> {
    values: &'v PartValues,
    /// Which value each part was given last, and of how many.
    wheels: Vec<(usize, usize)>,
    at: usize,
}

impl<'v> Odometer<'v> {
    pub(super) fn new(values: &'v PartValues) -> Self {
        Self { values, wheels: Vec::new(), at: 0 }
    }

    fn turn(&mut self, of: usize) -> Result<usize, NoValue> {
        if self.at == self.wheels.len() {
            if of == 0 {
                return Err(NoValue);
            }
            self.wheels.push((0, of));
        }
        self.at += 1;
        Ok(self.wheels[self.at - 1].0)
    }

    /// Goes on to the next values; false after the last.
    pub(super) fn advance(&mut self) -> bool {
        self.at = 0;
        while let Some((at, of)) = self.wheels.pop() {
            if at + 1 < of {
                self.wheels.push((at + 1, of));
                return true;
            }
        }
        false
    }
}
