//! The exhibit of what failed, as the report shows it: shrunk, written, read back and judged again in a fresh start.

use std::sync::Arc;

use tombstone_model::contract::implementation::Implementation;
use tombstone_model::plan::{Names, Plan};
use tombstone_model::trace::Trace;
use tombstone_model::verdict::{Divergence, DivergenceSignature, RunVerdict};
use tombstone_reports as reports;
use tombstone_reports::events::FailedAt;
use tombstone_reports::{Again, CommandLine, Failure};
use tombstone_scenarios::{Origin, Scenario};
use tombstone_search::minimal::{self, Minimal, minimal};
use tombstone_search::run::{Terms, record};
use tombstone_search::shrink::{BUDGET, SINGLE_BUDGET, SLOW_BUDGET};

use crate::campaign::{CampaignPlan, shrunk, singly};
use crate::check::Checking;
use crate::confirm;
use crate::explain::{self, ReplaySource};
use crate::lines;
use crate::log::Log;
use crate::subject::Subject;

/// Where something that failed is from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stem<'s> {
    /// A plan of a campaign.
    Plan(&'s CampaignPlan, u64),
    /// A scenario.
    Scenario(&'s Scenario),
}

impl Stem<'_> {
    /// The place of what it fails by.
    pub(crate) fn place(self) -> FailedAt {
        match self {
            Self::Plan(..) => FailedAt::Generated,
            Self::Scenario(scenario) => FailedAt::Case(scenario.id.clone()),
        }
    }

    /// The command that judges all of it again.
    fn replay(self, checking: &Checking, subject: &Subject) -> CommandLine {
        match self {
            Self::Plan(campaign, index) => lines::plan(&campaign.source, index, &campaign.profile, subject),
            Self::Scenario(scenario) => lines::scenario(checking, subject, &scenario.id),
        }
    }
}

/// How much was tried to make a plan shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ShrinkEffort {
    /// What the budget allowed.
    Some,
    /// Every plan that leaves out one step, or is simpler in one value.
    Singly,
    /// Every shorter plan.
    All,
}

/// Something that failed, as it was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoundFailure<'f> {
    /// Where it is from.
    pub stem: Stem<'f>,
    /// What it is held to.
    pub checking: &'f Checking,
    /// Who fails.
    pub subject: &'f Subject,
    /// How.
    pub signature: DivergenceSignature,
    /// What fails: all of it, or what is left of it once other causes are set aside.
    pub whole: &'f Plan,
    /// The plan as short as it was made, where it was shrunk already.
    pub small: Option<&'f Plan>,
    /// How many plans fail so.
    pub times: u64,
}

/// The line of the header of a counterexample of which every single step was left out in turn.
pub(crate) const SINGLY: &str = "No single step can be left out, and no value made simpler: each was tried.";

/// The beginning of the header of a counterexample: by how much it became shorter, where it did.
pub(crate) fn became(from: u64, to: u64) -> String {
    if to < from { format!("{} became {to}. ", reports::counted(from, "step")) } else { String::new() }
}

/// The plan with names, for a drawn one has none.
fn named(plan: Plan) -> Plan {
    if plan.names == Names::default() { Plan { names: Names::invented(&plan.setup), ..plan } } else { plan }
}

impl FoundFailure<'_> {
    /// The failure that the report shows. Where the shrunk plan does not fail so again, all of it is tried; where that does
    /// not, either, it is unstable.
    pub(crate) fn failure(&self, implementation: &mut dyn Implementation, log: &mut Log) -> Failure {
        let Self { stem, checking, subject, signature, times, .. } = *self;
        let rules = Arc::clone(&checking.rules);
        let whole = named(self.whole.clone());
        let (from, mix) = match stem {
            Stem::Plan(campaign, index) => {
                let (plan, mix) = campaign.source.plan(index, &implementation.describe().capabilities);
                (plan.steps.len(), mix)
            }
            Stem::Scenario(scenario) => (scenario.plan.steps.len(), String::new()),
        };
        // What others bring about was taken out: its own file shows it, and nothing that was run before.
        let behind = whole.steps.len() < from;
        let terms = Terms { rules: &rules, readings: checking.profile.readings(), skip_unsupported: self.is_drawn() };
        let row = signature.rule.map(|id| rules.rule(id).id.clone());
        let wanted = reports::Signature { check: signature.check.name().to_owned(), rule: row };
        let times = (times > 0).then_some(times);
        let mut again = Again { seen: 1, runs: 1 };
        let plans = [self.small(terms, &whole, implementation), Some((whole.clone(), ShrinkEffort::Some))];
        for (plan, tried) in plans.into_iter().flatten() {
            let plan = named(plan);
            let (run, trace) = record(terms, &plan, implementation);
            let RunVerdict::Diverges(divergence) = run.verdict else { continue };
            let text = tombstone_scenarios::write(&self.scenario(&plan, (from, behind, &mix), tried, &trace));
            again = confirm::again(checking, subject, implementation, (&text, &wanted), log);
            if !again.holds() {
                continue;
            }
            let replay = if behind { CommandLine::default() } else { stem.replay(checking, subject) };
            let mut failure =
                explain::failure(&rules, &plan, &divergence, &trace, ReplaySource { replay, scenario: text });
            failure.times = times;
            failure.shrunk = Some(reports::Shrunk {
                from: from as u64,
                to: plan.steps.len() as u64,
                minimal: tried == ShrinkEffort::All,
                single: tried == ShrinkEffort::Singly,
            });
            failure.again = Some(again);
            return failure;
        }
        let text = tombstone_scenarios::write(&self.scenario(
            &whole,
            (from, behind, &mix),
            ShrinkEffort::Some,
            &Trace::default(),
        ));
        if again.runs == 1 {
            again = confirm::again(checking, subject, implementation, (&text, &wanted), log);
            // It did not fail again where it was found.
            again.runs += 1;
        }
        let what = match stem {
            Stem::Plan(..) => "a generated plan",
            Stem::Scenario(_) => "a scenario",
        };
        let mut failure = Failure {
            signature: wanted,
            happened: format!("{what} of {}", reports::counted(whole.steps.len() as u64, "step")),
            expected: reports::Expected {
                text: signature.check.meaning().to_owned(),
                ..explain::resting(
                    &checking.rules,
                    &Divergence { rule: signature.rule, ..Divergence::of(signature.check) },
                )
            },
            seen: "that it did not hold, in some runs and not in others".to_owned(),
            scenario: text,
            times,
            again: Some(again),
            ..Failure::default()
        };
        failure.replayed_by(&stem.replay(checking, subject));
        failure
    }

    /// Whether steps that are not supported are passed over.
    fn is_drawn(&self) -> bool {
        match self.stem {
            Stem::Plan(..) => true,
            Stem::Scenario(scenario) => scenario.origin.is_some(),
        }
    }

    /// The plan, as short as it can be made, and how much was tried; none where it does not fail again at all.
    fn small(
        &self,
        terms: Terms<'_>,
        whole: &Plan,
        implementation: &mut dyn Implementation,
    ) -> Option<(Plan, ShrinkEffort)> {
        // Of a program every execution takes milliseconds to seconds: only what needs none is proved.
        let (budget, executions, single) = match self.subject {
            Subject::BuiltIn(_) | Subject::Made(_) => (BUDGET, minimal::BUDGET, None),
            Subject::Program { .. } => (SLOW_BUDGET, 0, Some(SINGLE_BUDGET)),
        };
        let small = match self.small {
            Some(small) => small.clone(),
            None => shrunk(terms, whole, implementation, budget)?.plan,
        };
        Some(match minimal(terms, &small, self.signature, implementation, executions) {
            Minimal::Proved => (small, ShrinkEffort::All),
            Minimal::Shorter(shorter) => (*shorter, ShrinkEffort::All),
            Minimal::Open => match single.and_then(|budget| singly(terms, &small, implementation, budget)) {
                Some((simpler, all)) => (simpler, if all { ShrinkEffort::Singly } else { ShrinkEffort::Some }),
                None => (small, ShrinkEffort::Some),
            },
        })
    }

    fn scenario(
        &self,
        plan: &Plan,
        (from, behind, mix): (usize, bool, &str),
        tried: ShrinkEffort,
        trace: &Trace,
    ) -> Scenario {
        let check = self.signature.check;
        let (id, title) = match self.stem {
            Stem::Plan(_, index) => (
                format!("counterexample/{}-{index}", check.name()),
                format!("found by a generated plan: {}", check.meaning()),
            ),
            // It fails where that did, and is called so.
            Stem::Scenario(scenario) => (scenario.id.clone(), scenario.title.clone()),
        };
        let mut scenario = Scenario::new(id, title, plan.clone());
        let became = became(from as u64, plan.steps.len() as u64);
        scenario.header = match self.stem {
            Stem::Plan(campaign, index) => {
                vec![format!("{became}Seed {}, plan {index}.", campaign.source.seed()), format!("Drawn with: {mix}")]
            }
            Stem::Scenario(scenario) => vec![format!("{became}From the scenario {}.", scenario.id)],
        };
        match tried {
            ShrinkEffort::All => {
                scenario.header.insert(1, "Proved minimal: no shorter plan in this world fails.".to_owned());
            }
            ShrinkEffort::Singly => scenario.header.insert(1, SINGLY.to_owned()),
            ShrinkEffort::Some => {}
        }
        if behind {
            scenario.header.insert(1, "Found behind other failures: the steps of those were taken out.".to_owned());
        }
        scenario.profile = Some(self.checking.profile.name.clone());
        let (seed, index) = match self.stem {
            Stem::Plan(campaign, index) => (campaign.source.seed(), index),
            Stem::Scenario(from) => match &from.origin {
                Some(origin) => (origin.seed, origin.index),
                // It was written, and is judged as such.
                None => return scenario,
            },
        };
        let (rules, digests) = (self.checking.rules.version(), tombstone_search::run::digests(trace));
        scenario.origin = Some(Origin { seed, index, rules, digests });
        scenario
    }
}
