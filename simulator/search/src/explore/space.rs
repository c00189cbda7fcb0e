//! The states that a search has met, what leads from one to the next, and how it walks back.

use std::collections::BTreeMap;

use tombstone_model::ids::{ItemId, ItemSet};
use tombstone_model::oracle::Judgement;
use tombstone_model::plan::{Change, Op, Place, Setup, Step};
use tombstone_model::readings::decide::{Closed, Decide};
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::reference::{Cited, Frame, StepOutcome, advance, apply, route, sweep};
use tombstone_model::rules::{FollowedRow, RowSet, RuleId, Rules};
use tombstone_model::world::{Item, MAX_QUEUE, World};

use super::alphabet::{Groups, Letter};
use super::pack::{Packer, Renaming, fresh_title};

/// What to explore, and how far.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The most steps of a plan; none to go on to the fixpoint.
    pub depth: Option<u32>,
    /// The most bytes to hold; past them the search stops with what it has.
    pub memory: usize,
    /// Which steps are tried.
    pub groups: Groups,
    /// The most changes of one item that wait on one computer; the model itself holds no more than [`MAX_QUEUE`].
    pub queue: usize,
    /// Whether equal computers and items are exchanged for one another.
    pub symmetric: bool,
}

impl Bounds {
    /// To the fixpoint, as long as that takes at most 320 MB: about eight million states.
    pub const USUAL: Self =
        Self { depth: None, memory: 320 << 20, groups: Groups::ALL, queue: MAX_QUEUE, symmetric: true };
}

/// Bytes for each state, as a rule: a fingerprint in a table that is three eighths full at worst, a parent with the letter
/// that led here, and its share of the two layers that are held. Where the layers are wide it is more: the bound holds all
/// the same, since what is held is counted.
pub const BYTES_A_STATE: usize = 40;

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Every reachable state was seen.
    Fixpoint,
    /// Every state was seen that so many steps reach.
    Depth,
    /// The memory was full.
    Memory,
    /// The oracle wronged the reference.
    Wrong,
}

/// A node: how a state was first reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReachedBy {
    pub(super) parent: u32,
    pub(super) letter: u16,
}

/// What an exploration found.
#[derive(Debug)]
pub struct Space {
    /// The setup.
    pub setup: Setup,
    pub(super) rules: Rules,
    pub(super) readings: Readings,
    pub(super) packer: Packer,
    pub(super) letters: Vec<Letter>,
    pub(super) nodes: Vec<ReachedBy>,
    /// How many transitions were taken.
    pub transitions: u64,
    /// The length of the longest shortest plan.
    pub depth: u32,
    /// Why the search ended.
    pub end: End,
    /// For each row of each table that was followed, the first node and letter that did so.
    pub(super) first: BTreeMap<RuleId, (u32, u16)>,
    /// The most bytes the search held, by its own count.
    pub bytes: usize,
    /// How large the oracle's largest set of explanations was; none where no oracle was asked.
    pub largest: usize,
    /// Where the oracle first wronged the reference, and how.
    pub(super) wrong: Option<(u32, u16, OracleWrong)>,
}

impl Space {
    /// How many states there are.
    pub fn states(&self) -> usize {
        self.nodes.len()
    }

    /// A shortest plan of which the last step follows a row: it is done by it, or refused.
    pub fn shortest(&self, rule: RuleId) -> Option<Vec<Step>> {
        let &(node, letter) = self.first.get(&rule)?;
        Some(self.steps_to(node, letter))
    }

    /// A shortest plan at whose end the oracle wrongs the reference, and how; none where it never does.
    pub fn wrong(&self) -> Option<(Vec<Step>, &OracleWrong)> {
        let (node, letter, wrong) = self.wrong.as_ref()?;
        Some((self.steps_to(*node, *letter), wrong))
    }

    pub(super) fn letters_to(&self, mut node: u32) -> Vec<u16> {
        let mut letters = Vec::new();
        while node != 0 {
            let ReachedBy { parent, letter } = self.nodes[node as usize];
            letters.push(letter);
            node = parent;
        }
        letters.reverse();
        letters
    }

    /// The steps to a node and one after it, with canonical names put back to those of the setup.
    pub(super) fn steps_to(&self, node: u32, letter: u16) -> Vec<Step> {
        let mut letters = self.letters_to(node);
        letters.push(letter);
        let mut walker = Walker::new(&self.packer, (&self.rules, self.readings));
        letters.iter().map(|&letter| walker.take(&self.letters[usize::from(letter)])).collect()
    }
}

/// Walks along letters, and tells the steps in the names of the setup.
pub(super) struct Walker<'a> {
    packer: &'a Packer,
    rules: &'a Rules,
    decide: Following,
    world: World,
    renaming: Renaming,
    bytes: Vec<u8>,
    title: u8,
}

impl<'a> Walker<'a> {
    pub(super) fn new(packer: &'a Packer, (rules, readings): Followed<'a>) -> Self {
        Self {
            packer,
            rules,
            decide: Following::new(readings),
            world: packer.start().clone(),
            renaming: Renaming::identity(),
            bytes: Vec::new(),
            title: 0,
        }
    }

    /// The rows that the steps followed so far.
    pub(super) fn followed(&self) -> &RowSet {
        &self.decide.known
    }

    pub(super) fn take(&mut self, letter: &Letter) -> Step {
        let step = concrete(letter, &self.world, self.packer.instants());
        let mut named = step;
        if let Place::Computer(computer) = &mut named.at {
            computer.0 = self.renaming.computers[computer.index()];
        }
        named.op = named.op.with_items(|id| ItemId(self.renaming.items[id.index()]));
        if let Op::Edit { change: Change::Title(title), .. } = &mut named.op {
            // Fresh in the state may not be fresh in the plan.
            self.title += 1;
            *title = self.title;
        }
        let before = self.world.clone();
        let outcome = transition(self.rules, &mut self.world, &step, &mut self.decide);
        self.decide.take(outcome, |_| {});
        if !matches!(outcome, StepOutcome::Done { .. }) {
            self.world = before;
        }
        let again = self.packer.pack(&self.world.context, &self.world.items, &mut self.bytes);
        self.renaming = again.after(self.renaming);
        self.packer.unpack(&self.bytes, &mut self.world);
        named
    }
}

/// The step that a letter stands for in a world.
pub fn concrete(letter: &Letter, world: &World, instants: &[i32]) -> Step {
    let mut step = letter.step;
    if let Op::Edit { item, change: Change::Title(title), .. } = &mut step.op {
        *title = fresh_title(&world.items[item.index()], &world.scene);
    }
    if let Op::Wait { seconds } = &mut step.op {
        let next = instants.iter().find(|&&instant| instant > world.context.now);
        // Time that leads nowhere new is no step: a negative wait is impossible.
        *seconds = next.map_or(-1, |next| next - world.context.now);
    }
    step
}

/// Takes a step in a world, in place; where it is impossible or refused, the world may be spoilt.
pub(super) fn transition(rules: &Rules, world: &mut World, step: &Step, decide: &mut impl Cite) -> StepOutcome {
    let World { scene, context, items } = world;
    let frame = Frame { scene, context, rules };
    let route = match route(&frame, step) {
        Ok(route) => route,
        Err(outcome) => return outcome,
    };
    let mut asked = false;
    match step.op.items() {
        Some(set) => {
            for id in set.iter() {
                let mut cited = Cited::default();
                let outcome = apply(&frame, route, id, &mut items[id.index()], step, decide, &mut cited);
                let StepOutcome::Done { prompted } = outcome else { return outcome };
                asked |= prompted;
                decide.cite(&cited);
            }
        }
        None => {
            for (item, id) in items.iter_mut().zip(0..) {
                let mut cited = Cited::default();
                sweep(&frame, ItemId(id), item, step, decide, &mut cited);
                decide.cite(&cited);
            }
        }
    }
    advance(scene, context, step);
    StepOutcome::Done { prompted: asked }
}

/// Who decides, and is told which row of the deletion table was followed for an item.
pub(super) trait Cite: Decide {
    /// Hears what was cited.
    #[inline(always)]
    fn cite(&mut self, _: &Cited) {}
}

impl Cite for Closed {}

/// Goes by closed readings, and remembers the rows of every table that were not followed before.
pub(super) struct Following {
    closed: Closed,
    known: RowSet,
    /// Those of the transition at hand that are new.
    new: Vec<RuleId>,
}

impl Following {
    pub(super) fn new(readings: Readings) -> Self {
        Self { closed: Closed(readings.closed()), known: RowSet::EMPTY, new: Vec::new() }
    }

    #[inline(always)]
    fn note(&mut self, rule: RuleId) {
        if !self.known.contains(rule) {
            self.new.push(rule);
        }
    }

    /// The rows by which the transition that is over was done or refused, as far as they are new. What was impossible has
    /// followed none.
    #[inline(always)]
    pub(super) fn take(&mut self, outcome: StepOutcome, mut tell: impl FnMut(RuleId)) {
        for rule in self.new.drain(..).filter(|_| outcome != StepOutcome::Impossible) {
            if self.known.insert(rule) {
                tell(rule);
            }
        }
    }
}

impl Decide for Following {
    #[inline(always)]
    fn holds(&mut self, switch: Switch, yes: Values) -> bool {
        self.closed.holds(switch, yes)
    }

    #[inline(always)]
    fn left(&self) -> Readings {
        self.closed.left()
    }

    #[inline(always)]
    fn follow(&mut self, row: FollowedRow) {
        self.note(row.rule);
    }

    #[inline(always)]
    fn pick(&mut self, n: u8, planned: u8) -> u8 {
        self.closed.pick(n, planned)
    }
}

impl Cite for Following {
    #[inline(always)]
    fn cite(&mut self, cited: &Cited) {
        if let Some(rule) = cited.rule {
            self.note(rule);
        }
    }
}

/// Rules, and the readings under which they are followed.
pub type Followed<'a> = (&'a Rules, Readings);

/// How many states a thread expands at a time, and how many such blocks before what they led to is entered. Neither
/// depends on the number of threads, so that neither does the space.
pub(super) const BLOCK: usize = 64;
pub(super) const BLOCKS: usize = 256;

/// How the oracle wronged the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OracleWrong {
    /// It accused it.
    Accused(Box<Judgement>),
    /// What the reference holds is no longer among what the oracle thinks possible.
    Lost,
}

/// What a block of states leads to: everything that was not known before the block began, in the order in which it was
/// met.
#[derive(Default)]
pub(super) struct FoundStates {
    pub(super) transitions: u64,
    /// The rows that were followed, each with the node and the letter that did so first here.
    pub(super) rules: Vec<(RuleId, u32, u16)>,
    pub(super) fingerprints: Vec<u64>,
    pub(super) letters: Vec<u16>,
    pub(super) states: Layer,
    pub(super) largest: usize,
    pub(super) wrong: Option<(u32, u16, OracleWrong)>,
}

impl FoundStates {
    pub(super) fn expand<'a>(
        &mut self,
        (rules, readings): Followed<'_>,
        space: &Space,
        bounds: Bounds,
        seen: &Fingerprints,
        block: impl Iterator<Item = (u32, &'a [u8])>,
    ) {
        let mut world = space.packer.start().clone();
        let mut next = world.clone();
        let mut bytes = Vec::new();
        let mut decide = Following::new(readings);
        for (node, packed) in block {
            let ends = space.packer.unpack(packed, &mut world);
            let held = world.context.held(&world.scene);
            next.context = world.context;
            next.items.clone_from(&world.items);
            // What the letter before has changed.
            let mut changed = ItemSet::EMPTY;
            for (letter, n) in space.letters.iter().zip(0u16..) {
                next.context = world.context;
                for id in changed.iter().take_while(|id| id.index() < world.items.len()) {
                    next.items[id.index()].assume(&world.items[id.index()], held);
                }
                let step = concrete(letter, &world, space.packer.instants());
                changed = step.op.items().unwrap_or(ItemSet(!0));
                let outcome = transition(rules, &mut next, &step, &mut decide);
                decide.take(outcome, |rule| self.rules.push((rule, node, n)));
                if !matches!(outcome, StepOutcome::Done { .. }) {
                    continue;
                }
                if bounds.queue < MAX_QUEUE && overfull(&next, bounds.queue) {
                    continue;
                }
                self.transitions += 1;
                let moved = next.context.connection != world.context.connection;
                let written = if moved { ItemSet(!0) } else { changed };
                space.packer.pack_changed(written, (packed, &ends), &next.context, &next.items, &mut bytes);
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

/// Whether more changes of an item wait on some computer than may.
pub(super) fn overfull(world: &World, queue: usize) -> bool {
    let held = world.context.held(&world.scene);
    let waits = |item: &Item| held.slots.iter().any(|slot| usize::from(item.slots[slot.index()].waiting) > queue);
    world.items.iter().any(waits)
}

impl Space {
    /// Enters what a block of states leads to, and keeps it in the next layer, if there is to be one.
    pub(super) fn enter(&mut self, found: &FoundStates, seen: &mut Fingerprints, mut next: Option<&mut Layer>) {
        self.transitions += found.transitions;
        self.largest = self.largest.max(found.largest);
        if self.wrong.is_none() {
            self.wrong.clone_from(&found.wrong);
        }
        for &(rule, node, letter) in &found.rules {
            self.first.entry(rule).or_insert((node, letter));
        }
        let states = (0..found.states.blocks()).flat_map(|block| found.states.block(block));
        for ((&fingerprint, &letter), (parent, packed)) in found.fingerprints.iter().zip(&found.letters).zip(states) {
            if seen.insert(fingerprint) {
                if let Some(next) = &mut next {
                    next.push(self.nodes.len() as u32, packed);
                }
                self.nodes.push(ReachedBy { parent, letter });
            }
        }
    }
}

/// Packed states, one after another, each with a node: its own in a layer, its parent's in what a block has found.
#[derive(Debug, Default)]
pub(super) struct Layer {
    bytes: Vec<u8>,
    nodes: Vec<u32>,
    lengths: Vec<u16>,
    /// Where each block begins in `bytes`.
    starts: Vec<usize>,
}

impl Layer {
    pub(super) fn push(&mut self, node: u32, packed: &[u8]) {
        if self.nodes.len().is_multiple_of(BLOCK) {
            self.starts.push(self.bytes.len());
        }
        self.bytes.extend_from_slice(packed);
        self.nodes.push(node);
        self.lengths.push(packed.len() as u16);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub(super) fn blocks(&self) -> usize {
        self.starts.len()
    }

    pub(super) fn bytes(&self) -> usize {
        let a_state = size_of::<u32>() + size_of::<u16>();
        self.bytes.capacity() + self.nodes.capacity() * a_state + self.starts.capacity() * size_of::<usize>()
    }

    /// The states of a block.
    pub(super) fn block(&self, block: usize) -> impl Iterator<Item = (u32, &[u8])> {
        let mut at = self.starts[block];
        let places = block * BLOCK..self.nodes.len().min((block + 1) * BLOCK);
        places.map(move |place| {
            let from = at;
            at += usize::from(self.lengths[place]);
            (self.nodes[place], &self.bytes[from..at])
        })
    }
}

/// Fingerprints in a flat table with linear probing. Of ten million states two share a 64-bit fingerprint with a chance of
/// about one in four hundred thousand; such a pair would be taken for one state.
#[derive(Debug)]
pub(super) struct Fingerprints {
    table: Vec<u64>,
    count: usize,
}

impl Fingerprints {
    pub(super) fn new() -> Self {
        Self { table: vec![0; 1 << 12], count: 0 }
    }

    /// Adds a fingerprint; false where it was there.
    #[inline]
    pub(super) fn insert(&mut self, fingerprint: u64) -> bool {
        if self.count * 4 >= self.table.len() * 3 {
            self.grow();
        }
        let mask = self.table.len() - 1;
        let mut at = fingerprint as usize & mask;
        loop {
            match self.table[at] {
                0 => {
                    self.table[at] = fingerprint;
                    self.count += 1;
                    return true;
                }
                known if known == fingerprint => return false,
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// Whether a fingerprint is there.
    #[inline]
    pub(super) fn contains(&self, fingerprint: u64) -> bool {
        let mask = self.table.len() - 1;
        let mut at = fingerprint as usize & mask;
        loop {
            match self.table[at] {
                0 => return false,
                known if known == fingerprint => return true,
                _ => at = (at + 1) & mask,
            }
        }
    }

    pub(super) fn grow(&mut self) {
        let old = std::mem::take(&mut self.table);
        self.table = vec![0; old.len() * 2];
        self.count = 0;
        for fingerprint in old.into_iter().filter(|&fingerprint| fingerprint != 0) {
            self.insert(fingerprint);
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.table.len() * size_of::<u64>()
    }

    /// What it takes more while it grows, if that is near: a table of twice the size beside this one.
    pub(super) fn growth(&self) -> usize {
        if self.count * 16 >= self.table.len() * 11 { 2 * self.bytes() } else { 0 }
    }
}

/// A fingerprint of bytes, never 0: eight bytes at a time, multiplied and folded (as in wyhash).
#[inline]
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    const A: u64 = 0xa076_1d64_78bd_642f;
    const B: u64 = 0xe703_7ed1_a0b4_28db;
    let fold = |a: u64, b: u64| {
        let wide = u128::from(a) * u128::from(b);
        (wide as u64) ^ (wide >> 64) as u64
    };
    let mut state = A ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        state = fold(state ^ u64::from_le_bytes(word), B);
    }
    let mut word = [0; 8];
    let rest = chunks.remainder();
    word[..rest.len()].copy_from_slice(rest);
    state = fold(state ^ u64::from_le_bytes(word) ^ A, B);
    state | 1
}
