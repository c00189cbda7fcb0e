//! Commands as lists of words, and the one place where they become a line for a shell.
//!
//! A line that is printed is there to be copied: it is quoted as a POSIX shell reads it ("The Open Group Base
//! Specifications", Shell Command Language, Quoting), and holds nothing that a terminal obeys.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::render::text::one_line;

/// The folder of the report that a printed line writes.
pub const AGAIN: &str = "tombstone-again";

/// A file on a command line: one that begins with a dash would be taken for an option.
fn named(file: &Path) -> String {
    let named = file.to_string_lossy();
    if named.starts_with('-') { format!("./{named}") } else { named.into_owned() }
}

/// A command: its words, in order, as the program that it starts gets them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine(Vec<String>);

impl CommandLine {
    /// A command of Tombstone, such as `replay`.
    pub fn tombstone(command: &str) -> Self {
        Self(vec!["tombstone".to_owned(), command.to_owned()])
    }

    /// The one that judges the scenario of a file again.
    pub fn replay(file: &Path) -> Self {
        Self::tombstone("replay").with([named(file)])
    }

    /// The one that checks the scenarios of files again, one after the other, and whether one reading explains them all.
    /// That writes a report, and so into a folder of its own.
    pub fn together(files: &[PathBuf]) -> Self {
        let files = files.iter().flat_map(|file| ["--suite".to_owned(), named(file)]);
        Self::tombstone("check").with(files).with(["--isolation", "scenario", "--report", AGAIN, "--replace"])
    }

    /// With more words at its end.
    #[must_use]
    pub fn with(mut self, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.extend(words.into_iter().map(Into::into));
        self
    }

    /// The words.
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

/// The line that a shell reads as these words.
impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.0.iter().map(|word| quoted(word)).collect();
        f.write_str(&words.join(" "))
    }
}

/// A word as a shell reads it: bare where nothing in it has a meaning, and otherwise in quotes. What would not survive on
/// one line of a terminal (line breaks, control characters, runs of spaces) is written by its number; of line breaks at
/// the very end a shell keeps none.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if one_line(word) == word && !word.chars().any(is_invisible) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let mut format = String::new();
    for c in word.chars() {
        if c == '%' {
            format.push_str("%%");
        } else if c == '\\' {
            format.push_str(r"\\");
        } else if c == '\'' || c.is_control() || c.is_whitespace() || is_invisible(c) {
            let mut bytes = [0; 4];
            format.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| format!(r"\{byte:03o}")));
        } else {
            format.push(c);
        }
    }
    format!("\"$(printf '{format}')\"")
}

/// Whether a character shows nothing, or turns the direction of what follows.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_them_otherwise() {
        for (word, line) in [
            ("plain-word_1.toml", "plain-word_1.toml"),
            ("/a/b=c:d,e@f%+", "/a/b=c:d,e@f%+"),
            ("", "''"),
            ("sk x.py", "'sk x.py'"),
            ("~", "'~'"),
            ("*", "'*'"),
            ("it's", r"'it'\''s'"),
            ("$HOME `id`", "'$HOME `id`'"),
            ("a  b", r#""$(printf 'a\040\040b')""#),
            ("a\nb'%\\", r#""$(printf 'a\012b\047%%\\')""#),
            ("\u{202e}x", r#""$(printf '\342\200\256x')""#),
        ] {
            assert_eq!(quoted(word), line, "{word:?}");
            // As it stands on a line of the terminal.
            assert_eq!(one_line(line), line, "{word:?}");
        }
        let line = CommandLine::tombstone("replay").with(["--", "python3", "sk x.py"]);
        assert_eq!(line.to_string(), "tombstone replay -- python3 'sk x.py'");
    }

    #[test]
    #[cfg(unix)]
    fn a_shell_reads_the_words_again() {
        let words = [
            "a b",
            "it's",
            "$(id)",
            "\u{1b}[0m",
            "x\n\ny",
            "  two  ",
            "%s\\n",
            "ä — \u{202e}",
            "",
            "!#&*(){}[]|;<>?\"\\",
        ];
        let line = CommandLine(words.iter().map(|&word| word.to_owned()).collect());
        let script = format!("printf '%s\\0' {line}");
        let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell");
        let mut read: Vec<&[u8]> = output.stdout.split(|byte| *byte == 0).collect();
        read.pop();
        assert_eq!(read, words.map(str::as_bytes), "{line}");
    }
}
