//! The explanations of one item, and what becomes of them under a step and under synchronizations that nobody was told of.

use crate::ids::{ItemId, UserId};
use crate::plan::{ItemSetup, Step};
use crate::readings::decide::Fork;
use crate::readings::switches::Readings;
use crate::reference::{Cited, Frame, Route, StepOutcome, apply, is_quiet, sweep, synchronize_hidden};
use crate::time::Schedule;
use crate::world::{Held, Item};

/// The most explanations of one item. On conforming implementations the mean is below two and sets past a dozen are
/// rare; a set that grows past this bound makes the plan *inconclusive*, never a pass.
pub const MAX_EXPLANATIONS: usize = 256;

/// One state of an item that agrees with everything seen so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Explanation {
    pub(super) item: Item,
    pub(super) readings: Readings,
    /// The outcome of the step under way, and the row it followed.
    pub(super) outcome: StepOutcome,
    pub(super) cited: Cited,
}

impl Explanation {
    #[inline(always)]
    pub(super) fn assume(&mut self, other: &Self, held: Held) {
        self.item.assume(&other.item, held);
        (self.readings, self.outcome, self.cited) = (other.readings, other.outcome, other.cited);
    }
}

/// The explanations of one item. An explanation is large and mostly unused: those that fall away stay behind the others
/// as memory, and only what means something is copied.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    all: Vec<Explanation>,
    len: usize,
    /// Whether no synchronization that nobody was told of leads to another explanation.
    pub(super) closed: bool,
}

impl std::ops::Deref for Set {
    type Target = [Explanation];

    #[inline(always)]
    fn deref(&self) -> &[Explanation] {
        &self.all[..self.len]
    }
}

impl std::ops::DerefMut for Set {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [Explanation] {
        &mut self.all[..self.len]
    }
}

impl Set {
    /// The set of one: how the item starts.
    pub(super) fn start(&mut self, setup: &ItemSetup, schedules: &[Schedule], readings: Readings) {
        let (outcome, cited) = (StepOutcome::DONE, Cited::default());
        match self.all.first_mut() {
            Some(first) => {
                first.item.reset(setup, schedules);
                (first.readings, first.outcome, first.cited) = (readings, outcome, cited);
            }
            None => self.all.push(Explanation { item: Item::new(setup, schedules), readings, outcome, cited }),
        }
        (self.len, self.closed) = (1, false);
    }

    #[inline(always)]
    pub(super) fn clear(&mut self) {
        (self.len, self.closed) = (0, false);
    }

    /// Adds an explanation whose item is a copy of this one, to be changed.
    #[inline(always)]
    pub(super) fn add(&mut self, item: &Item, held: Held) -> &mut Explanation {
        if self.len == self.all.len() {
            let (readings, outcome, cited) = (Readings::OPEN, StepOutcome::DONE, Cited::default());
            self.all.push(Explanation { item: *item, readings, outcome, cited });
        } else {
            self.all[self.len].item.assume(item, held);
        }
        self.len += 1;
        &mut self.all[self.len - 1]
    }

    /// Holds these states instead of its own.
    pub(super) fn put<'i>(&mut self, states: impl IntoIterator<Item = (&'i Item, Readings)>, held: Held) {
        self.clear();
        for (item, readings) in states {
            let new = self.add(item, held);
            (new.readings, new.outcome, new.cited) = (readings, StepOutcome::DONE, Cited::default());
        }
    }

    /// Adds a copy of one of the explanations, to be changed.
    pub(super) fn again(&mut self, from: usize, held: Held) -> &mut Explanation {
        if self.len == self.all.len() {
            self.all.push(self.all[from].clone());
        } else {
            let (front, back) = self.all.split_at_mut(self.len);
            back[0].assume(&front[from], held);
        }
        self.len += 1;
        &mut self.all[self.len - 1]
    }

    /// Takes back the explanation added last, if another says the same and more.
    pub(super) fn withdraw_known(&mut self, held: Held) {
        let Some((new, known)) = self.split_last() else { return };
        let says = |old: &Explanation| {
            new.readings.and(old.readings) == new.readings
                && old.outcome == new.outcome
                && old.item.covers(&new.item, held)
        };
        if known.iter().any(says) {
            self.len -= 1;
        }
    }

    /// Puts the explanation at `from` in place of the one at `to`, before it.
    pub(super) fn place(&mut self, from: usize, to: usize, held: Held) {
        let (front, back) = self.all.split_at_mut(from);
        front[to].assume(&back[0], held);
    }

    /// Keeps those that pass; false, and all of them, where none does.
    #[inline]
    pub(super) fn keep(&mut self, held: Held, mut passes: impl FnMut(&Explanation) -> bool) -> bool {
        let Some(first) = self.iter().position(&mut passes) else { return false };
        let mut kept = 0;
        for at in first..self.len {
            if at == first || passes(&self.all[at]) {
                if kept < at {
                    self.place(at, kept, held);
                }
                kept += 1;
            }
        }
        self.closed &= kept == self.len;
        self.len = kept;
        true
    }

    /// Removes one, and puts the last in its place.
    pub(super) fn remove(&mut self, at: usize, held: Held) {
        (self.len, self.closed) = (self.len - 1, false);
        if at < self.len {
            self.place(self.len, at, held);
        }
    }
}

/// A step on its way to one item.
pub(super) struct Course<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) route: Route,
    pub(super) id: ItemId,
    pub(super) step: &'a Step,
    pub(super) held: Held,
}

impl Course<'_> {
    /// Adds the successors of an explanation; false where the step is not possible in it.
    #[inline]
    pub(super) fn successors(&self, explanation: &Explanation, start: Readings, next: &mut Set) -> bool {
        let Self { frame, route, id, step, held } = *self;
        let named = step.op.items();
        let mut fork = Fork::new(start);
        loop {
            let new = next.add(&explanation.item, held);
            new.cited = Cited::default();
            new.outcome = match named {
                Some(items) if items.contains(id) => {
                    apply(frame, route, id, &mut new.item, step, &mut fork, &mut new.cited)
                }
                Some(_) => StepOutcome::DONE,
                None => {
                    sweep(frame, id, &mut new.item, step, &mut fork, &mut new.cited);
                    StepOutcome::DONE
                }
            };
            match new.outcome {
                StepOutcome::Impossible => return false,
                StepOutcome::Refused(_) => new.item.assume(&explanation.item, held),
                StepOutcome::Done { .. } => {}
            }
            new.readings = fork.readings;
            new.cited.followed = fork.followed;
            if !fork.advance() {
                return true;
            }
        }
    }
}

/// Closes a set under synchronizations that nobody was told of: whichever mailbox could have been synchronized may
/// have been, any number of times.
///
/// False where the set grew past its bound: what explains the rest may be missing.
#[must_use]
pub(super) fn close(frame: &Frame<'_>, id: ItemId, set: &mut Set, readings: Readings, held: Held) -> bool {
    if set.closed {
        return true;
    }
    let mut from = 0;
    while from < set.len() {
        if set.len() > MAX_EXPLANATIONS {
            // Many may differ in what they took for one reading only. What was gone through is gone through again: it leads
            // to nothing new, or to more readings of what is there.
            merge(set, held);
            if set.len() > MAX_EXPLANATIONS / 2 {
                return false;
            }
            from = 0;
        }
        for user in (0..frame.scene.users.len() as u8).map(UserId) {
            let Explanation { item, readings: left, cited: before, .. } = &set[from];
            // Most are quiet: nothing is copied of those.
            if is_quiet(&item.record, &item.pairs[user.index()], user, left.and(readings))
                || !frame.context.can_synchronize(frame.scene, user)
            {
                continue;
            }
            let start = left.and(readings);
            if start != *left && start.contradiction().is_some() {
                continue;
            }
            let (record, pair, before) = (item.record, item.pairs[user.index()], *before);
            let mut fork = Fork::new(start);
            loop {
                let (mut now, mut copy, mut cited) = (record, pair, before);
                synchronize_hidden(frame, id, &mut now, &mut copy, user, &mut fork, &mut cited);
                if now != record || copy != pair {
                    let new = set.again(from, held);
                    (new.item.record, new.item.pairs[user.index()]) = (now, copy);
                    cited.followed = before.followed.then(&fork.followed);
                    (new.readings, new.cited) = (fork.readings, cited);
                    set.withdraw_known(held);
                }
                if !fork.advance() {
                    break;
                }
            }
        }
        from += 1;
    }
    set.closed = true;
    true
}

/// Joins explanations that differ in the readings of one switch only, and drops those that another covers.
pub(super) fn merge(set: &mut Set, held: Held) {
    let mut at = 0;
    while at + 1 < set.len() {
        let mut other = at + 1;
        while other < set.len() {
            let (a, b) = (&set[at], &set[other]);
            if a.readings.differ_in_one(b.readings) && a.item.agrees(&b.item, held) {
                set[at].readings = a.readings.or(b.readings);
                set.remove(other, held);
                other = at + 1;
            } else if a.readings.or(b.readings) == a.readings && a.item.covers(&b.item, held) {
                set.remove(other, held);
            } else if a.readings.or(b.readings) == b.readings && b.item.covers(&a.item, held) {
                set.place(other, at, held);
                set.remove(other, held);
                other = at + 1;
            } else {
                other += 1;
            }
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Kind;
    use crate::readings::switches::{Switch, Values};

    /// Those of the same item that differ in the readings of one switch are joined, wherever they stand, and no other is
    /// lost. A title, a reading of one switch, a reading of another.
    #[test]
    fn what_differs_in_one_reading_is_joined() {
        type Told = (u8, u8, u8);
        let cases: [(&[Told], &[Told]); 5] = [
            (&[(1, 1, 1)], &[(1, 1, 1)]),
            (&[(1, 1, 1), (1, 2, 1)], &[(1, 3, 1)]),
            (&[(1, 1, 1), (1, 2, 1), (2, 1, 1)], &[(1, 3, 1), (2, 1, 1)]),
            (&[(1, 1, 1), (2, 2, 1), (1, 2, 1)], &[(1, 3, 1), (2, 2, 1)]),
            (&[(1, 1, 1), (1, 2, 2), (2, 1, 2)], &[(1, 1, 1), (1, 2, 2), (2, 1, 2)]),
        ];
        let setup = ItemSetup::new(Kind::Contact, UserId(0));
        for (told, expected) in cases {
            let (mut set, held) = (Set::default(), Held::default());
            let item = Item::new(&setup, &[Schedule::NONE]);
            for &(title, one, other) in told {
                let new = set.add(&item, held);
                new.item.record.word = new.item.record.word.with_title(title);
                new.readings = Readings::OPEN
                    .narrowed(Switch::JudgedAt, Values(one))
                    .narrowed(Switch::UntrackPrompt, Values(other));
            }
            merge(&mut set, held);
            let mut left: Vec<Told> = set
                .iter()
                .map(|e| {
                    let [one, other] = [Switch::JudgedAt, Switch::UntrackPrompt].map(|switch| e.readings.of(switch).0);
                    (e.item.record.word.title(), one, other)
                })
                .collect();
            left.sort_unstable();
            assert_eq!(left, expected, "{told:?}");
        }
    }
}
