//! Synchronizing one item between a mailbox and the CRM: sending, then fetching.

use crate::ids::{ItemId, UserId};
use crate::plan::{Op, Place, Right, Stage, Step};
use crate::readings::decide::Decide;
use crate::readings::switches::{Readings, Switch};
use crate::rules::{Collision, Stands};
use crate::view::{Field, Word};
use crate::world::{Item, Link, Pair, Presence, Record};

use super::crossing::{TRACKED_TOO, carry, changed, is_shown, overlay, same, stands};
use super::fetch::{fetch, fetch_deletion};
use super::rights::repay;
use super::send::{accept, send, send_edits, send_occurrences};
use super::{Cited, Frame};

/// Synchronizes one item between a mailbox and the CRM.
#[inline]
pub(super) fn synchronize<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    item: &mut Item,
    user: UserId,
    stage: Stage,
    decide: &mut D,
    cited: &mut Cited,
) {
    let Item { record, pairs, .. } = item;
    synchronize_pair(frame, id, record, &mut pairs[user.index()], user, stage, decide, cited);
}

/// Synchronizes the copy of one user.
#[expect(
    clippy::too_many_arguments,
    reason = "all of them decide what happens, and a struct would be made only to be taken apart"
)]
#[inline]
pub(super) fn synchronize_pair<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    record: &mut Record,
    pair: &mut Pair,
    user: UserId,
    stage: Stage,
    decide: &mut D,
    cited: &mut Cited,
) {
    if is_quiet(record, pair, user, decide.left()) {
        return;
    }
    synchronize_busy(frame, id, record, pair, user, stage, decide, cited);
    repay(pair);
    if pair.link == Link::None {
        // Of what is not linked it means nothing.
        (pair.word, pair.base) = (pair.word.touched(false), pair.base.touched(false));
    }
}

/// Synchronizes a copy where there may be something to do.
#[expect(
    clippy::too_many_arguments,
    reason = "all of them decide what happens, and a struct would be made only to be taken apart"
)]
fn synchronize_busy<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    record: &mut Record,
    pair: &mut Pair,
    user: UserId,
    stage: Stage,
    decide: &mut D,
    cited: &mut Cited,
) {
    remade(frame, id, record, pair, user, stage, decide, cited);
    match stage {
        Stage::Done => {
            send(frame, id, record, pair, user, decide, cited);
            fetch(frame, id, record, pair, user, decide, cited);
        }
        Stage::BeforeUpload => fetched_first(frame, record, pair, decide),
        // The server has it, the client does not know: it will send the same again.
        Stage::BeforeAcknowledgement => {
            let before = (*record, *pair);
            send_some(frame, id, record, pair, user, decide, cited);
            let after = *pair;
            *pair = before.1;
            pair.sent |= *record != before.0 || is_linked_alone(frame, &before.1, &after, user, decide);
            // A record created by this is known again by what was sent; what the user edits meanwhile is not lost.
            if pair.link == Link::Pending && pair.sent {
                pair.base = after.base;
            }
            // Or the acknowledgement arrived, and the copy was not yet brought to what the record has become.
            let remembered = pair.link == Link::Linked && pair.presence == Presence::Present && pair.sent;
            if remembered && after.word != pair.word && decide.pick(2, 0) == 1 {
                pair.base = carry(pair.word, after.base);
                pair.sent = false;
            }
        }
        Stage::BeforeErase => send(frame, id, record, pair, user, decide, cited),
    }
}

/// Whether what was tracked is known to be linked to a record that was there, of which nothing was to be written.
fn is_linked_alone<D: Decide>(frame: &Frame<'_>, before: &Pair, after: &Pair, user: UserId, decide: &mut D) -> bool {
    let linked = before.link == Link::Pending && after.link == Link::Linked;
    linked && !frame.scene.users[user.index()].rights.may(Right::Write) && decide.pick(2, 0) == 1
}

/// Where the record was deleted and another made since a pair was last synchronized, one who knows records by what they say
/// goes on with the new one; one who knows them by their ids carries the deletion out first.
#[expect(
    clippy::too_many_arguments,
    reason = "all of them decide what happens, and a struct would be made only to be taken apart"
)]
fn remade<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    record: &Record,
    pair: &mut Pair,
    user: UserId,
    stage: Stage,
    decide: &mut D,
    cited: &mut Cited,
) {
    let linked = pair.link == Link::Linked && pair.presence == Presence::Present && record.is_present();
    if !linked || pair.base.is_of(record.word) || stage == Stage::BeforeUpload {
        return;
    }
    if decide.pick(2, 0) == 0 {
        pair.base = pair.base.of(record.word);
        return;
    }
    let base = pair.base;
    let mut old = Record { word: base, deleted_at: record.deleted_at, presence: Presence::Gone };
    fetch_deletion(frame, id, pair, &mut old, user, decide, cited);
    // Where an edit wins, or the link outlives the record, the new one takes the old one's place.
    if pair.link == Link::Linked {
        pair.base = base.of(record.word);
    }
}

/// Sends what changed before a crash: all of it, or of an occurrence deleted and a field edited the one without the other.
fn send_some<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    record: &mut Record,
    pair: &mut Pair,
    user: UserId,
    decide: &mut D,
    cited: &mut Cited,
) {
    let both = pair.link == Link::Linked
        && pair.presence == Presence::Present
        && record.is_present()
        && pair.base.occurrences() & !pair.word.occurrences() != 0
        && changed(pair.word, pair.base);
    match if both { decide.pick(3, 0) } else { 0 } {
        0 => send(frame, id, record, pair, user, decide, cited),
        1 => send_occurrences(frame, pair, record, user, decide, cited),
        _ => {
            pair.word = pair.word.with_occurrences(pair.base.occurrences());
            send_edits(frame, id, pair, record, user, decide, cited);
        }
    }
}

/// A crash before anything was sent, where one who fetches first has brought the copy to what it will be.
fn fetched_first<D: Decide>(frame: &Frame<'_>, record: &Record, pair: &mut Pair, decide: &mut D) {
    let conflict = pair.link == Link::Linked
        && pair.presence == Presence::Present
        && record.is_present()
        && changed(pair.word, pair.base)
        && changed(record.word, pair.base)
        && !same(pair.word, record.word);
    if !conflict || decide.pick(2, 0) == 0 {
        return;
    }
    pair.word = match stands(frame, Collision::FetchedBeforeACrash, decide) {
        Stands::Outlook => return,
        Stands::Crm => return accept(pair, record),
        Stands::Merged => overlay(pair.word, record.word, pair.base),
        Stands::Fields | Stands::Deletion | Stands::Edit | Stands::Neither => {
            carry(overlay(record.word, pair.word, pair.base), pair.word)
        }
    };
    pair.base = carry(record.word, pair.base);
}

/// A synchronization that nobody was told of, for the oracle's conjectures.
#[inline]
pub fn synchronize_hidden<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    record: &mut Record,
    pair: &mut Pair,
    user: UserId,
    decide: &mut D,
    cited: &mut Cited,
) {
    synchronize_pair(frame, id, record, pair, user, Stage::Done, decide, cited);
}

/// Whether a synchronization certainly finds nothing to send and nothing to fetch, under what is left of the readings. Most
/// pairs are quiet most of the time.
#[inline(always)]
pub fn is_quiet(record: &Record, pair: &Pair, user: UserId, readings: Readings) -> bool {
    const CARRIED: u64 = Word::SYNCHRONIZED | Field::Owner.mask() | Field::Occurrences.mask();
    match pair.link {
        Link::None => match pair.presence {
            Presence::Never => !record.is_present(),
            Presence::Gone => !record.is_present() || !pair.survivor && pair.base.is_of(record.word),
            Presence::Present => !record.is_present() || pair.base.is_of(record.word),
            Presence::Tombstone | Presence::Moved => true,
        },
        Link::Pending => pair.held || !(pair.presence == Presence::Present || pair.presence.is_leaving()),
        Link::Untracking => false,
        Link::Linked => {
            let differing = (pair.word.0 ^ pair.base.0) | (pair.word.0 ^ record.word.0);
            pair.presence == Presence::Present
                && record.is_present()
                && differing & CARRIED == 0
                && !pair.word.is_touched()
                && !pair.base.is_touched()
                && pair.base.is_of(record.word)
                && (readings.of(Switch::CalendarVisibility).0 & TRACKED_TOO.0 == 0 || is_shown(record.word, user))
        }
    }
}

/// Whether a step that concerns all items certainly leaves this one, and what is seen of it, as they are.
#[inline]
pub fn leaves_alone(frame: &Frame<'_>, item: &Item, step: &Step, readings: Readings) -> bool {
    let user = match (step.op, step.at) {
        (Op::ServerSynchronize { mailbox, crash: None }, _) => mailbox,
        (Op::Synchronize { crash: None }, Place::Computer(computer)) => {
            let user = frame.scene.computers[computer.index()];
            if frame.context.synchronizing[user.index()] != Some(computer) {
                return true;
            }
            user
        }
        _ => return false,
    };
    is_quiet(&item.record, &item.pairs[user.index()], user, readings)
}
