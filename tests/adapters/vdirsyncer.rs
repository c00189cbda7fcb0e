//! Real software under the harness: vdirsyncer is driven, observed and judged.
//!
//! It was never meant to follow the documents. That the harness says what it does, and tells its plain form from the one
//! that is configured to keep contacts, is the point.

use std::path::{Path, PathBuf};

use tombstone_adapter::{ChildImplementation, Launch};
use tombstone_model::ids::{ComputerId, ItemId, UserId, UserSet};
use tombstone_model::plan::{Change, Deletion, ItemSetup, Kind, Op, Place, Plan, Side, Step};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_model::time::{Schedule, Schedules};
use tombstone_model::verdict::{Check, RunVerdict};
use tombstone_model::view::Location;
use tombstone_search::run::{Terms, record, run};
use tombstone_tests::skip;

use crate::world;

const ANN: UserId = UserId(0);
const DAY: i32 = 86_400;

/// The adapter, where it has been installed; a test must not fetch from the network.
fn adapter(profile: &str) -> Option<ChildImplementation> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/vdirsyncer");
    if !folder.join(".venv/bin/vdirsyncer").exists() {
        skip("vdirsyncer is not installed; `tests/adapters/vdirsyncer/install` does that");
        return None;
    }
    Some(ChildImplementation::start(Launch::new(folder.join("run"), [profile])).expect("the adapter starts"))
}

/// A tracked item of that kind, to which this is done before the synchronization.
fn plan(kind: Kind, ops: &[Op]) -> Plan {
    let mut item = ItemSetup::new(kind, ANN);
    (item.copies, item.tracked, item.in_crm) = (UserSet::of(ANN), UserSet::of(ANN), true);
    item.required = if kind == Kind::Appointment { UserSet::of(ANN) } else { UserSet::EMPTY };
    item.when = if kind == Kind::Contact { 0 } else { 1 };
    let on = |start| Schedule { start, end: start, every: 0, count: 1 };
    let mut plan = world::plan(vec![item], Schedules::of([on(700 * DAY), on(800 * DAY)]));
    let step = |&op| Step { by: ANN, at: Place::Computer(ComputerId(0)), op };
    plan.steps = ops.iter().chain(&[Op::Synchronize { crash: None }, Op::Settle]).map(step).collect();
    plan
}

#[track_caller]
fn check(child: &mut ChildImplementation, kind: Kind, op: Op, expected: Option<Check>) {
    let readings = Profile::named(Profile::DEFAULT).expect("the default profile").readings();
    let terms = Terms { rules: Rules::documented(), readings, skip_unsupported: false };
    let verdict = run(terms, &plan(kind, &[op]), child).verdict;
    match (&verdict, expected) {
        (RunVerdict::Conforms, None) => {}
        (RunVerdict::Diverges(divergence), Some(check)) if divergence.check == check => {}
        (
            RunVerdict::Conforms
            | RunVerdict::Diverges(_)
            | RunVerdict::Unsupported(_)
            | RunVerdict::Broken(_)
            | RunVerdict::Undecided(_),
            _,
        ) => panic!("{kind:?}, {op:?}: {verdict:?} instead of {expected:?}"),
    }
}

fn delete(side: Side) -> Op {
    Op::Delete { item: ItemId(0), side, how: Deletion::Hard }
}

fn edit(side: Side, change: Change) -> Op {
    Op::Edit { item: ItemId(0), side, change }
}

const OUTLOOK: Side = Side::Outlook(ANN);

#[test]
fn what_every_synchronizer_does_conforms() {
    let Some(mut child) = adapter("plain") else { return };
    check(&mut child, Kind::Contact, edit(OUTLOOK, Change::Title(1)), None);
    check(&mut child, Kind::Contact, edit(Side::Crm, Change::Title(1)), None);
    check(&mut child, Kind::Appointment, edit(OUTLOOK, Change::When(2)), None);
    check(&mut child, Kind::Task, edit(Side::Crm, Change::When(2)), None);
    check(&mut child, Kind::Task, Op::Complete { item: ItemId(0), side: OUTLOOK }, None);
    for kind in [Kind::Appointment, Kind::Task] {
        for side in [OUTLOOK, Side::Crm] {
            check(&mut child, kind, delete(side), None);
        }
    }
    assert_eq!(child.finish(), Ok(()));
}

#[test]
fn it_carries_the_deletion_of_a_contact_which_the_documents_forbid() {
    let Some(mut child) = adapter("plain") else { return };
    check(&mut child, Kind::Contact, delete(OUTLOOK), Some(Check::Rule));
    check(&mut child, Kind::Contact, delete(Side::Crm), Some(Check::Rule));
}

#[test]
fn told_to_keep_contacts_it_brings_them_back() {
    let Some(mut child) = adapter("policy") else { return };
    check(&mut child, Kind::Contact, delete(OUTLOOK), Some(Check::Resurrected));
    check(&mut child, Kind::Contact, delete(Side::Crm), Some(Check::Rule));
}

/// Its window begins at the time at which it is started, and that is the world's.
#[test]
fn what_has_become_past_in_the_meantime_stays_in_outlook() {
    if !Path::new("/usr/bin/faketime").exists() {
        skip("the Debian package faketime is not installed; `tests/adapters/vdirsyncer/install` does that");
        return;
    }
    let Some(mut child) = adapter("window") else { return };
    let readings = Profile::named(Profile::DEFAULT).expect("the default profile").readings();
    let terms = Terms { rules: Rules::documented(), readings, skip_unsupported: false };
    let soon = Schedule { start: 2 * DAY, end: 2 * DAY + 3600, every: 0, count: 1 };
    for (days, stays) in [(1, false), (30, true)] {
        let mut plan = plan(Kind::Appointment, &[Op::Wait { seconds: days * DAY }, delete(Side::Crm)]);
        plan.setup.schedules = Schedules::of([soon]);
        plan.steps.iter_mut().filter(|step| matches!(step.op, Op::Wait { .. })).for_each(|step| step.at = Place::Web);
        let (run, trace) = record(terms, &plan, &mut child);
        assert_eq!(run.verdict, RunVerdict::Conforms, "{days}");
        let last = &trace.moments.last().expect("steps").view;
        assert_eq!(last.get(ItemId(0), Location::Mailbox(ANN)).is_present(), stays, "{days}");
    }
    assert_eq!(child.finish(), Ok(()));
}
