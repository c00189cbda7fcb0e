//! `tombstone report`: a saved report, or the journal of a run, rendered again.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use tombstone_reports::render::terminal::Detail;
use tombstone_reports::{Report, Timings, events, fold};

use super::known::{Demanding, tell_unmet};
use super::outcome::{CommandError, CommandOutcome};
use super::output::{colour, command, print};

#[derive(Args)]
pub(super) struct ReportArguments {
    /// The report, as `report.json`; or the journal of a run, `events.ndjson` or one that broke off, `running.ndjson`.
    file: PathBuf,
    /// How to render it.
    #[arg(long, value_enum, default_value_t = ReportForm::Text)]
    format: ReportForm,
    /// As text: every situation that a row was split into, and a picture of every failure.
    #[arg(long)]
    verbose: bool,
    #[command(flatten)]
    demanding: Demanding,
}

#[derive(Clone, Copy, ValueEnum)]
enum ReportForm {
    Text,
    Markdown,
    Html,
    Junit,
    Sarif,
    Github,
    Json,
}

pub(super) fn run(arguments: &ReportArguments) -> CommandOutcome {
    let report = read(&arguments.file)?;
    let demands = arguments.demanding.demands(&report.rules, &report.checks)?;
    let text = match arguments.format {
        ReportForm::Text => {
            let detail = if arguments.verbose { Detail::Full } else { Detail::Brief };
            tombstone_reports::render::terminal::render(&report, detail, colour())
        }
        ReportForm::Markdown => tombstone_reports::render::markdown::markdown(&report),
        ReportForm::Html => tombstone_reports::render::html::page(&report, None),
        ReportForm::Junit => tombstone_reports::render::junit::junit(&report, timings(&arguments.file).as_ref()),
        ReportForm::Sarif => tombstone_reports::render::sarif::sarif(&report),
        ReportForm::Github => tombstone_reports::render::annotations::annotations(&report),
        ReportForm::Json => report.to_json(),
    };
    // What is there to be obeyed was made harmless piece by piece.
    if matches!(arguments.format, ReportForm::Github) {
        command(&text);
    } else {
        print(&text);
    }
    tell_unmet(&demands, &report);
    Ok(demands.exit(&report))
}

/// Reads a saved report, or makes it of the journal of a run, as far as that goes.
pub(super) fn read(file: &Path) -> Result<Report, CommandError> {
    let text = std::fs::read(file)
        .map_err(|error| CommandError::usage(format!("error: cannot read {}: {error}", file.display())))?;
    let bad = |error: &dyn fmt::Display| CommandError::usage(format!("error: {}: {error}", file.display()));
    if events::is_stream(&text) {
        return events::from_ndjson(&text).map(|lines| fold::report(&lines)).map_err(|error| bad(&error));
    }
    let text = String::from_utf8(text).map_err(|error| bad(&error))?;
    Report::from_json(&text).map_err(|error| bad(&error))
}

/// What a run took, where it says so: beside its report, or in its journal.
pub(super) fn timings(file: &Path) -> Option<Timings> {
    let text = std::fs::read(file).ok()?;
    if events::is_stream(&text) {
        return events::from_ndjson(&text).ok().map(|lines| fold::timings(&lines));
    }
    Timings::from_json(&std::fs::read_to_string(file.with_file_name("timings.json")).ok()?).ok()
}
