//! The SQLite adapter does what the reference does, conforms under the oracle, and survives being killed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tombstone_adapter::{ChildImplementation, Launch};
use tombstone_model::contract::implementation::{Answer, EngineOutcome, Implementation};
use tombstone_model::ids::{ComputerId, ItemId, UserId};
use tombstone_model::plan::{Change, Crash, Names, Op, Place, Plan, Side, Stage, Step};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::verdict::{Check, RunVerdict};
use tombstone_model::view::{Location, View};
use tombstone_search::choose::{Seeded, sub_seed};
use tombstone_search::generate::{Mix, Strategy, setup, steps};
use tombstone_search::run::{Terms, run};

use crate::world;

const SEED: u64 = 2016;

fn adapter(options: &[&str]) -> ChildImplementation {
    let script: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/sqlite/adapter.py");
    let arguments = std::iter::once(script.into_os_string()).chain(options.iter().map(Into::into));
    let mut launch = Launch::new("python3", arguments);
    launch.validate = true;
    ChildImplementation::start(launch).expect("the adapter starts")
}

fn plan(index: u64) -> Plan {
    let mut choose = Seeded::new(sub_seed(SEED, index));
    let mix = Mix::draw(&mut choose, Strategy::ALL[usize::try_from(index % 4).expect("less than four")]);
    let setup = setup(&mut choose, &mix);
    let mut drawn = Vec::new();
    steps(&mut choose, &mix, &setup, &mut drawn);
    Plan { names: Names::invented(&setup), setup, steps: drawn }
}

#[test]
fn the_adapter_and_the_reference_agree_step_by_step() {
    let profile = Profile::named(Profile::DEFAULT).expect("the default profile");
    let mut reference = Reference::new("reference", Arc::new(Rules::documented().clone()), profile.readings());
    let mut child = adapter(&[]);
    let (mut done, mut prompted, mut refused) = (0, 0, 0);
    for index in 0..COMPARED {
        let plan = plan(index);
        reference.reset(&plan).unwrap();
        child.reset(&plan).unwrap();
        let (mut expected, mut seen) = (View::new(&plan.setup), View::new(&plan.setup));
        for (number, step) in plan.steps.iter().enumerate() {
            if step.op == Op::Settle {
                continue;
            }
            let before = reference.world.clone();
            let place = || format!("plan {index}, step {number}: {step:?}\n{:#?}\n{before:?}", plan.setup);
            let answer = child.apply(step);
            assert_eq!(answer, reference.apply(step), "{}", place());
            done += u32::from(matches!(answer, Answer::Done { .. }));
            prompted += u32::from(answer == Answer::Done { prompted: true });
            refused += u32::from(answer == Answer::Refused);
            seen.clone_from(&View::new(&plan.setup));
            child.observe(&mut seen).unwrap();
            reference.observe(&mut expected).unwrap();
            for (n, (seen, expected)) in seen.words().iter().zip(expected.words()).enumerate() {
                let differing: Vec<_> = seen.differing(*expected, u64::MAX).collect();
                assert!(differing.is_empty(), "word {n}: {differing:?}: {seen:?}, not {expected:?}; {}", place());
            }
            assert_eq!(child.unknown(), []);
        }
    }
    assert!(done > 300 && refused > 100 && prompted > 5, "{done} done, {prompted} prompted, {refused} refused");
    assert_eq!(child.finish(), Ok(()));
}

/// How many plans are compared. Each takes some fifty milliseconds.
const COMPARED: u64 = 60;

fn verdict_on(child: &mut ChildImplementation, plan: &Plan) -> RunVerdict {
    let readings = Profile::named(Profile::DEFAULT).expect("the default profile").readings();
    let terms = Terms { rules: Rules::documented(), readings, skip_unsupported: true };
    run(terms, plan, child).verdict
}

#[test]
fn the_oracle_never_accuses_the_adapter() {
    let mut child = adapter(&[]);
    for index in 0..COMPARED {
        let verdict = verdict_on(&mut child, &plan(1000 + index));
        assert!(matches!(verdict, RunVerdict::Conforms | RunVerdict::Undecided(_)), "plan {index}: {verdict:?}");
    }
}

/// Ann edits a tracked contact, and her computer crashes before the change is sent.
fn crash_before_upload() -> Plan {
    let (ann, contact) = (UserId(0), ItemId(0));
    let laptop = |op| Step { by: ann, at: Place::Computer(ComputerId(0)), op };
    let crash = Some(Crash { at: contact, stage: Stage::BeforeUpload });
    let steps = vec![
        laptop(Op::Edit { item: contact, side: Side::Outlook(ann), change: Change::Title(1) }),
        laptop(Op::Synchronize { crash }),
        laptop(Op::Restart),
        laptop(Op::Connect),
        laptop(Op::Synchronize { crash: None }),
        Step { by: ann, at: Place::Web, op: Op::Settle },
    ];
    Plan { steps, ..world::one_tracked_contact() }
}

#[test]
fn without_transactions_it_is_convicted() {
    let plan = crash_before_upload();
    assert_eq!(verdict_on(&mut adapter(&[]), &plan), RunVerdict::Conforms);
    let verdict = verdict_on(&mut adapter(&["--without-transaction"]), &plan);
    let RunVerdict::Diverges(divergence) = verdict else { panic!("{verdict:?}") };
    assert_eq!(divergence.check, Check::Erased);
}

#[test]
fn killed_at_any_moment_it_loses_nothing() {
    let plan = crash_before_upload();
    let mut child = adapter(&[]);
    let mut reports = Vec::new();
    // Starting an interpreter takes some tens of milliseconds, so that these fall before, inside and after.
    for delay in [0, 20, 40, 60, 80, 100, 2000] {
        child.reset(&plan).unwrap();
        assert_eq!(child.apply(&plan.steps[0]), Answer::DONE);
        assert_eq!(child.crash(None, Duration::from_millis(delay)), Answer::DONE);
        reports.extend(child.take_reports());
        assert_eq!(child.apply_batch(&plan.steps[2..5]), [Answer::DONE, Answer::DONE, Answer::DONE]);
        let mut view = View::new(&plan.setup);
        child.observe(&mut view).unwrap();
        assert_eq!(view.get(ItemId(0), Location::Crm).title(), 1, "killed after {delay} ms");
    }
    let both = [EngineOutcome::Killed, EngineOutcome::Success]
        .map(|outcome| reports.iter().any(|told| told.outcome == Some(outcome)));
    assert_eq!(both, [true, true], "{reports:?}");
}
