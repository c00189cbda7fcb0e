//! Laying out plain text: wrapping, padding, grouping digits. Widths count characters.

use std::collections::BTreeMap;

use tombstone_model::harmless::harmless;
pub(crate) use tombstone_model::words::{counted, grouped};

/// The most lines that a text is wrapped into: what a program says without end is not shown without end.
const MOST_LINES: usize = 200;

/// The text in lines of at most `width` characters, broken between words where that is possible. Of a text that would take
/// more than [`MOST_LINES`] lines the rest is counted and left out. Takes time in proportion to what is shown.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let (mut line, mut filled) = (String::new(), 0);
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if lines.len() == MOST_LINES {
            lines.push(cut(&format!("… {} bytes more", grouped((line.len() + rest.len()) as u64)), width));
            return lines;
        }
        // A word, or as much of it as fits into a line.
        let mut end = rest.len();
        let mut length = 0;
        for (at, c) in rest.char_indices() {
            if c.is_whitespace() || length == width {
                end = at;
                break;
            }
            length += 1;
        }
        let (word, after) = rest.split_at(end);
        if filled > 0 && filled + 1 + length > width {
            lines.push(std::mem::take(&mut line));
            filled = 0;
        }
        if filled > 0 {
            line.push(' ');
            filled += 1;
        }
        line.push_str(word);
        filled += length;
        rest = after.trim_start();
        if rest.len() == after.len() && !rest.is_empty() {
            // The word goes on, in a line of its own.
            lines.push(std::mem::take(&mut line));
            filled = 0;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The text, cut to `width` characters with an ellipsis.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end_matches([' ', '…']).len());
    cut.push('…');
    cut
}

/// The text, filled with spaces to `width` characters.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(missing))
}

/// One line: whitespace of any kind becomes a space, and what would be obeyed is shown.
pub(crate) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    harmless(&words.join(" ")).into_owned()
}

/// File names that were given, each with the last number that was put behind it.
pub(crate) type GivenNames = BTreeMap<String, u64>;

/// A file name for any text: letters, digits, dots and dashes, and no two alike even where case does not count.
pub(crate) fn unique(names: &mut GivenNames, text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slug: String = text.chars().map(plain).take(100).collect();
    let slug = slug.trim_matches('-');
    let slug = if slug.is_empty() { "unnamed" } else { slug };
    let mut name = slug.to_owned();
    if let Some(&last) = names.get(slug) {
        let mut numbers = last + 1..;
        let free = numbers.find(|number| !names.contains_key(&format!("{slug}-{number}"))).unwrap_or_default();
        names.insert(slug.to_owned(), free);
        name = format!("{slug}-{free}");
    }
    names.insert(name.clone(), 1);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_files_have_one_name() {
        let mut names = GivenNames::new();
        let given = ["a", "a-2", "a", "A", "a 2", "-", "?"].map(|text| unique(&mut names, text));
        assert_eq!(given, ["a", "a-2", "a-3", "a-4", "a-2-2", "unnamed", "unnamed-2"]);
    }

    #[test]
    fn wrapping_breaks_between_words_and_inside_long_ones() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("  ab  abcdefgh  cd ", 4), ["ab", "abcd", "efgh", "cd"]);
        assert_eq!(wrap("ab cdefgh", 4), ["ab", "cdef", "gh"]);
    }

    /// Not by a clock: what is not looked at cannot take time, so that the lines say it.
    #[test]
    fn text_without_end_is_cut_with_a_count_of_what_is_left_out() {
        for text in ["x".repeat(20_000_000), "word ".repeat(4_000_000)] {
            let lines = wrap(&text, 80);
            assert_eq!(lines.len(), MOST_LINES + 1);
            assert!(lines[MOST_LINES].starts_with("… 19,98"), "{}", lines[MOST_LINES]);
        }
    }

    #[test]
    fn digits_stand_in_groups_of_three() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1234567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
