//! What is wrong with a scenario file: every error at once, each with its place, its cause and a remedy.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use tombstone_model::harmless::harmless;

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

/// How many errors of a file are shown.
const SHOWN: usize = 50;
/// The most bytes of a place that are shown; of a longer line only the place is told. Of what is said about it no more is
/// shown, either: it may name what stands there.
const LONGEST: usize = 4096;

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
    /// The errors as text for people, each with the line it is about; with ANSI colours if asked for. The first
    /// 50 are shown, and the others counted.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let starts = self.line_starts();
        let mut rendered = String::new();
        let name = harmless(&self.name);
        for diagnostic in self.list.iter().take(SHOWN) {
            let (message, label) = (shown(&diagnostic.message), shown(&diagnostic.label));
            let title = Level::ERROR.primary_title(&*message).id(diagnostic.code);
            let span = self.within(&diagnostic.span);
            // Only the lines that it is about: the renderer goes through all that it is given.
            let first = starts.partition_point(|&start| start <= span.start).saturating_sub(1);
            let begin = starts.get(first).copied().unwrap_or(0);
            let last = starts.partition_point(|&start| start < span.end);
            let lines = &self.text[begin..starts.get(last).copied().unwrap_or(self.text.len())];
            let error = if lines.len() > LONGEST {
                let column = self.text[begin..span.start].chars().count();
                title.element(Origin::path(&*name).line(first + 1).char_column(column + 1))
            } else {
                let place = AnnotationKind::Primary.span(span.start - begin..span.end - begin);
                let snippet = Snippet::source(lines).path(&*name).line_start(first + 1);
                title.element(snippet.annotation(place.label(&*label)))
            };
            // Rendered on its own, the help stands directly below the place.
            let help = diagnostic.help.as_deref().map(shown);
            let help = help.as_ref().map(|help| Group::with_title(Level::HELP.secondary_title(&**help)));
            if !rendered.is_empty() {
                rendered.push('\n');
            }
            for group in [Some(error), help].into_iter().flatten() {
                rendered.push_str(&renderer.render(&[group]));
                rendered.push('\n');
            }
        }
        if let Some(more) = self.list.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            rendered.push_str(&format!("\n… and {more} more errors in {name}\n"));
        }
        rendered
    }

    /// Where each line begins, in bytes of the file.
    fn line_starts(&self) -> Vec<usize> {
        std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect()
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

/// A text as it is shown: harmless, and no longer than can be read.
fn shown(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST {
        return harmless(text);
    }
    Cow::Owned(format!("{}…", harmless(&text[..text.floor_char_boundary(LONGEST)])))
}

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
