//! Steps, places and contents in words, for reports and messages.

use chrono::Timelike as _;

use crate::ids::UserId;
use crate::plan::{Change, Connection, Crash, Deletion, Names, Part, Place, Plan, Side, Stage, Status, Step};
use crate::time::{Seconds, Zone};
use crate::verdict::Absence;
use crate::view::{Field, Location, Shape, Word};

/// A step as a sentence without a full stop: `anna deletes budget in Outlook at laptop`. The sentence is that of the
/// operation's row.
pub fn step(plan: &Plan, step: &Step) -> String {
    let names = &plan.names;
    let outlook = |mailbox: UserId| {
        if mailbox == step.by { "in Outlook".to_owned() } else { format!("in {}'s Outlook", names.user(mailbox)) }
    };
    let mut said: Vec<(&str, String)> = Vec::new();
    said.push(("by", names.user(step.by).to_owned()));
    said.push((
        "at",
        match step.at {
            Place::Web => " in a browser".to_owned(),
            Place::Computer(computer) => format!(" at {}", names.computer(computer)),
        },
    ));
    let mut item = String::new();
    step.op.each(|name, part| match part {
        Part::Item(id) => {
            names.item(id).clone_into(&mut item);
            said.push((name, item.clone()));
        }
        Part::Items(set) => said.push((name, set.iter().map(|id| names.item(id)).collect::<Vec<_>>().join(", "))),
        Part::Side(Side::Outlook(mailbox)) => said.push((name, outlook(mailbox))),
        Part::Side(Side::Crm) => said.push((name, "in CRM".to_owned())),
        Part::Mailbox(mailbox) => {
            said.push((name, outlook(mailbox)));
            said.push(("whose", format!("{}'s", names.user(mailbox))));
        }
        Part::Other(id) => said.push((name, names.item(id).to_owned())),
        Part::User(user) => said.push((name, names.user(user).to_owned())),
        Part::Change(Change::Title(token)) => said.push((name, format!("gives {item} title #{token}"))),
        Part::Change(Change::When(when)) => said.push((name, format!("moves {item} to {}", moment(plan, when)))),
        Part::How(how) => {
            let (deletes, away) = match how {
                Deletion::Hard => ("deletes".to_owned(), ""),
                Deletion::Soft => ("deletes".to_owned(), ", into Deleted Items"),
                Deletion::Moved => ("moves".to_owned(), " to a folder that is not synchronized"),
                Deletion::Occurrence(n) => (format!("deletes occurrence {} of", n + 1), ""),
            };
            said.extend([("deletes", deletes), ("away", away.to_owned())]);
        }
        Part::Record(record) => {
            said.push((name, record.map_or(String::new(), |kind| format!(" as a {}", kind.name()))));
        }
        Part::Answer(yes) => said.push((name, if yes { "Yes" } else { "No" }.to_owned())),
        Part::Crash(crash) => said.push((name, crashing(names, crash))),
        Part::Seconds(seconds) => {
            let (number, unit) = duration(seconds);
            said.extend([
                (name, counted(number, unit)),
                ("pass", if number == 1 { "passes" } else { "pass" }.to_owned()),
            ]);
        }
    });
    filled(step.op.verb().sentence(), &said)
}

/// The sentence with what is said in the places of the names in braces.
fn filled(sentence: &str, said: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(said.iter().find(|(known, _)| *known == name).map_or("", |(_, words)| words));
        rest = after;
    }
    out + rest
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

/// A number of days, hours, minutes or seconds.
fn duration(seconds: i32) -> (u64, &'static str) {
    let seconds = u64::from(seconds.unsigned_abs());
    match seconds {
        s if s % 86_400 == 0 && s != 0 => (s / 86_400, "day"),
        s if s % 3600 == 0 && s != 0 => (s / 3600, "hour"),
        s if s % 60 == 0 && s != 0 => (s / 60, "minute"),
        s => (s, "second"),
    }
}

/// The number with its digits in groups of three.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number and what it counts, in the singular or with an `s`.
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// An instant of a plan as the wall clock of its zone shows it, with the zone: `2016-03-27 01:30 Europe/Berlin`. Every
/// message says its times so.
pub fn instant(zone: &Zone, at: Seconds) -> String {
    let local = zone.local(at);
    let seconds = if local.second() == 0 { "" } else { ":%S" };
    format!("{} {}", local.format(&format!("%Y-%m-%d %H:%M{seconds}")), zone.name())
}

/// A schedule in words.
pub fn moment(plan: &Plan, when: u8) -> String {
    match plan.setup.schedules.get(usize::from(when)) {
        Some(schedule) if schedule.is_dated() => instant(&plan.setup.zone, schedule.start),
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
        (0, _) => "not there".to_owned(),
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

/// That nothing is in a place, in a word or two.
pub fn absence(absence: Absence) -> &'static str {
    match absence {
        Absence::Gone => "gone",
        Absence::NotArrived => "has not arrived",
        Absence::NotThere => "not there",
    }
}

/// One field of a word: its name, and what it says.
pub fn field(plan: &Plan, field: Field, word: Word) -> String {
    let value = value(plan, field, word);
    // That something is there, once, goes without the name of the field.
    if field.row().shape == Shape::Count { value } else { format!("{} {value}", field.name()) }
}

/// What one field of a word says.
pub fn value(plan: &Plan, field: Field, word: Word) -> String {
    let user = |user: Option<UserId>| user.map_or("nobody", |user| plan.names.user(user)).to_owned();
    let users = |bits: u8| {
        let set = (0..plan.names.users.len()).filter(|n| bits >> n & 1 != 0).map(|n| plan.names.users[n].as_str());
        let names: Vec<&str> = set.collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
    };
    let item = |item: Option<crate::ids::ItemId>| {
        item.and_then(|id| plan.names.items.get(id.index())).map_or("nothing", String::as_str).to_owned()
    };
    match field.row().shape {
        Shape::Title => format!("#{}", field.of(word)),
        Shape::When => moment(plan, field.of(word)),
        Shape::Status => status(word.status()).to_owned(),
        Shape::User | Shape::SomeUser => user(field.user(word)),
        Shape::SomeItem => item(field.item(word)),
        Shape::Users => users(field.of(word)),
        Shape::There | Shape::Moved => numbers(field.of(word)),
        Shape::Kind => word.record().name().to_owned(),
        Shape::Flag => if field.of(word) != 0 { "yes" } else { "no" }.to_owned(),
        Shape::Count => match field.of(word) {
            0 => "not there".to_owned(),
            1 => "there".to_owned(),
            n => format!("there {n} times"),
        },
    }
}

/// Occurrences by their numbers, as scenarios count them: from 1.
fn numbers(bits: u8) -> String {
    let set: Vec<String> = (0..u8::BITS).filter(|n| bits >> n & 1 != 0).map(|n| (n + 1).to_string()).collect();
    if set.is_empty() { "none".to_owned() } else { set.join(", ") }
}

/// Which occurrences of a series these are, by number and date; none where the dates of the series are not known.
pub fn occurrences(plan: &Plan, series: Word, bits: u8) -> Option<String> {
    let schedule = *plan.setup.schedules.get(usize::from(series.when())).filter(|schedule| schedule.is_dated())?;
    let set = (0..schedule.count).filter(|n| bits >> n & 1 != 0);
    let told = set.map(|n| {
        let moved = series.exceptions() >> n & 1 != 0;
        let moved_to = if moved { ", moved to" } else { ":" };
        format!("occurrence {}{moved_to} {}", n + 1, instant(&plan.setup.zone, schedule.occurrence(n, moved).start))
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join(", "))
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

#[cfg(test)]
mod tests {
    use crate::plan::Verb;

    /// What a sentence can speak of besides the names of the parts of its operation.
    const ALSO: [&str; 6] = ["by", "at", "whose", "deletes", "away", "pass"];

    #[test]
    fn a_sentence_speaks_of_what_its_operation_has() {
        for verb in Verb::ALL {
            for name in verb.sentence().split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                let known = ALSO.contains(&name) || verb.parts().iter().any(|part| part.name == name);
                assert!(known, "`{{{name}}}` in the sentence of {}", verb.name());
            }
        }
    }
}
