//! Colour on a terminal.

use anstyle::{AnsiColor, Style};

use crate::value::results::Verdict;

/// Lines, each with its end.
pub(super) fn join(mut lines: Vec<String>) -> String {
    lines.push(String::new());
    lines.join("\n")
}

/// Colour, or none.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    /// Whether there is any.
    pub(super) colour: bool,
}

impl Paint {
    /// The text in a style; spaces at its end stay plain, so that they can be cut off.
    fn with(self, style: Style, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let (shown, spaces) = text.split_at(text.trim_end().len());
        format!("{style}{shown}{style:#}{spaces}")
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    pub(super) fn verdict(self, verdict: Verdict, text: &str) -> String {
        let style = match verdict {
            Verdict::Conforms => AnsiColor::Green.on_default(),
            Verdict::Diverges => AnsiColor::Red.on_default().bold(),
            Verdict::Unsupported => Style::new().dimmed(),
            Verdict::Broken => AnsiColor::Magenta.on_default().bold(),
            Verdict::Unstable => AnsiColor::Magenta.on_default(),
            Verdict::Undecided => AnsiColor::Yellow.on_default(),
        };
        self.with(style, text)
    }
}
