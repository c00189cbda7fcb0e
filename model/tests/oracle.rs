//! The oracle by itself: the reference takes some steps, and what it answers or shows of the last one is falsified.

use std::sync::{Arc, LazyLock};

use tombstone_model::contract::implementation::{Answer, Capabilities, Implementation, KindCapabilities};
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, SlotId, UserId, UserSet};
use tombstone_model::oracle::{Forecast, Judgement, MAX_EXPLANATIONS, Oracle, Statistics};
use tombstone_model::plan::{
    Change, ComputerSetup, Connection, Crash, Deletion, ItemSetup, Kind, Method, Names, Op, Place, Plan, Rights, Setup,
    Side, Stage, Step, UserSetup,
};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::time::{Schedule, Schedules, Zone};
use tombstone_model::verdict::{Check, Divergence, Sighting};
use tombstone_model::view::{Field, Location, View, Word};

static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::documented().clone()));

const ME: UserId = UserId(0);
const PC: ComputerId = ComputerId(0);
const OUTLOOK: Side = Side::Outlook(ME);
const CRM: Location = Location::Crm;
const MAILBOX: Location = Location::Mailbox(ME);
const CACHE: Location = Location::Cache(SlotId(0));

/// Two appointments that lie ahead, a contact and a series, all tracked; a contact and an appointment in Outlook only.
const APPOINTMENT: ItemId = ItemId(0);
const MEETING: ItemId = ItemId(1);
const CONTACT: ItemId = ItemId(2);
const SERIES: ItemId = ItemId(3);
const NEW_CONTACT: ItemId = ItemId(4);
const NEW_SERIES: ItemId = ItemId(5);
/// An appointment that Boris has a copy of too, which is not tracked. The server synchronizes his mailbox.
const SHARED: ItemId = ItemId(6);
/// A contact that both of them track.
const COMMON: ItemId = ItemId(7);
const BORIS: UserId = UserId(1);
const HIS_PC: ComputerId = ComputerId(1);

fn setup() -> Setup {
    const DAY: i32 = 86_400;
    let ahead = Schedule { start: DAY, end: DAY + 3600, every: 0, count: 1 };
    let me = UserSet::of(ME);
    let item = |kind: Kind, tracked: bool| ItemSetup {
        copies: me,
        tracked: if tracked { me } else { UserSet::EMPTY },
        in_crm: tracked,
        required: if kind.is_calendar() { me } else { UserSet::EMPTY },
        when: if kind == Kind::RecurringAppointment { 2 } else { u8::from(kind.is_calendar()) },
        ..ItemSetup::new(kind, ME)
    };
    let items = [
        (Kind::Appointment, true),
        (Kind::Appointment, true),
        (Kind::Contact, true),
        (Kind::RecurringAppointment, true),
        (Kind::Contact, false),
        (Kind::RecurringAppointment, false),
    ];
    let mut items = items.map(|(kind, tracked)| item(kind, tracked)).to_vec();
    items.push(ItemSetup { copies: me.with(BORIS), ..item(Kind::Appointment, true) });
    items.push(ItemSetup { copies: me.with(BORIS), tracked: me.with(BORIS), ..item(Kind::Contact, true) });
    let user = |method| UserSetup { method, delegates: UserSet::EMPTY, rights: Rights::ALL };
    Setup {
        zone: Zone::utc(chrono::DateTime::default()),
        users: vec![user(Method::OutlookClient), user(Method::ServerSide)],
        computers: [ME, BORIS].map(|user| ComputerSetup { user, synchronizing: user == ME }).to_vec(),
        items,
        bystanders: 0,
        schedules: Schedules::of([ahead, Schedule { every: DAY, count: 3, ..ahead }]),
    }
}

fn documented() -> Readings {
    Profile::named("documented-2016").expect("the profile exists").readings()
}

/// The reference and the oracle, side by side.
#[derive(Clone)]
struct Bench {
    reference: Reference,
    oracle: Oracle<'static>,
    view: View,
}

impl Bench {
    /// The reference follows these readings, the oracle leaves those open.
    fn new(followed: Readings, open: Readings, capabilities: &Capabilities) -> Self {
        let mut reference = Reference::new("reference", Arc::clone(&RULES), followed);
        let setup = setup();
        let plan = Plan { setup, steps: Vec::new(), names: Names::default() };
        reference.reset(&plan).expect("the reference starts in any world");
        let oracle = Oracle::new(Rules::documented(), &plan.setup, open, capabilities);
        let mut view = View::default();
        view.reset(oracle.scene().users.len(), oracle.scene().slots.len(), plan.setup.items.len());
        reference.observe(&mut view).expect("the reference shows anything");
        Self { reference, oracle, view }
    }

    fn documented(capabilities: &Capabilities) -> Self {
        Self::new(documented(), documented().closed(), capabilities)
    }

    /// A step of the reference, told and shown otherwise than it was.
    fn takes(&mut self, op: Op, falsify: Falsify) -> Judgement {
        // At the computer; in a browser where it is no use.
        let crashed = self.oracle.context().connection[PC.index()] == Connection::Crashed;
        let by = if op.side() == Some(Side::Outlook(BORIS)) { BORIS } else { ME };
        let in_browser = op.side().is_some_and(|side| side == Side::Crm || by != ME || crashed);
        let at = if in_browser { Place::Web } else { Place::Computer(PC) };
        self.takes_step(&Step { by, at, op }, falsify)
    }

    fn takes_step(&mut self, step: &Step, falsify: Falsify) -> Judgement {
        let op = step.op;
        assert_eq!(self.oracle.forecast(step), Forecast::Possible, "{op:?}");
        let before = self.view.clone();
        let mut answer = self.reference.apply(step);
        self.reference.observe(&mut self.view).expect("the reference shows anything");
        match falsify {
            Falsify::Nothing => {}
            Falsify::Answer(other) => {
                assert_ne!(answer, other, "{op:?}");
                answer = other;
            }
            Falsify::Seen(item, location, change) => {
                self.view.set(item, location, change(self.view.get(item, location)));
            }
            Falsify::NotDone => {
                answer = Answer::Refused;
                self.view = before;
            }
            Falsify::Kept(item, location) => self.view.set(item, location, before.get(item, location)),
            Falsify::InOutlook(item, change) => {
                for location in [MAILBOX, CACHE] {
                    self.view.set(item, location, change(self.view.get(item, location)));
                }
            }
            Falsify::Refused(item, location, change) => {
                answer = Answer::Refused;
                self.view.set(item, location, change(self.view.get(item, location)));
            }
        }
        self.oracle.judge(&answer, &self.view)
    }
}

/// What is told or shown otherwise than it was.
#[derive(Clone, Debug)]
enum Falsify {
    Nothing,
    Answer(Answer),
    Seen(ItemId, Location, fn(Word) -> Word),
    /// Refused, and everything seen as before the step.
    NotDone,
    /// Seen as before the step.
    Kept(ItemId, Location),
    /// Seen so in the mailbox, and at the computer that shows it.
    InOutlook(ItemId, fn(Word) -> Word),
    /// Refused, and seen otherwise.
    Refused(ItemId, Location, fn(Word) -> Word),
}

const fn title(item: ItemId, side: Side, token: u8) -> Op {
    Op::Edit { item, side, change: Change::Title(token) }
}

const fn delete(item: ItemId, side: Side) -> Op {
    Op::Delete { item, side, how: Deletion::Hard }
}

fn track(item: ItemId) -> Op {
    Op::Track { items: ItemSet::of(item), mailbox: ME, record: None }
}

fn untrack(item: ItemId, yes: bool) -> Op {
    Op::Untrack { items: ItemSet::of(item), mailbox: ME, yes }
}

/// Two appointments are regarding the contact.
fn refer(side: Side) -> Op {
    Op::SetRegarding { items: ItemSet::of(APPOINTMENT).with(MEETING), side, to: CONTACT }
}

/// Everything but titles can be seen.
const NO_TITLES: KindCapabilities = KindCapabilities { fields: !Field::Title.mask(), ..KindCapabilities::ALL };

const SYNC: Op = Op::Synchronize { crash: None };

/// Crashes in a synchronization before anything was sent.
const CRASH: Op = Op::Synchronize { crash: Some(Crash { at: ItemId(0), stage: Stage::BeforeUpload }) };

const OFFLINE: Op = Op::GoOffline { crash: None };
const ONLINE: Op = Op::GoOnline { crash: None };
const ONLINE_CRASH: Op = Op::GoOnline { crash: Some(Crash { at: ItemId(0), stage: Stage::BeforeUpload }) };

fn gone(_: Word) -> Word {
    Word::ABSENT
}

fn there(_: Word) -> Word {
    Word::ABSENT.with_count(1)
}

fn twice(word: Word) -> Word {
    word.with_count(2)
}

fn titled(word: Word) -> Word {
    word.with_title(99)
}

/// With the title that it started with.
fn untitled(word: Word) -> Word {
    word.with_title(0)
}

fn link(word: Word) -> Word {
    word.with_tracked_bits(1 - word.tracked_bits())
}

fn link_and_title(word: Word) -> Word {
    titled(link(word))
}

fn owned(word: Word) -> Word {
    word.with_owner_bits(2)
}

fn occurrence(word: Word) -> Word {
    word.with_occurrences(word.occurrences() ^ 0b100)
}

#[test]
fn a_divergence_says_what_is_wrong() {
    use Falsify::{Answer as Answered, NotDone, Refused, Seen};
    let last = Op::Delete { item: SERIES, side: OUTLOOK, how: Deletion::Occurrence(0) };
    let handed_over = [Op::Assign { item: MEETING, to: BORIS }, Op::ChangeOrganizer { item: MEETING, to: BORIS }, SYNC];
    let server = Op::ServerSynchronize { mailbox: BORIS, crash: None };
    let in_browser = Op::Untrack { items: ItemSet::of(COMMON), mailbox: BORIS, yes: true };
    let refused = || Answered(Answer::Refused);
    let crashed = |before: &[Op], after: &[Op]| [before, &[CRASH, Op::Restart, Op::Connect], after].concat();
    #[rustfmt::skip]
    let cases: Vec<(Vec<Op>, Falsify, Check, &str)> = vec![
        // What is named, what a synchronization touches, and what it leaves alone.
        (vec![title(CONTACT, OUTLOOK, 5)], Seen(CONTACT, MAILBOX, titled), Check::Carried, ""),
        (vec![title(CONTACT, OUTLOOK, 5), SYNC], Seen(CONTACT, CRM, titled), Check::Carried, ""),
        (vec![SYNC], Seen(CONTACT, CRM, titled), Check::Convergence, ""),
        (vec![title(CONTACT, OUTLOOK, 5), SYNC, SYNC], Seen(CONTACT, MAILBOX, titled), Check::Convergence, ""),
        (vec![server], Seen(COMMON, Location::Mailbox(BORIS), titled), Check::Convergence, ""),
        (vec![delete(CONTACT, OUTLOOK), SYNC, SYNC], Seen(CONTACT, CRM, titled), Check::Carried, ""),
        // The owner stands in CRM only, so that two stores do not come apart in it.
        (vec![SYNC], Seen(MEETING, CRM, owned), Check::Carried, ""),
        (vec![SYNC], Seen(NEW_CONTACT, MAILBOX, titled), Check::Carried, ""),
        (vec![title(CONTACT, OUTLOOK, 5)], Seen(MEETING, CRM, titled), Check::Carried, ""),
        (vec![title(CONTACT, OUTLOOK, 5)], Seen(CONTACT, CRM, gone), Check::Vanished, ""),
        (vec![title(CONTACT, OUTLOOK, 5)], Seen(MEETING, MAILBOX, gone), Check::Vanished, ""),
        (vec![delete(MEETING, Side::Crm), title(CONTACT, OUTLOOK, 5)], Seen(MEETING, CRM, there), Check::Resurrected, ""),
        (vec![delete(NEW_CONTACT, OUTLOOK), SYNC], Seen(NEW_CONTACT, MAILBOX, there), Check::Resurrected, ""),
        (vec![track(NEW_CONTACT)], Seen(NEW_CONTACT, CRM, gone), Check::Missing, ""),
        // What never was there and nothing brings.
        (vec![title(CONTACT, OUTLOOK, 5)], Seen(NEW_CONTACT, CRM, there), Check::Arrived, ""),
        (vec![SYNC], Seen(CONTACT, Location::Mailbox(BORIS), there), Check::Arrived, ""),
        (vec![title(CONTACT, OUTLOOK, 5)], Seen(CONTACT, CRM, twice), Check::Doubled, ""),
        (vec![SYNC], Seen(MEETING, MAILBOX, twice), Check::Doubled, ""),
        (vec![track(NEW_CONTACT)], Seen(NEW_CONTACT, MAILBOX, link), Check::Link, ""),
        (vec![SYNC], Seen(NEW_CONTACT, MAILBOX, link), Check::Link, ""),
        // A computer shows something else than the mailbox.
        (vec![title(CONTACT, OUTLOOK, 5)], Seen(CONTACT, CACHE, titled), Check::Cache, ""),
        (vec![title(CONTACT, OUTLOOK, 5)], Seen(CONTACT, CACHE, gone), Check::Cache, ""),
        (vec![Op::Disconnect], Seen(MEETING, CACHE, titled), Check::Cache, ""),
        // A row of the table decided.
        (vec![delete(MEETING, OUTLOOK), SYNC], Seen(MEETING, CRM, there), Check::Rule, "D12"),
        (vec![delete(CONTACT, OUTLOOK), SYNC], Seen(CONTACT, CRM, gone), Check::Rule, "D05"),
        (vec![untrack(CONTACT, false), SYNC], Seen(CONTACT, MAILBOX, link), Check::Rule, "D10"),
        (vec![in_browser, server], Seen(COMMON, CRM, gone), Check::Rule, "D41"),
        (vec![untrack(CONTACT, false), SYNC], Seen(CONTACT, MAILBOX, link_and_title), Check::Link, "D10"),
        (vec![untrack(CONTACT, false), SYNC], Seen(CONTACT, MAILBOX, titled), Check::Carried, "D10"),
        (vec![Op::Wait { seconds: 3 * 86_400 }, delete(MEETING, OUTLOOK), SYNC], Seen(MEETING, CRM, there), Check::Rule, "D14"),
        ([&handed_over[..], &[delete(MEETING, OUTLOOK), SYNC]].concat(), Seen(MEETING, CRM, there), Check::Rule, "D13"),
        ([&handed_over[..], &[Op::Wait { seconds: 3 * 86_400 }, delete(MEETING, OUTLOOK), SYNC]].concat(), Seen(MEETING, CRM, there), Check::Rule, "D15"),
        (vec![delete(MEETING, Side::Crm)], Seen(MEETING, MAILBOX, gone), Check::Vanished, ""),
        (vec![untrack(CONTACT, false), SYNC, delete(CONTACT, Side::Crm)], Seen(CONTACT, MAILBOX, gone), Check::Rule, "D40"),
        (vec![untrack(MEETING, false), SYNC], Seen(MEETING, MAILBOX, link), Check::Rule, "D24"),
        (vec![last, SYNC], Seen(SERIES, CRM, occurrence), Check::Rule, "D36"),
        (vec![last, SYNC], Seen(SERIES, CRM, titled), Check::Carried, "D36"),
        (vec![last], Seen(SERIES, CRM, occurrence), Check::Carried, ""),
        // What was done or refused.
        (vec![title(CONTACT, OUTLOOK, 5)], refused(), Check::Refusal, ""),
        (vec![SYNC], refused(), Check::Refusal, ""),
        (vec![Op::Complete { item: MEETING, side: Side::Crm }, title(MEETING, Side::Crm, 5)], Answered(Answer::DONE), Check::Refusal, ""),
        (vec![Op::Complete { item: MEETING, side: Side::Crm }, title(MEETING, Side::Crm, 5)], Refused(MEETING, CRM, titled), Check::Refusal, ""),
        (vec![Op::Complete { item: MEETING, side: Side::Crm }, title(MEETING, Side::Crm, 5)], Refused(CONTACT, CRM, titled), Check::Carried, ""),
        (vec![refer(OUTLOOK)], refused(), Check::Refusal, ""),
        (vec![refer(OUTLOOK)], NotDone, Check::Refusal, ""),
        (vec![title(CONTACT, OUTLOOK, 5)], NotDone, Check::Refusal, ""),
        (vec![title(CONTACT, OUTLOOK, 5), SYNC], NotDone, Check::Refusal, ""),
        (vec![Op::Complete { item: MEETING, side: Side::Crm }, refer(Side::Crm)], Answered(Answer::DONE), Check::Refusal, ""),
        (vec![untrack(CONTACT, true)], Answered(Answer::DONE), Check::Prompt, "D09"),
        (vec![title(CONTACT, OUTLOOK, 5)], Answered(Answer::Done { prompted: true }), Check::Prompt, ""),
        // What waited when the computer crashed, and what did not.
        (crashed(&[title(CONTACT, OUTLOOK, 5)], &[SYNC]), Seen(CONTACT, CRM, untitled), Check::Erased, ""),
        (crashed(&[title(CONTACT, OUTLOOK, 5)], &[SYNC]), Seen(CONTACT, CRM, titled), Check::Carried, ""),
        (crashed(&[title(CONTACT, OUTLOOK, 5)], &[SYNC]), Seen(CONTACT, CRM, gone), Check::Vanished, ""),
        (crashed(&[title(CONTACT, OUTLOOK, 5)], &[SYNC, SYNC]), Seen(CONTACT, CRM, untitled), Check::Convergence, ""),
        (crashed(&[title(CONTACT, OUTLOOK, 5)], &[SYNC]), Seen(MEETING, CRM, titled), Check::Convergence, ""),
        (crashed(&[title(CONTACT, OUTLOOK, 5)], &[SYNC]), Seen(MEETING, CRM, gone), Check::Vanished, ""),
        (crashed(&[title(CONTACT, OUTLOOK, 5)], &[SYNC]), Seen(NEW_CONTACT, MAILBOX, titled), Check::Carried, ""),
        (crashed(&[delete(MEETING, OUTLOOK)], &[SYNC]), Seen(MEETING, CRM, there), Check::Erased, "D12"),
        (crashed(&[untrack(MEETING, true)], &[SYNC]), Seen(MEETING, CRM, there), Check::Erased, "D20"),
        (crashed(&[title(CONTACT, Side::Crm, 5)], &[SYNC]), Seen(CONTACT, MAILBOX, titled), Check::Carried, ""),
        (vec![OFFLINE, title(CONTACT, OUTLOOK, 5), ONLINE_CRASH, Op::Restart, ONLINE], Seen(CONTACT, MAILBOX, untitled), Check::Erased, ""),
        (vec![OFFLINE, title(CONTACT, OUTLOOK, 5), ONLINE_CRASH, Op::Restart, ONLINE], Seen(CONTACT, MAILBOX, titled), Check::Carried, ""),
        (vec![OFFLINE, title(CONTACT, OUTLOOK, 5), ONLINE_CRASH, Op::Restart, ONLINE], Seen(MEETING, MAILBOX, titled), Check::Carried, ""),
        (vec![Op::Disconnect, title(CONTACT, OUTLOOK, 5), Op::Connect, SYNC], Seen(CONTACT, CRM, titled), Check::Carried, ""),
    ];
    let mut wrong = Vec::new();
    for (ops, falsify, check, row) in cases {
        let mut bench = Bench::documented(&Capabilities::ALL);
        let (last, before) = ops.split_last().expect("a step");
        for &op in before {
            assert_eq!(bench.takes(op, Falsify::Nothing), Judgement::Explained, "{op:?} of {ops:?}");
        }
        let shown = bench.view.clone();
        let judgement = bench.takes(*last, falsify.clone());
        let Judgement::Diverges(found) = judgement else {
            wrong.push(format!("{ops:?} with {falsify:?}: {judgement:?}"));
            continue;
        };
        let row_of = |found: &Divergence| found.rule.map_or("", |id| Rules::documented().rule(id).row.as_str());
        if (found.check, row_of(&found)) != (check, row) {
            wrong.push(format!("{ops:?} with {falsify:?}: {:?} {}", found.check, row_of(&found)));
        }
        if let Seen(item, location, change) = falsify {
            let expected = bench.reference.world.seen(item, location);
            let sighting = Sighting { location, expected, seen: change(expected), before: shown.get(item, location) };
            assert_eq!((found.item, found.sightings), (Some(item), vec![sighting]), "{ops:?}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The documented readings, with another one of this switch.
fn by(switch: Switch, reading: u8) -> Readings {
    narrowed(switch, Values::nth(reading))
}

/// The documented readings, closed but for this switch.
fn open(switch: Switch) -> Readings {
    narrowed(switch, switch.all())
}

fn narrowed(switch: Switch, values: Values) -> Readings {
    let others = Switch::ALL.iter().filter(|&&other| other != switch);
    let closed = documented().closed();
    others.fold(Readings::OPEN.narrowed(switch, values), |left, &other| left.narrowed(other, closed.of(other)))
}

/// Two appointments are renamed, and each follows its own reading of whether that untracks it.
#[test]
fn two_readings_of_one_switch_do_not_both_hold() {
    let switch = Switch::SubjectChangeUntracks;
    for (first, second) in [(0, 1), (1, 0)] {
        for settled in [false, true] {
            let mut one = Bench::new(by(switch, first), open(switch), &Capabilities::ALL);
            let mut two = Bench::new(by(switch, second), open(switch), &Capabilities::ALL);
            let mut before = vec![title(APPOINTMENT, OUTLOOK, 5)];
            // Either both are synchronized at once, or the one has shown its reading before the other is renamed.
            before.extend(settled.then_some(SYNC));
            before.push(title(MEETING, OUTLOOK, 6));
            for op in before {
                for bench in [&mut one, &mut two] {
                    assert_eq!(bench.takes(op, Falsify::Nothing), Judgement::Explained, "{op:?}");
                }
            }
            assert_eq!(one.oracle.readings().of(switch), if settled { Values::nth(first) } else { switch.all() });
            let step = Step { by: ME, at: Place::Computer(PC), op: SYNC };
            assert_eq!(one.oracle.forecast(&step), Forecast::Possible);
            for bench in [&mut one, &mut two] {
                assert_eq!(bench.reference.apply(&step), Answer::DONE);
                bench.reference.observe(&mut bench.view).expect("the reference shows anything");
            }
            assert_eq!(one.oracle.clone().judge(&Answer::DONE, &one.view), Judgement::Explained);
            one.view.item_mut(MEETING).copy_from_slice(two.view.item(MEETING));
            let Judgement::Diverges(found) = one.oracle.judge(&Answer::DONE, &one.view) else {
                panic!("{first} and {second} are both allowed")
            };
            assert_eq!(found.item, Some(MEETING));
            if !settled {
                assert_eq!((found.check, found.switch), (Check::Readings, Some(switch)));
            }
        }
    }
}

/// What one appointment tells of a reading narrows the other's explanations, and changes nothing else about it.
#[test]
fn what_is_learnt_of_one_item_leaves_the_others_alone() {
    let switch = Switch::SubjectChangeUntracks;
    for stepped in [true, false] {
        let capabilities = Capabilities { stepped, ..Capabilities::ALL };
        let mut bench = Bench::new(by(switch, 1), open(switch), &capabilities);
        for op in [title(MEETING, OUTLOOK, 5), SYNC, title(CONTACT, OUTLOOK, 6), delete(SERIES, OUTLOOK), SYNC] {
            assert_eq!(bench.takes(op, Falsify::Nothing), Judgement::Explained, "{op:?}");
        }
        assert_eq!(bench.oracle.readings(), by(switch, 1));
        let rest = [title(APPOINTMENT, OUTLOOK, 7), SYNC];
        assert!(rest.iter().all(|&op| bench.takes(op, Falsify::Nothing) == Judgement::Explained));
    }
}

/// What one item tells of a reading does not keep another from having been synchronized without anybody being told.
#[test]
fn a_synchronization_is_conjectured_under_the_readings_left() {
    let switch = Switch::ContactCrmDelete;
    let hidden = Capabilities { stepped: false, ..Capabilities::ALL };
    for reading in [0, 1] {
        let mut bench = Bench::new(by(switch, reading), open(switch), &hidden);
        let server = Op::ServerSynchronize { mailbox: BORIS, crash: None };
        for op in [title(APPOINTMENT, OUTLOOK, 99), delete(COMMON, Side::Crm), server] {
            assert_eq!(bench.takes(op, Falsify::Nothing), Judgement::Explained, "{op:?}");
        }
        assert_eq!(bench.oracle.readings(), by(switch, reading));
        let judgement = bench.takes(title(APPOINTMENT, OUTLOOK, 5), Falsify::Seen(APPOINTMENT, CRM, titled));
        assert_eq!(judgement, Judgement::Explained);
    }
}

/// Whether a series can be tracked shows in whether it is refused.
#[test]
fn an_answer_tells_which_reading_holds() {
    let switch = Switch::RecurringTrackable;
    for (reading, told) in [(0, Answer::DONE), (1, Answer::Refused)] {
        let mut bench = Bench::new(by(switch, reading), open(switch), &Capabilities::ALL);
        assert_eq!(bench.takes(track(NEW_SERIES), Falsify::Nothing), Judgement::Explained);
        assert_eq!(bench.oracle.readings(), by(switch, reading), "{told:?}");
        // Under the other reading nothing of it is right.
        let mut bench = Bench::new(by(switch, reading), by(switch, 1 - reading), &Capabilities::ALL);
        let Judgement::Diverges(found) = bench.takes(track(NEW_SERIES), Falsify::Nothing) else {
            panic!("{told:?} is allowed under the other reading")
        };
        assert_eq!(found.check, Check::Refusal);
    }
}

/// What cannot be seen, or may have been done without anybody being told, is held against nobody.
#[test]
fn what_cannot_be_seen_is_not_judged() {
    type Case<'a> = (&'a Capabilities, Readings, Vec<Op>, Falsify, Option<Check>);
    let all = Capabilities::ALL;
    let mute = Capabilities { prompts: false, ..all.clone() };
    let unseen = Capabilities { caches: false, ..all.clone() };
    let hidden = Capabilities { stepped: false, ..all.clone() };
    let unseen_and_hidden = Capabilities { caches: false, ..hidden.clone() };
    let sent = Op::GoOnline { crash: Some(Crash { at: CONTACT, stage: Stage::BeforeAcknowledgement }) };
    let sent_before_a_crash =
        [OFFLINE, title(CONTACT, OUTLOOK, 99), sent, title(CONTACT, OUTLOOK, 5), Op::Restart, ONLINE];
    let deleted_before_a_crash = |op| {
        let sent = Op::Synchronize { crash: Some(Crash { at: SHARED, stage: Stage::BeforeAcknowledgement }) };
        let anew = Op::Track { items: ItemSet::of(SHARED), mailbox: BORIS, record: None };
        vec![op, sent, anew, Op::Restart, Op::Connect, SYNC]
    };
    let but = |kind: Kind| {
        let mut kinds = [KindCapabilities::ALL; Kind::ALL.len()];
        kinds[kind as usize] = NO_TITLES;
        Capabilities { kinds, ..all.clone() }
    };
    let (untitled_contacts, untitled_appointments) = (but(Kind::Contact), but(Kind::Appointment));
    let ungated = by(Switch::UntrackYesGate, 1);
    let untrackable = by(Switch::RecurringTrackable, 1);
    let closed = documented().closed();
    let completed = Op::Complete { item: MEETING, side: Side::Crm };
    let both_completed = Op::Complete { item: APPOINTMENT, side: Side::Crm };
    let renamed = title(MEETING, Side::Crm, 5);
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        (&all, closed, vec![untrack(CONTACT, true)], Falsify::Answer(Answer::DONE), Some(Check::Prompt)),
        (&mute, closed, vec![untrack(CONTACT, true)], Falsify::Answer(Answer::DONE), None),
        (&all, closed, vec![SYNC], Falsify::Seen(CONTACT, CACHE, titled), Some(Check::Cache)),
        (&unseen, closed, vec![SYNC], Falsify::Seen(CONTACT, CACHE, titled), None),
        (&unseen, closed, vec![SYNC], Falsify::Seen(CONTACT, MAILBOX, titled), Some(Check::Convergence)),
        (&all, closed, vec![title(CONTACT, OUTLOOK, 5)], Falsify::InOutlook(MEETING, titled), Some(Check::Carried)),
        // What can be seen of one kind says nothing of another, whether the step is about it or not.
        (&untitled_contacts, closed, vec![Op::Wait { seconds: 1 }], Falsify::Seen(CONTACT, CRM, titled), None),
        (&untitled_contacts, closed, vec![Op::Wait { seconds: 1 }], Falsify::Seen(MEETING, CRM, titled), Some(Check::Carried)),
        (&untitled_contacts, closed, vec![title(CONTACT, OUTLOOK, 5)], Falsify::Seen(CONTACT, CRM, titled), None),
        (&untitled_appointments, closed, vec![title(CONTACT, OUTLOOK, 5)], Falsify::Seen(CONTACT, CRM, titled), Some(Check::Carried)),
        (&untitled_contacts, closed, vec![title(MEETING, OUTLOOK, 5)], Falsify::Seen(CONTACT, CRM, titled), None),
        (&untitled_appointments, closed, vec![title(MEETING, OUTLOOK, 5)], Falsify::Seen(CONTACT, CRM, titled), Some(Check::Carried)),
        (&untitled_appointments, closed, vec![title(CONTACT, OUTLOOK, 5)], Falsify::Seen(MEETING, CRM, titled), None),
        // It may have synchronized by itself, but only what a synchronization does.
        (&all, closed, vec![title(CONTACT, OUTLOOK, 99)], Falsify::Seen(CONTACT, CRM, titled), Some(Check::Carried)),
        (&hidden, closed, vec![title(CONTACT, OUTLOOK, 99)], Falsify::Seen(CONTACT, CRM, titled), None),
        (&hidden, closed, vec![title(CONTACT, OUTLOOK, 98)], Falsify::Seen(CONTACT, CRM, titled), Some(Check::Carried)),
        (&hidden, closed, vec![title(MEETING, OUTLOOK, 99), title(CONTACT, OUTLOOK, 5)], Falsify::Seen(MEETING, CRM, titled), None),
        (&hidden, closed, vec![title(NEW_CONTACT, OUTLOOK, 99)], Falsify::Seen(NEW_CONTACT, CRM, titled), Some(Check::Carried)),
        (&hidden, closed, vec![Op::Disconnect, title(CONTACT, Side::Crm, 99)], Falsify::Seen(CONTACT, MAILBOX, titled), Some(Check::Carried)),
        (&hidden, closed, vec![delete(MEETING, OUTLOOK)], Falsify::Seen(MEETING, CRM, gone), None),
        (&all, closed, vec![delete(MEETING, OUTLOOK)], Falsify::Seen(MEETING, CRM, gone), Some(Check::Vanished)),
        (&unseen_and_hidden, closed, vec![title(CONTACT, Side::Crm, 99)], Falsify::Seen(CONTACT, MAILBOX, titled), None),
        (&unseen_and_hidden, closed, vec![title(CONTACT, Side::Crm, 98)], Falsify::Seen(CONTACT, MAILBOX, titled), Some(Check::Carried)),
        // What was sent before a crash may be sent again, or not: it overwrites what came after it.
        (&unseen, closed, sent_before_a_crash.to_vec(), Falsify::Seen(CONTACT, MAILBOX, titled), None),
        (&unseen, closed, sent_before_a_crash.to_vec(), Falsify::Nothing, None),
        // Nor can it be seen whether a deletion names the record that went before the crash, or the one made in its place.
        (&all, closed, deleted_before_a_crash(delete(SHARED, OUTLOOK)), Falsify::Kept(SHARED, CRM), None),
        (&all, closed, deleted_before_a_crash(delete(SHARED, OUTLOOK)), Falsify::Nothing, None),
        (&all, ungated, deleted_before_a_crash(untrack(SHARED, true)), Falsify::Kept(SHARED, CRM), None),
        (&all, ungated, deleted_before_a_crash(untrack(SHARED, true)), Falsify::Nothing, None),
        (&all, closed, vec![delete(SHARED, OUTLOOK), SYNC], Falsify::Kept(SHARED, CRM), Some(Check::Rule)),
        // A selection is refused as a whole where one of it is.
        (&all, closed, vec![refer(OUTLOOK)], Falsify::Nothing, None),
        (&all, closed, vec![completed, refer(OUTLOOK)], Falsify::Nothing, None),
        (&all, closed, vec![completed, refer(Side::Crm)], Falsify::Nothing, None),
        (&all, closed, vec![completed, both_completed, refer(Side::Crm)], Falsify::Nothing, None),
        (&all, closed, vec![completed, refer(Side::Crm)], Falsify::Seen(APPOINTMENT, CRM, titled), Some(Check::Refusal)),
        // What was refused, and is seen tracked all the same, was done.
        (&hidden, untrackable, vec![track(NEW_SERIES)], Falsify::Seen(NEW_SERIES, MAILBOX, link), Some(Check::Refusal)),
        (&hidden, untrackable, vec![track(NEW_SERIES)], Falsify::InOutlook(NEW_SERIES, link), Some(Check::Refusal)),
        (&hidden, closed, vec![completed, renamed], Falsify::Seen(MEETING, MAILBOX, titled), Some(Check::Carried)),
        (&hidden, closed, vec![completed, renamed], Falsify::Seen(CONTACT, MAILBOX, titled), Some(Check::Carried)),
        (&all, closed, vec![completed, renamed], Falsify::Seen(MEETING, MAILBOX, titled), Some(Check::Refusal)),
    ];
    let mut wrong = Vec::new();
    for (capabilities, readings, ops, falsify, check) in cases {
        let mut bench = Bench::new(readings, readings, capabilities);
        let (last, before) = ops.split_last().expect("a step");
        for &op in before {
            assert_eq!(bench.takes(op, Falsify::Nothing), Judgement::Explained, "{op:?} of {ops:?}");
        }
        let found = match bench.takes(*last, falsify.clone()) {
            Judgement::Explained => None,
            Judgement::Diverges(found) => Some(found.check),
            Judgement::Inconclusive(item) => panic!("{ops:?}: too many explanations of {item:?}"),
        };
        if found != check {
            wrong.push(format!("{ops:?} with {falsify:?}: {found:?}, not {check:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The server deletes a record and crashes, and another is made in its place. Whether the one who untracked it can track
/// it again where no connection is, nobody can say then: the computer may not know yet that it was done.
#[test]
fn a_deletion_done_before_a_crash_need_not_be_done_again() {
    let at = |by, at, op| Step { by, at, op };
    let untrack = Op::Untrack { items: ItemSet::of(COMMON), mailbox: BORIS, yes: true };
    let track = |mailbox| Op::Track { items: ItemSet::of(COMMON), mailbox, record: None };
    let (his, mine) = (Place::Computer(HIS_PC), Place::Computer(PC));
    let crash = Crash { at: COMMON, stage: Stage::BeforeAcknowledgement };
    let server = |crash| at(BORIS, Place::Web, Op::ServerSynchronize { mailbox: BORIS, crash });
    let mut bench = Bench::documented(&Capabilities::ALL);
    for step in [
        at(BORIS, his, untrack),
        server(Some(crash)),
        at(ME, mine, SYNC),
        at(ME, mine, track(ME)),
        at(BORIS, his, Op::Disconnect),
    ] {
        assert_eq!(bench.takes_step(&step, Falsify::Nothing), Judgement::Explained, "{step:?}");
    }
    assert_eq!(bench.clone().takes_step(&server(None), Falsify::Nothing), Judgement::Explained);
    assert_eq!(bench.takes_step(&server(None), Falsify::Kept(COMMON, CRM)), Judgement::Explained);
    assert_eq!(bench.oracle.forecast(&at(BORIS, his, track(BORIS))), Forecast::Impossible);
}

/// Of two explanations the one that differs least from what is seen is told: with or without a synchronization.
#[test]
fn the_nearest_explanation_is_told() {
    let hidden = Capabilities { stepped: false, ..Capabilities::ALL };
    for (token, expected) in [(98, 98), (0b110_0001, 0b110_0001), (0b001_1100, 0), (0b000_0100, 0)] {
        let mut bench = Bench::documented(&hidden);
        let judgement = bench.takes(title(CONTACT, OUTLOOK, token), Falsify::Seen(CONTACT, CRM, titled));
        let Judgement::Diverges(found) = judgement else { panic!("{token}: {judgement:?}") };
        let told: Vec<_> = found.sightings.iter().map(|told| (told.location, told.expected.title())).collect();
        assert_eq!(told, [(CRM, expected)], "{token}");
    }
}

/// That is, the one that differs in the fewest places, however little others differ in each of theirs.
#[test]
fn the_fewest_places_are_told() {
    let hidden = Capabilities { stepped: false, ..Capabilities::ALL };
    let merged = by(Switch::ConflictWinner, 3);
    let mut bench = Bench::new(merged, merged, &hidden);
    let moved = Op::Edit { item: MEETING, side: Side::Crm, change: Change::When(0) };
    assert_eq!(bench.takes(moved, Falsify::Nothing), Judgement::Explained);
    // With a synchronization the record's title would be off by one bit, and the date in mailbox and cache as well.
    let judgement = bench.takes(title(MEETING, OUTLOOK, 98), Falsify::Seen(MEETING, CRM, titled));
    let Judgement::Diverges(found) = judgement else { panic!("{judgement:?}") };
    let told: Vec<_> = found.sightings.iter().map(|told| (told.location, told.expected.title())).collect();
    assert_eq!(told, [(CRM, 0)]);
}

/// Of what is wrong, only what can be seen is told.
#[test]
fn what_cannot_be_seen_is_not_told() {
    let unseen = Capabilities { caches: false, ..Capabilities::ALL };
    for (capabilities, told) in [(Capabilities::ALL, &[MAILBOX, CACHE][..]), (unseen, &[MAILBOX])] {
        for item in [APPOINTMENT, CONTACT, NEW_SERIES] {
            let mut bench = Bench::documented(&capabilities);
            let judgement = bench.takes(SYNC, Falsify::InOutlook(item, titled));
            let Judgement::Diverges(found) = judgement else { panic!("{item:?}: {judgement:?}") };
            let locations: Vec<_> = found.sightings.iter().map(|told| told.location).collect();
            assert_eq!(locations, told, "{item:?}");
        }
    }
}

/// Which row decided how often, and in which situation: open, current, organizer, owner, and how far from connected.
#[test]
fn what_is_met_is_counted() {
    let mut bench = Bench::documented(&Capabilities::ALL);
    let rule = |row| Rules::documented().named(row).expect("the row exists");
    let met = |bench: &mut Bench, row| {
        let counts = bench.oracle.met().row(rule(row)).iter().enumerate();
        let met: Vec<_> = counts.filter(|&(_, &count)| count > 0).map(|(at, &count)| (at, count)).collect();
        assert_eq!(bench.oracle.met().count(rule(row)), met.iter().map(|&(_, count)| u64::from(count)).sum::<u64>());
        met
    };
    let [first, second, third] = [CONTACT, MEETING, APPOINTMENT].map(|item| delete(item, OUTLOOK));
    for op in [first, second, SYNC, third, SYNC] {
        assert_eq!(bench.takes(op, Falsify::Nothing), Judgement::Explained, "{op:?}");
    }
    assert_eq!((met(&mut bench, "D05"), met(&mut bench, "D12")), (vec![(0b1011, 1)], vec![(0b1111, 2)]));
    // One item in each of three deletions, two in each synchronization: the contact, whose record stays, is looked at again.
    assert_eq!(bench.oracle.statistics(), Statistics { sets: 7, explanations: 7, largest: 1 });
    let before = bench.oracle.met().clone();
    // Nothing is decided anew where a step is about no item, or about another.
    for op in [Op::Wait { seconds: 1 }, title(SERIES, OUTLOOK, 5)] {
        assert_eq!(bench.takes(op, Falsify::Nothing), Judgement::Explained, "{op:?}");
    }
    assert_eq!(*bench.oracle.met(), before);
    for op in [Op::Disconnect, delete(NEW_CONTACT, OUTLOOK)] {
        assert_eq!(bench.takes(op, Falsify::Nothing), Judgement::Explained, "{op:?}");
    }
    let rows = Rules::documented().deletion.rows().all().iter().map(|rule| rule.id.as_str());
    let disconnected: Vec<_> = rows.filter(|row| met(&mut bench, row).iter().any(|&(at, _)| at >> 4 == 1)).collect();
    assert_eq!(disconnected.len(), 1, "{disconnected:?}");
    bench.oracle.met().merge(&before);
    assert_eq!((met(&mut bench, "D05"), met(&mut bench, "D12")), (vec![(0b1011, 2)], vec![(0b1111, 4)]));
    bench.oracle.met().clear();
    assert_eq!((met(&mut bench, "D05"), met(&mut bench, "D12")), (vec![], vec![]));
    let (few, many) =
        (Statistics { sets: 2, explanations: 3, largest: 4 }, Statistics { sets: 5, explanations: 7, largest: 1 });
    assert_eq!(few.merge(many), Statistics { sets: 7, explanations: 10, largest: 4 });
}

/// Explanations that differ in one reading only are one; those that differ in what nobody can see are several.
#[test]
fn explanations_are_joined_where_they_agree() {
    let blind = Capabilities { kinds: [NO_TITLES; Kind::ALL.len()], stepped: false, ..Capabilities::ALL };
    let closed = documented().closed();
    let mut bench = Bench::new(closed, closed, &blind);
    for token in [5, 6] {
        assert_eq!(bench.takes(title(CONTACT, OUTLOOK, token), Falsify::Nothing), Judgement::Explained);
    }
    // Never sent, the first sent and not the second, and both.
    assert_eq!(bench.oracle.statistics().largest, 3);
    // Of the title alone the CRM wins whether it wins every conflict or each field is decided for itself.
    let switch = Switch::ConflictWinner;
    let mut bench = Bench::new(by(switch, 1), open(switch), &Capabilities::ALL);
    for op in [title(CONTACT, OUTLOOK, 5), title(CONTACT, Side::Crm, 6), SYNC] {
        assert_eq!(bench.takes(op, Falsify::Nothing), Judgement::Explained);
    }
    assert_eq!(bench.oracle.readings().of(switch), Values(0b1010));
    assert_eq!(bench.oracle.statistics().largest, 1);
}

/// An oracle that is told what was known, seen and explained at a moment judges what comes next as the one that was there.
#[test]
fn an_oracle_goes_on_from_any_moment() {
    let switch = Switch::ConflictWinner;
    let mut bench = Bench::new(by(switch, 1), open(switch), &Capabilities::ALL);
    let edits = [title(CONTACT, OUTLOOK, 5), title(CONTACT, Side::Crm, 6)];
    for op in [edits[0], edits[1], SYNC, title(MEETING, OUTLOOK, 7), Op::Disconnect, title(SERIES, OUTLOOK, 8)] {
        assert_eq!(bench.takes(op, Falsify::Nothing), Judgement::Explained, "{op:?}");
    }
    let mut oracle = Oracle::new(Rules::documented(), &setup(), open(switch), &Capabilities::ALL);
    oracle.resume(bench.oracle.context(), bench.oracle.readings(), &bench.view);
    for id in (0..setup().items.len() as u8).map(ItemId) {
        oracle.explain(id, bench.oracle.explanations(id));
    }
    assert_eq!((oracle.context(), oracle.readings()), (bench.oracle.context(), bench.oracle.readings()));
    bench.oracle = oracle;
    for op in [Op::Connect, SYNC] {
        assert_eq!(bench.takes(op, Falsify::Nothing), Judgement::Explained, "{op:?}");
    }
    assert!(matches!(bench.takes(SYNC, Falsify::Seen(CONTACT, CRM, titled)), Judgement::Diverges(_)));
}

/// As many explanations as can be held are held, and a run that needs one more is not judged.
#[test]
fn too_many_explanations_are_not_held() {
    const UNNAMED: KindCapabilities =
        KindCapabilities { fields: !(Field::Title.mask() | Field::Parent.mask()), ..KindCapabilities::ALL };
    let blind = Capabilities { kinds: [UNNAMED; Kind::ALL.len()], stepped: false, ..Capabilities::ALL };
    let closed = documented().closed();
    let mut bench = Bench::new(closed, closed, &blind);
    // Whichever of the titles was sent last: one more with every title.
    for (token, held) in (1..=u8::MAX).zip(2..) {
        assert_eq!(bench.takes(title(CONTACT, OUTLOOK, token), Falsify::Nothing), Judgement::Explained);
        assert_eq!(bench.oracle.statistics().largest, held);
    }
    assert_eq!(bench.oracle.statistics().largest as usize, MAX_EXPLANATIONS);
    let last = Op::SetParent { item: CONTACT, to: NEW_CONTACT, side: OUTLOOK };
    assert_eq!(bench.takes(last, Falsify::Nothing), Judgement::Inconclusive(CONTACT));
}
