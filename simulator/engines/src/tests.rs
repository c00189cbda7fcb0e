//! The engines stand before the oracle as any implementation would.

use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tombstone_model::contract::implementation::{Capabilities, Implementation};
use tombstone_model::ids::{ItemId, UserSet};
use tombstone_model::oracle::{MAX_EXPLANATIONS, Statistics};
use tombstone_model::plan::{Method, Names, Plan, Rights, Setup, UserSetup};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Switch, Values};
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::time::{Schedules, Zone};
use tombstone_model::trace::Trace;
use tombstone_model::verdict::{RunVerdict, Sighting};
use tombstone_scenarios::Scenario;
use tombstone_search::choose::{Seeded, sub_seed};
use tombstone_search::generate::{Mix, Strategy, setup, steps, suit};
use tombstone_search::run::{Runner, Terms, record};

use super::{Background, Make, Policy, outlook_client, server_side};

/// How many plans a test runs. The acceptance of a change is a run of 300 000, by the variable `TOMBSTONE_PLANS`.
const PLANS: u64 = if cfg!(debug_assertions) { 2_000 } else { 20_000 };

fn plans() -> u64 {
    std::env::var("TOMBSTONE_PLANS").ok().and_then(|plans| plans.parse().ok()).unwrap_or(PLANS)
}

fn empty() -> Setup {
    let zone = Zone::utc(chrono::DateTime::default());
    Setup {
        zone,
        users: Vec::new(),
        computers: Vec::new(),
        items: Vec::new(),
        bystanders: 0,
        schedules: Schedules::default(),
    }
}

/// The seed of the plans, where nothing is said of it.
const SEED: u64 = 16;

fn plan(seed: u64, index: u64, capabilities: &Capabilities, plan: &mut Plan) {
    let mut choose = Seeded::new(sub_seed(seed, index));
    let mix = Mix::draw(&mut choose, Strategy::of(index));
    plan.setup = setup(&mut choose, &mix);
    suit(&mut plan.setup, capabilities);
    steps(&mut choose, &mix, &plan.setup, &mut plan.steps);
}

/// Demands that an engine is never accused; tells the steps it took, and how large the oracle's sets were.
fn conforms(engine: Box<dyn Implementation>, plans: u64) -> (u64, Statistics) {
    conforms_in(SEED, engine, plans)
}

/// Checks an engine in the plans of one seed.
fn conforms_in(seed: u64, mut engine: Box<dyn Implementation>, plans: u64) -> (u64, Statistics) {
    let capabilities = engine.describe().capabilities.clone();
    let terms = Terms {
        rules: Rules::documented(),
        readings: Profile::named(Profile::DEFAULT).unwrap().readings(),
        skip_unsupported: true,
    };
    let mut now = Plan { setup: empty(), steps: Vec::new(), names: Names::default() };
    plan(seed, 0, &capabilities, &mut now);
    let mut runner = Runner::new(terms, &now, engine.as_ref());
    let (mut steps, mut undecided, mut accused, mut statistics) = (0, 0, Vec::new(), Statistics::default());
    for index in 0..plans {
        plan(seed, index, &capabilities, &mut now);
        let run = runner.run(&now, engine.as_mut(), None);
        steps += run.steps;
        statistics = statistics.merge(run.statistics);
        match run.verdict {
            RunVerdict::Conforms => {}
            RunVerdict::Undecided(_) => undecided += 1,
            RunVerdict::Diverges(_) | RunVerdict::Unsupported(_) | RunVerdict::Broken(_) => accused.push(index),
        }
    }
    if let Some(&index) = accused.first() {
        plan(seed, index, &capabilities, &mut now);
        let diverges = |now: &Plan, engine: &mut dyn Implementation| {
            matches!(record(terms, now, engine).0.verdict, RunVerdict::Diverges(_) | RunVerdict::Broken(_))
        };
        let mut at = 0;
        while at < now.steps.len() {
            let step = now.steps.remove(at);
            if !diverges(&now, engine.as_mut()) {
                now.steps.insert(at, step);
                at += 1;
            }
        }
        let (run, trace) = record(terms, &now, engine.as_mut());
        panic!("{}", story(&accused, &now, &trace, &run.verdict));
    }
    assert!(steps > plans * 5, "{steps} steps are few for {plans} plans");
    assert!(undecided * 100 < plans, "{undecided} of {plans} plans were not decided");
    (steps, statistics)
}

/// What happened, for whoever has to find out who is right.
fn story(accused: &[u64], plan: &Plan, trace: &Trace, verdict: &RunVerdict) -> String {
    let Setup { users, computers, items, .. } = &plan.setup;
    let mut story = format!("accused: {accused:?}\n{users:?}\n{computers:?}\n");
    for item in items {
        story += &format!("{item:?}\n");
    }
    for moment in &trace.moments {
        story += &format!("{:?}\n  -> {:?}\n", moment.step, moment.answer);
        for item in (0..items.len() as u8).map(ItemId) {
            story += &format!("  {:?} {:x?}\n", item, moment.view.item(item));
        }
    }
    let RunVerdict::Diverges(divergence) = verdict else { return story };
    story += &format!("{:?} {:?} {:?}\n", divergence.check, divergence.rule, divergence.switch);
    for Sighting { location, expected, seen, .. } in &divergence.sightings {
        let fields: Vec<_> = expected.differing(*seen, u64::MAX).collect();
        story += &format!("{location:?} expected {expected:x?} seen {seen:x?} {fields:?}\n");
    }
    story
}

/// One who applies an edit to a closed record, and remembers what was acknowledged before the copy followed: what the
/// user does meanwhile is the last word on both sides, and nobody may be accused of that.
#[test]
fn one_who_remembers_acknowledgements_is_never_accused() {
    let open = Profile::standard().readings();
    let readings = open.narrowed(Switch::ClosedEditFromOutlook, Values::nth(2)).closed();
    let policy = Policy::of(readings).expect("the engines can act by it");
    for seed in [SEED, SEED + 1, SEED + 2] {
        conforms_in(seed, outlook_client(Make { policy, ..Make::default() }), plans());
    }
}

#[test]
fn the_reference_is_never_accused() {
    let readings = Profile::named(Profile::DEFAULT).unwrap().readings();
    let rules = Arc::new(Rules::documented().clone());
    conforms(Box::new(Reference::new("reference", rules, readings)), plans());
}

#[test]
fn the_outlook_client_is_never_accused() {
    conforms(outlook_client(Make::default()), plans());
}

#[test]
fn the_server_side_is_never_accused() {
    conforms(server_side(Make::default()), plans());
}

/// Often, as other synchronizers do, and now and then; a million steps in all, with crashes among them.
#[test]
#[expect(clippy::print_stdout, reason = "how large the sets were, for whoever asks with --nocapture")]
fn synchronizing_at_hidden_moments_is_never_accused() {
    let plans = plans().max(14_000);
    let engines = [outlook_client, server_side].into_iter().flat_map(|make| [(make, 4), (make, 16)]);
    let each = engines.collect::<Vec<_>>().into_par_iter().map(|(make, every)| {
        let background = Some(Background { seed: 5, every });
        conforms(make(Make { background, ..Make::default() }), plans)
    });
    let none = || (0, Statistics::default());
    let (steps, sets) = each.reduce(none, |(a, sets), (b, more)| (a + b, sets.merge(more)));
    let mean = sets.explanations as f64 / sets.sets.max(1) as f64;
    println!("{steps} steps; {mean:.3} explanations on average, {} at most", sets.largest);
    assert!(steps > 1_000_000, "{steps}");
    assert!(mean < 3.0 && usize::try_from(sets.largest).unwrap() <= MAX_EXPLANATIONS, "{mean}, {}", sets.largest);
}

#[test]
fn an_engine_declines_users_of_the_other_method() {
    let check = |engine: &dyn Implementation, method, lacks: Option<&str>| {
        let users = vec![UserSetup { method, delegates: UserSet::EMPTY, rights: Rights::ALL }];
        let setup = Setup { users, ..empty() };
        assert_eq!(engine.describe().capabilities.lacks(&setup).map(|lack| lack.to_string()).as_deref(), lacks);
    };
    let (client, server) = (outlook_client(Make::default()), server_side(Make::default()));
    check(client.as_ref(), Method::OutlookClient, None);
    check(client.as_ref(), Method::ServerSide, Some("a user whose mailbox needs `server-synchronize`"));
    check(server.as_ref(), Method::ServerSide, None);
    check(server.as_ref(), Method::OutlookClient, Some("a user whose mailbox needs `synchronize`"));
}

/// Found by a campaign of ten million plans: the oracle knew only that the deletion is sent again, and so took the copy
/// for untracked.
#[test]
fn a_deletion_that_was_done_before_a_crash_need_not_be_done_again() {
    let text = include_str!("done-before-a-crash.toml");
    let plan = Scenario::parse("done-before-a-crash", text).expect("the scenario is sound").plan;
    let mut engine = server_side(Make::default());
    let terms = Terms {
        rules: Rules::documented(),
        readings: Profile::named(Profile::DEFAULT).unwrap().readings(),
        skip_unsupported: true,
    };
    let run = Runner::new(terms, &plan, engine.as_ref()).run(&plan, engine.as_mut(), None);
    assert_eq!(run.verdict, RunVerdict::Conforms);
    assert_eq!(run.steps, 6, "the last step is skipped: it may make no sense");
}
