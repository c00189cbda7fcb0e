//! Shorter plans that no removal leads to: one step put in the place of two.
//!
//! Removal alone gets stuck where a step only makes up for another. A change made offline needs both going offline and
//! going online, a crash that is a step of its own could happen inside the synchronization that follows anyway, and what a
//! delegate deletes after the organizer changed the organizer could have deleted at once.

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId};
use tombstone_model::plan::{Change, Crash, Deletion, Effect, Method, Op, Place, Plan, Setup, Side, Stage, Step};

/// The longest plan of which pairs of steps are tried; of longer ones there are too many pairs.
const SHORT: usize = 8;

/// Shorter plans to try in place of this one, the likeliest first. The item is the one it fails on.
pub(super) fn shorter(plan: &Plan, item: Option<ItemId>) -> Vec<Plan> {
    let mut plans = Vec::new();
    chosen_from_the_start(plan, &mut plans);
    always_connected(plan, item, &mut plans);
    crash_inside(plan, item, &mut plans);
    there_and_back(plan, &mut plans);
    crash_of_the_server(plan, &mut plans);
    if plan.steps.len() <= SHORT {
        pairs(plan, &mut plans);
        one_for_two(plan, &mut plans);
        moved(plan, &mut plans);
    }
    plans
}

fn with_steps(plan: &Plan, steps: Vec<Step>) -> Plan {
    Plan { setup: plan.setup.clone(), steps, names: plan.names.clone() }
}

fn without(plan: &Plan, gone: &[usize]) -> Vec<Step> {
    let steps = plan.steps.iter().enumerate();
    steps.filter(|(n, _)| !gone.contains(n)).map(|(_, step)| *step).collect()
}

/// The computer that is chosen to synchronize on the way does so from the start.
fn chosen_from_the_start(plan: &Plan, plans: &mut Vec<Plan>) {
    for (n, step) in plan.steps.iter().enumerate() {
        let (Op::ChooseSynchronizingComputer, Place::Computer(chosen)) = (step.op, step.at) else { continue };
        let mut candidate = with_steps(plan, without(plan, &[n]));
        for (computer, id) in candidate.setup.computers.iter_mut().zip(0..) {
            if computer.user == step.by {
                computer.synchronizing = ComputerId(id) == chosen;
            }
        }
        plans.push(candidate);
    }
}

fn is_about_connections(op: Op) -> bool {
    op.verb().effect() == Effect::Connects
}

/// The synchronization with a crash inside it.
fn crashing(step: &Step, crash: Crash) -> Option<Step> {
    let synchronizes = step.op.verb().effect() == Effect::Synchronizes && step.op.crash().is_none();
    synchronizes.then(|| Step { op: step.op.with_crash(Some(crash)), ..*step })
}

/// Everything happens at connected computers; a crash on the way happens in the last synchronization.
fn always_connected(plan: &Plan, item: Option<ItemId>, plans: &mut Vec<Plan>) {
    let steps: Vec<Step> = plan.steps.iter().filter(|step| !is_about_connections(step.op)).copied().collect();
    if steps.len() == plan.steps.len() || steps.is_empty() {
        return;
    }
    if plan.steps.iter().any(|step| is_about_connections(step.op) && step.op.crash().is_some())
        && let (Some(last), Some(at)) = (steps.last(), item)
    {
        for stage in [Stage::BeforeAcknowledgement, Stage::BeforeErase] {
            if let Some(last) = crashing(last, Crash { at, stage }) {
                let mut steps = steps.clone();
                steps.pop();
                steps.push(last);
                plans.push(with_steps(plan, steps));
            }
        }
    }
    plans.push(with_steps(plan, steps));
}

/// A crash that is a step of its own happens inside a later synchronization.
fn crash_inside(plan: &Plan, item: Option<ItemId>, plans: &mut Vec<Plan>) {
    let Some(at) = item else { return };
    for (n, _) in plan.steps.iter().enumerate().filter(|(_, step)| step.op.crash().is_some()) {
        for later in (n + 1..plan.steps.len()).rev() {
            for stage in [Stage::BeforeAcknowledgement, Stage::BeforeErase, Stage::BeforeUpload] {
                if let Some(step) = crashing(&plan.steps[later], Crash { at, stage }) {
                    let mut candidate = plan.clone();
                    candidate.steps[later] = step;
                    candidate.steps.remove(n);
                    plans.push(candidate);
                }
            }
        }
    }
}

/// Going offline and coming back is a synchronization, or a crash on the way.
fn there_and_back(plan: &Plan, plans: &mut Vec<Plan>) {
    for (n, step) in plan.steps.iter().enumerate() {
        let leaves = matches!(step.op, Op::GoOffline { .. } | Op::Disconnect | Op::Synchronize { crash: Some(_) });
        if !leaves {
            continue;
        }
        let back =
            |other: &Step| other.at == step.at && matches!(other.op, Op::GoOnline { .. } | Op::Connect | Op::Restart);
        let Some(m) = plan.steps.iter().skip(n + 1).position(back).map(|m| n + 1 + m) else { continue };
        let mut put = |at: usize, op: Op| {
            let mut candidate = plan.clone();
            candidate.steps[at] = Step { op, ..*step };
            candidate.steps.remove(if at == n { m } else { n });
            plans.push(candidate);
        };
        put(n, Op::Synchronize { crash: None });
        put(n, Op::Disconnect);
        put(m, Op::Synchronize { crash: None });
        if let Some(crash) = plan.steps[m].op.crash() {
            put(m, Op::GoOffline { crash: Some(crash) });
            put(m, Op::Synchronize { crash: Some(crash) });
        }
        // Work offline instead of a lost connection shows more when it ends.
        let mut candidate = plan.clone();
        candidate.steps[n].op = Op::GoOffline { crash: None };
        candidate.steps[m].op = Op::GoOnline { crash: None };
        candidate.steps.truncate(m + 1);
        if candidate.steps.len() < plan.steps.len() {
            plans.push(candidate);
        }
    }
}

/// The server crashes in place of a computer, which then has to be neither restarted nor connected.
fn crash_of_the_server(plan: &Plan, plans: &mut Vec<Plan>) {
    for (n, step) in plan.steps.iter().enumerate() {
        let Some(crash) = step.op.crash() else { continue };
        let polled = plan.setup.users.iter().zip(0..).filter(|(user, _)| user.method == Method::ServerSide);
        for mailbox in polled.map(|(_, id)| UserId(id)) {
            let mut candidate = plan.clone();
            let op = Op::ServerSynchronize { mailbox, crash: Some(crash) };
            candidate.steps[n] = Step { by: mailbox, at: Place::Web, op };
            candidate.steps.retain(|other| other.at != step.at || !is_about_connections(other.op));
            if candidate.steps.len() < plan.steps.len() {
                plans.push(candidate);
            }
        }
    }
}

/// Two steps are both left out. Of those that lie together, removal has tried some, and not all.
fn pairs(plan: &Plan, plans: &mut Vec<Plan>) {
    for first in 0..plan.steps.len() {
        for second in first + 1..plan.steps.len() {
            plans.push(with_steps(plan, without(plan, &[first, second])));
        }
    }
}

/// One step is left out, and another does something like the one or the other.
fn one_for_two(plan: &Plan, plans: &mut Vec<Plan>) {
    let alike: Vec<Vec<Step>> = plan.steps.iter().map(|step| alike(&plan.setup, step)).collect();
    let mut put = |n: usize, like: Step, gone: usize| {
        let mut candidate = plan.clone();
        candidate.steps[n] = like;
        candidate.steps.remove(gone);
        plans.push(candidate);
    };
    let others = |n: usize| (0..plan.steps.len()).filter(move |&other| other != n);
    for (n, alike) in alike.iter().enumerate() {
        alike.iter().for_each(|like| others(n).for_each(|gone| put(n, *like, gone)));
    }
    for (gone, alike) in alike.iter().enumerate() {
        alike.iter().for_each(|like| others(gone).for_each(|n| put(n, *like, gone)));
    }
}

/// One step is left out, and two others change places.
fn moved(plan: &Plan, plans: &mut Vec<Plan>) {
    for gone in 0..plan.steps.len() {
        let steps = without(plan, &[gone]);
        for n in 1..steps.len() {
            let mut steps = steps.clone();
            steps.swap(n - 1, n);
            plans.push(with_steps(plan, steps));
        }
    }
}

/// Steps that do something like this one: on the other side, in another mailbox, by another way.
fn alike(setup: &Setup, step: &Step) -> Vec<Step> {
    let mut alike = Vec::new();
    let sides = |side: Side| {
        let mailboxes = (0..setup.users.len() as u8).map(UserId);
        let outlook = mailboxes.map(|user| (user, Side::Outlook(user)));
        let crm = matches!(side, Side::Outlook(_)).then_some((step.by, Side::Crm));
        crm.into_iter().chain(outlook).filter(move |&(_, other)| other != side)
    };
    let places = || {
        let own = setup.computers.iter().zip(0..).filter(|(computer, _)| computer.user == step.by);
        own.map(|(_, id)| Place::Computer(ComputerId(id)))
    };
    let untracked = |item: ItemId, mailbox: UserId| {
        places().map(move |at| Step { at, op: Op::Untrack { items: ItemSet::of(item), mailbox, yes: true }, ..*step })
    };
    if let Op::Edit { item, side, change } = step.op {
        if let Change::When(_) = change {
            alike.push(Step { op: Op::Wait { seconds: 86_400 }, ..*step });
        }
        match side {
            Side::Outlook(mailbox) => alike.extend(untracked(item, mailbox)),
            Side::Crm => {
                let op = |side| Op::Edit { item, side, change };
                alike.extend(sides(side).map(|(by, side)| Step { by, at: Place::Web, op: op(side) }));
            }
        }
    } else if let Op::Delete { item, side, how } = step.op {
        let op = |side, how| Op::Delete { item, side, how };
        let plain = if how.suits_crm() { how } else { Deletion::Hard };
        alike.extend(sides(side).map(|(by, side)| Step { by, at: Place::Web, op: op(side, plain) }));
        let mailbox = if let Side::Outlook(mailbox) = side { mailbox } else { step.by };
        if let Deletion::Occurrence(n) = how {
            let count = setup.schedules[usize::from(setup.items[item.index()].when)].count;
            let others = (0..count).filter(|&other| other != n);
            alike.extend(others.map(|other| Step { op: op(side, Deletion::Occurrence(other)), ..*step }));
        } else {
            alike.extend(untracked(item, mailbox));
        }
    } else if let Op::Untrack { items, mailbox, yes } = step.op {
        alike.push(Step { op: Op::Untrack { items, mailbox, yes: !yes }, ..*step });
        alike.extend(places().filter(|&at| at != step.at).map(|at| Step { at, ..*step }));
    } else if let Op::SetParent { item, to, side: Side::Crm } = step.op {
        let op = |side| Op::SetParent { item, to, side };
        alike.extend(sides(Side::Crm).map(|(by, side)| Step { by, at: step.at, op: op(side) }));
    } else if step.op.verb().effect() == Effect::Synchronizes && step.op.crash().is_none() {
        alike.push(Step { at: Place::Web, op: Op::Settle, ..*step });
    }
    alike
}
