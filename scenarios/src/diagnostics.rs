//! What is wrong with a scenario file: every error at once, each with its place, its cause and a remedy.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// One error in a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of error, for example `scenario::unknown-name`; stable.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// Where, in bytes of the file.
    pub span: Range<usize>,
    /// What is to be said about that place.
    pub label: String,
    /// How to put it right, where that is known.
    pub help: Option<String>,
}

/// Everything that is wrong with one scenario file, in the order of the file. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    /// The file, as the reader knows it.
    pub name: String,
    /// The text of the file.
    pub text: String,
    /// The errors.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// The errors as text for people, each with the line it is about; with ANSI colours if asked for.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut rendered = String::new();
        for diagnostic in &self.list {
            let snippet = Snippet::source(self.text.as_str()).path(self.name.as_str()).annotation(
                AnnotationKind::Primary.span(self.within(&diagnostic.span)).label(diagnostic.label.as_str()),
            );
            let error = Level::ERROR.primary_title(diagnostic.message.as_str()).id(diagnostic.code).element(snippet);
            // Rendered on its own, the help stands directly below the place.
            let help =
                diagnostic.help.as_ref().map(|help| Group::with_title(Level::HELP.secondary_title(help.as_str())));
            if !rendered.is_empty() {
                rendered.push('\n');
            }
            for group in [Some(error), help].into_iter().flatten() {
                rendered.push_str(&renderer.render(&[group]));
                rendered.push('\n');
            }
        }
        rendered
    }

    /// The span, moved to where the text can be cut.
    fn within(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.text.floor_char_boundary(span.start);
        let end = self.text.ceil_char_boundary(span.end.max(start));
        start..end
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

/// The candidate nearest to a misspelt word, if one is near enough.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let similar = candidates.into_iter().map(|candidate| (strsim::jaro_winkler(word, candidate), candidate));
    let best = similar.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    (best.0 > 0.8).then_some(best.1)
}

/// A list of words in backquotes.
pub(crate) fn quoted<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
