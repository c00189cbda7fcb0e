//! Bystanders: items in a program's stores that no step speaks of, so that the stores are as full as a plan wants them.
//!
//! They are put in before the items of the plan, so that whoever reads the first page of a list only reads none of those;
//! and what stands on the first page must stay as it was, like everything else that nobody touches.

use std::collections::BTreeMap;

use chrono::DateTime;
use tombstone_model::time::Zone;
use tombstone_model::verdict::Disturbed;
use tombstone_model::words;

use super::protocol::{
    ItemMessage, Reset, Snapshot, StoreEntry, StoreWord, address, parse_address, parse_title, title,
};

/// How the names of bystanders begin; the rest is a number. No item of a scenario may have such a name beside them.
const NAME: &str = "bystander-";

/// What the bystanders of a world were when it had been set up.
#[derive(Debug, Default)]
pub(super) struct Bystanders {
    count: u16,
    /// The zone in whose local time dates are told.
    zone: Option<Zone>,
    /// By place and name: how often it is there, and as what.
    before: BTreeMap<Spot, (u32, String)>,
    disturbed: Option<Disturbed>,
}

/// The store, the mailbox, and the name.
type Spot = (String, String);

impl Bystanders {
    /// Puts so many into a world that is about to be set up, each like its first item that can be in Outlook.
    pub(super) fn join(world: &mut Reset, count: u16) -> Self {
        let first = world.items.iter().find(|item| !item.kind.0.is_crm_only()).cloned();
        let (Some(first), Some(user)) = (first.filter(|_| count > 0), world.users.first()) else {
            return Self::default();
        };
        let user = user.name.clone();
        let one = |n: u16| {
            let name = format!("{NAME}{n}");
            ItemMessage {
                title: title(&name, 0),
                address: first.address.as_ref().map(|_| address(&name)),
                copies: vec![user.clone()],
                tracked: vec![user.clone()],
                in_crm: true,
                owner: user.clone(),
                organizer: first.organizer.as_ref().map(|_| user.clone()),
                required: first.required.iter().take(1).map(|_| user.clone()).collect(),
                optional: Vec::new(),
                regarding: None,
                parent: None,
                name,
                ..first.clone()
            }
        };
        let own = std::mem::take(&mut world.items);
        world.items = (1..=count).map(one).chain(own).collect();
        let start = DateTime::parse_from_rfc3339(&world.now).ok();
        let zone = start.and_then(|start| Zone::named(&world.zone, start.to_utc()).ok());
        Self { count, zone, ..Self::default() }
    }

    /// Remembers what they are in the first snapshot.
    ///
    /// # Errors
    /// Where one is missing that was asked for.
    pub(super) fn begin(&mut self, snapshot: &mut Snapshot) -> Result<(), String> {
        self.before = self.taken(snapshot);
        let (asked, there) = (2 * usize::from(self.count), self.before.len());
        if asked == there {
            return Ok(());
        }
        Err(format!(
            "the stores hold {there} of the {asked} copies and records called `{NAME}…` that the reset asked for"
        ))
    }

    /// Takes them out of a snapshot, and holds them against what they were.
    pub(super) fn look(&mut self, snapshot: &mut Snapshot) {
        if self.count == 0 {
            return;
        }
        let now = self.taken(snapshot);
        let spots = self.before.keys().chain(now.keys());
        let none = (0, String::new());
        let changed = spots.map(|spot| (spot, self.before.get(spot).unwrap_or(&none), now.get(spot).unwrap_or(&none)));
        self.disturbed =
            changed.into_iter().find(|(_, before, now)| before != now).map(|((place, name), before, now)| {
                let word = |(count, what): &(u32, String)| match count {
                    0 => "not there".to_owned(),
                    1 => what.clone(),
                    _ => format!("{count} of them, the first {what}"),
                };
                Disturbed { what: format!("{name} in {place}"), before: word(before), now: word(now) }
            });
    }

    /// What is not as it was when they were last looked at.
    pub(super) fn disturbed(&self) -> Option<Disturbed> {
        self.disturbed.clone()
    }

    /// Whether there are any.
    pub(super) fn are_there(&self) -> bool {
        self.count > 0
    }
}

/// Takes the bystanders out of a world that an implementation of ours is to be set up in, and shows them as they are: it
/// touches nothing that no step speaks of.
pub(super) fn set_aside(world: &mut Reset) -> Vec<StoreEntry> {
    let (aside, own) = std::mem::take(&mut world.items).into_iter().partition(|item| is_name(&item.name));
    world.items = own;
    let aside: Vec<ItemMessage> = aside;
    let shown = aside.into_iter().flat_map(|item| {
        let in_crm = entry(&item, None);
        let copies: Vec<StoreEntry> = item.copies.iter().filter_map(|user| entry(&item, Some(user))).collect();
        copies.into_iter().chain(in_crm)
    });
    shown.collect()
}

/// The copy of an item in a mailbox, or its record; none where there is none.
fn entry(item: &ItemMessage, mailbox: Option<&String>) -> Option<StoreEntry> {
    let series = item.dates.count.map(|count| (0..count).collect());
    (mailbox.is_some() || item.in_crm).then(|| StoreEntry {
        store: if mailbox.is_some() { StoreWord::Outlook } else { StoreWord::Crm },
        mailbox: mailbox.cloned(),
        computer: None,
        kind: if mailbox.is_some() { item.kind } else { item.record },
        item: Some(item.name.clone()),
        id: item.name.clone(),
        title: item.title.clone(),
        address: item.address.clone(),
        dates: item.dates.clone(),
        status: Some(item.status),
        organizer: item.organizer.clone(),
        owner: mailbox.is_none().then(|| item.owner.clone()),
        regarding: None,
        parent: None,
        required: item.required.clone(),
        optional: Vec::new(),
        occurrences: series,
        exceptions: item.exceptions.clone(),
        tracked: mailbox.is_some_and(|user| item.tracked.contains(user)),
        raw: None,
    })
}

impl Bystanders {
    /// Takes them out of a snapshot. What a computer shows is the plan's business only.
    fn taken(&self, snapshot: &mut Snapshot) -> BTreeMap<Spot, (u32, String)> {
        let mut all: BTreeMap<Spot, (u32, String)> = BTreeMap::new();
        snapshot.entries.retain(|entry| {
            let Some(name) = bystander(entry) else { return true };
            if entry.computer.is_none() {
                let place = match (entry.store, &entry.mailbox) {
                    (StoreWord::Crm, _) => "CRM".to_owned(),
                    (StoreWord::Outlook, mailbox) => format!("{}'s mailbox", mailbox.as_deref().unwrap_or("nobody")),
                };
                let what = described(entry, self.zone.as_ref());
                let known = all.entry((place, name)).or_insert((0, what.clone()));
                // Of several the least is described, so that the order of the list does not matter.
                *known = (known.0 + 1, std::mem::take(&mut known.1).min(what));
            }
            false
        });
        all
    }
}

/// An instant of the protocol as every message says it; as it stands where it is none.
fn told(text: &str, zone: Option<&Zone>) -> String {
    let seconds = |zone: &Zone| {
        let instant = DateTime::parse_from_rfc3339(text).ok()?;
        i32::try_from(instant.timestamp() - zone.start().timestamp()).ok()
    };
    zone.and_then(|zone| Some(words::instant(zone, seconds(zone)?))).unwrap_or_else(|| text.to_owned())
}

/// The name of the bystander that an entry is.
fn bystander(entry: &StoreEntry) -> Option<String> {
    let named = entry.item.as_deref().or_else(|| parse_title(&entry.title).map(|(name, _)| name));
    let name = named.or_else(|| entry.address.as_deref().and_then(parse_address))?;
    is_name(name).then(|| name.to_owned())
}

/// Whether a bystander is called so.
fn is_name(name: &str) -> bool {
    name.strip_prefix(NAME).is_some_and(|rest| rest.parse::<u16>().is_ok())
}

/// What of an entry must stay as it is, for people.
fn described(entry: &StoreEntry, zone: Option<&Zone>) -> String {
    let StoreEntry { kind, title, dates, status, organizer, owner, required, occurrences, tracked, .. } = entry;
    let when =
        dates.due.as_ref().or(dates.start.as_ref()).map(|at| format!(", {}", told(at, zone))).unwrap_or_default();
    let until = dates.end.as_ref().map(|at| format!(" to {}", told(at, zone))).unwrap_or_default();
    let status = status.map(|status| format!(", {status:?}").to_lowercase()).unwrap_or_default();
    let who = [organizer, owner].into_iter().flatten().map(|user| format!(", {user}")).collect::<String>();
    // As scenarios count them: from 1.
    let numbers = |all: &Vec<u8>| all.iter().map(|n| format!(" {}", u16::from(*n) + 1)).collect::<Vec<_>>().join(",");
    let there = occurrences.as_ref().map(|all| format!(", occurrences{}", numbers(all))).unwrap_or_default();
    let tracked = if *tracked { ", tracked" } else { "" };
    let required = if required.is_empty() { String::new() } else { format!(", required {}", required.join(" and ")) };
    format!("a {} `{title}`{when}{until}{status}{who}{required}{there}{tracked}", kind.0.name())
}

#[cfg(test)]
mod tests {
    use tombstone_model::ids::{UserId, UserSet};
    use tombstone_model::plan::{ItemSetup, Kind, Names, Plan};

    use serde_json::json;

    use super::super::translate::Dictionary;
    use super::*;

    fn world(count: u16) -> (Reset, Bystanders) {
        let mut plan: Plan = tombstone_scenarios::scenarios().swap_remove(0).plan;
        let mut contact = ItemSetup::new(Kind::Contact, UserId(0));
        (contact.in_crm, contact.copies, contact.tracked) = (true, UserSet::of(UserId(0)), UserSet::of(UserId(0)));
        plan.setup.items = vec![contact];
        plan.names = Names::invented(&plan.setup);
        let mut reset = Dictionary::new(&plan).reset(0);
        let bystanders = Bystanders::join(&mut reset, count);
        (reset, bystanders)
    }

    /// What stores hold that were just set up so.
    fn shown(reset: &Reset) -> Snapshot {
        let copy = |item: &ItemMessage, store, mailbox: Option<String>| -> StoreEntry {
            let (kind, title) = (item.kind, &item.title);
            let entry = json!({"store": store, "mailbox": mailbox, "kind": kind, "id": "", "title": title});
            serde_json::from_value(entry).expect("an entry")
        };
        let each = reset.items.iter().flat_map(|item| {
            let own = item.copies.iter().map(|user| copy(item, StoreWord::Outlook, Some(user.clone())));
            own.chain([copy(item, StoreWord::Crm, None)]).collect::<Vec<StoreEntry>>()
        });
        let entries = each.collect();
        Snapshot { entries }
    }

    #[test]
    fn they_come_first_and_are_no_part_of_what_a_plan_sees() {
        let (reset, mut bystanders) = world(3);
        let names: Vec<&str> = reset.items.iter().map(|item| &*item.name).collect();
        assert_eq!(names, ["bystander-1", "bystander-2", "bystander-3", "contact-1"]);
        let mut snapshot = shown(&reset);
        assert_eq!(bystanders.begin(&mut snapshot), Ok(()));
        assert_eq!(snapshot.entries.len(), 2);
        let mut same = shown(&reset);
        same.entries.reverse();
        bystanders.look(&mut same);
        assert_eq!((bystanders.disturbed(), same.entries.len()), (None, 2));
        assert!(!Bystanders::join(&mut world(0).0, 0).are_there());
    }

    #[test]
    fn what_changes_vanishes_or_is_doubled_is_told() {
        for (spoil, expected) in [
            (0, ("bystander-2 in CRM", "a contact `bystander-2 #0`", "not there")),
            (
                1,
                ("bystander-2 in CRM", "a contact `bystander-2 #0`", "2 of them, the first a contact `bystander-2 #0`"),
            ),
            (2, ("bystander-2 in CRM", "a contact `bystander-2 #0`", "a contact `bystander-2 #9`")),
        ] {
            let (reset, mut bystanders) = world(3);
            assert_eq!(bystanders.begin(&mut shown(&reset)), Ok(()));
            let mut now = shown(&reset);
            let at =
                now.entries.iter().position(|entry| entry.title == "bystander-2 #0" && entry.store == StoreWord::Crm);
            let at = at.expect("it is there");
            match spoil {
                0 => drop(now.entries.remove(at)),
                1 => now.entries.push(now.entries[at].clone()),
                _ => now.entries[at].title = title("bystander-2", 9),
            }
            bystanders.look(&mut now);
            let told = bystanders.disturbed().expect("it is not what it was");
            assert_eq!((&*told.what, &*told.before, &*told.now), expected);
            let missing = bystanders.begin(&mut Snapshot::default()).expect_err("none is there");
            assert!(missing.contains("0 of the 6"), "{missing}");
        }
    }
}
