//! The suite as a whole: what each scenario comes to on every built-in implementation, and what all of them cover. What must
//! hold of each is in `scenarios.rs`.

use std::collections::BTreeSet;

use tombstone_model::ids::{ItemId, UserId};
use tombstone_model::plan::{Kind, Plan, Status};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_model::rules::facts::{Fact, Standing, facts};
use tombstone_model::trace::Trace;
use tombstone_model::verdict::RunVerdict;
use tombstone_model::view::{Location, View, Word};
use tombstone_scenarios::{Scenario, scenarios};
use tombstone_tests::played::{OTHERS, Played, play, profile, refer};

/// What each scenario comes to, and the rows that it meets, for a person to review.
#[test]
fn what_the_scenarios_come_to() {
    let came_to = |scenario: &Scenario, played: &Played| match &played.verdict {
        RunVerdict::Conforms => ends(&scenario.plan, last(&played.trace)),
        RunVerdict::Unsupported(why) => format!("unsupported, {why}"),
        RunVerdict::Diverges(_) | RunVerdict::Broken(_) | RunVerdict::Undecided(_) => format!("{:?}", played.verdict),
    };
    let line = |scenario: Scenario| {
        let readings = profile(&scenario).readings();
        let reference = refer(&scenario, readings, readings);
        let seen = came_to(&scenario, &reference);
        let rows = reference.deletions().into_iter().collect::<Vec<_>>().join(" ");
        let mut line = format!("{} | {rows} | {seen}", scenario.id);
        let default = profile(&scenario).name == Profile::DEFAULT;
        for (name, make) in OTHERS.into_iter().filter(|_| default) {
            let other = came_to(&scenario, &play(&scenario, readings, make()));
            let other = if other == seen { "same" } else { &other };
            line.push_str(&format!(" | {name}: {other}"));
        }
        line
    };
    insta::assert_snapshot!(scenarios().into_iter().map(line).collect::<Vec<_>>().join("\n"));
}

fn last(trace: &Trace) -> &View {
    trace.moments.last().map_or(&trace.start, |moment| &moment.view)
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

/// Every row has a scenario that cites it, and no scenario cites a row that there is not.
#[test]
fn every_row_is_covered() {
    let rules = || Rules::documented().ids().map(|(_, rule)| rule);
    let known: BTreeSet<&str> = rules().map(|rule| rule.row.as_str()).collect();
    let letters: BTreeSet<char> = known.iter().filter_map(|row| row.chars().next()).collect();
    // What nothing can meet no scenario can cover.
    let met: BTreeSet<&str> = rules().filter(|rule| rule.unreachable.is_none()).map(|rule| rule.row.as_str()).collect();
    let cited: BTreeSet<String> = scenarios().into_iter().flat_map(|scenario| scenario.covers).collect();
    let unknown: Vec<&String> = cited
        .iter()
        .filter(|id| id.len() == 3 && letters.contains(&id.as_bytes()[0].into()) && !known.contains(id.as_str()))
        .collect();
    let missing: Vec<&&str> = met.iter().filter(|row| !cited.contains(**row)).collect();
    assert!(unknown.is_empty(), "no such rows: {unknown:?}");
    assert!(missing.is_empty(), "no scenario covers {missing:?}");
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
