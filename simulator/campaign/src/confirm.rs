//! Nothing is reported that does not reproduce. Before a failure is held against an implementation, its counterexample is
//! written as it stands in the report, read back, and judged again in a fresh start of the program. Only what fails by the
//! same signature then is a divergence; the rest is *unstable*, with how often it was seen. So it is with what no file can
//! hold, too: what a kill leaves behind, what fails in company, what two runs contradict each other in.

use tombstone_adapter::{ChildImplementation, Launch, Patience};
use tombstone_model::contract::implementation::Implementation;
use tombstone_reports::events::{CaseConfirmed, Event, Exhibited, FailedAt, NotedEvent};
use tombstone_reports::{Again, CaseReport, CommandLine, Signature, Verdict};
use tombstone_scenarios::Scenario;

use crate::against::against;
use crate::check::{Checking, ToldCase, told};
use crate::findings;
use crate::judge::{JudgedCase, judge};
use crate::log::Log;
use crate::resume;
use crate::subject::Subject;

/// How often what was not seen again at once is run in all, to tell how often it is seen.
const RUNS: u64 = 5;

/// Judges a written counterexample in fresh starts: once where it fails by the same signature, and otherwise more often.
/// The run in which it was found counts as the first. What does not end as it should is told.
///
/// Of a program that was attached to there is no other start: it is asked again as it is.
pub fn again(
    checking: &Checking,
    subject: &Subject,
    attached: &mut dyn Implementation,
    (text, signature): (&str, &Signature),
    log: &mut Log,
) -> Again {
    let scenario = match Scenario::parse("counterexample.toml", text) {
        Ok(scenario) => scenario,
        Err(errors) => {
            // What cannot be read back is seen by nobody.
            let text = format!("a counterexample cannot be read back, which is a bug in Tombstone: {errors}");
            log.tell(Event::Found(NotedEvent { category: "unreadable".to_owned(), text, ..NotedEvent::default() }));
            return Again { seen: 1, runs: 2 };
        }
    };
    repeat(|| {
        let judged = |implementation: &mut dyn Implementation| {
            judge(checking, subject, implementation, &scenario, None).signature(&checking.rules)
        };
        afresh(checking, subject, attached, log, judged).flatten().as_ref() == Some(signature)
    })
}

/// Looks again for what was seen once, so often as is needed to tell how often it is seen.
pub(crate) fn repeat(mut seen: impl FnMut() -> bool) -> Again {
    let mut again = Again { seen: 1, runs: 1 };
    while again.runs < RUNS {
        again.seen += u64::from(seen());
        again.runs += 1;
        if again.runs == 2 && again.holds() {
            break;
        }
    }
    again
}

/// Judges in fresh starts what a program passed once: a flaky one passes some runs and fails others. What failed first, and in
/// how many of all runs it fails so; none where it passes all of them.
pub fn passes<'s>(
    checking: &Checking,
    subject: &Subject,
    attached: &mut dyn Implementation,
    (scenario, replay): (&'s Scenario, &CommandLine),
    log: &mut Log,
) -> Option<(ToldCase, JudgedCase<'s>)> {
    let mut failed: Option<(ToldCase, JudgedCase<'s>)> = None;
    let mut again = Again { seen: 0, runs: 1 };
    while again.runs < RUNS {
        again.runs += 1;
        let judged =
            |implementation: &mut dyn Implementation| told(checking, subject, implementation, (scenario, replay), None);
        let Some((told, judged)) = afresh(checking, subject, attached, log, judged) else { continue };
        let signature = judged.signature(&checking.rules);
        let first = failed.as_ref().map(|(_, first)| first.signature(&checking.rules));
        if signature.is_some() && first.as_ref().is_none_or(|first| *first == signature) {
            again.seen += 1;
            failed.get_or_insert((told, judged));
        }
    }
    if let Some((told, _)) = &mut failed {
        told.judged.case.failures.iter_mut().for_each(|failure| failure.again = Some(again));
    }
    failed
}

/// Asks a program in a fresh start; it may be asked for more than an implementation.
pub(crate) fn fresh_start<T>(
    launch: &Launch,
    log: &mut Log,
    show: impl FnOnce(&mut ChildImplementation) -> Option<T>,
) -> Option<T> {
    // Whoever was given up is heard once more.
    let launch = Launch { patience: Patience::of(Patience::USUAL), ..launch.clone() };
    let mut child = ChildImplementation::start(launch).ok()?;
    let shown = show(&mut child);
    if let Err(failure) = child.end() {
        log.tell(findings::ending(&failure));
    }
    shown
}

/// What a fresh start shows; none where it cannot be started.
pub(crate) fn afresh<T>(
    checking: &Checking,
    subject: &Subject,
    attached: &mut dyn Implementation,
    log: &mut Log,
    show: impl FnOnce(&mut dyn Implementation) -> T,
) -> Option<T> {
    if subject.is_attached() {
        return Some(show(attached));
    }
    let mut implementation = subject.forgiven().start(&checking.profile).ok()?;
    let shown = show(&mut *implementation);
    if let Err(failure) = implementation.end() {
        log.tell(findings::ending(&failure));
    }
    Some(shown)
}

/// Looks again for each failure of a case that no file holds: what is not seen in a fresh start, too, is unstable.
pub(crate) fn keep(case: &mut CaseReport, log: &mut Log, mut seen: impl FnMut(&Signature, &mut Log) -> bool) {
    for mut failure in std::mem::take(&mut case.failures) {
        let again = repeat(|| seen(&failure.signature, log));
        failure.again = Some(again);
        if again.holds() {
            case.failures.push(failure);
        } else {
            (case.verdict, case.reason) = (Verdict::Unstable, format!("{again}: {}", failure.signature));
            log.tell(Event::Exhibited(Box::new(Exhibited { place: FailedAt::Case(case.id.clone()), failure })));
        }
    }
    if !case.failures.is_empty() {
        (case.verdict, case.reason) = (Verdict::Diverges, String::new());
    }
}

/// Confirms what scenarios failed: what is not seen again is no divergence. Then it counts against the rows that it is about
/// (`against`). What was confirmed in what the log began with is passed over.
pub fn cases(checking: &Checking, subject: &Subject, attached: &mut dyn Implementation, log: &mut Log) {
    let confirmed = resume::confirmed(log.earlier());
    let failing = log.so_far().cases.iter().filter(|case| case.verdict == Verdict::Diverges);
    let failing = failing.filter(|case| !confirmed.contains(&*case.id));
    let failing = failing.filter_map(|case| {
        let first = case.failures.first()?;
        let mut rows = case.against.clone();
        if rows.is_empty() {
            rows = against(&checking.rules, &case.covers, &first.signature, None);
        }
        let confirmed = CaseConfirmed { id: case.id.clone(), again: first.again, rows };
        Some((confirmed, first.signature.clone(), first.scenario.clone()))
    });
    let failing: Vec<(CaseConfirmed, Signature, String)> = failing.collect();
    for (mut confirmed, signature, text) in failing {
        // What fails in company was looked for in company.
        if confirmed.again.is_none() && !text.is_empty() {
            confirmed.again = Some(again(checking, subject, attached, (&text, &signature), log));
        }
        log.tell(Event::CaseConfirmed(confirmed));
    }
}
