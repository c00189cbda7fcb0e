//! What users do in Outlook.

use crate::ids::{ItemId, ItemSet, UserId};
use crate::plan::{ItemSetup, Kind, Op, Right, Status, Step};
use crate::readings::decide::Decide;
use crate::reference::judgement::{Judged, judge};
use crate::rules::{
    AskedUser, Candidate, ChosenKind, DelegateAct, Delegated, Prompt, Reply, Selected, SelectedItem, SelectionAct,
    SendingMoment, Situation, Size, Trackable, Trigger, UntrackedIn, UntrackedItem,
};
use crate::time::Seconds;
use crate::view::Word;
use crate::world::{Action, CrmAction, Item, Link, Pair, Presence, Record, all_occurrences, initial};

use super::crm::in_crm;
use super::crossing::same;
use super::linked::parent_to;
use super::meaning::{Meaning, meaning};
use super::rights::{lend, refused_tracking};
use super::route::Route;
use super::send::send;
use super::sending::at_once;
use super::{BATCH_LIMIT, Cited, Frame, JudgedAt, StepOutcome};

/// Applies a step that names items to one of them.
#[inline]
pub fn apply<D: Decide>(
    frame: &Frame<'_>,
    route: Route,
    id: ItemId,
    item: &mut Item,
    step: &Step,
    decide: &mut D,
    cited: &mut Cited,
) -> StepOutcome {
    let (Route::Crm | Route::LocalCrm(..)) = route else {
        return outlook(frame, route, id, item, step, decide, cited);
    };
    let usual = frame.scene.items[id.index()].record;
    let Meaning::Items(_, Some(action)) = meaning(&step.op, usual) else { return StepOutcome::Impossible };
    if action == CrmAction::Create && !exists_nowhere(frame, item) {
        return StepOutcome::Impossible;
    }
    if let Route::LocalCrm(computer, slot) = route {
        if usize::from(item.slots[slot.index()].waiting) == crate::world::MAX_QUEUE {
            return StepOutcome::Impossible;
        }
        let outcome = in_crm(frame, id, &mut item.local[computer.index()], step.by, action, decide);
        if outcome == StepOutcome::DONE {
            item.slots[slot.index()].push(Action::InCrm(action));
        }
        return outcome;
    }
    let outcome = in_crm(frame, id, &mut item.record, step.by, action, decide);
    if outcome == StepOutcome::DONE {
        written(item, action);
    }
    let untouched = |pair: &Pair| pair.presence == Presence::Present && pair.link == Link::None;
    if action == CrmAction::Delete && outcome == StepOutcome::DONE && item.pairs.iter().any(untouched) {
        *cited = untracked(frame, &item.record, Trigger::DeleteInCrm);
    }
    outcome
}

/// An edit in CRM that leaves the record as it and a copy last agreed on: see [`touch`].
pub(super) fn written(item: &mut Item, action: CrmAction) {
    let Item { record, pairs, .. } = item;
    let repeats =
        matches!(action, CrmAction::When(_) | CrmAction::Regarding(_) | CrmAction::Parent(_) | CrmAction::Organizer(_));
    for pair in pairs {
        let follows = pair.link == Link::Linked || pair.survivor;
        let agrees = pair.base.is_of(record.word) && same(record.word, pair.base);
        pair.base = pair.base.touched(follows && agrees && (repeats || pair.base.is_touched()));
    }
}

/// The row for what is not tracked.
pub(super) fn untracked(frame: &Frame<'_>, record: &Record, trigger: Trigger) -> Cited {
    let situation = Situation {
        kind: record.word.record(),
        trigger,
        reply: Reply::Unasked,
        tracked: false,
        owner: false,
        organizer: false,
        current: true,
        open: false,
        privileged: true,
        occurrence: false,
    };
    let table = &frame.rules.deletion;
    Cited { rule: Some(table.row(&situation)), situation: table.situation(&situation), ..Cited::default() }
}

pub(super) fn exists_nowhere(frame: &Frame<'_>, item: &Item) -> bool {
    item.record.presence == Presence::Never
        && item.pairs.iter().all(|pair| pair.presence == Presence::Never)
        && frame.context.held(frame.scene).slots.iter().all(|slot| item.slots[slot.index()].waiting == 0)
}

#[inline]
pub(super) fn outlook<D: Decide>(
    frame: &Frame<'_>,
    route: Route,
    id: ItemId,
    item: &mut Item,
    step: &Step,
    decide: &mut D,
    cited: &mut Cited,
) -> StepOutcome {
    let setup = &frame.scene.items[id.index()];
    let Meaning::Items(Some(action), _) = meaning(&step.op, setup.record) else { return StepOutcome::Impossible };
    let selected = if let Op::Track { items, .. } = step.op {
        selection(frame, id, SelectionAct::Track, items, decide)
    } else if let Op::Untrack { items, .. } = step.op {
        selection(frame, id, SelectionAct::Untrack, items, decide)
    } else {
        None
    };
    if let Some(outcome) = selected {
        return outcome;
    }
    if action == Action::Create && !exists_nowhere(frame, item) {
        return StepOutcome::Impossible;
    }
    match route {
        Route::Mailbox { of, client, live } => {
            let Item { record, pairs, .. } = item;
            let pair = &mut pairs[of.index()];
            let before = *pair;
            let (now, who) = (frame.context.now, (of, step.by));
            let outcome = in_outlook(frame, id, pair, record, who, action, now, client, decide, cited);
            if outcome != StepOutcome::DONE || before.link != Link::None || pair.link != Link::Pending {
                return outcome;
            }
            if let Some(refusal) = refused_tracking(frame, pair, record, of, client, decide) {
                *pair = before;
                return refusal;
            }
            pair.held = step.by != of && waits_for_principal(frame, of, decide);
            if live && at_once(frame, SendingMoment::Tracked, decide) {
                send(frame, id, record, pair, of, decide, cited);
            }
            outcome
        }
        Route::Cache(slot) => {
            let (_, mailbox) = frame.scene.slots[slot.index()];
            let Item { record, slots, .. } = item;
            let slot = &mut slots[slot.index()];
            if usize::from(slot.waiting) == crate::world::MAX_QUEUE {
                return StepOutcome::Impossible;
            }
            let now = frame.context.now;
            let who = (mailbox, step.by);
            let before = slot.pair;
            let outcome = in_outlook(frame, id, &mut slot.pair, record, who, action, now, true, decide, cited);
            if before.link == Link::None
                && slot.pair.link == Link::Pending
                && let Some(refusal) = refused_tracking(frame, &slot.pair, record, mailbox, false, decide)
            {
                slot.pair = before;
                return refusal;
            }
            // Whose it is tells the mailbox, when it arrives there.
            slot.pair.lent = false;
            if let StepOutcome::Done { .. } = outcome {
                slot.push(action);
            }
            outcome
        }
        Route::Crm | Route::LocalCrm(..) | Route::World => StepOutcome::Impossible,
    }
}

/// What the limits of a selection make of one of its items; `None` where they let it through.
pub(super) fn selection<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    act: SelectionAct,
    items: ItemSet,
    decide: &mut D,
) -> Option<StepOutcome> {
    match frame.rules.selection.ask(&selected(frame, id, act, items), decide) {
        (_, Selected::Done) => None,
        (rule, Selected::Refused) => Some(StepOutcome::Refused(rule)),
        (_, Selected::LeftOut) => Some(StepOutcome::DONE),
    }
}

/// How an item stands in a selection.
pub(super) fn selected(frame: &Frame<'_>, id: ItemId, act: SelectionAct, items: ItemSet) -> SelectedItem {
    let kind = |id: ItemId| frame.scene.items[id.index()].kind;
    SelectedItem {
        act,
        size: match items.len() {
            0 | 1 => Size::One,
            2..=BATCH_LIMIT => Size::Several,
            _ => Size::MoreThanTwenty,
        },
        mixed: items.iter().any(|other| kind(other) != kind(id)),
        beyond: items.iter().take_while(|&other| other != id).count() >= BATCH_LIMIT,
    }
}

/// Whether what a delegate has just tracked waits until the principal connects.
pub(super) fn waits_for_principal<D: Decide>(frame: &Frame<'_>, principal: UserId, decide: &mut D) -> bool {
    let connected = frame.context.is_user_connected(frame.scene, principal);
    frame.rules.delegates.ask(&Delegated { act: DelegateAct::Track, connected }, decide).waits
}

/// Does something to a copy in Outlook: in the mailbox, or in what a computer shows of it. `mailbox` is whose it is, `by`
/// who acts there.
#[expect(
    clippy::too_many_arguments,
    reason = "all of them decide what happens, and a struct would be made only to be taken apart"
)]
#[inline]
pub(super) fn in_outlook<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    pair: &mut Pair,
    record: &Record,
    who: (UserId, UserId),
    action: Action,
    at: Seconds,
    client: bool,
    decide: &mut D,
    cited: &mut Cited,
) -> StepOutcome {
    let (mailbox, by) = who;
    if by == mailbox && !pair.lent {
        return done_in_outlook(frame, id, pair, record, who, action, at, client, decide, cited);
    }
    let before = *pair;
    let outcome = done_in_outlook(frame, id, pair, record, who, action, at, client, decide, cited);
    lend(frame, &before, pair, who, decide);
    outcome
}

#[expect(
    clippy::too_many_arguments,
    reason = "all of them decide what happens, and a struct would be made only to be taken apart"
)]
#[inline]
fn done_in_outlook<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    pair: &mut Pair,
    record: &Record,
    (mailbox, by): (UserId, UserId),
    action: Action,
    at: Seconds,
    client: bool,
    decide: &mut D,
    cited: &mut Cited,
) -> StepOutcome {
    let setup = &frame.scene.items[id.index()];
    if action == Action::Create {
        if setup.kind.is_crm_only() {
            return StepOutcome::Impossible;
        }
        let all = all_occurrences(frame.scene.schedule(setup.when));
        pair.word = initial(setup).with_occurrences(if setup.kind == Kind::RecurringAppointment { all } else { 1 });
        pair.presence = Presence::Present;
        return StepOutcome::DONE;
    }
    if pair.presence != Presence::Present {
        return StepOutcome::Impossible;
    }
    match action {
        // A message is what was received or sent; nobody edits it.
        Action::Title(_) | Action::When(_) if setup.kind == Kind::Email => return StepOutcome::Impossible,
        Action::Title(token) => pair.word = pair.word.with_title(token),
        Action::When(when) => {
            if setup.kind == Kind::Contact {
                return StepOutcome::Impossible;
            }
            pair.word = pair.word.with_when(when);
            touch(pair);
        }
        Action::Complete => {
            if !setup.kind.is_task_like() || pair.word.status() != Status::Open {
                return StepOutcome::Impossible;
            }
            pair.word = pair.word.with_status(Status::Completed);
        }
        Action::Delete | Action::MoveAway => {
            let leaving = if action == Action::MoveAway { Presence::Moved } else { Presence::Tombstone };
            match pair.link {
                // What was tracked and deleted before it was first synchronized: one who looks at how things are finds
                // nothing to track, one who carries out what was done makes the record first. Nothing says which.
                Link::Pending if decide.pick(2, 0) == 1 => {
                    pair.presence = leaving;
                    (pair.acted_at, pair.acted_by) = (at, by);
                }
                Link::None | Link::Pending => {
                    *cited = untracked(frame, record, Trigger::DeleteInOutlook);
                    pair.presence = Presence::Gone;
                    pair.link = Link::None;
                    pair.held = false;
                }
                Link::Linked => {
                    pair.presence = leaving;
                    (pair.acted_at, pair.acted_by) = (at, by);
                    pair.sent = false;
                }
                Link::Untracking => pair.presence = Presence::Gone,
            }
        }
        Action::DeleteOccurrence(n) => {
            let rest = pair.word.occurrences() & !(1 << n);
            if setup.kind != Kind::RecurringAppointment || rest == pair.word.occurrences() || rest == 0 {
                return StepOutcome::Impossible;
            }
            pair.word = pair.word.with_occurrences(rest);
            (pair.acted_at, pair.acted_by) = (at, by);
        }
        Action::Track(kind) => return track(frame, id, pair, kind, decide),
        Action::Untrack { yes } => {
            return untrack(frame, pair, record, (mailbox, by), yes, at, client, decide, cited);
        }
        Action::Regarding(to) => {
            if setup.kind == Kind::Contact {
                return StepOutcome::Impossible;
            }
            return set_reference(frame, id, pair, |word| word.with_regarding_bits(to.0 + 1), decide);
        }
        Action::Parent(to) => {
            if setup.kind != Kind::Contact {
                return StepOutcome::Impossible;
            }
            if let (row, false) = frame.rules.linking.ask(&parent_to(frame, to), decide) {
                return StepOutcome::Refused(row);
            }
            return set_reference(frame, id, pair, |word| word.with_parent_bits(to.0 + 1), decide);
        }
        Action::Create | Action::InCrm(_) => return StepOutcome::Impossible,
    }
    StepOutcome::DONE
}

/// Sets regarding or parent, which tracks an untracked item first ("Save an Outlook appointment or task as a CRM
/// activity").
pub(super) fn set_reference<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    pair: &mut Pair,
    set: impl FnOnce(Word) -> Word,
    decide: &mut D,
) -> StepOutcome {
    match pair.link {
        Link::None => {
            let outcome = track(frame, id, pair, frame.scene.items[id.index()].record, decide);
            if outcome != StepOutcome::DONE {
                return outcome;
            }
        }
        Link::Pending | Link::Linked => {}
        Link::Untracking => return StepOutcome::Impossible,
    }
    pair.word = set(pair.word);
    touch(pair);
    StepOutcome::DONE
}

/// An edit that leaves a copy as both sides last agreed on: one who compares sees none, one who keeps a journal sees one.
/// Which, is asked where it matters.
fn touch(pair: &mut Pair) {
    if pair.link == Link::Linked && same(pair.word, pair.base) {
        pair.word = pair.word.touched(true);
    }
}

/// An item that is to be tracked as a record of this kind.
pub(super) fn candidate(setup: &ItemSetup, kind: Kind) -> Candidate {
    let chosen = if kind == setup.record {
        ChosenKind::Own
    } else if kind.is_task_like() && setup.kind == Kind::Task {
        ChosenKind::AsAnotherTask
    } else {
        ChosenKind::AsAnother
    };
    Candidate { kind: setup.kind, chosen, store: setup.store, assigned: setup.assigned }
}

pub(super) fn track<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    pair: &mut Pair,
    kind: Kind,
    decide: &mut D,
) -> StepOutcome {
    let setup = &frame.scene.items[id.index()];
    if pair.link != Link::None {
        return StepOutcome::Impossible;
    }
    match frame.rules.tracking.ask(&candidate(setup, kind), decide) {
        (_, Trackable::Done) => {}
        (rule, Trackable::Refused) => return StepOutcome::Refused(rule),
        (_, Trackable::Unnamed) => return StepOutcome::Impossible,
    }
    pair.link = Link::Pending;
    // What is edited from here on is an edit of what is tracked.
    pair.base = Word(pair.base.0 & !Word::SYNCHRONIZED | pair.word.0 & Word::SYNCHRONIZED);
    pair.record = kind;
    pair.survivor = false;
    pair.sent = false;
    StepOutcome::DONE
}

#[expect(
    clippy::too_many_arguments,
    reason = "all of them decide what happens, and a struct would be made only to be taken apart"
)]
pub(super) fn untrack<D: Decide>(
    frame: &Frame<'_>,
    pair: &mut Pair,
    record: &Record,
    (mailbox, by): (UserId, UserId),
    yes: bool,
    at: Seconds,
    client: bool,
    decide: &mut D,
    cited: &mut Cited,
) -> StepOutcome {
    if matches!(pair.link, Link::None | Link::Untracking) {
        return StepOutcome::Impossible;
    }
    let untracked = UntrackedItem {
        place: if client { UntrackedIn::Client } else { UntrackedIn::Web },
        contact: record.word.record() == Kind::Contact,
        linked: pair.link == Link::Linked,
        privileged: frame.scene.users[by.index()].rights.may(Right::Delete),
    };
    let (_, asked) = frame.rules.prompt.ask(&untracked, decide);
    let asks = asked != AskedUser::No;
    let reply = match (asks, yes) {
        (false, _) => Reply::NoClient,
        (true, true) => Reply::Yes,
        (true, false) => Reply::No,
    };
    match pair.link {
        Link::None | Link::Untracking => StepOutcome::Impossible,
        Link::Pending => {
            pair.link = Link::None;
            pair.held = false;
            let prompted = asked == AskedUser::Free && decide.pick(2, 0) == 1;
            pair.reply = if prompted { reply } else { Reply::Unasked };
            StepOutcome::Done { prompted }
        }
        Link::Linked => {
            let judged = Judged { trigger: Trigger::Untrack, reply, at, occurrence: None, by };
            let decision = judge(frame, pair, record, mailbox, judged, JudgedAt::Event, decide, cited);
            let prompted = match (asked, decision.prompt) {
                (AskedUser::No, _) | (_, Prompt::Unasked) => false,
                (AskedUser::AsDeleted, Prompt::Asked) => true,
                (AskedUser::Free, Prompt::Asked) | (_, Prompt::Free) => decide.pick(2, 0) == 1,
            };
            pair.link = Link::Untracking;
            (pair.acted_at, pair.acted_by) = (at, by);
            pair.sent = false;
            pair.reply = if prompted || !asks { reply } else { Reply::Unasked };
            StepOutcome::Done { prompted }
        }
    }
}
