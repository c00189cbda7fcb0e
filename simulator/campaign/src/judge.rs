//! The judge: whatever command asks, a scenario, a counterexample or a drawn plan is judged here and nowhere else.
//!
//! Every command adapts a plan to an implementation in one way, with one profile and one set of expectations: a verdict of
//! `check` and one of `replay` about the same thing on the same implementation are the same.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tombstone_model::contract::implementation::{Answer, Capabilities, Implementation};
use tombstone_model::oracle::Met;
use tombstone_model::plan::{Method, Op, Place, Plan, Step};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::Readings;
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::trace::{TakenStep, Trace};
use tombstone_model::verdict::{Divergence, RunVerdict};
use tombstone_model::view::{Location, Word};
use tombstone_model::words;
use tombstone_reports::Signature;
use tombstone_scenarios::{Demand, Expectation, Scenario};
use tombstone_search::run::{Checked, Run, Runner, Terms, record};

use crate::checking::Checking;
use crate::subject::Subject;

/// What came of judging one thing.
#[derive(Debug)]
pub struct JudgedCase<'s> {
    /// The scenario as the implementation played it.
    pub scenario: Cow<'s, Scenario>,
    /// The readings that it was held to.
    pub readings: Readings,
    /// What was concluded.
    pub outcome: Conclusion,
    /// The run; none where the scenario was not run at all.
    pub run: Option<Run>,
    /// What happened in it.
    pub trace: Trace,
    /// Which rows were met.
    pub met: Met,
    /// How often the checks had something to decide.
    pub checked: Checked,
}

impl JudgedCase<'_> {
    /// By which check and row it fails, where it does.
    pub fn signature(&self, rules: &Rules) -> Option<Signature> {
        match &self.outcome {
            Conclusion::Diverges(divergence) => Some(Signature {
                check: divergence.check.name().to_owned(),
                rule: divergence.rule.map(|id| rules.rule(id).id.clone()),
            }),
            Conclusion::Unmet(_) => Some(Signature { check: EXPECTATION.to_owned(), rule: None }),
            Conclusion::Conforms | Conclusion::Unsupported(_) | Conclusion::Broken(_) | Conclusion::Undecided(_) => {
                None
            }
        }
    }
}

/// What a failure is called in which the documents explain everything, and the author's expectation was not met.
pub const EXPECTATION: &str = "expectation";

/// What was concluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Everything that was seen is explained by the documents, and is what the author expects.
    Conforms,
    /// Something that was seen is explained by no reading.
    Diverges(Box<Divergence>),
    /// The documents explain everything, and yet it is not what the author of the scenario expects, as the model does.
    Unmet(Vec<Unmet>),
    /// The implementation said beforehand that it cannot do this, or follows another profile.
    Unsupported(Declined),
    /// It crashed, hung or answered garbage.
    Broken(String),
    /// Nothing was decided, or the author's own contradiction shows: nobody is accused.
    Undecided(String),
}

/// Why an implementation is not asked for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declined {
    /// It says that it cannot.
    Unable(String),
    /// The scenario was written for this profile, and the implementation is held to another.
    OtherProfile(String),
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unable(why) => f.write_str(why),
            Self::OtherProfile(name) => write!(f, "written for the profile {name}"),
        }
    }
}

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// After how many steps.
    pub after: usize,
    /// What was expected, in words.
    pub expected: String,
    /// What was seen instead.
    pub seen: String,
    /// Where the expectation stands, in bytes of the file.
    pub span: Range<usize>,
}

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

/// Whether the server synchronizes where a scenario says that an Outlook client does: the implementation knows no other way.
pub(crate) fn is_played_by_server(scenario: &Scenario, capabilities: &Capabilities) -> bool {
    by_server_only(capabilities) && scenario.plan.setup.users.iter().any(|user| user.method == Method::OutlookClient)
}

/// The scenario as this implementation can play it, where it synchronizes by the server only, or at moments of its own.
/// What the author expects beyond the documents was written for the other way, and is left out.
pub fn suited<'s>(scenario: &'s Scenario, capabilities: &Capabilities) -> Cow<'s, Scenario> {
    let by_server_only = is_played_by_server(scenario, capabilities);
    if !by_server_only && capabilities.stepped {
        return Cow::Borrowed(scenario);
    }
    let mut suited = scenario.clone();
    if by_server_only {
        by_server(&mut suited.plan);
    }
    suited.expectations.clear();
    Cow::Owned(suited)
}

/// Judges one thing on an implementation. A scenario that was drawn, or shrunk from one that was, skips what the
/// implementation cannot do; one that was written does not. `progress` shows the number of the step that is being taken.
pub fn judge<'s>(
    checking: &Checking,
    subject: &Subject,
    implementation: &mut dyn Implementation,
    scenario: &'s Scenario,
    progress: Option<&AtomicUsize>,
) -> JudgedCase<'s> {
    let rules = &*checking.rules;
    let mut judged = JudgedCase {
        scenario: Cow::Borrowed(scenario),
        readings: checking.profile.readings(),
        outcome: Conclusion::Conforms,
        run: None,
        trace: Trace::default(),
        met: Met::new(rules),
        checked: Checked::default(),
    };
    let mut profile = &checking.profile;
    if let Some(wanted) = scenario.profile.as_deref().filter(|wanted| *wanted != profile.name) {
        let follows = |other: &Profile| match subject {
            Subject::BuiltIn(built_in) => built_in.cannot_follow(other).is_none(),
            Subject::Made(_) | Subject::Program { .. } => false,
        };
        match Profile::named(wanted) {
            Some(other) if follows(other) => profile = other,
            Some(_) | None => {
                judged.outcome = Conclusion::Unsupported(Declined::OtherProfile(wanted.to_owned()));
                return judged;
            }
        }
    }
    let rules = if profile.name == checking.profile.name { rules } else { profile.rules() };
    // Ours take on whichever profile a scenario needs.
    let mut own = match subject {
        Subject::BuiltIn(built_in) if profile.name != checking.profile.name => Some(built_in.make(profile)),
        Subject::BuiltIn(_) | Subject::Made(_) | Subject::Program { .. } => None,
    };
    let implementation: &mut dyn Implementation = match &mut own {
        Some(own) => &mut **own,
        None => implementation,
    };
    let capabilities = implementation.describe().capabilities.clone();
    judged.readings = profile.readings();
    judged.scenario = suited(scenario, &capabilities);
    let plan = &judged.scenario.plan;
    let terms = Terms { rules, readings: judged.readings, skip_unsupported: scenario.origin.is_some() };
    let mut runner = Runner::new(terms, plan, implementation);
    if let Some(progress) = progress {
        runner.show_progress(progress);
    }
    let run = runner.run(plan, implementation, Some(&mut judged.trace));
    judged.met = runner.met().clone();
    judged.checked = runner.take_checked();
    judged.outcome = match &run.verdict {
        // What the author expects was written for the profile that the scenario names, or for the default one; under
        // another the documents decide it, or nobody does.
        RunVerdict::Conforms if scenario.profile.as_deref().unwrap_or(Profile::DEFAULT) != profile.name => {
            Conclusion::Conforms
        }
        RunVerdict::Conforms => expected(rules, profile, run.readings, &judged.scenario, &judged.trace, &capabilities),
        RunVerdict::Diverges(divergence) => Conclusion::Diverges(divergence.clone()),
        RunVerdict::Unsupported(why) => Conclusion::Unsupported(Declined::Unable(why.clone())),
        RunVerdict::Broken(why) => Conclusion::Broken(why.clone()),
        RunVerdict::Undecided(why) => Conclusion::Undecided(why.clone()),
    };
    judged.run = Some(run);
    judged
}

/// Whether what the author expects beyond what the model demands was met, in a run that the documents explain.
fn expected(
    rules: &Rules,
    profile: &Profile,
    followed: Readings,
    scenario: &Scenario,
    trace: &Trace,
    capabilities: &Capabilities,
) -> Conclusion {
    let mut failing = Vec::new();
    let mut disputed = None;
    for expectation in &scenario.expectations {
        let shown = shown(scenario, expectation, capabilities);
        let Some((expected, seen)) = shown.and_then(|shown| unmet(scenario, &shown, trace)) else { continue };
        // What the model does not share, in the readings of the profile or in those that were followed, accuses nobody.
        let models = [profile.readings().closed(), followed.closed()];
        let contradicted = models.into_iter().find_map(|readings| {
            let mut reference = Reference::new("reference", Arc::new(Rules::documented().clone()), readings);
            let terms = Terms { rules, readings: profile.readings(), skip_unsupported: false };
            unmet(scenario, expectation, &record(terms, &scenario.plan, &mut reference).1)
        });
        match contradicted {
            Some((expected, model)) => {
                disputed.get_or_insert_with(|| {
                    format!(
                        "its author expects after step {} what the documents do not: {expected}; the model: {model}",
                        expectation.after
                    )
                });
            }
            None => failing.push(unmet_of(expectation, expected, seen)),
        }
    }
    match disputed {
        _ if !failing.is_empty() => Conclusion::Unmet(failing),
        Some(why) => Conclusion::Undecided(why),
        None => Conclusion::Conforms,
    }
}

fn unmet_of(expectation: &Expectation, expected: String, seen: String) -> Unmet {
    Unmet { after: expectation.after, expected, seen, span: expectation.span.clone() }
}

/// The part of an expectation that the implementation can show; none where that is nothing.
fn shown(scenario: &Scenario, expectation: &Expectation, capabilities: &Capabilities) -> Option<Expectation> {
    let mut expectation = expectation.clone();
    match &mut expectation.what {
        Demand::Refused(_) => {}
        Demand::Prompt(_) => {
            if !capabilities.prompts {
                return None;
            }
        }
        Demand::Seen { item, at, mask, word } => {
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
        Demand::Refused(wanted) => {
            let refused = answer() == Some(Answer::Refused);
            let word = |refused| if refused { "the step is refused" } else { "the step is done" };
            (refused != wanted).then(|| (word(wanted).to_owned(), word(refused).to_owned()))
        }
        Demand::Prompt(wanted) => {
            let prompted = answer() == Some(Answer::Done { prompted: true });
            let word = |prompted| if prompted { "the user is asked" } else { "the user is not asked" };
            (prompted != wanted).then(|| (word(wanted).to_owned(), word(prompted).to_owned()))
        }
        Demand::Seen { item, at, mask, word } => {
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

/// What is wrong with a scenario itself, whoever plays it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// A step that is not possible when it is taken.
    Impossible(TakenStep),
    /// The model does not share an expectation: what it wants, and what the model shows.
    NotShared(Unmet),
    /// The model itself does not get through it.
    NotFollowed(RunVerdict),
}

/// What is wrong with a scenario itself, under its own profile or this one. What was drawn has no author, and none makes
/// a mistake: steps of it that are not possible are skipped.
pub fn mistakes(scenario: &Scenario) -> Vec<Mistake> {
    let named = match scenario.profile.as_deref().map(Profile::named) {
        Some(Some(named)) => named,
        Some(None) => return Vec::new(),
        None => Profile::standard(),
    };
    if scenario.origin.is_some() {
        return Vec::new();
    }
    let mut reference = Reference::new("reference", Arc::new(Rules::documented().clone()), named.readings());
    let terms = Terms { rules: named.rules(), readings: named.readings(), skip_unsupported: false };
    let (run, trace) = record(terms, &scenario.plan, &mut reference);
    let impossible = trace.moments.iter().filter(|moment| moment.answer.is_none());
    let mut mistakes: Vec<Mistake> = impossible.cloned().map(Mistake::Impossible).collect();
    // Where no step was possible nothing was decided, and that has been said.
    if run.verdict != RunVerdict::Conforms && mistakes.is_empty() {
        mistakes.push(Mistake::NotFollowed(run.verdict));
    }
    // What is expected of a step that was not taken is no second mistake.
    let skipped = |after: usize| trace.moments.iter().any(|it| it.number + 1 == after && it.answer.is_none());
    let expectations = scenario.expectations.iter();
    let expectations = expectations.filter(|it| matches!(it.what, Demand::Seen { .. }) || !skipped(it.after));
    mistakes.extend(expectations.filter_map(|expectation| {
        let (expected, seen) = unmet(scenario, expectation, &trace)?;
        Some(Mistake::NotShared(unmet_of(expectation, expected, seen)))
    }));
    mistakes
}
