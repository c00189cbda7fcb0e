//! What fails in a shared world and passes alone: a program that handles the first page of items only, say, or takes one
//! item for another where there are many. It is shrunk in company: scenarios, their steps and their items are taken out of
//! the world while it still fails. What is left becomes one plan where a plan can hold it, and a failure in any case.

use std::collections::BTreeMap;

use tombstone_adapter::ChildImplementation;
use tombstone_model::contract::implementation::Implementation;
use tombstone_model::ids::{ItemId, MAX_ITEMS, UserId, UserSet};
use tombstone_model::plan::{Change, Op, Plan};
use tombstone_model::time::Schedules;
use tombstone_model::verdict::RunVerdict;
use tombstone_reports::events::{CaseJudged, Event};
use tombstone_reports::{CaseReport, CommandLine, Failure, Shrunk, Signature, Verdict, counted};
use tombstone_scenarios::Scenario;
use tombstone_search::run::{Terms, record};
use tombstone_search::shrink::SLOW_BUDGET;

use super::lockstep::run;
use super::packed::{Packed, class, in_company, signature};
use super::shared_world::{Member, SharedWorld};
use crate::campaign::shrunk;
use crate::check::Checking;
use crate::confirm;
use crate::explain::{self, ReplaySource};
use crate::lines;
use crate::log::Log;
use crate::subject::Subject;

/// The most worlds that are set up to shrink one failure: each takes a real engine seconds.
const WORLDS: usize = 32;
/// The most failures that are shrunk, one of each class: those that break the same check of rules that demand the same.
const SHRUNK: usize = 3;

/// What failed in company only, shrunk; `worlds` are those in which the suspects ran. Nothing of what fails no longer.
pub(super) fn convict(
    (checking, subject): (&Checking, &Subject),
    (child, beside): (&mut ChildImplementation, &mut dyn Implementation),
    worlds: &[SharedWorld<'_>],
    suspects: Vec<Packed<'_>>,
    log: &mut Log,
) {
    let mut classes: BTreeMap<_, Vec<Packed<'_>>> = BTreeMap::new();
    for one in suspects {
        classes.entry(class(checking, one.case())).or_default().push(one);
    }
    let mut classes: Vec<Vec<Packed<'_>>> = classes.into_values().collect();
    // The class with the most first, so that what is not shrunk is the least.
    classes.sort_by_key(|class| std::cmp::Reverse(class.len()));
    let mut cases: Vec<CaseReport> = Vec::new();
    for class in classes {
        let times = class.len() as u64;
        let Some(one) = class.first() else { continue };
        if cases.len() == SHRUNK {
            // Counted with the first: what else could be said of it is what the others say.
            let known = cases.first_mut().and_then(|case| case.failures.first_mut());
            if let Some(times_before) = known.and_then(|failure| failure.times.as_mut()) {
                *times_before += times;
            }
            continue;
        }
        let mut trial = CrowdTrial { checking, subject, child, left: WORLDS };
        match trial.shrink(&worlds[one.world.0], one, beside, log) {
            Some((mut case, others)) => {
                if let Some(failure) = case.failures.first_mut() {
                    failure.times = Some(times);
                }
                case.title = format!("{}, in a world with {}", case.title, counted(others, "other item"));
                cases.push(case);
            }
            None => cases.extend(trial.now_and_then(&worlds[one.world.0], one, log)),
        }
    }
    log.tell_all(
        cases.into_iter().map(|case| Event::CaseJudged(Box::new(CaseJudged { case, ..CaseJudged::default() }))),
    );
}

struct CrowdTrial<'t> {
    checking: &'t Checking,
    subject: &'t Subject,
    child: &'t mut ChildImplementation,
    /// The worlds that may still be set up.
    left: usize,
}

impl CrowdTrial<'_> {
    /// The case of a failure in company, with as little company as it needs; and how many items others have there.
    fn shrink(
        &mut self,
        world: &SharedWorld<'_>,
        suspect: &Packed<'_>,
        beside: &mut dyn Implementation,
        log: &mut Log,
    ) -> Option<(CaseReport, u64)> {
        let own = suspect.world.1;
        let wanted = suspect.case().failures.first()?.signature.clone();
        let mut members: Vec<Member<'_>> = world.members.clone();
        let at = |members: &[Member<'_>]| members.iter().position(|one| one.number == own);
        let place = at(&members)?;
        let mut last = self.fails(world, &members, place, &wanted)?;
        // Those with nothing to do with it first: other people, then whatever can go.
        let group = members[place].group;
        let mut attempt =
            |trial: &mut Self, members: &mut Vec<Member<'_>>, keep: &dyn Fn(usize, &Member<'_>) -> bool| {
                let kept = members.iter().enumerate().filter(|(n, one)| one.number == own || keep(*n, one));
                let kept: Vec<Member<'_>> = kept.map(|(_, member)| member.clone()).collect();
                let Some(place) = at(&kept).filter(|_| kept.len() < members.len()) else { return false };
                match trial.fails(world, &kept, place, &wanted) {
                    Some(case) => {
                        (*members, last) = (kept, case);
                        true
                    }
                    None => false,
                }
            };
        attempt(self, &mut members, &|_, one| one.group == group);
        let mut size = members.len().div_ceil(2);
        while size > 0 {
            let mut end = members.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                attempt(self, &mut members, &|n, _| n < start || n >= end);
                end = start.min(members.len());
            }
            size /= 2;
        }
        // What the others do is rarely needed; that they are there is.
        let mut idle = members.clone();
        for member in idle.iter_mut().filter(|member| member.number != own) {
            member.idle = true;
            member.plan.steps.clear();
        }
        let place = at(&idle)?;
        if members.len() > 1
            && let Some(case) = self.fails(world, &idle, place, &wanted)
        {
            last = case;
            members = idle;
        }
        let place = at(&members)?;
        let from = suspect.scenario.plan.steps.len();
        if let Some((case, others)) = self.alone(&members, place, suspect, beside) {
            return Some((case, others));
        }
        let others = members.iter().enumerate().filter(|(n, _)| *n != place);
        let others: usize = others.map(|(_, one)| one.plan.setup.items.len()).sum();
        let mut failure = last.failures.into_iter().next()?;
        failure.replayed_by(&self.replay(&members));
        // Alone it conforms: what fails is the world of the command.
        failure.scenario = String::new();
        failure.shrunk = Some(Shrunk { from: from as u64, to: from as u64, minimal: false, single: false });
        failure.again = Some(confirm::repeat(|| self.fails_afresh(world, &members, (place, &wanted), log)));
        Some((self.case(suspect, failure), others as u64))
    }

    /// The case of a member, where it fails in this company as it did.
    fn fails(
        &mut self,
        world: &SharedWorld<'_>,
        members: &[Member<'_>],
        own: usize,
        wanted: &Signature,
    ) -> Option<CaseReport> {
        self.left = self.left.checked_sub(1)?;
        let world = SharedWorld { members: members.to_vec(), groups: world.groups.clone() };
        failing((self.checking, self.subject), self.child, &world, (own, wanted))
    }

    /// Whether it does in a fresh start of the program.
    fn fails_afresh(
        &self,
        world: &SharedWorld<'_>,
        members: &[Member<'_>],
        own: (usize, &Signature),
        log: &mut Log,
    ) -> bool {
        let Subject::Program { launch, .. } = self.subject else { return false };
        let world = SharedWorld { members: members.to_vec(), groups: world.groups.clone() };
        let judged = (self.checking, self.subject);
        confirm::fresh_start(launch, log, |child| failing(judged, child, &world, own)).is_some()
    }

    /// The case of what failed, and not when its world was set up again; with how often it does in fresh starts.
    fn now_and_then(&self, world: &SharedWorld<'_>, suspect: &Packed<'_>, log: &mut Log) -> Option<CaseReport> {
        let mut failure = suspect.case().failures.first()?.clone();
        let place = world.members.iter().position(|one| one.number == suspect.world.1)?;
        let wanted = failure.signature.clone();
        let mut again = confirm::repeat(|| self.fails_afresh(world, &world.members, (place, &wanted), log));
        // It did not where it was found.
        again.runs += 1;
        failure.again = Some(again);
        failure.replayed_by(&self.replay(&world.members));
        failure.scenario = String::new();
        Some(self.case(suspect, failure))
    }

    /// The packed world as one plan in which the others do nothing, where a plan can hold them: shrunk like any other.
    fn alone(
        &self,
        members: &[Member<'_>],
        own: usize,
        suspect: &Packed<'_>,
        beside: &mut dyn Implementation,
    ) -> Option<(CaseReport, u64)> {
        let rules = &*self.checking.rules;
        let terms = Terms { rules, readings: self.checking.profile.readings(), skip_unsupported: false };
        let plan = together(members, own)?;
        let small = shrunk(terms, &plan, beside, 2 * SLOW_BUDGET)?.plan;
        let (run, trace) = record(terms, &small, beside);
        let RunVerdict::Diverges(divergence) = run.verdict else { return None };
        let (from, to) = (suspect.scenario.plan.steps.len() as u64, small.steps.len() as u64);
        let id = format!("counterexample/in-company-{}", divergence.check.name());
        let mut scenario = Scenario::new(id, suspect.scenario.title.clone(), small.clone());
        let items = counted(small.setup.items.len() as u64, "item");
        scenario.header =
            vec![format!("From the scenario {}, which fails in a world with {items}.", suspect.case().id)];
        scenario.profile = Some(self.checking.profile.name.clone());
        let source = ReplaySource { replay: self.replay(members), scenario: tombstone_scenarios::write(&scenario) };
        let mut failure = explain::failure(rules, &small, &divergence, &trace, source);
        failure.shrunk = Some(Shrunk { from, to, minimal: false, single: false });
        let named = |id: ItemId| small.steps.iter().any(|step| step.op.items().is_some_and(|items| items.contains(id)));
        let others = (0..small.setup.items.len() as u8).filter(|&id| !named(ItemId(id))).count();
        Some((self.case(suspect, failure), others as u64))
    }

    fn case(&self, suspect: &Packed<'_>, failure: Failure) -> CaseReport {
        CaseReport {
            id: in_company(&suspect.case().id),
            beside: true,
            title: suspect.case().title.clone(),
            covers: suspect.case().covers.clone(),
            verdict: Verdict::Diverges,
            steps: suspect.case().steps,
            failures: vec![failure],
            ..CaseReport::default()
        }
    }

    /// The command that puts them into one world again.
    fn replay(&self, members: &[Member<'_>]) -> CommandLine {
        let packed = ["--isolation", "packed", "--plans", "0", "--kill", "0"].map(str::to_owned);
        let ids = members.iter().flat_map(|member| ["--scenario".to_owned(), member.scenario.id.clone()]);
        lines::several(self.checking, self.subject, packed.into_iter().chain(ids).collect())
    }
}

/// The case of a member of a world, where it fails there by a signature.
fn failing(
    (checking, subject): (&Checking, &Subject),
    child: &mut ChildImplementation,
    world: &SharedWorld<'_>,
    (own, wanted): (usize, &Signature),
) -> Option<CaseReport> {
    let (told, _) = run(checking, subject, child, world).ok()?.cases.into_iter().nth(own)?;
    let case = told.judged.case;
    (case.verdict == Verdict::Diverges && signature(&case) == Some(wanted)).then_some(case)
}

/// The plan of a member with the items of the others, which now belong to its first user where they were other people's;
/// none where the others do something, or have too many items for a plan.
fn together(members: &[Member<'_>], own: usize) -> Option<Plan> {
    let mut plan = members.get(own)?.plan.clone();
    let mut all = Plan { steps: std::mem::take(&mut plan.steps), ..plan.clone() };
    all.setup.items.clear();
    all.setup.schedules = Schedules::default();
    all.names.items.clear();
    let mut first_own = 0;
    for (n, member) in members.iter().enumerate() {
        if n != own && !member.plan.steps.is_empty() {
            return None;
        }
        let strange = member.group != members[own].group;
        let first = u8::try_from(all.setup.items.len()).ok()?;
        let setup = &member.plan.setup;
        let mut dates = Vec::new();
        for schedule in setup.schedules.iter() {
            dates.push(all.setup.schedules.number(*schedule)?);
        }
        if n == own {
            first_own = first;
            for step in &mut all.steps {
                if let Op::Edit { change: Change::When(when), .. } = &mut step.op {
                    *when = *dates.get(usize::from(*when))?;
                }
            }
        }
        for item in &setup.items {
            let mut item = *item;
            item.when = *dates.get(usize::from(item.when))?;
            item.regarding = item.regarding.map(|to| ItemId(to.0 + first));
            item.parent = item.parent.map(|to| ItemId(to.0 + first));
            if strange {
                let first_user = |users: UserSet| if users.is_empty() { users } else { UserSet::of(UserId(0)) };
                (item.owner, item.organizer) = (UserId(0), item.organizer.map(|_| UserId(0)));
                (item.copies, item.tracked) = (first_user(item.copies), first_user(item.tracked));
                (item.required, item.optional) = (first_user(item.required), UserSet::EMPTY);
            }
            all.setup.items.push(item);
        }
        all.names.items.extend(member.plan.names.items.iter().cloned());
    }
    for step in &mut all.steps {
        step.op = step.op.with_items(|id| ItemId(id.0 + first_own));
    }
    let fits = all.setup.items.len() <= MAX_ITEMS && all.setup.problems().is_empty();
    fits.then_some(all)
}
