//! The tour: a fixed suite of plans that reaches every reachable cell, an item's situation and an operation on it, and follows
//! every row of every table that some step in its populations follows.
//!
//! From wherever it stands it walks to the nearest cell that no plan has reached, and begins a new plan where that is
//! nearer from the start. Random plans meet the common cells again and again before they meet the last of the rare ones.

mod survey;

use std::collections::{BTreeMap, VecDeque};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tombstone_model::contract::implementation::Operation;
use tombstone_model::ids::{ItemId, UserId, UserSet};
use tombstone_model::plan::{
    ComputerSetup, ItemSetup, Kind, Method, Op, Place, Rights, Setup, Side, Status, Step, UserSetup,
};
use tombstone_model::readings::decide::Closed;
use tombstone_model::readings::switches::Readings;
use tombstone_model::reference::StepOutcome;
use tombstone_model::rules::{RowSet, RuleId, Rules};
use tombstone_model::time::{Schedule, Schedules, Zone};
use tombstone_model::view::Word;
use tombstone_model::world::World;

use super::alphabet::{Groups, alphabet, instants};
use super::pack::Packer;
use super::space::{Followed, Following, Walker, concrete, fingerprint, transition};

pub use survey::{PATIENCE, Survey, survey};

/// A plan of the tour: a setup and the steps in it.
#[derive(Clone, Debug)]
pub struct TourPlan {
    /// The population it belongs to, by name.
    pub population: String,
    /// The starting world.
    pub setup: Setup,
    /// The steps.
    pub steps: Vec<Step>,
}

/// What a tour reaches.
#[derive(Clone, Debug, Default)]
pub struct Tour {
    /// The plans.
    pub plans: Vec<TourPlan>,
    /// How many cells can be reached.
    pub cells: usize,
    /// How many steps the plans take, healing and settling left aside.
    pub steps: usize,
    /// The rows that the steps follow.
    pub rows: RowSet,
}

/// The tour of one population, and what it leaves out: each row that a step there follows and no plan did, with a shortest
/// plan to it.
struct PartialTour {
    tour: Tour,
    left: Vec<(RuleId, Tour)>,
}

/// Where a plan of the tour ends at the latest, so that a failing one can be read.
const LONGEST: usize = 40;

/// The tour of all populations.
pub fn tour(rules: &Rules, readings: Readings) -> Tour {
    let parts = populations().into_par_iter().map(|(population, setup, groups)| {
        of_one(&graph(rules, readings, &setup, groups), &population, &setup, groups)
    });
    let parts: Vec<PartialTour> = parts.collect();
    joined(parts)
}

/// The tours of all populations, and for each row that none of them follows the shortest of the plans to it.
fn joined(parts: impl IntoIterator<Item = PartialTour>) -> Tour {
    let mut all = Tour::default();
    let mut left: BTreeMap<RuleId, Tour> = BTreeMap::new();
    for PartialTour { tour, left: there } in parts {
        all.append(tour);
        for (rule, way) in there {
            if left.get(&rule).is_none_or(|known| way.steps < known.steps) {
                left.insert(rule, way);
            }
        }
    }
    for (rule, way) in left {
        if !all.rows.contains(rule) {
            all.append(way);
        }
    }
    all
}

impl Tour {
    fn append(&mut self, other: Self) {
        self.plans.extend(other.plans);
        self.cells += other.cells;
        self.steps += other.steps;
        self.rows.extend(&other.rows);
    }
}

/// How many states the two were compared in, if in every reachable state of every population with that kind of record
/// every step leads to the same canonical state under both. Then no plan over those populations, of any length, can tell
/// them apart: they are bisimilar.
pub fn bisimilar(one: Followed<'_>, other: Followed<'_>, kinds: &[Kind]) -> Option<usize> {
    let of_kind = populations().into_iter().filter(|(_, setup, _)| kinds.contains(&setup.items[0].record));
    let mut states = 0;
    for (_, setup, groups) in of_kind {
        let Graph { packer, vertices, .. } = graph(one.0, one.1, &setup, groups);
        let letters = alphabet(&setup, groups);
        let mut world = packer.start().clone();
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for vertex in &vertices {
            packer.unpack(&vertex.packed, &mut world);
            for letter in &letters {
                let step = concrete(letter, &world, packer.instants());
                let lead = |(rules, readings): Followed<'_>, bytes: &mut Vec<u8>| {
                    let mut next = world.clone();
                    let outcome = transition(rules, &mut next, &step, &mut Closed(readings.closed()));
                    packer.pack(&next.context, &next.items, bytes);
                    outcome
                };
                if lead(one, &mut a) != lead(other, &mut b) || a != b {
                    return None;
                }
            }
        }
        states += vertices.len();
    }
    Some(states)
}

/// One state of a small space, with its way out by every letter.
struct Vertex {
    packed: Vec<u8>,
    /// The first way that led here: from where, by which letter.
    from: (u32, u16),
    edges: Vec<(u16, u32, u32)>,
}

/// A small population, explored to the fixpoint.
struct Graph<'a> {
    followed: Followed<'a>,
    packer: Packer,
    vertices: Vec<Vertex>,
    /// The cells that its edges reach, in the order in which they were found.
    cells: Vec<ItemCell>,
    /// The rows that a step follows, each with the vertex and the letter that are nearest.
    rows: Vec<(RuleId, u32, u16)>,
}

/// Different things, numbered in the order in which they were found.
struct Numbered<T> {
    all: Vec<T>,
    numbers: HashTable<u32>,
    fingerprint: fn(&T) -> u64,
}

impl<T> Numbered<T> {
    fn by(fingerprint: fn(&T) -> u64) -> Self {
        Self { all: Vec::new(), numbers: HashTable::new(), fingerprint }
    }

    /// The number of the one with that fingerprint that is the same, or of a new one.
    fn number(&mut self, fingerprint: u64, same: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> u32 {
        let all = &mut self.all;
        let same = |&number: &u32| same(&all[number as usize]);
        match self.numbers.entry(fingerprint, same, |&number| (self.fingerprint)(&all[number as usize])) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                let number = all.len() as u32;
                place.insert(number);
                all.push(new());
                number
            }
        }
    }
}

/// The graph of a small population, and the cells that its edges reach.
fn graph<'a>(rules: &'a Rules, readings: Readings, setup: &Setup, groups: Groups) -> Graph<'a> {
    let packer = Packer::new(setup, instants(setup), true);
    let letters = alphabet(setup, groups);
    let mut decide = Following::new(readings);
    let mut rows = Vec::new();
    let mut bytes = Vec::new();
    let mut world = packer.start().clone();
    packer.pack(&world.context, &world.items, &mut bytes);
    let mut vertices = Numbered::by(|vertex: &Vertex| fingerprint(&vertex.packed));
    vertices.number(
        fingerprint(&bytes),
        |_| false,
        || Vertex { packed: bytes.clone(), from: (0, 0), edges: Vec::new() },
    );
    let mut cells = Numbered::by(ItemCell::fingerprint);
    let mut at = 0;
    let mut next = world.clone();
    while at < vertices.all.len() {
        packer.unpack(&vertices.all[at].packed, &mut world);
        for (letter, n) in letters.iter().zip(0..) {
            let step = concrete(letter, &world, packer.instants());
            next.context = world.context;
            next.items.clone_from(&world.items);
            let outcome = transition(rules, &mut next, &step, &mut decide);
            decide.take(outcome, |rule| rows.push((rule, at as u32, n)));
            if !matches!(outcome, StepOutcome::Done { .. }) {
                continue;
            }
            packer.pack(&next.context, &next.items, &mut bytes);
            let found = || Vertex { packed: bytes.clone(), from: (at as u32, n), edges: Vec::new() };
            let to = vertices.number(fingerprint(&bytes), |vertex| vertex.packed == bytes, found);
            let reached = cell(&world, &step);
            let cell = cells.number(reached.fingerprint(), |&cell| cell == reached, || reached);
            vertices.all[at].edges.push((n, to, cell));
        }
        at += 1;
    }
    Graph { followed: (rules, readings), packer, vertices: vertices.all, cells: cells.all, rows }
}

fn of_one(graph: &Graph<'_>, population: &str, setup: &Setup, groups: Groups) -> PartialTour {
    let Graph { followed, packer, vertices, cells, rows } = graph;
    let mut tour = Tour { cells: cells.len(), ..Tour::default() };
    let letters = alphabet(setup, groups);
    let mut left = vec![true; cells.len()];
    let mut remaining = cells.len();
    let (mut from_start, mut from_here) = (FromStart::new(vertices.len()), FromHere::new(vertices.len()));
    let mut at = 0;
    let mut path: Vec<u16> = Vec::new();
    let finish = |path: &mut Vec<u16>, tour: &mut Tour| {
        if path.is_empty() {
            return;
        }
        let mut walker = Walker::new(packer, *followed);
        let mut steps: Vec<Step> = path.iter().map(|&letter| walker.take(&letters[usize::from(letter)])).collect();
        tour.steps += steps.len();
        tour.rows.extend(walker.followed());
        steps.push(Step { by: UserId(0), at: Place::Web, op: Op::Settle });
        tour.plans.push(TourPlan { population: population.to_owned(), setup: setup.clone(), steps });
        path.clear();
    };
    while remaining > 0 {
        let start = from_start.nearest(vertices, &left);
        // What is farther from here than from the start is begun at the start.
        let most = start.as_ref().map_or(usize::MAX, Vec::len);
        let here = if at == 0 || path.len() >= LONGEST && start.is_some() {
            None
        } else {
            from_here.nearest(vertices, at, &left, most)
        };
        let way = match (here, start) {
            (Some(here), _) if path.len() < LONGEST => here,
            (_, Some(start)) => {
                if at != 0 || path.len() >= LONGEST {
                    finish(&mut path, &mut tour);
                }
                at = 0;
                start
            }
            (Some(_) | None, None) => break,
        };
        for n in way {
            let (letter, to, cell) = vertices[at as usize].edges[n];
            remaining -= usize::from(std::mem::take(&mut left[cell as usize]));
            path.push(letter);
            at = to;
        }
    }
    finish(&mut path, &mut tour);
    let way_to = |&(rule, vertex, last): &(RuleId, u32, u16)| {
        let (mut way, mut path) = (Tour::default(), vec![last]);
        let mut at = vertex;
        while at != 0 {
            let (before, letter) = vertices[at as usize].from;
            path.push(letter);
            at = before;
        }
        path.reverse();
        finish(&mut path, &mut way);
        (rule, way)
    };
    let left = rows.iter().filter(|(rule, ..)| !tour.rows.contains(*rule)).map(way_to).collect();
    PartialTour { tour, left }
}

/// The way that led to a vertex: from where, and by which edge.
type Came = Option<(u32, u32)>;

/// The nearest cell that is left, from the start. Cells are only ever taken, so that the search goes on where it stopped: all
/// searches together visit each vertex once.
struct FromStart {
    came: Vec<Came>,
    queue: VecDeque<u32>,
}

impl FromStart {
    fn new(vertices: usize) -> Self {
        Self { came: vec![None; vertices], queue: VecDeque::from([0]) }
    }

    /// The edges to take; none where nothing is left that can be reached.
    fn nearest(&mut self, vertices: &[Vertex], left: &[bool]) -> Option<Vec<usize>> {
        while let Some(&at) = self.queue.front() {
            let edges = &vertices[at as usize].edges;
            if let Some(last) = edges.iter().position(|&(_, _, cell)| left[cell as usize]) {
                return way(|at| self.came[at as usize], 0, at, last);
            }
            self.queue.pop_front();
            for (n, &(_, to, _)) in edges.iter().enumerate() {
                if to != 0 && self.came[to as usize].is_none() {
                    self.came[to as usize] = Some((at, n as u32));
                    self.queue.push_back(to);
                }
            }
        }
        None
    }
}

/// The nearest cell that is left, from anywhere.
struct FromHere {
    /// Which search came to a vertex last, and how.
    came: Vec<(u32, Came)>,
    search: u32,
    queue: VecDeque<(u32, usize)>,
}

impl FromHere {
    fn new(vertices: usize) -> Self {
        Self { came: vec![(0, None); vertices], search: 0, queue: VecDeque::new() }
    }

    /// The edges to take, `most` of them at most; none where nothing is left that near.
    fn nearest(&mut self, vertices: &[Vertex], from: u32, left: &[bool], most: usize) -> Option<Vec<usize>> {
        self.search += 1;
        self.queue.clear();
        self.queue.push_back((from, 1));
        while let Some((at, length)) = self.queue.pop_front() {
            if length > most {
                return None;
            }
            let edges = &vertices[at as usize].edges;
            if let Some(last) = edges.iter().position(|&(_, _, cell)| left[cell as usize]) {
                return way(|at| self.came[at as usize].1, from, at, last);
            }
            for (n, &(_, to, _)) in edges.iter().enumerate() {
                if to != from && self.came[to as usize].0 != self.search {
                    self.came[to as usize] = (self.search, Some((at, n as u32)));
                    self.queue.push_back((to, length + 1));
                }
            }
        }
        None
    }
}

/// The edges from one vertex to another, and a last one.
fn way(came: impl Fn(u32) -> Came, from: u32, mut at: u32, last: usize) -> Option<Vec<usize>> {
    let mut way = vec![last];
    while at != from {
        let (before, edge) = came(at)?;
        way.push(edge as usize);
        at = before;
    }
    way.reverse();
    Some(way)
}

/// An item's situation as a person would tell it, and what is done to it. Contents are told apart only by which side has
/// news for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ItemCell {
    operation: Option<Operation>,
    detail: u8,
    place: u8,
    mailbox: u8,
    record: u8,
    copy: u8,
    link: u8,
    news: u8,
    roles: u8,
    time: u8,
    waiting: u8,
}

impl ItemCell {
    fn fingerprint(&self) -> u64 {
        let Self { operation, detail, place, mailbox, record, copy, link, news, roles, time, waiting } = *self;
        let operation = operation.map_or(0, |operation| operation as u8 + 1);
        fingerprint(&[operation, detail, place, mailbox, record, copy, link, news, roles, time, waiting])
    }
}

fn cell(world: &World, step: &Step) -> ItemCell {
    let item = step.op.items().and_then(|items| items.iter().next()).unwrap_or(ItemId(0));
    let state = &world.items[item.index()];
    let mailbox = match (step.op.side(), step.op) {
        (Some(Side::Outlook(mailbox)), _) | (_, Op::ServerSynchronize { mailbox, .. }) => mailbox,
        (Some(Side::Crm) | None, _) => match step.at {
            Place::Computer(computer) => world.scene.computers[computer.index()],
            Place::Web => UserId(0),
        },
    };
    let pair = &state.pairs[mailbox.index()];
    let changed = |a: Word, b: Word| (a.0 ^ b.0) & Word::SYNCHRONIZED != 0;
    let place = match step.at {
        Place::Web => 4,
        Place::Computer(computer) => world.context.connection[computer.index()] as u8,
    };
    let detail = if let Op::Untrack { yes, .. } = step.op {
        u8::from(yes)
    } else {
        step.op.crash().map_or(0, |crash| crash.stage as u8)
    };
    let word = state.record.word;
    let waiting = match step.at {
        Place::Computer(computer) => {
            world.scene.slot(computer, mailbox).map_or(0, |slot| state.slots[slot.index()].waiting.min(1))
        }
        Place::Web => 0,
    };
    ItemCell {
        operation: Operation::of(&step.op),
        detail,
        place,
        mailbox: mailbox.0,
        record: state.record.presence as u8 | (word.status() as u8) << 2,
        copy: pair.presence as u8,
        link: pair.link as u8 | u8::from(pair.held) << 2 | u8::from(pair.survivor) << 3,
        news: u8::from(changed(pair.word, pair.base)) | u8::from(changed(word, pair.base)) << 1,
        roles: u8::from(word.owner() == Some(mailbox)) | u8::from(word.organizer() == Some(mailbox)) << 1,
        time: world.context.now.min(1) as u8 + u8::from(world.context.now > 4000),
        waiting,
    }
}

/// The populations that the tour goes through: every kind of item and every role in it, on one computer and on two, with
/// a delegate, with server-side synchronization; each with those steps that have something to show there.
fn populations() -> Vec<(String, Setup, Groups)> {
    const NONE: Groups =
        Groups { edits: false, crashes: false, offline: false, roles: false, status: false, web: false };
    let kinds = [
        Kind::Email,
        Kind::Contact,
        Kind::Appointment,
        Kind::RecurringAppointment,
        Kind::Task,
        Kind::Letter,
        Kind::ServiceActivity,
    ];
    let mut populations = Vec::new();
    for kind in kinds {
        for (role, owner, organizer) in roles(kind) {
            let online = setup(kind, owner, organizer, &[1, 0], Method::OutlookClient, false);
            let groups = Groups { edits: true, status: true, ..NONE };
            populations.push((format!("{} {role}", kind.name()), online.clone(), groups));
            if kind != Kind::RecurringAppointment && kind != Kind::ServiceActivity {
                populations.push((format!("{} {role} offline", kind.name()), online, Groups { offline: true, ..NONE }));
            }
        }
        let own = |computers: &[u8], method, delegate| setup(kind, UserId(0), UserId(0), computers, method, delegate);
        let crashing = own(&[1, 0], Method::OutlookClient, false);
        populations.push((
            format!("{} crashing", kind.name()),
            crashing,
            Groups { crashes: true, edits: kind != Kind::RecurringAppointment, ..NONE },
        ));
        for (role, owner, organizer) in roles(kind) {
            let polled = setup(kind, owner, organizer, &[0, 0], Method::ServerSide, false);
            let groups = Groups { web: true, crashes: owner == UserId(0), ..NONE };
            populations.push((format!("{} {role} polled", kind.name()), polled, groups));
        }
        let delegated = own(&[1, 1], Method::OutlookClient, true);
        populations.push((format!("{} delegated", kind.name()), delegated, NONE));
        let two = own(&[2, 0], Method::OutlookClient, false);
        populations.push((format!("{} two computers", kind.name()), two, NONE));
    }
    populations
}

fn roles(kind: Kind) -> Vec<(&'static str, UserId, UserId)> {
    let (me, other) = (UserId(0), UserId(1));
    if kind.is_calendar() {
        vec![
            ("owned and organized", me, me),
            ("owned", me, other),
            ("organized", other, me),
            ("of others", other, other),
        ]
    } else if kind == Kind::Email {
        vec![("owned", me, me)]
    } else {
        vec![("owned", me, me), ("of others", other, other)]
    }
}

fn setup(kind: Kind, owner: UserId, organizer: UserId, computers: &[u8], method: Method, delegate: bool) -> Setup {
    let user = |delegates| UserSetup { method, delegates, rights: Rights::ALL };
    let users = vec![user(if delegate { UserSet::of(UserId(1)) } else { UserSet::EMPTY }), user(UserSet::EMPTY)];
    let computers = computers.iter().zip(0..).flat_map(|(&count, user)| {
        (0..count).map(move |n| ComputerSetup { user: UserId(user), synchronizing: n == 0 })
    });
    let outlook = if kind == Kind::Letter { Kind::Task } else { kind };
    let mut item = ItemSetup::new(outlook, owner);
    item.record = kind;
    item.copies = UserSet::of(UserId(0));
    item.tracked = item.copies;
    item.in_crm = true;
    item.organizer = kind.is_calendar().then_some(organizer);
    item.status = if kind == Kind::Email { Status::Completed } else { Status::Open };
    item.when = match kind {
        Kind::RecurringAppointment => 2,
        kind if kind.is_calendar() || kind.is_task_like() => 1,
        Kind::Email | Kind::Contact | Kind::Account | Kind::Lead | Kind::Opportunity | Kind::Case => 0,
        Kind::Appointment
        | Kind::MeetingRequest
        | Kind::Task
        | Kind::PhoneCall
        | Kind::Letter
        | Kind::Fax
        | Kind::ServiceActivity => 1,
    };
    if kind == Kind::RecurringAppointment {
        item.exceptions = 0b10;
    }
    if kind == Kind::ServiceActivity {
        item.required = UserSet::of(UserId(0));
    }
    let due = if kind.is_task_like() { 7200 } else { 3600 };
    Setup {
        zone: Zone::utc(chrono::DateTime::default()),
        users,
        computers: computers.collect(),
        items: vec![item],
        bystanders: 0,
        schedules: Schedules::of([
            Schedule { start: due, end: 7200, every: 0, count: 1 },
            Schedule { start: -3600, end: -1800, every: 7200, count: 2 },
        ]),
    }
}
