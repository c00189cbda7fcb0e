//! What several sections of the page show alike.

use maud::{Markup, html};

use crate::render::text::one_line;
use crate::value::results::Verdict;

/// A verdict as a label: symbol, word and colour.
pub(super) fn verdict(verdict: Verdict) -> Markup {
    html! { span class={ "label " (verdict.name()) } { span aria-hidden="true" { (verdict.symbol()) " " } (verdict) } }
}

/// Text in monospace that can be copied.
pub(super) fn copyable(text: &str) -> Markup {
    html! { code.copy { (one_line(text)) } }
}
