//! Under which circumstances something fails: what is left of them in a plan that was shrunk decides.

use tombstone_model::ids::ItemId;
use tombstone_model::plan::{Kind, Plan, Status};
use tombstone_model::words;
use tombstone_reports::counted;
use tombstone_search::shrink::PLAIN;

/// The circumstances of a shrunk plan, in words: where its items are at the start and how they stand, how much else the
/// stores hold, the zone, and dates of note. How much time passes is a step of it.
pub(super) fn of(plan: &Plan) -> Vec<String> {
    let setup = &plan.setup;
    let named = |id: ItemId| plan.steps.iter().any(|step| step.op.items().is_some_and(|items| items.contains(id)));
    let ids = || (0..setup.items.len() as u8).map(ItemId);
    let idle = ids().filter(|&id| !named(id)).count() as u64;
    let mut circumstances: Vec<String> = ids().filter(|&id| named(id)).filter_map(|id| state(plan, id)).collect();
    let beside = idle + u64::from(setup.bystanders);
    if beside > 0 {
        circumstances.push(format!("beside {}", counted(beside, "other item")));
    }
    let mut dated = false;
    for id in ids().filter(|&id| named(id)) {
        let when = setup.items[id.index()].when;
        let Some(schedule) = setup.schedules.get(usize::from(when)) else { continue };
        if schedule.is_dated() && *schedule != PLAIN {
            circumstances.push(format!("{} on {}", plan.names.item(id), words::moment(plan, when)));
            dated = true;
        }
    }
    if dated || setup.zone.name() != "UTC" {
        circumstances.push(format!("from {} on", words::instant(&setup.zone, 0)));
    }
    circumstances
}

/// Where an item is at the start, and how it stands, where it is not tracked on both sides and open; none where it is.
fn state(plan: &Plan, id: ItemId) -> Option<String> {
    let item = &plan.setup.items[id.index()];
    if item.kind.is_crm_only() {
        return None;
    }
    let (copied, tracked) = (!item.copies.is_empty(), !item.tracked.is_empty());
    let place = match (copied, item.in_crm, tracked) {
        (true, true, true) => None,
        (true, true, false) => Some("on both sides, untracked"),
        (true, false, true) => Some("in Outlook only, tracked"),
        (true, false, false) => Some("in Outlook only, untracked"),
        (false, true, _) => Some("in CRM only"),
        (false, false, _) => Some("nowhere at first"),
    };
    // A message is closed from the start.
    let closed = (item.kind != Kind::Email && item.status != Status::Open).then(|| words::status(item.status));
    let told: Vec<&str> = place.into_iter().chain(closed).collect();
    (!told.is_empty()).then(|| format!("{} {}", plan.names.item(id), told.join(", ")))
}
