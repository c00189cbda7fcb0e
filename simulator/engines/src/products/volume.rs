//! Pages, and what lies beyond the first one.

use tombstone_model::ids::{ItemId, UserId};

use crate::flaw::{Listing, Pass};
use crate::office::Office;

use super::row::{delete_copy, pairs, products};

/// The place of an item in the list of all items of the CRM, or of a mailbox.
fn place(office: &Office, mailbox: Option<UserId>, item: ItemId) -> usize {
    // An engine of ours holds no bystanders; a product would list them before everything else.
    let bystanders = usize::from(office.setup.bystanders);
    match mailbox {
        Some(user) => {
            let before = office.mailboxes[user.index()].entries.values().filter(|entry| entry.item < item).count();
            before + if user == UserId(0) { bystanders } else { 0 }
        }
        None => bystanders + office.crm.rows.values().filter(|row| row.item < item).count(),
    }
}

/// Whether an item is on the first page of a mailbox.
fn on_first_page(it: &Listing<'_>, size: usize) -> bool {
    place(it.office, Some(it.user), it.item) < size
}

/// Takes what is not on the first page of the CRM for deleted there.
fn take_the_rest_for_deleted(pass: &mut Pass<'_>, size: usize) {
    for found in pairs(pass) {
        if found.present && found.row.is_some() && place(pass.office, None, found.item) >= size {
            delete_copy(pass, &found);
        }
    }
}

products! {
    "first-ten-changes" both
        "of more than ten changes only the first ten are read, and the others skipped"
        "Zren/plasma-applets issue 126"
        [Carried, Rule, Missing, Link, Resurrected, Arrived] {
            lists: |it| it.rank < 10
        };
    "first-page-of-twenty" both
        "what lies beyond the first twenty items of a mailbox is not synchronized"
        "memrynote/memry issue 1200"
        [Carried, Rule, Missing, Link, Resurrected, Arrived] {
            lists: |it| on_first_page(it, 20)
        };
    "first-page-of-fifty" both
        "what lies beyond the first fifty items of a mailbox is not synchronized"
        "fastrepl/anarlog pull request 7631"
        [Carried, Rule, Missing, Link, Resurrected, Arrived] {
            lists: |it| on_first_page(it, 50)
        };
    "first-page-of-a-hundred" both
        "what lies beyond the first hundred records is not fetched"
        "alextselegidis/easyappointments pull request 1883"
        [Carried, Rule, Missing, Link, Resurrected, Arrived] {
            lists: |it| place(it.office, None, it.item) < 100
        };
    "rest-of-twenty-five-deleted" both
        "what lies beyond the first twenty-five records is taken for deleted"
        "OpenWhispr/openwhispr issue 1571"
        [Vanished, Rule] {
            before: |pass| take_the_rest_for_deleted(pass, 25)
        };
    "rest-of-a-hundred-deleted" both
        "what lies beyond the first hundred records is taken for deleted"
        "OpenWhispr/openwhispr pull request 1572"
        [Vanished, Rule] {
            before: |pass| take_the_rest_for_deleted(pass, 100)
        };
    "last-of-a-full-page" both
        "the last of every twenty changes is skipped"
        "lrakauskas/tether-core issue 3"
        [Carried, Rule, Missing, Link, Resurrected, Arrived] {
            lists: |it| it.rank % 20 != 19
        };
    "pages-by-text" both
        "pages of eight begin after the last id of the page before, compared as text"
        "simstudioai/sim pull request 4440"
        [Carried, Rule, Missing, Link, Resurrected, Arrived] {
            lists: |it| {
                let text = |item: ItemId| (u32::from(item.0) + 1).to_string();
                let mailbox = &it.office.mailboxes[it.user.index()];
                let mut all: Vec<ItemId> = mailbox.entries.values().map(|entry| entry.item).collect();
                all.sort();
                let ends = all.iter().skip(7).step_by(8).take_while(|end| **end < it.item);
                ends.map(|&end| text(end)).all(|end| end < text(it.item))
            }
        };
}
