//! Reports side by side: what got worse, what got better, what is new, what is gone, and whether they can be compared at all.
//!
//! What is gone is no progress: evidence that was there before and is not there now counts as a regression, unless whoever
//! compares accepts it.

mod forms;
mod history;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::exit::Exit;
use crate::value::report::Report;
use crate::value::results::{Counts, ImplementationReport, Verdict};
use crate::value::timings::Timings;

pub use history::{History, HistoryLine, history};

/// What changed from one report to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The version of the report's format.
    pub format: u32,
    /// Why the two may not be comparable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<Caveat>,
    /// How many changes there are of each kind.
    pub totals: ChangeTotals,
    /// The changes: regressions first, then by implementation and subject.
    pub changes: Vec<ReportChange>,
}

/// Why two reports may not be comparable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Caveat {
    /// What differs, or is wrong with one of them.
    pub what: CaveatKind,
    /// What it is in the first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub before: String,
    /// What it is in the second.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub after: String,
}

/// What two reports differ in, or what is wrong with one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CaveatKind {
    /// They are held to different profiles.
    Profile,
    /// They are judged by different rules.
    Rules,
    /// They are of different scenarios.
    Suite,
    /// They were written by different versions of Tombstone.
    Version,
    /// One of them is of a run that broke off.
    Interrupted,
    /// One of them covers only a selection of the scenarios.
    Selection,
}

impl CaveatKind {
    /// Whether what was found cannot be relied on for it, unless whoever compares accepts that. Of a selection what is
    /// missing is told case by case.
    pub fn forbids(self) -> bool {
        match self {
            Self::Profile | Self::Rules | Self::Suite | Self::Version | Self::Interrupted => true,
            Self::Selection => false,
        }
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Rules => "rules",
            Self::Suite => "suite",
            Self::Version => "version",
            Self::Interrupted => "interrupted",
            Self::Selection => "selection",
        }
    }
}

impl fmt::Display for Caveat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, before, after } = self;
        match what {
            CaveatKind::Profile | CaveatKind::Rules | CaveatKind::Suite => {
                write!(f, "the {} differs: {before} and {after}", what.name())
            }
            CaveatKind::Version => write!(f, "the version of tombstone differs: {before} and {after}"),
            CaveatKind::Interrupted => {
                let which = if before.is_empty() { "second" } else { "first" };
                write!(f, "the {which} report is of a run that was interrupted")
            }
            CaveatKind::Selection => {
                let which = if before.is_empty() { "second" } else { "first" };
                write!(f, "the {which} report covers only part of the suite")
            }
        }
    }
}

/// How many changes there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "each field counts the changes of the kind it is named after")]
pub struct ChangeTotals {
    pub regressions: u64,
    pub signatures: u64,
    pub lost: u64,
    pub new: u64,
    pub fixes: u64,
    pub renamed: u64,
    pub readings: u64,
    pub slower: u64,
    pub others: u64,
    pub unchanged: u64,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Change")]
pub struct ReportChange {
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// The implementation; empty for what is about all of them.
    pub implementation: String,
    /// What changed.
    pub subject: ComparedSubject,
    /// The verdict before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Verdict>,
    /// The verdict after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Verdict>,
    /// What else there is to say: the signatures before and after, the readings, what it was called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What can change from one report to the next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "what", content = "id", rename_all = "kebab-case")]
pub enum ComparedSubject {
    /// The verdict over everything.
    Whole,
    /// A scenario, or a case beside them.
    Case(String),
    /// A row or a check.
    Rule(String),
    /// What generated plans, or all runs together, fail: by signature.
    Failure(String),
    /// The generated plans as such.
    Plans,
    /// A statement of the documents: whether a scenario covers it.
    Fact(String),
    /// Which reading of a switch is followed.
    Readings(String),
    /// How long it took.
    Time,
}

impl fmt::Display for ComparedSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("as a whole"),
            Self::Case(id) => write!(f, "case {id}"),
            Self::Rule(id) => write!(f, "rule {id}"),
            Self::Failure(signature) => write!(f, "failure {signature}"),
            Self::Plans => f.write_str("generated plans"),
            Self::Fact(id) => write!(f, "fact {id}"),
            Self::Readings(switch) => write!(f, "readings of {switch}"),
            Self::Time => f.write_str("time"),
        }
    }
}

/// What kind of change it is, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It conformed, and no longer does.
    Regression,
    /// It failed and still fails, but in another way.
    SignatureChanged,
    /// It was there or decided before, and is no longer.
    Lost,
    /// It was not there before.
    New,
    /// It did not conform, and now does; or it is a failure that is no longer met.
    Fix,
    /// A scenario has another name.
    Renamed,
    /// Another reading of the documents is followed.
    ReadingsChanged,
    /// It takes half as long again, or more.
    Slower,
    /// Any other change of a verdict.
    Other,
}

impl ChangeKind {
    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::SignatureChanged => "signature changed",
            Self::Lost => "lost",
            Self::New => "new",
            Self::Fix => "fix",
            Self::Renamed => "renamed",
            Self::ReadingsChanged => "readings changed",
            Self::Slower => "slower",
            Self::Other => "other",
        }
    }
}

/// What a comparison passes over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tolerance {
    /// Whether what is lost counts as no regression.
    pub lost: bool,
    /// What may differ.
    pub others: Vec<CaveatKind>,
}

/// A verdict on a subject, what it fails by, and what else the subject was called.
#[derive(Clone, Debug)]
struct SubjectState {
    verdict: Verdict,
    note: String,
    aliases: Vec<String>,
}

type Subjects = BTreeMap<ComparedSubject, SubjectState>;

/// The least that something takes longer to be called slower, in milliseconds: below it times say nothing.
const SLOWER_MS: u64 = 1000;

/// Compares a report with an earlier one, and how long the runs took where both say it.
pub fn compare(before: &Report, after: &Report, times: Option<(&Timings, &Timings)>) -> Comparison {
    let mut comparison = Comparison { format: crate::FORMAT, caveats: caveats(before, after), ..Comparison::default() };
    let names: BTreeSet<&String> =
        before.implementations.iter().chain(&after.implementations).map(|it| &it.name).collect();
    let of = |report: &Report, name: &str| report.implementations.iter().find(|it| it.name == *name).cloned();
    for name in names {
        match (of(before, name), of(after, name)) {
            (Some(was), Some(is)) => both(&mut comparison, &was, &is),
            // Told once, and not again for all that it had.
            (Some(was), None) => {
                let note = format!("with {} cases", was.cases.len());
                comparison.add(ChangeKind::Lost, name, ComparedSubject::Whole, (Some(was.verdict), None), note);
            }
            (None, Some(is)) => {
                let note = format!("with {} cases", is.cases.len());
                comparison.add(ChangeKind::New, name, ComparedSubject::Whole, (None, Some(is.verdict)), note);
            }
            (None, None) => {}
        }
    }
    facts(&mut comparison, before, after);
    for name in slower_to_tell(&comparison, before, after) {
        let of =
            |timings: &Timings| timings.implementations.iter().find(|it| it.name == name).map(|it| it.milliseconds);
        let Some((before, after)) = times.and_then(|(before, after)| of(before).zip(of(after))) else { continue };
        if after.saturating_mul(2) >= before.saturating_mul(3) && after >= before.saturating_add(SLOWER_MS) {
            let note = format!("{before} ms → {after} ms");
            comparison.add(ChangeKind::Slower, &name, ComparedSubject::Time, (None, None), note);
        }
    }
    comparison.changes.sort();
    comparison
}

/// The implementations whose times say something: those that were asked for the same in both.
fn slower_to_tell(comparison: &Comparison, before: &Report, after: &Report) -> Vec<String> {
    let work = |it: &ImplementationReport| (it.cases.len(), it.campaign.as_ref().map(|campaign| campaign.plans));
    let same = |was: &&ImplementationReport| {
        let is = after.implementations.iter().find(|is| is.name == was.name);
        comparison.caveats.iter().all(|it| !it.what.forbids()) && is.is_some_and(|is| work(is) == work(was))
    };
    before.implementations.iter().filter(same).map(|it| it.name.clone()).collect()
}

/// The changes of an implementation that is in both.
fn both(comparison: &mut Comparison, was: &ImplementationReport, is: &ImplementationReport) {
    let name = &is.name;
    let (mut old, new) = (subjects(was), subjects(is));
    let mut renamed: BTreeMap<ComparedSubject, String> = BTreeMap::new();
    for (subject, known) in &new {
        let ComparedSubject::Case(id) = subject else { continue };
        if old.contains_key(subject) {
            continue;
        }
        let before = old.iter().find_map(|(earlier, it)| {
            let ComparedSubject::Case(earlier_id) = earlier else { return None };
            let same = known.aliases.contains(earlier_id) || it.aliases.contains(id);
            (same && !new.contains_key(earlier)).then(|| (earlier.clone(), earlier_id.clone()))
        });
        if let Some((earlier, earlier_id)) = before
            && let Some(it) = old.remove(&earlier)
        {
            old.insert(subject.clone(), it);
            renamed.insert(subject.clone(), earlier_id);
        }
    }
    let subjects: BTreeSet<&ComparedSubject> = old.keys().chain(new.keys()).collect();
    for subject in subjects {
        let (was, is) = (old.get(subject), new.get(subject));
        let verdicts = (was.map(|it| it.verdict), is.map(|it| it.verdict));
        let called = renamed.get(subject).map(|earlier| format!("it was {earlier}"));
        let told = |note: &str| match &called {
            Some(called) if note.is_empty() => called.clone(),
            Some(called) => format!("{called}; {note}"),
            None => note.to_owned(),
        };
        match change(subject, was, is) {
            Some((kind, note)) => comparison.add(kind, name, subject.clone(), verdicts, told(&note)),
            None if called.is_some() => {
                comparison.add(ChangeKind::Renamed, name, subject.clone(), verdicts, told(""));
            }
            None => comparison.totals.unchanged += 1,
        }
    }
    let switches = |it: &ImplementationReport| -> BTreeMap<String, Vec<String>> {
        let switches = it.readings.iter().flat_map(|readings| &readings.switches);
        switches.map(|switch| (format!("{} {}", switch.id, switch.name), switch.follows.clone())).collect()
    };
    let after = switches(is);
    for (switch, before) in switches(was) {
        let Some(after) = after.get(&switch).filter(|after| **after != before) else { continue };
        let words = |follows: &[String]| if follows.is_empty() { "none".to_owned() } else { follows.join(" or ") };
        let note = format!("{} → {}", words(&before), words(after));
        comparison.add(ChangeKind::ReadingsChanged, name, ComparedSubject::Readings(switch), (None, None), note);
    }
}

fn change(
    subject: &ComparedSubject,
    was: Option<&SubjectState>,
    is: Option<&SubjectState>,
) -> Option<(ChangeKind, String)> {
    let decided = |verdict| matches!(verdict, Verdict::Conforms | Verdict::Diverges);
    match (was, is) {
        (None, None) => None,
        (None, Some(is)) => Some((ChangeKind::New, is.note.clone())),
        // What plans failed by before, and do not any more; that there are none is told by itself.
        (Some(was), None) if matches!(subject, ComparedSubject::Failure(_)) => {
            Some((ChangeKind::Fix, was.note.clone()))
        }
        (Some(was), None) => Some((ChangeKind::Lost, was.note.clone())),
        (Some(was), Some(is)) if was.verdict == is.verdict => {
            (was.note != is.note).then(|| (ChangeKind::SignatureChanged, format!("{} → {}", was.note, is.note)))
        }
        (Some(was), Some(is)) => Some(match (was.verdict, is.verdict) {
            (Verdict::Conforms, _) => (ChangeKind::Regression, is.note.clone()),
            (_, Verdict::Conforms) => (ChangeKind::Fix, String::new()),
            // It failed, and now nobody knows.
            (Verdict::Diverges, after) if !decided(after) => (ChangeKind::Lost, was.note.clone()),
            // From declining, breaking or deciding nothing to a divergence: nothing is known to have got worse.
            (
                Verdict::Diverges | Verdict::Unsupported | Verdict::Broken | Verdict::Unstable | Verdict::Undecided,
                _,
            ) => (ChangeKind::Other, is.note.clone()),
        }),
    }
}

fn subjects(it: &ImplementationReport) -> Subjects {
    let mut subjects = Subjects::new();
    let mut add = |subject, verdict, note: String, aliases: &[String]| {
        subjects.insert(subject, SubjectState { verdict, note, aliases: aliases.to_vec() });
    };
    add(ComparedSubject::Whole, it.verdict, String::new(), &[]);
    for case in &it.cases {
        let mut signatures: Vec<String> = case.failures.iter().map(|it| it.signature.to_string()).collect();
        signatures.sort();
        signatures.dedup();
        add(ComparedSubject::Case(case.id.clone()), case.verdict, signatures.join(", "), &case.aliases);
    }
    for row in it.rows.iter().filter(|row| row.counts != Counts::default()) {
        add(ComparedSubject::Rule(row.rule.clone()), row.verdict, String::new(), &[]);
    }
    for signature in searched(it) {
        add(ComparedSubject::Failure(signature), Verdict::Diverges, String::new(), &[]);
    }
    if let Some(campaign) = it.campaign.as_ref().filter(|campaign| campaign.plans > 0) {
        let verdict = if campaign.failing > 0 { Verdict::Diverges } else { Verdict::Conforms };
        add(ComparedSubject::Plans, verdict, String::new(), &[]);
    }
    subjects
}

/// The signatures of what generated plans and all runs together fail.
fn searched(it: &ImplementationReport) -> impl Iterator<Item = String> {
    let random = it.campaign.iter().flat_map(|campaign| &campaign.failures);
    let readings = it.readings.iter().flat_map(|readings| &readings.failures);
    let shown = random.chain(readings).map(|failure| &failure.signature);
    // A cause has one exhibit, whatever it shows itself as.
    let causes = it.causes.iter().filter(|cause| cause.plans > 0).flat_map(|cause| &cause.sorts);
    shown.chain(causes.map(|sort| &sort.signature)).map(ToString::to_string)
}

/// The statements of the documents that scenarios covered, and those that they cover.
fn facts(comparison: &mut Comparison, before: &Report, after: &Report) {
    let covered = |report: &Report| -> BTreeSet<String> {
        let facts = report.facts.iter().flat_map(|facts| &facts.facts);
        facts.filter(|fact| !fact.scenarios.is_empty()).map(|fact| fact.id.clone()).collect()
    };
    let (old, new) = (covered(before), covered(after));
    let mut add = |kind, id: &String, note: &str| {
        comparison.add(kind, "", ComparedSubject::Fact(id.clone()), (None, None), note.to_owned());
    };
    for id in old.difference(&new) {
        add(ChangeKind::Lost, id, "no scenario covers it any more");
    }
    for id in new.difference(&old) {
        add(ChangeKind::New, id, "a scenario covers it");
    }
    comparison.totals.unchanged += old.intersection(&new).count() as u64;
}

fn caveats(before: &Report, after: &Report) -> Vec<Caveat> {
    let same = [
        (CaveatKind::Rules, &before.rules_digest, &after.rules_digest),
        (CaveatKind::Suite, &before.suite_digest, &after.suite_digest),
        (CaveatKind::Profile, &before.profile, &after.profile),
        (CaveatKind::Version, &before.tombstone, &after.tombstone),
    ];
    let differ = same.into_iter().filter(|(_, before, after)| before != after);
    let mut caveats: Vec<Caveat> =
        differ.map(|(what, before, after)| Caveat { what, before: before.clone(), after: after.clone() }).collect();
    let yes = || "yes".to_owned();
    for (what, of) in [
        (CaveatKind::Interrupted, (|report| report.interrupted.is_some()) as fn(&Report) -> bool),
        (CaveatKind::Selection, |report| report.filtered),
    ] {
        caveats.extend(of(before).then(|| Caveat { what, before: yes(), after: String::new() }));
        caveats.extend(of(after).then(|| Caveat { what, before: String::new(), after: yes() }));
    }
    caveats
}

impl Comparison {
    fn add(
        &mut self,
        kind: ChangeKind,
        implementation: &str,
        subject: ComparedSubject,
        (before, after): (Option<Verdict>, Option<Verdict>),
        note: String,
    ) {
        let totals = &mut self.totals;
        *match kind {
            ChangeKind::Regression => &mut totals.regressions,
            ChangeKind::SignatureChanged => &mut totals.signatures,
            ChangeKind::Lost => &mut totals.lost,
            ChangeKind::New => &mut totals.new,
            ChangeKind::Fix => &mut totals.fixes,
            ChangeKind::Renamed => &mut totals.renamed,
            ChangeKind::ReadingsChanged => &mut totals.readings,
            ChangeKind::Slower => &mut totals.slower,
            ChangeKind::Other => &mut totals.others,
        } += 1;
        let implementation = implementation.to_owned();
        self.changes.push(ReportChange { kind, implementation, subject, before, after, note });
    }

    /// How the comparison ends: a regression, what is lost, a new divergence or a failure of another kind is a divergence;
    /// after that it is incomplete where the two cannot be compared.
    pub fn exit(&self, tolerance: &Tolerance) -> Exit {
        let worse = |change: &ReportChange| match change.kind {
            ChangeKind::Regression | ChangeKind::SignatureChanged => true,
            ChangeKind::Lost => !tolerance.lost,
            ChangeKind::New | ChangeKind::Other => change.after == Some(Verdict::Diverges),
            ChangeKind::Fix | ChangeKind::Renamed | ChangeKind::ReadingsChanged | ChangeKind::Slower => false,
        };
        if self.changes.iter().any(worse) {
            Exit::Diverges
        } else if self.forbidden(tolerance).next().is_some() {
            Exit::Incomplete
        } else {
            Exit::Conforms
        }
    }

    /// Why the two cannot be compared, as far as that is not tolerated.
    pub fn forbidden<'c>(&'c self, tolerance: &'c Tolerance) -> impl Iterator<Item = &'c Caveat> {
        self.caveats.iter().filter(|it| it.what.forbids() && !tolerance.others.contains(&it.what))
    }
}
