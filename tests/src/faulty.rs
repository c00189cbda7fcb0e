//! Every faulty implementation as something that a check takes, and what a check says of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::thread;

use tombstone_campaign::campaign::{CampaignPlan, PlansFrom, part};
use tombstone_campaign::causes::FailedRuns;
use tombstone_campaign::check::{self, Checking};
use tombstone_campaign::log::Log;
use tombstone_campaign::readings;
use tombstone_campaign::subject::{Made, Subject};
use tombstone_campaign::{confirm, summary};
use tombstone_model::contract::implementation::Implementation;
use tombstone_model::plan::Method;
use tombstone_model::verdict::Check;
use tombstone_reports::ImplementationReport;
use tombstone_scenarios::Scenario;
use tombstone_trial::{catalogue, products};

/// A faulty implementation.
#[derive(Clone, Debug)]
pub struct Faulty {
    /// As a check takes it.
    pub subject: Subject,
    /// What is wrong with it, in one sentence.
    pub what: String,
    /// One of the checks that should convict it.
    pub checks: Vec<Check>,
}

/// Every faulty implementation built in, but for those that nobody could tell from a right one.
pub fn all() -> Vec<Faulty> {
    let visible = catalogue().into_iter().filter(|fault| fault.equivalent.is_none());
    let faults = visible.map(|fault| Faulty {
        what: fault.what.clone(),
        checks: fault.expected.checks.clone(),
        subject: made(fault.id.clone(), move || fault.make()),
    });
    let products = products::cases().map(|(product, method)| {
        let engine = match method {
            Method::OutlookClient => "client",
            Method::ServerSide => "server",
        };
        Faulty {
            what: product.what.to_owned(),
            checks: product.checks.to_vec(),
            subject: made(format!("{}/{engine}", product.id), move || product.make(method)),
        }
    });
    faults.chain(products).collect()
}

fn made(name: String, make: impl Fn() -> Box<dyn Implementation> + Send + Sync + 'static) -> Subject {
    Subject::Made(Made { name, make: Arc::new(make) })
}

/// What a check says of an implementation, given these scenarios and so many plans of a source.
///
/// # Panics
/// Where it does not start.
pub fn checked(
    checking: &Checking,
    subject: &Subject,
    scenarios: &[Scenario],
    source: &PlansFrom,
    plans: u64,
) -> ImplementationReport {
    let mut implementation = subject.start(&checking.profile).expect("it starts");
    let implementation = &mut *implementation;
    let mut log = Log::new(subject.label());
    check::scenarios(checking, subject, implementation, scenarios, &mut log, &mut |_| {});
    confirm::cases(checking, subject, implementation, &mut log);
    let (rules, profile) = (Arc::clone(&checking.rules), checking.profile.clone());
    let campaign = CampaignPlan { rules, profile, source: source.clone(), plans, doublecheck: false };
    let tally = part(&campaign, implementation, 0..plans);
    log.tell(summary::plans_judged(&campaign, subject, 0, &tally));
    let campaigns = [(campaign, tally)];
    let causes = summary::campaigns(
        FailedRuns { checking, subject, scenarios, campaigns: &campaigns },
        implementation,
        &mut log,
    );
    let campaigns = campaigns.map(|(campaign, _)| campaign);
    let runs = readings::ExhibitedRuns { checking, subject, scenarios, campaigns: &campaigns, causes: &causes };
    readings::infer(&runs, implementation, &mut log);
    log.so_far().clone()
}

/// Asks of many things on every processor, and answers in their order.
///
/// # Panics
/// Where that of one panics.
pub fn each<I: Sync, O: Send>(all: &[I], of: impl Fn(&I) -> O + Sync) -> Vec<O> {
    let next = AtomicUsize::new(0);
    let done = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((at, one)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, all.get(at)?)))
                {
                    let out = of(one);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((at, out));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, out)| out).collect()
}
