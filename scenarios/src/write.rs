//! From a plan back to TOML: for counterexamples.

use std::fmt::Write as _;

use tombstone_model::ids::{ItemId, UserId, UserSet};
use tombstone_model::plan::{
    Acts, Change, Crash, Deletion, ItemSetup, Kind, Method, Names, Op, Part, Place, Plan, Setup, Side, Status, Step,
    Store,
};
use tombstone_model::time::Schedule;
use tombstone_model::view::{Field, Location, Shape, Word};

use crate::scenario::{Demand, Expectation, Scenario};
use crate::times::{self, write_duration, write_moment};

/// The scenario as a file that a stranger can read, and that has its path for an id where the scenario has none. Reading it again gives the same plan, up to [`canonical`].
pub fn write(scenario: &Scenario) -> String {
    let plan = canonical(&scenario.plan);
    Writer { scenario, plan: &plan, original: &scenario.plan, out: String::new() }.file()
}

/// The plan with its schedules, titles, names and idle actors numbered in the order in which a file would: two
/// plans that do the same are then equal. Dates that only expectations speak of are not part of it.
pub fn canonical(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    let old = std::mem::take(&mut plan.setup.schedules);
    let known = &mut plan.setup.schedules;
    let mut intern = |when: u8| {
        let schedule = old.get(usize::from(when)).copied().unwrap_or(Schedule::NONE);
        // As many fit here as there.
        known.number(schedule).unwrap_or(0)
    };
    for item in &mut plan.setup.items {
        item.when = intern(item.when);
    }
    let mut title = 0_u8;
    for step in &mut plan.steps {
        step.op = step.op.with_parts(|part| match part {
            Part::Change(Change::When(when)) => Part::Change(Change::When(intern(when))),
            Part::Change(Change::Title(_)) => {
                title = title.saturating_add(1);
                Part::Change(Change::Title(title))
            }
            Part::Item(_)
            | Part::Items(_)
            | Part::Side(_)
            | Part::Mailbox(_)
            | Part::Other(_)
            | Part::User(_)
            | Part::How(_)
            | Part::Record(_)
            | Part::Answer(_)
            | Part::Crash(_)
            | Part::Seconds(_) => part,
        });
        match step.op.verb().acts() {
            Acts::World => (step.by, step.at) = (UserId(0), Place::Web),
            Acts::Server => (step.by, step.at) = (mailbox(step.op).unwrap_or(step.by), Place::Web),
            Acts::Store | Acts::Outlook | Acts::Crm | Acts::Computer | Acts::Dialog => {}
        }
    }
    let (setup, names) = (&plan.setup, &plan.names);
    let complete = names.users.len() == setup.users.len()
        && names.computers.len() == setup.computers.len()
        && names.items.len() == setup.items.len();
    if !complete {
        plan.names = Names::invented(&plan.setup);
    }
    plan
}

struct Writer<'a> {
    scenario: &'a Scenario,
    plan: &'a Plan,
    original: &'a Plan,
    out: String,
}

impl Writer<'_> {
    fn file(mut self) -> String {
        self.head();
        self.declarations();
        let mut expectations = self.scenario.expectations.iter().peekable();
        for after in 0..=self.plan.steps.len() {
            if let Some(step) = after.checked_sub(1).map(|at| self.plan.steps[at]) {
                let verb = self.step(&step);
                self.line(&format!("\n[[step]]\n{verb}"));
            }
            let mut here: Vec<&Expectation> = Vec::new();
            while let Some(next) = expectations.next_if(|next| next.after == after) {
                here.push(next);
            }
            self.expectations(&here);
        }
        self.out
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn head(&mut self) {
        let scenario = self.scenario;
        for line in &scenario.header {
            let line = line.replace(['\n', '\r'], " ");
            self.line(format!("# {line}").trim_end());
        }
        if !scenario.header.is_empty() {
            self.line("");
        }
        if !scenario.id.is_empty() {
            self.line(&format!("id = {}", text(&scenario.id)));
        }
        self.line(&format!("title = {}", text(&scenario.title)));
        for (key, list) in [("covers", &scenario.covers), ("aliases", &scenario.aliases)] {
            if !list.is_empty() {
                self.line(&format!("{key} = {}", texts(list.iter().map(String::as_str))));
            }
        }
        if let Some(profile) = &scenario.profile {
            self.line(&format!("profile = {}", text(profile)));
        }
        let zone = &self.plan.setup.zone;
        if *zone != times::default_zone() {
            self.line(&format!("now = {}", text(&times::write_start(zone))));
        }
        if zone.name() != "UTC" {
            self.line(&format!("zone = {}", text(zone.name())));
        }
        if self.plan.setup.bystanders > 0 {
            self.line(&format!("bystanders = {}", self.plan.setup.bystanders));
        }
        if let Some(note) = &scenario.note {
            self.line(&format!("note = {}", text(note)));
        }
        if let Some(origin) = &scenario.origin {
            self.line("\n[origin]");
            for (key, number) in [("seed", origin.seed), ("index", origin.index)] {
                // A TOML integer has 64 bits and a sign.
                let written =
                    i64::try_from(number).map_or_else(|_| format!("\"{number}\""), |number| number.to_string());
                self.line(&format!("{key} = {written}"));
            }
            self.line(&format!("rules = {}", text(&origin.rules)));
            if !origin.digests.is_empty() {
                self.line(&format!("digests = {}", texts(origin.digests.iter().map(String::as_str))));
            }
        }
    }

    fn declarations(&mut self) {
        let Plan { setup, names, .. } = self.plan;
        for (user, name) in setup.users.iter().zip(&names.users) {
            self.line(&format!("\n[users.{name}]"));
            if user.method == Method::ServerSide {
                self.line("method = \"server-side\"");
            }
            if !user.delegates.is_empty() {
                self.line(&format!("delegates = {}", self.users(user.delegates)));
            }
            for right in user.rights.missing() {
                self.line(&format!("{} = false", right.name()));
            }
        }
        if setup.computers.is_empty() {
            self.line("\n[computers]");
        }
        for (computer, name) in setup.computers.iter().zip(&names.computers) {
            self.line(&format!("\n[computers.{name}]\nuser = {}", text(names.user(computer.user))));
            if computer.synchronizing {
                self.line("synchronizing = true");
            }
        }
        for (item, name) in setup.items.iter().zip(&names.items) {
            self.line(&format!("\n[items.{name}]"));
            self.item(item);
        }
    }

    fn item(&mut self, item: &ItemSetup) {
        let Plan { setup, names, .. } = self.plan;
        let usual = ItemSetup::new(item.kind, item.owner);
        self.line(&format!("kind = \"{}\"", item.kind.name()));
        if item.record != usual.record {
            self.line(&format!("record = \"{}\"", item.record.name()));
        }
        if item.owner.0 != 0 {
            self.line(&format!("owner = {}", text(names.user(item.owner))));
        }
        if item.copies.is_empty() && item.tracked.is_empty() && !item.in_crm {
            self.line("absent = true");
        } else {
            self.presence(item);
        }
        if item.status != usual.status {
            self.line(&format!("status = \"{}\"", status(item.status)));
        }
        if item.organizer != usual.organizer {
            let organizer = item.organizer.map_or("nobody", |user| names.user(user));
            self.line(&format!("organizer = {}", text(organizer)));
        }
        for (key, users) in [("required", item.required), ("optional", item.optional)] {
            if !users.is_empty() {
                self.line(&format!("{key} = {}", self.users(users)));
            }
        }
        let schedule = setup.schedules[usize::from(item.when)];
        if item.kind.is_calendar() {
            for part in dates(schedule, None, item.exceptions) {
                self.line(&part);
            }
        } else if schedule.is_dated() {
            self.line(&format!("due = \"{}\"", write_moment(schedule.start)));
        }
        for (key, other) in [("regarding", item.regarding), ("parent", item.parent)] {
            if let Some(other) = other {
                self.line(&format!("{key} = {}", text(names.item(other))));
            }
        }
        match item.store {
            Store::Exchange => {}
            Store::OutlookDefault => self.line("store = \"outlook-default\""),
            Store::Elsewhere => self.line("store = \"elsewhere\""),
        }
        if item.assigned {
            self.line("assigned = true");
        }
    }

    fn presence(&mut self, item: &ItemSetup) {
        let natural = if item.kind.is_crm_only() { UserSet::EMPTY } else { UserSet::of(item.owner) };
        if item.copies != natural {
            self.line(&format!("in = {}", self.users(item.copies)));
        }
        if item.tracked.is_empty() && !item.copies.is_empty() {
            self.line("tracked = false");
        } else if item.tracked != item.copies {
            self.line(&format!("tracked = {}", self.users(item.tracked)));
        }
        if item.in_crm != (item.kind.is_crm_only() || !item.tracked.is_empty()) {
            self.line(&format!("crm = {}", item.in_crm));
        }
    }

    fn users(&self, users: UserSet) -> String {
        texts(users.iter().map(|user| self.plan.names.user(user)))
    }

    fn step(&self, step: &Step) -> String {
        let names = &self.plan.names;
        let verb = step.op.verb();
        let mut parts: Vec<String> = Vec::new();
        let (mut item, mut crash, mut side) = (ItemId(0), None, None);
        step.op.each(|_, part| match part {
            Part::Item(id) => {
                item = id;
                parts.push(format!("item = {}", text(names.item(id))));
            }
            Part::Items(set) => parts.push(match set.iter().next() {
                Some(one) if set.len() == 1 => format!("item = {}", text(names.item(one))),
                _ => format!("items = {}", texts(set.iter().map(|item| names.item(item)))),
            }),
            Part::Side(on) => side = Some(on),
            Part::Mailbox(mailbox) if verb.acts() == Acts::Server => {
                parts.push(format!("mailbox = {}", text(names.user(mailbox))));
            }
            // It follows, where it is not that of who acts.
            Part::Mailbox(_) => {}
            Part::Other(id) => parts.push(format!("to = {}", text(names.item(id)))),
            Part::User(user) => parts.push(format!("to = {}", text(names.user(user)))),
            Part::Change(change) => parts.push(self.change(item, change)),
            Part::How(Deletion::Hard) => {}
            Part::How(Deletion::Occurrence(n)) => parts.push(format!("occurrence = {}", n + 1)),
            Part::How(how) => parts.extend(how.name().map(|how| format!("how = {}", text(how)))),
            Part::Record(record) => parts.extend(record.map(|kind: Kind| format!("as = \"{}\"", kind.name()))),
            Part::Answer(yes) => parts.push(format!("answer = \"{}\"", if yes { "yes" } else { "no" })),
            Part::Crash(point) => crash = point,
            Part::Seconds(seconds) => parts.push(format!("for = \"{}\"", write_duration(seconds.into()))),
        });
        // In each file the parts stand in this order: what, in which store, where and by whom, and how it ends.
        parts.extend(side.map(within));
        if let (Some(Side::Outlook(mailbox)), true) = (step.op.side(), verb.acts() != Acts::Server)
            && mailbox != step.by
        {
            parts.push(format!("mailbox = {}", text(names.user(mailbox))));
        }
        parts.extend(self.actor(step));
        parts.extend(crash.map(|Crash { at, stage }| {
            format!("crash = {{ at = {}, stage = \"{}\" }}", text(names.item(at)), stage.name())
        }));
        let verb = verb.name();
        if parts.is_empty() { format!("{verb} = {{}}") } else { format!("{verb} = {{ {} }}", parts.join(", ")) }
    }

    fn change(&self, item: ItemId, change: Change) -> String {
        match change {
            Change::Title(_) => "title = true".to_owned(),
            Change::When(when) => self.when(item, self.plan.setup.schedules[usize::from(when)]),
        }
    }

    fn when(&self, item: ItemId, schedule: Schedule) -> String {
        let Setup { items, schedules, .. } = &self.plan.setup;
        let item = &items[item.index()];
        if !item.kind.is_calendar() {
            return format!("due = \"{}\"", write_moment(schedule.start));
        }
        let declared = Some(schedules[usize::from(item.when)]).filter(|declared| declared.is_dated());
        format!("when = {{ {} }}", dates(schedule, declared, 0).join(", "))
    }

    /// Where it is done and by whom, as far as that is not plain.
    fn actor(&self, step: &Step) -> Vec<String> {
        let Plan { setup, names, .. } = self.plan;
        if matches!(step.op.verb().acts(), Acts::World | Acts::Server) {
            return Vec::new();
        }
        match step.at {
            Place::Computer(computer) => vec![format!("at = {}", text(names.computer(computer)))],
            Place::Web if setup.users.len() == 1 => vec!["at = \"web\"".to_owned()],
            Place::Web => vec!["at = \"web\"".to_owned(), format!("by = {}", text(names.user(step.by)))],
        }
    }

    fn expectations(&mut self, here: &[&Expectation]) {
        for expectation in here {
            match expectation.what {
                Demand::Refused(holds) => self.line(&format!("refused = {holds}")),
                Demand::Prompt(holds) => self.line(&format!("prompt = {holds}")),
                Demand::Seen { .. } => {}
            }
        }
        for expectation in here {
            if let Demand::Seen { item, at, mask, word } = expectation.what {
                let name = text(self.plan.names.item(item));
                let seen = self.sight(item, mask, word);
                let place = self.location(at, &seen);
                self.line(&format!("\n[[step]]\nexpect = {{ item = {name}, {place} }}"));
            }
        }
    }

    fn location(&self, at: Location, seen: &str) -> String {
        let Plan { setup, names, .. } = self.plan;
        match at {
            Location::Crm => format!("crm = {seen}"),
            Location::Mailbox(user) => format!("in = {{ {} = {seen} }}", names.user(user)),
            Location::Cache(slot) => {
                let (computer, mailbox) = setup.slots()[slot.index()];
                let other = setup.computers[computer.index()].user != mailbox;
                let of = if other { format!(", mailbox = {}", text(names.user(mailbox))) } else { String::new() };
                format!("on = {{ {} = {seen} }}{of}", names.computer(computer))
            }
        }
    }

    fn sight(&self, item: ItemId, mask: u64, word: Word) -> String {
        if word.count() == 0 {
            return "\"absent\"".to_owned();
        }
        if mask == Field::Count.mask() {
            return "\"present\"".to_owned();
        }
        if mask == Field::Count.mask() | Field::Tracked.mask() {
            return if word.is_tracked() { "\"tracked\"" } else { "\"untracked\"" }.to_owned();
        }
        let names = &self.plan.names;
        let fields = Field::ALL.iter().filter(|field| mask & field.mask() != 0).filter_map(|field| {
            let value = match field.row().shape {
                Shape::Count => return None,
                Shape::When => {
                    let schedules = &self.original.setup.schedules;
                    return Some(self.when(item, schedules[usize::from(field.of(word))]));
                }
                Shape::Title => self.title(field.of(word)).to_string(),
                Shape::Status => format!("\"{}\"", status(word.status())),
                Shape::User | Shape::SomeUser => text(field.user(word).map_or("nobody", |id| names.user(id))),
                Shape::SomeItem => text(field.item(word).map_or("nothing", |id| names.item(id))),
                Shape::Users => self.users(UserSet(field.of(word))),
                Shape::There | Shape::Moved => occurrences(field.of(word)),
                Shape::Kind => format!("\"{}\"", word.record().name()),
                Shape::Flag => (field.of(word) != 0).to_string(),
            };
            Some(format!("{} = {value}", field.name()))
        });
        format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
    }

    /// The number of the edit that writes this token.
    fn title(&self, token: u8) -> usize {
        let tokens = self.original.steps.iter().filter_map(|step| {
            if let Op::Edit { change: Change::Title(token), .. } = step.op { Some(token) } else { None }
        });
        tokens.zip(1..).find(|&(other, _)| other == token).map_or(0, |(_, number)| number)
    }
}

/// The mailbox that an operation names.
fn mailbox(op: Op) -> Option<UserId> {
    let mut named = None;
    op.each(|_, part| {
        if let Part::Mailbox(mailbox) = part {
            named = Some(mailbox);
        }
    });
    named
}

fn within(side: Side) -> String {
    match side {
        Side::Outlook(_) => "in = \"outlook\"".to_owned(),
        Side::Crm => "in = \"crm\"".to_owned(),
    }
}

/// The keys that give this schedule, where `declared` stands for what is left out.
fn dates(schedule: Schedule, declared: Option<Schedule>, exceptions: u8) -> Vec<String> {
    let mut parts = vec![format!("start = \"{}\"", write_moment(schedule.start))];
    if !schedule.is_dated() {
        return parts;
    }
    let usual = declared.unwrap_or(Schedule { start: 0, end: 3600, every: 0, count: 1 });
    let length = |schedule: Schedule| i64::from(schedule.end) - i64::from(schedule.start);
    if length(schedule) != length(usual) {
        parts.push(format!("duration = \"{}\"", write_duration(length(schedule))));
    }
    if (schedule.every, schedule.count) != (usual.every, usual.count) || exceptions != 0 {
        let every = if schedule.count == 1 { 86_400 } else { schedule.every };
        let moved = if exceptions == 0 { String::new() } else { format!(", exceptions = {}", occurrences(exceptions)) };
        parts.push(format!(
            "repeats = {{ every = \"{}\", times = {}{moved} }}",
            write_duration(every.into()),
            schedule.count
        ));
    }
    parts
}

fn occurrences(bits: u8) -> String {
    let numbers: Vec<String> = (0..8).filter(|n| bits >> n & 1 != 0).map(|n: u8| (n + 1).to_string()).collect();
    format!("[{}]", numbers.join(", "))
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Open => "open",
        Status::Completed => "completed",
        Status::Cancelled => "cancelled",
    }
}

/// A TOML string.
fn text(value: &str) -> String {
    toml_edit::Value::from(value).to_string()
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let values: Vec<String> = values.map(text).collect();
    let mut list = String::from("[");
    let _ = write!(list, "{}]", values.join(", "));
    list
}
