//! What crosses the wire arrives as it left, and the documented examples are what the schema says.

use serde_json::Value;
use tombstone_model::contract::implementation::{
    Answer, Capabilities, Description, Implementation, ImplementationFailure,
};
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, SlotId, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, Crash, Deletion, ItemSetup, Kind, Method, Names, Op, Place, Plan, Rights, Setup, Side,
    Stage, Status, Step, UserSetup,
};
use tombstone_model::time::{Schedule, Schedules, Zone};
use tombstone_model::view::{Location, View, Word};

use super::protocol::{Call, Dates, Request, Response, Snapshot, StoreEntry, StoreWord, result_definition, title};
use super::serve::serve;
use super::translate::{Dictionary, NO_SUCH_SCHEDULE, model_capabilities, wire_capabilities};
use super::validate;
use super::words::KindWord;

const ANN: UserId = UserId(0);
const BOB: UserId = UserId(1);
const TEAM: ItemId = ItemId(0);
const REVIEW: ItemId = ItemId(1);
const REPORT: ItemId = ItemId(2);
const LAPTOP: ComputerId = ComputerId(0);

fn plan() -> Plan {
    let user = |delegates| UserSetup { method: Method::OutlookClient, delegates, rights: Rights::ALL };
    let once = |start, end| Schedule { start, end, every: 0, count: 1 };
    let mut review = ItemSetup::new(Kind::RecurringAppointment, BOB);
    (review.when, review.exceptions, review.required) = (2, 0b10, UserSet::of(ANN).with(BOB));
    let mut report = ItemSetup::new(Kind::Task, ANN);
    (report.record, report.when, report.status, report.regarding) = (Kind::Letter, 3, Status::Completed, Some(TEAM));
    (report.copies, report.tracked, report.in_crm, report.assigned) = (UserSet::of(ANN), UserSet::of(ANN), true, true);
    let setup = Setup {
        zone: Zone::named("Europe/Berlin", "2016-03-01T09:00:00Z".parse().unwrap()).unwrap(),
        users: vec![user(UserSet::of(BOB)), user(UserSet::EMPTY)],
        computers: vec![
            ComputerSetup { user: ANN, synchronizing: false },
            ComputerSetup { user: ANN, synchronizing: true },
            ComputerSetup { user: BOB, synchronizing: true },
        ],
        items: vec![ItemSetup::new(Kind::Contact, ANN), review, report],
        bystanders: 0,
        schedules: Schedules::of([
            once(86_400, 90_000),
            Schedule { start: 86_400, end: 90_000, every: 604_800, count: 3 },
            once(-86_400, -86_400),
        ]),
    };
    let names = Names {
        users: vec!["ann".into(), "bob".into()],
        computers: vec!["laptop".into(), "desktop".into(), "tablet".into()],
        items: vec!["team #1".into(), "review".into(), "report".into()],
    };
    Plan { setup, steps: Vec::new(), names }
}

fn every_operation() -> Vec<Op> {
    let crash = Some(Crash { at: REVIEW, stage: Stage::BeforeAcknowledgement });
    let both = ItemSet::of(REVIEW).with(REPORT);
    vec![
        Op::Create { item: TEAM, side: Side::Crm },
        Op::Create { item: TEAM, side: Side::Outlook(BOB) },
        Op::Edit { item: TEAM, side: Side::Crm, change: Change::Title(255) },
        Op::Edit { item: REVIEW, side: Side::Outlook(ANN), change: Change::When(2) },
        Op::Edit { item: REVIEW, side: Side::Outlook(ANN), change: Change::When(1) },
        Op::Edit { item: REPORT, side: Side::Crm, change: Change::When(3) },
        Op::Edit { item: REPORT, side: Side::Crm, change: Change::When(0) },
        Op::Delete { item: TEAM, side: Side::Crm, how: Deletion::Hard },
        Op::Delete { item: REVIEW, side: Side::Outlook(BOB), how: Deletion::Occurrence(2) },
        Op::Track { items: both, mailbox: ANN, record: Some(Kind::Fax) },
        Op::Track { items: both, mailbox: ANN, record: None },
        Op::Untrack { items: ItemSet::of(TEAM), mailbox: BOB, yes: true },
        Op::SetRegarding { items: both, side: Side::Outlook(ANN), to: TEAM },
        Op::SetParent { item: TEAM, side: Side::Crm, to: TEAM },
        Op::Complete { item: REPORT, side: Side::Outlook(ANN) },
        Op::Cancel { item: REVIEW },
        Op::Assign { item: REPORT, to: BOB },
        Op::ChangeOrganizer { item: REVIEW, to: ANN },
        Op::Connect,
        Op::Disconnect,
        Op::GoOffline { crash },
        Op::GoOnline { crash: None },
        Op::Synchronize { crash },
        Op::ServerSynchronize { mailbox: BOB, crash },
        Op::ChooseSynchronizingComputer,
        Op::Restart,
        Op::Wait { seconds: -5 },
    ]
}

/// Remembers what it was asked, and shows one item of each sort.
struct Recorder {
    description: Description,
    plan: Option<Plan>,
    steps: Vec<Step>,
}

impl Recorder {
    fn new() -> Self {
        let capabilities = Capabilities::ALL;
        Self {
            description: Description { name: "recorder".into(), version: "1".into(), capabilities },
            plan: None,
            steps: Vec::new(),
        }
    }
}

impl Implementation for Recorder {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.plan = Some(plan.clone());
        Ok(())
    }

    fn apply(&mut self, step: &Step) -> Answer {
        self.steps.push(*step);
        match self.steps.len() % 4 {
            0 => Answer::Done { prompted: true },
            1 => Answer::Refused,
            2 => Answer::unsupported("no"),
            _ => Answer::Failed(ImplementationFailure::indefinite("who knows")),
        }
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        let everything = Word::ABSENT.with_count(1).with_title(7).with_required_bits(3).with_occurrences(1);
        let series = everything.with_when(2).with_occurrences(0b101).with_exceptions(0b100).with_organizer(Some(BOB));
        let task = everything.with_when(3).with_status(Status::Cancelled).with_regarding_bits(1).with_parent_bits(2);
        view.set(TEAM, Location::Crm, Word(everything.with_owner(BOB).with_record(Kind::Contact).with_count(2).0));
        view.set(REVIEW, Location::Mailbox(BOB), series.with_tracked_bits(1));
        view.set(REVIEW, Location::Cache(SlotId(3)), series);
        view.set(REPORT, Location::Crm, task.with_owner(ANN).with_record(Kind::Letter));
        Ok(())
    }
}

fn ask(recorder: &mut Recorder, calls: Vec<Call>) -> Vec<Response> {
    let mut input = String::new();
    let definitions: Vec<_> = calls.iter().map(result_definition).collect();
    for (call, id) in calls.into_iter().zip(40..) {
        let request = serde_json::to_value(Request { jsonrpc: Default::default(), id, call }).unwrap();
        validate::check("Request", &request).unwrap();
        input += &format!("{request}\n");
    }
    let mut output = Vec::new();
    serve(recorder, input.as_bytes(), &mut output).unwrap();
    let lines: Vec<Value> =
        output.split(|&b| b == b'\n').filter(|l| !l.is_empty()).map(|l| serde_json::from_slice(l).unwrap()).collect();
    for (line, definition) in lines.iter().zip(definitions) {
        validate::check("Response", line).unwrap();
        if let Some(definition) = definition {
            validate::check(definition, &line["result"]).unwrap();
        }
    }
    lines.into_iter().map(|line| serde_json::from_value(line).unwrap()).collect()
}

#[test]
fn a_served_implementation_sees_what_was_sent() {
    let plan = plan();
    let dictionary = Dictionary::new(&plan);
    let at = |n: usize| if n.is_multiple_of(2) { Place::Web } else { Place::Computer(LAPTOP) };
    let steps: Vec<_> =
        every_operation().into_iter().enumerate().map(|(n, op)| Step { by: BOB, at: at(n), op }).collect();
    let wire = steps.iter().map(|step| dictionary.step(step).unwrap()).collect();
    let calls = vec![
        Call::Reset(dictionary.reset(1)),
        Call::Apply(super::protocol::Apply { deadline_ms: 1, steps: wire }),
        Call::Observe(super::protocol::Observe { deadline_ms: 1 }),
    ];
    let mut recorder = Recorder::new();
    let responses = ask(&mut recorder, calls);

    assert_eq!(recorder.plan.as_ref(), Some(&plan));
    assert_eq!(recorder.steps, steps);

    let mut shown = View::new(&plan.setup);
    let snapshot = serde_json::from_value(responses[2].result.clone().unwrap()).unwrap();
    let unknown = dictionary.read(snapshot, &mut shown).unwrap();
    let mut meant = View::new(&plan.setup);
    recorder.observe(&mut meant).unwrap();
    assert_eq!((shown, unknown), (meant, Vec::new()));
}

#[test]
fn capabilities_survive() {
    let all = model_capabilities(&wire_capabilities(&Capabilities::ALL));
    assert_eq!(wire_capabilities(&all), wire_capabilities(&Capabilities::ALL));
    assert_eq!(all.operations, Capabilities::ALL.operations);
}

#[test]
fn settling_is_no_step() {
    let step = Step { by: ANN, at: Place::Web, op: Op::Settle };
    assert_eq!(Dictionary::new(&plan()).step(&step), None);
}

fn entry(text: &str) -> StoreEntry {
    let json = serde_json::json!({ "store": "crm", "kind": "contact", "id": "1", "title": text });
    serde_json::from_value(json).unwrap()
}

fn read(entries: Vec<StoreEntry>) -> Result<(View, usize), String> {
    let plan = plan();
    let mut view = View::new(&plan.setup);
    let unknown = Dictionary::new(&plan).read(Snapshot { entries }, &mut view)?;
    Ok((view, unknown.len()))
}

#[test]
fn identity_is_read_from_the_title_then_from_the_address() {
    let by_address = StoreEntry { address: Some("review@tombstone.example".into()), ..entry("Renamed by somebody") };
    let (view, unknown) =
        read(vec![entry(&title("team #1", 4)), by_address, entry("Somebody else"), entry("x #1")]).unwrap();
    assert_eq!(view.get(TEAM, Location::Crm).title(), 4);
    assert!(view.get(REVIEW, Location::Crm).is_present());
    assert_eq!(unknown, 2);
}

#[test]
fn copies_are_counted_in_any_order() {
    let two = vec![entry("report #1"), entry("report #9")];
    let (there, back) = (read(two.clone()).unwrap().0, read(two.into_iter().rev().collect()).unwrap().0);
    assert_eq!(there, back);
    assert_eq!((there.get(REPORT, Location::Crm).count(), there.get(REPORT, Location::Crm).title()), (2, 9));
}

#[track_caller]
fn check_dates(name: &str, dates: Dates, when: u8) {
    let entry = StoreEntry { dates, ..entry(&title(name, 0)) };
    let (view, _) = read(vec![entry]).unwrap();
    let found = view.words().iter().find(|word| word.is_present()).unwrap();
    assert_eq!(found.when(), when);
}

#[test]
fn dates_become_the_schedule_they_fit() {
    let text = |text: &str| Some(text.to_owned());
    let (start, end) = (text("2016-03-02T10:00:00+01:00"), text("2016-03-02T10:00:00Z"));
    check_dates("report", Dates::default(), 0);
    check_dates("report", Dates { start: start.clone(), end: end.clone(), ..Dates::default() }, 1);
    check_dates("review", Dates { start: start.clone(), end: end.clone(), ..Dates::default() }, 2);
    check_dates("review", Dates { start: start.clone(), end, count: Some(1), ..Dates::default() }, 1);
    check_dates("report", Dates { start, due: text("2016-03-02T10:00:00Z"), ..Dates::default() }, 1);
    check_dates("report", Dates { due: text("2016-03-02T10:00:00Z"), ..Dates::default() }, 1);
    check_dates("report", Dates { due: text("2016-02-29T09:00:00Z"), ..Dates::default() }, 3);
    check_dates("report", Dates { due: text("2016-02-29T09:00:01Z"), ..Dates::default() }, NO_SUCH_SCHEDULE);
}

#[test]
fn of_schedules_that_fit_alike_the_one_given_last_is_meant() {
    let mut plan = plan();
    let once = |start, end| Schedule { start, end, every: 0, count: 1 };
    assert_eq!([once(0, 500), once(100, 500)].map(|dates| plan.setup.schedules.number(dates)), [Some(4), Some(5)]);
    let mut dictionary = Dictionary::new(&plan);
    let due = Dates { due: Some("2016-03-01T09:08:20Z".to_owned()), ..Dates::default() };
    let entry = StoreEntry { dates: due, kind: KindWord(Kind::Task), ..entry("report #0") };
    let mut view = View::new(&plan.setup);
    for when in [5, 4, 5] {
        let op = Op::Edit { item: REPORT, side: Side::Crm, change: Change::When(when) };
        dictionary.remember(&Step { by: ANN, at: Place::Web, op });
        dictionary.read(Snapshot { entries: vec![entry.clone()] }, &mut view).unwrap();
        assert_eq!(view.get(REPORT, Location::Crm).when(), when);
    }
}

#[track_caller]
fn check_refused(entry: StoreEntry, words: &str) {
    let error = read(vec![entry]).unwrap_err();
    assert!(error.contains(words), "{error}");
}

#[test]
fn a_snapshot_that_names_what_is_not_there_is_refused_with_what_is() {
    let outlook = || StoreEntry { store: StoreWord::Outlook, ..entry("report #0") };
    let name = |name: &str| Some(name.to_owned());
    check_refused(
        StoreEntry { owner: name("eve"), ..entry("report #0") },
        "`entries[0].owner` of the entry with the title `report #0`: unknown user `eve`; the plan knows ann, bob\nhelp: call",
    );
    check_refused(StoreEntry { item: name("rapport"), ..entry("") }, "unknown item `rapport`");
    check_refused(outlook(), "whose `mailbox`");
    check_refused(
        StoreEntry { mailbox: name("bob"), computer: name("laptop"), ..outlook() },
        "`laptop` does not show the mailbox of `bob`",
    );
    check_refused(
        StoreEntry { dates: Dates { due: name("tomorrow"), ..Dates::default() }, ..entry("report #0") },
        "RFC 3339",
    );
    check_refused(
        StoreEntry { occurrences: Some(vec![4]), kind: KindWord(Kind::Task), ..entry("report #0") },
        "at most 4",
    );
}

#[test]
fn the_documented_examples_obey_the_schema_and_cover_every_method() {
    let blocks =
        include_str!("../PROTOCOL.md").split("```json\n").skip(1).filter_map(|block| block.split("```").next());
    let mut methods = Vec::new();
    let mut asked: Option<Request> = None;
    for line in blocks.flat_map(str::lines) {
        let value: Value = serde_json::from_str(line).unwrap();
        if value.get("method").is_some() {
            validate::check("Request", &value).unwrap();
            let request: Request = serde_json::from_value(value).unwrap();
            methods.push(request.call.method());
            asked = Some(request);
        } else {
            validate::check("Response", &value).unwrap();
            let request = asked.take().unwrap();
            assert_eq!(value["id"], request.id);
            if let (Some(definition), Some(result)) = (result_definition(&request.call), value.get("result")) {
                validate::check(definition, result).unwrap();
            }
        }
    }
    methods.dedup();
    assert_eq!(
        methods,
        ["initialize", "reset", "apply", "observe", "settle", "lose_state", "crash", "strike", "shutdown"]
    );
}

/// Puts each of these values in the place of each value of a message.
fn misspelt(message: &Value, values: &[Value], found: &mut dyn FnMut(Value)) {
    values.iter().for_each(|value| found(value.clone()));
    match message {
        Value::Array(all) => {
            for (n, each) in all.iter().enumerate() {
                misspelt(each, values, &mut |other| {
                    let mut all = all.clone();
                    all[n] = other;
                    found(all.into());
                });
            }
        }
        Value::Object(all) => {
            for (key, each) in all {
                misspelt(each, values, &mut |other| {
                    let mut all = all.clone();
                    all.insert(key.clone(), other);
                    found(all.into());
                });
                let mut less = all.clone();
                less.remove(key);
                found(less.into());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whatever the schema allows is read, and whatever it does not is told in words that are not those of the reader.
#[test]
fn the_schema_says_what_is_read() {
    use super::protocol::{Applied, Introduction, StepAnswer};
    let read = |definition: &str, message: &Value| match definition {
        "Introduction" => validate::read::<Introduction>(definition, message).map(drop),
        "Applied" => validate::read::<Applied>(definition, message).map(drop),
        "Snapshot" => validate::read::<Snapshot>(definition, message).map(drop),
        _ => validate::read::<StepAnswer>(definition, message).map(drop),
    };
    let values = serde_json::json!([null, true, -1, 1, 2.0, 1.5, 1e30, "", "sundial", [], [1], {}, { "sundial": 1 }]);
    let values = values.as_array().unwrap();
    let blocks =
        include_str!("../PROTOCOL.md").split("```json\n").skip(1).filter_map(|block| block.split("```").next());
    let (mut told, mut taken) = (0, 0);
    let mut definition = None;
    for line in blocks.flat_map(str::lines) {
        let value: Value = serde_json::from_str(line).unwrap();
        if let Ok(request) = serde_json::from_value::<Request>(value.clone()) {
            definition = result_definition(&request.call);
        } else if let (Some(definition), Some(result)) = (definition, value.get("result")) {
            misspelt(result, values, &mut |message| match validate::check(definition, &message) {
                Ok(()) => {
                    taken += 1;
                    assert_eq!(read(definition, &message), Ok(()), "{definition} {message}");
                }
                Err(why) => {
                    told += 1;
                    let plain = why.contains(", and should ") || why.contains(" is not known; known there: ");
                    let foreign = ["schema", "expected", "variant", "struct "].iter().any(|word| why.contains(word));
                    assert!(plain && !foreign && !why.contains("something else"), "{definition} {message}: {why}");
                }
            });
        }
    }
    assert!(told > 500 && taken > 100, "{told} {taken}");
}

/// A name goes into lines of ours: it cannot begin another.
#[test]
fn a_name_is_one_line() {
    let forged = "acme\n✓ conforms    acme 1  everything\r\u{2028}::error::no";
    assert_eq!(super::bounds::word(forged), "acme ✓ conforms    acme 1  everything  ::error::no");
    assert!(super::bounds::word(&"n".repeat(10_000)).len() < 9_000);
}
