"""What the documents decide: who may, what goes and what stays. Nothing here changes anything."""
from datetime import datetime, timedelta

TASK_LIKE = {"task", "phone-call", "letter", "fax"}
DATED = {"appointment", "meeting-request", "recurring-appointment", "service-activity"}
CRM_ONLY = {"account", "lead", "opportunity", "case"}
ACTIVITIES = TASK_LIKE | DATED | {"email"}


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def closed(record):
    """A closed record is not edited; a message always is closed."""
    return record["kind"] == "email" or record["status"] != "open"


def occurrence_end(thing, number):
    """When an occurrence of a series is over: an exception takes place a day later than the pattern says."""
    dates = thing["dates"]
    end = instant(dates.get("end") or dates["start"])
    late = timedelta(days=1) if number in thing["exceptions"] else timedelta()
    return end + timedelta(seconds=(dates.get("every_s") or 0) * number) + late


def current_occurrence(thing, number, now):
    return not thing["dates"].get("start") or occurrence_end(thing, number) >= now


def current(thing, now):
    """X-01: not over yet. X-03: a series by those of its occurrences that are left. X-08: a task open in CRM."""
    if thing["kind"] in TASK_LIKE:
        return thing["status"] == "open"
    if thing["kind"] == "recurring-appointment":
        return any(current_occurrence(thing, number, now) for number in thing["occurrences"])
    end = thing["dates"].get("end") or thing["dates"].get("start")
    return end is None or instant(end) >= now


def deleted_in_outlook(kind):
    """Does the record go when a linked copy is deleted? X-09: as a task. X-10: a service activity stays."""
    return kind in TASK_LIKE or kind in DATED and kind != "service-activity"


def deleted_in_crm(record, user, now):
    """Does this user's copy go when the record (as it last was) is deleted?"""
    if record["kind"] == "email":
        return False
    if record["kind"] == "contact":
        return record["owner"] != user
    if record["kind"] in TASK_LIKE:
        return current(record, now)
    if record["kind"] == "service-activity":
        return current(record, now)
    return current(record, now) and user in (record["owner"], record["organizer"])


def occurrence_deleted_in_crm(record, number, user, now):
    return current_occurrence(record, number, now) and user in (record["owner"], record["organizer"])


def untracked(copy, user, yes):
    """Untracked at a client: (is the user asked, may the record go)? Contacts are judged then, by what it shows."""
    kind, owner = copy["record"], copy["owner"] == user
    if kind == "contact":
        return (True, yes) if owner else (False, True)
    if kind == "service-activity":
        return False, False
    if kind == "email" or kind in TASK_LIKE:
        return True, yes
    return True, yes


def order_stands(record, user, now):
    """X-32: whether Yes deletes an appointment is judged at the synchronization."""
    return record["kind"] not in DATED or record["owner"] == user and current(record, now)


def receives(record, user):
    """Does a record that never was in the mailbox arrive there?"""
    if record["kind"] == "contact" or record["kind"] in TASK_LIKE:
        return record["owner"] == user
    return record["kind"] in DATED and user in record["required"]
