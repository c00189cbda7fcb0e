//! `tombstone compare`: what changed between saved reports.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tombstone_reports::Report;
use tombstone_reports::render::compare::{CaveatKind, Tolerance, compare, history};

use super::outcome::CommandOutcome;
use super::output::print;

#[derive(Args)]
pub(super) struct CompareArguments {
    /// The reports, or journals, the earliest first. More than two give the history of each row, and end as the last two
    /// compared do.
    #[arg(required = true, num_args = 2.., value_names = ["OLD", "NEW"])]
    reports: Vec<PathBuf>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = CompareForm::Text)]
    format: CompareForm,
    /// Take an implementation, case, row or fact that is no longer there or decided for no regression.
    #[arg(long)]
    allow_lost: bool,
    /// Compare although this differs: otherwise that is said and the exit code is 3. May be given several times.
    #[arg(long, value_enum, value_name = "WHAT")]
    allow_other: Vec<OtherWord>,
}

#[derive(Clone, Copy, ValueEnum)]
enum CompareForm {
    Text,
    Markdown,
    Html,
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum OtherWord {
    Profile,
    Rules,
    Suite,
    Version,
    Interrupted,
}

impl OtherWord {
    fn kind(self) -> CaveatKind {
        match self {
            Self::Profile => CaveatKind::Profile,
            Self::Rules => CaveatKind::Rules,
            Self::Suite => CaveatKind::Suite,
            Self::Version => CaveatKind::Version,
            Self::Interrupted => CaveatKind::Interrupted,
        }
    }
}

pub(super) fn run(arguments: &CompareArguments) -> CommandOutcome {
    let mut reports: Vec<(String, Report)> = Vec::new();
    for file in &arguments.reports {
        reports.push((file.display().to_string(), super::report::read(file)?));
    }
    let tolerance = Tolerance {
        lost: arguments.allow_lost,
        others: arguments.allow_other.iter().map(|word| word.kind()).collect(),
    };
    let last =
        |back: usize| reports.len().checked_sub(back).and_then(|at| reports.get(at).zip(arguments.reports.get(at)));
    let (Some(((_, before), old)), Some(((_, after), new))) = (last(2), last(1)) else {
        return Err(super::outcome::CommandError::usage("error: two reports are compared"));
    };
    let times = super::report::timings(old).zip(super::report::timings(new));
    let comparison = compare(before, after, times.as_ref().map(|(before, after)| (before, after)));
    let many = (reports.len() > 2).then(|| history(&reports));
    print(&match (arguments.format, &many) {
        (CompareForm::Text, None) => comparison.text(),
        (CompareForm::Text, Some(history)) => history.text(),
        (CompareForm::Markdown, None) => comparison.markdown(),
        (CompareForm::Markdown, Some(history)) => history.markdown(),
        (CompareForm::Html, None) => comparison.html(),
        (CompareForm::Html, Some(history)) => history.html(),
        (CompareForm::Json, None) => comparison.to_json(),
        (CompareForm::Json, Some(history)) => history.to_json(),
    });
    for caveat in comparison.forbidden(&tolerance) {
        let word = caveat.what.name();
        eprintln!("error: {caveat}: what changed may be due to that\nhelp: accept it with --allow-other {word}");
    }
    Ok(comparison.exit(&tolerance))
}
