//! Disasters from outside, for adapters that can bring them about: the engine loses its memory, a store loses its content,
//! or the engine runs while it cannot reach CRM. Afterwards it is synchronized to rest.
//!
//! The documents say nothing of these, so that what comes of them is an observation, in the category of the disaster. A
//! loss, a doubling, a resurrection or a forgotten change is a finding. The implementation is its own witness: what it
//! leaves is compared with what it leaves undisturbed.

use tombstone_model::ids::ItemId;
use tombstone_model::implementation::{Answer, Failure, Implementation};
use tombstone_model::plan::{Op, Plan, Side};
use tombstone_model::view::{Location, View, Word};
use tombstone_reports::ImplementationReport;

use crate::adapter::ChildImplementation;
use crate::adapter::protocol::{Blow, DisasterWord};
use crate::findings::{find, observe};
use crate::kill;

/// What happens to the implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disaster {
    /// The engine forgets all it remembers.
    MemoryLost,
    /// Outlook loses everything.
    OutlookEmptied,
    /// CRM loses everything.
    CrmEmptied,
    /// The engine is run while it cannot reach CRM.
    CrmUnreachable,
}

impl Disaster {
    const ALL: [Self; 4] = [Self::MemoryLost, Self::OutlookEmptied, Self::CrmEmptied, Self::CrmUnreachable];

    /// The category of what comes of it.
    fn category(self) -> &'static str {
        match self {
            Self::MemoryLost => "after its memory was lost",
            Self::OutlookEmptied => "after Outlook was emptied",
            Self::CrmEmptied => "after CRM was emptied",
            Self::CrmUnreachable => "after CRM was out of reach",
        }
    }

    fn word(self) -> DisasterWord {
        match self {
            Self::MemoryLost => DisasterWord::LoseState,
            Self::OutlookEmptied => DisasterWord::EmptyOutlook,
            Self::CrmEmptied => DisasterWord::EmptyCrm,
            Self::CrmUnreachable => DisasterWord::UnreachableCrm,
        }
    }

    /// Brings it about, and synchronizes.
    fn strike(self, child: &mut ChildImplementation) -> Answer {
        let struck = match self {
            Self::MemoryLost => child.lose_state(None),
            Self::OutlookEmptied => child.strike(Blow::EmptyOutlook),
            Self::CrmEmptied => child.strike(Blow::EmptyCrm),
            Self::CrmUnreachable => {
                let cut = child.strike(Blow::CutCrm);
                // How it fails is its own affair; that it does no harm is not.
                child.apply(&kill::synchronize());
                if matches!(cut, Answer::Done { .. }) { child.strike(Blow::MendCrm) } else { cut }
            }
        };
        if matches!(struck, Answer::Done { .. }) { child.apply(&kill::synchronize()) } else { struck }
    }

    /// The store that is empty afterwards.
    fn emptied(self) -> Option<Location> {
        match self {
            Self::OutlookEmptied => Some(Location::Mailbox(kill::USER)),
            Self::CrmEmptied => Some(Location::Crm),
            Self::MemoryLost | Self::CrmUnreachable => None,
        }
    }
}

/// Brings every disaster about that the adapter can, and adds what came of them to its report; `example` says how to see
/// it again.
///
/// # Errors
/// Where the implementation cannot even be synchronized undisturbed.
pub fn disasters(
    child: &mut ChildImplementation,
    report: &mut ImplementationReport,
    example: &str,
) -> Result<(), Failure> {
    let able = child.introduction().capabilities.disasters.clone();
    let changed = kill::plan(&child.describe().capabilities);
    let mut untouched = changed.clone();
    untouched.steps.clear();
    for disaster in Disaster::ALL.into_iter().filter(|disaster| able.contains(&disaster.word())) {
        let plan = if disaster.emptied().is_some() { &untouched } else { &changed };
        let undisturbed = kill::to_rest(child, plan, &mut |child| child.apply(&kill::synchronize()))?;
        match kill::to_rest(child, plan, &mut |child| disaster.strike(child)) {
            Ok(view) => {
                for item in (0..plan.setup.items.len() as u8).map(ItemId) {
                    let Some(outcome) = outcome(disaster, item, &undisturbed, &view) else { continue };
                    let text = format!("{}: {}", history(plan, item), outcome.text());
                    let add = if outcome.is_wrong() { find } else { observe };
                    add(report, disaster.category(), &text, example);
                }
            }
            Err(failure) => find(report, disaster.category(), &failure.message, example),
        }
    }
    Ok(())
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    AsUndisturbed,
    Restored,
    LeftEmpty,
    LostInTheOtherStore,
    Lost,
    Doubled,
    Resurrected,
    ChangeLost,
    Apart,
    OtherwiseDifferent,
}

impl Outcome {
    fn text(self) -> &'static str {
        match self {
            Self::AsUndisturbed => "as if nothing had happened",
            Self::Restored => "the empty store is filled again from the other",
            Self::LeftEmpty => "the other store keeps it, and the empty one stays empty",
            Self::LostInTheOtherStore => "it is lost: the other store is emptied, too",
            Self::Lost => "it is lost",
            Self::Doubled => "it is doubled",
            Self::Resurrected => "it comes back",
            Self::ChangeLost => "the change is lost",
            Self::Apart => "the change stays in the store where it was made",
            Self::OtherwiseDifferent => "it is there, and not as it would be",
        }
    }

    /// Whether it is a finding.
    fn is_wrong(self) -> bool {
        match self {
            Self::LostInTheOtherStore | Self::Lost | Self::Doubled | Self::Resurrected | Self::ChangeLost => true,
            Self::AsUndisturbed | Self::Restored | Self::LeftEmpty | Self::Apart | Self::OtherwiseDifferent => false,
        }
    }
}

/// What became of an item; none of one that was nowhere.
fn outcome(disaster: Disaster, item: ItemId, undisturbed: &View, view: &View) -> Option<Outcome> {
    let places = [Location::Crm, Location::Mailbox(kill::USER)];
    let words = places.map(|place| (undisturbed.get(item, place), view.get(item, place)));
    let any = |test: &dyn Fn(Word, Word) -> bool| words.iter().any(|&(expected, seen)| test(expected, seen));
    if !any(&|expected, seen| expected.count() + seen.count() > 0) {
        return None;
    }
    let gone = |place: Location| undisturbed.get(item, place).count() > 0 && view.get(item, place).count() == 0;
    Some(if any(&|expected, seen| expected.count() < 2 && seen.count() > 1) {
        Outcome::Doubled
    } else if any(&|expected, seen| expected.count() == 0 && seen.count() > 0) {
        Outcome::Resurrected
    } else if let Some(emptied) = disaster.emptied() {
        let other = if emptied == Location::Crm { Location::Mailbox(kill::USER) } else { Location::Crm };
        match (gone(emptied), gone(other)) {
            (_, true) => Outcome::LostInTheOtherStore,
            (true, false) => Outcome::LeftEmpty,
            (false, false) => Outcome::Restored,
        }
    } else if places.into_iter().any(gone) {
        Outcome::Lost
    } else if any(&|expected, seen| expected.count() > 0 && expected.title() != seen.title()) {
        let kept = any(&|expected, seen| expected.count() > 0 && expected.title() == seen.title());
        if kept { Outcome::Apart } else { Outcome::ChangeLost }
    } else if any(&|expected, seen| expected != seen) {
        Outcome::OtherwiseDifferent
    } else {
        Outcome::AsUndisturbed
    })
}

/// What an item is, and what was done to it before.
fn history(plan: &Plan, item: ItemId) -> String {
    let side = |side: Side| if side == Side::Crm { "in CRM" } else { "in Outlook" };
    let before = plan.steps.iter().find(|step| step.op.items().is_some_and(|items| items.contains(item)));
    let kind = plan.setup.items[item.index()].kind.name();
    match before.map(|step| step.op) {
        Some(Op::Edit { side: at, .. }) => format!("{kind} edited {}", side(at)),
        Some(Op::Delete { side: at, .. }) => format!("{kind} deleted {}", side(at)),
        Some(Op::Create { side: at, .. }) => format!("{kind} created {}", side(at)),
        Some(_) => format!("{kind} changed"),
        None => format!("{kind} left alone"),
    }
}
