//! Packing: scenarios that have nothing to do with each other share one world and one schedule of synchronizations.
//!
//! A real engine takes a second for a cycle, however many items changed. So the items of many scenarios are put into one
//! world, and their steps taken layer by layer: the first step of each in one message, then the second, and when all wait
//! for a synchronization, one synchronization for all. What each scenario would have seen alone is cut out of the
//! snapshots and judged as if it had run alone, by the same runner and oracle: `Alone` answers from the recording.
//!
//! What fails packed is run again in other company, only those that failed. Where it fails as before, one of each class is
//! run alone: those that break the same check of rules that demand the same. If that one fails alone, the others of its
//! class are believed; otherwise each of them is run alone, as is everything that the two worlds do not agree on. So
//! nothing is reported that was seen once, or that only company brings about.
//!
//! A scenario is packed where it does nothing to a computer, a clock or the network, since those are shared.

use std::collections::BTreeMap;
use std::fmt;

use tombstone_model::ids::UserId;
use tombstone_model::implementation::{Answer, Description, Failure, Implementation, Testimony};
use tombstone_model::plan::{Method, Names, Op, Place, Plan, Setup, Step};
use tombstone_model::view::View;
use tombstone_model::world::{Context, Scene};
use tombstone_reports::{CaseReport, ImplementationReport, Signature, Verdict};
use tombstone_scenarios::Scenario;

use crate::adapter::ChildImplementation;
use crate::adapter::protocol::{Reset, Snapshot, parse_address, parse_title};
use crate::adapter::translate::Dictionary;
use crate::check::{self, Checking};
use crate::explain::fate;
use crate::run::SETTLE_ROUNDS;
use crate::subject::Subject;

/// The most items of a packed world. Servers of files get slower with every item of a collection; past a few hundred a
/// cycle costs more than the ones it saves.
pub const MOST_ITEMS: usize = 200;

/// What packing saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// Scenarios that were packed.
    pub packed: u64,
    /// Scenarios that cannot be, and ran alone.
    pub alone: u64,
    /// Scenarios that failed in two packed worlds alike, as another of their class did alone.
    pub believed: u64,
    /// Scenarios that failed packed, and ran again alone.
    pub confirmed: u64,
    /// Worlds that were set up for the packed ones.
    pub worlds: u64,
    /// Synchronizations in them.
    pub cycles: u64,
    /// Synchronizations that the packed scenarios would have taken alone.
    pub cycles_alone: u64,
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { packed, alone, believed, confirmed, worlds, cycles, cycles_alone } = self;
        write!(
            f,
            "{packed} scenarios packed into {worlds} worlds, {cycles} synchronizations in place of {cycles_alone}; {alone} ran \
             alone; of those that did not conform, {confirmed} ran again alone and {believed} failed alike in other company"
        )
    }
}

/// Runs scenarios on a program, packed where they can be, and adds what came of them to its report. `beside` runs in a
/// process of its own for what must run alone. `tick` is called after each scenario.
pub fn scenarios(
    checking: &Checking,
    subject: &Subject,
    child: &mut ChildImplementation,
    beside: &mut dyn Implementation,
    scenarios: &[Scenario],
    report: &mut ImplementationReport,
    tick: &mut dyn FnMut(),
) -> Saved {
    let mut saved = Saved::default();
    let mut packer = Packer { checking, subject, child, saved: &mut saved };
    let (packed, mut alone) = packer.pack(&scenarios.iter().collect::<Vec<_>>());
    let (mut suspects, mut confirm) = (Vec::new(), Vec::new());
    for one in packed {
        match one.case.verdict {
            Verdict::Conforms | Verdict::Unsupported => {
                add(report, one.own);
                report.cases.push(one.case);
                tick();
            }
            Verdict::Diverges => suspects.push(one),
            Verdict::Broken | Verdict::Undecided => confirm.push(one.scenario),
        }
    }
    packer.saved.packed -= (suspects.len() + confirm.len()) as u64;
    // In other company; for a few that is not worth a world.
    let believable = if suspects.len() > FEW {
        packer.again(&suspects, &mut confirm)
    } else {
        confirm.extend(suspects.into_iter().map(|one| one.scenario));
        BTreeMap::new()
    };
    let mut one_alone = |scenario: &Scenario, report: &mut ImplementationReport| {
        let case = check::one(checking, subject, beside, scenario, report);
        let verdict = case.verdict;
        report.cases.push(case);
        tick();
        verdict
    };
    for (_, mut class) in believable {
        let witness = class.remove(0);
        saved.confirmed += 1;
        if one_alone(witness.scenario, report) == Verdict::Diverges {
            saved.believed += class.len() as u64;
            for one in class {
                add(report, one.own);
                report.cases.push(one.case);
            }
        } else {
            confirm.extend(class.into_iter().map(|one| one.scenario));
        }
    }
    saved.confirmed += confirm.len() as u64;
    saved.alone = alone.len() as u64;
    alone.append(&mut confirm);
    for scenario in alone {
        one_alone(scenario, report);
    }
    saved
}

/// Of so few failing scenarios each is run alone.
const FEW: usize = 3;

/// A scenario that ran packed.
struct Packed<'s> {
    scenario: &'s Scenario,
    case: CaseReport,
    /// What it adds to the report.
    own: ImplementationReport,
}

struct Packer<'p> {
    checking: &'p Checking,
    subject: &'p Subject,
    child: &'p mut ChildImplementation,
    saved: &'p mut Saved,
}

impl Packer<'_> {
    /// Runs what can be packed; the rest is returned as it is.
    fn pack<'s>(&mut self, scenarios: &[&'s Scenario]) -> (Vec<Packed<'s>>, Vec<&'s Scenario>) {
        let (groups, mut alone) = grouped(self.child, scenarios);
        let mut packed = Vec::new();
        for mut group in groups {
            let mut recorded = record(self.child, &group);
            // One scenario whose world cannot be set up takes the others with it: it is found by halving, and they go on.
            if recorded.failure.is_some() && !recorded.started {
                let (able, unable) = sorted_out(self.child, group.members);
                alone.extend(unable.iter().map(|member| member.scenario));
                group.members = able;
                if group.members.is_empty() {
                    continue;
                }
                recorded = record(self.child, &group);
            }
            self.saved.worlds += 1;
            self.saved.cycles += recorded.cycles;
            self.saved.packed += group.members.len() as u64;
            let first = packed.len();
            for (member, taken) in group.members.iter().zip(recorded.taken) {
                let description = self.child.describe().clone();
                let mut replayed = Alone::new(description, member.plan.clone(), taken, recorded.failure.clone());
                let mut own = ImplementationReport::default();
                let case = check::one(self.checking, self.subject, &mut replayed, member.scenario, &mut own);
                self.saved.cycles_alone += replayed.cycles;
                packed.push(Packed { scenario: member.scenario, case, own });
            }
            for unknown in &recorded.unknown {
                let testimony = Testimony { unknown: vec![unknown.clone()], reports: Vec::new() };
                if let Some(one) = packed.get_mut(first) {
                    crate::findings::witness(&mut one.own, &testimony, crate::findings::Fared::Undecided, "");
                }
            }
        }
        (packed, alone)
    }

    /// Runs what failed again in other company. Those that fail alike are returned by class; the others are to be run alone.
    fn again<'s>(
        &mut self,
        suspects: &[Packed<'s>],
        confirm: &mut Vec<&'s Scenario>,
    ) -> BTreeMap<(String, String), Vec<Packed<'s>>> {
        let scenarios: Vec<&Scenario> = suspects.iter().rev().map(|one| one.scenario).collect();
        let before = *self.saved;
        let (again, alone) = self.pack(&scenarios);
        // What ran twice is counted once.
        (self.saved.packed, self.saved.cycles_alone) = (before.packed, before.cycles_alone);
        confirm.extend(alone);
        let mut classes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for one in again {
            let before = suspects.iter().find(|before| before.case.id == one.case.id);
            match (class(self.checking, &one.case), before.and_then(|before| signature(&before.case))) {
                (Some(class), Some(before)) if signature(&one.case) == Some(before) => {
                    classes.entry(class).or_default().push(one);
                }
                (Some(_) | None, _) => confirm.push(one.scenario),
            }
        }
        classes
    }
}

fn signature(case: &CaseReport) -> Option<&Signature> {
    case.failures.first().map(|failure| &failure.signature)
}

/// The check that a scenario failed, and what the rule that it cites demands of the two stores.
fn class(checking: &Checking, case: &CaseReport) -> Option<(String, String)> {
    let signature = signature(case)?;
    let rule = signature.rule.as_deref().and_then(|id| checking.rules.named(id)).map(|id| checking.rules.rule(id));
    let demands = rule.map(|rule| format!("{} {}", fate(rule.then.outlook), fate(rule.then.crm)));
    Some((signature.check.clone(), demands.unwrap_or_default()))
}

/// Adds the counts, findings and observations of one report to another.
fn add(report: &mut ImplementationReport, own: ImplementationReport) {
    for row in own.rows {
        report.count_all(&row.rule, row.counts);
    }
    for finding in own.findings {
        crate::findings::find(report, &finding.category, &finding.text, finding.example.as_deref().unwrap_or_default());
    }
    for seen in own.observations {
        crate::findings::observe(report, &seen.category, &seen.text, seen.example.as_deref().unwrap_or_default());
    }
}

/// Tells the members whose worlds can be set up together from those whose cannot.
fn sorted_out<'s>(child: &mut ChildImplementation, mut members: Vec<Member<'s>>) -> (Vec<Member<'s>>, Vec<Member<'s>>) {
    if members.is_empty() || child.reset_to(together(&dictionaries(&members))).is_ok() {
        return (members, Vec::new());
    }
    if members.len() == 1 {
        return (Vec::new(), members);
    }
    let half = members.split_off(members.len() / 2);
    let (mut able, mut unable) = sorted_out(child, members);
    let (more, others) = sorted_out(child, half);
    able.extend(more);
    unable.extend(others);
    (able, unable)
}

fn dictionaries(members: &[Member<'_>]) -> Vec<Dictionary> {
    members.iter().map(|member| Dictionary::new(&member.plan)).collect()
}

/// The world of all of them.
fn together(dictionaries: &[Dictionary]) -> Reset {
    let mut world = dictionaries[0].reset(0);
    for dictionary in &dictionaries[1..] {
        let more = dictionary.reset(0);
        world.items.extend(more.items);
        let new: Vec<_> = more.schedules.into_iter().filter(|dates| !world.schedules.contains(dates)).collect();
        world.schedules.extend(new);
    }
    world
}

/// Scenarios that share a world.
struct Group<'s> {
    /// The world, without its items.
    world: Setup,
    /// The synchronizations, in order: the longest of the members' schedules, of which the others are beginnings.
    schedule: Vec<Step>,
    members: Vec<Member<'s>>,
    items: usize,
}

/// A scenario in a packed world.
struct Member<'s> {
    scenario: &'s Scenario,
    /// Its plan, with names that no other scenario has, as far as the program can take it.
    plan: Plan,
}

/// Whether a step may be shared: it synchronizes, and nothing else.
fn is_shared(op: &Op) -> bool {
    match op {
        Op::Settle => true,
        Op::Synchronize { crash } | Op::ServerSynchronize { crash, .. } => crash.is_none(),
        Op::Create { .. }
        | Op::Edit { .. }
        | Op::Delete { .. }
        | Op::Track { .. }
        | Op::Untrack { .. }
        | Op::SetRegarding { .. }
        | Op::SetParent { .. }
        | Op::Complete { .. }
        | Op::Cancel { .. }
        | Op::Assign { .. }
        | Op::ChangeOrganizer { .. }
        | Op::Connect
        | Op::Disconnect
        | Op::GoOffline { .. }
        | Op::GoOnline { .. }
        | Op::ChooseSynchronizingComputer
        | Op::Restart
        | Op::Wait { .. } => false,
    }
}

/// Puts scenarios together that can share a world; the others are returned as they are.
fn grouped<'s>(child: &ChildImplementation, scenarios: &[&'s Scenario]) -> (Vec<Group<'s>>, Vec<&'s Scenario>) {
    let capabilities = &child.describe().capabilities;
    let (mut groups, mut alone): (Vec<Group<'s>>, _) = (Vec::new(), Vec::new());
    // The longest schedules first, so that the others find one of which theirs is the beginning.
    let mut ordered: Vec<&Scenario> = scenarios.to_vec();
    let shared = |scenario: &Scenario| scenario.plan.steps.iter().filter(|step| is_shared(&step.op)).count();
    ordered.sort_by_key(|scenario| std::cmp::Reverse(shared(scenario)));
    for scenario in ordered {
        let setup = &scenario.plan.setup;
        let on_items = |op: &Op| op.items().is_some_and(|items| !items.is_empty());
        // What cannot be taken ends it, and what comes after does not matter.
        let able = |step: &Step| capabilities.lacks_step(setup, step).is_none();
        let end = scenario.plan.steps.iter().position(|step| !able(step)).unwrap_or(scenario.plan.steps.len());
        let packable = scenario.plan.steps[..end].iter().all(|step| is_shared(&step.op) || on_items(&step.op));
        if !packable || !capabilities.stepped || capabilities.lacks(setup).is_some() || setup.items.len() > MOST_ITEMS {
            alone.push(scenario);
            continue;
        }
        let mut plan = scenario.plan.clone();
        let schedule: Vec<Step> = plan.steps[..end].iter().filter(|step| is_shared(&step.op)).copied().collect();
        let world = Setup { items: Vec::new(), schedules: Vec::new(), ..setup.clone() };
        let fits = |group: &&mut Group<'_>| {
            group.world == world
                && group.schedule.starts_with(&schedule)
                && group.items + setup.items.len() <= MOST_ITEMS
        };
        let group = match groups.iter_mut().find(fits) {
            Some(group) => group,
            None => {
                groups.push(Group { world, schedule, members: Vec::new(), items: 0 });
                let last = groups.len() - 1;
                &mut groups[last]
            }
        };
        let names = Names::invented(setup);
        let number = group.members.len();
        let items = scenario.plan.names.items.iter().map(|name| format!("{name}-{number}")).collect();
        plan.names = Names { items, ..names };
        group.items += setup.items.len();
        group.members.push(Member { scenario, plan });
    }
    // A world for one saves nothing.
    let (many, single): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.members.len() > 1);
    alone.extend(single.into_iter().flat_map(|group| group.members).map(|member| member.scenario));
    (many, alone)
}

/// What was answered and then seen, for one step or one part of a settling.
type Taken = (Answer, View);

struct Recorded {
    /// For each member: what was seen at the start, and for each of its steps what was taken.
    taken: Vec<(View, Vec<Vec<Taken>>)>,
    cycles: u64,
    unknown: Vec<String>,
    /// Whether the world could be set up.
    started: bool,
    /// Why it ended early.
    failure: Option<Failure>,
}

/// Runs a packed world once, and cuts what was seen into what each member would have seen.
fn record(child: &mut ChildImplementation, group: &Group<'_>) -> Recorded {
    let dictionaries = dictionaries(&group.members);
    let steps = |member: &Member<'_>| vec![Vec::new(); member.plan.steps.len()];
    let taken = group.members.iter().map(|member| (View::new(&member.plan.setup), steps(member))).collect();
    let owners = group.members.iter().enumerate();
    let owners = owners.flat_map(|(n, member)| member.plan.names.items.iter().map(move |name| (name.clone(), n)));
    let owners = owners.collect();
    let recorded = Recorded { taken, cycles: 0, unknown: Vec::new(), started: false, failure: None };
    let capabilities = child.describe().capabilities.clone();
    let ends: Vec<usize> = group
        .members
        .iter()
        .map(|Member { plan, .. }| {
            let lacking = plan.steps.iter().position(|step| capabilities.lacks_step(&plan.setup, step).is_some());
            lacking.unwrap_or(plan.steps.len())
        })
        .collect();
    let mut recorder =
        Recorder { child, group, dictionaries, owners, ends, at: vec![0; group.members.len()], recorded };
    if let Err(failure) = recorder.run() {
        recorder.recorded.failure = Some(failure);
    }
    recorder.recorded
}

struct Recorder<'r, 's> {
    child: &'r mut ChildImplementation,
    group: &'r Group<'s>,
    dictionaries: Vec<Dictionary>,
    /// Which member an item belongs to.
    owners: BTreeMap<String, usize>,
    /// How many steps of each member can be taken.
    ends: Vec<usize>,
    /// The step of each member that comes next.
    at: Vec<usize>,
    recorded: Recorded,
}

impl Recorder<'_, '_> {
    fn run(&mut self) -> Result<(), Failure> {
        self.child.reset_to(together(&self.dictionaries))?;
        self.recorded.started = true;
        for (member, view) in self.look()?.into_iter().enumerate() {
            self.recorded.taken[member].0 = view;
        }
        self.layers()?;
        for number in 0..self.group.schedule.len() {
            let step = self.group.schedule[number];
            self.share(&step)?;
            self.layers()?;
        }
        Ok(())
    }

    /// Takes the steps on items that come before the next synchronization, one of each member at a time.
    fn layers(&mut self) -> Result<(), Failure> {
        loop {
            let (mut who, mut steps) = (Vec::new(), Vec::new());
            for (member, Member { plan, .. }) in self.group.members.iter().enumerate() {
                let at = self.at[member];
                let next = (at < self.ends[member]).then(|| plan.steps[at]).filter(|step| !is_shared(&step.op));
                let Some(step) = next else { continue };
                self.dictionaries[member].remember(&step);
                if let Some(step) = self.dictionaries[member].step(&step) {
                    who.push(member);
                    steps.push(step);
                }
            }
            if steps.is_empty() {
                return Ok(());
            }
            let answers = self.child.take_all(steps);
            let mut views = self.look()?;
            for (member, answer) in who.into_iter().zip(answers) {
                self.broken(&answer)?;
                let at = self.at[member];
                self.recorded.taken[member].1[at].push((answer, std::mem::take(&mut views[member])));
                self.at[member] += 1;
            }
        }
    }

    /// Synchronizes for all members that wait for it: once, or to rest.
    fn share(&mut self, step: &Step) -> Result<(), Failure> {
        let waiting: Vec<usize> = (0..self.at.len())
            .filter(|&member| {
                let at = self.at[member];
                at < self.ends[member] && self.group.members[member].plan.steps[at] == *step
            })
            .collect();
        if step.op == Op::Settle {
            let mut before: Vec<View> = Vec::new();
            for round in 0..SETTLE_ROUNDS {
                let mut views = Vec::new();
                for step in synchronizations(&self.group.members[0].plan.setup) {
                    views = self.once(&step, &waiting)?;
                }
                if views.is_empty() || round > 0 && views == before {
                    break;
                }
                before = views;
            }
        } else {
            self.once(step, &waiting)?;
        }
        waiting.into_iter().for_each(|member| self.at[member] += 1);
        Ok(())
    }

    fn once(&mut self, step: &Step, waiting: &[usize]) -> Result<Vec<View>, Failure> {
        let Some(wire) = self.dictionaries[0].step(step) else { return Ok(Vec::new()) };
        let answer = self.child.take_all(vec![wire]).pop();
        let answer = answer.unwrap_or_else(|| Answer::Failed(Failure::indefinite("the adapter gave no answer")));
        self.recorded.cycles += 1;
        self.broken(&answer)?;
        let views = self.look()?;
        for &member in waiting {
            let at = self.at[member];
            self.recorded.taken[member].1[at].push((answer.clone(), views[member].clone()));
        }
        Ok(views)
    }

    fn broken(&self, answer: &Answer) -> Result<(), Failure> {
        match (answer, self.child.fault()) {
            (Answer::Failed(failure), Some(_)) => Err(failure.clone()),
            (Answer::Done { .. } | Answer::Refused | Answer::Unsupported(_) | Answer::Failed(_), _) => Ok(()),
        }
    }

    /// What each member sees now.
    fn look(&mut self) -> Result<Vec<View>, Failure> {
        let mut parts = vec![Snapshot::default(); self.group.members.len()];
        for entry in self.child.observe_all()?.entries {
            let name = entry.item.as_deref().or_else(|| parse_title(&entry.title).map(|(name, _)| name));
            let owner = name.and_then(|name| self.owners.get(name));
            let by_address = || entry.address.as_deref().and_then(parse_address).and_then(|name| self.owners.get(name));
            match owner.or_else(by_address) {
                Some(&owner) => parts[owner].entries.push(entry),
                None => self.recorded.unknown.push(format!("`{}`, a {}", entry.title, entry.kind.0.name())),
            }
        }
        let pairs = parts.into_iter().zip(&self.dictionaries).zip(&self.group.members);
        pairs
            .map(|((part, dictionary), member)| {
                let mut view = View::new(&member.plan.setup);
                let why = |why| Failure::indefinite(format!("the adapter's snapshot cannot be read: {why}"));
                dictionary.read(part, &mut view).map_err(why)?;
                Ok(view)
            })
            .collect()
    }
}

/// The steps that synchronize every mailbox of a world in which everything is connected.
fn synchronizations(setup: &Setup) -> Vec<Step> {
    let (scene, context) = (Scene::new(setup), Context::new(setup));
    let users = (0..setup.users.len() as u8).map(UserId).filter(|&user| context.can_synchronize(&scene, user));
    users
        .filter_map(|user| match scene.method(user) {
            Method::ServerSide => {
                Some(Step { by: user, at: Place::Web, op: Op::ServerSynchronize { mailbox: user, crash: None } })
            }
            Method::OutlookClient => {
                let computer = context.synchronizing[user.index()]?;
                Some(Step { by: user, at: Place::Computer(computer), op: Op::Synchronize { crash: None } })
            }
        })
        .collect()
}

/// A scenario cut out of a packed world: answers from the recording as the program would have if it had run alone.
struct Alone {
    description: Description,
    steps: Vec<Step>,
    /// The synchronizations of one round of a settling.
    round: usize,
    start: View,
    taken: Vec<Vec<Taken>>,
    failure: Option<Failure>,
    /// The step that comes next, and how often it has been taken.
    at: (usize, usize),
    now: View,
    cycles: u64,
}

impl Alone {
    fn new(
        description: Description,
        plan: Plan,
        (start, taken): (View, Vec<Vec<Taken>>),
        failure: Option<Failure>,
    ) -> Self {
        let round = synchronizations(&plan.setup).len();
        let now = start.clone();
        Self { description, steps: plan.steps, round, start, taken, failure, at: (0, 0), now, cycles: 0 }
    }

    /// Whether the settling under way has come to rest, as the runner sees it.
    fn is_at_rest(&self, part: usize) -> bool {
        let views = &self.taken[self.at.0];
        let rounds = part / self.round.max(1);
        part.is_multiple_of(self.round.max(1))
            && (rounds >= SETTLE_ROUNDS || rounds > 1 && views[part - 1].1 == views[part - 1 - self.round].1)
    }
}

impl Implementation for Alone {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, _: &Plan) -> Result<(), Failure> {
        self.at = (0, 0);
        self.now.clone_from(&self.start);
        self.failure.clone().map_or(Ok(()), Err)
    }

    fn apply(&mut self, step: &Step) -> Answer {
        while self.at.0 < self.steps.len() {
            let (number, part) = self.at;
            let settling = self.steps[number].op == Op::Settle;
            let fits =
                if settling { is_shared(&step.op) && !self.is_at_rest(part) } else { self.steps[number] == *step };
            match self.taken[number].get(part) {
                Some((answer, view)) if fits => {
                    self.now.clone_from(view);
                    self.at = if settling { (number, part + 1) } else { (number + 1, 0) };
                    self.cycles += u64::from(is_shared(&step.op));
                    return answer.clone();
                }
                Some(_) | None => self.at = (number + 1, 0),
            }
        }
        Answer::Failed(Failure::definite("the packed world was not run as far as this step"))
    }

    fn observe(&mut self, view: &mut View) -> Result<(), Failure> {
        view.clone_from(&self.now);
        Ok(())
    }
}
