//! What waits on a computer for its server.

use std::collections::BTreeSet;

use tombstone_model::time::Seconds;

use super::mailbox::{MailboxAct, UntrackWish};
use super::stores::CrmAct;

/// A change that waits on a computer, with a number under which the server remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) number: u64,
    pub(crate) at: Seconds,
    pub(crate) change: Queued,
    /// Whether the server has acknowledged it, so that it only has to be erased.
    pub(crate) acknowledged: bool,
}

/// What waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queued {
    /// A change in the mailbox.
    Outlook(MailboxAct),
    /// Tracking was stopped, and the user has been asked already.
    Stop(UntrackWish),
    /// A change in CRM.
    Crm(CrmAct),
}

/// The changes that the server has received, so that it carries out none of them twice.
pub(crate) type Received = BTreeSet<u64>;
