//! What several sections of the page show alike.

use maud::{Markup, html};

use crate::render::text::one_line;
use crate::value::results::Verdict;

/// A verdict as a label: symbol, word and colour.
pub(super) fn verdict(verdict: Verdict) -> Markup {
    html! { span class={ "label " (verdict.name()) } { span aria-hidden="true" { (verdict.symbol()) " " } (verdict) } }
}

/// A verdict as a symbol, with the word for who does not see it.
pub(super) fn symbol(verdict: Verdict) -> Markup {
    html! { span aria-hidden="true" { (verdict.symbol()) } span.said { (verdict) } }
}

/// Text in monospace that can be copied.
pub(super) fn copyable(text: &str) -> Markup {
    html! { code.copy { (one_line(text)) } }
}

/// Where something stands on the page, by what it is called: the same in every report, whatever else that holds. No two
/// names give the same.
pub(super) fn anchor(sort: &str, name: &str) -> String {
    let mut anchor = format!("{sort}/");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_./".contains(&byte) {
            anchor.push(char::from(byte));
        } else {
            anchor.push_str(&format!("~{byte:02x}"));
        }
    }
    anchor
}

/// A link to it.
pub(super) fn link(sort: &str, name: &str) -> String {
    format!("#{}", anchor(sort, name))
}

/// Links to things of a sort, at most so many; the rest is counted.
pub(super) fn links<'a>(sort: &str, names: impl IntoIterator<Item = &'a str>) -> Markup {
    const MOST: usize = 40;
    let names: Vec<&str> = names.into_iter().collect();
    html! {
        @for (nth, name) in names.iter().take(MOST).enumerate() {
            @if nth > 0 { ", " }
            a href=(link(sort, name)) { (name) }
        }
        @if names.len() > MOST { " and " (names.len() - MOST) " more" }
    }
}
