//! What the shrinker tries: of a plan that fails together with one other plan alone, the other one is found.

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, Crash, Deletion, ItemSetup, Kind, Method, Names, Op, Place, Plan, Right, Rights, Setup,
    Side, Stage, Status, Step, Store, UserSetup,
};
use tombstone_model::time::{Schedule, Schedules, Zone};
use tombstone_model::verdict::{Check, DivergenceSignature};
use tombstone_search::shrink::{Failed, shrink};

/// Anna has two computers, and Boris one; the server synchronizes his mailbox.
const ANNA: UserId = UserId(0);
const BORIS: UserId = UserId(1);

/// The item that everything fails on, a contact, a task and an account.
const SERIES: ItemId = ItemId(0);
const CONTACT: ItemId = ItemId(1);
const TASK: ItemId = ItemId(2);
const ACCOUNT: ItemId = ItemId(3);

const OUTLOOK: Side = Side::Outlook(ANNA);
const SYNC: Op = Op::Synchronize { crash: None };
const GO_OFFLINE: Op = Op::GoOffline { crash: None };
const GO_ONLINE: Op = Op::GoOnline { crash: None };

fn setup() -> Setup {
    let user = |method| UserSetup { method, delegates: UserSet::EMPTY, rights: Rights::ALL };
    let series = Schedule { start: 86_400, end: 90_000, every: 86_400, count: 3 };
    let both = UserSet::of(ANNA).with(BORIS);
    let item = |kind: Kind| ItemSetup {
        copies: if kind.is_crm_only() { UserSet::EMPTY } else { both },
        tracked: if kind.is_crm_only() { UserSet::EMPTY } else { both },
        in_crm: true,
        when: u8::from(kind.is_calendar()),
        ..ItemSetup::new(kind, ANNA)
    };
    Setup {
        zone: Zone::utc(chrono::DateTime::default()),
        users: vec![user(Method::OutlookClient), user(Method::ServerSide)],
        computers: vec![
            ComputerSetup { user: ANNA, synchronizing: true },
            ComputerSetup { user: ANNA, synchronizing: false },
            ComputerSetup { user: BORIS, synchronizing: false },
        ],
        items: [Kind::RecurringAppointment, Kind::Contact, Kind::Task, Kind::Account].map(item).to_vec(),
        bystanders: 0,
        schedules: Schedules::of([series]),
    }
}

fn plan(steps: impl Into<Vec<Step>>) -> Plan {
    let setup = setup();
    Plan { steps: steps.into(), names: Names::invented(&setup), setup }
}

/// What Anna does at one of her computers.
const fn at(computer: u8, op: Op) -> Step {
    Step { by: ANNA, at: Place::Computer(ComputerId(computer)), op }
}

const fn web(by: UserId, op: Op) -> Step {
    Step { by, at: Place::Web, op }
}

const fn title(item: ItemId, side: Side, token: u8) -> Op {
    Op::Edit { item, side, change: Change::Title(token) }
}

const fn edit(token: u8) -> Step {
    at(0, title(SERIES, OUTLOOK, token))
}

const fn delete(item: ItemId, side: Side, how: Deletion) -> Op {
    Op::Delete { item, side, how }
}

const fn crash(stage: Stage) -> Option<Crash> {
    Some(Crash { at: SERIES, stage })
}

const fn sync_crash(stage: Stage) -> Op {
    Op::Synchronize { crash: crash(stage) }
}

const fn server(mailbox: UserId, crash: Option<Crash>) -> Step {
    web(mailbox, Op::ServerSynchronize { mailbox, crash })
}

fn untrack(items: ItemSet, yes: bool) -> Op {
    Op::Untrack { items, mailbox: ANNA, yes }
}

const SIGNATURE: DivergenceSignature = DivergenceSignature { check: Check::Carried, rule: None };

fn failed(plan: &Plan) -> Failed {
    Failed { signature: SIGNATURE, ended_at: None, item: Some(SERIES), taken: vec![true; plan.steps.len()] }
}

/// Shrinks a plan where nothing fails but the plan itself and what is wanted.
fn shrinks_to(plan: &Plan, wanted: &Plan) -> Plan {
    let mut fails = |candidate: &Plan| (candidate == plan || candidate == wanted).then(|| failed(candidate));
    shrink(plan, usize::MAX, &mut fails).expect("the plan fails").plan
}

fn check(cases: &[(Plan, Plan)]) {
    let mut wrong = Vec::new();
    for (n, (plan, wanted)) in cases.iter().enumerate() {
        assert_ne!(plan, wanted, "case {n}");
        if &shrinks_to(plan, wanted) != wanted {
            wrong.push(format!("case {n}: {:#?}\nis not tried for {:#?}", wanted.steps, plan.steps));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check_steps(cases: Vec<(Vec<Step>, Vec<Step>)>) {
    let cases: Vec<_> = cases.into_iter().map(|(steps, wanted)| (plan(steps), plan(wanted))).collect();
    check(&cases);
}

#[test]
fn steps_are_left_out() {
    let [a, b, c, d, e] = [1, 2, 3, 4, 5].map(edit);
    let other = at(0, title(CONTACT, OUTLOOK, 6));
    let settle = web(ANNA, Op::Settle);
    let wait = at(0, Op::Wait { seconds: 60 });
    check_steps(vec![
        // Any single one, and halves from the end.
        (vec![a, b, c, d, e], vec![b, c, d, e]),
        (vec![a, b, c, d, e], vec![a, b, d, e]),
        (vec![a, b, c, d, e], vec![a, b, c, d]),
        (vec![a, b, c, d, e], vec![a, b, c]),
        (vec![a, b, c, d, e], vec![a, d, e]),
        (vec![a, b, c, d], vec![a, b]),
        (vec![a, b, c, d], vec![c, d]),
        (vec![a, b], vec![a]),
        // What is about other items, all at once.
        (vec![other, a, other, wait, b, other, at(0, SYNC), c, other], vec![a, wait, b, at(0, SYNC), c]),
        // Synchronizing to rest, but for the end.
        (vec![settle, a, settle, b, settle, c, settle], vec![a, b, c, settle]),
        // Two that do not lie together, and one with two others changed.
        (vec![a, b, c, d], vec![b, d]),
        (vec![a, b, c, d], vec![b, c]),
        (vec![a, b, c, d], vec![a, c]),
        (vec![a, b, c, d], vec![c, b, d]),
        (vec![a, b, c, d], vec![b, a, c]),
        (vec![a, b, c, d], vec![b, d, c]),
    ]);
}

/// Of a plan of eight steps any two are left out, and any one while two neighbours change places; of a longer one, there
/// are too many to try.
#[test]
fn any_two_steps_of_a_short_plan_are_left_out() {
    let steps: Vec<Step> = (1..=9).map(edit).collect();
    let without = |steps: &[Step], gone: [usize; 2]| -> Vec<Step> {
        steps.iter().enumerate().filter(|(n, _)| !gone.contains(n)).map(|(_, step)| *step).collect()
    };
    let mut cases = Vec::new();
    for first in 0..8 {
        for second in first + 1..8 {
            cases.push((steps[..8].to_vec(), without(&steps[..8], [first, second])));
        }
        for second in 1..7 {
            let mut less = without(&steps[..8], [first, first]);
            less.swap(second - 1, second);
            cases.push((steps[..8].to_vec(), less));
        }
    }
    check_steps(cases);
    let (long, less) = (plan(steps.clone()), plan(without(&steps, [2, 5])));
    assert_eq!(shrinks_to(&long, &less), long);
}

/// A lost connection is plainer than work offline, which stands for it only where that shortens the plan.
#[test]
fn what_is_exchanged_is_shorter() {
    let a = edit(1);
    let lost = plan([at(0, Op::Disconnect), a, at(0, Op::Connect)]);
    let offline = plan([at(0, GO_OFFLINE), a, at(0, GO_ONLINE)]);
    assert_eq!(shrinks_to(&lost, &offline), lost);
    let crash_of = |step| plan([a, step, edit(2)]);
    let here = crash_of(at(0, sync_crash(Stage::BeforeErase)));
    assert_eq!(shrinks_to(&here, &crash_of(server(BORIS, crash(Stage::BeforeErase)))), here);
    assert_eq!(
        shrinks_to(&offline, &plan([at(0, Op::Disconnect), a, at(0, GO_ONLINE)])).steps[0],
        at(0, Op::Disconnect)
    );
}

#[test]
fn a_step_is_made_plainer() {
    let several = ItemSet::of(SERIES).with(TASK);
    let track = |items, record| at(0, Op::Track { items, mailbox: ANNA, record });
    let [a, b] = [1, 2].map(edit);
    let around = |step| vec![a, step, b];
    let boris = Op::ServerSynchronize { mailbox: BORIS, crash: None };
    let cases = [
        (at(0, delete(SERIES, OUTLOOK, Deletion::Soft)), at(0, delete(SERIES, OUTLOOK, Deletion::Hard))),
        (at(0, delete(SERIES, OUTLOOK, Deletion::Moved)), at(0, delete(SERIES, OUTLOOK, Deletion::Hard))),
        (at(0, GO_OFFLINE), at(0, Op::Disconnect)),
        (at(0, GO_ONLINE), at(0, Op::Connect)),
        (at(0, Op::GoOffline { crash: crash(Stage::BeforeErase) }), at(0, GO_OFFLINE)),
        (at(0, Op::GoOnline { crash: crash(Stage::BeforeErase) }), at(0, GO_ONLINE)),
        (at(0, sync_crash(Stage::BeforeErase)), at(0, SYNC)),
        (at(0, sync_crash(Stage::BeforeErase)), at(0, sync_crash(Stage::BeforeUpload))),
        (at(0, sync_crash(Stage::BeforeUpload)), at(0, SYNC)),
        (server(BORIS, crash(Stage::BeforeErase)), server(BORIS, None)),
        (web(ANNA, Op::Settle), at(0, SYNC)),
        (web(ANNA, Op::Settle), web(BORIS, boris)),
        (track(several, None), track(ItemSet::of(SERIES), None)),
        (track(several, None), track(ItemSet::of(TASK), None)),
        (track(ItemSet::of(TASK), Some(Kind::Fax)), track(ItemSet::of(TASK), None)),
        (at(0, untrack(several, true)), at(0, untrack(ItemSet::of(SERIES), true))),
        (at(0, untrack(several, false)), at(0, untrack(ItemSet::of(TASK), false))),
    ];
    check_steps(cases.into_iter().map(|(step, plainer)| (around(step), around(plainer))).collect());
    // Who has no synchronizing computer at the start synchronizes from the first.
    let none = |steps: Vec<Step>| {
        let mut plan = plan(steps);
        plan.setup.computers[0].synchronizing = false;
        plan
    };
    let second = |steps: Vec<Step>| {
        let mut plan = none(steps);
        plan.setup.computers[1].synchronizing = true;
        plan
    };
    let settle = || around(web(ANNA, Op::Settle));
    check(&[(none(settle()), none(around(at(0, SYNC)))), (second(settle()), second(around(at(1, SYNC))))]);
}

#[test]
fn one_step_does_for_two() {
    let [a, b, c] = [1, 2, 3].map(edit);
    let task = |op| vec![a, op, b];
    let on_the_web = |by, op| web(by, op);
    let yes = |item, computer| at(computer, untrack(ItemSet::of(item), true));
    let moved = at(0, Op::Edit { item: TASK, side: OUTLOOK, change: Change::When(1) });
    let boris = Side::Outlook(BORIS);
    let delete_task = |side| delete(TASK, side, Deletion::Hard);
    let occurrence = |n| at(0, delete(SERIES, OUTLOOK, Deletion::Occurrence(n)));
    let parent = |side| Op::SetParent { item: CONTACT, to: ACCOUNT, side };
    let cases: Vec<(Step, Step)> = vec![
        (moved, at(0, Op::Wait { seconds: 86_400 })),
        (moved, yes(TASK, 0)),
        (moved, yes(TASK, 1)),
        (web(ANNA, title(TASK, Side::Crm, 9)), on_the_web(ANNA, title(TASK, OUTLOOK, 9))),
        (web(ANNA, title(TASK, Side::Crm, 9)), on_the_web(BORIS, title(TASK, boris, 9))),
        (at(0, delete_task(OUTLOOK)), on_the_web(ANNA, delete_task(Side::Crm))),
        (at(0, delete_task(OUTLOOK)), on_the_web(BORIS, delete_task(boris))),
        (at(0, delete_task(OUTLOOK)), yes(TASK, 1)),
        (at(0, delete(TASK, OUTLOOK, Deletion::Soft)), web(ANNA, delete_task(Side::Crm))),
        (web(BORIS, delete_task(Side::Crm)), web(ANNA, delete_task(OUTLOOK))),
        (web(BORIS, delete_task(Side::Crm)), web(BORIS, delete_task(boris))),
        (occurrence(1), occurrence(0)),
        (occurrence(1), occurrence(2)),
        (yes(TASK, 0), at(0, untrack(ItemSet::of(TASK), false))),
        (yes(TASK, 0), yes(TASK, 1)),
        (web(ANNA, parent(Side::Crm)), web(ANNA, parent(OUTLOOK))),
        (web(ANNA, parent(Side::Crm)), web(BORIS, parent(boris))),
        (at(0, SYNC), web(ANNA, Op::Settle)),
        (server(BORIS, None), web(BORIS, Op::Settle)),
    ];
    // In its own place, and in the place of the other.
    let own = cases.iter().map(|&(step, like)| (task(step), vec![a, like]));
    let before = cases.iter().map(|&(step, like)| (task(step), vec![like, b]));
    let elsewhere = cases.iter().map(|&(step, like)| (vec![a, b, step, c], vec![like, b, c]));
    check_steps(own.chain(before).chain(elsewhere).collect());
}

#[test]
fn crashes_and_connections_are_exchanged() {
    let [a, b, c] = [1, 2, 3].map(edit);
    let offline_crash = |stage| at(0, Op::GoOffline { crash: crash(stage) });
    let online_crash = at(0, Op::GoOnline { crash: crash(Stage::BeforeErase) });
    let sync = at(0, SYNC);
    let (disconnect, connect, restart) = (at(0, Op::Disconnect), at(0, Op::Connect), at(0, Op::Restart));
    let (go_offline, go_online) = (at(0, GO_OFFLINE), at(0, GO_ONLINE));
    let crashing = |stage| at(0, sync_crash(stage));
    let mut cases = vec![
        // Everything happens at connected computers.
        (vec![disconnect, a, connect, go_offline, b, go_online, sync], vec![a, b, sync]),
        (vec![disconnect, a, connect, offline_crash(Stage::BeforeUpload), b, restart, c], vec![a, b, c]),
        // Away and back.
        (vec![go_offline, a, go_online, b], vec![sync, a, b]),
        (vec![go_offline, a, go_online, b], vec![disconnect, a, b]),
        (vec![go_offline, a, go_online, b], vec![a, sync, b]),
        (vec![disconnect, a, connect, b], vec![sync, a, b]),
        (vec![disconnect, a, at(1, Op::Connect), connect, b], vec![sync, a, at(1, Op::Connect), b]),
        (vec![a, disconnect, b, connect, c], vec![a, sync, b, c]),
        (vec![a, disconnect, b, connect, c], vec![a, b, sync, c]),
        (vec![a, disconnect, b, connect, c], vec![a, go_offline, b, go_online]),
        (vec![crashing(Stage::BeforeErase), a, restart, b], vec![a, sync, b]),
        (vec![disconnect, a, online_crash, b], vec![a, offline_crash(Stage::BeforeErase), b]),
        (vec![disconnect, a, online_crash, b], vec![a, crashing(Stage::BeforeErase), b]),
        // The server crashes.
        (
            vec![a, crashing(Stage::BeforeErase), restart, connect, b],
            vec![a, server(BORIS, crash(Stage::BeforeErase)), b],
        ),
        (
            vec![at(1, Op::Disconnect), crashing(Stage::BeforeErase), restart, a],
            vec![at(1, Op::Disconnect), server(BORIS, crash(Stage::BeforeErase)), a],
        ),
    ];
    for stage in [Stage::BeforeAcknowledgement, Stage::BeforeErase] {
        // The last synchronization crashes.
        let before = [disconnect, a, connect, offline_crash(Stage::BeforeUpload), restart];
        cases.push(([&before[..], &[sync]].concat(), vec![a, crashing(stage)]));
        cases.push(([&before[..], &[server(BORIS, None)]].concat(), vec![a, server(BORIS, crash(stage))]));
    }
    for stage in [Stage::BeforeAcknowledgement, Stage::BeforeErase, Stage::BeforeUpload] {
        // A later one does.
        let early = crashing(Stage::Done);
        cases.push((vec![a, early, b, sync, c], vec![a, b, crashing(stage), c]));
        cases.push((vec![early, sync, a, sync], vec![crashing(stage), a, sync]));
        cases.push((vec![early, sync, a, sync], vec![sync, a, crashing(stage)]));
        cases.push((vec![early, a, server(BORIS, None)], vec![a, server(BORIS, crash(stage))]));
    }
    check_steps(cases);
    // The computer that is chosen on the way synchronizes from the start.
    let choose = at(1, Op::ChooseSynchronizingComputer);
    let mut chosen = plan([a, b]);
    (chosen.setup.computers[0].synchronizing, chosen.setup.computers[1].synchronizing) = (false, true);
    check(&[(plan([a, choose, b]), chosen)]);
}

#[test]
fn detail_is_simplified() {
    let steps = [edit(1), at(0, title(CONTACT, OUTLOOK, 2)), at(0, title(TASK, OUTLOOK, 3)), web(BORIS, Op::Settle)];
    type Change = fn(&mut Setup);
    let changes: [Change; 13] = [
        |setup| setup.zone = Zone::named("Europe/Berlin", setup.zone.start()).expect("the zone exists"),
        |setup| setup.items[0].required = UserSet::of(BORIS),
        |setup| setup.items[0].optional = UserSet::of(BORIS),
        |setup| setup.items[0].exceptions = 0b10,
        |setup| setup.items[2].regarding = Some(ACCOUNT),
        |setup| setup.items[1].parent = Some(ACCOUNT),
        |setup| setup.items[2].store = Store::Elsewhere,
        |setup| setup.items[2].record = Kind::Letter,
        |setup| setup.items[2].status = Status::Cancelled,
        |setup| setup.users[0].delegates = UserSet::of(BORIS),
        |setup| setup.users[1].rights = Rights::ALL.without(Right::Delete),
        |setup| setup.users[1].rights = Rights::NONE,
        |setup| (setup.users[0].delegates, setup.users[0].rights) = (UserSet::of(BORIS), Rights::NONE),
    ];
    let mut cases: Vec<(Plan, Plan)> = Vec::new();
    for change in changes {
        let mut special = plan(steps);
        change(&mut special.setup);
        cases.push((special, plan(steps)));
    }
    // Only its owner has a copy, and of it tracks what was tracked.
    let mut own = plan(steps);
    (own.setup.items[0].copies, own.setup.items[0].tracked) = (UserSet::of(ANNA), UserSet::of(ANNA));
    cases.push((plan(steps), own));
    // Everything one person does, at one place; what is about no item stays where it is.
    let elsewhere = |computer| at(computer, title(CONTACT, OUTLOOK, 2));
    let other = web(BORIS, title(CONTACT, Side::Crm, 3));
    let [choose, synchronize] = [Op::ChooseSynchronizingComputer, SYNC].map(|op| at(1, op));
    cases.push((
        plan([edit(1), elsewhere(1), other, choose, synchronize]),
        plan([edit(1), elsewhere(0), other, choose, synchronize]),
    ));
    check(&cases);
}

/// Every operation on an item: what it is done to, what it refers to, and the last item.
fn script(item: ItemId, to: ItemId, last: ItemId, by: UserId, other: UserId) -> Vec<Step> {
    let side = Side::Outlook(by);
    let items = ItemSet::of(item).with(last);
    let crash = Some(Crash { at: last, stage: Stage::BeforeErase });
    let ops = [
        Op::Create { item, side },
        title(item, side, 1),
        delete(item, side, Deletion::Hard),
        Op::Track { items, mailbox: by, record: None },
        Op::Untrack { items, mailbox: by, yes: true },
        Op::SetRegarding { items, side, to },
        Op::SetParent { item, side, to },
        Op::Complete { item, side },
        Op::Cancel { item },
        Op::Assign { item, to: other },
        Op::ChangeOrganizer { item, to: other },
        title(item, Side::Crm, 2),
        Op::GoOffline { crash },
        Op::GoOnline { crash },
        Op::Synchronize { crash },
        Op::ServerSynchronize { mailbox: by, crash },
        Op::Settle,
    ];
    ops.map(|op| web(by, op)).to_vec()
}

/// What nobody needs is left out, and everything else keeps its meaning under its new number.
#[test]
fn who_and_what_is_not_needed_is_left_out() {
    let whole = || {
        let mut plan = plan(script(TASK, CONTACT, ACCOUNT, BORIS, BORIS));
        let items = &mut plan.setup.items;
        (items[2].regarding, items[2].parent) = (Some(ACCOUNT), Some(CONTACT));
        items[1].parent = Some(SERIES);
        for item in items {
            (item.owner, item.organizer, item.required, item.optional) =
                (BORIS, Some(BORIS), UserSet::of(ANNA).with(BORIS), UserSet::of(BORIS));
        }
        plan
    };
    let mut cases = Vec::new();
    // The first item: the others move down, and nothing refers to it any more.
    let mut less = whole();
    less.steps = script(CONTACT, SERIES, TASK, BORIS, BORIS);
    less.setup.items.remove(0);
    less.names.items.remove(0);
    (less.setup.items[1].regarding, less.setup.items[1].parent, less.setup.items[0].parent) =
        (Some(TASK), Some(SERIES), None);
    cases.push((whole(), less));
    // The last one, and the steps about it; who crashes there crashes at the one before.
    let about = |gone: ItemId| {
        move |step: &Step| {
            let to = if let Op::SetRegarding { to, .. } | Op::SetParent { to, .. } = step.op { Some(to) } else { None };
            to == Some(gone) || step.op.items().is_some_and(|items| items.contains(gone))
        }
    };
    let mut less = whole();
    less.steps.retain(|step| !about(ACCOUNT)(step));
    for step in &mut less.steps {
        if let Op::GoOffline { crash: Some(crash) }
        | Op::GoOnline { crash: Some(crash) }
        | Op::Synchronize { crash: Some(crash) }
        | Op::ServerSynchronize { crash: Some(crash), .. } = &mut step.op
        {
            crash.at = TASK;
        }
    }
    less.setup.items.pop();
    less.names.items.pop();
    less.setup.items[2].regarding = None;
    cases.push((whole(), less));
    // One that others refer to: the references go with it, and the steps that set one.
    let mut less = whole();
    less.steps = script(CONTACT, CONTACT, TASK, BORIS, BORIS);
    less.steps.retain(|step| !matches!(step.op, Op::SetRegarding { .. } | Op::SetParent { .. }));
    less.setup.items.remove(1);
    less.names.items.remove(1);
    (less.setup.items[1].regarding, less.setup.items[1].parent) = (Some(TASK), None);
    cases.push((whole(), less));
    // A computer, and what is done there.
    let everywhere = [at(0, SYNC), at(1, SYNC), web(BORIS, Op::Settle), at(2, SYNC), edit(1)];
    for (gone, left) in [
        (0, vec![at(0, SYNC), web(BORIS, Op::Settle), at(1, SYNC)]),
        (1, vec![at(0, SYNC), web(BORIS, Op::Settle), at(1, SYNC), edit(1)]),
        (2, vec![at(0, SYNC), at(1, SYNC), web(BORIS, Op::Settle), edit(1)]),
    ] {
        let mut less = plan(left);
        less.setup.computers.remove(gone);
        less.names = plan([]).names;
        less.names.computers.remove(gone);
        cases.push((plan(everywhere), less));
    }
    // A user who has no computer: Anna, then Boris. Boris is user 0 without her.
    let alone = |gone: UserId, plan: &mut Plan| plan.setup.computers.retain(|computer| computer.user != gone);
    let mut whole_without = whole();
    alone(ANNA, &mut whole_without);
    whole_without.names.computers.truncate(whole_without.setup.computers.len());
    whole_without.steps.push(web(ANNA, Op::Settle));
    whole_without.steps.push(web(ANNA, SYNC));
    whole_without.steps.push(web(BORIS, Op::Assign { item: TASK, to: ANNA }));
    whole_without.setup.users[1].delegates = UserSet::of(ANNA);
    let mut less = whole_without.clone();
    less.steps = script(TASK, CONTACT, ACCOUNT, ANNA, ANNA);
    less.steps.push(web(ANNA, Op::Settle));
    less.steps.push(web(ANNA, Op::Assign { item: TASK, to: ANNA }));
    less.setup.users.remove(0);
    less.names.users.remove(0);
    less.setup.users[0].delegates = UserSet::EMPTY;
    for computer in &mut less.setup.computers {
        computer.user = ANNA;
    }
    for item in &mut less.setup.items {
        (item.owner, item.organizer, item.required, item.optional) =
            (ANNA, Some(ANNA), UserSet::of(ANNA), UserSet::of(ANNA));
        item.copies = if item.kind.is_crm_only() { UserSet::EMPTY } else { UserSet::of(ANNA) };
        item.tracked = item.copies;
    }
    cases.push((whole_without, less));
    let mut whole_without = whole();
    alone(BORIS, &mut whole_without);
    whole_without.names.computers.truncate(whole_without.setup.computers.len());
    whole_without.steps = script(TASK, CONTACT, ACCOUNT, ANNA, BORIS);
    let mut less = whole_without.clone();
    less.steps = script(TASK, CONTACT, ACCOUNT, ANNA, ANNA);
    less.setup.users.pop();
    less.names.users.pop();
    for item in &mut less.setup.items {
        (item.owner, item.organizer, item.required, item.optional) = (ANNA, None, UserSet::of(ANNA), UserSet::EMPTY);
        item.copies = if item.kind.is_crm_only() { UserSet::EMPTY } else { UserSet::of(ANNA) };
        item.tracked = item.copies;
    }
    cases.push((whole_without, less));
    check(&cases);
}

/// What an exchange leaves is shortened again.
#[test]
fn one_thing_leads_to_another() {
    let [a, b] = [1, 2].map(edit);
    let apart = [at(0, Op::Disconnect), a, at(0, Op::Connect), at(0, GO_OFFLINE), b, at(0, GO_ONLINE), at(0, SYNC)];
    let way = [plan(apart), plan([a, b, at(0, SYNC)]), plan([b, at(0, SYNC)])];
    let mut fails = |candidate: &Plan| way.contains(candidate).then(|| failed(candidate));
    assert_eq!(shrink(&way[0], usize::MAX, &mut fails).expect("the plan fails").plan, way[2]);
}

/// The only item and the only user stay, and whoever has a computer.
#[test]
fn what_is_needed_stays() {
    let mut least = plan([edit(1)]);
    least.setup.items.truncate(1);
    least.setup.users.truncate(1);
    let mut tried = Vec::new();
    let mut fails = |candidate: &Plan| {
        tried.push(candidate.clone());
        (candidate == &least).then(|| failed(candidate))
    };
    assert_eq!(shrink(&least, usize::MAX, &mut fails).expect("it fails").plan, least);
    assert!(tried.iter().all(|plan| plan.setup.items.len() == 1 && plan.setup.users.len() == 1));
    let mut tried = 0;
    let both = plan([edit(1), web(BORIS, title(SERIES, Side::Crm, 2))]);
    let mut fails = |candidate: &Plan| {
        tried += usize::from(candidate.setup.users.len() < 2);
        (candidate == &both).then(|| failed(candidate))
    };
    assert_eq!(shrink(&both, usize::MAX, &mut fails).expect("it fails").plan, both);
    assert_eq!(tried, 0, "both have computers");
}

/// What comes after the failure, and what was never taken, goes without being tried.
#[test]
fn what_was_never_taken_goes() {
    let steps: Vec<Step> = (1..=6).map(edit).collect();
    let original = plan(steps.clone());
    for (ended_at, taken, left) in [
        (None, vec![true; 6], vec![0, 1, 2, 3, 4, 5]),
        (Some(3), vec![true; 4], vec![0, 1, 2, 3]),
        (Some(3), vec![true, false, true], vec![0, 2, 3]),
        (None, vec![false, true, true, false, true, true], vec![1, 2, 4, 5]),
        (Some(0), vec![], vec![0]),
    ] {
        let failed = Failed { signature: SIGNATURE, ended_at, item: None, taken };
        let mut fails = |candidate: &Plan| (candidate == &original).then(|| failed.clone());
        let shrunk = shrink(&original, 1, &mut fails).expect("the plan fails");
        assert_eq!(shrunk.executions, 1);
        assert_eq!(shrunk.plan.steps, left.iter().map(|&n: &usize| steps[n]).collect::<Vec<_>>(), "{failed:?}");
    }
}

/// Of many steps the two that matter are found by few executions; another failure is not taken for the same.
#[test]
fn what_matters_is_found_quickly() {
    let steps: Vec<Step> = (1..=128).map(edit).collect();
    let original = plan(steps.clone());
    for (first, second) in [(0, 1), (0, 127), (63, 64), (31, 100), (126, 127)] {
        let needed = [steps[first], steps[second]];
        for budget in [usize::MAX, 200] {
            let mut calls = 0;
            let mut fails = |candidate: &Plan| {
                calls += 1;
                let all = needed.iter().all(|step| candidate.steps.contains(step));
                let signature =
                    if all { SIGNATURE } else { DivergenceSignature { check: Check::Vanished, rule: None } };
                Some(Failed { signature, ..failed(candidate) })
            };
            let shrunk = shrink(&original, budget, &mut fails).expect("the plan fails");
            assert_eq!(shrunk.plan.steps, needed, "{first} and {second}");
            assert_eq!(shrunk.executions, calls);
            assert!(calls <= 100, "{calls} executions for {first} and {second}");
        }
    }
    assert!(shrink(&original, 100, &mut |_| None).is_none(), "what does not fail is not shrunk");
}
