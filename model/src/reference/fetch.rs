//! Fetching what changed in CRM.

use crate::ids::{ItemId, UserId};
use crate::plan::{Kind, Right};
use crate::readings::decide::Decide;
use crate::reference::judgement::{Judged, judge};
use crate::rules::{
    Collision, Edited, LikenedItem, LinkEvent, LinkFate, RecordAct, RecordEdit, RecordKind, Reply, Stands, TakenFor,
    Trigger,
};
use crate::view::Field;
use crate::world::{Link, Pair, Presence, Record};

use super::crossing::{carry, changed, goes, in_filter, linked, occurrences, stands, taken_for};
use super::rights::rights_of;
use super::send::{accept, but_the_last, is_message};
use super::{Cited, Frame, JudgedAt};

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
            if record.is_present() && in_filter(frame, record.word, user, false, decide) {
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
                && frame.rules.unlinking.ask(&LinkEvent::RecordEdited, decide).back;
            if comes_back || another(frame, pair, record, user, decide) {
                arrive(pair, record);
            }
        }
        (Link::None, Presence::Present) => {
            if another(frame, pair, record, user, decide) {
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
fn another<D: Decide>(frame: &Frame<'_>, pair: &Pair, record: &Record, user: UserId, decide: &mut D) -> bool {
    record.is_present()
        && !pair.base.is_of(record.word)
        && decide.pick(2, 0) == 1
        && in_filter(frame, record.word, user, false, decide)
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
    let against = if edited { against(frame, id, pair, record, user, decide) } else { AgainstDeletion::Nothing };
    if against == AgainstDeletion::Kept {
        // It stays, on its own, or as one half of a pair.
        if decide.pick(2, 0) == 1 {
            pair.survivor = true;
        } else {
            pair.link = Link::None;
        }
        return;
    }
    if against == AgainstDeletion::Edit {
        match stands(frame, Collision::DeletionAndEdit, decide) {
            Stands::Deletion => {}
            Stands::Edit => {
                // It is another record, owned as the old one was, or by whoever's edit made it.
                let other = record.word.owner() != Some(user) && decide.pick(2, 0) == 1;
                let word = carry(pair.word, record.word).of_next(record.word);
                record.word = if other { word.with_owner(user) } else { word };
                record.presence = Presence::Present;
                pair.word = pair.word.touched(false).with_owner_bits(record.word.owner_bits());
                pair.base = pair.word.of(record.word);
                return;
            }
            Stands::Neither | Stands::Outlook | Stands::Crm | Stands::Merged | Stands::Fields => {
                pair.link = Link::None;
                return;
            }
        }
    }
    let at = record.deleted_at;
    let judged = Judged { trigger: Trigger::DeleteInCrm, reply: Reply::Unasked, at, occurrence: None, by: user };
    let carried = !is_message(frame, id, decide) && {
        let decision = judge(frame, pair, record, user, judged, JudgedAt::Open, decide, cited);
        goes(decision.outlook, decide)
    };
    if carried {
        pair.presence = Presence::Gone;
        pair.link = Link::None;
    } else if linked(frame, LinkEvent::RecordDeleted, decide) == LinkFate::Cut {
        pair.link = Link::None;
    } else {
        pair.survivor = true;
    }
}

/// What stands against a deletion.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AgainstDeletion {
    /// Nothing.
    Nothing,
    /// An edit.
    Edit,
    /// An edit that cannot be sent, and is kept.
    Kept,
}

/// What an edit is against a deletion. One that a synchronization undoes is none that could stand; but one who looks for the
/// deletion first never comes to that.
fn against<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    pair: &Pair,
    record: &Record,
    user: UserId,
    decide: &mut D,
) -> AgainstDeletion {
    let rights = rights_of(frame, pair, user, RecordAct::FromOutlook.takes(), decide);
    let edit = RecordEdit::of(RecordAct::AgainstDeletion, record.word, rights);
    if !edit.privileged && frame.rules.editing.ask(&edit, decide).1 == Edited::Free {
        // Whoever may create records may make it again.
        return match decide.pick(if rights.may(Right::Create) { 3 } else { 2 }, 0) {
            0 => AgainstDeletion::Nothing,
            1 => AgainstDeletion::Kept,
            _ => AgainstDeletion::Edit,
        };
    }
    let undone = if frame.scene.items[id.index()].kind == Kind::ServiceActivity {
        decide.pick(2, 0) == 1 && taken_for(frame, LikenedItem::EditedServiceActivity, decide) == TakenFor::OneWay
    } else {
        let closed = edit.record == RecordKind::Activity && !edit.open;
        (!closed || decide.pick(2, 0) == 1) && frame.rules.editing.ask(&edit, decide).1 == Edited::Undone
    };
    if undone { AgainstDeletion::Nothing } else { AgainstDeletion::Edit }
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
        && linked(frame, LinkEvent::NewSubject, decide) == LinkFate::Cut
    {
        pair.link = Link::None;
        return;
    }
    let left = (record.word.0 ^ pair.base.0) & ROLES != 0
        && in_filter(frame, pair.base, user, false, decide)
        && !in_filter(frame, record.word, user, false, decide);
    if left {
        let at = frame.context.now;
        let judged = Judged { trigger: Trigger::LeaveFilter, reply: Reply::Unasked, at, occurrence: None, by: user };
        let decision = judge(frame, pair, record, user, judged, JudgedAt::Open, decide, cited);
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
        let decision = judge(frame, pair, record, user, judged, JudgedAt::Open, decide, cited);
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
    if !in_filter(frame, record.word, user, true, decide) {
        pair.presence = Presence::Gone;
        pair.link = Link::None;
    }
}
