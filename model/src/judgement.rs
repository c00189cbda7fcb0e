//! What the table says about one event on one pair: who is asked, when, and only what matters.

use crate::decide::Decide;
use crate::ids::UserId;
use crate::plan::{Kind, Status};
use crate::reference::{Cited, Frame, Moment};
use crate::rules::{Decision, Reply, RuleId, Situation, Trigger};
use crate::switches::{Switch, Values};
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
}

/// How the pair stood at one moment.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Snapshot {
    owner: bool,
    organizer: bool,
    open: bool,
    /// The readings of the kind's "current" switch under which the item was current, for each way to judge a series.
    current: (Values, Values),
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
    moment: Moment,
    decide: &mut D,
    cited: &mut Cited,
) -> Decision {
    let kind = if event.occurrence.is_some() { Kind::Appointment } else { record.word.record() };
    let base = Situation {
        kind,
        trigger: event.trigger,
        reply: event.reply,
        tracked: pair.link == Link::Linked || pair.link == Link::Untracking,
        owner: false,
        organizer: false,
        current: false,
        open: false,
        privileged: frame.scene.users[user.index()].may_delete,
        occurrence: event.occurrence.is_some(),
    };
    // At the event the client knows what it last saw; at the synchronization the server knows how things are.
    let known = if event.trigger == Trigger::DeleteInCrm { record.word } else { pair.word };
    let then = Snapshot::take(frame, pair.word, known, user, event.at, event.occurrence);
    // Whether a contact's owner is asked is decided when tracking stops, and the answer with it.
    if moment == Moment::Event || (kind == Kind::Contact && event.trigger == Trigger::Untrack) {
        return then.decide(frame, base, decide, cited);
    }
    let now = Snapshot::take(frame, pair.word, record.word, user, frame.context.now, event.occurrence);
    let at_event = then != now && {
        let classes = |snapshot: Snapshot| snapshot.classes(frame, base);
        let (a, b) = (classes(then), classes(now));
        let agree = a == b && (a.0 == a.1 || then.current == now.current);
        !agree && !decide.holds(Switch::JudgedAt, Values::FIRST)
    };
    if at_event { then } else { now }.decide(frame, base, decide, cited)
}

impl Snapshot {
    fn take(frame: &Frame<'_>, copy: Word, known: Word, user: UserId, at: Seconds, occurrence: Option<u8>) -> Self {
        let kind = known.record();
        let status = known.status();
        let open = status == Status::Open;
        let schedule = frame.scene.schedule(known.when());
        let current = if kind.is_task_like() {
            let values = task_current(frame, schedule, copy.status(), status, at);
            (values, values)
        } else if !kind.is_calendar() {
            (Switch::ApptCurrent.all(), Switch::ApptCurrent.all())
        } else if let Some(n) = occurrence {
            let one = schedule.occurrence(n, known.exceptions() >> n & 1 != 0);
            let values = appointment_current(frame, one, open, at);
            (values, values)
        } else if schedule.count == 1 {
            let values = appointment_current(frame, schedule, open, at);
            (values, values)
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
        let class = |current| frame.rules.class(frame.rules.row(&self.situation(base, current)));
        (class(true), class(false))
    }

    fn decide<D: Decide>(self, frame: &Frame<'_>, base: Situation, decide: &mut D, cited: &mut Cited) -> Decision {
        let (row, current) = self.row(frame, base, decide);
        let decision = frame.rules.decide(row, decide);
        let bits = [self.owner, self.organizer, current, self.open];
        let situation = bits.iter().rev().fold(0, |bits, &bit| (bits << 1) | u8::from(bit));
        *cited = Cited { rule: Some(decision.rule), situation };
        decision
    }

    /// The row that decides, and whether it is the one for a current item.
    fn row<D: Decide>(self, frame: &Frame<'_>, base: Situation, decide: &mut D) -> (RuleId, bool) {
        let rules = frame.rules;
        let row = |current| rules.row(&self.situation(base, current));
        let (yes, no) = (row(true), row(false));
        let switch = if base.kind.is_task_like() { Switch::TaskCurrent } else { Switch::ApptCurrent };
        if rules.class(yes) == rules.class(no) {
            // Either row says the same; cite the one that the first reading leads to.
            return if self.current.0.0 & 1 != 0 { (yes, true) } else { (no, false) };
        }
        if base.kind != Kind::RecurringAppointment {
            return if decide.holds(switch, self.current.0) { (yes, true) } else { (no, false) };
        }
        let (by_last, by_next) = self.current;
        let current = if by_last == by_next || decide.holds(Switch::RecurringDeleteUnit, Values::FIRST) {
            by_last
        } else {
            by_next
        };
        if decide.holds(switch, current) { (yes, true) } else { (no, false) }
    }
}

/// The readings of X-01 under which an appointment is current at a moment.
fn appointment_current(frame: &Frame<'_>, schedule: Schedule, open: bool, at: Seconds) -> Values {
    if !schedule.is_dated() {
        return Values(if open { 0b01_1111 | 0b10_0000 } else { 0b00_1111 });
    }
    let zone = &frame.scene.zone;
    // The end itself belongs to the next day: an all-day appointment ends at midnight.
    let last = schedule.end.max(schedule.start + 1) - 1;
    let truths = [
        schedule.end >= at,
        schedule.start >= at,
        schedule.start > at,
        zone.day(last) >= zone.day(at),
        open,
        open && schedule.start > at,
    ];
    Values(truths.iter().rev().fold(0, |bits, &truth| bits << 1 | u8::from(truth)))
}

/// The same for a series: judged by the last occurrence of its pattern, and by those that are left.
fn series_current(frame: &Frame<'_>, schedule: Schedule, word: Word, open: bool, at: Seconds) -> (Values, Values) {
    let one = |n: u8| appointment_current(frame, schedule.occurrence(n, word.exceptions() >> n & 1 != 0), open, at);
    let by_last = one(schedule.count - 1);
    let left = (0..schedule.count).filter(|n| word.occurrences() >> n & 1 != 0);
    (by_last, left.map(one).fold(Values(0), |all, values| Values(all.0 | values.0)))
}

/// The readings of X-08 under which a task is current at a moment.
fn task_current(frame: &Frame<'_>, schedule: Schedule, copy: Status, record: Status, at: Seconds) -> Values {
    let zone = &frame.scene.zone;
    let due_today_or_later = schedule.is_dated() && zone.day(schedule.end) >= zone.day(at);
    let truths = [
        copy != Status::Completed,
        record == Status::Open,
        due_today_or_later || !schedule.is_dated(),
        schedule.is_dated() && schedule.end >= at,
    ];
    Values(truths.iter().rev().fold(0, |bits, &truth| bits << 1 | u8::from(truth)))
}
