//! The steps that an exploration tries in every state: the operations' rows, each with every value that its parts can have.

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId};
use tombstone_model::plan::{
    Acts, Change, Crash, Deletion, Effect, ItemSetup, Method, Op, Operation, PartKind, PartValues, Place, Setup, Side,
    Stage, Step, Tried, Verb,
};
use tombstone_model::time::Seconds;

/// Which groups of steps are tried, so that a space can be kept small on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups {
    /// Edits of the title.
    pub edits: bool,
    /// Crashes inside a synchronization, and restarts.
    pub crashes: bool,
    /// Losing the connection, and working offline.
    pub offline: bool,
    /// Other owners and organizers.
    pub roles: bool,
    /// Completing and cancelling.
    pub status: bool,
    /// Acting in a browser.
    pub web: bool,
}

impl Groups {
    /// Everything.
    pub const ALL: Self = Self { edits: true, crashes: true, offline: true, roles: true, status: true, web: true };

    /// Whether an operation is tried, by whoever stands there.
    fn hold(self, verb: Verb, setup: &Setup, (by, at): (UserId, Place)) -> bool {
        verb.tried().iter().any(|tried| match tried {
            Tried::Always => true,
            Tried::Edits => self.edits,
            Tried::Status => self.status,
            // Away from the servers nothing can be assigned, and connected it is as in a browser.
            Tried::Roles => self.roles && at == Place::Web,
            Tried::Offline => self.offline,
            Tried::Crashes => self.crashes,
            Tried::Computers => setup.computers.iter().filter(|computer| computer.user == by).count() > 1,
        })
    }
}

/// A step as it is tried: an edit takes a title that is fresh in the state at hand, a wait leads to the next instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The step, with title 0 for an edit and 0 seconds for a wait.
    pub step: Step,
}

/// Every step over a setup, in a fixed order.
pub fn alphabet(setup: &Setup, groups: Groups) -> Vec<Letter> {
    let mut steps = Steps { setup, steps: Vec::new() };
    let tried = |there| move |verb| groups.hold(verb, setup, there);
    // In Outlook: at each computer, in every mailbox that its user may open; in a browser, in the user's own.
    let at_computers = || computers(setup).map(|(id, user)| (user, Place::Computer(id)));
    let in_browser = || users(setup).map(|user| (user, Place::Web));
    for there @ (by, at) in at_computers().chain(in_browser().filter(|_| groups.web)) {
        let delegated = |mailbox: UserId| at != Place::Web && setup.users[mailbox.index()].delegates.contains(by);
        for mailbox in users(setup).filter(|&mailbox| by == mailbox || delegated(mailbox)) {
            for item in items(setup) {
                steps.on(there, Side::Outlook(mailbox), item, &[], tried(there));
            }
        }
    }
    // In CRM: at each computer, and for each user in a browser.
    for there in in_browser().chain(at_computers().filter(|_| groups.offline)) {
        for item in items(setup) {
            steps.on(there, Side::Crm, item, &[], tried(there));
        }
    }
    // What synchronizes comes first, then what a computer may crash in. Which of several steps a tour takes depends on it.
    let mut verbs = Verb::ALL.to_vec();
    verbs.sort_by_key(|verb| (verb.effect() != Effect::Synchronizes, !verb.has(PartKind::Crash)));
    let crash = crashes(setup, groups);
    for (id, user) in computers(setup) {
        let there = (user, Place::Computer(id));
        let values = PartValues { crash: crash.clone(), ..PartValues::default() };
        let told = |verb: Verb| {
            verb.effect() != Effect::Synchronizes || setup.users[user.index()].method == Method::OutlookClient
        };
        for &verb in verbs.iter().filter(|verb| verb.acts() == Acts::Computer && told(**verb)) {
            steps.each(there, verb, &values, tried(there));
        }
    }
    for mailbox in users(setup).filter(|user| setup.users[user.index()].method == Method::ServerSide) {
        let there = (mailbox, Place::Web);
        let values = PartValues { mailbox: vec![mailbox], crash: crash.clone(), ..PartValues::default() };
        for &verb in verbs.iter().filter(|verb| verb.acts() == Acts::Server) {
            steps.each(there, verb, &values, tried(there));
        }
    }
    let there = (UserId(0), Place::Web);
    let values = PartValues { seconds: vec![0], ..PartValues::default() };
    for &verb in verbs.iter().filter(|verb| verb.acts() == Acts::World) {
        steps.each(there, verb, &values, tried(there));
    }
    steps.steps.into_iter().map(|step| Letter { step }).collect()
}

/// The steps that no exploration tries, and that scenarios and random plans take: in Outlook, at each computer, and those
/// that are not done anywhere.
pub fn untried(setup: &Setup) -> Vec<Step> {
    let mut steps = Steps { setup, steps: Vec::new() };
    let untried = |verb: Verb| verb.tried().is_empty();
    for &verb in Verb::ALL.iter().filter(|verb| verb.acts() == Acts::World) {
        steps.each((UserId(0), Place::Web), verb, &PartValues::default(), untried);
    }
    for (id, by) in computers(setup) {
        for (item, setup_of) in items(setup) {
            let others: Vec<ItemId> = items(setup).map(|(other, _)| other).filter(|&other| other != item).collect();
            steps.on((by, Place::Computer(id)), Side::Outlook(by), (item, setup_of), &others, untried);
        }
    }
    steps.steps
}

fn computers(setup: &Setup) -> impl Iterator<Item = (ComputerId, UserId)> {
    setup.computers.iter().zip(0..).map(|(computer, id)| (ComputerId(id), computer.user))
}

fn users(setup: &Setup) -> impl Iterator<Item = UserId> {
    (0..setup.users.len() as u8).map(UserId)
}

fn items(setup: &Setup) -> impl Iterator<Item = (ItemId, &ItemSetup)> {
    setup.items.iter().zip(0..).map(|(item, id)| (ItemId(id), item))
}

/// No crash, and each that there can be.
fn crashes(setup: &Setup, groups: Groups) -> Vec<Option<Crash>> {
    let each = items(setup).filter(|_| groups.crashes);
    let each = each.flat_map(|(at, _)| Stage::ALL[1..].iter().map(move |&stage| Some(Crash { at, stage })));
    std::iter::once(None).chain(each).collect()
}

struct Steps<'s> {
    setup: &'s Setup,
    steps: Vec<Step>,
}

impl Steps<'_> {
    /// Everything that is done to an item in a store, as far as it suits its kind.
    fn on(
        &mut self,
        there: (UserId, Place),
        side: Side,
        (id, item): (ItemId, &ItemSetup),
        others: &[ItemId],
        tried: impl Fn(Verb) -> bool,
    ) {
        let outlook = match side {
            Side::Outlook(mailbox) if !item.kind.is_crm_only() => Some(mailbox),
            Side::Outlook(_) => return,
            Side::Crm => None,
        };
        let occurrences = 0..self.setup.schedules[usize::from(item.when)].count;
        let values = PartValues {
            item: vec![id],
            items: vec![ItemSet::of(id)],
            side: vec![side],
            mailbox: outlook.into_iter().collect(),
            other: others.to_vec(),
            user: users(self.setup).collect(),
            change: vec![Change::Title(0)],
            how: std::iter::once(Deletion::Hard).chain(occurrences.map(Deletion::Occurrence)).collect(),
            record: vec![None],
            answer: vec![true, false],
            crash: Vec::new(),
            seconds: Vec::new(),
        };
        let suits = |op: &Op| Operation::of(op).is_some_and(|operation| operation.suits(item.kind));
        let done_there = |verb: Verb| match verb.acts() {
            Acts::Store => true,
            Acts::Outlook => outlook.is_some(),
            Acts::Crm => outlook.is_none(),
            Acts::Computer | Acts::Dialog | Acts::Server | Acts::World => false,
        };
        let (by, at) = there;
        for &verb in Verb::ALL.iter().filter(|verb| done_there(**verb) && tried(**verb)) {
            let ops = verb.each_of(&values).into_iter().filter(suits);
            self.steps.extend(ops.map(|op| Step { by, at, op }));
        }
    }

    /// An operation, with each of these values.
    fn each(&mut self, (by, at): (UserId, Place), verb: Verb, values: &PartValues, tried: impl Fn(Verb) -> bool) {
        if tried(verb) {
            self.steps.extend(verb.each_of(values).into_iter().map(|op| Step { by, at, op }));
        }
    }
}

/// The instants of a setup that matter: the start, and one in each stretch between the moments at which some item starts
/// or ends. Nothing depends on where in a stretch an instant lies.
pub fn instants(setup: &Setup) -> Vec<Seconds> {
    let schedules = setup.items.iter().map(|item| setup.schedules[usize::from(item.when)]);
    let mut edges: Vec<Seconds> = schedules
        .filter(|schedule| schedule.is_dated())
        .flat_map(|schedule| {
            let last = schedule.occurrence(schedule.count - 1, false);
            [schedule.start, schedule.end, last.end]
        })
        .filter(|&edge| edge >= 0)
        .collect();
    edges.sort_unstable();
    edges.dedup();
    // Four instants are what a packed state holds; a series with more edges keeps its first and its last.
    let mut instants = vec![0];
    instants.extend(edges.iter().map(|&edge| edge + 1));
    if instants.len() > 4 {
        let last = instants[instants.len() - 1];
        instants.truncate(3);
        instants.push(last);
    }
    instants
}
