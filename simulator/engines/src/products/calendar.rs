//! Zones, changes of the clocks, whole days, series, and clocks that differ.

use chrono::Datelike;
use tombstone_model::plan::Kind;
use tombstone_model::time::{Schedule, Zone};
use tombstone_model::view::Word;

use crate::dates::{self, DAY, is_all_day, is_due, is_midnight, offset, shifted};
use crate::flaw::{Clash, CrossingContent, Pass, Way};
use crate::stores::all_occurrences;

use super::row::{HOUR, delete_copy, pairs, products};

/// What crosses, with another date.
fn dated(it: &CrossingContent<'_>, fields: Word, change: impl Fn(&Zone, Schedule) -> Schedule) -> Word {
    fields.with_when(dates::changed(&it.office.setup, fields.when(), change))
}

/// What crosses, with another date one way only.
fn on_the_way(way: Way, it: &CrossingContent<'_>, fields: Word, change: impl Fn(&Zone, Schedule) -> Schedule) -> Word {
    if it.way == way { dated(it, fields, change) } else { fields }
}

/// Gives series whose copy was edited so all their occurrences back in CRM.
fn restore_occurrences(pass: &mut Pass<'_>, edited: fn(Word, Word) -> bool) {
    for found in pairs(pass) {
        let setup = pass.office.item(found.item);
        if setup.kind == Kind::RecurringAppointment && edited(found.entry.fields, found.agreed) {
            let all = all_occurrences(setup, &pass.office.setup.schedules);
            pass.office.crm.update(found.record, |row| row.occurrences = all);
        }
    }
}

/// Whether something has a date and was over so many days ago.
fn is_older(pass: &Pass<'_>, fields: Word, days: i32) -> bool {
    let schedule = dates::schedule(&pass.office.setup, fields.when());
    schedule.is_dated() && schedule.end < pass.office.now - days * DAY
}

products! {
    "all-day-becomes-timed" both
        "an all-day item is sent as the same midnights of UTC"
        "MShekow/outlook-calendar-sync issue 2"
        [Carried] {
            carries: |it, fields| on_the_way(Way::Sent, it, fields, |zone, it| {
                if is_all_day(zone, it) { shifted(it, offset(zone, it.start)) } else { it }
            })
        };
    "all-day-a-day-early-in-the-east" both
        "east of Greenwich an all-day item is fetched a day early"
        "jobisoft/EAS-4-TbSync pull request 324"
        [Carried] {
            carries: |it, fields| on_the_way(Way::Fetched, it, fields, |zone, it| {
                if is_all_day(zone, it) && offset(zone, it.start) > 0 { shifted(it, -DAY) } else { it }
            })
        };
    "all-day-a-day-late-in-the-west" both
        "west of Greenwich an all-day item that is edited arrives a day late"
        "SimpleMobileTools/Simple-Calendar pull request 1869"
        [Carried] {
            carries: |it, fields| on_the_way(Way::Sent, it, fields, |zone, schedule| {
                let moves = !it.new && is_all_day(zone, schedule) && offset(zone, schedule.start) < 0;
                if moves { shifted(schedule, DAY) } else { schedule }
            })
        };
    "all-day-made-timed-shifts" both
        "an all-day item that is given a time arrives later by the offset of the zone"
        "jobisoft/TbSync issue 534"
        [Carried] {
            carries: |it, fields| on_the_way(Way::Sent, it, fields, |zone, schedule| {
                let before = dates::schedule(&it.office.setup, it.agreed.when());
                let moves = is_all_day(zone, before) && !is_all_day(zone, schedule);
                if moves { shifted(schedule, offset(zone, schedule.start)) } else { schedule }
            })
        };
    "due-a-day-early" both
        "a task due at midnight east of Greenwich arrives due a day early"
        "tasks/tasks issue 1325"
        [Carried] {
            carries: |it, fields| on_the_way(Way::Sent, it, fields, |zone, it| {
                let moves = is_due(it) && is_midnight(zone, it.start) && offset(zone, it.start) > 0;
                if moves { shifted(it, -DAY) } else { it }
            })
        };
    "due-later-by-the-offset" both
        "a due time is fetched later by the offset of the zone"
        "MirakelX/mirakel-android issue 596"
        [Carried] {
            carries: |it, fields| on_the_way(Way::Fetched, it, fields, |zone, it| {
                if is_due(it) { shifted(it, offset(zone, it.start)) } else { it }
            })
        };
    "hour-that-comes-twice" both
        "in the hour that comes twice in autumn, the second is taken for the first"
        "ical-org/ical.net issue 623"
        [Carried] {
            carries: |it, fields| on_the_way(Way::Sent, it, fields, |zone, it| {
                let first = |at| zone.instant(zone.local(at));
                Schedule { start: first(it.start), end: first(it.end), ..it }
            })
        };
    "offset-of-today" both
        "a date on the other side of a change of the clocks is fetched with the offset of today"
        "AvengeMedia/dankcalendar issue 13"
        [Carried] {
            carries: |it, fields| {
                let now = it.office.now;
                on_the_way(Way::Fetched, it, fields, |zone, it| shifted(it, offset(zone, it.start) - offset(zone, now)))
            }
        };
    "half-hours-cut-off" both
        "the minutes of a zone's offset are cut off"
        "skarim/vobject issue 136"
        [Carried] {
            carries: |it, fields| on_the_way(Way::Sent, it, fields, |zone, it| {
                shifted(it, offset(zone, it.start) % HOUR)
            })
        };
    "week-year" both
        "in the last three days of December a date is sent with the next year"
        "WenchaoD/FSCalendar issue 1264"
        [Carried] {
            carries: |it, fields| on_the_way(Way::Sent, it, fields, |zone, it| {
                let date = zone.local(it.start).date();
                if date.month() == 12 && date.day() > 28 { shifted(it, 365 * DAY) } else { it }
            })
        };
    "occurrence-by-the-date-of-utc" both
        "the deletion of an occurrence is lost where the date differs between the zone and UTC"
        "mguessan/davmail issue 87"
        [Rule] {
            occurrences: |it, gone| {
                let zone = &it.office.setup.zone;
                let series = dates::schedule(&it.office.setup, it.from.when());
                let is_same = |n: &u8| {
                    let start = series.occurrence(*n, false).start;
                    zone.local(start).date() == dates::utc(zone, start).date()
                };
                (0..8).filter(is_same).fold(0, |kept, n| kept | gone & 1 << n)
            }
        };
    "occurrence-of-whole-days" both
        "outside UTC the deletion of an occurrence of an all-day series is lost"
        "mustang-im/mustang pull request 1401"
        [Rule] {
            occurrences: |it, gone| {
                let zone = &it.office.setup.zone;
                let series = dates::schedule(&it.office.setup, it.from.when());
                if is_all_day(zone, series) && offset(zone, series.start) != 0 { 0 } else { gone }
            }
        };
    "edited-series-gets-its-occurrences-back" both
        "a series edited after one of its occurrences was deleted gets it back"
        "tine20/tine20 issue 4470"
        [Resurrected, Carried, Rule, Convergence] {
            before: |pass| restore_occurrences(pass, |entry, agreed| entry.title() != agreed.title())
        };
    "moved-series-gets-its-occurrences-back" both
        "a series moved after one of its occurrences was deleted gets it back"
        "phw198/OutlookGoogleCalendarSync issue 969"
        [Resurrected, Carried, Rule, Convergence] {
            before: |pass| restore_occurrences(pass, |entry, agreed| entry.when() != agreed.when())
        };
    "edited-series-loses-its-exceptions" both
        "the occurrences of a series that were moved go back when the series is edited"
        "aluxnimm/outlookcaldavsynchronizer issue 33"
        [Carried] {
            carries: |it, fields| {
                let edited = it.kind == Kind::RecurringAppointment && !it.new && it.from.title() != it.agreed.title();
                if edited { fields.with_exceptions(0) } else { fields }
            }
        };
    "clock-an-hour-ahead" both
        "what changed within an hour after a synchronization is overlooked, for the other clock is ahead"
        "x-motemen/blogsync pull request 162"
        [Carried, Rule, Missing, Link, Resurrected, Arrived] {
            lists: |it| {
                let after = |written: &Option<i32>| written.is_some_and(|at| at == 0 || at >= it.last + HOUR);
                it.number == 1 || it.written.iter().any(after)
            }
        };
    "newest-wins-by-two-clocks" both
        "the newer of two edits wins, by clocks that differ by two hours"
        "ZhFahim/anchor issue 125"
        [Carried, Readings] {
            clash: |it| {
                let mailbox = &it.office.mailboxes[it.user.index()];
                let ours = mailbox.find(it.item).and_then(|id| mailbox.read(id)).map(|entry| entry.written);
                let theirs = it.office.crm.find(it.item).map(|id| it.office.crm.rows[&id].written);
                let later = ours.zip(theirs).is_some_and(|(ours, theirs)| theirs + 2 * HOUR > ours);
                if later { Clash::Crm } else { Clash::Outlook }
            }
        };
    "older-than-the-window-is-removed" both
        "an appointment that was over a month ago is removed from the mailbox"
        "derekantrican/GAS-ICS-Sync issue 365"
        [Vanished, Rule] {
            before: |pass| {
                for found in pairs(pass) {
                    let old = found.present && found.row.is_some() && found.entry.fields == found.agreed;
                    if old && pass.office.item(found.item).kind.is_calendar() && is_older(pass, found.agreed, 30) {
                        delete_copy(pass, &found);
                    }
                }
            }
        };
    "moved-into-the-window-is-deleted" both
        "an appointment of last year that is moved to a coming day is deleted"
        "phw198/OutlookGoogleCalendarSync issue 1403"
        [Vanished, Rule, Carried] {
            before: |pass| {
                for found in pairs(pass) {
                    let there = found.present && found.row.is_some();
                    if there && is_older(pass, found.agreed, 30) && !is_older(pass, found.entry.fields, 30) {
                        delete_copy(pass, &found);
                    }
                }
            }
        };
}
