//! How fast the harness is, beside its peers, on the same population, in the same process and in the same run.
//!
//! `cargo bench -p tombstone-simulator --bench speed` runs every row under criterion, then once more in interleaved
//! rounds, whose medians it prints as the table of the README: rounds of all rows in turn, so that whatever else the
//! machine does falls on all of them alike. With `-- --table` it prints the table only, with `-- --memory` how much
//! memory a campaign holds.

#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]

mod ordinary;
mod peers;
mod population;
mod small;
mod tuned;

use std::hint::black_box;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use tombstone_campaign::campaign::{self, CampaignPlan, PlansFrom, Tally};
use tombstone_campaign::subject::{BuiltIn, Subject};
use tombstone_model::contract::implementation::Implementation;
use tombstone_model::ids::{ItemId, ItemSet};
use tombstone_model::plan::Step;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::{Reference, StepOutcome};
use tombstone_model::verdict::RunVerdict;
use tombstone_model::view::{Location, View};
use tombstone_model::world::{Link, Presence};
use tombstone_search::choose::{Choose, Seeded};
use tombstone_search::explore::alphabet::Groups;
use tombstone_search::explore::{Bounds, End, explore};
use tombstone_search::run::{Runner, Terms};

use ordinary::Ordinary;
use peers::Search;
use population::{ACTS, CASE, READINGS, RULES, act, plan, setup, step};
use small::Table;

/// How often each row is run for the table.
const ROUNDS: usize = 15;
/// How many generated states stateright stops at.
const STATES: usize = 200_000;
/// How deep `explore` goes beside it.
const DEPTH: u32 = 4;
/// What is tried in every state of a search.
const GROUPS: Groups = Groups { crashes: false, offline: false, roles: false, status: false, web: true, edits: true };
/// The row that the searches are compared with.
const EXPLORE: &str = "`explore` (states)";

/// A row of the table: what it is, and what runs a batch of it and returns how many steps that took.
struct Row {
    name: &'static str,
    batch: Box<dyn FnMut() -> u64>,
}

fn row(name: &'static str, batch: impl FnMut() -> u64 + 'static) -> Row {
    Row { name, batch: Box::new(batch) }
}

fn rows() -> Vec<Row> {
    let table = Table::new(&RULES, *READINGS);
    let mut seed = 0;
    let tuned = {
        let table = table.clone();
        move || {
            seed += 2;
            let (steps, seen) = tuned::run(&table, 2000, seed);
            black_box(seen);
            steps
        }
    };
    vec![
        row("`tuned`, by hand", tuned),
        row("reference with invariants, trace and digest", reference()),
        row("lockstep, whole oracle, reference under test", {
            lockstep(Box::new(Reference::new("reference", Arc::clone(&RULES), *READINGS)))
        }),
        row("lockstep, whole oracle, ordinary implementation", lockstep(Box::new(Ordinary::new(table.clone(), true)))),
        row("the same, synchronizations hidden", lockstep(Box::new(Ordinary::new(table, false)))),
        row("proptest-state-machine", || peers::state_machine(50)),
        row("quickcheck", || peers::quick(50)),
        row("stateright, breadth first (states, as they are)", || peers::search(Search::Idiomatic, GROUPS, STATES)),
        row("stateright, breadth first (states, packed)", || peers::search(Search::Breadth, GROUPS, STATES)),
        row("stateright, depth first (states, packed)", || peers::search(Search::Depth, GROUPS, STATES)),
        row(EXPLORE, search),
    ]
}

/// An exploration on one thread, over what stateright searches; returns how many states were generated.
fn search() -> u64 {
    static ONE: LazyLock<rayon::ThreadPool> = LazyLock::new(|| pool(1));
    // Whole layers: a search that stops inside one has worked for nothing.
    let bounds = Bounds { depth: Some(DEPTH), groups: GROUPS, symmetric: false, ..Bounds::USUAL };
    ONE.install(|| explore(&RULES, *READINGS, &setup(), bounds, &mut |_, _| ())).transitions
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started")
}

/// Every interleaving of an appointment on one computer, on so many threads: states generated a second, and the bytes held
/// for each state.
fn fixpoint_on(threads: usize) -> (f64, usize) {
    let mut setup = setup();
    setup.items.drain(..2);
    setup.computers.truncate(1);
    let bounds = Bounds { queue: 2, ..Bounds::USUAL };
    let start = Instant::now();
    let space = pool(threads).install(|| explore(&RULES, *READINGS, &setup, bounds, &mut |_, _| ()));
    assert_eq!(space.end, End::Fixpoint);
    (space.transitions as f64 / start.elapsed().as_secs_f64(), space.bytes / space.states())
}

/// The reference alone, its invariants checked, its steps recorded and what is seen folded into a digest. What a step does
/// not name it leaves as it was, and so is its part of the digest.
fn reference() -> impl FnMut() -> u64 {
    let plan = plan();
    let mut reference = Reference::new("reference", Arc::clone(&RULES), *READINGS);
    let mut choose = Seeded::new(1);
    let mut trace: Vec<Step> = Vec::with_capacity(CASE);
    let mut view = View::new(&plan.setup);
    let all: ItemSet = (0..plan.setup.items.len() as u8).map(ItemId).collect();
    let mix = |digest: u64, word: u64| (digest.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    move || {
        let (mut steps, mut digest) = (0, 0_u64);
        for _ in 0..500 {
            reference.world.reset(&plan.setup);
            trace.clear();
            let mut digests = vec![0; plan.setup.items.len()];
            for token in 1..=CASE as u8 {
                let step = step(act(choose.below(ACTS)), token);
                if reference.step(&step) == StepOutcome::Impossible {
                    continue;
                }
                steps += 1;
                trace.push(step);
                let world = &reference.world;
                for id in step.op.items().unwrap_or(all).iter() {
                    let item = &world.items[id.index()];
                    let sound = item.pairs.iter().all(|pair| {
                        (pair.presence != Presence::Tombstone || pair.link == Link::Linked)
                            && (pair.link != Link::Linked || item.record.presence != Presence::Never)
                    });
                    assert!(sound && item.record.presence != Presence::Tombstone, "the reference keeps its invariants");
                    let words = view.item_mut(id);
                    item.show(&world.scene, &world.context, words);
                    digests[id.index()] = words.iter().fold(0, |digest, word| mix(digest, word.0));
                }
                digest = digests.iter().fold(digest, |digest, &item| mix(digest, item));
            }
            black_box(&trace);
        }
        black_box(digest);
        steps
    }
}

/// Plans drawn, run through the public trait and judged by the whole oracle.
fn lockstep(mut implementation: Box<dyn Implementation>) -> impl FnMut() -> u64 {
    let mut plan = plan();
    let terms = Terms { rules: &RULES, readings: *READINGS, skip_unsupported: true };
    let mut runner = Runner::new(terms, &plan, &*implementation);
    let mut choose = Seeded::new(1);
    move || {
        let mut steps = 0;
        for _ in 0..500 {
            plan.steps.clear();
            plan.steps.extend((1..=CASE as u8).map(|token| step(act(choose.below(ACTS)), token)));
            let run = runner.run(&plan, &mut *implementation, None);
            assert!(matches!(run.verdict, RunVerdict::Conforms), "{:?}", run.verdict);
            steps += run.steps;
        }
        steps
    }
}

/// The rules by hand must be those of the reference, or the rows would not do the same work.
fn check_tuned() {
    let table = Table::new(&RULES, *READINGS);
    let plan = plan();
    let mut reference = Reference::new("reference", Arc::clone(&RULES), *READINGS);
    let mut choose = Seeded::new(3);
    for case in 0..5000 {
        reference.world.reset(&plan.setup);
        let mut tuned = tuned::Tuned::START;
        for token in 1..=CASE as u8 {
            let act = act(choose.below(ACTS));
            let (by_hand, outcome) = (tuned.step(&table, act, token), reference.step(&step(act, token)));
            assert_eq!(by_hand, outcome != StepOutcome::Impossible, "case {case}: {act:?} gives {outcome:?}");
            for (id, title) in (0..3).map(ItemId).zip(tuned.records()) {
                let seen = reference.world.seen(id, Location::Crm);
                assert_eq!(title, seen.is_present().then(|| seen.title()), "case {case}: the record after {act:?}");
            }
        }
    }
}

/// How many steps a second, in one batch.
fn speed(row: &mut Row) -> f64 {
    let start = Instant::now();
    let steps = (row.batch)();
    steps as f64 / start.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Every row in turn, again and again.
fn interleaved(rows: &mut [Row]) -> Vec<f64> {
    let mut speeds = vec![Vec::with_capacity(ROUNDS); rows.len()];
    for _ in 0..ROUNDS {
        for (row, speeds) in rows.iter_mut().zip(&mut speeds) {
            speeds.push(speed(row));
        }
    }
    speeds.into_iter().map(median).collect()
}

fn campaign_of(plans: u64) -> CampaignPlan {
    let profile = Profile::named("documented-2016").expect("the profile exists").clone();
    CampaignPlan { rules: Arc::clone(&RULES), profile, source: PlansFrom::Random(7), plans, doublecheck: false }
}

/// A campaign on so many threads: plans a second, and what it left behind.
fn campaign_on(threads: usize, plans: u64) -> (f64, Tally) {
    let pool = pool(threads);
    let start = Instant::now();
    let subject = Subject::BuiltIn(BuiltIn::Reference);
    let tally = pool
        .install(|| campaign::run(&campaign_of(plans), &subject, &|_| (), &mut |_, _| ()))
        .expect("the reference starts");
    (plans as f64 / start.elapsed().as_secs_f64(), tally)
}

#[expect(clippy::print_stdout, reason = "the table is what the benchmark is for")]
fn print_table() {
    let mut rows = rows();
    let speeds = interleaved(&mut rows);
    let (tuned, lockstep) = (speeds[0], speeds[3]);
    let (steps, states): (Vec<_>, Vec<_>) =
        rows.iter().zip(&speeds).partition(|(row, _)| !row.name.contains("(states"));
    println!("| steps, on one thread | a second | of `tuned` | the lockstep check against it |");
    println!("|---|---:|---:|---:|");
    for (row, speed) in steps {
        println!("| {} | {:.2} million | {:.2} | {:.2} × |", row.name, speed / 1e6, speed / tuned, lockstep / speed);
    }
    let explore = states.iter().find(|(row, _)| row.name == EXPLORE).map_or(f64::NAN, |(_, speed)| **speed);
    println!();
    println!("| states generated, on one thread | a second | `explore` against it |");
    println!("|---|---:|---:|");
    for (row, speed) in states {
        println!("| {} | {:.2} million | {:.2} × |", row.name, speed / 1e6, explore / speed);
    }
    let (mut one, mut two, mut held) = (Vec::new(), Vec::new(), 0);
    for _ in 0..5 {
        let (speed, bytes) = fixpoint_on(1);
        held = bytes;
        one.push(speed);
        two.push(fixpoint_on(2).0);
    }
    let (one, two) = (median(one) / 1e6, median(two) / 1e6);
    println!();
    println!(
        "To the fixpoint: {one:.2} million on one thread, {two:.2} on two ({:.2} ×), {held} bytes a state.",
        two / one
    );
    let plans = 40_000;
    let mut speeds = [Vec::new(), Vec::new(), Vec::new()];
    let mut tallies = Vec::new();
    for _ in 0..5 {
        for (threads, speeds) in [1, 2, 8].into_iter().zip(&mut speeds) {
            let (speed, tally) = campaign_on(threads, plans);
            speeds.push(speed);
            tallies.push(tally);
        }
    }
    let same = tallies.iter().all(|tally| format!("{tally:?}") == format!("{:?}", tallies[0]));
    let [one, two, eight] = speeds.map(median);
    println!();
    println!("| campaign of {plans} random plans | plans a second | of one thread |");
    println!("|---|---:|---:|");
    for (threads, speed) in [(1, one), (2, two), (8, eight)] {
        println!("| {threads} threads | {speed:.0} | {:.2} × |", speed / one);
    }
    println!();
    println!("Tallies at 1, 2 and 8 threads {}.", if same { "are the same to the byte" } else { "DIFFER" });
}

/// The most memory this process has held, in kilobytes, where the system says so.
fn held() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok())
}

#[expect(clippy::print_stdout, reason = "the figures are what the benchmark is for")]
fn print_memory() {
    for plans in [10_000, 100_000, 1_000_000, 10_000_000] {
        let (speed, _) = campaign_on(2, plans);
        println!("{plans} plans: {speed:.0} a second, at most {:?} kB held so far", held());
    }
}

fn main() {
    let asked = |flag: &str| std::env::args().any(|argument| argument == flag);
    check_tuned();
    if asked("--memory") {
        return print_memory();
    }
    if !asked("--table") {
        let mut criterion = Criterion::default()
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(2))
            .sample_size(20)
            .configure_from_args();
        let mut group = criterion.benchmark_group("speed");
        for mut row in rows() {
            group.throughput(Throughput::Elements((row.batch)()));
            group.bench_function(row.name, |bencher| bencher.iter(|| (row.batch)()));
        }
        group.finish();
        criterion.final_summary();
        // Whoever asks criterion for some rows only wants no table of all of them.
        if std::env::args().skip(1).any(|argument| argument != "--bench") {
            return;
        }
    }
    print_table();
}
