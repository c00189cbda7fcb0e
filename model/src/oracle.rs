//! The oracle: whether what an implementation shows can be explained by the documents.
//!
//! For each item it keeps the set of *explanations*: the states of that item which agree with all that was asked and
//! seen so far, each with the readings of the switches it took. Items are kept apart, and what another explanation covers
//! is dropped, so that the sets stay tiny whatever crashes. A step maps an explanation to its successors; an observation
//! keeps those that agree with it; an empty set is a divergence. This is input-output conformance (Tretmans, "Model based
//! testing with labelled transition systems") with the hidden synchronizations of Hughes, Pierce, Arts and Norell
//! ("Mysteries of Dropbox").

mod asked;
pub(crate) mod check;
pub(crate) mod checks;
mod explanations;
mod met;
mod naming;
mod unsent;

use crate::contract::implementation::{Answer, Capabilities};
use crate::ids::{ItemId, ItemSet};
use crate::plan::{Connection, Setup, Step};
use crate::readings::decide::Fork;
use crate::readings::switches::Readings;
use crate::reference::{Cited, Frame, StepOutcome, advance, asked_option, leaves_alone, permitted, permitting, route};
use crate::rules::{FollowedRow, FollowedRows, OptionSet, PersonalOption, Rules};
use crate::verdict::{Check, Divergence, Sighting};
use crate::view::{Field, View, Word};
use crate::world::{Context, Held, Item, Scene};

use check::Answered;
use explanations::{Course, Explanation, Set, close, merge};
use unsent::Unsent;

pub use explanations::MAX_EXPLANATIONS;
pub use met::{CONNECTIONS, Met, Statistics};

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

/// How far from connected the computers are.
fn connection(context: &Context, scene: &Scene) -> Connection {
    context.connection[..scene.computers.len()].iter().copied().max().unwrap_or(Connection::Connected)
}

/// What is known of the step after which something is wrong.
#[derive(Clone, Copy, Debug)]
struct ToldStep {
    /// Whether the step may have done something to the item.
    touched: bool,
    /// Whether it was said to be done.
    done: bool,
}

/// Judges one run of one plan.
#[derive(Clone, Debug)]
pub struct Oracle<'a> {
    rules: &'a Rules,
    scene: Scene,
    context: Context,
    /// The explanations of each item.
    sets: Vec<Set>,
    /// Their successors under the step that is under way, for the items it touches.
    next: Vec<Set>,
    touched: ItemSet,
    /// Every item.
    all: ItemSet,
    /// What computers hold for themselves.
    held: Held,
    step: Option<Step>,
    /// Whether that step is done whatever the items are, and the row that says so, where one does.
    permitted: Option<(FollowedRow, bool)>,
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
    /// What had not reached the other side when a computer crashed.
    unsent: Vec<Unsent>,
    statistics: Statistics,
    met: Met,
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
            touched: ItemSet::EMPTY,
            all: ItemSet::EMPTY,
            held: Held::default(),
            step: None,
            permitted: None,
            readings: profile,
            profile,
            seen: View::default(),
            masks: Vec::new(),
            hidden: false,
            overflow: None,
            prompts: false,
            unsent: Vec::new(),
            statistics: Statistics::default(),
            met: Met::new(rules),
        };
        oracle.reset(setup, profile, capabilities);
        oracle
    }

    /// Starts again in another world, keeping the memory.
    pub fn reset(&mut self, setup: &Setup, profile: Readings, capabilities: &Capabilities) {
        self.scene.reset(setup);
        self.context = Context::new(setup);
        self.held = Held::default();
        self.readings = profile;
        self.profile = profile;
        self.hidden = !capabilities.stepped;
        self.overflow = None;
        self.prompts = capabilities.prompts;
        self.unsent.clear();
        self.step = None;
        self.touched = ItemSet::EMPTY;
        self.all = (0..setup.items.len() as u8).map(ItemId).collect();
        // Never shortened, for the memory: only as many as there are items mean anything.
        let room = setup.items.len().max(self.sets.len());
        self.sets.resize_with(room, Set::default);
        self.next.resize_with(room, Set::default);
        let (users, slots) = (self.scene.users.len(), self.scene.slots.len());
        self.seen.reset(users, slots, setup.items.len());
        self.masks.clear();
        for item in &setup.items {
            let fields = capabilities.fields(item.kind);
            let caches = if capabilities.caches { fields } else { 0 };
            self.masks.extend(std::iter::repeat_n(fields, 1 + users));
            self.masks.extend(std::iter::repeat_n(caches, slots));
        }
        for ((item, set), id) in setup.items.iter().zip(&mut self.sets).zip(0..) {
            set.start(item, &setup.schedules, profile);
            set[0].item.show(&self.scene, &self.context, self.seen.item_mut(ItemId(id)));
        }
    }

    /// What is seen of the starting world otherwise than it was asked for, as far as it can be seen, place by place. An
    /// implementation that cannot be stepped may have synchronized by now.
    pub fn misplaced(&mut self, view: &View) -> Vec<(ItemId, Sighting)> {
        let frame = Frame { scene: &self.scene, context: &self.context, rules: self.rules };
        let mut found = Vec::new();
        for id in self.all.iter() {
            let set = &mut self.sets[id.index()];
            if self.hidden && !close(&frame, id, set, self.readings, self.held) {
                // What else explains it is not known.
                continue;
            }
            let observed = view.item(id);
            let masks = &self.masks[id.index() * observed.len()..][..observed.len()];
            if set.keep(self.held, |explanation| explanation.item.looks(&self.scene, &self.context, observed, masks)) {
                continue;
            }
            let asked = self.seen.item(id).iter().zip(observed).zip(masks).enumerate();
            let differing = asked.filter(|(_, ((asked, seen), mask))| asked.apart(**seen, **mask) != 0);
            found.extend(differing.map(|(n, ((&asked, &seen), &mask))| {
                let (expected, seen) = (Word(asked.0 & mask), Word(seen.0 & mask));
                (id, Sighting { location: view.location(n), expected, seen, before: Word::ABSENT })
            }));
        }
        if found.is_empty() && self.hidden {
            self.seen.clone_from(view);
        }
        found
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

    /// Goes on from another moment, at which this was known and seen; what explains the items then is for
    /// [`Oracle::explain`] to say.
    pub fn resume(&mut self, context: &Context, readings: Readings, seen: &View) {
        (self.context, self.readings) = (*context, readings);
        self.held = context.held(&self.scene);
        self.seen.clone_from(seen);
        (self.step, self.overflow) = (None, None);
        self.unsent.clear();
    }

    /// Puts these states, with the readings that each of them took, in place of what explains an item.
    pub fn explain<'i>(&mut self, item: ItemId, explanations: impl IntoIterator<Item = (&'i Item, Readings)>) {
        self.sets[item.index()].put(explanations, self.held);
    }

    /// The states that explain an item, with the readings that each of them took.
    pub fn explanations(&self, item: ItemId) -> impl Iterator<Item = (&Item, Readings)> {
        self.sets[item.index()].iter().map(|explanation| (&explanation.item, explanation.readings))
    }

    /// One of the states that explain an item, for situations and pictures.
    pub fn likely(&self, item: ItemId) -> &Item {
        &self.sets[item.index()][0].item
    }

    /// Asks whether a step is possible, and works out what may come of it.
    pub fn forecast(&mut self, step: &Step) -> Forecast {
        self.forecast_for(step, true)
    }

    /// Forecasts a step; `idle` tells whether items that the step leaves alone may be passed over.
    fn forecast_for(&mut self, step: &Step, idle: bool) -> Forecast {
        self.step = None;
        self.touched = ItemSet::EMPTY;
        let frame = Frame { scene: &self.scene, context: &self.context, rules: self.rules };
        self.permitted = None;
        let route = match route(&frame, step) {
            Ok(route) => {
                self.permitted = permitted(&frame, step);
                route
            }
            Err(StepOutcome::Refused(_)) => {
                self.permitted = permitted(&frame, step);
                self.step = Some(*step);
                return Forecast::Possible;
            }
            Err(StepOutcome::Impossible | StepOutcome::Done { .. }) => return Forecast::Impossible,
        };
        let named = step.op.items();
        let concerned = if self.hidden { self.all } else { named.unwrap_or(self.all) };
        for id in concerned.iter() {
            let (set, next) = (&mut self.sets[id.index()], &mut self.next[id.index()]);
            if self.hidden {
                if !close(&frame, id, set, self.readings, self.held) {
                    self.overflow = Some(id);
                }
                // What is not named stays as it is, but for readings that no longer hold.
                let stays = named.is_some() && set.iter().all(|e| e.readings.and(self.readings) == e.readings);
                if stays && !named.is_some_and(|items| items.contains(id)) {
                    continue;
                }
            } else if idle && set.len() == 1 && leaves_alone(&frame, &set[0].item, step, self.readings) {
                continue;
            }
            next.clear();
            for explanation in set.iter() {
                let start = explanation.readings.and(self.readings);
                if start != explanation.readings && start.contradiction().is_some() {
                    continue;
                }
                let course = Course { frame: &frame, route, id, step, held: self.held };
                if !course.successors(explanation, start, next) {
                    return Forecast::Impossible;
                }
            }
            self.touched = self.touched.with(id);
        }
        self.step = Some(*step);
        Forecast::Possible
    }

    /// Judges what an implementation answered to the step last forecast, and what is seen after it.
    pub fn judge(&mut self, answer: &Answer, view: &View) -> Judgement {
        let Some(step) = self.step.take() else { return Judgement::Explained };
        let (done, prompted) = match *answer {
            Answer::Done { prompted } => (true, prompted),
            Answer::Offered(_) => (true, false),
            Answer::Refused => (false, false),
            // Not for the oracle: the runner has told these apart before.
            Answer::Unsupported(_) | Answer::Failed(_) => return Judgement::Explained,
        };
        if let Some(id) = self.overflow {
            return Judgement::Inconclusive(id);
        }
        let named = step.op.items();
        if !done && named.is_none() {
            // Nobody may refuse it: say so of the first item, even if it is one that was passed over.
            self.forecast_for(&step, false);
            self.step = None;
        }
        let wrong = self.judge_whole(&step, done).or_else(|| self.judge_answer(&step, done, prompted));
        let wrong = wrong
            .or_else(|| if let Answer::Offered(shown) = *answer { self.judge_options(&step, shown) } else { None });
        if let Some(divergence) = wrong {
            return Judgement::Diverges(Box::new(divergence));
        }
        if done {
            self.note_crash(&step);
            for id in self.touched.iter() {
                std::mem::swap(&mut self.sets[id.index()], &mut self.next[id.index()]);
                // The answer was judged; from here on it tells no two explanations apart.
                self.sets[id.index()].iter_mut().for_each(|explanation| explanation.outcome = StepOutcome::DONE);
            }
            advance(&self.scene, &mut self.context, &step);
            if named.is_none_or(ItemSet::is_empty) {
                self.held = self.context.held(&self.scene);
                for set in &mut self.sets {
                    set.closed = false;
                }
            }
        }
        // After a step that names nothing (a restart, say) anything may look different.
        let moved = done && named.is_some_and(ItemSet::is_empty);
        let looked_at = match (self.hidden || moved, done) {
            (true, _) => self.all,
            (false, true) => self.touched,
            (false, false) => ItemSet::EMPTY,
        };
        for id in self.all.iter() {
            if looked_at.contains(id) {
                if let Some(judgement) = self.filter(&step, id, view, done) {
                    return judgement;
                }
            } else if !self.looks(id, view, self.seen.item(id)) {
                return Judgement::Diverges(Box::new(self.diverges(
                    &step,
                    id,
                    view,
                    ToldStep { touched: false, done },
                )));
            }
        }
        self.forget_sent();
        self.seen.clone_from(view);
        self.hold_to_readings(&step)
    }

    /// Whether a step that names no item was done as it should be: all are, but for those that a row refuses.
    fn judge_whole(&mut self, step: &Step, done: bool) -> Option<Divergence> {
        if step.op.items().is_none_or(|items| !items.is_empty()) {
            return None;
        }
        let row = self.permitted.map(|(row, _)| row);
        if done != self.permitted.is_none_or(|(_, done)| done) {
            let answer = row.map(|row| row.rule);
            return Some(Divergence { step: Some(*step), answer, ..Divergence::of(Check::Refusal) });
        }
        row.into_iter().for_each(|row| self.note(row));
        None
    }

    /// Whether the dialog of the personal options offered what it should, and under which readings.
    fn judge_options(&mut self, step: &Step, shown: OptionSet) -> Option<Divergence> {
        for option in PersonalOption::ALL {
            let frame = Frame { scene: &self.scene, context: &self.context, rules: self.rules };
            let situation = asked_option(&frame, step, option);
            let table = &self.rules.options;
            let (row, mut agreeing, mut cited) = (table.row(&situation), Readings(0), None);
            let mut fork = Fork::new(self.readings);
            loop {
                let (rule, offered) = table.decide(row, &mut fork);
                if offered == shown.contains(option) {
                    agreeing = agreeing.or(fork.readings);
                }
                cited = cited.or(Some(rule));
                if !fork.advance() {
                    break;
                }
            }
            if agreeing == Readings(0) {
                let option = Some(option);
                return Some(Divergence { step: Some(*step), rule: cited, option, ..Divergence::of(Check::Offered) });
            }
            self.readings = self.readings.and(agreeing);
            self.note(FollowedRow { rule: row, situation: table.situation(&situation) });
        }
        None
    }

    /// Counts a row that decided something whatever the items are.
    fn note(&mut self, row: FollowedRow) {
        let mut followed = FollowedRows::NONE;
        followed.add(row);
        self.met.add(&Cited { followed, ..Cited::default() }, connection(&self.context, &self.scene));
    }

    /// Keeps the explanations that agree with the answer.
    fn judge_answer(&mut self, step: &Step, done: bool, prompted: bool) -> Option<Divergence> {
        let several = step.op.items().is_some_and(ItemSet::is_several);
        let named = |id: ItemId| step.op.items().is_none_or(|items| items.contains(id));
        let agrees = |outcome: StepOutcome| match outcome {
            StepOutcome::Done { prompted: expected } => done && (several || !self.prompts || expected == prompted),
            StepOutcome::Refused(_) => !done,
            StepOutcome::Impossible => false,
        };
        let wrong = |id: ItemId, next: &[Explanation]| {
            let expected = next.first().map(|first| first.outcome);
            let check = Check::of_answer(Answered { expected, done });
            let any = next.iter().find_map(|explanation| explanation.cited.rule);
            let torn = |explanation: &Explanation| {
                let switch = explanation.readings.and(self.readings).contradiction()?;
                Some((switch, (self.readings.of(switch), explanation.readings.of(switch))))
            };
            let torn = if next.is_empty() { self.sets[id.index()].iter().find_map(torn) } else { None };
            let (switch, torn) = torn.unzip();
            let answer = match (expected, next.first()) {
                (Some(StepOutcome::Refused(row)), _) if done => Some(row),
                (Some(StepOutcome::Done { .. }), Some(explanation)) if !done => {
                    let frame = Frame { scene: &self.scene, context: &self.context, rules: self.rules };
                    permitting(&frame, step, id, &self.sets[id.index()][0].item, explanation.readings)
                }
                (Some(StepOutcome::Refused(_) | StepOutcome::Done { .. } | StepOutcome::Impossible) | None, _) => None,
            };
            let followed = next.first().map_or(FollowedRows::NONE, |explanation| explanation.cited.followed);
            Divergence {
                rule: any,
                followed,
                step: Some(*step),
                item: Some(id),
                switch,
                torn,
                answer,
                ..Divergence::of(check)
            }
        };
        if several && !done {
            // A selection is refused as a whole: one item that may be refused explains it.
            let refuses = |e: &Explanation| matches!(e.outcome, StepOutcome::Refused(_));
            let refusing = |id: &ItemId| self.next[id.index()].iter().any(refuses);
            return match self.touched.iter().find(refusing) {
                Some(_) => {
                    self.note_refusal(step);
                    self.hold_to_refusal(step);
                    None
                }
                None => self.touched.iter().find(|id| named(*id)).map(|id| wrong(id, &self.next[id.index()])),
            };
        }
        for id in self.touched.iter() {
            let next = &mut self.next[id.index()];
            if named(id) && !next.keep(self.held, |explanation| agrees(explanation.outcome)) {
                return Some(wrong(id, next));
            }
        }
        if !done {
            // The refusal itself tells which readings hold; the states stay what they were.
            for id in self.touched.iter() {
                let (set, next) = (&mut self.sets[id.index()], &self.next[id.index()]);
                if named(id) && !self.hidden && set.len() == 1 && next.len() == 1 {
                    set[0].readings = next[0].readings;
                }
            }
            self.note_refusal(step);
            self.hold_to_refusal(step);
        }
        None
    }

    /// Counts the rows by which a step was refused, as one explanation of each item that it names has it.
    fn note_refusal(&mut self, step: &Step) {
        let Some(items) = step.op.items() else { return };
        let connection = connection(&self.context, &self.scene);
        for id in self.touched.iter().filter(|&id| items.contains(id)) {
            let refuses = |e: &&Explanation| matches!(e.outcome, StepOutcome::Refused(_));
            if let Some(explanation) = self.next[id.index()].iter().find(refuses) {
                self.met.add(&explanation.cited, connection);
            }
        }
    }

    /// Narrows the readings by a refusal: under one of those of an explanation that refuses, of an item that is named.
    fn hold_to_refusal(&mut self, step: &Step) {
        let Some(items) = step.op.items().filter(|items| !items.is_empty()) else { return };
        let next = self.touched.iter().filter(|&id| items.contains(id)).flat_map(|id| self.next[id.index()].iter());
        let refusing = next.filter(|explanation| matches!(explanation.outcome, StepOutcome::Refused(_)));
        let readings = refusing.fold(Readings(0), |all, explanation| all.or(explanation.readings));
        if readings != Readings(0) {
            self.readings = self.readings.and(readings);
        }
    }

    /// Whether an item is seen as these words say, as far as it can be seen.
    #[inline(always)]
    fn looks(&self, id: ItemId, view: &View, words: &[Word]) -> bool {
        let observed = view.item(id);
        let masks = &self.masks[id.index() * observed.len()..][..observed.len()];
        let differing = words.iter().zip(observed).zip(masks).map(|((word, seen), mask)| word.apart(*seen, *mask));
        differing.fold(0, |all, bits| all | bits) == 0
    }

    /// Keeps the explanations of an item that agree with what is seen of it.
    fn filter(&mut self, step: &Step, id: ItemId, view: &View, done: bool) -> Option<Judgement> {
        let touched = done && self.touched.contains(id);
        if self.hidden {
            let moved = done && step.op.items().is_some_and(ItemSet::is_empty);
            let closed = self.sets[id.index()].closed;
            if !touched && !moved && closed && self.looks(id, view, self.seen.item(id)) {
                return None;
            }
            let frame = Frame { scene: &self.scene, context: &self.context, rules: self.rules };
            if !close(&frame, id, &mut self.sets[id.index()], self.readings, self.held) {
                return Some(Judgement::Inconclusive(id));
            }
        }
        let observed = view.item(id);
        let masks = &self.masks[id.index() * observed.len()..][..observed.len()];
        let set = &mut self.sets[id.index()];
        let explained =
            set.keep(self.held, |explanation| explanation.item.looks(&self.scene, &self.context, observed, masks));
        if !explained {
            // What was refused and is seen all the same was done, whatever synchronizations nobody was told of.
            let tracked = |words: &[Word]| words.iter().fold(0, |all, word| all | word.0) & Field::Tracked.mask();
            let refused_and_done = !done && tracked(observed) & !tracked(self.seen.item(id)) != 0;
            let told = ToldStep { touched: !refused_and_done, done };
            return Some(Judgement::Diverges(Box::new(self.diverges(step, id, view, told))));
        }
        // What is joined with another was followed too.
        let followed = set[1..].iter().fold(set[0].cited.followed, |all, one| all.then(&one.cited.followed));
        merge(set, self.held);
        if touched {
            self.met.add(&Cited { followed, ..set[0].cited }, connection(&self.context, &self.scene));
        }
        self.statistics.sets += 1;
        self.statistics.explanations += set.len() as u64;
        self.statistics.largest = self.statistics.largest.max(set.len() as u32);
        (set.len() > MAX_EXPLANATIONS).then_some(Judgement::Inconclusive(id))
    }

    /// Narrows the readings by what every explanation of every item needs; they must hold all together.
    fn hold_to_readings(&mut self, step: &Step) -> Judgement {
        let looked_at = if self.hidden { self.all } else { self.touched };
        for id in looked_at.iter() {
            let all = self.sets[id.index()].iter().fold(Readings(0), |all, one| all.or(one.readings));
            let readings = self.readings.and(all);
            if readings == self.readings {
                continue;
            }
            if let Some(switch) = readings.contradiction() {
                return Judgement::Diverges(Box::new(Divergence {
                    step: Some(*step),
                    item: Some(id),
                    switch: Some(switch),
                    torn: Some((self.readings.of(switch), all.of(switch))),
                    ..Divergence::of(Check::Readings)
                }));
            }
            self.readings = readings;
        }
        Judgement::Explained
    }
}
