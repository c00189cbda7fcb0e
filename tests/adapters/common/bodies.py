"""Items as the stores keep them: vCard, iCalendar, and messages. Only what the harness looks at is understood."""
import functools
import re
from datetime import datetime, timezone
from email import message_from_string, policy
from zoneinfo import ZoneInfo

SUFFIX = {"contact": ".vcf", "appointment": ".ics", "task": ".ics", "email": ".eml"}
COMPONENT = {"contact": "VCARD", "appointment": "VEVENT", "task": "VTODO"}
TITLE = {"contact": "FN", "appointment": "SUMMARY", "task": "SUMMARY"}
STATUS = {"open": "NEEDS-ACTION", "completed": "COMPLETED", "cancelled": "CANCELLED"}
# An event must have a start: this one stands for none.
UNDATED = "19700101T000000Z"


def render(kind, uid, title, address=None, dates=None, status="open"):
    """The text of a new item."""
    dates = dates or {}
    if kind == "email":
        return (
            f"From: somebody@tombstone.example\r\nTo: ann@tombstone.example\r\nSubject: {title}\r\n"
            f"Date: Tue, 01 Mar 2016 09:00:00 +0000\r\nMessage-ID: <{uid}@tombstone.example>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nA message.\r\n"
        )
    text = _escape(title)
    if kind == "contact":
        lines = ["VERSION:3.0", f"UID:{uid}", f"FN:{text}", f"N:{text};;;;"]
        if address:
            lines.append(f"EMAIL;TYPE=INTERNET:{address}")
        return _lines(["BEGIN:VCARD", *lines, "END:VCARD"])
    lines = [f"UID:{uid}", "DTSTAMP:20160301T090000Z", f"SUMMARY:{text}"]
    lines += _date_lines(kind, dates)
    if kind == "task":
        lines.append(f"STATUS:{STATUS[status]}")
        if status == "completed":
            lines.append("COMPLETED:20160301T090000Z")
    component = COMPONENT[kind]
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tombstone//adapter//EN"]
    return _lines([*head, f"BEGIN:{component}", *lines, f"END:{component}", "END:VCALENDAR"])


def read(kind, body):
    """What is seen of an item: its title, and where they are there its address, dates and status."""
    return dict(_read(kind, body))


@functools.lru_cache(maxsize=4096)
def _read(kind, body):
    if kind == "email":
        message = message_from_string(body, policy=policy.default)
        return {"title": str(message["subject"] or "")}
    seen = {"title": "", "dates": {}}
    for name, parameters, value in _properties(kind, body):
        if name == TITLE[kind]:
            seen["title"] = _unescape(value)
        elif kind == "contact" and name.rpartition(".")[2] == "EMAIL":
            seen.setdefault("address", value.strip())
        elif name in ("DTSTART", "DTEND", "DUE") and value != UNDATED:
            key = {"DTSTART": "start", "DTEND": "end", "DUE": "due"}[name]
            seen["dates"][key] = _instant(parameters, value)
        elif kind == "task" and name == "STATUS":
            seen["status"] = {"COMPLETED": "completed", "CANCELLED": "cancelled"}.get(value.strip(), "open")
    if kind == "task":
        seen.setdefault("status", "open")
    return seen


def edited(kind, body, change):
    """The body with another title or other dates, and everything else as the store has it."""
    if "title" in change:
        text = _escape(change["title"])
        names = {TITLE[kind]: text}
        if kind == "contact":
            names["N"] = f"{text};;;;"
        return _replace(kind, body, names, [])
    dropped = dict.fromkeys(("DTSTART", "DTEND", "DUE", "DURATION"))
    return _replace(kind, body, dropped, _date_lines(kind, change["dates"]))


def completed(body):
    """The body of a task, completed."""
    drop = dict.fromkeys(("STATUS", "COMPLETED", "PERCENT-COMPLETE"))
    return _replace("task", body, drop, ["STATUS:COMPLETED", "COMPLETED:20160301T090000Z", "PERCENT-COMPLETE:100"])


def _lines(lines):
    return "".join(line + "\r\n" for line in lines)


def _escape(text):
    return re.sub(r"([\\,;])", r"\\\1", text)


def _unescape(text):
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], text).strip()


def _unfolded(body):
    return re.sub(r"\r?\n[ \t]", "", body).replace("\r\n", "\n").split("\n")


def _properties(kind, body):
    inside = 0
    for line in _unfolded(body):
        name, value = (line.split(":", 1) + [""])[:2]
        name, *parameters = name.split(";")
        name = name.upper()
        if name in ("BEGIN", "END"):
            of_interest = value.strip().upper() == COMPONENT[kind]
            if name == "BEGIN" and (inside or of_interest):
                inside += 1
            elif name == "END" and inside:
                inside -= 1
        elif inside == 1:
            yield name, parameters, value


def _replace(kind, body, values, added):
    """Replaces properties of the item by others, or by nothing; what is added goes to its end."""
    out, inside = [], 0
    for line in _unfolded(body):
        if not line:
            continue
        head, _, value = line.partition(":")
        name = head.split(";")[0].upper()
        own = value.strip().upper() == COMPONENT[kind]
        if name == "BEGIN" and (inside or own):
            inside += 1
        elif name == "END" and inside:
            if inside == 1:
                out += added
            inside -= 1
        elif inside == 1 and name in values:
            if values[name] is not None:
                out.append(f"{head}:{values[name]}")
            continue
        out.append(line)
    return _lines(out)


def _date_lines(kind, dates):
    if kind == "contact":
        return []
    if kind == "task":
        names = {"DTSTART": "start", "DUE": "due"}
        return [f"{name}:{_stamp(dates[key])}" for name, key in names.items() if dates.get(key)]
    lines = [f"DTSTART:{_stamp(dates['start'])}" if dates.get("start") else f"DTSTART:{UNDATED}"]
    if dates.get("end"):
        lines.append(f"DTEND:{_stamp(dates['end'])}")
    return lines


def _stamp(instant):
    return datetime.fromisoformat(instant).astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")


def _instant(parameters, value):
    value = value.strip()
    zone = timezone.utc
    for parameter in parameters:
        key, _, name = parameter.partition("=")
        if key.upper() == "TZID" and not value.endswith("Z"):
            try:
                zone = ZoneInfo(name.strip('"').lstrip("/"))
            except (KeyError, ValueError, OSError):
                zone = timezone.utc
    form = "%Y%m%d" if len(value) == 8 else "%Y%m%dT%H%M%S"
    moment = datetime.strptime(value.rstrip("Z"), form).replace(tzinfo=zone)
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
