//! What a text of a grid says of its axes: `{kind}`, `{role.owner}`, `{date.row[role]}`, and text between.

/// A stretch of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    /// Text as it stands.
    Text(&'t str),
    /// What an axis gives.
    Cell(AxisReference<'t>),
}

/// A reference to an axis, or to what its values hold under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AxisReference<'t> {
    /// The axis.
    pub(crate) axis: &'t str,
    /// The key of its values.
    pub(crate) key: Option<&'t str>,
    /// The other axis by whose value it is chosen what is meant.
    pub(crate) by: Option<&'t str>,
}

/// The key under which every value has its own name.
pub(crate) const NAME_KEY: &str = "name";

/// The pieces of a text. Braces that hold no reference are text.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut from, mut at) = (Vec::new(), 0, 0);
    while let Some(open) = text[at..].find('{').map(|found| at + found) {
        let inside = &text[open + 1..];
        let length = inside.find(|c: char| !plain(c)).unwrap_or(inside.len());
        at = open + 1 + length;
        let Some(reference) = inside[length..].starts_with('}').then(|| reference(&inside[..length])).flatten() else {
            continue;
        };
        if from < open {
            pieces.push(Piece::Text(&text[from..open]));
        }
        pieces.push(Piece::Cell(reference));
        at += 1;
        from = at;
    }
    if from < text.len() {
        pieces.push(Piece::Text(&text[from..]));
    }
    pieces
}

/// The reference that a text is, and nothing beside it.
pub(crate) fn whole(text: &str) -> Option<AxisReference<'_>> {
    let inside = text.strip_prefix('{')?.strip_suffix('}')?;
    reference(inside)
}

fn reference(inside: &str) -> Option<AxisReference<'_>> {
    let (named, by) = match inside.strip_suffix(']') {
        Some(inside) => inside.split_once('[').map(|(named, by)| (named, Some(by)))?,
        None => (inside, None),
    };
    let (axis, key) = named.split_once('.').map_or((named, None), |(axis, key)| (axis, Some(key)));
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let is_name = |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(letter);
    let fits = is_name(axis) && key.is_none_or(is_name) && by.is_none_or(is_name);
    fits.then_some(AxisReference { axis, key, by })
}

fn plain(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | '[' | ']')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell<'t>(axis: &'t str, key: Option<&'t str>) -> Piece<'t> {
        Piece::Cell(AxisReference { axis, key, by: None })
    }

    #[test]
    fn references_are_told_from_text() {
        let text = Piece::Text;
        let by = |key| Piece::Cell(AxisReference { axis: "date", key, by: Some("role") });
        let cases: [(&str, Vec<Piece<'_>>); 14] = [
            ("{date.row[role]}", vec![by(Some("row"))]),
            ("{date[role]}", vec![by(None)]),
            ("{date[role}", vec![text("{date[role}")]),
            ("{date[]}", vec![text("{date[]}")]),
            ("", vec![]),
            ("{kind}", vec![cell("kind", None)]),
            (
                "a {kind}, {role.owner}s",
                vec![text("a "), cell("kind", None), text(", "), cell("role", Some("owner")), text("s")],
            ),
            ("{{kind}}", vec![text("{"), cell("kind", None), text("}")]),
            ("{}", vec![text("{}")]),
            ("{Kind}", vec![text("{Kind}")]),
            ("{a.b.c}", vec![text("{a.b.c}")]),
            ("{a b}", vec![text("{a b}")]),
            ("{é}{a", vec![text("{é}{a")]),
            ("{ \"a\": 1 }", vec![text("{ \"a\": 1 }")]),
        ];
        for (written, expected) in cases {
            assert_eq!(pieces(written), expected, "{written}");
            let only = match expected.as_slice() {
                [Piece::Cell(reference)] => Some(*reference),
                _ => None,
            };
            assert_eq!(whole(written), only, "{written}");
        }
    }
}
