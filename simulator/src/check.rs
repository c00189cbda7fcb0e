//! Runs scenarios on an implementation and says what came of each.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tombstone_model::implementation::{Answer, Capabilities, Implementation};
use tombstone_model::oracle::Met;
use tombstone_model::plan::{Method, Op, Place, Plan, Step};
use tombstone_model::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_model::trace::Trace;
use tombstone_model::verdict::{Check, Verdict};
use tombstone_model::view::{Location, Word};
use tombstone_reports as reports;
use tombstone_reports::{CaseReport, Failure, ImplementationReport};
use tombstone_scenarios::{Expectation, Expected, Scenario};

use crate::explain::{self, Source};
use crate::findings;
use crate::run::{Checked, Runner, Terms};
use crate::subject::{BuiltIn, Subject};
use crate::words;

/// Lets the server synchronize every mailbox of a plan. The rules are said to hold either way ("Deleting records tracked
/// with Dynamics 365 for Outlook"), so that a scenario about one way of synchronizing is one about the other.
pub fn by_server(plan: &mut Plan) {
    for user in &mut plan.setup.users {
        user.method = Method::ServerSide;
    }
    plan.steps.retain(|step| step.op != Op::ChooseSynchronizingComputer);
    for step in &mut plan.steps {
        if let Op::Synchronize { crash } = step.op {
            *step = Step { by: step.by, at: Place::Web, op: Op::ServerSynchronize { mailbox: step.by, crash } };
        }
    }
}

/// Whether an implementation synchronizes by the server and in no other way.
pub fn by_server_only(capabilities: &Capabilities) -> bool {
    capabilities.synchronizes(Method::ServerSide) && !capabilities.synchronizes(Method::OutlookClient)
}

/// The scenario as this implementation can play it, where it synchronizes by the server only. What the author expects
/// beyond the documents was written for the other way, and is left out.
pub(crate) fn suited(scenario: &Scenario, capabilities: &Capabilities) -> Option<Scenario> {
    let by_client = scenario.plan.setup.users.iter().any(|user| user.method == Method::OutlookClient);
    if !by_server_only(capabilities) || !by_client {
        return None;
    }
    let mut suited = scenario.clone();
    by_server(&mut suited.plan);
    suited.expectations.clear();
    Some(suited)
}

/// How the reason begins for which a scenario of another profile is not run.
pub const OTHER_PROFILE: &str = "written for the profile";

/// What a check of scenarios needs.
#[derive(Clone, Debug)]
pub struct Checking {
    /// The deletion table.
    pub rules: Arc<Rules>,
    /// The profile that implementations are held to.
    pub profile: Profile,
}

/// Runs scenarios on an implementation, and adds what came of them to its report. `tick` is called after each.
pub fn scenarios(
    checking: &Checking,
    subject: &Subject,
    implementation: &mut dyn Implementation,
    scenarios: &[Scenario],
    report: &mut ImplementationReport,
    tick: &mut dyn FnMut(&CaseReport),
) {
    for scenario in scenarios {
        let suited = suited(scenario, &implementation.describe().capabilities);
        let scenario = suited.as_ref().unwrap_or(scenario);
        let case = one(checking, subject, implementation, scenario, report, None);
        tick(&case);
        report.cases.push(case);
    }
}

/// Runs one scenario; `progress` shows the number of the step that is being taken.
pub(crate) fn one(
    checking: &Checking,
    subject: &Subject,
    implementation: &mut dyn Implementation,
    scenario: &Scenario,
    report: &mut ImplementationReport,
    progress: Option<&AtomicUsize>,
) -> CaseReport {
    let rules = &checking.rules;
    let mut case = CaseReport {
        id: scenario.id.clone(),
        title: scenario.title.clone(),
        covers: scenario.covers.clone(),
        ..CaseReport::default()
    };
    let mut profile = &checking.profile;
    if let Some(wanted) = scenario.profile.as_deref().filter(|wanted| *wanted != profile.name) {
        let follows = matches!(subject, Subject::BuiltIn(built_in) if built_in.follows_any_profile());
        match Profile::named(wanted) {
            Some(other) if follows => profile = other,
            Some(_) | None => {
                case.verdict = reports::Verdict::Unsupported;
                case.reason = format!("{OTHER_PROFILE} {wanted}");
                return case;
            }
        }
    }
    // The reference takes on whichever profile a scenario needs.
    let mut own = match subject {
        Subject::BuiltIn(BuiltIn::Reference) if profile.name != checking.profile.name => {
            Some(BuiltIn::Reference.make(rules, profile))
        }
        Subject::BuiltIn(_) | Subject::Program { .. } => None,
    };
    let implementation: &mut dyn Implementation = match &mut own {
        Some(own) => &mut **own,
        None => implementation,
    };
    let terms = Terms { rules, readings: profile.readings(), skip_unsupported: false };
    let mut runner = Runner::new(terms, &scenario.plan, implementation);
    if let Some(progress) = progress {
        runner.show_progress(progress);
    }
    let mut trace = Trace::default();
    let run = runner.run(&scenario.plan, implementation, Some(&mut trace));
    case.steps = Some(run.steps);
    if matches!(subject, Subject::Program { .. }) {
        let example = format!("tombstone check --scenario {} {}", scenario.id, subject.arguments());
        let seen = (&scenario.plan, &run, &trace);
        findings::note(report, seen, &implementation.testify(), profile.readings(), &example);
    }
    let checked = runner.take_checked();
    count(rules, runner.met(), checked, report);
    let source = || Source {
        replay: format!("tombstone check --scenario {} {}", scenario.id, subject.arguments()),
        scenario: tombstone_scenarios::write(scenario),
    };
    match run.verdict {
        Verdict::Conforms => {
            let capabilities = &implementation.describe().capabilities;
            case.failures = expectations(scenario, &trace, capabilities, &source);
            case.verdict =
                if case.failures.is_empty() { reports::Verdict::Conforms } else { reports::Verdict::Diverges };
        }
        Verdict::Diverges(divergence) => {
            let failure = explain::failure(rules, &scenario.plan, &divergence, &trace, source());
            let row = failure.signature.rule.clone().unwrap_or_else(|| failure.signature.check.clone());
            report.count(&row, reports::Verdict::Diverges, 1);
            case.verdict = reports::Verdict::Diverges;
            case.failures = vec![failure];
        }
        Verdict::Unsupported(why) => not_decided(rules, report, &mut case, reports::Verdict::Unsupported, why),
        Verdict::Broken(why) => not_decided(rules, report, &mut case, reports::Verdict::Broken, why),
        Verdict::Undecided(why) => not_decided(rules, report, &mut case, reports::Verdict::Undecided, why),
    }
    case
}

/// A case that decided nothing counts for the rows that it would have decided.
fn not_decided(
    rules: &Rules,
    report: &mut ImplementationReport,
    case: &mut CaseReport,
    verdict: reports::Verdict,
    why: String,
) {
    for rule in rules.rows().iter().filter(|rule| case.covers.contains(&rule.row)) {
        report.count(&rule.id, verdict, 1);
    }
    case.verdict = verdict;
    case.reason = why;
}

/// Adds to a report how often each row was met and each check had something to decide, without a failure.
pub fn count(rules: &Rules, met: &Met, checked: Checked, report: &mut ImplementationReport) {
    let verdict = reports::Verdict::Conforms;
    for check in Check::ALL.into_iter().filter(|&check| checked.of(check) > 0) {
        report.count(check.name(), verdict, checked.of(check));
    }
    for (rule, id) in rules.rows().iter().zip(0..) {
        let times = met.count(tombstone_model::rules::RuleId(id));
        if times > 0 {
            report.count(&rule.id, verdict, times);
        }
    }
}

/// What the author of a scenario expects beyond what the model demands.
fn expectations(
    scenario: &Scenario,
    trace: &Trace,
    capabilities: &Capabilities,
    source: &dyn Fn() -> Source,
) -> Vec<Failure> {
    let failing = scenario.expectations.iter().filter_map(|expectation| {
        let expectation = shown(scenario, expectation, capabilities)?;
        let (expected, seen) = unmet(scenario, &expectation, trace)?;
        let Source { replay, scenario: text } = source();
        let step = expectation.after.checked_sub(1).map(|n| &scenario.plan.steps[n]);
        Some(Failure {
            signature: reports::Signature { check: "expectation".to_owned(), rule: None },
            happened: step.map_or("the world was set up".to_owned(), |step| words::step(&scenario.plan, step)),
            expected: reports::Expected { text: expected, rule: None, documents: Vec::new() },
            seen,
            replay,
            scenario: text,
            timeline: Some(explain::timeline(&scenario.plan, trace, None)),
            ..Failure::default()
        })
    });
    failing.collect()
}

/// The part of an expectation that the implementation can show; none where that is nothing.
fn shown(scenario: &Scenario, expectation: &Expectation, capabilities: &Capabilities) -> Option<Expectation> {
    let mut expectation = expectation.clone();
    match &mut expectation.what {
        Expected::Refused(_) => {}
        Expected::Prompt(_) => {
            if !capabilities.prompts {
                return None;
            }
        }
        Expected::Seen { item, at, mask, word } => {
            if matches!(at, Location::Cache(_)) && !capabilities.caches {
                return None;
            }
            *mask &= capabilities.fields(scenario.plan.setup.items[item.index()].kind);
            word.0 &= *mask;
        }
    }
    Some(expectation)
}

/// What an expectation wants and what was seen instead, where they differ.
pub fn unmet(scenario: &Scenario, expectation: &Expectation, trace: &Trace) -> Option<(String, String)> {
    let plan = &scenario.plan;
    let step = expectation.after.checked_sub(1);
    let moments = || trace.moments.iter().rev();
    let answer = || moments().find(|moment| Some(moment.number) == step).and_then(|moment| moment.answer.clone());
    match expectation.what {
        Expected::Refused(wanted) => {
            let refused = answer() == Some(Answer::Refused);
            let word = |refused| if refused { "the step is refused" } else { "the step is done" };
            (refused != wanted).then(|| (word(wanted).to_owned(), word(refused).to_owned()))
        }
        Expected::Prompt(wanted) => {
            let prompted = answer() == Some(Answer::Done { prompted: true });
            let word = |prompted| if prompted { "the user is asked" } else { "the user is not asked" };
            (prompted != wanted).then(|| (word(wanted).to_owned(), word(prompted).to_owned()))
        }
        Expected::Seen { item, at, mask, word } => {
            let view =
                moments().find(|moment| moment.number < expectation.after).map_or(&trace.start, |moment| &moment.view);
            let seen = Word(view.get(item, at).0 & mask);
            if seen == word {
                return None;
            }
            let differing = |a: Word, b: Word| {
                let fields = a.differing(b, mask).map(|field| words::field(plan, field, a)).collect::<Vec<_>>();
                format!("{} in {}: {}", plan.names.item(item), words::place(plan, at), fields.join(", "))
            };
            Some((differing(word, seen), differing(seen, word)))
        }
    }
}
