//! From TOML to a plan: the declarations.

use std::ops::Range;

use tombstone_model::ids::{ItemId, MAX_COMPUTERS, MAX_ITEMS, MAX_USERS, UserId, UserSet};
use tombstone_model::plan::{
    ComputerSetup, ItemSetup, Kind, Method, Names, Plan, Right, Rights, Setup, Status, Store, UserSetup,
};
use tombstone_model::time::{MAX_SCHEDULES, Schedule, Schedules, Seconds, Zone};
use toml::de::DeTable;

use crate::check::Checker;
use crate::grammar::Who;
use crate::node::{KeyEntry, ValueNode};
use crate::times::{self, HORIZON, WrittenMoment};

/// The state of lowering one file. Values that are wrong have been reported and are replaced by defaults.
pub(crate) struct Lowering<'a> {
    pub(crate) checker: Checker<'a>,
    pub(crate) setup: Setup,
    pub(crate) file: ValueNode<'a>,
}

impl<'a> Lowering<'a> {
    pub(crate) fn new(file: ValueNode<'a>) -> Self {
        let setup = Setup {
            zone: times::default_zone(),
            users: Vec::new(),
            computers: Vec::new(),
            items: Vec::new(),
            bystanders: 0,
            schedules: Schedules::default(),
        };
        Self { checker: Checker::new(file), setup, file }
    }

    /// Where to point when something is wrong with the file as a whole.
    pub(crate) fn start(&self) -> Range<usize> {
        self.file.entries().first().map_or(0..0, |entry| entry.place.clone())
    }

    /// The plan so far, without its steps.
    pub(crate) fn plan(&self) -> Plan {
        Plan { setup: self.setup.clone(), steps: Vec::new(), names: self.names() }
    }

    fn names(&self) -> Names {
        let names = |who| self.checker.names(who).iter().map(|&name| name.to_owned()).collect();
        Names { users: names(Who::User), computers: names(Who::Computer), items: names(Who::Item) }
    }

    fn declarations(&self, who: Who) -> Vec<KeyEntry<'a>> {
        self.file.get(who.table()).map(ValueNode::entries).unwrap_or_default()
    }

    /// The limits that ids depend on.
    pub(crate) fn limits(&mut self) -> bool {
        let before = self.checker.found.len();
        for (who, most) in [(Who::User, MAX_USERS), (Who::Computer, MAX_COMPUTERS), (Who::Item, MAX_ITEMS)] {
            if let Some(excess) = self.declarations(who).get(most) {
                let message = format!("more than the {most} {} that a plan can hold", who.table());
                self.checker.report("scenario::limit", excess.place.clone(), message, "one too many", None);
            }
        }
        if let Some(users) = self.file.get("users").filter(|users| users.table().is_some_and(DeTable::is_empty)) {
            let place = users.span();
            self.checker.report("scenario::limit", place, "a plan needs a user", "no users here", None);
        }
        self.checker.found.len() == before
    }

    pub(crate) fn setup_problems(&mut self) {
        let place = self.start();
        for problem in self.setup.problems() {
            self.checker.report("scenario::limit", place.clone(), problem, "in this scenario", None);
        }
    }

    pub(crate) fn zone(&mut self) {
        let name = self.file.text_of("zone").unwrap_or("UTC");
        match times::zone(name, self.file.text_of("now").unwrap_or(times::DEFAULT_START)) {
            Ok(zone) => self.setup.zone = zone,
            Err(name) => {
                let place = self.file.get("zone").map_or(0..0, ValueNode::span);
                let help = Some("zones are named as in the IANA database, for example `Europe/Berlin`".to_owned());
                self.checker.report(
                    "scenario::unknown-name",
                    place,
                    format!("unknown time zone `{name}`"),
                    "no such zone",
                    help,
                );
            }
        }
    }

    pub(crate) fn user(&self, name: &str) -> Option<UserId> {
        self.checker.id(Who::User, name).map(UserId)
    }

    pub(crate) fn item(&self, name: &str) -> Option<ItemId> {
        self.checker.id(Who::Item, name).map(ItemId)
    }

    pub(crate) fn user_of(&self, node: ValueNode<'_>, key: &str) -> Option<UserId> {
        self.user(node.text_of(key)?)
    }

    pub(crate) fn item_of(&self, node: ValueNode<'_>, key: &str) -> Option<ItemId> {
        self.item(node.text_of(key)?)
    }

    pub(crate) fn users_of(&self, node: ValueNode<'_>) -> UserSet {
        node.list().filter_map(|node| self.user(node.text()?)).collect()
    }

    pub(crate) fn users(&mut self) {
        for KeyEntry { node, .. } in self.declarations(Who::User) {
            let server_side = node.text_of("method") == Some("server-side");
            self.setup.users.push(UserSetup {
                method: if server_side { Method::ServerSide } else { Method::OutlookClient },
                delegates: node.get("delegates").map(|list| self.users_of(list)).unwrap_or_default(),
                rights: Right::ALL
                    .into_iter()
                    .filter(|right| node.flag_of(right.name()) == Some(false))
                    .fold(Rights::ALL, Rights::without),
            });
        }
        for (entry, id) in self.declarations(Who::User).iter().zip(0..) {
            if self.setup.users[usize::from(id)].delegates.contains(UserId(id)) {
                let place = entry.node.get("delegates").map_or(0..0, ValueNode::span);
                let message = format!("`{}` is a delegate of `{}`", entry.name, entry.name);
                self.checker.report("scenario::contradiction", place, message, "nobody is one's own delegate", None);
            }
        }
    }

    pub(crate) fn computers(&mut self) {
        for KeyEntry { name, node, .. } in self.declarations(Who::Computer) {
            let user = self.user_of(node, "user").unwrap_or(UserId(0));
            let synchronizing = node.flag_of("synchronizing").unwrap_or(false);
            let other = self.setup.computers.iter().position(|other| other.user == user && other.synchronizing);
            if let (true, Some(other)) = (synchronizing, other) {
                let other = self.checker.names(Who::Computer)[other];
                self.checker.report(
                    "scenario::contradiction",
                    node.get("synchronizing").map_or(0..0, ValueNode::span),
                    format!("`{name}` and `{other}` are both the synchronizing computer of the same user"),
                    "a second synchronizing computer",
                    Some("a user has one synchronizing computer at a time".to_owned()),
                );
            }
            self.setup.computers.push(ComputerSetup { user, synchronizing });
        }
    }

    pub(crate) fn items(&mut self) {
        for entry in self.declarations(Who::Item) {
            let item = self.item_setup(&entry);
            self.setup.items.push(item);
        }
    }

    fn item_setup(&mut self, entry: &KeyEntry<'a>) -> ItemSetup {
        let node = entry.node;
        let kind = kind_of(node, "kind").unwrap_or(Kind::Email);
        let owner = self.user_of(node, "owner").unwrap_or(UserId(0));
        let mut item = ItemSetup::new(kind, owner);
        item.record = self.record(node, kind);
        let absent = node.flag_of("absent").unwrap_or(false);
        if absent {
            self.contradictions(node, "absent", &["in", "tracked", "crm"], "an item that is absent is nowhere");
        }
        let natural = if absent || kind.is_crm_only() { UserSet::EMPTY } else { UserSet::of(owner) };
        item.copies = node.get("in").map_or(natural, |list| self.users_of(list));
        if let (true, false, Some(list)) = (kind.is_crm_only(), item.copies.is_empty(), node.get("in")) {
            self.only_in_crm(kind, list.span());
        }
        item.tracked = match node.get("tracked") {
            None => item.copies,
            Some(value) => match value.flag() {
                Some(true) => item.copies,
                Some(false) => UserSet::EMPTY,
                None => self.users_of(value),
            },
        };
        if !item.tracked.iter().all(|user| item.copies.contains(user)) {
            let place = node.get("tracked").map_or(0..0, ValueNode::span);
            let message = format!("`{}` is tracked in a mailbox that holds no copy", entry.name);
            let help = Some("name the mailbox under `in` as well".to_owned());
            self.checker.report("scenario::contradiction", place, message, "no copy there", help);
        }
        item.in_crm = node.flag_of("crm").unwrap_or(!absent && (kind.is_crm_only() || !item.tracked.is_empty()));
        if let Some(status) = node.text_of("status") {
            item.status = status_named(status);
        }
        if !kind.is_calendar() {
            let keys = ["organizer", "required", "optional", "start", "end", "duration", "all_day", "repeats"];
            self.unfit(node, &keys, kind);
        } else {
            self.unfit(node, &["due"], kind);
        }
        if let Some(organizer) = node.text_of("organizer") {
            item.organizer = self.user(organizer);
        }
        item.required = node.get("required").map(|list| self.users_of(list)).unwrap_or_default();
        item.optional = node.get("optional").map(|list| self.users_of(list)).unwrap_or_default();
        self.item_dates(entry, &mut item);
        item.regarding = self.item_of(node, "regarding");
        item.parent = self.item_of(node, "parent");
        item.store = match node.text_of("store") {
            Some("outlook-default") => Store::OutlookDefault,
            Some("elsewhere") => Store::Elsewhere,
            _ => Store::Exchange,
        };
        item.assigned = node.flag_of("assigned").unwrap_or(false);
        item
    }

    fn record(&mut self, node: ValueNode<'a>, kind: Kind) -> Kind {
        let Some(record) = kind_of(node, "record") else { return kind.record() };
        let fits = record == kind.record() || kind.is_task_like() && record.is_task_like();
        if !fits {
            let place = node.get("record").map_or(0..0, ValueNode::span);
            let message = format!("the record of {} cannot be {}", a_kind(kind), a_kind(record));
            let help = Some("a task may be tracked as a task, a phone call, a letter or a fax".to_owned());
            self.checker.report("scenario::contradiction", place, message, "another kind of record", help);
        }
        record
    }

    fn item_dates(&mut self, entry: &KeyEntry<'a>, item: &mut ItemSetup) {
        let node = entry.node;
        let schedule = if item.kind.is_calendar() {
            if node.get("start").is_none() {
                let message = format!("{} lacks `start`", a_kind(item.kind));
                let help = Some("for example `start = \"+1d\"`, or `start = \"never\"` for none".to_owned());
                self.checker.report("scenario::missing-key", entry.place.clone(), message, "`start` is missing", help);
                return;
            }
            self.dates(node, None)
        } else {
            self.due(node).unwrap_or(Schedule::NONE)
        };
        if let Some(exceptions) = node.get("repeats").and_then(|repeats| repeats.get("exceptions")) {
            item.exceptions = self.occurrences(exceptions, schedule.count);
        }
        item.when = self.intern(schedule, node.get("start").or(node.get("due")));
    }

    /// The occurrences of a series, as a bit set.
    pub(crate) fn occurrences(&mut self, list: ValueNode<'a>, count: u8) -> u8 {
        let mut bits = 0;
        for node in list.list() {
            bits |= self.occurrence(node, count).map_or(0, |n| 1 << n);
        }
        bits
    }

    /// The index of one occurrence, which the file counts from 1.
    pub(crate) fn occurrence(&mut self, node: ValueNode<'a>, count: u8) -> Option<u8> {
        let number = u8::try_from(node.whole()?).ok()?;
        if number > count {
            let message = match count {
                1 => "an occurrence of what is no series".to_owned(),
                _ => format!("no occurrence {number} in a series of {count}"),
            };
            self.checker.report("scenario::out-of-range", node.span(), message, "no such occurrence", None);
        }
        number.checked_sub(1).filter(|&n| n < 4)
    }

    /// The schedule that `due` asks for.
    pub(crate) fn due(&mut self, node: ValueNode<'a>) -> Option<Schedule> {
        let due = node.get("due")?;
        let at = self.moment(due);
        Some(Schedule { start: at, end: at, every: 0, count: 1 })
    }

    /// The schedule that `start`, `end`, `duration`, `all_day` and `repeats` ask for; what they leave out is as in
    /// `declared`.
    pub(crate) fn dates(&mut self, node: ValueNode<'a>, declared: Option<Schedule>) -> Schedule {
        let declared = declared.filter(|schedule| schedule.is_dated());
        let mut schedule = declared.unwrap_or(Schedule { start: 0, end: 3600, every: 0, count: 1 });
        let length = schedule.end - schedule.start;
        if let Some(start) = node.get("start") {
            schedule.start = self.moment(start);
            if schedule.start == Seconds::MIN {
                self.contradictions(node, "start", &["end", "duration", "all_day", "repeats"], "it never takes place");
                return Schedule::NONE;
            }
        }
        let mut end = i64::from(schedule.start) + i64::from(length);
        if node.flag_of("all_day") == Some(true) {
            self.contradictions(node, "all_day", &["end", "duration"], "an all-day item ends with its day");
            let midnight = |zone: &Zone, days| {
                let day = zone.local(schedule.start).date() + chrono::Days::new(days);
                zone.instant(day.and_time(chrono::NaiveTime::MIN))
            };
            end = midnight(&self.setup.zone, 1).into();
            schedule.start = midnight(&self.setup.zone, 0);
        } else if let Some(duration) = node.get("duration") {
            self.contradictions(node, "duration", &["end"], "its end follows from its duration");
            end = i64::from(schedule.start).saturating_add(self.length(duration));
        } else if let Some(last) = node.get("end") {
            end = self.moment(last).into();
        }
        if let Some(repeats) = node.get("repeats") {
            schedule.count =
                repeats.get("times").and_then(ValueNode::whole).and_then(|n| u8::try_from(n).ok()).unwrap_or(1);
            let every = repeats.get("every").map_or(0, |every| self.length(every));
            schedule.every = if schedule.count > 1 { self.seconds(every, repeats) } else { 0 };
            if schedule.count > 1 && every == 0 {
                let message = "a series whose occurrences all take place at once";
                self.checker.report("scenario::contradiction", repeats.span(), message, "never apart", None);
            }
        }
        schedule.end = self.seconds(end, node);
        self.seconds(end.saturating_add(i64::from(schedule.every) * i64::from(schedule.count - 1)), node);
        if schedule.end < schedule.start {
            let place = node.get("end").unwrap_or(node).span();
            let help = Some("a relative `end` counts from the start of the plan, a `duration` from `start`".to_owned());
            self.checker.report("scenario::contradiction", place, "it ends before it starts", "too early", help);
        }
        schedule
    }

    /// The index of a schedule among those of the setup.
    pub(crate) fn intern(&mut self, schedule: Schedule, place: Option<ValueNode<'a>>) -> u8 {
        self.setup.schedules.number(schedule).unwrap_or_else(|| {
            let place = place.map_or(0..0, ValueNode::span);
            let message = format!("more than the {} different dates that a plan can hold", MAX_SCHEDULES - 1);
            self.checker.report("scenario::limit", place, &message, "one too many", None);
            0
        })
    }

    fn moment(&mut self, node: ValueNode<'a>) -> Seconds {
        let zone = &self.setup.zone;
        let at = match node.text().and_then(times::moment).unwrap_or(WrittenMoment::Never) {
            WrittenMoment::Never => return Seconds::MIN,
            WrittenMoment::From(at) => at,
            WrittenMoment::Local(local) => zone.instant(local).into(),
            WrittenMoment::Day(day) => zone.instant(day.and_time(chrono::NaiveTime::MIN)).into(),
        };
        self.seconds(at, node)
    }

    /// The seconds of a duration.
    pub(crate) fn length(&mut self, node: ValueNode<'a>) -> i64 {
        let length = node.text().and_then(times::duration).unwrap_or_default();
        i64::from(self.seconds(length, node))
    }

    /// Seconds, if they are not too many.
    pub(crate) fn seconds(&mut self, seconds: i64, node: ValueNode<'a>) -> Seconds {
        if !(-HORIZON..=HORIZON).contains(&seconds) {
            let message = "more than thirty years from the start of the plan";
            self.checker.report("scenario::out-of-range", node.span(), message, "too far away", None);
            return 0;
        }
        seconds as Seconds
    }

    /// Reports keys that contradict another.
    pub(crate) fn contradictions(&mut self, node: ValueNode<'_>, key: &str, others: &[&str], why: &str) {
        for other in node.entries().iter().filter(|entry| others.contains(&entry.name)) {
            let message = format!("`{}` beside `{key}`", other.name);
            self.checker.report("scenario::contradiction", other.place.clone(), message, why, None);
        }
    }

    /// Reports keys that an item of this kind has no use for.
    fn unfit(&mut self, node: ValueNode<'a>, keys: &[&str], kind: Kind) {
        for entry in node.entries().iter().filter(|entry| keys.contains(&entry.name)) {
            let message = format!("{} has no `{}`", a_kind(kind), entry.name);
            let help = if kind.is_calendar() { "an appointment has a `start`" } else { "a task has a `due`" };
            self.checker.report(
                "scenario::contradiction",
                entry.place.clone(),
                message,
                format!("not for {}", a_kind(kind)),
                Some(help.to_owned()),
            );
        }
    }

    /// Reports something done in Outlook to what is in CRM only.
    pub(crate) fn only_in_crm(&mut self, kind: Kind, place: Range<usize>) {
        let message = format!("{} is in CRM only", a_kind(kind));
        self.checker.report("scenario::only-in-crm", place, message, "not in Outlook", None);
    }
}

/// The kind that a key names.
pub(crate) fn kind_of(node: ValueNode<'_>, key: &str) -> Option<Kind> {
    Kind::named(node.text_of(key)?)
}

pub(crate) fn status_named(name: &str) -> Status {
    match name {
        "completed" => Status::Completed,
        "cancelled" => Status::Cancelled,
        _ => Status::Open,
    }
}

/// A kind with its article.
pub(crate) fn a_kind(kind: Kind) -> String {
    let words = kind.name().replace('-', " ");
    let article = if words.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {words}")
}
