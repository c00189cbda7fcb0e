//! Virtual time: seconds from the start of a plan, and the time zone in which a day begins.
//!
//! Nothing here can read a clock: a plan says when it starts, and `wait` moves time.

use chrono::{DateTime, NaiveDateTime, Offset, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Seconds from the start of the plan; negative before it.
pub type Seconds = i32;

const DAY: i64 = 86_400;

/// How far around its start a plan knows its zone's transitions. Thirty years: adapters without clock control place
/// items years away from now.
const HORIZON_DAYS: i32 = 30 * 366;

/// When an item takes place: from `start` to `end`, and for a series how often it recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Schedule {
    /// The start of an appointment, or of the first occurrence of a series; for a task, its due time.
    pub start: Seconds,
    /// The end, not before the start; for a task, its due time again.
    pub end: Seconds,
    /// Seconds from one occurrence to the next; 0 where there is one only.
    pub every: Seconds,
    /// How many occurrences there are, 1 to 4.
    pub count: u8,
}

impl Schedule {
    /// No date at all: a contact, an e-mail, a task that is never due.
    pub const NONE: Self = Self { start: Seconds::MIN, end: Seconds::MIN, every: 0, count: 1 };

    /// This date in the one form in which equal dates are equal: without a date nothing else matters, and what
    /// does not recur has no distance between occurrences.
    #[must_use]
    fn normal(self) -> Self {
        match self {
            Self { start: Seconds::MIN, .. } => Self::NONE,
            Self { count: 0 | 1, start, end, .. } => Self { start, end, every: 0, count: 1 },
            Self { .. } => self,
        }
    }

    /// Whether there is a date.
    #[inline(always)]
    pub fn is_dated(self) -> bool {
        self.start != Seconds::MIN
    }

    /// The `n`-th occurrence, as a schedule of its own; an exception takes place a day later than the pattern says.
    #[inline]
    #[must_use]
    pub fn occurrence(self, n: u8, exception: bool) -> Self {
        let shift = self.every * i32::from(n) + if exception { DAY as i32 } else { 0 };
        Self { start: self.start + shift, end: self.end + shift, every: 0, count: 1 }
    }
}

/// The most schedules of a plan, [`Schedule::NONE`] among them. A [`crate::view::Word`] has six bits for the number of one;
/// the last number stands for dates that are none of the plan's.
pub const MAX_SCHEDULES: usize = 63;

/// The dates of a plan, each of them once: two numbers are equal exactly where the dates are, so that comparing words
/// compares dates, whoever numbered them. Number 0 is always [`Schedule::NONE`].
#[derive(Debug, PartialEq, Eq)]
pub struct Schedules(Vec<Schedule>);

impl Schedules {
    /// These dates, numbered from 1 on.
    ///
    /// # Panics
    /// Where one stands there twice, or there are more than fit: for dates that are written down. Others go through
    /// [`Schedules::number`].
    #[must_use]
    pub fn of<const N: usize>(dates: [Schedule; N]) -> Self {
        let mut all = Self::default();
        for (schedule, n) in dates.into_iter().zip(1..) {
            assert_eq!(all.number(schedule), Some(n), "{schedule:?} is one date with two numbers, or one too many");
        }
        all
    }

    /// The number of a date, which is added if it is new; none where no further one fits.
    pub fn number(&mut self, schedule: Schedule) -> Option<u8> {
        self.find(schedule).or_else(|| {
            let new = self.0.len();
            (new < MAX_SCHEDULES).then(|| {
                self.0.push(schedule.normal());
                new as u8
            })
        })
    }

    /// The number of a date, if it is there.
    pub fn find(&self, schedule: Schedule) -> Option<u8> {
        let wanted = schedule.normal();
        self.0.iter().zip(0..).find_map(|(&known, n)| (known == wanted).then_some(n))
    }
}

impl Default for Schedules {
    fn default() -> Self {
        Self(vec![Schedule::NONE])
    }
}

impl Clone for Schedules {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    /// Keeps the memory: the dates are copied for every plan.
    fn clone_from(&mut self, other: &Self) {
        self.0.clone_from(&other.0);
    }
}

impl std::ops::Deref for Schedules {
    type Target = [Schedule];

    #[inline(always)]
    fn deref(&self) -> &[Schedule] {
        &self.0
    }
}

/// How many zones a thread remembers.
const KNOWN: usize = 64;

/// From when, in plan seconds, which offset to UTC holds in the zone of that name, as far as plans reach.
fn offsets(name: &str, start: DateTime<Utc>) -> Result<Vec<(Seconds, i32)>, String> {
    let tz: Tz = name.parse().map_err(|_| name.to_owned())?;
    let start = start.timestamp();
    let horizon = i64::from(HORIZON_DAYS) * DAY;
    let (first, last) = (start - horizon, start + horizon);
    let mut offsets = vec![(Seconds::MIN, offset_at(tz, first))];
    for block in first.div_euclid(BLOCK)..=last.div_euclid(BLOCK) {
        let transitions = transitions(tz, block);
        let near = transitions.iter().filter(|(at, _)| (first + 1..=last).contains(at));
        offsets.extend(near.map(|&(at, offset)| (clamp(at - start), offset)));
    }
    Ok(offsets)
}

/// So many seconds are searched for transitions at a time: some four years.
const BLOCK: i64 = 1461 * DAY;

/// How many blocks are remembered.
const BLOCKS: usize = 4096;

/// The transitions of a zone in a block of time, in seconds of UTC since 1970, each with the offset that holds from then
/// on. They are remembered: searching a block takes a tenth of a millisecond.
fn transitions(tz: Tz, block: i64) -> Arc<[(i64, i32)]> {
    type Blocks = BTreeMap<(&'static str, i64), Arc<[(i64, i32)]>>;
    static KNOWN: Mutex<Blocks> = Mutex::new(BTreeMap::new());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(transitions) = known().get(&(tz.name(), block)) {
        return Arc::clone(transitions);
    }
    let mut found = Vec::new();
    // Of what begins with a block, too, the offset before is that of the second before.
    let mut day = block * BLOCK - 1;
    let mut before = offset_at(tz, day);
    while day + 1 < (block + 1) * BLOCK {
        let after = offset_at(tz, day + DAY);
        if before != after {
            found.push((transition(tz, day, before), after));
        }
        (day, before) = (day + DAY, after);
    }
    let mut known = known();
    if known.len() >= BLOCKS {
        known.clear();
    }
    Arc::clone(known.entry((tz.name(), block)).or_insert_with(|| found.into()))
}

/// The offset of a zone at an instant, in seconds of UTC since 1970.
fn offset_at(tz: Tz, at: i64) -> i32 {
    let at = DateTime::from_timestamp(at, 0).unwrap_or_default();
    tz.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
}

/// The second of the day that begins there at which the offset changes, by bisection.
fn transition(tz: Tz, day: i64, before: i32) -> i64 {
    let (mut low, mut high) = (day, day + DAY);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if offset_at(tz, middle) == before {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The time zone of a plan: where each local day begins.
///
/// Cloning shares the table of transitions.
#[derive(Clone, Debug, Eq)]
pub struct Zone(Arc<Offsets>);

impl PartialEq for Zone {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Offsets {
    name: String,
    /// The start of the plan, in seconds of UTC since 1970.
    start: i64,
    /// From when, in plan seconds, which offset to UTC holds; in order.
    offsets: Vec<(Seconds, i32)>,
}

impl Zone {
    /// The zone of that IANA name, for a plan that starts at the given instant of UTC. The last ones of a thread are
    /// remembered.
    ///
    /// # Errors
    /// The name, where no such zone is known.
    pub fn named(name: &str, start: DateTime<Utc>) -> Result<Self, String> {
        thread_local! {
            static ZONES: RefCell<VecDeque<Zone>> = const { RefCell::new(VecDeque::new()) };
        }
        // What is remembered is found by whole seconds.
        let start = start.trunc_subsecs(0);
        let seconds = start.timestamp();
        let known =
            |zones: &VecDeque<Self>| zones.iter().find(|it| it.0.start == seconds && it.0.name == name).cloned();
        if let Some(zone) = ZONES.with_borrow(known) {
            return Ok(zone);
        }
        let zone = Self(Arc::new(Offsets { name: name.to_owned(), start: seconds, offsets: offsets(name, start)? }));
        ZONES.with_borrow_mut(|zones| {
            zones.truncate(KNOWN - 1);
            zones.push_front(zone.clone());
        });
        Ok(zone)
    }

    /// UTC, where every day begins at midnight UTC.
    pub fn utc(start: DateTime<Utc>) -> Self {
        Self(Arc::new(Offsets { name: "UTC".to_owned(), start: start.timestamp(), offsets: vec![(Seconds::MIN, 0)] }))
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The start of the plan, as an instant of UTC.
    pub fn start(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0.start, 0).unwrap_or_default()
    }

    /// The number of the local day that holds the instant.
    #[inline]
    pub fn day(&self, at: Seconds) -> i64 {
        (self.0.start + i64::from(at) + i64::from(self.offset(at))).div_euclid(DAY)
    }

    /// The local wall-clock time of an instant.
    pub fn local(&self, at: Seconds) -> NaiveDateTime {
        let seconds = self.0.start + i64::from(at) + i64::from(self.offset(at));
        DateTime::from_timestamp(seconds, 0).unwrap_or_default().naive_utc()
    }

    /// The instant at which the local wall clock shows the given time; the first of two, and the one after a gap.
    pub fn instant(&self, local: NaiveDateTime) -> Seconds {
        let wanted = local.and_utc().timestamp() - self.0.start;
        let candidates = self.0.offsets.iter().map(|&(_, offset)| wanted - i64::from(offset));
        let seconds = candidates
            .filter(|&at| i64::from(self.offset(clamp(at))) == wanted - at)
            .min()
            .or_else(|| self.after_gap(wanted))
            .unwrap_or_else(|| wanted - i64::from(self.offset(clamp(wanted))));
        clamp(seconds)
    }

    /// The instant for a time that the wall clock skips: as far after the gap as the time lies inside it.
    fn after_gap(&self, wanted: i64) -> Option<i64> {
        self.0.offsets.windows(2).find_map(|pair| {
            let [(_, before), (from, after)] = *pair else { return None };
            let from = i64::from(from);
            let at = wanted - i64::from(before);
            (at >= from && wanted - i64::from(after) < from).then_some(at)
        })
    }

    #[inline]
    fn offset(&self, at: Seconds) -> i32 {
        let mut offset = self.0.offsets[0].1;
        for &(from, next) in &self.0.offsets[1..] {
            if at < from {
                break;
            }
            offset = next;
        }
        offset
    }
}

fn clamp(at: i64) -> Seconds {
    // One above the minimum, which stands for "no date".
    at.clamp(i64::from(Seconds::MIN) + 1, i64::from(Seconds::MAX)) as Seconds
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Duration, NaiveDate};

    fn berlin() -> Zone {
        let start = NaiveDate::from_ymd_opt(2016, 3, 26).and_then(|d| d.and_hms_opt(12, 0, 0)).unwrap().and_utc();
        Zone::named("Europe/Berlin", start).unwrap()
    }

    #[test]
    fn a_day_of_spring_has_twenty_three_hours() {
        let zone = berlin();
        // 2016-03-27 begins at 23:00 UTC of the 26th and ends at 22:00 UTC.
        let begins = 11 * 3600;
        assert_eq!(zone.day(begins) - zone.day(begins - 1), 1);
        assert_eq!(zone.day(begins + 23 * 3600) - zone.day(begins + 23 * 3600 - 1), 1);
    }

    #[test]
    fn local_time_and_instant_are_inverse() {
        let zone = berlin();
        for at in [0, 3600, 86_400, -86_400 * 400, 86_400 * 400] {
            assert_eq!(zone.instant(zone.local(at)), at);
        }
    }

    #[test]
    fn a_time_that_the_clock_skips_lies_after_the_gap() {
        let start =
            |month, day| NaiveDate::from_ymd_opt(2016, month, day).and_then(|d| d.and_hms_opt(0, 0, 0)).unwrap();
        // West and east of Greenwich, the clock goes from 02:00 to 03:00.
        for (name, day) in [("Europe/Berlin", start(3, 27)), ("America/New_York", start(3, 13))] {
            let zone = Zone::named(name, day.and_utc()).unwrap();
            let minutes = |minutes| day + Duration::minutes(minutes);
            assert_eq!(zone.local(zone.instant(minutes(150))), minutes(210), "{name}");
            assert_eq!(zone.local(zone.instant(minutes(119))), minutes(119), "{name}");
            assert_eq!(zone.local(zone.instant(minutes(180))), minutes(180), "{name}");
        }
    }

    #[test]
    fn equal_dates_have_one_number() {
        let noon = Schedule { start: 0, end: 60, every: 0, count: 1 };
        let mut all = Schedules::of([noon]);
        let same = [noon, Schedule { every: 7, ..noon }, Schedule { count: 0, ..noon }];
        assert_eq!(same.map(|schedule| all.number(schedule)), [Some(1); 3]);
        assert_eq!(all.number(Schedule { start: Seconds::MIN, ..noon }), Some(0));
        let others = [Schedule { start: 1, ..noon }, Schedule { end: 61, ..noon }, Schedule { count: 2, ..noon }];
        assert_eq!(others.map(|schedule| all.find(schedule)), [None; 3]);
        assert_eq!(others.map(|schedule| all.number(schedule)), [Some(2), Some(3), Some(4)]);
        let more = (100..).map_while(|start| all.number(Schedule { start, end: start, ..noon }));
        assert_eq!(more.last(), Some(62));
        assert_eq!((all.len(), all.find(noon)), (MAX_SCHEDULES, Some(1)));
    }

    #[test]
    #[should_panic(expected = "one date with two numbers")]
    fn a_date_written_down_twice_is_a_mistake() {
        let noon = Schedule { start: 0, end: 60, every: 0, count: 1 };
        let _ = Schedules::of([noon, noon]);
    }

    /// Whenever a plan starts, its zone is that of the database at every moment that it may reach.
    #[test]
    fn offsets_are_those_of_the_database() {
        for name in ["Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca", "Australia/Lord_Howe"] {
            let tz: Tz = name.parse().unwrap();
            for start in [-BLOCK, -1, 0, BLOCK - 1, 1_459_000_000, 4_102_444_800] {
                let zone = Zone::named(name, Utc.timestamp_opt(start, 0).unwrap()).unwrap();
                let reach = HORIZON_DAYS * DAY as Seconds;
                for at in
                    (-reach..reach).step_by(35_999).chain(zone.0.offsets[1..].iter().flat_map(|it| [it.0 - 1, it.0]))
                {
                    assert_eq!(zone.offset(at), offset_at(tz, start + i64::from(at)), "{name} {start} {at}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_zone_is_named() {
        assert_eq!(Zone::named("Mars/Olympus", Utc.timestamp_opt(0, 0).unwrap()), Err("Mars/Olympus".to_owned()));
    }
}
