//! Dates as products reckon with them: local midnights, offsets to UTC, and schedules that were moved.

use chrono::NaiveDateTime;
use tombstone_model::plan::Setup;
use tombstone_model::time::{Schedule, Seconds, Zone};

/// Seconds of a day of twenty-four hours.
pub(crate) const DAY: Seconds = 86_400;

/// The schedule of a date that no schedule of the plan has.
const NOWHERE: u8 = 63;

/// The schedule that another becomes, where it has a date.
pub(crate) fn changed(setup: &Setup, when: u8, change: impl Fn(&Zone, Schedule) -> Schedule) -> u8 {
    let old = schedule(setup, when);
    let new = if old.is_dated() { change(&setup.zone, old) } else { old };
    if new == old {
        return when;
    }
    let at = setup.schedules.iter().position(|schedule| *schedule == new);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(NOWHERE)
}

/// The schedule of an item; none at all for a date that no schedule has.
pub(crate) fn schedule(setup: &Setup, when: u8) -> Schedule {
    setup.schedules.get(usize::from(when)).copied().unwrap_or(Schedule::NONE)
}

/// The schedule, so many seconds later.
pub(crate) fn shifted(schedule: Schedule, by: Seconds) -> Schedule {
    Schedule { start: schedule.start.saturating_add(by), end: schedule.end.saturating_add(by), ..schedule }
}

/// How far the wall clock is ahead of UTC.
pub(crate) fn offset(zone: &Zone, at: Seconds) -> Seconds {
    let utc = zone.start().timestamp() + i64::from(at);
    (zone.local(at).and_utc().timestamp() - utc) as Seconds
}

/// The wall clock in UTC.
pub(crate) fn utc(zone: &Zone, at: Seconds) -> NaiveDateTime {
    zone.local(at) - chrono::Duration::seconds(offset(zone, at).into())
}

/// Whether the wall clock shows midnight.
pub(crate) fn is_midnight(zone: &Zone, at: Seconds) -> bool {
    zone.local(at).and_utc().timestamp().rem_euclid(DAY.into()) == 0
}

/// Whether it takes whole days.
pub(crate) fn is_all_day(zone: &Zone, schedule: Schedule) -> bool {
    let Schedule { start, end, .. } = schedule;
    schedule.is_dated() && start < end && is_midnight(zone, start) && is_midnight(zone, end)
}

/// Whether it is due at a moment.
pub(crate) fn is_due(schedule: Schedule) -> bool {
    schedule.is_dated() && schedule.start == schedule.end
}
