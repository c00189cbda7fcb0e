//! Text from outside, shown so that it does nothing.
//!
//! Names, messages, reports and paths come from programs and files, and end on a terminal, in the log of a build or on a
//! page. There some of them would be obeyed rather than shown: escape codes, marks that turn the direction of the text or
//! take no room, lines that a build takes for a command. Everything from outside passes [`harmless`], and JSON
//! [`harmless_json`], on its way out.

use std::borrow::Cow;

/// The text with everything in it shown that would be obeyed: control characters other than the newline and the tab, and
/// characters that cannot be seen, as `\u{1b}`; a line that begins as a command to a build (`::error::`) behind a
/// backslash, and one that builds look for anywhere in a line (`##vso[`) with a backslash in it. Twice is as once.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !suspicious(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut begun = false;
    for (at, c) in text.char_indices() {
        match c {
            '\n' => begun = false,
            ':' if !begun && text[at..].starts_with("::") => shown.push('\\'),
            '#' if command(&text[at..]) => {
                shown.push_str("#\\");
                begun = true;
                continue;
            }
            _ => {}
        }
        begun |= !c.is_whitespace();
        if obeyed(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// A JSON text made harmless; it still means what it meant.
pub fn harmless_json(json: &str) -> Cow<'_, str> {
    if !suspicious(json) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for (at, c) in json.char_indices() {
        // Such characters stand in JSON within texts only, and there they may be written as numbers.
        if obeyed(c) || c == '#' && command(&json[at..]) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// A quick look: whether anything may have to be changed.
fn suspicious(text: &str) -> bool {
    text.contains("::") || text.contains("##") || text.chars().any(obeyed)
}

/// Whether a text begins as a command does that builds look for anywhere in a line: `##[error]`, `##vso[…]`.
fn command(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("##") else { return false };
    rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).starts_with('[')
}

/// Whether a character is obeyed rather than shown, or cannot be seen.
fn obeyed(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // A soft hyphen, a mark of direction in Arabic, a separator of vowels: nothing to be seen.
        '\u{ad}' | '\u{61c}' | '\u{180e}' => true,
        // No width, joiners, marks and overrides of direction, separators of lines, isolates, a mark of the order of bytes.
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => true,
        // No characters, which XML cannot hold.
        '\u{fffe}' | '\u{ffff}' => true,
        // Annotations between lines, and tags.
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_obeyed_is_shown() {
        for (text, shown) in [
            ("plain – text\n\twith ::colons", "plain – text\n\twith ::colons"),
            ("\u{1b}[31mred\r\u{7f}\u{9b}2J", "\\u{1b}[31mred\\u{d}\\u{7f}\\u{9b}2J"),
            ("\u{202e}txt\u{200b}\u{feff}\u{2066}", "\\u{202e}txt\\u{200b}\\u{feff}\\u{2066}"),
            ("\u{fffe}a\u{ffff}", "\\u{fffe}a\\u{ffff}"),
            ("::error::a\n  ::set-output name=a::b", "\\::error::a\n  \\::set-output name=a::b"),
            ("a ##[error]b ##vso[task]c ## [d]", "a #\\#[error]b #\\#vso[task]c ## [d]"),
        ] {
            assert_eq!(harmless(text), shown, "{text:?}");
            assert_eq!(harmless(&harmless(text)), shown, "once is enough: {text:?}");
        }
    }

    #[test]
    fn json_means_what_it_meant() {
        let json = "[\"\u{202e}##vso[x]\u{e0041}\u{9b}\"]";
        assert_eq!(harmless_json(json), r#"["\u202e\u0023#vso[x]\udb40\udc41\u009b"]"#);
    }
}
