//! What can be wrong with a file of rules.

use std::fmt::{self, Display, Formatter};

/// One thing that is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The file; empty where the table as a whole is meant.
    pub file: String,
    /// The id of the row; empty where none is meant.
    pub row: String,
    /// What is wrong.
    pub message: String,
}

impl RuleError {
    /// An error of a row, whichever file it stands in.
    pub(super) fn of(row: &str, message: String) -> Self {
        Self { file: String::new(), row: row.to_owned(), message }
    }
}

impl Display for RuleError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for place in [&self.file, &self.row] {
            if !place.is_empty() {
                write!(f, "{place}: ")?;
            }
        }
        f.write_str(&self.message)
    }
}

/// Everything that is wrong with a table, in the order of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleErrors(pub Vec<RuleError>);

impl Display for RuleErrors {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (n, error) in self.0.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for RuleErrors {}
