//! Synchronization by the server, which polls each mailbox.
//!
//! It stands beside the CRM, so that a record and the row of the pair are written in one transaction; the mailbox is
//! written after it. A poll that dies in between finds, next time, that the pair knows more than the mailbox shows, and
//! only has to write the mailbox. Nothing is ever sent twice.

use std::collections::{BTreeMap, BTreeSet};

use tombstone_model::ids::{ItemId, UserId};
use tombstone_model::plan::{Crash, Kind, KindSet, Method, Stage, Status};
use tombstone_model::rules::{Reply, Trigger};
use tombstone_model::time::Seconds;
use tombstone_model::view::Word;

use super::flaw::{Clash, CrossingContent, Memory, Pass, Way};
use super::glitch::Glitch;
use super::mailbox::{EntryId, MailboxCopy, TrackWish, TrackingMark};
use super::office::{Office, in_filter, stage_of};
use super::stores::{RecordId, Row};
use super::synchronizer::Synchronizer;

/// The poller, and the subscription of each mailbox.
#[derive(Debug, Default)]
pub(super) struct ServerSide {
    subscriptions: Vec<Subscription>,
}

/// What the server remembers of a mailbox.
#[derive(Debug, Default)]
struct Subscription {
    pairs: BTreeMap<ItemId, AgreedPair>,
    /// Items that a poll began and did not finish, or could not yet.
    unfinished: BTreeSet<ItemId>,
    seen_in_outlook: u64,
    seen_in_crm: u64,
    polls: u32,
    /// When the last poll was.
    last: Seconds,
}

/// An entry and a record that belong together, and the content last agreed on.
#[derive(Clone, Copy, Debug)]
struct AgreedPair {
    record: RecordId,
    /// At which version of the mailbox the entry was tracked.
    since: u64,
    agreed: Word,
    occurrences: u8,
}

/// What a poll does to one item: first the transaction, then the mailbox.
#[derive(Clone, Copy, Debug, Default)]
struct PollWork {
    crm: Option<Write>,
    pair: Option<PairWrite>,
    mailbox: Option<MailboxWrite>,
}

#[derive(Clone, Copy, Debug)]
enum Write {
    Insert(Row),
    Update(RecordId, Word, u8),
    Delete(RecordId),
}

#[derive(Clone, Copy, Debug)]
enum PairWrite {
    Cut,
    Set(AgreedPair),
    /// As `Set`, with the id that the insertion gives.
    Created(AgreedPair),
}

#[derive(Clone, Copy, Debug)]
enum MailboxWrite {
    Insert(MailboxCopy),
    Untrack(EntryId),
    Delete(EntryId),
    Replace(EntryId, MailboxCopy),
}

impl Synchronizer for ServerSide {
    const NAME: &'static str = "server-side";
    const METHOD: Method = Method::ServerSide;

    fn reset(&mut self, office: &Office) {
        self.subscriptions = office.mailboxes.iter().map(|_| Subscription::default()).collect();
        for (subscription, mailbox) in self.subscriptions.iter_mut().zip(&office.mailboxes) {
            for entry in mailbox.entries.values() {
                if entry.tracking == TrackingMark::Linked
                    && let Some(record) = office.crm.find(entry.item)
                {
                    let MailboxCopy { fields: agreed, occurrences, item, .. } = *entry;
                    subscription.pairs.insert(item, AgreedPair { record, since: 0, agreed, occurrences });
                }
            }
        }
    }

    fn synchronize(&mut self, office: &mut Office, user: UserId, crash: Option<Crash>) {
        let subscription = &mut self.subscriptions[user.index()];
        subscription.polls += 1;
        let (number, last) = (subscription.polls, subscription.last);
        (office.flaw.before)(&mut Pass { office, memory: subscription, user, last, number, crash });
        let mailbox = &office.mailboxes[user.index()];
        let mut items = std::mem::take(&mut subscription.unfinished);
        items.extend(mailbox.changed_since(subscription.seen_in_outlook));
        items.extend(office.crm.changed_since(subscription.seen_in_crm));
        subscription.seen_in_outlook = mailbox.version();
        subscription.seen_in_crm = office.crm.version();
        for item in office.listed(user, items, last, number) {
            let stage = stage_of(item, crash);
            if stage != Stage::BeforeUpload {
                let sending = subscription.send(office, user, item);
                subscription.commit(office, user, item, sending, stage != Stage::BeforeAcknowledgement);
            }
            if stage == Stage::Done {
                let fetching = subscription.fetch(office, user, item);
                subscription.commit(office, user, item, fetching, true);
            } else if !office.wrong(Glitch::WorkLostInACrash) {
                subscription.unfinished.insert(item);
            }
        }
        let pass = &mut Pass { office, memory: subscription, user, last, number, crash };
        (pass.office.flaw.after)(pass);
        if crash.is_some() {
            (pass.office.flaw.crashed)(pass);
        }
        subscription.last = office.now;
    }

    fn push(&mut self, office: &mut Office, user: UserId, item: ItemId) {
        let subscription = &mut self.subscriptions[user.index()];
        let sending = subscription.send(office, user, item);
        subscription.commit(office, user, item, sending, true);
    }

    fn forget(&mut self, user: UserId) {
        self.subscriptions[user.index()].pairs.clear();
    }
}

/// How an entry stands, seen from its pair.
enum Outlook {
    /// Nothing to do with the CRM.
    Untracked,
    /// Tracked, without a pair yet.
    Wanted { asked: TrackWish },
    /// Tracking has stopped.
    Stopped,
    /// Paired, and deleted.
    Deleted { pair: AgreedPair },
    /// Paired, and there.
    Paired { pair: AgreedPair },
}

impl Memory for Subscription {
    fn pairs(&self, _: &Office, _: UserId) -> Vec<(ItemId, RecordId, Word)> {
        self.pairs.iter().map(|(&item, pair)| (item, pair.record, pair.agreed)).collect()
    }

    fn lose(&mut self, _: &Office, _: UserId, item: ItemId) {
        self.pairs.remove(&item);
    }

    fn agree(&mut self, _: &Office, _: UserId, item: ItemId, fields: Word) {
        if let Some(pair) = self.pairs.get_mut(&item) {
            pair.agreed = fields;
        }
    }

    fn pair_with(&mut self, _: &Office, _: UserId, item: ItemId, record: RecordId) {
        if let Some(pair) = self.pairs.get_mut(&item) {
            pair.record = record;
        }
    }

    fn look(&mut self, item: ItemId, again: bool) {
        if again {
            self.unfinished.insert(item);
        } else {
            self.unfinished.remove(&item);
        }
    }

    fn skip(&mut self, office: &Office, user: UserId) {
        self.seen_in_outlook = office.mailboxes[user.index()].version();
        self.seen_in_crm = office.crm.version();
        self.unfinished.clear();
    }
}

impl Subscription {
    fn outlook(&self, entry: &MailboxCopy, present: bool) -> Outlook {
        let pair = self.pairs.get(&entry.item).copied();
        match (entry.tracking, pair) {
            (TrackingMark::No, _) => Outlook::Untracked,
            (TrackingMark::Stopping(_), _) => Outlook::Stopped,
            (TrackingMark::Asked(_), _) if !present => Outlook::Untracked,
            // The pair was made by a poll that did not live to tell the mailbox.
            (TrackingMark::Asked(asked), Some(pair)) if pair.since == asked.since => Outlook::Paired { pair },
            (TrackingMark::Asked(asked), _) => Outlook::Wanted { asked },
            (TrackingMark::Linked, Some(pair)) if present => Outlook::Paired { pair },
            (TrackingMark::Linked, Some(pair)) => Outlook::Deleted { pair },
            // The pair was cut by a poll that did not live to tell the mailbox.
            (TrackingMark::Linked, None) => Outlook::Stopped,
        }
    }

    /// What goes from Outlook to the CRM.
    fn send(&self, office: &Office, user: UserId, item: ItemId) -> PollWork {
        let mailbox = &office.mailboxes[user.index()];
        let Some(id) = mailbox.find_ever(item) else { return PollWork::default() };
        let Some(entry) = mailbox.read(id) else { return PollWork::default() };
        let present = mailbox.entries.contains_key(&id);
        let judge = |row: &Row, trigger, occurrence| office.decide(user, entry, row, trigger, occurrence).crm;
        let cut = |crm| PollWork { crm, pair: Some(PairWrite::Cut), mailbox: Some(MailboxWrite::Untrack(id)) };
        match self.outlook(entry, present) {
            Outlook::Untracked | Outlook::Wanted { asked: TrackWish { held: true, .. } } => PollWork::default(),
            Outlook::Stopped => {
                let pair = self.pairs.get(&item);
                let row = pair.and_then(|pair| Some((pair.record, office.crm.rows.get(&pair.record)?)));
                let silent = matches!(entry.tracking, TrackingMark::Stopping(stop) if stop.reply == Reply::NoClient);
                let mixed = silent && item.0 % 2 == 1 && office.wrong(Glitch::TwoReadingsOfSilence);
                let goes = row.filter(|(_, row)| mixed || judge(row, Trigger::Untrack, None));
                cut(goes.map(|(record, _)| Write::Delete(record)))
            }
            Outlook::Deleted { pair } => {
                let row = office.crm.rows.get(&pair.record);
                let goes = row.is_some_and(|row| judge(row, Trigger::DeleteInOutlook, None));
                if row.is_none() && office.wrong(Glitch::LinkLeftBehind) {
                    return PollWork::default();
                }
                cut(goes.then_some(Write::Delete(pair.record)))
            }
            Outlook::Wanted { asked } => adopt_or_create(office, user, item, id, entry, asked),
            Outlook::Paired { pair } => match office.crm.rows.get(&pair.record) {
                Some(row) => send_edits(office, user, id, entry, row, pair, &judge),
                None => PollWork::default(),
            },
        }
    }

    /// What comes from the CRM to Outlook.
    fn fetch(&self, office: &Office, user: UserId, item: ItemId) -> PollWork {
        let mailbox = &office.mailboxes[user.index()];
        let Some(id) = mailbox.find_ever(item) else {
            let record = office.crm.find(item);
            let row = record
                .and_then(|record| office.crm.rows.get(&record))
                .filter(|row| in_filter(row, user, office.glitch));
            let Some(row) = row else { return PollWork::default() };
            let (from, kind, way) = (row.fields, row.kind, Way::Fetched);
            let crossing = CrossingContent { office, user, item, kind, way, from, over: from, agreed: from, new: true };
            let fields = (office.flaw.carries)(&crossing, from);
            let entry = MailboxCopy { tracking: TrackingMark::Linked, fields, ..MailboxCopy::of(row) };
            return PollWork { mailbox: Some(MailboxWrite::Insert(entry)), ..PollWork::default() };
        };
        let Some(entry) = mailbox.read(id) else { return PollWork::default() };
        let Outlook::Paired { pair } = self.outlook(entry, mailbox.entries.contains_key(&id)) else {
            return PollWork::default();
        };
        let judge = |row: &Row, occurrence| office.decide(user, entry, row, Trigger::DeleteInCrm, occurrence).outlook;
        let Some(row) = office.crm.rows.get(&pair.record) else {
            let goes = office.crm.tombstones.get(&pair.record).is_some_and(|row| judge(row, None));
            let mailbox = if goes { MailboxWrite::Delete(id) } else { MailboxWrite::Untrack(id) };
            return PollWork { pair: Some(PairWrite::Cut), mailbox: Some(mailbox), ..PollWork::default() };
        };
        let (from, over, agreed) = (row.fields, entry.fields, pair.agreed);
        let (kind, way) = (row.kind, Way::Fetched);
        let crossing = CrossingContent { office, user, item, kind, way, from, over, agreed, new: false };
        let gone = pair.occurrences & !row.occurrences;
        let arriving = (office.flaw.occurrences)(&crossing, gone);
        let mut new = MailboxCopy { owner: row.owner, tracking: TrackingMark::Linked, ..*entry };
        for n in (0..8).filter(|n| (arriving & entry.occurrences) >> n & 1 != 0) {
            let rest = new.occurrences & !(1 << n);
            if rest != 0 && judge(row, Some(n)) {
                new.occurrences = rest;
            }
        }
        let mut pair = AgreedPair { occurrences: pair.occurrences & !gone, ..pair };
        if row.fields != pair.agreed {
            (new.fields, pair.agreed) = ((office.flaw.carries)(&crossing, from), row.fields);
        }
        let mailbox = (new != *entry).then_some(MailboxWrite::Replace(id, new));
        PollWork { crm: None, pair: Some(PairWrite::Set(pair)), mailbox }
    }

    /// Carries out the work: the transaction, and unless the poll dies before it, the mailbox.
    fn commit(&mut self, office: &mut Office, user: UserId, item: ItemId, work: PollWork, whole: bool) {
        let torn = !whole && office.wrong(Glitch::TransactionTorn);
        let created = match work.crm.filter(|_| !torn) {
            None => None,
            Some(Write::Insert(row)) => Some(office.crm.insert(row)),
            Some(Write::Update(record, fields, occurrences)) => {
                office.crm.update(record, |row| (row.fields, row.occurrences) = (fields, occurrences));
                None
            }
            Some(Write::Delete(record)) => {
                office.crm.delete(record);
                None
            }
        };
        match work.pair {
            None => {}
            Some(PairWrite::Cut) => {
                self.pairs.remove(&item);
            }
            Some(PairWrite::Set(pair)) => {
                self.pairs.insert(item, pair);
            }
            Some(PairWrite::Created(pair)) => {
                self.pairs.insert(item, AgreedPair { record: created.unwrap_or(pair.record), ..pair });
            }
        }
        if !whole {
            return;
        }
        let mailbox = &mut office.mailboxes[user.index()];
        match work.mailbox {
            None => {}
            Some(MailboxWrite::Insert(entry)) => {
                mailbox.insert(entry);
                if let Some(record) = office.crm.find(item) {
                    let MailboxCopy { fields: agreed, occurrences, .. } = entry;
                    self.pairs.insert(item, AgreedPair { record, since: 0, agreed, occurrences });
                }
            }
            Some(MailboxWrite::Untrack(id)) => mailbox.update(id, |entry| entry.tracking = TrackingMark::No),
            Some(MailboxWrite::Delete(id)) => {
                mailbox.update(id, |entry| entry.tracking = TrackingMark::No);
                mailbox.delete(id);
            }
            Some(MailboxWrite::Replace(id, new)) => mailbox.update(id, |entry| *entry = new),
        }
    }
}

/// A tracked entry meets its record, or gets one.
fn adopt_or_create(
    office: &Office,
    user: UserId,
    item: ItemId,
    id: EntryId,
    entry: &MailboxCopy,
    asked: TrackWish,
) -> PollWork {
    let right = office.crm.find(item);
    let row = Row {
        item,
        fields: entry.fields,
        occurrences: entry.occurrences,
        owner: user,
        kind: asked.kind,
        version: 0,
        written: 0,
    };
    let known = (office.flaw.adopts)(office, &row, right);
    let known = known.and_then(|record| Some((record, office.crm.rows.get(&record)?)));
    let fields = match known {
        // A message has been received or sent, and is closed.
        None if office.item(item).kind == Kind::Email => entry.fields.with_status(Status::Completed),
        None | Some(_) => entry.fields,
    };
    let (from, kind, way) = (fields, asked.kind, Way::Sent);
    let crossing = CrossingContent { office, user, item, kind, way, from, over: from, agreed: from, new: true };
    let sent = (office.flaw.carries)(&crossing, fields);
    let pair = AgreedPair { record: RecordId(0), since: asked.since, agreed: sent, occurrences: entry.occurrences };
    let linked = |owner| {
        Some(MailboxWrite::Replace(id, MailboxCopy { fields, owner, tracking: TrackingMark::Linked, ..*entry }))
    };
    match known {
        // Somebody else tracked the same item: there is one record, and what is sent last overwrites it.
        Some((record, row)) => {
            let both = pair.occurrences & row.occurrences;
            PollWork {
                crm: office.writes(user).then_some(Write::Update(record, sent, row.occurrences)),
                pair: Some(PairWrite::Set(AgreedPair { record, occurrences: both, ..pair })),
                mailbox: linked(row.owner),
            }
        }
        None if !office.makes(user) => {
            let untracked = (!office.policy.keeps_tracking()).then_some(MailboxWrite::Untrack(id));
            PollWork { mailbox: untracked, ..PollWork::default() }
        }
        None => {
            let row = Row { fields: sent, ..row };
            PollWork { crm: Some(Write::Insert(row)), pair: Some(PairWrite::Created(pair)), mailbox: linked(user) }
        }
    }
}

fn send_edits(
    office: &Office,
    user: UserId,
    id: EntryId,
    entry: &MailboxCopy,
    row: &Row,
    pair: AgreedPair,
    judge: &impl Fn(&Row, Trigger, Option<u8>) -> bool,
) -> PollWork {
    let (from, over, agreed, item) = (entry.fields, row.fields, pair.agreed, entry.item);
    let (kind, way) = (row.kind, Way::Sent);
    let crossing = CrossingContent { office, user, item, kind, way, from, over, agreed, new: false };
    let gone = pair.occurrences & !entry.occurrences;
    let arriving = (office.flaw.occurrences)(&crossing, gone);
    let mut occurrences = row.occurrences;
    for n in (0..8).filter(|n| (arriving & row.occurrences) >> n & 1 != 0) {
        let rest = occurrences & !(1 << n);
        if rest != 0 && judge(row, Trigger::DeleteInOutlook, Some(n)) {
            occurrences = rest;
        }
    }
    let pair = AgreedPair { occurrences: pair.occurrences & !gone, ..pair };
    let linked = MailboxCopy { tracking: TrackingMark::Linked, owner: row.owner, ..*entry };
    let told = (linked.tracking != entry.tracking).then_some(MailboxWrite::Replace(id, linked));
    let write = |fields| {
        let changed = fields != row.fields || occurrences != row.occurrences;
        changed.then_some(Write::Update(pair.record, fields, occurrences))
    };
    if entry.fields == pair.agreed {
        return PollWork { crm: write(row.fields), pair: Some(PairWrite::Set(pair)), mailbox: told };
    }
    let activity = KindSet::ACTIVITIES.contains(row.kind);
    let closed = activity && row.fields.status() != Status::Open;
    let one_way = office.item(item).kind == Kind::ServiceActivity;
    let barred = entry.fields != row.fields && !office.writes(user);
    if barred && !one_way && office.policy.leaves_edits() {
        return PollWork { crm: write(row.fields), pair: Some(PairWrite::Set(pair)), mailbox: told };
    }
    if one_way || barred || (closed && entry.fields != row.fields) {
        // Nothing may be written there: what is there holds.
        let pair = AgreedPair { agreed: row.fields, ..pair };
        let kept = MailboxWrite::Replace(id, MailboxCopy { fields: row.fields, ..linked });
        return PollWork { crm: write(row.fields), pair: Some(PairWrite::Set(pair)), mailbox: Some(kept) };
    }
    let clash = (office.flaw.clash)(&crossing);
    if row.fields != pair.agreed && clash != Clash::Outlook {
        // What has not changed since is not sent, and what has is fetched.
        let agreed = if clash == Clash::Crm { entry.fields } else { row.fields };
        let pair = AgreedPair { agreed, ..pair };
        return PollWork { crm: write(row.fields), pair: Some(PairWrite::Set(pair)), mailbox: told };
    }
    let sent = (office.flaw.carries)(&crossing, entry.fields);
    let pair = AgreedPair { agreed: sent, ..pair };
    PollWork { crm: write(sent), pair: Some(PairWrite::Set(pair)), mailbox: told }
}
