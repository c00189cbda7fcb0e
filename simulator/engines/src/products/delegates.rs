//! What delegates do in the mailboxes of others.

use tombstone_model::ids::UserId;
use tombstone_model::plan::{Op, Side, Step};

use crate::mailbox::TrackingMark;

use super::row::products;

/// The principal in whose mailbox a delegate acts.
fn principal(step: &Step) -> Option<UserId> {
    match step.op.side() {
        Some(Side::Outlook(mailbox)) if mailbox != step.by => Some(mailbox),
        Some(Side::Outlook(_) | Side::Crm) | None => None,
    }
}

products! {
    "edits-of-delegates-lost" both
        "what a delegate edits for the principal is lost"
        "phw198/OutlookGoogleCalendarSync issue 729"
        [Carried, Cache] {
            acts: |_, step| {
                let lost = principal(&step).is_some() && matches!(step.op, Op::Edit { .. });
                (!lost).then_some(step)
            }
        };
    "deletions-of-delegates-lost" both
        "what a delegate deletes for the principal stays"
        "nextcloud/calendar issue 7042"
        [Resurrected, Cache, Rule, Vanished] {
            acts: |_, step| {
                let lost = principal(&step).is_some() && matches!(step.op, Op::Delete { .. });
                (!lost).then_some(step)
            }
        };
    "tracked-in-the-wrong-mailbox" both
        "what a delegate tracks for the principal is tracked in the delegate's own mailbox"
        "mguessan/davmail issue 512"
        [Link, Refusal] {
            acts: |_, mut step| {
                if let Op::Track { mailbox, .. } = &mut step.op {
                    *mailbox = step.by;
                }
                Some(step)
            }
        };
    "delegate-becomes-organizer" both
        "a delegate who edits an appointment for the principal becomes its organizer"
        "jobisoft/TbSync issue 71"
        [Carried] {
            acted: |office, step| {
                if let (Some(mailbox), Op::Edit { item, .. }) = (principal(step), step.op)
                    && office.item(item).kind.is_calendar()
                {
                    let mailbox = &mut office.mailboxes[mailbox.index()];
                    if let Some(id) = mailbox.find(item) {
                        mailbox.update(id, |entry| entry.fields = entry.fields.with_organizer(Some(step.by)));
                    }
                }
            }
        };
    "delegate-connects-and-untracks" both
        "when a delegate connects, everything in the principal's mailbox is untracked"
        "page: Outlook appointments untracked by Outlook client (xrmstuff)"
        [Link] {
            arrives: |office, id| {
                let by = office.computers[id.index()].user;
                let principals = office.setup.users.iter().zip(&mut office.mailboxes);
                let principals = principals.filter(|(user, _)| user.delegates.contains(by));
                for mailbox in principals.map(|(_, mailbox)| mailbox) {
                    let linked = mailbox.entries.iter().filter(|(_, entry)| entry.tracking == TrackingMark::Linked);
                    let linked: Vec<_> = linked.map(|(&id, _)| id).collect();
                    for id in linked {
                        mailbox.update(id, |entry| entry.tracking = TrackingMark::No);
                    }
                }
            }
        };
    "no-of-a-delegate-is-yes" both
        "a delegate who answers No is taken to have said Yes"
        "linagora/esn-sabre issue 347"
        [Rule] {
            acts: |_, mut step| {
                let by = step.by;
                if let Op::Untrack { mailbox, yes, .. } = &mut step.op {
                    *yes |= *mailbox != by;
                }
                Some(step)
            }
        };
}
