//! Every table of rules: total, free of overlaps, compiled faithfully, and resting on something.

use std::collections::BTreeSet;

use tombstone_model::readings::decide::Closed;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::rules::documents::Document;
use tombstone_model::rules::table::form::Answers;
use tombstone_model::rules::table::{Rows, Then};
use tombstone_model::rules::{Rule, Rules, TableId};

/// The readings of every profile, every reading of every switch by itself, and those that a row names together.
fn variations() -> Vec<Readings> {
    let profiles = Profile::all().iter().map(|profile| profile.readings().closed());
    let each = |&switch: &Switch| switch.each().map(move |value| Readings::OPEN.narrowed(switch, value).closed());
    let together = plain().flat_map(Rows::all).flat_map(|rule| &rule.readings).map(|reading| {
        let narrowed = |readings: Readings, &(switch, values): &(Switch, Values)| readings.narrowed(switch, values);
        reading.switches.iter().fold(Readings::OPEN, narrowed).closed()
    });
    profiles.chain(Switch::ALL.iter().flat_map(each)).chain(together).collect()
}

/// A row read the slow way.
fn naive(table: &Rows, rule: &Rule, readings: Readings) -> Answers {
    let holds = |&(switch, values): &(Switch, Values)| readings.of(switch).0 & values.0 != 0;
    let reading = rule.readings.iter().find(|reading| reading.switches.iter().all(holds));
    table.form().outcome(&rule.then, &reading.map_or(Then::default(), |reading| reading.then))
}

/// The tables but that of deletions, in which rows override others: it has tests of its own.
fn plain() -> impl Iterator<Item = &'static Rows> {
    Rules::documented().tables().filter(|table| table.table() != TableId::Deleting)
}

#[test]
fn every_situation_has_one_row_and_the_index_agrees_with_it_under_every_reading() {
    let variations = variations();
    for table in plain() {
        let mut met = BTreeSet::new();
        for index in table.form().spoken() {
            let rules: Vec<_> = table.ids().filter(|(_, rule)| rule.applies(index)).collect();
            let [(id, rule)] = rules[..] else { panic!("{rules:?} decide {}", table.form().words(index)) };
            met.insert(id);
            for &readings in &variations {
                let (cited, answers) = table.decide(table.row(index), &mut Closed(readings));
                assert_eq!((cited, answers), (id, naive(table, rule, readings)), "{}", table.form().words(index));
            }
        }
        assert_eq!(met.len(), table.all().len(), "{}: a row applies nowhere", table.form().name);
    }
}

#[test]
fn every_row_rests_on_something_and_every_reading_changes_something() {
    let mut ids = BTreeSet::new();
    for (id, rule) in Rules::documented().tables().flat_map(Rows::ids) {
        assert!(ids.insert(&rule.id), "{} is in two tables", rule.id);
        assert_eq!(Rules::documented().named(&rule.id), Some(id));
        assert!(!rule.facts.is_empty(), "{} rests on no statement", rule.id);
        assert!(rule.sources.iter().all(|title| Document::titled(title).is_some()), "{}", rule.id);
    }
    let variations = variations();
    for table in plain() {
        for rule in table.all() {
            for n in 0..rule.readings.len() {
                let mut without = rule.clone();
                without.readings.remove(n);
                let differs = |&readings: &Readings| naive(table, rule, readings) != naive(table, &without, readings);
                assert!(variations.iter().any(differs), "{}: {} decides nothing", rule.id, rule.readings[n].words());
            }
        }
    }
}

/// What a title says of an outcome is said in words: no place of a title is left empty.
#[test]
fn every_title_says_what_is_decided() {
    for profile in Profile::all() {
        for rule in profile.rules().tables().flat_map(Rows::all) {
            assert!(!rule.title.contains("  ") && !rule.title.ends_with(' '), "{}: `{}`", rule.id, rule.title);
            assert!(rule.template.contains('{') || rule.template == rule.title, "{}: `{}`", rule.id, rule.title);
        }
    }
}
