//! The documented deletion table, as data.
//!
//! The rows stand in `model/rules/*.toml`. [`Rules`] is their compiled form: one look-up by [`Situation`], then at most
//! a few questions about switches.

use crate::plan::Kind;

/// What somebody did to one side of a tracked pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// The copy was deleted in Outlook.
    DeleteInOutlook,
    /// The record was deleted in CRM.
    DeleteInCrm,
    /// Tracking was stopped.
    Untrack,
    /// The record left the user's filter, or the user lost access to it.
    LeaveFilter,
}

/// How the question whether to delete the record too was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// Yes, delete the record too.
    Yes,
    /// No, keep it.
    No,
    /// The client was there and did not ask.
    Unasked,
    /// No client was there to ask.
    NoClient,
}

/// Everything about a pair that a row of the table can depend on, from the point of view of the synchronizing user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Situation {
    /// The kind of the record.
    pub kind: Kind,
    /// What was done.
    pub trigger: Trigger,
    /// The answer to the prompt; matters for [`Trigger::Untrack`] only.
    pub reply: Reply,
    /// Whether the pair was tracked.
    pub tracked: bool,
    /// Whether the user owns the record.
    pub owner: bool,
    /// Whether the user organized the appointment.
    pub organizer: bool,
    /// Whether the item is current.
    pub current: bool,
    /// Whether it is still open: neither completed nor cancelled.
    pub open: bool,
    /// Whether the user may delete records in CRM.
    pub privileged: bool,
}

/// What becomes of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// It stays.
    Kept,
    /// It is deleted.
    Deleted,
    /// Any outcome agrees with the documents; the oracle accepts both.
    Free,
}

/// What the table says about a situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The row.
    pub rule: RuleId,
    /// What becomes of the user's Outlook copy.
    pub outlook: Fate,
    /// What becomes of the record.
    pub crm: Fate,
    /// Whether the user is asked.
    pub prompt: bool,
}

/// A row of the table: an index into [`Rules::rows`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u8);
