//! An ordinary implementation under test: the same rules over vectors and queues that allocate, behind the public trait,
//! as somebody would write it who does not think of speed.

use std::collections::VecDeque;

use tombstone_model::contract::implementation::{
    Answer, Capabilities, Description, Implementation, ImplementationFailure,
};
use tombstone_model::ids::{ItemId, SlotId};
use tombstone_model::plan::{Change as Edit, Op, Place, Plan, Side, Step};
use tombstone_model::time::Seconds;
use tombstone_model::view::{Location, View, Word};
use tombstone_model::world::initial;

use crate::population::{ENDS, USER};
use crate::small::{Change, Copied, Linked, Record, Table, There, change, create, replay, synchronize};

/// What a computer holds while it is not connected.
#[derive(Clone, Debug)]
struct Computer {
    copies: Vec<Copied>,
    queue: VecDeque<(u8, Change)>,
}

/// The implementation.
#[derive(Clone, Debug)]
pub(crate) struct Ordinary {
    description: Description,
    table: Table,
    words: Vec<Word>,
    crm: Vec<Record>,
    mailbox: Vec<Copied>,
    /// What each computer holds, if it is not connected.
    apart: Vec<Option<Computer>>,
    now: Seconds,
}

impl Ordinary {
    /// The implementation; `stepped` as in [`Capabilities::stepped`].
    pub(crate) fn new(table: Table, stepped: bool) -> Self {
        let capabilities = Capabilities { stepped, ..Capabilities::ALL };
        Self {
            description: Description { name: "ordinary".to_owned(), version: "1".to_owned(), capabilities },
            table,
            words: Vec::new(),
            crm: Vec::new(),
            mailbox: Vec::new(),
            apart: Vec::new(),
            now: 0,
        }
    }

    fn outlook(&mut self, step: &Step, item: u8, what: Change) -> Answer {
        let current = item != 2 || self.now <= ENDS;
        let Place::Computer(at) = step.at else { return Answer::Refused };
        let prompted = match &mut self.apart[at.index()] {
            None => {
                let copy = &mut self.mailbox[usize::from(item)];
                let prompted = change(copy, what, &self.table, item, current);
                if prompted.is_some() && what == Change::Track && at.0 == 0 {
                    create(copy, &mut self.crm[usize::from(item)]);
                }
                prompted
            }
            Some(computer) => {
                let copy = &mut computer.copies[usize::from(item)];
                let prompted = change(copy, what, &self.table, item, current);
                if prompted.is_some() {
                    computer.queue.push_back((item, what));
                }
                prompted
            }
        };
        prompted.map_or(Answer::Refused, |prompted| Answer::Done { prompted })
    }

    fn record(&mut self, item: ItemId) -> Option<&mut Record> {
        self.crm.get_mut(item.index()).filter(|record| record.present)
    }

    fn word(&self, item: u8, copy: &Copied) -> Word {
        if copy.there != There::Present {
            return Word::ABSENT;
        }
        let tracked = matches!(copy.link, Linked::Pending | Linked::Yes);
        let word = Word(self.words[usize::from(item)].0 & Word::IN_OUTLOOK).with_title(copy.title);
        word.with_count(1).with_tracked_bits(u8::from(tracked))
    }
}

impl Implementation for Ordinary {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.words = plan.setup.items.iter().map(initial).collect();
        self.crm = vec![Record { present: true, title: 0 }; plan.setup.items.len()];
        self.mailbox = vec![Copied::START; plan.setup.items.len()];
        self.apart = plan.setup.computers.iter().map(|_| None).collect();
        self.now = 0;
        Ok(())
    }

    fn apply(&mut self, step: &Step) -> Answer {
        let items = step.op.items().and_then(|items| items.iter().next());
        if let Op::Wait { seconds } = step.op {
            self.now += seconds;
            return Answer::DONE;
        }
        if let Op::Edit { item, side: Side::Crm, change: Edit::Title(token) } = step.op {
            let Some(record) = self.record(item) else { return Answer::Refused };
            record.title = token;
            return Answer::DONE;
        }
        if let Op::Delete { item, side: Side::Crm, .. } = step.op {
            let Some(record) = self.record(item) else { return Answer::Refused };
            record.present = false;
            return Answer::DONE;
        }
        if let Some(ItemId(item)) = items {
            let what = if let Op::Edit { change: Edit::Title(token), .. } = step.op {
                Change::Title(token)
            } else if let Op::Untrack { yes, .. } = step.op {
                Change::Untrack(yes)
            } else if let Op::Track { .. } = step.op {
                Change::Track
            } else {
                Change::Delete
            };
            return self.outlook(step, item, what);
        }
        let Place::Computer(at) = step.at else { return Answer::Refused };
        let now = self.now;
        let current = |item: u8| item != 2 || now <= ENDS;
        if let Op::Disconnect = step.op {
            let computer = Computer { copies: self.mailbox.clone(), queue: VecDeque::new() };
            self.apart[at.index()] = Some(computer);
        } else if let Op::Connect = step.op {
            let Some(computer) = self.apart[at.index()].take() else { return Answer::Refused };
            for (item, waited) in computer.queue {
                let reply = computer.copies[usize::from(item)].reply;
                let copy = &mut self.mailbox[usize::from(item)];
                replay(copy, waited, reply, &self.table, item, current(item));
            }
        } else if let Op::Synchronize { .. } = step.op {
            for ((copy, record), item) in self.mailbox.iter_mut().zip(&mut self.crm).zip(0..) {
                synchronize(copy, record, &self.table, item, current(item));
            }
        }
        Answer::DONE
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        for ((copy, record), item) in self.mailbox.iter().zip(&self.crm).zip(0..) {
            let id = ItemId(item);
            let crm = Word(self.words[usize::from(item)].0 & Word::IN_CRM).with_title(record.title).with_count(1);
            view.set(id, Location::Crm, if record.present { crm } else { Word::ABSENT });
            let word = self.word(item, copy);
            view.set(id, Location::Mailbox(USER), word);
            for (held, computer) in self.apart.iter().zip(0..) {
                let cached = held.as_ref().map_or(word, |held| self.word(item, &held.copies[usize::from(item)]));
                view.set(id, Location::Cache(SlotId(computer)), cached);
            }
        }
        Ok(())
    }
}
