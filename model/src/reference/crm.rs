//! What users do in CRM.

use crate::decide::Decide;
use crate::ids::{ItemId, UserId};
use crate::plan::{Kind, Status};
use crate::switches::{Switch, Values};
use crate::world::{CrmAction, Presence, Record, all_occurrences, initial};

use super::{Frame, Outcome, Refusal};

/// Does something to a record, on the server or in a local copy.
#[inline]
pub(super) fn in_crm<D: Decide>(
    frame: &Frame<'_>,
    id: ItemId,
    record: &mut Record,
    by: UserId,
    action: CrmAction,
    decide: &mut D,
) -> Outcome {
    let setup = &frame.scene.items[id.index()];
    if action == CrmAction::Create {
        let all = all_occurrences(frame.scene.schedule(setup.when));
        let occurrences = if setup.kind == Kind::RecurringAppointment { all } else { 1 };
        let word = initial(setup).with_owner(by).with_occurrences(occurrences);
        *record = Record {
            word: if record.presence == Presence::Gone { word.of_next(record.word) } else { word },
            deleted_at: record.deleted_at,
            presence: Presence::Present,
        };
        return Outcome::DONE;
    }
    if !record.is_present() {
        return Outcome::Impossible;
    }
    let kind = record.word.record();
    let is_open = record.word.status() == Status::Open;
    let is_activity = !kind.is_crm_only() && kind != Kind::Contact;
    match action {
        // A closed activity cannot be edited; of a sent message, only what it is regarding
        // ("Save an Outlook appointment or task as a CRM activity").
        CrmAction::Title(_) | CrmAction::When(_) | CrmAction::Organizer(_) if is_activity && !is_open => {
            return Outcome::Refused(if kind == Kind::Email { Refusal::Sent } else { Refusal::Closed });
        }
        CrmAction::Regarding(_) if is_activity && !is_open && kind != Kind::Email => {
            return Outcome::Refused(Refusal::Closed);
        }
        // A message may have been sent or received, and the exception is made for what was sent.
        CrmAction::Regarding(_)
            if kind == Kind::Email && !is_open && !decide.holds(Switch::ReceivedMessageRegarding, Values::FIRST) =>
        {
            return Outcome::Refused(Refusal::Closed);
        }
        CrmAction::Title(token) => record.word = record.word.with_title(token),
        CrmAction::When(when) => {
            if !is_activity {
                return Outcome::Impossible;
            }
            record.word = record.word.with_when(when);
        }
        CrmAction::Delete => {
            if !frame.scene.users[by.index()].may_delete {
                return Outcome::Refused(Refusal::Privilege);
            }
            record.presence = Presence::Gone;
            record.deleted_at = frame.context.now;
        }
        CrmAction::DeleteOccurrence(n) => {
            let rest = record.word.occurrences() & !(1 << n);
            if kind != Kind::RecurringAppointment || rest == record.word.occurrences() || rest == 0 {
                return Outcome::Impossible;
            }
            if !frame.scene.users[by.index()].may_delete {
                return Outcome::Refused(Refusal::Privilege);
            }
            record.word = record.word.with_occurrences(rest);
            record.deleted_at = frame.context.now;
        }
        CrmAction::Regarding(to) => {
            if !is_activity {
                return Outcome::Impossible;
            }
            record.word = record.word.with_regarding_bits(to.0 + 1);
        }
        CrmAction::Parent(to) => {
            if kind != Kind::Contact {
                return Outcome::Impossible;
            }
            record.word = record.word.with_parent_bits(to.0 + 1);
        }
        CrmAction::Complete | CrmAction::Cancel => {
            if !is_activity || !is_open {
                return Outcome::Impossible;
            }
            let status = if action == CrmAction::Complete { Status::Completed } else { Status::Cancelled };
            record.word = record.word.with_status(status);
        }
        CrmAction::Assign(to) => record.word = record.word.with_owner(to),
        CrmAction::Organizer(to) => {
            if !kind.is_calendar() {
                return Outcome::Impossible;
            }
            record.word = record.word.with_organizer(Some(to));
        }
        CrmAction::Create => return Outcome::Impossible,
    }
    Outcome::DONE
}
