//! What crosses between a mailbox and the CRM, word by word, and what a row's fate comes to.

use crate::ids::UserId;
use crate::readings::decide::Decide;
use crate::readings::switches::Values;
use crate::rules::{Collision, Fate, Filtered, LikenedItem, LinkEvent, LinkFate, Stands, TakenFor, Viewed};
use crate::view::{Field, Word};
use crate::world::{Presence, Record};

use super::Frame;

/// The reading of X-12 by which what is tracked, too, leaves the calendar of whoever is no required resource.
pub(super) const TRACKED_TOO: Values = Values::nth(3);

/// Whether it is no appointment, or one that the user is a required resource of, or has organized or owns: nobody means
/// that these lose it.
#[inline(always)]
pub(super) fn is_shown(word: Word, user: UserId) -> bool {
    !word.record().is_calendar()
        || word.required_bits() >> user.0 & 1 != 0
        || word.organizer() == Some(user)
        || word.owner() == Some(user)
}

/// Whether the user's default filter brings a record to the mailbox, or leaves it there where it is tracked.
#[inline]
pub(super) fn in_filter<D: Decide>(frame: &Frame<'_>, word: Word, user: UserId, tracked: bool, decide: &mut D) -> bool {
    let viewed = Viewed {
        what: Filtered::of(word.record()),
        tracked,
        required: word.required_bits() >> user.0 & 1 != 0,
        organizer: word.organizer() == Some(user),
        optional: word.optional_bits() >> user.0 & 1 != 0,
        owner: word.owner() == Some(user),
    };
    let (_, shown) = frame.rules.filter.ask(&viewed, decide);
    shown
}

#[inline(always)]
pub(super) fn goes<D: Decide>(fate: Fate, decide: &mut D) -> bool {
    match fate {
        Fate::Kept => false,
        Fate::Deleted => true,
        Fate::Free => decide.pick(2, 0) == 1,
    }
}

pub(super) fn delete(frame: &Frame<'_>, record: &mut Record) {
    if record.is_present() {
        record.presence = Presence::Gone;
        record.deleted_at = frame.context.now;
    }
}

/// What stands where both sides have changed.
#[inline]
pub(super) fn stands<D: Decide>(frame: &Frame<'_>, met: Collision, decide: &mut D) -> Stands {
    let (_, stands) = frame.rules.conflict.ask(&met, decide);
    stands
}

/// What becomes of the link of a pair.
pub(super) fn linked<D: Decide>(frame: &Frame<'_>, event: LinkEvent, decide: &mut D) -> LinkFate {
    frame.rules.unlinking.ask(&event, decide).link
}

/// What an item is taken for that resembles another.
pub(super) fn taken_for<D: Decide>(frame: &Frame<'_>, item: LikenedItem, decide: &mut D) -> TakenFor {
    let (_, taken) = frame.rules.nature.ask(&item, decide);
    taken
}

/// Whether a synchronized field differs from what both sides last agreed on.
#[inline(always)]
pub(super) fn changed(word: Word, base: Word) -> bool {
    !same(word, base)
}

#[inline(always)]
pub(super) fn same(a: Word, b: Word) -> bool {
    (a.0 ^ b.0) & Word::SYNCHRONIZED == 0
}

/// The word `to`, with the synchronized fields of `from`.
#[inline(always)]
pub(super) fn carry(from: Word, to: Word) -> Word {
    Word(to.0 & !Word::SYNCHRONIZED | from.0 & Word::SYNCHRONIZED)
}

/// The word `under`, with the fields in which `over` has changed.
pub(super) fn overlay(under: Word, over: Word, base: Word) -> Word {
    Field::ALL.iter().filter(|field| field.mask() & Word::SYNCHRONIZED != 0).fold(under, |word, field| {
        let from = if (over.0 ^ base.0) & field.mask() != 0 { over } else { under };
        Word(word.0 & !field.mask() | from.0 & field.mask())
    })
}

pub(super) fn occurrences(bits: u8) -> impl Iterator<Item = u8> {
    (0..8).filter(move |n| bits >> n & 1 != 0)
}
