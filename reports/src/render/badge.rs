//! A badge for each implementation: its name and its verdict, as a small SVG.

use maud::html;

use crate::render::text::one_line;
use crate::value::results::{ImplementationReport, Verdict};

/// The badge of an implementation, as an SVG file.
pub fn badge(implementation: &ImplementationReport) -> String {
    let left = format!("tombstone · {}", one_line(&implementation.name));
    let right = format!("{} {}", implementation.verdict.symbol(), implementation.verdict);
    // Widths are guessed generously and the text is stretched to them, so that the badge fits whatever the font.
    let width = |text: &str| text.chars().count() * 7 + 12;
    let (a, b) = (width(&left), width(&right));
    let markup = html! {
        svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label=(format!("{left}: {}", implementation.verdict))
            width=(a + b) height="22" viewBox=(format!("0 0 {} 22", a + b)) {
            title { (left) ": " (implementation.verdict) }
            rect width=(a + b) height="22" rx="4" fill="#39404f" {}
            path d=(format!("M{a} 0h{}a4 4 0 0 1 4 4v14a4 4 0 0 1-4 4h-{}z", b - 4, b - 4)) fill=(fill(implementation.verdict)) {}
            g fill="#fff" font-family="system-ui,Verdana,Geneva,sans-serif" font-size="11.5" {
                text x="6" y="15" textLength=(a - 12) lengthAdjust="spacingAndGlyphs" { (left) }
                text x=(a + 6) y="15" textLength=(b - 12) lengthAdjust="spacingAndGlyphs" font-weight="600" { (right) }
            }
        }
    };
    format!("{}\n", markup.into_string())
}

/// Dark enough for white text in every case.
fn fill(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Conforms => "#1f7a45",
        Verdict::Diverges => "#b81f38",
        Verdict::Unsupported => "#5d6678",
        Verdict::Broken => "#9a4d00",
        Verdict::Unstable => "#7a4a86",
        Verdict::Undecided => "#6a5a00",
    }
}
