//! Whether the same again is the same: a reset is total, steps taken twice leave the same behind, items are known again,
//! and an edit right after another is seen.

use std::thread;
use std::time::Duration;

use tombstone_model::contract::implementation::{Answer, Implementation, ImplementationFailure, Operation};
use tombstone_model::ids::ItemId;
use tombstone_model::plan::{Change, Deletion, Op, Plan, Side, Step};
use tombstone_model::view::{Field, Location, View};

use super::trials::{USER, taken};
use super::{CheckResult, Complaint, Doctor};

/// The coarsest times of change that stores keep, and a little more: then an edit is another one to any engine.
const FAR_APART: Duration = Duration::from_millis(2100);

impl Doctor<'_> {
    /// Edits, deletions and a synchronization, as far as they are claimed; what was seen after each.
    fn routine(&mut self, plan: &Plan) -> Result<Vec<View>, ImplementationFailure> {
        let mut views = vec![self.start(plan)?];
        let edits = |side| move |item| Op::Edit { item, side, change: Change::Title(7) };
        let deletes = |side| move |item| Op::Delete { item, side, how: Deletion::Hard };
        let (outlook, crm) = (Side::Outlook(USER), Side::Crm);
        type Make = Box<dyn Fn(ItemId) -> Op>;
        let rounds: [(Operation, Make); 4] = [
            (Operation::EditInOutlook, Box::new(edits(outlook))),
            (Operation::EditInCrm, Box::new(edits(crm))),
            (Operation::DeleteInCrm, Box::new(deletes(crm))),
            (Operation::DeleteInOutlook, Box::new(deletes(outlook))),
        ];
        for (round, (operation, make)) in rounds.iter().enumerate() {
            let items =
                plan.setup.items.iter().zip(0u8..).filter(|(item, id)| {
                    usize::from(*id) % rounds.len() == round && self.claims(item.kind, *operation)
                });
            let steps: Vec<Step> = items.map(|(_, id)| taken(make(ItemId(id)))).collect();
            for answer in self.child.apply_batch(&steps) {
                if let Answer::Failed(failure) = answer {
                    return Err(failure);
                }
            }
            views.push(self.rested(plan)?);
            self.synchronize()?;
            views.push(self.observe(plan)?);
        }
        Ok(views)
    }

    pub(super) fn forgetting(&mut self) -> CheckResult {
        let plan = self.everything();
        let fresh = self.routine(&plan)?.swap_remove(0);
        // Something is left waiting on purpose.
        let waiting: Vec<Step> = plan
            .setup
            .items
            .iter()
            .zip(0u8..)
            .filter(|(item, _)| self.claims(item.kind, Operation::EditInOutlook))
            .map(|(_, id)| {
                let side = Side::Outlook(USER);
                taken(Op::Edit { item: ItemId(id), side, change: Change::Title(9) })
            })
            .collect();
        self.child.reset(&plan)?;
        if !waiting.is_empty() {
            self.child.apply_batch(&waiting);
        }
        let again = self.start(&plan)?;
        let mut complaints = Vec::new();
        if again != fresh {
            complaints.push(Complaint::new(
                format!(
                    "reset to the same world as before, the stores hold something else: {}",
                    differences(&plan, &fresh, &again)
                ),
                "begin with fresh folders, mailboxes or tables at every `reset`, in both stores",
            ));
        }
        self.synchronize()?;
        self.synchronize()?;
        let after = self.observe(&plan)?;
        if after != again {
            complaints.push(Complaint::new(
                format!("synchronizing right after a reset changes something: {}", differences(&plan, &again, &after)),
                "let `reset` throw away what the engine remembers too, and run it once so that what is tracked is linked",
            ));
        }
        let mut other = self.everything();
        other.names.items.iter_mut().for_each(|name| name.push_str("-again"));
        self.reset(&other)?;
        let unknown = self.unknown();
        if !unknown.is_empty() {
            complaints.push(Complaint::new(
                format!(
                    "after a reset to another world, something of the last one is still there: {}",
                    unknown.join(", ")
                ),
                "begin with fresh folders, mailboxes or tables at every `reset`, in both stores",
            ));
        }
        Ok(complaints)
    }

    pub(super) fn determinism(&mut self) -> CheckResult {
        let plan = self.everything();
        let (first, second) = (self.routine(&plan)?, self.routine(&plan)?);
        let differing = first.iter().zip(&second).position(|(first, second)| first != second);
        Ok(differing
            .map(|at| {
                Complaint::new(
                    format!(
                        "the same steps after the same reset left something else behind the second time: {}",
                        differences(&plan, &first[at], &second[at])
                    ),
                    "wait until the engine has finished before answering; if it synchronizes when nobody asks, do not claim \
                     `stepped`; if edits must be apart for the engine to see both, say so under `min_edit_gap_ms`",
                )
            })
            .into_iter()
            .collect())
    }

    pub(super) fn identity(&mut self) -> CheckResult {
        let plan = self.everything();
        let mut complaints = Vec::new();
        for (operation, side, word) in
            [(Operation::EditInOutlook, Side::Outlook(USER), "in Outlook"), (Operation::EditInCrm, Side::Crm, "in CRM")]
        {
            self.child.reset(&plan)?;
            let mut edited = Vec::new();
            for (setup, id) in plan.setup.items.iter().zip(0u8..) {
                if self.claims(setup.kind, operation) {
                    edited.push(taken(Op::Edit { item: ItemId(id), side, change: Change::Title(3) }));
                }
            }
            if !edited.is_empty() {
                self.child.apply_batch(&edited);
            }
            self.synchronize()?;
            self.synchronize()?;
            let view = self.observe(&plan)?;
            let unknown = self.unknown();
            let lost = plan.setup.items.iter().zip(0u8..).filter(|(_, id)| {
                let item = ItemId(*id);
                !view.get(item, Location::Crm).is_present() || !view.get(item, Location::Mailbox(USER)).is_present()
            });
            let lost: Vec<&str> = lost.map(|(_, id)| plan.names.item(ItemId(id))).collect();
            if !unknown.is_empty() {
                complaints.push(Complaint::new(
                    format!(
                        "after edits {word} and a synchronization the snapshot holds what no title or address names: {}",
                        unknown.join(", ")
                    ),
                    "keep titles (`NAME #TOKEN`) and addresses as they are written, in both stores; where neither survives, \
                     say in the snapshot under `item` which item it is",
                ));
            }
            if !lost.is_empty() && !unknown.is_empty() {
                complaints.push(Complaint::new(
                    format!("and these are no longer known in both stores: {}", lost.join(", ")),
                    "an edit must keep the rest of the text of a title",
                ));
            }
        }
        Ok(complaints)
    }

    /// Whether an edit is seen that comes right after another one was synchronized. Engines that go by the time of a
    /// change do not see it where that is no finer than a second.
    pub(super) fn edits_apart(&mut self) -> CheckResult {
        let mut complaints = Vec::new();
        for (operation, side, other, word) in [
            (Operation::EditInOutlook, Side::Outlook(USER), Location::Crm, "in Outlook"),
            (Operation::EditInCrm, Side::Crm, Location::Mailbox(USER), "in CRM"),
        ] {
            let missed = self.second_edits_missed(operation, side, other, Duration::ZERO)?;
            // One that is not seen later either is not missed for want of time.
            if missed.is_empty() || !self.second_edits_missed(operation, side, other, FAR_APART)?.is_empty() {
                continue;
            }
            let declared = self.child.introduction().capabilities.min_edit_gap_ms;
            let cause = format!(
                "edited {word}, synchronized, edited again at once and synchronized, these did not arrive on the other side: \
                 {}; with {} s between the edits they did",
                missed.join(", "),
                FAR_APART.as_secs_f64()
            );
            let remedy = format!(
                "say under `min_edit_gap_ms` how far apart edits must be for the engine to see both: {}",
                if declared == 0 { "nothing is said now" } else { "what is said now is too little" }
            );
            complaints.push(Complaint::new(cause, remedy));
        }
        Ok(complaints)
    }

    /// Edits every item twice, with a synchronization and so much time between, and names those of which the other side
    /// has the first edit only.
    fn second_edits_missed(
        &mut self,
        operation: Operation,
        side: Side,
        other: Location,
        apart: Duration,
    ) -> Result<Vec<String>, ImplementationFailure> {
        let plan = self.everything();
        let items = plan.setup.items.iter().zip(0u8..).map(|(item, id)| (item.kind, ItemId(id)));
        let able = items.filter(|(kind, _)| self.claims(*kind, operation) && self.sees(*kind, Field::Title));
        let able: Vec<ItemId> = able.map(|(_, item)| item).collect();
        if able.is_empty() {
            return Ok(Vec::new());
        }
        self.child.reset(&plan)?;
        let edit = |token| {
            let steps = able.iter().map(|&item| taken(Op::Edit { item, side, change: Change::Title(token) }));
            steps.collect::<Vec<Step>>()
        };
        self.child.apply_batch(&edit(1));
        self.synchronize()?;
        let between = self.observe(&plan)?;
        thread::sleep(apart);
        self.child.apply_batch(&edit(2));
        self.synchronize()?;
        self.synchronize()?;
        let after = self.observe(&plan)?;
        let arrived = |view: &View, item: ItemId, token| view.get(item, other).title() == token;
        let missed = able.iter().filter(|&&item| arrived(&between, item, 1) && arrived(&after, item, 1));
        Ok(missed.map(|&item| format!("`{}`", plan.names.item(item))).collect())
    }
}

/// The first few items in which two views differ, and how.
fn differences(plan: &Plan, before: &View, after: &View) -> String {
    let stride = before.words().len() / plan.setup.items.len().max(1);
    let differing = before.words().iter().zip(after.words()).enumerate().filter(|(_, (a, b))| a != b);
    let text = differing.take(3).map(|(n, (a, b))| {
        let item = plan.names.item(ItemId((n / stride.max(1)) as u8));
        let location = before.location(n % stride.max(1));
        let fields: Vec<&str> = a.differing(*b, u64::MAX).map(Field::name).collect();
        let presence = match (a.is_present(), b.is_present()) {
            (true, false) => "gone".to_owned(),
            (false, true) => "new".to_owned(),
            (true, true) | (false, false) => format!("another {}", fields.join(", ")),
        };
        format!("{item} {}: {presence}", tombstone_model::words::place(plan, location))
    });
    text.collect::<Vec<_>>().join("; ")
}
