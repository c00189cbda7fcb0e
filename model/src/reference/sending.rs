//! When what waits in a mailbox is sent.

use crate::readings::decide::Decide;
use crate::rules::{SendingMoment, SentAtOnce};

use super::Frame;

/// Whether what waits in a mailbox is sent at once. Of what nothing says, either may be.
pub(super) fn at_once<D: Decide>(frame: &Frame<'_>, occasion: SendingMoment, decide: &mut D) -> bool {
    match frame.rules.schedule.ask(&occasion, decide) {
        (_, SentAtOnce::Yes) => true,
        (_, SentAtOnce::No) => false,
        (_, SentAtOnce::Free) => decide.pick(2, 0) == 1,
    }
}
