//! What concerns every item: connections, crashes, offline work, and the synchronizations that come with them.

use crate::ids::{ComputerId, ItemId, UserId};
use crate::plan::{Crash, Method, Place, Stage, Status, Step};
use crate::readings::decide::Decide;
use crate::rules::SendingMoment;
use crate::world::{Action, Item, Link, Presence, Slot};

use super::crm::in_crm;
use super::fetch::fetch;
use super::meaning::{AtComputer, Meaning, meaning};
use super::outlook::{in_outlook, waits_for_principal, written};
use super::sending::at_once;
use super::synchronize::synchronize;
use super::{Cited, Frame, StepOutcome};

/// Applies a step that concerns all items to one of them.
#[inline]
pub fn sweep<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    item: &mut Item,
    step: &Step,
    decide: &mut D,
    cited: &mut Cited,
) {
    let Frame { scene, context, .. } = *frame;
    let what = match meaning(&step.op, scene.items[id.index()].record) {
        Meaning::Server(mailbox, crash) => {
            let stage = stage_of(id, crash, decide);
            synchronize(frame, id, item, mailbox, stage, decide, cited);
            return;
        }
        Meaning::Computer(what) => what,
        Meaning::Items(..) | Meaning::Wait(_) | Meaning::Settle | Meaning::Options => return,
    };
    let Place::Computer(computer) = step.at else { return };
    let user = scene.computers[computer.index()];
    let synchronizes =
        scene.method(user) == Method::OutlookClient && context.synchronizing[user.index()] == Some(computer);
    match what {
        AtComputer::Synchronize(crash) => {
            let stage = stage_of(id, crash, decide);
            if synchronizes {
                synchronize(frame, id, item, user, stage, decide, cited);
            }
            if crash.is_some() {
                leave(frame, item, computer);
            }
        }
        AtComputer::Connect => {
            for (slot, mailbox) in scene.slots_of(computer) {
                replay(frame, id, item, slot, mailbox, user, Stage::Done, decide, cited);
            }
            item.pairs[user.index()].held = false;
        }
        AtComputer::GoOnline(crash) => {
            let stage = stage_of(id, crash, decide);
            for (slot, mailbox) in scene.slots_of(computer) {
                replay(frame, id, item, slot, mailbox, user, stage, decide, cited);
            }
            if crash.is_none() {
                item.pairs[user.index()].held = false;
                // One who has sent everything on leaving may synchronize on coming back, too: nothing forbids it.
                if synchronizes && (!uploads_on_leaving(frame, decide) || decide.pick(2, 0) == 1) {
                    synchronize(frame, id, item, user, Stage::Done, decide, cited);
                }
            }
        }
        AtComputer::GoOffline(crash) => {
            let stage = stage_of(id, crash, decide);
            if synchronizes {
                if uploads_on_leaving(frame, decide) {
                    synchronize(frame, id, item, user, stage, decide, cited);
                } else if stage == Stage::Done {
                    let Item { record, pairs, .. } = item;
                    fetch(frame, id, record, &mut pairs[user.index()], user, decide, cited);
                }
            }
            leave(frame, item, computer);
        }
        AtComputer::Disconnect => leave(frame, item, computer),
        AtComputer::Choose | AtComputer::Restart => {}
    }
}

/// Whether a computer that goes offline sends the user's changes first, rather than on its return.
pub(super) fn uploads_on_leaving<D: Decide>(frame: &Frame<'_>, decide: &mut D) -> bool {
    at_once(frame, SendingMoment::Leaving, decide)
}

/// How far the item came, should the synchronization crash. Where an implementation was just then, nobody can see, so
/// the oracle allows every stage; the reference takes the one that the plan names.
pub(super) fn stage_of<D: Decide>(id: ItemId, crash: Option<Crash>, decide: &mut D) -> Stage {
    let Some(crash) = crash else { return Stage::Done };
    let planned = match id.cmp(&crash.at) {
        std::cmp::Ordering::Less => Stage::Done,
        std::cmp::Ordering::Equal => crash.stage,
        std::cmp::Ordering::Greater => Stage::BeforeUpload,
    };
    Stage::ALL[usize::from(decide.pick(Stage::ALL.len() as u8, planned as u8))]
}

/// A computer loses its connection: from now on it shows what it holds.
pub(super) fn leave(frame: &Frame<'_>, item: &mut Item, computer: ComputerId) {
    for (slot, mailbox) in frame.scene.slots_of(computer) {
        item.slots[slot.index()].pair = item.pairs[mailbox.index()];
        item.slots[slot.index()].clear();
    }
    item.local[computer.index()] = item.record;
}

/// A computer connects again: what waits is carried out in the order in which it was entered, and overwrites whatever
/// has happened meanwhile.
#[expect(
    clippy::too_many_arguments,
    reason = "all of them decide what happens, and a struct would be made only to be taken apart"
)]
pub(super) fn replay<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    item: &mut Item,
    slot: crate::ids::SlotId,
    mailbox: UserId,
    user: UserId,
    stage: Stage,
    decide: &mut D,
    cited: &mut Cited,
) {
    let Slot { pair: cached, queue, waiting, sent } = item.slots[slot.index()];
    if waiting == 0 || stage == Stage::BeforeUpload {
        return;
    }
    // What was sent before a crash is not sent again, or its end is, or all of it: the server cannot be seen to care.
    let again = if sent > 0 { decide.pick(sent + 1, 0) } else { 0 };
    let from = sent - again;
    // The crash may come between any two of them.
    let unsent = match stage {
        Stage::BeforeAcknowledgement if waiting > from => decide.pick(waiting - from, 0),
        Stage::Done | Stage::BeforeUpload | Stage::BeforeAcknowledgement | Stage::BeforeErase => 0,
    };
    let until = waiting - unsent;
    for &action in &queue[usize::from(from)..usize::from(until)] {
        if let Action::InCrm(action) = action {
            if in_crm(frame, id, &mut item.record, user, action, decide) == StepOutcome::DONE {
                written(item, action);
            }
            continue;
        }
        let Item { record, pairs, .. } = item;
        let pair = &mut pairs[mailbox.index()];
        if action == Action::Create && pair.presence != Presence::Never {
            continue;
        }
        if let Action::Untrack { .. } = action {
            // The user has answered already, at the computer.
            if pair.presence == Presence::Present && pair.link == Link::Linked {
                pair.link = Link::Untracking;
                pair.sent = false;
                pair.reply = cached.reply;
                pair.acted_at = cached.acted_at;
                pair.acted_by = user;
                // As it was known to the client that asked, or did not: who owns it decides what the answer means.
                if cached.link == Link::Untracking {
                    pair.word = pair.word.with_owner_bits(cached.word.owner_bits());
                }
            } else if pair.link == Link::Pending {
                pair.link = Link::None;
                pair.held = false;
            }
            continue;
        }
        // What has been cancelled meanwhile could not be completed now; what was entered when it could overwrites, or not.
        let closed = pair.presence == Presence::Present && pair.word.status() == Status::Cancelled;
        if action == Action::Complete && closed && decide.pick(2, 0) == 1 {
            pair.word = pair.word.with_status(Status::Completed);
            continue;
        }
        let was = pair.link;
        in_outlook(frame, id, pair, record, (mailbox, user), action, cached.acted_at, true, decide, cited);
        if was == Link::None && pair.link == Link::Pending {
            pair.held = user != mailbox && waits_for_principal(frame, mailbox, decide);
        }
    }
    let slot = &mut item.slots[slot.index()];
    match stage {
        // What was acknowledged is never sent again, and so as good as erased.
        Stage::Done | Stage::BeforeErase => slot.clear(),
        Stage::BeforeUpload => {}
        Stage::BeforeAcknowledgement => slot.sent = sent.max(until),
    }
}
