//! The office that both engines serve: the two stores, the computers with their caches and outboxes, and the clock.
//!
//! Whatever a user does at a connected computer or in a browser happens in a store. At any other computer it happens in
//! the cached copy, and waits in the outbox until the server has acknowledged it.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tombstone_model::ids::{ComputerId, ItemId, UserId};
use tombstone_model::plan::{Connection, Crash, ItemSetup, Kind, Place, Right, Rights, Setup, Stage, Status};
use tombstone_model::rules::{Reply, Situation, Trigger};
use tombstone_model::time::{Schedules, Seconds};
use tombstone_model::view::{Location, View, Word};

use super::dates;
use super::flaw::{Flaw, Judging, Listing, Queue};
use super::glitch::Glitch;
use super::mailbox::{Mailbox, MailboxAct, MailboxCopy, TrackWish, TrackingMark, UntrackWish};
use super::outbox::{Queued, Received, Waiting};
use super::policy::{PairVerdict, Policy};
use super::stores::{Crm, CrmAct, Refused, Row, all_occurrences, shown, starting_fields};

/// Everything outside the synchronizer.
#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) setup: Setup,
    pub(crate) now: Seconds,
    pub(crate) crm: Crm,
    pub(crate) mailboxes: Vec<Mailbox>,
    pub(crate) computers: Vec<OfficeComputer>,
    /// The synchronizing computer of each user.
    pub(crate) synchronizing: Vec<Option<ComputerId>>,
    /// The one thing that is wrong, if anything is.
    pub(crate) glitch: Option<Glitch>,
    /// What is done as a faulty product does it.
    pub(crate) flaw: &'static Flaw,
    /// What it believes the documents say.
    pub(crate) policy: Policy,
    /// What the product noted for later: whatever it likes.
    pub(crate) noted: Cell<u64>,
    received: Received,
    numbers: u64,
    /// The cached mailboxes, in the order in which a view shows them.
    slots: Vec<(ComputerId, UserId)>,
}

/// A computer with Outlook and the CRM client.
#[derive(Debug)]
pub(crate) struct OfficeComputer {
    pub(crate) user: UserId,
    pub(crate) connection: Connection,
    /// What it comes back as after a crash.
    pub(crate) resume: Connection,
    /// The mailboxes that it holds while it is not connected.
    pub(crate) caches: BTreeMap<UserId, Cache>,
    /// The local copy of the CRM while it is not connected.
    local: Option<Crm>,
}

/// The cached copy of a mailbox, and what waits to be sent, item by item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cache {
    pub(crate) mailbox: Mailbox,
    pub(crate) outbox: BTreeMap<ItemId, VecDeque<Waiting>>,
}

/// Where an action in a mailbox arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActionReach {
    /// At the server, with an Outlook client there to ask or without one.
    Server {
        client: bool,
    },
    Cache(ComputerId),
}

impl Office {
    pub(crate) fn new(glitch: Option<Glitch>, flaw: &'static Flaw, policy: Policy) -> Self {
        let setup = Setup {
            zone: tombstone_model::time::Zone::utc(chrono::DateTime::default()),
            users: Vec::new(),
            computers: Vec::new(),
            items: Vec::new(),
            bystanders: 0,
            schedules: Schedules::default(),
        };
        Self {
            setup,
            now: 0,
            crm: Crm::default(),
            mailboxes: Vec::new(),
            computers: Vec::new(),
            synchronizing: Vec::new(),
            glitch,
            flaw,
            policy,
            noted: Cell::new(0),
            received: Received::new(),
            numbers: 0,
            slots: Vec::new(),
        }
    }

    /// Moves into another world.
    pub(crate) fn reset(&mut self, setup: &Setup) {
        *self = Self { setup: setup.clone(), slots: setup.slots(), ..Self::new(self.glitch, self.flaw, self.policy) };
        self.mailboxes = setup.users.iter().map(|_| Mailbox::default()).collect();
        self.computers = setup
            .computers
            .iter()
            .map(|computer| OfficeComputer {
                user: computer.user,
                connection: Connection::Connected,
                resume: Connection::Connected,
                caches: BTreeMap::new(),
                local: None,
            })
            .collect();
        for user in self.users() {
            let own = || setup.computers.iter().zip(0..).filter(move |(computer, _)| computer.user == user);
            let chosen = own().find(|(computer, _)| computer.synchronizing).or_else(|| own().next());
            self.synchronizing.push(chosen.map(|(_, id)| ComputerId(id)));
        }
        for (item, id) in setup.items.iter().zip(0..) {
            let id = ItemId(id);
            if item.in_crm {
                self.crm.insert(self.new_row(id, item.owner));
            }
            for user in item.copies.iter() {
                let tracking = match (item.tracked.contains(user), item.in_crm) {
                    (false, _) => TrackingMark::No,
                    (true, true) => TrackingMark::Linked,
                    (true, false) => {
                        TrackingMark::Asked(TrackWish { kind: item.record, held: false, since: 0, by: user })
                    }
                };
                let entry = MailboxCopy { tracking, ..self.new_entry(id) };
                self.mailboxes[user.index()].insert(entry);
            }
        }
    }

    /// Time passes, everywhere.
    pub(crate) fn pass_time(&mut self, seconds: Seconds) {
        self.now = self.now.saturating_add(seconds);
        self.crm.clock = self.now;
        for mailbox in &mut self.mailboxes {
            mailbox.clock = self.now;
        }
    }

    /// Which of the items that changed a synchronization looks at.
    pub(crate) fn listed(&self, user: UserId, items: BTreeSet<ItemId>, last: Seconds, number: u32) -> BTreeSet<ItemId> {
        let mailbox = &self.mailboxes[user.index()];
        let mut graves = 0;
        let mut is_listed = |rank: usize, item: ItemId| {
            let entry = mailbox.find_ever(item).and_then(|id| mailbox.read(id));
            let row = self.crm.find(item).and_then(|id| self.crm.rows.get(&id));
            let buried = self.crm.tombstones.values().find(|row| row.item == item);
            let gone = entry.is_some_and(|_| mailbox.find(item).is_none()) || (row.is_none() && buried.is_some());
            let grave = gone.then(|| {
                graves += 1;
                graves - 1
            });
            let written = [entry.map(|entry| entry.written), row.or(buried).map(|row| row.written)];
            (self.flaw.lists)(&Listing { office: self, user, item, rank, grave, written, last, number })
        };
        items.into_iter().enumerate().filter(|&(rank, item)| is_listed(rank, item)).map(|(_, item)| item).collect()
    }

    /// What is decided about an item.
    pub(crate) fn decide(
        &self,
        user: UserId,
        entry: &MailboxCopy,
        row: &Row,
        trigger: Trigger,
        occurrence: Option<u8>,
    ) -> PairVerdict {
        let situation = self.situation(user, entry, row, trigger, occurrence);
        let verdict = self.policy.decide(&situation);
        (self.flaw.decides)(&Judging { office: self, user, item: row.item, situation }, verdict)
    }

    pub(crate) fn users(&self) -> impl Iterator<Item = UserId> + use<> {
        (0..self.setup.users.len() as u8).map(UserId)
    }

    /// Whether this is what is wrong here.
    pub(crate) fn wrong(&self, glitch: Glitch) -> bool {
        self.glitch == Some(glitch)
    }

    /// Whether a contact may belong to it: an account or a contact ("Tracking Records in Outlook").
    pub(crate) fn may_be_parent(&self, item: ItemId) -> bool {
        matches!(self.item(item).kind, Kind::Account | Kind::Contact) || self.wrong(Glitch::AnythingIsAParent)
    }

    /// What a user may do with records in CRM.
    pub(crate) fn rights(&self, user: UserId) -> Rights {
        self.setup.users[user.index()].rights
    }

    /// Whether a record may be made of what a user has tracked.
    pub(crate) fn makes(&self, user: UserId) -> bool {
        self.rights(user).may(Right::Create) || self.wrong(Glitch::MadeWithoutRight)
    }

    /// Whether an edit in a user's mailbox may go into a record.
    pub(crate) fn writes(&self, user: UserId) -> bool {
        self.rights(user).may(Right::Write) || self.wrong(Glitch::SentWithoutRight)
    }

    pub(crate) fn item(&self, item: ItemId) -> &ItemSetup {
        &self.setup.items[item.index()]
    }

    fn new_row(&self, item: ItemId, owner: UserId) -> Row {
        let setup = self.item(item);
        Row {
            item,
            fields: starting_fields(setup),
            occurrences: all_occurrences(setup, &self.setup.schedules),
            owner,
            kind: setup.record,
            version: 0,
            written: 0,
        }
    }

    fn new_entry(&self, item: ItemId) -> MailboxCopy {
        let setup = self.item(item);
        MailboxCopy {
            item,
            fields: starting_fields(setup),
            occurrences: all_occurrences(setup, &self.setup.schedules),
            owner: setup.owner,
            tracking: TrackingMark::No,
            version: 0,
            written: 0,
        }
    }

    /// The connected computer or the cache at which somebody acts in a mailbox; none where that cannot be.
    pub(crate) fn reach(&self, by: UserId, at: Place, mailbox: UserId) -> Option<ActionReach> {
        let delegates = self.setup.users[mailbox.index()].delegates;
        if by != mailbox && (!delegates.contains(by) || self.wrong(Glitch::DelegateTurnedAway)) {
            return None;
        }
        let Place::Computer(id) = at else { return Some(ActionReach::Server { client: false }) };
        let computer = self.computers.get(id.index()).filter(|computer| computer.user == by)?;
        match computer.connection {
            Connection::Connected => Some(ActionReach::Server { client: true }),
            Connection::Disconnected | Connection::Offline => Some(ActionReach::Cache(id)),
            Connection::Crashed => None,
        }
    }

    /// Whether a user has a connected computer.
    pub(crate) fn is_connected(&self, user: UserId) -> bool {
        self.computers.iter().any(|computer| computer.user == user && computer.connection == Connection::Connected)
    }

    /// Whether what a delegate tracks in a mailbox has to wait.
    pub(crate) fn holds(&self, by: UserId, mailbox: UserId) -> bool {
        by != mailbox && !self.is_connected(mailbox) && !self.wrong(Glitch::DelegateDoesNotWait)
    }

    /// A user changes something in a mailbox.
    pub(crate) fn act(
        &mut self,
        reach: ActionReach,
        mailbox: UserId,
        item: ItemId,
        act: MailboxAct,
    ) -> Result<(), Refused> {
        let store = match reach {
            ActionReach::Server { .. } => Some(&self.mailboxes[mailbox.index()]),
            ActionReach::Cache(id) => self.computers[id.index()].caches.get(&mailbox).map(|cache| &cache.mailbox),
        };
        if store.is_some_and(|store| self.refuses(store, item, act)) {
            return Err(Refused);
        }
        let new = self.new_entry(item);
        let setup = &self.setup.items[item.index()];
        match reach {
            ActionReach::Server { .. } => {
                let mailbox = &mut self.mailboxes[mailbox.index()];
                mailbox.act(setup, new, act, self.glitch)?;
                if act == MailboxAct::Delete && self.glitch == Some(Glitch::TombstoneLostWhileAnotherWaits) {
                    let waiting = |computer: &OfficeComputer| {
                        computer.caches.values().any(|cache| cache.outbox.values().any(|queue| !queue.is_empty()))
                    };
                    if self.computers.iter().any(waiting)
                        && let Some(id) = mailbox.find_ever(item)
                    {
                        mailbox.update(id, |entry| entry.tracking = TrackingMark::No);
                    }
                }
            }
            ActionReach::Cache(computer) => {
                let cache = self.computers[computer.index()].caches.get_mut(&mailbox).ok_or(Refused)?;
                let before = cache.mailbox.clone();
                cache.mailbox.act(setup, new, act, None)?;
                if self.glitch == Some(Glitch::OwnEditsNotShown) {
                    cache.mailbox = before;
                }
                self.enqueue(computer, mailbox, item, Queued::Outlook(act));
            }
        }
        Ok(())
    }

    /// Whether a change would track a series that may not be tracked.
    fn refuses(&self, store: &Mailbox, item: ItemId, act: MailboxAct) -> bool {
        let tracks = matches!(act, MailboxAct::Track { .. } | MailboxAct::Regarding { .. });
        let untracked = |id| store.read(id).is_some_and(|entry| entry.tracking == TrackingMark::No);
        tracks
            && !self.policy.tracks_series()
            && self.item(item).kind == Kind::RecurringAppointment
            && store.find(item).is_some_and(untracked)
    }

    /// Whether all of these changes can be made in a mailbox, one after another.
    pub(crate) fn rehearse(
        &self,
        reach: ActionReach,
        mailbox: UserId,
        acts: &[(ItemId, MailboxAct)],
    ) -> Result<(), Refused> {
        let mut store = match reach {
            ActionReach::Server { .. } => self.mailboxes[mailbox.index()].clone(),
            ActionReach::Cache(computer) => {
                self.computers[computer.index()].caches.get(&mailbox).ok_or(Refused)?.mailbox.clone()
            }
        };
        acts.iter().try_for_each(|&(item, act)| {
            if self.refuses(&store, item, act) {
                return Err(Refused);
            }
            store.act(self.item(item), self.new_entry(item), act, None)
        })
    }

    /// A user stops tracking something; tells whether the client asked.
    pub(crate) fn stop(
        &mut self,
        reach: ActionReach,
        mailbox: UserId,
        item: ItemId,
        yes: bool,
    ) -> Result<bool, Refused> {
        let (stop, prompted) = {
            let (store, client) = match reach {
                ActionReach::Server { client } => {
                    (&self.mailboxes[mailbox.index()], client || self.wrong(Glitch::BrowserAsks))
                }
                ActionReach::Cache(computer) => {
                    let cache = self.computers[computer.index()].caches.get(&mailbox).ok_or(Refused)?;
                    (&cache.mailbox, !self.wrong(Glitch::NoQuestionWithoutConnection))
                }
            };
            let id = store.find(item).ok_or(Refused)?;
            let entry = &store.entries[&id];
            match entry.tracking {
                TrackingMark::No | TrackingMark::Stopping(_) => return Err(Refused),
                // There is no record to ask about.
                TrackingMark::Asked(_) => (UntrackWish { reply: Reply::Unasked, owner: None }, false),
                TrackingMark::Linked => {
                    let said = if yes { Reply::Yes } else { Reply::No };
                    let contact = self.item(item).record == Kind::Contact;
                    let client = client || contact && self.policy.app_asks();
                    let asked = if client { said } else { Reply::NoClient };
                    let situation = Situation {
                        kind: self.item(item).record,
                        trigger: Trigger::Untrack,
                        reply: asked,
                        tracked: true,
                        owner: entry.owner == mailbox,
                        organizer: false,
                        current: true,
                        open: true,
                        privileged: self.setup.users[mailbox.index()].rights.may(Right::Delete),
                        occurrence: false,
                    };
                    let prompted = self.policy.decide(&situation).prompt;
                    let judging = Judging { office: self, user: mailbox, item, situation };
                    let prompted = (self.flaw.asks)(&judging, prompted);
                    let reply = if client && !prompted { Reply::Unasked } else { asked };
                    (UntrackWish { reply, owner: Some(entry.owner) }, prompted)
                }
            }
        };
        match reach {
            ActionReach::Server { .. } => self.mailboxes[mailbox.index()].stop(item, stop),
            ActionReach::Cache(computer) => {
                if let Some(cache) = self.cache(computer, mailbox) {
                    cache.mailbox.stop(item, stop);
                }
                let reply = match (self.wrong(Glitch::AnswerTurnedRoundInTheQueue), stop.reply) {
                    (true, Reply::Yes) => Reply::No,
                    (true, Reply::No) => Reply::Yes,
                    (_, reply) => reply,
                };
                self.enqueue(computer, mailbox, item, Queued::Stop(UntrackWish { reply, ..stop }));
            }
        }
        Ok(prompted)
    }

    /// A user changes something in CRM, on the server or in the local copy of a computer that is offline.
    pub(crate) fn act_in_crm(&mut self, by: UserId, at: Place, item: ItemId, act: CrmAct) -> Result<(), Refused> {
        let new = self.new_row(item, by);
        let ignored = [
            (Right::Create, Glitch::CreateRightIgnored),
            (Right::Write, Glitch::WriteRightIgnored),
            (Right::Delete, Glitch::PrivilegeIgnored),
        ];
        let ignored = ignored.into_iter().filter(|&(_, glitch)| self.wrong(glitch));
        let rights = ignored.fold(self.rights(by), |rights, (right, _)| rights.with(right));
        let glitch = self.glitch;
        let Place::Computer(id) = at else { return self.crm.act(item, new, act, rights, glitch) };
        let computer = self.computers.get_mut(id.index()).filter(|computer| computer.user == by).ok_or(Refused)?;
        match computer.connection {
            Connection::Connected => self.crm.act(item, new, act, rights, glitch),
            Connection::Offline => {
                if matches!(act, CrmAct::Assign(_)) {
                    return Err(Refused);
                }
                computer.local.as_mut().ok_or(Refused)?.act(item, new, act, rights, glitch)?;
                self.enqueue(id, by, item, Queued::Crm(act));
                Ok(())
            }
            Connection::Disconnected | Connection::Crashed => Err(Refused),
        }
    }

    fn cache(&mut self, computer: ComputerId, mailbox: UserId) -> Option<&mut Cache> {
        self.computers[computer.index()].caches.get_mut(&mailbox)
    }

    fn enqueue(&mut self, computer: ComputerId, mailbox: UserId, item: ItemId, change: Queued) {
        self.numbers += 1;
        let waiting = Waiting { number: self.numbers, at: self.now, change, acknowledged: false };
        if let Some(cache) = self.cache(computer, mailbox) {
            cache.outbox.entry(item).or_default().push_back(waiting);
        }
    }

    /// A computer loses its connection: it keeps what it shows.
    pub(crate) fn leave(&mut self, id: ComputerId) {
        let computer = &mut self.computers[id.index()];
        for &(at, mailbox) in &self.slots {
            if at == id {
                let copy = self.mailboxes[mailbox.index()].clone();
                computer.caches.insert(mailbox, Cache { mailbox: copy, outbox: BTreeMap::new() });
            }
        }
        computer.local = Some(self.crm.clone());
        (self.flaw.leaves)(self, id);
    }

    /// A computer has its connection again, and shows what the server has.
    pub(crate) fn arrive(&mut self, id: ComputerId) {
        (self.flaw.arrives)(self, id);
        let computer = &mut self.computers[id.index()];
        computer.connection = Connection::Connected;
        if self.glitch == Some(Glitch::StaleCopiesComeBack) {
            for (mailbox, cache) in &computer.caches {
                let server = &mut self.mailboxes[mailbox.index()];
                for entry in cache.mailbox.entries.values() {
                    if server.find(entry.item).is_none() {
                        server.insert(MailboxCopy { tracking: TrackingMark::No, ..*entry });
                    }
                }
            }
        }
        if self.glitch != Some(Glitch::StaleAfterConnecting) {
            computer.caches.clear();
        }
        computer.local = None;
        // The user is back: what delegates tracked need not wait any longer.
        let user = computer.user;
        let mailbox = &mut self.mailboxes[user.index()];
        let held = |entry: &MailboxCopy| matches!(entry.tracking, TrackingMark::Asked(TrackWish { held: true, .. }));
        let waiting: Vec<_> = mailbox.entries.iter().filter(|(_, entry)| held(entry)).map(|(&id, _)| id).collect();
        if self.glitch == Some(Glitch::HeldForEver) {
            return;
        }
        for id in waiting {
            mailbox.update(id, |entry| {
                if let TrackingMark::Asked(asked) = &mut entry.tracking {
                    asked.held = false;
                }
            });
        }
    }

    /// Sends what waits on a computer, item by item, up to the point at which it crashes, if it does.
    pub(crate) fn send_outboxes(&mut self, id: ComputerId, crash: Option<Crash>) {
        let user = self.computers[id.index()].user;
        let mut caches = std::mem::take(&mut self.computers[id.index()].caches);
        for (&mailbox, cache) in &mut caches {
            if mailbox != user && self.wrong(Glitch::DelegateOutboxLost) {
                cache.outbox.clear();
            }
            for (&item, queue) in &mut cache.outbox {
                let stage = stage_of(item, crash);
                if stage == Stage::BeforeUpload {
                    if self.wrong(Glitch::OutboxLostInACrash) {
                        queue.clear();
                    }
                    continue;
                }
                let mut waiting: Vec<Waiting> = queue.iter().copied().collect();
                self.disturb(&mut waiting);
                (self.flaw.queue)(&Queue { office: self, mailbox, item }, &mut waiting);
                for waiting in waiting {
                    if !waiting.acknowledged && self.received.insert(waiting.number) {
                        self.receive(user, mailbox, item, waiting);
                    }
                }
                match stage {
                    Stage::Done => queue.clear(),
                    Stage::BeforeErase => queue.iter_mut().for_each(|waiting| waiting.acknowledged = true),
                    Stage::BeforeUpload | Stage::BeforeAcknowledgement => {}
                }
            }
        }
        self.computers[id.index()].caches = caches;
    }

    /// The server carries out a change that waited on a user's computer.
    fn receive(&mut self, user: UserId, mailbox: UserId, item: ItemId, waiting: Waiting) {
        match waiting.change {
            Queued::Outlook(act) => {
                let held = self.holds(user, mailbox);
                let act = match act {
                    MailboxAct::Track { kind, by, .. } => MailboxAct::Track { kind, by, held },
                    MailboxAct::Regarding { to, by, .. } => MailboxAct::Regarding { to, by, held },
                    MailboxAct::Parent { to, by, .. } => MailboxAct::Parent { to, by, held },
                    MailboxAct::Create
                    | MailboxAct::Title(_)
                    | MailboxAct::When(_)
                    | MailboxAct::Delete
                    | MailboxAct::DeleteOccurrence(_)
                    | MailboxAct::Complete => act,
                };
                let into = if self.wrong(Glitch::DelegateTakenForPrincipal) { user } else { mailbox };
                // What no longer makes sense, for something else happened meanwhile, is dropped.
                let _ = self.act(ActionReach::Server { client: true }, into, item, act);
            }
            Queued::Stop(stop) => self.mailboxes[mailbox.index()].stop(item, stop),
            Queued::Crm(act) => {
                let new = self.new_row(item, user);
                let _ = self.crm.act(item, new, act, self.rights(user), self.glitch);
            }
        }
    }

    /// What goes wrong with an outbox.
    fn disturb(&self, waiting: &mut Vec<Waiting>) {
        match self.glitch {
            Some(Glitch::OutboxReversed) => waiting.reverse(),
            Some(Glitch::LastOfThreeDropped) if waiting.len() >= 3 => {
                waiting.pop();
            }
            Some(Glitch::UntrackWithoutConnectionLost) => {
                waiting.retain(|waiting| !matches!(waiting.change, Queued::Stop(_)));
            }
            Some(Glitch::LocalCrmLost) => waiting.retain(|waiting| !matches!(waiting.change, Queued::Crm(_))),
            _ => {}
        }
    }

    /// Writes what can be seen.
    pub(crate) fn show(&self, view: &mut View) {
        for item in (0..self.setup.items.len() as u8).map(ItemId) {
            let mut rows = self.crm.rows.values().filter(|row| row.item == item);
            let word = rows.next().map_or(Word::ABSENT, |row| {
                shown(row.fields, row.occurrences, 1 + rows.count()).with_owner(row.owner).with_record(row.kind)
            });
            view.set(item, Location::Crm, word);
            for user in self.users() {
                view.set(item, Location::Mailbox(user), self.mailboxes[user.index()].seen(item));
            }
            for (&(id, mailbox), slot) in self.slots.iter().zip(0..) {
                let computer = &self.computers[id.index()];
                let server = &self.mailboxes[mailbox.index()];
                let cached = computer.caches.get(&mailbox).map(|cache| &cache.mailbox);
                let word = match computer.connection {
                    Connection::Connected if self.wrong(Glitch::StaleAfterConnecting) => {
                        cached.unwrap_or(server).seen(item)
                    }
                    Connection::Connected => server.seen(item),
                    Connection::Disconnected | Connection::Offline if self.wrong(Glitch::CacheNotKept) => {
                        server.seen(item)
                    }
                    Connection::Disconnected | Connection::Offline => cached.unwrap_or(server).seen(item),
                    Connection::Crashed => Word::ABSENT,
                };
                view.set(item, Location::Cache(tombstone_model::ids::SlotId(slot)), word);
            }
        }
    }

    /// How things stand for a synchronizing user, as the table asks: the record decides, and of a task the copy.
    pub(crate) fn situation(
        &self,
        user: UserId,
        entry: &MailboxCopy,
        row: &Row,
        trigger: Trigger,
        occurrence: Option<u8>,
    ) -> Situation {
        let (reply, asked_owner) = match entry.tracking {
            TrackingMark::Stopping(stop) => (stop.reply, stop.owner),
            TrackingMark::No | TrackingMark::Asked(_) | TrackingMark::Linked => (Reply::Unasked, None),
        };
        // Who owns a contact was settled when its owner was asked, or somebody else was not.
        let settled = !self.wrong(Glitch::OwnerAskedAgain);
        let owner = match row.kind {
            Kind::Contact if trigger == Trigger::Untrack && settled => asked_owner.unwrap_or(entry.owner),
            Kind::Contact
            | Kind::Email
            | Kind::Appointment
            | Kind::MeetingRequest
            | Kind::RecurringAppointment
            | Kind::Task
            | Kind::PhoneCall
            | Kind::Letter
            | Kind::Fax
            | Kind::ServiceActivity
            | Kind::Account
            | Kind::Lead
            | Kind::Opportunity
            | Kind::Case => row.owner,
        };
        let rights = self.rights(user);
        Situation {
            kind: if occurrence.is_some() { Kind::Appointment } else { row.kind },
            trigger,
            reply,
            tracked: true,
            owner: owner == user
                || (self.wrong(Glitch::OrganizerTakenForOwner) && row.fields.organizer() == Some(user)),
            organizer: row.fields.organizer() == Some(user),
            current: self.is_current(entry, row, occurrence),
            open: row.fields.status() == Status::Open,
            privileged: rights.may(Right::Delete) && (occurrence.is_none() || rights.may(Right::Write)),
            occurrence: occurrence.is_some(),
        }
    }

    /// Whether an item is current: a task until it is completed, an appointment until it ends, a series until its last
    /// occurrence does.
    fn is_current(&self, entry: &MailboxCopy, row: &Row, occurrence: Option<u8>) -> bool {
        if row.kind.is_task_like() {
            return entry.fields.status() != Status::Completed;
        }
        let copy = self.wrong(Glitch::JudgedByTheCopy);
        let when = if copy { entry.fields.when() } else { row.fields.when() };
        let pattern = dates::schedule(&self.setup, when);
        let n = occurrence.unwrap_or(pattern.count.saturating_sub(1));
        let moved = row.fields.exceptions() >> n & 1 != 0 && !self.wrong(Glitch::ExceptionsIgnored);
        let one = if pattern.count == 1 && occurrence.is_none() { pattern } else { pattern.occurrence(n, moved) };
        if self.wrong(Glitch::ZoneIgnored) {
            return one.end.div_euclid(86_400) >= self.now.div_euclid(86_400);
        }
        if self.wrong(Glitch::TwoReadingsOfCurrent) && entry.item.0 % 2 == 1 {
            return !one.is_dated() || one.start > self.now;
        }
        let now = if self.wrong(Glitch::JudgedAtTheStart) { 0 } else { self.now };
        !one.is_dated() || self.policy.is_current(one, now)
    }
}

/// How far an item comes in a synchronization that crashes.
pub(crate) fn stage_of(item: ItemId, crash: Option<Crash>) -> Stage {
    match crash {
        None => Stage::Done,
        Some(crash) => match item.cmp(&crash.at) {
            std::cmp::Ordering::Less => Stage::Done,
            std::cmp::Ordering::Equal => crash.stage,
            std::cmp::Ordering::Greater => Stage::BeforeUpload,
        },
    }
}

/// Whether a record is one that the user's filter brings to the mailbox.
pub(crate) fn in_filter(row: &Row, user: UserId, glitch: Option<Glitch>) -> bool {
    let guests = glitch == Some(Glitch::ArrivesForGuests);
    match row.kind {
        Kind::Contact | Kind::Task | Kind::PhoneCall | Kind::Letter | Kind::Fax => row.owner == user,
        Kind::Appointment | Kind::MeetingRequest | Kind::RecurringAppointment | Kind::ServiceActivity => {
            row.fields.required().contains(user) || (guests && row.fields.optional().contains(user))
        }
        Kind::Email | Kind::Account | Kind::Lead | Kind::Opportunity | Kind::Case => false,
    }
}
