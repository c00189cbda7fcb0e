//! A world as a few bytes, in a canonical form, and back.
//!
//! What cannot matter any more is left out: what a connected computer caches, the times of events already dealt with,
//! the last content of what is gone. What can only be told apart by name is renamed: titles by the order in which they
//! are met (transitions compare titles, they never look at one), equal items and equal computers by the order of their
//! bytes. Two worlds with the same bytes behave alike from there on; a test holds the reduced space against the full one.

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, MAX_COMPUTERS, SlotId, UserId};
use tombstone_model::plan::{Connection, Kind, Method, Setup};
use tombstone_model::rules::Reply;
use tombstone_model::time::Seconds;
use tombstone_model::view::Word;
use tombstone_model::world::{Action, Context, CrmAction, Item, Link, Pair, Presence, Record, Scene, Slot, World};

/// Packs and unpacks the worlds of one setup.
#[derive(Clone, Debug)]
pub struct Packer {
    start: World,
    /// The instants that time can take.
    instants: Vec<Seconds>,
    /// For each item, the first item that was set up like it.
    like: Vec<u8>,
    /// Whether some item is a series.
    series: bool,
    /// Whether somebody may act in another's mailbox.
    delegates: bool,
    /// Whether equal computers and items are exchanged for one another.
    symmetric: bool,
}

/// Which computer and item stands where after packing: `computers[n]` was in place of the `n`-th.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renaming {
    /// The computers.
    pub computers: [u8; MAX_COMPUTERS],
    /// The items.
    pub items: [u8; MOST_ITEMS],
}

/// The most items of a world that is packed.
const MOST_ITEMS: usize = 8;

/// Where the head of packed bytes and each item in them end.
pub type Ends = [usize; MOST_ITEMS + 1];

impl Renaming {
    /// Everything in its own place.
    pub fn identity() -> Self {
        Self { computers: std::array::from_fn(|n| n as u8), items: std::array::from_fn(|n| n as u8) }
    }

    /// This renaming after another.
    #[must_use]
    pub fn after(self, first: Self) -> Self {
        Self {
            computers: self.computers.map(|n| first.computers[usize::from(n)]),
            items: self.items.map(|n| first.items[usize::from(n)]),
        }
    }
}

impl Packer {
    /// A packer for the worlds that a setup can become, at these instants.
    pub fn new(setup: &Setup, instants: Vec<Seconds>, symmetric: bool) -> Self {
        let like = setup.items.iter().map(|item| {
            let first = setup.items.iter().position(|other| other == item);
            first.map_or(0, |first| first as u8)
        });
        let series = setup.items.iter().any(|item| item.kind == Kind::RecurringAppointment);
        let delegates = setup.users.iter().any(|user| !user.delegates.is_empty());
        Self { start: World::new(setup), instants, like: like.collect(), series, delegates, symmetric }
    }

    /// The start of the plan.
    pub fn start(&self) -> &World {
        &self.start
    }

    /// The instants that time can take.
    pub fn instants(&self) -> &[Seconds] {
        &self.instants
    }

    /// Writes the canonical form of a world, and says what stands where in it.
    pub fn pack(&self, context: &Context, items: &[Item], bytes: &mut Vec<u8>) -> Renaming {
        self.pack_changed(ItemSet(!0), (&[], &[0; MOST_ITEMS + 1]), context, items, bytes)
    }

    /// Packs a world that was unpacked from bytes `before`, in which every computer is still connected or not as it
    /// was, and in which only these items have changed: the bytes of the others are taken from there.
    pub fn pack_changed(
        &self,
        changed: ItemSet,
        before: (&[u8], &Ends),
        context: &Context,
        items: &[Item],
        bytes: &mut Vec<u8>,
    ) -> Renaming {
        bytes.clear();
        let scene = &self.start.scene;
        let mut renaming = Renaming::identity();
        if self.symmetric {
            self.order_computers(context, items, &mut renaming);
        }
        bytes.push(self.instant(context.now));
        for place in 0..scene.computers.len() {
            let computer = usize::from(renaming.computers[place]);
            let connection = context.connection[computer];
            let resume = if connection == Connection::Crashed { context.resume[computer] } else { connection };
            bytes.push(connection as u8 | (resume as u8) << 2);
        }
        for (user, chosen) in context.synchronizing.iter().enumerate().take(scene.users.len()) {
            let several = scene.computers.iter().filter(|of| of.index() == user).count() > 1;
            if several && scene.users[user].method == Method::OutlookClient {
                let place = chosen.and_then(|chosen| renaming.computers.iter().position(|&at| at == chosen.0));
                bytes.push(place.map_or(u8::MAX, |place| place as u8));
            }
        }
        // Computers in another order are written in another order.
        let changed = if renaming == Renaming::identity() { changed } else { ItemSet(!0) };
        let mut ends = [bytes.len(); MOST_ITEMS + 1];
        for (n, item) in items.iter().enumerate() {
            if changed.contains(ItemId(n as u8)) {
                self.item(context, &renaming, item, false, &mut Titles::default(), bytes);
            } else {
                bytes.extend_from_slice(&before.0[before.1[n]..before.1[n + 1]]);
            }
            ends[n + 1] = bytes.len();
        }
        if self.symmetric && items.len() > 1 {
            self.order_items(bytes, &ends, items.len(), &mut renaming);
        }
        renaming
    }

    /// Computers of one user are alike but for which of them synchronizes: order them by what they hold.
    fn order_computers(&self, context: &Context, items: &[Item], renaming: &mut Renaming) {
        let scene = &self.start.scene;
        let count = scene.computers.len();
        let state = |computer: u8| {
            let chosen = context.synchronizing[scene.computers[usize::from(computer)].index()];
            let connection = context.connection[usize::from(computer)];
            (chosen != Some(ComputerId(computer)), connection, context.resume[usize::from(computer)])
        };
        let held = |computer: u8| {
            let mut held = Vec::new();
            if context.connection[usize::from(computer)] != Connection::Connected {
                let mut titles = Titles::default();
                for item in items {
                    self.computer(context, computer, item, false, &mut titles, &mut held);
                }
            }
            held
        };
        let mut from = 0;
        while from < count {
            let user = scene.computers[from];
            let to = from + scene.computers[from..].iter().take_while(|&&of| of == user).count();
            if to - from > 1 {
                // What they hold decides only between computers that are alike otherwise.
                renaming.computers[from..to]
                    .sort_by(|&a, &b| state(a).cmp(&state(b)).then_with(|| held(a).cmp(&held(b))));
            }
            from = to;
        }
    }

    /// Items set up alike are alike: order them by their bytes.
    fn order_items(&self, bytes: &mut Vec<u8>, ends: &Ends, count: usize, renaming: &mut Renaming) {
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|&a, &b| {
            let part = |n: usize| &bytes[ends[n]..ends[n + 1]];
            self.like[a].cmp(&self.like[b]).then_with(|| part(a).cmp(part(b)))
        });
        // An item keeps a place of one that it is like.
        let mut places: Vec<usize> = (0..count).collect();
        places.sort_by_key(|&n| (self.like[n], n));
        let mut at = vec![0; count];
        for (&place, &item) in places.iter().zip(&order) {
            at[place] = item;
            renaming.items[place] = item as u8;
        }
        let sorted: Vec<u8> = at.iter().flat_map(|&item| bytes[ends[item]..ends[item + 1]].iter().copied()).collect();
        bytes.truncate(ends[0]);
        bytes.extend(sorted);
    }

    fn instant(&self, at: Seconds) -> u8 {
        self.instants.iter().position(|&instant| instant == at).unwrap_or(0) as u8
    }

    /// `whole` tells whether all is written that waits, or only what the reference can still do with it.
    fn item(
        &self,
        context: &Context,
        renaming: &Renaming,
        item: &Item,
        whole: bool,
        titles: &mut Titles,
        bytes: &mut Vec<u8>,
    ) {
        let scene = &self.start.scene;
        self.record(&item.record, Some(titles), bytes);
        for pair in &item.pairs[..scene.users.len()] {
            self.pair(pair, titles, bytes);
        }
        for &computer in &renaming.computers[..scene.computers.len()] {
            if context.connection[usize::from(computer)] != Connection::Connected {
                self.computer(context, computer, item, whole, titles, bytes);
            }
        }
    }

    fn computer(
        &self,
        context: &Context,
        computer: u8,
        item: &Item,
        whole: bool,
        titles: &mut Titles,
        bytes: &mut Vec<u8>,
    ) {
        let scene = &self.start.scene;
        let id = ComputerId(computer);
        for (slot, _) in scene.slots_of(id) {
            self.slot(&item.slots[slot.index()], whole, titles, bytes);
        }
        if works_offline(context, id) {
            // Waiting changes are patches: what the local copy of the record says otherwise decides nothing.
            let mut local = item.local[id.index()];
            local.word = local.word.with_owner_bits(1).with_organizer_bits(0);
            self.record(&local, None, bytes);
        }
    }

    /// The fields that some step of an exploration can change, in two bytes, three where the world holds more than fifteen
    /// titles; a series adds its occurrences. The others are what they were at the start.
    fn word(&self, word: Word, title: u8, bytes: &mut Vec<u8>) {
        let low = u16::from(title.min(15)) | u16::from(word.status_bits()) << 4;
        let roles = u16::from(word.owner_bits()) << 6 | u16::from(word.organizer_bits()) << 9;
        bytes.extend((low | roles).to_le_bytes());
        if title >= 15 {
            bytes.push(title);
        }
        if self.series {
            bytes.push(word.occurrences());
        }
    }

    fn record(&self, record: &Record, titles: Option<&mut Titles>, bytes: &mut Vec<u8>) {
        let recurring = record.word.record() == Kind::RecurringAppointment;
        let dated = record.presence == Presence::Gone || recurring;
        let at = if dated { self.instant(record.deleted_at) } else { 0 };
        bytes.push(record.presence as u8 | at << 2);
        if record.presence != Presence::Never {
            self.word(record.word, titles.map_or(0, |titles| titles.rename(record.word.title())), bytes);
        }
    }

    fn pair(&self, pair: &Pair, titles: &mut Titles, bytes: &mut Vec<u8>) {
        let pair = essential(pair);
        let presence = pair.presence as u8;
        let (low, high) = (presence & 3, presence >> 2);
        bytes.push(low | (pair.link as u8) << 2 | (pair.reply as u8) << 4 | u8::from(pair.held) << 6 | high << 7);
        let at = self.instant(pair.acted_at);
        bytes.push(u8::from(pair.survivor) | u8::from(pair.sent) << 1 | at << 2 | (pair.record as u8) << 4);
        if self.delegates {
            bytes.push(pair.acted_by.0 | u8::from(pair.lent) << 7);
        }
        let (word, base) = needed(&pair);
        if word {
            self.word(pair.word, titles.rename(pair.word.title()), bytes);
        }
        if base {
            self.word(pair.base, titles.rename(pair.base.title()), bytes);
        }
    }

    fn slot(&self, slot: &Slot, whole: bool, titles: &mut Titles, bytes: &mut Vec<u8>) {
        // Neither does what the cached copy says; it is there, or it waits as a tombstone.
        let mut cached = slot.pair;
        cached.base = cached.word;
        (cached.survivor, cached.held, cached.sent) = (false, false, false);
        let mut own = Titles::default();
        self.pair(&cached, &mut own, bytes);
        if whole {
            bytes.extend([slot.waiting, slot.sent]);
            for (code, argument) in slot.waiting().iter().map(|action| encode(*action, titles)) {
                bytes.extend([code, argument]);
            }
            return;
        }
        let at = bytes.len();
        bytes.push(0);
        // What was sent before a crash the reference does not send again: it is as good as erased.
        let waiting = &slot.waiting()[usize::from(slot.sent)..];
        for (n, action) in waiting.iter().enumerate() {
            if is_overwritten(*action, &waiting[n + 1..]) {
                continue;
            }
            let (code, argument) = encode(*action, titles);
            bytes.extend([code, argument]);
            bytes[at] += 1;
        }
    }

    /// Reads a world back, and says where its parts end.
    pub fn unpack(&self, bytes: &[u8], world: &mut World) -> Ends {
        let scene = &self.start.scene;
        let mut reader = Reader(bytes);
        world.context = self.start.context;
        world.context.now = self.instants[usize::from(reader.byte())];
        for computer in 0..scene.computers.len() {
            let byte = reader.byte();
            world.context.connection[computer] = connection(byte & 3);
            world.context.resume[computer] = connection(byte >> 2 & 3);
        }
        for user in 0..scene.users.len() {
            let several = scene.computers.iter().filter(|of| of.index() == user).count() > 1;
            if several && scene.users[user].method == Method::OutlookClient {
                world.context.synchronizing[user] = Some(ComputerId(reader.byte()));
            }
        }
        let mut ends = [bytes.len() - reader.0.len(); MOST_ITEMS + 1];
        world.items.resize(self.start.items.len(), self.start.items[0]);
        for ((item, start), end) in world.items.iter_mut().zip(&self.start.items).zip(&mut ends[1..]) {
            self.read_item(&mut reader, &world.context, start, false, item);
            *end = bytes.len() - reader.0.len();
        }
        ends
    }

    /// Writes one explanation of an item, in the names that the canonical form gives to what the reference holds of it; says
    /// whether it allows for what the reference holds.
    pub fn pack_explanation(
        &self,
        (context, renaming): (&Context, &Renaming),
        reference: &Item,
        explanation: &Item,
        bytes: &mut Vec<u8>,
    ) -> bool {
        let (mut known, mut titles) = (Vec::with_capacity(64), Titles::default());
        self.item(context, renaming, reference, false, &mut titles, &mut known);
        let mut other = Vec::with_capacity(known.len());
        let slots: Vec<SlotId> = context.held(&self.start.scene).slots.iter().collect();
        let allows = each_certain(reference, *explanation, &slots, &mut |item| {
            other.clear();
            self.item(context, renaming, item, false, &mut titles.clone(), &mut other);
            other == known
        });
        self.item(context, renaming, explanation, true, &mut titles, bytes);
        allows
    }

    /// Reads an explanation back, and leaves what follows it.
    pub fn unpack_explanation(&self, bytes: &mut &[u8], context: &Context, id: ItemId) -> Item {
        let start = &self.start.items[id.index()];
        let (mut reader, mut item) = (Reader(bytes), *start);
        self.read_item(&mut reader, context, start, true, &mut item);
        *bytes = reader.0;
        item
    }

    fn read_item(&self, reader: &mut Reader<'_>, context: &Context, start: &Item, whole: bool, item: &mut Item) {
        let scene = &self.start.scene;
        item.record = self.read_record(reader, start.record);
        item.pairs = start.pairs;
        item.slots[..scene.slots.len()].copy_from_slice(&start.slots[..scene.slots.len()]);
        item.local[..scene.computers.len()].copy_from_slice(&start.local[..scene.computers.len()]);
        for (pair, start) in item.pairs[..scene.users.len()].iter_mut().zip(&start.pairs) {
            *pair = self.read_pair(reader, start);
        }
        for computer in (0..scene.computers.len() as u8).map(ComputerId) {
            if context.connection[computer.index()] == Connection::Connected {
                continue;
            }
            for (slot, mailbox) in scene.slots_of(computer) {
                let cached = &start.pairs[mailbox.index()];
                item.slots[slot.index()] = self.read_slot(reader, cached, &start.slots[0], whole);
            }
            if works_offline(context, computer) {
                item.local[computer.index()] = self.read_record(reader, start.record);
            }
        }
    }

    fn read_word(&self, reader: &mut Reader<'_>, start: Word) -> Word {
        let bits = u16::from(reader.byte()) | u16::from(reader.byte()) << 8;
        let title = if bits & 15 == 15 { reader.byte() } else { (bits & 15) as u8 };
        let word = start
            .with_title(title)
            .with_status_bits((bits >> 4 & 3) as u8)
            .with_owner_bits((bits >> 6 & 7) as u8)
            .with_organizer_bits((bits >> 9 & 7) as u8);
        if self.series { word.with_occurrences(reader.byte()) } else { word }
    }

    fn read_record(&self, reader: &mut Reader<'_>, start: Record) -> Record {
        let byte = reader.byte();
        let presence = presence(byte & 3);
        let word = if presence == Presence::Never { start.word } else { self.read_word(reader, start.word) };
        Record { word, deleted_at: self.instants[usize::from(byte >> 2)], presence }
    }

    fn read_pair(&self, reader: &mut Reader<'_>, start: &Pair) -> Pair {
        let (state, rest) = (reader.byte(), reader.byte());
        let acted = if self.delegates { reader.byte() } else { 0 };
        let mut pair = Pair {
            word: Word::ABSENT,
            base: Word::ABSENT,
            acted_at: self.instants[usize::from(rest >> 2 & 3)],
            acted_by: UserId(acted & 0x7f),
            presence: presence(state & 3 | state >> 7 << 2),
            link: [Link::None, Link::Pending, Link::Linked, Link::Untracking][usize::from(state >> 2 & 3)],
            reply: [Reply::Yes, Reply::No, Reply::Unasked, Reply::NoClient][usize::from(state >> 4 & 3)],
            record: Kind::ALL[usize::from(rest >> 4)],
            held: state >> 6 & 1 != 0,
            survivor: rest & 1 != 0,
            sent: rest >> 1 & 1 != 0,
            lent: acted >> 7 != 0,
        };
        let (word, base) = needed(&pair);
        if word {
            pair.word = self.read_word(reader, start.word);
        }
        if base {
            pair.base = self.read_word(reader, start.word);
        }
        pair
    }

    fn read_slot(&self, reader: &mut Reader<'_>, start: &Pair, empty: &Slot, whole: bool) -> Slot {
        let mut slot = *empty;
        slot.pair = self.read_pair(reader, start);
        slot.waiting = reader.byte();
        if whole {
            slot.sent = reader.byte();
        }
        for n in 0..usize::from(slot.waiting) {
            slot.queue[n] = decode(reader.byte(), reader.byte());
        }
        slot
    }
}

/// Whether something holds for an explanation when it is made certain which changes were sent before a crash, in some way.
fn each_certain(reference: &Item, mut item: Item, slots: &[SlotId], holds: &mut dyn FnMut(&Item) -> bool) -> bool {
    for (pair, held) in item.pairs.iter_mut().zip(&reference.pairs) {
        pair.sent &= held.sent || pair.link == Link::Pending;
    }
    let Some((slot, rest)) = slots.split_first() else { return holds(&item) };
    let Slot { queue, waiting, sent, .. } = item.slots[slot.index()];
    (0..=sent).any(|skipped| {
        let slot = &mut item.slots[slot.index()];
        slot.clear();
        queue[usize::from(skipped)..usize::from(waiting)].iter().all(|&action| slot.push(action))
            && each_certain(reference, item, rest, holds)
    })
}

/// Whether a computer works on a local copy of the CRM, or will when it is started again.
fn works_offline(context: &Context, computer: ComputerId) -> bool {
    let at = computer.index();
    context.connection[at] == Connection::Offline
        || (context.connection[at] == Connection::Crashed && context.resume[at] == Connection::Offline)
}

/// Which words of a pair can still matter: what is there or waits to be judged, and what both sides agreed on while they
/// are linked, or while the copy may come back.
fn needed(pair: &Pair) -> (bool, bool) {
    let word = (pair.presence == Presence::Present || pair.presence.is_leaving())
        || matches!(pair.link, Link::Linked | Link::Untracking);
    let sent = pair.link == Link::Pending && pair.sent;
    let base = matches!(pair.link, Link::Linked | Link::Untracking) || pair.survivor || sent;
    (word, base)
}

/// The pair without what cannot matter any more.
fn essential(pair: &Pair) -> Pair {
    let mut essential = *pair;
    let series = pair.word.record() == Kind::RecurringAppointment && pair.link == Link::Linked;
    if !pair.presence.is_leaving() && pair.link != Link::Untracking && !series {
        (essential.acted_at, essential.acted_by) = (0, UserId(0));
    }
    if pair.link != Link::Untracking {
        essential.reply = Reply::Unasked;
    }
    essential
}

/// Whether a waiting edit is overwritten by a later one before anything else happens on its side: then nobody can tell
/// that it was there, since both are carried out at once.
fn is_overwritten(action: Action, later: &[Action]) -> bool {
    let kind = |action: Action| match action {
        Action::Title(_) => Some((0, 0)),
        Action::When(_) => Some((0, 1)),
        Action::InCrm(CrmAction::Title(_)) => Some((1, 0)),
        Action::InCrm(CrmAction::When(_)) => Some((1, 1)),
        Action::Create
        | Action::Delete
        | Action::MoveAway
        | Action::DeleteOccurrence(_)
        | Action::Track(_)
        | Action::Untrack { .. }
        | Action::Regarding(_)
        | Action::Parent(_)
        | Action::Complete
        | Action::InCrm(
            CrmAction::Create
            | CrmAction::Delete
            | CrmAction::DeleteOccurrence(_)
            | CrmAction::Regarding(_)
            | CrmAction::Parent(_)
            | CrmAction::Complete
            | CrmAction::Cancel
            | CrmAction::Assign(_)
            | CrmAction::Organizer(_),
        ) => None,
    };
    let Some((side, field)) = kind(action) else { return false };
    let on_side = |action: &&Action| u8::from(matches!(action, Action::InCrm(_))) == side;
    later.iter().filter(on_side).map_while(|&next| kind(next)).any(|(_, other)| other == field)
}

/// Titles by the order in which they are met.
#[derive(Clone)]
struct Titles {
    known: [u8; 64],
    count: u8,
}

impl Default for Titles {
    fn default() -> Self {
        Self { known: [0; 64], count: 0 }
    }
}

impl Titles {
    fn rename(&mut self, title: u8) -> u8 {
        let known = &self.known[..usize::from(self.count)];
        match known.iter().position(|&other| other == title) {
            Some(at) => at as u8,
            None => {
                self.known[usize::from(self.count)] = title;
                self.count += 1;
                self.count - 1
            }
        }
    }
}

/// A title that nothing in the world bears yet.
pub fn fresh_title(item: &Item, scene: &Scene) -> u8 {
    let slots = &item.slots[..scene.slots.len()];
    let words = std::iter::once(item.record.word)
        .chain(item.pairs[..scene.users.len()].iter().flat_map(|pair| [pair.word, pair.base]))
        .chain(slots.iter().flat_map(|slot| [slot.pair.word, slot.pair.base]))
        .chain(item.local[..scene.computers.len()].iter().map(|record| record.word));
    let queued = slots.iter().flat_map(Slot::waiting).filter_map(|action| {
        if let Action::Title(title) | Action::InCrm(CrmAction::Title(title)) = action { Some(*title) } else { None }
    });
    words.map(Word::title).chain(queued).max().unwrap_or(0) + 1
}

fn encode(action: Action, titles: &mut Titles) -> (u8, u8) {
    match action {
        Action::Create => (0, 0),
        Action::Title(title) => (1, titles.rename(title)),
        Action::When(when) => (2, when),
        Action::Delete => (3, 0),
        Action::DeleteOccurrence(n) => (4, n),
        Action::Track(kind) => (5, kind as u8),
        Action::Untrack { yes } => (6, u8::from(yes)),
        Action::Regarding(to) => (7, to.0),
        Action::Parent(to) => (8, to.0),
        Action::Complete => (9, 0),
        Action::MoveAway => (10, 0),
        Action::InCrm(CrmAction::Create) => (16, 0),
        Action::InCrm(CrmAction::Title(title)) => (17, titles.rename(title)),
        Action::InCrm(CrmAction::When(when)) => (18, when),
        Action::InCrm(CrmAction::Delete) => (19, 0),
        Action::InCrm(CrmAction::DeleteOccurrence(n)) => (20, n),
        Action::InCrm(CrmAction::Regarding(to)) => (21, to.0),
        Action::InCrm(CrmAction::Parent(to)) => (22, to.0),
        Action::InCrm(CrmAction::Complete) => (23, 0),
        Action::InCrm(CrmAction::Cancel) => (24, 0),
        Action::InCrm(CrmAction::Assign(to)) => (25, to.0),
        Action::InCrm(CrmAction::Organizer(to)) => (26, to.0),
    }
}

fn decode(code: u8, argument: u8) -> Action {
    match code {
        0 => Action::Create,
        1 => Action::Title(argument),
        2 => Action::When(argument),
        3 => Action::Delete,
        4 => Action::DeleteOccurrence(argument),
        5 => Action::Track(Kind::ALL[usize::from(argument)]),
        6 => Action::Untrack { yes: argument != 0 },
        7 => Action::Regarding(ItemId(argument)),
        8 => Action::Parent(ItemId(argument)),
        9 => Action::Complete,
        10 => Action::MoveAway,
        16 => Action::InCrm(CrmAction::Create),
        17 => Action::InCrm(CrmAction::Title(argument)),
        18 => Action::InCrm(CrmAction::When(argument)),
        19 => Action::InCrm(CrmAction::Delete),
        20 => Action::InCrm(CrmAction::DeleteOccurrence(argument)),
        21 => Action::InCrm(CrmAction::Regarding(ItemId(argument))),
        22 => Action::InCrm(CrmAction::Parent(ItemId(argument))),
        23 => Action::InCrm(CrmAction::Complete),
        24 => Action::InCrm(CrmAction::Cancel),
        25 => Action::InCrm(CrmAction::Assign(UserId(argument))),
        26 => Action::InCrm(CrmAction::Organizer(UserId(argument))),
        unknown => unreachable!("no action has the number {unknown}"),
    }
}

fn presence(bits: u8) -> Presence {
    use Presence::{Gone, Moved, Never, Present, Tombstone};
    [Never, Present, Tombstone, Gone, Moved][usize::from(bits)]
}

fn connection(bits: u8) -> Connection {
    [Connection::Connected, Connection::Disconnected, Connection::Offline, Connection::Crashed][usize::from(bits)]
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&byte, rest)) => {
                self.0 = rest;
                byte
            }
            None => 0,
        }
    }
}
