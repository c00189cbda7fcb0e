//! What came of a scenario that ran packed, and with which others it fails alike.

use tombstone_model::rules::Deleting;
use tombstone_model::view::View;
use tombstone_reports::{CaseReport, Signature};
use tombstone_scenarios::Scenario;

use crate::check::ToldCase;
use crate::checking::Checking;
use crate::explain::fate;

/// A scenario that ran packed, and what came of it there.
#[derive(Clone, Debug)]
pub struct Packed<'s> {
    /// The scenario.
    pub scenario: &'s Scenario,
    /// What is told of it.
    pub told: ToldCase,
    /// What was seen of it last.
    pub last: Option<View>,
    /// Its world, and its number there.
    pub(super) world: (usize, usize),
}

impl Packed<'_> {
    /// What is said of it.
    pub fn case(&self) -> &CaseReport {
        &self.told.judged.case
    }
}

pub(super) fn signature(case: &CaseReport) -> Option<&Signature> {
    case.failures.first().map(|failure| &failure.signature)
}

/// The check that a scenario failed, and what the rule that it cites demands of the two stores.
pub(super) fn class(checking: &Checking, case: &CaseReport) -> Option<(String, String)> {
    let signature = signature(case)?;
    let rule = signature.rule.as_deref().and_then(|id| checking.rules.named(id)).map(|id| checking.rules.rule(id));
    let demands =
        rule.map(|rule| format!("{} {}", fate(Deleting::outlook(&rule.then)), fate(Deleting::crm(&rule.then))));
    Some((signature.check.clone(), demands.unwrap_or_default()))
}

/// The id of the case of a scenario that fails in company only.
pub fn in_company(scenario: &str) -> String {
    format!("in-company/{scenario}")
}
