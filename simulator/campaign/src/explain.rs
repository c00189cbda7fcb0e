//! From a divergence to four facts and a picture: what happened, what was expected and by which row of which document,
//! what was seen, how to replay it.

use tombstone_model::plan::{Place, Plan};
use tombstone_model::rules::{Fate, Rules};
use tombstone_model::telling::Telling;
use tombstone_model::trace::{TakenStep, Trace};
use tombstone_model::verdict::{Divergence, Sighting};
use tombstone_model::view::Field;
use tombstone_model::words;
use tombstone_reports as reports;
use tombstone_reports::{CauseAndEffect, CauseStep, CommandLine, Differs, Expected, Failure, Parting};

use crate::cause::causes;
use crate::picture::timeline;

/// Where a failure can be replayed from.
#[derive(Clone, Debug, Default)]
pub struct ReplaySource {
    /// The command that replays it.
    pub replay: CommandLine,
    /// The scenario, as TOML.
    pub scenario: String,
}

/// On what a verdict rests, each row once.
pub(crate) fn resting(rules: &Rules, divergence: &Divergence) -> Expected {
    let basis = divergence.basis(rules);
    let mut rows: Vec<String> = Vec::new();
    for row in basis.rows {
        let id = &rules.rule(row).id;
        if !rows.contains(id) {
            rows.push(id.clone());
        }
    }
    Expected { rows, facts: basis.facts.into_iter().map(str::to_owned).collect(), ..Expected::default() }
}

/// The failure that a report shows.
pub fn failure(rules: &Rules, plan: &Plan, divergence: &Divergence, trace: &Trace, source: ReplaySource) -> Failure {
    let last = trace.moments.last();
    let end = match (divergence.step, last) {
        (Some(step), _) => words::step(plan, &step),
        (None, Some(_)) => "everything synchronizes to rest".to_owned(),
        (None, None) => "the world was set up".to_owned(),
    };
    let causes = causes(divergence, trace);
    let earlier = causes.iter().map(|moment| words::step(plan, &moment.step));
    let happened = earlier.chain([end]).collect::<Vec<_>>().join("; then ");
    let numbered = |moment: &&TakenStep| format!("step {}, {}", moment.number + 1, words::step(plan, &moment.step));
    let cause = causes.iter().map(numbered).collect::<Vec<_>>().join("; ");
    let telling = Telling::of(rules, plan, divergence, last.and_then(|moment| moment.answer.as_ref()));
    let rule = telling.rule.map(|rule| rule.id.clone());
    let expected = Expected {
        text: telling.expected(),
        rule: rule.clone(),
        documents: telling.grounds().documents.iter().map(|&title| title.to_owned()).collect(),
        ..resting(rules, divergence)
    };
    let mut failure = Failure {
        signature: reports::Signature { check: divergence.check.name().to_owned(), rule },
        happened,
        expected,
        seen: telling.seen(),
        parting: Some(Parting {
            step: last.map_or(0, |moment| moment.number as u32 + 1),
            place: telling.place(),
            cause: (!cause.is_empty()).then_some(cause),
        }),
        effect: Some(effect(plan, divergence, trace, &causes)),
        scenario: source.scenario,
        timeline: Some(timeline(plan, trace, Some(divergence))),
        ..Failure::default()
    };
    failure.replayed_by(&source.replay);
    failure
}

/// The most fields that the sentence on a failure names.
const MOST_FIELDS: usize = 3;

/// Cause and effect: the step that led to it, the one that carried it, the fields that are another than they should be.
fn effect(plan: &Plan, divergence: &Divergence, trace: &Trace, causes: &[&TakenStep]) -> CauseAndEffect {
    let told = |moment: &TakenStep| CauseStep {
        number: moment.number as u32 + 1,
        at: match moment.step.at {
            Place::Computer(computer) => plan.names.computers.get(computer.index()).cloned().unwrap_or_default(),
            Place::Web => String::new(),
        },
        step: words::step(plan, &moment.step),
    };
    let last = trace.moments.last().map(told);
    let cause = causes.first().map(|moment| told(moment));
    // Where nothing earlier led to it, the last step did.
    let (cause, carried) = if cause.is_some() { (cause, last) } else { (last, None) };
    let differs =
        divergence.sightings.iter().flat_map(|sighting| differing(plan, sighting)).take(MOST_FIELDS).collect();
    let item = divergence.item.map(|id| plan.names.item(id).to_owned()).unwrap_or_default();
    CauseAndEffect { cause, carried, item, differs }
}

/// In which fields what is seen in a place is not what is expected there: whether it is there at all goes before all others.
fn differing(plan: &Plan, sighting: &Sighting) -> Vec<Differs> {
    let Sighting { location, expected, seen, .. } = *sighting;
    let differs = |field: Field| Differs {
        place: words::place(plan, location),
        field: (field != Field::Count).then(|| field.name().to_owned()),
        expected: words::value(plan, field, expected),
        seen: words::value(plan, field, seen),
    };
    if expected.count() != seen.count() {
        return vec![differs(Field::Count)];
    }
    expected.differing(seen, u64::MAX).map(differs).collect()
}

/// What a rule says becomes of a side.
pub fn fate(fate: Option<Fate>) -> &'static str {
    match fate {
        Some(Fate::Kept) => "kept",
        Some(Fate::Deleted) => "deleted",
        Some(Fate::Free) => "either",
        None => "as elsewhere",
    }
}
