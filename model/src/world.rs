//! The world: both stores, every computer's cache and queue, people, and virtual time.
//!
//! It is flat and small on purpose. An [`Item`] holds all that can differ between two explanations of what was seen;
//! everything else is known for certain from the steps taken ([`Context`]) or never changes during a plan ([`Scene`]).

use crate::ids::{ComputerId, ComputerSet, ItemId, MAX_COMPUTERS, MAX_SLOTS, MAX_USERS, SlotId, SlotSet, UserId};
use crate::plan::{Connection, ItemSetup, Kind, Method, Setup, UserSetup};
use crate::rules::Reply;
use crate::time::{Schedule, Schedules, Seconds, Zone};
use crate::view::{Location, View, Word};

/// What never changes during a plan.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The time zone.
    pub zone: Zone,
    /// The users.
    pub users: Vec<UserSetup>,
    /// Whose each computer is.
    pub computers: Vec<UserId>,
    /// The items, as they were set up.
    pub items: Vec<ItemSetup>,
    /// The schedules.
    pub schedules: Schedules,
    /// The cached mailboxes.
    pub slots: Vec<(ComputerId, UserId)>,
    slot_of: [[u8; MAX_USERS]; MAX_COMPUTERS],
}

const NO_SLOT: u8 = u8::MAX;

impl Scene {
    /// The scene of a setup.
    pub fn new(setup: &Setup) -> Self {
        let mut scene = Self {
            zone: setup.zone.clone(),
            users: Vec::new(),
            computers: Vec::new(),
            items: Vec::new(),
            schedules: Schedules::default(),
            slots: Vec::new(),
            slot_of: [[NO_SLOT; MAX_USERS]; MAX_COMPUTERS],
        };
        scene.reset(setup);
        scene
    }

    /// Becomes the scene of another setup, keeping the memory.
    pub fn reset(&mut self, setup: &Setup) {
        if self.zone != setup.zone {
            self.zone.clone_from(&setup.zone);
        }
        self.users.clone_from(&setup.users);
        self.computers.clear();
        self.computers.extend(setup.computers.iter().map(|computer| computer.user));
        self.items.clone_from(&setup.items);
        self.schedules.clone_from(&setup.schedules);
        self.slots.clear();
        self.slots.extend(setup.each_slot());
        self.slot_of = [[NO_SLOT; MAX_USERS]; MAX_COMPUTERS];
        for (&(computer, mailbox), id) in self.slots.iter().zip(0..) {
            self.slot_of[computer.index()][mailbox.index()] = id;
        }
    }

    /// The cached mailbox of a user on a computer.
    #[inline(always)]
    pub fn slot(&self, computer: ComputerId, mailbox: UserId) -> Option<SlotId> {
        let slot = self.slot_of[computer.index()][mailbox.index()];
        (slot != NO_SLOT).then_some(SlotId(slot))
    }

    /// How a user's mailbox is synchronized.
    #[inline(always)]
    pub fn method(&self, user: UserId) -> Method {
        self.users[user.index()].method
    }

    /// Whether somebody may act in a mailbox: its user, and the user's delegates.
    #[inline(always)]
    pub fn may_open(&self, by: UserId, mailbox: UserId) -> bool {
        by == mailbox || self.users[mailbox.index()].delegates.contains(by)
    }

    /// The schedule with that index.
    #[inline(always)]
    pub fn schedule(&self, when: u8) -> Schedule {
        self.schedules[usize::from(when)]
    }

    /// The cached mailboxes of a computer.
    #[inline(always)]
    pub fn slots_of(&self, computer: ComputerId) -> impl Iterator<Item = (SlotId, UserId)> {
        let slots = self.slots.iter().zip(0..).filter(move |((at, _), _)| *at == computer);
        slots.map(|((_, mailbox), id)| (SlotId(id), *mailbox))
    }
}

/// What is known for certain at any moment from the steps taken so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Context {
    /// Now, in seconds from the start of the plan.
    pub now: Seconds,
    /// Whether each computer can reach the servers.
    pub connection: [Connection; MAX_COMPUTERS],
    /// What a crashed computer comes back as.
    pub resume: [Connection; MAX_COMPUTERS],
    /// The synchronizing computer of each user; `None` for a user without a computer.
    pub synchronizing: [Option<ComputerId>; MAX_USERS],
}

impl Context {
    /// The start of a plan: everybody connected.
    pub fn new(setup: &Setup) -> Self {
        let mut synchronizing = [None; MAX_USERS];
        for (user, chosen) in synchronizing.iter_mut().enumerate() {
            let own = || setup.computers.iter().zip(0..).filter(move |(computer, _)| computer.user.index() == user);
            let computer = own().find(|(computer, _)| computer.synchronizing).or_else(|| own().next());
            *chosen = computer.map(|(_, id)| ComputerId(id));
        }
        Self {
            now: 0,
            connection: [Connection::Connected; MAX_COMPUTERS],
            resume: [Connection::Connected; MAX_COMPUTERS],
            synchronizing,
        }
    }

    /// Whether a computer is connected.
    #[inline(always)]
    pub fn is_connected(&self, computer: ComputerId) -> bool {
        self.connection[computer.index()] == Connection::Connected
    }

    /// What computers hold for themselves: those that are not connected, and their cached mailboxes.
    #[inline]
    pub fn held(&self, scene: &Scene) -> Held {
        let computers = (0..scene.computers.len() as u8).map(ComputerId);
        let apart: ComputerSet = computers.filter(|&computer| !self.is_connected(computer)).collect();
        if apart.is_empty() {
            return Held::default();
        }
        let slots = scene.slots.iter().zip(0..).filter(|((computer, _), _)| apart.contains(*computer));
        Held { slots: slots.map(|(_, id)| SlotId(id)).collect(), computers: apart }
    }

    /// Whether a user has a connected computer.
    #[inline]
    pub fn is_user_connected(&self, scene: &Scene, user: UserId) -> bool {
        scene.computers.iter().zip(0..).any(|(&of, id)| of == user && self.is_connected(ComputerId(id)))
    }

    /// Whether a mailbox could be synchronized now.
    #[inline]
    pub fn can_synchronize(&self, scene: &Scene, user: UserId) -> bool {
        match scene.method(user) {
            Method::ServerSide => true,
            Method::OutlookClient => {
                self.synchronizing[user.index()].is_some_and(|computer| self.is_connected(computer))
            }
        }
    }
}

/// What computers hold for themselves because they are not connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Their cached mailboxes.
    pub slots: SlotSet,
    /// The computers, with their local copies of records.
    pub computers: ComputerSet,
}

/// Whether something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Presence {
    /// It never was.
    Never,
    /// It is.
    Present,
    /// It was deleted in Outlook, and a tombstone waits for synchronization.
    Tombstone,
    /// It was deleted, and nothing waits any more.
    Gone,
    /// It was moved to a folder that is not synchronized, and that waits for synchronization.
    Moved,
}

/// The link of a mailbox copy with the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Link {
    /// None: the copy is not tracked.
    None,
    /// The user tracked it; the record waits for synchronization.
    Pending,
    /// Copy and record are a pair.
    Linked,
    /// The user untracked it; what becomes of the record waits for synchronization.
    Untracking,
}

/// The record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Its content; after a deletion the last one.
    pub word: Word,
    /// When it was deleted.
    pub deleted_at: Seconds,
    /// Whether it is there. Never [`Presence::Tombstone`] or [`Presence::Moved`].
    pub presence: Presence,
}

/// A mailbox copy and its link with the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pair {
    /// The content of the copy, with the owner of the record as the client knows it.
    pub word: Word,
    /// The content on which both sides last agreed.
    pub base: Word,
    /// When the copy was deleted or untracked.
    pub acted_at: Seconds,
    /// Who did that: the user, or a delegate.
    pub acted_by: UserId,
    /// Whether the copy is there.
    pub presence: Presence,
    /// Its link.
    pub link: Link,
    /// How the user answered on untracking.
    pub reply: Reply,
    /// The kind of record to create for a tracked copy.
    pub record: Kind,
    /// Whether a delegate tracked it and the principal has not connected since.
    pub held: bool,
    /// Whether the other side was deleted and this one rightly stayed, or the reverse.
    pub survivor: bool,
    /// Whether a change was sent whose acknowledgement never arrived.
    pub sent: bool,
    /// Whether what waits is of a delegate whose right to it is another than the user's: the one may do it, the other not.
    pub lent: bool,
}

impl Presence {
    /// Whether it has left the synchronized folders, and that waits for synchronization.
    #[inline(always)]
    pub fn is_leaving(self) -> bool {
        matches!(self, Self::Tombstone | Self::Moved)
    }
}

impl Pair {
    /// Whether whatever can become of the other can become of this one too: what was sent, unacknowledged, is known to have
    /// been done or is done again; only a record that waits to be created is known again by what was sent. What was written
    /// again may count for nothing.
    fn covers(&self, other: &Self) -> bool {
        let sent = self.sent == other.sent || (self.sent && self.link != Link::Pending);
        let [word, base] = [(self.word, other.word), (self.base, other.base)]
            .map(|(mine, other)| other.touched(mine.is_touched() || other.is_touched()));
        sent && *self == Self { sent: self.sent, word, base, ..*other }
    }
}

/// The most changes of one item that wait on one computer. Plans that would queue more are not possible.
pub const MAX_QUEUE: usize = 6;

/// A cached mailbox on a computer that is not connected: the copy as the user sees it, and the changes that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The copy, as the computer shows it.
    pub pair: Pair,
    /// The waiting changes, oldest first.
    pub queue: [Action; MAX_QUEUE],
    /// How many wait.
    pub waiting: u8,
    /// How many of them may have been sent before a crash, unacknowledged.
    pub sent: u8,
}

impl Slot {
    /// What a computer shows: the copy in the mailbox while it is connected, its own otherwise, nothing when it crashed.
    #[inline(always)]
    pub fn seen(&self, connection: Connection, mailbox: &Pair) -> Word {
        match connection {
            Connection::Connected => mailbox.seen(),
            Connection::Disconnected | Connection::Offline => self.pair.seen(),
            Connection::Crashed => Word::ABSENT,
        }
    }

    /// The waiting changes.
    #[inline(always)]
    pub fn waiting(&self) -> &[Action] {
        &self.queue[..usize::from(self.waiting)]
    }

    /// Adds a change; false where the queue is full.
    #[inline]
    pub fn push(&mut self, action: Action) -> bool {
        let Some(place) = self.queue.get_mut(usize::from(self.waiting)) else { return false };
        *place = action;
        self.waiting += 1;
        true
    }

    /// Forgets what waits.
    #[inline(always)]
    pub fn clear(&mut self) {
        // Two slots in which the same waits are equal, whatever waited before.
        self.queue = [Action::Create; MAX_QUEUE];
        self.waiting = 0;
        self.sent = 0;
    }

    /// Whether whatever can become of the other can become of this one too: what was sent, unacknowledged, may be skipped.
    fn covers(&self, other: &Self) -> bool {
        let Some(more) = self.waiting.checked_sub(other.waiting) else { return false };
        more + other.sent <= self.sent
            && self.waiting()[usize::from(more)..] == *other.waiting()
            && self.pair == other.pair
    }
}

/// A change to one side of one item, as a queue holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the variants are the operations of a plan, applied to one item and one side")]
pub enum Action {
    Create,
    Title(u8),
    When(u8),
    Delete,
    MoveAway,
    DeleteOccurrence(u8),
    Track(Kind),
    Untrack {
        yes: bool,
    },
    Regarding(ItemId),
    Parent(ItemId),
    Complete,
    /// The rest happens in CRM.
    InCrm(CrmAction),
}

/// A change to the record of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the variants are the operations of a plan, applied to one record")]
pub enum CrmAction {
    Create,
    Title(u8),
    When(u8),
    Delete,
    DeleteOccurrence(u8),
    Regarding(ItemId),
    Parent(ItemId),
    Complete,
    Cancel,
    Assign(UserId),
    Organizer(UserId),
}

/// Everything about one item that two explanations can differ in.
///
/// What a connected computer once held means nothing any more. The oracle, which copies and compares items at every step,
/// leaves it out ([`Item::assume`], [`Item::agrees`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// The record.
    pub record: Record,
    /// The copy in each user's mailbox.
    pub pairs: [Pair; MAX_USERS],
    /// What each computer that is not connected holds of each mailbox it caches.
    pub slots: [Slot; MAX_SLOTS],
    /// The local copy of the record on each computer that is offline.
    pub local: [Record; MAX_COMPUTERS],
}

impl Item {
    /// An item at the start of a plan.
    pub fn new(setup: &ItemSetup, schedules: &[Schedule]) -> Self {
        let (record, absent) = start(setup, schedules);
        let slot = Slot { pair: absent, queue: [Action::Create; MAX_QUEUE], waiting: 0, sent: 0 };
        let local = [record; MAX_COMPUTERS];
        let mut item = Self { record, pairs: [absent; MAX_USERS], slots: [slot; MAX_SLOTS], local };
        item.reset(setup, schedules);
        item
    }

    /// Becomes an item at the start of a plan, when every computer is connected.
    #[inline]
    pub fn reset(&mut self, setup: &ItemSetup, schedules: &[Schedule]) {
        let (record, absent) = start(setup, schedules);
        self.record = record;
        self.pairs = [absent; MAX_USERS];
        for user in setup.copies.iter() {
            let pair = &mut self.pairs[user.index()];
            pair.presence = Presence::Present;
            if setup.tracked.contains(user) {
                pair.link = if setup.in_crm { Link::Linked } else { Link::Pending };
            }
        }
    }

    /// Becomes the other item, as far as it means anything.
    #[inline(always)]
    pub fn assume(&mut self, other: &Self, held: Held) {
        self.record = other.record;
        self.pairs = other.pairs;
        for slot in held.slots.iter() {
            self.slots[slot.index()] = other.slots[slot.index()];
        }
        for computer in held.computers.iter() {
            self.local[computer.index()] = other.local[computer.index()];
        }
    }

    /// Whether the two are the same item, as far as that means anything.
    #[inline(always)]
    pub fn agrees(&self, other: &Self, held: Held) -> bool {
        self.record == other.record
            && self.pairs == other.pairs
            && held.slots.iter().all(|slot| self.slots[slot.index()] == other.slots[slot.index()])
            && held.computers.iter().all(|computer| self.local[computer.index()] == other.local[computer.index()])
    }

    /// Whether whatever can become of the other item can become of this one too, so that an explanation by the other adds
    /// nothing.
    #[inline]
    pub fn covers(&self, other: &Self, held: Held) -> bool {
        self.record == other.record
            && self.pairs.iter().zip(&other.pairs).all(|(pair, other)| pair.covers(other))
            && held.slots.iter().all(|slot| self.slots[slot.index()].covers(&other.slots[slot.index()]))
            && held.computers.iter().all(|computer| self.local[computer.index()] == other.local[computer.index()])
    }

    /// Writes what can be seen of the item: CRM, the mailboxes, then the caches.
    #[inline]
    pub fn show(&self, scene: &Scene, context: &Context, words: &mut [Word]) {
        let (stores, caches) = words.split_at_mut(1 + scene.users.len());
        stores[0] = self.record.seen();
        for (word, pair) in stores[1..].iter_mut().zip(&self.pairs) {
            *word = pair.seen();
        }
        for ((word, slot), &(computer, mailbox)) in caches.iter_mut().zip(&self.slots).zip(&scene.slots) {
            *word = slot.seen(context.connection[computer.index()], &self.pairs[mailbox.index()]);
        }
    }

    /// Whether it is seen as these words say, where the masks let them be seen: what [`Item::show`] writes, compared.
    #[inline]
    pub fn looks(&self, scene: &Scene, context: &Context, words: &[Word], masks: &[u64]) -> bool {
        let (stores, caches) = words.split_at(1 + scene.users.len());
        let (of_stores, of_caches) = masks.split_at(stores.len());
        let mut differing = self.record.seen().apart(stores[0], of_stores[0]);
        for ((word, mask), pair) in stores[1..].iter().zip(&of_stores[1..]).zip(&self.pairs) {
            differing |= pair.seen().apart(*word, *mask);
        }
        for (((word, mask), slot), &(computer, mailbox)) in
            caches.iter().zip(of_caches).zip(&self.slots).zip(&scene.slots)
        {
            let seen = slot.seen(context.connection[computer.index()], &self.pairs[mailbox.index()]);
            differing |= seen.apart(*word, *mask);
        }
        differing == 0
    }
}

impl Record {
    /// What can be seen of it.
    #[inline(always)]
    pub fn seen(&self) -> Word {
        if self.presence == Presence::Present { Word(self.word.0 & Word::IN_CRM).with_count(1) } else { Word::ABSENT }
    }

    /// Whether it is there.
    #[inline(always)]
    pub fn is_present(&self) -> bool {
        self.presence == Presence::Present
    }
}

impl Pair {
    /// What can be seen of the copy.
    #[inline(always)]
    pub fn seen(&self) -> Word {
        if self.presence != Presence::Present {
            return Word::ABSENT;
        }
        let tracked = matches!(self.link, Link::Pending | Link::Linked);
        Word(self.word.0 & Word::IN_OUTLOOK).with_count(1).with_tracked_bits(u8::from(tracked))
    }
}

/// The content that an item starts with.
pub fn initial(setup: &ItemSetup) -> Word {
    Word::ABSENT
        .with_when(setup.when)
        .with_status(setup.status)
        .with_owner(setup.owner)
        .with_organizer(setup.organizer)
        .with_regarding(setup.regarding)
        .with_parent(setup.parent)
        .with_required(setup.required)
        .with_optional(setup.optional)
        .with_exceptions(setup.exceptions)
        .with_record(setup.record)
        .with_occurrences(1)
}

/// The record that an item starts with, and a copy of it that is not there.
fn start(setup: &ItemSetup, schedules: &[Schedule]) -> (Record, Pair) {
    let series = setup.kind == Kind::RecurringAppointment;
    let all = if series { all_occurrences(schedules[usize::from(setup.when)]) } else { 1 };
    let word = initial(setup).with_occurrences(all);
    let presence = if setup.in_crm { Presence::Present } else { Presence::Never };
    let pair = Pair {
        word,
        base: word,
        acted_at: 0,
        acted_by: UserId(0),
        presence: Presence::Never,
        link: Link::None,
        reply: Reply::Unasked,
        record: setup.record,
        held: false,
        survivor: false,
        sent: false,
        lent: false,
    };
    (Record { word, deleted_at: 0, presence }, pair)
}

/// The bits of the occurrences that a schedule has.
pub fn all_occurrences(schedule: Schedule) -> u8 {
    (1 << schedule.count) - 1
}

/// A world: scene, context and items together.
#[derive(Clone, Debug)]
pub struct World {
    /// What never changes.
    pub scene: Scene,
    /// What is known for certain.
    pub context: Context,
    /// The items.
    pub items: Vec<Item>,
}

impl World {
    /// The start of a plan.
    pub fn new(setup: &Setup) -> Self {
        let scene = Scene::new(setup);
        let items = setup.items.iter().map(|item| Item::new(item, &setup.schedules)).collect();
        Self { context: Context::new(setup), items, scene }
    }

    /// Starts again in another world, keeping the memory.
    pub fn reset(&mut self, setup: &Setup) {
        self.scene.reset(setup);
        self.context = Context::new(setup);
        self.items.truncate(setup.items.len());
        for (item, setup_of) in self.items.iter_mut().zip(&setup.items) {
            item.reset(setup_of, &setup.schedules);
        }
        let more = setup.items.iter().skip(self.items.len());
        self.items.extend(more.map(|item| Item::new(item, &setup.schedules)));
    }

    /// Writes what can be seen into a view of the right shape.
    pub fn show(&self, view: &mut View) {
        for (item, id) in self.items.iter().zip(0..) {
            item.show(&self.scene, &self.context, view.item_mut(ItemId(id)));
        }
    }

    /// What is seen of an item in one place.
    pub fn seen(&self, item: ItemId, location: Location) -> Word {
        let state = &self.items[item.index()];
        match location {
            Location::Crm => state.record.seen(),
            Location::Mailbox(user) => state.pairs[user.index()].seen(),
            Location::Cache(slot) => {
                let (computer, mailbox) = self.scene.slots[slot.index()];
                let pair = &state.pairs[mailbox.index()];
                state.slots[slot.index()].seen(self.context.connection[computer.index()], pair)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Held {
        Held { slots: SlotSet::of(SlotId(0)), computers: ComputerSet::of(ComputerId(0)) }
    }

    const EDIT: Action = Action::Title(1);
    const DELETE: Action = Action::Delete;

    /// What waits, and how much of it may have been sent.
    type Queue<'a> = (&'a [Action], u8);
    type Change = (&'static str, fn(&mut Item));

    fn item() -> Item {
        Item::new(&ItemSetup::new(Kind::Contact, UserId(0)), &[Schedule::NONE])
    }

    fn waiting(actions: &[Action], sent: u8) -> Item {
        let mut item = item();
        assert!(actions.iter().all(|&action| item.slots[0].push(action)));
        item.slots[0].sent = sent;
        item
    }

    /// What may have been sent is skipped, or its end is sent again; what was certainly not sent is sent.
    #[test]
    fn a_queue_covers_what_is_left_of_it_after_what_may_have_been_sent() {
        let cases: [(Queue<'_>, Queue<'_>, bool); 14] = [
            ((&[], 0), (&[], 0), true),
            ((&[EDIT], 0), (&[EDIT], 0), true),
            ((&[EDIT], 1), (&[EDIT], 0), true),
            ((&[EDIT], 0), (&[EDIT], 1), false),
            ((&[EDIT], 1), (&[], 0), true),
            ((&[EDIT], 0), (&[], 0), false),
            ((&[], 0), (&[EDIT], 0), false),
            ((&[EDIT, DELETE], 1), (&[DELETE], 0), true),
            ((&[EDIT, DELETE], 1), (&[EDIT], 0), false),
            ((&[EDIT, DELETE], 1), (&[DELETE], 1), false),
            ((&[EDIT, DELETE], 2), (&[DELETE], 1), true),
            ((&[EDIT, DELETE], 1), (&[], 0), false),
            ((&[EDIT, DELETE], 2), (&[], 0), true),
            ((&[EDIT, DELETE], 2), (&[EDIT, DELETE], 2), true),
        ];
        for ((one, sent), (other, of_other), covers) in cases {
            let (a, b) = (waiting(one, sent), waiting(other, of_other));
            assert_eq!(a.covers(&b, held()), covers, "{one:?} of which {sent} sent, and {other:?} of which {of_other}");
            assert!(a.covers(&b, Held::default()), "what is not held means nothing");
        }
    }

    /// Whether a change was sent matters in one direction, and for a record that waits to be created in both.
    #[test]
    fn a_pair_covers_itself_with_nothing_sent() {
        for (link, sent, of_other, covers) in [
            (Link::Linked, true, false, true),
            (Link::Linked, false, true, false),
            (Link::Linked, true, true, true),
            (Link::Untracking, true, false, true),
            (Link::None, false, false, true),
            (Link::Pending, true, false, false),
            (Link::Pending, false, true, false),
            (Link::Pending, true, true, true),
        ] {
            let (mut a, mut b) = (item(), item());
            (a.pairs[0].link, a.pairs[0].sent) = (link, sent);
            (b.pairs[0].link, b.pairs[0].sent) = (link, of_other);
            assert_eq!(a.covers(&b, held()), covers, "{link:?} sent {sent}, and {of_other}");
            b.pairs[0].held = true;
            assert!(!a.covers(&b, held()), "another pair");
        }
    }

    #[test]
    fn items_that_differ_otherwise_do_not_cover_one_another() {
        let changes: [Change; 3] = [
            ("record", |item| item.record.deleted_at += 1),
            ("what a computer shows", |item| item.slots[0].pair.held = true),
            ("the local copy of the record", |item| item.local[0].deleted_at += 1),
        ];
        for (what, change) in changes {
            let mut other = item();
            change(&mut other);
            assert!(!item().covers(&other, held()) && !other.covers(&item(), held()), "{what}");
        }
    }
}
