//! Naming what went wrong: by the explanation that comes nearest, which check failed, and whether it is right but for the
//! time.

use crate::ids::ItemId;
use crate::plan::Step;
use crate::reference::Frame;
use crate::rules::FollowedRows;
use crate::verdict::{Check, Divergence, Sighting, Timing};
use crate::view::{Field, Location, View, Word};
use crate::world::{Item, Link, Pair, Presence};

use super::check::WrongItem;
use super::explanations::{Explanation, close};
use super::unsent::{Unsent, unsent};
use super::{Oracle, ToldStep};

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
    pub(super) fn diverges(&self, step: &Step, id: ItemId, view: &View, told: ToldStep) -> Divergence {
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
        let followed = if touched { explanation.cited.followed } else { FollowedRows::NONE };
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
        let unsent: Vec<Unsent> = self.unsent.iter().filter(|change| change.item == id).copied().collect();
        let check = Check::of_item(&WrongItem {
            sightings: &sightings,
            rule,
            named: step.op.items().is_some_and(|items| items.contains(id)),
            touched,
            at_rest,
            never_there: sightings.iter().any(|s| s.seen.is_present() && !s.expected.is_present() && never(s)),
            unsent: &unsent,
        });
        let timing = self.timing(id, observed, masks, told.done);
        Divergence { rule, followed, step: Some(*step), item: Some(id), sightings, timing, ..Divergence::of(check) }
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
}
