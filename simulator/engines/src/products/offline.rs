//! What is done without a connection.

use crate::mailbox::{MailboxAct, UntrackWish};
use crate::outbox::{Queued, Waiting};
use crate::stores::CrmAct;

use super::row::products;
use tombstone_model::rules::Reply;

products! {
    "created-last" both
        "what was created without a connection is created after it was edited, so that the edits are lost"
        "be1ski/vibits pull request 141"
        [Carried, Resurrected, Arrived, Missing, Link] {
            queue: |_, waiting| waiting.sort_by_key(|waiting| waiting.change == Queued::Outlook(MailboxAct::Create))
        };
    "conflicts-drop" both
        "what waits for an item that has changed on the server is dropped"
        "DouglasdeMoura/chroncal issue 610"
        [Carried, Resurrected, Arrived, Missing, Link, Rule] {
            queue: |it, waiting| {
                let mailbox = &it.office.mailboxes[it.mailbox.index()];
                let entry = mailbox.find_ever(it.item).and_then(|id| mailbox.read(id));
                let since = waiting.first().map(|waiting| waiting.at);
                if entry.zip(since).is_some_and(|(entry, since)| entry.written > since) {
                    waiting.clear();
                }
            }
        };
    "yes-forgotten" both
        "a Yes given without a connection counts as a No"
        "massif-press/compcon issue 3510"
        [Rule] {
            queue: |_, waiting| for Waiting { change, .. } in waiting {
                if let Queued::Stop(UntrackWish { reply, .. }) = change
                    && *reply == Reply::Yes
                {
                    *reply = Reply::No;
                }
            }
        };
    "completion-lost" both
        "a completion without a connection is lost"
        "tasks/tasks issue 343"
        [Carried] {
            queue: |_, waiting| waiting.retain(|waiting| waiting.change != Queued::Outlook(MailboxAct::Complete))
        };
    "regarding-lost" both
        "what was set regarding without a connection is lost"
        "3lvis/SwiftSync pull request 621"
        [Carried, Link, Missing] {
            queue: |_, waiting| {
                waiting.retain(|waiting| !matches!(waiting.change, Queued::Outlook(MailboxAct::Regarding { .. })));
            }
        };
    "deletions-in-the-local-copy-lost" both
        "what was deleted in the local copy of the CRM is there again"
        "haierkeys/obsidian-fast-note-sync issue 73"
        [Resurrected, Arrived, Missing] {
            queue: |_, waiting| waiting.retain(|waiting| waiting.change != Queued::Crm(CrmAct::Delete))
        };
    "tracked-as-what-it-is" both
        "a task tracked without a connection as a phone call, letter or fax becomes a task"
        "krayin/laravel-crm issue 734"
        [Carried, Missing] {
            queue: |it, waiting| for waiting in waiting {
                if let Queued::Outlook(MailboxAct::Track { kind, .. }) = &mut waiting.change {
                    *kind = it.office.item(it.item).record;
                }
            }
        };
    "moved-and-renamed" both
        "where an item was moved and renamed without a connection, only one of the two is sent"
        "nextcloud/text issue 1667"
        [Carried] {
            queue: |_, waiting| {
                let title = waiting.iter().any(|it| matches!(it.change, Queued::Outlook(MailboxAct::Title(_))));
                waiting.retain(|it| !(title && matches!(it.change, Queued::Outlook(MailboxAct::When(_)))));
            }
        };
}
