//! What a divergence rests on, in words: a row of the table, or a statement of a document.

use tombstone_model::plan::Op;
use tombstone_model::rules::{DOCUMENTS, Rule};
use tombstone_model::verdict::{Check, Divergence};

/// What a message says of the ground of a demand, and the titles of the documents behind it.
pub struct Grounds {
    /// In brackets: `D12: …`, or `F008, F126: …`.
    pub text: String,
    /// The titles.
    pub documents: Vec<&'static str>,
}

/// On what the demand rests that a divergence broke.
pub fn of(divergence: &Divergence, rule: Option<&Rule>) -> Grounds {
    if let Some(why) = divergence.refusal {
        return Grounds { text: format!("{}: {}", why.fact(), why.words()), documents: vec![why.source()] };
    }
    let check = divergence.check;
    match (check, rule) {
        (Check::Rule | Check::Prompt | Check::Erased | Check::Link, Some(rule)) => {
            Grounds { text: format!("{}: {}", rule.id, rule.title), documents: rule.sources.clone() }
        }
        (Check::Refusal, _) if divergence.sightings.is_empty() => {
            divergence.step.map_or_else(|| by_check(check), |step| permitted(step.op))
        }
        (
            Check::Rule
            | Check::Prompt
            | Check::Erased
            | Check::Link
            | Check::Refusal
            | Check::Vanished
            | Check::Resurrected
            | Check::Arrived
            | Check::Doubled
            | Check::Carried
            | Check::Missing
            | Check::Cache
            | Check::Convergence
            | Check::Unsettled
            | Check::Readings
            | Check::Bystander,
            _,
        ) => by_check(check),
    }
}

fn by_check(check: Check) -> Grounds {
    let facts = check.facts().join(", ");
    let text = if facts.is_empty() { check.meaning().to_owned() } else { format!("{facts}: {}", check.meaning()) };
    Grounds { text, documents: check.sources().to_vec() }
}

/// Which statement has an operation done.
fn permitted(op: Op) -> Grounds {
    const DELETING: &str = DOCUMENTS[0];
    const TRACKING: &str = DOCUMENTS[1];
    const SAVING: &str = DOCUMENTS[2];
    const OPTIONS: &str = DOCUMENTS[3];
    let (text, document) = match op {
        Op::Create { .. } => ("F001: an item that is nowhere yet can be made on either side", DELETING),
        Op::Edit { .. } | Op::Complete { .. } | Op::Cancel { .. } | Op::Assign { .. } | Op::ChangeOrganizer { .. } => {
            ("F008: what is not closed can be changed on either side", TRACKING)
        }
        Op::Delete { .. } => ("F050 to F062: an item can be deleted on either side", DELETING),
        Op::Track { .. } => ("F001, F014: an item can be tracked, and up to twenty of one kind together", DELETING),
        Op::Untrack { .. } => ("F030, F038: what is tracked can be untracked", DELETING),
        Op::SetRegarding { .. } | Op::SetParent { .. } => {
            ("F018, F019: regarding and parent can be set, which tracks an untracked item", SAVING)
        }
        Op::Synchronize { .. } | Op::Connect | Op::Disconnect => {
            ("F110: any computer of the user may connect and synchronize", TRACKING)
        }
        Op::GoOffline { .. } | Op::GoOnline { .. } => ("F124: the client can be taken offline and back", TRACKING),
        Op::ChooseSynchronizingComputer => ("F112: another computer can be chosen", OPTIONS),
        Op::ServerSynchronize { .. } => ("F041: the server synchronizes where that is the method", DELETING),
        Op::Restart | Op::Wait { .. } | Op::Settle => {
            ("a convention of the harness: this can always be done", DELETING)
        }
    };
    Grounds { text: text.to_owned(), documents: vec![document] }
}
