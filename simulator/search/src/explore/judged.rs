//! The reference and the oracle together: every interleaving, and everything that the oracle may think of it.
//!
//! A state is then what the reference holds, what explains it to the oracle, and which readings are left. That the oracle
//! accuses a conforming implementation in no plan, and never loses the truth among its explanations, is so settled for
//! plans of any length over the population, not sampled.

use tombstone_model::contract::implementation::Capabilities;
use tombstone_model::ids::ItemId;
use tombstone_model::oracle::{Forecast, Judgement, Oracle};
use tombstone_model::plan::{Change, Op, Setup, Step};
use tombstone_model::readings::switches::Readings;
use tombstone_model::reference::StepOutcome;
use tombstone_model::view::View;
use tombstone_model::world::{Context, Item, World};

use super::pack::{Packer, Renaming, fresh_title};
use super::space::{
    Bounds, Fingerprints, Followed, Following, FoundStates, Space, concrete, fingerprint, overfull, transition,
};

pub use super::space::OracleWrong;

/// An oracle that is put into one state after another.
pub(super) struct PlacedOracle<'a> {
    packer: &'a Packer,
    oracle: Oracle<'a>,
    profile: Readings,
    /// What the reference holds the switches to.
    closed: Readings,
    /// What explains each item in the state at hand, and the readings left.
    known: Vec<Vec<(Item, Readings)>>,
    readings: Readings,
    before: View,
    after: View,
}

impl<'a> PlacedOracle<'a> {
    pub(super) fn new((rules, profile): Followed<'a>, closed: Readings, setup: &Setup, packer: &'a Packer) -> Self {
        Self {
            packer,
            oracle: Oracle::new(rules, setup, profile, &Capabilities::ALL),
            profile,
            closed,
            known: setup.items.iter().map(|_| Vec::new()).collect(),
            readings: profile,
            before: View::new(setup),
            after: View::new(setup),
        }
    }

    /// Writes what the oracle knows behind the canonical form of what the reference holds; false where what the reference
    /// holds is not among it.
    pub(super) fn write(&self, world: &World, renaming: &Renaming, bytes: &mut Vec<u8>) -> bool {
        let readings = self.oracle.readings();
        let put = |bytes: &mut Vec<u8>, left: Readings, usual: Readings| {
            bytes.push(u8::from(left != usual));
            if left != usual {
                bytes.extend(left.0.to_le_bytes());
            }
        };
        put(bytes, readings, self.profile);
        let (mut parts, mut all_held): (Vec<Vec<u8>>, bool) = (Vec::new(), true);
        for &id in &renaming.items[..world.items.len()] {
            let reference = &world.items[usize::from(id)];
            let mut held = false;
            parts.clear();
            for (item, taken) in self.oracle.explanations(ItemId(id)) {
                let (mut part, taken) = (Vec::with_capacity(64), taken.and(readings));
                put(&mut part, taken, readings);
                let same = self.packer.pack_explanation((&world.context, renaming), reference, item, &mut part);
                held |= same && taken.and(self.closed) == self.closed;
                parts.push(part);
            }
            all_held &= held;
            parts.sort_unstable();
            parts.dedup();
            bytes.extend((parts.len() as u16).to_le_bytes());
            parts.iter().for_each(|part| bytes.extend_from_slice(part));
        }
        all_held
    }

    /// Reads back what the oracle knew of a world that was unpacked.
    fn read(&mut self, mut bytes: &[u8], world: &World) {
        let get = |bytes: &mut &[u8], usual: Readings| {
            let narrowed = bytes.split_off_first().is_some_and(|&flag| flag != 0);
            match bytes.split_first_chunk::<16>() {
                Some((left, rest)) if narrowed => {
                    *bytes = rest;
                    Readings(u128::from_le_bytes(*left))
                }
                _ => usual,
            }
        };
        self.readings = get(&mut bytes, self.profile);
        for (known, id) in self.known.iter_mut().zip(0..) {
            known.clear();
            let count = bytes.split_first_chunk::<2>().map_or(0, |(count, rest)| {
                bytes = rest;
                u16::from_le_bytes(*count)
            });
            for _ in 0..count {
                let taken = get(&mut bytes, self.readings);
                known.push((self.packer.unpack_explanation(&mut bytes, &world.context, ItemId(id)), taken));
            }
        }
        world.show(&mut self.before);
    }

    /// Judges one step of the reference from the state at hand; false where the harness would skip it.
    fn judge(
        &mut self,
        context: &Context,
        step: &Step,
        outcome: StepOutcome,
        after: &World,
    ) -> Result<bool, OracleWrong> {
        self.oracle.resume(context, self.readings, &self.before);
        for (known, id) in self.known.iter().zip(0..) {
            self.oracle.explain(ItemId(id), known.iter().map(|(item, taken)| (item, *taken)));
        }
        if self.oracle.forecast(step) == Forecast::Impossible {
            return Ok(false);
        }
        after.show(&mut self.after);
        match self.oracle.judge(&outcome.into(), &self.after) {
            Judgement::Explained => Ok(true),
            wrong @ (Judgement::Diverges(_) | Judgement::Inconclusive(_)) => Err(OracleWrong::Accused(Box::new(wrong))),
        }
    }

    /// How many explanations there are of the item that has most.
    fn largest(&self) -> usize {
        let sets = (0..self.known.len() as u8).map(|id| self.oracle.explanations(ItemId(id)).count());
        sets.max().unwrap_or(0)
    }

    /// Gives an edit a title that is new to what the oracle thinks possible as well.
    fn freshen(&self, step: &mut Step, world: &World) {
        if let Op::Edit { item, change: Change::Title(title), .. } = &mut step.op {
            let known = self.known[item.index()].iter();
            *title = known.map(|(item, _)| fresh_title(item, &world.scene)).fold(*title, u8::max);
        }
    }
}

impl FoundStates {
    /// What a block of states of the reference and of the oracle leads to.
    pub(super) fn expand_judged<'s>(
        &mut self,
        (rules, readings): Followed<'_>,
        law: Followed<'_>,
        space: &Space,
        bounds: Bounds,
        seen: &Fingerprints,
        block: impl Iterator<Item = (u32, &'s [u8])>,
    ) {
        let packer = &space.packer;
        let mut product = PlacedOracle::new(law, readings.closed(), &space.setup, packer);
        let mut world = packer.start().clone();
        let mut next = world.clone();
        let mut bytes = Vec::new();
        let mut decide = Following::new(readings);
        for (node, packed) in block {
            let ends = packer.unpack(packed, &mut world);
            product.read(&packed[ends[world.items.len()]..], &world);
            for (letter, n) in space.letters.iter().zip(0u16..) {
                let mut step = concrete(letter, &world, packer.instants());
                product.freshen(&mut step, &world);
                next.context = world.context;
                next.items.clone_from(&world.items);
                let outcome = transition(rules, &mut next, &step, &mut decide);
                decide.take(outcome, |rule| self.rules.push((rule, node, n)));
                if !matches!(outcome, StepOutcome::Done { .. }) {
                    // Nothing changes unless it is done.
                    next.items.clone_from(&world.items);
                } else if overfull(&next, bounds.queue) {
                    continue;
                }
                let judged = product.judge(&world.context, &step, outcome, &next).and_then(|taken| {
                    let renaming = packer.pack(&next.context, &next.items, &mut bytes);
                    if !taken || product.write(&next, &renaming, &mut bytes) {
                        Ok(taken)
                    } else {
                        Err(OracleWrong::Lost)
                    }
                });
                match judged {
                    Ok(false) => continue,
                    Ok(true) => {}
                    Err(wrong) => {
                        self.wrong.get_or_insert((node, n, wrong));
                        continue;
                    }
                }
                self.transitions += 1;
                self.largest = self.largest.max(product.largest());
                let fingerprint = fingerprint(&bytes);
                if !seen.contains(fingerprint) {
                    self.fingerprints.push(fingerprint);
                    self.letters.push(n);
                    self.states.push(node, &bytes);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tombstone_model::plan::Kind;
    use tombstone_model::readings::decide::{Closed, Decide};
    use tombstone_model::readings::profiles::Profile;
    use tombstone_model::readings::switches::{Switch, Values};
    use tombstone_model::rules::{Fate, Rules};

    use crate::choose::{Choose, Seeded};

    use super::super::alphabet::{Groups, alphabet, instants};
    use super::super::population::Population;
    use super::super::space::Cite;
    use super::super::{End, explore_judged};
    use super::*;

    const ONLINE: Groups = Groups { offline: false, ..Groups::ALL };
    const SURE: Groups = Groups { crashes: false, ..Groups::ALL };

    fn setup(kind: Kind, computers: u8) -> Setup {
        Population { computers, ..Population::smallest(kind) }.setup()
    }

    fn profile() -> Readings {
        Profile::named(Profile::DEFAULT).map_or(Readings::OPEN, Profile::readings)
    }

    fn judged(rules: &Rules, known: Readings, setup: &Setup, groups: Groups, depth: Option<u32>) -> Space {
        let bounds = Bounds { depth, groups, ..Bounds::USUAL };
        explore_judged(Rules::documented(), profile(), (rules, known), setup, bounds, &mut |_, _| {})
    }

    #[test]
    fn the_oracle_never_wrongs_the_reference_in_plans_of_any_length() {
        let closed = profile().closed();
        for (kind, known, groups, depth) in [
            (Kind::Email, closed, Groups::ALL, None),
            (Kind::Contact, closed, ONLINE, None),
            (Kind::Contact, closed, SURE, None),
            (Kind::Contact, profile(), Groups::ALL, Some(6)),
            (Kind::Task, closed, ONLINE, Some(7)),
            (Kind::Appointment, profile(), SURE, Some(6)),
        ] {
            let space = judged(Rules::documented(), known, &setup(kind, 1), groups, depth);
            assert_eq!(space.wrong(), None, "{kind:?}");
            assert_eq!(space.end, if depth.is_some() { End::Depth } else { End::Fixpoint }, "{kind:?}");
            assert!(space.states() > 1000 && (1..=16).contains(&space.largest), "{} {}", space.states(), space.largest);
        }
    }

    /// An oracle with one row turned round, and one that goes by a reading that the reference does not follow.
    #[test]
    fn an_oracle_that_is_wrong_is_found_out_by_a_shortest_plan() {
        let (documented, closed) = (Rules::documented(), profile().closed());
        let turned = documented.with_row("D05", |row| {
            row.readings.clear();
            row.then.0[1] = Some(Fate::Deleted as u8);
        });
        let space = judged(&turned, closed, &setup(Kind::Contact, 1), ONLINE, None);
        let (steps, wrong) = space.wrong().expect("a contact that stays where it should go is seen");
        assert!(matches!(wrong, OracleWrong::Accused(_)) && steps.len() == 2, "{wrong:?} {steps:?}");
        assert_eq!(space.end, End::Wrong);
        let other = profile().narrowed(Switch::ConflictWinner, Values::nth(1)).closed();
        let space = judged(documented, other, &setup(Kind::Contact, 1), ONLINE, None);
        assert!(matches!(space.wrong(), Some((steps, OracleWrong::Lost)) if steps.len() == 1), "{:?}", space.wrong());
    }

    /// One who goes by closed readings, and wilfully where the documents leave something free.
    struct Wilful(Readings, Seeded);

    impl Cite for Wilful {}

    impl Decide for Wilful {
        fn holds(&mut self, switch: Switch, yes: Values) -> bool {
            Closed(self.0).holds(switch, yes)
        }

        fn left(&self) -> Readings {
            self.0
        }

        fn pick(&mut self, n: u8, _: u8) -> u8 {
            self.1.below(n.into()) as u8
        }
    }

    /// What the oracle drops because something else covers it was worth nothing: whatever is chosen where one may choose
    /// is explained.
    #[test]
    fn the_oracle_explains_whatever_is_chosen_freely() {
        let rules = Rules::documented();
        let (mut taken, mut crashed) = (0, 0);
        for (seed, kind) in (0..4_000).zip([Kind::Contact, Kind::Task, Kind::Email, Kind::Appointment].iter().cycle()) {
            let setup = setup(*kind, 1 + (seed / 4 % 2) as u8);
            let letters = alphabet(&setup, Groups::ALL);
            let capabilities = Capabilities { prompts: false, ..Capabilities::ALL };
            let mut oracle = Oracle::new(rules, &setup, profile(), &capabilities);
            let (mut wilful, mut draw) = (Wilful(profile().closed(), Seeded::new(seed)), Seeded::new(!seed));
            let (mut world, mut view) = (World::new(&setup), View::new(&setup));
            for title in 1..50 {
                let mut step = concrete(&letters[draw.below(letters.len() as u32) as usize], &world, &instants(&setup));
                if let Op::Edit { change: Change::Title(new), .. } = &mut step.op {
                    *new = title;
                }
                if oracle.forecast(&step) == Forecast::Impossible {
                    continue;
                }
                let mut after = world.clone();
                let outcome = transition(rules, &mut after, &step, &mut wilful);
                if let StepOutcome::Done { .. } = outcome {
                    world = after;
                }
                world.show(&mut view);
                assert_eq!(oracle.judge(&outcome.into(), &view), Judgement::Explained, "seed {seed}, {step:?}");
                taken += 1;
                crashed += u32::from(step.op.crash().is_some());
            }
        }
        assert!(taken > 20_000 && crashed > 1_000, "{taken} steps, {crashed} crashes");
    }

    /// What the space finds is what an oracle finds that is never put down and taken up again.
    #[test]
    fn the_space_is_the_one_of_an_oracle_that_goes_through_every_plan() {
        for (kind, computers, known, groups, depth) in [
            (Kind::Contact, 1, profile().closed(), Groups { roles: false, ..Groups::ALL }, 4),
            (Kind::Email, 2, profile().closed(), Groups { roles: false, ..Groups::ALL }, 3),
            (Kind::Task, 1, profile(), Groups { offline: false, roles: false, ..Groups::ALL }, 3),
        ] {
            let setup = setup(kind, computers);
            let rules = Rules::documented();
            let packer = Packer::new(&setup, instants(&setup), true);
            let letters = alphabet(&setup, groups);
            let mut product = PlacedOracle::new((rules, known), profile().closed(), &setup, &packer);
            let mut layer = vec![(packer.start().clone(), product.oracle.clone())];
            let mut states = BTreeSet::new();
            for left in (0..=depth).rev() {
                let mut next = Vec::new();
                for (world, oracle) in layer {
                    let mut bytes = Vec::new();
                    let renaming = packer.pack(&world.context, &world.items, &mut bytes);
                    product.oracle = oracle.clone();
                    assert!(product.write(&world, &renaming, &mut bytes), "the truth is lost");
                    states.insert(bytes);
                    for letter in letters.iter().filter(|_| left > 0) {
                        let mut step = concrete(letter, &world, packer.instants());
                        if let Op::Edit { change: Change::Title(new), .. } = &mut step.op {
                            *new = depth as u8 - left as u8 + 1;
                        }
                        let mut after = world.clone();
                        let mut decide = Closed(profile().closed());
                        let outcome = transition(rules, &mut after, &step, &mut decide);
                        if !matches!(outcome, StepOutcome::Done { .. }) {
                            after = world.clone();
                        }
                        let mut oracle = oracle.clone();
                        if oracle.forecast(&step) == Forecast::Impossible {
                            continue;
                        }
                        let mut view = View::new(&setup);
                        after.show(&mut view);
                        assert_eq!(oracle.judge(&outcome.into(), &view), Judgement::Explained);
                        next.push((after, oracle));
                    }
                }
                layer = next;
            }
            let space = judged(rules, known, &setup, groups, Some(depth));
            assert_eq!(space.states(), states.len(), "{kind:?}");
        }
    }
}
