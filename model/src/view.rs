//! What can be seen of a world: one [`Word`] for each item in each place, in a flat list.
//!
//! An implementation fills a [`View`]; the oracle predicts one; comparing the two is comparing words.

use crate::fields::BITS;
use crate::ids::{ItemId, SlotId, UserId, UserSet};
use crate::plan::{Kind, Setup, Status};

/// Above the fields stand three bits, and this one.
const TOUCHED_AT: u32 = BITS + 3;
const _: () = assert!(TOUCHED_AT < u64::BITS, "more fields than a word holds");

pub use crate::fields::{Crossing, Field, FieldRow, Shape, Sides, Word};

impl Word {
    /// Which record of the item it is, where one was deleted and another made: nobody sees it, and each knows the record
    /// that it was linked to.
    const GENERATION: u64 = 0b111 << BITS;
    /// Whether the copy was edited and says again what it said before. Nobody sees it either.
    const TOUCHED: u64 = 1 << TOUCHED_AT;

    /// Whether both are of one record.
    #[inline(always)]
    pub(crate) const fn is_of(self, other: Self) -> bool {
        (self.0 ^ other.0) & Self::GENERATION == 0
    }

    /// The word as one of the same record as another word.
    #[inline(always)]
    pub(crate) const fn of(self, other: Self) -> Self {
        Self(self.0 & !(Self::GENERATION | Self::TOUCHED) | other.0 & Self::GENERATION)
    }

    /// The word as one of the record after that of another word.
    pub(crate) const fn of_next(self, other: Self) -> Self {
        let next = other.0.wrapping_add(1 << BITS) & Self::GENERATION;
        Self(self.0 & !(Self::GENERATION | Self::TOUCHED) | next)
    }

    /// Whether it was edited to what it was.
    #[inline(always)]
    pub(crate) const fn is_touched(self) -> bool {
        self.0 & Self::TOUCHED != 0
    }

    /// This word, marked as edited back to what it was, or not.
    #[inline(always)]
    pub(crate) const fn touched(self, touched: bool) -> Self {
        Self(self.0 & !Self::TOUCHED | (touched as u64) << TOUCHED_AT)
    }

    /// The bits among those of the mask in which what is seen differs from this word, which is expected. Of an occurrence
    /// that is gone nobody can say whether it was moved.
    #[inline(always)]
    pub const fn apart(self, seen: Self, mask: u64) -> u64 {
        (self.0 ^ seen.0) & mask & self.meaning()
    }

    /// The bits that mean something: whether an occurrence was moved does only while it is there.
    #[inline(always)]
    pub const fn meaning(self) -> u64 {
        const APART: u32 = Field::Exceptions.offset() - Field::Occurrences.offset();
        !(Field::Exceptions.mask() & !((self.0 & Field::Occurrences.mask()) << APART))
    }

    /// Whether something is there.
    #[inline(always)]
    pub const fn is_present(self) -> bool {
        self.0 & Field::Count.mask() != 0
    }

    /// Whether the copy is tracked.
    #[inline(always)]
    pub const fn is_tracked(self) -> bool {
        self.tracked_bits() != 0
    }

    /// Open, completed or cancelled.
    #[inline(always)]
    pub const fn status(self) -> Status {
        match self.status_bits() {
            0 => Status::Open,
            1 => Status::Completed,
            _ => Status::Cancelled,
        }
    }

    /// The word with this status.
    #[inline(always)]
    #[must_use]
    pub const fn with_status(self, status: Status) -> Self {
        self.with_status_bits(status as u8)
    }

    /// The owner.
    #[inline(always)]
    pub const fn owner(self) -> Option<UserId> {
        user(self.owner_bits())
    }

    /// The organizer, if one of the users is.
    #[inline(always)]
    pub const fn organizer(self) -> Option<UserId> {
        user(self.organizer_bits())
    }

    /// The word with this owner.
    #[inline(always)]
    #[must_use]
    pub const fn with_owner(self, owner: UserId) -> Self {
        self.with_owner_bits(owner.0 + 1)
    }

    /// The word with this organizer.
    #[inline(always)]
    #[must_use]
    pub const fn with_organizer(self, organizer: Option<UserId>) -> Self {
        self.with_organizer_bits(match organizer {
            Some(user) => user.0 + 1,
            None => 0,
        })
    }

    /// The word with the record it is regarding.
    #[must_use]
    pub const fn with_regarding(self, other: Option<ItemId>) -> Self {
        self.with_regarding_bits(reference(other))
    }

    /// The word with the account or contact it belongs to.
    #[must_use]
    pub const fn with_parent(self, other: Option<ItemId>) -> Self {
        self.with_parent_bits(reference(other))
    }

    /// The required attendees.
    pub const fn required(self) -> UserSet {
        UserSet(self.required_bits())
    }

    /// The word with these required attendees.
    #[must_use]
    pub const fn with_required(self, users: UserSet) -> Self {
        self.with_required_bits(users.0)
    }

    /// The optional attendees.
    pub const fn optional(self) -> UserSet {
        UserSet(self.optional_bits())
    }

    /// The word with these optional attendees.
    #[must_use]
    pub const fn with_optional(self, users: UserSet) -> Self {
        self.with_optional_bits(users.0)
    }

    /// The record it is regarding.
    pub const fn regarding(self) -> Option<ItemId> {
        item(self.regarding_bits())
    }

    /// The account or contact it belongs to.
    pub const fn parent(self) -> Option<ItemId> {
        item(self.parent_bits())
    }

    /// What the record is.
    #[inline(always)]
    pub fn record(self) -> Kind {
        Kind::ALL[usize::from(self.record_bits()).min(Kind::ALL.len() - 1)]
    }

    /// The word for a record of this kind.
    #[inline(always)]
    #[must_use]
    pub const fn with_record(self, record: Kind) -> Self {
        self.with_record_bits(record as u8)
    }

    /// The fields in which the two differ, among those of the mask.
    pub fn differing(self, other: Self, mask: u64) -> impl Iterator<Item = Field> {
        let differing = (self.0 ^ other.0) & mask;
        Field::ALL.iter().copied().filter(move |field| differing & field.mask() != 0)
    }
}

impl Field {
    /// The user that it says, of those shapes that say one.
    pub const fn user(self, word: Word) -> Option<UserId> {
        user(self.of(word))
    }

    /// The item that it says, of those shapes that say one.
    pub const fn item(self, word: Word) -> Option<ItemId> {
        item(self.of(word))
    }
}

#[inline(always)]
const fn user(bits: u8) -> Option<UserId> {
    if bits == 0 { None } else { Some(UserId(bits - 1)) }
}

const fn reference(other: Option<ItemId>) -> u8 {
    match other {
        Some(item) => item.0 + 1,
        None => 0,
    }
}

#[inline(always)]
const fn item(bits: u8) -> Option<ItemId> {
    if bits == 0 { None } else { Some(ItemId(bits - 1)) }
}

/// One place in which an item can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// The CRM server.
    Crm,
    /// A user's mailbox on the Exchange server.
    Mailbox(UserId),
    /// A mailbox as a computer shows it: the same as the server's while connected, the cached one otherwise.
    Cache(SlotId),
}

impl Location {
    /// Whether it is what a computer shows, and no store.
    pub const fn is_cache(self) -> bool {
        match self {
            Self::Cache(_) => true,
            Self::Crm | Self::Mailbox(_) => false,
        }
    }
}

/// Everything that can be seen: a word for each item in each place.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct View {
    words: Vec<Word>,
    users: usize,
    stride: usize,
}

impl Clone for View {
    fn clone(&self) -> Self {
        Self { words: self.words.clone(), ..*self }
    }

    /// Keeps the memory: a view is copied at every step.
    #[inline]
    fn clone_from(&mut self, other: &Self) {
        (self.users, self.stride) = (other.users, other.stride);
        if self.words.len() == other.words.len() {
            self.words.copy_from_slice(&other.words);
        } else {
            self.words.clone_from(&other.words);
        }
    }
}

impl View {
    /// An empty view of the right shape for a setup.
    pub fn new(setup: &Setup) -> Self {
        let (users, slots) = (setup.users.len(), setup.slots().len());
        let stride = 1 + users + slots;
        Self { words: vec![Word::ABSENT; stride * setup.items.len()], users, stride }
    }

    /// Makes this view an empty one of the right shape, keeping its memory.
    pub fn reset(&mut self, users: usize, slots: usize, items: usize) {
        self.users = users;
        self.stride = 1 + users + slots;
        self.words.clear();
        self.words.resize(self.stride * items, Word::ABSENT);
    }

    /// What is seen of an item in a place.
    #[inline(always)]
    pub fn get(&self, item: ItemId, location: Location) -> Word {
        self.words[self.at(item, location)]
    }

    /// Says what is seen of an item in a place.
    #[inline(always)]
    pub fn set(&mut self, item: ItemId, location: Location, word: Word) {
        let at = self.at(item, location);
        self.words[at] = word;
    }

    /// Everything seen of an item: CRM, then the mailboxes, then the caches.
    #[inline(always)]
    pub fn item(&self, item: ItemId) -> &[Word] {
        &self.words[item.index() * self.stride..][..self.stride]
    }

    /// The words of an item at every location, to be written.
    #[inline(always)]
    pub fn item_mut(&mut self, item: ItemId) -> &mut [Word] {
        &mut self.words[item.index() * self.stride..][..self.stride]
    }

    /// The place that the `n`-th word of an item stands for.
    pub fn location(&self, n: usize) -> Location {
        match n {
            0 => Location::Crm,
            n if n <= self.users => Location::Mailbox(UserId((n - 1) as u8)),
            n => Location::Cache(SlotId((n - 1 - self.users) as u8)),
        }
    }

    /// All words, item after item.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    #[inline(always)]
    fn at(&self, item: ItemId, location: Location) -> usize {
        let within = match location {
            Location::Crm => 0,
            Location::Mailbox(user) => 1 + user.index(),
            Location::Cache(slot) => 1 + self.users + slot.index(),
        };
        item.index() * self.stride + within
    }
}
