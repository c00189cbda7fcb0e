//! Scenarios of the suite, played on implementations in process.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use tombstone_engines as engines;
use tombstone_model::contract::implementation::Implementation;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::Readings;
use tombstone_model::reference::Reference;
use tombstone_model::rules::{RuleId, Rules, TableId};
use tombstone_model::trace::Trace;
use tombstone_model::verdict::RunVerdict;
use tombstone_scenarios::Scenario;
use tombstone_search::run::{Runner, Terms};

/// The profile that a scenario is held against.
///
/// # Panics
/// Where it names a profile that there is not.
pub fn profile(scenario: &Scenario) -> &'static Profile {
    let name = scenario.profile.as_deref().unwrap_or(Profile::DEFAULT);
    Profile::named(name).unwrap_or_else(|| panic!("{}: no profile `{name}`", scenario.id))
}

/// What came of one scenario on one implementation.
#[derive(Debug)]
pub struct Played {
    /// What the oracle says of it.
    pub verdict: RunVerdict,
    /// Each step, with its answer and what was seen after it.
    pub trace: Trace,
    /// The rows that the oracle met on the way, under every reading that is open.
    pub met: BTreeSet<RuleId>,
}

impl Played {
    /// The rows of deletions that were met, as the table numbers them.
    pub fn deletions(&self) -> BTreeSet<&'static str> {
        let deletions = self.met.iter().filter(|id| id.table == TableId::Deleting);
        deletions.map(|&id| Rules::documented().rule(id).row.as_str()).collect()
    }

    /// The rows that were met, as the tables number them.
    pub fn rows(&self) -> BTreeSet<&'static str> {
        self.met.iter().map(|&id| Rules::documented().rule(id).row.as_str()).collect()
    }
}

/// Plays a scenario on an implementation, which is held to the readings that are open.
pub fn play(scenario: &Scenario, open: Readings, mut implementation: Box<dyn Implementation>) -> Played {
    let rules = profile(scenario).rules();
    let terms = Terms { rules, readings: open, skip_unsupported: false };
    let mut runner = Runner::new(terms, &scenario.plan, &*implementation);
    let mut trace = Trace::default();
    let run = runner.run(&scenario.plan, &mut *implementation, Some(&mut trace));
    let met = runner.met();
    Played { verdict: run.verdict, trace, met: rules.tables().flat_map(|table| met.rows(table)).collect() }
}

/// Plays a scenario on the reference under one closed set of readings, held to those that are open.
pub fn refer(scenario: &Scenario, readings: Readings, open: Readings) -> Played {
    static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::documented().clone()));
    play(scenario, open, Box::new(Reference::new("reference", Arc::clone(&RULES), readings)))
}

/// A built-in implementation besides the reference: its name and how it is made. Each follows the default profile.
pub type Other = (&'static str, fn() -> Box<dyn Implementation>);

/// The built-in implementations besides the reference.
pub const OTHERS: [Other; 2] = [
    ("outlook-client", || engines::outlook_client(engines::Make::default())),
    ("server-side", || engines::server_side(engines::Make::default())),
];
