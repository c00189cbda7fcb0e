//! What a divergence rests on, in words: a row of the table, or a statement of a document.

use tombstone_model::plan::{Ground, Op};
use tombstone_model::rules::Rule;
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
    let Ground { text, document } = op.verb().ground();
    Grounds { text: text.to_owned(), documents: vec![document] }
}
