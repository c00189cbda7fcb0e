'use strict';
// What the documents say of a deletion, for one user. Where they are silent it is one reading throughout: a condition is
// judged at the synchronization that carries the deletion; an appointment is current while its end is not past, a series
// while the last occurrence of its pattern is not, a task while it is not completed in Outlook.

const CALENDAR = new Set(['appointment', 'meeting-request', 'recurring-appointment', 'service-activity']);
const TASKS = new Set(['task', 'phone-call', 'letter', 'fax']);
const CRM_ONLY = new Set(['account', 'lead', 'opportunity', 'case']);

/** The end of what an item describes, in milliseconds; none without dates. */
function end(dates) {
  if (!dates) return null;
  const last = dates.due || dates.end || dates.start;
  if (!last) return null;
  return Date.parse(last) + (dates.every_s ? dates.every_s * 1000 * (dates.count - 1) : 0);
}

/** The end of one occurrence; one that was moved takes place a day later than the pattern says. */
function occurrenceEnd(record, occurrence) {
  const { dates } = record;
  const last = dates && (dates.end || dates.start);
  if (!last) return null;
  const moved = record.exceptions.includes(occurrence) ? 24 * 3600 * 1000 : 0;
  return Date.parse(last) + (dates.every_s || 0) * 1000 * occurrence + moved;
}

const current = (dates, now) => end(dates) === null || end(dates) >= now;

/** Whether the record goes when the linked copy was deleted in Outlook. */
function recordGoes(kind) {
  return CALENDAR.has(kind) || TASKS.has(kind);
}

/** Whether the linked copy goes when its record, as last seen, was deleted in CRM. */
function copyGoes(kind, record, copy, user, now) {
  if (kind === 'email') return false;
  if (kind === 'contact') return record.owner !== user;
  if (TASKS.has(kind)) return copy.status !== 'completed';
  return (record.owner === user || record.organizer === user) && current(record.dates, now);
}

/** The same of one occurrence of a series. */
function occurrenceGoes(record, user, occurrence, now) {
  const at = occurrenceEnd(record, occurrence);
  return (record.owner === user || record.organizer === user) && (at === null || at >= now);
}

/** Whether the client asks when a linked item is untracked, by the record as that client last saw it. */
const asks = (kind, record, user) => kind !== 'contact' || record.owner === user;

/** Whether an untracking deletes the record. `yes` counts only where the user was asked. */
function untrackingDeletes(kind, record, user, yes, now) {
  if (kind === 'contact') return record.owner !== user || yes;
  if (!yes) return false;
  if (kind === 'email' || TASKS.has(kind)) return true;
  return record.owner === user && current(record.dates, now);
}

/** Whether a record that never was in a mailbox arrives there. */
function receives(record, user) {
  if (record.kind === 'contact' || TASKS.has(record.kind)) return record.owner === user;
  return CALENDAR.has(record.kind) && record.required.includes(user);
}

module.exports = {
  CALENDAR, TASKS, CRM_ONLY, recordGoes, copyGoes, occurrenceGoes, asks, untrackingDeletes, receives,
};
