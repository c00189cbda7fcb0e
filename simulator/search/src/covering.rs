//! Covering arrays: few rows that together hold every pair (or triple) of the values of many factors.
//!
//! Most faults need one or two circumstances to meet, hardly any more than three (Kuhn, Wallace and Gallo, "Software
//! fault interactions and implications for software testing", 2004). Rows are made one at a time and greedily, each the
//! best of a few candidates (Cohen, Dalal, Fredman and Patton, "The AETG system: an approach to testing based on
//! combinatorial design", 1997); what excludes one another is respected by looking ahead (Cohen, Dwyer and Shi,
//! "Constructing interaction test suites for highly-configurable systems in the presence of constraints", 2008). So the
//! first rows hold the most, and whoever has time for few of them loses least. Where a row is free, it holds the first value
//! of a factor: let that be the plain one, so that nothing hides what the row is about.

use crate::choose::{Choose, Seeded};

/// How many circumstances meet in what an array covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Every pair.
    #[default]
    Pairs,
    /// Every triple.
    Triples,
}

impl Strength {
    /// The strength of that number.
    pub fn numbered(number: u8) -> Option<Self> {
        match number {
            2 => Some(Self::Pairs),
            3 => Some(Self::Triples),
            _ => None,
        }
    }

    /// The number: 2 or 3.
    pub fn number(self) -> u8 {
        match self {
            Self::Pairs => 2,
            Self::Triples => 3,
        }
    }
}

/// The most values of all factors together.
const VALUES: usize = 256;

/// How many levels of late values there are.
const LEVELS: usize = 2;

/// A set of values, of all factors together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct FactorSet([u64; VALUES / 64]);

impl FactorSet {
    fn add(&mut self, value: usize) {
        self.0[value / 64] |= 1 << (value % 64);
    }

    fn remove(&mut self, value: usize) {
        self.0[value / 64] &= !(1 << (value % 64));
    }

    fn has(self, value: usize) -> bool {
        self.0[value / 64] >> (value % 64) & 1 != 0
    }

    fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|n| self.0[n] & other.0[n]))
    }

    fn without(self, other: Self) -> Self {
        Self(std::array::from_fn(|n| self.0[n] & !other.0[n]))
    }

    fn len(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    fn is_empty(self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    fn iter(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().zip((0..).step_by(64)).flat_map(|(word, first)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let at = rest.trailing_zeros() as usize;
                rest &= rest.checked_sub(1)?;
                Some(first + at)
            })
        })
    }
}

/// The factors, how many values each has, and which values exclude one another.
#[derive(Clone, Debug)]
pub struct Model {
    /// The first value of each factor, and the end.
    starts: Vec<usize>,
    /// The values of each factor.
    of: Vec<FactorSet>,
    /// For each value those that cannot stand beside it.
    excluded: Vec<FactorSet>,
    /// What comes later than everything else, level by level.
    late: [FactorSet; LEVELS],
}

impl Model {
    /// Factors with so many values each; nothing excludes anything.
    ///
    /// # Panics
    /// Where there are more than 256 values in all.
    pub fn new(sizes: &[usize]) -> Self {
        let mut starts = vec![0];
        for size in sizes {
            starts.push(starts[starts.len() - 1] + size);
        }
        let values = starts[sizes.len()];
        assert!(values <= VALUES, "a model holds {VALUES} values");
        let of = starts.windows(2).map(|pair| {
            let mut own = FactorSet::default();
            (pair[0]..pair[1]).for_each(|value| own.add(value));
            own
        });
        Self {
            of: of.collect(),
            starts,
            excluded: vec![FactorSet::default(); values],
            late: [FactorSet::default(); LEVELS],
        }
    }

    fn factors(&self) -> usize {
        self.starts.len() - 1
    }

    fn values(&self) -> usize {
        self.excluded.len()
    }

    fn value(&self, factor: usize, value: usize) -> usize {
        self.starts[factor] + value
    }

    /// Lets no row hold both of these, each a factor and one of its values.
    pub fn exclude(&mut self, one: (usize, usize), other: (usize, usize)) {
        let (one, other) = (self.value(one.0, one.1), self.value(other.0, other.1));
        self.excluded[one].add(other);
        self.excluded[other].add(one);
    }

    /// Lets a value stand in rows only after those that hold everything without it, and without what is later still:
    /// of levels 0 and 1 the second is the last.
    ///
    /// # Panics
    /// Where there is no such level.
    pub fn late(&mut self, level: usize, factor: usize, value: usize) {
        let value = self.value(factor, value);
        self.late[..=level].iter_mut().for_each(|late| late.add(value));
    }

    /// Lets no row hold a value.
    pub fn forbid(&mut self, factor: usize, value: usize) {
        let value = self.value(factor, value);
        self.excluded[value].add(value);
    }

    /// The array of that strength. It is the same whenever it is asked for.
    pub fn array(&self, strength: Strength) -> Array {
        let mut making = Making::new(self, strength);
        let mut rows = Vec::new();
        for late in self.late.into_iter().chain([FactorSet::default()]) {
            making.barred = late;
            while let Some(seed) = making.next() {
                match making.row(&seed) {
                    Some(row) => {
                        making.hold(&row);
                        rows.push(self.starts.iter().zip(row).map(|(start, value)| (value - start) as u8).collect());
                    }
                    None => making.strike(&seed, false),
                }
            }
            // What no row could hold without the late values may be held beside them.
            for seed in std::mem::take(&mut making.postponed) {
                making.strike(&seed, true);
            }
        }
        let met = met(strength, &rows);
        Array { strength, rows, tuples: met }
    }
}

/// Rows that together hold every tuple that can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// How many values meet in what is covered.
    pub strength: Strength,
    /// The rows: of each factor the number of its value.
    pub rows: Vec<Vec<u8>>,
    /// How many tuples they hold: all that can be.
    pub tuples: u64,
}

/// How many different tuples these rows hold.
pub fn met<R: AsRef<[u8]>>(strength: Strength, rows: &[R]) -> u64 {
    let mut held: Vec<u64> = Vec::new();
    for row in rows.iter().map(AsRef::as_ref) {
        let cell = |factor: usize| (factor as u64) << 8 | u64::from(row[factor]);
        for b in 0..row.len() {
            for a in 0..b {
                match strength {
                    Strength::Pairs => held.push(cell(a) << 16 | cell(b)),
                    Strength::Triples => held.extend((0..a).map(|c| cell(c) << 32 | cell(a) << 16 | cell(b))),
                }
            }
        }
    }
    held.sort_unstable();
    held.dedup();
    held.len() as u64
}

/// How many candidates are made for a row.
const CANDIDATES: usize = 12;

/// An array that is being made.
struct Making<'m> {
    model: &'m Model,
    strength: Strength,
    /// Of pairs, for each value those that it is still to meet; of triples, for each pair of values.
    wanted: Vec<FactorSet>,
    /// What no row may hold yet.
    barred: FactorSet,
    /// What no row could hold without what is barred.
    postponed: Vec<Vec<usize>>,
    choose: Seeded,
}

impl<'m> Making<'m> {
    fn new(model: &'m Model, strength: Strength) -> Self {
        let values = model.values();
        let beside = |value: usize| {
            let mut others = FactorSet::default();
            for factor in 0..model.factors() {
                let own = model.of[factor];
                if !own.has(value) {
                    own.iter().for_each(|other| others.add(other));
                }
            }
            let allowed = others.without(model.excluded[value]);
            if model.excluded[value].has(value) { FactorSet::default() } else { allowed }
        };
        let mut pairs: Vec<FactorSet> = (0..values).map(beside).collect();
        for value in 0..values {
            if pairs[value].is_empty() {
                pairs.iter_mut().for_each(|others| others.remove(value));
            }
        }
        let wanted = match strength {
            Strength::Pairs => pairs,
            Strength::Triples => {
                let pair = |n: usize| (n / values, n % values);
                let both = |(a, b): (usize, usize)| {
                    if pairs[a].has(b) { pairs[a].and(pairs[b]) } else { FactorSet::default() }
                };
                (0..values * values).map(|n| both(pair(n))).collect()
            }
        };
        Self { model, strength, wanted, barred: FactorSet::default(), postponed: Vec::new(), choose: Seeded::new(1997) }
    }

    /// A tuple that no row holds yet: that of the value which is to meet the most.
    fn next(&self) -> Option<Vec<usize>> {
        let values = self.model.values();
        let open = |value: usize| !self.barred.has(value);
        match self.strength {
            Strength::Pairs => {
                let left = |value: usize| self.wanted[value].without(self.barred).len();
                let most = |of: &mut dyn Iterator<Item = usize>| {
                    of.filter(|&value| open(value)).max_by_key(|&value| (left(value), std::cmp::Reverse(value)))
                };
                let first = most(&mut (0..values)).filter(|&first| left(first) > 0)?;
                let second = most(&mut self.wanted[first].iter())?;
                Some(vec![first, second])
            }
            Strength::Triples => {
                let left = |pair: usize| self.wanted[pair].without(self.barred).len();
                let pairs = (0..values * values).filter(|pair| open(pair / values) && open(pair % values));
                let pair = pairs.max_by_key(|&pair| (left(pair), std::cmp::Reverse(pair)))?;
                let third = self.wanted[pair].without(self.barred).iter().next()?;
                Some(vec![pair / values, pair % values, third])
            }
        }
    }

    /// How many tuples a value adds to those that a row holds.
    fn gain(&self, row: FactorSet, value: usize) -> u32 {
        match self.strength {
            Strength::Pairs => self.wanted[value].and(row).len(),
            // Each is met twice.
            Strength::Triples => {
                row.iter().map(|other| self.wanted[value * self.model.values() + other].and(row).len()).sum()
            }
        }
    }

    /// A row that holds these values, the best of a few; none where there is none.
    fn row(&mut self, seed: &[usize]) -> Option<Vec<usize>> {
        let mut best: Option<(u32, Vec<usize>)> = None;
        let factor = |value: usize| self.model.starts.partition_point(|&start| start <= value) - 1;
        let fixed: Vec<usize> = seed.iter().map(|&value| factor(value)).collect();
        let rest: Vec<usize> = (0..self.model.factors()).filter(|factor| !fixed.contains(factor)).collect();
        let (mut domain, mut row) = (FactorSet::default(), FactorSet::default());
        (0..self.model.values()).filter(|&value| !self.barred.has(value)).for_each(|value| domain.add(value));
        for value in 0..self.model.values() {
            if self.model.excluded[value].has(value) {
                domain.remove(value);
            }
        }
        for &value in seed {
            domain = self.narrowed(domain, value);
            row.add(value);
        }
        let fits = seed.iter().all(|&value| domain.has(value));
        if !fits || rest.iter().any(|&factor| domain.and(self.model.of[factor]).is_empty()) {
            return None;
        }
        for _ in 0..CANDIDATES {
            let mut order = rest.clone();
            for n in (1..order.len()).rev() {
                order.swap(n, self.choose.below(n as u32 + 1) as usize);
            }
            // If one candidate cannot be completed, none can.
            let (gain, full) = self.complete(&order, domain, row, 0)?;
            if best.as_ref().is_none_or(|(most, _)| gain > *most) {
                best = Some((gain, full.iter().collect()));
            }
        }
        best.map(|(_, row)| row)
    }

    /// What is left to choose from beside a value.
    fn narrowed(&self, domain: FactorSet, value: usize) -> FactorSet {
        domain.without(self.model.excluded[value])
    }

    /// Fills a row factor by factor with what gains most, going back where nothing fits.
    fn complete(
        &mut self,
        order: &[usize],
        domain: FactorSet,
        row: FactorSet,
        gained: u32,
    ) -> Option<(u32, FactorSet)> {
        let Some((&factor, rest)) = order.split_first() else { return Some((gained, row)) };
        let own = self.model.starts[factor]..self.model.starts[factor + 1];
        let values: Vec<usize> = own.filter(|&value| domain.has(value)).collect();
        // Of values that gain alike one after another has its turn; where nothing gains anything, the first of a factor
        // stands for all.
        let turn = self.choose.below(values.len().max(1) as u32) as usize;
        let gains: Vec<u32> = values.iter().map(|&value| self.gain(row, value)).collect();
        let turn = if gains.iter().all(|&gain| gain == 0) { 0 } else { turn };
        let ranked = (0..values.len()).map(|n| (n + turn) % values.len());
        let mut ranked: Vec<(u32, usize)> = ranked.map(|n| (gains[n], values[n])).collect();
        ranked.sort_by_key(|(gain, _)| std::cmp::Reverse(*gain));
        for (gain, value) in ranked {
            let left = self.narrowed(domain, value);
            if rest.iter().any(|&factor| left.and(self.model.of[factor]).is_empty()) {
                continue;
            }
            let mut row = row;
            row.add(value);
            if let Some(full) = self.complete(rest, left, row, gained + gain) {
                return Some(full);
            }
        }
        None
    }

    /// Strikes out what a row holds.
    fn hold(&mut self, row: &[usize]) {
        let mut all = FactorSet::default();
        row.iter().for_each(|&value| all.add(value));
        for &a in row {
            match self.strength {
                Strength::Pairs => self.wanted[a] = self.wanted[a].without(all),
                Strength::Triples => {
                    for &b in row {
                        let pair = &mut self.wanted[a * self.model.values() + b];
                        *pair = pair.without(all);
                    }
                }
            }
        }
    }

    /// Strikes out a tuple that no row can hold, or takes it up `again`.
    fn strike(&mut self, tuple: &[usize], again: bool) {
        let values = self.model.values();
        for (n, &a) in tuple.iter().enumerate() {
            for (m, &b) in tuple.iter().enumerate().filter(|(m, _)| *m != n) {
                let (at, last) = match self.strength {
                    Strength::Pairs => (a, b),
                    Strength::Triples => {
                        let third = tuple.iter().enumerate().find(|(k, _)| *k != n && *k != m);
                        (a * values + b, third.map_or(b, |(_, &c)| c))
                    }
                };
                if again {
                    self.wanted[at].add(last);
                } else {
                    self.wanted[at].remove(last);
                }
            }
        }
        if !again && !self.barred.is_empty() {
            self.postponed.push(tuple.to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    type Excluded = Vec<((usize, usize), (usize, usize))>;

    /// Every row that can be, by trying all.
    fn all(sizes: &[usize], excluded: &Excluded) -> Vec<Vec<u8>> {
        let mut rows = vec![Vec::new()];
        for &size in sizes {
            rows = rows
                .into_iter()
                .flat_map(|row: Vec<u8>| (0..size).map(move |value| [row.clone(), vec![value as u8]].concat()))
                .collect();
        }
        let holds = |row: &[u8], (factor, value): (usize, usize)| usize::from(row[factor]) == value;
        rows.retain(|row| !excluded.iter().any(|&(one, other)| holds(row, one) && holds(row, other)));
        rows
    }

    fn tuples(strength: Strength, rows: &[Vec<u8>]) -> BTreeSet<Vec<(usize, u8)>> {
        let mut held = BTreeSet::new();
        for row in rows {
            for a in 0..row.len() {
                for b in 0..a {
                    match strength {
                        Strength::Pairs => {
                            held.insert(vec![(b, row[b]), (a, row[a])]);
                        }
                        Strength::Triples => {
                            held.extend((0..b).map(|c| vec![(c, row[c]), (b, row[b]), (a, row[a])]));
                        }
                    }
                }
            }
        }
        held
    }

    /// A model drawn at random: factors, values, and what excludes what.
    fn drawn(seed: u64) -> (Vec<usize>, Excluded, Model) {
        let mut choose = Seeded::new(seed);
        let sizes: Vec<usize> = (0..3 + choose.below(3)).map(|_| 1 + choose.below(4) as usize).collect();
        let mut model = Model::new(&sizes);
        let mut excluded = Vec::new();
        for _ in 0..choose.below(8) {
            let value = |choose: &mut Seeded| {
                let factor = choose.below(sizes.len() as u32) as usize;
                (factor, choose.below(sizes[factor] as u32) as usize)
            };
            let (one, other) = (value(&mut choose), value(&mut choose));
            model.exclude(one, other);
            excluded.push((one, other));
        }
        for _ in 0..choose.below(3) {
            let factor = choose.below(sizes.len() as u32) as usize;
            let value = choose.below(sizes[factor] as u32) as usize;
            model.late(choose.below(2) as usize, factor, value);
        }
        (sizes, excluded, model)
    }

    #[test]
    fn every_tuple_that_can_be_is_covered_and_no_row_holds_what_excludes_one_another() {
        for seed in 0..400 {
            let (sizes, excluded, model) = drawn(seed);
            let possible = all(&sizes, &excluded);
            for strength in [Strength::Pairs, Strength::Triples] {
                let array = model.array(strength);
                assert_eq!(tuples(strength, &array.rows), tuples(strength, &possible), "seed {seed}, {strength:?}");
                assert_eq!(array.tuples, tuples(strength, &possible).len() as u64, "seed {seed}, {strength:?}");
                assert!(array.rows.iter().all(|row| possible.contains(row)), "seed {seed}, {strength:?}");
                assert_eq!(array, model.array(strength), "seed {seed}: the same whenever it is asked for");
            }
        }
    }

    #[test]
    fn late_values_come_last() {
        let mut model = Model::new(&[3, 3, 3]);
        model.late(0, 1, 2);
        let rows = model.array(Strength::Pairs).rows;
        let first = rows.iter().position(|row| row[1] == 2).expect("it is covered");
        assert!(rows[first..].iter().all(|row| row[1] == 2), "{rows:?}");
    }

    #[test]
    fn an_array_is_not_much_larger_than_it_must_be() {
        // Thirteen factors of three values: at least 15 rows are known to be needed; AETG published 17, the best of many at
        // random. One array, drawn without chance, has 22.
        let rows = Model::new(&[3; 13]).array(Strength::Pairs).rows.len();
        assert!(rows <= 22, "{rows}");
    }
}
