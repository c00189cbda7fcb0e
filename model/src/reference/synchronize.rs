//! Synchronizing one item between a mailbox and the CRM: sending, then fetching.

use crate::decide::Decide;
use crate::ids::{ItemId, UserId};
use crate::judgement::{Judged, judge};
use crate::plan::{Kind, Op, Place, Stage, Status, Step};
use crate::rules::{Fate, Reply, Trigger};
use crate::switches::{Readings, Switch, Values};
use crate::view::{Field, Word};
use crate::world::{Item, Link, Pair, Presence, Record};

use super::{Cited, Frame, Moment};

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

/// The same, for the copy of that user.
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
    if pair.link == Link::None {
        // Of what is not linked it means nothing.
        (pair.word, pair.base) = (pair.word.touched(false), pair.base.touched(false));
    }
}

/// The same, where there may be something to do.
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
        Stage::BeforeUpload => fetched_first(record, pair, decide),
        // The server has it, the client does not know: it will send the same again.
        Stage::BeforeAcknowledgement => {
            let before = (*record, *pair);
            send_some(frame, id, record, pair, user, decide, cited);
            let after = *pair;
            *pair = before.1;
            pair.sent |= *record != before.0;
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
fn fetched_first<D: Decide>(record: &Record, pair: &mut Pair, decide: &mut D) {
    let conflict = pair.link == Link::Linked
        && pair.presence == Presence::Present
        && record.is_present()
        && changed(pair.word, pair.base)
        && changed(record.word, pair.base)
        && !same(pair.word, record.word);
    if !conflict || decide.pick(2, 0) == 0 || decide.holds(Switch::ConflictWinner, Values(0b0_0101)) {
        return;
    }
    if decide.holds(Switch::ConflictWinner, Values::nth(1)) {
        return accept(pair, record);
    }
    pair.word = if decide.holds(Switch::ConflictWinner, Values::nth(3)) {
        overlay(pair.word, record.word, pair.base)
    } else {
        carry(overlay(record.word, pair.word, pair.base), pair.word)
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

/// The reading of X-12 by which what is tracked, too, leaves the calendar of whoever is no required resource.
const TRACKED_TOO: Values = Values::nth(3);

/// Whether it is no appointment, or one that the user is a required resource of, or has organized or owns: nobody means
/// that these lose it.
#[inline(always)]
fn is_shown(word: Word, user: UserId) -> bool {
    !word.record().is_calendar()
        || word.required_bits() >> user.0 & 1 != 0
        || word.organizer() == Some(user)
        || word.owner() == Some(user)
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

/// Sends what changed in a mailbox.
#[inline]
pub(super) fn send<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    record: &mut Record,
    pair: &mut Pair,
    user: UserId,
    decide: &mut D,
    cited: &mut Cited,
) {
    match pair.link {
        Link::None => {}
        Link::Untracking => {
            if is_done_already(pair, record, decide) {
                pair.link = Link::None;
                pair.sent = false;
                return;
            }
            let Pair { reply, acted_at: at, acted_by: by, .. } = *pair;
            let judged = Judged { trigger: Trigger::Untrack, reply, at, occurrence: None, by };
            let mut followed = Cited::default();
            let decision = judge(frame, pair, record, user, judged, Moment::Open, decide, &mut followed);
            if record.is_present() {
                *cited = followed;
            }
            if goes(decision.crm, decide) {
                delete(frame, record);
            }
            if pair.presence == Presence::Present && goes(decision.outlook, decide) {
                pair.presence = Presence::Gone;
            }
            pair.link = Link::None;
            pair.sent = false;
        }
        Link::Pending => {
            if !pair.held && (pair.presence == Presence::Present || pair.presence.is_leaving()) {
                let known = pair.sent && record.is_present();
                create_record(frame, id, pair, record, user, decide);
                if pair.presence.is_leaving() {
                    if record.is_present() {
                        send_departure(frame, id, pair, record, user, decide, cited);
                    }
                    return;
                }
                // What was edited since the record was made is sent at once, or by the next synchronization.
                if known && changed(pair.word, pair.base) && decide.pick(2, 0) == 1 {
                    send_edits(frame, id, pair, record, user, decide, cited);
                }
            }
        }
        Link::Linked if !record.is_present() => {}
        Link::Linked if pair.presence.is_leaving() => {
            if is_done_already(pair, record, decide) {
                pair.presence = Presence::Gone;
                pair.link = Link::None;
                pair.sent = false;
                return;
            }
            send_departure(frame, id, pair, record, user, decide, cited);
        }
        Link::Linked => send_edits(frame, id, pair, record, user, decide, cited),
    }
}

/// Whether a deletion that was carried out before a crash is known to be done, now that somebody has made a record anew:
/// it named the old one. Nobody sees which of the two it names when it is sent again, or for the first time, so that both
/// are allowed.
fn is_done_already<D: Decide>(pair: &Pair, record: &Record, decide: &mut D) -> bool {
    (pair.sent || !pair.base.is_of(record.word)) && record.is_present() && decide.pick(2, 0) == 1
}

pub(super) fn create_record<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    pair: &mut Pair,
    record: &mut Record,
    user: UserId,
    decide: &mut D,
) {
    if record.is_present() {
        // Somebody else tracked the same item, or it was tracked before: there is one record, and the two are linked.
        if !pair.sent {
            link(pair, record, decide);
        }
    } else if pair.sent && record.presence == Presence::Gone {
        // It was created before the crash, and somebody has deleted it since.
    } else {
        let closed = frame.scene.items[id.index()].kind == Kind::Email;
        let status = if closed { Status::Completed } else { pair.word.status() };
        let word = pair.word.with_owner(user).with_record(pair.record).with_status(status);
        let again = record.presence == Presence::Gone;
        *record = Record {
            word: if again { word.of_next(record.word) } else { word.of(record.word) },
            deleted_at: record.deleted_at,
            presence: Presence::Present,
        };
        pair.word = pair.word.with_owner(user).with_status(status);
        pair.base = pair.word;
    }
    pair.base = pair.base.of(record.word);
    pair.link = Link::Linked;
    pair.sent = false;
}

/// Links a copy to the record that is there: either side's content wins. Where the record's does, an edit made since the
/// copy was tracked is one of a tracked item, and may be sent. Of a series, each side may keep the occurrences that it has,
/// or they are content like the rest.
fn link<D: Decide>(pair: &mut Pair, record: &mut Record, decide: &mut D) {
    let edited = changed(pair.word, pair.base);
    let (copy, there) = (pair.word.occurrences(), record.word.occurrences());
    let too = copy != there && decide.pick(2, 0) == 1;
    match decide.pick(if edited { 3 } else { 2 }, 0) {
        0 => {
            record.word = carry(pair.word, record.word).with_occurrences(if too { copy } else { there });
        }
        won => {
            let content = if won == 1 { record.word } else { overlay(record.word, pair.word, pair.base) };
            record.word = carry(content, record.word);
            pair.word = carry(content, pair.word).with_occurrences(if too { there } else { copy });
        }
    }
    pair.word = pair.word.with_owner_bits(record.word.owner_bits());
    pair.base = pair.word.with_occurrences(pair.word.occurrences() & record.word.occurrences());
}

/// Sends that a copy has left the synchronized folders: it was deleted, or moved elsewhere.
fn send_departure<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    pair: &mut Pair,
    record: &mut Record,
    user: UserId,
    decide: &mut D,
    cited: &mut Cited,
) {
    let moved = pair.presence == Presence::Moved;
    if !moved || decide.holds(Switch::MovedAway, Values::FIRST) {
        return send_deletion(frame, id, pair, record, user, decide, cited);
    }
    // Nothing is deleted. Unlinked, the record stands alone, and may come back as that of a survivor does. Still linked, it
    // is kept in step with what is out of sight, which never comes back; what was edited before the move may still be sent.
    let unlinked = decide.holds(Switch::MovedAway, Values::nth(1));
    if !unlinked && changed(pair.word, pair.base) && decide.pick(2, 0) == 1 {
        send_edits(frame, id, pair, record, user, decide, cited);
    }
    (pair.survivor, pair.base) = (unlinked, record.word);
    (pair.presence, pair.link, pair.sent) = (Presence::Gone, Link::None, false);
}

/// Whether a meeting request is taken for the message that brought it, so that its deletion carries nothing across.
fn is_message<D: Decide>(frame: &Frame<'_>, id: ItemId, decide: &mut D) -> bool {
    frame.scene.items[id.index()].kind == Kind::MeetingRequest
        && !decide.holds(Switch::MeetingRequestDeletion, Values::FIRST)
}

pub(super) fn send_deletion<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    pair: &mut Pair,
    record: &mut Record,
    user: UserId,
    decide: &mut D,
    cited: &mut Cited,
) {
    if changed(record.word, pair.base) || pair.base.is_touched() && decide.pick(2, 0) == 1 {
        match delete_against_edit(decide) {
            DeleteAgainstEdit::DeleteWins => {}
            DeleteAgainstEdit::EditWins => {
                pair.presence = Presence::Present;
                pair.word = carry(record.word, pair.word);
                pair.base = record.word;
                return;
            }
            DeleteAgainstEdit::Kept => {
                pair.presence = Presence::Gone;
                pair.link = Link::None;
                pair.survivor = true;
                return;
            }
        }
    }
    let Pair { acted_at: at, acted_by: by, .. } = *pair;
    let judged = Judged { trigger: Trigger::DeleteInOutlook, reply: Reply::Unasked, at, occurrence: None, by };
    let carried = !is_message(frame, id, decide) && {
        let decision = judge(frame, pair, record, user, judged, Moment::Open, decide, cited);
        goes(decision.crm, decide)
    };
    if carried {
        delete(frame, record);
    } else {
        pair.survivor = true;
        pair.base = record.word;
    }
    pair.presence = Presence::Gone;
    pair.link = Link::None;
    pair.sent = false;
}

pub(super) fn send_edits<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    pair: &mut Pair,
    record: &mut Record,
    user: UserId,
    decide: &mut D,
    cited: &mut Cited,
) {
    let kind = record.word.record();
    send_occurrences(frame, pair, record, user, decide, cited);
    // It matters only where it meets an edit in CRM.
    let touched = pair.word.is_touched() && changed(record.word, pair.base) && decide.pick(2, 0) == 1;
    pair.word = pair.word.touched(false);
    if !touched && !changed(pair.word, pair.base) {
        return;
    }
    let titled = (pair.word.0 ^ pair.base.0) & Field::Title.mask() != 0;
    if titled && kind == Kind::Appointment && !decide.holds(Switch::SubjectChangeUntracks, Values::FIRST) {
        pair.link = Link::None;
        return;
    }
    // A service activity flows one way.
    if frame.scene.items[id.index()].kind == Kind::ServiceActivity
        && decide.holds(Switch::ServiceActivity, Values::FIRST)
    {
        pair.word = carry(record.word, pair.word);
        pair.base = carry(record.word, pair.base);
        return;
    }
    let mut sent = pair.word;
    let closed = kind != Kind::Contact && kind != Kind::Email && record.word.status() != Status::Open;
    if closed && !same(pair.word, record.word) {
        if decide.holds(Switch::ClosedEditFromOutlook, Values::FIRST) {
            pair.word = carry(record.word, pair.word);
            pair.base = carry(record.word, pair.base);
            return;
        }
        if decide.holds(Switch::ClosedEditFromOutlook, Values::nth(1)) {
            return;
        }
        // Applied, but a closed record stays closed.
        sent = sent.with_status(record.word.status());
        pair.word = sent;
    }
    // So does one in CRM, to one by whom CRM wins.
    if !changed(record.word, pair.base) {
        let wins = pair.base.is_touched() && decide.pick(2, 0) == 1;
        if wins && !same(sent, record.word) && decide.holds(Switch::ConflictWinner, Values::nth(1)) {
            return accept(pair, record);
        }
    } else if !same(sent, record.word) {
        if decide.holds(Switch::ConflictWinner, Values(0b1_0101)) {
            // What is processed last is what this synchronization sends.
            if pair.sent && decide.pick(2, 0) == 1 {
                return accept(pair, record);
            }
            // All of it, or the fields that changed.
            let fields = carry(overlay(record.word, sent, pair.base), sent);
            if !same(fields, sent) && !decide.holds(Switch::ConflictWinner, Values(0b0_0101)) {
                sent = fields;
                // One who keeps a journal sends what was edited to what it was, too.
                if touched {
                    sent = Word(sent.0 & !REPEATED | pair.word.0 & REPEATED);
                }
                pair.word = sent;
            }
        } else if decide.holds(Switch::ConflictWinner, Values::nth(1)) {
            return accept(pair, record);
        } else {
            sent = overlay(sent, record.word, pair.base);
            pair.word = sent;
        }
    }
    record.word = carry(sent, record.word);
    pair.base = carry(sent, pair.base).touched(false);
    pair.sent = false;
}

/// The fields that an edit can leave as they were; each title is a new one.
const REPEATED: u64 = Field::When.mask() | Field::Regarding.mask() | Field::Parent.mask();

/// Takes the record's content into the copy.
pub(super) fn accept(pair: &mut Pair, record: &Record) {
    pair.word = carry(record.word, pair.word);
    pair.base = carry(record.word, pair.base).touched(false);
    pair.sent = false;
}

pub(super) fn send_occurrences<D: Decide>(
    frame: &Frame<'_>,
    pair: &mut Pair,
    record: &mut Record,
    user: UserId,
    decide: &mut D,
    cited: &mut Cited,
) {
    let gone = pair.base.occurrences() & !pair.word.occurrences();
    if gone == 0 {
        return;
    }
    let mut goes_too = 0;
    for n in occurrences(gone & record.word.occurrences()) {
        let Pair { acted_at: at, acted_by: by, .. } = *pair;
        let judged = Judged { trigger: Trigger::DeleteInOutlook, reply: Reply::Unasked, at, occurrence: Some(n), by };
        let decision = judge(frame, pair, record, user, judged, Moment::Open, decide, cited);
        goes_too |= u8::from(goes(decision.crm, decide)) << n;
    }
    let goes_too = but_the_last(record.word.occurrences(), goes_too, decide);
    if goes_too != 0 {
        record.word = record.word.with_occurrences(record.word.occurrences() & !goes_too);
        record.deleted_at = frame.context.now;
    }
    pair.base = pair.base.with_occurrences(pair.base.occurrences() & !gone);
}

/// The occurrences that go, of those that should: a series keeps one. Which it keeps, where all should go, hangs on the order
/// in which they are carried out, and nothing says that.
fn but_the_last<D: Decide>(there: u8, going: u8, decide: &mut D) -> u8 {
    if there & !going != 0 {
        return going;
    }
    let mut left = going;
    for _ in 0..decide.pick(going.count_ones() as u8, 0) {
        left &= !(0x80 >> left.leading_zeros());
    }
    going & !(0x80 >> left.leading_zeros())
}

/// Fetches what changed in CRM.
#[inline]
pub(super) fn fetch<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    record: &mut Record,
    pair: &mut Pair,
    user: UserId,
    decide: &mut D,
    cited: &mut Cited,
) {
    match (pair.link, pair.presence) {
        (Link::None, Presence::Never) => {
            if record.is_present() && in_filter(record.word, user, decide) {
                let kind = frame.scene.items[id.index()].record;
                pair.record = kind;
                arrive(pair, record);
            }
        }
        (Link::None, Presence::Gone) => {
            let comes_back = pair.survivor
                && record.is_present()
                && record.word.record() != Kind::Email
                && (changed(record.word, pair.base) || pair.base.is_touched() && decide.pick(2, 0) == 1)
                && decide.holds(Switch::Survivor, Values::nth(2));
            if comes_back || another(pair, record, user, decide) {
                arrive(pair, record);
            }
        }
        (Link::None, Presence::Present) => {
            if another(pair, record, user, decide) {
                arrive(pair, record);
            }
        }
        (Link::None | Link::Pending | Link::Untracking, _) | (Link::Linked, Presence::Never | Presence::Gone) => {}
        (Link::Linked, Presence::Tombstone | Presence::Moved) => {
            // Gone on both sides: nothing is left to decide.
            if !record.is_present() {
                pair.presence = Presence::Gone;
                pair.link = Link::None;
                pair.sent = false;
            }
        }
        (Link::Linked, Presence::Present) if !record.is_present() => {
            fetch_deletion(frame, id, pair, record, user, decide, cited);
        }
        (Link::Linked, Presence::Present) => fetch_edits(frame, pair, record, user, decide, cited),
    }
}

/// Whether another record of the item, made since the copy's own was deleted or let go, arrives like one that never was
/// there: for one who knows records by their ids it is that. Nothing says.
fn another<D: Decide>(pair: &Pair, record: &Record, user: UserId, decide: &mut D) -> bool {
    record.is_present()
        && !pair.base.is_of(record.word)
        && decide.pick(2, 0) == 1
        && in_filter(record.word, user, decide)
}

pub(super) fn arrive(pair: &mut Pair, record: &Record) {
    pair.word = record.word;
    pair.base = record.word;
    pair.presence = Presence::Present;
    pair.link = Link::Linked;
    pair.survivor = false;
}

pub(super) fn fetch_deletion<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    pair: &mut Pair,
    record: &mut Record,
    user: UserId,
    decide: &mut D,
    cited: &mut Cited,
) {
    if pair.survivor {
        return;
    }
    let edited = changed(pair.word, pair.base) || pair.word.is_touched() && decide.pick(2, 0) == 1;
    if edited && !is_undone_anyway(frame, id, record, decide) {
        match delete_against_edit(decide) {
            DeleteAgainstEdit::DeleteWins => {}
            DeleteAgainstEdit::EditWins => {
                // It is another record, owned as the old one was, or by whoever's edit made it.
                let other = record.word.owner() != Some(user) && decide.pick(2, 0) == 1;
                let word = carry(pair.word, record.word).of_next(record.word);
                record.word = if other { word.with_owner(user) } else { word };
                record.presence = Presence::Present;
                pair.word = pair.word.touched(false).with_owner_bits(record.word.owner_bits());
                pair.base = pair.word.of(record.word);
                return;
            }
            DeleteAgainstEdit::Kept => {
                pair.link = Link::None;
                return;
            }
        }
    }
    let at = record.deleted_at;
    let judged = Judged { trigger: Trigger::DeleteInCrm, reply: Reply::Unasked, at, occurrence: None, by: user };
    let carried = !is_message(frame, id, decide) && {
        let decision = judge(frame, pair, record, user, judged, Moment::Open, decide, cited);
        goes(decision.outlook, decide)
    };
    if carried {
        pair.presence = Presence::Gone;
        pair.link = Link::None;
    } else if decide.holds(Switch::Survivor, Values(0b101)) {
        pair.link = Link::None;
    } else {
        pair.survivor = true;
    }
}

/// Whether an edit is one that a synchronization undoes, so that it is none that could stand against a deletion. One who
/// looks for the deletion first never comes to that.
fn is_undone_anyway<D: Decide>(frame: &Frame<'_>, id: ItemId, record: &Record, decide: &mut D) -> bool {
    let kind = record.word.record();
    if frame.scene.items[id.index()].kind == Kind::ServiceActivity {
        return decide.pick(2, 0) == 1 && decide.holds(Switch::ServiceActivity, Values::FIRST);
    }
    let closed = kind != Kind::Contact && kind != Kind::Email && record.word.status() != Status::Open;
    closed && decide.pick(2, 0) == 1 && decide.holds(Switch::ClosedEditFromOutlook, Values(0b011))
}

pub(super) fn fetch_edits<D: Decide>(
    frame: &Frame<'_>,
    pair: &mut Pair,
    record: &mut Record,
    user: UserId,
    decide: &mut D,
    cited: &mut Cited,
) {
    const ROLES: u64 = Field::Owner.mask() | Field::Organizer.mask() | Field::Required.mask() | Field::Optional.mask();
    let titled = (record.word.0 ^ pair.base.0) & Field::Title.mask() != 0;
    if titled
        && record.word.record() == Kind::Appointment
        && !decide.holds(Switch::SubjectChangeUntracks, Values::FIRST)
    {
        pair.link = Link::None;
        return;
    }
    let left = (record.word.0 ^ pair.base.0) & ROLES != 0
        && in_filter(pair.base, user, decide)
        && !in_filter(record.word, user, decide);
    if left {
        let at = frame.context.now;
        let judged = Judged { trigger: Trigger::LeaveFilter, reply: Reply::Unasked, at, occurrence: None, by: user };
        let decision = judge(frame, pair, record, user, judged, Moment::Open, decide, cited);
        if goes(decision.outlook, decide) {
            pair.presence = Presence::Gone;
            pair.link = Link::None;
            return;
        }
        if decision.unlink {
            pair.link = Link::None;
            return;
        }
    }
    let gone = pair.base.occurrences() & !record.word.occurrences();
    let mut goes_too = 0;
    for n in occurrences(gone & pair.word.occurrences()) {
        let at = record.deleted_at;
        let judged = Judged { trigger: Trigger::DeleteInCrm, reply: Reply::Unasked, at, occurrence: Some(n), by: user };
        let decision = judge(frame, pair, record, user, judged, Moment::Open, decide, cited);
        goes_too |= u8::from(goes(decision.outlook, decide)) << n;
    }
    let goes_too = but_the_last(pair.word.occurrences(), goes_too, decide);
    pair.word = pair.word.with_occurrences(pair.word.occurrences() & !goes_too);
    pair.base = pair.base.with_occurrences(pair.base.occurrences() & !gone);
    // What the copy still holds of its own was left there on purpose.
    if changed(record.word, pair.base) {
        accept(pair, record);
    }
    pair.word = pair.word.with_owner_bits(record.word.owner_bits());
    pair.base = pair.base.with_owner_bits(record.word.owner_bits()).touched(false);
    if !is_shown(record.word, user) && decide.holds(Switch::CalendarVisibility, TRACKED_TOO) {
        pair.presence = Presence::Gone;
        pair.link = Link::None;
    }
}

/// Whether a record is one that the user's default filter brings to the mailbox: contacts and tasks that the user owns,
/// and appointments that the user has a part in (X-12; "Save an Outlook appointment or task as a CRM activity").
#[inline]
pub(super) fn in_filter<D: Decide>(word: Word, user: UserId, decide: &mut D) -> bool {
    let kind = word.record();
    if kind.is_crm_only() || kind == Kind::Email {
        return false;
    }
    if !kind.is_calendar() {
        return word.owner() == Some(user);
    }
    let required = word.required_bits() >> user.0 & 1 != 0;
    let organizer = word.organizer() == Some(user);
    let party = required || organizer || word.optional_bits() >> user.0 & 1 != 0;
    let only = u8::from(required) * (1 | TRACKED_TOO.0);
    match only | u8::from(required || organizer) << 1 | u8::from(party) << 2 {
        0 => false,
        0b1111 => true,
        yes => decide.holds(Switch::CalendarVisibility, Values(yes)),
    }
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

pub(super) enum DeleteAgainstEdit {
    DeleteWins,
    EditWins,
    Kept,
}

pub(super) fn delete_against_edit<D: Decide>(decide: &mut D) -> DeleteAgainstEdit {
    if decide.holds(Switch::DeleteAgainstEdit, Values::FIRST) {
        DeleteAgainstEdit::DeleteWins
    } else if decide.holds(Switch::DeleteAgainstEdit, Values::nth(1)) {
        DeleteAgainstEdit::EditWins
    } else {
        DeleteAgainstEdit::Kept
    }
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
