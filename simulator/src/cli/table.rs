//! `tombstone table`: the documented deletion table.

use clap::{Args, ValueEnum};
use serde_json::json;
use tombstone_model::profiles::Profile;
use tombstone_reports::{Exit, Report};

use super::choose::profile;
use super::{Outcome, print};
use crate::open_table;
use crate::short_table;
use crate::table;

#[derive(Args)]
pub(super) struct Arguments {
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The profile whose readings to show.
    #[arg(long, default_value = Profile::DEFAULT)]
    profile: String,
    /// Show only the rows in which these two profiles differ.
    #[arg(long, num_args = 2, value_names = ["PROFILE", "PROFILE"], conflicts_with = "profile")]
    diff: Option<Vec<String>>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Short,
    Open,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    if let Some([ours, theirs]) = arguments.diff.as_deref() {
        return diff(arguments.format, ours, theirs);
    }
    let profile = profile(&arguments.profile)?;
    let mut report = Report::new(env!("CARGO_PKG_VERSION"), profile.name.clone());
    report.rules = table::rows(profile);
    match arguments.format {
        Format::Text => print(&table::text(&report.rules)),
        Format::Markdown => print(&tombstone_reports::markdown::table(&report)),
        Format::Short => print(&short_table::markdown(profile)),
        Format::Open => print(&open_table::markdown(profile)),
        Format::Json => print(&serde_json::to_string_pretty(&report.rules).unwrap_or_default()),
    }
    Ok(Exit::Conforms)
}

fn diff(format: Format, ours: &str, theirs: &str) -> Outcome {
    let (ours, theirs) = (profile(ours)?, profile(theirs)?);
    let rows = table::differences(&table::rows(ours), &table::rows(theirs));
    let names = (ours.name.as_str(), theirs.name.as_str());
    match format {
        Format::Text => print(&table::text_of_differences(names, &rows)),
        Format::Markdown | Format::Short | Format::Open => {
            print(&tombstone_reports::markdown::differences(names, &rows));
        }
        Format::Json => {
            let rows: Vec<_> = rows.iter().map(|(a, b)| json!({ names.0: a, names.1: b })).collect();
            print(&serde_json::to_string_pretty(&rows).unwrap_or_default());
        }
    }
    Ok(Exit::Conforms)
}
