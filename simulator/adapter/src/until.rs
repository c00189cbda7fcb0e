//! How long to wait yet.

use std::time::{Duration, Instant};

/// A moment to wait for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Until(Instant);

impl Until {
    #[expect(clippy::disallowed_methods, reason = "a deadline decides whether an adapter is broken, never what it did")]
    pub(super) fn after(duration: Duration) -> Self {
        Self(Instant::now() + duration)
    }

    #[expect(clippy::disallowed_methods, reason = "a deadline decides whether an adapter is broken, never what it did")]
    pub(super) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}
