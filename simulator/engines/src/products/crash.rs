//! What a crash leaves behind.

use tombstone_model::ids::ItemId;
use tombstone_model::plan::{Connection, Op, Place};

use crate::flaw::Pass;

use super::age::unacknowledged;
use super::row::{FoundPair, double, pairs, products};

/// The pairs that a crash kept from being looked at.
fn not_reached(pass: &Pass<'_>) -> Vec<FoundPair> {
    let Some(crash) = pass.crash else { return Vec::new() };
    pairs(pass).into_iter().filter(|found| found.item > crash.at).collect()
}

products! {
    "created-again-after-a-lost-answer" client
        "a record whose creation was not acknowledged is created again"
        "owncloud-archive/apps issue 254"
        [Doubled] {
            before: |pass| {
                if pass.office.noted.replace(0) == 1 {
                    for row in unacknowledged(pass) {
                        double(pass, row);
                    }
                }
            },
            crashed: |pass| pass.office.noted.set(1)
        };
    "acknowledged-before-the-write" both
        "what a crash kept from being sent counts as sent"
        "BasedHardware/omi pull request 13148"
        [Erased, Carried] {
            crashed: |pass| {
                for found in not_reached(pass) {
                    pass.memory.agree(pass.office, pass.user, found.item, found.entry.fields);
                }
            }
        };
    "cursor-before-the-items" both
        "the place up to which everything was read is kept before it is worked on, and a crash skips the rest"
        "standardnotes/snjs pull request 602"
        [Erased, Carried, Rule, Missing, Link] {
            crashed: |pass| pass.memory.skip(pass.office, pass.user)
        };
    "deletions-forgotten-in-a-crash" both
        "deletions that a crash kept from being carried are forgotten"
        "mozilla/application-services issue 5028"
        [Erased, Rule] {
            crashed: |pass| {
                for found in not_reached(pass).iter().filter(|found| !found.present || found.row.is_none()) {
                    pass.memory.look(found.item, false);
                }
            }
        };
    "listing-cut-short-by-a-crash" both
        "what a crash kept from being listed is taken for deleted"
        "phw198/OutlookGoogleCalendarSync issue 2022"
        [Vanished, Rule, Erased] {
            crashed: |pass| {
                for found in not_reached(pass) {
                    pass.office.crm.delete(found.record);
                }
            }
        };
    "linked-anew-by-date-after-a-crash" both
        "after a crash items are linked anew with records of the same kind and date"
        "thunderbird/thunderbird-android issue 1074"
        [Carried, Rule, Vanished, Erased] {
            crashed: |pass| {
                let found = pairs(pass);
                let alike = |one: &FoundPair, other: &FoundPair| {
                    let kind = |item: ItemId| pass.office.item(item).record;
                    one.agreed.when() == other.agreed.when() && kind(one.item) == kind(other.item)
                };
                let first = |one: &FoundPair| found.iter().find(|other| alike(one, other)).map(|other| other.record);
                let new: Vec<_> = found.iter().filter_map(|one| Some((one.item, first(one)?))).collect();
                for (item, record) in new {
                    pass.memory.pair_with(pass.office, pass.user, item, record);
                }
            }
        };
    "restart-connects" both
        "a computer that was offline when it crashed connects when it starts, and drops what waited"
        "GetDutchie/brick issue 549"
        [Cache, Erased, Carried] {
            acted: |office, step| {
                if let (Op::Restart, Place::Computer(id)) = (step.op, step.at)
                    && office.computers[id.index()].connection == Connection::Offline
                {
                    office.arrive(id);
                }
            }
        };
}
