//! Sending what changed in a mailbox.

use crate::ids::{ItemId, UserId};
use crate::plan::{Kind, Right, Status};
use crate::readings::decide::Decide;
use crate::reference::judgement::{Judged, judge};
use crate::rules::{
    Collision, Edited, LikenedItem, LinkEvent, LinkFate, RecordAct, RecordEdit, Reply, Stands, TakenFor, Trigger,
};
use crate::view::{Field, Word};
use crate::world::{Link, Pair, Presence, Record};

use super::crossing::{carry, changed, delete, goes, linked, occurrences, overlay, same, stands, taken_for};
use super::rights::rights_of;
use super::{Cited, Frame, JudgedAt};

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
            let decision = judge(frame, pair, record, user, judged, JudgedAt::Open, decide, &mut followed);
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
                    } else if pair.link != Link::Linked {
                        (pair.presence, pair.link) = (Presence::Gone, Link::None);
                    }
                    return;
                }
                if pair.link != Link::Linked {
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
            link(frame, pair, record, user, decide);
        }
    } else if pair.sent && record.presence == Presence::Gone {
        // It was created before the crash, and somebody has deleted it since.
    } else {
        if !is_made(frame, pair, record, user, decide) {
            return;
        }
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
    (pair.sent, pair.lent) = (false, false);
}

/// Whether a record may be made of what was tracked; where none may, whether it stays tracked.
fn is_made<D: Decide>(frame: &Frame<'_>, pair: &mut Pair, record: &Record, user: UserId, decide: &mut D) -> bool {
    let rights = rights_of(frame, pair, user, RecordAct::Track.takes(), decide);
    let word = record.word.with_record(pair.record);
    let stays = match frame.rules.editing.ask(&RecordEdit::of(RecordAct::Track, word, rights), decide).1 {
        Edited::Done | Edited::ButStatus => return true,
        Edited::Ignored => true,
        Edited::Undone => false,
        // Nobody was there to refuse it.
        Edited::Refused | Edited::Free => decide.pick(2, 0) == 0,
    };
    if !stays {
        (pair.link, pair.sent) = (Link::None, false);
    }
    false
}

/// Links a copy to the record that is there: either side's content wins. Where the record's does, an edit made since the
/// copy was tracked is one of a tracked item, and may be sent. Of a series, each side may keep the occurrences that it has,
/// or they are content like the rest.
fn link<D: Decide>(frame: &Frame<'_>, pair: &mut Pair, record: &mut Record, user: UserId, decide: &mut D) {
    let edited = changed(pair.word, pair.base);
    let (copy, there) = (pair.word.occurrences(), record.word.occurrences());
    let too = copy != there && decide.pick(2, 0) == 1;
    if !may_overwrite(frame, user, decide) {
        // The record stays as it is. The copy becomes like it, now or later, or what it says counts as an edit.
        let left = decide.pick(3, 0);
        if left == 0 {
            pair.word = carry(record.word, pair.word).with_occurrences(if too { there } else { copy });
        }
        pair.word = pair.word.with_owner_bits(record.word.owner_bits());
        let base = if left == 2 { pair.word } else { carry(record.word, pair.word) };
        pair.base = base.with_occurrences(pair.word.occurrences() & there);
        return;
    }
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

/// Whether the content of a copy may go into a record that was there already. Who tracked it is not known any more.
fn may_overwrite<D: Decide>(frame: &Frame<'_>, user: UserId, decide: &mut D) -> bool {
    let may = |user: UserId| frame.scene.users[user.index()].rights.may(Right::Write);
    let apart = frame.scene.users[user.index()].delegates.iter().any(|delegate| may(delegate) != may(user));
    may(user) != (apart && decide.pick(2, 0) == 1)
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
    let link = if moved { linked(frame, LinkEvent::MovedAway, decide) } else { LinkFate::Deleted };
    // Where nothing is deleted and the link is cut, the record stands alone, and may come back as that of a survivor does.
    // Still linked, it is kept in step with what is out of sight, which never comes back; what was edited before the move may
    // still be sent.
    let unlinked = match link {
        LinkFate::Deleted => return send_deletion(frame, id, pair, record, user, decide, cited),
        LinkFate::Cut => true,
        LinkFate::Kept => false,
    };
    if !unlinked && changed(pair.word, pair.base) && decide.pick(2, 0) == 1 {
        send_edits(frame, id, pair, record, user, decide, cited);
    }
    (pair.survivor, pair.base) = (unlinked, record.word);
    (pair.presence, pair.link, pair.sent) = (Presence::Gone, Link::None, false);
}

/// Whether a meeting request is taken for the message that brought it, so that its deletion carries nothing across.
pub(super) fn is_message<D: Decide>(frame: &Frame<'_>, id: ItemId, decide: &mut D) -> bool {
    frame.scene.items[id.index()].kind == Kind::MeetingRequest
        && taken_for(frame, LikenedItem::DeletedRequest, decide) == TakenFor::Message
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
        match stands(frame, Collision::DeletionAndEdit, decide) {
            Stands::Deletion => {}
            Stands::Edit => {
                pair.presence = Presence::Present;
                pair.word = carry(record.word, pair.word);
                pair.base = record.word;
                return;
            }
            Stands::Neither | Stands::Outlook | Stands::Crm | Stands::Merged | Stands::Fields => {
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
        let decision = judge(frame, pair, record, user, judged, JudgedAt::Open, decide, cited);
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
    if titled && kind == Kind::Appointment && linked(frame, LinkEvent::NewSubject, decide) == LinkFate::Cut {
        pair.link = Link::None;
        return;
    }
    // A service activity flows one way.
    if frame.scene.items[id.index()].kind == Kind::ServiceActivity
        && taken_for(frame, LikenedItem::EditedServiceActivity, decide) == TakenFor::OneWay
    {
        pair.word = carry(record.word, pair.word);
        pair.base = carry(record.word, pair.base);
        return;
    }
    let mut sent = pair.word;
    if !same(pair.word, record.word) {
        let rights = rights_of(frame, pair, user, RecordAct::FromOutlook.takes(), decide);
        let edit = RecordEdit::of(RecordAct::FromOutlook, record.word, rights);
        let (_, edited) = frame.rules.editing.ask(&edit, decide);
        match edited {
            Edited::Free if decide.pick(2, 0) == 1 => return ignore(&edit, pair, record, decide),
            Edited::Undone | Edited::Free => {
                pair.word = carry(record.word, pair.word);
                pair.base = carry(record.word, pair.base);
                return;
            }
            Edited::Ignored | Edited::Refused => return ignore(&edit, pair, record, decide),
            Edited::Done => {}
            Edited::ButStatus => {
                // Applied, but a closed record stays closed.
                sent = sent.with_status(record.word.status());
                pair.word = sent;
            }
        }
    }
    // So does one in CRM, to one by whom CRM wins.
    if !changed(record.word, pair.base) {
        let wins = pair.base.is_touched() && decide.pick(2, 0) == 1;
        let repeated = Collision::EditThatChangedNothing;
        if wins && !same(sent, record.word) && stands(frame, repeated, decide) == Stands::Crm {
            return accept(pair, record);
        }
    } else if !same(sent, record.word) {
        match stands(frame, Collision::Edits, decide) {
            Stands::Outlook => {
                // What is processed last is what this synchronization sends.
                if pair.sent && decide.pick(2, 0) == 1 {
                    return accept(pair, record);
                }
                // All of it, or the fields that changed.
                let fields = carry(overlay(record.word, sent, pair.base), sent);
                if !same(fields, sent) && stands(frame, Collision::Overwriting, decide) != Stands::Outlook {
                    sent = fields;
                    // One who keeps a journal sends what was edited to what it was, too.
                    if touched {
                        sent = Word(sent.0 & !REPEATED | pair.word.0 & REPEATED);
                    }
                    pair.word = sent;
                }
            }
            Stands::Crm => return accept(pair, record),
            Stands::Merged | Stands::Fields | Stands::Deletion | Stands::Edit | Stands::Neither => {
                sent = overlay(sent, record.word, pair.base);
                pair.word = sent;
            }
        }
    }
    record.word = carry(sent, record.word);
    pair.base = carry(sent, pair.base).touched(false);
    pair.sent = false;
}

/// Leaves an edit where it is. Of one that the user has no right to, the fields may stay that were edited, when the others
/// are fetched.
fn ignore<D: Decide>(edit: &RecordEdit, pair: &mut Pair, record: &Record, decide: &mut D) {
    if !edit.privileged && changed(record.word, pair.base) && decide.pick(2, 0) == 1 {
        pair.word = carry(overlay(record.word, pair.word, pair.base), pair.word);
        pair.base = carry(record.word, pair.base);
    }
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
        let decision = judge(frame, pair, record, user, judged, JudgedAt::Open, decide, cited);
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
pub(super) fn but_the_last<D: Decide>(there: u8, going: u8, decide: &mut D) -> u8 {
    if there & !going != 0 {
        return going;
    }
    let mut left = going;
    for _ in 0..decide.pick(going.count_ones() as u8, 0) {
        left &= !(0x80 >> left.leading_zeros());
    }
    going & !(0x80 >> left.leading_zeros())
}
