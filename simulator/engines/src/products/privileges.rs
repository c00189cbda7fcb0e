//! Users who may not delete in CRM.

use tombstone_model::plan::{Op, Right};
use tombstone_model::rules::{Reply, Situation, Trigger};

use crate::flaw::Way;
use crate::mailbox::{MailboxCopy, TrackingMark};
use crate::policy::decide;

use super::row::{cut, pairs, products};

products! {
    "forbidden-deletion-comes-back" both
        "what a user deletes in Outlook and may not delete in CRM comes back"
        "jobisoft/TbSync issue 50"
        [Resurrected, Rule] {
            before: |pass| {
                for found in pairs(pass) {
                    let barred = !pass.office.setup.users[pass.user.index()].rights.may(Right::Delete);
                    if let Some(row) = found.row.filter(|_| barred && !found.present) {
                        cut(pass, &found);
                        pass.office.mailboxes[pass.user.index()].insert(MailboxCopy::of(&row));
                    }
                }
            }
        };
    "forbidden-deletion-stops-the-rest" both
        "a deletion that is forbidden ends the synchronization, and what comes after it is skipped"
        "zotero/zotero-ios issue 773"
        [Carried, Rule, Missing, Link, Resurrected, Arrived] {
            lists: |it| {
                let mailbox = &it.office.mailboxes[it.user.index()];
                let linked = |entry: &MailboxCopy| entry.tracking == TrackingMark::Linked && entry.item < it.item;
                it.office.setup.users[it.user.index()].rights.may(Right::Delete) || !mailbox.tombstones.values().any(linked)
            }
        };
    "deletes-with-all-rights" both
        "what a user deletes in Outlook is deleted with the rights of the service"
        "casdoor/casdoor issue 2426"
        [Rule] {
            decides: |it, verdict| {
                let deleted = it.situation.trigger == Trigger::DeleteInOutlook;
                if deleted { decide(&Situation { privileged: true, ..it.situation }) } else { verdict }
            }
        };
    "yes-needs-no-privilege" both
        "who answers Yes deletes the record though the user may not delete in CRM"
        "owncloud/client issue 1140"
        [Rule] {
            decides: |it, verdict| {
                let yes = it.situation.trigger == Trigger::Untrack && it.situation.reply == Reply::Yes;
                if yes { decide(&Situation { privileged: true, ..it.situation }) } else { verdict }
            }
        };
    "no-deletion-no-edits" both
        "what a user edits who may not delete in CRM is not sent"
        "pimutils/vdirsyncer pull request 77"
        [Carried] {
            carries: |it, fields| {
                let barred = !it.office.setup.users[it.user.index()].rights.may(Right::Delete);
                if barred && it.way == Way::Sent && !it.new { it.over } else { fields }
            }
        };
    "no-deletion-no-untracking" both
        "who may not delete in CRM cannot stop tracking"
        "AtakamaLLC/cloudsync pull request 118"
        [Link, Prompt] {
            acts: |office, step| {
                let barred = !office.setup.users[step.by.index()].rights.may(Right::Delete);
                (!barred || !matches!(step.op, Op::Untrack { .. })).then_some(step)
            }
        };
}
