//! The two stores as the servers keep them: rows with versions, and tombstones of what was deleted.
//!
//! A store knows nothing of synchronization. It hands out ids of its own, counts up a version with every write, and can
//! tell what has changed since a version.

use std::collections::BTreeMap;

use tombstone_model::ids::{ItemId, UserId};
use tombstone_model::plan::{ItemSetup, Kind, KindSet, Right, Rights, Status};
use tombstone_model::time::{Schedule, Seconds};
use tombstone_model::view::Word;
use tombstone_model::world::initial;

use super::glitch::Glitch;

/// What an item starts with of the fields that both stores have. A word of those, and of nothing else, is what stores keep and
/// synchronization carries.
pub(crate) fn starting_fields(setup: &ItemSetup) -> Word {
    Word(initial(setup).0 & Word::SYNCHRONIZED)
}

/// Such fields as others see them, with the occurrences that are there, in so many copies.
pub(crate) fn shown(fields: Word, occurrences: u8, count: usize) -> Word {
    fields.with_occurrences(occurrences).with_count(if count > 1 { 2 } else { 1 })
}

/// The occurrences that an item starts with.
pub(crate) fn all_occurrences(setup: &ItemSetup, schedules: &[Schedule]) -> u8 {
    if setup.kind == Kind::RecurringAppointment { (1 << schedules[usize::from(setup.when)].count) - 1 } else { 1 }
}

/// The id of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RecordId(pub(crate) u32);

/// A record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The item it is a record of: the key under which every mailbox knows it, such as a message id.
    pub(crate) item: ItemId,
    pub(crate) fields: Word,
    pub(crate) occurrences: u8,
    pub(crate) owner: UserId,
    pub(crate) kind: Kind,
    /// The version of the store that wrote it last.
    pub(crate) version: u64,
    /// When that was, by the clock of the store.
    pub(crate) written: Seconds,
}

/// What came of a request: the record, and the occurrences it had then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) record: RecordId,
    pub(crate) occurrences: u8,
}

/// The CRM: records, and tombstones of deleted ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crm {
    pub(crate) rows: BTreeMap<RecordId, Row>,
    /// The last content of what was deleted, with the version of the deletion.
    pub(crate) tombstones: BTreeMap<RecordId, Row>,
    /// The requests already carried out, with what came of them.
    pub(crate) receipts: BTreeMap<(UserId, u64), Receipt>,
    version: u64,
    next: u32,
    /// What its clock shows.
    pub(crate) clock: Seconds,
}

/// A change that a user makes to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CrmAct {
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

/// Somebody was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

impl Crm {
    /// The record of an item.
    pub(crate) fn find(&self, item: ItemId) -> Option<RecordId> {
        self.rows.iter().find(|(_, row)| row.item == item).map(|(&id, _)| id)
    }

    /// Writes a record, under the id it had before if it was deleted once.
    pub(crate) fn insert(&mut self, row: Row) -> RecordId {
        let revived = self.tombstones.iter().find(|(_, old)| old.item == row.item).map(|(&id, _)| id);
        let id = revived.unwrap_or_else(|| {
            self.next += 1;
            RecordId(self.next)
        });
        self.tombstones.remove(&id);
        self.version += 1;
        self.rows.insert(id, Row { version: self.version, written: self.clock, ..row });
        id
    }

    /// Changes a record.
    pub(crate) fn update(&mut self, id: RecordId, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.rows.get_mut(&id) {
            self.version += 1;
            change(row);
            (row.version, row.written) = (self.version, self.clock);
        }
    }

    /// Deletes a record and leaves a tombstone. Deleting it again changes nothing.
    pub(crate) fn delete(&mut self, id: RecordId) {
        if let Some(row) = self.rows.remove(&id) {
            self.version += 1;
            self.tombstones.insert(id, Row { version: self.version, written: self.clock, ..row });
        }
    }

    /// The newest version.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The items whose record was written or deleted after a version.
    pub(crate) fn changed_since(&self, version: u64) -> impl Iterator<Item = ItemId> {
        let all = self.rows.values().chain(self.tombstones.values());
        all.filter(move |row| row.version > version).map(|row| row.item)
    }

    /// A user changes a record.
    pub(crate) fn act(
        &mut self,
        item: ItemId,
        new: Row,
        act: CrmAct,
        rights: Rights,
        glitch: Option<Glitch>,
    ) -> Result<(), Refused> {
        if act == CrmAct::Create {
            if self.find(item).is_some() {
                return Err(Refused);
            }
            if !rights.may(Right::Create) {
                return Err(Refused);
            }
            self.insert(new);
            return Ok(());
        }
        let id = self.find(item).ok_or(Refused)?;
        let row = self.rows[&id];
        let right = if act == CrmAct::Delete { Right::Delete } else { Right::Write };
        if !rights.may(right) {
            return Err(Refused);
        }
        let activity = KindSet::REGARDING.contains(row.kind);
        let closed = activity && row.fields.status() != Status::Open && glitch != Some(Glitch::ClosedIsEditable);
        match act {
            CrmAct::Create => return Err(Refused),
            CrmAct::Title(token) if !closed => self.update(id, |row| row.fields = row.fields.with_title(token)),
            CrmAct::When(when) if activity && !closed => self.update(id, |row| row.fields = row.fields.with_when(when)),
            CrmAct::Organizer(to) if row.kind.is_calendar() && !closed => {
                self.update(id, |row| row.fields = row.fields.with_organizer(Some(to)));
            }
            CrmAct::Regarding(to) if activity && (!closed || row.kind == Kind::Email) => {
                self.update(id, |row| row.fields = row.fields.with_regarding(Some(to)));
            }
            CrmAct::Parent(to) if row.kind == Kind::Contact => {
                self.update(id, |row| row.fields = row.fields.with_parent(Some(to)));
            }
            CrmAct::Complete if activity && !closed => {
                self.update(id, |row| row.fields = row.fields.with_status(Status::Completed));
            }
            CrmAct::Cancel if activity && !closed => {
                self.update(id, |row| row.fields = row.fields.with_status(Status::Cancelled));
            }
            CrmAct::Assign(to) => self.update(id, |row| row.owner = to),
            CrmAct::Delete => self.delete(id),
            CrmAct::DeleteOccurrence(n) if rights.may(Right::Delete) && row.kind == Kind::RecurringAppointment => {
                let rest = row.occurrences & !(1 << n);
                if rest == 0 || rest == row.occurrences {
                    return Err(Refused);
                }
                self.update(id, |row| row.occurrences = rest);
            }
            CrmAct::Title(_)
            | CrmAct::When(_)
            | CrmAct::Organizer(_)
            | CrmAct::Regarding(_)
            | CrmAct::Parent(_)
            | CrmAct::Complete
            | CrmAct::Cancel
            | CrmAct::DeleteOccurrence(_) => return Err(Refused),
        }
        Ok(())
    }
}
