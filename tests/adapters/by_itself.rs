//! An engine that synchronizes by itself and cannot be told to is judged through `settle`: a conforming one conforms, and
//! a defect is convicted.

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tombstone_model::contract::implementation::{
    Answer, Capabilities, Description, Implementation, ImplementationFailure, Operation, Operations,
};
use tombstone_model::ids::{ComputerId, ItemId, UserId};
use tombstone_model::plan::{Deletion, Op, Place, Plan, Side, Step};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::verdict::{Check, RunVerdict};
use tombstone_model::view::{Location, View, Word};
use tombstone_search::run::{Terms, run};

use crate::world;

fn check(folder: &Path, plans: &str, defect: Option<&str>) -> (Output, Value) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/sqlite/adapter.py");
    let script = script.to_str().expect("a path that can be said");
    let mut arguments = vec!["check", "--plans", plans, "--seed", "3", "--report", "report", "--"];
    arguments.extend(["python3", script, "--by-itself"]);
    arguments.extend(defect);
    let output = tombstone_tests::run(env!("CARGO_BIN_EXE_tombstone-under-test"), folder, &arguments);
    let report = std::fs::read_to_string(folder.join("report/report.json")).expect("the report");
    (output, serde_json::from_str(&report).expect("a report"))
}

fn cases(report: &Value, verdict: &str) -> usize {
    let cases = report["implementations"][0]["cases"].as_array().expect("cases");
    cases.iter().filter(|case| case["verdict"] == verdict).count()
}

/// All but what needs a crash inside a synchronization, or another profile.
#[test]
fn it_conforms_to_whatever_can_be_decided() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (output, report) = check(folder.path(), "50", None);
    let text = String::from_utf8_lossy(&output.stdout);
    // Nothing is held against it; rows that only scenarios with a crash meet stay open.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{text}");
    let (conforms, unsupported) = (cases(&report, "conforms"), cases(&report, "unsupported"));
    let wrong = ["diverges", "broken", "undecided"].map(|verdict| cases(&report, verdict));
    assert_eq!((wrong, text.contains("0 of 50 plans failing")), ([0; 3], true), "{text}");
    assert!(conforms > 300 && unsupported < 100, "{conforms} conform, {unsupported} unsupported: {text}");
}

#[test]
fn a_defect_is_convicted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (output, report) = check(folder.path(), "0", Some("--defect=deletions-not-fetched"));
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(cases(&report, "diverges") > 10, "{}", String::from_utf8_lossy(&output.stdout));
}

/// The reference as a program that synchronizes by itself, and that lets itself be seen in the middle of something.
struct Flickering {
    reference: Reference,
    description: Description,
    plan: Plan,
    /// How many looks show nothing of the first item in CRM.
    glances: u32,
    settled: u32,
}

impl Flickering {
    fn new(glances: u32) -> Self {
        let readings = Profile::named(Profile::DEFAULT).expect("the default profile").readings();
        let reference = Reference::new("flickering", Rules::documented().clone().into(), readings);
        let told = [Operation::Synchronize, Operation::ServerSynchronize, Operation::Crash];
        let operations = Operation::ALL.iter().copied().filter(|operation| !told.contains(operation));
        let operations: Operations = operations.collect();
        let capabilities = Capabilities { operations, stepped: false, ..Capabilities::ALL };
        let description = Description { capabilities, ..reference.describe().clone() };
        Self { reference, description, plan: world::one_tracked_contact(), glances, settled: 0 }
    }
}

impl Implementation for Flickering {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.plan.clone_from(plan);
        self.reference.reset(plan)
    }

    fn apply(&mut self, step: &Step) -> Answer {
        assert!(!matches!(step.op, Op::Synchronize { .. } | Op::ServerSynchronize { .. }), "it cannot be told to");
        self.reference.apply(step)
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        self.reference.observe(view)?;
        // Not at the reset, which would be another fault.
        if self.settled > 0 && self.glances > 0 {
            self.glances -= 1;
            view.set(ItemId(0), Location::Crm, Word::ABSENT);
        }
        Ok(())
    }

    fn is_program(&self) -> bool {
        true
    }

    fn settle(&mut self) -> Answer {
        self.settled += 1;
        for user in (0..self.plan.setup.users.len() as u8).map(UserId) {
            let computer = self.plan.setup.computers.iter().position(|computer| computer.user == user);
            let at = Place::Computer(ComputerId(computer.unwrap_or(0) as u8));
            self.reference.apply(&Step { by: user, at, op: Op::Synchronize { crash: None } });
        }
        Answer::DONE
    }
}

fn verdict(mut implementation: Flickering) -> RunVerdict {
    let mut plan = world::one_tracked_contact();
    let settle = Step { by: UserId(0), at: Place::Web, op: Op::Settle };
    let op = Op::Delete { item: ItemId(0), side: Side::Outlook(UserId(0)), how: Deletion::Hard };
    plan.steps = vec![settle, Step { by: UserId(0), at: Place::Web, op }, settle];
    let readings = Profile::named(Profile::DEFAULT).expect("the default profile").readings();
    run(Terms { rules: Rules::documented(), readings, skip_unsupported: true }, &plan, &mut implementation).verdict
}

/// One look in the middle of something convicts nobody; two that agree do.
#[test]
fn only_what_two_settled_looks_agree_on_convicts() {
    assert_eq!(verdict(Flickering::new(0)), RunVerdict::Conforms);
    assert_eq!(verdict(Flickering::new(1)), RunVerdict::Conforms);
    let convicted = verdict(Flickering::new(1000));
    let RunVerdict::Diverges(divergence) = convicted else { panic!("{convicted:?}") };
    assert_eq!(divergence.check, Check::Vanished);
}
