//! Kills: the engine is killed inside a synchronization (`kill -9`), started again and synchronized to rest, and what the
//! stores then hold is compared with what the same implementation leaves when nobody kills it.
//!
//! So the implementation is its own witness: whatever it does with a deletion, a kill must not change what comes of it.
//! Something may not be lost, doubled or resurrected, and no change forgotten. Where a kill falls is a matter of
//! milliseconds, and differs from run to run; what may come of it does not.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tombstone_adapter::protocol::DisasterWord;
use tombstone_adapter::{ChildImplementation, Launch};
use tombstone_model::contract::implementation::{
    Answer, Capabilities, EngineOutcome, Implementation, ImplementationFailure, Operation,
};
use tombstone_model::contract::reset::reset;
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, Deletion, ItemSetup, Kind, Method, Names, Op, Place, Plan, Rights, Setup, Side, Step,
    UserSetup,
};
use tombstone_model::time::{Schedule, Schedules, Zone};
use tombstone_model::verdict::Check;
use tombstone_model::view::{Location, View, Word};
use tombstone_model::words;
use tombstone_reports::events::{CaseJudged, Event};
use tombstone_reports::{self as reports, CaseReport, CommandLine, Verdict};
use tombstone_search::choose::{Choose, Seeded, sub_seed};

use crate::confirm;
use crate::findings;
use crate::log::Log;

/// The most rounds of synchronization until it must be at rest.
pub(crate) const ROUNDS: usize = 6;

/// What came of the kills.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kills {
    /// How often the engine was to be killed.
    pub rounds: u64,
    /// How often it was killed before it had finished, as the adapter says.
    pub landed: u64,
    /// How often it had finished by then, as the adapter says.
    pub finished: u64,
    /// What went wrong, the first of each sort, and how often.
    pub wrong: BTreeMap<Check, (Wrong, u64)>,
    /// Why it could not be carried through, and how often.
    pub broken: BTreeMap<String, u64>,
}

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// How long after its start the engine was killed.
    pub delay: Duration,
    /// What was expected: what is there without the kill.
    pub expected: String,
    /// What was seen.
    pub seen: String,
}

pub(crate) const USER: UserId = UserId(0);
const COMPUTER: ComputerId = ComputerId(0);
/// Kinds of which every implementation keeps some.
const KINDS: [Kind; 4] = [Kind::Email, Kind::Contact, Kind::Appointment, Kind::Task];

impl fmt::Display for Kills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rounds, landed, finished, .. } = self;
        write!(
            f,
            "of {rounds} kills {landed} fell inside a synchronization; in {finished} the engine had finished before"
        )?;
        let untold = rounds.saturating_sub(landed + finished);
        if untold > 0 {
            write!(f, "; of {untold} it is not said")?;
        }
        Ok(())
    }
}

/// Whether an implementation says that it can be killed, and can be told when to synchronize. That it knows the step of a
/// crash is another matter.
pub fn possible(child: &ChildImplementation) -> bool {
    let capabilities = &child.describe().capabilities;
    let killed = child.introduction().capabilities.disasters.contains(&DisasterWord::Kill);
    killed && capabilities.operations.contains(Operation::Synchronize) && !plan(capabilities).steps.is_empty()
}

/// Tells the case of an engine that was killed inside its synchronizations, and returns what came of the kills
/// where some were tried; no case where it cannot be killed, unless that was `asked`. `line` is the command that does it
/// again. What is not seen again, when a fresh start of the program is killed as often, is unstable.
pub fn case(
    launch: &Launch,
    (times, seed): (u64, u64),
    line: &CommandLine,
    asked: bool,
    log: &mut Log,
) -> Option<Kills> {
    if times == 0 {
        return None;
    }
    let (case, kills) = tried(launch, (times, seed), line, asked, log)?;
    log.tell(Event::CaseJudged(Box::new(CaseJudged { case, ..CaseJudged::default() })));
    kills
}

/// The id of the case of all kills.
pub const CASE: &str = "faults-from-outside/killed-inside-a-synchronization";

fn tried(
    launch: &Launch,
    (times, seed): (u64, u64),
    line: &CommandLine,
    asked: bool,
    log: &mut Log,
) -> Option<(CaseReport, Option<Kills>)> {
    let mut case = CaseReport {
        id: CASE.to_owned(),
        beside: true,
        title: "Killed inside a synchronization and started again, the engine loses, doubles and resurrects nothing"
            .to_owned(),
        ..CaseReport::default()
    };
    let mut child = match ChildImplementation::start(launch.clone()) {
        Ok(child) => child,
        Err(fault) => {
            (case.verdict, case.reason) = (Verdict::Broken, fault.to_string());
            return Some((case, None));
        }
    };
    if !possible(&child) {
        let why = "`kill` is not among the `disasters` that it declares, or it cannot be told to synchronize";
        (case.verdict, case.reason) = (Verdict::Unsupported, why.to_owned());
        return asked.then_some((case, None));
    }
    let killed = kill(&mut child, times, seed);
    if let Err(failure) = child.end() {
        log.tell(findings::ending(&failure));
    }
    let kills = match killed {
        Ok(kills) => kills,
        Err(failure) => {
            case.verdict = if failure.declined { Verdict::Unsupported } else { Verdict::Broken };
            case.reason = failure.message.into();
            return Some((case, None));
        }
    };
    case.steps = Some(times);
    let failures = kills.wrong.iter().map(|(check, (wrong, count))| reports::Failure {
        signature: reports::Signature { check: check.name().to_owned(), rule: None },
        happened: format!(
            "the engine was killed {} ms into a synchronization, started again, and synchronized to rest",
            wrong.delay.as_millis()
        ),
        expected: reports::Expected {
            text: format!("as without the kill: {}", wrong.expected),
            ..reports::Expected::default()
        },
        seen: wrong.seen.clone(),
        replay: line.to_string(),
        command: line.words().to_vec(),
        times: Some(*count),
        ..reports::Failure::default()
    });
    case.failures = failures.collect();
    confirm::keep(&mut case, log, |signature, log| {
        let wrong = |kills: &Kills| kills.wrong.keys().any(|check| check.name() == signature.check);
        let kills = confirm::fresh_start(launch, log, |child| kill_until(child, times, seed, &wrong).ok());
        kills.as_ref().is_some_and(wrong)
    });
    (case.verdict, case.reason) = match kills.broken.iter().next() {
        _ if !case.failures.is_empty() => (Verdict::Diverges, String::new()),
        Some((why, count)) => (Verdict::Broken, format!("{count} of {times} times: {why}")),
        None if case.verdict == Verdict::Unstable => (Verdict::Unstable, case.reason),
        None if kills.landed == 0 => {
            (Verdict::Undecided, "no kill is known to have fallen inside a synchronization".to_owned())
        }
        None => (Verdict::Conforms, String::new()),
    };
    Some((case, Some(kills)))
}

/// Changes of every sort that is claimed, on tracked items of each kind, with one of each kind left alone.
pub(crate) fn plan(capabilities: &Capabilities) -> Plan {
    let day = 86_400;
    let (mut items, mut steps) = (Vec::new(), Vec::new());
    let laptop = |op| Step { by: USER, at: Place::Computer(COMPUTER), op };
    let web = |op| Step { by: USER, at: Place::Web, op };
    for kind in KINDS {
        if !capabilities.holds(kind) {
            continue;
        }
        let claims = |operation| capabilities.kinds[kind as usize].operations.contains(operation);
        let mut add = |tracked: bool| {
            let mut item = ItemSetup::new(kind, USER);
            item.when = u8::from(kind == Kind::Appointment) + 2 * u8::from(kind == Kind::Task);
            if tracked {
                (item.copies, item.tracked, item.in_crm) = (UserSet::of(USER), UserSet::of(USER), true);
            }
            if kind.is_calendar() {
                item.required = UserSet::of(USER);
            }
            capabilities.suit(&mut item);
            items.push(item);
            ItemId(items.len() as u8 - 1)
        };
        let outlook = Side::Outlook(USER);
        if claims(Operation::EditInOutlook) {
            steps.push(laptop(Op::Edit { item: add(true), side: outlook, change: Change::Title(1) }));
        }
        if claims(Operation::EditInCrm) {
            steps.push(web(Op::Edit { item: add(true), side: Side::Crm, change: Change::Title(2) }));
        }
        if claims(Operation::DeleteInOutlook) {
            steps.push(laptop(Op::Delete { item: add(true), side: outlook, how: Deletion::Hard }));
        }
        if claims(Operation::DeleteInCrm) {
            steps.push(web(Op::Delete { item: add(true), side: Side::Crm, how: Deletion::Hard }));
        }
        if claims(Operation::CreateInOutlook) && claims(Operation::Track) {
            let item = add(false);
            steps.push(laptop(Op::Create { item, side: outlook }));
            steps.push(laptop(Op::Track { items: ItemSet::of(item), mailbox: USER, record: None }));
        }
        if claims(Operation::CreateInCrm) {
            steps.push(web(Op::Create { item: add(false), side: Side::Crm }));
        }
        add(true);
    }
    let setup = Setup {
        zone: Zone::utc(chrono::DateTime::from_timestamp(1_456_736_400, 0).unwrap_or_default()),
        users: vec![UserSetup { method: Method::OutlookClient, delegates: UserSet::EMPTY, rights: Rights::ALL }],
        computers: vec![ComputerSetup { user: USER, synchronizing: true }],
        items,
        bystanders: 0,
        schedules: Schedules::of([
            Schedule { start: 400 * day, end: 400 * day + 3600, every: 0, count: 1 },
            Schedule { start: 400 * day, end: 400 * day, every: 0, count: 1 },
        ]),
    };
    steps.retain(|step| capabilities.lacks_step(&setup, step).is_none());
    let names = Names::invented(&setup);
    Plan { setup, steps, names }
}

/// Kills the engine so many times, at moments spread over a synchronization. How long one takes is learned on the way: a
/// kill that came too late brings the later ones forward, and one that landed late puts them back.
///
/// # Errors
/// Where the implementation cannot even be synchronized undisturbed, or says that it cannot be killed after all.
pub fn kill(child: &mut ChildImplementation, rounds: u64, seed: u64) -> Result<Kills, ImplementationFailure> {
    kill_until(child, rounds, seed, &|_| false)
}

/// Kills no more often than is enough.
fn kill_until(
    child: &mut ChildImplementation,
    rounds: u64,
    seed: u64,
    enough: &dyn Fn(&Kills) -> bool,
) -> Result<Kills, ImplementationFailure> {
    let plan = plan(&child.describe().capabilities);
    let mut cycle = Duration::ZERO;
    let undisturbed = to_rest(child, &plan, &mut |child| {
        let answer = child.apply(&synchronize());
        cycle = child.took();
        answer
    })?;
    let mut kills = Kills { rounds, ..Kills::default() };
    let mut window = Window::of(cycle);
    for round in 0..rounds {
        let delay = window.moment(round, seed);
        let mut ended = None;
        let view = to_rest(child, &plan, &mut |child| {
            child.take_reports();
            let answer = child.crash(None, delay);
            ended = child.take_reports().pop().and_then(|told| told.outcome);
            for op in [Op::Restart, Op::Connect] {
                let step = Step { by: USER, at: Place::Computer(COMPUTER), op };
                if child.describe().capabilities.lacks_step(&plan.setup, &step).is_none() {
                    child.apply(&step);
                }
            }
            answer
        });
        match ended {
            Some(EngineOutcome::Killed) => {
                kills.landed += 1;
                window.landed(delay);
            }
            Some(EngineOutcome::Success | EngineOutcome::Failure | EngineOutcome::RefusedToSynchronize) => {
                kills.finished += 1;
                window.finished(delay);
            }
            None => window.untold(),
        }
        match view {
            Ok(view) => {
                for (check, expected, seen) in compare(&plan, &undisturbed, &view) {
                    let wrong = Wrong { delay, expected, seen };
                    kills.wrong.entry(check).or_insert((wrong, 0)).1 += 1;
                }
            }
            Err(failure) if failure.declined => return Err(failure),
            Err(failure) => *kills.broken.entry(failure.message.to_string()).or_insert(0) += 1,
        }
        if enough(&kills) {
            break;
        }
    }
    Ok(kills)
}

/// When the engine is killed: between its start and the moment by which it has finished, which is learned by doubling and
/// halving. An engine that is started for the kill may take much longer than the same engine when it runs already.
#[derive(Clone, Copy, Debug)]
struct Window {
    /// The first moment that is tried.
    first: Duration,
    /// The latest at which it was still running.
    running: Duration,
    /// The earliest at which it had finished.
    finished: Option<Duration>,
}

impl Window {
    /// The shortest time that matters.
    const LEAST: Duration = Duration::from_millis(5);
    /// The longest that is waited.
    const MOST: Duration = Duration::from_secs(20);

    /// What an undisturbed synchronization takes, the way to the adapter and back included.
    fn of(cycle: Duration) -> Self {
        Self { first: cycle.clamp(Self::LEAST, Self::MOST), running: Duration::ZERO, finished: None }
    }

    /// The moment of a round.
    fn moment(self, round: u64, seed: u64) -> Duration {
        match self.finished {
            None => self.first.max(self.running * 2).min(Self::MOST),
            Some(end) if end > self.running * 2 && end > Self::LEAST => (self.running + end) / 2,
            Some(end) => {
                // Each bit of the number halves the widest gap that is left; where in it, the seed says.
                let halves = (round / 2).reverse_bits() as f64 / (u64::MAX as f64);
                let within = Seeded::new(sub_seed(seed, round)).below(1000) as f64 / 1000.0;
                let spread = (halves + within / (round / 2 + 1).next_power_of_two() as f64).min(1.0);
                // Every other one falls into the second half, since an engine begins by starting up.
                end.mul_f64(if round.is_multiple_of(2) { spread } else { (1.0 + spread) / 2.0 })
            }
        }
    }

    /// A kill that long after the start found it running.
    fn landed(&mut self, delay: Duration) {
        self.running = self.running.max(delay);
        // Engines are not equally fast every time.
        let longer = self.running + self.running / 8;
        self.finished = match self.finished {
            None if delay >= Self::MOST => Some(Self::MOST),
            known => known.map(|end| if end <= self.running { longer } else { end }),
        };
    }

    /// A kill that long after the start found it finished.
    fn finished(&mut self, delay: Duration) {
        let end = delay.max(self.running + self.running / 8);
        self.finished = Some(self.finished.map_or(end, |known| known.min(end)));
    }

    /// The adapter does not say: there is nothing to learn.
    fn untold(&mut self) {
        (self.running, self.finished) = (self.first, Some(self.first));
    }
}

pub(crate) fn synchronize() -> Step {
    Step { by: USER, at: Place::Computer(COMPUTER), op: Op::Synchronize { crash: None } }
}

/// Whether that could be done at all.
///
/// # Errors
/// Where it failed, or the implementation declined.
pub(crate) fn done(answer: Answer) -> Result<(), ImplementationFailure> {
    match answer {
        Answer::Failed(failure) => Err(failure),
        Answer::Unsupported(why) => Err(ImplementationFailure::declined(why)),
        Answer::Done { .. } | Answer::Offered(_) | Answer::Refused => Ok(()),
    }
}

/// The plan, the first synchronization as `first` takes it, and then more until nothing changes.
pub(crate) fn to_rest(
    child: &mut ChildImplementation,
    plan: &Plan,
    first: &mut dyn FnMut(&mut ChildImplementation) -> Answer,
) -> Result<View, ImplementationFailure> {
    reset(child, plan)?;
    child.apply_batch(&plan.steps).into_iter().try_for_each(done)?;
    done(first(child))?;
    let mut before = View::new(&plan.setup);
    for round in 0..ROUNDS {
        done(child.apply(&synchronize()))?;
        let mut view = View::new(&plan.setup);
        child.observe(&mut view)?;
        if round > 0 && view == before {
            return Ok(view);
        }
        before = view;
    }
    Err(ImplementationFailure::definite("synchronization does not come to rest"))
}

fn compare(plan: &Plan, undisturbed: &View, view: &View) -> Vec<(Check, String, String)> {
    let mut wrong = Vec::new();
    for item in (0..plan.setup.items.len() as u8).map(ItemId) {
        for location in [Location::Crm, Location::Mailbox(USER)] {
            let (expected, seen) = (undisturbed.get(item, location), view.get(item, location));
            let check = match (expected.count(), seen.count()) {
                (0, 0) => continue,
                (0 | 1, 2..) => Check::Doubled,
                (0, _) => Check::Resurrected,
                (_, 0) => Check::Vanished,
                (_, _) if expected.title() != seen.title() => Check::Erased,
                (_, _) if expected != seen => Check::Carried,
                (_, _) => continue,
            };
            let place = words::place(plan, location);
            let state = |word: Word| match word.count() {
                0 => "nothing".to_owned(),
                1 => format!("one, title {}", word.title()),
                _ => format!("several, the last with title {}", word.title()),
            };
            let name = plan.names.item(item);
            wrong.push((
                check,
                format!("{name} in {place}: {}", state(expected)),
                format!("{name} in {place}: {}", state(seen)),
            ));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_kills_land_whatever_the_engine_takes() {
        // The same engine, asked in a running adapter, takes a millisecond.
        for (cycle, takes) in [(1, 3), (1, 80), (40, 80), (80, 80), (300, 80), (900, 30)] {
            let (cycle, takes) = (Duration::from_millis(cycle), Duration::from_millis(takes));
            let mut window = Window::of(cycle);
            let (mut landed, mut late) = (0, 0);
            for round in 0..16 {
                let delay = window.moment(round, 7);
                if delay < takes {
                    landed += 1;
                    late += u32::from(delay * 2 >= takes);
                    window.landed(delay);
                } else {
                    window.finished(delay);
                }
            }
            assert!(
                landed >= 5 && late >= 2,
                "{landed} and {late} of 16 where it takes {takes:?}, and {cycle:?} before"
            );
        }
    }
}
