//! `tombstone table`: the documented tables of rules, the deletion table where none is named.

use clap::{Args, ValueEnum};
use serde_json::json;
use tombstone_model::profiles::Profile;
use tombstone_reports::{Exit, Report};

use super::choose::profile;
use super::outcome::{CommandError, CommandOutcome, unknown};
use super::output::print;
use crate::open_table;
use crate::short_table;
use crate::table;
use crate::tables;

#[derive(Args)]
pub(super) struct TableArguments {
    /// The table; the deletion table where none is named.
    name: Option<String>,
    /// List the tables.
    #[arg(long, conflicts_with_all = ["name", "diff"])]
    list: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = TableForm::Text)]
    format: TableForm,
    /// The profile whose readings to show.
    #[arg(long, default_value = Profile::DEFAULT)]
    profile: String,
    /// Show only the rows in which these two profiles differ.
    #[arg(long, num_args = 2, value_names = ["PROFILE", "PROFILE"], conflicts_with_all = ["profile", "name"])]
    diff: Option<Vec<String>>,
}

#[derive(Clone, Copy, ValueEnum)]
enum TableForm {
    Text,
    Markdown,
    Short,
    Open,
    Json,
}

pub(super) fn run(arguments: &TableArguments) -> CommandOutcome {
    if arguments.list {
        print(&tables::list());
        return Ok(Exit::Conforms);
    }
    if let Some([ours, theirs]) = arguments.diff.as_deref() {
        return diff(arguments.format, ours, theirs);
    }
    let profile = profile(&arguments.profile)?;
    if let Some(name) = arguments.name.as_deref().filter(|name| *name != DELETION) {
        return other(arguments.format, profile, name);
    }
    let mut report = Report::new(env!("CARGO_PKG_VERSION"), profile.name.clone());
    report.rules = table::rows(profile);
    match arguments.format {
        TableForm::Text => print(&table::text(&report.rules)),
        TableForm::Markdown => print(&tombstone_reports::markdown::table(&report)),
        TableForm::Short => print(&short_table::markdown(profile)),
        TableForm::Open => print(&open_table::markdown(profile)),
        TableForm::Json => print(&serde_json::to_string_pretty(&report.rules).unwrap_or_default()),
    }
    Ok(Exit::Conforms)
}

/// The name of the table with forms of its own.
const DELETION: &str = "deletion";

fn other(format: TableForm, profile: &Profile, name: &str) -> CommandOutcome {
    let Some(table) = tables::named(profile, name) else { return Err(unknown("table", name, &tables::names())) };
    match format {
        TableForm::Text => print(&tables::text(table, profile)),
        TableForm::Markdown => print(&tables::markdown(table, profile)),
        TableForm::Json => print(&serde_json::to_string_pretty(&tables::json(table, profile)).unwrap_or_default()),
        TableForm::Short | TableForm::Open => {
            return Err(CommandError::usage(format!(
                "error: the table `{name}` has no such form\nhelp: take `--format text`, `markdown` or `json`"
            )));
        }
    }
    Ok(Exit::Conforms)
}

fn diff(format: TableForm, ours: &str, theirs: &str) -> CommandOutcome {
    let (ours, theirs) = (profile(ours)?, profile(theirs)?);
    let rows = table::differences(&table::rows(ours), &table::rows(theirs));
    let names = (ours.name.as_str(), theirs.name.as_str());
    match format {
        TableForm::Text => print(&table::text_of_differences(names, &rows)),
        TableForm::Markdown | TableForm::Short | TableForm::Open => {
            print(&tombstone_reports::markdown::differences(names, &rows));
        }
        TableForm::Json => {
            let rows: Vec<_> = rows.iter().map(|(a, b)| json!({ names.0: a, names.1: b })).collect();
            print(&serde_json::to_string_pretty(&rows).unwrap_or_default());
        }
    }
    Ok(Exit::Conforms)
}
