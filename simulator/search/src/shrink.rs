//! Shrinks a failing plan to one that a person can read, keeping the signature of its verdict, never its message.
//!
//! Steps that are not possible are skipped by the runner, so that any subset of the steps is a plan. Removal goes in
//! chunks to a fixpoint (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002), after two cuts
//! that only a model can make: steps never taken go first, and then steps about other items, all at once. What removal
//! cannot shorten any more, `exchange` may: one step in the place of two.

mod exchange;

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{Crash, Deletion, ItemSetup, Kind, Op, Place, Plan, Rights, Stage, Status, Step, Store};
use tombstone_model::time::{Schedule, Zone};
use tombstone_model::verdict::DivergenceSignature;

/// The most executions of an implementation in process. A plan of three hundred steps needs about sixty.
pub const BUDGET: usize = 150;
/// The most executions of a slow implementation, where each may take seconds.
pub const SLOW_BUDGET: usize = 60;

/// How an execution of a candidate ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The signature of the verdict.
    pub signature: DivergenceSignature,
    /// The step at which it failed; none for a failure at the end.
    pub ended_at: Option<usize>,
    /// The item it failed on.
    pub item: Option<ItemId>,
    /// Which steps were taken.
    pub taken: Vec<bool>,
}

/// A shrunk plan.
#[derive(Clone, Debug)]
pub struct ShrunkPlan {
    /// The plan.
    pub plan: Plan,
    /// How many executions it took.
    pub executions: usize,
}

/// Shrinks a plan for which `fails` gives a failure. `fails` is called at most `budget` times.
pub fn shrink(plan: &Plan, budget: usize, fails: &mut dyn FnMut(&Plan) -> Option<Failed>) -> Option<ShrunkPlan> {
    let mut shrinker = Shrinker { fails, left: budget, best: plan.clone(), failed: None, signature: None };
    let first = shrinker.execute(plan)?;
    shrinker.signature = Some(first.signature);
    shrinker.accept(plan.clone(), first);
    shrinker.cut();
    shrinker.plain_world();
    loop {
        let before = (shrinker.best.steps.len(), shrinker.left);
        shrinker.remove_steps();
        if shrinker.best.steps.len() == before.0 || shrinker.left == 0 {
            break;
        }
    }
    shrinker.remove_actors();
    shrinker.replace();
    shrinker.simplify();
    shrinker.remove_steps();
    shrinker.exchange();
    Some(ShrunkPlan { executions: budget - shrinker.left, plan: shrinker.best })
}

/// The most executions of a slow implementation to try every single step and value of a plan that was shrunk.
pub const SINGLE_BUDGET: usize = 60;

/// Leaves out every single step of a plan that fails in turn, and makes every value simpler, until none of that fails in the
/// same way any more; and whether all of it could be tried. None where the plan does not fail.
pub fn singly(plan: &Plan, budget: usize, fails: &mut dyn FnMut(&Plan) -> Option<Failed>) -> Option<(Plan, bool)> {
    let mut shrinker = Shrinker { fails, left: budget, best: plan.clone(), failed: None, signature: None };
    let first = shrinker.execute(plan)?;
    shrinker.signature = Some(first.signature);
    shrinker.accept(plan.clone(), first);
    loop {
        let before = shrinker.best.clone();
        shrinker.replace();
        shrinker.simplify();
        for step in (0..shrinker.best.steps.len()).rev() {
            shrinker.attempt(shrinker.with_steps(|n, _| n != step));
        }
        if shrinker.best == before || shrinker.left == 0 {
            // With nothing left, the last of it may not have been tried.
            return Some((shrinker.best, shrinker.left > 0));
        }
    }
}

struct Shrinker<'a> {
    fails: &'a mut dyn FnMut(&Plan) -> Option<Failed>,
    left: usize,
    best: Plan,
    failed: Option<Failed>,
    signature: Option<DivergenceSignature>,
}

impl Shrinker<'_> {
    fn execute(&mut self, plan: &Plan) -> Option<Failed> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        (self.fails)(plan)
    }

    /// Keeps a plan that fails in the same way, without what comes after the failure or was never taken.
    fn accept(&mut self, mut plan: Plan, mut failed: Failed) {
        let end = failed.ended_at.map_or(plan.steps.len(), |at| at + 1);
        plan.steps.truncate(end);
        failed.taken.resize(end, true);
        let mut taken = failed.taken.iter();
        plan.steps.retain(|_| taken.next().copied().unwrap_or(true));
        self.best = plan;
        self.failed = Some(failed);
    }

    fn attempt(&mut self, plan: Plan) -> bool {
        if plan == self.best {
            return false;
        }
        match self.execute(&plan) {
            Some(failed) if Some(failed.signature) == self.signature => {
                self.accept(plan, failed);
                true
            }
            Some(_) | None => false,
        }
    }

    fn with_steps(&self, keep: impl Fn(usize, &Step) -> bool) -> Plan {
        let steps = self.best.steps.iter().enumerate();
        Plan { steps: steps.filter(|(n, step)| keep(*n, step)).map(|(_, step)| *step).collect(), ..self.best.clone() }
    }

    /// Cuts everything about other items, then healing and waiting, all at once.
    fn cut(&mut self) {
        if let Some(item) = self.failed.as_ref().and_then(|failed| failed.item) {
            self.attempt(
                self.with_steps(|_, step| step.op.items().is_none_or(|items| items.is_empty() || items.contains(item))),
            );
        }
        let last = self.best.steps.len();
        self.attempt(self.with_steps(|n, step| n + 1 == last || step.op != Op::Settle));
    }

    /// Removes chunks of steps, from halves down to single steps, until no single step can go.
    fn remove_steps(&mut self) {
        let mut size = (self.best.steps.len() / 2).max(1);
        loop {
            let mut removed = false;
            let mut end = self.best.steps.len();
            while end > 0 && self.left > 0 {
                let start = end.saturating_sub(size);
                let (from, to) = (start, end);
                if self.attempt(self.with_steps(|n, _| n < from || n >= to)) {
                    removed = true;
                    end = start.min(self.best.steps.len());
                } else {
                    end = start;
                }
            }
            if self.left == 0 || (size == 1 && !removed) {
                return;
            }
            size = (size / 2).max(1);
        }
    }

    /// Tries shorter plans that no removal leads to, until none of them fails.
    fn exchange(&mut self) {
        loop {
            let before = self.best.steps.len();
            let item = self.failed.as_ref().and_then(|failed| failed.item);
            let shorter = exchange::shorter(&self.best, item);
            if !shorter.into_iter().any(|plan| self.attempt(plan)) {
                return;
            }
            if self.best.steps.len() < before {
                self.remove_steps();
            }
        }
    }

    /// Tries the world without what is special about all of it: the items beside, and the zone. Early, so that what is left
    /// of it is known to be needed, and what comes after costs less.
    fn plain_world(&mut self) {
        if self.best.setup.bystanders > 0 {
            let mut plan = self.best.clone();
            plan.setup.bystanders = 0;
            self.attempt(plan);
        }
        self.plain_zone();
    }

    fn plain_zone(&mut self) {
        let start = self.best.setup.zone.start();
        if self.best.setup.zone.name() != "UTC" {
            let mut plan = self.best.clone();
            plan.setup.zone = Zone::utc(start);
            self.attempt(plan);
        }
    }

    /// Gives an item a date of no note: a task none, an appointment tomorrow. A series is one by its dates.
    fn plain_date(&mut self, n: usize) {
        let mut plan = self.best.clone();
        let kind = plan.setup.items[n].kind;
        if plan.setup.items[n].when == 0 || kind == Kind::RecurringAppointment {
            return;
        }
        let plain = if kind.is_calendar() { plan.setup.schedules.number(PLAIN) } else { Some(0) };
        if let Some(plain) = plain.filter(|plain| *plain != plan.setup.items[n].when) {
            plan.setup.items[n].when = plain;
            self.attempt(plan);
        }
    }

    /// Finds how few bystanders are enough, by halves: with none of them it does not fail, or there are none.
    fn fewer_bystanders(&mut self) {
        let mut too_few = 0;
        while self.left > 0 && self.best.setup.bystanders > too_few + 1 {
            let mut plan = self.best.clone();
            plan.setup.bystanders = too_few + (self.best.setup.bystanders - too_few) / 2;
            let fewer = plan.setup.bystanders;
            if !self.attempt(plan) {
                too_few = fewer;
            }
        }
    }

    /// Removes bystanders, items, computers and users that no step needs.
    fn remove_actors(&mut self) {
        self.fewer_bystanders();
        for id in (0..self.best.setup.items.len() as u8).rev().map(ItemId) {
            if let Some(plan) = without_item(&self.best, id) {
                self.attempt(plan);
            }
        }
        for id in (0..self.best.setup.computers.len() as u8).rev().map(ComputerId) {
            if let Some(plan) = without_computer(&self.best, id) {
                self.attempt(plan);
            }
        }
        for id in (0..self.best.setup.users.len() as u8).rev().map(UserId) {
            if let Some(plan) = without_user(&self.best, id) {
                self.attempt(plan);
            }
        }
    }

    /// Replaces steps by plainer ones.
    fn replace(&mut self) {
        for n in (0..self.best.steps.len()).rev() {
            let Some(step) = self.best.steps.get(n).copied() else { continue };
            for plainer in plainer(&self.best, &step) {
                let mut plan = self.best.clone();
                plan.steps[n] = plainer;
                if self.attempt(plan) {
                    break;
                }
            }
        }
    }

    /// Simplifies detail: the time zone, then what is special about each item and user.
    fn simplify(&mut self) {
        self.plain_zone();
        for n in 0..self.best.setup.items.len() {
            self.plain_date(n);
            for change in DETAILS {
                let mut plan = self.best.clone();
                change(&mut plan.setup.items[n]);
                self.attempt(plan);
            }
        }
        for n in 0..self.best.setup.users.len() {
            let mut plan = self.best.clone();
            plan.setup.users[n].delegates = UserSet::EMPTY;
            plan.setup.users[n].rights = Rights::ALL;
            self.attempt(plan);
            for right in self.best.setup.users[n].rights.missing() {
                let mut plan = self.best.clone();
                plan.setup.users[n].rights = plan.setup.users[n].rights.with(right);
                self.attempt(plan);
            }
        }
        // Fewer switches between computers: everything one person does, at one place.
        if let Some(first) = self.best.steps.first().copied() {
            let mut plan = self.best.clone();
            for step in &mut plan.steps {
                let moves = step.by == first.by && step.op.items().is_some_and(|items| !items.is_empty());
                if moves {
                    step.at = first.at;
                }
            }
            self.attempt(plan);
        }
    }
}

/// When an appointment takes place that has no date of note: tomorrow.
pub const PLAIN: Schedule = Schedule { start: 24 * 3600, end: 25 * 3600, every: 0, count: 1 };

const DETAILS: [fn(&mut ItemSetup); 8] = [
    |item| item.required = UserSet::EMPTY,
    |item| item.optional = UserSet::EMPTY,
    |item| item.exceptions = 0,
    |item| (item.regarding, item.parent) = (None, None),
    |item| item.store = Store::Exchange,
    |item| item.record = item.kind.record(),
    |item| item.status = if item.kind == Kind::Email { Status::Completed } else { Status::Open },
    |item| {
        let owner = UserSet::of(item.owner);
        (item.copies, item.tracked) = (UserSet(item.copies.0 & owner.0), UserSet(item.tracked.0 & owner.0));
    },
];

/// Steps that would do instead, the plainest first.
fn plainer(plan: &Plan, step: &Step) -> Vec<Step> {
    let mut plainer = Vec::new();
    let mut add = |op| plainer.push(Step { op, ..*step });
    if let Op::Delete { item, side, how: Deletion::Soft | Deletion::Moved } = step.op {
        add(Op::Delete { item, side, how: Deletion::Hard });
    } else if let Op::GoOffline { crash: None } = step.op {
        add(Op::Disconnect);
    } else if let Op::GoOnline { crash: None } = step.op {
        add(Op::Connect);
    } else if let Some(Crash { at, stage }) = step.op.crash() {
        add(step.op.with_crash(None));
        if matches!(step.op, Op::Synchronize { .. }) && stage != Stage::BeforeUpload {
            add(step.op.with_crash(Some(Crash { at, stage: Stage::BeforeUpload })));
        }
    } else if step.op == Op::Settle {
        // One synchronization is plainer than all of them.
        for (user, id) in plan.setup.users.iter().zip(0..) {
            let by = UserId(id);
            plainer.push(match user.method {
                tombstone_model::plan::Method::ServerSide => {
                    Step { by, at: Place::Web, op: Op::ServerSynchronize { mailbox: by, crash: None } }
                }
                tombstone_model::plan::Method::OutlookClient => {
                    let own = plan.setup.computers.iter().zip(0..).filter(|(computer, _)| computer.user == by);
                    let chosen =
                        own.clone().find(|(computer, _)| computer.synchronizing).or_else(|| own.clone().next());
                    let Some((_, id)) = chosen else { continue };
                    Step { by, at: Place::Computer(ComputerId(id)), op: Op::Synchronize { crash: None } }
                }
            });
        }
    } else if let Op::Track { items, mailbox, record } = step.op {
        if items.len() > 1 || record.is_some() {
            for id in items.iter() {
                add(Op::Track { items: ItemSet::of(id), mailbox, record: None });
            }
        }
    } else if let Op::Untrack { items, mailbox, yes } = step.op
        && items.len() > 1
    {
        for id in items.iter() {
            add(Op::Untrack { items: ItemSet::of(id), mailbox, yes });
        }
    }
    plainer
}

/// The plan without an item that no step names.
fn without_item(plan: &Plan, gone: ItemId) -> Option<Plan> {
    if plan.setup.items.len() == 1 {
        return None;
    }
    let mut plan = plan.clone();
    plan.steps.retain(|step| {
        let to = step.op.other();
        to != Some(gone) && !step.op.items().is_some_and(|items| items.contains(gone))
    });
    plan.setup.items.remove(gone.index());
    if !plan.names.items.is_empty() {
        plan.names.items.remove(gone.index());
    }
    let mut down = |id: ItemId| if id > gone { ItemId(id.0 - 1) } else { id };
    for item in &mut plan.setup.items {
        item.regarding = item.regarding.filter(|&to| to != gone).map(down);
        item.parent = item.parent.filter(|&to| to != gone).map(down);
    }
    let last = ItemId(plan.setup.items.len() as u8 - 1);
    for step in &mut plan.steps {
        step.op = step.op.with_items(&mut down);
        if let Some(Crash { at, stage }) = step.op.crash() {
            step.op = step.op.with_crash(Some(Crash { at: at.min(last), stage }));
        }
    }
    Some(plan)
}

/// The plan without a computer, and without the steps taken there.
fn without_computer(plan: &Plan, gone: ComputerId) -> Option<Plan> {
    let mut plan = plan.clone();
    plan.steps.retain(|step| step.at != Place::Computer(gone));
    plan.setup.computers.remove(gone.index());
    if !plan.names.computers.is_empty() {
        plan.names.computers.remove(gone.index());
    }
    for step in &mut plan.steps {
        if let Place::Computer(computer) = &mut step.at
            && *computer > gone
        {
            computer.0 -= 1;
        }
    }
    Some(plan)
}

/// The plan without a user that nothing refers to any more.
fn without_user(plan: &Plan, gone: UserId) -> Option<Plan> {
    if plan.setup.users.len() == 1 || plan.setup.computers.iter().any(|computer| computer.user == gone) {
        return None;
    }
    let mut plan = plan.clone();
    let stays = UserId(u8::from(gone.0 == 0));
    let down = |id: UserId| match id.cmp(&gone) {
        std::cmp::Ordering::Less => id,
        std::cmp::Ordering::Equal if stays < gone => stays,
        std::cmp::Ordering::Equal => UserId(stays.0 - 1),
        std::cmp::Ordering::Greater => UserId(id.0 - 1),
    };
    let moved = |users: UserSet| -> UserSet { users.without(gone).iter().map(down).collect() };
    plan.steps.retain(|step| step.by != gone || step.op == Op::Settle);
    plan.setup.users.remove(gone.index());
    if !plan.names.users.is_empty() {
        plan.names.users.remove(gone.index());
    }
    for user in &mut plan.setup.users {
        user.delegates = moved(user.delegates);
    }
    for computer in &mut plan.setup.computers {
        computer.user = down(computer.user);
    }
    for item in &mut plan.setup.items {
        // Whoever is nobody here owns and organizes nothing of a user's: an outsider does.
        item.organizer = item.organizer.filter(|&user| user != gone).map(down);
        item.owner = down(item.owner);
        for set in [&mut item.copies, &mut item.tracked, &mut item.required, &mut item.optional] {
            *set = moved(*set);
        }
    }
    for step in &mut plan.steps {
        step.by = down(step.by);
        step.op = step.op.with_users(down);
    }
    Some(plan)
}
