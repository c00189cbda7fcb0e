//! What led to a divergence: the earlier step that made what is missing, or that should have been all there was.

use tombstone_model::contract::implementation::Answer;
use tombstone_model::plan::{Change, Deletion, Effect, Op};
use tombstone_model::trace::{TakenStep, Trace};
use tombstone_model::verdict::{Check, Divergence, Sighting};
use tombstone_model::view::{Field, Shape};

/// The earlier steps behind a divergence, oldest first; none where the last step is all there is to it.
pub fn causes<'t>(divergence: &Divergence, trace: &'t Trace) -> Vec<&'t TakenStep> {
    let done = |moment: &&TakenStep| matches!(moment.answer, Some(Answer::Done { .. } | Answer::Offered(_)));
    let (Some(id), Some((last, earlier))) = (divergence.item, trace.moments.split_last()) else { return Vec::new() };
    let names = |op: Op| op.items().is_some_and(|items| items.contains(id));
    if names(last.step.op) {
        return Vec::new();
    }
    let concerns = |op: Op| divergence.sightings.iter().any(|sighting| changes(op, sighting));
    let steps = || earlier.iter().filter(done).filter(|moment| names(moment.step.op));
    let step = steps().rfind(|moment| concerns(moment.step.op)).or_else(|| steps().next_back());
    let crash = earlier.iter().filter(done).rfind(|moment| moment.step.op.crash().is_some());
    let crash = crash.filter(|_| divergence.check == Check::Erased);
    let mut causes: Vec<&TakenStep> = step.into_iter().chain(crash).collect();
    causes.sort_by_key(|moment| moment.number);
    causes
}

/// Whether an operation on the item can bring about what differs there.
fn changes(op: Op, sighting: &Sighting) -> bool {
    let Sighting { expected, seen, .. } = *sighting;
    if expected.count() != seen.count() {
        return makes_or_ends(op);
    }
    expected.differing(seen, u64::MAX).any(|field| match field.row().shape {
        Shape::Flag | Shape::Count => makes_or_ends(op),
        Shape::There => deletes_a_part(op),
        Shape::Title
        | Shape::When
        | Shape::Status
        | Shape::User
        | Shape::SomeUser
        | Shape::SomeItem
        | Shape::Users
        | Shape::Moved
        | Shape::Kind => writes(op, field),
    })
}

/// Whether an operation writes a field. An edit writes one of those that it can name, or one that goes with them.
fn writes(op: Op, field: Field) -> bool {
    let named = [Change::Title(0), Change::When(0)].map(Change::field);
    let by_edit = |change: Change| change.field() == field || !named.contains(&field);
    let meant = if let Op::Edit { change, .. } = op { by_edit(change) } else { true };
    field.row().changed_by.contains(&op.verb()) && meant
}

fn deletes_a_part(op: Op) -> bool {
    matches!(op, Op::Delete { how: Deletion::Occurrence(_), .. })
}

/// Whether an operation makes a copy, a record or the link between them, or ends one.
fn makes_or_ends(op: Op) -> bool {
    op.verb().effect() == Effect::Links && !deletes_a_part(op)
}
