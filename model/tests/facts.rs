//! The statements of the documents, and who rests on them.

use tombstone_model::plan::Verb;
use tombstone_model::rules::Rules;
use tombstone_model::rules::facts::facts;
use tombstone_model::rules::table::Rows;
use tombstone_model::verdict::Check;

/// Every fact is cited by a row of a table, a check or an operation, or it says what it is about that no step reaches.
#[test]
fn every_fact_is_cited_or_beyond() {
    let rules = Rules::documented();
    let rows: Vec<&str> = rules.tables().flat_map(Rows::all).flat_map(|rule| &rule.facts).map(String::as_str).collect();
    let checks: Vec<&str> = Check::ALL.iter().flat_map(|check| check.facts()).copied().collect();
    let operations: Vec<&str> = Verb::ALL.iter().flat_map(|verb| verb.ground().facts).copied().collect();
    let facts = facts();
    let idle = facts.iter().filter(|fact| {
        let id = fact.id.as_str();
        let cited = rows.contains(&id) || checks.contains(&id) || operations.contains(&id);
        !cited && fact.beyond.is_none()
    });
    let idle: Vec<_> = idle.map(|fact| format!("{}: {}", fact.id, fact.subject)).collect();
    assert!(idle.is_empty(), "nothing rests on {idle:#?}");
    let unknown: Vec<_> = rows.iter().chain(&checks).chain(&operations).filter(|id| id.starts_with('F')).collect();
    let unknown: Vec<_> = unknown.into_iter().filter(|id| facts.iter().all(|fact| fact.id != **id)).collect();
    assert!(unknown.is_empty(), "no such facts: {unknown:?}");
}
