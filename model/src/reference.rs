//! The reference: how a world changes, step by step. This is the executable specification.
//!
//! Every transition of an item is a function of that item and of what is known for certain, written once against
//! [`Decide`]: with [`Closed`] it is the deterministic reference, with [`crate::decide::Fork`] the oracle's successors.
//!
//! What a step does:
//! - Whoever acts at a connected computer, or in a browser, changes the store itself. At a computer that is not
//!   connected the change is seen there at once and waits in its queue ("Tracking Records in Outlook").
//! - Nothing crosses between mailbox and CRM until the mailbox is synchronized, by its user's synchronizing computer or
//!   by the server; only a newly tracked item may get its record at once.
//! - What a delegate tracked waits until the principal connects.
//! - A synchronization first sends what changed in Outlook, then fetches what changed in CRM. It overwrites without
//!   looking at dates. What each deletion does on the other side is for the [table](crate::rules) to say.

use std::sync::Arc;

use crate::decide::{Closed, Decide};
use crate::ids::{ComputerId, ItemId, ItemSet, UserId};
use crate::implementation::{Answer, Capabilities, Description, Failure, Implementation};
use crate::judgement::{Judged, judge};
use crate::plan::{
    Change, Connection, Crash, Kind, Method, Op, Part, Place, Plan, Setup, Side, Stage, Status, Step, Store,
};
use crate::rules::{Fate, Reply, RuleId, Rules, Situation, Trigger};
use crate::switches::{Readings, Switch, Values};
use crate::time::Seconds;
use crate::view::{Field, View, Word};
use crate::world::{
    Action, Context, CrmAction, Item, Link, Pair, Presence, Record, Scene, Slot, World, all_occurrences, initial,
};

/// The most items of one selection.
pub const BATCH_LIMIT: usize = 20;

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done {
        /// Whether the user was asked whether to delete the record too.
        prompted: bool,
    },
    /// The documents say that it is refused; nothing changed.
    Refused,
    /// It makes no sense here (what it is applied to is not there). The harness skips such steps.
    Impossible,
}

impl Outcome {
    /// Done, without a prompt.
    pub const DONE: Self = Self::Done { prompted: false };
}

/// Everything that a transition of one item looks at besides the item.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// What never changes.
    pub scene: &'a Scene,
    /// What is known for certain, before the step.
    pub context: &'a Context,
    /// The deletion table.
    pub rules: &'a Rules,
}

/// The row of the table that a transition followed last, if any, and in which situation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cited {
    /// The row.
    pub rule: Option<RuleId>,
    /// Owner, organizer, current and open, as bits 0 to 3.
    pub situation: u8,
}

/// The deterministic reference: the specification with every switch closed, as an implementation.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The world.
    pub world: World,
    rules: Arc<Rules>,
    readings: Readings,
    description: Description,
}

impl Reference {
    /// A reference that follows these rules, under the closed form of the readings.
    pub fn new(name: &str, rules: Arc<Rules>, readings: Readings) -> Self {
        let description = Description {
            name: name.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: Capabilities::ALL,
        };
        let setup = Setup {
            zone: crate::time::Zone::utc(chrono::DateTime::default()),
            users: Vec::new(),
            computers: Vec::new(),
            items: Vec::new(),
            schedules: Vec::new(),
        };
        Self { world: World::new(&setup), rules, readings: readings.closed(), description }
    }

    /// Takes a step. Nothing changes unless it is done.
    #[inline]
    pub fn step(&mut self, step: &Step) -> Outcome {
        let World { scene, context, items } = &mut self.world;
        let frame = Frame { scene, context, rules: &self.rules };
        let Some(route) = route(&frame, step) else { return Outcome::Impossible };
        let mut decide = Closed(self.readings);
        let outcome = match step.op.items() {
            Some(set) if set.len() <= 1 => match set.iter().next() {
                Some(id) => {
                    let mut cited = Cited::default();
                    apply(&frame, route, id, &mut items[id.index()], step, &mut decide, &mut cited)
                }
                None => Outcome::DONE,
            },
            Some(set) => batch(&frame, route, items, set, step, &mut decide),
            None => {
                for (item, id) in items.iter_mut().zip(0..) {
                    sweep(&frame, ItemId(id), item, step, &mut decide, &mut Cited::default());
                }
                Outcome::DONE
            }
        };
        if let Outcome::Done { .. } = outcome {
            advance(scene, context, step);
        }
        outcome
    }
}

impl Implementation for Reference {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), Failure> {
        self.world.reset(&plan.setup);
        Ok(())
    }

    fn apply(&mut self, step: &Step) -> Answer {
        match self.step(step) {
            Outcome::Done { prompted } => Answer::Done { prompted },
            Outcome::Refused | Outcome::Impossible => Answer::Refused,
        }
    }

    fn observe(&mut self, view: &mut View) -> Result<(), Failure> {
        self.world.show(view);
        Ok(())
    }
}

/// A selection succeeds or fails as a whole.
fn batch(
    frame: &Frame<'_>,
    route: Route,
    items: &mut [Item],
    set: ItemSet,
    step: &Step,
    decide: &mut Closed,
) -> Outcome {
    let mut changed = Vec::with_capacity(set.len());
    let mut all = false;
    for id in set.iter() {
        let mut item = items[id.index()];
        match apply(frame, route, id, &mut item, step, decide, &mut Cited::default()) {
            Outcome::Done { prompted } => all |= prompted,
            refused @ (Outcome::Refused | Outcome::Impossible) => return refused,
        }
        changed.push((id, item));
    }
    for (id, item) in changed {
        items[id.index()] = item;
    }
    Outcome::Done { prompted: all }
}

/// On what a step acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// On a mailbox, directly. `client` tells whether an Outlook client with the CRM add-in is there to ask.
    Mailbox {
        /// Whose.
        of: UserId,
        /// Whether a client is there.
        client: bool,
        /// Whether a newly tracked item could get its record at once.
        live: bool,
    },
    /// On a cached mailbox; the change waits.
    Cache(crate::ids::SlotId),
    /// On the CRM, directly.
    Crm,
    /// On the local copy of the CRM on a computer that is offline; the change waits.
    LocalCrm(ComputerId, crate::ids::SlotId),
    /// On everything, or on nothing.
    World,
}

/// Where a step leads; `None` where it is not possible whatever the items are.
#[inline]
pub fn route(frame: &Frame<'_>, step: &Step) -> Option<Route> {
    let scene = frame.scene;
    match step.op {
        Op::Create { side, .. }
        | Op::Edit { side, .. }
        | Op::Delete { side, .. }
        | Op::SetRegarding { side, .. }
        | Op::SetParent { side, .. }
        | Op::Complete { side, .. } => match side {
            Side::Outlook(mailbox) => outlook_route(frame, step, mailbox),
            Side::Crm => crm_route(frame, step),
        },
        Op::Track { mailbox, .. } | Op::Untrack { mailbox, .. } => {
            // In a browser there is no client, and under client synchronization nothing else that could track.
            if step.at == Place::Web && scene.method(mailbox) == Method::OutlookClient {
                return None;
            }
            outlook_route(frame, step, mailbox)
        }
        Op::Cancel { .. } | Op::Assign { .. } | Op::ChangeOrganizer { .. } => crm_route(frame, step),
        Op::Wait { seconds } => (seconds >= 0).then_some(Route::World),
        Op::ServerSynchronize { mailbox, .. } => (scene.method(mailbox) == Method::ServerSide).then_some(Route::World),
        // The runner takes this apart.
        Op::Settle => None,
        Op::Connect
        | Op::Disconnect
        | Op::GoOffline { .. }
        | Op::GoOnline { .. }
        | Op::Synchronize { .. }
        | Op::ChooseSynchronizingComputer
        | Op::Restart => {
            let computer = own_computer(frame, step)?;
            let connection = frame.context.connection[computer.index()];
            let possible = match step.op {
                Op::Connect => connection == Connection::Disconnected,
                Op::GoOnline { .. } => connection == Connection::Offline,
                Op::Restart => connection == Connection::Crashed,
                // Offered only where a user has several Outlook clients, under client synchronization, and online
                // ("Set personal options that affect tracking and synchronization").
                Op::ChooseSynchronizingComputer => {
                    let user = scene.computers[computer.index()];
                    connection == Connection::Connected
                        && scene.method(user) == Method::OutlookClient
                        && scene.computers.iter().filter(|&&of| of == user).count() > 1
                }
                Op::Synchronize { .. } => {
                    let user = scene.computers[computer.index()];
                    connection == Connection::Connected && scene.method(user) == Method::OutlookClient
                }
                Op::Disconnect | Op::GoOffline { .. } => connection == Connection::Connected,
                Op::Create { .. }
                | Op::Edit { .. }
                | Op::Delete { .. }
                | Op::Track { .. }
                | Op::Untrack { .. }
                | Op::SetRegarding { .. }
                | Op::SetParent { .. }
                | Op::Complete { .. }
                | Op::Cancel { .. }
                | Op::Assign { .. }
                | Op::ChangeOrganizer { .. }
                | Op::ServerSynchronize { .. }
                | Op::Wait { .. }
                | Op::Settle => false,
            };
            possible.then_some(Route::World)
        }
    }
}

#[inline(always)]
fn own_computer(frame: &Frame<'_>, step: &Step) -> Option<ComputerId> {
    match step.at {
        Place::Computer(computer) if frame.scene.computers.get(computer.index()) == Some(&step.by) => Some(computer),
        Place::Computer(_) | Place::Web => None,
    }
}

#[inline(always)]
fn outlook_route(frame: &Frame<'_>, step: &Step, mailbox: UserId) -> Option<Route> {
    let Frame { scene, context, .. } = *frame;
    if !scene.may_open(step.by, mailbox) {
        return None;
    }
    let server_side = scene.method(mailbox) == Method::ServerSide;
    let own = step.by == mailbox;
    if step.at == Place::Web {
        return Some(Route::Mailbox { of: mailbox, client: false, live: own && server_side });
    }
    let computer = own_computer(frame, step)?;
    match context.connection[computer.index()] {
        Connection::Connected => {
            let synchronizing = context.synchronizing[mailbox.index()] == Some(computer);
            let live = own && (server_side || synchronizing);
            Some(Route::Mailbox { of: mailbox, client: true, live })
        }
        Connection::Disconnected | Connection::Offline => scene.slot(computer, mailbox).map(Route::Cache),
        Connection::Crashed => None,
    }
}

#[inline(always)]
fn crm_route(frame: &Frame<'_>, step: &Step) -> Option<Route> {
    if step.at == Place::Web {
        return Some(Route::Crm);
    }
    let computer = own_computer(frame, step)?;
    match frame.context.connection[computer.index()] {
        Connection::Connected => Some(Route::Crm),
        Connection::Offline => {
            // Assigning needs the server.
            if matches!(step.op, Op::Assign { .. }) {
                return None;
            }
            let own = frame.scene.slot(computer, step.by)?;
            Some(Route::LocalCrm(computer, own))
        }
        Connection::Disconnected | Connection::Crashed => None,
    }
}

/// Changes what is known for certain, after a step that was done.
#[inline]
pub fn advance(scene: &Scene, context: &mut Context, step: &Step) {
    let mut set = |connection, resume| {
        if let Place::Computer(computer) = step.at {
            context.connection[computer.index()] = connection;
            context.resume[computer.index()] = resume;
        }
    };
    match step.op {
        Op::Wait { seconds } => context.now = context.now.saturating_add(seconds),
        Op::Connect | Op::GoOnline { crash: None } => set(Connection::Connected, Connection::Connected),
        Op::Disconnect => set(Connection::Disconnected, Connection::Disconnected),
        Op::GoOffline { crash: None } => set(Connection::Offline, Connection::Offline),
        Op::GoOnline { crash: Some(_) } => set(Connection::Crashed, Connection::Offline),
        Op::GoOffline { crash: Some(_) } | Op::Synchronize { crash: Some(_) } => {
            set(Connection::Crashed, Connection::Disconnected);
        }
        Op::Restart => {
            if let Place::Computer(computer) = step.at {
                context.connection[computer.index()] = context.resume[computer.index()];
            }
        }
        Op::ChooseSynchronizingComputer => {
            if let Place::Computer(computer) = step.at {
                context.synchronizing[scene.computers[computer.index()].index()] = Some(computer);
            }
        }
        Op::Create { .. }
        | Op::Edit { .. }
        | Op::Delete { .. }
        | Op::Track { .. }
        | Op::Untrack { .. }
        | Op::SetRegarding { .. }
        | Op::SetParent { .. }
        | Op::Complete { .. }
        | Op::Cancel { .. }
        | Op::Assign { .. }
        | Op::ChangeOrganizer { .. }
        | Op::Synchronize { crash: None }
        | Op::ServerSynchronize { .. }
        | Op::Settle => {}
    }
}

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
) -> Outcome {
    let (Route::Crm | Route::LocalCrm(..)) = route else {
        return outlook(frame, route, id, item, step, decide, cited);
    };
    let action = match step.op {
        Op::Create { .. } => CrmAction::Create,
        Op::Edit { change: Change::Title(token), .. } => CrmAction::Title(token),
        Op::Edit { change: Change::When(when), .. } => CrmAction::When(when),
        Op::Delete { part: Part::Whole, .. } => CrmAction::Delete,
        Op::Delete { part: Part::Occurrence(n), .. } => CrmAction::DeleteOccurrence(n),
        Op::SetRegarding { to, .. } => CrmAction::Regarding(to),
        Op::SetParent { to, .. } => CrmAction::Parent(to),
        Op::Complete { .. } => CrmAction::Complete,
        Op::Cancel { .. } => CrmAction::Cancel,
        Op::Assign { to, .. } => CrmAction::Assign(to),
        Op::ChangeOrganizer { to, .. } => CrmAction::Organizer(to),
        Op::Track { .. }
        | Op::Untrack { .. }
        | Op::Connect
        | Op::Disconnect
        | Op::GoOffline { .. }
        | Op::GoOnline { .. }
        | Op::Synchronize { .. }
        | Op::ServerSynchronize { .. }
        | Op::ChooseSynchronizingComputer
        | Op::Restart
        | Op::Wait { .. }
        | Op::Settle => return Outcome::Impossible,
    };
    if action == CrmAction::Create && !exists_nowhere(frame, item) {
        return Outcome::Impossible;
    }
    if let Route::LocalCrm(computer, slot) = route {
        if usize::from(item.slots[slot.index()].waiting) == crate::world::MAX_QUEUE {
            return Outcome::Impossible;
        }
        let outcome = in_crm(frame, id, &mut item.local[computer.index()], step.by, action);
        if outcome == Outcome::DONE {
            item.slots[slot.index()].push(Action::InCrm(action));
        }
        return outcome;
    }
    let outcome = in_crm(frame, id, &mut item.record, step.by, action);
    let untouched = |pair: &Pair| pair.presence == Presence::Present && pair.link == Link::None;
    if action == CrmAction::Delete && outcome == Outcome::DONE && item.pairs.iter().any(untouched) {
        *cited = untracked(frame, &item.record, Trigger::DeleteInCrm);
    }
    outcome
}

/// The row for what is not tracked.
fn untracked(frame: &Frame<'_>, record: &Record, trigger: Trigger) -> Cited {
    let situation = Situation {
        kind: record.word.record(),
        trigger,
        reply: Reply::Unasked,
        tracked: false,
        owner: false,
        organizer: false,
        current: true,
        open: record.word.status() == Status::Open,
        privileged: true,
        occurrence: false,
    };
    Cited { rule: Some(frame.rules.row(&situation)), situation: 0b0100 }
}

fn exists_nowhere(frame: &Frame<'_>, item: &Item) -> bool {
    item.record.presence == Presence::Never
        && item.pairs.iter().all(|pair| pair.presence == Presence::Never)
        && frame.context.held(frame.scene).slots.iter().all(|slot| item.slots[slot.index()].waiting == 0)
}

#[inline]
fn outlook<D: Decide>(
    frame: &Frame<'_>,
    route: Route,
    id: ItemId,
    item: &mut Item,
    step: &Step,
    decide: &mut D,
    cited: &mut Cited,
) -> Outcome {
    let setup = &frame.scene.items[id.index()];
    let action = match step.op {
        Op::Create { .. } => Action::Create,
        Op::Edit { change: Change::Title(token), .. } => Action::Title(token),
        Op::Edit { change: Change::When(when), .. } => Action::When(when),
        Op::Delete { part, .. } => match part {
            Part::Whole => Action::Delete,
            Part::Occurrence(n) => Action::DeleteOccurrence(n),
        },
        Op::Track { items, record, .. } => {
            if let Some(outcome) = selection(frame, id, items, decide) {
                return outcome;
            }
            Action::Track(record.unwrap_or(setup.record))
        }
        Op::Untrack { items, yes, .. } => {
            if items.len() > 1 && decide.holds(Switch::MultiUntrack, Values::FIRST) {
                return Outcome::Refused;
            }
            Action::Untrack { yes }
        }
        Op::SetRegarding { to, .. } => Action::Regarding(to),
        Op::SetParent { to, .. } => Action::Parent(to),
        Op::Complete { .. } => Action::Complete,
        Op::Cancel { .. }
        | Op::Assign { .. }
        | Op::ChangeOrganizer { .. }
        | Op::Connect
        | Op::Disconnect
        | Op::GoOffline { .. }
        | Op::GoOnline { .. }
        | Op::Synchronize { .. }
        | Op::ServerSynchronize { .. }
        | Op::ChooseSynchronizingComputer
        | Op::Restart
        | Op::Wait { .. }
        | Op::Settle => return Outcome::Impossible,
    };
    if action == Action::Create && !exists_nowhere(frame, item) {
        return Outcome::Impossible;
    }
    match route {
        Route::Mailbox { of, client, live } => {
            let Item { record, pairs, .. } = item;
            let pair = &mut pairs[of.index()];
            let was = pair.link;
            let outcome = in_outlook(frame, id, pair, record, of, action, frame.context.now, client, decide, cited);
            if outcome != (Outcome::Done { prompted: false }) || was != Link::None || pair.link != Link::Pending {
                return outcome;
            }
            pair.held = step.by != of && waits_for_principal(frame, of, decide);
            if live && decide.holds(Switch::LatencyModel, Values::FIRST) {
                send(frame, id, record, pair, of, decide, cited);
            }
            outcome
        }
        Route::Cache(slot) => {
            let (_, mailbox) = frame.scene.slots[slot.index()];
            let Item { record, slots, .. } = item;
            let slot = &mut slots[slot.index()];
            if usize::from(slot.waiting) == crate::world::MAX_QUEUE {
                return Outcome::Impossible;
            }
            let now = frame.context.now;
            let outcome = in_outlook(frame, id, &mut slot.pair, record, mailbox, action, now, true, decide, cited);
            if let Outcome::Done { .. } = outcome {
                slot.push(action);
            }
            outcome
        }
        Route::Crm | Route::LocalCrm(..) | Route::World => Outcome::Impossible,
    }
}

/// The limits of a selection; `None` where they let the item through.
fn selection<D: Decide>(frame: &Frame<'_>, id: ItemId, items: ItemSet, decide: &mut D) -> Option<Outcome> {
    if items.len() <= 1 {
        return None;
    }
    let kind = |id: ItemId| frame.scene.items[id.index()].kind;
    if items.iter().any(|other| kind(other) != kind(id)) {
        return Some(Outcome::Refused);
    }
    if items.len() <= BATCH_LIMIT {
        return None;
    }
    if decide.holds(Switch::BatchOver20, Values::FIRST) {
        return Some(Outcome::Refused);
    }
    let rank = items.iter().take_while(|&other| other != id).count();
    (rank >= BATCH_LIMIT).then_some(Outcome::DONE)
}

/// Whether what a delegate has just tracked waits until the principal connects.
fn waits_for_principal<D: Decide>(frame: &Frame<'_>, principal: UserId, decide: &mut D) -> bool {
    !frame.context.is_user_connected(frame.scene, principal) && decide.holds(Switch::DelegateFlush, Values::FIRST)
}

/// Does something to a copy in Outlook: in the mailbox, or in what a computer shows of it.
#[expect(
    clippy::too_many_arguments,
    reason = "all of them decide what happens, and a struct would be made only to be taken apart"
)]
#[inline]
fn in_outlook<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    pair: &mut Pair,
    record: &Record,
    mailbox: UserId,
    action: Action,
    at: Seconds,
    client: bool,
    decide: &mut D,
    cited: &mut Cited,
) -> Outcome {
    let setup = &frame.scene.items[id.index()];
    if action == Action::Create {
        if setup.kind.is_crm_only() {
            return Outcome::Impossible;
        }
        let all = all_occurrences(frame.scene.schedule(setup.when));
        pair.word = initial(setup).with_occurrences(if setup.kind == Kind::RecurringAppointment { all } else { 1 });
        pair.presence = Presence::Present;
        return Outcome::DONE;
    }
    if pair.presence != Presence::Present {
        return Outcome::Impossible;
    }
    match action {
        // A message is what was received or sent; nobody edits it.
        Action::Title(_) | Action::When(_) if setup.kind == Kind::Email => return Outcome::Impossible,
        Action::Title(token) => pair.word = pair.word.with_title(token),
        Action::When(when) => {
            if setup.kind == Kind::Contact {
                return Outcome::Impossible;
            }
            pair.word = pair.word.with_when(when);
        }
        Action::Complete => {
            if !setup.kind.is_task_like() || pair.word.status() != Status::Open {
                return Outcome::Impossible;
            }
            pair.word = pair.word.with_status(Status::Completed);
        }
        Action::Delete => match pair.link {
            Link::None | Link::Pending => {
                *cited = untracked(frame, record, Trigger::DeleteInOutlook);
                pair.presence = Presence::Gone;
                pair.link = Link::None;
                pair.held = false;
            }
            Link::Linked => {
                pair.presence = Presence::Tombstone;
                pair.acted_at = at;
            }
            Link::Untracking => pair.presence = Presence::Gone,
        },
        Action::DeleteOccurrence(n) => {
            let rest = pair.word.occurrences() & !(1 << n);
            if setup.kind != Kind::RecurringAppointment || rest == pair.word.occurrences() || rest == 0 {
                return Outcome::Impossible;
            }
            pair.word = pair.word.with_occurrences(rest);
            pair.acted_at = at;
        }
        Action::Track(kind) => return track(frame, id, pair, kind, decide),
        Action::Untrack { yes } => return untrack(frame, pair, record, mailbox, yes, at, client, decide, cited),
        Action::Regarding(to) => {
            if setup.kind == Kind::Contact {
                return Outcome::Impossible;
            }
            return set_reference(frame, id, pair, |word| word.with_regarding_bits(to.0 + 1), decide);
        }
        Action::Parent(to) => {
            if setup.kind != Kind::Contact {
                return Outcome::Impossible;
            }
            return set_reference(frame, id, pair, |word| word.with_parent_bits(to.0 + 1), decide);
        }
        Action::Create | Action::InCrm(_) => return Outcome::Impossible,
    }
    Outcome::DONE
}

/// Sets regarding or parent, which tracks an untracked item first ("Save an Outlook appointment or task as a CRM
/// activity").
fn set_reference<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    pair: &mut Pair,
    set: impl FnOnce(Word) -> Word,
    decide: &mut D,
) -> Outcome {
    match pair.link {
        Link::None => {
            let outcome = track(frame, id, pair, frame.scene.items[id.index()].record, decide);
            if outcome != Outcome::DONE {
                return outcome;
            }
        }
        Link::Pending | Link::Linked => {}
        Link::Untracking => return Outcome::Impossible,
    }
    pair.word = set(pair.word);
    Outcome::DONE
}

fn track<D: Decide>(frame: &Frame<'_>, id: ItemId, pair: &mut Pair, kind: Kind, decide: &mut D) -> Outcome {
    let setup = &frame.scene.items[id.index()];
    if pair.link != Link::None || setup.kind == Kind::ServiceActivity || setup.kind.is_crm_only() {
        return Outcome::Impossible;
    }
    if kind != setup.record && !(kind.is_task_like() && setup.kind == Kind::Task) {
        return Outcome::Impossible;
    }
    // Only unassigned tasks are named as trackable; nothing is said of the others, so plans leave them alone.
    if setup.assigned {
        return Outcome::Impossible;
    }
    if setup.kind == Kind::RecurringAppointment && !decide.holds(Switch::RecurringTrackable, Values::FIRST) {
        return Outcome::Refused;
    }
    if setup.kind == Kind::Task {
        let allowed = match setup.store {
            Store::Exchange => 0b101,
            // The literal words forbid both the default store and every place but the default Exchange one.
            Store::OutlookDefault => 0b100,
            Store::Elsewhere => 0b110,
        };
        if !decide.holds(Switch::TaskStoreRule, Values(allowed)) {
            return Outcome::Refused;
        }
    }
    pair.link = Link::Pending;
    pair.record = kind;
    pair.survivor = false;
    pair.sent = false;
    Outcome::DONE
}

#[expect(
    clippy::too_many_arguments,
    reason = "all of them decide what happens, and a struct would be made only to be taken apart"
)]
fn untrack<D: Decide>(
    frame: &Frame<'_>,
    pair: &mut Pair,
    record: &Record,
    mailbox: UserId,
    yes: bool,
    at: Seconds,
    client: bool,
    decide: &mut D,
    cited: &mut Cited,
) -> Outcome {
    let reply = match (client, yes) {
        (false, _) => Reply::NoClient,
        (true, true) => Reply::Yes,
        (true, false) => Reply::No,
    };
    match pair.link {
        Link::None | Link::Untracking => Outcome::Impossible,
        Link::Pending => {
            // There is no record yet to ask about; whether the client asks all the same, nothing says.
            pair.link = Link::None;
            pair.held = false;
            let prompted = client && decide.pick(2, 0) == 1;
            pair.reply = if prompted { reply } else { Reply::Unasked };
            Outcome::Done { prompted }
        }
        Link::Linked => {
            let judged = Judged { trigger: Trigger::Untrack, reply, at, occurrence: None };
            let decision = judge(frame, pair, record, mailbox, judged, Moment::Event, decide, cited);
            let prompted = client && decision.prompt;
            pair.link = Link::Untracking;
            pair.acted_at = at;
            pair.reply = if prompted || !client { reply } else { Reply::Unasked };
            Outcome::Done { prompted }
        }
    }
}

/// When a condition is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// When the user acted.
    Event,
    /// When the synchronization carries it, or at the event: that is for the switch to say.
    Open,
}

/// Does something to a record, on the server or in a local copy.
#[inline]
fn in_crm(frame: &Frame<'_>, id: ItemId, record: &mut Record, by: UserId, action: CrmAction) -> Outcome {
    let setup = &frame.scene.items[id.index()];
    if action == CrmAction::Create {
        let all = all_occurrences(frame.scene.schedule(setup.when));
        let occurrences = if setup.kind == Kind::RecurringAppointment { all } else { 1 };
        *record = Record {
            word: initial(setup).with_owner(by).with_occurrences(occurrences),
            deleted_at: 0,
            presence: Presence::Present,
        };
        return Outcome::DONE;
    }
    if !record.is_present() {
        return Outcome::Impossible;
    }
    let kind = record.word.record();
    let is_open = record.word.status() == Status::Open;
    let is_activity = !kind.is_crm_only() && kind != Kind::Contact;
    match action {
        // A closed activity cannot be edited; of a sent message, only what it is regarding
        // ("Save an Outlook appointment or task as a CRM activity").
        CrmAction::Title(_) | CrmAction::When(_) | CrmAction::Organizer(_) if is_activity && !is_open => {
            return Outcome::Refused;
        }
        CrmAction::Regarding(_) if is_activity && !is_open && kind != Kind::Email => return Outcome::Refused,
        CrmAction::Title(token) => record.word = record.word.with_title(token),
        CrmAction::When(when) => {
            if !is_activity {
                return Outcome::Impossible;
            }
            record.word = record.word.with_when(when);
        }
        CrmAction::Delete => {
            if !frame.scene.users[by.index()].may_delete {
                return Outcome::Refused;
            }
            record.presence = Presence::Gone;
            record.deleted_at = frame.context.now;
        }
        CrmAction::DeleteOccurrence(n) => {
            let rest = record.word.occurrences() & !(1 << n);
            if kind != Kind::RecurringAppointment || rest == record.word.occurrences() || rest == 0 {
                return Outcome::Impossible;
            }
            if !frame.scene.users[by.index()].may_delete {
                return Outcome::Refused;
            }
            record.word = record.word.with_occurrences(rest);
            record.deleted_at = frame.context.now;
        }
        CrmAction::Regarding(to) => {
            if !is_activity {
                return Outcome::Impossible;
            }
            record.word = record.word.with_regarding_bits(to.0 + 1);
        }
        CrmAction::Parent(to) => {
            if kind != Kind::Contact {
                return Outcome::Impossible;
            }
            record.word = record.word.with_parent_bits(to.0 + 1);
        }
        CrmAction::Complete | CrmAction::Cancel => {
            if !is_activity || !is_open {
                return Outcome::Impossible;
            }
            let status = if action == CrmAction::Complete { Status::Completed } else { Status::Cancelled };
            record.word = record.word.with_status(status);
        }
        CrmAction::Assign(to) => record.word = record.word.with_owner(to),
        CrmAction::Organizer(to) => {
            if !kind.is_calendar() {
                return Outcome::Impossible;
            }
            record.word = record.word.with_organizer(Some(to));
        }
        CrmAction::Create => return Outcome::Impossible,
    }
    Outcome::DONE
}

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
    match step.op {
        Op::ServerSynchronize { mailbox, crash } => {
            let stage = stage_of(id, crash, decide);
            synchronize(frame, id, item, mailbox, stage, decide, cited);
        }
        Op::Connect
        | Op::Disconnect
        | Op::GoOffline { .. }
        | Op::GoOnline { .. }
        | Op::Synchronize { .. }
        | Op::ChooseSynchronizingComputer
        | Op::Restart => {
            let Place::Computer(computer) = step.at else { return };
            let user = scene.computers[computer.index()];
            let synchronizes =
                scene.method(user) == Method::OutlookClient && context.synchronizing[user.index()] == Some(computer);
            match step.op {
                Op::Synchronize { crash } => {
                    let stage = stage_of(id, crash, decide);
                    if synchronizes {
                        synchronize(frame, id, item, user, stage, decide, cited);
                    }
                    if crash.is_some() {
                        leave(frame, item, computer);
                    }
                }
                Op::Connect => {
                    for (slot, mailbox) in scene.slots_of(computer) {
                        replay(frame, id, item, slot, mailbox, user, Stage::Done, decide, cited);
                    }
                    item.pairs[user.index()].held = false;
                }
                Op::GoOnline { crash } => {
                    let stage = stage_of(id, crash, decide);
                    for (slot, mailbox) in scene.slots_of(computer) {
                        replay(frame, id, item, slot, mailbox, user, stage, decide, cited);
                    }
                    if crash.is_none() {
                        item.pairs[user.index()].held = false;
                        if synchronizes && !uploads_on_leaving(decide) {
                            synchronize(frame, id, item, user, Stage::Done, decide, cited);
                        }
                    }
                }
                Op::GoOffline { crash } => {
                    let stage = stage_of(id, crash, decide);
                    if synchronizes {
                        if uploads_on_leaving(decide) {
                            synchronize(frame, id, item, user, stage, decide, cited);
                        } else if stage == Stage::Done {
                            let Item { record, pairs, .. } = item;
                            fetch(frame, id, record, &mut pairs[user.index()], user, decide, cited);
                        }
                    }
                    leave(frame, item, computer);
                }
                Op::Disconnect => leave(frame, item, computer),
                Op::Create { .. }
                | Op::Edit { .. }
                | Op::Delete { .. }
                | Op::Track { .. }
                | Op::Untrack { .. }
                | Op::SetRegarding { .. }
                | Op::SetParent { .. }
                | Op::Complete { .. }
                | Op::Cancel { .. }
                | Op::Assign { .. }
                | Op::ChangeOrganizer { .. }
                | Op::ServerSynchronize { .. }
                | Op::ChooseSynchronizingComputer
                | Op::Restart
                | Op::Wait { .. }
                | Op::Settle => {}
            }
        }
        Op::Create { .. }
        | Op::Edit { .. }
        | Op::Delete { .. }
        | Op::Track { .. }
        | Op::Untrack { .. }
        | Op::SetRegarding { .. }
        | Op::SetParent { .. }
        | Op::Complete { .. }
        | Op::Cancel { .. }
        | Op::Assign { .. }
        | Op::ChangeOrganizer { .. }
        | Op::Wait { .. }
        | Op::Settle => {}
    }
}

/// Whether a computer that goes offline sends the user's changes first, rather than on its return.
fn uploads_on_leaving<D: Decide>(decide: &mut D) -> bool {
    decide.holds(Switch::OfflineFlow, Values::FIRST)
}

/// How far the item came, should the synchronization crash. Where an implementation was just then, nobody can see, so
/// the oracle allows every stage; the reference takes the one that the plan names.
fn stage_of<D: Decide>(id: ItemId, crash: Option<Crash>, decide: &mut D) -> Stage {
    let Some(crash) = crash else { return Stage::Done };
    let planned = match id.cmp(&crash.at) {
        std::cmp::Ordering::Less => Stage::Done,
        std::cmp::Ordering::Equal => crash.stage,
        std::cmp::Ordering::Greater => Stage::BeforeUpload,
    };
    Stage::ALL[usize::from(decide.pick(Stage::ALL.len() as u8, planned as u8))]
}

/// A computer loses its connection: from now on it shows what it holds.
fn leave(frame: &Frame<'_>, item: &mut Item, computer: ComputerId) {
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
fn replay<D: Decide>(
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
    let Slot { pair: cached, queue, waiting, sent, acknowledged } = item.slots[slot.index()];
    if waiting == 0 || stage == Stage::BeforeUpload {
        return;
    }
    // What was sent before a crash is not sent again, or is: the server cannot be seen to care.
    let skip = if sent > acknowledged && decide.pick(2, 0) == 1 { acknowledged } else { sent.max(acknowledged) };
    for &action in &queue[usize::from(skip)..usize::from(waiting)] {
        if let Action::InCrm(action) = action {
            in_crm(frame, id, &mut item.record, user, action);
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
                pair.reply = cached.reply;
                pair.acted_at = cached.acted_at;
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
        let was = pair.link;
        in_outlook(frame, id, pair, record, mailbox, action, cached.acted_at, true, decide, cited);
        if was == Link::None && pair.link == Link::Pending {
            pair.held = user != mailbox && waits_for_principal(frame, mailbox, decide);
        }
    }
    let slot = &mut item.slots[slot.index()];
    match stage {
        Stage::Done => slot.clear(),
        Stage::BeforeUpload => {}
        Stage::BeforeAcknowledgement => slot.sent = waiting,
        Stage::BeforeErase => slot.acknowledged = waiting,
    }
}

/// Synchronizes one item between a mailbox and the CRM.
#[inline]
fn synchronize<D: Decide>(
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
fn synchronize_pair<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    record: &mut Record,
    pair: &mut Pair,
    user: UserId,
    stage: Stage,
    decide: &mut D,
    cited: &mut Cited,
) {
    if is_quiet(record, pair) {
        return;
    }
    match stage {
        Stage::Done => {
            send(frame, id, record, pair, user, decide, cited);
            fetch(frame, id, record, pair, user, decide, cited);
        }
        Stage::BeforeUpload => {}
        // The server has it, the client does not know: it will send the same again.
        Stage::BeforeAcknowledgement => {
            let before = (*record, *pair);
            send(frame, id, record, pair, user, decide, cited);
            *pair = before.1;
            pair.sent |= *record != before.0;
        }
        Stage::BeforeErase => send(frame, id, record, pair, user, decide, cited),
    }
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

/// Whether a synchronization certainly finds nothing to send and nothing to fetch. Most pairs are quiet most of the time.
#[inline(always)]
pub fn is_quiet(record: &Record, pair: &Pair) -> bool {
    const CARRIED: u64 = Word::SYNCHRONIZED | Field::Owner.mask() | Field::Occurrences.mask();
    match pair.link {
        Link::None => match pair.presence {
            Presence::Never => !record.is_present(),
            Presence::Gone => !pair.survivor || !record.is_present(),
            Presence::Present | Presence::Tombstone => true,
        },
        Link::Pending => pair.held || pair.presence != Presence::Present,
        Link::Untracking => false,
        Link::Linked => {
            let differing = (pair.word.0 ^ pair.base.0) | (pair.word.0 ^ record.word.0);
            pair.presence == Presence::Present && record.is_present() && differing & CARRIED == 0
        }
    }
}

/// Whether a step that concerns all items certainly leaves this one, and what is seen of it, as they are.
#[inline]
pub fn leaves_alone(frame: &Frame<'_>, item: &Item, step: &Step) -> bool {
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
    is_quiet(&item.record, &item.pairs[user.index()])
}

/// Sends what changed in a mailbox.
#[inline]
fn send<D: Decide>(
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
            let judged = Judged { trigger: Trigger::Untrack, reply: pair.reply, at: pair.acted_at, occurrence: None };
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
            if !pair.held && pair.presence == Presence::Present {
                create_record(frame, id, pair, record, user, decide);
            }
        }
        Link::Linked if !record.is_present() => {}
        Link::Linked if pair.presence == Presence::Tombstone => {
            send_deletion(frame, pair, record, user, decide, cited);
        }
        Link::Linked => send_edits(frame, id, pair, record, user, decide, cited),
    }
}

fn create_record<D: Decide>(
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
            if decide.pick(2, 0) == 0 {
                record.word = carry(pair.word, record.word);
            } else {
                pair.word = carry(record.word, pair.word);
            }
            let both = pair.word.occurrences() & record.word.occurrences();
            pair.word = pair.word.with_owner_bits(record.word.owner_bits());
            pair.base = pair.word.with_occurrences(both);
        } else {
            pair.base = pair.word;
        }
    } else if pair.sent && record.presence == Presence::Gone {
        // It was created before the crash, and somebody has deleted it since.
        pair.base = pair.word;
    } else {
        let closed = frame.scene.items[id.index()].kind == Kind::Email;
        let status = if closed { Status::Completed } else { pair.word.status() };
        *record = Record {
            word: pair.word.with_owner(user).with_record(pair.record).with_status(status),
            deleted_at: 0,
            presence: Presence::Present,
        };
        pair.word = pair.word.with_owner(user).with_status(status);
        pair.base = pair.word;
    }
    pair.link = Link::Linked;
    pair.sent = false;
}

fn send_deletion<D: Decide>(
    frame: &Frame<'_>,
    pair: &mut Pair,
    record: &mut Record,
    user: UserId,
    decide: &mut D,
    cited: &mut Cited,
) {
    if changed(record.word, pair.base) {
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
    let judged =
        Judged { trigger: Trigger::DeleteInOutlook, reply: Reply::Unasked, at: pair.acted_at, occurrence: None };
    let decision = judge(frame, pair, record, user, judged, Moment::Open, decide, cited);
    if goes(decision.crm, decide) {
        delete(frame, record);
    } else {
        pair.survivor = true;
        pair.base = record.word;
    }
    pair.presence = Presence::Gone;
    pair.link = Link::None;
    pair.sent = false;
}

fn send_edits<D: Decide>(
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
    if !changed(pair.word, pair.base) {
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
    if changed(record.word, pair.base) && !same(sent, record.word) {
        if decide.holds(Switch::ConflictWinner, Values(0b0101)) {
            // What is processed last is what this synchronization sends.
            if pair.sent && decide.pick(2, 0) == 1 {
                return accept(pair, record);
            }
        } else if decide.holds(Switch::ConflictWinner, Values::nth(1)) {
            return accept(pair, record);
        } else {
            sent = merge(sent, record.word, pair.base);
            pair.word = sent;
        }
    }
    record.word = carry(sent, record.word);
    pair.base = carry(sent, pair.base);
    pair.sent = false;
}

/// Takes the record's content into the copy.
fn accept(pair: &mut Pair, record: &Record) {
    pair.word = carry(record.word, pair.word);
    pair.base = carry(record.word, pair.base);
    pair.sent = false;
}

fn send_occurrences<D: Decide>(
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
    for n in occurrences(gone & record.word.occurrences()) {
        let judged =
            Judged { trigger: Trigger::DeleteInOutlook, reply: Reply::Unasked, at: pair.acted_at, occurrence: Some(n) };
        let decision = judge(frame, pair, record, user, judged, Moment::Open, decide, cited);
        let rest = record.word.occurrences() & !(1 << n);
        if goes(decision.crm, decide) && rest != 0 {
            record.word = record.word.with_occurrences(rest);
            record.deleted_at = frame.context.now;
        }
    }
    pair.base = pair.base.with_occurrences(pair.base.occurrences() & !gone);
}

/// Fetches what changed in CRM.
#[inline]
fn fetch<D: Decide>(
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
                && changed(record.word, pair.base)
                && decide.holds(Switch::Survivor, Values::nth(2));
            if comes_back {
                arrive(pair, record);
            }
        }
        (Link::None | Link::Pending | Link::Untracking, _) | (Link::Linked, Presence::Never | Presence::Gone) => {}
        (Link::Linked, Presence::Tombstone) => {
            // Deleted on both sides: nothing is left to decide.
            if !record.is_present() {
                pair.presence = Presence::Gone;
                pair.link = Link::None;
                pair.sent = false;
            }
        }
        (Link::Linked, Presence::Present) if !record.is_present() => {
            fetch_deletion(frame, pair, record, user, decide, cited);
        }
        (Link::Linked, Presence::Present) => fetch_edits(frame, pair, record, user, decide, cited),
    }
}

fn arrive(pair: &mut Pair, record: &Record) {
    pair.word = record.word;
    pair.base = record.word;
    pair.presence = Presence::Present;
    pair.link = Link::Linked;
    pair.survivor = false;
}

fn fetch_deletion<D: Decide>(
    frame: &Frame<'_>,
    pair: &mut Pair,
    record: &mut Record,
    user: UserId,
    decide: &mut D,
    cited: &mut Cited,
) {
    if pair.survivor {
        return;
    }
    if changed(pair.word, pair.base) {
        match delete_against_edit(decide) {
            DeleteAgainstEdit::DeleteWins => {}
            DeleteAgainstEdit::EditWins => {
                record.word = carry(pair.word, record.word);
                record.presence = Presence::Present;
                pair.base = pair.word;
                return;
            }
            DeleteAgainstEdit::Kept => {
                pair.link = Link::None;
                return;
            }
        }
    }
    let judged =
        Judged { trigger: Trigger::DeleteInCrm, reply: Reply::Unasked, at: record.deleted_at, occurrence: None };
    let decision = judge(frame, pair, record, user, judged, Moment::Open, decide, cited);
    if goes(decision.outlook, decide) {
        pair.presence = Presence::Gone;
        pair.link = Link::None;
    } else if decide.holds(Switch::Survivor, Values(0b101)) {
        pair.link = Link::None;
    } else {
        pair.survivor = true;
    }
}

fn fetch_edits<D: Decide>(
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
        let judged =
            Judged { trigger: Trigger::LeaveFilter, reply: Reply::Unasked, at: frame.context.now, occurrence: None };
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
    for n in occurrences(gone & pair.word.occurrences()) {
        let judged =
            Judged { trigger: Trigger::DeleteInCrm, reply: Reply::Unasked, at: record.deleted_at, occurrence: Some(n) };
        let decision = judge(frame, pair, record, user, judged, Moment::Open, decide, cited);
        let rest = pair.word.occurrences() & !(1 << n);
        if goes(decision.outlook, decide) && rest != 0 {
            pair.word = pair.word.with_occurrences(rest);
        }
    }
    pair.base = pair.base.with_occurrences(pair.base.occurrences() & !gone);
    // What the copy still holds of its own was left there on purpose.
    if changed(record.word, pair.base) || !changed(pair.word, pair.base) {
        if changed(record.word, pair.base) {
            accept(pair, record);
        }
        pair.base = carry(pair.word, pair.base);
    }
    pair.word = pair.word.with_owner_bits(record.word.owner_bits());
    pair.base = pair.base.with_owner_bits(record.word.owner_bits());
}

/// Whether a record is one that the user's default filter brings to the mailbox: contacts and tasks that the user owns,
/// and appointments that the user has a part in (X-12; "Save an Outlook appointment or task as a CRM activity").
#[inline]
fn in_filter<D: Decide>(word: Word, user: UserId, decide: &mut D) -> bool {
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
    let yes = u8::from(required) | u8::from(required || organizer) << 1 | u8::from(party) << 2;
    match yes {
        0 => false,
        0b111 => true,
        yes => decide.holds(Switch::CalendarVisibility, Values(yes)),
    }
}

#[inline(always)]
fn goes<D: Decide>(fate: Fate, decide: &mut D) -> bool {
    match fate {
        Fate::Kept => false,
        Fate::Deleted => true,
        Fate::Free => decide.pick(2, 0) == 1,
    }
}

fn delete(frame: &Frame<'_>, record: &mut Record) {
    if record.is_present() {
        record.presence = Presence::Gone;
        record.deleted_at = frame.context.now;
    }
}

enum DeleteAgainstEdit {
    DeleteWins,
    EditWins,
    Kept,
}

fn delete_against_edit<D: Decide>(decide: &mut D) -> DeleteAgainstEdit {
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
fn changed(word: Word, base: Word) -> bool {
    !same(word, base)
}

#[inline(always)]
fn same(a: Word, b: Word) -> bool {
    (a.0 ^ b.0) & Word::SYNCHRONIZED == 0
}

/// The word `to`, with the synchronized fields of `from`.
#[inline(always)]
fn carry(from: Word, to: Word) -> Word {
    Word(to.0 & !Word::SYNCHRONIZED | from.0 & Word::SYNCHRONIZED)
}

/// Each field from the side that changed it; from CRM where both did.
fn merge(outlook: Word, crm: Word, base: Word) -> Word {
    Field::ALL.iter().filter(|field| field.mask() & Word::SYNCHRONIZED != 0).fold(outlook, |word, field| {
        let from = if (crm.0 ^ base.0) & field.mask() != 0 { crm } else { outlook };
        Word(word.0 & !field.mask() | from.0 & field.mask())
    })
}

fn occurrences(bits: u8) -> impl Iterator<Item = u8> {
    (0..8).filter(move |n| bits >> n & 1 != 0)
}
