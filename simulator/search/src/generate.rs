//! The generator: related starting worlds, and steps in them, from any source of choices.
//!
//! It does not know what is possible: it draws a step for somebody somewhere, and the oracle skips what makes no sense.
//! Building a list of the enabled operations at every step would cost more than running the model.

use std::sync::LazyLock;

use chrono::{DateTime, TimeZone, Utc};
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, MAX_SLOTS, UserId, UserSet};
use tombstone_model::implementation::{Capabilities, Operation};
use tombstone_model::options::Options;
use tombstone_model::plan::{
    Acts, Change, ComputerSetup, Crash, Deletion, ItemSetup, Kind, Method, Op, Place, Setup, Side, Stage, Status, Step,
    Store, UserSetup,
};
use tombstone_model::time::{Schedule, Schedules, Seconds, Zone};

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

/// What a step can be, as the generator draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Draw {
    EditOutlook,
    EditCrm,
    MoveOutlook,
    MoveCrm,
    DeleteOutlook,
    DeleteCrm,
    DeleteOccurrence,
    Create,
    Track,
    TrackAs,
    Untrack,
    SetRegarding,
    SetParent,
    CompleteOutlook,
    CompleteCrm,
    Cancel,
    Assign,
    ChangeOrganizer,
    Connect,
    Disconnect,
    GoOffline,
    GoOnline,
    Synchronize,
    Crash,
    Restart,
    Choose,
    Wait,
    Settle,
}

const DRAWS: [Draw; 28] = [
    Draw::EditOutlook,
    Draw::EditCrm,
    Draw::MoveOutlook,
    Draw::MoveCrm,
    Draw::DeleteOutlook,
    Draw::DeleteCrm,
    Draw::DeleteOccurrence,
    Draw::Create,
    Draw::Track,
    Draw::TrackAs,
    Draw::Untrack,
    Draw::SetRegarding,
    Draw::SetParent,
    Draw::CompleteOutlook,
    Draw::CompleteCrm,
    Draw::Cancel,
    Draw::Assign,
    Draw::ChangeOrganizer,
    Draw::Connect,
    Draw::Disconnect,
    Draw::GoOffline,
    Draw::GoOnline,
    Draw::Synchronize,
    Draw::Crash,
    Draw::Restart,
    Draw::Choose,
    Draw::Wait,
    Draw::Settle,
];

/// The mix of probabilities that one plan is drawn with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    /// The strategy.
    pub strategy: Strategy,
    weights: [u8; DRAWS.len()],
    /// The sum of the weights up to each, itself included.
    sums: [u16; DRAWS.len()],
    /// How many steps are drawn before healing.
    pub length: u32,
    /// The most users, computers a user, and items.
    pub size: (u32, u32, u32),
}

impl Mix {
    /// Draws the mix of a plan.
    pub fn draw(choose: &mut impl Choose, strategy: Strategy) -> Self {
        let mut weights = [4u8; DRAWS.len()];
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
        // Without any synchronization there is little to see.
        let synchronize = &mut weights[Draw::Synchronize as usize];
        *synchronize = (*synchronize).max(8);
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
    fn step(&self, choose: &mut impl Choose) -> Draw {
        let at = choose.below(u32::from(self.sums[DRAWS.len() - 1]));
        let passed = self.sums.iter().map(|&sum| usize::from(u32::from(sum) <= at)).sum::<usize>();
        DRAWS[passed.min(DRAWS.len() - 1)]
    }

    /// The mix as one line, for people.
    pub fn describe(&self) -> String {
        let weights = self.weights.iter().zip(DRAWS).filter(|(weight, _)| **weight > 0);
        let weights: Vec<String> = weights.map(|(weight, draw)| format!("{draw:?}:{weight}")).collect();
        let (users, computers, items) = self.size;
        format!(
            "{}, {} steps, {users} users × {computers} computers, {items} items; {}",
            self.strategy.name(),
            self.length,
            weights.join(" ")
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

/// The same, into the memory of another.
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
            may_delete: !choose.chance(1, 8),
            options: Options::DEFAULT,
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
        if !general(Operation::Several)
            && let Op::Track { items, .. } | Op::Untrack { items, .. } | Op::SetRegarding { items, .. } = &mut step.op
        {
            *items = items.iter().take(1).collect();
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
        setup.users[0].may_delete = true;
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
    let known = |kind: Kind| kind.is_crm_only() || capabilities.kinds[kind as usize].operations.0 != 0;
    let usual = KINDS.into_iter().find(|&kind| !kind.is_crm_only() && known(kind));
    for item in &mut setup.items {
        if !known(item.kind)
            && let Some(kind) = usual
        {
            *item = ItemSetup {
                copies: item.copies,
                tracked: item.tracked,
                in_crm: item.in_crm,
                ..ItemSetup::new(kind, item.owner)
            };
        }
        if !known(item.record) {
            item.record = item.kind.record();
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
            (item.owner, item.organizer) = (UserId(0), item.kind.is_calendar().then_some(UserId(0)));
            (item.store, item.assigned) = (Store::Exchange, false);
        }
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
        let step = step(choose, mix, (setup, calendar), place, &mut token);
        if makes_sense(setup, &step) {
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
/// what lives in CRM only is not in Outlook, and what only some kinds have is done to those kinds. Any other step is
/// impossible whatever happens, so that it would only be skipped.
fn makes_sense(setup: &Setup, step: &Step) -> bool {
    let kind = |item: ItemId| setup.items[item.index()].kind;
    let in_outlook = match (step.op.side(), step.at) {
        (Some(Side::Outlook(mailbox)), Place::Web) => mailbox == step.by,
        (Some(Side::Outlook(mailbox)), Place::Computer(_)) => {
            mailbox == step.by || setup.users[mailbox.index()].delegates.contains(step.by)
        }
        (Some(Side::Crm) | None, _) => true,
    };
    let lives_there = || match step.op.side() {
        Some(Side::Outlook(_)) => {
            step.op.items().is_none_or(|items| items.iter().all(|item| !kind(item).is_crm_only()))
        }
        Some(Side::Crm) | None => true,
    };
    let suits = || {
        if let Op::Delete { item, how: Deletion::Occurrence(n), .. } = step.op {
            let item = &setup.items[item.index()];
            item.kind == Kind::RecurringAppointment && n < setup.schedules[usize::from(item.when)].count
        } else if let Op::ChangeOrganizer { item, .. } = step.op {
            kind(item).is_calendar()
        } else if let Op::Track { items, record: Some(_), .. } = step.op {
            items.iter().all(|item| kind(item) == Kind::Task)
        } else {
            step.op.verb().acts() != Acts::Computer || step.at != Place::Web
        }
    };
    in_outlook && lives_there() && suits()
}

fn heal(user: UserId, computer: ComputerId, steps: &mut Vec<Step>) {
    for op in [Op::Restart, Op::GoOnline { crash: None }, Op::Connect] {
        steps.push(Step { by: user, at: Place::Computer(computer), op });
    }
}

#[inline]
fn step(
    choose: &mut impl Choose,
    mix: &Mix,
    (setup, calendar): (&Setup, &Calendar),
    at: Place,
    token: &mut u8,
) -> Step {
    let users = setup.users.len() as u32;
    let by = match at {
        Place::Computer(computer) => setup.computers[computer.index()].user,
        Place::Web => UserId(choose.below(users) as u8),
    };
    let item = ItemId(choose.below(setup.items.len() as u32) as u8);
    let draw = mix.step(choose);
    let mailbox = if users > 1 && choose.chance(1, 4) { UserId(choose.below(users) as u8) } else { by };
    let outlook = Side::Outlook(mailbox);
    let mut title = || {
        *token = token.wrapping_add(1).max(1);
        Change::Title(*token)
    };
    let side = |choose: &mut _| if Choose::chance(choose, 1, 2) { outlook } else { Side::Crm };
    let op = match draw {
        Draw::EditOutlook => Op::Edit { item, side: outlook, change: title() },
        Draw::EditCrm => Op::Edit { item, side: Side::Crm, change: title() },
        Draw::MoveOutlook | Draw::MoveCrm => {
            let side = if draw == Draw::MoveOutlook { outlook } else { Side::Crm };
            let when = when(choose, calendar, setup.items[item.index()].kind);
            // A series keeps its length, or occurrences would appear from nowhere.
            let same = setup.items[item.index()].kind == Kind::RecurringAppointment;
            let when = if same { setup.items[item.index()].when } else { when };
            Op::Edit { item, side, change: Change::When(when) }
        }
        Draw::DeleteOutlook => Op::Delete { item, side: outlook, how: Deletion::Hard },
        Draw::DeleteCrm => Op::Delete { item, side: Side::Crm, how: Deletion::Hard },
        Draw::DeleteOccurrence => {
            let side = side(choose);
            Op::Delete { item, side, how: Deletion::Occurrence(choose.below(3) as u8) }
        }
        Draw::Create => Op::Create { item, side: side(choose) },
        Draw::Track => Op::Track { items: selection(choose, setup, item), mailbox, record: None },
        Draw::TrackAs => {
            let record = [Kind::PhoneCall, Kind::Letter, Kind::Fax][choose.below(3) as usize];
            Op::Track { items: ItemSet::of(item), mailbox, record: Some(record) }
        }
        Draw::Untrack => Op::Untrack { items: selection(choose, setup, item), mailbox, yes: choose.chance(1, 2) },
        Draw::SetRegarding => {
            let to = ItemId(choose.below(setup.items.len() as u32) as u8);
            Op::SetRegarding { items: ItemSet::of(item), side: side(choose), to }
        }
        Draw::SetParent => {
            let to = ItemId(choose.below(setup.items.len() as u32) as u8);
            Op::SetParent { item, side: side(choose), to }
        }
        Draw::CompleteOutlook => Op::Complete { item, side: outlook },
        Draw::CompleteCrm => Op::Complete { item, side: Side::Crm },
        Draw::Cancel => Op::Cancel { item },
        Draw::Assign => Op::Assign { item, to: UserId(choose.below(users) as u8) },
        Draw::ChangeOrganizer => Op::ChangeOrganizer { item, to: UserId(choose.below(users) as u8) },
        Draw::Connect => Op::Connect,
        Draw::Disconnect => Op::Disconnect,
        Draw::GoOffline => Op::GoOffline { crash: None },
        Draw::GoOnline => Op::GoOnline { crash: None },
        Draw::Synchronize => match setup.users[by.index()].method {
            Method::ServerSide => Op::ServerSynchronize { mailbox: by, crash: None },
            Method::OutlookClient => Op::Synchronize { crash: None },
        },
        Draw::Crash => {
            let stage = Stage::ALL[1 + choose.below(3) as usize];
            let crash = Some(Crash { at: item, stage });
            match (choose.below(4), setup.users[by.index()].method) {
                (0, _) => Op::GoOffline { crash },
                (1, _) => Op::GoOnline { crash },
                (_, Method::ServerSide) => Op::ServerSynchronize { mailbox: by, crash },
                (_, Method::OutlookClient) => Op::Synchronize { crash },
            }
        }
        Draw::Restart => Op::Restart,
        Draw::Choose => Op::ChooseSynchronizingComputer,
        Draw::Wait => Op::Wait { seconds: [1, 30 * MINUTE, HOUR, DAY, 30 * DAY][choose.below(5) as usize] },
        Draw::Settle => Op::Settle,
    };
    let at = if matches!(op.verb().acts(), Acts::Server | Acts::World) { Place::Web } else { at };
    Step { by, at, op }
}

/// Mostly one item; now and then a selection.
fn selection(choose: &mut impl Choose, setup: &Setup, item: ItemId) -> ItemSet {
    if choose.chance(1, 8) { ItemSet(choose.below(1 << setup.items.len())).with(item) } else { ItemSet::of(item) }
}
