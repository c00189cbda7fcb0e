//! What the table of deletions says about one event on one pair: who is asked, when, and only what matters.
//!
//! Whether an item is *current* at a moment is for the rows of [`Dating`](crate::rules::Dating) to say: how its dates stand
//! to the moment is found here, and the readings under which that makes it current are collected, so that one question is
//! asked, and that only where what is current goes another way than what is not. Which moment and which occurrence of a series
//! count is for [`Conditioning`](crate::rules::Conditioning), and whose role for [`Delegating`](crate::rules::Delegating).

use crate::ids::UserId;
use crate::plan::{Kind, Right, Rights, Status};
use crate::readings::decide::Decide;
use crate::readings::switches::{Switch, Values};
use crate::reference::{Cited, Frame, JudgedAt};
use crate::rules::{
    Current, DatedItem, DatedKind, Dates, Decision, DelegateAct, Delegated, JudgedBy, JudgedMatter, Reply, Role,
    RuleId, Situation, Trigger,
};
use crate::time::{Schedule, Seconds};
use crate::view::Word;
use crate::world::{Link, Pair, Record};

/// An event to judge.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// What was done.
    pub trigger: Trigger,
    /// How the prompt was answered.
    pub reply: Reply,
    /// When it was done.
    pub at: Seconds,
    /// The occurrence it was done to, if only to one.
    pub occurrence: Option<u8>,
    /// Who did it: the synchronizing user, or a delegate in that user's mailbox.
    pub by: UserId,
}

/// How the pair stood at one moment.
#[derive(Clone, Copy, PartialEq, Eq)]
struct PairState {
    owner: bool,
    organizer: bool,
    open: bool,
    current: CurrentUnder,
}

/// Under which readings of the kind's "current" switch an item was current, for each way to judge a series.
#[derive(Clone, Copy, PartialEq, Eq)]
struct CurrentUnder {
    readings: (Values, Values),
    /// What was asked of the table, for each way; nothing of what has no dates.
    items: Option<(DatedItem, DatedItem)>,
}

impl CurrentUnder {
    /// What is always current.
    const ALWAYS: Self = Self { readings: (Values(u8::MAX), Values(u8::MAX)), items: None };

    fn of((item, readings): (DatedItem, Values)) -> Self {
        Self { readings: (readings, readings), items: Some((item, item)) }
    }
}

/// Judges an event from the point of view of the synchronizing user.
///
/// Questions are asked only where the answer could change the outcome, so that an explanation forks as rarely as can be.
#[expect(
    clippy::too_many_arguments,
    reason = "all of them decide what happens, and a struct would be made only to be taken apart"
)]
pub fn judge<D: Decide>(
    frame: &Frame<'_>,
    pair: &Pair,
    record: &Record,
    user: UserId,
    event: Judged,
    moment: JudgedAt,
    decide: &mut D,
    cited: &mut Cited,
) -> Decision {
    let kind = if event.occurrence.is_some() { Kind::Appointment } else { record.word.record() };
    let seen = |who: UserId| SeenEvent::take(frame, kind, pair, record, who, event);
    let mut seen_by = seen(user);
    // In whose role a delegate acts no document says.
    if event.by != user {
        let delegate = seen(event.by);
        let role = |decide: &mut D| {
            let act = Delegated { act: DelegateAct::Delete, connected: true };
            frame.rules.delegates.ask(&act, decide).role
        };
        if seen_by.classes(frame) != delegate.classes(frame) && role(decide) == Role::Delegate {
            seen_by = delegate;
        }
    }
    let SeenEvent { base, then, now } = seen_by;
    // Whether a contact's owner is asked is decided when tracking stops, and the answer with it.
    if moment == JudgedAt::Event || (kind == Kind::Contact && event.trigger == Trigger::Untrack) {
        return then.decide(frame, base, decide, cited);
    }
    let at_event = then != now && {
        let (a, b) = (then.classes(frame, base), now.classes(frame, base));
        let agree = a == b && (a.0 == a.1 || then.current.readings == now.current.readings);
        !agree && judged_by(frame, JudgedMatter::Change, decide) == JudgedBy::Event
    };
    if at_event { then } else { now }.decide(frame, base, decide, cited)
}

/// By what a condition is judged where that makes a difference.
fn judged_by<D: Decide>(frame: &Frame<'_>, matter: JudgedMatter, decide: &mut D) -> JudgedBy {
    let (_, by) = frame.rules.judging.ask(&matter, decide);
    by
}

/// An event as it looks in somebody's role.
#[derive(Clone, Copy)]
struct SeenEvent {
    base: Situation,
    then: PairState,
    now: PairState,
}

impl SeenEvent {
    fn take(frame: &Frame<'_>, kind: Kind, pair: &Pair, record: &Record, who: UserId, event: Judged) -> Self {
        // An occurrence is part of what its series says.
        let delete = Rights::NONE.with(Right::Delete);
        let taken = if event.occurrence.is_some() { delete.with(Right::Write) } else { delete };
        let base = Situation {
            kind,
            trigger: event.trigger,
            reply: event.reply,
            tracked: pair.link == Link::Linked || pair.link == Link::Untracking,
            owner: false,
            organizer: false,
            current: false,
            open: false,
            privileged: frame.scene.users[who.index()].rights.may_all(taken),
            occurrence: event.occurrence.is_some(),
        };
        // At the event the client knows what it last saw; at the synchronization the server knows how things are.
        let known = if event.trigger == Trigger::DeleteInCrm { record.word } else { pair.word };
        let then = PairState::take(frame, pair.word, known, who, event.at, event.occurrence);
        let now = PairState::take(frame, pair.word, record.word, who, frame.context.now, event.occurrence);
        Self { base, then, now }
    }

    fn classes(&self, frame: &Frame<'_>) -> [(u8, u8); 2] {
        [self.then.classes(frame, self.base), self.now.classes(frame, self.base)]
    }
}

impl PairState {
    fn take(frame: &Frame<'_>, copy: Word, known: Word, user: UserId, at: Seconds, occurrence: Option<u8>) -> Self {
        let kind = known.record();
        let status = known.status();
        let open = status == Status::Open;
        let schedule = frame.scene.schedule(known.when());
        let current = if kind.is_task_like() {
            CurrentUnder::of(task_current(frame, schedule, copy.status(), status, at))
        } else if !kind.is_calendar() {
            CurrentUnder::ALWAYS
        } else if let Some(n) = occurrence {
            let one = schedule.occurrence(n, known.exceptions() >> n & 1 != 0);
            CurrentUnder::of(appointment_current(frame, one, open, at))
        } else if schedule.count == 1 {
            CurrentUnder::of(appointment_current(frame, schedule, open, at))
        } else {
            series_current(frame, schedule, known, open, at)
        };
        Self { owner: known.owner() == Some(user), organizer: known.organizer() == Some(user), open, current }
    }

    fn situation(self, base: Situation, current: bool) -> Situation {
        Situation { owner: self.owner, organizer: self.organizer, open: self.open, current, ..base }
    }

    /// The classes of the rows for an item that is current, and for one that is not.
    fn classes(self, frame: &Frame<'_>, base: Situation) -> (u8, u8) {
        let class = |current| frame.rules.deletion.class(frame.rules.deletion.row(&self.situation(base, current)));
        (class(true), class(false))
    }

    fn decide<D: Decide>(self, frame: &Frame<'_>, base: Situation, decide: &mut D, cited: &mut Cited) -> Decision {
        let (row, current) = self.row(frame, base, decide);
        let decision = frame.rules.deletion.decide(row, decide);
        let situation = frame.rules.deletion.situation(&self.situation(base, current));
        *cited = Cited { rule: Some(decision.rule), situation, ..Cited::default() };
        decision
    }

    /// The row that decides, and whether it is the one for a current item.
    fn row<D: Decide>(self, frame: &Frame<'_>, base: Situation, decide: &mut D) -> (RuleId, bool) {
        let rules = &frame.rules.deletion;
        let row = |current| rules.row(&self.situation(base, current));
        let (yes, no) = (row(true), row(false));
        let switch = if base.kind.is_task_like() { Switch::TaskCurrent } else { Switch::ApptCurrent };
        if rules.class(yes) == rules.class(no) {
            // Either row says the same; cite the one that the first reading leads to.
            return if self.current.readings.0.0 & 1 != 0 { (yes, true) } else { (no, false) };
        }
        let CurrentUnder { readings: (by_pattern, by_left), items } = self.current;
        let differ = base.kind == Kind::RecurringAppointment && by_pattern != by_left;
        let left = differ && judged_by(frame, JudgedMatter::Series, decide) == JudgedBy::Left;
        if let Some((of_pattern, of_left)) = items {
            frame.rules.current.follow(if left { &of_left } else { &of_pattern }, decide);
        }
        if decide.holds(switch, if left { by_left } else { by_pattern }) { (yes, true) } else { (no, false) }
    }
}

/// How the dates of an item stand to a moment.
fn dates(frame: &Frame<'_>, kind: DatedKind, schedule: Schedule, at: Seconds) -> Dates {
    if !schedule.is_dated() {
        return Dates::None;
    }
    if schedule.start > at {
        return Dates::Ahead;
    }
    if schedule.start == at {
        return Dates::Beginning;
    }
    let zone = &frame.scene.zone;
    let last = match kind {
        // The end itself belongs to the next day: an all-day appointment ends at midnight.
        DatedKind::Appointment => schedule.end.max(schedule.start + 1) - 1,
        DatedKind::Task => schedule.end,
    };
    match (schedule.end >= at, zone.day(last) >= zone.day(at)) {
        (true, true) => Dates::UnderWay,
        (true, false) => Dates::EndingAtMidnight,
        (false, true) => Dates::EarlierToday,
        (false, false) => Dates::Past,
    }
}

/// The readings under which an item is current that is open in CRM or not, and not completed in Outlook or is.
fn current_under(frame: &Frame<'_>, item: DatedItem, open: bool, undone: bool) -> Values {
    let under = |current, holds: bool| if holds { frame.rules.current.under(&item, current as u8).0 } else { 0 };
    Values(under(Current::Yes, true) | under(Current::Open, open) | under(Current::Undone, undone))
}

/// An appointment, or an occurrence, at a moment, and the readings of X-01 under which it is current.
fn appointment_current(frame: &Frame<'_>, schedule: Schedule, open: bool, at: Seconds) -> (DatedItem, Values) {
    let kind = DatedKind::Appointment;
    let item = DatedItem { kind, dates: dates(frame, kind, schedule, at) };
    (item, current_under(frame, item, open, true))
}

/// Whether a series is current: judged by the last occurrence of its pattern, and by those that are left, the latest of which
/// stands for all.
fn series_current(frame: &Frame<'_>, schedule: Schedule, word: Word, open: bool, at: Seconds) -> CurrentUnder {
    let one = |n: u8| appointment_current(frame, schedule.occurrence(n, word.exceptions() >> n & 1 != 0), open, at);
    let (pattern, by_last) = one(schedule.count - 1);
    let left = (0..schedule.count).filter(|n| word.occurrences() >> n & 1 != 0).map(one);
    let past = DatedItem { kind: DatedKind::Appointment, dates: Dates::Past };
    let (left, by_left) = left.fold((past, Values(0)), |(_, all), (item, values)| (item, Values(all.0 | values.0)));
    CurrentUnder { items: Some((pattern, left)), readings: (by_last, by_left) }
}

/// A task at a moment, and the readings of X-08 under which it is current.
fn task_current(
    frame: &Frame<'_>,
    schedule: Schedule,
    copy: Status,
    record: Status,
    at: Seconds,
) -> (DatedItem, Values) {
    let kind = DatedKind::Task;
    let item = DatedItem { kind, dates: dates(frame, kind, schedule, at) };
    (item, current_under(frame, item, record == Status::Open, copy != Status::Completed))
}

#[cfg(test)]
mod tests {
    use super::{Judged, PairState, appointment_current, judge, series_current, task_current};
    use crate::ids::{UserId, UserSet};
    use crate::plan::{ComputerSetup, ItemSetup, Kind, Method, Rights, Setup, Status, UserSetup};
    use crate::readings::decide::Closed;
    use crate::readings::switches::{Readings, Switch, Values};
    use crate::reference::{Cited, Frame, JudgedAt};
    use crate::rules::{Fate, Reply, Rules, Trigger};
    use crate::time::{Schedule, Schedules, Seconds, Zone};
    use crate::world::World;

    const HOUR: Seconds = 3600;
    const DAY: Seconds = 24 * HOUR;
    /// From nine to ten on the first day.
    const NINE: Schedule = Schedule { start: 9 * HOUR, end: 10 * HOUR, every: 0, count: 1 };
    /// Nine o'clock on three days.
    const DAILY: Schedule = Schedule { every: DAY, count: 3, ..NINE };
    const ME: UserId = UserId(0);

    fn world(kind: Kind, schedule: Schedule, exceptions: u8) -> World {
        let mut item = ItemSetup::new(kind, ME);
        (item.copies, item.tracked, item.in_crm) = (UserSet::of(ME), UserSet::of(ME), true);
        (item.when, item.exceptions) = (1, exceptions);
        let method = Method::OutlookClient;
        World::new(&Setup {
            zone: Zone::utc(chrono::DateTime::default()),
            users: vec![UserSetup { method, delegates: UserSet::EMPTY, rights: Rights::ALL }],
            computers: vec![ComputerSetup { user: ME, synchronizing: true }],
            items: vec![item],
            bystanders: 0,
            schedules: Schedules::of([schedule]),
        })
    }

    fn frame(world: &World) -> Frame<'_> {
        Frame { scene: &world.scene, context: &world.context, rules: Rules::documented() }
    }

    /// The readings under which something is current, the first one first.
    fn bits(values: Values, readings: u8) -> String {
        (0..readings).map(|n| if values.0 >> n & 1 != 0 { '1' } else { '0' }).collect()
    }

    /// Until it ends, until it starts, before it starts, all day, while open, while open and ahead.
    #[test]
    fn an_appointment_is_current_by_each_reading() {
        let world = world(Kind::Appointment, NINE, 0);
        let all_day = Schedule { start: 0, end: DAY, ..NINE };
        let midnight = Schedule { start: DAY, end: DAY, ..NINE };
        let tomorrow = Schedule { start: DAY + 9 * HOUR, end: DAY + 10 * HOUR, ..NINE };
        let cases = [
            (NINE, true, 9 * HOUR - 1, "111111"),
            (NINE, false, 9 * HOUR - 1, "111100"),
            (NINE, true, 9 * HOUR, "110110"),
            (NINE, false, 9 * HOUR, "110100"),
            (NINE, true, 10 * HOUR, "100110"),
            (NINE, true, 10 * HOUR + 1, "000110"),
            (NINE, true, DAY - 1, "000110"),
            (NINE, true, DAY, "000010"),
            (NINE, false, DAY, "000000"),
            (all_day, true, DAY - 1, "100110"),
            (all_day, true, DAY, "100010"),
            (midnight, true, DAY, "110110"),
            (midnight, true, DAY + 1, "000110"),
            (midnight, true, 2 * DAY, "000010"),
            (tomorrow, false, 0, "111100"),
            (Schedule::NONE, true, 0, "111111"),
            (Schedule::NONE, false, 0, "111100"),
        ];
        for (schedule, open, at, expected) in cases {
            let (_, current) = appointment_current(&frame(&world), schedule, open, at);
            assert_eq!(bits(current, 6), expected, "{schedule:?} open {open} at {at}");
        }
    }

    /// By the last occurrence of its pattern, and by those that are left; an exception takes place a day later.
    #[test]
    fn a_series_is_current_by_its_last_occurrence_or_by_those_left() {
        let cases = [
            (0b000, 0b111, 0, "111111", "111111"),
            (0b000, 0b001, 0, "111111", "111111"),
            (0b000, 0b001, 11 * HOUR, "111111", "000110"),
            (0b000, 0b101, 11 * HOUR, "111111", "111111"),
            (0b000, 0b011, 2 * DAY, "111111", "000010"),
            (0b000, 0b111, 2 * DAY + 11 * HOUR, "000110", "000110"),
            (0b000, 0b011, 2 * DAY + 11 * HOUR, "000110", "000010"),
            (0b000, 0b110, DAY + 9 * HOUR + 1, "111111", "111111"),
            (0b000, 0b010, DAY + 9 * HOUR + 1, "111111", "100110"),
            (0b100, 0b111, 2 * DAY + 11 * HOUR, "111111", "111111"),
            (0b100, 0b011, 2 * DAY + 11 * HOUR, "111111", "000010"),
            (0b001, 0b001, 11 * HOUR, "111111", "111111"),
            (0b010, 0b001, 11 * HOUR, "111111", "000110"),
            (0b000, 0b000, 0, "111111", "000000"),
        ];
        for (exceptions, left, at, last, next) in cases {
            let world = world(Kind::RecurringAppointment, DAILY, exceptions);
            let word = world.items[0].record.word.with_occurrences(left);
            let (by_last, by_left) = series_current(&frame(&world), DAILY, word, true, at).readings;
            assert_eq!(
                (bits(by_last, 6), bits(by_left, 6)),
                (last.into(), next.into()),
                "{exceptions:b} {left:b} {at}"
            );
        }
    }

    /// Not completed in Outlook, open in CRM, due today or later or not at all, due later than now.
    #[test]
    fn a_task_is_current_by_each_reading() {
        let world = world(Kind::Task, NINE, 0);
        let due = Schedule { start: 9 * HOUR, end: 9 * HOUR, ..NINE };
        let (open, done) = (Status::Open, Status::Completed);
        let cases = [
            (due, open, open, 0, "1111"),
            (due, done, open, 0, "0111"),
            (due, open, done, 0, "1011"),
            (due, open, Status::Cancelled, 0, "1011"),
            (due, Status::Cancelled, done, 0, "1011"),
            (due, open, open, 9 * HOUR, "1111"),
            (due, open, open, 9 * HOUR + 1, "1110"),
            (due, open, open, DAY - 1, "1110"),
            (due, open, open, DAY, "1100"),
            (Schedule::NONE, open, open, DAY, "1110"),
            (Schedule::NONE, done, done, 0, "0010"),
        ];
        for (schedule, copy, record, at, expected) in cases {
            let (_, current) = task_current(&frame(&world), schedule, copy, record, at);
            assert_eq!(bits(current, 4), expected, "{schedule:?} {copy:?} {record:?} at {at}");
        }
    }

    /// A moved occurrence is judged by where it is, and alone.
    #[test]
    fn an_occurrence_is_judged_by_its_own_date() {
        for (exceptions, n, at, expected) in [
            (0b00, 0, 11 * HOUR, "000110"),
            (0b01, 0, 11 * HOUR, "111111"),
            (0b10, 0, 11 * HOUR, "000110"),
            (0b00, 1, 11 * HOUR, "111111"),
            (0b00, 1, DAY + 11 * HOUR, "000110"),
            (0b10, 1, DAY + 11 * HOUR, "111111"),
        ] {
            let world = world(Kind::RecurringAppointment, DAILY, exceptions);
            let word = world.items[0].record.word;
            let taken = PairState::take(&frame(&world), word, word, ME, at, Some(n));
            let (by_last, by_left) = taken.current.readings;
            assert_eq!(bits(by_last, 6), expected, "{exceptions:b} {n} {at}");
            assert!(by_last == by_left && taken.owner && taken.open);
        }
    }

    /// An appointment that was ahead when its record was deleted, and is past when the deletion is synchronized.
    #[test]
    fn a_condition_is_judged_when_the_reading_says() {
        let (synchronization, event) = (Values::nth(0), Values::nth(1));
        let mut world = world(Kind::Appointment, NINE, 0);
        world.context.now = 11 * HOUR;
        for (judged_at, moment, at, fate) in [
            (synchronization, JudgedAt::Open, 0, Fate::Kept),
            (event, JudgedAt::Open, 0, Fate::Deleted),
            (synchronization, JudgedAt::Event, 0, Fate::Deleted),
            (event, JudgedAt::Event, 11 * HOUR, Fate::Kept),
            (event, JudgedAt::Open, 11 * HOUR, Fate::Kept),
        ] {
            let item = &world.items[0];
            let readings = Readings::OPEN.narrowed(Switch::JudgedAt, judged_at).closed();
            let judged = Judged { trigger: Trigger::DeleteInCrm, reply: Reply::Unasked, at, occurrence: None, by: ME };
            let (frame, mut cited) = (frame(&world), Cited::default());
            let pair = &item.pairs[0];
            let decision = judge(&frame, pair, &item.record, ME, judged, moment, &mut Closed(readings), &mut cited);
            assert_eq!(decision.outlook, fate, "{judged_at:?} at {at}");
            // Open, current, organizer, owner: one bit each.
            let current = u8::from(fate == Fate::Deleted);
            assert_eq!(
                (cited.rule, cited.situation),
                (Some(decision.rule), 0b1001 | current << 1 | cited.situation & 4)
            );
        }
    }
}
