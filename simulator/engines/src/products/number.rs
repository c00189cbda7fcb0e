//! The second, the third, the tenth.

use tombstone_model::ids::ItemSet;
use tombstone_model::plan::Op;
use tombstone_model::rules::{Reply, Trigger};

use crate::flaw::Pass;
use crate::mailbox::MailboxAct;
use crate::outbox::Queued;

use super::row::{delete_copy, double, pairs, products};

/// The newest record.
fn newest(pass: &Pass<'_>) -> u64 {
    pass.office.crm.rows.keys().last().map_or(0, |id| u64::from(id.0))
}

products! {
    "second-deletion-lost" both
        "of several deletions in one synchronization the second is lost"
        "phw198/OutlookGoogleCalendarSync issue 1050"
        [Rule, Erased, Carried, Resurrected] {
            lists: |it| it.grave != Some(1)
        };
    "third-deletion-lost" both
        "of several deletions in one synchronization the third and all after it are lost"
        "phw198/OutlookGoogleCalendarSync issue 1050"
        [Rule, Erased, Carried, Resurrected] {
            lists: |it| it.grave.is_none_or(|grave| grave < 2)
        };
    "batch-decided-by-its-first" both
        "what is decided about the first deletion of a synchronization holds for all of them"
        "no public report: a trial of this harness"
        [Rule, Vanished] {
            before: |pass| pass.office.noted.set(0),
            decides: |it, verdict| {
                if it.situation.trigger == Trigger::Untrack || it.situation.reply != Reply::Unasked {
                    return verdict;
                }
                let own = 1 + u64::from(verdict.outlook) + 2 * u64::from(verdict.crm);
                let first = match it.office.noted.get() {
                    0 => own,
                    first => first,
                };
                it.office.noted.set(first);
                let mut verdict = verdict;
                match it.situation.trigger {
                    Trigger::DeleteInOutlook => verdict.crm = (first - 1) & 2 != 0,
                    Trigger::DeleteInCrm => verdict.outlook = (first - 1) & 1 != 0,
                    Trigger::Untrack | Trigger::LeaveFilter => {}
                }
                verdict
            }
        };
    "created-together-linked-crosswise" both
        "two records created in one synchronization are linked with each other's items"
        "segmentio/action-destinations pull request 3971"
        [Carried, Rule, Vanished, Convergence, Erased] {
            before: |pass| pass.office.noted.set(newest(pass)),
            after: |pass| {
                let before = pass.office.noted.get();
                let new: Vec<_> =
                    pairs(pass).into_iter().filter(|found| u64::from(found.record.0) > before).collect();
                if let [one, other, ..] = &new[..] {
                    pass.memory.pair_with(pass.office, pass.user, one.item, other.record);
                    pass.memory.pair_with(pass.office, pass.user, other.item, one.record);
                }
            }
        };
    "queue-of-three" both
        "of more than three changes that wait for an item, the oldest are dropped"
        "silent-suite/silentsuite pull request 11"
        [Carried, Resurrected, Arrived, Missing, Link, Rule] {
            queue: |_, waiting| {
                let over = waiting.len().saturating_sub(3);
                waiting.drain(..over);
            }
        };
    "only-the-first-of-like-changes" both
        "of several changes to the same field that wait, the first is sent and the others are not"
        "mdbase-dev/mdbase-connect pull request 395"
        [Carried, Readings] {
            queue: |_, waiting| {
                let mut kinds = Vec::new();
                waiting.retain(|waiting| {
                    let kind = match waiting.change {
                        Queued::Outlook(MailboxAct::Title(_)) => 1,
                        Queued::Outlook(MailboxAct::When(_)) => 2,
                        Queued::Outlook(_) | Queued::Stop(_) | Queued::Crm(_) => return true,
                    };
                    let first = !kinds.contains(&kind);
                    kinds.push(kind);
                    first
                });
            }
        };
    "every-fifth-reads-half" both
        "every fifth synchronization sends and does not fetch"
        "Mimetis/Dotmim.Sync issue 808"
        [Carried, Rule, Missing] {
            lists: |it| {
                let [ours, theirs] = it.written;
                it.number % 5 != 0 || ours >= theirs
            }
        };
    "tenth-synchronization-doubles" both
        "the tenth synchronization of a mailbox reads everything anew and doubles it"
        "phw198/OutlookGoogleCalendarSync issue 1989"
        [Doubled] {
            before: |pass| {
                if pass.number == 10 {
                    for row in pairs(pass).into_iter().filter_map(|found| found.row) {
                        double(pass, row);
                    }
                }
            }
        };
    "sixth-synchronization-finds-nothing" both
        "an empty answer to the sixth synchronization is taken for the deletion of everything"
        "phw198/OutlookGoogleCalendarSync issue 2022"
        [Vanished, Rule] {
            before: |pass| {
                if pass.number == 6 {
                    for found in pairs(pass).into_iter().filter(|found| found.present && found.row.is_some()) {
                        delete_copy(pass, &found);
                    }
                }
            }
        };
    "ten-of-a-selection" both
        "of a selection of more than ten items only ten are tracked"
        "sabre-io/Baikal issue 65"
        [Link, Missing] {
            acts: |_, mut step| {
                if let Op::Track { items, .. } = &mut step.op {
                    *items = items.iter().take(10).fold(ItemSet::EMPTY, ItemSet::with);
                }
                Some(step)
            }
        };
}
