//! What led to a divergence: the earlier step that made what is missing, or that should have been all there was.

use tombstone_model::implementation::Answer;
use tombstone_model::plan::{Change, Deletion, Effect, Op};
use tombstone_model::trace::{Moment, Trace};
use tombstone_model::verdict::{Check, Divergence, Sighting};
use tombstone_model::view::Field;

/// The earlier steps behind a divergence, oldest first; none where the last step is all there is to it.
pub fn causes<'t>(divergence: &Divergence, trace: &'t Trace) -> Vec<&'t Moment> {
    let done = |moment: &&Moment| matches!(moment.answer, Some(Answer::Done { .. }));
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
    let mut causes: Vec<&Moment> = step.into_iter().chain(crash).collect();
    causes.sort_by_key(|moment| moment.number);
    causes
}

/// Whether an operation on the item can bring about what differs there.
fn changes(op: Op, sighting: &Sighting) -> bool {
    let Sighting { expected, seen, .. } = *sighting;
    if expected.count() != seen.count() {
        return makes_or_ends(op);
    }
    expected.differing(seen, u64::MAX).any(|field| match field {
        Field::Title => matches!(op, Op::Edit { change: Change::Title(_), .. }),
        Field::When => matches!(op, Op::Edit { change: Change::When(_), .. }),
        Field::Status => matches!(op, Op::Complete { .. } | Op::Cancel { .. }),
        Field::Organizer => matches!(op, Op::ChangeOrganizer { .. }),
        Field::Owner => matches!(op, Op::Assign { .. } | Op::Track { .. }),
        Field::Regarding => matches!(op, Op::SetRegarding { .. }),
        Field::Parent => matches!(op, Op::SetParent { .. }),
        Field::Occurrences => matches!(op, Op::Delete { how: Deletion::Occurrence(_), .. }),
        Field::Record => matches!(op, Op::Track { .. }),
        Field::Tracked | Field::Count => makes_or_ends(op),
        Field::Required | Field::Optional | Field::Exceptions => matches!(op, Op::Edit { .. }),
    })
}

/// Whether an operation makes a copy, a record or the link between them, or ends one.
fn makes_or_ends(op: Op) -> bool {
    let part = matches!(op, Op::Delete { how: Deletion::Occurrence(_), .. });
    op.verb().effect() == Effect::Links && !part
}
