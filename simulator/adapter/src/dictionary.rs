//! The names of a plan: what its users, computers, items and dates are called on the wire.

use chrono::{DateTime, SecondsFormat};
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{self, Kind, Names, Plan, Setup};
use tombstone_model::time::{MAX_SCHEDULES, Schedule, Seconds};
use tombstone_model::view::View;

use super::fault::quote;
use super::parts::Dates;

/// The schedule of a word whose dates fit none of the plan's.
pub const NO_SUCH_SCHEDULE: u8 = MAX_SCHEDULES as u8;

/// A plan's starting world and names, ready to translate steps and snapshots.
#[derive(Clone, Debug)]
pub struct Dictionary {
    pub(crate) setup: Setup,
    pub(crate) names: Names,
    pub(crate) slots: Vec<(ComputerId, UserId)>,
    /// For each item the schedules that it was given, oldest first.
    pub(crate) given: Vec<Vec<u8>>,
}

impl Dictionary {
    /// The dictionary of a plan; one without names is given some.
    pub fn new(plan: &Plan) -> Self {
        let setup = plan.setup.clone();
        let named = |names: &Names| {
            let lengths = (names.users.len(), names.computers.len(), names.items.len());
            lengths == (setup.users.len(), setup.computers.len(), setup.items.len())
        };
        let names = if named(&plan.names) { plan.names.clone() } else { Names::invented(&setup) };
        let given = setup.items.iter().map(|item| vec![item.when]).collect();
        Self { slots: setup.slots(), setup, names, given }
    }

    /// Remembers the schedule that a step gives an item.
    pub fn remember(&mut self, step: &plan::Step) {
        if let plan::Op::Edit { item, change: plan::Change::When(when), .. } = step.op {
            self.given[item.index()].push(when);
        }
    }

    /// The plan that stands behind it, without steps.
    pub fn plan(&self) -> Plan {
        Plan { setup: self.setup.clone(), steps: Vec::new(), names: self.names.clone() }
    }

    /// An empty view of the right shape.
    pub fn view(&self) -> View {
        View::new(&self.setup)
    }

    pub(crate) fn user(&self, id: UserId) -> String {
        self.names.user(id).to_owned()
    }

    pub(crate) fn users(&self, ids: UserSet) -> Vec<String> {
        ids.iter().map(|id| self.user(id)).collect()
    }

    pub(crate) fn item(&self, id: ItemId) -> String {
        self.names.item(id).to_owned()
    }

    pub(crate) fn schedule(&self, when: u8) -> Schedule {
        self.setup.schedules.get(usize::from(when)).copied().unwrap_or(Schedule::NONE)
    }

    /// When an item takes place by a schedule.
    pub(crate) fn dates_of(&self, item: ItemId, when: u8) -> Dates {
        self.dates(self.schedule(when), self.setup.items[item.index()].kind)
    }

    pub(crate) fn dates(&self, schedule: Schedule, kind: Kind) -> Dates {
        if !schedule.is_dated() {
            return Dates::default();
        }
        let (start, end) = (self.instant(schedule.start), self.instant(schedule.end));
        let series = schedule.count > 1;
        let (every_s, count) = (series.then_some(schedule.every), series.then_some(schedule.count));
        if kind.is_task_like() {
            let start = (schedule.start != schedule.end).then_some(start);
            return Dates { start, end: None, due: Some(end), every_s, count };
        }
        Dates { start: Some(start), end: Some(end), due: None, every_s, count }
    }

    pub(crate) fn instant(&self, at: Seconds) -> String {
        let instant = self.setup.zone.start() + chrono::Duration::seconds(at.into());
        instant.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    pub(crate) fn seconds(&self, text: &str) -> Result<Seconds, Unread> {
        let instant = DateTime::parse_from_rfc3339(text).map_err(|_| Unread {
            said: format!("{} is no instant by RFC 3339, such as 2016-03-01T09:00:00Z", quote(text.as_bytes())),
            help: "write every instant with its date, its time to the second and its offset; what has no date has no such field",
        })?;
        let seconds = instant.timestamp() - self.setup.zone.start().timestamp();
        // Far outside of any plan, where it fits no schedule.
        Ok(Seconds::try_from(seconds).unwrap_or(Seconds::MAX))
    }

    pub(crate) fn find_user(&self, name: &str) -> Result<UserId, Unread> {
        find(&self.names.users, name, "user").map(UserId)
    }

    pub(crate) fn find_users(&self, names: &[String]) -> Result<UserSet, Unread> {
        names.iter().map(|name| self.find_user(name)).collect()
    }

    pub(crate) fn find_computer(&self, name: &str) -> Result<ComputerId, Unread> {
        find(&self.names.computers, name, "computer").map(ComputerId)
    }

    pub(crate) fn find_item(&self, name: &str) -> Result<ItemId, Unread> {
        find(&self.names.items, name, "item").map(ItemId)
    }

    pub(crate) fn find_items(&self, names: &[String]) -> Result<ItemSet, Unread> {
        names.iter().map(|name| self.find_item(name)).collect()
    }

    pub(crate) fn schedule_of(&self, dates: &Dates) -> Result<Schedule, Unread> {
        let end = dates.due.as_ref().or(dates.end.as_ref());
        let Some(start) = dates.start.as_ref().or(end) else { return Ok(Schedule::NONE) };
        let (start, end) = (self.seconds(start)?, self.seconds(end.unwrap_or(start))?);
        Ok(Schedule { start, end, every: dates.every_s.unwrap_or(0), count: dates.count.unwrap_or(1) })
    }

    pub(crate) fn index_of(&self, dates: &Dates) -> Result<u8, String> {
        let number = self.setup.schedules.find(self.schedule_of(dates)?);
        number.ok_or_else(|| "the dates are not among the `schedules` of the reset".to_owned())
    }
}

pub(crate) fn position(names: &[String], name: &str) -> Option<u8> {
    names.iter().position(|other| other == name).and_then(|n| u8::try_from(n).ok())
}

fn find(names: &[String], name: &str, what: &str) -> Result<u8, Unread> {
    position(names, name).ok_or_else(|| Unread {
        said: format!("unknown {what} {}; the plan knows {}", quote(name.as_bytes()), names.join(", ")),
        help: "call users, computers and items what `reset` called them, and leave out what is none of these",
    })
}

/// What cannot be read: what is wrong with it, and what mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    pub(crate) said: String,
    pub(crate) help: &'static str,
}

impl From<Unread> for String {
    fn from(unread: Unread) -> Self {
        unread.said
    }
}

pub(crate) fn bits(set: u8) -> Vec<u8> {
    (0..8).filter(|n| set >> n & 1 != 0).collect()
}

pub(crate) fn occurrence_bits(occurrences: &[u8]) -> Result<u8, Unread> {
    occurrences.iter().try_fold(0, |set, &n| {
        let unread = || Unread {
            said: format!("occurrence {n}: a series has at most 4, counted from 0"),
            help: "count the occurrences of a series from 0, in the order of the pattern",
        };
        if n < 4 { Ok(set | 1 << n) } else { Err(unread()) }
    })
}
