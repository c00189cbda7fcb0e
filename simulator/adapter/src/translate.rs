//! From a plan to the wire and back: the ids of the model become names, its seconds become instants.

use std::cmp::Reverse;

use chrono::DateTime;
use tombstone_model::contract::implementation::{
    Answer, Capabilities, Clock, EngineOutcome, ImplementationFailure, KindCapabilities,
};
use tombstone_model::ids::ItemId;
use tombstone_model::plan::{self, ComputerSetup, ItemSetup, Kind, Names, Place, Right, Rights, Setup, UserSetup};
use tombstone_model::time::{MAX_SCHEDULES, Schedule, Schedules, Zone};
use tombstone_model::view::{Field, Location, View, Word};

use super::dictionary::{Unread, bits, occurrence_bits, position};
use super::fault::quote;
use super::protocol::{
    CapabilityMatrix, ComputerMessage, Dates, ItemMessage, KindRow, OutcomeWord, Reset, Snapshot, StepAnswer,
    StepMessage, StoreEntry, StoreWord, User, WireOp, address, parse_address, parse_title, title,
};
use super::words::{FieldWord, KindWord, OperationWord, OptionWord};

pub use super::dictionary::{Dictionary, NO_SUCH_SCHEDULE};

/// What cannot be read of an entry, and in which field.
type UnreadField = (&'static str, Unread);

impl Dictionary {
    /// The starting world, as `reset` carries it.
    pub fn reset(&self, deadline_ms: u64) -> Reset {
        let setup = &self.setup;
        let users = setup.users.iter().zip(&self.names.users).map(|(user, name)| User {
            name: name.clone(),
            address: address(name),
            method: user.method.into(),
            delegates: self.users(user.delegates),
            may_create: user.rights.may(Right::Create),
            may_write: user.rights.may(Right::Write),
            may_delete: user.rights.may(Right::Delete),
        });
        let computers = setup.computers.iter().enumerate().map(|(n, computer)| {
            let mut of_user = setup.computers.iter().enumerate().filter(|(_, other)| other.user == computer.user);
            // Without a chosen one it is the first; an adapter need not know that.
            let first = of_user.clone().next().map(|(n, _)| n);
            let chosen = of_user.find(|(_, other)| other.synchronizing).map(|(n, _)| n);
            ComputerMessage {
                name: self.names.computers[n].clone(),
                user: self.user(computer.user),
                synchronizing: chosen.or(first) == Some(n),
            }
        });
        Reset {
            deadline_ms,
            now: self.instant(0),
            zone: setup.zone.name().to_owned(),
            users: users.collect(),
            computers: computers.collect(),
            items: setup.items.iter().zip(&self.names.items).map(|(item, name)| self.item_setup(item, name)).collect(),
            schedules: setup.schedules.iter().map(|&schedule| self.dates(schedule, Kind::Appointment)).collect(),
        }
    }

    fn item_setup(&self, item: &ItemSetup, name: &str) -> ItemMessage {
        ItemMessage {
            name: name.to_owned(),
            kind: KindWord(item.kind),
            record: KindWord(item.record),
            title: title(name, 0),
            address: (item.kind == Kind::Contact).then(|| address(name)),
            copies: self.users(item.copies),
            tracked: self.users(item.tracked),
            in_crm: item.in_crm,
            owner: self.user(item.owner),
            organizer: item.organizer.map(|user| self.user(user)),
            required: self.users(item.required),
            optional: self.users(item.optional),
            status: item.status.into(),
            dates: self.dates(self.schedule(item.when), item.kind),
            exceptions: bits(item.exceptions),
            regarding: item.regarding.map(|item| self.item(item)),
            parent: item.parent.map(|item| self.item(item)),
            folder: item.store.into(),
            assigned: item.assigned,
        }
    }

    /// A step; none for `Settle`, which is a method of its own.
    pub fn step(&self, step: &plan::Step) -> Option<StepMessage> {
        let op = WireOp::told(self, step.op)?;
        let computer = match step.at {
            Place::Web => None,
            Place::Computer(computer) => Some(self.names.computer(computer).to_owned()),
        };
        Some(StepMessage { by: self.user(step.by), computer, op })
    }

    /// Makes the view one of this snapshot, and returns the entries that are no item of the plan.
    ///
    /// # Errors
    /// The first entry that names something the plan does not know, with what it does know and what mends it.
    pub fn read(&self, snapshot: Snapshot, view: &mut View) -> Result<Vec<StoreEntry>, String> {
        let mut unknown = Vec::new();
        view.reset(self.setup.users.len(), self.slots.len(), self.setup.items.len());
        for (n, entry) in snapshot.entries.into_iter().enumerate() {
            let place = |(field, unread): UnreadField| {
                let (Unread { said, help }, title) = (unread, quote(entry.title.as_bytes()));
                format!(
                    "the adapter's snapshot cannot be read: `entries[{n}].{field}` of the entry with the title {title}: {said}\n\
                     help: {help}"
                )
            };
            let location = self.location(&entry).map_err(place)?;
            let Some((item, token)) = self.identify(&entry).map_err(place)? else {
                unknown.push(entry);
                continue;
            };
            let word = self.word(&entry, item, token, location).map_err(place)?;
            let before = view.get(item, location);
            let word = if before.is_present() {
                // Of several copies the greatest is shown, so that the order of the list does not matter.
                let one = Word::with_count;
                one(one(before, 1).max(one(word, 1)), 2)
            } else {
                word
            };
            view.set(item, location, word);
        }
        Ok(unknown)
    }

    fn identify(&self, entry: &StoreEntry) -> Result<Option<(ItemId, u8)>, UnreadField> {
        let titled = parse_title(&entry.title);
        let token = titled.map_or(0, |(_, token)| token);
        if let Some(name) = &entry.item {
            return Ok(Some((self.find_item(name).map_err(|unread| ("item", unread))?, token)));
        }
        let by_title = titled.and_then(|(name, _)| position(&self.names.items, name));
        let by_address =
            || entry.address.as_deref().and_then(parse_address).and_then(|name| position(&self.names.items, name));
        Ok(by_title.or_else(by_address).map(|n| (ItemId(n), token)))
    }

    fn location(&self, entry: &StoreEntry) -> Result<Location, UnreadField> {
        let unread = |field, said: String, help| (field, Unread { said, help });
        let user = |name: &str| self.find_user(name).map_err(|unread| ("mailbox", unread));
        match (entry.store, &entry.mailbox, &entry.computer) {
            (StoreWord::Crm, None, None) => Ok(Location::Crm),
            (StoreWord::Crm, mailbox, _) => Err(unread(
                if mailbox.is_some() { "mailbox" } else { "computer" },
                "an entry of the CRM has neither a mailbox nor a computer".to_owned(),
                "leave `mailbox` and `computer` out of what lies in CRM",
            )),
            (StoreWord::Outlook, None, _) => Err(unread(
                "mailbox",
                "an entry of Outlook says whose `mailbox` it lies in".to_owned(),
                "give the name of the user whose mailbox it is under `mailbox`",
            )),
            (StoreWord::Outlook, Some(mailbox), None) => Ok(Location::Mailbox(user(mailbox)?)),
            (StoreWord::Outlook, Some(mailbox), Some(computer)) => {
                let found = self.find_computer(computer).map_err(|unread| ("computer", unread))?;
                let slot = (found, user(mailbox)?);
                let n = self.slots.iter().position(|other| *other == slot).and_then(|n| u8::try_from(n).ok());
                let not_shown = || {
                    unread(
                        "computer",
                        format!("`{computer}` does not show the mailbox of `{mailbox}`"),
                        "list under a `computer` the mailbox of its user, and those of whom that user is a delegate",
                    )
                };
                Ok(Location::Cache(tombstone_model::ids::SlotId(n.ok_or_else(not_shown)?)))
            }
        }
    }

    fn word(&self, entry: &StoreEntry, item: ItemId, token: u8, location: Location) -> Result<Word, UnreadField> {
        let word = entry.meant(self)?.with_count(1).with_title(token).with_when(self.when(&entry.dates, item)?);
        let shown = if location == Location::Crm { Word::IN_CRM } else { Word::IN_OUTLOOK };
        Ok(Word(word.with_record(entry.kind.0).0 & shown))
    }

    fn when(&self, dates: &Dates, item: ItemId) -> Result<u8, UnreadField> {
        let seconds = |field, instant: &Option<String>| {
            instant.as_deref().map(|text| self.seconds(text)).transpose().map_err(|unread| (field, unread))
        };
        let start = seconds("dates.start", &dates.start)?;
        let end = seconds("dates.due", &dates.due)?.or(seconds("dates.end", &dates.end)?);
        if start.is_none() && end.is_none() {
            return Ok(0);
        }
        let fits = |schedule: &Schedule| {
            schedule.is_dated()
                && start.is_none_or(|start| schedule.start == start)
                && end.is_none_or(|end| schedule.end == end)
                && dates.every_s.is_none_or(|every| schedule.every == every)
                && dates.count.is_none_or(|count| schedule.count == count)
        };
        // A store that shows little, no start of a task or no recurrence, leaves several that fit: the likeliest is the
        // one that the item was given last, then one of the item's own sort.
        let given = &self.given[item.index()];
        let series = self.setup.items[item.index()].kind == Kind::RecurringAppointment;
        let likely = |schedule: &Schedule, n: u8| {
            let rank = given.iter().rposition(|&given| given == n);
            (rank, (schedule.count > 1) == series, schedule.start == schedule.end, Reverse(n))
        };
        let candidates = self.setup.schedules.iter().zip(0u8..).filter(|(schedule, _)| fits(schedule));
        Ok(candidates.max_by_key(|(schedule, n)| likely(schedule, *n)).map_or(NO_SUCH_SCHEDULE, |(_, n)| n))
    }

    /// Everything in a view, as `observe` carries it.
    pub fn snapshot(&self, view: &View) -> Snapshot {
        let mut entries = Vec::new();
        for (n, name) in self.names.items.iter().enumerate() {
            let Ok(id) = u8::try_from(n) else { break };
            for (place, &word) in view.item(ItemId(id)).iter().enumerate() {
                for copy in 0..word.count() {
                    entries.push(self.entry(name, ItemId(id), view.location(place), word, copy));
                }
            }
        }
        Snapshot { entries }
    }

    fn entry(&self, name: &str, item: ItemId, location: Location, word: Word, copy: u8) -> StoreEntry {
        let kind = self.setup.items[item.index()].kind;
        let (store, mailbox, computer) = match location {
            Location::Crm => (StoreWord::Crm, None, None),
            Location::Mailbox(user) => (StoreWord::Outlook, Some(user), None),
            Location::Cache(slot) => {
                let (computer, user) = self.slots[slot.index()];
                (StoreWord::Outlook, Some(user), Some(computer))
            }
        };
        let here = if location == Location::Crm { word.record() } else { kind };
        StoreEntry {
            store,
            mailbox: mailbox.map(|user| self.user(user)),
            computer: computer.map(|computer| self.names.computer(computer).to_owned()),
            id: format!("{name}-{copy}"),
            title: title(name, word.title()),
            address: (kind == Kind::Contact).then(|| address(name)),
            dates: self.dates(self.schedule(word.when()), kind),
            ..StoreEntry::told(self, KindWord(here), word, kind == Kind::RecurringAppointment)
        }
    }
}

/// Back from the wire, for the side that is served.
impl Dictionary {
    /// The dictionary of a starting world that arrived with `reset`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_reset(reset: &Reset) -> Result<Self, String> {
        let start = DateTime::parse_from_rfc3339(&reset.now).map_err(|error| format!("`now`: {error}"))?.to_utc();
        let zone = match reset.zone.as_str() {
            "UTC" => Zone::utc(start),
            name => Zone::named(name, start).map_err(|name| format!("unknown zone `{name}`"))?,
        };
        let names = Names {
            users: reset.users.iter().map(|user| user.name.clone()).collect(),
            computers: reset.computers.iter().map(|computer| computer.name.clone()).collect(),
            items: reset.items.iter().map(|item| item.name.clone()).collect(),
        };
        let setup = Setup {
            zone,
            users: Vec::new(),
            computers: Vec::new(),
            items: Vec::new(),
            bystanders: 0,
            schedules: Schedules::default(),
        };
        let mut this = Self { setup, names, slots: Vec::new(), given: Vec::new() };
        for user in &reset.users {
            let delegates = this.find_users(&user.delegates)?;
            let rights = Rights::ALL
                .set(Right::Create, user.may_create)
                .set(Right::Write, user.may_write)
                .set(Right::Delete, user.may_delete);
            this.setup.users.push(UserSetup { method: user.method.into(), delegates, rights });
        }
        for computer in &reset.computers {
            let user = this.find_user(&computer.user)?;
            this.setup.computers.push(ComputerSetup { user, synchronizing: computer.synchronizing });
        }
        for dates in &reset.schedules {
            let schedule = this.schedule_of(dates)?;
            let number = this.setup.schedules.number(schedule);
            number.ok_or_else(|| format!("more than {MAX_SCHEDULES} different dates among the `schedules`"))?;
        }
        for item in &reset.items {
            let item = this.setup_of(item)?;
            this.setup.items.push(item);
        }
        let problems = this.setup.problems();
        if !problems.is_empty() {
            return Err(problems.join("; "));
        }
        Ok(Self::new(&this.plan()))
    }

    fn setup_of(&self, item: &ItemMessage) -> Result<ItemSetup, String> {
        let one = |name: &Option<String>| name.as_deref().map(|name| self.find_item(name)).transpose();
        Ok(ItemSetup {
            kind: item.kind.0,
            record: item.record.0,
            copies: self.find_users(&item.copies)?,
            tracked: self.find_users(&item.tracked)?,
            in_crm: item.in_crm,
            owner: self.find_user(&item.owner)?,
            organizer: item.organizer.as_deref().map(|name| self.find_user(name)).transpose()?,
            required: self.find_users(&item.required)?,
            optional: self.find_users(&item.optional)?,
            status: item.status.into(),
            when: self.index_of(&item.dates)?,
            exceptions: occurrence_bits(&item.exceptions)?,
            regarding: one(&item.regarding)?,
            parent: one(&item.parent)?,
            store: item.folder.into(),
            assigned: item.assigned,
        })
    }

    /// The step that arrived.
    ///
    /// # Errors
    /// What it names that the plan does not know.
    pub fn model_step(&self, step: &StepMessage) -> Result<plan::Step, String> {
        let op = step.op.meant(self)?;
        let at = match &step.computer {
            Some(name) => Place::Computer(self.find_computer(name)?),
            None => Place::Web,
        };
        Ok(plan::Step { by: self.find_user(&step.by)?, at, op })
    }
}

/// The answer of the model that a wire answer says.
pub fn model_answer(answer: StepAnswer) -> Answer {
    match answer {
        StepAnswer::Done { options: Some(options), .. } => {
            Answer::Offered(options.into_iter().map(|option| option.0).collect())
        }
        StepAnswer::Done { prompted, report: _, outcome: _, options: None } => Answer::Done { prompted },
        StepAnswer::Refused => Answer::Refused,
        StepAnswer::Unsupported { reason } => Answer::unsupported(reason),
        StepAnswer::Failed { definite, message } => {
            Answer::Failed(ImplementationFailure { definite, declined: false, message: message.into() })
        }
    }
}

/// How a run of the engine ended.
pub fn model_outcome(word: OutcomeWord) -> EngineOutcome {
    match word {
        OutcomeWord::Success => EngineOutcome::Success,
        OutcomeWord::Failure => EngineOutcome::Failure,
        OutcomeWord::RefusedToSynchronize => EngineOutcome::RefusedToSynchronize,
        OutcomeWord::Killed => EngineOutcome::Killed,
    }
}

/// The wire answer for an answer of the model.
pub fn wire_answer(answer: Answer) -> StepAnswer {
    match answer {
        Answer::Done { prompted } => StepAnswer::Done { prompted, report: None, outcome: None, options: None },
        Answer::Offered(options) => {
            let options = Some(options.iter().map(OptionWord).collect());
            StepAnswer::Done { prompted: false, report: None, outcome: None, options }
        }
        Answer::Refused => StepAnswer::Refused,
        Answer::Unsupported(reason) => StepAnswer::Unsupported { reason: reason.into() },
        Answer::Failed(failure) => StepAnswer::Failed { definite: failure.definite, message: failure.message.into() },
    }
}

/// The capabilities of the model that a matrix declares.
pub fn model_capabilities(matrix: &CapabilityMatrix) -> Capabilities {
    let mut kinds = [KindCapabilities::NONE; Kind::ALL.len()];
    for (kind, row) in &matrix.kinds {
        let fields = row.fields.iter().fold(Field::Count.mask(), |mask, field| mask | field.0.mask());
        let operations = row.operations.iter().map(|operation| operation.0).collect();
        kinds[kind.0 as usize] = KindCapabilities { operations, fields };
    }
    Capabilities {
        kinds,
        operations: matrix.operations.iter().map(|operation| operation.0).collect(),
        clock: matrix.clock.map_or(Clock::None, Into::into),
        stepped: matrix.stepped,
        roles: matrix.roles,
        rights: matrix.rights,
        users: matrix.users,
        computers: matrix.computers,
        caches: matrix.caches,
        prompts: matrix.prompts,
    }
}

/// The matrix that declares capabilities of the model.
pub fn wire_capabilities(capabilities: &Capabilities) -> CapabilityMatrix {
    let operations = |set: tombstone_model::contract::implementation::Operations| {
        let all = tombstone_model::contract::implementation::Operation::ALL.iter().copied();
        all.filter(|&operation| set.contains(operation)).map(OperationWord).collect()
    };
    let claimed = Kind::ALL.into_iter().filter(|&kind| capabilities.knows(kind));
    let rows = claimed.map(|kind| {
        let row = capabilities.kinds[kind as usize];
        let fields = Field::ALL.iter().copied().filter(|field| row.fields & field.mask() != 0).map(FieldWord);
        (KindWord(kind), KindRow { operations: operations(row.operations), fields: fields.collect() })
    });
    CapabilityMatrix {
        kinds: rows.collect(),
        operations: operations(capabilities.operations),
        clock: Some(capabilities.clock.into()),
        store_clock: Some(capabilities.clock.into()),
        stepped: capabilities.stepped,
        roles: capabilities.roles,
        rights: capabilities.rights,
        users: capabilities.users,
        computers: capabilities.computers,
        caches: capabilities.caches,
        prompts: capabilities.prompts,
        ..CapabilityMatrix::default()
    }
}
