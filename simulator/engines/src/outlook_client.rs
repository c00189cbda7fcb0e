//! Synchronization by the synchronizing computer of each user.
//!
//! It remembers, with the mailbox, up to which version it has read each store, which items it still has to look at, the
//! links with the content last agreed on, and the request that was under way. Requests are numbered: should a crash eat
//! an acknowledgement, the request goes out again and the CRM answers from its receipts.

use std::collections::{BTreeMap, BTreeSet};

use tombstone_model::ids::{ComputerId, ItemId, UserId};
use tombstone_model::plan::{Crash, Kind, KindSet, Method, Stage, Status};
use tombstone_model::rules::Trigger;
use tombstone_model::time::Seconds;
use tombstone_model::view::Word;

use super::flaw::{Clash, CrossingContent, Memory, Pass, Way};
use super::glitch::Glitch;
use super::mailbox::{EntryId, MailboxCopy, TrackWish, TrackingMark};
use super::office::{Office, in_filter, stage_of};
use super::stores::{Receipt, RecordId, Row};
use super::synchronizer::Synchronizer;

/// The synchronizing clients, one a user.
#[derive(Debug, Default)]
pub(super) struct OutlookClient {
    partnerships: Vec<Partnership>,
}

/// What the client of one user remembers.
#[derive(Debug, Default)]
struct Partnership {
    links: BTreeMap<EntryId, LinkedEntry>,
    /// The request whose acknowledgement is outstanding, for each item.
    requests: BTreeMap<ItemId, CrmRequest>,
    /// The items to look at.
    work: BTreeSet<ItemId>,
    /// Up to where each store has been read.
    mailbox_token: u64,
    crm_token: u64,
    numbers: u64,
    passes: u32,
    /// When the last synchronization was.
    last: Seconds,
}

/// An entry and a record that belong together.
#[derive(Clone, Copy, Debug)]
struct LinkedEntry {
    record: RecordId,
    /// What both sides last agreed on.
    fields: Word,
    occurrences: u8,
}

/// A request to the CRM.
#[derive(Clone, Copy, Debug)]
struct CrmRequest {
    number: u64,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// Create the record of an entry, as it was when it was tracked at that version.
    Create { since: u64, row: Row },
    /// Write these fields; what the entry said then is what was agreed on.
    Write { record: RecordId, fields: Word, agreed: Word },
}

impl Synchronizer for OutlookClient {
    const NAME: &'static str = "outlook-client";
    const METHOD: Method = Method::OutlookClient;

    fn reset(&mut self, office: &Office) {
        self.partnerships = office.mailboxes.iter().map(|_| Partnership::default()).collect();
        for (partnership, mailbox) in self.partnerships.iter_mut().zip(&office.mailboxes) {
            for (&id, entry) in &mailbox.entries {
                if entry.tracking == TrackingMark::Linked
                    && let Some(record) = office.crm.find(entry.item)
                {
                    let link = LinkedEntry { record, fields: entry.fields, occurrences: entry.occurrences };
                    partnership.links.insert(id, link);
                }
            }
        }
    }

    fn synchronize(&mut self, office: &mut Office, user: UserId, crash: Option<Crash>) {
        let partnership = &mut self.partnerships[user.index()];
        partnership.passes += 1;
        let (number, last) = (partnership.passes, partnership.last);
        (office.flaw.before)(&mut Pass { office, memory: partnership, user, last, number, crash });
        let mailbox = &office.mailboxes[user.index()];
        partnership.work.extend(mailbox.changed_since(partnership.mailbox_token));
        partnership.mailbox_token = mailbox.version();
        partnership.work.extend(office.crm.changed_since(partnership.crm_token));
        partnership.crm_token = office.crm.version();
        partnership.work = office.listed(user, std::mem::take(&mut partnership.work), last, number);
        for item in partnership.work.clone() {
            match stage_of(item, crash) {
                Stage::Done => {
                    partnership.upload(office, user, item, true);
                    partnership.download(office, user, item);
                    partnership.work.remove(&item);
                    if office.wrong(Glitch::OneItemAPass) {
                        break;
                    }
                }
                Stage::BeforeUpload => {
                    if office.wrong(Glitch::AcknowledgedUnsent) {
                        partnership.agree(office, user, item);
                    }
                }
                Stage::BeforeAcknowledgement => partnership.upload(office, user, item, false),
                Stage::BeforeErase => partnership.upload(office, user, item, true),
            }
        }
        if crash.is_some() && office.wrong(Glitch::WorkLostInACrash) {
            partnership.work.clear();
        }
        if partnership.passes > 1 && office.wrong(Glitch::ComesApartAtRest) {
            partnership.come_apart(office);
        }
        let pass = &mut Pass { office, memory: partnership, user, last, number, crash };
        (pass.office.flaw.after)(pass);
        if crash.is_some() {
            (pass.office.flaw.crashed)(pass);
        }
        partnership.last = office.now;
        if office.wrong(Glitch::DelegateDoesNotWait) {
            self.send_for_principals(office, user);
        }
    }

    fn push(&mut self, office: &mut Office, user: UserId, item: ItemId) {
        self.partnerships[user.index()].upload(office, user, item, true);
        if office.wrong(Glitch::TokenJumpsAhead) {
            self.partnerships[user.index()].mailbox_token = office.mailboxes[user.index()].version();
        }
    }

    fn forget(&mut self, user: UserId) {
        self.partnerships[user.index()].links.clear();
    }
}

impl OutlookClient {
    /// Sends what a delegate tracked in the mailboxes of others, as nobody should: they have to connect first.
    fn send_for_principals(&mut self, office: &mut Office, delegate: UserId) {
        for principal in office.users().filter(|&principal| principal != delegate) {
            let asked =
                |entry: &&MailboxCopy| matches!(entry.tracking, TrackingMark::Asked(asked) if asked.by == delegate);
            let entries = office.mailboxes[principal.index()].entries.values();
            let items: Vec<ItemId> = entries.filter(asked).map(|entry| entry.item).collect();
            for item in items {
                self.partnerships[principal.index()].upload(office, principal, item, true);
            }
        }
    }
}

impl Memory for Partnership {
    fn pairs(&self, office: &Office, user: UserId) -> Vec<(ItemId, RecordId, Word)> {
        let mailbox = &office.mailboxes[user.index()];
        let item = |id: &EntryId| mailbox.read(*id).map(|entry| entry.item);
        self.links.iter().filter_map(|(id, link)| Some((item(id)?, link.record, link.fields))).collect()
    }

    fn lose(&mut self, office: &Office, user: UserId, item: ItemId) {
        if let Some(id) = office.mailboxes[user.index()].find_ever(item) {
            self.links.remove(&id);
        }
        self.requests.remove(&item);
    }

    fn agree(&mut self, office: &Office, user: UserId, item: ItemId, fields: Word) {
        if let Some(id) = office.mailboxes[user.index()].find_ever(item)
            && let Some(link) = self.links.get_mut(&id)
        {
            link.fields = fields;
        }
    }

    fn pair_with(&mut self, office: &Office, user: UserId, item: ItemId, record: RecordId) {
        if let Some(id) = office.mailboxes[user.index()].find_ever(item)
            && let Some(link) = self.links.get_mut(&id)
        {
            link.record = record;
        }
    }

    fn look(&mut self, item: ItemId, again: bool) {
        if again {
            self.work.insert(item);
        } else {
            self.work.remove(&item);
        }
    }

    fn skip(&mut self, office: &Office, user: UserId) {
        self.mailbox_token = office.mailboxes[user.index()].version();
        self.crm_token = office.crm.version();
        self.work.clear();
    }
}

impl Partnership {
    /// Takes what is in the mailbox for agreed on, as nobody should.
    fn agree(&mut self, office: &Office, user: UserId, item: ItemId) {
        let mailbox = &office.mailboxes[user.index()];
        if let Some(id) = mailbox.find(item)
            && let Some(link) = self.links.get_mut(&id)
        {
            link.fields = mailbox.entries[&id].fields;
        }
    }
    /// Sends what changed in the mailbox. Unless the acknowledgement arrives, only the CRM knows.
    fn upload(&mut self, office: &mut Office, user: UserId, item: ItemId, acknowledged: bool) {
        let Some(id) = office.mailboxes[user.index()].find_ever(item) else { return };
        if let Some(&request) = self.requests.get(&item) {
            let stale = match (request.what, tracking(office, user, id)) {
                (What::Create { since, .. }, TrackingMark::Asked(asked)) => asked.since != since,
                (What::Create { .. }, _) => true,
                (What::Write { .. }, _) => false,
            };
            if stale {
                self.requests.remove(&item);
            } else {
                self.request(office, user, item, id, request, acknowledged);
                // The same request under another number would be done twice.
                if !acknowledged {
                    return;
                }
            }
        }
        let Some(&entry) = office.mailboxes[user.index()].read(id) else { return };
        let present = office.mailboxes[user.index()].entries.contains_key(&id);
        match entry.tracking {
            TrackingMark::No => {
                if !present
                    && office.wrong(Glitch::UntrackedTakesTheRecord)
                    && let Some(record) = office.crm.find(item)
                {
                    office.crm.delete(record);
                }
            }
            TrackingMark::Stopping(_) => {
                if let Some(&link) = self.links.get(&id)
                    && let Some(row) = office.crm.rows.get(&link.record)
                    && office.decide(user, &entry, row, Trigger::Untrack, None).crm
                {
                    office.crm.delete(link.record);
                }
                if acknowledged {
                    self.unlink(office, user, id);
                    if office.wrong(Glitch::TrackedAgain) {
                        office.mailboxes[user.index()].update(id, |entry| entry.tracking = TrackingMark::Linked);
                    }
                }
            }
            TrackingMark::Asked(TrackWish { held: true, .. }) => {}
            TrackingMark::Asked(_) if !present => {}
            TrackingMark::Asked(_) if office.crm.find(item).is_none() && !office.makes(user) => {
                if acknowledged && !office.policy.keeps_tracking() {
                    office.mailboxes[user.index()].update(id, |entry| entry.tracking = TrackingMark::No);
                }
            }
            TrackingMark::Asked(asked) => {
                let closed = office.item(item).kind == Kind::Email;
                let status = if closed { Status::Completed } else { entry.fields.status() };
                let fields = entry.fields.with_status(status);
                let fields = (office.flaw.carries)(
                    &CrossingContent {
                        office,
                        user,
                        item,
                        kind: asked.kind,
                        way: Way::Sent,
                        from: fields,
                        over: fields,
                        agreed: fields,
                        new: true,
                    },
                    fields,
                );
                let kind = if office.wrong(Glitch::KindForgotten) { office.item(item).record } else { asked.kind };
                let owner = if office.wrong(Glitch::OwnedByTheDelegate) { asked.by } else { user };
                let row = Row { item, fields, occurrences: entry.occurrences, owner, kind, version: 0, written: 0 };
                let request = self.number(What::Create { since: asked.since, row });
                self.request(office, user, item, id, request, acknowledged);
            }
            TrackingMark::Linked => self.upload_linked(office, user, item, id, &entry, present, acknowledged),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "an entry, where it lies, and what is known of it")]
    fn upload_linked(
        &mut self,
        office: &mut Office,
        user: UserId,
        item: ItemId,
        id: EntryId,
        entry: &MailboxCopy,
        present: bool,
        acknowledged: bool,
    ) {
        let Some(&link) = self.links.get(&id) else { return };
        let Some(&row) = office.crm.rows.get(&link.record) else { return };
        let first = office.computers.iter().position(|computer| computer.user == user);
        let second = office.synchronizing[user.index()].map(ComputerId::index) != first;
        let deaf = (second && office.wrong(Glitch::SecondComputerKeepsDeletions))
            || (self.passes > 2 && office.wrong(Glitch::WrongFromTheThirdPass));
        if !present && deaf {
            return self.unlink(office, user, id);
        }
        if !present {
            if office.decide(user, entry, &row, Trigger::DeleteInOutlook, None).crm {
                office.crm.delete(link.record);
            }
            if acknowledged {
                self.unlink(office, user, id);
            }
            return;
        }
        let (kind, way) = (row.kind, Way::Sent);
        let (from, over, agreed) = (entry.fields, row.fields, link.fields);
        let crossing = CrossingContent { office, user, item, kind, way, from, over, agreed, new: false };
        let gone = link.occurrences & !entry.occurrences;
        let arriving = (office.flaw.occurrences)(&crossing, gone);
        let clash = (office.flaw.clash)(&crossing);
        let carried = (office.flaw.carries)(&crossing, from);
        for n in bits(arriving & row.occurrences) {
            let verdict = office.decide(user, entry, &row, Trigger::DeleteInOutlook, Some(n));
            if verdict.crm && office.wrong(Glitch::OccurrenceTakesTheRecord) {
                office.crm.delete(link.record);
            } else if verdict.crm {
                office.crm.update(link.record, |row| {
                    let rest = row.occurrences & !(1 << n);
                    row.occurrences = if rest == 0 { row.occurrences } else { rest };
                });
            }
        }
        if acknowledged && let Some(link) = self.links.get_mut(&id) {
            link.occurrences &= !gone;
        }
        if entry.fields == link.fields {
            return;
        }
        let activity = KindSet::ACTIVITIES.contains(row.kind);
        let closed = activity && row.fields.status() != Status::Open;
        let one_way = office.item(item).kind == Kind::ServiceActivity;
        let barred = entry.fields != row.fields && !office.writes(user);
        if barred && !one_way && office.policy.leaves_edits() {
            return;
        }
        if closed && !one_way && !barred && entry.fields != row.fields && office.policy.writes_closed() {
            // What is closed stays closed. The acknowledgement is remembered; the copy follows when it is fetched.
            let fields = entry.fields.with_status(row.fields.status());
            let request = self.number(What::Write { record: link.record, fields, agreed: entry.fields });
            return self.request(office, user, item, id, request, acknowledged);
        }
        if one_way || barred || (closed && entry.fields != row.fields) {
            // Nothing may be written there: what is there holds.
            if acknowledged {
                office.mailboxes[user.index()].update(id, |entry| entry.fields = row.fields);
                if let Some(link) = self.links.get_mut(&id) {
                    link.fields = row.fields;
                }
            }
            return;
        }
        if office.wrong(Glitch::SubjectUntracks) && entry.fields.title() != link.fields.title() {
            return self.unlink(office, user, id);
        }
        let conflict = row.fields != link.fields;
        let alternating = office.wrong(Glitch::TwoReadingsOfConflicts) && item.0 % 2 == 1;
        let clash = match (alternating, office.wrong(Glitch::ConflictLeftAlone)) {
            (true, _) => Clash::Crm,
            (false, true) => Clash::Neither,
            (false, false) => clash,
        };
        if conflict && clash != Clash::Outlook {
            if let Some(link) = self.links.get_mut(&id) {
                // What has not changed since is not sent, and what has is fetched.
                link.fields = if clash == Clash::Crm { entry.fields } else { row.fields };
            }
            return;
        }
        let other = self.links.iter().find(|(other, _)| **other != id).map(|(_, link)| link.record);
        let record = other.filter(|_| office.wrong(Glitch::WrongRecord)).unwrap_or(link.record);
        let fields = outgoing(office.glitch, carried, row.fields);
        let request = self.number(What::Write { record, fields, agreed: fields });
        self.request(office, user, item, id, request, acknowledged);
    }

    /// Gives the records of pairs that are in step their first titles back.
    fn come_apart(&self, office: &mut Office) {
        for link in self.links.values() {
            office.crm.update(link.record, |row| {
                if row.fields == link.fields {
                    row.fields = row.fields.with_title(0);
                }
            });
        }
    }

    fn number(&mut self, what: What) -> CrmRequest {
        self.numbers += 1;
        CrmRequest { number: self.numbers, what }
    }

    /// Sends a request; once it is acknowledged, remembers what was agreed on.
    fn request(
        &mut self,
        office: &mut Office,
        user: UserId,
        item: ItemId,
        id: EntryId,
        request: CrmRequest,
        acknowledged: bool,
    ) {
        self.requests.insert(item, request);
        let known = office.crm.receipts.get(&(user, request.number)).copied();
        if known.is_some()
            && office.wrong(Glitch::DoubledOnRetry)
            && let What::Create { row, .. } = request.what
        {
            office.crm.insert(row);
        }
        let receipt = known.unwrap_or_else(|| {
            let record = carry_out(office, user, request.what);
            // What others delete before the acknowledgement arrives is news to the mailbox, and no part of the agreement.
            let occurrences = office.crm.rows.get(&record).map_or(0, |row| row.occurrences);
            Receipt { record, occurrences }
        });
        office.crm.receipts.insert((user, request.number), receipt);
        let record = receipt.record;
        if !acknowledged {
            return;
        }
        self.requests.remove(&item);
        match request.what {
            What::Create { row, .. } => {
                let now = office.crm.rows.get(&record).copied().unwrap_or(row);
                let fields = row.fields;
                self.links
                    .insert(id, LinkedEntry { record, fields, occurrences: row.occurrences & receipt.occurrences });
                office.mailboxes[user.index()].update(id, |entry| {
                    entry.tracking = TrackingMark::Linked;
                    entry.owner = now.owner;
                    if row.kind == Kind::Email {
                        entry.fields = entry.fields.with_status(fields.status());
                    }
                });
            }
            What::Write { agreed, .. } => {
                if let Some(link) = self.links.get_mut(&id) {
                    link.fields = agreed;
                }
                if office.wrong(Glitch::OwnerTakenOver) {
                    office.crm.update(record, |row| row.owner = user);
                }
            }
        }
    }

    /// Fetches what changed in CRM.
    fn download(&mut self, office: &mut Office, user: UserId, item: ItemId) {
        let mailbox = &mut office.mailboxes[user.index()];
        let Some(id) = mailbox.find_ever(item) else {
            let Some(record) = office.crm.find(item) else { return };
            let row = office.crm.rows[&record];
            if in_filter(&row, user, office.glitch) {
                let Row { fields, occurrences, kind, .. } = row;
                let (from, over, agreed, way) = (fields, fields, fields, Way::Fetched);
                let crossing = CrossingContent { office, user, item, kind, way, from, over, agreed, new: true };
                let carried = (office.flaw.carries)(&crossing, fields);
                let entry = MailboxCopy { tracking: TrackingMark::Linked, fields: carried, ..MailboxCopy::of(&row) };
                let id = office.mailboxes[user.index()].insert(entry);
                self.links.insert(id, LinkedEntry { record, fields: carried, occurrences });
            }
            return;
        };
        if !self.links.contains_key(&id) && mailbox.read(id).is_some_and(|entry| entry.tracking == TrackingMark::No) {
            self.mishandle(office, user, item, id);
        }
        let mailbox = &mut office.mailboxes[user.index()];
        let Some(&link) = self.links.get(&id) else { return };
        let Some(&entry) = mailbox.read(id) else { return };
        if entry.tracking != TrackingMark::Linked {
            return;
        }
        let present = mailbox.entries.contains_key(&id);
        match (present, office.crm.rows.get(&link.record)) {
            (true, Some(&row)) => self.download_edits(office, user, id, &entry, &row, link),
            (false, Some(_)) => {}
            (false, None) => {
                if !office.wrong(Glitch::LinkLeftBehind) {
                    self.unlink(office, user, id);
                }
            }
            (true, None) => {
                let Some(row) = office.crm.tombstones.get(&link.record) else { return };
                let goes = office.decide(user, &entry, row, Trigger::DeleteInCrm, None).outlook;
                self.unlink(office, user, id);
                if goes {
                    office.mailboxes[user.index()].delete(id);
                }
            }
        }
    }

    /// What goes wrong with an entry that is none of synchronization's business.
    fn mishandle(&mut self, office: &mut Office, user: UserId, item: ItemId, id: EntryId) {
        let record = office.crm.find(item).and_then(|record| office.crm.rows.get(&record));
        let wanted = record.copied().filter(|row| in_filter(row, user, office.glitch));
        let mailbox = &mut office.mailboxes[user.index()];
        let present = mailbox.entries.contains_key(&id);
        let buried = office.crm.tombstones.values().any(|row| row.item == item);
        match (office.glitch, wanted) {
            (Some(Glitch::FetchedOverACopy), Some(row)) if present => {
                mailbox.insert(MailboxCopy::of(&row));
            }
            (Some(Glitch::FetchedAfterADeletion), Some(row)) if !present => {
                mailbox.insert(MailboxCopy::of(&row));
            }
            (Some(Glitch::UntrackedGoesWithTheRecord), _) if present && buried => mailbox.delete(id),
            _ => {}
        }
    }

    fn download_edits(
        &mut self,
        office: &mut Office,
        user: UserId,
        id: EntryId,
        entry: &MailboxCopy,
        row: &Row,
        link: LinkedEntry,
    ) {
        let (item, kind, way) = (row.item, row.kind, Way::Fetched);
        let (from, over, agreed) = (row.fields, entry.fields, link.fields);
        let crossing = CrossingContent { office, user, item, kind, way, from, over, agreed, new: false };
        let gone = link.occurrences & !row.occurrences;
        let arriving = (office.flaw.occurrences)(&crossing, gone);
        let mut occurrences = entry.occurrences;
        for n in bits(arriving & entry.occurrences) {
            let rest = occurrences & !(1 << n);
            if rest != 0 && office.decide(user, entry, row, Trigger::DeleteInCrm, Some(n)).outlook {
                occurrences = rest;
            }
        }
        let changed = row.fields != link.fields;
        let carried = (office.flaw.carries)(&crossing, from);
        let fields = if changed { incoming(office.glitch, carried, entry.fields) } else { entry.fields };
        let agreed = if changed { row.fields } else { link.fields };
        self.links.insert(id, LinkedEntry { fields: agreed, occurrences: link.occurrences & !gone, ..link });
        let new = MailboxCopy { fields, occurrences, owner: row.owner, ..*entry };
        if new != *entry {
            office.mailboxes[user.index()].update(id, |entry| *entry = new);
        }
    }

    fn unlink(&mut self, office: &mut Office, user: UserId, id: EntryId) {
        self.links.remove(&id);
        office.mailboxes[user.index()].update(id, |entry| entry.tracking = TrackingMark::No);
    }
}

/// What the CRM does with a request.
fn carry_out(office: &mut Office, user: UserId, what: What) -> RecordId {
    match what {
        What::Create { row, .. } => {
            let right = office.crm.find(row.item).filter(|_| !office.wrong(Glitch::RecordForEachUser));
            match (office.flaw.adopts)(office, &row, right) {
                // Somebody else tracked the same item: there is one record, and what is sent last overwrites it.
                Some(record) => {
                    if office.writes(user) {
                        office.crm.update(record, |old| old.fields = row.fields);
                    }
                    record
                }
                None => office.crm.insert(row),
            }
        }
        What::Write { record, fields, .. } => {
            office.crm.update(record, |row| row.fields = fields);
            record
        }
    }
}

/// The fields that are sent.
fn outgoing(glitch: Option<Glitch>, ours: Word, theirs: Word) -> Word {
    match glitch {
        Some(Glitch::TitleNotSent) => ours.with_title(theirs.title()),
        Some(Glitch::WhenNotSent) => ours.with_when(theirs.when()),
        Some(Glitch::RegardingNotSent) => ours.with_regarding(theirs.regarding()),
        Some(Glitch::ParentNotSent) => ours.with_parent(theirs.parent()),
        Some(Glitch::StatusNotSent) => ours.with_status(theirs.status()),
        _ => ours,
    }
}

/// The fields that are fetched.
fn incoming(glitch: Option<Glitch>, theirs: Word, ours: Word) -> Word {
    match glitch {
        Some(Glitch::TitleNotFetched) => theirs.with_title(ours.title()),
        Some(Glitch::WhenNotFetched) => theirs.with_when(ours.when()),
        Some(Glitch::OrganizerNotFetched) => theirs.with_organizer(ours.organizer()),
        Some(Glitch::ParentNotFetched) => theirs.with_parent(ours.parent()),
        Some(Glitch::StatusNotFetched) => theirs.with_status(ours.status()),
        _ => theirs,
    }
}

fn tracking(office: &Office, user: UserId, id: EntryId) -> TrackingMark {
    office.mailboxes[user.index()].read(id).map_or(TrackingMark::No, |entry| entry.tracking)
}

fn bits(set: u8) -> impl Iterator<Item = u8> {
    (0..8).filter(move |n| set >> n & 1 != 0)
}
