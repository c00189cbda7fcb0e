//! `tombstone compare`: what changed between two saved reports.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::outcome::CommandOutcome;
use super::output::print;

#[derive(Args)]
pub(super) struct CompareArguments {
    /// The earlier report.
    before: PathBuf,
    /// The later one.
    after: PathBuf,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = CompareForm::Text)]
    format: CompareForm,
}

#[derive(Clone, Copy, ValueEnum)]
enum CompareForm {
    Text,
    Markdown,
    Json,
}

pub(super) fn run(arguments: &CompareArguments) -> CommandOutcome {
    let (before, after) = (super::report::read(&arguments.before)?, super::report::read(&arguments.after)?);
    let comparison = tombstone_reports::render::compare::compare(&before, &after);
    print(&match arguments.format {
        CompareForm::Text => comparison.text(),
        CompareForm::Markdown => comparison.markdown(),
        CompareForm::Json => comparison.to_json(),
    });
    Ok(comparison.exit())
}
