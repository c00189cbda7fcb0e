//! Kills: the engine is killed inside a synchronization (`kill -9`), started again and synchronized to rest, and what the
//! stores then hold is compared with what the same implementation leaves when nobody kills it.
//!
//! So the implementation is its own witness: whatever it does with a deletion, a kill must not change what comes of it.
//! Something may not be lost, doubled or resurrected, and no change forgotten. Where a kill falls is a matter of
//! milliseconds, and differs from run to run; what may come of it does not.

use std::collections::BTreeMap;
use std::time::Duration;

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::implementation::{Answer, Capabilities, Failure, Implementation, Operation};
use tombstone_model::options::Options;
use tombstone_model::plan::{
    Change, ComputerSetup, Deletion, ItemSetup, Kind, Method, Names, Op, Place, Plan, Setup, Side, Step, UserSetup,
};
use tombstone_model::time::{Schedule, Schedules, Zone};
use tombstone_model::verdict::Check;
use tombstone_model::view::{Location, View, Word};

use crate::adapter::ChildImplementation;
use crate::adapter::protocol::DisasterWord;
use crate::choose::{Choose, Seeded, sub_seed};
use crate::reset::reset;
use crate::words;

/// The most rounds of synchronization until it must be at rest.
const ROUNDS: usize = 6;

/// What came of the kills.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kills {
    /// How often the engine was to be killed.
    pub rounds: u64,
    /// How often it had finished by then, as it says.
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

/// Whether an implementation can be killed and told when to synchronize.
pub fn possible(child: &ChildImplementation) -> bool {
    let capabilities = &child.describe().capabilities;
    let has = |operation| capabilities.operations.contains(operation);
    let killed = child.introduction().capabilities.disasters.contains(&DisasterWord::Kill);
    (killed || has(Operation::Crash)) && has(Operation::Synchronize) && !plan(capabilities).steps.is_empty()
}

/// Changes of every sort that is claimed, on tracked items of each kind, with one of each kind left alone.
pub(crate) fn plan(capabilities: &Capabilities) -> Plan {
    let day = 86_400;
    let (mut items, mut steps) = (Vec::new(), Vec::new());
    let laptop = |op| Step { by: USER, at: Place::Computer(COMPUTER), op };
    let web = |op| Step { by: USER, at: Place::Web, op };
    for kind in KINDS {
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
        if capabilities.kinds[kind as usize].operations.0 != 0 {
            add(true);
        }
    }
    let setup = Setup {
        zone: Zone::utc(chrono::DateTime::from_timestamp(1_456_736_400, 0).unwrap_or_default()),
        users: vec![UserSetup {
            method: Method::OutlookClient,
            delegates: UserSet::EMPTY,
            may_delete: true,
            options: Options::DEFAULT,
        }],
        computers: vec![ComputerSetup { user: USER, synchronizing: true }],
        items,
        bystanders: 0,
        schedules: Schedules::of([
            Schedule { start: 400 * day, end: 400 * day + 3600, every: 0, count: 1 },
            Schedule { start: 400 * day, end: 400 * day, every: 0, count: 1 },
        ]),
    };
    let names = Names::invented(&setup);
    Plan { setup, steps, names }
}

/// Kills the engine so many times: half of the moments spread over a synchronization, the other half at random.
///
/// # Errors
/// Where the implementation cannot even be synchronized undisturbed.
pub fn kill(child: &mut ChildImplementation, rounds: u64, seed: u64) -> Result<Kills, Failure> {
    let plan = plan(&child.describe().capabilities);
    let mut cycle = Duration::ZERO;
    let undisturbed = to_rest(child, &plan, &mut |child| {
        let answer = child.apply(&synchronize());
        cycle = child.took();
        answer
    })?;
    let mut kills = Kills { rounds, ..Kills::default() };
    for round in 0..rounds {
        let delay = moment(cycle, round, rounds, seed);
        let view = to_rest(child, &plan, &mut |child| {
            let answer = child.crash(None, delay);
            for op in [Op::Restart, Op::Connect] {
                let step = Step { by: USER, at: Place::Computer(COMPUTER), op };
                if child.describe().capabilities.lacks_step(&plan.setup, &step).is_none() {
                    child.apply(&step);
                }
            }
            answer
        });
        kills.finished += u64::from(child.take_reports().iter().any(|report| report.contains("finished before")));
        match view {
            Ok(view) => {
                for (check, expected, seen) in compare(&plan, &undisturbed, &view) {
                    let wrong = Wrong { delay, expected, seen };
                    kills.wrong.entry(check).or_insert((wrong, 0)).1 += 1;
                }
            }
            Err(failure) => *kills.broken.entry(failure.message.to_string()).or_insert(0) += 1,
        }
    }
    Ok(kills)
}

/// How long after its start the engine is killed in a round.
fn moment(cycle: Duration, round: u64, rounds: u64, seed: u64) -> Duration {
    let parts = u32::try_from(rounds.div_ceil(2)).unwrap_or(u32::MAX).max(1);
    if round.is_multiple_of(2) {
        cycle * u32::try_from(round / 2).unwrap_or(u32::MAX) / parts
    } else {
        cycle * Seeded::new(sub_seed(seed, round)).below(1000) / 900
    }
}

pub(crate) fn synchronize() -> Step {
    Step { by: USER, at: Place::Computer(COMPUTER), op: Op::Synchronize { crash: None } }
}

/// The plan, the first synchronization as `first` takes it, and then more until nothing changes.
pub(crate) fn to_rest(
    child: &mut ChildImplementation,
    plan: &Plan,
    first: &mut dyn FnMut(&mut ChildImplementation) -> Answer,
) -> Result<View, Failure> {
    let failed = |answer: Answer| match answer {
        Answer::Failed(failure) => Err(failure),
        Answer::Unsupported(why) => Err(Failure::definite(format!("it declined: {why}"))),
        Answer::Done { .. } | Answer::Refused => Ok(()),
    };
    reset(child, plan)?;
    child.apply_batch(&plan.steps).into_iter().try_for_each(failed)?;
    failed(first(child))?;
    let mut before = View::new(&plan.setup);
    for round in 0..ROUNDS {
        failed(child.apply(&synchronize()))?;
        let mut view = View::new(&plan.setup);
        child.observe(&mut view)?;
        if round > 0 && view == before {
            return Ok(view);
        }
        before = view;
    }
    Err(Failure::definite("synchronization does not come to rest"))
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
