//! What a failure counts against.

use tombstone_model::plan::Kind;
use tombstone_model::rules::{Deleting, Rule, Rules};
use tombstone_reports::Signature;

/// The rows that a failure counts against: the one by which it fails. Where that is a check and no row, it counts against the
/// check, and against the rows that the scenario covers which speak of such a `kind`: a row is as good as its scenarios.
pub(crate) fn against(rules: &Rules, covers: &[String], signature: &Signature, kind: Option<Kind>) -> Vec<String> {
    if let Some(rule) = &signature.rule {
        return vec![rule.clone()];
    }
    let speaks = |rule: &Rule| {
        let kinds = Deleting::kinds(rule);
        kinds.is_empty() || kind.is_none_or(|kind| kinds.contains(&kind))
    };
    let covered = rules.ids().filter(|(_, rule)| covers.contains(&rule.row) && speaks(rule));
    let mut rows: Vec<String> = covered.map(|(_, rule)| rule.id.clone()).collect();
    if !rows.contains(&signature.check) {
        rows.push(signature.check.clone());
    }
    rows
}
