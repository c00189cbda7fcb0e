//! What a run is held to beside the documents: a baseline of known failures, what is accepted and what is demanded.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use tombstone_campaign::subject::{BuiltIn, Subject};
use tombstone_campaign::{disasters, kill, packing};
use tombstone_reports::value::baseline::{Baseline, KnownFailure};
use tombstone_reports::value::demands::{Demands, Judgeable};
use tombstone_reports::value::hold::hold;
use tombstone_reports::value::pattern::matches;
use tombstone_reports::write::write_file;
use tombstone_reports::{CheckText, Exit, Report, RuleText, Verdict};
use tombstone_scenarios::Scenario;

use super::outcome::{CommandError, unknown};
use super::output::colour;
use crate::baseline;

/// What is demanded beyond that nothing diverges and something is decided of everybody.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Demanding {
    /// What is not accepted: findings count as divergences, and what is unsupported leaves the run incomplete.
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Vec<JudgeableWord>,
    /// What is accepted: what is unstable, or an implementation that supports nothing beside one that conforms.
    #[arg(long, value_enum, value_name = "WHAT")]
    allow: Vec<JudgeableWord>,
    /// Demand that at least so many cases of each implementation are decided.
    #[arg(long, value_name = "N", value_parser = super::asked::whole::<u64>)]
    require_decided: Option<u64>,
    /// Demand that this row or check is decided, of each implementation. May be given several times.
    #[arg(long, value_name = "ROW")]
    require_row: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum JudgeableWord {
    Findings,
    Unsupported,
    Unstable,
}

impl JudgeableWord {
    fn judgeable(self) -> Judgeable {
        match self {
            Self::Findings => Judgeable::Findings,
            Self::Unsupported => Judgeable::Unsupported,
            Self::Unstable => Judgeable::Unstable,
        }
    }
}

impl Demanding {
    /// What is demanded; an error where a row is named that there is not, or something both denied and allowed.
    pub(super) fn demands(&self, rules: &[RuleText], checks: &[CheckText]) -> Result<Demands, CommandError> {
        let rows = rules.iter().flat_map(|rule| [rule.row.as_str(), rule.id.as_str()]);
        let rows: BTreeSet<&str> = rows.chain(checks.iter().map(|check| check.id.as_str())).collect();
        if let Some(row) = self.require_row.iter().find(|row| !rows.contains(row.as_str())) {
            return Err(unknown("row or check", row, &rows.iter().copied().collect::<Vec<_>>()));
        }
        let of = |words: &[JudgeableWord]| words.iter().map(|word| word.judgeable()).collect::<BTreeSet<_>>();
        let (deny, allow) = (of(&self.deny), of(&self.allow));
        if let Some(both) = deny.intersection(&allow).next() {
            let name = both.name();
            return Err(CommandError::usage(format!(
                "error: --deny {name} and --allow {name} contradict each other\nhelp: say one of them"
            )));
        }
        Ok(Demands {
            deny: deny.into_iter().collect(),
            allow: allow.into_iter().collect(),
            decided: self.require_decided,
            rows: self.require_row.clone(),
        })
    }
}

/// Says what of the demands a run does not meet.
pub(super) fn tell_unmet(demands: &Demands, report: &Report) {
    for unmet in demands.unmet(report) {
        eprintln!("error: {unmet}");
    }
}

/// The baseline of a run.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct BaselineArguments {
    /// What is known to fail, as TOML: it is run and shown, and the exit code is 0 where nothing else diverges, and 4 where
    /// an entry passes, fails otherwise, matches nothing or is expired.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what fails as a baseline, keeping what stands there already of what still fails, with its reasons and comments.
    /// Not after a run that was narrowed, or that broke off.
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// The day with which entries are compared that expire, as YYYY-MM-DD: today, if not said otherwise. No report says it.
    #[arg(long, value_name = "DATE", requires = "baseline", value_parser = day)]
    today: Option<String>,
}

fn day(text: &str) -> Result<String, String> {
    baseline::day(text).ok_or_else(|| "not a day, as 2027-03-31".to_owned())
}

/// The baselines of a run, read.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldBaselines {
    /// What it is held against.
    pub(super) baseline: Option<Baseline>,
    /// The file to write, and what it says by now.
    write: Option<(PathBuf, Baseline)>,
    today: Option<String>,
}

impl BaselineArguments {
    /// Whether any is named.
    pub(super) fn is_asked_for(&self) -> bool {
        self.baseline.is_some() || self.write_baseline.is_some()
    }

    /// Refuses to write one after a run that will not be whole, where it is known before the work.
    pub(super) fn whole(&self, why: Option<&str>) -> Result<(), CommandError> {
        match (&self.write_baseline, why) {
            (Some(file), Some(why)) => Err(CommandError::usage(refused(file, why))),
            (Some(_), None) | (None, _) => Ok(()),
        }
    }

    /// The baselines that are named, with what exists beside what this run does: the `names` of implementations, and `all`
    /// scenarios of which these are `run`.
    pub(super) fn read(
        &self,
        subjects: &[Subject],
        names: Vec<String>,
        (all, run): (&[String], &[Scenario]),
    ) -> Result<HeldBaselines, CommandError> {
        let run: BTreeSet<&str> = run.iter().map(|scenario| scenario.id.as_str()).collect();
        let own: BTreeSet<String> = subjects.iter().map(Subject::label).collect();
        let built_in = BuiltIn::ALL.map(|built_in| built_in.name().to_owned());
        let other_implementations: Vec<String> =
            built_in.into_iter().chain(names).filter(|name| !own.contains(name)).collect();
        let with = |file: &Path, entries: Vec<KnownFailure>| {
            let others = all.iter().filter(|id| !run.contains(id.as_str())).cloned();
            let beside = disasters::ids().chain([kill::CASE]).map(str::to_owned);
            // Such a case is there only where it fails.
            let in_company = all.iter().map(|id| packing::in_company(id));
            let in_company = in_company.filter(|id| entries.iter().any(|entry| matches(&entry.case, id)));
            Baseline {
                file: file.to_string_lossy().into_owned(),
                other_cases: others.chain(beside).chain(in_company).collect(),
                other_implementations: other_implementations.clone(),
                entries,
            }
        };
        let read = |file: &PathBuf| Ok(with(file, entries(file, &text(file)?)?));
        let baseline = self.baseline.as_ref().map(read).transpose()?;
        // One that cannot be rewritten is told before the work.
        let write = self.write_baseline.as_ref().map(|file| {
            let there = if file.exists() { read(file) } else { Ok(with(file, Vec::new())) };
            Ok((file.clone(), there?))
        });
        Ok(HeldBaselines { baseline, write: write.transpose()?, today: self.today.clone() })
    }
}

impl HeldBaselines {
    /// How a run ends that would end so, by the day: an entry that is expired makes the baseline stale.
    pub(super) fn by_today(&self, report: &Report, exit: Exit) -> Exit {
        let Some(held) = &report.baseline else { return exit };
        if held.entries.iter().all(|it| it.entry.expires.is_none()) {
            return exit;
        }
        let today = self.today.clone().unwrap_or_else(super::clock::today);
        let by = if self.today.is_some() { "as --today says" } else { "by the clock" };
        eprintln!("{}: expiry dates are compared with {today}, {by}", held.file);
        let mut expired = false;
        for it in held.entries.iter().filter(|it| it.entry.is_expired(&today)) {
            expired = true;
            let last = it.entry.expires.as_deref().unwrap_or_default();
            eprintln!("error: {}: entry {} ({}) expired: its last day was {last}", held.file, it.number, it.entry);
        }
        // What was interrupted is incomplete, whatever was found.
        if expired && report.interrupted.is_none() { exit.or(Exit::Stale) } else { exit }
    }

    /// Writes what fails, where that is asked for and the run was whole; whether it was written, or not asked for.
    pub(super) fn write(&self, report: &Report, narrowed: bool) -> bool {
        let Some((file, known)) = &self.write else { return true };
        let why = if report.interrupted.is_some() {
            Some("the run was interrupted".to_owned())
        } else if report.filtered || narrowed {
            Some("the run was narrowed".to_owned())
        } else {
            let partial = |verdict| matches!(verdict, Verdict::Broken | Verdict::Undecided);
            let broken = report.implementations.iter().find(|it| {
                it.totals.broken > 0 || partial(it.verdict) || it.findings.iter().any(|finding| finding.incomplete)
            });
            broken.map(|it| format!("not everything was judged of {}", it.name))
        };
        if let Some(why) = why {
            eprintln!("{}", refused(file, &why));
            return false;
        }
        match written(file, known, report) {
            Ok(()) => true,
            Err(error) => {
                eprintln!("{}", error.message);
                false
            }
        }
    }
}

/// Why a baseline is not written.
fn refused(file: &Path, why: &str) -> String {
    format!(
        "error: {} is not written: {why}, and what fails is not all that would\nhelp: write a baseline after a whole run",
        file.display()
    )
}

/// The text of a baseline.
fn text(file: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(file)
        .map_err(|error| CommandError::usage(format!("error: cannot read {}: {error}", file.display())))
}

fn entries(file: &Path, text: &str) -> Result<Vec<KnownFailure>, CommandError> {
    baseline::parse(&file.to_string_lossy(), text).map_err(|errors| CommandError::usage(errors.render(colour())))
}

fn written(file: &Path, known: &Baseline, report: &Report) -> Result<(), CommandError> {
    let earlier = if file.exists() { text(file)? } else { String::new() };
    let entries = entries(file, &earlier)?;
    let mut held = report.clone();
    hold(&mut held, &Baseline { entries, ..known.clone() });
    let text = baseline::write(&held, &earlier)
        .map_err(|error| CommandError::usage(format!("error: {}: {error}", file.display())))?;
    write_file(file, &text).map_err(CommandError::unwritten)
}
