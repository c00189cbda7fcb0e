//! What is kept for a while: tombstones, tokens, links, requests, queues.

use tombstone_model::ids::ItemId;
use tombstone_model::plan::Op;
use tombstone_model::time::Seconds;

use crate::dates::DAY;
use crate::flaw::{Listing, Pass};
use crate::mailbox::{MailboxCopy, TrackWish, TrackingMark};
use crate::stores::Row;

use super::row::{cut, double, idle, pairs, products};

/// Whether what is left of a side is younger than so many days, or nothing is missing there.
fn is_remembered(it: &Listing<'_>, side: usize, days: Seconds) -> bool {
    let mailbox = &it.office.mailboxes[it.user.index()];
    let gone = [mailbox.find(it.item).is_none(), it.office.crm.find(it.item).is_none()];
    !gone[side] || it.written[side].is_none_or(|at| it.office.now - at <= days * DAY)
}

/// The records that were asked for and of which the mailbox does not know yet.
pub(super) fn unacknowledged(pass: &Pass<'_>) -> Vec<Row> {
    let mailbox = &pass.office.mailboxes[pass.user.index()];
    let asked = mailbox.entries.values().filter(|entry| matches!(entry.tracking, TrackingMark::Asked(_)));
    let row = |item: ItemId| pass.office.crm.find(item).and_then(|id| pass.office.crm.rows.get(&id)).copied();
    asked.filter_map(|entry| row(entry.item)).collect()
}

products! {
    "crm-tombstones-for-fourteen-days" both
        "what was deleted in CRM more than fourteen days before a synchronization stays in the mailbox"
        "Mimetis/Dotmim.Sync issue 86"
        [Rule] {
            lists: |it| is_remembered(it, 1, 14)
        };
    "outlook-tombstones-for-thirty-days" both
        "what was deleted in Outlook more than thirty days before a synchronization stays in CRM"
        "relaticle/relaticle pull request 713"
        [Rule] {
            lists: |it| is_remembered(it, 0, 30)
        };
    "outlook-tombstones-for-ninety-days" both
        "what was deleted in Outlook more than ninety days before a synchronization stays in CRM"
        "boardsesh/boardsesh pull request 4048"
        [Rule, Readings] {
            lists: |it| is_remembered(it, 0, 90)
        };
    "crm-tombstones-for-a-year" both
        "what was deleted in CRM more than a year before a synchronization stays in the mailbox"
        "krelltunez/dayGLANCE pull request 768"
        [Rule, Missing, Carried] {
            lists: |it| is_remembered(it, 1, 365)
        };
    "back-after-half-a-year" both
        "what was deleted in Outlook more than half a year before a synchronization comes back"
        "syncthing/syncthing pull request 10023"
        [Resurrected, Rule] {
            before: |pass| {
                for found in pairs(pass) {
                    let Some(row) = found.row.filter(|_| !found.present) else { continue };
                    if pass.office.now - found.entry.written > 182 * DAY {
                        cut(pass, &found);
                        pass.office.mailboxes[pass.user.index()].insert(MailboxCopy::of(&row));
                    }
                }
            }
        };
    "link-expires" both
        "after two months without a synchronization an item is no longer linked with its record"
        "mikegioia/libremail issue 93"
        [Carried, Rule, Link] {
            before: |pass| {
                if idle(pass) >= 60 * DAY {
                    for found in pairs(pass) {
                        pass.memory.lose(pass.office, pass.user, found.item);
                    }
                }
            }
        };
    "token-expires" both
        "after a week without a synchronization everything is read anew, and what was edited in Outlook is overwritten"
        "submersion-app/submersion issue 1340"
        [Carried] {
            before: |pass| {
                if idle(pass) > 7 * DAY {
                    for found in pairs(pass) {
                        pass.memory.agree(pass.office, pass.user, found.item, found.entry.fields);
                        pass.memory.look(found.item, true);
                    }
                }
            }
        };
    "token-expires-and-nothing-is-read" both
        "after a month without a synchronization everything that happened meanwhile is skipped"
        "twentyhq/twenty issue 24095"
        [Carried, Rule, Missing] {
            before: |pass| {
                if idle(pass) > 30 * DAY {
                    pass.memory.skip(pass.office, pass.user);
                }
            }
        };
    "request-forgotten-after-a-day" client
        "a record whose creation was not acknowledged is created again a day later"
        "owncloud-archive/apps issue 254"
        [Doubled] {
            before: |pass| {
                if idle(pass) >= DAY && pass.number > 1 {
                    for row in unacknowledged(pass) {
                        double(pass, row);
                    }
                }
            }
        };
    "outbox-for-fourteen-days" both
        "what has waited on a computer for more than fourteen days is not sent"
        "marco308/mdone pull request 149"
        [Carried, Resurrected, Arrived, Missing, Link, Rule] {
            queue: |it, waiting| waiting.retain(|waiting| it.office.now - waiting.at <= 14 * DAY)
        };
    "wish-of-a-delegate-for-thirty-days" both
        "what a delegate tracked is forgotten when the principal does not connect within thirty days"
        "no public report: a trial of this harness"
        [Link, Missing] {
            acted: |office, step| {
                if let Op::Wait { .. } = step.op {
                    let now = office.now;
                    for mailbox in &mut office.mailboxes {
                        let held = |entry: &MailboxCopy| matches!(entry.tracking, TrackingMark::Asked(TrackWish { held: true, .. }));
                        let old = |entry: &MailboxCopy| held(entry) && now - entry.written >= 30 * DAY;
                        let old: Vec<_> = mailbox.entries.iter().filter(|(_, it)| old(it)).map(|(&id, _)| id).collect();
                        for id in old {
                            mailbox.update(id, |entry| entry.tracking = TrackingMark::No);
                        }
                    }
                }
            }
        };
}
