//! The faults of products are what they say.

use super::{all, kinds};

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
