//! What is demanded of a run, and how it ends by that.

use std::fmt;

use tombstone_model::words::counted;

use crate::value::exit::Exit;
use crate::value::report::Report;
use crate::value::results::{ImplementationReport, Verdict};

/// Something about a run that may be accepted or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgeable {
    /// What is wrong, or looks wrong, though no rule speaks of it. Accepted, if nothing else is said; one that is denied
    /// counts as a divergence.
    Findings,
    /// What an implementation declined. Accepted, if nothing else is said, where something else was decided of it; where it is
    /// denied such a case leaves the run incomplete.
    Unsupported,
    /// What failed once and was not seen again. It leaves the run incomplete, if nothing else is said.
    Unstable,
}

impl Judgeable {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Findings => "findings",
            Self::Unsupported => "unsupported",
            Self::Unstable => "unstable",
        }
    }
}

/// What is demanded of a run beyond that nothing diverges and something was decided of everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// What is not accepted.
    pub deny: Vec<Judgeable>,
    /// What is accepted.
    pub allow: Vec<Judgeable>,
    /// How many cases of each implementation are decided, at least.
    pub decided: Option<u64>,
    /// The rows and checks that are decided, of each implementation.
    pub rows: Vec<String>,
}

/// A demand that a run does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnmetDemand {
    /// Something that is denied.
    Denied {
        /// What.
        what: Judgeable,
        /// Of which implementation.
        implementation: String,
        /// How often.
        times: u64,
    },
    /// Fewer cases were decided.
    Decided {
        /// Of which implementation.
        implementation: String,
        /// How many were.
        decided: u64,
        /// How many should have been.
        demanded: u64,
    },
    /// A row was not decided.
    Row {
        /// Of which implementation.
        implementation: String,
        /// The row or check.
        row: String,
    },
    /// There is no implementation in the report, of which anything could have been decided.
    Nobody,
}

impl fmt::Display for UnmetDemand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { what, implementation, times } => {
                write!(f, "{implementation}: {times} {}, which --deny does not accept", what.name())
            }
            Self::Decided { implementation, decided, demanded } => {
                let (cases, were) = (counted(*decided, "case"), if *decided == 1 { "was" } else { "were" });
                write!(f, "{implementation}: {cases} {were} decided, and --require-decided demands {demanded}")
            }
            Self::Row { implementation, row } => {
                write!(f, "{implementation}: nothing was decided of {row}, which --require-row demands")
            }
            Self::Nobody => f.write_str("nothing was decided, for nothing was run"),
        }
    }
}

impl Demands {
    /// What of it a run does not meet.
    pub fn unmet(&self, report: &Report) -> Vec<UnmetDemand> {
        let mut unmet = Vec::new();
        for it in &report.implementations {
            let implementation = || it.name.clone();
            for &what in &self.deny {
                let times = match what {
                    Judgeable::Findings => it.findings.len() as u64,
                    Judgeable::Unsupported => it.totals.unsupported,
                    Judgeable::Unstable => it.unstable.len() as u64,
                };
                if times > 0 {
                    unmet.push(UnmetDemand::Denied { what, implementation: implementation(), times });
                }
            }
            if let Some(demanded) = self.decided.filter(|demanded| it.totals.decided < *demanded) {
                let decided = it.totals.decided;
                unmet.push(UnmetDemand::Decided { implementation: implementation(), decided, demanded });
            }
            for row in &self.rows {
                // A row of the documents has situations, each with an id.
                let is_of = |id: &str| id == row || report.rule(id).is_some_and(|rule| rule.row == *row);
                if !it.rows.iter().any(|it| it.counts.decided > 0 && is_of(&it.rule)) {
                    unmet.push(UnmetDemand::Row { implementation: implementation(), row: row.clone() });
                }
            }
        }
        if report.implementations.is_empty() && (self.decided.is_some() || !self.rows.is_empty()) {
            unmet.push(UnmetDemand::Nobody);
        }
        unmet
    }

    /// How a run with this report ends: of all that is so, what [`Exit::or`] puts first. A run that was interrupted is
    /// incomplete, whatever it had found by then. A report without anything in it is incomplete, never a pass.
    pub fn exit(&self, report: &Report) -> Exit {
        if report.interrupted.is_some() {
            return Exit::Incomplete;
        }
        let faults = report.faults.iter().map(|table| {
            let accused = table.faultless.iter().any(|implementation| implementation.accused > 0);
            if accused || table.totals.missed > 0 || table.totals.rightly < table.totals.caught {
                Verdict::Diverges
            } else if table.totals.faults == 0 {
                Verdict::Undecided
            } else {
                Verdict::Conforms
            }
        });
        let implementations = report.implementations.iter().map(|it| self.verdict(it));
        let mut verdicts: Vec<Verdict> = implementations.chain(faults).collect();
        let unmet = self.unmet(report);
        let denied = |unmet: &UnmetDemand| matches!(unmet, UnmetDemand::Denied { what: Judgeable::Findings, .. });
        // Green takes somebody that conforms, whatever is accepted of the others.
        if self.allow.contains(&Judgeable::Unsupported) && verdicts.contains(&Verdict::Conforms) {
            verdicts.retain(|verdict| *verdict != Verdict::Unsupported);
        }
        let whole = unmet.is_empty()
            && !report.implementations.iter().flat_map(|it| &it.never).any(|never| never.excuse.is_none())
            && !verdicts.is_empty()
            && verdicts.iter().all(|verdict| *verdict == Verdict::Conforms);
        let diverges = verdicts.contains(&Verdict::Diverges) || unmet.iter().any(denied);
        let stale = report.baseline.as_ref().is_some_and(|baseline| baseline.stale > 0);
        [(diverges, Exit::Diverges), (stale, Exit::Stale), (!whole, Exit::Incomplete)]
            .into_iter()
            .filter(|(holds, _)| *holds)
            .fold(Exit::Conforms, |exit, (_, found)| exit.or(found))
    }

    /// The verdict over an implementation without what is known and what is accepted.
    fn verdict(&self, it: &ImplementationReport) -> Verdict {
        let verdict = it.aside.unwrap_or(it.verdict);
        if verdict != Verdict::Unstable || !self.allow.contains(&Judgeable::Unstable) {
            return verdict;
        }
        let mut evidence = it.evidence();
        // Otherwise it would be the verdict.
        evidence.conforms += std::mem::take(&mut evidence.diverges);
        evidence.unstable = 0;
        evidence.verdict()
    }
}

impl Exit {
    /// How a run with this report ends, where nothing more is demanded of it than usual: [`Demands::exit`].
    pub fn of(report: &Report) -> Self {
        Demands::default().exit(report)
    }
}
