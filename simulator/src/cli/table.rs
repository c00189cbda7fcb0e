//! `tombstone table`: the documented tables of rules, the deletion table where none is named.

use clap::{Args, ValueEnum};
use serde_json::json;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::table::Rows;
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
    #[arg(long, num_args = 2, value_names = ["PROFILE", "PROFILE"], conflicts_with = "profile")]
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
        let (ours, theirs) = (profile(ours)?, profile(theirs)?);
        match arguments.name.as_deref().filter(|name| *name != DELETION) {
            Some(name) => other_diff(arguments.format, (ours, theirs), named(ours, name)?)?,
            None => diff(arguments.format, ours, theirs),
        }
        return Ok(Exit::Conforms);
    }
    let profile = profile(&arguments.profile)?;
    if let Some(name) = arguments.name.as_deref().filter(|name| *name != DELETION) {
        other(arguments.format, profile, named(profile, name)?);
        return Ok(Exit::Conforms);
    }
    let mut report = Report::new(env!("CARGO_PKG_VERSION"), profile.name.clone());
    report.rules = table::rows(profile);
    match arguments.format {
        TableForm::Text => print(&table::text(&report.rules)),
        TableForm::Markdown => print(&tombstone_reports::render::markdown::table(&report)),
        TableForm::Short => print(&short_table::markdown(profile)),
        TableForm::Open => print(&open_table::markdown(profile)),
        TableForm::Json => print(&serde_json::to_string_pretty(&report.rules).unwrap_or_default()),
    }
    Ok(Exit::Conforms)
}

/// The name of the table with forms of its own.
const DELETION: &str = "deletion";

/// The table of that name.
fn named(profile: &Profile, name: &str) -> Result<&'static Rows, CommandError> {
    tables::named(profile, name).ok_or_else(|| unknown("table", name, &tables::names()))
}

fn other(format: TableForm, profile: &Profile, table: &Rows) {
    match format {
        TableForm::Text => print(&tables::text(table, profile)),
        TableForm::Markdown => print(&tables::markdown(table, profile)),
        TableForm::Json => print(&serde_json::to_string_pretty(&tables::json(table, profile)).unwrap_or_default()),
        TableForm::Short => print(&tables::short(table, profile)),
        TableForm::Open => print(&open_table::questions(profile, tables::asked(table, profile))),
    }
}

fn other_diff(format: TableForm, (ours, theirs): (&Profile, &Profile), table: &Rows) -> Result<(), CommandError> {
    let others = named(theirs, table.form().name)?;
    let rows = tables::differences((table, ours), (others, theirs));
    let names = (ours.name.as_str(), theirs.name.as_str());
    match format {
        TableForm::Text => print(&tables::text_of_differences(table, names, &rows)),
        TableForm::Markdown | TableForm::Short | TableForm::Open => {
            print(&tables::markdown_of_differences(names, &rows));
        }
        TableForm::Json => {
            let rows: Vec<_> = rows.iter().map(|(a, b)| json!({ names.0: a.json, names.1: b.json })).collect();
            print(&serde_json::to_string_pretty(&rows).unwrap_or_default());
        }
    }
    Ok(())
}

fn diff(format: TableForm, ours: &Profile, theirs: &Profile) {
    let rows = table::differences(&table::rows(ours), &table::rows(theirs));
    let names = (ours.name.as_str(), theirs.name.as_str());
    match format {
        TableForm::Text => print(&table::text_of_differences(names, &rows)),
        TableForm::Markdown | TableForm::Short | TableForm::Open => {
            print(&tombstone_reports::render::markdown::differences(names, &rows));
        }
        TableForm::Json => {
            let rows: Vec<_> = rows.iter().map(|(a, b)| json!({ names.0: a, names.1: b })).collect();
            print(&serde_json::to_string_pretty(&rows).unwrap_or_default());
        }
    }
}
