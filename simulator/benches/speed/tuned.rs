//! `tuned`: a hand-written loop over the packed core state of this population. No oracle, no interface, no generality:
//! the practical limit, to which the rows of the table are related.

use crate::population::{ACTS, Act, CASE, ENDS, HOUR, act};
use crate::small::{Change, Copied, Linked, Record, Table, change, create, replay, synchronize};

const QUEUE: usize = 6;

#[derive(Clone, Copy)]
struct Cached {
    copy: Copied,
    queue: [Change; QUEUE],
    waiting: u8,
}

#[derive(Clone, Copy)]
struct Item {
    record: Record,
    copy: Copied,
    cached: [Cached; 2],
}

/// The whole state.
#[derive(Clone, Copy)]
pub(crate) struct Tuned {
    items: [Item; 3],
    connected: [bool; 2],
    now: i32,
}

impl Tuned {
    /// The start of a case.
    pub(crate) const START: Self = {
        let cached = Cached { copy: Copied::START, queue: [Change::Delete; QUEUE], waiting: 0 };
        let record = Record { present: true, title: 0 };
        let item = Item { record, copy: Copied::START, cached: [cached; 2] };
        Self { items: [item; 3], connected: [true; 2], now: 0 }
    };

    /// Takes a step; false where it makes no sense.
    #[inline(always)]
    pub(crate) fn step(&mut self, table: &Table, act: Act, token: u8) -> bool {
        let current = |kind: u8, now: i32| kind != 2 || now <= ENDS;
        match act {
            Act::Edit { item, at } => self.outlook(table, item, at, Change::Title(token)),
            Act::Delete { item, at } => self.outlook(table, item, at, Change::Delete),
            Act::Track { item } => self.outlook(table, item, 0, Change::Track),
            Act::Untrack { item, yes } => self.outlook(table, item, 0, Change::Untrack(yes)),
            Act::EditCrm { item } => {
                let record = &mut self.items[usize::from(item)].record;
                if record.present {
                    record.title = token;
                }
                record.present
            }
            Act::DeleteCrm { item } => std::mem::replace(&mut self.items[usize::from(item)].record.present, false),
            Act::Disconnect { at } => {
                if !std::mem::replace(&mut self.connected[usize::from(at)], false) {
                    return false;
                }
                for item in &mut self.items {
                    let cached = &mut item.cached[usize::from(at)];
                    (cached.copy, cached.waiting) = (item.copy, 0);
                }
                true
            }
            Act::Connect { at } => {
                if std::mem::replace(&mut self.connected[usize::from(at)], true) {
                    return false;
                }
                for (item, kind) in self.items.iter_mut().zip(0..) {
                    let cached = item.cached[usize::from(at)];
                    for &waited in &cached.queue[..usize::from(cached.waiting)] {
                        replay(&mut item.copy, waited, cached.copy.reply, table, kind, current(kind, self.now));
                    }
                }
                true
            }
            Act::Synchronize => {
                if self.connected[0] {
                    for (item, kind) in self.items.iter_mut().zip(0..) {
                        synchronize(&mut item.copy, &mut item.record, table, kind, current(kind, self.now));
                    }
                }
                self.connected[0]
            }
            Act::Wait => {
                self.now += HOUR;
                true
            }
        }
    }

    #[inline(always)]
    fn outlook(&mut self, table: &Table, kind: u8, at: u8, what: Change) -> bool {
        let current = kind != 2 || self.now <= ENDS;
        let item = &mut self.items[usize::from(kind)];
        if self.connected[usize::from(at)] {
            let done = change(&mut item.copy, what, table, kind, current).is_some();
            if done && what == Change::Track && item.copy.link == Linked::Pending && at == 0 {
                create(&mut item.copy, &mut item.record);
            }
            return done;
        }
        let cached = &mut item.cached[usize::from(at)];
        let Some(place) = cached.queue.get_mut(usize::from(cached.waiting)) else { return false };
        let done = change(&mut cached.copy, what, table, kind, current).is_some();
        if done {
            *place = what;
            cached.waiting += 1;
        }
        done
    }

    /// The titles of the records that are there.
    pub(crate) fn records(&self) -> [Option<u8>; 3] {
        self.items.map(|item| item.record.present.then_some(item.record.title))
    }

    /// What can be seen, for the comparison with the others and so that the loop has a result.
    pub(crate) fn titles(&self) -> u32 {
        self.items.iter().fold(0, |sum, item| {
            let record = if item.record.present { 1 + u32::from(item.record.title) } else { 0 };
            sum.rotate_left(9) ^ (record << 8 | (item.copy.there as u32) << 4 | item.copy.link as u32)
        })
    }
}

/// Runs cases; returns the steps taken and what was seen.
pub(crate) fn run(table: &Table, cases: u64, seed: u64) -> (u64, u32) {
    let mut random = seed | 1;
    let (mut steps, mut seen) = (0, 0);
    for _ in 0..cases {
        let mut state = Tuned::START;
        for token in 1..=CASE as u8 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let number = (((random >> 32) * u64::from(ACTS)) >> 32) as u32;
            steps += u64::from(state.step(table, act(number), token));
        }
        seen ^= state.titles();
    }
    (steps, seen)
}
