//! Packing: scenarios that have nothing to do with each other share one world and one schedule of synchronizations.
//!
//! A real engine takes a second for a cycle, however many items changed. So the items of many scenarios are put into one
//! world (`shared_world`), and their steps taken in `lockstep`: what each wants done to an item in one message, and when all
//! wait for a synchronization, one synchronization for all. What each scenario would have seen alone is cut out of the
//! snapshots and judged as if it had run alone, by the same runner and oracle.
//!
//! What fails packed is run again in other company, only those that failed. Where it fails as before, one of each class is
//! run alone: those that break the same check of rules that demand the same. If that one fails alone, the others of its
//! class are believed; otherwise each of them is run alone, as is everything that the two worlds do not agree on. So
//! nothing is reported that was seen once.
//!
//! What fails packed and passes alone is shrunk in its `crowd`, and reported as a failure in company.
//!
//! A scenario in which something crashes, or of whose world there is no other, runs alone.

mod shared_world;
mod crowd;
mod lockstep;
mod packed;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use tombstone_adapter::ChildImplementation;
use tombstone_model::contract::implementation::{Implementation, Testimony};
use tombstone_model::plan::{Right, Store};
use tombstone_reports::events::Event;
use tombstone_reports::{CaseReport, Verdict, counted};
use tombstone_scenarios::Scenario;

use self::lockstep::{Ran, dictionaries, run, together};
use self::packed::{class, signature};
use self::shared_world::{Member, SharedWorld, worlds};
use crate::check::{self, Checking};
use crate::findings::{self, Fared};
use crate::judge::suited;
use crate::log::Log;
use crate::subject::Subject;

pub use self::packed::{Packed, in_company};
pub use self::shared_world::MOST_ITEMS;

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
    /// Scenarios that failed packed, and passed alone.
    pub in_company: u64,
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { packed, alone, believed, confirmed, worlds, cycles, cycles_alone, in_company } = self;
        write!(
            f,
            "{} packed into {}, {} in place of {cycles_alone}; {alone} ran alone; of those that did not conform, \
             {confirmed} ran again alone and {believed} failed alike in other company",
            counted(*packed, "scenario"),
            counted(*worlds, "world"),
            counted(*cycles, "synchronization"),
        )?;
        if *in_company > 0 { write!(f, "; {in_company} failed in company only") } else { Ok(()) }
    }
}

/// What has been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// The verdict about a scenario stands.
    Scenario,
    /// Everything that can be packed has run packed; what failed is yet to be confirmed.
    Packed,
    /// What failed has been confirmed; what cannot be packed is yet to run.
    Confirmed,
}

/// Runs scenarios on a program, packed where they can be, and tells what came of them. `beside` runs in a
/// process of its own for what must run alone. `tick` is called after each scenario, and after each part.
pub fn scenarios(
    checking: &Checking,
    subject: &Subject,
    child: &mut ChildImplementation,
    beside: &mut dyn Implementation,
    scenarios: &[Scenario],
    log: &mut Log,
    tick: &mut dyn FnMut(Tick),
) -> Saved {
    // As they can be played, where the program synchronizes by the server only.
    let capabilities = child.describe().capabilities.clone();
    let suited: Vec<Cow<'_, Scenario>> = scenarios.iter().map(|scenario| suited(scenario, &capabilities)).collect();
    let mut saved = Saved::default();
    let mut packer = ScenarioPacker { checking, subject, child, saved: &mut saved };
    // What was written for another profile is not run at all.
    let judged = |scenario: &&Scenario| scenario.profile.as_ref().is_none_or(|wanted| *wanted == checking.profile.name);
    let (wanted, other): (Vec<_>, Vec<_>) = suited.iter().map(|scenario| &**scenario).partition(judged);
    let (packed, mut alone, worlds) = packer.pack(&wanted);
    alone.extend(other);
    let (mut suspects, mut confirm, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for one in packed {
        match one.case().verdict {
            Verdict::Conforms | Verdict::Unsupported => {
                one.told.to(log);
                tick(Tick::Scenario);
            }
            Verdict::Diverges => {
                failed.push(one.clone());
                suspects.push(one);
            }
            Verdict::Broken | Verdict::Unstable | Verdict::Undecided => confirm.push(one.scenario),
        }
    }
    packer.saved.packed -= (suspects.len() + confirm.len()) as u64;
    tick(Tick::Packed);
    // In other company; for a few that is not worth a world.
    let believable = if suspects.len() > FEW {
        packer.again(&suspects, &mut confirm)
    } else {
        confirm.extend(suspects.into_iter().map(|one| one.scenario));
        BTreeMap::new()
    };
    let mut one_alone = |scenario: &Scenario, log: &mut Log, tick: &mut dyn FnMut(Tick)| {
        let told = check::one(checking, subject, beside, scenario, None);
        let verdict = told.judged.case.verdict;
        told.to(log);
        tick(Tick::Scenario);
        verdict
    };
    for (_, mut class) in believable {
        let witness = class.remove(0);
        saved.confirmed += 1;
        if one_alone(witness.scenario, log, tick) == Verdict::Diverges {
            saved.believed += class.len() as u64;
            for one in class {
                one.told.to(log);
                tick(Tick::Scenario);
            }
        } else {
            confirm.extend(class.into_iter().map(|one| one.scenario));
        }
    }
    saved.confirmed += confirm.len() as u64;
    saved.alone = alone.len() as u64;
    for scenario in confirm {
        one_alone(scenario, log, tick);
    }
    tick(Tick::Confirmed);
    for scenario in alone {
        one_alone(scenario, log, tick);
    }
    // What passes alone is not acquitted: it failed in company.
    let cases = &log.so_far().cases;
    let passed = |one: &Packed<'_>| cases.iter().any(|case| case.id == one.case().id && is_pass(case));
    failed.retain(passed);
    saved.in_company = failed.len() as u64;
    for one in &failed {
        let id = one.case().id.clone();
        log.tell(Event::CaseRemarked { id, remark: IN_COMPANY.to_owned() });
    }
    crowd::convict((checking, subject), (child, beside), &worlds, failed, log);
    saved
}

/// What is said of a case that fails in a shared world only.
const IN_COMPANY: &str = "alone; it failed in a world with the items of other scenarios";

fn is_pass(case: &CaseReport) -> bool {
    case.verdict == Verdict::Conforms
}

/// Of so few failing scenarios each is run alone.
const FEW: usize = 3;

/// Runs scenarios packed where they can be, and returns the others; nothing is confirmed.
pub fn at_once<'s>(
    checking: &Checking,
    subject: &Subject,
    child: &mut ChildImplementation,
    scenarios: &'s [Scenario],
) -> (Vec<Packed<'s>>, Vec<&'s Scenario>) {
    let saved = &mut Saved::default();
    let (packed, alone, _) =
        ScenarioPacker { checking, subject, child, saved }.pack(&scenarios.iter().collect::<Vec<_>>());
    (packed, alone)
}

struct ScenarioPacker<'p> {
    checking: &'p Checking,
    subject: &'p Subject,
    child: &'p mut ChildImplementation,
    saved: &'p mut Saved,
}

impl ScenarioPacker<'_> {
    /// Runs what can be packed; the rest is returned as it is, and the worlds as they were run.
    fn pack<'s>(&mut self, scenarios: &[&'s Scenario]) -> (Vec<Packed<'s>>, Vec<&'s Scenario>, Vec<SharedWorld<'s>>) {
        let (worlds, mut alone) = worlds(&self.child.describe().capabilities, scenarios);
        let (mut packed, mut ran_in) = (Vec::new(), Vec::new());
        for mut world in worlds {
            let Some(ran) = self.run(&mut world, &mut alone) else { continue };
            let Ran { cases, cycles, cycles_alone, unknown } = ran;
            self.saved.worlds += 1;
            self.saved.cycles += cycles;
            self.saved.cycles_alone += cycles_alone;
            self.saved.packed += world.members.len() as u64;
            let first = packed.len();
            let members = world.members.iter().zip(cases);
            packed.extend(members.map(|(member, (told, last))| Packed {
                scenario: member.scenario,
                told,
                last,
                world: (ran_in.len(), member.number),
            }));
            for unknown in unknown {
                let testimony = Testimony { unknown: vec![unknown], reports: Vec::new() };
                if let Some(one) = packed.get_mut(first) {
                    one.told.noted.extend(findings::witness(&testimony, Fared::Undecided, ""));
                }
            }
            ran_in.push(world);
        }
        (packed, alone, ran_in)
    }

    /// Runs a world. One scenario that cannot be set up takes the others with it: then those at fault are looked for and
    /// told to run alone, and the others go on.
    fn run<'s>(&mut self, world: &mut SharedWorld<'s>, alone: &mut Vec<&'s Scenario>) -> Option<Ran> {
        for sort_out in [Self::drop_declined, Self::drop_unable] {
            match run(self.checking, self.subject, self.child, world) {
                Ok(ran) => return Some(ran),
                Err(_) => {
                    let (able, unable) = sort_out(self, std::mem::take(&mut world.members));
                    alone.extend(unable.iter().map(|member| member.scenario));
                    world.members = able;
                    if world.members.is_empty() {
                        return None;
                    }
                }
            }
        }
        let ran = run(self.checking, self.subject, self.child, world).ok();
        if ran.is_none() {
            alone.extend(world.members.iter().map(|member| member.scenario));
        }
        ran
    }

    /// What is out of the ordinary is what programs decline; they do so at once.
    fn drop_declined<'s>(&mut self, members: Vec<Member<'s>>) -> (Vec<Member<'s>>, Vec<Member<'s>>) {
        let mut sorts: BTreeMap<WorldSort, Vec<Member<'s>>> = BTreeMap::new();
        for member in members {
            sorts.entry(sort(&member)).or_default().push(member);
        }
        let (mut able, mut unable) = (Vec::new(), Vec::new());
        for (sort, members) in sorts {
            let fine = sort == WorldSort::default() || self.can_be_set_up(&members);
            if fine { &mut able } else { &mut unable }.extend(members);
        }
        (able, unable)
    }

    /// Tells the members whose worlds can be set up together from those whose cannot.
    fn drop_unable<'s>(&mut self, mut members: Vec<Member<'s>>) -> (Vec<Member<'s>>, Vec<Member<'s>>) {
        if members.is_empty() || self.can_be_set_up(&members) {
            return (members, Vec::new());
        }
        if members.len() == 1 {
            return (Vec::new(), members);
        }
        let half = members.split_off(members.len() / 2);
        let (mut able, mut unable) = self.drop_unable(members);
        let (more, others) = self.drop_unable(half);
        able.extend(more);
        unable.extend(others);
        (able, unable)
    }

    fn can_be_set_up(&mut self, members: &[Member<'_>]) -> bool {
        self.child.reset_to(together(&dictionaries(members))).is_ok()
    }

    /// Runs what failed again in other company. Those that fail alike are returned by class; the others are to be run alone.
    fn again<'s>(
        &mut self,
        suspects: &[Packed<'s>],
        confirm: &mut Vec<&'s Scenario>,
    ) -> BTreeMap<(String, String), Vec<Packed<'s>>> {
        let scenarios: Vec<&Scenario> = suspects.iter().rev().map(|one| one.scenario).collect();
        let before = *self.saved;
        let (again, alone, _) = self.pack(&scenarios);
        // What ran twice is counted once.
        (self.saved.packed, self.saved.cycles_alone) = (before.packed, before.cycles_alone);
        confirm.extend(alone);
        let mut classes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for one in again {
            let before = suspects.iter().find(|before| before.case().id == one.case().id);
            match (class(self.checking, one.case()), before.and_then(|before| signature(before.case()))) {
                (Some(class), Some(before)) if signature(one.case()) == Some(before) => {
                    classes.entry(class).or_default().push(one);
                }
                (Some(_) | None, _) => confirm.push(one.scenario),
            }
        }
        classes
    }
}

/// What is out of the ordinary about a world: other message stores, something assigned, somebody who may not delete.
type WorldSort = (bool, bool, bool);

fn sort(member: &Member<'_>) -> WorldSort {
    let setup = &member.plan.setup;
    let elsewhere = setup.items.iter().any(|item| item.store != Store::Exchange);
    (
        elsewhere,
        setup.items.iter().any(|item| item.assigned),
        setup.users.iter().any(|user| !user.rights.may(Right::Delete)),
    )
}
