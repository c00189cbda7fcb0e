//! Faulty implementations, each with exactly one thing wrong: what a harness that convicts nobody is worth can be told by
//! what it says of these.
//!
//! Half of them are made from the data: every row of the deletion table with an outcome, a prompt or a condition turned
//! round, followed by the reference (`rows`). The others are glitches of the engines ([`crate::engines::Glitch`]).

mod rows;
pub mod trial;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use tombstone_model::implementation::Implementation;
use tombstone_model::plan::{Kind, Method, Names, Plan};
use tombstone_model::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_model::verdict::{Check, Divergence, Verdict};

use crate::choose::{Seeded, sub_seed};
use crate::engines::{Glitch, Make, outlook_client, server_side};
use crate::generate::{Mix, Strategy, setup, steps, suit};
use crate::run::{Runner, Terms};

/// An implementation with exactly one thing wrong.
#[derive(Clone)]
pub struct Fault {
    /// The id in reports, unique in the catalogue.
    pub id: String,
    /// What is wrong, in one sentence.
    pub what: String,
    /// Who should convict it, and by what.
    pub expected: Expected,
    /// Why nobody could tell it from a right one, where that is so.
    pub equivalent: Option<&'static str>,
    /// The rules it follows, where that is what is wrong with it, and the kinds of record they speak of.
    pub rules: Option<(Arc<Rules>, Vec<Kind>)>,
    make: Arc<dyn Fn() -> Box<dyn Implementation> + Send + Sync>,
}

/// By what a faulty implementation should be convicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// By one of these checks.
    pub checks: Vec<Check>,
    /// Which row it cites: one of these, given by their ids, or of the same row of the table. Any where there is none.
    pub rows: Vec<String>,
}

impl Expected {
    /// Whether this is what should have been found.
    pub fn convicts(&self, divergence: &Divergence, rules: &Rules) -> bool {
        let row = |id: &String| rules.named(id).map(|id| &rules.rule(id).row);
        let cited = |id| self.rows.iter().any(|expected| row(expected) == Some(&rules.rule(id).row));
        let by_row = divergence.check != Check::Readings;
        self.checks.contains(&divergence.check)
            && (self.rows.is_empty() || !by_row || divergence.rule.is_some_and(cited))
    }
}

impl Fault {
    /// A new one, as any implementation is used.
    pub fn make(&self) -> Box<dyn Implementation> {
        (self.make)()
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").field("id", &self.id).field("expected", &self.expected).finish_non_exhaustive()
    }
}

/// Every faulty implementation: those of the table in its order, then those of the engines.
pub fn catalogue() -> Vec<Fault> {
    let mut faults = rows::faults();
    for &glitch in Glitch::ALL {
        for &method in glitch.engines() {
            let make = Make { glitch: Some(glitch), background: None };
            let (engine, make): (_, Arc<dyn Fn() -> Box<dyn Implementation> + Send + Sync>) = match method {
                Method::OutlookClient => ("outlook-client", Arc::new(move || outlook_client(make))),
                Method::ServerSide => ("server-side", Arc::new(move || server_side(make))),
            };
            faults.push(Fault {
                id: format!("{engine}/{}", glitch.id()),
                what: glitch.what().to_owned(),
                expected: Expected { checks: glitch.expected().to_vec(), rows: Vec::new() },
                equivalent: None,
                rules: None,
                make,
            });
        }
    }
    for fault in &mut faults {
        fault.equivalent = EQUIVALENT.iter().find(|(id, _)| *id == fault.id).map(|&(_, why)| why);
    }
    faults
}

/// The faults that nobody could see under the default profile, and why.
const EQUIVALENT: [(&str, &str); 9] = [
    ("reference/D11-outlook-flipped", NOBODY_ASKED),
    ("reference/D11-crm-flipped", NOBODY_ASKED),
    ("reference/D38-untrack-yes-outlook-flipped", NOBODY_ASKED),
    ("reference/D38-untrack-yes-crm-flipped", NOBODY_ASKED),
    ("reference/D38-untrack-yes-otherwise-outlook-flipped", NOBODY_ASKED),
    ("reference/D38-untrack-yes-otherwise-crm-flipped", NOBODY_ASKED),
    (
        "reference/D43-outlook-flipped",
        "it is another reading of what leaving the filter means, which the profile leaves open",
    ),
    ("reference/D43-email-outlook-flipped", "no filter brings messages, so that none can leave it"),
    (
        "outlook-client/delegate-does-not-wait",
        "a mailbox is synchronized only while its user is connected, and the wait is over once the user connects",
    ),
];

const NOBODY_ASKED: &str = "no question is asked there, so that no Yes can be answered";

/// What random plans found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conviction {
    /// The index of the plan that found it.
    pub plan: u64,
    /// How many steps all implementations took until then, over all plans.
    pub steps: u64,
    /// What was found.
    pub divergence: Divergence,
    /// Whether it is what should have been found.
    pub expected: bool,
}

/// Tries a faulty implementation with random plans, until one finds what should be found or all are spent. Where
/// something else is found, and nothing better, that is what is returned.
pub fn convict(fault: &Fault, seed: u64, plans: u64) -> Option<Conviction> {
    let rules = Rules::documented();
    let readings =
        Profile::named(Profile::DEFAULT).map_or(tombstone_model::switches::Readings::OPEN, Profile::readings);
    let terms = Terms { rules, readings, skip_unsupported: true };
    let mut implementation = fault.make();
    let capabilities = implementation.describe().capabilities.clone();
    let mut runner: Option<Runner<'_>> = None;
    let (mut taken, mut other) = (0, None);
    for index in 0..plans {
        let mut choose = Seeded::new(sub_seed(seed, index));
        let mix = Mix::draw(&mut choose, Strategy::of(index));
        let mut setup = setup(&mut choose, &mix);
        suit(&mut setup, &capabilities);
        let mut plan = Plan { setup, steps: Vec::new(), names: Names::default() };
        steps(&mut choose, &mix, &plan.setup, &mut plan.steps);
        let runner = runner.get_or_insert_with(|| Runner::new(terms, &plan, implementation.as_ref()));
        let run = runner.run(&plan, implementation.as_mut(), None);
        taken += run.steps;
        let Verdict::Diverges(divergence) = run.verdict else { continue };
        let expected = fault.expected.convicts(&divergence, rules);
        let conviction = Conviction { plan: index, steps: taken, divergence: *divergence, expected };
        if expected {
            return Some(conviction);
        }
        other.get_or_insert(conviction);
    }
    other
}
