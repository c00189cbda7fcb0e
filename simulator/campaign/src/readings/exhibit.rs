//! What is shown of the readings that a run left: those followed, and the runs that contradict each other.

use tombstone_model::contract::implementation::Implementation;
use tombstone_model::ids::ItemSet;
use tombstone_model::plan::{Names, Plan};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::trace::Trace;
use tombstone_model::verdict::{Check, Divergence, DivergenceSignature, RunVerdict};
use tombstone_model::words;
use tombstone_reports as reports;
use tombstone_reports::events::{Event, Exhibited, FailedAt, RunOrigin};
use tombstone_reports::{Again, CommandLine, Failure, Inference, NearestProfile, SwitchInference, Witness};
use tombstone_scenarios::Scenario;
use tombstone_search::run::{Runner, Terms, digests, run};
use tombstone_search::shrink::{BUDGET, Failed, SLOW_BUDGET, shrink};

use super::{Contradiction, HeldReadings};
use crate::campaign::{CampaignPlan, PlansFrom};
use crate::causes::KnownCauses;
use crate::check::Checking;
use crate::confirm;
use crate::exhibit::became;
use crate::explain::resting;
use crate::judge::suited;
use crate::lines;
use crate::log::Log;
use crate::picture;
use crate::subject::Subject;
use crate::summary;

/// Everything that was run on an implementation.
#[derive(Clone, Copy, Debug)]
pub struct ExhibitedRuns<'a> {
    /// What it was held to.
    pub checking: &'a Checking,
    /// The implementation.
    pub subject: &'a Subject,
    /// The scenarios.
    pub scenarios: &'a [Scenario],
    /// The tour and the random plans.
    pub campaigns: &'a [CampaignPlan],
    /// What stands behind what failed in them.
    pub causes: &'a KnownCauses,
}

impl ExhibitedRuns<'_> {
    fn campaign(&self, tour: bool) -> Option<&CampaignPlan> {
        self.campaigns.iter().find(|campaign| matches!(campaign.source, PlansFrom::Tour(_)) == tour)
    }

    /// The plan of a run, what it is called, and whether steps that are not supported are passed over in it.
    fn plan(&self, origin: &RunOrigin, implementation: &dyn Implementation) -> Option<(Plan, String, bool)> {
        let capabilities = &implementation.describe().capabilities;
        match origin {
            RunOrigin::Scenario(id) => {
                let scenario = self.scenarios.iter().find(|scenario| scenario.id == *id)?;
                let plan = suited(scenario, capabilities).plan.clone();
                Some((plan, format!("the scenario {id}"), scenario.origin.is_some()))
            }
            RunOrigin::Tour(index) => Some((
                self.campaign(true)?.source.plan(*index, capabilities).0,
                format!("plan {index} of the tour"),
                true,
            )),
            RunOrigin::Random(index) => {
                let plan = self.campaign(false)?.source.plan(*index, capabilities).0;
                Some((plan, format!("random plan {index}"), true))
            }
        }
    }

    /// The command that runs one of them again.
    fn replay(&self, origin: &RunOrigin) -> Option<CommandLine> {
        Some(match origin {
            RunOrigin::Scenario(id) => lines::scenario(self.checking, self.subject, id),
            RunOrigin::Tour(index) => summary::replay(self.campaign(true)?, self.subject, *index),
            RunOrigin::Random(index) => summary::replay(self.campaign(false)?, self.subject, *index),
        })
    }

    /// The command that runs all of them again, and no more than it must.
    fn replay_all<'o>(&self, origins: impl Iterator<Item = &'o RunOrigin>) -> CommandLine {
        let (mut scenarios, mut tour, mut plans) = (Vec::new(), false, 0);
        for origin in origins {
            match origin {
                RunOrigin::Scenario(id) => scenarios.extend(["--scenario".to_owned(), id.clone()]),
                RunOrigin::Tour(_) => tour = true,
                RunOrigin::Random(index) => plans = plans.max(index + 1),
            }
        }
        // Whoever chooses scenarios gets no tour.
        let mut options = if tour { vec!["--tour".to_owned()] } else { scenarios };
        plans = plans.max(u64::from(tour));
        if plans > 0 {
            options.extend(["--plans".to_owned(), plans.to_string()]);
        }
        if let Some(PlansFrom::Random(seed) | PlansFrom::Covering { seed, .. }) =
            self.campaign(false).map(|campaign| &campaign.source)
        {
            options.extend(["--seed".to_owned(), seed.to_string()]);
        }
        lines::several(self.checking, self.subject, options)
    }
}

/// Tells which readings everything left, and a failure for each switch of which none is.
pub fn infer(runs: &ExhibitedRuns<'_>, implementation: &mut dyn Implementation, log: &mut Log) {
    let held = log.held().clone();
    log.tell(Event::ReadingsInferred(inferred(runs, &held)));
    for contradiction in held.contradictions() {
        let info = contradiction.switch.info();
        let name = format!("{}/run/readings/{}", log.name(), info.name);
        let failure = failure(runs, &contradiction, name, implementation, log);
        log.tell(Event::Exhibited(Box::new(Exhibited { place: FailedAt::Run, failure })));
    }
}

/// Which readings an implementation was seen to follow: those that every deciding run left.
fn inferred(runs: &ExhibitedRuns<'_>, held: &HeldReadings) -> Inference {
    let open = runs.checking.profile.readings();
    let decided = held.decided();
    let switches = Switch::ALL.iter().map(|&switch| {
        let info = switch.info();
        let (values, deciding) = decided.get(&switch).copied().unwrap_or((open.of(switch), 0));
        let values = values.0 & open.of(switch).0;
        SwitchInference {
            id: info.id.to_owned(),
            name: info.name.to_owned(),
            question: info.question.to_owned(),
            follows: names(switch, values),
            excluded: names(switch, open.of(switch).0 & !values),
            deciding,
            consistent: values != 0,
            example: held.example(switch).and_then(|origin| runs.replay(origin)).map(|line| line.to_string()),
        }
    });
    let seen = held.narrow(Readings::OPEN);
    let nearest = Profile::all().iter().map(|candidate| {
        let closed = candidate.readings().closed();
        let differs = decided.keys().filter(|&&switch| seen.of(switch).0 & closed.of(switch).0 == 0);
        let differs: Vec<String> = differs.map(|switch| switch.info().name.to_owned()).collect();
        let decided = decided.len() as u64;
        NearestProfile { name: candidate.name.clone(), agrees: decided - differs.len() as u64, decided, differs }
    });
    // None is near that agrees on nothing; of profiles that agree alike, the first in the table.
    let nearest =
        nearest.filter(|candidate| candidate.agrees > 0).fold(None, |best: Option<NearestProfile>, next| match best {
            Some(best) if best.agrees >= next.agrees => Some(best),
            Some(_) | None => Some(next),
        });
    Inference { switches: switches.collect(), nearest, failures: Vec::new() }
}

fn names(switch: Switch, values: u8) -> Vec<String> {
    Values(values).names(switch).map(str::to_owned).collect()
}

/// The failure that shows a contradiction: its witnesses side by side, each shrunk; and how often they contradict each other
/// when each is read back and run in a fresh start.
fn failure(
    runs: &ExhibitedRuns<'_>,
    contradiction: &Contradiction,
    id: String,
    implementation: &mut dyn Implementation,
    log: &mut Log,
) -> Failure {
    let Contradiction { switch, witnesses } = contradiction;
    let mut left: Vec<Values> = witnesses.iter().map(|(values, _)| *values).collect();
    let mut shown = Vec::new();
    for (at, (_, origin)) in witnesses.iter().enumerate() {
        // What the others have in common: of that nothing may be left.
        let others = left.iter().enumerate().filter(|(other, _)| *other != at);
        let others = Values(others.fold(u8::MAX, |common, (_, values)| common & values.0));
        let Some((witness, values)) = witness(runs, (*switch, others), (at, origin), implementation) else { break };
        left[at] = values;
        shown.push(witness);
    }
    let whole = |(_, origin): &(Values, RunOrigin)| runs.plan(origin, implementation);
    let mut plans: Vec<Option<(Plan, String, bool)>> = witnesses.iter().map(whole).collect();
    let seen_again = shown.len() == witnesses.len();
    if seen_again {
        for (plan, witness) in plans.iter_mut().zip(&shown) {
            let read = Scenario::parse("witness.toml", &witness.scenario).ok();
            *plan = plan.take().and_then(|(_, run, skip)| Some((read?.plan, run, skip)));
        }
    } else {
        shown.clear();
    }
    let mut again: Again = confirm::repeat(|| contradict(runs, *switch, &plans, implementation, log));
    // One of them did not where it was found.
    again.runs += u64::from(!seen_again);
    let info = switch.info();
    let each = shown.iter().map(|witness| format!("{} needs {}", witness.run, either(&witness.leaves)));
    let each = each.collect::<Vec<_>>().join("; ");
    let seen =
        if seen_again { each } else { "that none explains all of them, in some runs and not in others".to_owned() };
    let cause = runs.causes.behind(&plans.iter().flatten().map(|(plan, _, _)| plan));
    let all = runs.replay_all(witnesses.iter().map(|(_, origin)| origin));
    Failure {
        id,
        signature: reports::Signature { check: Check::Readings.name().to_owned(), rule: None },
        happened: format!("{} runs, each of which conforms alone", witnesses.len()),
        expected: reports::Expected {
            text: format!("one reading of {} ({}) in the whole run: {}", info.name, info.id, info.question),
            ..resting(&runs.checking.rules, &Divergence { switch: Some(*switch), ..Divergence::of(Check::Readings) })
        },
        seen,
        replay: all.to_string(),
        command: all.words().to_vec(),
        cause,
        witnesses: shown,
        again: Some(again),
        ..Failure::default()
    }
}

/// Whether plans leave no reading of a switch in common, each in a fresh start.
fn contradict(
    runs: &ExhibitedRuns<'_>,
    switch: Switch,
    plans: &[Option<(Plan, String, bool)>],
    implementation: &mut dyn Implementation,
    log: &mut Log,
) -> bool {
    let ExhibitedRuns { checking, subject, .. } = *runs;
    let mut common = u8::MAX;
    for plan in plans {
        let Some((plan, _, skip_unsupported)) = plan else { return false };
        let readings = checking.profile.readings();
        let terms = Terms { rules: &checking.rules, readings, skip_unsupported: *skip_unsupported };
        let left = |implementation: &mut dyn Implementation| run(terms, plan, implementation).readings.of(switch).0;
        let Some(left) = confirm::afresh(checking, subject, implementation, log, left) else { return false };
        common &= left;
    }
    common == 0
}

fn either(names: &[String]) -> String {
    names.join(" or ")
}

/// A run that leaves nothing of some readings of a switch, shrunk, and what it leaves then; none where it leaves something.
fn witness(
    runs: &ExhibitedRuns<'_>,
    (switch, excluded): (Switch, Values),
    (at, origin): (usize, &RunOrigin),
    implementation: &mut dyn Implementation,
) -> Option<(Witness, Values)> {
    let (plan, run, skip_unsupported) = runs.plan(origin, implementation)?;
    let profile = &runs.checking.profile;
    let terms = Terms { rules: &runs.checking.rules, readings: profile.readings(), skip_unsupported };
    let budget = match runs.subject {
        Subject::BuiltIn(_) | Subject::Made(_) => BUDGET,
        Subject::Program { .. } => SLOW_BUDGET,
    };
    let mut runner = Runner::new(terms, &plan, implementation);
    runner.stop_without(switch, excluded);
    let mut excludes = |candidate: &Plan| {
        let mut trace = Trace::default();
        let run = runner.run(candidate, implementation, Some(&mut trace));
        if run.readings.of(switch).0 & excluded.0 != 0 || run.verdict != RunVerdict::Conforms {
            return None;
        }
        let mut taken = vec![false; candidate.steps.len()];
        for moment in trace.moments.iter().filter(|moment| moment.answer.is_some()) {
            taken[moment.number] = true;
        }
        let last = trace.moments.last().and_then(|moment| moment.step.op.items());
        let item = last.and_then(|items: ItemSet| items.iter().next());
        let signature = DivergenceSignature { check: Check::Readings, rule: None };
        Some(Failed { signature, ended_at: run.ended_at, item, taken })
    };
    let mut small = shrink(&plan, budget, &mut excludes)?.plan;
    if small.names == Names::default() || small.setup != plan.setup {
        small.names = Names::invented(&small.setup);
    }
    let mut trace = Trace::default();
    let mut runner = Runner::new(terms, &small, implementation);
    runner.stop_without(switch, excluded);
    let ran = runner.run(&small, implementation, Some(&mut trace));
    let values = ran.readings.of(switch);
    if values.0 & excluded.0 != 0 {
        return None;
    }
    let info = switch.info();
    let mut scenario = Scenario::new(
        format!("counterexample/readings-{}-{}", info.name.replace('_', "-"), at + 1),
        format!("leaves of {} only {}", info.name, either(&names(switch, values.0))),
        small.clone(),
    );
    let (from, to) = (plan.steps.len() as u64, small.steps.len() as u64);
    scenario.header = vec![format!("{}From {run}.", became(from, to))];
    scenario.profile = Some(profile.name.clone());
    // What was drawn has no author who makes mistakes.
    let drawn = match origin {
        RunOrigin::Scenario(id) => {
            let own = runs.scenarios.iter().find(|scenario| scenario.id == *id).and_then(|own| own.origin.as_ref());
            own.map(|own| (own.seed, own.index))
        }
        RunOrigin::Tour(index) => Some((0, *index)),
        RunOrigin::Random(index) => Some((runs.campaign(false)?.source.seed(), *index)),
    };
    scenario.origin = drawn.map(|(seed, index)| {
        let (rules, digests) = (runs.checking.rules.version(), digests(&trace));
        tombstone_scenarios::Origin { seed, index, rules, digests }
    });
    let happened = trace.moments.iter().rev().find(|moment| moment.answer.is_some());
    let witness = Witness {
        leaves: names(switch, values.0),
        excludes: names(switch, profile.readings().of(switch).0 & !values.0),
        happened: happened.map_or_else(String::new, |moment| words::step(&small, &moment.step)),
        replay: runs.replay(origin)?.to_string(),
        file: None,
        scenario: tombstone_scenarios::write(&scenario),
        shrunk: Some(reports::Shrunk { from, to, minimal: false, single: false }),
        timeline: Some(picture::timeline(&small, &trace, None)),
        run,
    };
    Some((witness, values))
}

/// What was inferred, for the terminal.
pub fn text(report: &reports::Report) -> String {
    let mut text = String::new();
    for implementation in &report.implementations {
        let Some(inference) = &implementation.readings else {
            text.push_str(&format!("{}: nothing was run, so that nothing can be inferred\n", implementation.name));
            continue;
        };
        text.push_str(&format!("{}: readings followed\n", implementation.name));
        for switch in inference.switches.iter().filter(|switch| switch.deciding > 0) {
            let follows = if switch.consistent { switch.follows.join(" | ") } else { "NO SINGLE READING".to_owned() };
            text.push_str(&format!("  {:<5} {:<26} {follows} ({} runs)\n", switch.id, switch.name, switch.deciding));
        }
        if let Some(nearest) = &inference.nearest {
            let differs = if nearest.differs.is_empty() {
                String::new()
            } else {
                format!("; differs on {}", nearest.differs.join(", "))
            };
            text.push_str(&format!(
                "  nearest profile: {} ({} of the {} open questions decided here{differs})\n",
                nearest.name, nearest.agrees, nearest.decided
            ));
        }
    }
    text
}
