//! The deletion table: total, free of overlaps, and compiled faithfully.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use tombstone_model::plan::Kind;
use tombstone_model::readings::decide::{Closed, Fork};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::rules::documents::Document;
use tombstone_model::rules::table::{Question, Table};
use tombstone_model::rules::{
    Decision, Deleting, Fate, Prompt, Reply, Rule, RuleId, Rules, Situation, TableId, Then, Trigger,
};

fn rules() -> &'static Table<Deleting> {
    &Rules::documented().deletion
}

fn rows() -> &'static [Rule] {
    rules().rows().all()
}

fn rule(id: RuleId) -> &'static Rule {
    rules().rows().rule(id)
}

fn applies(rule: &Rule, situation: &Situation) -> bool {
    rule.applies(Deleting::index(situation))
}

/// The table read the slow way: no index, no classes, nothing derived.
fn naive(rows: &[Rule], situation: &Situation, readings: Readings) -> Decision {
    let at = rows.iter().position(|rule| !rule.overrides && applies(rule, situation)).expect("the table is total");
    let rule = &rows[at];
    let holds = |&(switch, values): &(Switch, Values)| readings.of(switch).0 & values.0 != 0;
    let reading = rule.readings.iter().find(|reading| reading.switches.iter().all(holds));
    let then = reading.map_or(Then::default(), |reading| reading.then);
    let id = |at: usize| RuleId { table: TableId::Deleting, row: u8::try_from(at).expect("few rows") };
    let then = then.or(rule.then);
    let mut decision = Decision {
        rule: id(at),
        outlook: Deleting::outlook(&then).expect("every row says what becomes of the copy"),
        crm: Deleting::crm(&then).expect("every row says what becomes of the record"),
        prompt: Deleting::prompt(&then).unwrap_or(Prompt::Unasked),
        unlink: then.0[3] == Some(1),
    };
    let privilege = rows.iter().position(|rule| rule.overrides && applies(rule, situation));
    if let Some(privilege) = privilege
        && decision.crm != Fate::Kept
        && decision.crm != Deleting::crm(&rows[privilege].then).unwrap_or(Fate::Kept)
    {
        let crm = Deleting::crm(&rows[privilege].then).expect("it restrains what becomes of the record");
        decision = Decision { rule: id(privilege), crm, ..decision };
    }
    decision
}

/// What is decided, without who is cited.
fn fates(decision: Decision) -> (Fate, Fate, Prompt, bool) {
    (decision.outlook, decision.crm, decision.prompt, decision.unlink)
}

#[test]
fn every_situation_has_exactly_one_row() {
    for situation in Situation::all() {
        let rows = rows().iter().filter(|rule| !rule.overrides && applies(rule, &situation));
        let ids: Vec<_> = rows.map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids.len(), 1, "{ids:?} decide {situation:?}");
    }
}

#[test]
fn the_index_agrees_with_the_rows_in_every_profile() {
    let closed: Vec<_> = Profile::all().iter().map(|profile| profile.readings().closed()).collect();
    check_index(&closed);
}

#[test]
fn the_index_agrees_with_the_rows_under_every_reading_of_every_switch() {
    let mut variations = Vec::new();
    for &switch in Switch::ALL {
        for value in switch.each() {
            variations.push(Readings::OPEN.narrowed(switch, value).closed());
        }
    }
    check_index(&variations);
}

/// Every combination of readings of those switches; the others are closed on their first.
fn combinations(switches: &[Switch]) -> Vec<Readings> {
    let mut combinations = vec![Readings::OPEN];
    for &switch in switches {
        let narrowed = |readings: &Readings| {
            let readings = *readings;
            switch.each().map(move |value| readings.narrowed(switch, value))
        };
        combinations = combinations.iter().flat_map(narrowed).collect();
    }
    combinations.into_iter().map(Readings::closed).collect()
}

fn check_index(variations: &[Readings]) {
    for situation in Situation::all() {
        let row = rules().row(&situation);
        for &readings in variations {
            let compiled = rules().decide(row, &mut Closed(readings));
            let naive = naive(rows(), &situation, readings);
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
    let known: BTreeSet<_> = rows().iter().map(|rule| rule.row.clone()).collect();
    let expected: BTreeSet<_> = (1..=43).map(|n| format!("D{n:02}")).collect();
    assert_eq!(known, expected);
    let ids: BTreeSet<_> = rows().iter().map(|rule| &rule.id).collect();
    assert_eq!(ids.len(), rows().len(), "ids are unique");
}

#[test]
fn no_row_is_unreachable() {
    let mut reached = BTreeSet::new();
    for situation in Situation::all() {
        let row = rules().row(&situation);
        reached.insert(rule(row).id.as_str());
        let decision = rules().decide(row, &mut Closed(Readings::OPEN.closed()));
        reached.insert(rule(decision.rule).id.as_str());
    }
    let all: BTreeSet<_> = rows().iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(all.difference(&reached).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn every_reading_changes_something() {
    for rule in rows() {
        let situation = Situation::all().find(|situation| applies(rule, situation)).expect("every row applies");
        let combinations = combinations(&rule.switches());
        for n in 0..rule.readings.len() {
            let mut without = rows().to_vec();
            let same = without.iter_mut().find(|other| other.id == rule.id).expect("the row is there");
            same.readings.remove(n);
            let differs = combinations.iter().any(|&readings| {
                let outcome = |rows: &[Rule]| {
                    let privileged = Situation { privileged: true, ..situation };
                    let situation = if applies(rule, &privileged) { privileged } else { situation };
                    let rows: Vec<_> = rows.iter().filter(|rule| !rule.overrides).cloned().collect();
                    fates(naive(&rows, &situation, readings))
                };
                outcome(rows()) != outcome(&without)
            });
            assert!(differs, "{}: reading {n}, {}, decides nothing", rule.id, rule.readings[n].words());
        }
    }
}

/// Every id that a look-up can give, with a situation that gives it.
fn ids() -> BTreeMap<RuleId, Situation> {
    Situation::all().map(|situation| (rules().row(&situation), situation)).collect()
}

#[test]
fn two_ids_are_of_one_class_exactly_if_they_decide_alike() {
    let ids: Vec<_> = ids().into_keys().collect();
    let compare = |one: RuleId, other: RuleId| {
        let mut switches = rule(one).switches();
        switches.extend(rule(other).switches());
        switches.sort_unstable();
        switches.dedup();
        combinations(&switches).into_iter().all(|readings| {
            let decide = |id| fates(rules().decide(id, &mut Closed(readings)));
            decide(one) == decide(other)
        })
    };
    for (n, &one) in ids.iter().enumerate() {
        for &other in &ids[..n] {
            let same = rules().class(one) == rules().class(other);
            let names = [one, other].map(|id| (id, &rule(id).id));
            assert_eq!(same, compare(one, other), "{names:?}");
        }
    }
}

#[test]
fn a_fork_finds_every_decision_that_some_closed_reading_takes() {
    for &id in ids().keys() {
        let closed: BTreeSet<_> = combinations(&rule(id).switches())
            .into_iter()
            .map(|readings| fates(rules().decide(id, &mut Closed(readings))))
            .collect();
        let mut forked = BTreeSet::new();
        let mut fork = Fork::new(Readings::OPEN);
        loop {
            let decision = rules().decide(id, &mut fork);
            assert_eq!(fork.readings.contradiction(), None, "{}", rule(id).id);
            forked.insert(fates(decision));
            if !fork.advance() {
                break;
            }
        }
        assert_eq!(forked, closed, "{}", rule(id).id);
    }
}

#[test]
fn what_holds_across_the_table_holds_under_every_reading() {
    for (id, situation) in ids() {
        let rule = rule(id);
        for readings in combinations(&rule.switches()) {
            let Decision { outlook, crm, prompt, .. } = rules().decide(id, &mut Closed(readings));
            let context = format!("{}: {situation:?}", rule.id);
            if prompt == Prompt::Asked && situation.reply == Reply::No {
                assert_eq!(crm, Fate::Kept, "No never deletes a record: {context}");
            }
            if situation.kind == Kind::Email && situation.trigger == Trigger::DeleteInOutlook {
                assert_eq!(crm, Fate::Kept, "messages never cascade: {context}");
            }
            if situation.kind == Kind::Email && situation.trigger == Trigger::DeleteInCrm {
                assert_eq!(outlook, Fate::Kept, "messages never cascade: {context}");
            }
            let reads_otherwise = readings.of(Switch::NonownerUntrackContact) != Values::FIRST;
            if situation.trigger == Trigger::Untrack && !(situation.kind == Kind::Contact && reads_otherwise) {
                assert_eq!(outlook, Fate::Kept, "untracking deletes no Outlook item: {context}");
            }
            match situation.trigger {
                Trigger::DeleteInOutlook => assert_eq!(outlook, Fate::Deleted, "{context}"),
                Trigger::DeleteInCrm => assert_eq!(crm, Fate::Deleted, "{context}"),
                Trigger::Untrack | Trigger::LeaveFilter => {}
            }
            let one = situation.occurrence && crm == Fate::Free;
            if !situation.privileged && situation.trigger != Trigger::DeleteInCrm && !one {
                assert_eq!(crm, Fate::Kept, "without the privilege nothing is deleted: {context}");
            }
        }
    }
}

#[test]
fn a_row_without_a_document_says_so() {
    for rule in rows() {
        assert!(rule.sources.iter().all(|source| Document::titled(source).is_some()), "{}", rule.id);
        assert!(!rule.facts.is_empty(), "{} rests on no statement", rule.id);
        let silent = rule.facts.iter().any(|fact| fact.starts_with('K'));
        assert!(!rule.sources.is_empty() || silent || !rule.extends.is_empty(), "{} cites nothing", rule.id);
    }
}

#[test]
fn an_edited_row_decides_otherwise_and_only_it() {
    let closed = || Closed(Profile::named(Profile::DEFAULT).expect("it exists").readings().closed());
    let all = Rules::documented();
    let differing = |edited: &Rules| -> BTreeSet<String> {
        let differ = |situation: &Situation| {
            let decide = |rules: &Rules| fates(rules.deletion.ask(situation, &mut closed()));
            decide(edited) != decide(all)
        };
        let rows = Situation::all().filter(differ).map(|situation| rule(rules().row(&situation)).id.clone());
        rows.collect()
    };
    let flipped = all.with_row("D08", |rule| rule.then.0[0] = Some(Fate::Deleted as u8));
    assert_eq!(differing(&flipped), BTreeSet::from(["D08".to_owned()]));
    let unconditional = all.with_row("D16", |rule| *rule.when.of("current") = None);
    assert_eq!(differing(&unconditional), BTreeSet::from(["D19".to_owned()]));
    let negated = all.with_row("D27", |rule| *rule.when.of("current") = Some(0b01));
    assert_eq!(differing(&negated), BTreeSet::from(["D27".to_owned(), "D28".to_owned()]));
    let everybody = all.with_row("D42", |rule| *rule.when.of("kinds") = Some(0));
    assert!(differing(&everybody).contains("D12"));
    assert_ne!(flipped.version(), all.version());
    assert_eq!(all.with_row("D08", |_| {}).deletion.rows().all(), rows());
}

#[test]
fn the_documented_table() {
    let readings = Profile::named(Profile::DEFAULT).expect("the default profile exists").readings().closed();
    let mut text = String::new();
    for (id, rule) in rules().rows().ids() {
        let words = |words: Vec<&str>| words.join(" ");
        let kinds = words(rule.when.values("kinds").collect());
        let triggers = words(rule.when.values("trigger").collect());
        let decision = rules().decide(id, &mut Closed(readings));
        let outcome = if rule.overrides {
            format!("crm {}, whatever another row says", decision.crm.name())
        } else {
            let prompt = if decision.prompt == Prompt::Asked { ", asks" } else { "" };
            format!("outlook {}, crm {}{prompt}", decision.outlook.name(), decision.crm.name())
        };
        let certainty = rule.certainty.name();
        writeln!(text, "{} [{certainty}] {triggers}: {kinds}", rule.id).expect("strings take text");
        writeln!(text, "    {}\n    ({})\n    -> {outcome}", rule.title, rule.conditions()).expect("strings take text");
        for reading in &rule.readings {
            writeln!(text, "    | {}", reading.words()).expect("strings take text");
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn everything_wrong_with_a_file_is_said_at_once() {
    let text = r#"
[[rule]]
id = "A1"
title = "one"
kinds = ["email", "fish"]
trigger = "delete-in-outlok"
then = { outlook = "gone", crm = "kept" }
certainty = "D"
sources = ["A page"]

[[rule]]
id = "A1"
title = "two"
kinds = "account"
trigger = "untrack"
like = "A7"
then = { outlook = "kept", crm = "kept", link = "torn" }
certainty = "A"

[[rule.reading]]
switch = { contact_outlook_delete = "sometimes", colour = "red" }
then = { crm = "deleted" }

[[rule]]
id = "A2"
titel = "three"
"#;
    let errors =
        Table::<Deleting>::parse(&[("faulty.toml", text), ("broken.toml", "[[rule")]).expect_err("it is faulty");
    insta::assert_snapshot!(errors.to_string());
}

#[test]
fn a_table_with_gaps_and_overlaps_is_refused() {
    let text = r#"
[[rule]]
id = "A1"
title = "one"
kinds = "email"
trigger = "untrack"
then = { outlook = "kept", crm = "kept" }
certainty = "A"

[[rule]]
id = "A2"
like = "A1"
title = "two"
when = { owner = true }
certainty = "A"
"#;
    let errors = Table::<Deleting>::parse(&[("partial.toml", text)]).expect_err("it is partial").to_string();
    let overlap = errors.lines().next().expect("an error");
    assert!(overlap.starts_with("A1: row `A2` decides the same"), "{overlap}");
    // Nine kinds and four triggers: untracked messages are left out, and all of the others.
    assert_eq!(errors.lines().filter(|line| line.starts_with("no row decides")).count(), 36, "{errors}");
}

#[test]
fn a_meeting_request_is_an_appointment_and_what_is_never_tracked_changes_alone() {
    let mut closed = Closed(Readings::OPEN.closed());
    for situation in Situation::all().filter(|situation| situation.kind == Kind::Appointment) {
        let request = Situation { kind: Kind::MeetingRequest, ..situation };
        assert_eq!(rules().row(&request), rules().row(&situation), "{situation:?}");
        let account = Situation { kind: Kind::Account, ..situation };
        let Decision { rule, outlook, crm, .. } = rules().decide(rules().row(&account), &mut closed);
        let untracked = Situation { tracked: false, ..situation };
        let alone = rules().decide(rules().row(&untracked), &mut closed);
        assert_eq!((rule, outlook, crm), (alone.rule, alone.outlook, alone.crm), "{account:?}");
    }
}
