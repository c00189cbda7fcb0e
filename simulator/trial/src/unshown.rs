//! What nothing shows: rows that the reference never comes to, and an implementation that writes, at every synchronization, what it does not claim to show.
//!
//! Nobody can say what should stand there, so that every step is explained; only that it never comes to rest is wrong.

use std::sync::Arc;

use tombstone_model::contract::implementation::{
    Answer, Capabilities, Description, Implementation, ImplementationFailure,
};
use tombstone_model::ids::{ItemId, UserId};
use tombstone_model::plan::{Op, Plan, Step};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::Readings;
use tombstone_model::reference::Reference;
use tombstone_model::rules::{RuleId, Rules};
use tombstone_model::verdict::Check;
use tombstone_model::view::{Field, Location, View};

use super::fault::{ConvictedBy, Fault};

/// The rows that the reference never comes to, and why. Nothing that is wrong with them alone is ever shown by it.
pub(super) const NEVER_ASKED: [(&str, &str); 3] = [
    ("C04", "it sends before it fetches, so that no crash falls between the two"),
    ("C05", "it compares, and keeps no journal: an edit that changed nothing is none to it"),
    ("E10", "it looks for a deletion before it looks at an edit"),
];

/// The other rows of which no fault is made, and why; those that no plan meets say so themselves.
pub(super) const WITHOUT_FAULT: [(&str, &str); 11] = [
    ("D11-unprivileged", "D42 keeps every record that the user may not delete, whatever this row says"),
    ("D40", UNTRACKED),
    ("D40-crm", UNTRACKED),
    ("D40-untrack", UNTRACKED),
    ("D40-leave-filter", UNTRACKED),
    ("E14-without", "it leaves either way free"),
    ("E17", "it leaves either way free"),
    ("D43-email", "it keeps what no filter brings, so that nothing can leave one"),
    ("W01", "by a reading that is open it leaves either way free"),
    ("Q02", "it leaves either way free"),
    ("Q06", "by a reading that is open it leaves either way free"),
];

const UNTRACKED: &str = "nothing asks what crosses where nothing is tracked: what was acted on changes, and no more";

/// The rows of the tables that no fault is made of, each with the reason.
pub fn without_fault() -> impl Iterator<Item = (RuleId, &'static str)> {
    let rules = Rules::documented();
    let listed = NEVER_ASKED.iter().chain(&WITHOUT_FAULT);
    rules.ids().filter_map(move |(id, rule)| {
        let why = listed.clone().find(|(listed, _)| *listed == rule.id).map(|(_, why)| *why);
        Some((id, why.or(rule.unreachable.as_deref())?))
    })
}

/// The reference, but for titles.
struct Rewriting {
    reference: Reference,
    description: Description,
    items: u8,
    users: u8,
    synchronizations: u8,
}

/// The faulty implementation.
pub(super) fn fault() -> Fault {
    let id = "reference/never-at-rest";
    let make = move || -> Box<dyn Implementation> {
        let readings = Profile::named(Profile::DEFAULT).map_or(Readings::OPEN, Profile::readings);
        let reference = Reference::new(id, Arc::new(Rules::documented().clone()), readings);
        let mut capabilities = Capabilities::ALL;
        for kind in &mut capabilities.kinds {
            kind.fields &= !Field::Title.mask();
        }
        let description = Description { capabilities, ..reference.describe().clone() };
        Box::new(Rewriting { reference, description, items: 0, users: 0, synchronizations: 0 })
    };
    Fault {
        id: id.to_owned(),
        what: "every synchronization writes another title, which is not shown, into the mailbox".to_owned(),
        expected: ConvictedBy { checks: vec![Check::Unsettled], rows: Vec::new(), later: Vec::new() },
        equivalent: None,
        broken: None,
        make: Arc::new(make),
        hidden: None,
    }
}

impl Implementation for Rewriting {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        (self.items, self.users) = (plan.setup.items.len() as u8, plan.setup.users.len() as u8);
        self.synchronizations = 0;
        self.reference.reset(plan)
    }

    fn apply(&mut self, step: &Step) -> Answer {
        if let Op::Synchronize { .. } | Op::ServerSynchronize { .. } = step.op {
            self.synchronizations = self.synchronizations.wrapping_add(1);
        }
        self.reference.apply(step)
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        self.reference.observe(view)?;
        for item in (0..self.items).map(ItemId) {
            for mailbox in (0..self.users).map(|user| Location::Mailbox(UserId(user))) {
                let word = view.get(item, mailbox);
                if word.is_present() {
                    view.set(item, mailbox, word.with_title(self.synchronizations));
                }
            }
        }
        Ok(())
    }
}
