//! Which record belongs to which item.

use tombstone_model::ids::ItemId;

use crate::office::Office;
use crate::stores::{RecordId, Row};

use super::row::{pairs, products};

/// The record of another item that looks the same.
fn other(office: &Office, row: &Row, same: impl Fn(&Row) -> bool) -> Option<RecordId> {
    let mut rows = office.crm.rows.iter();
    rows.find(|(_, other)| other.item != row.item && same(other)).map(|(&id, _)| id)
}

/// An id of one letter, as a product writes it.
fn letter(item: ItemId) -> char {
    let letters = ('A'..='Z').chain('a'..='z');
    letters.clone().nth(usize::from(item.0) % letters.count()).unwrap_or('A')
}

products! {
    "twins-by-date" both
        "a newly tracked appointment is linked with a record of the same kind and date"
        "rotki/rotki pull request 11171"
        [Missing, Carried, Resurrected, Arrived] {
            adopts: |office, row, right| {
                let twin = |other: &Row| other.kind == row.kind && other.fields.when() == row.fields.when();
                let dated = row.fields.when() != 0;
                right.or_else(|| other(office, row, twin).filter(|_| dated))
            }
        };
    "contacts-by-parent" both
        "a newly tracked contact is linked with another contact of the same parent"
        "AI-Shipping-Labs/website issue 998"
        [Missing, Carried, Resurrected, Arrived] {
            adopts: |office, row, right| {
                let twin = |other: &Row| other.kind == row.kind && other.fields.parent() == row.fields.parent();
                let child = row.fields.parent().is_some();
                right.or_else(|| other(office, row, twin).filter(|_| child))
            }
        };
    "case-folded" both
        "ids that differ in upper and lower case are taken for the same"
        "MinnPost/object-sync-for-salesforce issue 131"
        [Missing, Carried, Resurrected, Arrived] {
            adopts: |office, row, right| {
                let same = |other: &Row| letter(other.item).eq_ignore_ascii_case(&letter(row.item));
                right.or_else(|| other(office, row, same))
            }
        };
    "ids-renumbered" both
        "the mailbox numbers its items anew when a computer comes back, and all links are lost"
        "chatmail/core issue 1725"
        [Carried, Rule, Link] {
            arrives: |office, id| office.noted.set(1 + u64::from(office.computers[id.index()].user.0)),
            before: |pass| {
                if pass.office.noted.get() == 1 + u64::from(pass.user.0) {
                    pass.office.noted.set(0);
                    for found in pairs(pass) {
                        pass.memory.lose(pass.office, pass.user, found.item);
                    }
                }
            }
        };
    "ids-renumbered-and-shifted" both
        "the CRM numbers its records anew after a deletion, so that links point to the next record"
        "ProtonMail/proton-bridge issue 220"
        [Carried, Rule, Vanished, Convergence] {
            before: |pass| {
                let found = pairs(pass);
                if found.iter().any(|found| found.row.is_none()) {
                    for pair in found.windows(2).filter(|pair| pair[0].row.is_none()) {
                        pass.memory.pair_with(pass.office, pass.user, pair[0].item, pair[1].record);
                    }
                }
            }
        };
}
