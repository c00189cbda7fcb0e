//! One field lost or overwritten while another is edited.

use tombstone_model::ids::UserSet;
use tombstone_model::plan::{Kind, Status};

use crate::flaw::{CrossingContent, Way};

use super::row::products;

/// Whether an edit of the title goes that way.
fn new_title(it: &CrossingContent<'_>, way: Way) -> bool {
    it.way == way && !it.new && it.from.title() != it.agreed.title()
}

/// Whether a new date goes that way.
fn new_date(it: &CrossingContent<'_>, way: Way) -> bool {
    it.way == way && !it.new && it.from.when() != it.agreed.when()
}

products! {
    "date-lost-with-a-title" both
        "where title and date were edited in Outlook, only the title is sent"
        "spacecowboy/NotePad issue 161"
        [Carried] {
            carries: |it, fields| if new_title(it, Way::Sent) { fields.with_when(it.over.when()) } else { fields }
        };
    "date-alone-not-noticed" both
        "a new date is sent only along with a new title"
        "aluxnimm/outlookcaldavsynchronizer issue 296"
        [Carried] {
            carries: |it, fields| {
                let alone = new_date(it, Way::Sent) && it.from.title() == it.agreed.title();
                if alone { fields.with_when(it.over.when()) } else { fields }
            }
        };
    "title-lost-with-a-date" both
        "where title and date were edited in CRM, only the date is fetched"
        "mautic/mautic issue 5473"
        [Carried] {
            carries: |it, fields| {
                if new_date(it, Way::Fetched) { fields.with_title(it.over.title()) } else { fields }
            }
        };
    "open-again-after-an-edit" both
        "a task that was completed and renamed in CRM is fetched as an open one"
        "bitfireAT/davx5-ose issue 1649"
        [Carried] {
            carries: |it, fields| {
                let edited = new_title(it, Way::Fetched) && it.kind.is_task_like();
                if edited { fields.with_status(Status::Open) } else { fields }
            }
        };
    "completion-lost-with-a-title" both
        "where a title was edited in CRM as well, the completion is not fetched"
        "tasks/tasks issue 4245"
        [Carried] {
            carries: |it, fields| {
                if new_title(it, Way::Fetched) { fields.with_status(it.over.status()) } else { fields }
            }
        };
    "cancelled-is-completed" both
        "what was cancelled in CRM is completed in Outlook"
        "Ivan-Malinovski/calino pull request 146"
        [Carried] {
            carries: |it, fields| {
                let cancelled = it.way == Way::Fetched && fields.status() == Status::Cancelled;
                if cancelled { fields.with_status(Status::Completed) } else { fields }
            }
        };
    "due-date-lost-on-completion" both
        "a task completed in Outlook loses its due date in CRM"
        "etesync/android issue 215"
        [Carried] {
            carries: |it, fields| {
                let completed = it.way == Way::Sent && it.from.status() != it.agreed.status() && it.kind.is_task_like();
                if completed { fields.with_when(0) } else { fields }
            }
        };
    "regarding-cleared-by-an-edit" both
        "what an item is regarding is cleared in CRM when its title is edited in Outlook"
        "page: Outlook appointments untracked by Outlook client (xrmstuff)"
        [Carried] {
            carries: |it, fields| if new_title(it, Way::Sent) { fields.with_regarding(None) } else { fields }
        };
    "regarding-lost-at-creation" both
        "what an item was set regarding before it had a record is not sent with it"
        "forcedotcom/SalesforceMobileSDK-iOS issue 2615"
        [Carried, Missing, Resurrected, Arrived] {
            carries: |it, fields| {
                if it.new && it.way == Way::Sent { fields.with_regarding(None) } else { fields }
            }
        };
    "regarding-of-messages-stays" both
        "a message that is set regarding something else keeps the old one in CRM"
        "SuiteCRM/SuiteCRM issue 1200"
        [Carried] {
            carries: |it, fields| {
                let message = it.kind == Kind::Email && it.way == Way::Sent && !it.new;
                if message { fields.with_regarding(it.over.regarding()) } else { fields }
            }
        };
    "parent-dropped-by-an-edit" both
        "the parent of a contact is dropped in CRM when the contact is edited in Outlook"
        "SuiteCRM/SuiteCRM issue 7219"
        [Carried] {
            carries: |it, fields| if new_title(it, Way::Sent) { fields.with_parent(None) } else { fields }
        };
    "parent-kept-where-there-is-one" both
        "a parent is fetched only where there was none"
        "sneg55/pingcrm issue 48"
        [Carried] {
            carries: |it, fields| {
                let kept = it.way == Way::Fetched && it.over.parent().is_some();
                if kept { fields.with_parent(it.over.parent()) } else { fields }
            }
        };
    "optional-attendees-dropped-by-a-move" both
        "the optional attendees are dropped in CRM when an appointment is moved in Outlook"
        "kewisch/gdata-provider issue 705"
        [Carried] {
            carries: |it, fields| {
                if new_date(it, Way::Sent) { fields.with_optional(UserSet::EMPTY) } else { fields }
            }
        };
    "required-attendees-dropped-by-an-edit" both
        "the required attendees are dropped in Outlook when the title is edited in CRM"
        "phw198/OutlookGoogleCalendarSync issue 1291"
        [Carried] {
            carries: |it, fields| {
                if new_title(it, Way::Fetched) { fields.with_required(UserSet::EMPTY) } else { fields }
            }
        };
    "optional-attendees-become-required" both
        "whoever was optional is required once an appointment is sent again"
        "zentyal/sogo pull request 126"
        [Carried] {
            carries: |it, fields| {
                let sent = it.way == Way::Sent && !it.new;
                let required = UserSet(fields.required().0 | fields.optional().0);
                if sent { fields.with_required(required).with_optional(UserSet::EMPTY) } else { fields }
            }
        };
    "whoever-edits-organizes" both
        "whoever edits an appointment in Outlook is its organizer in CRM from then on"
        "jobisoft/EAS-4-TbSync issue 9"
        [Carried] {
            carries: |it, fields| {
                let edited = it.kind.is_calendar() && new_title(it, Way::Sent);
                if edited { fields.with_organizer(Some(it.user)) } else { fields }
            }
        };
}
