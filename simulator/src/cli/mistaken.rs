//! What is wrong with scenarios in themselves, told with its place in their files.

use std::collections::{BTreeMap, BTreeSet};

use tombstone_campaign::judge::{Mistake, Unmet, mistakes};
use tombstone_model::verdict::RunVerdict;
use tombstone_model::words;
use tombstone_scenarios::{CaseErrors, Diagnostic, Diagnostics, Scenario};

use super::choose::{Loaded, SourceFile};
use super::output::colour;

/// Takes scenarios out that are wrong in themselves, under their own profile or this one, and says what is: nobody is to
/// be judged by them. The suite is right, by a test.
pub(super) fn take_out_mistaken(loaded: &mut Loaded) {
    let wrong = |scenario: &Scenario| {
        let mut mistakes = mistakes(scenario);
        // What the model does not get through may be decided of an implementation.
        mistakes.retain(|mistake| !matches!(mistake, Mistake::NotFollowed(_)));
        mistakes
    };
    let (errors, wrong) = said(loaded, wrong);
    loaded.errors.extend(errors);
    loaded.scenarios.retain(|scenario| !wrong.contains(&scenario.id));
}

/// The mistakes of all scenarios, each with its place in the file and said once for all cases of a grid, a text for each
/// file; and the scenarios that have some.
pub(super) fn said(loaded: &Loaded, wrong: impl Fn(&Scenario) -> Vec<Mistake>) -> (Vec<String>, BTreeSet<String>) {
    let mut files: BTreeMap<&str, (&SourceFile, CaseErrors)> = BTreeMap::new();
    let mut mistaken = BTreeSet::new();
    for scenario in &loaded.scenarios {
        let (mistakes, Some(file)) = (wrong(scenario), loaded.sources.get(&scenario.id)) else { continue };
        if mistakes.is_empty() {
            continue;
        }
        let (_, errors) = files.entry(&file.place).or_insert_with(|| (file, CaseErrors::new(file.cases)));
        errors.add(scenario.case(), mistakes.iter().map(|mistake| diagnosed(scenario, mistake)).collect());
        mistaken.insert(scenario.id.clone());
    }
    let rendered = files.into_values().map(|(file, errors)| {
        let mut list = errors.merged();
        list.sort_by_key(|diagnostic| diagnostic.span.start);
        Diagnostics { name: file.place.clone(), text: file.text.clone(), list }.render(colour())
    });
    (rendered.collect(), mistaken)
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
