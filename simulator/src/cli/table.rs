//! `tombstone table`: the documented deletion table.

use clap::{Args, ValueEnum};
use tombstone_model::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_reports::{Exit, Report};

use super::choose::profile;
use super::{Outcome, print};
use crate::{short_table, summary};

#[derive(Args)]
pub(super) struct Arguments {
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The profile whose readings to show.
    #[arg(long, default_value = Profile::DEFAULT)]
    profile: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Short,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let profile = profile(&arguments.profile)?;
    let rules = Rules::documented();
    let mut report = Report::new(env!("CARGO_PKG_VERSION"), profile.name.clone());
    report.rules = rules.rows().iter().map(|rule| summary::rule_under(rule, profile)).collect();
    match arguments.format {
        Format::Text => print(&summary::table(&report.rules)),
        Format::Markdown => print(&tombstone_reports::markdown::table(&report)),
        Format::Short => print(&short_table::markdown(profile)),
        Format::Json => print(&serde_json::to_string_pretty(&report.rules).unwrap_or_default()),
    }
    Ok(Exit::Conforms)
}
