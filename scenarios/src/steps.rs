//! From TOML to a plan: the steps and what is expected between them.

use std::ops::Range;

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId};
use tombstone_model::plan::{
    Acts, Change, Crash, Deletion, Kind, PartKind, PartRow, Place, Side, Source, Stage, Step, Verb,
};
use tombstone_model::time::Seconds;
use tombstone_model::view::{Field, Location, Shape, Word};

use crate::grammar::{self, Who};
use crate::lower::{Lowering, a_kind, kind_of, status_named};
use crate::node::{KeyEntry, ValueNode};
use crate::scenario::{Demand, Expectation};

/// What the steps of a file amount to.
#[derive(Default)]
pub(crate) struct Body {
    pub(crate) steps: Vec<Step>,
    pub(crate) spans: Vec<Range<usize>>,
    pub(crate) expectations: Vec<Expectation>,
    /// How many edits have given a title so far.
    titles: usize,
}

/// Lowers the steps that the checks found nothing wrong with.
pub(crate) fn lower<'a>(lowering: &mut Lowering<'a>, steps: Option<ValueNode<'a>>) -> Body {
    let mut body = Body::default();
    let clean = lowering.checker.steps.clone();
    for (step, clean) in steps.into_iter().flat_map(ValueNode::list).zip(clean) {
        let entries = step.entries();
        let is_mark = |entry: &&KeyEntry<'_>| matches!(entry.name, "refused" | "prompt");
        if !clean {
            continue;
        }
        let expected = entries.iter().find(|entry| entry.name == "expect");
        let Some(verb) = entries.iter().find(|entry| !is_mark(entry) && entry.name != "expect") else {
            for mark in entries.iter().filter(is_mark) {
                let message = format!("`{}` beside nothing but `expect`", mark.name);
                let help = Some("put it into the step that it is about".to_owned());
                let checker = &mut lowering.checker;
                checker.report("scenario::contradiction", mark.place.clone(), message, "nothing is done here", help);
            }
            expected.into_iter().for_each(|expected| expect(lowering, &mut body, expected));
            continue;
        };
        let Some(taken) = lower_step(lowering, &mut body, verb) else { continue };
        body.steps.push(taken);
        body.spans.push(verb.whole());
        for mark in entries.iter().filter(is_mark) {
            let holds = mark.node.flag().unwrap_or(true);
            let what = if mark.name == "refused" { Demand::Refused(holds) } else { Demand::Prompt(holds) };
            let span = mark.whole();
            body.expectations.push(Expectation { after: body.steps.len(), what, span });
        }
        expected.into_iter().for_each(|expected| expect(lowering, &mut body, expected));
    }
    body
}

fn lower_step<'a>(lowering: &mut Lowering<'a>, body: &mut Body, entry: &KeyEntry<'a>) -> Option<Step> {
    let node = entry.node;
    let verb = Verb::named(entry.name)?;
    let acts = verb.acts();
    let (by, at, side) = match acts {
        Acts::World => (UserId(0), Place::Web, Side::Crm),
        Acts::Server => {
            let mailbox = lowering.user_of(node, "mailbox")?;
            (mailbox, Place::Web, Side::Outlook(mailbox))
        }
        Acts::Store | Acts::Outlook | Acts::Crm | Acts::Computer | Acts::Dialog => {
            let in_crm = acts == Acts::Crm || node.text_of("in") == Some("crm");
            let (by, at) = actor(lowering, entry, in_crm)?;
            (by, at, side(lowering, entry, in_crm, by)?)
        }
    };
    // What is regarding something, or has a parent, is a record's business: the item need not be one that Outlook knows.
    if let (Side::Outlook(_), false) = (side, verb.has(PartKind::Other)) {
        in_outlook(lowering, entry);
    }
    let op = verb.make(&mut Written { lowering, body, entry, side, by, item: ItemId(0) }).ok()?;
    Some(Step { by, at, op })
}

/// What a step of a file says of its operation. Whatever is wrong is reported on the way.
struct Written<'l, 'a, 'e> {
    lowering: &'l mut Lowering<'a>,
    body: &'l mut Body,
    entry: &'e KeyEntry<'a>,
    side: Side,
    by: UserId,
    /// The item that was read last: what is said of dates and occurrences is about it.
    item: ItemId,
}

/// Something is wrong, and was reported.
struct Reported;

impl Source for Written<'_, '_, '_> {
    type Error = Reported;

    fn item(&mut self, _: &'static PartRow) -> Result<ItemId, Reported> {
        // One that names several was taken apart before.
        self.item = selection(self.lowering, self.entry).and_then(|items| items.iter().next()).ok_or(Reported)?;
        Ok(self.item)
    }

    fn items(&mut self, _: &'static PartRow) -> Result<ItemSet, Reported> {
        selection(self.lowering, self.entry).ok_or(Reported)
    }

    fn side(&mut self, _: &'static PartRow) -> Result<Side, Reported> {
        Ok(self.side)
    }

    fn mailbox(&mut self, _: &'static PartRow) -> Result<UserId, Reported> {
        Ok(if let Side::Outlook(mailbox) = self.side { mailbox } else { self.by })
    }

    fn other(&mut self, _: &'static PartRow) -> Result<ItemId, Reported> {
        self.lowering.item_of(self.entry.node, "to").ok_or(Reported)
    }

    fn user(&mut self, _: &'static PartRow) -> Result<UserId, Reported> {
        self.lowering.user_of(self.entry.node, "to").ok_or(Reported)
    }

    fn change(&mut self, _: &'static PartRow) -> Result<Change, Reported> {
        change(self.lowering, self.body, self.entry, self.item).ok_or(Reported)
    }

    fn how(&mut self, _: &'static PartRow) -> Result<Deletion, Reported> {
        deletion(self.lowering, self.entry.node, self.item, self.side).ok_or(Reported)
    }

    fn record(&mut self, _: &'static PartRow) -> Result<Option<Kind>, Reported> {
        Ok(kind_of(self.entry.node, "as"))
    }

    fn answer(&mut self, _: &'static PartRow) -> Result<bool, Reported> {
        Ok(self.entry.node.text_of("answer") == Some("yes"))
    }

    fn crash(&mut self, _: &'static PartRow) -> Result<Option<Crash>, Reported> {
        Ok(crash(self.lowering, self.entry.node))
    }

    fn seconds(&mut self, _: &'static PartRow) -> Result<Seconds, Reported> {
        let length = self.entry.node.get("for").map_or(0, |length| self.lowering.length(length));
        Ok(self.lowering.seconds(length, self.entry.node))
    }
}

/// Who acts, and where.
fn actor(lowering: &mut Lowering<'_>, verb: &KeyEntry<'_>, in_crm: bool) -> Option<(UserId, Place)> {
    let node = verb.node;
    let by = lowering.user_of(node, "by");
    let mailbox = lowering.user_of(node, "mailbox");
    let only = (lowering.setup.users.len() == 1).then_some(UserId(0));
    let computer = node.text_of("at").and_then(|name| lowering.checker.id(Who::Computer, name)).map(ComputerId);
    if let Some(computer) = computer {
        let user = lowering.setup.computers[computer.index()].user;
        if let Some(by) = by.filter(|&by| by != user) {
            let (by, user) =
                (lowering.checker.names(Who::User)[by.index()], lowering.checker.names(Who::User)[user.index()]);
            let name = node.text_of("at").unwrap_or_default();
            let place = node.get("by").map_or(0..0, ValueNode::span);
            let label = format!("`{name}` is the computer of `{user}`");
            let help = Some("leave `by` out, or name a computer of that user".to_owned());
            let checker = &mut lowering.checker;
            checker.report("scenario::other-computer", place, format!("`{by}` does not sit at `{name}`"), label, help);
        }
        return Some((user, Place::Computer(computer)));
    }
    let Some(by) = by.or(mailbox).or(only) else {
        let message = format!("nobody is said to do `{}`", verb.name);
        let help = Some("add `by = \"…\"`, or `at = \"…\"` with a computer".to_owned());
        lowering.checker.report("scenario::nobody-acts", verb.place.clone(), message, "who does this?", help);
        return None;
    };
    if in_crm || node.text_of("at") == Some("web") {
        return Some((by, Place::Web));
    }
    let computers = || lowering.setup.computers.iter().zip(0..).filter(|(computer, _)| computer.user == by);
    let own = computers().find(|(computer, _)| computer.synchronizing).or_else(|| computers().next());
    Some((by, own.map_or(Place::Web, |(_, id)| Place::Computer(ComputerId(id)))))
}

/// The store that is acted on; in Outlook, a mailbox that the one who acts may open.
fn side(lowering: &mut Lowering<'_>, verb: &KeyEntry<'_>, in_crm: bool, by: UserId) -> Option<Side> {
    let node = verb.node;
    if in_crm {
        lowering.contradictions(node, "in", &["mailbox"], "the CRM has no mailboxes");
        return Some(Side::Crm);
    }
    let mailbox = lowering.user_of(node, "mailbox").unwrap_or(by);
    if mailbox != by && !lowering.setup.users[mailbox.index()].delegates.contains(by) {
        let names = lowering.checker.names(Who::User);
        let (by, owner) = (names[by.index()], names[mailbox.index()]);
        let place = node.get("mailbox").map_or(0..0, ValueNode::span);
        let message = format!("`{by}` may not open the mailbox of `{owner}`");
        let help = Some(format!("add `delegates = [\"{by}\"]` under `[users.{owner}]`"));
        lowering.checker.report("scenario::no-delegate", place, message, "not a delegate", help);
        return None;
    }
    Some(Side::Outlook(mailbox))
}

/// The items that `item` or `items` name.
fn selection(lowering: &mut Lowering<'_>, verb: &KeyEntry<'_>) -> Option<ItemSet> {
    let node = verb.node;
    let one = lowering.item_of(node, "item");
    let several: Option<ItemSet> =
        node.get("items").map(|list| list.list().filter_map(|node| lowering.item(node.text()?)).collect());
    match (one, several) {
        (Some(item), None) => Some(ItemSet::of(item)),
        (None, Some(items)) if items.is_empty() => {
            let place = node.get("items").map_or_else(|| verb.place.clone(), ValueNode::span);
            let help = Some("name some, or take the step out; `*` stands for all".to_owned());
            lowering.checker.report("scenario::missing-key", place, "no items are named", "none here", help);
            None
        }
        (None, Some(items)) => Some(items),
        (Some(_), Some(_)) => {
            lowering.contradictions(node, "item", &["items"], "either one item or several");
            None
        }
        (None, None) => {
            let message = format!("`{}` lacks `item`", verb.name);
            let help = Some("add `item = \"…\"`, or `items = […]` for several".to_owned());
            lowering.checker.report("scenario::missing-key", verb.place.clone(), message, "which item?", help);
            None
        }
    }
}

/// Reports items that Outlook does not know.
fn in_outlook(lowering: &mut Lowering<'_>, verb: &KeyEntry<'_>) {
    let named = verb.node.get("item").into_iter().chain(verb.node.get("items").into_iter().flat_map(ValueNode::list));
    for node in named.collect::<Vec<_>>() {
        let Some(item) = node.text().and_then(|name| lowering.item(name)) else { continue };
        let kind = lowering.setup.items[item.index()].kind;
        if kind.is_crm_only() {
            lowering.only_in_crm(kind, node.span());
        }
    }
}

fn change<'a>(lowering: &mut Lowering<'a>, body: &mut Body, verb: &KeyEntry<'a>, item: ItemId) -> Option<Change> {
    let node = verb.node;
    let changes: Vec<KeyEntry<'a>> =
        node.entries().into_iter().filter(|entry| matches!(entry.name, "title" | "when" | "due")).collect();
    match changes.as_slice() {
        [change] if change.name == "title" => {
            if change.node.flag() == Some(false) {
                let help = Some("leave it out, or write `title = true`".to_owned());
                let (place, message) = (change.node.span(), "an edit that gives no title");
                lowering.checker.report("scenario::contradiction", place, message, "nothing is changed", help);
            }
            body.titles += 1;
            let token = u8::try_from(body.titles).ok();
            if token.is_none() {
                let message = "more than the 255 edits of titles that a plan can hold";
                lowering.checker.report("scenario::limit", change.place.clone(), message, "one too many", None);
            }
            token.map(Change::Title)
        }
        [change] => Some(Change::When(when(lowering, node, item, change)?)),
        [] => {
            let help = Some("add `title = true`, `when = {…}` or `due = \"…\"`".to_owned());
            let message = "an edit that changes nothing";
            lowering.checker.report("scenario::missing-key", verb.place.clone(), message, "what is changed?", help);
            None
        }
        [_, second, ..] => {
            let help = Some("begin another `[[step]]` for it".to_owned());
            let message = "an edit changes one thing";
            lowering.checker.report("scenario::contradiction", second.place.clone(), message, "a second change", help);
            None
        }
    }
}

/// The schedule that `when` or `due` asks for.
fn when<'a>(lowering: &mut Lowering<'a>, node: ValueNode<'a>, item: ItemId, change: &KeyEntry<'a>) -> Option<u8> {
    let setup = lowering.setup.items[item.index()];
    if (change.name == "when") != setup.kind.is_calendar() {
        let right = if setup.kind.is_calendar() { "when" } else { "due" };
        let message = format!("{} has no `{}`", a_kind(setup.kind), change.name);
        let help = Some(format!("write `{right}`"));
        lowering.checker.report("scenario::contradiction", change.place.clone(), message, "not of this kind", help);
        return None;
    }
    let schedule = if change.name == "due" {
        lowering.due(node)?
    } else {
        let declared = lowering.setup.schedules[usize::from(setup.when)];
        lowering.dates(change.node, Some(declared))
    };
    Some(lowering.intern(schedule, Some(change.node)))
}

fn deletion<'a>(lowering: &mut Lowering<'a>, node: ValueNode<'a>, item: ItemId, side: Side) -> Option<Deletion> {
    let how = node.text_of("how").and_then(Deletion::named);
    let wrong = how.and_then(|how| match side {
        Side::Crm if !how.suits_crm() => Some("CRM knows of no Deleted Items and of no folders"),
        Side::Outlook(_) | Side::Crm => node.get("occurrence").map(|_| "an occurrence is deleted in one way only"),
    });
    if let (Some(wrong), Some(said)) = (wrong, node.get("how")) {
        let help = Some("take `how` out".to_owned());
        lowering.checker.report("scenario::contradiction", said.span(), wrong, "not so", help);
        return None;
    }
    let Some(occurrence) = node.get("occurrence") else { return Some(how.unwrap_or(Deletion::Hard)) };
    let setup = &lowering.setup;
    let count = setup.schedules[usize::from(setup.items[item.index()].when)].count;
    lowering.occurrence(occurrence, count).map(Deletion::Occurrence)
}

fn crash(lowering: &mut Lowering<'_>, node: ValueNode<'_>) -> Option<Crash> {
    let crash = node.get("crash")?;
    let stage = crash.text_of("stage").and_then(Stage::named)?;
    Some(Crash { at: lowering.item_of(crash, "at")?, stage })
}

fn expect<'a>(lowering: &mut Lowering<'a>, body: &mut Body, verb: &KeyEntry<'a>) {
    let node = verb.node;
    let Some(item) = selection(lowering, verb).and_then(|items| items.iter().next()) else { return };
    let mut seen: Vec<(Location, ValueNode<'a>)> = Vec::new();
    if let Some(crm) = node.get("crm") {
        seen.push((Location::Crm, crm));
    }
    for entry in node.get("in").map(ValueNode::entries).unwrap_or_default() {
        if let Some(user) = lowering.user(entry.name) {
            seen.push((Location::Mailbox(user), entry.node));
        }
    }
    for entry in node.get("on").map(ValueNode::entries).unwrap_or_default() {
        let Some(computer) = lowering.checker.id(Who::Computer, entry.name).map(ComputerId) else { continue };
        let user = lowering.setup.computers[computer.index()].user;
        let mailbox = lowering.user_of(node, "mailbox").unwrap_or(user);
        match lowering.setup.slot(computer, mailbox) {
            Some(slot) => seen.push((Location::Cache(slot), entry.node)),
            None => {
                let message =
                    format!("`{}` shows no mailbox of `{}`", entry.name, node.text_of("mailbox").unwrap_or("?"));
                let label = "its user is not a delegate";
                lowering.checker.report("scenario::no-delegate", entry.place.clone(), message, label, None);
            }
        }
    }
    if seen.is_empty() {
        let help = Some("add `crm`, `in` or `on`".to_owned());
        let message = "an expectation that says nothing";
        lowering.checker.report("scenario::missing-key", verb.place.clone(), message, "nothing is expected", help);
    }
    for (at, node) in seen {
        let in_outlook = at != Location::Crm && node.text() != Some("absent");
        let kind = lowering.setup.items[item.index()].kind;
        if in_outlook && kind.is_crm_only() {
            lowering.only_in_crm(kind, node.span());
        }
        let (mask, word) = sight(lowering, body, item, node);
        let what = Demand::Seen { item, at, mask, word };
        body.expectations.push(Expectation { after: body.steps.len(), what, span: node.span() });
    }
}

/// The bits that are spoken of, and what they must be.
fn sight<'a>(lowering: &mut Lowering<'a>, body: &Body, item: ItemId, node: ValueNode<'a>) -> (u64, Word) {
    let mut sight = Sight::default();
    if let Some(word) = node.text() {
        sight.put(Field::Count, u8::from(word != "absent"));
        if matches!(word, "tracked" | "untracked") {
            sight.put(Field::Tracked, u8::from(word == "tracked"));
        }
        return (sight.mask, sight.word);
    }
    let present = node.flag_of("present").unwrap_or(true);
    sight.put(Field::Count, u8::from(present));
    if !present {
        for entry in node.entries().iter().filter(|entry| entry.name != "present") {
            let (place, message) = (entry.place.clone(), format!("`{}` of what is not there", entry.name));
            lowering.checker.report("scenario::contradiction", place, message, "beside `present = false`", None);
        }
    }
    let setup = lowering.setup.items[item.index()];
    for entry in node.entries() {
        let name = entry.node.text().unwrap_or_default();
        let Some(field) = grammar::field_of(entry.name) else { continue };
        let value = match field.row().shape {
            // Whether it is there was read before everything else.
            Shape::Count => continue,
            Shape::Title => title(lowering, body, entry.node),
            Shape::When => when(lowering, node, item, &entry).unwrap_or_default(),
            Shape::Status => status_named(name) as u8,
            Shape::User | Shape::SomeUser => lowering.user(name).map_or(0, |id| id.0 + 1),
            Shape::SomeItem => lowering.item(name).map_or(0, |id| id.0 + 1),
            Shape::Users => lowering.users_of(entry.node).0,
            Shape::There | Shape::Moved => lowering.occurrences(entry.node, 4),
            Shape::Kind => Kind::named(name).unwrap_or(setup.record) as u8,
            Shape::Flag => u8::from(entry.node.flag() == Some(true)),
        };
        sight.put(field, value);
    }
    (sight.mask, sight.word)
}

fn title(lowering: &mut Lowering<'_>, body: &Body, node: ValueNode<'_>) -> u8 {
    let number = node.whole().and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
    if number > body.titles {
        let message = format!("no edit number {number} of a title before this");
        let label = match body.titles {
            0 => "no title has been edited yet".to_owned(),
            most => format!("the last one was {most}"),
        };
        lowering.checker.report("scenario::out-of-range", node.span(), message, label, None);
    }
    u8::try_from(number).unwrap_or_default()
}

#[derive(Default)]
struct Sight {
    mask: u64,
    word: Word,
}

impl Sight {
    fn put(&mut self, field: Field, value: u8) {
        self.mask |= field.mask();
        self.word = field.put(self.word, value);
    }
}
