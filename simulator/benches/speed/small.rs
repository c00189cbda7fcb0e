//! The rules of this population once more, by hand and without generality: what can happen to one contact, task or
//! appointment of one user. `tuned` and the ordinary implementation under test are both made of it.

use tombstone_model::plan::Kind;
use tombstone_model::readings::decide::Closed;
use tombstone_model::readings::switches::Readings;
use tombstone_model::rules::{Fate, Prompt, Reply, Rules, Situation, Trigger};

use crate::population::KINDS;

/// Whether something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum There {
    Present,
    Tombstone,
    Gone,
}

/// The link of the copy with the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Linked {
    No,
    Pending,
    Yes,
    Untracking,
}

/// The record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) present: bool,
    pub(crate) title: u8,
}

/// The copy in the mailbox, or as a computer shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Copied {
    pub(crate) there: There,
    pub(crate) link: Linked,
    pub(crate) title: u8,
    pub(crate) base: u8,
    pub(crate) reply: u8,
    pub(crate) survivor: bool,
}

impl Copied {
    /// Tracked, and as it was.
    pub(crate) const START: Self =
        Self { there: There::Present, link: Linked::Yes, title: 0, base: 0, reply: 2, survivor: false };
}

/// A change in Outlook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Title(u8),
    Delete,
    Track,
    Untrack(bool),
}

/// What the table says, for each kind, trigger, reply, and whether the item is current.
#[derive(Clone, Debug)]
pub(crate) struct Table([Fates; 3 * 4 * 4 * 2]);

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fates {
    pub(crate) outlook: bool,
    pub(crate) crm: bool,
    pub(crate) prompt: bool,
}

impl Table {
    /// The table under the closed form of the readings.
    pub(crate) fn new(rules: &Rules, readings: Readings) -> Self {
        let mut table = [Fates::default(); 3 * 4 * 4 * 2];
        for (at, fates) in table.iter_mut().enumerate() {
            let situation = Situation {
                kind: KINDS[at / 32],
                trigger: Trigger::ALL[at / 8 % 4],
                reply: Reply::ALL[at / 2 % 4],
                tracked: true,
                owner: true,
                organizer: KINDS[at / 32] == Kind::Appointment,
                current: at % 2 == 1,
                open: true,
                privileged: true,
                occurrence: false,
            };
            let decision = rules.deletion.ask(&situation, &mut Closed(readings.closed()));
            let goes = |fate| fate == Fate::Deleted;
            *fates = Fates {
                outlook: goes(decision.outlook),
                crm: goes(decision.crm),
                prompt: decision.prompt == Prompt::Asked,
            };
        }
        Self(table)
    }

    #[inline(always)]
    fn of(&self, kind: u8, trigger: Trigger, reply: u8, current: bool) -> Fates {
        let at = usize::from(kind) * 32 + trigger as usize * 8 + usize::from(reply) * 2 + usize::from(current);
        self.0[at % self.0.len()]
    }
}

/// Changes a copy; whether a prompt appeared, or nothing where it makes no sense.
#[inline(always)]
pub(crate) fn change(copy: &mut Copied, change: Change, table: &Table, kind: u8, current: bool) -> Option<bool> {
    if copy.there != There::Present {
        return None;
    }
    match change {
        Change::Title(token) => copy.title = token,
        Change::Delete => match copy.link {
            Linked::No | Linked::Pending => (copy.there, copy.link) = (There::Gone, Linked::No),
            Linked::Yes => copy.there = There::Tombstone,
            Linked::Untracking => copy.there = There::Gone,
        },
        Change::Track => {
            if copy.link != Linked::No {
                return None;
            }
            (copy.link, copy.survivor) = (Linked::Pending, false);
        }
        Change::Untrack(yes) => match copy.link {
            Linked::No | Linked::Untracking => return None,
            Linked::Pending => (copy.link, copy.reply) = (Linked::No, Reply::Unasked as u8),
            Linked::Yes => {
                let reply = if yes { Reply::Yes } else { Reply::No } as u8;
                let prompt = table.of(kind, Trigger::Untrack, reply, current).prompt;
                (copy.link, copy.reply) = (Linked::Untracking, if prompt { reply } else { Reply::Unasked as u8 });
                return Some(prompt);
            }
        },
    }
    Some(false)
}

/// Carries out a change that waited on a computer.
#[inline(always)]
pub(crate) fn replay(copy: &mut Copied, waited: Change, reply: u8, table: &Table, kind: u8, current: bool) {
    if let Change::Untrack(_) = waited {
        if copy.there == There::Present && copy.link == Linked::Yes {
            (copy.link, copy.reply) = (Linked::Untracking, reply);
        } else if copy.link == Linked::Pending {
            copy.link = Linked::No;
        }
        return;
    }
    change(copy, waited, table, kind, current);
}

/// Gives a newly tracked copy its record.
#[inline(always)]
pub(crate) fn create(copy: &mut Copied, record: &mut Record) {
    (record.present, record.title) = (true, copy.title);
    (copy.link, copy.base) = (Linked::Yes, copy.title);
}

/// Synchronizes copy and record.
#[inline(always)]
pub(crate) fn synchronize(copy: &mut Copied, record: &mut Record, table: &Table, kind: u8, current: bool) {
    match copy.link {
        Linked::No => return,
        Linked::Pending => {
            if copy.there == There::Present {
                create(copy, record);
            }
            return;
        }
        Linked::Untracking => {
            let fates = table.of(kind, Trigger::Untrack, copy.reply, current);
            record.present &= !fates.crm;
            if copy.there == There::Present && fates.outlook {
                copy.there = There::Gone;
            }
            copy.link = Linked::No;
            return;
        }
        Linked::Yes => {}
    }
    if !record.present {
        // Deleted there: here too, or not.
        if copy.there == There::Tombstone || !copy.survivor {
            let unasked = Reply::Unasked as u8;
            if copy.there == There::Tombstone || table.of(kind, Trigger::DeleteInCrm, unasked, current).outlook {
                copy.there = There::Gone;
            }
            copy.link = Linked::No;
        }
    } else if copy.there == There::Tombstone {
        if table.of(kind, Trigger::DeleteInOutlook, Reply::Unasked as u8, current).crm {
            record.present = false;
        } else {
            (copy.survivor, copy.base) = (true, record.title);
        }
        (copy.there, copy.link) = (There::Gone, Linked::No);
    } else if copy.title != copy.base {
        (record.title, copy.base) = (copy.title, copy.title);
    } else if record.title != copy.base {
        (copy.title, copy.base) = (record.title, record.title);
    }
}
