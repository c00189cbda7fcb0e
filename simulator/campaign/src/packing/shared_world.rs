//! Which scenarios share a world, and whom in it.
//!
//! A *group* is the people and computers of one world, shared by all scenarios that begin with the same ones and
//! ask the same of them. Where an implementation knows several users, groups with nothing to do with each other live
//! in one world side by side, each with people of its own.

use std::cmp::Reverse;

use tombstone_model::contract::implementation::{Capabilities, Operation};
use tombstone_model::ids::UserId;
use tombstone_model::plan::{Method, Names, Op, Place, Plan, Setup, Step};
use tombstone_model::time::{Schedules, Seconds};
use tombstone_model::world::{Context, Scene};
use tombstone_scenarios::Scenario;

/// The most items of a packed world. Servers of files get slower with every item of a collection; past a few hundred a
/// cycle costs more than the ones it saves.
pub const MOST_ITEMS: usize = 300;

/// Scenarios that share a world.
#[derive(Debug)]
pub(super) struct SharedWorld<'s> {
    pub members: Vec<Member<'s>>,
    /// What the groups ask of their people; by the number that a member has of its group.
    pub groups: Vec<Group>,
}

/// A scenario in a packed world.
#[derive(Clone, Debug)]
pub(super) struct Member<'s> {
    pub scenario: &'s Scenario,
    /// Its plan, with names that no other scenario has.
    pub plan: Plan,
    pub group: usize,
    /// Its number in the world as it was first put together.
    pub number: usize,
    /// Whether its items are there, and nothing is done to them.
    pub idle: bool,
}

/// People and computers, and what all scenarios that share them ask of them.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The world, without its items.
    setup: Setup,
    /// The steps that are not about an item, in order: the longest list of all members, of which the others are beginnings.
    shared: Vec<Step>,
    /// Whether there is one mailbox, and nothing but synchronizing it is asked. Then one synchronization is like another,
    /// and members need not agree on how many they want.
    pub alike: bool,
    /// Whether nobody can join.
    closed: bool,
    items: usize,
}

impl Group {
    fn waits(&self) -> Vec<Seconds> {
        let waits = self.shared.iter().filter_map(|step| waited(&step.op));
        waits.collect()
    }

    /// Whether scenarios that ask this can join.
    fn takes(&self, other: &Self) -> bool {
        let agree = self.alike && other.alike || self.shared.starts_with(&other.shared);
        let open = !self.closed && !other.closed && self.items + other.items <= MOST_ITEMS;
        open && self.alike == other.alike && agree && self.setup == other.setup
    }
}

/// How long a step lets time pass.
pub(super) fn waited(op: &Op) -> Option<Seconds> {
    if let Op::Wait { seconds } = *op { Some(seconds) } else { None }
}

/// Whether a step is about items, and so about one scenario only.
pub(super) fn is_own(op: &Op) -> bool {
    op.items().is_some_and(|items| !items.is_empty())
}

/// Puts scenarios together that can share a world; the others are returned as they are.
pub(super) fn worlds<'s>(
    capabilities: &Capabilities,
    scenarios: &[&'s Scenario],
) -> (Vec<SharedWorld<'s>>, Vec<&'s Scenario>) {
    let (mut groups, mut alone): (Vec<(Group, Vec<&'s Scenario>)>, Vec<&'s Scenario>) = (Vec::new(), Vec::new());
    let mut asked: Vec<_> = scenarios.iter().map(|scenario| (asks(capabilities, scenario), *scenario)).collect();
    // The longest lists first, so that the others find one of which theirs is the beginning.
    asked.sort_by_key(|(asked, _)| Reverse(asked.as_ref().map_or(0, |asked| asked.shared.len())));
    for (asked, scenario) in asked {
        let Some(asked) = asked else {
            alone.push(scenario);
            continue;
        };
        match groups.iter_mut().find(|(group, _)| group.takes(&asked)) {
            Some((group, members)) => {
                group.items += asked.items;
                members.push(scenario);
            }
            None => groups.push((asked, vec![scenario])),
        }
    }
    // Time passes for all, so that those who wait the longest come first.
    groups.sort_by_key(|(group, _)| Reverse(group.waits().len()));
    let mut worlds: Vec<Vec<(Group, Vec<&'s Scenario>)>> = Vec::new();
    for (group, members) in groups {
        let room = |world: &&mut Vec<(Group, Vec<&'s Scenario>)>| {
            let first = &world[0].0;
            let items: usize = world.iter().map(|(other, _)| other.items).sum();
            capabilities.users
                && first.setup.zone == group.setup.zone
                && first.waits().starts_with(&group.waits())
                && items + group.items <= MOST_ITEMS
        };
        match worlds.iter_mut().find(room) {
            Some(world) => world.push((group, members)),
            None => worlds.push(vec![(group, members)]),
        }
    }
    // A world for one saves nothing.
    let one = |world: &[(Group, Vec<&Scenario>)]| world.len() == 1 && world[0].1.len() == 1;
    let (single, many): (Vec<_>, Vec<_>) = worlds.into_iter().partition(|world| one(world));
    alone.extend(single.into_iter().flatten().flat_map(|(_, members)| members));
    (many.into_iter().map(build).collect(), alone)
}

/// What a scenario asks of its people; nothing where it needs a world of its own.
fn asks(capabilities: &Capabilities, scenario: &Scenario) -> Option<Group> {
    let Plan { setup, steps, .. } = &scenario.plan;
    // What cannot be taken ends it, and what comes after does not matter.
    let able = |step: &&Step| capabilities.lacks_step(setup, step).is_none();
    let shared: Vec<Step> = steps.iter().take_while(able).filter(|step| !is_own(&step.op)).copied().collect();
    let crashes = shared.iter().any(|step| step.op.crash().is_some());
    // Who wants full stores wants them for itself.
    let impossible = setup.bystanders > 0
        || !capabilities.stepped
        || capabilities.lacks(setup).is_some()
        || setup.items.len() > MOST_ITEMS;
    // A server that crashes does so for everybody.
    let server = |step: &Step| matches!(step.op, Op::ServerSynchronize { crash: Some(_), .. });
    // What was drawn skips steps, and so does not keep in step with others.
    let drawn = scenario.origin.is_some();
    let carried = capabilities.users && capabilities.operations.contains(Operation::CrashItem);
    if drawn || impossible || crashes && (!carried || shared.iter().any(server)) {
        return None;
    }
    let only = sole_synchronization(setup);
    let alike = |step: &Step| step.op == Op::Settle || only == Some(*step);
    Some(Group {
        setup: Setup { items: Vec::new(), schedules: Schedules::default(), ..setup.clone() },
        alike: only.is_some() && shared.iter().all(alike),
        shared,
        // A crash is of one item.
        closed: crashes,
        items: setup.items.len(),
    })
}

/// The step that synchronizes the one mailbox of a world; none where there are several.
fn sole_synchronization(setup: &Setup) -> Option<Step> {
    let [user] = &*setup.users else { return None };
    let by = UserId(0);
    match user.method {
        Method::ServerSide => Some(Step { by, at: Place::Web, op: Op::ServerSynchronize { mailbox: by, crash: None } }),
        Method::OutlookClient => {
            let computer = Context::new(setup).synchronizing[0]?;
            let possible = Context::new(setup).can_synchronize(&Scene::new(setup), by);
            possible.then_some(Step { by, at: Place::Computer(computer), op: Op::Synchronize { crash: None } })
        }
    }
}

/// The world of these groups, in which nothing has a name that something else has.
fn build(groups: Vec<(Group, Vec<&Scenario>)>) -> SharedWorld<'_> {
    let several = groups.len() > 1;
    let mut world = SharedWorld { members: Vec::new(), groups: Vec::new() };
    for (number, (group, scenarios)) in groups.into_iter().enumerate() {
        let people = Names::invented(&group.setup);
        let own = |names: Vec<String>| -> Vec<String> {
            names.into_iter().map(|name| if several { format!("{name}-{number}") } else { name }).collect()
        };
        let (users, computers) = (own(people.users), own(people.computers));
        for scenario in scenarios {
            let mut plan = scenario.plan.clone();
            let at = world.members.len();
            let items = plan.names.items.iter().map(|name| format!("{name}-{at}")).collect();
            plan.names = Names { users: users.clone(), computers: computers.clone(), items };
            world.members.push(Member { scenario, plan, group: number, number: at, idle: false });
        }
        world.groups.push(group);
    }
    world
}
