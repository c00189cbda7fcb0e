//! What is wrong with scenarios in themselves, told with its place in their files.

use std::collections::BTreeSet;

use tombstone_campaign::judge::{Mistake, Unmet, mistakes};
use tombstone_model::verdict::RunVerdict;
use tombstone_model::words;
use tombstone_scenarios::{Diagnostic, Diagnostics, Scenario};

use super::choose::Loaded;
use super::output::colour;

/// Takes scenarios out that are wrong in themselves, under their own profile or this one, and says what is: nobody is to
/// be judged by them. The suite is right, by a test.
pub(super) fn take_out_mistaken(loaded: &mut Loaded) {
    let mut wrong = BTreeSet::new();
    let mut errors = Vec::new();
    for scenario in &loaded.scenarios {
        let mut mistakes = mistakes(scenario);
        // What the model does not get through may be decided of an implementation.
        mistakes.retain(|mistake| !matches!(mistake, Mistake::NotFollowed(_)));
        if let Some(said) = said(loaded, scenario, &mistakes) {
            errors.push(said);
            wrong.insert(scenario.id.clone());
        }
    }
    loaded.errors.extend(errors);
    loaded.scenarios.retain(|scenario| !wrong.contains(&scenario.id));
}

/// The mistakes of a scenario, each with its place in the file; none where there is none.
pub(super) fn said(loaded: &Loaded, scenario: &Scenario, mistakes: &[Mistake]) -> Option<String> {
    if mistakes.is_empty() {
        return None;
    }
    let (name, text) = loaded.sources.get(&scenario.id).cloned().unwrap_or_default();
    let mut list: Vec<Diagnostic> = mistakes.iter().map(|mistake| diagnosed(scenario, mistake)).collect();
    list.sort_by_key(|diagnostic| diagnostic.span.start);
    Some(Diagnostics { name, text, list }.render(colour()))
}

/// A mistake of a scenario, as an error of its file. Steps are counted as replays count them, without the expectations.
fn diagnosed(scenario: &Scenario, mistake: &Mistake) -> Diagnostic {
    let of_step = |number: usize| scenario.spans.get(number).cloned().unwrap_or_default();
    match mistake {
        Mistake::Impossible(moment) => Diagnostic {
            code: "scenario::impossible-step",
            message: format!("step {} is not possible", moment.number + 1),
            span: of_step(moment.number),
            label: words::step(&scenario.plan, &moment.step),
            help: Some(
                "what it is applied to is not there, or is no such thing or closed already, or the computer cannot be used \
                 then; no implementation is asked to do it"
                    .to_owned(),
            ),
        },
        Mistake::NotFollowed(verdict) => {
            let why = match verdict {
                RunVerdict::Conforms => "it conforms",
                RunVerdict::Diverges(_) => "it does something else itself",
                RunVerdict::Unsupported(why) | RunVerdict::Broken(why) | RunVerdict::Undecided(why) => why,
            };
            Diagnostic {
                code: "scenario::model",
                message: "the model does not follow it".to_owned(),
                span: of_step(0),
                label: why.to_owned(),
                help: None,
            }
        }
        Mistake::NotShared(Unmet { after, expected, seen, span }) => {
            let when = if *after == 0 { "at the start".to_owned() } else { format!("after step {after}") };
            Diagnostic {
                code: "scenario::expectation",
                message: format!("the model does not share an expectation {when}: {expected}"),
                span: span.clone(),
                label: format!("the model: {seen}"),
                help: Some(
                    "leave the expectation out, and the model supplies it; or name the profile that it holds under"
                        .to_owned(),
                ),
            }
        }
    }
}
