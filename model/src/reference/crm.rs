//! What users do in CRM.

use crate::ids::{ItemId, UserId};
use crate::plan::{Kind, KindSet, Status};
use crate::readings::decide::Decide;
use crate::rules::{Edited, RecordAct, RecordEdit};
use crate::world::{CrmAction, Presence, Record, all_occurrences, initial};

use super::linked::parent_to;
use super::{Frame, StepOutcome};

/// Does something to a record, on the server or in a local copy.
#[inline]
pub(super) fn in_crm<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    record: &mut Record,
    by: UserId,
    action: CrmAction,
    decide: &mut D,
) -> StepOutcome {
    let setup = &frame.scene.items[id.index()];
    let rights = frame.scene.users[by.index()].rights;
    if action == CrmAction::Create {
        let edit = RecordEdit::of(RecordAct::Create, record.word, rights);
        if let (row, Edited::Refused) = frame.rules.editing.ask(&edit, decide) {
            return StepOutcome::Refused(row);
        }
        let all = all_occurrences(frame.scene.schedule(setup.when));
        let occurrences = if setup.kind == Kind::RecurringAppointment { all } else { 1 };
        let word = initial(setup).with_owner(by).with_occurrences(occurrences);
        *record = Record {
            word: if record.presence == Presence::Gone { word.of_next(record.word) } else { word },
            deleted_at: record.deleted_at,
            presence: Presence::Present,
        };
        return StepOutcome::DONE;
    }
    if !record.is_present() {
        return StepOutcome::Impossible;
    }
    let kind = record.word.record();
    let word = record.word;
    let is_activity = KindSet::REGARDING.contains(kind);
    let refused = |act: RecordAct, decide: &mut D| {
        let (rule, edited) = frame.rules.editing.ask(&RecordEdit::of(act, word, rights), decide);
        let refused = edited == Edited::Refused || edited == Edited::Free && decide.pick(2, 0) == 1;
        refused.then_some(StepOutcome::Refused(rule))
    };
    // What has no date or is regarding nothing cannot be given one.
    if !is_activity && matches!(action, CrmAction::When(_) | CrmAction::Regarding(_)) {
        return StepOutcome::Impossible;
    }
    let refusal = match action {
        CrmAction::Title(_) | CrmAction::When(_) | CrmAction::Organizer(_) => refused(RecordAct::Content, decide),
        CrmAction::Regarding(_) => refused(RecordAct::Regarding, decide),
        CrmAction::Delete => refused(RecordAct::Delete, decide),
        CrmAction::Assign(_) => refused(RecordAct::Owner, decide),
        // Whether it makes sense comes first.
        CrmAction::Create
        | CrmAction::Parent(_)
        | CrmAction::Complete
        | CrmAction::Cancel
        | CrmAction::DeleteOccurrence(_) => None,
    };
    if let Some(refusal) = refusal {
        return refusal;
    }
    match action {
        CrmAction::Title(token) => record.word = record.word.with_title(token),
        CrmAction::When(when) => record.word = record.word.with_when(when),
        CrmAction::Delete => {
            record.presence = Presence::Gone;
            record.deleted_at = frame.context.now;
        }
        CrmAction::DeleteOccurrence(n) => {
            let rest = record.word.occurrences() & !(1 << n);
            if kind != Kind::RecurringAppointment || rest == record.word.occurrences() || rest == 0 {
                return StepOutcome::Impossible;
            }
            if let Some(refusal) = refused(RecordAct::Delete, decide).or_else(|| refused(RecordAct::Occurrence, decide))
            {
                return refusal;
            }
            record.word = record.word.with_occurrences(rest);
            record.deleted_at = frame.context.now;
        }
        CrmAction::Regarding(to) => record.word = record.word.with_regarding_bits(to.0 + 1),
        CrmAction::Parent(to) => {
            if kind != Kind::Contact {
                return StepOutcome::Impossible;
            }
            if let (row, false) = frame.rules.linking.ask(&parent_to(frame, to), decide) {
                return StepOutcome::Refused(row);
            }
            if let Some(refusal) = refused(RecordAct::Content, decide) {
                return refusal;
            }
            record.word = record.word.with_parent_bits(to.0 + 1);
        }
        CrmAction::Complete | CrmAction::Cancel => {
            if !is_activity {
                return StepOutcome::Impossible;
            }
            // Its status is part of what cannot be edited.
            if let Some(refusal) = refused(RecordAct::Status, decide) {
                return refusal;
            }
            let status = if action == CrmAction::Complete { Status::Completed } else { Status::Cancelled };
            record.word = record.word.with_status(status);
        }
        CrmAction::Assign(to) => record.word = record.word.with_owner(to),
        CrmAction::Organizer(to) => {
            if !kind.is_calendar() {
                return StepOutcome::Impossible;
            }
            record.word = record.word.with_organizer(Some(to));
        }
        CrmAction::Create => return StepOutcome::Impossible,
    }
    StepOutcome::DONE
}
