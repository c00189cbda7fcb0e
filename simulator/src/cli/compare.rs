//! `tombstone compare`: what changed between two saved reports.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::outcome::Outcome;
use super::output::print;

#[derive(Args)]
pub(super) struct Arguments {
    /// The earlier report.
    before: PathBuf,
    /// The later one.
    after: PathBuf,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let (before, after) = (super::report::read(&arguments.before)?, super::report::read(&arguments.after)?);
    let comparison = tombstone_reports::compare::compare(&before, &after);
    print(&match arguments.format {
        Format::Text => comparison.text(),
        Format::Markdown => comparison.markdown(),
        Format::Json => comparison.to_json(),
    });
    Ok(comparison.exit())
}
