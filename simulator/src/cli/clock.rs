//! The clock: how long something took and when it was, which no report says.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// A progress bar while a person watches; nothing in a pipe.
pub(super) fn bar(length: u64, what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
    ProgressBar::new(length)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(tombstone_model::harmless::harmless(what).into_owned())
}

/// The milliseconds since then.
pub(super) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The microseconds since then.
pub(super) fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// The clock, for `timings.json` only.
#[expect(clippy::disallowed_methods, reason = "how long it took is told apart from the report")]
pub(super) fn clock() -> Instant {
    Instant::now()
}

/// The day, in UTC, as `YYYY-MM-DD`: for what expires, which no report says.
pub(super) fn today() -> String {
    now().chars().take("YYYY-MM-DD".len()).collect()
}

/// The time of day, for `timings.json` only.
#[expect(clippy::disallowed_methods, reason = "when it was is told apart from the report")]
pub(super) fn now() -> String {
    let since: Duration = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    chrono::DateTime::from_timestamp(seconds, 0).map(|time| time.to_rfc3339()).unwrap_or_default()
}
