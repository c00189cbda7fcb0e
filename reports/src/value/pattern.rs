//! Patterns for names: `*` stands for anything.

/// Whether a name fits a pattern, in which `*` stands for anything, also for nothing.
pub fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => {
            let Some(mut left) = name.strip_prefix(start) else { return false };
            let mut parts = rest.split('*').peekable();
            while let Some(part) = parts.next() {
                if parts.peek().is_none() {
                    return left.ends_with(part);
                }
                match left.find(part) {
                    Some(at) => left = &left[at + part.len()..],
                    None => return false,
                }
            }
            true
        }
    }
}

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
    use super::{matches, nearest};

    #[test]
    fn a_star_stands_for_anything() {
        let cases = [
            ("a/b", "a/b", true),
            ("a/b", "a/bc", false),
            ("a/*", "a/bc", true),
            ("*", "anything", true),
            ("*/b*d", "a/bcd", true),
            ("*/b*d", "a/bce", false),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn the_nearest_name_is_offered_where_one_is_near() {
        assert_eq!(nearest("deletion/task", ["other", "deletions/task"]), Some("deletions/task"));
        assert_eq!(nearest("zzzz", ["other", "deletions/task"]), None);
    }
}
