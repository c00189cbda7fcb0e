//! Rules that one kind of item ignores.

use tombstone_model::plan::{Kind, Op};
use tombstone_model::rules::{Situation, Trigger};

use crate::dates;
use crate::flaw::Judging;
use crate::policy::{PairVerdict, decide};

use super::row::products;

/// Another decision about a record of a kind, at a trigger.
fn for_kind(it: &Judging<'_>, verdict: PairVerdict, kind: Kind, trigger: Trigger, other: PairVerdict) -> PairVerdict {
    let own = it.situation.kind == kind && it.situation.trigger == trigger && !it.situation.occurrence;
    if own { other } else { verdict }
}

products! {
    "phone-calls-need-no-privilege" both
        "a phone call deleted in Outlook goes from CRM though the user may not delete there"
        "glpi-project/glpi issue 12753"
        [Rule, Erased] {
            decides: |it, verdict| {
                let crm = verdict.crm || !it.situation.privileged;
                for_kind(it, verdict, Kind::PhoneCall, Trigger::DeleteInOutlook, PairVerdict { crm, ..verdict })
            }
        };
    "letters-stay-in-crm" both
        "a letter deleted in Outlook stays in CRM"
        "MirakelX/mirakel-android issue 323"
        [Rule, Prompt, Readings] {
            decides: |it, verdict| {
                for_kind(it, verdict, Kind::Letter, Trigger::DeleteInOutlook, PairVerdict { crm: false, ..verdict })
            }
        };
    "faxes-stay-in-outlook" both
        "an open fax deleted in CRM stays in Outlook"
        "tasks/tasks issue 3684"
        [Rule, Prompt, Readings] {
            decides: |it, verdict| {
                for_kind(it, verdict, Kind::Fax, Trigger::DeleteInCrm, PairVerdict { outlook: false, ..verdict })
            }
        };
    "faxes-untracked-unasked" both
        "whoever untracks a fax is not asked"
        "no public report: a trial of this harness"
        [Prompt, Readings] {
            asks: |it, asks| asks && it.situation.kind != Kind::Fax
        };
    "service-activity-deleted-from-outlook" both
        "a service activity deleted in Outlook goes from CRM"
        "seanmcne/OrgDbOrgSettings issue 87"
        [Rule, Readings] {
            decides: |it, verdict| {
                let other = PairVerdict { crm: true, ..verdict };
                for_kind(it, verdict, Kind::ServiceActivity, Trigger::DeleteInOutlook, other)
            }
        };
    "messages-deleted-from-crm" both
        "a message deleted in Outlook goes from CRM"
        "no public report: a trial of this harness"
        [Rule] {
            decides: |it, verdict| {
                for_kind(it, verdict, Kind::Email, Trigger::DeleteInOutlook, PairVerdict { crm: true, ..verdict })
            }
        };
    "contacts-deleted-for-their-owner" both
        "a contact deleted in CRM leaves its owner's mailbox too"
        "MicrosoftDocs/dynamics-365-customer-engagement issue 2661"
        [Rule] {
            decides: |it, verdict| {
                for_kind(it, verdict, Kind::Contact, Trigger::DeleteInCrm, PairVerdict { outlook: true, ..verdict })
            }
        };
    "contacts-deleted-from-crm" both
        "a contact deleted in Outlook goes from CRM"
        "tine20/tine20 issue 1614"
        [Rule] {
            decides: |it, verdict| {
                for_kind(it, verdict, Kind::Contact, Trigger::DeleteInOutlook, PairVerdict { crm: true, ..verdict })
            }
        };
    "series-current-until-its-first" both
        "a series is no longer current once its first occurrence is over"
        "phw198/OutlookGoogleCalendarSync issue 1292"
        [Rule] {
            decides: |it, verdict| {
                if it.situation.kind != Kind::RecurringAppointment {
                    return verdict;
                }
                let when = it.office.crm.find(it.item).and_then(|id| it.office.crm.rows.get(&id));
                let when = when.or_else(|| it.office.crm.tombstones.values().find(|row| row.item == it.item));
                let first = when.map(|row| dates::schedule(&it.office.setup, row.fields.when()).end);
                let current = it.situation.current && first.is_none_or(|end| end >= it.office.now);
                decide(&Situation { current, ..it.situation })
            }
        };
    "letters-become-phone-calls" both
        "a task tracked as a letter becomes a phone call"
        "krayin/krayin-google-integration issue 27"
        [Carried, Missing] {
            acts: |_, mut step| {
                if let Op::Track { record: record @ Some(Kind::Letter), .. } = &mut step.op {
                    *record = Some(Kind::PhoneCall);
                }
                Some(step)
            }
        };
}
