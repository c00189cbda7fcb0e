//! Every profile, in whatever closed form of it: the reference that acts by it conforms to it, in the whole suite and in
//! random plans, and so does each engine that can act by it. One grid, and not a switch at a time.
//!
//! How many plans each profile gets is for `TOMBSTONE_PLANS` to say; 100,000 is what the profiles were accepted with.

use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use tombstone_campaign::campaign::{CampaignPlan, PlansFrom, part};
use tombstone_campaign::check::{Checking, scenarios};
use tombstone_campaign::judge::unmet;
use tombstone_campaign::log::Log;
use tombstone_campaign::subject::{BuiltIn, Subject};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::trace::Trace;
use tombstone_model::verdict::RunVerdict;
use tombstone_reports as reports;
use tombstone_search::choose::{Choose, Seeded, sub_seed};
use tombstone_search::run::{Runner, Terms};

/// The plans of each profile, over all of its forms.
const PLANS: u64 = if cfg!(debug_assertions) { 400 } else { 2_000 };

/// The closed forms of each profile that are tried, its own among them.
const FORMS: u64 = 8;

/// The plans that one thread runs in a row.
const PART: usize = 256;

fn plans() -> u64 {
    std::env::var("TOMBSTONE_PLANS").ok().and_then(|plans| plans.parse().ok()).unwrap_or(PLANS)
}

/// A closed form of a profile: its own first, then such as take any reading that is left.
fn form(profile: &Profile, n: u64) -> Readings {
    let open = profile.readings();
    if n == 0 {
        return open.closed();
    }
    let mut choose = Seeded::new(sub_seed(41, n));
    Switch::ALL.iter().fold(open, |readings, &switch| {
        let left: Vec<Values> = switch.each().filter(|values| open.of(switch).0 & values.0 != 0).collect();
        readings.narrowed(switch, left[choose.below(left.len() as u32) as usize])
    })
}

fn reference(readings: Readings) -> Reference {
    Reference::new("reference", Arc::new(Rules::documented().clone()), readings)
}

fn cells() -> Vec<(&'static Profile, u64)> {
    Profile::all().iter().flat_map(|profile| (0..FORMS).map(move |n| (profile, n))).collect()
}

/// What the documents demand holds under every form of every profile; a scenario that names a profile is held to that.
#[test]
fn every_form_of_every_profile_conforms_to_the_suite() {
    let suite = tombstone_scenarios::scenarios();
    let judge = |&(profile, n): &(&'static Profile, u64)| -> Vec<String> {
        let (readings, mut reference) = (form(profile, n), reference(form(profile, n)));
        let terms = Terms { rules: profile.rules(), readings: profile.readings(), skip_unsupported: false };
        let theirs = suite.iter().filter(|it| it.profile.as_ref().is_none_or(|named| *named == profile.name));
        let judged = theirs.filter_map(|scenario| {
            let mut trace = Trace::default();
            let mut runner = Runner::new(terms, &scenario.plan, &reference);
            let run = runner.run(&scenario.plan, &mut reference, Some(&mut trace));
            // What an author expects is held under the profile that the scenario names, or under the default.
            let theirs = scenario.profile.is_some() || profile.name == Profile::DEFAULT;
            let expectations = if n == 0 && theirs { scenario.expectations.as_slice() } else { &[] };
            let unmet = expectations.iter().find_map(|expectation| {
                // What could not be done under this reading proves nothing of it.
                let skipped = trace.moments.iter().any(|m| m.answer.is_none() && m.number < expectation.after);
                unmet(scenario, expectation, &trace).filter(|_| !skipped)
            });
            let wrong = match (run.verdict, unmet) {
                (RunVerdict::Conforms, None) => return None,
                (RunVerdict::Conforms, Some((expected, seen))) => format!("expected {expected}; seen {seen}"),
                (verdict, _) => format!("{verdict:?}"),
            };
            Some(format!("{} {n} {}: {wrong}", profile.name, scenario.id))
        });
        let wrong: Vec<String> = judged.collect();
        assert!(readings.contradiction().is_none());
        wrong
    };
    let wrong: Vec<String> = cells().par_iter().flat_map(judge).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_form_of_every_profile_conforms_to_random_plans() {
    let each = plans().div_ceil(FORMS);
    let judge = |&(profile, n): &(&'static Profile, u64)| -> Vec<String> {
        let campaign = CampaignPlan {
            rules: Arc::new(profile.rules().clone()),
            profile: profile.clone(),
            source: PlansFrom::Random(1),
            plans: plans(),
            doublecheck: false,
        };
        let starts: Vec<u64> = (n * each..(n + 1) * each).step_by(PART).collect();
        let judged = starts.into_par_iter().map(|start| {
            let end = (start + PART as u64).min((n + 1) * each);
            part(&campaign, &mut reference(form(profile, n)), start..end)
        });
        judged
            .flat_map_iter(|tally| {
                let name = |rule| Rules::documented().rule(rule).id.clone();
                let failures = tally.failures.iter().map(|(signature, failing)| {
                    let (times, first) = (failing.times, failing.kept.keys().next());
                    let rule = signature.rule.map(name).unwrap_or_default();
                    format!("{} {rule}: {times}, first {first:?}", signature.check.name())
                });
                failures.chain(tally.broken.keys().cloned()).collect::<Vec<_>>()
            })
            .map(|wrong| format!("{} {n}: {wrong}", profile.name))
            .collect()
    };
    let wrong: Vec<String> = cells().par_iter().flat_map(judge).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The engines act by every profile, and conform to it.
#[test]
fn every_built_in_conforms_to_every_profile_that_it_can_act_by() {
    let suite = tombstone_scenarios::scenarios();
    let judge = |(profile, built_in): (&'static Profile, BuiltIn)| -> Vec<String> {
        if built_in.cannot_follow(profile).is_some() {
            return Vec::new();
        }
        let (checking, subject) = (Checking::of(profile), Subject::BuiltIn(built_in));
        let mut implementation = built_in.make(profile);
        let mut log = Log::new(built_in.name());
        scenarios(&checking, &subject, &mut *implementation, &suite, &mut log, &mut |_| {});
        let failing = log.so_far().cases.iter().filter(|case| case.verdict == reports::Verdict::Diverges);
        let failing = failing.map(|case| {
            let failure = case.failures.first().map(|failure| (&failure.expected.text, &failure.seen));
            format!("{} {} {}: {failure:?}", profile.name, built_in.name(), case.id)
        });
        let mut wrong: Vec<String> = failing.collect();
        let campaign = CampaignPlan {
            rules: Arc::clone(&checking.rules),
            profile: profile.clone(),
            source: PlansFrom::Random(2),
            plans: plans(),
            doublecheck: false,
        };
        let tally = part(&campaign, &mut *implementation, 0..plans());
        wrong.extend(tally.failures.iter().map(|(signature, failing)| {
            let (times, first) = (failing.times, failing.kept.keys().next());
            let rule = signature.rule.map(|rule| Rules::documented().rule(rule).id.clone()).unwrap_or_default();
            let check = signature.check.name();
            format!("{} {}: {check} {rule}: {times}, first {first:?}", profile.name, built_in.name())
        }));
        wrong
    };
    let cells: Vec<_> = Profile::all().iter().flat_map(|profile| BuiltIn::ALL.map(|it| (profile, it))).collect();
    let wrong: Vec<String> = cells.into_par_iter().flat_map(judge).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
