//! `tombstone report`: a saved report, rendered again.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use tombstone_reports::terminal::Detail;
use tombstone_reports::{Exit, Report};

use super::outcome::{CommandError, CommandOutcome};
use super::output::{colour, print};

#[derive(Args)]
pub(super) struct ReportArguments {
    /// The report, as `report.json`.
    file: PathBuf,
    /// How to render it.
    #[arg(long, value_enum, default_value_t = ReportForm::Text)]
    format: ReportForm,
    /// As text: every situation that a row was split into, and a picture of every failure.
    #[arg(long)]
    verbose: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum ReportForm {
    Text,
    Markdown,
    Html,
    Junit,
    Json,
}

pub(super) fn run(arguments: &ReportArguments) -> CommandOutcome {
    let report = read(&arguments.file)?;
    print(&match arguments.format {
        ReportForm::Text => {
            let detail = if arguments.verbose { Detail::Full } else { Detail::Brief };
            tombstone_reports::terminal::render(&report, detail, colour())
        }
        ReportForm::Markdown => tombstone_reports::markdown::markdown(&report),
        ReportForm::Html => tombstone_reports::html::page(&report, None),
        ReportForm::Junit => tombstone_reports::junit::junit(&report),
        ReportForm::Json => report.to_json(),
    });
    Ok(Exit::of(&report))
}

/// Reads a saved report.
pub(super) fn read(file: &Path) -> Result<Report, CommandError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| CommandError::usage(format!("error: cannot read {}: {error}", file.display())))?;
    Report::from_json(&text).map_err(|error| CommandError::usage(format!("error: {}: {error}", file.display())))
}
