//! What a product does otherwise: the places at which an engine asks before it goes on.
//!
//! An engine with nothing wrong asks [`Flaw::NONE`], which leaves everything as it is. The faults that real products have
//! ([`crate::products`]) each answer one or two of the questions in another way.

use tombstone_model::ids::{ComputerId, ItemId, UserId};
use tombstone_model::plan::{Crash, Kind, Step};
use tombstone_model::rules::Situation;
use tombstone_model::time::Seconds;
use tombstone_model::view::Word;

use super::office::Office;
use super::outbox::Waiting;
use super::policy::PairVerdict;
use super::stores::{RecordId, Row};

/// Which way something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From Outlook to the CRM.
    Sent,
    /// From the CRM to Outlook.
    Fetched,
}

/// The content of an item on its way from one side to the other.
pub(crate) struct CrossingContent<'a> {
    pub(crate) office: &'a Office,
    pub(crate) user: UserId,
    pub(crate) item: ItemId,
    /// What the record is, or will be.
    pub(crate) kind: Kind,
    pub(crate) way: Way,
    /// What it comes from.
    pub(crate) from: Word,
    /// What it is written over: the same as it comes from, where there was nothing.
    pub(crate) over: Word,
    /// What both sides last agreed on: the same as it comes from, where there was nothing.
    pub(crate) agreed: Word,
    /// Whether nothing was there yet.
    pub(crate) new: bool,
}

/// An item in the list of what has changed, as a synchronization reads it.
pub(crate) struct Listing<'a> {
    pub(crate) office: &'a Office,
    pub(crate) user: UserId,
    pub(crate) item: ItemId,
    /// Its place in the list, from 0.
    pub(crate) rank: usize,
    /// Its place in the list of those whose copy or record is gone, from 0; none where it is there on both sides.
    pub(crate) grave: Option<usize>,
    /// When the copy and the record were written or deleted last, where there are or were any.
    pub(crate) written: [Option<Seconds>; 2],
    /// When the mailbox was synchronized last: at the start, where it was not yet.
    pub(crate) last: Seconds,
    /// Which synchronization of the mailbox this is, from 1.
    pub(crate) number: u32,
}

/// A decision of the deletion table.
pub(crate) struct Judging<'a> {
    pub(crate) office: &'a Office,
    pub(crate) user: UserId,
    pub(crate) item: ItemId,
    pub(crate) situation: Situation,
}

/// How an edit on either side of a pair ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clash {
    /// What was written in Outlook is sent.
    Outlook,
    /// What was written in CRM is fetched.
    Crm,
    /// Each side keeps its own.
    Neither,
}

/// A change that waits to be sent, and where.
pub(crate) struct Queue<'a> {
    pub(crate) office: &'a Office,
    pub(crate) mailbox: UserId,
    pub(crate) item: ItemId,
}

/// A synchronization of one mailbox, before or after its work.
pub(crate) struct Pass<'a> {
    pub(crate) office: &'a mut Office,
    pub(crate) memory: &'a mut dyn Memory,
    pub(crate) user: UserId,
    /// When the mailbox was synchronized last: at the start, where it was not yet.
    pub(crate) last: Seconds,
    /// Which synchronization of the mailbox this is, from 1.
    pub(crate) number: u32,
    /// Where it crashes, if it does.
    pub(crate) crash: Option<Crash>,
}

/// What a synchronizer remembers of a mailbox.
pub(crate) trait Memory {
    /// The pairs of an entry and a record, with what was last agreed on.
    fn pairs(&self, office: &Office, user: UserId) -> Vec<(ItemId, RecordId, Word)>;
    /// Forgets a pair, and tells nobody.
    fn lose(&mut self, office: &Office, user: UserId, item: ItemId);
    /// Takes something else for agreed on.
    fn agree(&mut self, office: &Office, user: UserId, item: ItemId, fields: Word);
    /// Takes another record for the one of an item.
    fn pair_with(&mut self, office: &Office, user: UserId, item: ItemId, record: RecordId);
    /// Looks at an item in the next synchronization, whether it changes or not; or no longer.
    fn look(&mut self, item: ItemId, again: bool);
    /// Takes everything that has happened so far for read.
    fn skip(&mut self, office: &Office, user: UserId);
}

/// What is done at each of these places. Everything is left as it is by [`Flaw::NONE`].
#[derive(Clone, Copy)]
pub(crate) struct Flaw {
    /// Which step is taken in place of one; none where it is done without an effect.
    pub(crate) acts: fn(&Office, Step) -> Option<Step>,
    /// What else comes of a step that was done.
    pub(crate) acted: fn(&mut Office, &Step),
    /// Whether the client asks, if the policy says so or not.
    pub(crate) asks: fn(&Judging<'_>, bool) -> bool,
    /// What is decided.
    pub(crate) decides: fn(&Judging<'_>, PairVerdict) -> PairVerdict,
    /// What is done before a synchronization.
    pub(crate) before: fn(&mut Pass<'_>),
    /// What is done after one.
    pub(crate) after: fn(&mut Pass<'_>),
    /// What is done after one in which something crashed.
    pub(crate) crashed: fn(&mut Pass<'_>),
    /// Whether an item that changed is looked at.
    pub(crate) lists: fn(&Listing<'_>) -> bool,
    /// The content that arrives.
    pub(crate) carries: fn(&CrossingContent<'_>, Word) -> Word,
    /// The occurrences whose deletion arrives.
    pub(crate) occurrences: fn(&CrossingContent<'_>, u8) -> u8,
    /// How an edit on both sides ends.
    pub(crate) clash: fn(&CrossingContent<'_>) -> Clash,
    /// The record that is taken for that of a newly tracked item, where the right one is another or none.
    pub(crate) adopts: fn(&Office, &Row, Option<RecordId>) -> Option<RecordId>,
    /// What waits for an item, before it is sent.
    pub(crate) queue: fn(&Queue<'_>, &mut Vec<Waiting>),
    /// What else comes of a connection that is lost.
    pub(crate) leaves: fn(&mut Office, ComputerId),
    /// What else comes of a connection that is there again, while the computer still holds what it showed without one.
    pub(crate) arrives: fn(&mut Office, ComputerId),
}

impl Flaw {
    /// Nothing.
    pub(crate) const NONE: Self = Self {
        acts: |_, step| Some(step),
        acted: |_, _| (),
        asks: |_, asks| asks,
        decides: |_, verdict| verdict,
        before: |_| (),
        after: |_| (),
        crashed: |_| (),
        lists: |_| true,
        carries: |_, fields| fields,
        occurrences: |_, gone| gone,
        clash: |_| Clash::Outlook,
        adopts: |_, _, right| right,
        queue: |_, _| (),
        leaves: |_, _| (),
        arrives: |_, _| (),
    };
}

impl std::fmt::Debug for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flaw").finish_non_exhaustive()
    }
}
