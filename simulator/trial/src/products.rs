//! The faults of products on trial: each is checked as a program is by default, in process, and what convicts it is shrunk.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use tombstone_campaign::campaign::{PlansFrom, shrunk};
use tombstone_campaign::judge::suited;
use tombstone_engines::products::{Product, all};
use tombstone_model::plan::{Method, Plan};
use tombstone_model::readings::switches::{Readings, Switch};
use tombstone_model::rules::Rules;
use tombstone_model::verdict::{Check, Divergence, RunVerdict};
use tombstone_scenarios::Scenario;
use tombstone_search::covering::Strength;
use tombstone_search::minimal::{self, Minimal, minimal};
use tombstone_search::run::{Runner, Terms};
use tombstone_search::shrink::BUDGET;

use crate::docket::terms;

/// What a minute allows of a program that takes about a tenth of a second for a plan, as a real one does without a disk.
pub const PLANS: u64 = 600;

/// Where the plans come from that a program is given after the scenarios.
pub fn sources(seed: u64, plans: u64) -> Vec<(PlansFrom, u64)> {
    vec![(PlansFrom::Covering { seed, strength: Strength::Pairs }, plans)]
}

/// Every fault over each of its engines.
pub fn cases() -> impl Iterator<Item = (&'static Product, Method)> {
    all().flat_map(|product| product.engines.iter().map(move |&method| (product, method)))
}

/// The scenarios that a check runs on a program: those of the default profile.
pub fn scenarios(all: Vec<Scenario>) -> Vec<Scenario> {
    let own = |scenario: &Scenario| {
        scenario.profile.as_deref().is_none_or(|name| name == tombstone_model::readings::profiles::Profile::DEFAULT)
    };
    all.into_iter().filter(own).collect()
}

/// What a check of a faulty product came to.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The fault.
    pub product: &'static Product,
    /// The engine that it is built over.
    pub method: Method,
    /// What convicts it: as it should, or else in another way; none where nothing was found.
    pub found: Option<Found>,
}

/// What convicts a faulty product.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where the plan comes from: `suite`, `tour` or `random`.
    pub by: &'static str,
    /// The scenario, or the number of the plan.
    pub example: String,
    /// How many steps were taken until then.
    pub steps: u64,
    /// What was found.
    pub divergence: Divergence,
    /// Whether it is what should have been found.
    pub expected: bool,
    /// How many steps the plan is shrunk to; none where it could not be.
    pub shrunk: Option<u64>,
    /// How many steps the shortest plan of the same world takes, where all of them could be tried.
    pub shortest: Option<u64>,
}

impl Tried {
    /// Whether the fault is convicted by what should convict it.
    pub fn is_convicted(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.expected)
    }

    /// The name in the table: the engine, the kind and the fault.
    pub fn name(&self) -> String {
        let engine = match self.method {
            Method::OutlookClient => "client",
            Method::ServerSide => "server",
        };
        format!("{}/{engine}", self.product.id)
    }
}

/// Checks a faulty product as a program is checked by default: the suite, then the plans of these sources. Ends with the
/// first divergence that should convict it, and shrinks that.
pub fn try_product(
    product: &'static Product,
    method: Method,
    scenarios: &[Scenario],
    sources: &[(PlansFrom, u64)],
) -> Tried {
    let mut implementation = product.make(method);
    let capabilities = implementation.describe().capabilities.clone();
    let (mut steps, mut other, mut runner) = (0, None, None::<Runner<'_>>);
    // One reading of each ambiguity is followed from the first scenario to the last plan.
    let mut held = Readings::OPEN;
    let suite =
        scenarios.iter().map(|scenario| ("suite", scenario.id.clone(), suited(scenario, &capabilities).plan.clone()));
    let drawn = sources.iter().flat_map(|(source, plans)| {
        let capabilities = &capabilities;
        let situations = source.situations(capabilities).map_or(0, |all| all.len());
        let by = move |index| match source {
            PlansFrom::Tour(_) => "tour",
            PlansFrom::Covering { .. } if index < situations => "situations",
            PlansFrom::Covering { .. } | PlansFrom::Random(_) => "random",
        };
        (0..*plans).map(move |index| (by(index), index.to_string(), source.plan(index, capabilities).0))
    });
    for (by, example, plan) in suite.chain(drawn) {
        let skip_unsupported = by != "suite";
        let terms = Terms { skip_unsupported, ..terms() };
        let runner = match &mut runner {
            Some(runner) if runner.terms().skip_unsupported == skip_unsupported => runner,
            runner => runner.insert(Runner::new(terms, &plan, &*implementation)),
        };
        let run = runner.run(&plan, &mut *implementation, None);
        steps += run.steps;
        let divergence = match run.verdict {
            RunVerdict::Diverges(divergence) => *divergence,
            RunVerdict::Conforms => {
                held = held.and(run.readings);
                let Some(switch) = held.contradiction() else { continue };
                held = run.readings;
                torn(switch)
            }
            RunVerdict::Unsupported(_) | RunVerdict::Broken(_) | RunVerdict::Undecided(_) => continue,
        };
        let expected = product.checks.contains(&divergence.check);
        // After a crash in the same plan the oracle cannot tell what is lost by it from what is not carried at all.
        let late =
            !expected && divergence.check == Check::Erased && plan.steps.iter().any(|it| it.op.crash().is_some());
        if !expected && other.as_ref().is_some_and(|(found, _): &(Found, Plan)| found.expected || !late) {
            continue;
        }
        let expected_at_last = expected || late;
        let mut found =
            Found { by, example, steps, divergence, expected: expected_at_last, shrunk: None, shortest: None };
        if expected {
            measure(&mut found, &plan, product, method);
            return Tried { product, method, found: Some(found) };
        }
        other = Some((found, plan));
    }
    let found = other.map(|(mut found, plan)| {
        measure(&mut found, &plan, product, method);
        found
    });
    Tried { product, method, found }
}

/// What is found where no reading of a switch explains all that was run.
fn torn(switch: Switch) -> Divergence {
    let (rule, step, item, sightings) = (None, None, None, Vec::new());
    Divergence { rule, step, item, sightings, switch: Some(switch), ..Divergence::of(Check::Readings) }
}

/// Shrinks the plan of a conviction, and holds it against the shortest. What takes two plans to see is not shrunk.
fn measure(found: &mut Found, plan: &Plan, product: &'static Product, method: Method) {
    let mut implementation = product.make(method);
    if found.divergence.check == Check::Readings && found.divergence.step.is_none() {
        return;
    }
    let Some(small) = shrunk(terms(), plan, &mut *implementation, BUDGET).map(|small| small.plan) else { return };
    let length = small.steps.len() as u64;
    let signature = found.divergence.signature();
    found.shrunk = Some(length);
    found.shortest = match minimal(terms(), &small, signature, &mut *implementation, minimal::BUDGET) {
        Minimal::Proved => Some(length),
        Minimal::Shorter(plan) => Some(plan.steps.len() as u64),
        Minimal::Open => None,
    };
}

/// What a line of the table says: fault, found by, what it breaks, and the steps until then, shrunk, and shortest.
fn line(cells: [&str; 6], seconds: &str) -> String {
    let [fault, by, cited, steps, shrunk, shortest] = cells;
    let line = format!("{fault:<48} {by:<56} {cited:<34} {steps:>6}  {shrunk:>6}  {shortest:>8}  {seconds:>7}");
    line.trim_end().to_owned()
}

/// The row of a fault, with the time that it took where that is known.
pub fn row(it: &Tried, milliseconds: Option<u64>) -> String {
    let seconds = milliseconds.map(|ms| format!("{}.{:02}", ms / 1000, ms % 1000 / 10)).unwrap_or_default();
    let number = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), |n| n.to_string());
    let name = it.name();
    let Some(found) = &it.found else { return line([&name, "missed", "", "", "", ""], &seconds) };
    let divergence = &found.divergence;
    let rule = divergence.rule.map(|rule| Rules::documented().rule(rule).id.as_str());
    let what = rule.or_else(|| divergence.switch.map(|switch| switch.info().id));
    let check = divergence.check.name();
    let cited = what.map_or_else(|| check.to_owned(), |what| format!("{check} {what}"));
    let cited = if found.expected { cited } else { format!("{cited} (wrongly)") };
    let by = format!("{} {}", found.by, found.example);
    let steps = found.steps.to_string();
    line([&name, &by, &cited, &steps, &number(found.shrunk), &number(found.shortest)], &seconds)
}

/// The table: fault × found by × what it breaks × steps; with the seconds that each took, where they are known.
pub fn table(tried: &[(Tried, Option<u64>)]) -> String {
    let mut text = String::new();
    let timed = tried.iter().any(|(_, milliseconds)| milliseconds.is_some());
    let title = ["fault", "found by", "cited", "steps", "shrunk", "shortest"];
    let _ = writeln!(text, "{}", line(title, if timed { "seconds" } else { "" }));
    for (it, milliseconds) in tried {
        let _ = writeln!(text, "{}", row(it, *milliseconds));
    }
    let faults = {
        let mut ids: Vec<_> = tried.iter().map(|(it, _)| it.product.id).collect();
        ids.dedup();
        ids.len()
    };
    let count = |which: &dyn Fn(&Tried) -> bool| tried.iter().filter(|(it, _)| which(it)).count();
    let by = |source| count(&|it: &Tried| it.found.as_ref().is_some_and(|found| found.expected && found.by == source));
    let _ = writeln!(
        text,
        "{faults} faults of products over {} engines: {} convicted ({} by the suite, {} by the tour, {} by situations, \
         {} by random plans), {} wrongly, {} missed",
        tried.len(),
        count(&Tried::is_convicted),
        by("suite"),
        by("tour"),
        by("situations"),
        by("random"),
        count(&|it| it.found.as_ref().is_some_and(|found| !found.expected)),
        count(&|it| it.found.is_none()),
    );
    text
}
