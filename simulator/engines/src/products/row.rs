//! A fault as a row, and what rows do to the pairs of a mailbox.

use tombstone_model::contract::implementation::Implementation;
use tombstone_model::ids::ItemId;
use tombstone_model::plan::Method;
use tombstone_model::time::Seconds;
use tombstone_model::verdict::Check;
use tombstone_model::view::Word;

use crate::flaw::{Flaw, Pass};
use crate::mailbox::{EntryId, MailboxCopy, TrackingMark};
use crate::stores::Row;
use crate::{Make, outlook_client, server_side};

/// A fault that a product has.
#[derive(Debug)]
pub struct Product {
    /// Its id, unique among them.
    pub id: &'static str,
    /// What is wrong, in one sentence.
    pub what: &'static str,
    /// Where it was reported: a repository with the number of an issue or pull request, the title of a page, or a trial.
    pub source: &'static str,
    /// The engines that it is built over.
    pub engines: &'static [Method],
    /// The checks that should convict it.
    pub checks: &'static [Check],
    pub(crate) flaw: Flaw,
}

impl Product {
    /// A new engine of that method with the fault.
    pub fn make(&'static self, method: Method) -> Box<dyn Implementation> {
        let make = Make { flaw: Some(&self.flaw), ..Make::default() };
        match method {
            Method::OutlookClient => outlook_client(make),
            Method::ServerSide => server_side(make),
        }
    }
}

macro_rules! engines {
    (both) => {
        &[tombstone_model::plan::Method::OutlookClient, tombstone_model::plan::Method::ServerSide]
    };
    (client) => {
        &[tombstone_model::plan::Method::OutlookClient]
    };
    (server) => {
        &[tombstone_model::plan::Method::ServerSide]
    };
}

/// The faults of a kind, a row each: id, engines, what is wrong, where it was reported, what should convict it, and what it
/// does at which place.
macro_rules! products {
    ($($id:literal $engines:ident $what:literal $source:literal [$($check:ident),+] { $($place:ident: $does:expr),+ };)+) => {
        pub(super) static FAULTS: &[$crate::products::row::Product] = &[$($crate::products::row::Product {
            id: $id,
            what: $what,
            source: $source,
            engines: $crate::products::row::engines!($engines),
            checks: &[$(tombstone_model::verdict::Check::$check),+],
            flaw: $crate::flaw::Flaw { $($place: $does,)+ ..$crate::flaw::Flaw::NONE },
        }),+];
    };
}

pub(crate) use {engines, products};

pub(super) const MINUTE: Seconds = 60;
pub(super) const HOUR: Seconds = 60 * MINUTE;

/// A pair as a synchronization finds it: the copy, or what is left of it, the record, and what was last agreed on.
pub(super) struct FoundPair {
    pub(super) item: ItemId,
    pub(super) id: EntryId,
    pub(super) entry: MailboxCopy,
    /// Whether the copy is there.
    pub(super) present: bool,
    pub(super) record: crate::stores::RecordId,
    /// The record, where it is there.
    pub(super) row: Option<Row>,
    pub(super) agreed: Word,
}

/// The pairs of a mailbox.
pub(super) fn pairs(pass: &Pass<'_>) -> Vec<FoundPair> {
    let mailbox = &pass.office.mailboxes[pass.user.index()];
    let found = pass.memory.pairs(pass.office, pass.user).into_iter().filter_map(|(item, record, agreed)| {
        let id = mailbox.find_ever(item)?;
        let entry = *mailbox.read(id)?;
        let present = mailbox.entries.contains_key(&id);
        let row = pass.office.crm.rows.get(&record).copied();
        Some(FoundPair { item, id, entry, present, record, row, agreed })
    });
    found.collect()
}

/// Deletes the copy of a pair, as if the record had been deleted.
pub(super) fn delete_copy(pass: &mut Pass<'_>, found: &FoundPair) {
    pass.memory.lose(pass.office, pass.user, found.item);
    let mailbox = &mut pass.office.mailboxes[pass.user.index()];
    mailbox.update(found.id, |entry| entry.tracking = TrackingMark::No);
    mailbox.delete(found.id);
}

/// Cuts a pair and leaves both sides as they are.
pub(super) fn cut(pass: &mut Pass<'_>, found: &FoundPair) {
    pass.memory.lose(pass.office, pass.user, found.item);
    pass.office.mailboxes[pass.user.index()].update(found.id, |entry| entry.tracking = TrackingMark::No);
}

/// How long ago the mailbox was synchronized last.
pub(super) fn idle(pass: &Pass<'_>) -> Seconds {
    pass.office.now - pass.last
}

/// Creates a second record beside the one of an item.
pub(super) fn double(pass: &mut Pass<'_>, row: Row) {
    pass.office.crm.insert(row);
}
