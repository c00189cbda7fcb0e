//! Bounds: how much is taken from a program, whatever it says.

use std::time::Duration;

use super::protocol::StepAnswer;

/// The longest deadline that a program is granted for one message, a batch included.
pub(super) const WISH: Duration = Duration::from_mins(10);
/// The most characters of a name, a version or a title.
pub(super) const WORD: usize = 200;
/// The most characters of a message, a reason or a report.
pub(super) const TEXT: usize = 4_000;
/// The most entries of a snapshot.
pub(super) const ENTRIES: usize = 100_000;
/// The most values of a line: lists, objects and what is in them. In memory a value takes many times its bytes.
const VALUES: usize = 1_000_000;

/// The text, or its beginning and how much more there is.
pub(super) fn text(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}… ({} bytes more)", &text[..at], text.len() - at),
    }
}

/// A name that goes into lines of others: one line, and no longer than a name.
pub(super) fn word(said: &str) -> String {
    let one = said.split(['\n', '\r', '\t', '\u{85}', '\u{2028}', '\u{2029}']).collect::<Vec<_>>().join(" ");
    text(&one, WORD)
}

/// The answer, with no text of it longer than is kept.
pub(super) fn answer(answer: StepAnswer) -> StepAnswer {
    let kept = |said: String| text(&said, TEXT);
    match answer {
        StepAnswer::Done { prompted, report, outcome, options } => {
            StepAnswer::Done { prompted, report: report.map(kept), outcome, options }
        }
        StepAnswer::Refused => StepAnswer::Refused,
        StepAnswer::Unsupported { reason } => StepAnswer::Unsupported { reason: kept(reason) },
        StepAnswer::Failed { definite, message } => StepAnswer::Failed { definite, message: kept(message) },
    }
}

/// Whether a line holds no more values than can be kept. What stands in texts is counted with them.
///
/// # Errors
/// Why it is not read.
pub(super) fn values(line: &[u8]) -> Result<(), String> {
    if line.len() <= VALUES {
        return Ok(());
    }
    let values = line.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{' | b':')).count();
    if values <= VALUES { Ok(()) } else { Err(format!("more than {VALUES} values in one line")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(text("äöü", 3), "äöü");
        assert_eq!(text("äöü", 2), "äö… (2 bytes more)");
    }

    #[test]
    fn a_line_of_too_many_values_is_not_read() {
        assert_eq!(values(&vec![b'x'; 2 * VALUES]), Ok(()));
        assert!(values(&b"0,".repeat(VALUES + 1)).is_err());
    }
}
