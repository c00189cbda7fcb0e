//! The generator: related starting worlds, and steps in them, from any source of choices.
//!
//! It does not know what is possible: it draws a step for somebody somewhere, and the oracle skips what makes no sense.
//! Building a list of the enabled operations at every step would cost more than running the model.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::LazyLock;

use chrono::{DateTime, TimeZone, Utc};
use tombstone_model::contract::implementation::{Capabilities, Operation};
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, MAX_SLOTS, UserId, UserSet};
use tombstone_model::plan::{
    Acts, Change, ComputerSetup, Crash, DRAWS, Deletion, Draw, Effect, Fixed, ItemSetup, Kind, Method, Op, Part,
    PartKind, PartRow, Place, Right, Rights, Setup, Side, Source, Stage, Status, Step, Store, UserSetup, Verb,
};
use tombstone_model::time::{Schedule, Schedules, Seconds, Zone};
use tombstone_model::words;

use crate::choose::Choose;

/// How the steps of a plan are drawn. No strategy finds every fault soonest, so a campaign takes them in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strategy {
    /// Every operation as likely as any other.
    Uniform,
    /// A random subset of the operations (Groce et al., "Swarm testing", 2012).
    Swarm,
    /// Random weights for the operations.
    Weighted,
    /// Random priorities for the computers, with a few points at which the first loses its place (Burckhardt et al.,
    /// "A randomized scheduler with probabilistic guarantees of finding bugs", 2010).
    Priorities,
    /// Swarm, over ten times as many steps.
    Long,
}

impl Strategy {
    /// Every strategy, in the order in which a campaign takes them in turn.
    pub const ALL: [Self; 5] = [Self::Uniform, Self::Swarm, Self::Weighted, Self::Priorities, Self::Long];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Swarm => "swarm",
            Self::Weighted => "weighted",
            Self::Priorities => "priorities",
            Self::Long => "long",
        }
    }

    /// The strategy of the `index`-th plan of a campaign. One plan in nine is long: it takes the time of six others, so
    /// that three sevenths of the steps go to what hardly any short plan comes to; it stands in the place of each other in
    /// turn.
    pub fn of(index: u64) -> Self {
        if index % 9 == 4 { Self::Long } else { Self::ALL[(index % 4) as usize] }
    }
}

/// The mix of probabilities that one plan is drawn with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    /// The strategy.
    pub strategy: Strategy,
    weights: [u8; Draw::COUNT],
    /// The sum of the weights up to each, itself included.
    sums: [u16; Draw::COUNT],
    /// How many steps are drawn before healing.
    pub length: u32,
    /// The most users, computers a user, and items.
    pub size: (u32, u32, u32),
}

impl Mix {
    /// Draws the mix of a plan.
    pub fn draw(choose: &mut impl Choose, strategy: Strategy) -> Self {
        let mut weights = [4u8; Draw::COUNT];
        match strategy {
            Strategy::Uniform | Strategy::Priorities => {}
            Strategy::Swarm | Strategy::Long => {
                for weight in &mut weights {
                    *weight = if choose.chance(1, 2) { 4 } else { 0 };
                }
            }
            Strategy::Weighted => {
                for weight in &mut weights {
                    *weight = 1 << choose.below(6);
                }
            }
        }
        for (weight, _) in weights.iter_mut().zip(&DRAWS).filter(|(_, draw)| draw.fixes(Fixed::Likely)) {
            *weight = (*weight).max(8);
        }
        let length = if strategy == Strategy::Long { 300 } else { 8 + choose.below(33) };
        let size = (1 + choose.below(3), 1 + choose.below(4), 1 + choose.below(4));
        let mut sum = 0;
        let sums = weights.map(|weight| {
            sum += u16::from(weight);
            sum
        });
        Self { strategy, weights, sums, length, size }
    }

    /// Draws what a step is: the same as [`Choose::weighted`], without a branch for each weight.
    #[inline]
    fn step(&self, choose: &mut impl Choose) -> &'static Draw {
        let at = choose.below(u32::from(self.sums[Draw::COUNT - 1]));
        let passed = self.sums.iter().map(|&sum| usize::from(u32::from(sum) <= at)).sum::<usize>();
        &DRAWS[passed.min(Draw::COUNT - 1)]
    }

    /// The mix as one line, for people: how it was drawn, how much there is at most, and of a thousand steps how many are of
    /// which sort, the most frequent first.
    pub fn describe(&self) -> String {
        let mut sorts: BTreeMap<Reverse<u8>, Vec<String>> = BTreeMap::new();
        for (weight, draw) in self.weights.iter().zip(&DRAWS).filter(|(weight, _)| **weight > 0) {
            sorts.entry(Reverse(*weight)).or_default().push(draw.in_words());
        }
        let sum = u32::from(self.sums[Draw::COUNT - 1]).max(1);
        let sorts = sorts.into_iter().map(|(Reverse(weight), sorts)| {
            let each = if sorts.len() > 1 { " each" } else { "" };
            format!("{} ({}{each})", sorts.join(", "), u32::from(weight) * 1000 / sum)
        });
        let sorts: Vec<String> = sorts.collect();
        let (users, computers, items) = self.size;
        format!(
            "{}: {}, at most {} with {} each, and {}; of 1,000 steps: {}",
            self.strategy.name(),
            words::counted(u64::from(self.length), "step"),
            words::counted(u64::from(users), "user"),
            words::counted(u64::from(computers), "computer"),
            words::counted(u64::from(items), "item"),
            sorts.join("; ")
        )
    }
}

const MINUTE: Seconds = 60;
const HOUR: Seconds = 60 * MINUTE;
const DAY: Seconds = 24 * HOUR;

/// The moments at which items take place: all the ways to stand to the instant at which one stops being current. In some
/// zones two of them are one.
fn dates(zone: &Zone) -> Vec<Schedule> {
    let one = |start, end| Schedule { start, end, every: 0, count: 1 };
    let due = |at| one(at, at);
    let series = |start, count| Schedule { start, end: start + HOUR, every: 7 * DAY, count };
    let midnight = {
        let today = zone.local(0).date().and_hms_opt(0, 0, 0);
        today.map_or(0, |midnight| zone.instant(midnight))
    };
    vec![
        Schedule::NONE,
        one(-2 * HOUR, -HOUR),
        one(-30 * MINUTE, 30 * MINUTE),
        one(HOUR, 2 * HOUR),
        one(-HOUR, 0),
        one(-1, HOUR),
        one(0, HOUR),
        one(midnight, midnight + DAY),
        one(-400 * DAY, -400 * DAY + HOUR),
        one(400 * DAY, 400 * DAY + HOUR),
        series(-7 * DAY, 3),
        series(HOUR, 4),
        series(-30 * DAY, 3),
        due(-HOUR),
        due(0),
        due(HOUR),
        due(midnight + DAY),
        due(-400 * DAY),
        due(400 * DAY),
    ]
}

/// The first schedule of a series, and how many there are.
const SERIES: (u8, u32) = (10, 3);
/// The first schedule that is due at a moment rather than taking place from one to another, and how many there are.
const DUE: (u8, u32) = (13, 6);
/// How many schedules stand before the first series, without the one that is none.
const SINGLES: u32 = 9;

/// A zone and start that plans use, and its dates.
#[derive(Debug)]
struct Calendar {
    zone: Zone,
    schedules: Schedules,
    /// For each of the [`dates`] its number among the schedules, where equal ones have one.
    numbers: Vec<u8>,
}

impl Calendar {
    fn new(zone: Zone) -> Self {
        let mut schedules = Schedules::default();
        let numbers = dates(&zone).into_iter().map(|schedule| schedules.number(schedule).unwrap_or(0)).collect();
        Self { zone, schedules, numbers }
    }

    /// The calendar of a world that was drawn.
    fn of(setup: &Setup) -> &'static Self {
        CALENDARS.iter().find(|calendar| calendar.zone == setup.zone).unwrap_or(&CALENDARS[0])
    }
}

/// The calendars of plans: an ordinary morning, the eve of both changes of the clocks and the hour that comes twice, far
/// east and far west of Greenwich, midnight, a leap day, the end of a year, and a zone without a certain midnight.
static CALENDARS: LazyLock<[Calendar; 9]> = LazyLock::new(|| {
    let at = |year, month, day, hour, minute| -> DateTime<Utc> {
        Utc.with_ymd_and_hms(year, month, day, hour, minute, 0).single().unwrap_or_default()
    };
    let named = |(name, start)| Calendar::new(Zone::named(name, start).unwrap_or_else(|_| Zone::utc(start)));
    [
        ("UTC", at(2016, 3, 1, 9, 0)),
        ("Europe/Berlin", at(2016, 3, 26, 22, 0)),
        ("America/New_York", at(2016, 3, 13, 3, 0)),
        ("Europe/Berlin", at(2016, 10, 30, 0, 30)),
        ("America/New_York", at(2016, 11, 6, 4, 30)),
        ("Pacific/Kiritimati", at(2016, 3, 1, 10, 0)),
        ("Pacific/Pago_Pago", at(2016, 3, 1, 9, 0)),
        ("Asia/Kathmandu", at(2015, 12, 31, 17, 50)),
        ("America/Sao_Paulo", at(2016, 10, 16, 1, 0)),
    ]
    .map(named)
});

/// Draws a starting world.
pub fn setup(choose: &mut impl Choose, mix: &Mix) -> Setup {
    let Calendar { zone, schedules, .. } = &CALENDARS[0];
    let (users, computers, items) = (Vec::new(), Vec::new(), Vec::new());
    let mut setup = Setup { zone: zone.clone(), users, computers, items, bystanders: 0, schedules: schedules.clone() };
    draw_setup(choose, mix, &mut setup);
    setup
}

/// Draws a setup into the memory of another.
pub fn draw_setup(choose: &mut impl Choose, mix: &Mix, setup: &mut Setup) {
    let calendar = &CALENDARS[choose.below(CALENDARS.len() as u32) as usize];
    let Calendar { zone, schedules, .. } = calendar;
    let (users, computers, items) = mix.size;
    if setup.zone != *zone {
        setup.zone.clone_from(zone);
    }
    setup.schedules.clone_from(schedules);
    setup.bystanders = 0;
    setup.computers.clear();
    setup.items.clear();
    setup.users.clear();
    setup.users.extend((0..users).map(|user| {
        let delegates = (0..users).filter(|&other| other != user && choose.chance(1, 3));
        let delegates = delegates.map(|other| UserId(other as u8)).collect();
        UserSetup {
            method: if choose.chance(1, 3) { Method::ServerSide } else { Method::OutlookClient },
            delegates,
            rights: Rights::ALL.set(Right::Delete, !choose.chance(1, 8)),
        }
    }));
    for user in 0..setup.users.len() {
        let synchronizing = choose.below(computers);
        for computer in 0..1 + choose.below(computers) {
            let user = UserId(user as u8);
            setup.computers.push(ComputerSetup { user, synchronizing: computer == synchronizing });
        }
    }
    while setup.each_slot().count() > MAX_SLOTS {
        setup.computers.pop();
    }
    // One world, perturbed: the items are alike but for a detail or two, so that what differs stands out.
    let first = item(choose, calendar, setup);
    setup.items.push(first);
    for _ in 1..items {
        let other =
            if choose.chance(1, 3) { item(choose, calendar, setup) } else { perturbed(choose, calendar, setup, first) };
        setup.items.push(other);
    }
}

/// Lets Outlook delete whole items in one way after another, of those that an implementation said it knows; and takes out
/// of steps the parameters that it said it cannot carry, where something is left without them.
pub fn suit_steps(setup: &Setup, steps: &mut [Step], capabilities: &Capabilities) {
    let general = |operation| capabilities.operations.contains(operation);
    for (turn, step) in steps.iter_mut().enumerate() {
        if step.at == Place::Web
            && !general(Operation::Web)
            && matches!(step.op.side(), Some(Side::Outlook(_)))
            && let Some(own) = setup.computers.iter().position(|computer| computer.user == step.by)
        {
            step.at = Place::Computer(ComputerId(own as u8));
        }
        if !general(Operation::Several) {
            step.op = step.op.with_parts(|part| {
                if let Part::Items(items) = part { Part::Items(items.iter().take(1).collect()) } else { part }
            });
        }
        let Op::Delete { item, side: side @ Side::Outlook(_), how: Deletion::Hard } = step.op else { continue };
        let known = capabilities.kinds[setup.items[item.index()].kind as usize].operations;
        let ways = Deletion::WHOLE.into_iter().cycle().skip(turn % Deletion::WHOLE.len()).take(Deletion::WHOLE.len());
        let mut ways = ways.map(|how| Op::Delete { item, side, how });
        if let Some(op) = ways.find(|op| Operation::of(op).is_some_and(|operation| known.contains(operation))) {
            step.op = op;
        }
    }
}

/// Takes out of a world what an implementation said it has no notion of, so that a plan is not drawn in vain.
pub fn suit(setup: &mut Setup, capabilities: &Capabilities) {
    match [Method::OutlookClient, Method::ServerSide].map(|method| capabilities.synchronizes(method)) {
        [true, true] | [false, false] => {}
        [client, _] => {
            let method = if client { Method::OutlookClient } else { Method::ServerSide };
            setup.users.iter_mut().for_each(|user| user.method = method);
        }
    }
    if !capabilities.users {
        setup.users.truncate(1);
        setup.users[0].delegates = UserSet::EMPTY;
        setup.users[0].rights = Rights::ALL;
        setup.computers.retain(|computer| computer.user.0 == 0);
    }
    if !capabilities.computers {
        let mut seen = UserSet::EMPTY;
        setup.computers.retain(|computer| {
            let first = !seen.contains(computer.user);
            seen = seen.with(computer.user);
            first
        });
    }
    if !capabilities.operations.contains(Operation::Delegate) {
        setup.users.iter_mut().for_each(|user| user.delegates = UserSet::EMPTY);
    }
    if !capabilities.roles {
        setup.users.iter_mut().for_each(|user| user.rights = user.rights.with(Right::Delete));
    }
    if !capabilities.rights {
        setup.users.iter_mut().for_each(|user| user.rights = user.rights.with(Right::Create).with(Right::Write));
    }
    let usual = KINDS.into_iter().find(|&kind| !kind.is_crm_only() && capabilities.holds(kind));
    for item in &mut setup.items {
        if !capabilities.holds(item.kind)
            && let Some(kind) = usual
        {
            *item = ItemSetup {
                copies: item.copies,
                tracked: item.tracked,
                in_crm: item.in_crm,
                ..ItemSetup::new(kind, item.owner)
            };
            // A message goes to CRM by being tracked, and a service activity comes to Outlook from there.
            item.in_crm &= kind != Kind::Email || item.tracked != UserSet::EMPTY;
            if kind == Kind::ServiceActivity && !item.in_crm {
                item.copies = UserSet::EMPTY;
            }
        }
        if !capabilities.users {
            let only = UserSet::of(UserId(0));
            item.owner = UserId(0);
            item.organizer = item.organizer.map(|_| UserId(0));
            for set in [&mut item.copies, &mut item.tracked, &mut item.required, &mut item.optional] {
                set.0 &= only.0;
            }
        }
        if !capabilities.roles {
            // Whoever has a copy owns it: the first who has one.
            item.owner = item.copies.iter().next().unwrap_or(UserId(0));
            item.store = Store::Exchange;
        }
        capabilities.suit(item);
    }
}

const KINDS: [Kind; 11] = [
    Kind::Email,
    Kind::Contact,
    Kind::Appointment,
    Kind::Task,
    Kind::Appointment,
    Kind::Contact,
    Kind::MeetingRequest,
    Kind::RecurringAppointment,
    Kind::ServiceActivity,
    Kind::Task,
    Kind::Account,
];

fn item(choose: &mut impl Choose, calendar: &Calendar, setup: &Setup) -> ItemSetup {
    let kind = KINDS[choose.below(KINDS.len() as u32) as usize];
    let user = |choose: &mut _| UserId(Choose::below(choose, setup.users.len() as u32) as u8);
    let mut item = ItemSetup::new(kind, user(choose));
    item.when = when(choose, calendar, kind);
    if kind.is_crm_only() {
        item.in_crm = true;
        return item;
    }
    if kind.is_calendar() {
        item.organizer = if choose.chance(1, 4) { None } else { Some(user(choose)) };
        item.required = subset(choose, setup);
        item.optional = UserSet(subset(choose, setup).0 & !item.required.0);
    }
    if kind == Kind::Task && choose.chance(1, 4) {
        item.record = [Kind::PhoneCall, Kind::Letter, Kind::Fax][choose.below(3) as usize];
    }
    if kind == Kind::Task && choose.chance(1, 12) {
        item.store = if choose.chance(1, 2) { Store::OutlookDefault } else { Store::Elsewhere };
    }
    if kind != Kind::Email && choose.chance(1, 4) && kind != Kind::Contact {
        item.status = if choose.chance(2, 3) { Status::Completed } else { Status::Cancelled };
    }
    if kind == Kind::RecurringAppointment && choose.chance(1, 3) {
        item.exceptions = 1 << choose.below(3);
    }
    presence(choose, setup, &mut item);
    item
}

/// Where the item is at the start: mostly on both sides and tracked.
fn presence(choose: &mut impl Choose, setup: &Setup, item: &mut ItemSetup) {
    let some = |choose: &mut _| UserId(Choose::below(choose, setup.users.len() as u32) as u8);
    match choose.below(8) {
        0 => {}
        1 if item.kind != Kind::Email => item.in_crm = true,
        2 if item.kind != Kind::ServiceActivity => item.copies = UserSet::of(some(choose)),
        _ => {
            item.in_crm = true;
            item.copies = subset(choose, setup).with(some(choose));
            item.tracked = item.copies;
        }
    }
}

fn perturbed(choose: &mut impl Choose, calendar: &Calendar, setup: &Setup, like: ItemSetup) -> ItemSetup {
    let mut item = like;
    let user = |choose: &mut _| UserId(Choose::below(choose, setup.users.len() as u32) as u8);
    match choose.below(5) {
        0 => item.owner = user(choose),
        1 if item.kind.is_calendar() => item.organizer = Some(user(choose)),
        2 => item.when = when(choose, calendar, item.kind),
        3 if item.kind.is_task_like() => item.status = Status::Completed,
        _ if !item.kind.is_crm_only() => {
            (item.copies, item.tracked, item.in_crm) = (UserSet::EMPTY, UserSet::EMPTY, false);
            presence(choose, setup, &mut item);
        }
        _ => {}
    }
    item
}

fn when(choose: &mut impl Choose, calendar: &Calendar, kind: Kind) -> u8 {
    let date = match kind {
        Kind::RecurringAppointment => SERIES.0 + choose.below(SERIES.1) as u8,
        Kind::Appointment | Kind::MeetingRequest | Kind::ServiceActivity => 1 + choose.below(SINGLES) as u8,
        Kind::Task | Kind::PhoneCall | Kind::Letter | Kind::Fax => match choose.below(1 + DUE.1) as u8 {
            0 => 0,
            n => DUE.0 + n - 1,
        },
        Kind::Email | Kind::Contact | Kind::Account | Kind::Lead | Kind::Opportunity | Kind::Case => 0,
    };
    calendar.numbers[usize::from(date)]
}

fn subset(choose: &mut impl Choose, setup: &Setup) -> UserSet {
    UserSet(choose.below(1 << setup.users.len()) as u8)
}

/// How often, at most, the first of the priorities loses its place in a plan (the depth of PCT, and one).
const DEMOTIONS: u32 = 3;

/// Draws the steps of a plan in a world that [`setup`] drew, then heals: first a random core, one mailbox with its way to
/// the CRM, then everybody.
pub fn steps(choose: &mut impl Choose, mix: &Mix, setup: &Setup, steps: &mut Vec<Step>) {
    steps.clear();
    let calendar = Calendar::of(setup);
    let computers = setup.computers.len() as u32;
    let mut token = 0;
    let mut first = choose.below(computers + 1);
    for _ in 0..mix.length {
        let at = if mix.strategy == Strategy::Priorities {
            if choose.chance(DEMOTIONS, mix.length) {
                first = choose.below(computers + 1);
            }
            first
        } else {
            choose.below(computers + 1)
        };
        let place = if at == computers { Place::Web } else { Place::Computer(ComputerId(at as u8)) };
        let (draw, step) = step(choose, mix, (setup, calendar), place, &mut token);
        if makes_sense(setup, draw, &step) {
            steps.push(step);
        }
        if token == u8::MAX {
            // No title is left that was not given before.
            break;
        }
    }
    let settle = |by| Step { by, at: Place::Web, op: Op::Settle };
    let core = UserId(choose.below(setup.users.len() as u32) as u8);
    let own = setup.computers.iter().zip(0..).filter(|(computer, _)| computer.user == core);
    let chosen = own.clone().find(|(computer, _)| computer.synchronizing).or_else(|| own.clone().next());
    if let Some((_, id)) = chosen {
        heal(core, ComputerId(id), steps);
        // Whichever computer synchronized so far, the core needs one that does.
        steps.push(Step { by: core, at: Place::Computer(ComputerId(id)), op: Op::ChooseSynchronizingComputer });
    }
    steps.push(settle(core));
    for (computer, id) in setup.computers.iter().zip(0..) {
        heal(computer.user, ComputerId(id), steps);
    }
    steps.push(settle(core));
}

/// Whether a step can be said at all: a client has a computer, one opens only mailboxes that are one's own or delegated,
/// what lives in CRM only is not in Outlook, a series has only so many occurrences, and what is drawn for some kinds only is
/// done to those. Any other step is impossible whatever happens, so that it would only be skipped.
fn makes_sense(setup: &Setup, draw: &Draw, step: &Step) -> bool {
    let kind = |item: ItemId| setup.items[item.index()].kind;
    let in_outlook = match (step.op.side(), step.at) {
        (Some(Side::Outlook(mailbox)), Place::Web) => mailbox == step.by,
        (Some(Side::Outlook(mailbox)), Place::Computer(_)) => {
            mailbox == step.by || setup.users[mailbox.index()].delegates.contains(step.by)
        }
        (Some(Side::Crm) | None, _) => true,
    };
    let of_all = |suits: &dyn Fn(ItemId) -> bool| step.op.items().is_none_or(|items| items.iter().all(suits));
    let lives_there = || match step.op.side() {
        Some(Side::Outlook(_)) => of_all(&|item| !kind(item).is_crm_only()),
        Some(Side::Crm) | None => step.op.verb().acts() != Acts::Computer || step.at != Place::Web,
    };
    let suits = || {
        let operation = Operation::of(&step.op);
        let there = |item: ItemId| {
            let item = &setup.items[item.index()];
            let occurrences = setup.schedules[usize::from(item.when)].count;
            let one = step.op.occurrence().is_none_or(|n| n < occurrences);
            one && operation.is_none_or(|operation| operation.suits(item.kind))
        };
        !draw.fixes(Fixed::Suited) || of_all(&there)
    };
    in_outlook && lives_there() && suits()
}

fn heal(user: UserId, computer: ComputerId, steps: &mut Vec<Step>) {
    for op in [Op::Restart, Op::GoOnline { crash: None }, Op::Connect] {
        steps.push(Step { by: user, at: Place::Computer(computer), op });
    }
}

/// The operations in which a computer can crash, and how many there are.
const CRASHING: ([Verb; Verb::ALL.len()], usize) = {
    let (mut crashing, mut known) = ([Verb::ALL[0]; Verb::ALL.len()], 0);
    let mut n = 0;
    while n < Verb::ALL.len() {
        if Verb::ALL[n].has(PartKind::Crash) {
            crashing[known] = Verb::ALL[n];
            known += 1;
        }
        n += 1;
    }
    (crashing, known)
};

#[inline]
fn step(
    choose: &mut impl Choose,
    mix: &Mix,
    (setup, calendar): (&Setup, &Calendar),
    at: Place,
    token: &mut u8,
) -> (&'static Draw, Step) {
    let users = setup.users.len() as u32;
    let by = match at {
        Place::Computer(computer) => setup.computers[computer.index()].user,
        Place::Web => UserId(choose.below(users) as u8),
    };
    let items = setup.items.len() as u32;
    let item = ItemId(choose.below(items) as u8);
    let draw = mix.step(choose);
    let mailbox = if users > 1 && choose.chance(1, 4) { UserId(choose.below(users) as u8) } else { by };
    let mut verb = draw.verb;
    let mut crash = None;
    if draw.fixes(Fixed::Crash) {
        crash = Some(Crash { at: item, stage: Stage::ALL[1 + choose.below(3) as usize] });
        let (crashing, known) = CRASHING;
        verb = crashing[choose.below(known as u32) as usize];
    }
    if verb.effect() == Effect::Synchronizes {
        verb = match setup.users[by.index()].method {
            Method::ServerSide => Verb::ServerSynchronize,
            Method::OutlookClient => Verb::Synchronize,
        };
    }
    let other = if verb.has(PartKind::Other) { ItemId(choose.below(items) as u8) } else { item };
    let (at, mailbox) = match verb.acts() {
        Acts::Server => (Place::Web, by),
        Acts::World => (Place::Web, mailbox),
        Acts::Store | Acts::Outlook | Acts::Crm | Acts::Computer | Acts::Dialog => (at, mailbox),
    };
    let Ok(op) = verb.make(&mut Drawing { choose, setup, calendar, draw, item, mailbox, other, crash, token });
    (draw, Step { by, at, op })
}

/// Gives an operation parts by chance, as far as the draw does not fix them.
struct Drawing<'d, C> {
    choose: &'d mut C,
    setup: &'d Setup,
    calendar: &'d Calendar,
    draw: &'static Draw,
    item: ItemId,
    mailbox: UserId,
    other: ItemId,
    crash: Option<Crash>,
    /// The title that was given last.
    token: &'d mut u8,
}

impl<C: Choose> Source for Drawing<'_, C> {
    type Error = Infallible;

    #[inline]
    fn item(&mut self, _: &'static PartRow) -> Result<ItemId, Infallible> {
        Ok(self.item)
    }

    /// Mostly one item; now and then a selection.
    #[inline]
    fn items(&mut self, _: &'static PartRow) -> Result<ItemSet, Infallible> {
        let several = !self.draw.fixes(Fixed::Single) && self.choose.chance(1, 8);
        let others = if several { self.choose.below(1 << self.setup.items.len()) } else { 0 };
        Ok(ItemSet(others).with(self.item))
    }

    #[inline]
    fn side(&mut self, _: &'static PartRow) -> Result<Side, Infallible> {
        let outlook = self.draw.fixes(Fixed::Outlook) || !self.draw.fixes(Fixed::Crm) && self.choose.chance(1, 2);
        Ok(if outlook { Side::Outlook(self.mailbox) } else { Side::Crm })
    }

    #[inline]
    fn mailbox(&mut self, _: &'static PartRow) -> Result<UserId, Infallible> {
        Ok(self.mailbox)
    }

    #[inline]
    fn other(&mut self, _: &'static PartRow) -> Result<ItemId, Infallible> {
        Ok(self.other)
    }

    #[inline]
    fn user(&mut self, _: &'static PartRow) -> Result<UserId, Infallible> {
        Ok(UserId(self.choose.below(self.setup.users.len() as u32) as u8))
    }

    #[inline]
    fn change(&mut self, _: &'static PartRow) -> Result<Change, Infallible> {
        if !self.draw.fixes(Fixed::When) {
            *self.token = self.token.wrapping_add(1).max(1);
            return Ok(Change::Title(*self.token));
        }
        let item = &self.setup.items[self.item.index()];
        let when = when(self.choose, self.calendar, item.kind);
        // A series keeps its length, or occurrences would appear from nowhere.
        Ok(Change::When(if item.kind == Kind::RecurringAppointment { item.when } else { when }))
    }

    #[inline]
    fn how(&mut self, _: &'static PartRow) -> Result<Deletion, Infallible> {
        let one = self.draw.fixes(Fixed::Occurrence);
        Ok(if one { Deletion::Occurrence(self.choose.below(3) as u8) } else { Deletion::Hard })
    }

    #[inline]
    fn record(&mut self, _: &'static PartRow) -> Result<Option<Kind>, Infallible> {
        let other = self.draw.fixes(Fixed::OtherRecord);
        Ok(other.then(|| [Kind::PhoneCall, Kind::Letter, Kind::Fax][self.choose.below(3) as usize]))
    }

    #[inline]
    fn answer(&mut self, _: &'static PartRow) -> Result<bool, Infallible> {
        Ok(self.choose.chance(1, 2))
    }

    #[inline]
    fn crash(&mut self, _: &'static PartRow) -> Result<Option<Crash>, Infallible> {
        Ok(self.crash)
    }

    #[inline]
    fn seconds(&mut self, _: &'static PartRow) -> Result<Seconds, Infallible> {
        Ok([1, 30 * MINUTE, HOUR, DAY, 30 * DAY][self.choose.below(5) as usize])
    }
}
