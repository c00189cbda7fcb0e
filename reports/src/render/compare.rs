//! Two reports side by side: what got worse, what got better, what is new, what is gone.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::render::markdown::escape;
use crate::render::text::{one_line, pad};
use crate::value::exit::Exit;
use crate::value::report::{Report, to_json};
use crate::value::results::{Counts, ImplementationReport, Verdict};

/// What changed from one report to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The version of the report's format.
    pub format: u32,
    /// Why the two may not be comparable, one reason an entry: other rules, another suite, another profile, a selection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<String>,
    /// How many changes there are of each kind.
    pub totals: ChangeTotals,
    /// The changes: regressions first, then by implementation and subject.
    pub changes: Vec<ReportChange>,
}

/// How many changes there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "each field counts the changes of the kind it is named after")]
pub struct ChangeTotals {
    pub regressions: u64,
    pub signatures: u64,
    pub new: u64,
    pub removed: u64,
    pub fixes: u64,
    pub others: u64,
    pub unchanged: u64,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Change")]
pub struct ReportChange {
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// The implementation.
    pub implementation: String,
    /// What changed: `case ID`, `rule ID` or `failure SIGNATURE`; empty for the implementation as a whole.
    pub subject: String,
    /// The verdict before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Verdict>,
    /// The verdict after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Verdict>,
    /// What else there is to say: the signatures before and after.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What kind of change it is, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It conformed, and no longer does.
    Regression,
    /// It failed and still fails, but in another way.
    SignatureChanged,
    /// It was not there before.
    New,
    /// It is no longer there.
    Removed,
    /// It did not conform, and now does.
    Fix,
    /// Any other change of a verdict.
    Other,
}

impl ChangeKind {
    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::SignatureChanged => "signature changed",
            Self::New => "new",
            Self::Removed => "removed",
            Self::Fix => "fix",
            Self::Other => "other",
        }
    }
}

/// The verdict on a subject, and the signatures of its failures.
type Subjects = BTreeMap<(String, String), (Verdict, String)>;

/// Compares a report with an earlier one.
pub fn compare(before: &Report, after: &Report) -> Comparison {
    let (old, new) = (subjects(before), subjects(after));
    let mut changes = Vec::new();
    let mut totals = ChangeTotals::default();
    let keys: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let (was, is) = (old.get(key), new.get(key));
        let Some((kind, note)) = change(was, is) else {
            totals.unchanged += 1;
            continue;
        };
        match kind {
            ChangeKind::Regression => totals.regressions += 1,
            ChangeKind::SignatureChanged => totals.signatures += 1,
            ChangeKind::New => totals.new += 1,
            ChangeKind::Removed => totals.removed += 1,
            ChangeKind::Fix => totals.fixes += 1,
            ChangeKind::Other => totals.others += 1,
        }
        let (implementation, subject) = key.clone();
        let (before, after) = (was.map(|(verdict, _)| *verdict), is.map(|(verdict, _)| *verdict));
        changes.push(ReportChange { kind, implementation, subject, before, after, note });
    }
    changes.sort();
    Comparison { format: crate::FORMAT, caveats: caveats(before, after), totals, changes }
}

fn change(was: Option<&(Verdict, String)>, is: Option<&(Verdict, String)>) -> Option<(ChangeKind, String)> {
    match (was, is) {
        (None, None) => None,
        (None, Some((_, note))) => Some((ChangeKind::New, note.clone())),
        (Some((_, note)), None) => Some((ChangeKind::Removed, note.clone())),
        (Some((was, old)), Some((is, new))) if was == is => {
            (old != new).then(|| (ChangeKind::SignatureChanged, format!("{old} → {new}")))
        }
        (Some((Verdict::Conforms, _)), Some((_, note))) => Some((ChangeKind::Regression, note.clone())),
        // From declining, breaking or deciding nothing to a divergence: nothing is known to have got worse.
        (Some(_), Some((Verdict::Conforms, _))) => Some((ChangeKind::Fix, String::new())),
        (Some(_), Some((_, note))) => Some((ChangeKind::Other, note.clone())),
    }
}

fn subjects(report: &Report) -> Subjects {
    let mut subjects = Subjects::new();
    for it in &report.implementations {
        let mut add = |subject: String, verdict: Verdict, note: String| {
            subjects.insert((it.name.clone(), subject), (verdict, note));
        };
        add(String::new(), it.verdict, String::new());
        for case in &it.cases {
            let mut signatures: Vec<String> = case.failures.iter().map(|it| it.signature.to_string()).collect();
            signatures.sort();
            signatures.dedup();
            add(format!("case {}", case.id), case.verdict, signatures.join(", "));
        }
        for row in it.rows.iter().filter(|row| row.counts != Counts::default()) {
            add(format!("rule {}", row.rule), row.verdict, String::new());
        }
        for signature in searched(it) {
            add(format!("failure {signature}"), Verdict::Diverges, String::new());
        }
    }
    subjects
}

/// The signatures of what random interleavings found.
fn searched(it: &ImplementationReport) -> impl Iterator<Item = String> {
    let random = it.campaign.iter().flat_map(|campaign| &campaign.failures);
    let shown = random.map(|failure| &failure.signature);
    // A cause has one exhibit, whatever it shows itself as.
    let causes = it.causes.iter().filter(|cause| cause.plans > 0).flat_map(|cause| &cause.sorts);
    shown.chain(causes.map(|sort| &sort.signature)).map(ToString::to_string)
}

fn caveats(before: &Report, after: &Report) -> Vec<String> {
    let same = [
        ("rules", &before.rules_digest, &after.rules_digest),
        ("suite", &before.suite_digest, &after.suite_digest),
        ("profile", &before.profile, &after.profile),
        ("version of tombstone", &before.tombstone, &after.tombstone),
    ];
    let differ = same.into_iter().filter(|(_, before, after)| before != after);
    let mut caveats: Vec<String> =
        differ.map(|(what, before, after)| format!("the {what} differs: {before} and {after}")).collect();
    for (name, report) in [("first", before), ("second", after)] {
        if report.interrupted.is_some() {
            caveats.push(format!("the {name} report is of a run that was interrupted"));
        }
        if report.filtered {
            caveats.push(format!("the {name} report covers only part of the suite"));
        }
    }
    caveats
}

impl Comparison {
    /// How the comparison ends: a regression, a new divergence or a failure of another kind is a divergence.
    pub fn exit(&self) -> Exit {
        let worse = |change: &ReportChange| match change.kind {
            ChangeKind::Regression | ChangeKind::SignatureChanged => true,
            ChangeKind::New | ChangeKind::Other => change.after == Some(Verdict::Diverges),
            ChangeKind::Removed | ChangeKind::Fix => false,
        };
        if self.changes.iter().any(worse) { Exit::Diverges } else { Exit::Conforms }
    }

    /// The comparison as JSON.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// The comparison for a terminal.
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = self.caveats.iter().map(|caveat| format!("note: {}", one_line(caveat))).collect();
        for change in &self.changes {
            let line = format!("{}  {}", pad(change.kind.name(), 17), one_line(&change.words()));
            lines.push(line);
        }
        lines.push(self.sentence());
        lines.push(String::new());
        lines.join("\n")
    }

    /// The comparison as Markdown.
    pub fn markdown(&self) -> String {
        let mut lines = vec!["## Comparison of two reports".to_owned(), String::new()];
        lines.extend(self.caveats.iter().map(|caveat| format!("> {}\n", escape(caveat))));
        if !self.changes.is_empty() {
            lines
                .push("| Change | Implementation | Subject | Before | After | |\n|---|---|---|---|---|---|".to_owned());
        }
        for change in &self.changes {
            lines.push(format!(
                "| {} | {} | {} | {} | {} | {} |",
                change.kind.name(),
                escape(&change.implementation),
                escape(if change.subject.is_empty() { "as a whole" } else { &change.subject }),
                mark(change.before),
                mark(change.after),
                escape(&change.note)
            ));
        }
        lines.extend([String::new(), self.sentence(), String::new()]);
        lines.join("\n")
    }

    fn sentence(&self) -> String {
        let ChangeTotals { regressions, signatures, new, removed, fixes, others, unchanged } = self.totals;
        format!(
            "regressions: {regressions}, signatures changed: {signatures}, new: {new}, removed: {removed}, \
             fixes: {fixes}, other changes: {others}, unchanged: {unchanged}"
        )
    }
}

impl ReportChange {
    fn words(&self) -> String {
        let subject = if self.subject.is_empty() { "as a whole" } else { &self.subject };
        let note = if self.note.is_empty() { String::new() } else { format!(" ({})", self.note) };
        format!("{}: {subject}: {} → {}{note}", self.implementation, mark(self.before), mark(self.after))
    }
}

fn mark(verdict: Option<Verdict>) -> String {
    verdict.map_or_else(|| "absent".to_owned(), |verdict| format!("{} {verdict}", verdict.symbol()))
}
