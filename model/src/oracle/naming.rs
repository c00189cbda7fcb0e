//! Naming what went wrong: by the explanation that comes nearest, which check failed, and whether it is right but for the
//! time.

use crate::ids::ItemId;
use crate::plan::Step;
use crate::reference::Frame;
use crate::rules::RuleId;
use crate::verdict::{Check, Divergence, Sighting, Timing};
use crate::view::{Field, Location, View, Word};
use crate::world::{Action, Held, Item, Link, Pair, Presence, Scene};

use super::Oracle;
use super::explanations::{Explanation, close};

/// What is known of the step after which something is wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// Whether the step may have done something to the item.
    pub(super) touched: bool,
    /// Whether it was said to be done.
    pub(super) done: bool,
}

/// A change that had not reached the other side when a computer crashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unsent {
    item: ItemId,
    /// How the other side stood.
    before: Word,
    /// How it stands once it has the change.
    after: Word,
}

impl Unsent {
    /// Whether what is wrong is that the change is missing: seen is what was before it.
    fn is_lost(&self, sighting: &Sighting) -> bool {
        let Sighting { expected, seen, .. } = *sighting;
        if expected.is_present() != seen.is_present() {
            return self.after.is_present() == expected.is_present() && self.before.is_present() == seen.is_present();
        }
        const CHANGED: u64 = Word::SYNCHRONIZED | Field::Occurrences.mask() | Field::Tracked.mask();
        let lost = |field: Field| {
            let differ = |a: Word, b: Word| (a.0 ^ b.0) & field.mask() != 0;
            differ(self.before, self.after) && !differ(self.after, expected) && !differ(self.before, seen)
        };
        expected.differing(seen, CHANGED).any(lost)
    }
}

/// What one side of an item has that has not reached the other.
fn unsent(scene: &Scene, held: Held, id: ItemId, item: &Item) -> Vec<Unsent> {
    let mut changes = Vec::new();
    let mut add = |before: Word, after: Word| {
        const CHANGED: u64 = Word::SYNCHRONIZED | Field::Occurrences.mask();
        if before.count() != after.count() || (before.0 ^ after.0) & CHANGED != 0 {
            changes.push(Unsent { item: id, before, after });
        }
    };
    for pair in &item.pairs {
        let base = pair.base.with_count(1).with_tracked_bits(1);
        match (pair.presence, pair.link) {
            (Presence::Tombstone | Presence::Moved, _) | (_, Link::Untracking) => add(base, Word::ABSENT),
            (Presence::Present, Link::Pending) => add(Word::ABSENT, pair.word.with_count(1).with_tracked_bits(1)),
            (Presence::Present, Link::Linked) => add(base, pair.word.with_count(1).with_tracked_bits(1)),
            (Presence::Never | Presence::Gone, _) | (Presence::Present, Link::None) => {}
        }
    }
    for slot in held.slots.iter() {
        let (computer, mailbox) = scene.slots[slot.index()];
        let cached = &item.slots[slot.index()];
        let waiting = &cached.queue[..usize::from(cached.waiting)];
        if waiting.iter().any(|action| matches!(action, Action::InCrm(_))) {
            add(item.record.seen(), item.local[computer.index()].seen());
        }
        if waiting.iter().any(|action| !matches!(action, Action::InCrm(_))) {
            add(item.pairs[mailbox.index()].seen(), cached.pair.seen());
        }
    }
    changes
}

impl Oracle<'_> {
    /// Remembers what had not reached the other side when a computer crashed.
    pub(super) fn note_crash(&mut self, step: &Step) {
        if step.op.crash().is_none() {
            return;
        }
        for (set, id) in self.sets[..self.scene.items.len()].iter().zip(0u8..) {
            for change in set.iter().flat_map(|e| unsent(&self.scene, self.held, ItemId(id), &e.item)) {
                if !self.unsent.contains(&change) {
                    self.unsent.push(change);
                }
            }
        }
    }

    /// Forgets what has arrived on the other side since.
    pub(super) fn forget_sent(&mut self) {
        if self.unsent.is_empty() {
            return;
        }
        let Self { sets, scene, held, .. } = self;
        let waits = |id: ItemId| sets[id.index()].iter().any(|e| !unsent(scene, *held, id, &e.item).is_empty());
        self.unsent.retain(|change| waits(change.item));
    }

    /// Names what went wrong, by the explanation that comes nearest.
    pub(super) fn diverges(&self, step: &Step, id: ItemId, view: &View, told: Told) -> Divergence {
        let observed = view.item(id);
        let width = observed.len();
        let masks = &self.masks[id.index() * width..][..width];
        let predict = |explanation: &Explanation| {
            let mut words = vec![Word::ABSENT; width];
            explanation.item.show(&self.scene, &self.context, &mut words);
            words
        };
        let distance = |words: &[Word]| -> u32 {
            let wrong = words.iter().zip(observed).zip(masks).map(|((word, seen), mask)| word.apart(*seen, *mask));
            wrong.map(|bits| if bits == 0 { 0 } else { 64 + bits.count_ones() }).sum()
        };
        let nearest = self.sets[id.index()].iter().map(|e| (predict(e), e)).min_by_key(|(words, _)| distance(words));
        let Some((expected, explanation)) = nearest else {
            return Divergence { step: Some(*step), item: Some(id), ..Divergence::of(Check::Readings) };
        };
        let touched = told.touched && self.touched.contains(id);
        let sightings: Vec<Sighting> = (0..width)
            .filter(|&n| expected[n].apart(observed[n], masks[n]) != 0)
            .map(|n| {
                // What cannot be seen does not differ, nor does what means nothing.
                let seen = |word: Word| Word(word.0 & (masks[n] | Field::Count.mask()) & expected[n].meaning());
                Sighting {
                    location: view.location(n),
                    expected: seen(expected[n]),
                    seen: seen(observed[n]),
                    before: seen(self.seen.item(id)[n]),
                }
            })
            .collect();
        let rule = explanation.cited.rule.filter(|_| touched);
        // A synchronization had nothing to do for a pair that is linked and in step.
        let Item { record, pairs, .. } = &explanation.item;
        let in_step = |pair: &Pair| {
            pair.link == Link::Linked
                && pair.presence == Presence::Present
                && (record.word.0 ^ pair.word.0) & Word::SYNCHRONIZED == 0
        };
        let at_rest = !touched && step.op.items().is_none() && pairs.iter().any(in_step);
        let never = |sighting: &Sighting| match sighting.location {
            Location::Crm => record.presence == Presence::Never,
            Location::Mailbox(user) => pairs[user.index()].presence == Presence::Never,
            Location::Cache(slot) => pairs[self.scene.slots[slot.index()].1.index()].presence == Presence::Never,
        };
        let check = self.check(step, id, (rule, touched, at_rest), &sightings, &never);
        let timing = self.timing(id, observed, masks, told.done);
        Divergence { rule, step: Some(*step), item: Some(id), sightings, timing, ..Divergence::of(check) }
    }

    /// Whether what is seen was right before the step, or would be after a synchronization.
    fn timing(&self, id: ItemId, observed: &[Word], masks: &[u64], done: bool) -> Timing {
        let looks = |explanation: &Explanation| explanation.item.looks(&self.scene, &self.context, observed, masks);
        // After a step that was done, what explained the item before it stands there.
        if done && self.touched.contains(id) && self.next[id.index()].iter().any(looks) {
            return Timing::Late;
        }
        if self.hidden {
            return Timing::Never;
        }
        let frame = Frame { scene: &self.scene, context: &self.context, rules: self.rules };
        let mut later = self.sets[id.index()].clone();
        let closed = close(&frame, id, &mut later, self.readings, self.held);
        if closed && later.iter().any(looks) { Timing::Early } else { Timing::Never }
    }

    fn check(
        &self,
        step: &Step,
        id: ItemId,
        (rule, touched, at_rest): (Option<RuleId>, bool, bool),
        sightings: &[Sighting],
        never: &dyn Fn(&Sighting) -> bool,
    ) -> Check {
        let any = |test: &dyn Fn(&Sighting) -> bool| sightings.iter().any(test);
        let stores: Vec<&Sighting> =
            sightings.iter().filter(|sighting| !matches!(sighting.location, Location::Cache(_))).collect();
        if any(&|s| s.seen.count() > 1) {
            return Check::Doubled;
        }
        let named = step.op.items().is_some_and(|items| items.contains(id));
        if named && !touched {
            return Check::Refusal;
        }
        let lost = self.unsent.iter().any(|change| change.item == id && any(&|s| change.is_lost(s)));
        if lost {
            return Check::Erased;
        }
        if any(&|s| s.expected.is_present() != s.seen.is_present()) {
            if rule.is_some() {
                return Check::Rule;
            }
            if stores.is_empty() {
                return Check::Cache;
            }
            if any(&|s| s.before.is_present() && !s.seen.is_present() && s.expected.is_present()) {
                return Check::Vanished;
            }
            if any(&|s| !s.before.is_present() && s.seen.is_present() && !s.expected.is_present()) {
                let arrives = |s: &Sighting| s.seen.is_present() && !s.expected.is_present() && never(s);
                return if any(&arrives) { Check::Arrived } else { Check::Resurrected };
            }
            return Check::Missing;
        }
        if stores.is_empty() {
            return Check::Cache;
        }
        if any(&|s| (s.expected.0 ^ s.seen.0) & Field::Tracked.mask() != 0) {
            return if rule.is_some() && !any(&|s| (s.expected.0 ^ s.seen.0) & Word::SYNCHRONIZED != 0) {
                Check::Rule
            } else {
                Check::Link
            };
        }
        if rule.is_some() && any(&|s| (s.expected.0 ^ s.seen.0) & Field::Occurrences.mask() != 0) {
            return Check::Rule;
        }
        let apart = any(&|s| (s.expected.0 ^ s.seen.0) & Word::SYNCHRONIZED != 0);
        if apart && at_rest { Check::Convergence } else { Check::Carried }
    }
}
