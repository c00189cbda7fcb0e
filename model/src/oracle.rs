//! The oracle: whether what an implementation shows can be explained by the documents.
//!
//! For each item it keeps the set of *explanations*: the states of that item which agree with all that was asked and
//! seen so far, each with the readings of the switches it took. Items are kept apart, so the sets stay tiny. A step maps
//! an explanation to its successors; an observation keeps those that agree with it; an empty set is a divergence. This
//! is input-output conformance (Tretmans, "Model based testing with labelled transition systems") with the hidden
//! synchronizations of Hughes, Pierce, Arts and Norell ("Mysteries of Dropbox").

use crate::decide::Fork;
use crate::ids::{ItemId, SlotId, UserId};
use crate::implementation::{Answer, Capabilities};
use crate::plan::{Connection, Place, Setup, Step};
use crate::reference::{Cited, Frame, Outcome, Route, advance, apply, route, sweep};
use crate::rules::{RuleId, Rules};
use crate::switches::{Readings, Switch};
use crate::verdict::{Check, Divergence, Sighting};
use crate::view::{Field, Location, View, Word};
use crate::world::{Context, Item, Link, Presence, Scene, starting_items};

/// The most explanations of one item. On conforming implementations the mean is below two and sets past a dozen are
/// rare; a set that grows past this bound makes the plan *inconclusive*, never a pass.
pub const MAX_EXPLANATIONS: usize = 256;

/// One state of an item that agrees with everything seen so far.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Explanation {
    item: Item,
    readings: Readings,
    /// The outcome of the step under way, and the row it followed.
    outcome: Outcome,
    cited: Cited,
}

/// What the oracle says of a step before it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// Take it.
    Possible,
    /// It makes no sense here: skip it.
    Impossible,
}

/// Why a plan ended without a verdict on the implementation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// All is explained.
    Explained,
    /// Nothing explains it.
    Diverges(Box<Divergence>),
    /// Too many explanations to hold.
    Inconclusive(ItemId),
}

/// Judges one run of one plan.
#[derive(Clone, Debug)]
pub struct Oracle<'a> {
    rules: &'a Rules,
    scene: Scene,
    context: Context,
    /// The explanations of each item.
    sets: Vec<Vec<Explanation>>,
    /// Their successors under the step that is under way, for the items it touches.
    next: Vec<Vec<Explanation>>,
    touched: Vec<ItemId>,
    step: Option<Step>,
    /// What the profile and everything seen so far leave of the switches.
    readings: Readings,
    profile: Readings,
    /// What was last seen.
    seen: View,
    /// What can be seen at all.
    masks: Vec<u64>,
    hidden: bool,
    /// An item with more explanations under hidden synchronizations than can be held.
    overflow: Option<ItemId>,
    /// Whether the answer says if a prompt appeared.
    prompts: bool,
    /// Items that had a change waiting when a computer crashed.
    shaken: u32,
    statistics: Statistics,
    met: Met,
}

/// How often each row of the table decided something, and in which situations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met(Vec<u32>);

/// How many situations are told apart for each row: owner, organizer, current and open, by four states of connection.
pub const SITUATIONS: usize = 64;

impl Met {
    /// Nothing met yet, for a table of so many rows.
    pub fn new(rows: usize) -> Self {
        Self(vec![0; rows * SITUATIONS])
    }

    /// How often each situation of a row was met. The index holds owner, organizer, current and open in bits 0 to 3, and
    /// in bits 4 and 5 how far from connected the computers were: all connected, one disconnected, offline, crashed.
    pub fn row(&self, rule: RuleId) -> &[u32] {
        &self.0[usize::from(rule.0) * SITUATIONS..][..SITUATIONS]
    }

    /// How often a row was met.
    pub fn count(&self, rule: RuleId) -> u64 {
        self.row(rule).iter().map(|&count| u64::from(count)).sum()
    }

    /// Adds what another run met.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(&other.0) {
            *count = count.saturating_add(*more);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.fill(0);
    }

    #[inline]
    fn add(&mut self, cited: Cited, connection: Connection) {
        if let Some(rule) = cited.rule {
            let at = usize::from(rule.0) * SITUATIONS + usize::from(cited.situation) + 16 * connection as usize;
            self.0[at] = self.0[at].saturating_add(1);
        }
    }
}

/// How large the sets of explanations were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Sets looked at, one an item and step it was touched by.
    pub sets: u64,
    /// The sum of their sizes.
    pub explanations: u64,
    /// The largest.
    pub largest: u32,
}

impl Statistics {
    /// Both together.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            sets: self.sets + other.sets,
            explanations: self.explanations + other.explanations,
            largest: self.largest.max(other.largest),
        }
    }
}

impl<'a> Oracle<'a> {
    /// Starts to judge a run in this world, under the readings that a profile leaves open.
    pub fn new(rules: &'a Rules, setup: &Setup, profile: Readings, capabilities: &Capabilities) -> Self {
        let mut oracle = Self {
            rules,
            scene: Scene::new(setup),
            context: Context::new(setup),
            sets: Vec::new(),
            next: Vec::new(),
            touched: Vec::new(),
            step: None,
            readings: profile,
            profile,
            seen: View::default(),
            masks: Vec::new(),
            hidden: false,
            overflow: None,
            prompts: false,
            shaken: 0,
            statistics: Statistics::default(),
            met: Met::new(rules.rows().len()),
        };
        oracle.reset(setup, profile, capabilities);
        oracle
    }

    /// Starts again in another world, keeping the memory.
    pub fn reset(&mut self, setup: &Setup, profile: Readings, capabilities: &Capabilities) {
        self.scene = Scene::new(setup);
        self.context = Context::new(setup);
        self.readings = profile;
        self.profile = profile;
        self.hidden = !capabilities.stepped;
        self.overflow = None;
        self.prompts = capabilities.prompts;
        self.shaken = 0;
        self.step = None;
        self.touched.clear();
        self.sets.resize_with(setup.items.len(), Vec::new);
        self.next.resize_with(setup.items.len(), Vec::new);
        let (users, slots) = (self.scene.users.len(), self.scene.slots.len());
        self.seen.reset(users, slots, setup.items.len());
        self.masks.clear();
        for item in &setup.items {
            let fields = capabilities.fields(item.kind);
            let caches = if capabilities.caches { fields } else { 0 };
            self.masks.extend(std::iter::repeat_n(fields, 1 + users));
            self.masks.extend(std::iter::repeat_n(caches, slots));
        }
        for ((item, set), id) in starting_items(setup).zip(&mut self.sets).zip(0..) {
            item.show(&self.scene, &self.context, self.seen.item_mut(ItemId(id)));
            set.clear();
            set.push(Explanation { item, readings: profile, outcome: Outcome::DONE, cited: Cited::default() });
        }
    }

    /// What is known for certain now.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// What never changes.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// What the profile and everything seen so far leave of the switches.
    pub fn readings(&self) -> Readings {
        self.readings
    }

    /// How large the sets of explanations were since the oracle was made.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// What was met since the oracle was made or this was last cleared.
    pub fn met(&mut self) -> &mut Met {
        &mut self.met
    }

    /// One of the states that explain an item, for situations and pictures.
    pub fn likely(&self, item: ItemId) -> &Item {
        &self.sets[item.index()][0].item
    }

    /// Asks whether a step is possible, and works out what may come of it.
    pub fn forecast(&mut self, step: &Step) -> Forecast {
        self.step = None;
        self.touched.clear();
        let frame = Frame { scene: &self.scene, context: &self.context, rules: self.rules };
        let Some(route) = route(&frame, step) else { return Forecast::Impossible };
        let named = step.op.items();
        for id in (0..self.scene.items.len() as u8).map(ItemId) {
            if !self.hidden && named.is_some_and(|items| !items.contains(id)) {
                continue;
            }
            let (set, next) = (&mut self.sets[id.index()], &mut self.next[id.index()]);
            next.clear();
            if self.hidden && !close(&frame, id, set, self.readings) {
                self.overflow = Some(id);
            }
            let mut asked = 0;
            for explanation in set.iter() {
                let start = explanation.readings.and(self.readings);
                if start != explanation.readings && start.contradiction().is_some() {
                    continue;
                }
                asked += 1;
                if !successors(&frame, route, id, explanation, start, step, next) {
                    return Forecast::Impossible;
                }
            }
            debug_assert!(asked > 0, "a set of explanations never runs empty between steps");
            self.touched.push(id);
        }
        self.step = Some(*step);
        Forecast::Possible
    }

    /// Judges what an implementation answered to the step last forecast, and what is seen after it.
    pub fn judge(&mut self, answer: &Answer, view: &View) -> Judgement {
        let Some(step) = self.step.take() else { return Judgement::Explained };
        let (done, prompted) = match *answer {
            Answer::Done { prompted } => (true, prompted),
            Answer::Refused => (false, false),
            // Not for the oracle: the runner has told these apart before.
            Answer::Unsupported(_) | Answer::Failed(_) => return Judgement::Explained,
        };
        if let Some(id) = self.overflow {
            return Judgement::Inconclusive(id);
        }
        if let Some(divergence) = self.judge_answer(&step, done, prompted) {
            return Judgement::Diverges(Box::new(divergence));
        }
        if done {
            self.note_crash(&step);
            let touched = std::mem::take(&mut self.touched);
            for &id in &touched {
                std::mem::swap(&mut self.sets[id.index()], &mut self.next[id.index()]);
            }
            self.touched = touched;
            advance(&self.scene, &mut self.context, &step);
        }
        let changed = !matches!(step.op.items(), Some(items) if !items.is_empty());
        for id in (0..self.scene.items.len() as u8).map(ItemId) {
            let touched = done && (changed || self.touched.contains(&id));
            if let Some(judgement) = self.filter(&step, id, view, touched || self.hidden) {
                return judgement;
            }
        }
        self.seen.clone_from(view);
        self.hold_to_readings(&step)
    }

    /// Whether the two stores agree on every pair that is tracked and settled, once synchronization has come to rest.
    pub fn at_rest(&self, view: &View) -> Option<Divergence> {
        for (set, id) in self.sets.iter().zip(0..) {
            let id = ItemId(id);
            for user in (0..self.scene.users.len() as u8).map(UserId) {
                let linked = |explanation: &Explanation| {
                    let Explanation { item, .. } = explanation;
                    let pair = &item.pairs[user.index()];
                    pair.link == Link::Linked
                        && pair.presence == Presence::Present
                        && item.record.is_present()
                        && (item.record.word.0 ^ pair.word.0) & Word::SYNCHRONIZED == 0
                };
                if !self.context.can_synchronize(&self.scene, user) || !set.iter().all(linked) {
                    continue;
                }
                let mask = Word::SYNCHRONIZED & self.masks[id.index() * (self.masks.len() / self.sets.len())];
                let (crm, outlook) = (view.get(id, Location::Crm), view.get(id, Location::Mailbox(user)));
                if (crm.0 ^ outlook.0) & mask != 0 {
                    return Some(Divergence {
                        check: Check::Convergence,
                        rule: None,
                        step: None,
                        item: Some(id),
                        sightings: vec![Sighting {
                            location: Location::Mailbox(user),
                            expected: Word(crm.0 & mask).with_count(1),
                            seen: Word(outlook.0 & mask).with_count(outlook.count()),
                            before: outlook,
                        }],
                        switch: None,
                    });
                }
            }
        }
        None
    }

    /// Keeps the explanations that agree with the answer.
    fn judge_answer(&mut self, step: &Step, done: bool, prompted: bool) -> Option<Divergence> {
        let several = step.op.items().is_some_and(|items| items.len() > 1);
        let named = |id: ItemId| step.op.items().is_none_or(|items| items.contains(id));
        let agrees = |outcome: Outcome| match outcome {
            Outcome::Done { prompted: expected } => done && (several || !self.prompts || expected == prompted),
            Outcome::Refused => !done,
            Outcome::Impossible => false,
        };
        let wrong = |id: ItemId, next: &[Explanation]| {
            let first = &next[0];
            let check = match (first.outcome, done) {
                (Outcome::Done { .. }, true) => Check::Prompt,
                _ => Check::Refusal,
            };
            let any = next.iter().find_map(|explanation| explanation.cited.rule);
            Divergence { check, rule: any, step: Some(*step), item: Some(id), sightings: Vec::new(), switch: None }
        };
        if several && !done {
            // A selection is refused as a whole: one item that may be refused explains it.
            let refusing = |id: &&ItemId| self.next[id.index()].iter().any(|e| e.outcome == Outcome::Refused);
            return match self.touched.iter().find(refusing) {
                Some(_) => None,
                None => self.touched.iter().find(|id| named(**id)).map(|&id| wrong(id, &self.next[id.index()])),
            };
        }
        for &id in &self.touched {
            let next = &mut self.next[id.index()];
            if !named(id) || next.iter().all(|explanation| agrees(explanation.outcome)) {
                continue;
            }
            if !next.iter().any(|explanation| agrees(explanation.outcome)) {
                return Some(wrong(id, next));
            }
            next.retain(|explanation| agrees(explanation.outcome));
        }
        if !done {
            // The refusal itself tells which readings hold; the states stay what they were.
            for &id in &self.touched {
                let (set, next) = (&mut self.sets[id.index()], &self.next[id.index()]);
                if named(id) && !self.hidden && set.len() == 1 && next.len() == 1 {
                    set[0].readings = next[0].readings;
                }
            }
        }
        None
    }

    /// Keeps the explanations of an item that agree with what is seen of it.
    fn filter(&mut self, step: &Step, id: ItemId, view: &View, touched: bool) -> Option<Judgement> {
        let width = view.item(id).len();
        let masks = &self.masks[id.index() * width..][..width];
        let observed = view.item(id);
        let agrees = |words: &[Word]| {
            words.iter().zip(observed).zip(masks).all(|((word, seen), mask)| (word.0 ^ seen.0) & mask == 0)
        };
        if !touched {
            // Nothing may have happened to it, so that it must look as before.
            if agrees(self.seen.item(id)) {
                return None;
            }
            return Some(Judgement::Diverges(Box::new(self.diverges(step, id, view))));
        }
        let frame = Frame { scene: &self.scene, context: &self.context, rules: self.rules };
        if self.hidden && !close(&frame, id, &mut self.sets[id.index()], self.readings) {
            return Some(Judgement::Inconclusive(id));
        }
        let set = &mut self.sets[id.index()];
        let mut words = [Word::ABSENT; 1 + crate::ids::MAX_USERS + crate::ids::MAX_SLOTS];
        let mut explains = |explanation: &Explanation| {
            explanation.item.show(&self.scene, &self.context, &mut words[..width]);
            agrees(&words[..width])
        };
        match set.as_slice() {
            [one] if explains(one) => {}
            [_] => return Some(Judgement::Diverges(Box::new(self.diverges(step, id, view)))),
            several => {
                let keep: Vec<bool> = several.iter().map(&mut explains).collect();
                if !keep.contains(&true) {
                    return Some(Judgement::Diverges(Box::new(self.diverges(step, id, view))));
                }
                let mut keep = keep.into_iter();
                set.retain(|_| keep.next().unwrap_or(false));
                merge(set);
            }
        }
        if touched && let Some(Explanation { cited, .. }) = set.first() {
            let connections = &self.context.connection[..self.scene.computers.len()];
            let connection = connections.iter().copied().max().unwrap_or(Connection::Connected);
            self.met.add(*cited, connection);
        }
        self.statistics.sets += 1;
        self.statistics.explanations += set.len() as u64;
        self.statistics.largest = self.statistics.largest.max(set.len() as u32);
        (set.len() > MAX_EXPLANATIONS).then_some(Judgement::Inconclusive(id))
    }

    /// Narrows the readings by what every explanation of every item needs; they must hold all together.
    fn hold_to_readings(&mut self, step: &Step) -> Judgement {
        for &id in &self.touched {
            let all = self.sets[id.index()].iter().fold(Readings(0), |all, one| all.or(one.readings));
            let readings = self.readings.and(all);
            if readings == self.readings {
                continue;
            }
            if let Some(switch) = readings.contradiction() {
                return Judgement::Diverges(Box::new(Divergence {
                    check: Check::Readings,
                    rule: None,
                    step: Some(*step),
                    item: Some(id),
                    sightings: Vec::new(),
                    switch: Some(switch),
                }));
            }
            self.readings = readings;
        }
        Judgement::Explained
    }

    /// Remembers the items that had a change waiting when a computer crashed.
    fn note_crash(&mut self, step: &Step) {
        if step.op.crash().is_none() {
            return;
        }
        for (set, id) in self.sets.iter().zip(0u8..) {
            let waits = |explanation: &Explanation| {
                let pairs = explanation.item.pairs.iter();
                let unsent = pairs.clone().any(|pair| {
                    pair.presence == Presence::Tombstone
                        || matches!(pair.link, Link::Pending | Link::Untracking)
                        || (pair.word.0 ^ pair.base.0) & Word::SYNCHRONIZED != 0
                });
                unsent || explanation.item.slots.iter().any(|slot| slot.waiting > 0)
            };
            if set.iter().any(waits) {
                self.shaken |= 1 << id;
            }
        }
    }

    /// Names what went wrong, by the explanation that comes nearest.
    fn diverges(&self, step: &Step, id: ItemId, view: &View) -> Divergence {
        let observed = view.item(id);
        let width = observed.len();
        let masks = &self.masks[id.index() * width..][..width];
        let predict = |explanation: &Explanation| {
            let mut words = vec![Word::ABSENT; width];
            explanation.item.show(&self.scene, &self.context, &mut words);
            words
        };
        let distance = |words: &[Word]| -> u32 {
            let wrong = words.iter().zip(observed).zip(masks).map(|((word, seen), mask)| (word.0 ^ seen.0) & mask);
            wrong.map(|bits| if bits == 0 { 0 } else { 64 + bits.count_ones() }).sum()
        };
        let nearest = self.sets[id.index()].iter().map(|e| (predict(e), e)).min_by_key(|(words, _)| distance(words));
        let Some((expected, explanation)) = nearest else {
            return Divergence {
                check: Check::Readings,
                rule: None,
                step: Some(*step),
                item: Some(id),
                sightings: Vec::new(),
                switch: None,
            };
        };
        let touched = self.touched.contains(&id);
        let sightings: Vec<Sighting> = (0..width)
            .filter(|&n| (expected[n].0 ^ observed[n].0) & masks[n] != 0)
            .map(|n| Sighting {
                location: view.location(n),
                expected: expected[n],
                seen: observed[n],
                before: self.seen.item(id)[n],
            })
            .collect();
        let rule = explanation.cited.rule.filter(|_| touched);
        let check = self.check(step, id, rule, touched, &sightings);
        Divergence { check, rule, step: Some(*step), item: Some(id), sightings, switch: None }
    }

    fn check(&self, step: &Step, id: ItemId, rule: Option<RuleId>, touched: bool, sightings: &[Sighting]) -> Check {
        let any = |test: &dyn Fn(&Sighting) -> bool| sightings.iter().any(test);
        let stores: Vec<&Sighting> =
            sightings.iter().filter(|sighting| !matches!(sighting.location, Location::Cache(_))).collect();
        if any(&|s| s.seen.count() > 1) {
            return Check::Doubled;
        }
        let crashed = self.shaken >> id.0 & 1 != 0;
        let presence = any(&|s| s.expected.is_present() != s.seen.is_present());
        let named = step.op.items().is_some_and(|items| items.contains(id));
        if named && !touched {
            return Check::Refusal;
        }
        if presence {
            if crashed {
                return Check::Erased;
            }
            if rule.is_some() {
                return Check::Rule;
            }
            if stores.is_empty() {
                return Check::Cache;
            }
            if any(&|s| s.before.is_present() && !s.seen.is_present() && s.expected.is_present()) {
                return Check::Vanished;
            }
            if any(&|s| !s.before.is_present() && s.seen.is_present()) {
                return Check::Resurrected;
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
        if crashed {
            return Check::Erased;
        }
        if rule.is_some() && any(&|s| (s.expected.0 ^ s.seen.0) & Field::Occurrences.mask() != 0) {
            return Check::Rule;
        }
        Check::Carried
    }
}

/// Adds the successors of an explanation; false where the step is not possible in it.
#[inline]
fn successors(
    frame: &Frame<'_>,
    route: Route,
    id: ItemId,
    explanation: &Explanation,
    start: Readings,
    step: &Step,
    next: &mut Vec<Explanation>,
) -> bool {
    let named = step.op.items();
    let mut fork = Fork::new(start);
    loop {
        let mut item = explanation.item;
        let mut cited = Cited::default();
        let outcome = match named {
            Some(items) if items.contains(id) => apply(frame, route, id, &mut item, step, &mut fork, &mut cited),
            Some(_) => Outcome::DONE,
            None => {
                sweep(frame, id, &mut item, step, &mut fork, &mut cited);
                Outcome::DONE
            }
        };
        match outcome {
            Outcome::Impossible => return false,
            Outcome::Refused => item = explanation.item,
            Outcome::Done { .. } => {}
        }
        next.push(Explanation { item, readings: fork.readings, outcome, cited });
        if !fork.advance() {
            return true;
        }
    }
}

/// Closes a set under synchronizations that nobody was told of: whichever mailbox could have been synchronized may
/// have been, any number of times.
///
/// False where the set grew past its bound: what explains the rest may be missing.
#[must_use]
fn close(frame: &Frame<'_>, id: ItemId, set: &mut Vec<Explanation>, readings: Readings) -> bool {
    let mut from = 0;
    while from < set.len() {
        if set.len() > MAX_EXPLANATIONS {
            return false;
        }
        let explanation = set[from].clone();
        from += 1;
        let start = explanation.readings.and(readings);
        if start != explanation.readings && start.contradiction().is_some() {
            continue;
        }
        for user in (0..frame.scene.users.len() as u8).map(UserId) {
            if !frame.context.can_synchronize(frame.scene, user) {
                continue;
            }
            let mut fork = Fork::new(start);
            loop {
                let mut item = explanation.item;
                let mut cited = explanation.cited;
                crate::reference::synchronize_hidden(frame, id, &mut item, user, &mut fork, &mut cited);
                let new = Explanation { item, readings: fork.readings, outcome: explanation.outcome, cited };
                let known = set.iter().any(|old| {
                    old.item == new.item && old.outcome == new.outcome && new.readings.and(old.readings) == new.readings
                });
                if !known {
                    set.push(new);
                }
                if !fork.advance() {
                    break;
                }
            }
        }
    }
    true
}

/// Joins explanations that differ in the readings of one switch only.
fn merge(set: &mut Vec<Explanation>) {
    let mut at = 0;
    while at < set.len() {
        let mut other = at + 1;
        while other < set.len() {
            let (a, b) = (&set[at], &set[other]);
            let joins = a.item == b.item && {
                let mut differing = a.readings.differing(b.readings);
                differing.next().is_none() || differing.next().is_none()
            };
            if joins {
                let joined = a.readings.or(b.readings);
                set[at].readings = joined;
                set.swap_remove(other);
                other = at + 1;
            } else {
                other += 1;
            }
        }
        at += 1;
    }
}

/// Which switches a run has narrowed, and to what.
pub fn narrowed(profile: Readings, to: Readings) -> impl Iterator<Item = Switch> {
    profile.differing(to)
}

/// Where the cached mailbox of a step's computer is, for messages.
pub fn slot_of(scene: &Scene, step: &Step, mailbox: UserId) -> Option<SlotId> {
    match step.at {
        Place::Computer(computer) => scene.slot(computer, mailbox),
        Place::Web => None,
    }
}
