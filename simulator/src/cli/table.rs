//! `tombstone table`: the list of the documented tables of rules, or one of them.

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Value, json};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::TableId;
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
    /// The table; the list of all of them where none is named, with `--format open` the questions of all of them, with
    /// `--diff` every table in which the profiles differ.
    name: Option<String>,
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
    let name = arguments.name.as_deref();
    if let Some([ours, theirs]) = arguments.diff.as_deref() {
        let profiles = (profile(ours)?, profile(theirs)?);
        match name {
            Some(name) => print(&DifferingRows::of(profiles, named(profiles.0, name)?).told(arguments.format)),
            None => print(&all_differences(arguments.format, profiles)),
        }
        return Ok(Exit::Conforms);
    }
    let profile = profile(&arguments.profile)?;
    match name {
        Some(DELETION) => print(&deletions(arguments.format, profile)),
        Some(name) => print(&other(arguments.format, profile, named(profile, name)?)),
        None => print(&match arguments.format {
            TableForm::Text => tables::list(),
            TableForm::Markdown | TableForm::Short => tables::markdown_list(),
            TableForm::Open => open_table::markdown(profile),
            TableForm::Json => pretty(&tables::json_list()),
        }),
    }
    Ok(Exit::Conforms)
}

fn deletions(format: TableForm, profile: &Profile) -> String {
    let mut report = Report::new(env!("CARGO_PKG_VERSION"), profile.name.clone());
    report.rules = table::rows(profile);
    match format {
        TableForm::Text => table::text(&report.rules),
        TableForm::Markdown => tombstone_reports::render::markdown::table(&report),
        TableForm::Short => short_table::markdown(profile),
        TableForm::Open => open_table::questions(profile, tables::asked(profile.rules().deletion.rows(), profile)),
        TableForm::Json => pretty(&report.rules),
    }
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The name of the table with forms of its own.
const DELETION: &str = "deletion";

/// The table of that name.
fn named(profile: &Profile, name: &str) -> Result<&'static Rows, CommandError> {
    tables::named(profile, name).ok_or_else(|| unknown("table", name, &tables::names()))
}

fn other(format: TableForm, profile: &Profile, table: &Rows) -> String {
    match format {
        TableForm::Text => tables::text(table, profile),
        TableForm::Markdown => tables::markdown(table, profile),
        TableForm::Json => pretty(&tables::json(table, profile)),
        TableForm::Short => tables::short(table, profile),
        TableForm::Open => open_table::questions(profile, tables::asked(table, profile)),
    }
}

/// The rows of a table in which two profiles differ, in each form.
struct DifferingRows {
    table: &'static str,
    any: bool,
    text: String,
    markdown: String,
    json: Value,
}

impl DifferingRows {
    fn of((ours, theirs): (&Profile, &Profile), table: &Rows) -> Self {
        let names = (ours.name.as_str(), theirs.name.as_str());
        let (any, text, markdown, json) = if table.table() == TableId::Deleting {
            let rows = table::differences(&table::rows(ours), &table::rows(theirs));
            let json = rows.iter().map(|(a, b)| json!({ names.0: a, names.1: b })).collect();
            let markdown = tombstone_reports::render::markdown::differences(names, &rows);
            (!rows.is_empty(), table::text_of_differences(names, &rows), markdown, json)
        } else {
            let rows = tables::differences((table, ours), (theirs.rules().table(table.table()), theirs));
            let json = rows.iter().map(|(a, b)| json!({ names.0: a.json, names.1: b.json })).collect();
            let markdown = tables::markdown_of_differences(names, &rows);
            (!rows.is_empty(), tables::text_of_differences(table, names, &rows), markdown, json)
        };
        Self { table: table.form().name, any, text, markdown, json }
    }

    fn told(self, format: TableForm) -> String {
        match format {
            TableForm::Text => self.text,
            TableForm::Markdown | TableForm::Short | TableForm::Open => self.markdown,
            TableForm::Json => pretty(&self.json),
        }
    }
}

/// Every table in which two profiles differ, one after another.
fn all_differences(format: TableForm, profiles: (&Profile, &Profile)) -> String {
    let tables = profiles.0.rules().tables().map(|table| DifferingRows::of(profiles, table));
    let differing: Vec<DifferingRows> = tables.filter(|rows| rows.any).collect();
    match format {
        TableForm::Json => {
            let rows = differing.into_iter().map(|rows| (rows.table.to_owned(), rows.json));
            pretty(&rows.collect::<serde_json::Map<_, _>>())
        }
        TableForm::Text | TableForm::Markdown | TableForm::Short | TableForm::Open if differing.is_empty() => {
            format!("{} and {} decide the same in every row of every table\n", profiles.0.name, profiles.1.name)
        }
        TableForm::Text | TableForm::Markdown | TableForm::Short | TableForm::Open => {
            let told = differing.into_iter().map(|rows| {
                let table = rows.table;
                format!("{table}\n\n{}", rows.told(format))
            });
            told.collect::<Vec<_>>().join("\n")
        }
    }
}
