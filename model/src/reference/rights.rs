//! By whose rights what waits in a mailbox is judged: the user's, or those of a delegate who did it.

use crate::ids::UserId;
use crate::plan::{Right, Rights};
use crate::readings::decide::Decide;
use crate::rules::{DelegateAct, Delegated, Edited, RecordAct, RecordEdit, Role};
use crate::world::{Link, Pair, Record};

use super::crossing::changed;
use super::{Frame, StepOutcome};

/// The rights by which what waits in a mailbox is judged, as far as these are asked for.
pub(super) fn rights_of<D: Decide>(
    frame: &Frame<'_>,
    pair: &Pair,
    user: UserId,
    asked: Rights,
    decide: &mut D,
) -> Rights {
    let own = frame.scene.users[user.index()].rights;
    if pair.lent && is_judged_as_delegate(frame, decide) { own.turned(asked) } else { own }
}

/// Whether the right of a delegate counts where it is another than the principal's.
fn is_judged_as_delegate<D: Decide>(frame: &Frame<'_>, decide: &mut D) -> bool {
    let act = Delegated { act: DelegateAct::Write, connected: true };
    frame.rules.delegates.ask(&act, decide).role == Role::Delegate
}

/// Whether one of the two may do it, and the other not.
fn differ(frame: &Frame<'_>, one: UserId, other: UserId, right: Right) -> bool {
    let may = |user: UserId| frame.scene.users[user.index()].rights.may(right);
    may(one) != may(other)
}

/// Remembers of what a delegate has tracked or edited, or a user after one, whether the delegate's right to that is another
/// than the user's. Of what both have edited either may count.
pub(super) fn lend<D: Decide>(
    frame: &Frame<'_>,
    before: &Pair,
    pair: &mut Pair,
    (mailbox, by): (UserId, UserId),
    decide: &mut D,
) {
    if before.link == Link::None && pair.link == Link::Pending {
        pair.lent = differ(frame, mailbox, by, Right::Create);
    } else if before.link == Link::Linked && (changed(pair.word, before.word) || pair.word.is_touched()) {
        let lent = differ(frame, mailbox, by, Right::Write);
        let both = lent != before.lent && changed(before.word, before.base);
        pair.lent = if both && decide.pick(2, 0) == 1 { before.lent } else { lent };
    }
}

/// Forgets who did what no longer waits.
#[inline(always)]
pub(super) fn repay(pair: &mut Pair) {
    pair.lent &= pair.link == Link::Pending || pair.link == Link::Linked && changed(pair.word, pair.base);
}

/// Whether tracking is refused to whoever may not create records. A client that is connected can tell; what else could is
/// free to.
pub(super) fn refused_tracking<D: Decide>(
    frame: &Frame<'_>,
    pair: &Pair,
    record: &Record,
    mailbox: UserId,
    certain: bool,
    decide: &mut D,
) -> Option<StepOutcome> {
    let taken = RecordAct::Track.takes();
    let rights = rights_of(frame, pair, mailbox, taken, decide);
    if rights.may_all(taken) {
        return None;
    }
    let edit = RecordEdit::of(RecordAct::Track, record.word, rights);
    let (row, edited) = frame.rules.editing.ask(&edit, decide);
    // Where there is a record none is to be made.
    let certain = certain && !record.is_present();
    let refused = edited == Edited::Refused && (certain || decide.pick(2, 0) == 1);
    refused.then_some(StepOutcome::Refused(row))
}
