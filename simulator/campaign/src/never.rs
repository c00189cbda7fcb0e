//! Rows that nothing met in all that was run, and why nothing could: a run in which a row could have been met and was not is
//! incomplete.

use std::sync::Arc;

use tombstone_model::contract::implementation::Capabilities;
use tombstone_model::reference::Reference;
use tombstone_model::rules::{Rule, RuleId};
use tombstone_reports as reports;
use tombstone_reports::events::Event;
use tombstone_scenarios::Scenario;
use tombstone_search::run::{Runner, Terms};

use crate::check::Checking;
use crate::judge::{is_played_by_server, suited};
use crate::log::Log;

/// Tells which rows were never met.
pub fn tell(checking: &Checking, capabilities: &Capabilities, scenarios: &[Scenario], log: &mut Log) {
    let report = log.so_far();
    let counts = |rule: &Rule| report.row(&rule.id).map(|row| row.counts).unwrap_or_default();
    let unmet: Vec<(RuleId, &Rule)> = checking.rules.ids().filter(|(_, rule)| counts(rule).decided == 0).collect();
    // Another profile is none of the implementation's business.
    let declined = report
        .cases
        .iter()
        .filter(|case| case.verdict == reports::Verdict::Unsupported && !log.is_of_another_profile(case));
    let own = |scenario: &&Scenario| scenario.profile.as_ref().is_none_or(|name| *name == checking.profile.name);
    let mut played = Played { checking, scenarios: scenarios.iter().filter(own).collect(), rows: None };
    let never = unmet.into_iter().map(|(id, rule)| {
        let case = declined.clone().find(|case| case.covers.contains(&rule.row));
        let declined = case.map(|case| format!("unsupported: {}", case.reason));
        let mut covering = scenarios.iter().filter(|scenario| scenario.covers.contains(&rule.row));
        let by_server = covering.any(|scenario| is_played_by_server(scenario, capabilities));
        let by_server =
            by_server.then(|| "the server synchronizes where a scenario has an Outlook client do it".to_owned());
        let chance = (!capabilities.stepped).then(|| "it synchronizes by itself: what it meets is chance".to_owned());
        let excuse = rule.unreachable.clone().or(declined).or(by_server).or(chance);
        let excuse = excuse.or_else(|| played.lack(id, capabilities));
        reports::NeverMet { rule: rule.id.clone(), excuse }
    });
    let rows = never.collect();
    log.tell(Event::RowsNeverMet { rows });
}

/// The scenarios, and which rows each meets where the reference plays it. That is asked only where a row needs an excuse.
struct Played<'s> {
    checking: &'s Checking,
    scenarios: Vec<&'s Scenario>,
    rows: Option<Vec<Vec<RuleId>>>,
}

impl Played<'_> {
    /// What an implementation lacks to play any of the scenarios that meet a row; none where it can play one of them, or
    /// where there is none.
    fn lack(&mut self, row: RuleId, capabilities: &Capabilities) -> Option<String> {
        let (checking, scenarios) = (self.checking, &self.scenarios);
        let rows = self.rows.get_or_insert_with(|| scenarios.iter().map(|it| met(checking, it)).collect());
        let meeting = scenarios.iter().zip(rows).filter(|(_, rows)| rows.contains(&row)).map(|(scenario, _)| scenario);
        let mut least: Option<(usize, String)> = None;
        for scenario in meeting {
            let lacks = lacks(capabilities, scenario);
            let first = lacks.first()?;
            if least.as_ref().is_none_or(|(count, _)| lacks.len() < *count) {
                least = Some((lacks.len(), format!("unsupported: {first}")));
            }
        }
        least.map(|(_, words)| words)
    }
}

/// The rows that a scenario meets.
fn met(checking: &Checking, scenario: &Scenario) -> Vec<RuleId> {
    let (rules, readings) = (&checking.rules, checking.profile.readings());
    let mut reference = Reference::new("reference", Arc::clone(rules), readings);
    let terms = Terms { rules, readings, skip_unsupported: true };
    let mut runner = Runner::new(terms, &scenario.plan, &reference);
    runner.run(&scenario.plan, &mut reference, None);
    let met = runner.met();
    rules.tables().flat_map(|table| met.rows(table).collect::<Vec<_>>()).collect()
}

/// What is missing for a scenario, in words, each once.
fn lacks(capabilities: &Capabilities, scenario: &Scenario) -> Vec<String> {
    let suited = suited(scenario, capabilities);
    let setup = &suited.plan.setup;
    let mut lacks: Vec<String> = capabilities.lacking(setup).map(|lack| lack.to_string()).collect();
    for step in &suited.plan.steps {
        capabilities.each_lack_of_step(setup, step, &mut |lack| lacks.push(lack.to_string()));
    }
    let mut once = Vec::new();
    lacks.retain(|lack| {
        let new = !once.contains(lack);
        once.push(lack.clone());
        new
    });
    lacks
}
