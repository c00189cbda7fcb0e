//! Readings held for a whole run: scenarios, tour and random plans together must be explained by one reading of each
//! ambiguity.
//!
//! The oracle holds an implementation to its readings within one plan, correlations between ambiguities included. What a
//! plan leaves is then kept as one set of readings for each switch, with the smallest plan that leaves it, and the sets are
//! intersected over everything that was run. Each set holds at least the readings that the implementation follows, so that
//! a conforming one is never left without any. Correlations are not carried from one plan to the next: that two plans
//! contradict each other only for certain pairs of readings of two switches is not seen.
//!
//! A plan that diverges counts with what it left before the step that nothing explains: up to there it is a plan that
//! conforms. Kills and disasters are compared with the same implementation undisturbed, not judged by the oracle, and leave
//! nothing.

mod exhibit;

use std::collections::BTreeMap;

use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_reports::events::{ReadingsLeft, RunOrigin};

pub use exhibit::{ExhibitedRuns, infer, text};

/// The runs that left the same readings of a switch.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LeftReadings {
    runs: u64,
    /// The smallest of them: the steps it took, then in the order of [`RunOrigin`].
    smallest: (u64, RunOrigin),
}

/// For each switch the sets of readings that runs left of it, where they decided something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldReadings {
    left: BTreeMap<(Switch, u8), LeftReadings>,
}

/// Runs that cannot all be explained by one reading of a switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The switch.
    pub switch: Switch,
    /// The fewest runs, and of those the smallest, that have no reading in common, each with what it leaves.
    pub witnesses: Vec<(Values, RunOrigin)>,
}

impl HeldReadings {
    /// Adds what a run of so many steps left of the readings that the profile allows.
    pub fn note(&mut self, profile: Readings, left: Readings, steps: u64, origin: &RunOrigin) {
        if left == profile {
            return;
        }
        for switch in profile.differing(left) {
            let one = || LeftReadings { runs: 1, smallest: (steps, origin.clone()) };
            self.add((switch, left.of(switch).0), one);
        }
    }

    fn add(&mut self, key: (Switch, u8), one: impl FnOnce() -> LeftReadings) {
        let new = one();
        match self.left.get_mut(&key) {
            Some(known) => {
                known.runs += new.runs;
                if new.smallest < known.smallest {
                    known.smallest = new.smallest;
                }
            }
            None => {
                self.left.insert(key, new);
            }
        }
    }

    /// What was left, as it is told.
    pub fn left(&self) -> Vec<ReadingsLeft> {
        let each = self.left.iter().map(|(&(switch, values), left)| ReadingsLeft {
            switch: switch.info().name.to_owned(),
            leaves: Values(values).names(switch).map(str::to_owned).collect(),
            runs: left.runs,
            steps: left.smallest.0,
            smallest: left.smallest.1.clone(),
        });
        each.collect()
    }

    /// Adds what was told. Switches and readings that there are not are passed over.
    pub fn add_left(&mut self, told: &[ReadingsLeft]) {
        for ReadingsLeft { switch, leaves, runs, steps, smallest } in told {
            let Some(switch) = Switch::named(switch) else { continue };
            let values = leaves.iter().filter_map(|name| switch.value(name)).fold(0, |all, value| all | value.0);
            self.add((switch, values), || LeftReadings { runs: *runs, smallest: (*steps, smallest.clone()) });
        }
    }

    /// Both together. Associative and commutative.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (key, left) in other.left {
            self.add(key, || left);
        }
        self
    }

    /// What all runs leave of the switches that any of them decided, and how many did.
    pub fn decided(&self) -> BTreeMap<Switch, (Values, u64)> {
        let mut decided = BTreeMap::new();
        for (&(switch, values), left) in &self.left {
            let (all, runs) = decided.entry(switch).or_insert((switch.all(), 0));
            *all = Values(all.0 & values);
            *runs += left.runs;
        }
        decided
    }

    /// These readings, narrowed by what every run left.
    #[must_use]
    pub fn narrow(&self, readings: Readings) -> Readings {
        let decided = self.decided().into_iter();
        decided.fold(readings, |readings, (switch, (values, _))| readings.narrowed(switch, values))
    }

    /// The smallest run that leaves the fewest readings of a switch.
    pub fn example(&self, switch: Switch) -> Option<&RunOrigin> {
        let of = self.left.iter().filter(|((of, _), _)| *of == switch);
        let first = of.min_by_key(|((_, values), left)| (values.count_ones(), &left.smallest));
        first.map(|(_, left)| &left.smallest.1)
    }

    /// The switches for which no reading explains every run, each with its witnesses.
    pub fn contradictions(&self) -> Vec<Contradiction> {
        let torn = self.decided().into_iter().filter(|(_, (values, _))| values.0 == 0);
        torn.map(|(switch, _)| Contradiction { switch, witnesses: self.witnesses(switch) }).collect()
    }

    /// The fewest sets that have nothing in common; of those the ones left by the smallest runs.
    fn witnesses(&self, switch: Switch) -> Vec<(Values, RunOrigin)> {
        let all: Vec<(u8, &LeftReadings)> =
            self.left.iter().filter(|((of, _), _)| *of == switch).map(|((_, values), left)| (*values, left)).collect();
        // Where two do not suffice, a set that holds another one is not needed: there are few without such.
        let least = |&(values, _): &(u8, &LeftReadings)| {
            !all.iter().any(|(other, _)| *other != values && other & values == *other)
        };
        let few: Vec<(u8, &LeftReadings)> = all.iter().copied().filter(least).collect();
        let two = choose(&all, 2);
        let chosen = two.or_else(|| (3..=few.len()).find_map(|count| choose(&few, count))).unwrap_or_default();
        chosen.into_iter().map(|(values, left)| (Values(values), left.smallest.1.clone())).collect()
    }
}

/// So many sets that have nothing in common, the ones left by the smallest runs; none where there are none.
fn choose<'l>(sets: &[(u8, &'l LeftReadings)], count: usize) -> Option<Vec<(u8, &'l LeftReadings)>> {
    fn extend<'l>(
        sets: &[(u8, &'l LeftReadings)],
        count: usize,
        chosen: &mut Vec<(u8, &'l LeftReadings)>,
        best: &mut Option<Vec<(u8, &'l LeftReadings)>>,
    ) {
        if chosen.len() == count {
            let cost = |chosen: &[(u8, &LeftReadings)]| -> (u128, Vec<RunOrigin>) {
                let steps = chosen.iter().map(|(_, left)| u128::from(left.smallest.0)).sum();
                (steps, chosen.iter().map(|(_, left)| left.smallest.1.clone()).collect())
            };
            let common = chosen.iter().fold(u8::MAX, |common, (values, _)| common & values);
            if common == 0 && best.as_ref().is_none_or(|best| cost(chosen) < cost(best)) {
                *best = Some(chosen.clone());
            }
            return;
        }
        for at in 0..sets.len() {
            chosen.push(sets[at]);
            extend(&sets[at + 1..], count, chosen, best);
            chosen.pop();
        }
    }
    let mut best = None;
    extend(sets, count, &mut Vec::new(), &mut best);
    // The smallest run first.
    if let Some(best) = &mut best {
        best.sort_by_key(|(_, left)| &left.smallest);
    }
    best
}

#[cfg(test)]
mod tests {
    use quickcheck::quickcheck;

    use super::*;

    fn held(left: &[(u8, u64, u64)]) -> HeldReadings {
        let mut held = HeldReadings::default();
        for &(values, steps, index) in left {
            let readings = Readings::OPEN.narrowed(Switch::ApptCurrent, Values(values & 0b11_1111));
            held.note(Readings::OPEN, readings, steps, &RunOrigin::Random(index));
        }
        held
    }

    fn witnesses(left: &[(u8, u64, u64)]) -> Vec<(u8, u64)> {
        let contradictions = held(left).contradictions();
        let each = contradictions.into_iter().flat_map(|contradiction| contradiction.witnesses);
        each.map(|(values, origin)| (values.0, if let RunOrigin::Random(index) = origin { index } else { 0 })).collect()
    }

    #[test]
    fn the_two_smallest_runs_without_a_reading_in_common_are_shown() {
        assert_eq!(witnesses(&[(0b011, 9, 1), (0b110, 3, 2), (0b111, 1, 3)]), []);
        let left = [(0b001, 9, 1), (0b001, 4, 2), (0b110, 9, 3), (0b100, 5, 4), (0b010, 7, 5)];
        assert_eq!(witnesses(&left), [(0b001, 2), (0b100, 4)]);
    }

    #[test]
    fn each_pair_may_have_a_reading_in_common_and_all_three_none() {
        let left = [(0b011, 4, 1), (0b110, 3, 2), (0b101, 5, 3), (0b111, 1, 4)];
        assert_eq!(witnesses(&left), [(0b110, 2), (0b011, 1), (0b101, 3)]);
        let four = [(0b0111, 1, 1), (0b1011, 2, 2), (0b1101, 3, 3), (0b1110, 4, 4), (0b1111, 1, 5)];
        assert_eq!(witnesses(&four), [(0b0111, 1), (0b1011, 2), (0b1101, 3), (0b1110, 4)]);
    }

    quickcheck! {
        fn merging_has_no_order(a: Vec<(u8, u64, u64)>, b: Vec<(u8, u64, u64)>, c: Vec<(u8, u64, u64)>) -> bool {
            let small = |left: Vec<(u8, u64, u64)>| -> Vec<_> {
                left.into_iter().map(|(values, steps, index)| (values, steps % 9, index % 9)).collect()
            };
            let (a, b, c) = (held(&small(a)), held(&small(b)), held(&small(c)));
            let grouped = a.clone().merge(b.clone()).merge(c.clone()) == a.clone().merge(b.clone().merge(c));
            grouped && a.clone().merge(b.clone()) == b.merge(a)
        }

        fn witnesses_contradict_each_other_and_none_of_them_is_idle(left: Vec<(u8, u64, u64)>) -> bool {
            let all = witnesses(&left);
            let common = |without: Option<usize>| {
                let others = all.iter().enumerate().filter(|(at, _)| Some(*at) != without);
                others.fold(0b11_1111, |common, (_, (values, _))| common & values)
            };
            all.is_empty() || common(None) == 0 && (0..all.len()).all(|at| common(Some(at)) != 0 || all.len() == 2)
        }
    }
}
