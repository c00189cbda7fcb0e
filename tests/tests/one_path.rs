//! One path: the reference behind the adapter protocol and the same in process give the same verdicts, digests and
//! readings, plan by plan and scenario by scenario. Whatever the way between model and program adds or takes away shows.
//!
//! `TOMBSTONE_PLANS=1000000 cargo test --release -p tombstone-tests --test one_path -- --nocapture` compares more plans.

use std::io::Write as _;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use serde_json::value::from_value;
use tombstone_adapter::protocol::{
    Applied, Apply, Call, Initialize, Introduction, JsonRpc, Observe, PROTOCOL_VERSION, Request, Response, Snapshot,
    StepAnswer,
};
use tombstone_adapter::serve::Server;
use tombstone_adapter::translate::{Dictionary, model_answer, model_capabilities};
use tombstone_adapter::{ChildImplementation, Launch};
use tombstone_campaign::campaign::draw;
use tombstone_model::contract::implementation::{Answer, Description, Implementation, ImplementationFailure};
use tombstone_model::oracle::Oracle;
use tombstone_model::plan::{Plan, Step};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::Readings;
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::trace::Trace;
use tombstone_model::verdict::RunVerdict;
use tombstone_model::view::View;
use tombstone_scenarios::{Scenario, scenarios};
use tombstone_search::generate::Strategy;
use tombstone_search::run::{Runner, Terms, digests};

/// How many plans a test compares. The acceptance of a change to the way is a run of 1,000,000, by `TOMBSTONE_PLANS`.
const PLANS: u64 = 20_000;
/// How many of them go through the pipe of a process, at the least.
const PIPED: u64 = 1_000;
const SEED: u64 = 2018;

/// An implementation that is asked in lines and answers in lines, as a program would, without the process.
struct Lines<'i> {
    server: Server<'i>,
    description: Description,
    dictionary: Option<Dictionary>,
    id: u64,
}

impl<'i> Lines<'i> {
    fn new(served: &'i mut dyn Implementation) -> Self {
        let description = Description { name: String::new(), version: String::new(), ..served.describe().clone() };
        let mut lines = Self { server: Server::new(served), description, dictionary: None, id: 0 };
        let initialize = Initialize { protocol: PROTOCOL_VERSION, harness: String::new(), deadline_ms: 0 };
        let Introduction { name, version, capabilities, .. } =
            from_value(lines.ask(Call::Initialize(initialize))).expect("an introduction");
        lines.description = Description { name, version, capabilities: model_capabilities(&capabilities) };
        lines
    }

    fn ask(&mut self, call: Call) -> Value {
        self.id += 1;
        let request = Request { jsonrpc: JsonRpc::Two, id: self.id, call };
        let line = serde_json::to_vec(&request).expect("a line");
        let line = self.server.respond(&line).expect("an answer");
        let response: Response = serde_json::from_str(&line).expect("a response");
        assert_eq!((response.id, response.error), (self.id, None));
        response.result.unwrap_or(Value::Null)
    }
}

impl Implementation for Lines<'_> {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        let dictionary = Dictionary::new(plan);
        let reset = dictionary.reset(0);
        self.dictionary = Some(dictionary);
        let answer = from_value(self.ask(Call::Reset(reset))).expect("an answer");
        assert!(matches!(answer, StepAnswer::Done { .. }), "{answer:?}");
        Ok(())
    }

    fn apply(&mut self, step: &Step) -> Answer {
        let dictionary = self.dictionary.as_mut().expect("a world");
        dictionary.remember(step);
        let step = dictionary.step(step).expect("a step of the protocol");
        let applied = self.ask(Call::Apply(Apply { deadline_ms: 0, steps: vec![step] }));
        let Applied { mut answers } = from_value(applied).expect("answers");
        model_answer(answers.remove(0))
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        let snapshot: Snapshot = from_value(self.ask(Call::Observe(Observe { deadline_ms: 0 }))).expect("a snapshot");
        let dictionary = self.dictionary.as_ref().expect("a world");
        assert_eq!(dictionary.read(snapshot, view), Ok(Vec::new()));
        Ok(())
    }
}

fn rules() -> Arc<Rules> {
    Arc::new(Rules::documented().clone())
}

fn profile() -> &'static Profile {
    Profile::named(Profile::DEFAULT).expect("the default profile")
}

fn reference() -> Reference {
    Reference::new("reference", rules(), profile().readings())
}

/// The reference in a process of its own, at the other end of a pipe; every message may be held against the schema.
fn process(validate: bool) -> ChildImplementation {
    let program = env!("CARGO_BIN_EXE_adapter-under-test");
    let mut launch = Launch::new(program, std::iter::empty::<&str>());
    launch.validate = validate;
    ChildImplementation::start(launch).expect("the adapter starts")
}

/// What came of a plan, in everything that may not depend on the way.
type Came = (RunVerdict, u64, Option<usize>, u64, Readings);

fn came(runner: &mut Runner<'_>, plan: &Plan, implementation: &mut dyn Implementation) -> Came {
    let run = runner.run(plan, implementation, None);
    (run.verdict, run.steps, run.ended_at, runner.digest(), run.readings)
}

/// Compares the plans of some indices, and tells how many steps were taken.
fn compare(indices: impl Iterator<Item = u64>, other: &mut dyn Implementation) -> u64 {
    let rules = rules();
    let terms = Terms { rules: &rules, readings: profile().readings(), skip_unsupported: true };
    let mut reference = reference();
    let capabilities = other.describe().capabilities.clone();
    let mut steps = 0;
    for index in indices {
        let (plan, mix) = draw(SEED, index, &capabilities);
        let mut runner = Runner::new(terms, &plan, &reference);
        let here = came(&mut runner, &plan, &mut reference);
        let mut runner = Runner::new(terms, &plan, other);
        let there = came(&mut runner, &plan, other);
        assert_eq!(there, here, "plan {index}: {}", mix.describe());
        steps += here.1;
    }
    steps
}

fn plans() -> u64 {
    std::env::var("TOMBSTONE_PLANS").ok().and_then(|plans| plans.parse().ok()).unwrap_or(PLANS)
}

#[test]
fn random_plans_come_to_the_same_in_process_and_in_lines() {
    let (plans, parts) = (plans(), std::thread::available_parallelism().map_or(1, NonZero::get) as u64);
    let steps = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for part in 0..parts {
            let steps = &steps;
            scope.spawn(move || {
                let mut served = reference();
                let mut lines = Lines::new(&mut served);
                let taken = compare((part..plans).step_by(parts as usize), &mut lines);
                steps.fetch_add(taken, Ordering::Relaxed);
            });
        }
    });
    let steps = steps.into_inner();
    assert!(steps > plans * 10, "{plans} plans took {steps} steps only");
    writeln!(std::io::stderr(), "{plans} plans, {steps} steps: the same in process and in lines").expect("a terminal");
}

#[test]
fn random_plans_come_to_the_same_in_process_and_through_a_pipe() {
    let plans = PIPED.max(plans() / 20);
    let every_strategy = Strategy::ALL.iter().all(|&one| (0..plans).any(|index| Strategy::of(index) == one));
    assert!(every_strategy, "of {plans} plans none is drawn by some strategy");
    let mut child = process(false);
    let steps = compare(0..plans, &mut child);
    child.finish().expect("a good end");
    assert!(steps > plans * 10, "{plans} plans took {steps} steps only");
    writeln!(std::io::stderr(), "{plans} plans, {steps} steps: the same through a pipe").expect("a terminal");
}

#[test]
fn the_suite_comes_to_the_same_in_process_in_lines_and_through_a_pipe() {
    let rules = rules();
    let mut served = reference();
    let mut lines = Lines::new(&mut served);
    let mut child = process(true);
    let mut reference = reference();
    for Scenario { id, plan, .. } in scenarios() {
        let terms = Terms { rules: &rules, readings: profile().readings(), skip_unsupported: false };
        let came = |implementation: &mut dyn Implementation| {
            let mut trace = Trace::default();
            let run = Runner::new(terms, &plan, implementation).run(&plan, implementation, Some(&mut trace));
            (run.verdict, run.steps, run.ended_at, digests(&trace), run.readings, trace)
        };
        let here = came(&mut reference);
        assert_eq!(came(&mut lines), here, "{id}, in lines");
        assert_eq!(came(&mut child), here, "{id}, through a pipe");
    }
    child.finish().expect("a good end");
}

/// What the generator draws holds no date twice, in whichever zone; nor does what the oracle compares.
#[test]
fn no_world_holds_one_date_twice() {
    let capabilities = &reference().describe().capabilities.clone();
    let mut zones = std::collections::BTreeSet::new();
    for index in 0..200 {
        let (plan, _) = draw(SEED, index, capabilities);
        let schedules = &plan.setup.schedules;
        for (n, schedule) in schedules.iter().enumerate() {
            assert_eq!(schedules.find(*schedule).map(usize::from), Some(n), "{:?}", plan.setup.zone);
        }
        let oracle = Oracle::new(Rules::documented(), &plan.setup, profile().readings(), capabilities);
        assert_eq!(oracle.scene().schedules, *schedules);
        zones.insert(plan.setup.zone.name().to_owned());
    }
    assert!(zones.len() > 2, "{zones:?}");
}
