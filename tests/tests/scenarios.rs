//! Each scenario of the suite is a test of its own, by its id: `cargo test --workspace --test scenarios deletion/` runs those
//! whose id holds `deletion/`.

use std::collections::BTreeSet;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use tombstone_campaign::judge::{by_server, unmet};
use tombstone_engines as engines;
use tombstone_model::contract::implementation::Answer;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::rules::{Deleting, Fate, Reading, Rule, Rules, TableId};
use tombstone_model::verdict::RunVerdict;
use tombstone_model::view::Location;
use tombstone_scenarios::{Demand, Scenario, scenarios};
use tombstone_tests::played::{OTHERS, Played, play, profile, refer};

/// The ambiguity whose second reading allows everything, so that no reference can show it.
const FREE: &str = "X-05";

/// What must hold of each scenario: its name, and what is wrong with one.
type Law = (&'static str, fn(&Scenario) -> Vec<String>);

const LAWS: [Law; 6] = [
    ("every built-in implementation conforms", conforms),
    ("every built-in implementation conforms where the server synchronizes", conforms_by_server),
    ("every step is possible", possible),
    ("what is refused changes nothing", refused),
    ("its expectations hold under every reading of its profile", expected),
    ("what it cites matters", cited),
];

/// Changes to [`SOUND`], each with the law that it breaks: what is replaced, and by what.
const BROKEN: [(&str, &str, &str); 4] = [
    ("every built-in implementation conforms", "crm = \"absent\"", "crm = \"present\""),
    ("every step is possible", "settle = {}", "connect = { at = \"desktop\" }"),
    ("what it cites matters", "D16", "D01"),
    ("what it cites matters", "D16", "X-04"),
];
const SOUND: &str = r#"
title = "An appointment deleted in CRM while the mailbox was not synchronized for a month"
covers = ["D16", "F057"]

[items.review]
kind = "appointment"
start = "+500d"

[[step]]
disconnect = { at = "desktop" }

[[step]]
delete = { item = "review", in = "crm" }

[[step]]
wait = { for = "31d" }

[[step]]
connect = { at = "desktop" }

[[step]]
settle = {}
expect = { item = "review", crm = "absent", in = { anna = "absent" } }
"#;

fn main() -> ExitCode {
    let trial = |scenario: Scenario| Trial::test(scenario.id.clone(), move || judge(&scenario));
    let broken = BROKEN.into_iter().map(|(law, from, to)| {
        Trial::test(format!("a scenario that breaks a law: {law}, by {to}"), move || {
            let scenario =
                Scenario::parse("broken", &SOUND.replacen(from, to, 1)).map_err(|errors| errors.to_string())?;
            let wrong = wrong(&scenario);
            if wrong.iter().any(|what| what.starts_with(law)) { Ok(()) } else { Err(format!("{wrong:?}").into()) }
        })
    });
    let trials = scenarios().into_iter().map(trial).chain(broken).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn judge(scenario: &Scenario) -> Result<(), Failed> {
    let wrong = wrong(scenario);
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn wrong(scenario: &Scenario) -> Vec<String> {
    let wrong = |&(law, hold): &Law| hold(scenario).into_iter().map(move |what| format!("{law}: {what}"));
    LAWS.iter().flat_map(wrong).collect()
}

/// Plays a scenario on the reference as its profile closes its readings.
fn closed(scenario: &Scenario) -> Played {
    let readings = profile(scenario).readings();
    refer(scenario, readings, readings)
}

fn conforms(scenario: &Scenario) -> Vec<String> {
    let readings = profile(scenario).readings();
    let mut played = vec![("reference", closed(scenario))];
    if profile(scenario).name == Profile::DEFAULT {
        played.extend(OTHERS.iter().map(|&(name, make)| (name, play(scenario, readings, make()))));
    }
    let wrong = played.into_iter().flat_map(|(name, played)| match played.verdict {
        RunVerdict::Conforms => {
            let unmet = scenario.expectations.iter().filter_map(|expected| unmet(scenario, expected, &played.trace));
            unmet.map(|(expected, seen)| format!("{name}: expected {expected}; seen {seen}")).collect()
        }
        RunVerdict::Unsupported(_) => Vec::new(),
        RunVerdict::Diverges(_) | RunVerdict::Broken(_) | RunVerdict::Undecided(_) => {
            vec![format!("{name}: {:?}", played.verdict)]
        }
    });
    wrong.collect()
}

/// The rules are said to hold under server-side synchronization too. The author's expectations are not held against that,
/// only the documents are.
fn conforms_by_server(scenario: &Scenario) -> Vec<String> {
    let mut scenario = scenario.clone();
    by_server(&mut scenario.plan);
    let readings = profile(&scenario).readings();
    let mut played = vec![("reference", closed(&scenario))];
    if profile(&scenario).name == Profile::DEFAULT {
        let server_side = engines::server_side(engines::Make::default());
        played.push(("server-side", play(&scenario, readings, server_side)));
    }
    let wrong = played.into_iter().filter(|(_, played)| played.verdict != RunVerdict::Conforms);
    wrong.map(|(name, played)| format!("{name}: {:?}", played.verdict)).collect()
}

fn possible(scenario: &Scenario) -> Vec<String> {
    let moments = closed(scenario).trace.moments;
    let skipped = moments.iter().filter(|moment| moment.answer.is_none());
    skipped.map(|moment| format!("step {} is impossible: {:?}", moment.number + 1, moment.step)).collect()
}

fn refused(scenario: &Scenario) -> Vec<String> {
    let trace = closed(scenario).trace;
    let views = std::iter::once(&trace.start).chain(trace.moments.iter().map(|moment| &moment.view));
    let changed = views
        .zip(&trace.moments)
        .filter(|(before, moment)| moment.answer == Some(Answer::Refused) && **before != moment.view);
    changed.map(|(_, moment)| format!("step {}", moment.number + 1)).collect()
}

/// An expectation says what the documents decide: it holds whichever reading each open switch takes, under the profile that
/// the scenario names, or under the default where it names none.
fn expected(scenario: &Scenario) -> Vec<String> {
    let mut wrong = Vec::new();
    let open = profile(scenario).readings();
    let mut free = BTreeSet::new();
    for (readings, reading) in variants(open) {
        let Played { verdict, trace, met } = refer(scenario, readings, open);
        let deletions = met.iter().filter(|id| id.table == TableId::Deleting);
        free.extend(deletions.flat_map(|&id| left_open(Rules::documented().rule(id), open)));
        if verdict != RunVerdict::Conforms {
            wrong.push(format!("{reading}: {verdict:?}"));
        }
        for expectation in &scenario.expectations {
            // What could not be done under this reading proves nothing of it.
            let skipped = trace.moments.iter().any(|m| m.answer.is_none() && m.number < expectation.after);
            if let Some((expected, seen)) = unmet(scenario, expectation, &trace).filter(|_| !skipped) {
                wrong.push(format!("{reading}, after step {}: expected {expected}; seen {seen}", expectation.after));
            }
        }
    }
    let in_crm = |at: Location| at == Location::Crm;
    let seen = scenario.expectations.iter().filter_map(|expectation| match expectation.what {
        Demand::Seen { at, .. } => Some(in_crm(at)),
        Demand::Refused(_) | Demand::Prompt(_) => None,
    });
    let open = seen.flat_map(|in_crm| free.range((in_crm, "")..(in_crm, "Z"))).next();
    wrong.extend(open.map(|(_, row)| format!("it expects what a reading of row {row} leaves to the implementation")));
    wrong
}

/// A scenario that cites a row meets it, and one that cites an ambiguity tells two readings of it apart.
fn cited(scenario: &Scenario) -> Vec<String> {
    let mut met = BTreeSet::new();
    let open = profile(scenario).readings();
    for (readings, _) in variants(open) {
        met.extend(refer(scenario, readings, readings).rows());
    }
    let rows: BTreeSet<&str> = Rules::documented().ids().map(|(_, rule)| rule.row.as_str()).collect();
    let idle = |id: &&String| {
        let ambiguity = id.starts_with("X-") && *id != FREE;
        rows.contains(id.as_str()) && !met.contains(id.as_str()) || ambiguity && !tells_apart(scenario, id)
    };
    scenario.covers.iter().filter(idle).map(|id| format!("{id} does not show; the rows met are {met:?}")).collect()
}

/// The sides, CRM or not, that a row leaves to the implementation under some of the readings.
fn left_open(rule: &'static Rule, open: Readings) -> impl Iterator<Item = (bool, &'static str)> {
    let possible = move |reading: &&Reading| reading.switches.iter().all(|&(at, values)| open.of(at).0 & values.0 != 0);
    let certain = move |reading: &Reading| reading.switches.iter().all(|&(at, values)| open.of(at).0 & !values.0 == 0);
    // What follows a reading that is certain to hold is never asked.
    let asked = rule.readings.iter().position(certain).map_or(rule.readings.len(), |at| at + 1);
    rule.readings[..asked].iter().filter(possible).flat_map(|reading| {
        let free = |fate: Option<Fate>| fate == Some(Fate::Free);
        let sides = [(true, free(Deleting::crm(&reading.then))), (false, free(Deleting::outlook(&reading.then)))];
        sides.into_iter().filter(|&(_, free)| free).map(|(in_crm, _)| (in_crm, rule.row.as_str()))
    })
}

/// The closed form of the readings, and every form that differs from it in one switch.
fn variants(open: Readings) -> Vec<(Readings, String)> {
    let others: Vec<(Switch, Values)> = Switch::ALL
        .iter()
        .flat_map(|&switch| switch.each().map(move |values| (switch, values)))
        .filter(|&(switch, values)| open.of(switch).0 & values.0 != 0 && open.closed().of(switch) != values)
        .collect();
    let name = |(switch, values): (Switch, Values)| {
        format!("{} = {}", switch.info().name, values.names(switch).collect::<String>())
    };
    let one = others.iter().map(|&other| (open.narrowed(other.0, other.1).closed(), name(other)));
    std::iter::once((open.closed(), "closed".to_owned())).chain(one).collect()
}

/// Whether two readings of an ambiguity lead to different answers or sights, under any profile's other readings.
fn tells_apart(scenario: &Scenario, id: &str) -> bool {
    let mut switches = Switch::ALL.iter().filter(|switch| switch.info().id == id);
    switches.any(|&switch| {
        Profile::all().iter().any(|profile| {
            let mut traces = switch.each().map(|values| {
                let closed = profile.readings().closed();
                let others = Switch::ALL.iter().filter(|&&other| other != switch);
                let readings = others.fold(Readings::OPEN.narrowed(switch, values), |readings, &other| {
                    readings.narrowed(other, closed.of(other))
                });
                refer(scenario, readings, readings).trace
            });
            let first = traces.next();
            traces.any(|other| Some(other) != first)
        })
    })
}
