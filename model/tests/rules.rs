//! The deletion table: total, free of overlaps, and compiled faithfully.

use std::collections::BTreeSet;

use tombstone_model::decide::Closed;
use tombstone_model::rules::{Decision, Fate, Rule, RuleId, Rules, Situation, Then};
use tombstone_model::switches::{Readings, Switch, Values};

fn rules() -> &'static Rules {
    Rules::documented()
}

/// The table read the slow way: no index, no classes, nothing derived.
fn naive(rows: &[Rule], situation: &Situation, readings: Readings) -> Decision {
    let at = rows.iter().position(|rule| !rule.overrides && rule.applies(situation)).expect("the table is total");
    let rule = &rows[at];
    let holds = |&(switch, values): &(Switch, Values)| readings.of(switch).0 & values.0 != 0;
    let reading = rule.readings.iter().find(|reading| reading.switches.iter().all(holds));
    let then = reading.map_or(Then::default(), |reading| reading.then);
    let id = |at: usize| RuleId(u8::try_from(at).expect("few rows"));
    let mut decision = Decision {
        rule: id(at),
        outlook: then.outlook.or(rule.then.outlook).expect("every row says what becomes of the copy"),
        crm: then.crm.or(rule.then.crm).expect("every row says what becomes of the record"),
        prompt: then.prompt.or(rule.then.prompt).unwrap_or(false),
        unlink: then.unlink.or(rule.then.unlink).unwrap_or(false),
    };
    let privilege = rows.iter().position(|rule| rule.overrides && rule.applies(situation));
    if let Some(privilege) = privilege
        && decision.crm != Fate::Kept
    {
        decision = Decision { rule: id(privilege), crm: Fate::Kept, ..decision };
    }
    decision
}

/// What is decided, without who is cited.
fn fates(decision: Decision) -> (Fate, Fate, bool, bool) {
    (decision.outlook, decision.crm, decision.prompt, decision.unlink)
}

#[test]
fn every_situation_has_exactly_one_row() {
    for situation in Situation::all() {
        let rows = rules().rows().iter().filter(|rule| !rule.overrides && rule.applies(&situation));
        let ids: Vec<_> = rows.map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids.len(), 1, "{ids:?} decide {situation:?}");
    }
}

#[test]
fn the_index_agrees_with_the_rows_under_every_reading_of_every_switch() {
    let mut variations = vec![Readings::OPEN.closed()];
    for &switch in Switch::ALL {
        for n in 1..switch.info().values.len() {
            let value = Values::nth(u8::try_from(n).expect("few readings"));
            variations.push(Readings::OPEN.narrowed(switch, value).closed());
        }
    }
    check_index(&variations);
}

fn check_index(variations: &[Readings]) {
    for situation in Situation::all() {
        let row = rules().row(&situation);
        for &readings in variations {
            let compiled = rules().decide(row, &mut Closed(readings));
            let naive = naive(rules().rows(), &situation, readings);
            assert_eq!(fates(compiled), fates(naive), "{situation:?}");
            // Where a privilege is lacking, readings that come to the same are not told apart, nor who is cited.
            if situation.privileged {
                assert_eq!(compiled.rule, naive.rule, "{situation:?}");
            }
        }
    }
}

#[test]
fn the_rows_are_those_of_the_table() {
    let rows: BTreeSet<_> = rules().rows().iter().map(|rule| rule.row.clone()).collect();
    let expected: BTreeSet<_> = (1..=43).map(|n| format!("D{n:02}")).collect();
    assert_eq!(rows, expected);
    let ids: BTreeSet<_> = rules().rows().iter().map(|rule| &rule.id).collect();
    assert_eq!(ids.len(), rules().rows().len(), "ids are unique");
}
