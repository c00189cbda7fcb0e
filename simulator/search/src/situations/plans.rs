//! From a situation to a plan: a world, and a directed sequence of steps in it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use tombstone_model::contract::implementation::{Capabilities, Operation};
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, ItemSetup, Kind, Method, Names, Op, Place, Plan, Right, Rights, Setup, Side, Status, Step,
    UserSetup,
};
use tombstone_model::time::{Schedule, Schedules, Seconds, Zone};

use super::{
    ACTS, AGES, ActSide, After, Also, CHANGES, DAY, Date, Factor, HOUR, Instant, KINDS, Kept, METHODS, MINUTE,
    MOST_OWN, Opposite, Presence, ROUNDS, Role, STATUSES, SituationAct, VOLUMES, Way, ZONES, crash, op,
};
use crate::choose::{Choose, Seeded, sub_seed};

/// One value of each factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorValues {
    values: Vec<u8>,
    capabilities: Arc<Capabilities>,
}

/// The acting user, and somebody else.
const USER: UserId = UserId(0);
const OTHER: UserId = UserId(1);
/// The synchronizing computer of the acting user, and the one that is acted at where that is another.
const DESKTOP: Place = Place::Computer(ComputerId(0));
const ASIDE: Place = Place::Computer(ComputerId(1));

impl FactorValues {
    pub(super) fn of(row: &[u8], capabilities: &Arc<Capabilities>) -> Self {
        Self { values: row.to_vec(), capabilities: Arc::clone(capabilities) }
    }

    fn at(&self, factor: Factor) -> usize {
        usize::from(self.values[factor as usize])
    }

    fn kind(&self) -> Kind {
        KINDS[self.at(Factor::Kind)]
    }

    fn act(&self) -> SituationAct {
        ACTS[self.at(Factor::Act)].0
    }

    fn way(&self) -> Way {
        Way::ALL[self.at(Factor::Way)]
    }

    fn method(&self) -> Method {
        METHODS[self.at(Factor::Method)]
    }

    /// The situation in words, for the note of a plan.
    pub fn describe(&self) -> String {
        let words = Factor::ALL.iter().map(|&factor| format!("{}: {}", factor.name(), factor.words()[self.at(factor)]));
        words.collect::<Vec<_>>().join("; ")
    }

    /// The plan, and those of its steps that are what the situation is about. The seed and index choose what the situation
    /// leaves open.
    pub fn plan(&self, seed: u64, index: u64) -> (Plan, Range<usize>) {
        let mut choose = Seeded::new(sub_seed(seed, index));
        let zone = self.zone();
        let (schedules, dates) = schedules(&zone, self.kind());
        let mut setup = self.people(zone, schedules);
        let (changed, record) = self.build(&mut choose, &mut setup, &dates);
        let mut steps = StepWriter { by: self.actor(), at: self.place(), taken: Vec::new(), token: 0, last: 0 };
        steps.last = setup.items.first().map_or(0, |item| setup.schedules[usize::from(item.when)].count - 1);
        let core = self.story(&mut choose, &changed, record, &setup, &mut steps);
        (Plan { setup, steps: steps.taken, names: Names::default() }, core)
    }

    fn zone(&self) -> Zone {
        started(self.at(Factor::Zone), self.at(Factor::Instant))
    }

    fn actor(&self) -> UserId {
        if self.way() == Way::Delegate { OTHER } else { USER }
    }

    /// Where the acting user acts.
    fn place(&self) -> Place {
        match self.way() {
            Way::Connected | Way::Disconnected | Way::Offline => DESKTOP,
            Way::Web => Place::Web,
            Way::Secondary | Way::Delegate => ASIDE,
        }
    }

    fn people(&self, zone: Zone, schedules: Schedules) -> Setup {
        let way = self.way();
        let role = Role::ALL[self.at(Factor::Role)];
        let kept = Kept::ALL[self.at(Factor::Kept)];
        let handed = matches!(self.act(), SituationAct::Assign | SituationAct::Organizer)
            || matches!(kept, Kept::Organizer | Kept::Owner);
        let several = way == Way::Delegate || role != Role::Both || handed;
        let rights = Rights::ALL.set(Right::Delete, self.at(Factor::Privilege) == 0);
        let user = |delegates| UserSetup { method: self.method(), delegates, rights };
        let delegates = if way == Way::Delegate { UserSet::of(OTHER) } else { UserSet::EMPTY };
        let mut users = vec![user(delegates)];
        let mut computers = vec![ComputerSetup { user: USER, synchronizing: true }];
        if several {
            users.push(UserSetup { rights: Rights::ALL, ..user(UserSet::EMPTY) });
        }
        match way {
            Way::Secondary => computers.push(ComputerSetup { user: USER, synchronizing: false }),
            Way::Delegate => computers.push(ComputerSetup { user: OTHER, synchronizing: true }),
            Way::Connected | Way::Disconnected | Way::Offline | Way::Web => {}
        }
        Setup { zone, users, computers, items: Vec::new(), bystanders: 0, schedules }
    }

    /// Puts the items into the world: those that change, those that do not, and the record that they may be regarding.
    fn build(&self, choose: &mut Seeded, setup: &mut Setup, dates: &[u8]) -> (Vec<ItemId>, ItemId) {
        let kind = self.kind();
        let (volume, changes) = (VOLUMES[self.at(Factor::Volume)], CHANGES[self.at(Factor::Changes)]);
        // What a store holds beyond the items of a plan are bystanders: then a few items of the plan are enough.
        let own = if volume > MOST_OWN { (changes + 4).min(MOST_OWN) } else { volume };
        let several = setup.users.len() > 1;
        let mut item = ItemSetup::new(kind, USER);
        item.when = dates[self.at(Factor::Date)];
        item.status = STATUSES[self.at(Factor::Status)];
        match Role::ALL[self.at(Factor::Role)] {
            Role::Both => {}
            Role::Owner => item.organizer = kind.is_calendar().then_some(OTHER),
            Role::Organizer => item.owner = OTHER,
            Role::Neither => (item.owner, item.organizer) = (OTHER, kind.is_calendar().then_some(OTHER)),
        }
        if kind.is_calendar() {
            item.required = UserSet::of(USER);
            match (several, choose.below(3)) {
                (true, 0) => item.required = item.required.with(OTHER),
                (true, 1) => item.optional = UserSet::of(OTHER),
                (true | false, _) => {}
            }
        }
        let tracked = |mut item: ItemSetup, choose: &mut Seeded| {
            item.in_crm = true;
            item.copies = UserSet::of(USER);
            if several && choose.chance(1, 2) {
                item.copies = item.copies.with(OTHER);
            }
            item.tracked = item.copies;
            item
        };
        for n in 0..own {
            let mut one = if n < changes {
                match Presence::ALL[self.at(Factor::Presence)] {
                    Presence::Tracked => tracked(item, choose),
                    Presence::Private => ItemSetup { copies: UserSet::of(USER), ..item },
                    Presence::Unlinked => ItemSetup { tracked: UserSet::EMPTY, ..tracked(item, choose) },
                    Presence::Nowhere => item,
                }
            } else {
                tracked(item, choose)
            };
            // The members of a batch are not all alike.
            if n > 0 && choose.chance(1, 3) {
                if kind.is_task_like() || kind.is_calendar() {
                    let others: Vec<u8> = Date::ALL
                        .iter()
                        .zip(dates)
                        .filter(|(date, _)| super::dated(kind, **date))
                        .map(|(_, at)| *at)
                        .collect();
                    one.when = others[choose.below(others.len() as u32) as usize];
                }
                if kind.is_task_like() && choose.chance(1, 3) {
                    one.status = Status::Completed;
                }
            }
            self.capabilities.suit(&mut one);
            setup.items.push(one);
        }
        setup.bystanders = volume - own;
        let record = ItemId(setup.items.len() as u8);
        // One for what is kept, and another for what is set.
        if self.capabilities.holds(Kind::Account) {
            setup.items.extend([ItemSetup { in_crm: true, ..ItemSetup::new(Kind::Account, USER) }; 2]);
        }
        ((0..changes.min(own)).map(|n| ItemId(n as u8)).collect(), record)
    }

    /// The steps: what comes before, the change, what the other side does meanwhile, the synchronization, what comes after.
    fn story(
        &self,
        choose: &mut Seeded,
        changed: &[ItemId],
        kept: ItemId,
        setup: &Setup,
        steps: &mut StepWriter,
    ) -> Range<usize> {
        let (first, record) = (changed[0], ItemId(kept.0 + 1));
        let sync = |crash| match self.method() {
            Method::ServerSide => Step { by: USER, at: Place::Web, op: Op::ServerSynchronize { mailbox: USER, crash } },
            Method::OutlookClient => Step { by: USER, at: DESKTOP, op: Op::Synchronize { crash } },
        };
        for round in 0..ROUNDS[self.at(Factor::Rounds)] {
            if round > 0 {
                let side = if round % 2 == 0 { Side::Crm } else { Side::Outlook(USER) };
                let change = steps.title();
                steps.own(USER, DESKTOP, Op::Edit { item: first, side, change });
            }
            steps.taken.push(sync(None));
        }
        self.keep(choose, changed, kept, steps);
        steps.wait(AGES[self.at(Factor::Before)]);
        match self.way() {
            Way::Disconnected => steps.own(USER, DESKTOP, Op::Disconnect),
            Way::Offline => steps.own(USER, DESKTOP, Op::GoOffline { crash: None }),
            // What a delegate does waits for the principal to connect.
            Way::Delegate if choose.chance(1, 2) => steps.own(USER, DESKTOP, Op::Disconnect),
            Way::Connected | Way::Web | Way::Secondary | Way::Delegate => {}
        }
        let begun = steps.taken.len();
        let together = changed.len() > 1 && choose.chance(1, 2);
        let (by, at) = (steps.by, steps.at);
        // Not the same is done to all of them, now and then.
        let mixed = changed.len() > 1 && !together && choose.chance(1, 3);
        let (same, others) = changed.split_at(if mixed { changed.len().div_ceil(2) } else { changed.len() });
        for op in self.acts(self.act(), same, record, together, steps) {
            steps.own(by, at, op);
        }
        let core = begun..steps.taken.len();
        for op in self.acts(SituationAct::Title(self.act().at()), others, record, false, steps) {
            steps.own(by, at, op);
        }
        if let Some(act) = Also::ALL[self.at(Factor::Also)].act(self.act().at()) {
            for op in self.acts(act, changed, record, false, steps) {
                steps.own(by, at, op);
            }
        }
        // Who comes to rest long after the change need not have been opposed at once.
        let away = AGES[self.at(Factor::Away)];
        let between = choose.chance(1, 2);
        steps.wait(if between { away } else { 0 });
        self.oppose(changed, record, steps);
        steps.wait(if between { 0 } else { away });
        if self.at(Factor::Crash) > 0 {
            let at = changed[choose.below(changed.len() as u32) as usize];
            let crash = crash(self.values[Factor::Crash as usize], at);
            match self.way() {
                Way::Offline => steps.own(USER, DESKTOP, Op::GoOnline { crash }),
                Way::Connected | Way::Disconnected | Way::Web | Way::Secondary | Way::Delegate => {
                    steps.own(USER, DESKTOP, Op::Connect);
                    steps.taken.push(sync(crash));
                }
            }
            steps.own(USER, DESKTOP, Op::Restart);
        }
        self.heal(setup, steps);
        steps.taken.push(sync(None));
        steps.settle();
        steps.wait(AGES[self.at(Factor::Later)]);
        steps.settle();
        self.afterwards(changed, record, steps);
        steps.settle();
        core
    }

    /// Everybody works and is connected again.
    fn heal(&self, setup: &Setup, steps: &mut StepWriter) {
        for (computer, id) in setup.computers.iter().zip(0..) {
            for op in [Op::Restart, Op::GoOnline { crash: None }, Op::Connect] {
                steps.own(computer.user, Place::Computer(ComputerId(id)), op);
            }
        }
    }

    /// What is done to some items, one by one or, where that can be, together.
    fn acts(
        &self,
        act: SituationAct,
        items: &[ItemId],
        record: ItemId,
        together: bool,
        steps: &mut StepWriter,
    ) -> Vec<Op> {
        let last = steps.last;
        let mut ops = op(act, items, USER, OTHER, record, &mut || steps.title(), last);
        let all: ItemSet = items.iter().copied().collect();
        if let (true, Some(first)) =
            (together && self.capabilities.operations.contains(Operation::Several), ops.first_mut())
        {
            let joined = if let Op::Track { mailbox, record, .. } = *first {
                Some(Op::Track { items: all, mailbox, record })
            } else if let Op::Untrack { mailbox, yes, .. } = *first {
                Some(Op::Untrack { items: all, mailbox, yes })
            } else if let Op::SetRegarding { side, to, .. } = *first {
                Some(Op::SetRegarding { items: all, side, to })
            } else {
                None
            };
            if let Some(joined) = joined {
                return vec![joined];
            }
        }
        ops
    }

    /// Gives a field of the items a value of its own, and lets that synchronize.
    fn keep(&self, choose: &mut Seeded, changed: &[ItemId], record: ItemId, steps: &mut StepWriter) {
        let side = if choose.chance(1, 2) { ActSide::Outlook } else { ActSide::Crm };
        let act = match Kept::ALL[self.at(Factor::Kept)] {
            Kept::Nothing => return,
            Kept::Title => SituationAct::Title(side),
            Kept::When => SituationAct::When(side),
            Kept::Status => SituationAct::Complete(ActSide::Crm),
            Kept::Regarding => SituationAct::Regarding(side),
            Kept::Parent => SituationAct::Parent(side),
            Kept::Organizer => SituationAct::Organizer,
            Kept::Owner => SituationAct::Assign,
        };
        for op in self.acts(act, changed, record, false, steps) {
            steps.own(USER, DESKTOP, op);
        }
        steps.settle();
    }

    /// What the other side does before anything has synchronized.
    fn oppose(&self, changed: &[ItemId], record: ItemId, steps: &mut StepWriter) {
        let far = match self.act().at() {
            ActSide::Outlook => ActSide::Crm,
            ActSide::Crm => ActSide::Outlook,
        };
        let act = match Opposite::ALL[self.at(Factor::Opposite)] {
            Opposite::Nothing => return,
            Opposite::Title => SituationAct::Title(far),
            Opposite::When => SituationAct::When(far),
            Opposite::Complete => SituationAct::Complete(far),
            Opposite::Delete => SituationAct::Delete(far, tombstone_model::plan::Deletion::Hard),
            Opposite::Regarding => SituationAct::Regarding(far),
        };
        let at = if self.capabilities.operations.contains(Operation::Web) { Place::Web } else { DESKTOP };
        for op in self.acts(act, changed, record, false, steps) {
            steps.own(USER, at, op);
        }
    }

    /// What comes when everything has synchronized.
    fn afterwards(&self, changed: &[ItemId], record: ItemId, steps: &mut StepWriter) {
        let hard = tombstone_model::plan::Deletion::Hard;
        let act = match After::ALL[self.at(Factor::After)] {
            After::Nothing => return,
            After::Again => {
                // The next items, one synchronization each: the second and the third time.
                let next = changed.len()..(changed.len() + 2).min(record.index() - 1);
                for n in next {
                    for op in self.acts(self.act(), &[ItemId(n as u8)], record, false, steps) {
                        steps.own(USER, DESKTOP, op);
                    }
                    steps.settle();
                }
                return;
            }
            After::EditOutlook => SituationAct::Title(ActSide::Outlook),
            After::EditCrm => SituationAct::Title(ActSide::Crm),
            After::DeleteCrm => SituationAct::Delete(ActSide::Crm, hard),
            After::DeleteOutlook => SituationAct::Delete(ActSide::Outlook, hard),
            After::UntrackYes => SituationAct::Untrack(true),
        };
        for op in self.acts(act, changed, record, false, steps) {
            steps.own(USER, DESKTOP, op);
        }
    }
}

/// The first of March 2016, in seconds of UTC: what a local time is first looked up from.
const IN_2016: i64 = 1_456_790_400;

/// How many zones there are, and how many instants to start at.
const STARTS: (usize, usize) = (ZONES.len(), Instant::ALL.len());

/// A zone, for a plan that starts at one of the instants. Reading a zone's history takes long, so that each is read once.
fn started(zone: usize, instant: usize) -> Zone {
    static ZONED: [[OnceLock<Zone>; STARTS.1]; STARTS.0] = [const { [const { OnceLock::new() }; STARTS.1] }; STARTS.0];
    ZONED[zone][instant].get_or_init(|| start(zone, Instant::ALL[instant])).clone()
}

fn start(zone: usize, instant: Instant) -> Zone {
    static GUESSED: [OnceLock<Zone>; STARTS.0] = [const { OnceLock::new() }; STARTS.0];
    let place = &ZONES[zone];
    let named = |at| Zone::named(place.name, at).unwrap_or_else(|_| Zone::utc(at));
    let (spring, autumn) = place.changes.unwrap_or_default();
    let utc = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    let local = |year, month, day, hour, minute| -> DateTime<Utc> {
        let date = NaiveDate::from_ymd_opt(year, month, day);
        let wall: NaiveDateTime = date.and_then(|day| day.and_hms_opt(hour, minute, 0)).unwrap_or_default();
        let guess = GUESSED[zone].get_or_init(|| named(utc(IN_2016)));
        guess.start() + chrono::Duration::seconds(guess.instant(wall).into())
    };
    let start = match instant {
        Instant::Morning => local(2016, 3, 1, 9, 0),
        Instant::Midnight => local(2016, 6, 15, 0, 0),
        Instant::MonthEnd => local(2015, 2, 28, 23, 30),
        Instant::LeapDay => local(2016, 2, 29, 22, 30),
        Instant::YearEnd => local(2015, 12, 31, 23, 50),
        Instant::SpringEve => utc(spring - i64::from(5 * HOUR)),
        Instant::Spring => utc(spring - i64::from(10 * MINUTE)),
        Instant::AutumnEve => utc(autumn - i64::from(5 * HOUR)),
        Instant::AutumnFirst => utc(autumn - i64::from(30 * MINUTE)),
        Instant::AutumnSecond => utc(autumn + i64::from(30 * MINUTE)),
    };
    named(start)
}

/// Steps that are being written.
struct StepWriter {
    by: UserId,
    at: Place,
    taken: Vec<Step>,
    token: u8,
    /// The last occurrence of the series at hand.
    last: u8,
}

impl StepWriter {
    /// A title that was not given before; once none is left, the last.
    fn title(&mut self) -> Change {
        self.token = self.token.saturating_add(1);
        Change::Title(self.token)
    }

    fn own(&mut self, by: UserId, at: Place, op: Op) {
        self.taken.push(Step { by, at, op });
    }

    fn wait(&mut self, seconds: Seconds) {
        if seconds > 0 {
            self.own(USER, Place::Web, Op::Wait { seconds });
        }
    }

    fn settle(&mut self) {
        self.own(USER, Place::Web, Op::Settle);
    }
}

/// The schedules of a plan, and for each date of [`Date::ALL`] the schedule that items of a kind have then.
fn schedules(zone: &Zone, kind: Kind) -> (Schedules, Vec<u8>) {
    let series = kind == Kind::RecurringAppointment;
    let due = kind.is_task_like();
    let one = |start: Seconds, end: Seconds| {
        if due {
            Schedule { start: end, end, every: 0, count: 1 }
        } else if series {
            Schedule { start, end, every: DAY, count: 4 }
        } else {
            Schedule { start, end, every: 0, count: 1 }
        }
    };
    let (midnight, noon) = moments(zone);
    let day_after = |at: Seconds| zone.instant(zone.local(at) + chrono::Duration::days(1));
    let change = zone_change(zone).unwrap_or(noon);
    let mut known = Schedules::default();
    // There is room for all of them.
    let mut number = |schedule: Schedule| known.number(schedule).unwrap_or(0);
    // What items are moved to.
    let single = if due { 3 * DAY } else { 2 * DAY };
    number(Schedule { start: if due { single } else { single - HOUR }, end: single, every: 0, count: 1 });
    let dates = Date::ALL.iter().map(|date| match date {
        Date::Never => 0,
        Date::Past => number(one(-26 * HOUR, -25 * HOUR)),
        Date::Running => number(one(-30 * MINUTE, 30 * MINUTE)),
        Date::Soon => number(one(HOUR, 2 * HOUR)),
        Date::AllDay => number(one(midnight, day_after(midnight))),
        Date::Midnight => number(one(midnight - HOUR, midnight)),
        Date::LongPast => number(one(-400 * DAY, -400 * DAY + HOUR)),
        Date::Far => number(one(400 * DAY, 400 * DAY + HOUR)),
        Date::Change => number(one(change - 30 * MINUTE, change + 30 * MINUTE)),
    });
    let dates = dates.collect();
    (known, dates)
}

/// The next local midnight after the start of a plan, and the noon after it.
pub fn moments(zone: &Zone) -> (Seconds, Seconds) {
    let tomorrow = zone.local(0).date() + chrono::Days::new(1);
    let at = |hour| tomorrow.and_hms_opt(hour, 0, 0).map_or(0, |local| zone.instant(local));
    (at(0), at(12))
}

/// The change of the clocks nearest to the start of a plan.
fn zone_change(zone: &Zone) -> Option<Seconds> {
    let place = ZONES.iter().find(|place| place.name == zone.name())?;
    let (spring, autumn) = place.changes?;
    let from = |instant: i64| instant - zone.start().timestamp();
    let nearest = [from(spring), from(autumn)].into_iter().min_by_key(|seconds| seconds.abs())?;
    Seconds::try_from(nearest).ok()
}
