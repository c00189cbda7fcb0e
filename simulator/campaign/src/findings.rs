//! Findings and observations: what a run shows of a program that no rule speaks of.
//!
//! A *finding* is, or looks, wrong: something is in the stores that nobody put there, the engine's own report disagrees
//! with the stores, a synchronization does not come to rest, a process is left behind. An *observation* is an outcome
//! that the documents leave open; it is recorded in its category and judged by nobody.

use tombstone_model::contract::implementation::{EngineAccount, EngineOutcome, ImplementationFailure, Testimony};
use tombstone_model::plan::{Op, Plan};
use tombstone_model::readings::switches::{Readings, Values};
use tombstone_model::trace::Trace;
use tombstone_model::verdict::{Check, RunVerdict, Settling};
use tombstone_reports::events::{Event, NotedEvent};
use tombstone_search::run::Run;

use crate::log::noted;

/// What a run showed; `example` says where to see it again.
pub fn note(
    (plan, run, trace): (&Plan, &Run, &Trace),
    testimony: &Testimony,
    profile: Readings,
    example: &str,
) -> Vec<Event> {
    let mut events = witness(testimony, Fared::of(&run.verdict), example);
    if let RunVerdict::Diverges(divergence) = &run.verdict
        && let Some(settling) = settling(plan, trace, divergence.check)
    {
        events.push(Event::Found(noted(settling.name(), settling.meaning(), example)));
    }
    for switch in profile.differing(run.readings) {
        let left = run.readings.of(switch);
        if left.0 == 0 {
            continue;
        }
        let info = switch.info();
        let names: Vec<&str> = Values(left.0).names(switch).collect();
        let text = format!("{} {}", info.question, names.join(" or "));
        events.push(Event::Observed(noted(&format!("{} {}", info.id, info.name), text, example)));
    }
    events
}

/// How a run went, as far as a second witness can contradict it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fared {
    /// Everything was explained.
    Conformed,
    /// This check failed.
    Diverged(Check),
    /// Nothing was decided.
    Undecided,
}

impl Fared {
    /// How a run with this verdict went.
    pub fn of(verdict: &RunVerdict) -> Self {
        match verdict {
            RunVerdict::Conforms => Self::Conformed,
            RunVerdict::Diverges(divergence) => Self::Diverged(divergence.check),
            RunVerdict::Unsupported(_) | RunVerdict::Broken(_) | RunVerdict::Undecided(_) => Self::Undecided,
        }
    }
}

/// What an implementation says besides its answers, after a run that went like this.
pub fn witness(testimony: &Testimony, fared: Fared, example: &str) -> Vec<Event> {
    let mut events = Vec::new();
    for unknown in &testimony.unknown {
        // The name of the item would make every one of them another finding.
        let kind = unknown.rsplit_once(", a ").map_or("thing", |(_, kind)| kind);
        let text = format!("the stores hold a {kind} that no title and no address names, such as {unknown}");
        let alike = Some(kind.to_owned());
        events.push(Event::Found(NotedEvent { alike, ..noted(UNKNOWN, text, example) }));
    }
    let told = |outcome: EngineOutcome| testimony.reports.iter().rfind(|told| told.outcome == Some(outcome));
    let failed = told(EngineOutcome::Failure);
    let stopped = told(EngineOutcome::RefusedToSynchronize);
    match fared {
        Fared::Conformed => {
            if let Some(told) = failed {
                let text = format!("it reports a failure, and the stores hold what they should: {}", first_words(told));
                events.push(Event::Found(noted(DISAGREES, text, example)));
            }
            if let Some(told) = stopped {
                let text =
                    format!("it would not synchronize, and the stores hold what they should: {}", first_words(told));
                events.push(Event::Observed(noted(STOPPED, text, example)));
            }
        }
        // Where it did not say how a run ended, it did not say that all was well.
        Fared::Diverged(check) if check.is_noticeable() && failed.is_none() && stopped.is_none() => {
            if let Some(told) = told(EngineOutcome::Success) {
                let said = first_words(told);
                let text =
                    format!("it reports success ({said}), and the stores say otherwise: {}: no", check.meaning());
                events.push(Event::Found(noted(DISAGREES, text, example)));
            }
        }
        Fared::Diverged(_) | Fared::Undecided => {}
    }
    events
}

/// That an implementation did not end as it should, which leaves the run incomplete.
pub fn ending(failure: &ImplementationFailure) -> Event {
    let text = failure.message.split("\nhelp: ").next().unwrap_or_default();
    // Ids of processes differ from run to run.
    let text = text.split(" (process ").next().unwrap_or_default();
    Event::EndedBadly { text: text.to_owned() }
}

const UNKNOWN: &str = "unknown copies";
const DISAGREES: &str = "report disagrees with stores";
/// The category of what an engine would not do, to protect what there is.
pub(crate) const STOPPED: &str = "safety stop";

/// How a synchronization to rest went wrong, where it did: the three ways are told apart.
fn settling(plan: &Plan, trace: &Trace, check: Check) -> Option<Settling> {
    let last = trace.moments.last()?;
    if plan.steps.get(last.number).map(|step| step.op) != Some(Op::Settle) {
        return None;
    }
    let rounds = trace.moments.iter().filter(|moment| moment.number == last.number).count();
    let later = rounds > plan.setup.users.len();
    check.settling(later)
}

/// The most characters of a report that a finding quotes.
const QUOTED: usize = 120;

/// The first line of an engine's own words, in quotes.
pub(crate) fn first_words(told: &EngineAccount) -> String {
    let line = told.words.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("nothing");
    let mut text: String = line.chars().take(QUOTED).collect();
    if line.chars().count() > QUOTED {
        text.push('…');
    }
    format!("`{text}`")
}

#[cfg(test)]
mod tests {
    use tombstone_model::trace::TakenStep;
    use tombstone_model::view::View;

    use super::*;

    /// A plan that settles, and what was seen in so many rounds of it.
    fn settled(rounds: usize) -> (Plan, Trace) {
        let mut plan = tombstone_scenarios::scenarios().swap_remove(0).plan;
        plan.setup.users.truncate(1);
        let settle = plan.steps.iter().copied().find(|step| step.op == Op::Settle).expect("a settling");
        plan.steps = vec![settle];
        let moment = TakenStep { number: 0, step: settle, answer: None, view: View::new(&plan.setup) };
        (plan, Trace { moments: vec![moment; rounds], ..Trace::default() })
    }

    #[test]
    fn three_ways_of_not_settling_are_told_apart() {
        for (rounds, check, expected) in [
            (5, Check::Unsettled, Some("never settles")),
            (1, Check::Convergence, Some("settled but different")),
            (2, Check::Convergence, Some("right at first and wrong later")),
            (2, Check::Resurrected, Some("right at first and wrong later")),
            (1, Check::Resurrected, None),
        ] {
            let (plan, trace) = settled(rounds);
            assert_eq!(settling(&plan, &trace, check).map(Settling::name), expected, "{check:?}");
        }
    }
}
