//! Small starting worlds.

use tombstone_model::ids::{UserId, UserSet};
use tombstone_model::plan::{ComputerSetup, ItemSetup, Kind, Method, Names, Plan, Rights, Setup, UserSetup};
use tombstone_model::time::{Schedules, Zone};

/// Ann, her laptop, and a contact of hers in her mailbox.
pub(crate) fn one_contact() -> Plan {
    let ann = UserId(0);
    let mut contact = ItemSetup::new(Kind::Contact, ann);
    contact.copies = UserSet::of(ann);
    plan(vec![contact], Schedules::default())
}

/// One contact, tracked and in CRM.
pub(crate) fn one_tracked_contact() -> Plan {
    let mut plan = one_contact();
    let contact = &mut plan.setup.items[0];
    (contact.tracked, contact.in_crm) = (contact.copies, true);
    plan
}

/// Ann, her laptop, and these items.
pub(crate) fn plan(items: Vec<ItemSetup>, schedules: Schedules) -> Plan {
    let setup = Setup {
        zone: Zone::utc("2016-03-01T09:00:00Z".parse().expect("an instant")),
        users: vec![UserSetup { method: Method::OutlookClient, delegates: UserSet::EMPTY, rights: Rights::ALL }],
        computers: vec![ComputerSetup { user: UserId(0), synchronizing: true }],
        items,
        bystanders: 0,
        schedules,
    };
    let names = Names::invented(&setup);
    Plan { setup, steps: Vec::new(), names }
}
