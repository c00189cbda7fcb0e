//! Whether somebody is asked, and what is made of the answer.

use tombstone_model::plan::Kind;
use tombstone_model::rules::{Reply, Trigger};

use crate::dates;
use crate::policy::PairVerdict;

use super::row::products;

products! {
    "asks-only-once" both
        "who has been asked once is not asked again"
        "no public report: a trial of this harness"
        [Prompt] {
            asks: |it, asks| asks && it.office.noted.replace(1) == 0
        };
    "asks-who-does-not-own" both
        "who untracks a contact that somebody else owns is asked"
        "phw198/OutlookGoogleCalendarSync issue 993"
        [Prompt] {
            asks: |it, asks| asks || it.situation.kind == Kind::Contact
        };
    "asks-about-service-activities" both
        "who untracks a service activity is asked"
        "phw198/OutlookGoogleCalendarSync issue 1923"
        [Prompt, Rule] {
            asks: |it, asks| asks || it.situation.kind == Kind::ServiceActivity
        };
    "past-appointments-unasked" both
        "who untracks an appointment that is over is not asked"
        "no public report: a trial of this harness"
        [Prompt] {
            asks: |it, asks| {
                let mailbox = &it.office.mailboxes[it.user.index()];
                let entry = mailbox.find(it.item).and_then(|id| mailbox.read(id));
                let over = entry.is_some_and(|entry| {
                    let schedule = dates::schedule(&it.office.setup, entry.fields.when());
                    it.situation.kind.is_calendar() && schedule.is_dated() && schedule.end < it.office.now
                });
                asks && !over
            }
        };
    "no-is-yes-for-messages" both
        "who answers No about a message loses the record"
        "phw198/OutlookGoogleCalendarSync issue 622"
        [Rule] {
            decides: |it, verdict| {
                let no = it.situation.trigger == Trigger::Untrack && it.situation.reply == Reply::No;
                if no && it.situation.kind == Kind::Email { PairVerdict { crm: true, ..verdict } } else { verdict }
            }
        };
    "yes-ignored-for-tasks" both
        "who answers Yes about a task keeps the record"
        "josecoelho/obsidian-tasks-caldav issue 157"
        [Rule] {
            decides: |it, verdict| {
                let task = it.situation.trigger == Trigger::Untrack && it.situation.kind == Kind::Task;
                if task { PairVerdict { crm: false, ..verdict } } else { verdict }
            }
        };
}
