//! The faults of products are what they say.

use tombstone_engines::products::{all, kinds};

use super::{PLANS, cases, row, scenarios, sources, try_product};

/// A share of them in each run; `tombstone faults --products` tries them all.
const SHARE: usize = if cfg!(debug_assertions) { 31 } else { 7 };

#[test]
fn a_share_of_them_is_convicted_as_a_program_is_checked_by_default() {
    let scenarios = scenarios(tombstone_scenarios::scenarios());
    let sources = sources(1, PLANS);
    for (product, method) in cases().step_by(SHARE) {
        let tried = try_product(product, method, &scenarios, &sources);
        assert!(tried.is_convicted(), "{}", row(&tried, None));
    }
}

#[test]
fn there_are_many_and_each_says_where_it_was_seen() {
    let mut ids: Vec<_> = all().map(|product| product.id).collect();
    assert!(ids.len() >= 80, "{}", ids.len());
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for product in all() {
        assert!(!product.what.is_empty() && !product.source.is_empty(), "{}", product.id);
        assert!(!product.checks.is_empty() && !product.engines.is_empty(), "{}", product.id);
    }
    for (kind, faults) in kinds() {
        assert!(faults.len() >= 4, "{kind}: {}", faults.len());
    }
}
