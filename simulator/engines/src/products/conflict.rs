//! Both sides changed.

use tombstone_model::time::Seconds;

use crate::flaw::{Clash, CrossingContent};
use crate::mailbox::{MailboxCopy, TrackingMark};
use crate::stores::Row;

use super::row::{FoundPair, MINUTE, cut, pairs, products};

/// When the copy and the record were written, where both are there.
fn written(it: &CrossingContent<'_>) -> Option<(Seconds, Seconds)> {
    let mailbox = &it.office.mailboxes[it.user.index()];
    let ours = mailbox.find(it.item).and_then(|id| mailbox.read(id))?.written;
    let theirs = it.office.crm.find(it.item).and_then(|id| it.office.crm.rows.get(&id))?.written;
    Some((ours, theirs))
}

/// Whether both sides of a pair were edited.
fn is_conflict(found: &FoundPair) -> bool {
    let theirs = found.row.is_some_and(|row| row.fields != found.agreed);
    found.present && theirs && found.entry.fields != found.agreed
}

products! {
    "same-minute-lost" both
        "where both sides were edited within a minute, what was written in Outlook is lost"
        "dmfs/opentasks issue 863"
        [Carried, Readings] {
            clash: |it| {
                let same = written(it).is_some_and(|(ours, theirs)| (ours - theirs).abs() < MINUTE);
                if same { Clash::Crm } else { Clash::Outlook }
            }
        };
    "same-minute-left-alone" both
        "where both sides were edited within a minute neither edit is carried"
        "spacecowboy/NotePad issue 218"
        [Carried, Readings, Convergence] {
            clash: |it| {
                let same = written(it).is_some_and(|(ours, theirs)| (ours - theirs).abs() < MINUTE);
                if same { Clash::Neither } else { Clash::Outlook }
            }
        };
    "crm-wins-for-dates" both
        "where both sides were edited, the date of CRM is kept and the rest is sent"
        "rmusser01/tldw_chatbook pull request 1922"
        [Carried] {
            carries: |it, fields| {
                let conflict = !it.new && it.over != it.agreed && it.from != it.agreed;
                let moved = conflict && it.over.when() != it.agreed.when();
                if moved { fields.with_when(it.over.when()) } else { fields }
            }
        };
    "edit-beats-deletion" both
        "a record deleted in CRM is made again where its copy was edited"
        "syncthing/syncthing pull request 10207"
        [Resurrected, Rule] {
            before: |pass| {
                for found in pairs(pass) {
                    if found.present && found.row.is_none() && found.entry.fields != found.agreed {
                        let MailboxCopy { item, fields, occurrences, owner, .. } = found.entry;
                        let kind = pass.office.item(item).record;
                        pass.office.crm.insert(Row { item, fields, occurrences, owner, kind, version: 0, written: 0 });
                    }
                }
            }
        };
    "edit-in-crm-beats-deletion" both
        "a record that was edited stays where its copy is deleted"
        "pimutils/vdirsyncer issue 128"
        [Rule, Readings] {
            before: |pass| {
                for found in pairs(pass) {
                    let edited = found.row.is_some_and(|row| row.fields != found.agreed);
                    if !found.present && edited && found.entry.tracking == TrackingMark::Linked {
                        cut(pass, &found);
                    }
                }
            }
        };
    "conflict-copy" both
        "where both sides were edited a second copy is made in Outlook"
        "Mimetis/Dotmim.Sync issue 288"
        [Doubled] {
            before: |pass| {
                for found in pairs(pass).into_iter().filter(is_conflict) {
                    let copy = MailboxCopy { tracking: TrackingMark::No, ..found.entry };
                    pass.office.mailboxes[pass.user.index()].insert(copy);
                }
            }
        };
    "conflict-parked-for-ever" both
        "an item that was edited on both sides is never synchronized again"
        "bitfireAT/davx5-ose issue 2739"
        [Carried, Rule, Link] {
            before: |pass| {
                for found in pairs(pass).into_iter().filter(is_conflict) {
                    pass.memory.lose(pass.office, pass.user, found.item);
                }
            }
        };
}
