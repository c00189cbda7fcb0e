//! Every adapter of `implementations.toml` that is installed: it speaks the protocol to the letter, what any synchronizer
//! does conforms, what a plain one deletes is convicted, and it leaves no process behind.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use tombstone_adapter::{ChildImplementation, Launch};
use tombstone_campaign::disasters::disasters;
use tombstone_campaign::log::Log;
use tombstone_model::contract::implementation::{Implementation, Operation};
use tombstone_model::ids::{ComputerId, ItemId, UserId, UserSet};
use tombstone_model::plan::{Change, Deletion, ItemSetup, Kind, Op, Place, Plan, Side, Step};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_model::time::{Schedule, Schedules};
use tombstone_model::verdict::{Check, RunVerdict};
use tombstone_reports::events::{CaseJudged, Event};
use tombstone_reports::{CommandLine, ImplementationReport, Observation, Verdict};
use tombstone_search::run::{Terms, run};
use tombstone_tests::skip;

use crate::world;

const ANN: UserId = UserId(0);
const OUTLOOK: Side = Side::Outlook(ANN);
const DAY: i32 = 86_400;

/// What the list says of all.
#[derive(Deserialize)]
struct Manifest {
    implementation: BTreeMap<String, Entry>,
}

/// What the list says of one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    command: Vec<String>,
    directory: PathBuf,
    install: Vec<String>,
    software: String,
    license: String,
    needs: String,
    present: Vec<String>,
    notes: String,
    reset_timeout: u64,
    step_timeout: u64,
}

impl Entry {
    fn folder(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters").join(&self.directory)
    }

    /// What is missing for it to run.
    fn missing(&self) -> Option<&String> {
        let on_path = |program: &str| {
            let folders = env::var_os("PATH").unwrap_or_default();
            env::split_paths(&folders).any(|folder| folder.join(program).exists())
        };
        self.present.iter().find(
            |what| {
                !if what.contains('/') { self.folder().join(what).exists() } else { on_path(what) }
            },
        )
    }

    fn start(&self) -> ChildImplementation {
        let (program, arguments) = self.command.split_first().expect("a command");
        let program = program.strip_prefix("./").map_or_else(|| program.into(), |own| self.folder().join(own));
        let mut launch = Launch::new(program, arguments);
        launch.folder = Some(self.folder());
        launch.validate = true;
        launch.limits.reset = Duration::from_secs(self.reset_timeout);
        launch.limits.message = Duration::from_secs(self.step_timeout);
        ChildImplementation::start(launch).expect("the adapter starts")
    }
}

pub(crate) fn manifest() -> BTreeMap<String, Entry> {
    let text = include_str!("implementations.toml");
    toml::from_str::<Manifest>(text).expect("the list of implementations").implementation
}

/// Starts an implementation where it is installed; a test must not fetch from the network.
pub(crate) fn start(name: &str) -> Option<ChildImplementation> {
    let entry = &manifest()[name];
    if let Some(missing) = entry.missing() {
        skip(&format!("{name} is not installed: `{missing}` is missing"));
        return None;
    }
    let child = entry.start();
    assert_eq!(child.describe().name, name);
    Some(child)
}

/// A tracked item of that kind, to which this is done before the synchronization.
fn plan(kind: Kind, op: Op) -> Plan {
    let mut item = ItemSetup::new(kind, ANN);
    (item.copies, item.tracked, item.in_crm) = (UserSet::of(ANN), UserSet::of(ANN), true);
    item.required = if kind == Kind::Appointment { UserSet::of(ANN) } else { UserSet::EMPTY };
    item.when = if kind == Kind::Contact || kind == Kind::Email { 0 } else { 1 };
    let on = |start| Schedule { start, end: start + 3600, every: 0, count: 1 };
    let mut plan = world::plan(vec![item], Schedules::of([on(700 * DAY), on(800 * DAY)]));
    let step = |op| Step { by: ANN, at: Place::Computer(ComputerId(0)), op };
    plan.steps = [op, Op::Synchronize { crash: None }, Op::Settle].map(step).to_vec();
    plan
}

fn verdict(child: &mut ChildImplementation, kind: Kind, op: Op) -> RunVerdict {
    let readings = Profile::named(Profile::DEFAULT).expect("the default profile").readings();
    let terms = Terms { rules: Rules::documented(), readings, skip_unsupported: false };
    run(terms, &plan(kind, op), child).verdict
}

fn edit(side: Side, change: Change) -> Op {
    Op::Edit { item: ItemId(0), side, change }
}

fn delete(side: Side) -> Op {
    Op::Delete { item: ItemId(0), side, how: Deletion::Hard }
}

/// Edits cross both ways, and so does the deletion of appointments to come and of open tasks. What it does not do is
/// declared.
#[track_caller]
fn conforms(child: &mut ChildImplementation) {
    for kind in [Kind::Email, Kind::Contact, Kind::Appointment, Kind::Task] {
        let mut ops = vec![edit(OUTLOOK, Change::Title(1)), edit(Side::Crm, Change::Title(1))];
        if kind == Kind::Appointment || kind == Kind::Task {
            ops.extend([edit(OUTLOOK, Change::When(2)), delete(OUTLOOK), delete(Side::Crm)]);
        }
        if kind == Kind::Email {
            // Nobody edits a message.
            ops.clear();
        }
        for op in ops {
            let operations = child.describe().capabilities.kinds[kind as usize].operations;
            let declared = Operation::of(&op).is_some_and(|operation| operations.contains(operation));
            match verdict(child, kind, op) {
                RunVerdict::Conforms if declared => {}
                RunVerdict::Unsupported(_) if !declared => {}
                other @ (RunVerdict::Conforms
                | RunVerdict::Diverges(_)
                | RunVerdict::Unsupported(_)
                | RunVerdict::Broken(_)
                | RunVerdict::Undecided(_)) => panic!("{kind:?}, {op:?}: {other:?}"),
            }
        }
    }
}

/// A deletion that the documents keep from the other side crosses, and is convicted.
#[track_caller]
fn diverges(child: &mut ChildImplementation, kind: Kind, side: Side) {
    match verdict(child, kind, delete(side)) {
        RunVerdict::Diverges(divergence) => assert_eq!(divergence.check, Check::Rule),
        other @ (RunVerdict::Conforms
        | RunVerdict::Unsupported(_)
        | RunVerdict::Broken(_)
        | RunVerdict::Undecided(_)) => {
            panic!("{kind:?}: {other:?}")
        }
    }
}

#[test]
fn the_list_is_complete() {
    for (name, entry) in manifest() {
        let folder = entry.folder();
        assert!(folder.join("README.md").is_file(), "{name} has no page");
        for script in entry.command.iter().chain(&entry.install).filter(|word| word.starts_with("./")) {
            assert!(folder.join(script).is_file(), "{name}: no {script}");
        }
        for text in [&entry.software, &entry.license, &entry.needs, &entry.notes] {
            assert!(!text.is_empty(), "{name}");
        }
    }
}

#[test]
fn pouchdb_with_our_filters_keeps_to_the_documents() {
    let Some(mut child) = start("pouchdb-policy") else { return };
    conforms(&mut child);
    for kind in [Kind::Email, Kind::Contact] {
        for side in [OUTLOOK, Side::Crm] {
            assert_eq!(verdict(&mut child, kind, delete(side)), RunVerdict::Conforms);
        }
    }
    assert_eq!(child.finish(), Ok(()));
}

#[test]
fn plain_synchronizers_delete_too_much() {
    let kinds = |name: &str| match name {
        "mbsync-plain" => vec![Kind::Email],
        _ => vec![Kind::Email, Kind::Contact],
    };
    for name in ["pouchdb-plain", "unison-plain", "neverest-plain", "mbsync-plain"] {
        let Some(mut child) = start(name) else { continue };
        conforms(&mut child);
        for kind in kinds(name) {
            diverges(&mut child, kind, OUTLOOK);
            diverges(&mut child, kind, Side::Crm);
        }
        assert_eq!(child.finish(), Ok(()), "{name}");
    }
}

#[test]
fn told_to_delete_nothing_they_keep_what_the_documents_keep() {
    for name in ["unison-policy", "neverest-policy", "mbsync-policy"] {
        let Some(mut child) = start(name) else { continue };
        conforms(&mut child);
        for side in [OUTLOOK, Side::Crm] {
            assert_eq!(verdict(&mut child, Kind::Email, delete(side)), RunVerdict::Conforms, "{name}");
        }
        assert_eq!(child.finish(), Ok(()), "{name}");
    }
}

/// SyncEvolution waits a second after every change, so that little is asked of it.
#[test]
fn syncevolution_deletes_too_much() {
    let Some(mut child) = start("syncevolution-plain") else { return };
    assert_eq!(verdict(&mut child, Kind::Contact, edit(OUTLOOK, Change::Title(1))), RunVerdict::Conforms);
    assert_eq!(verdict(&mut child, Kind::Task, delete(Side::Crm)), RunVerdict::Conforms);
    diverges(&mut child, Kind::Contact, OUTLOOK);
    assert_eq!(child.finish(), Ok(()));
}

/// What comes of the disasters.
fn struck(child: &mut ChildImplementation) -> ImplementationReport {
    let mut log = Log::default();
    for case in disasters(child, &CommandLine::default(), false, &mut log) {
        log.tell(Event::CaseJudged(Box::new(CaseJudged { case, ..CaseJudged::default() })));
    }
    log.so_far().clone()
}

/// The verdict on a disaster, the checks that failed, and what was seen.
fn case<'r>(report: &'r ImplementationReport, id: &str) -> (Verdict, Vec<&'r str>, Vec<&'r str>) {
    let case = report.cases.iter().find(|case| case.id == format!("faults-from-outside/{id}")).expect(id);
    let failures = || case.failures.iter();
    let checks = failures().map(|failure| failure.signature.check.as_str()).collect();
    (case.verdict, checks, failures().map(|failure| failure.seen.as_str()).collect())
}

/// Its memory of what there was is all that tells a deletion from a creation on the other side.
#[test]
fn without_its_memory_unison_brings_back_what_was_deleted_and_loses_nothing() {
    let Some(mut child) = start("unison-plain") else { return };
    let report = struck(&mut child);
    let (verdict, failed, seen) = case(&report, "memory-lost");
    assert_eq!((verdict, failed), (Verdict::Diverges, vec!["resurrected"]), "{seen:?}");
    assert!(seen[0].contains("contact deleted in CRM: it comes back"), "{seen:?}");
    // Each kind has roots of its own, and one that was emptied stops it.
    for emptied in ["outlook-emptied", "crm-emptied"] {
        assert_eq!(case(&report, emptied), (Verdict::Conforms, vec![], vec![]));
    }
    let stops = report.observations.iter().filter(|seen| seen.category == "safety stop");
    assert_eq!(stops.count(), 2, "{:?}", report.observations);
    assert_eq!(child.finish(), Ok(()));
}

#[test]
fn out_of_reach_of_crm_vdirsyncer_does_no_harm() {
    let Some(mut child) = start("vdirsyncer-radicale") else { return };
    let report = struck(&mut child);
    assert_eq!(case(&report, "crm-unreachable"), (Verdict::Conforms, vec![], vec![]));
    let seen = |seen: &&Observation| seen.category == "after CRM was out of reach";
    assert!(report.observations.iter().filter(seen).count() > 5, "{:?}", report.observations);
    assert_eq!(child.finish(), Ok(()));
}
