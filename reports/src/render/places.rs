//! Failures and the files in which somebody finds them, for forms that point into files.

use crate::value::report::Report;
use crate::value::reproduced::Unstable;
use crate::value::results::{CaseReport, Failure, ImplementationReport, Verdict};

/// A failure, and where it is found.
pub(crate) struct PlacedFailure<'r> {
    pub(crate) failure: &'r Failure,
    /// The case that it is one of; none of what no scenario shows.
    case: Option<&'r CaseReport>,
    /// How often it was seen, where that is not every time.
    pub(crate) unstable: Option<&'r Unstable>,
}

impl<'r> PlacedFailure<'r> {
    /// The file of its scenario and the line there, as one sees it from the folder of the run.
    pub(crate) fn written(&self) -> Option<(&'r str, u32)> {
        let case = self.case?;
        Some((case.file.as_deref()?, case.line.unwrap_or(1)))
    }

    /// Why it is accepted, where it is known to fail.
    pub(crate) fn known(&self, report: &'r Report) -> Option<&'r str> {
        let held = report.baseline.as_ref()?;
        Some(held.entry(self.failure.known?)?.reason.as_str())
    }
}

/// Every failure of an implementation, those last that were not seen again.
pub(crate) fn placed(it: &ImplementationReport) -> Vec<PlacedFailure<'_>> {
    let of_cases = it.cases.iter().flat_map(|case| {
        case.failures.iter().map(move |failure| PlacedFailure { failure, case: Some(case), unstable: None })
    });
    let campaign = it.campaign.iter().flat_map(|campaign| &campaign.failures);
    let others = campaign.chain(it.readings.iter().flat_map(|readings| &readings.failures));
    let others = others.map(|failure| PlacedFailure { failure, case: None, unstable: None });
    let unstable = it.unstable.iter().map(|unstable| PlacedFailure {
        failure: &unstable.failure,
        case: it.cases.iter().find(|case| case.id == unstable.place),
        unstable: Some(unstable),
    });
    of_cases.chain(others).chain(unstable).collect()
}

/// Why nothing is claimed of an implementation, in words; none where it conforms or diverges.
pub(crate) fn undecided(it: &ImplementationReport) -> Option<String> {
    let word = match it.verdict {
        Verdict::Conforms | Verdict::Diverges => return None,
        Verdict::Unsupported | Verdict::Broken | Verdict::Unstable | Verdict::Undecided => it.verdict.name(),
    };
    Some(if it.reason.is_empty() { word.to_owned() } else { format!("{word}: {}", it.reason) })
}
