//! Benchmarks of programs behind the adapter protocol: what a synchronization costs, over the size of the world.
//!
//! The oracle is not asked here: worlds are set up in the words of the protocol, so that they may be as large as the
//! implementation bears. Every message is timed by the process host; this module reads the clock only to keep within its
//! bound. Implementations that are compared take turns, so that a busy machine is busy for all of them.

mod overhead;
mod watch;

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use tombstone_model::contract::implementation::{
    Answer, Capabilities, Implementation, ImplementationFailure, Operation,
};
use tombstone_model::plan::{Kind, Method, Status, Store, Verb};
use tombstone_model::view::Field;

use crate::ChildImplementation;
use crate::protocol::{
    ComputerMessage, Dates, EditChange, ItemMessage, Reset, StepMessage, StoreEntry, User, WireOp, address, title,
};
use crate::words::KindWord;

use watch::Watch;

pub use overhead::{Overhead, overhead};

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Workload {
    /// Everything is new.
    Initial,
    /// Nothing has changed.
    Quiet,
    /// One of all has changed.
    OneEdit,
    /// Everything is deleted.
    DeletionStorm,
    /// Many computers synchronize one change.
    ManyComputers,
    /// Everything was edited on both sides.
    Conflicts,
}

impl Workload {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Initial, Self::Quiet, Self::OneEdit, Self::DeletionStorm, Self::ManyComputers, Self::Conflicts];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Quiet => "no-change",
            Self::OneEdit => "one-edit",
            Self::DeletionStorm => "deletion-storm",
            Self::ManyComputers => "many-computers",
            Self::Conflicts => "conflicts",
        }
    }

    /// What it does, in one line.
    pub fn title(self) -> &'static str {
        match self {
            Self::Initial => "the first synchronization of N items",
            Self::Quiet => "a synchronization of N items of which none has changed",
            Self::OneEdit => "a synchronization of N items of which one was edited",
            Self::DeletionStorm => "a synchronization after all N items were deleted in Outlook",
            Self::ManyComputers => "one edit among 20 items, carried to N computers of one user",
            Self::Conflicts => "a synchronization after all N items were edited on both sides",
        }
    }

    /// What its size counts.
    pub fn size(self) -> &'static str {
        match self {
            Self::ManyComputers => "computers",
            Self::Initial | Self::Quiet | Self::OneEdit | Self::DeletionStorm | Self::Conflicts => "items",
        }
    }

    /// The operations on items that it takes.
    fn needs(self) -> &'static [Operation] {
        match self {
            Self::Initial => &[Operation::CreateInOutlook, Operation::Track],
            Self::Quiet => &[],
            Self::OneEdit | Self::ManyComputers => &[Operation::EditInOutlook],
            Self::DeletionStorm => &[Operation::DeleteInOutlook],
            Self::Conflicts => &[Operation::EditInOutlook, Operation::EditInCrm],
        }
    }

    /// The sizes, up to the largest wished for.
    fn sizes(self, most: u64) -> Vec<u64> {
        match self {
            Self::ManyComputers => vec![1, 2, 5, 10],
            Self::Initial | Self::Quiet | Self::OneEdit | Self::DeletionStorm | Self::Conflicts => {
                std::iter::successors(Some(10), |size| Some(size * 10)).take_while(|size| *size <= most).collect()
            }
        }
    }
}

/// What was measured of one implementation at one size of one workload.
#[derive(Clone, Debug)]
pub struct Point {
    /// The workload.
    pub workload: Workload,
    /// The implementation, as an index into those that took part.
    pub contender: usize,
    /// The size.
    pub size: u64,
    /// The latency of each method, in nanoseconds.
    pub latencies: BTreeMap<&'static str, Histogram<u64>>,
    /// The time until nothing changed any more, in nanoseconds, one a repetition.
    pub convergence: Histogram<u64>,
    /// The measured values one by one, for the confidence.
    samples: Vec<f64>,
    /// Steps in one repetition.
    pub steps: u64,
    /// Messages in one repetition, both ways.
    pub messages: u64,
    /// Bytes in one repetition, both ways.
    pub bytes: u64,
}

impl Point {
    fn new(workload: Workload, contender: usize, size: u64) -> Self {
        let (latencies, samples) = (BTreeMap::new(), Vec::new());
        let (steps, messages, bytes) = (0, 0, 0);
        Self { workload, contender, size, latencies, convergence: histogram(), samples, steps, messages, bytes }
    }

    /// How many repetitions were measured.
    pub fn repetitions(&self) -> usize {
        self.samples.len()
    }

    /// The mean time to convergence and half the width of its 95 % confidence interval, in seconds.
    pub fn mean(&self) -> (f64, f64) {
        let count = self.samples.len() as f64;
        let mean = self.samples.iter().sum::<f64>() / count.max(1.0);
        let squares: f64 = self.samples.iter().map(|sample| (sample - mean).powi(2)).sum();
        let deviation = (squares / (count - 1.0).max(1.0)).sqrt();
        // Student's t for 1, 2, 3, … degrees of freedom.
        const T: [f64; 10] = [12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23];
        let t = T.get(self.samples.len().saturating_sub(2)).copied().unwrap_or(2.0);
        (mean, t * deviation / count.max(1.0).sqrt())
    }

    /// Items, or computers, a second.
    pub fn throughput(&self) -> f64 {
        let (mean, _) = self.mean();
        if mean > 0.0 { self.size as f64 / mean } else { 0.0 }
    }
}

fn histogram() -> Histogram<u64> {
    // Three significant digits cannot be refused.
    Histogram::new(3).unwrap_or_else(|_| unreachable!("three significant digits are between 0 and 5"))
}

/// What to keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BenchLimits {
    /// The largest world.
    pub most: u64,
    /// The time for everything.
    pub time: Duration,
    /// The most repetitions of one point.
    pub repetitions: u32,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// The points, by workload, size and implementation.
    pub points: Vec<Point>,
    /// What could not be measured, and why.
    pub skipped: Vec<String>,
}

/// The fewest repetitions of which an interval can be given.
const FEWEST: u32 = 3;

/// Measures implementations in turn. What takes too long is left out, and said.
pub fn measure(contenders: &mut [ChildImplementation], workloads: &[Workload], bounds: BenchLimits) -> Measured {
    let mut measured = Measured::default();
    let started = Watch::start();
    for (n, &workload) in workloads.iter().enumerate() {
        // What one workload leaves of its share goes to the ones after it.
        let share = bounds.time.saturating_sub(started.elapsed()) / u32::try_from(workloads.len() - n).unwrap_or(1);
        let began = Watch::start();
        let mut fit: Vec<usize> = Vec::new();
        for (contender, child) in contenders.iter().enumerate() {
            match kind_for(workload, &child.describe().capabilities) {
                Ok(_) => fit.push(contender),
                Err(why) => measured.skipped.push(format!("{}: {}: {why}", workload.name(), child.describe().name)),
            }
        }
        let mut last = Duration::ZERO;
        for size in workload.sizes(bounds.most) {
            let left = share.saturating_sub(began.elapsed());
            // Ten times as much takes at least ten times as long; the warm-up and the repetitions come on top.
            if fit.is_empty() || !last.is_zero() && last * 10 > left {
                if !fit.is_empty() {
                    measured.skipped.push(format!("{} at {size}: it would take too long", workload.name()));
                }
                break;
            }
            let at = Watch::start();
            let points = point(contenders, &mut fit, workload, size, (left, bounds.repetitions), &mut measured.skipped);
            let runs = points.iter().map(Point::repetitions).max().unwrap_or(1).max(1) + 1;
            last = at.elapsed() / u32::try_from(runs).unwrap_or(1);
            measured.points.extend(points);
        }
    }
    measured
}

fn point(
    contenders: &mut [ChildImplementation],
    fit: &mut Vec<usize>,
    workload: Workload,
    size: u64,
    (time, most): (Duration, u32),
    skipped: &mut Vec<String>,
) -> Vec<Point> {
    let mut points: Vec<Point> = fit.iter().map(|&contender| Point::new(workload, contender, size)).collect();
    let began = Watch::start();
    // The first round warms up and is thrown away.
    for round in 0..=most.max(FEWEST) {
        for point in &mut points {
            let child = &mut contenders[point.contender];
            match once(child, workload, size) {
                Ok(once) if round > 0 => once.add_to(point),
                Ok(_) => {}
                Err(failure) => {
                    let name = &child.describe().name;
                    skipped.push(format!("{} at {size}: {name}: {}", workload.name(), failure.message));
                    fit.retain(|contender| *contender != point.contender);
                }
            }
        }
        points.retain(|point| fit.contains(&point.contender));
        // A third of what is left, since the next size takes ten times as long.
        if points.is_empty() || round >= FEWEST && began.elapsed() * 3 > time {
            break;
        }
    }
    points
}

/// One repetition.
#[derive(Debug, Default)]
struct Once {
    latencies: Vec<(&'static str, Duration)>,
    convergence: Duration,
    steps: u64,
    traffic: (u64, u64),
}

impl Once {
    fn add_to(self, point: &mut Point) {
        for (method, took) in self.latencies {
            // Beyond what the histogram holds (some hundred years) nothing is measured.
            let _ = point.latencies.entry(method).or_insert_with(histogram).record(nanoseconds(took));
        }
        let _ = point.convergence.record(nanoseconds(self.convergence));
        point.samples.push(self.convergence.as_secs_f64());
        (point.steps, point.messages, point.bytes) = (self.steps, self.traffic.0, self.traffic.1);
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The kind of item that an implementation can do this with.
fn kind_for(workload: Workload, capabilities: &Capabilities) -> Result<Kind, String> {
    let has = |operation| capabilities.operations.contains(operation);
    if !has(Operation::Synchronize) && !has(Operation::ServerSynchronize) {
        return Err("it cannot be told to synchronize".to_owned());
    }
    if workload == Workload::ManyComputers && !capabilities.computers {
        return Err("it knows one computer only".to_owned());
    }
    let kinds = [Kind::Contact, Kind::Task, Kind::Appointment, Kind::Email];
    let able = |kind: &Kind| {
        let own = capabilities.kinds[*kind as usize].operations;
        let titled = capabilities.fields(*kind) & Field::Title.mask() != 0;
        let edited = workload.needs().iter().any(|it| matches!(it, Operation::EditInOutlook | Operation::EditInCrm));
        let dated = *kind != Kind::Appointment || capabilities.fields(*kind) & Field::When.mask() != 0;
        capabilities.holds(*kind)
            && dated
            && (titled || !edited)
            && workload.needs().iter().all(|operation| own.contains(*operation))
    };
    let names = || workload.needs().iter().map(|operation| operation.name()).collect::<Vec<_>>().join(", ");
    kinds.into_iter().find(able).ok_or_else(|| format!("no kind of item has {}", names()))
}

const USER: &str = "user";

fn computer(n: u64) -> String {
    format!("computer-{n}")
}

fn once(child: &mut ChildImplementation, workload: Workload, size: u64) -> Result<Once, ImplementationFailure> {
    let capabilities = child.describe().capabilities.clone();
    let kind = kind_for(workload, &capabilities).map_err(ImplementationFailure::definite)?;
    let server = !capabilities.operations.contains(Operation::Synchronize);
    let (items, computers) = if workload == Workload::ManyComputers { (20, size) } else { (size, 1) };
    let mut once = Once::default();
    let before = child.traffic();
    child.reset_to(world(kind, items, computers, server, workload != Workload::Initial))?;
    once.latencies.push(("reset", child.took()));
    let outlook = |op| StepMessage { by: USER.to_owned(), computer: Some(computer(0)), op };
    let web = |op| StepMessage { by: USER.to_owned(), computer: None, op };
    let mailbox = || Some(USER.to_owned());
    let edit = |n: u64, side: Option<String>, token| WireOp {
        change: Some(EditChange::Title(title(&name(n), token))),
        ..WireOp::on(Verb::Edit, name(n), side)
    };
    let steps: Vec<StepMessage> = match workload {
        Workload::Initial => {
            let create = (0..items).map(|n| outlook(WireOp::on(Verb::Create, name(n), mailbox())));
            let track = |n| WireOp::on(Verb::Track, name(n), mailbox());
            create.chain((0..items).map(|n| outlook(track(n)))).collect()
        }
        Workload::Quiet => Vec::new(),
        Workload::OneEdit | Workload::ManyComputers => vec![outlook(edit(0, mailbox(), 1))],
        Workload::DeletionStorm => {
            let delete = |n| WireOp::on(Verb::Delete, name(n), mailbox());
            (0..items).map(|n| outlook(delete(n))).collect()
        }
        Workload::Conflicts => {
            let ours = (0..items).map(|n| outlook(edit(n, mailbox(), 1)));
            ours.chain((0..items).map(|n| web(edit(n, None, 2)))).collect()
        }
    };
    once.steps += steps.len() as u64;
    if !steps.is_empty() {
        let answers = child.take_all(steps);
        once.latencies.push(("apply", child.took()));
        answers.into_iter().try_for_each(done)?;
    }
    let mut seen: Vec<StoreEntry> = Vec::new();
    for round in 0..tombstone_model::contract::implementation::SETTLE_ROUNDS {
        for n in 0..if server { 1 } else { computers } {
            let step = if server {
                web(WireOp { mailbox: mailbox(), ..WireOp::new(Verb::ServerSynchronize) })
            } else {
                StepMessage { computer: Some(computer(n)), ..outlook(WireOp::new(Verb::Synchronize)) }
            };
            once.steps += 1;
            let answers = child.take_all(vec![step]);
            once.latencies.push(("synchronize", child.took()));
            once.convergence += child.took();
            answers.into_iter().try_for_each(done)?;
        }
        let snapshot = child.observe_all()?;
        once.latencies.push(("observe", child.took()));
        if workload == Workload::Quiet || round > 0 && snapshot.entries == seen {
            let after = child.traffic();
            once.traffic = (after.0.saturating_sub(before.0), after.1.saturating_sub(before.1));
            return Ok(once);
        }
        seen = snapshot.entries;
    }
    Err(ImplementationFailure::definite("it does not come to rest"))
}

fn done(answer: Answer) -> Result<(), ImplementationFailure> {
    match answer {
        // A computer that is not the synchronizing one has nothing to do.
        Answer::Done { .. } | Answer::Offered(_) | Answer::Refused => Ok(()),
        Answer::Unsupported(why) => Err(ImplementationFailure::definite(format!("it declined: {why}"))),
        Answer::Failed(failure) => Err(failure),
    }
}

fn name(n: u64) -> String {
    format!("item-{n}")
}

fn world(kind: Kind, items: u64, computers: u64, server: bool, there: bool) -> Reset {
    let user = || vec![USER.to_owned()];
    let dates = match kind {
        Kind::Appointment => Dates {
            start: Some("2017-04-05T09:00:00Z".to_owned()),
            end: Some("2017-04-05T10:00:00Z".to_owned()),
            ..Dates::default()
        },
        Kind::Email
        | Kind::Contact
        | Kind::Task
        | Kind::MeetingRequest
        | Kind::RecurringAppointment
        | Kind::PhoneCall
        | Kind::Letter
        | Kind::Fax
        | Kind::ServiceActivity
        | Kind::Account
        | Kind::Lead
        | Kind::Opportunity
        | Kind::Case => Dates::default(),
    };
    let method = if server { Method::ServerSide } else { Method::OutlookClient };
    let item = |n| ItemMessage {
        name: name(n),
        kind: KindWord(kind),
        record: KindWord(kind),
        title: title(&name(n), 0),
        address: (kind == Kind::Contact).then(|| address(&name(n))),
        copies: if there { user() } else { Vec::new() },
        tracked: if there { user() } else { Vec::new() },
        in_crm: there,
        owner: USER.to_owned(),
        organizer: (kind == Kind::Appointment).then(|| USER.to_owned()),
        required: Vec::new(),
        optional: Vec::new(),
        status: if kind == Kind::Email { Status::Completed } else { Status::Open }.into(),
        dates: dates.clone(),
        exceptions: Vec::new(),
        regarding: None,
        parent: None,
        folder: Store::Exchange.into(),
        assigned: false,
    };
    let computers =
        (0..computers).map(|n| ComputerMessage { name: computer(n), user: USER.to_owned(), synchronizing: n == 0 });
    Reset {
        deadline_ms: 0,
        now: "2016-03-01T09:00:00Z".to_owned(),
        zone: "UTC".to_owned(),
        users: vec![User {
            name: USER.to_owned(),
            address: address(USER),
            method: method.into(),
            delegates: Vec::new(),
            may_create: true,
            may_write: true,
            may_delete: true,
        }],
        computers: computers.collect(),
        items: (0..items).map(item).collect(),
        schedules: vec![Dates::default(), dates.clone()],
    }
}
