//! What one side of an item has that has not reached the other.

use crate::ids::ItemId;
use crate::view::{Field, Word};
use crate::world::{Action, Held, Item, Link, Presence, Scene};

/// A change that had not reached the other side when a computer crashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unsent {
    pub(crate) item: ItemId,
    /// How the other side stood.
    pub(crate) before: Word,
    /// How it stands once it has the change.
    pub(crate) after: Word,
}

/// What one side of an item has that has not reached the other.
pub(super) fn unsent(scene: &Scene, held: Held, id: ItemId, item: &Item) -> Vec<Unsent> {
    let mut changes = Vec::new();
    let mut add = |before: Word, after: Word| {
        const CHANGED: u64 = Word::SYNCHRONIZED | Field::Occurrences.mask();
        if before.count() != after.count() || (before.0 ^ after.0) & CHANGED != 0 {
            changes.push(Unsent { item: id, before, after });
        }
    };
    for pair in &item.pairs {
        let base = pair.base.with_count(1).with_tracked_bits(1);
        match (pair.presence, pair.link) {
            (Presence::Tombstone | Presence::Moved, _) | (_, Link::Untracking) => add(base, Word::ABSENT),
            (Presence::Present, Link::Pending) => add(Word::ABSENT, pair.word.with_count(1).with_tracked_bits(1)),
            (Presence::Present, Link::Linked) => add(base, pair.word.with_count(1).with_tracked_bits(1)),
            (Presence::Never | Presence::Gone, _) | (Presence::Present, Link::None) => {}
        }
    }
    for slot in held.slots.iter() {
        let (computer, mailbox) = scene.slots[slot.index()];
        let cached = &item.slots[slot.index()];
        let waiting = &cached.queue[..usize::from(cached.waiting)];
        if waiting.iter().any(|action| matches!(action, Action::InCrm(_))) {
            add(item.record.seen(), item.local[computer.index()].seen());
        }
        if waiting.iter().any(|action| !matches!(action, Action::InCrm(_))) {
            add(item.pairs[mailbox.index()].seen(), cached.pair.seen());
        }
    }
    changes
}
