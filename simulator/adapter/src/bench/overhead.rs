//! What the harness itself costs: the same messages through the process host and through bare pipes, with the same child.

use std::time::Duration;

use tombstone_model::plan::Verb;

use super::watch::Watch;
use crate::process::Process;
use crate::protocol::{Apply, Call, JsonRpc, Request, StepMessage, WireOp};
use crate::raw::Raw;
use crate::{AdapterFault, Launch};

/// Round trips, one at a time, and messages in batches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overhead {
    /// A round trip through bare pipes, one at a time.
    pub raw: Duration,
    /// A round trip through the harness, one at a time.
    pub harness: Duration,
    /// Messages a second through bare pipes, in batches.
    pub raw_per_second: f64,
    /// Messages a second through the harness, in batches.
    pub harness_per_second: f64,
}

impl Overhead {
    /// How many times as long one round trip takes: at most 2 is aimed at.
    pub fn one_at_a_time(&self) -> f64 {
        self.harness.as_secs_f64() / self.raw.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// What part of the bare throughput is reached in batches: at least a half is aimed at.
    pub fn in_batches(&self) -> f64 {
        self.harness_per_second / self.raw_per_second.max(f64::MIN_POSITIVE)
    }
}

/// How many messages are under way at once in a batch.
const BATCH: u32 = 64;
/// How often each way is measured in turn; the quickest counts, since everything else is somebody else's noise.
const TURNS: u32 = 5;
const DEADLINE: Duration = Duration::from_secs(10);

/// Measures with an echoing child that this starts, in so many round trips. All of it shares one processor, where the
/// system allows to say so: what it takes to wake another one has nothing to do with the harness, and would be most of it.
///
/// # Errors
/// Where the child does not echo.
pub fn overhead(echo: &Launch, trips: u32) -> Result<Overhead, AdapterFault> {
    std::thread::scope(|scope| {
        let pinned = scope.spawn(|| {
            pin();
            measure(echo, trips)
        });
        pinned.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Keeps this thread, and the threads and processes that it starts, on one processor.
#[cfg(target_os = "linux")]
fn pin() {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    let this = nix::unistd::Pid::from_raw(0);
    let Ok(allowed) = sched_getaffinity(this) else { return };
    let mut one = CpuSet::new();
    if let Some(first) = (0..CpuSet::count()).find(|&cpu| allowed.is_set(cpu).unwrap_or(false))
        && one.set(first).is_ok()
    {
        // A wish: unpinned, the figures are worse, not wrong.
        let _ = sched_setaffinity(this, &one);
    }
}

#[cfg(not(target_os = "linux"))]
fn pin() {}

fn measure(echo: &Launch, trips: u32) -> Result<Overhead, AdapterFault> {
    let call = || {
        let step = StepMessage {
            by: "user".to_owned(),
            computer: None,
            op: WireOp { seconds: Some(1), ..WireOp::new(Verb::Wait) },
        };
        Call::Apply(Apply { deadline_ms: 10_000, steps: vec![step] })
    };
    let request = Request { jsonrpc: JsonRpc::Two, id: 1, call: call() };
    let mut message = serde_json::to_string(&request).unwrap_or_default();
    message.push('\n');
    let mut raw = Raw::start(echo)?;
    let mut process = Process::start(echo)?;
    let mut best = [Duration::MAX; 4];
    let batches = trips.div_ceil(BATCH);
    // The first turn warms up.
    for turn in 0..=TURNS {
        let mut took = [Duration::ZERO; 4];
        let watch = Watch::start();
        for _ in 0..trips {
            raw.write(message.as_bytes(), 1)?;
            raw.read(1)?;
        }
        took[0] = watch.elapsed() / trips;
        let watch = Watch::start();
        for _ in 0..trips {
            let answered = process.call(call(), DEADLINE)?;
            debug_assert!(answered.is_ok(), "an echo never refuses");
        }
        took[1] = watch.elapsed() / trips;
        let watch = Watch::start();
        for _ in 0..batches {
            raw.write(message.as_bytes(), BATCH)?;
            raw.read(BATCH)?;
        }
        took[2] = watch.elapsed() / (batches * BATCH);
        let watch = Watch::start();
        for _ in 0..batches {
            let ids = (0..BATCH).map(|_| process.send(call())).collect::<Result<Vec<_>, _>>()?;
            ids.into_iter().try_for_each(|id| process.receive(id, DEADLINE).map(drop))?;
        }
        took[3] = watch.elapsed() / (batches * BATCH);
        if turn > 0 {
            best.iter_mut().zip(took).for_each(|(best, took)| *best = took.min(*best));
        }
    }
    let [raw, harness, raw_batch, harness_batch] = best;
    let per_second = |one: Duration| 1.0 / one.as_secs_f64().max(f64::MIN_POSITIVE);
    Ok(Overhead { raw, harness, raw_per_second: per_second(raw_batch), harness_per_second: per_second(harness_batch) })
}
