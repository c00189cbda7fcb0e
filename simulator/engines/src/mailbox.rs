//! A mailbox: entries with versions, the tracking property on each, and tombstones.
//!
//! One type is the mailbox on the server and the cached copy of it on a computer without a connection.

use std::collections::BTreeMap;

use tombstone_model::ids::{ItemId, UserId};
use tombstone_model::plan::{ItemSetup, Kind, Status, Store};
use tombstone_model::rules::Reply;
use tombstone_model::time::Seconds;
use tombstone_model::view::Word;

use super::glitch::Glitch;
use super::stores::{Refused, Row, shown};

/// The id of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EntryId(pub(crate) u32);

/// The tracking property of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrackingMark {
    /// Not tracked.
    No,
    /// The user tracked it; no record has been linked yet.
    Asked(TrackWish),
    /// Linked with a record.
    Linked,
    /// The user stopped tracking it; the record has not been told.
    Stopping(UntrackWish),
}

/// A wish to track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TrackWish {
    /// The kind of record to create.
    pub(crate) kind: Kind,
    /// Whether a delegate asked, and the principal has not connected since.
    pub(crate) held: bool,
    /// The version of the mailbox at which it was asked, which tells one wish from the next.
    pub(crate) since: u64,
    /// Who asked.
    pub(crate) by: UserId,
}

/// A wish to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UntrackWish {
    /// How the user answered.
    pub(crate) reply: Reply,
    /// The owner as the client knew it when it asked, or did not; none where there was no record to know one of.
    pub(crate) owner: Option<UserId>,
}

/// A copy of an item in a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MailboxCopy {
    pub(crate) item: ItemId,
    pub(crate) fields: Word,
    pub(crate) occurrences: u8,
    /// The owner of the record, as last seen.
    pub(crate) owner: UserId,
    pub(crate) tracking: TrackingMark,
    /// The version of the mailbox that wrote it last.
    pub(crate) version: u64,
    /// When that was, by the clock of the mailbox.
    pub(crate) written: Seconds,
}

impl MailboxCopy {
    /// A copy of a record, not yet tracked.
    pub(crate) fn of(row: &Row) -> Self {
        let Row { item, fields, occurrences, owner, .. } = *row;
        Self { item, fields, occurrences, owner, tracking: TrackingMark::No, version: 0, written: 0 }
    }
}

/// A change that a user makes in a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailboxAct {
    Create,
    Title(u8),
    When(u8),
    Delete,
    DeleteOccurrence(u8),
    Track { kind: Kind, by: UserId, held: bool },
    Regarding { to: ItemId, by: UserId, held: bool },
    Parent { to: ItemId, by: UserId, held: bool },
    Complete,
}

/// A mailbox.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mailbox {
    pub(crate) entries: BTreeMap<EntryId, MailboxCopy>,
    /// What was deleted, with the tracking property it had.
    pub(crate) tombstones: BTreeMap<EntryId, MailboxCopy>,
    version: u64,
    next: u32,
    /// What its clock shows.
    pub(crate) clock: Seconds,
}

impl Mailbox {
    /// The entry of an item.
    pub(crate) fn find(&self, item: ItemId) -> Option<EntryId> {
        self.entries.iter().find(|(_, entry)| entry.item == item).map(|(&id, _)| id)
    }

    /// The entry of an item, or what is left of it.
    pub(crate) fn find_ever(&self, item: ItemId) -> Option<EntryId> {
        let buried = || self.tombstones.iter().find(|(_, entry)| entry.item == item).map(|(&id, _)| id);
        self.find(item).or_else(buried)
    }

    /// The entry of that id, whether deleted or not.
    pub(crate) fn read(&self, id: EntryId) -> Option<&MailboxCopy> {
        self.entries.get(&id).or_else(|| self.tombstones.get(&id))
    }

    /// Writes a new entry.
    pub(crate) fn insert(&mut self, entry: MailboxCopy) -> EntryId {
        self.version += 1;
        self.next += 1;
        let id = EntryId(self.next);
        self.entries.insert(id, MailboxCopy { version: self.version, written: self.clock, ..entry });
        id
    }

    /// Changes an entry, or what is left of it.
    pub(crate) fn update(&mut self, id: EntryId, change: impl FnOnce(&mut MailboxCopy)) {
        let entry = match self.entries.get_mut(&id) {
            Some(entry) => Some(entry),
            None => self.tombstones.get_mut(&id),
        };
        if let Some(entry) = entry {
            self.version += 1;
            change(entry);
            (entry.version, entry.written) = (self.version, self.clock);
        }
    }

    /// Deletes an entry and leaves a tombstone.
    pub(crate) fn delete(&mut self, id: EntryId) {
        if let Some(entry) = self.entries.remove(&id) {
            self.version += 1;
            self.tombstones.insert(id, MailboxCopy { version: self.version, written: self.clock, ..entry });
        }
    }

    /// The newest version.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The items whose entry was written or deleted after a version.
    pub(crate) fn changed_since(&self, version: u64) -> impl Iterator<Item = ItemId> {
        let all = self.entries.values().chain(self.tombstones.values());
        all.filter(move |entry| entry.version > version).map(|entry| entry.item)
    }

    /// What can be seen of an item.
    pub(crate) fn seen(&self, item: ItemId) -> Word {
        let mut entries = self.entries.values().filter(|entry| entry.item == item);
        let Some(entry) = entries.next() else { return Word::ABSENT };
        let tracked = matches!(entry.tracking, TrackingMark::Asked(_) | TrackingMark::Linked);
        shown(entry.fields, entry.occurrences, 1 + entries.count()).with_tracked_bits(u8::from(tracked))
    }

    /// A user changes something.
    pub(crate) fn act(
        &mut self,
        setup: &ItemSetup,
        new: MailboxCopy,
        act: MailboxAct,
        glitch: Option<Glitch>,
    ) -> Result<(), Refused> {
        let item = new.item;
        if act == MailboxAct::Create {
            if self.find_ever(item).is_some() || setup.kind.is_crm_only() {
                return Err(Refused);
            }
            self.insert(new);
            return Ok(());
        }
        let id = self.find(item).ok_or(Refused)?;
        let entry = self.entries[&id];
        match act {
            MailboxAct::Title(token) if setup.kind != Kind::Email => {
                self.update(id, |entry| entry.fields = entry.fields.with_title(token));
            }
            MailboxAct::When(when) if setup.kind != Kind::Email && setup.kind != Kind::Contact => {
                self.update(id, |entry| entry.fields = entry.fields.with_when(when));
            }
            MailboxAct::Complete if setup.kind.is_task_like() && entry.fields.status() == Status::Open => {
                self.update(id, |entry| entry.fields = entry.fields.with_status(Status::Completed));
            }
            MailboxAct::Delete => {
                // Without a record nobody has to be told.
                if let TrackingMark::Asked(_) = entry.tracking {
                    self.update(id, |entry| entry.tracking = TrackingMark::No);
                }
                self.delete(id);
            }
            MailboxAct::DeleteOccurrence(n) if setup.kind == Kind::RecurringAppointment => {
                let rest = entry.occurrences & !(1 << n);
                if rest == 0 || rest == entry.occurrences {
                    return Err(Refused);
                }
                if glitch == Some(Glitch::OccurrenceTakesTheSeries) {
                    self.delete(id);
                } else {
                    self.update(id, |entry| entry.occurrences = rest);
                }
            }
            MailboxAct::Track { kind, by, held } => self.track(setup, id, kind, by, held)?,
            MailboxAct::Regarding { to, by, held } if setup.kind != Kind::Contact => {
                self.track_first(setup, id, by, held)?;
                self.update(id, |entry| entry.fields = entry.fields.with_regarding(Some(to)));
            }
            MailboxAct::Parent { to, by, held } if setup.kind == Kind::Contact => {
                self.track_first(setup, id, by, held)?;
                self.update(id, |entry| entry.fields = entry.fields.with_parent(Some(to)));
            }
            MailboxAct::Create
            | MailboxAct::Title(_)
            | MailboxAct::When(_)
            | MailboxAct::Complete
            | MailboxAct::DeleteOccurrence(_)
            | MailboxAct::Regarding { .. }
            | MailboxAct::Parent { .. } => return Err(Refused),
        }
        Ok(())
    }

    /// A user stops tracking, having answered already.
    pub(crate) fn stop(&mut self, item: ItemId, stop: UntrackWish) {
        let Some(id) = self.find(item) else { return };
        match self.entries[&id].tracking {
            TrackingMark::Linked => self.update(id, |entry| entry.tracking = TrackingMark::Stopping(stop)),
            TrackingMark::Asked(_) => self.update(id, |entry| entry.tracking = TrackingMark::No),
            TrackingMark::No | TrackingMark::Stopping(_) => {}
        }
    }

    /// Whatever refers to a record is tracked.
    fn track_first(&mut self, setup: &ItemSetup, id: EntryId, by: UserId, held: bool) -> Result<(), Refused> {
        match self.entries[&id].tracking {
            TrackingMark::No => self.track(setup, id, setup.record, by, held),
            TrackingMark::Asked(_) | TrackingMark::Linked => Ok(()),
            TrackingMark::Stopping(_) => Err(Refused),
        }
    }

    fn track(&mut self, setup: &ItemSetup, id: EntryId, kind: Kind, by: UserId, held: bool) -> Result<(), Refused> {
        let untracked = self.entries[&id].tracking == TrackingMark::No;
        let trackable = setup.kind != Kind::ServiceActivity && !setup.kind.is_crm_only() && !setup.assigned;
        let fitting = kind == setup.record || (setup.kind == Kind::Task && kind.is_task_like());
        let stored = setup.kind != Kind::Task || setup.store == Store::Exchange;
        if !(untracked && trackable && fitting && stored) {
            return Err(Refused);
        }
        let since = self.version + 1;
        self.update(id, |entry| entry.tracking = TrackingMark::Asked(TrackWish { kind, held, since, by }));
        Ok(())
    }
}
