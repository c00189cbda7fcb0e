//! The faults of products on trial: each is checked as a program is by default, in process, and what convicts it is shrunk.

use std::fmt::Write as _;

use tombstone_model::plan::{Method, Plan};
use tombstone_model::rules::Rules;
use tombstone_model::verdict::{Divergence, Verdict};
use tombstone_scenarios::Scenario;

use super::Product;
use crate::campaign::{Plans, shrunk};
use crate::faults::docket::terms;
use crate::judge::suited;
use crate::minimal::{self, Minimal, minimal};
use crate::run::{Runner, Terms};
use crate::shrink::BUDGET;

/// The scenarios that a check runs on a program: those of the default profile.
pub fn scenarios(all: Vec<Scenario>) -> Vec<Scenario> {
    let own = |scenario: &Scenario| {
        scenario.profile.as_deref().is_none_or(|name| name == tombstone_model::profiles::Profile::DEFAULT)
    };
    all.into_iter().filter(own).collect()
}

/// What a check of a faulty product came to.
#[derive(Clone, Debug)]
pub struct Heard {
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

impl Heard {
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
pub fn hear(product: &'static Product, method: Method, scenarios: &[Scenario], sources: &[(Plans, u64)]) -> Heard {
    let mut implementation = product.make(method);
    let capabilities = implementation.describe().capabilities.clone();
    let (mut steps, mut other, mut runner) = (0, None, None::<Runner<'_>>);
    let suite =
        scenarios.iter().map(|scenario| ("suite", scenario.id.clone(), suited(scenario, &capabilities).plan.clone()));
    let drawn = sources.iter().flat_map(|(source, plans)| {
        let capabilities = &capabilities;
        let situations = source.situations(capabilities).map_or(0, |all| all.len());
        let by = move |index| match source {
            Plans::Tour(_) => "tour",
            Plans::Covering { .. } if index < situations => "situations",
            Plans::Covering { .. } | Plans::Random(_) => "random",
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
        let Verdict::Diverges(divergence) = run.verdict else { continue };
        let expected = product.checks.contains(&divergence.check);
        if !expected && other.is_some() {
            continue;
        }
        let mut found = Found { by, example, steps, divergence: *divergence, expected, shrunk: None, shortest: None };
        if expected {
            measure(&mut found, &plan, product, method);
            return Heard { product, method, found: Some(found) };
        }
        other = Some((found, plan));
    }
    let found = other.map(|(mut found, plan)| {
        measure(&mut found, &plan, product, method);
        found
    });
    Heard { product, method, found }
}

/// Shrinks the plan of a conviction, and holds it against the shortest.
fn measure(found: &mut Found, plan: &Plan, product: &'static Product, method: Method) {
    let mut implementation = product.make(method);
    let Some(small) = shrunk(terms(), plan, &mut *implementation, BUDGET) else { return };
    let length = small.steps.len() as u64;
    let signature = found.divergence.signature();
    found.shrunk = Some(length);
    found.shortest = match minimal(terms(), &small, signature, &mut *implementation, minimal::BUDGET) {
        Minimal::Proved => Some(length),
        Minimal::Shorter(plan) => Some(plan.steps.len() as u64),
        Minimal::Open => None,
    };
}

/// The table: fault × found by × what it breaks × steps; with the seconds that each took, where they are known.
pub fn table(heard: &[(Heard, Option<u64>)]) -> String {
    let mut text = String::new();
    let title = ["fault", "found by", "cited", "steps", "shrunk", "shortest"];
    let width = heard.iter().map(|(it, _)| it.name().len()).max().unwrap_or(0);
    let timed = heard.iter().any(|(_, milliseconds)| milliseconds.is_some());
    let number = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), |n| n.to_string());
    let mut line = |cells: [&str; 6], seconds: &str| {
        let [fault, by, cited, steps, shrunk, shortest] = cells;
        let line =
            format!("{fault:width$}  {by:<44}  {cited:<30}  {steps:>6}  {shrunk:>6}  {shortest:>8}  {seconds:>7}");
        let _ = writeln!(text, "{}", line.trim_end());
    };
    line(title, if timed { "seconds" } else { "" });
    for (it, milliseconds) in heard {
        let seconds = milliseconds.map(|ms| format!("{}.{:02}", ms / 1000, ms % 1000 / 10)).unwrap_or_default();
        let name = it.name();
        match &it.found {
            None => line([&name, "missed", "", "", "", ""], &seconds),
            Some(found) => {
                let rule = found.divergence.rule.map(|rule| Rules::documented().rule(rule).id.as_str());
                let check = found.divergence.check.name();
                let cited = rule.map_or_else(|| check.to_owned(), |rule| format!("{check} {rule}"));
                let cited = if found.expected { cited } else { format!("{cited} (wrongly)") };
                let by = format!("{} {}", found.by, found.example);
                let steps = found.steps.to_string();
                line([&name, &by, &cited, &steps, &number(found.shrunk), &number(found.shortest)], &seconds);
            }
        }
    }
    let faults = {
        let mut ids: Vec<_> = heard.iter().map(|(it, _)| it.product.id).collect();
        ids.dedup();
        ids.len()
    };
    let count = |which: &dyn Fn(&Heard) -> bool| heard.iter().filter(|(it, _)| which(it)).count();
    let by = |source| count(&|it: &Heard| it.found.as_ref().is_some_and(|found| found.expected && found.by == source));
    let _ = writeln!(
        text,
        "{faults} faults of products over {} engines: {} convicted ({} by the suite, {} by the tour, {} by random plans), \
         {} wrongly, {} missed",
        heard.len(),
        count(&Heard::is_convicted),
        by("suite"),
        by("tour"),
        by("random"),
        count(&|it| it.found.as_ref().is_some_and(|found| !found.expected)),
        count(&|it| it.found.is_none()),
    );
    text
}
