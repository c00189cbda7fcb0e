//! Runs the scenarios of a packed world, each by the runner and the oracle that would run it alone.
//!
//! Each has a thread of its own, which asks for one step at a time and waits. Once all wait, those who want something done
//! to an item get it, all in one message; once everybody of a group wants its people to do something, they do it once
//! for all. What each sees is cut out of one snapshot. Who asks first does not matter, so that every run is alike.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use tombstone_adapter::ChildImplementation;
use tombstone_adapter::protocol::{Reset, Snapshot, parse_address, parse_title};
use tombstone_adapter::translate::Dictionary;
use tombstone_model::contract::implementation::{Answer, Description, Implementation, ImplementationFailure};
use tombstone_model::contract::reset;
use tombstone_model::plan::{Op, Plan, Step};
use tombstone_model::view::View;

use super::shared_world::{Member, SharedWorld, is_own, waited};
use crate::check::{self, Checking};
use crate::subject::Subject;

/// What came of a packed world.
#[derive(Debug, Default)]
pub(super) struct Ran {
    /// For each member what is told of it, and what it saw last.
    pub cases: Vec<(check::ToldCase, Option<View>)>,
    /// Synchronizations.
    pub cycles: u64,
    /// Synchronizations that the members would have asked for alone.
    pub cycles_alone: u64,
    /// What was seen that is no member's.
    pub unknown: BTreeSet<String>,
}

/// Sets up a packed world and runs it.
///
/// # Errors
/// Where it cannot be set up.
pub(super) fn run(
    checking: &Checking,
    subject: &Subject,
    child: &mut ChildImplementation,
    world: &SharedWorld<'_>,
) -> Result<Ran, ImplementationFailure> {
    let dictionaries = dictionaries(&world.members);
    child.reset_to(together(&dictionaries))?;
    let owners = world.members.iter().enumerate();
    let owners = owners.flat_map(|(n, member)| member.plan.names.items.iter().map(move |name| (name.clone(), n)));
    let owners = owners.collect();
    let description = child.describe().clone();
    let mut host = WorldHost { child, world, dictionaries, owners, ran: Ran::default() };
    let (asking, asked) = channel();
    let starts = host.look((0..world.members.len()).collect())?;
    // Each member's part of the world is held against what it asked for: who has another one runs again alone.
    let starts = starts.into_iter().zip(&world.members).map(|(start, member)| {
        let view = start?;
        reset::hold(&member.plan, &description.capabilities, &view).map(|()| view)
    });
    let starts: Vec<Result<View, ImplementationFailure>> = starts.collect();
    let progress: Vec<AtomicUsize> = world.members.iter().map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        let mut tables = Vec::new();
        let mut guests = Vec::new();
        for (((n, member), progress), start) in world.members.iter().enumerate().zip(&progress).zip(starts) {
            let (telling, told) = channel();
            tables.push(telling);
            let description = description.clone();
            let mut seat = Seat { number: n, description, asking: asking.clone(), told, now: start };
            guests.push(scope.spawn(move || {
                if member.idle {
                    return Default::default();
                }
                let told = check::one(checking, subject, &mut seat, member.scenario, Some(progress));
                (told, seat.now.clone().ok())
            }));
        }
        drop(asking);
        host.serve(&asked, &tables, &progress);
        drop(tables);
        let ended =
            guests.into_iter().map(|guest| guest.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        host.ran.cases = ended.collect();
    });
    Ok(host.ran)
}

/// The names of each member's world.
pub(super) fn dictionaries(members: &[Member<'_>]) -> Vec<Dictionary> {
    members.iter().map(|member| Dictionary::new(&member.plan)).collect()
}

/// The world of all of them.
pub(super) fn together(dictionaries: &[Dictionary]) -> Reset {
    let mut world = dictionaries[0].reset(0);
    for dictionary in &dictionaries[1..] {
        let more = dictionary.reset(0);
        world.items.extend(more.items);
        let fresh = |name: &str, known: &[String]| !known.iter().any(|other| other == name);
        let known: Vec<String> = world.users.iter().map(|user| user.name.clone()).collect();
        world.users.extend(more.users.into_iter().filter(|user| fresh(&user.name, &known)));
        let known: Vec<String> = world.computers.iter().map(|computer| computer.name.clone()).collect();
        world.computers.extend(more.computers.into_iter().filter(|computer| fresh(&computer.name, &known)));
        let new: Vec<_> = more.schedules.into_iter().filter(|dates| !world.schedules.contains(dates)).collect();
        world.schedules.extend(new);
    }
    world
}

/// What was answered, and what was seen then.
type ToldMember = (Answer, Result<View, ImplementationFailure>);

/// A member's place in the world: passes on what its runner asks for.
struct Seat {
    number: usize,
    description: Description,
    asking: Sender<(usize, Option<Step>)>,
    told: Receiver<ToldMember>,
    now: Result<View, ImplementationFailure>,
}

impl Implementation for Seat {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, _: &Plan) -> Result<(), ImplementationFailure> {
        self.now.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    fn apply(&mut self, step: &Step) -> Answer {
        let gone =
            || Answer::Failed(ImplementationFailure::definite("the packed world was not run as far as this step"));
        if self.asking.send((self.number, Some(*step))).is_err() {
            return gone();
        }
        self.told.recv().map_or_else(
            |_| gone(),
            |(answer, now)| {
                self.now = now;
                answer
            },
        )
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        view.clone_from(self.now.as_ref().map_err(Clone::clone)?);
        Ok(())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Whoever leaves is waited for no longer; that nobody listens any more is as well.
        let _ = self.asking.send((self.number, None));
    }
}

/// What a member waits for.
#[derive(Clone, Copy, Debug)]
enum MemberWish {
    /// Nothing yet, or it was told what came of its last wish.
    Thinking,
    Step(Step),
    Left,
}

/// Steps that are taken in one message: each with those for whom it is taken.
type Batch = Vec<(Step, Vec<usize>)>;

struct WorldHost<'h, 's> {
    child: &'h mut ChildImplementation,
    world: &'h SharedWorld<'s>,
    dictionaries: Vec<Dictionary>,
    /// Which member an item belongs to.
    owners: BTreeMap<String, usize>,
    ran: Ran,
}

impl WorldHost<'_, '_> {
    /// Gives each what it asks for, until all have left.
    fn serve(
        &mut self,
        asked: &Receiver<(usize, Option<Step>)>,
        tables: &[Sender<ToldMember>],
        progress: &[AtomicUsize],
    ) {
        let mut wishes = vec![MemberWish::Thinking; self.world.members.len()];
        loop {
            while wishes.iter().any(|wish| matches!(wish, MemberWish::Thinking)) {
                let Ok((member, step)) = asked.recv() else { return };
                wishes[member] = step.map_or(MemberWish::Left, MemberWish::Step);
            }
            let batch = self.batch(&wishes, progress);
            if batch.is_empty() {
                return;
            }
            for (member, told) in self.take(&batch) {
                wishes[member] = MemberWish::Thinking;
                // One that has gone in the meantime says so itself.
                let _ = tables[member].send(told);
            }
        }
    }

    /// What comes next: for each group what is wanted of items, or else what its people shall do.
    fn batch(&self, wishes: &[MemberWish], progress: &[AtomicUsize]) -> Batch {
        let (mut batch, mut waits): (Batch, Vec<(Step, usize)>) = (Vec::new(), Vec::new());
        for (number, group) in self.world.groups.iter().enumerate() {
            let wanted = wishes.iter().enumerate().filter_map(|(member, wish)| match wish {
                MemberWish::Step(step) if self.world.members[member].group == number => Some((*step, member)),
                MemberWish::Step(_) | MemberWish::Thinking | MemberWish::Left => None,
            });
            // Whoever is still settling must rest before the others go on.
            let at = |member: usize| if group.alike { 0 } else { self.shared_before(member, progress) };
            let Some(first) = wanted.clone().map(|(_, member)| at(member)).min() else { continue };
            let due = wanted.filter(|(_, member)| at(*member) == first);
            let (own, shared): (Vec<_>, Vec<_>) = due.partition(|(step, _)| is_own(&step.op));
            if !own.is_empty() {
                batch.extend(own.into_iter().map(|(step, member)| (step, vec![member])));
                continue;
            }
            let mut due = shared.into_iter();
            let Some((step, member)) = due.next() else { continue };
            let rest = due.filter(|(other, _)| *other == step).map(|(_, member)| member);
            let together: Vec<usize> = std::iter::once(member).chain(rest).collect();
            if waited(&step.op).is_some() {
                waits.extend(together.into_iter().map(|member| (step, member)));
            } else {
                batch.push((step, together));
            }
        }
        // Time passes for everybody, so that all must be ready for it.
        if let (true, Some(&(step, _))) = (batch.is_empty(), waits.first()) {
            let seconds = waited(&step.op);
            let together = waits.iter().filter(|(other, _)| waited(&other.op) == seconds).map(|(_, member)| *member);
            batch.push((step, together.collect()));
        }
        batch
    }

    /// How many steps that are not about an item come before the one that a member takes now.
    fn shared_before(&self, member: usize, progress: &[AtomicUsize]) -> usize {
        let number = progress[member].load(Ordering::Acquire);
        self.world.members[member].plan.steps[..number].iter().filter(|step| !is_own(&step.op)).count()
    }

    /// Takes steps, and says who is told what.
    fn take(&mut self, batch: &[(Step, Vec<usize>)]) -> Vec<(usize, ToldMember)> {
        let mut steps = Vec::new();
        for (step, members) in batch {
            if is_cycle(&step.op) {
                self.ran.cycles += 1;
                self.ran.cycles_alone += members.len() as u64;
            }
            let dictionary = &mut self.dictionaries[members[0]];
            dictionary.remember(step);
            steps.extend(dictionary.step(step));
        }
        let answers = self.child.take_all(steps);
        let members: Vec<usize> = batch.iter().flat_map(|(_, members)| members.clone()).collect();
        let answers = batch.iter().zip(answers).flat_map(|((_, members), answer)| vec![answer; members.len()]);
        let answers: Vec<Answer> = answers.collect();
        let views = match self.child.fault() {
            // Nothing can be seen of a program that has ended; what it was is in the answers.
            Some(_) => members.iter().map(|_| Ok(View::default())).collect(),
            None => match self.look(members.clone()) {
                Ok(views) => views,
                Err(failure) => members.iter().map(|_| Err(failure.clone())).collect(),
            },
        };
        members.into_iter().zip(answers.into_iter().zip(views)).collect()
    }

    /// What these members see now.
    fn look(&mut self, members: Vec<usize>) -> Result<Vec<Result<View, ImplementationFailure>>, ImplementationFailure> {
        let mut parts = vec![Snapshot::default(); self.world.members.len()];
        for entry in self.child.observe_all()?.entries {
            let name = entry.item.as_deref().or_else(|| parse_title(&entry.title).map(|(name, _)| name));
            let owner = name.and_then(|name| self.owners.get(name));
            let by_address = || entry.address.as_deref().and_then(parse_address).and_then(|name| self.owners.get(name));
            match owner.or_else(by_address) {
                Some(&owner) => parts[owner].entries.push(entry),
                None => {
                    self.ran.unknown.insert(format!("`{}`, a {}", entry.title, entry.kind.0.name()));
                }
            }
        }
        let views = members.into_iter().map(|member| {
            let mut view = View::new(&self.world.members[member].plan.setup);
            let part = std::mem::take(&mut parts[member]);
            self.dictionaries[member].read(part, &mut view).map_err(ImplementationFailure::indefinite)?;
            Ok(view)
        });
        Ok(views.collect())
    }
}

fn is_cycle(op: &Op) -> bool {
    matches!(op, Op::Synchronize { .. } | Op::ServerSynchronize { .. })
}
