//! What is wrong with a scenario file: every error at once, each with its place, its cause and a remedy.

use std::borrow::Cow;
use std::collections::BTreeMap;
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

/// The errors of all cases of a grid, each cause once.
#[derive(Debug, Default)]
pub struct CaseErrors {
    cases: usize,
    errors: Vec<CaseError>,
    /// The errors by their kind, their place, and which of those of their case there it is.
    known: BTreeMap<(&'static str, usize, usize, usize), usize>,
}

#[derive(Debug)]
struct CaseError {
    diagnostic: Diagnostic,
    first: String,
    cases: usize,
}

impl CaseErrors {
    /// None so far, of that many cases.
    pub fn new(cases: usize) -> Self {
        Self { cases, ..Self::default() }
    }

    /// How many errors there are.
    pub fn len(&self) -> usize {
        self.errors.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Adds what is wrong with a case. What other cases are told of the same place is one error.
    pub fn add(&mut self, case: &str, found: Vec<Diagnostic>) {
        let mut here: BTreeMap<(&'static str, usize, usize), usize> = BTreeMap::new();
        for diagnostic in found {
            let place = (diagnostic.code, diagnostic.span.start, diagnostic.span.end);
            let nth = here.entry(place).or_default();
            let key = (place.0, place.1, place.2, *nth);
            *nth += 1;
            if let Some(&at) = self.known.get(&key) {
                self.errors[at].cases += 1;
            } else {
                self.known.insert(key, self.errors.len());
                self.errors.push(CaseError { diagnostic, first: case.to_owned(), cases: 1 });
            }
        }
    }

    /// The errors, each with the cases that have it, where not all have.
    pub fn merged(self) -> Vec<Diagnostic> {
        let all = self.cases;
        let named = |CaseError { mut diagnostic, first, cases }: CaseError| {
            let label = &mut diagnostic.label;
            match cases {
                _ if cases == all => {}
                1 => label.push_str(&format!(" (in {first})")),
                _ => label.push_str(&format!(" (in {first} and {} more of {all} cases)", cases - 1)),
            }
            diagnostic
        };
        self.errors.into_iter().map(named).collect()
    }
}

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
