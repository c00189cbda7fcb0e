//! Patterns for names: `*` stands for anything.

pub use tombstone_model::pattern::matches;

/// How alike two names are at least, from 0 to 1, for one to be offered in the place of the other.
const SIMILAR: f64 = 0.7;

/// The name nearest to one that nothing bears, if any is near enough.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let likeness = known.into_iter().map(|known| (strsim::jaro_winkler(name, known), known));
    let best = likeness.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    (best.0 > SIMILAR).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_offered_where_one_is_near() {
        assert_eq!(nearest("deletion/task", ["other", "deletions/task"]), Some("deletions/task"));
        assert_eq!(nearest("zzzz", ["other", "deletions/task"]), None);
    }
}
