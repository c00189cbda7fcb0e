//! The deletion table with one thing turned round, for every row: an outcome, the prompt, or a condition.
//!
//! All of it is made from the rows themselves. Whoever adds a row adds its faults.

use std::sync::Arc;

use tombstone_model::decide::Closed;
use tombstone_model::implementation::Implementation;
use tombstone_model::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::{Fate, Prompt, Reply, Rule, Rules, Situation, Then, Trigger, When};
use tombstone_model::switches::Readings;
use tombstone_model::verdict::Check;

use super::{Expected, Fault};

/// What is seen of a decision: the other side, and of untracking the prompt as well.
type Seen = (Option<Fate>, Option<Fate>, Prompt, bool);

/// The faults of every row.
pub(super) fn faults() -> Vec<Fault> {
    let rules = Rules::documented();
    let readings = Profile::named(Profile::DEFAULT).map_or(Readings::OPEN, Profile::readings).closed();
    let documented = table(rules, readings);
    let mut tables = vec![documented.clone()];
    let mut faults = Vec::new();
    for rule in rules.rows() {
        for (name, what, edited) in edits(rules, rule, readings) {
            let faulty = rules.with_row(&rule.id, |rule| *rule = edited);
            let table = table(&faulty, readings);
            // Some edits change nothing, for another row says the same, or the same as another edit does.
            if tables.contains(&table) {
                continue;
            }
            let changed = Situation::all().filter(is_judged).zip(documented.iter().zip(&table));
            let changed = changed.filter(|(_, (before, after))| before != after).map(|(situation, _)| situation);
            let cited = |situation: Situation| {
                let row = rules.row(&situation);
                [row, rules.decide(row, &mut Closed(readings)).rule].map(|id| rules.rule(id).id.clone())
            };
            let mut rows: Vec<String> = changed.flat_map(cited).collect();
            rows.sort();
            rows.dedup();
            tables.push(table);
            faults.push(fault(rule, &name, &what, rows, faulty, readings));
        }
    }
    faults
}

fn fault(rule: &Rule, name: &str, what: &str, rows: Vec<String>, rules: Rules, readings: Readings) -> Fault {
    // After a crash the oracle cannot tell a row not followed from a change lost, and calls it the latter.
    let checks = vec![Check::Rule, Check::Prompt, Check::Readings, Check::Erased];
    let rules = Arc::new(rules);
    let id = format!("reference/{}-{name}", rule.id);
    let called = id.clone();
    let followed = Arc::clone(&rules);
    let make = move || -> Box<dyn Implementation> { Box::new(Reference::new(&called, Arc::clone(&rules), readings)) };
    Fault {
        id,
        what: format!("{}: {what}", rule.id),
        expected: Expected { checks, rows },
        equivalent: None,
        rules: Some((followed, rule.kinds.clone())),
        make: Arc::new(make),
        hidden: None,
    }
}

/// Whether the reference asks the table about a situation: of what is not tracked it never does.
fn is_judged(situation: &Situation) -> bool {
    let asked = situation.trigger == Trigger::Untrack || situation.reply == Reply::Unasked;
    situation.tracked && asked
}

/// All that a table lets anybody see.
fn table(rules: &Rules, readings: Readings) -> Vec<Seen> {
    let seen = |situation: Situation| {
        let decision = rules.decide(rules.row(&situation), &mut Closed(readings));
        match situation.trigger {
            Trigger::DeleteInOutlook => (None, Some(decision.crm), Prompt::Unasked, false),
            Trigger::DeleteInCrm => (Some(decision.outlook), None, Prompt::Unasked, false),
            Trigger::Untrack => {
                // Where no client is there, no prompt can appear.
                let asked = if situation.reply == Reply::NoClient { Prompt::Unasked } else { decision.prompt };
                (Some(decision.outlook), Some(decision.crm), asked, false)
            }
            Trigger::LeaveFilter => (Some(decision.outlook), None, Prompt::Unasked, decision.unlink),
        }
    };
    Situation::all().filter(is_judged).map(seen).collect()
}

/// A row with one thing turned round, each with a name and a sentence.
fn edits(rules: &Rules, rule: &Rule, readings: Readings) -> Vec<(String, String, Rule)> {
    let mut edits = Vec::new();
    let closed = rules.named(&rule.id).map(|id| rules.decide(id, &mut Closed(readings)));
    if let Some(decision) = closed {
        let then = Then {
            outlook: rule.then.outlook.map(|_| decision.outlook),
            crm: rule.then.crm.map(|_| decision.crm),
            prompt: rule.then.prompt.map(|_| decision.prompt),
            unlink: rule.then.unlink.map(|_| decision.unlink),
        };
        let mut outcome = |name: &str, what: String, then: Then| {
            edits.push((name.to_owned(), what, Rule { then, readings: Vec::new(), ..rule.clone() }));
        };
        for (name, fate) in [("outlook", then.outlook), ("crm", then.crm)] {
            let (flipped, what) = match fate {
                Some(Fate::Kept) => (Fate::Deleted, "deletes what should stay"),
                Some(Fate::Deleted) => (Fate::Kept, "keeps what should go"),
                Some(Fate::Free) | None => continue,
            };
            let flipped = if name == "crm" {
                Then { crm: Some(flipped), ..then }
            } else {
                Then { outlook: Some(flipped), ..then }
            };
            outcome(&format!("{name}-flipped"), format!("on the side of {name} it {what}"), flipped);
        }
        if rule.triggers.contains(&Trigger::Untrack) && !rule.overrides {
            let asks = then.prompt == Some(Prompt::Asked);
            let what = if asks { "does not ask" } else { "asks" };
            outcome("prompt-flipped", format!("the client {what}"), Then { prompt: Some(Prompt::of(!asks)), ..then });
        }
    }
    for (condition, slot) in CONDITIONS {
        let mut dropped = rule.clone();
        let Some(asked) = slot(&mut dropped.when).take() else { continue };
        let mut negated = rule.clone();
        *slot(&mut negated.when) = Some(!asked);
        edits.push((format!("{condition}-dropped"), format!("whether `{condition}` holds does not matter"), dropped));
        edits.push((format!("{condition}-negated"), format!("`{condition}` is taken for its opposite"), negated));
    }
    if !rule.when.reply.is_empty() {
        let mut dropped = rule.clone();
        dropped.when.reply = vec![Reply::Yes, Reply::No, Reply::Unasked];
        edits.push(("reply-dropped".to_owned(), "how the prompt was answered does not matter".to_owned(), dropped));
        let mut negated = rule.clone();
        negated.when.reply = Reply::ALL.into_iter().filter(|reply| !rule.when.reply.contains(reply)).collect();
        edits.push(("reply-negated".to_owned(), "the answer is taken for its opposite".to_owned(), negated));
    }
    edits
}

/// A condition of a row, to be edited.
type Slot = fn(&mut When) -> &mut Option<bool>;

/// Every condition that a row can have but that the pair is tracked, which the reference takes for granted.
const CONDITIONS: [(&str, Slot); 8] = [
    ("current", |when| &mut when.current),
    ("current-and-owner", |when| &mut when.current_and_owner),
    ("owner", |when| &mut when.owner),
    ("organizer", |when| &mut when.organizer),
    ("owner-or-organizer", |when| &mut when.owner_or_organizer),
    ("open", |when| &mut when.open),
    ("privileged", |when| &mut when.privileged),
    ("occurrence", |when| &mut when.occurrence),
];
