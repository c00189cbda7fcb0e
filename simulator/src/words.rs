//! Steps, places and contents in words, for reports and messages.

use tombstone_model::ids::{ItemSet, UserId};
use tombstone_model::plan::{Change, Connection, Crash, Deletion, Names, Op, Place, Plan, Side, Stage, Status, Step};
use tombstone_model::view::{Field, Location, Word};

/// A step as a sentence without a full stop: `anna deletes budget in Outlook at laptop`.
pub fn step(plan: &Plan, step: &Step) -> String {
    let names = &plan.names;
    let who = names.user(step.by);
    let at = match step.at {
        Place::Web => " in a browser".to_owned(),
        Place::Computer(computer) => format!(" at {}", names.computer(computer)),
    };
    let outlook = |mailbox: UserId| {
        if mailbox == step.by { "in Outlook".to_owned() } else { format!("in {}'s Outlook", names.user(mailbox)) }
    };
    let side = |side: Side| match side {
        Side::Outlook(mailbox) => outlook(mailbox),
        Side::Crm => "in CRM".to_owned(),
    };
    let items = |set: ItemSet| set.iter().map(|id| names.item(id)).collect::<Vec<_>>().join(", ");
    match step.op {
        Op::Create { item, side: on } => format!("{who} creates {} {}{at}", names.item(item), side(on)),
        Op::Edit { item, side: on, change: Change::Title(token) } => {
            format!("{who} gives {} title #{token} {}{at}", names.item(item), side(on))
        }
        Op::Edit { item, side: on, change: Change::When(when) } => {
            format!("{who} moves {} to {} {}{at}", names.item(item), moment(plan, when), side(on))
        }
        Op::Delete { item, side: on, how: Deletion::Hard } => {
            format!("{who} deletes {} {}{at}", names.item(item), side(on))
        }
        Op::Delete { item, side: on, how: Deletion::Soft } => {
            format!("{who} deletes {} {}{at}, into Deleted Items", names.item(item), side(on))
        }
        Op::Delete { item, side: on, how: Deletion::Moved } => {
            format!("{who} moves {} {}{at} to a folder that is not synchronized", names.item(item), side(on))
        }
        Op::Delete { item, side: on, how: Deletion::Occurrence(n) } => {
            format!("{who} deletes occurrence {n} of {} {}{at}", names.item(item), side(on))
        }
        Op::Track { items: set, mailbox, record } => {
            let kind = record.map_or(String::new(), |kind| format!(" as a {}", kind.name()));
            format!("{who} tracks {}{kind} {}{at}", items(set), outlook(mailbox))
        }
        Op::Untrack { items: set, mailbox, yes } => {
            let answer = if yes { "Yes" } else { "No" };
            format!("{who} untracks {} {}{at}, answering {answer} if asked", items(set), outlook(mailbox))
        }
        Op::SetRegarding { items: set, side: on, to } => {
            format!("{who} sets {} regarding {} {}{at}", items(set), names.item(to), side(on))
        }
        Op::SetParent { item, side: on, to } => {
            format!("{who} sets the parent of {} to {} {}{at}", names.item(item), names.item(to), side(on))
        }
        Op::Complete { item, side: on } => format!("{who} completes {} {}{at}", names.item(item), side(on)),
        Op::Cancel { item } => format!("{who} cancels {} in CRM{at}", names.item(item)),
        Op::Assign { item, to } => format!("{who} assigns {} to {}{at}", names.item(item), names.user(to)),
        Op::ChangeOrganizer { item, to } => {
            format!("{who} makes {} the organizer of {}{at}", names.user(to), names.item(item))
        }
        Op::Connect => format!("{who} connects{at}"),
        Op::Disconnect => format!("{who} loses the connection{at}"),
        Op::GoOffline { crash } => format!("{who} goes offline{at}{}", crashing(names, crash)),
        Op::GoOnline { crash } => format!("{who} goes online{at}{}", crashing(names, crash)),
        Op::Synchronize { crash } => format!("{who} synchronizes{at}{}", crashing(names, crash)),
        Op::ServerSynchronize { mailbox, crash } => {
            format!("the server synchronizes {}'s mailbox{}", names.user(mailbox), crashing(names, crash))
        }
        Op::ChooseSynchronizingComputer => format!("{who} chooses the synchronizing computer{at}"),
        Op::Restart => format!("{who} restarts Outlook{at}"),
        Op::Wait { seconds } => format!("{} pass", duration(seconds)),
        Op::Settle => "everything synchronizes to rest".to_owned(),
    }
}

fn crashing(names: &Names, crash: Option<Crash>) -> String {
    let Some(Crash { at, stage }) = crash else { return String::new() };
    let stage = match stage {
        Stage::Done => "after",
        Stage::BeforeUpload => "before the upload of",
        Stage::BeforeAcknowledgement => "before the acknowledgement of",
        Stage::BeforeErase => "before the local erase of",
    };
    format!(", crashing {stage} {}", names.item(at))
}

fn duration(seconds: i32) -> String {
    let (number, unit) = match seconds {
        s if s % 86_400 == 0 && s != 0 => (s / 86_400, "days"),
        s if s % 3600 == 0 && s != 0 => (s / 3600, "hours"),
        s if s % 60 == 0 && s != 0 => (s / 60, "minutes"),
        s => (s, "seconds"),
    };
    format!("{number} {unit}")
}

/// A schedule in words.
pub fn moment(plan: &Plan, when: u8) -> String {
    match plan.setup.schedules.get(usize::from(when)) {
        Some(schedule) if schedule.is_dated() => {
            plan.setup.zone.local(schedule.start).format("%Y-%m-%d %H:%M").to_string()
        }
        Some(_) => "no date".to_owned(),
        None => "a date of its own making".to_owned(),
    }
}

/// A place: `CRM`, `anna's mailbox`, `laptop`, `laptop (bob's mailbox)`.
pub fn place(plan: &Plan, location: Location) -> String {
    let names = &plan.names;
    match location {
        Location::Crm => "CRM".to_owned(),
        Location::Mailbox(user) => format!("{}'s mailbox", names.user(user)),
        Location::Cache(slot) => {
            let (computer, mailbox) = plan.setup.slots()[slot.index()];
            if plan.setup.computers[computer.index()].user == mailbox {
                names.computer(computer).to_owned()
            } else {
                format!("{} ({}'s mailbox)", names.computer(computer), names.user(mailbox))
            }
        }
    }
}

/// Whether something is there, in a word or two.
pub fn presence(word: Word, location: Location) -> String {
    match (word.count(), location) {
        (0, _) => "gone".to_owned(),
        (1, Location::Crm) => "there".to_owned(),
        (1, Location::Mailbox(_) | Location::Cache(_)) => {
            if word.is_tracked() {
                "there, tracked".to_owned()
            } else {
                "there, untracked".to_owned()
            }
        }
        (_, _) => "there more than once".to_owned(),
    }
}

/// One field of a word.
pub fn field(plan: &Plan, field: Field, word: Word) -> String {
    let user = |user: Option<UserId>| user.map_or("nobody", |user| plan.names.user(user)).to_owned();
    let users = |bits: u8| {
        let set = (0..plan.names.users.len()).filter(|n| bits >> n & 1 != 0).map(|n| plan.names.users[n].as_str());
        let names: Vec<&str> = set.collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
    };
    let item = |item: Option<tombstone_model::ids::ItemId>| {
        item.and_then(|id| plan.names.items.get(id.index())).map_or("nothing", String::as_str).to_owned()
    };
    let value = match field {
        Field::Title => format!("#{}", word.title()),
        Field::When => moment(plan, word.when()),
        Field::Status => status(word.status()).to_owned(),
        Field::Organizer => user(word.organizer()),
        Field::Owner => user(word.owner()),
        Field::Regarding => item(word.regarding()),
        Field::Parent => item(word.parent()),
        Field::Required => users(word.required_bits()),
        Field::Optional => users(word.optional_bits()),
        Field::Occurrences => format!("{:04b}", word.occurrences()),
        Field::Exceptions => format!("{:04b}", word.exceptions()),
        Field::Record => word.record().name().to_owned(),
        Field::Tracked => if word.is_tracked() { "yes" } else { "no" }.to_owned(),
        // That something is there, once, goes without the name of the field.
        Field::Count => {
            return match word.count() {
                0 => "not there".to_owned(),
                1 => "there".to_owned(),
                n => format!("there {n} times"),
            };
        }
    };
    format!("{} {value}", field.name())
}

/// Open, completed or cancelled.
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Open => "open",
        Status::Completed => "completed",
        Status::Cancelled => "cancelled",
    }
}

/// How a computer stands to the servers.
pub fn connection(connection: Connection) -> &'static str {
    match connection {
        Connection::Connected => "connected",
        Connection::Disconnected => "disconnected",
        Connection::Offline => "offline",
        Connection::Crashed => "crashed",
    }
}
