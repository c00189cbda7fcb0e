//! The suite on every built-in implementation: what each scenario comes to, which rows it meets, and what its author
//! expects.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use tombstone_campaign::judge::{by_server, unmet};
use tombstone_engines as engines;
use tombstone_model::ids::{ItemId, UserId};
use tombstone_model::implementation::{Answer, Implementation};
use tombstone_model::plan::{Kind, Plan, Status};
use tombstone_model::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::{Fate, Reading, Rule, RuleId, Rules};
use tombstone_model::switches::{Readings, Switch, Values};
use tombstone_model::trace::Trace;
use tombstone_model::verdict::Verdict;
use tombstone_model::view::{Location, View, Word};
use tombstone_scenarios::{Expected, Fact, Scenario, Standing, facts, suite};
use tombstone_search::run::{Runner, Terms};

/// The ambiguity whose second reading allows everything, so that no reference can show it.
const FREE: &str = "X-05";

fn scenarios() -> Vec<Scenario> {
    let parse = |(path, text)| Scenario::parse(path, text).unwrap_or_else(|errors| panic!("{errors}"));
    suite().into_iter().map(parse).collect()
}

fn profile(scenario: &Scenario) -> &'static Profile {
    let name = scenario.profile.as_deref().unwrap_or(Profile::DEFAULT);
    Profile::named(name).unwrap_or_else(|| panic!("{}: no profile `{name}`", scenario.id))
}

/// What came of one scenario on one implementation.
struct Ran {
    verdict: Verdict,
    trace: Trace,
    /// The rows that the oracle met on the way, under every reading that is open.
    met: BTreeSet<RuleId>,
}

impl Ran {
    /// The same, as the table numbers them.
    fn rows(&self) -> BTreeSet<&'static str> {
        self.met.iter().map(|&id| Rules::documented().rule(id).row.as_str()).collect()
    }
}

fn run(scenario: &Scenario, open: Readings, mut implementation: Box<dyn Implementation>) -> Ran {
    let rules = profile(scenario).rules();
    let terms = Terms { rules, readings: open, skip_unsupported: false };
    let mut runner = Runner::new(terms, &scenario.plan, &*implementation);
    let mut trace = Trace::default();
    let run = runner.run(&scenario.plan, &mut *implementation, Some(&mut trace));
    let met = runner.met();
    let ids = rules.rows().iter().zip(0..).map(|(_, id)| RuleId(id));
    Ran { verdict: run.verdict, trace, met: ids.filter(|&id| met.count(id) > 0).collect() }
}

/// The reference, under one closed set of readings.
fn refer(scenario: &Scenario, readings: Readings) -> Ran {
    hold(scenario, readings, profile(scenario).readings())
}

/// The same, held to other readings than those of the scenario's profile.
fn hold(scenario: &Scenario, readings: Readings, open: Readings) -> Ran {
    run(scenario, open, Box::new(Reference::new("reference", rules(), readings)))
}

fn rules() -> Arc<Rules> {
    static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::documented().clone()));
    Arc::clone(&RULES)
}

fn last(trace: &Trace) -> &View {
    trace.moments.last().map_or(&trace.start, |moment| &moment.view)
}

/// A built-in implementation besides the reference: its name and how it is made. Each follows the default profile.
type Other = (&'static str, fn() -> Box<dyn Implementation>);

const OTHERS: [Other; 2] = [
    ("outlook-client", || engines::outlook_client(engines::Make::default())),
    ("server-side", || engines::server_side(engines::Make::default())),
];

#[test]
fn every_implementation_conforms_to_every_scenario() {
    let mut lines = Vec::new();
    let mut wrong = Vec::new();
    let mut came_to = |scenario: &Scenario, name: &str, ran: &Ran| match &ran.verdict {
        Verdict::Conforms => {
            let unmet = scenario.expectations.iter().filter_map(|expectation| unmet(scenario, expectation, &ran.trace));
            wrong.extend(unmet.map(|(expected, seen)| format!("{} on {name}: {expected}; {seen}", scenario.id)));
            ends(&scenario.plan, last(&ran.trace))
        }
        Verdict::Unsupported(why) => format!("unsupported, {why}"),
        Verdict::Diverges(_) | Verdict::Broken(_) | Verdict::Undecided(_) => {
            wrong.push(format!("{} on {name}: {:?}", scenario.id, ran.verdict));
            "wrong".to_owned()
        }
    };
    for scenario in scenarios() {
        let readings = profile(&scenario).readings();
        let reference = refer(&scenario, readings);
        let seen = came_to(&scenario, "reference", &reference);
        let rows = reference.rows().into_iter().collect::<Vec<_>>().join(" ");
        let mut line = format!("{} | {rows} | {seen}", scenario.id);
        let default = profile(&scenario).name == Profile::DEFAULT;
        for (name, make) in OTHERS.into_iter().filter(|_| default) {
            let other = came_to(&scenario, name, &run(&scenario, readings, make()));
            let other = if other == seen { "same" } else { &other };
            line.push_str(&format!(" | {name}: {other}"));
        }
        lines.push(line);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    insta::assert_snapshot!(lines.join("\n"));
}

/// The rules are said to hold under server-side synchronization too: every scenario is played again with all mailboxes
/// synchronized by the server. Its author's expectations are not held against that, only the documents are.
#[test]
fn every_scenario_conforms_where_the_server_synchronizes() {
    let mut wrong = Vec::new();
    let mut conforming = 0;
    for mut scenario in scenarios() {
        by_server(&mut scenario.plan);
        let readings = profile(&scenario).readings();
        let mut judge = |name: &str, ran: Ran| match ran.verdict {
            Verdict::Conforms => conforming += 1,
            Verdict::Diverges(_) | Verdict::Unsupported(_) | Verdict::Broken(_) | Verdict::Undecided(_) => {
                wrong.push(format!("{} on {name}: {:?}", scenario.id, ran.verdict));
            }
        };
        judge("reference", refer(&scenario, readings));
        if profile(&scenario).name == Profile::DEFAULT {
            judge("server-side", run(&scenario, readings, engines::server_side(engines::Make::default())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(conforming > 600, "{conforming}");
}

/// Where everything is at the end, in a few words: `kickoff: CRM absent, anna untracked`.
fn ends(plan: &Plan, view: &View) -> String {
    let items = (0..plan.setup.items.len() as u8).map(ItemId).map(|item| {
        let users = (0..plan.setup.users.len() as u8).map(UserId);
        let boxes = users.map(|user| (plan.names.user(user), view.get(item, Location::Mailbox(user))));
        let seen: Vec<String> = std::iter::once(("CRM", view.get(item, Location::Crm)))
            .chain(boxes)
            .map(|(place, word)| {
                format!("{place} {}", content(word, place == "CRM", plan.setup.items[item.index()].kind))
            })
            .collect();
        format!("{}: {}", plan.names.item(item), seen.join(", "))
    });
    // Of a large selection the first and the last say enough.
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [first, .., last] if items.len() > 6 => format!("{first}; … {last}"),
        all => all.join("; "),
    }
}

fn content(word: Word, in_crm: bool, kind: Kind) -> String {
    let mut words = vec![
        match word.count() {
            0 => "absent",
            1 if in_crm => "there",
            1 if word.is_tracked() => "tracked",
            1 => "untracked",
            _ => "doubled",
        }
        .to_owned(),
    ];
    if word.is_present() {
        if word.title() > 0 {
            words.push(format!("#{}", word.title()));
        }
        match word.status() {
            Status::Completed if kind != Kind::Email => words.push("completed".to_owned()),
            Status::Cancelled => words.push("cancelled".to_owned()),
            Status::Open | Status::Completed => {}
        }
        if kind == Kind::RecurringAppointment {
            words.push(format!("{:04b}", word.occurrences()));
        }
    }
    words.join(" ")
}

#[test]
fn every_step_is_possible() {
    for scenario in scenarios() {
        let Ran { trace, .. } = refer(&scenario, profile(&scenario).readings());
        let skipped = trace.moments.iter().find(|moment| moment.answer.is_none());
        if let Some(moment) = skipped {
            panic!("{}: step {} is impossible: {:?}", scenario.id, moment.number + 1, moment.step);
        }
    }
}

/// An expectation says what the documents decide: it holds whichever reading each open switch takes, under the profile that
/// the scenario names, or under the default where it names none.
#[test]
fn expectations_hold_under_every_reading_of_the_profile() {
    let mut wrong = Vec::new();
    for scenario in scenarios() {
        let open = profile(&scenario).readings();
        let mut free = BTreeSet::new();
        for (readings, reading) in variants(open) {
            let Ran { verdict, trace, met } = hold(&scenario, readings, open);
            free.extend(met.iter().flat_map(|&id| left_open(Rules::documented().rule(id), open)));
            if verdict != Verdict::Conforms {
                wrong.push(format!("{} ({reading}): {verdict:?}", scenario.id));
            }
            for expectation in &scenario.expectations {
                // What could not be done under this reading proves nothing of it.
                let skipped = trace.moments.iter().any(|m| m.answer.is_none() && m.number < expectation.after);
                let Some((expected, seen)) = unmet(&scenario, expectation, &trace).filter(|_| !skipped) else {
                    continue;
                };
                wrong.push(format!(
                    "{} ({reading}), after step {}: expected {expected}; seen {seen}",
                    scenario.id, expectation.after
                ));
            }
        }
        let in_crm = |at: Location| at == Location::Crm;
        let seen = scenario.expectations.iter().filter_map(|expectation| match expectation.what {
            Expected::Seen { at, .. } => Some(in_crm(at)),
            Expected::Refused(_) | Expected::Prompt(_) => None,
        });
        if let Some((_, row)) = seen.flat_map(|in_crm| free.range((in_crm, "")..(in_crm, "Z"))).next() {
            wrong.push(format!("{} (row {row}) expects what a reading leaves to the implementation", scenario.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The sides, CRM or not, that a row leaves to the implementation under some of the readings.
fn left_open(rule: &'static Rule, open: Readings) -> impl Iterator<Item = (bool, &'static str)> {
    let possible = move |reading: &&Reading| reading.switches.iter().all(|&(at, values)| open.of(at).0 & values.0 != 0);
    let certain = move |reading: &Reading| reading.switches.iter().all(|&(at, values)| open.of(at).0 & !values.0 == 0);
    // What follows a reading that is certain to hold is never asked.
    let asked = rule.readings.iter().position(certain).map_or(rule.readings.len(), |at| at + 1);
    rule.readings[..asked].iter().filter(possible).flat_map(|reading| {
        let free = |fate: Option<Fate>| fate == Some(Fate::Free);
        let sides = [(true, free(reading.then.crm)), (false, free(reading.then.outlook))];
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

/// A scenario that cites a row meets it, and one that cites an ambiguity tells two readings of it apart.
#[test]
fn what_is_cited_matters() {
    let rules = Rules::documented();
    let known: BTreeSet<&str> = rules.rows().iter().map(|rule| rule.row.as_str()).collect();
    let mut covered = BTreeSet::new();
    let mut wrong = Vec::new();
    for scenario in scenarios() {
        let mut met = BTreeSet::new();
        for (readings, _) in variants(profile(&scenario).readings()) {
            met.extend(refer(&scenario, readings).rows());
        }
        for id in &scenario.covers {
            if id.starts_with('D') && !known.contains(id.as_str()) {
                wrong.push(format!("{}: there is no row {id}", scenario.id));
            } else if id.starts_with('D') && !met.contains(id.as_str()) {
                wrong.push(format!("{}: cites {id} and meets {met:?}", scenario.id));
            } else if id.starts_with("X-") && id != FREE && !tells_apart(&scenario, id) {
                wrong.push(format!("{}: no reading of {id} shows", scenario.id));
            }
            covered.insert(id.clone());
        }
    }
    let missing: Vec<&&str> = known.iter().filter(|row| !covered.contains(**row)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(missing.is_empty(), "no scenario covers {missing:?}");
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
                refer(scenario, readings).trace
            });
            let first = traces.next();
            traces.any(|other| Some(other) != first)
        })
    })
}

#[test]
fn what_is_refused_changes_nothing() {
    for scenario in scenarios() {
        let Ran { trace, .. } = refer(&scenario, profile(&scenario).readings());
        let views = std::iter::once(&trace.start).chain(trace.moments.iter().map(|moment| &moment.view));
        for (before, moment) in views.zip(&trace.moments) {
            if moment.answer == Some(Answer::Refused) {
                assert_eq!(before, &moment.view, "{}: step {}", scenario.id, moment.number + 1);
            }
        }
    }
}

/// Every fact that must hold and that steps can reach has a scenario; what has none is listed, and so is what is beyond
/// the steps.
#[test]
fn every_must_that_steps_reach_is_covered() {
    let facts = facts();
    let cited: BTreeSet<String> = scenarios().into_iter().flat_map(|scenario| scenario.covers).collect();
    let unknown: Vec<&String> =
        cited.iter().filter(|id| id.starts_with('F') && facts.iter().all(|fact| fact.id != **id)).collect();
    assert!(unknown.is_empty(), "no such facts: {unknown:?}");
    let open: Vec<&Fact> = facts.iter().filter(|fact| !cited.contains(&fact.id)).collect();
    let forgotten: Vec<&&Fact> =
        open.iter().filter(|fact| fact.status == Standing::Must && fact.beyond.is_none()).collect();
    assert!(forgotten.is_empty(), "{forgotten:#?}");
    let lines = open.iter().map(|fact| {
        let why = fact.beyond.as_ref().map_or(String::new(), |beyond| format!(" (beyond: {beyond})"));
        format!("{} {}: {}{why}", fact.id, fact.status.name(), fact.subject)
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}
