//! Badges: for each implementation its name and its verdict, as a small SVG and as what an endpoint of a service for badges
//! answers; and such an answer for each row.

use std::collections::BTreeMap;

use maud::html;
use serde::Serialize;

use crate::render::text::one_line;
use crate::value::report::{Report, to_json};
use crate::value::results::{ImplementationReport, Verdict};

/// What a service that draws badges is answered, as shields.io calls it: an endpoint.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    schema_version: u32,
    label: String,
    message: &'static str,
    color: &'static str,
    is_error: bool,
}

impl Endpoint {
    fn of(label: &str, verdict: Verdict) -> Self {
        let is_error = match verdict {
            Verdict::Diverges | Verdict::Broken => true,
            Verdict::Conforms | Verdict::Unsupported | Verdict::Unstable | Verdict::Undecided => false,
        };
        Self { schema_version: 1, label: one_line(label), message: verdict.name(), color: fill(verdict), is_error }
    }
}

/// The badge of an implementation, as the answer of an endpoint.
pub fn endpoint(implementation: &ImplementationReport) -> String {
    to_json(&Endpoint::of(&label(implementation), implementation.verdict))
}

/// The badges of every row and check, as answers of endpoints: by implementation, and by the id of the row.
pub fn endpoints(report: &Report) -> String {
    let rows = |it: &ImplementationReport| {
        let each = it.rows.iter().map(|row| (row.rule.clone(), Endpoint::of(&row.rule, row.verdict)));
        each.collect::<BTreeMap<_, _>>()
    };
    to_json(&report.implementations.iter().map(|it| (it.name.as_str(), rows(it))).collect::<BTreeMap<_, _>>())
}

fn label(implementation: &ImplementationReport) -> String {
    format!("tombstone · {}", one_line(&implementation.name))
}

/// The badge of an implementation, as an SVG file.
pub fn badge(implementation: &ImplementationReport) -> String {
    let left = label(implementation);
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
