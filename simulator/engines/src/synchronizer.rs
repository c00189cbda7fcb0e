//! What the two engines have in common.

use tombstone_model::ids::{ItemId, UserId};
use tombstone_model::plan::{Crash, Method};

use super::office::Office;

/// What keeps mailboxes and the CRM in step.
pub(crate) trait Synchronizer {
    const NAME: &'static str;
    const METHOD: Method;

    /// Starts in a new office.
    fn reset(&mut self, office: &Office);

    /// Synchronizes a mailbox, up to the point of the crash.
    fn synchronize(&mut self, office: &mut Office, user: UserId, crash: Option<Crash>);

    /// Creates the record of a newly tracked item at once.
    fn push(&mut self, office: &mut Office, user: UserId, item: ItemId);

    /// Forgets the links of a user, as nobody should.
    fn forget(&mut self, user: UserId);
}
