//! A synchronizer in this process and one behind an adapter, held to the documents by `cargo test`; and what becomes of ones
//! that are not sound.

use std::path::Path;
use std::process::{Command, ExitCode, Output};

use libtest_mimic::Arguments;
use tombstone_conformance::{Completion, Conformance, Failed, Trial};
use tombstone_engines::{Make, server_side};
use tombstone_model::contract::implementation::{Answer, Description, Implementation, ImplementationFailure};
use tombstone_model::plan::{Plan, Step};
use tombstone_model::view::View;
use tombstone_scenarios::Scenario;
use tombstone_tests::skip;

/// A synchronizer of somebody's own: what it is asked, it leaves to an engine, whose name it changes.
struct Own {
    engine: Box<dyn Implementation>,
    description: Description,
}

impl Own {
    fn new() -> Self {
        let engine = server_side(Make::default());
        let description = Description { name: "own".to_owned(), ..engine.describe().clone() };
        Self { engine, description }
    }
}

impl Implementation for Own {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.engine.reset(plan)
    }

    fn apply(&mut self, step: &Step) -> Answer {
        self.engine.apply(step)
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        self.engine.observe(view)
    }

    fn settle(&mut self) -> Answer {
        self.engine.settle()
    }
}

/// The scenario that shows most of what is told of a failure.
const SHOWN: &str = "deletion/contact-delete-outlook-owner-keeps-crm";

fn scenario(id: &str) -> Scenario {
    let all = tombstone_scenarios::scenarios();
    all.into_iter().find(|scenario| scenario.id == id).unwrap_or_else(|| panic!("there is no scenario {id}"))
}

/// What a program says that does the wrong thing: its failure, with the line that replays it.
fn a_divergence_is_told() -> Result<(), Failed> {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/adapters/sqlite/adapter.py");
    let faulty = Conformance::program("python3", [sample, "--defect=deletions-not-fetched"]);
    let wrong = "deletion/contact-delete-crm-not-owner-deletes-outlook";
    let failed = faulty.judge(&scenario(wrong)).err().ok_or("it does not fail")?;
    let told = failed.message().unwrap_or_default();
    for part in [&format!("✗ sqlite/{wrong}/"), "  happened  ", "  replay    tombstone replay --scenario ", "python3"]
    {
        if !told.contains(part) {
            return Err(format!("`{part}` is missing: {told}").into());
        }
    }
    faulty.judge(&scenario(SHOWN)).map(|_| ())
}

/// What cannot be started, and what claims nothing, is not green.
fn nothing_is_green_without_evidence() -> Result<(), Failed> {
    let nowhere = Conformance::program("nowhere-to-be-found", [""; 0]);
    if nowhere.judge(&scenario(SHOWN)).is_ok() {
        return Err("a program that is not there passes".into());
    }
    let claims_nothing = concat!(env!("CARGO_MANIFEST_DIR"), "/adapters/faulty/adapter.py");
    let claims_nothing =
        Conformance::program("python3", [claims_nothing, "well-behaved"]).scenarios(["deletion/contact*"]);
    if claims_nothing.decides().is_ok() {
        return Err("a program that claims nothing decides something".into());
    }
    // It is ignored, and not passed: what passes says nothing.
    match claims_nothing.judge(&scenario(SHOWN))? {
        Completion::Ignored { reason: Some(_) } => Ok(()),
        Completion::Ignored { reason: None } | Completion::Completed => Err("it is not ignored with a reason".into()),
    }
}

/// The sample with a defect, as the examples for other test runners are given it.
fn of_other_languages(command: &mut Command) -> Output {
    let sample =
        concat!("python3 ", env!("CARGO_MANIFEST_DIR"), "/adapters/sqlite/adapter.py --defect=deletions-not-fetched");
    command.env("TOMBSTONE", env!("CARGO_BIN_EXE_tombstone-under-test")).env("ADAPTER", sample);
    command.env("SCENARIOS", "deletion/contact*").env("NO_COLOR", "1").current_dir(env!("CARGO_MANIFEST_DIR"));
    command.output().expect("it can be started")
}

/// What a test runner says: how it ended, and that it told both what passes and what fails.
fn told(output: &Output, parts: &[&str]) -> Result<(), Failed> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let missing = parts.iter().find(|part| !text.contains(**part));
    match (output.status.code(), missing) {
        (Some(1), None) => Ok(()),
        (code, missing) => {
            Err(format!("{code:?}, {missing:?}: {text}{}", String::from_utf8_lossy(&output.stderr)).into())
        }
    }
}

/// What both find: a scenario that fails, and the facts.
const FAILS: &str = "deletion/contact-delete-crm-not-owner-deletes-outlook";

fn pytest() -> Result<(), Failed> {
    let python = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/.venv/bin/python3");
    if !Path::new(python).exists() {
        skip("pytest does not run: `tests/conformance/install` was not run");
        return Ok(());
    }
    let mut command = Command::new(python);
    command.args(["-m", "pytest", "-q", "-rfs", "-p", "no:cacheprovider", "conformance/pytest/test_conformance.py"]);
    let fails = format!("FAILED conformance/pytest/test_conformance.py::test_scenario[{FAILS}]");
    told(
        &of_other_languages(&mut command),
        &[&fails, "  seen      ", "  replay    tombstone replay ", " passed", " failed"],
    )
}

fn node() -> Result<(), Failed> {
    let mut command = Command::new("node");
    if command.arg("--version").output().is_err() {
        skip("Node's test runner does not run: there is no Node.js");
        return Ok(());
    }
    let mut command = Command::new("node");
    command.args(["--test", "--test-reporter", "tap", "conformance/node/conformance.test.mjs"]);
    let fails = format!(" - {FAILS}\n");
    told(
        &of_other_languages(&mut command),
        &["not ok ", &fails, "replay    tombstone replay ", "ok ", " - the run came to its end"],
    )
}

fn main() -> ExitCode {
    let behind_the_protocol = Conformance::program(env!("CARGO_BIN_EXE_adapter-under-test"), [""; 0]);
    let own = Conformance::of(Own::new).scenarios(["deletion/*", "conflicts/*", "tracking/*"]);
    let sound = [own, behind_the_protocol.scenarios(["deletion/contact*", "conflicts/*"])];
    let own = [
        Trial::test("a divergence is told", a_divergence_is_told),
        Trial::test("nothing is green without evidence", nothing_is_green_without_evidence),
        Trial::test("pytest runs a test for each scenario", pytest),
        Trial::test("node runs a test for each scenario", node),
    ];
    let trials = sound.iter().flat_map(Conformance::trials).chain(own).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
