//! Durations and moments as scenarios write them: `2h30m`, `+1d`, `now`, `2016-03-02T10:00`.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use tombstone_model::time::{Seconds, Zone};

/// How far from the start of a plan a moment may lie: thirty years, as far as a zone knows its transitions. Twice that
/// still fits into [`Seconds`].
pub(crate) const HORIZON: i64 = 30 * 366 * 86_400;

const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

/// A moment as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrittenMoment {
    /// No date at all.
    Never,
    /// Seconds from the start of the plan.
    From(i64),
    /// A time of the local clock.
    Local(NaiveDateTime),
    /// A local day.
    Day(NaiveDate),
}

/// The seconds of a duration: whole numbers of days, hours, minutes and seconds, each at most once, in that order.
pub(crate) fn duration(text: &str) -> Option<i64> {
    let (mut rest, mut total, mut next) = (text, 0_i64, 0);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..end].parse().ok()?;
        let unit = rest[end..].chars().next()?;
        let place = UNITS.iter().position(|&(name, _)| name == unit).filter(|&place| place >= next)?;
        total = total.checked_add(number.checked_mul(UNITS[place].1)?)?;
        next = place + 1;
        rest = &rest[end + 1..];
    }
    (next > 0).then_some(total)
}

/// A moment.
pub(crate) fn moment(text: &str) -> Option<WrittenMoment> {
    match text {
        "now" => return Some(WrittenMoment::From(0)),
        "never" => return Some(WrittenMoment::Never),
        _ => {}
    }
    if let Some(later) = text.strip_prefix('+') {
        return Some(WrittenMoment::From(duration(later)?));
    }
    if let Some(earlier) = text.strip_prefix('-') {
        return Some(WrittenMoment::From(-duration(earlier)?));
    }
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(WrittenMoment::Day);
    local(text).map(WrittenMoment::Local).or_else(day)
}

/// A time of the local clock, with or without seconds.
pub(crate) fn local(text: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .filter(|at| (1900..2200).contains(&at.year()))
}

/// The zone of a plan that starts at the given local time, or at the given instant where an offset is written.
pub(crate) fn zone(name: &str, now: &str) -> Result<Zone, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(now) {
        return Zone::named(name, instant.to_utc());
    }
    let wall = local(now).unwrap_or_default().and_utc();
    let guess = Zone::named(name, wall)?;
    let start = wall + chrono::Duration::seconds(guess.instant(wall.naive_utc()).into());
    if start == wall { Ok(guess) } else { Zone::named(name, start) }
}

/// Whether this can be the start of a plan: a local time, or an instant with its offset to UTC.
pub(crate) fn is_start(text: &str) -> bool {
    let instant = || DateTime::parse_from_rfc3339(text).ok().filter(|at| (1900..2200).contains(&at.year()));
    local(text).is_some() || instant().is_some()
}

/// The start of a plan, as [`zone`] reads it.
pub(crate) fn write_start(zone: &Zone) -> String {
    let wall = zone.local(0);
    let written = wall.format("%Y-%m-%dT%H:%M:%S").to_string();
    // The second of two equal wall-clock times can only be told apart by its offset.
    if self::zone(zone.name(), &written).is_ok_and(|read| read == *zone) {
        return written;
    }
    let offset = (wall.and_utc() - zone.start()).num_minutes();
    let sign = if offset < 0 { '-' } else { '+' };
    format!("{written}{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
}

/// A duration, shortest first unit last: `1d2h`, `0s`.
pub(crate) fn write_duration(seconds: i64) -> String {
    let mut rest = seconds;
    let mut written = String::new();
    for (unit, length) in UNITS {
        if rest >= length {
            written.push_str(&format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    if written.is_empty() { "0s".to_owned() } else { written }
}

/// A moment, from the start of the plan.
pub(crate) fn write_moment(at: Seconds) -> String {
    match at {
        Seconds::MIN => "never".to_owned(),
        0 => "now".to_owned(),
        _ if at > 0 => format!("+{}", write_duration(at.into())),
        _ => format!("-{}", write_duration(-i64::from(at))),
    }
}

/// The default start of a plan.
pub(crate) const DEFAULT_START: &str = "2016-01-11T09:00:00";

/// The zone of a plan that says nothing of its time.
pub(crate) fn default_zone() -> Zone {
    zone("UTC", DEFAULT_START).unwrap_or_else(|_| Zone::utc(DateTime::<Utc>::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        let cases = [
            ("1d2h30m5s", Some(95_405)),
            ("90m", Some(5400)),
            ("0s", Some(0)),
            ("", None),
            ("2", None),
            ("h", None),
            ("1h1d", None),
            ("1h1h", None),
            ("-1h", None),
            ("99999999999999999999d", None),
            ("9999999999999999d", None),
            ("1é", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(duration(text), seconds, "{text}");
        }
        for seconds in [0, 1, 59, 60, 3661, 86_400, 95_405, HORIZON] {
            assert_eq!(duration(&write_duration(seconds)), Some(seconds));
        }
    }

    #[test]
    fn the_second_of_two_equal_hours_keeps_its_offset() {
        for start in ["2016-10-30T02:30:00", "2016-10-30T02:30:00+01:00", "2016-10-30T02:30:00+02:00"] {
            let berlin = zone("Europe/Berlin", start).unwrap();
            assert_eq!(zone("Europe/Berlin", &write_start(&berlin)), Ok(berlin));
        }
        let later = zone("Europe/Berlin", "2016-10-30T02:30:00+01:00").unwrap();
        assert_eq!(write_start(&later), "2016-10-30T02:30:00+01:00");
    }
}
