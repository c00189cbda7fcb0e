//! Which row has a step done, for whoever refuses it.

use crate::ids::{ItemId, ItemSet};
use crate::plan::{Op, Side, Step};
use crate::readings::decide::Closed;
use crate::readings::switches::Readings;
use crate::rules::{RecordAct, RecordEdit, RuleId, SelectionAct};
use crate::world::{CrmAction, Item, Link};

use super::Frame;
use super::linked::parent_to;
use super::meaning::{Meaning, meaning};
use super::outlook::{candidate, selected};

/// The row by which a step that names an item is done to it, where a row says so; the item stands as before the step.
pub fn permitting(frame: &Frame<'_>, step: &Step, id: ItemId, item: &Item, readings: Readings) -> Option<RuleId> {
    let decide = &mut Closed(readings.closed());
    let setup = &frame.scene.items[id.index()];
    let rules = frame.rules;
    let select =
        |act, items: ItemSet, decide: &mut Closed| rules.selection.ask(&selected(frame, id, act, items), decide).0;
    let crm = match meaning(&step.op, setup.record) {
        Meaning::Items(_, crm) => crm,
        Meaning::Computer(_) | Meaning::Server(..) | Meaning::Wait(_) | Meaning::Settle | Meaning::Options => {
            return None;
        }
    };
    match (step.op, step.op.side()) {
        (Op::Track { items, .. }, _) if items.is_several() => Some(select(SelectionAct::Track, items, decide)),
        (Op::Untrack { items, .. }, _) => Some(select(SelectionAct::Untrack, items, decide)),
        (Op::Track { record, .. }, _) => {
            Some(rules.tracking.ask(&candidate(setup, record.unwrap_or(setup.record)), decide).0)
        }
        (Op::SetParent { to, .. }, _) => Some(rules.linking.ask(&parent_to(frame, to), decide).0),
        (Op::SetRegarding { .. }, Some(Side::Outlook(mailbox))) => {
            let untracked = item.pairs[mailbox.index()].link == Link::None;
            untracked.then(|| rules.tracking.ask(&candidate(setup, setup.record), decide).0)
        }
        (_, Some(Side::Crm)) => {
            let act = match crm? {
                CrmAction::Title(_) | CrmAction::When(_) | CrmAction::Organizer(_) => RecordAct::Content,
                CrmAction::Regarding(_) => RecordAct::Regarding,
                CrmAction::Delete | CrmAction::DeleteOccurrence(_) => RecordAct::Delete,
                CrmAction::Complete | CrmAction::Cancel => RecordAct::Status,
                CrmAction::Create => RecordAct::Create,
                CrmAction::Assign(_) => RecordAct::Owner,
                CrmAction::Parent(_) => return None,
            };
            let edit = RecordEdit::of(act, item.record.word, frame.scene.users[step.by.index()].rights);
            Some(rules.editing.ask(&edit, decide).0)
        }
        (_, Some(Side::Outlook(_)) | None) => None,
    }
}
