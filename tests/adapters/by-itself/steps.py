"""What people do: every step either is done or changes nothing and is refused."""
import copy as copying
from datetime import timedelta

import rules
from sync import synchronize
from world import wait_for_record


class Refused(Exception):
    pass


def check(condition):
    if not condition:
        raise Refused


class View:
    """Where a step works: on the servers, or on what a computer that is cut off holds."""

    def __init__(self, world, computer=None):
        self.world, self.live = world, computer is None or computer.state == "connected"
        self.mailboxes = world.mailboxes if self.live else computer.mailboxes
        self.crm = world.crm if self.live else computer.crm


def take(world, step):
    """Take one step: the answer."""
    world.version += 1
    try:
        return {"answer": "done", **act(world, step)}
    except Refused:
        return {"answer": "refused"}


def act(world, step):
    op, by = step["op"], step["by"]
    if op == "wait":
        world.now += timedelta(seconds=step["seconds"])
        return {}
    if op == "server-synchronize":
        server_synchronize(world, step["mailbox"])
        return {}
    computer = world.computers.get(step.get("computer"))
    if step.get("computer"):
        check(computer is not None and computer.user == by)
    if op in AT_COMPUTER:
        check(computer is not None)
        AT_COMPUTER[op](world, computer)
        return {}
    view, mailbox = View(world, computer), step.get("mailbox")
    if mailbox:
        check(mailbox == by or by in world.users[mailbox]["delegates"])
    else:
        check(view.crm is not None)                        # a computer that is merely cut off has no CRM
        check(view.live or op != "assign")
    if op == "untrack":
        decisions, asked = judge_untracking(view, computer, step)
        change(view, step, decisions)
        if not view.live:
            computer.queue.append((step, decisions))
        return {"prompted": asked}
    change(view, step)
    if not view.live:
        computer.queue.append((step, None))
    return {}


def change(view, step, decisions=None):
    if step.get("mailbox"):
        mailbox = view.mailboxes[step["mailbox"]]
        if step["op"] == "untrack":
            untrack(mailbox, step["items"], decisions)
        else:
            IN_OUTLOOK[step["op"]](view, mailbox, step)
    else:
        IN_CRM[step["op"]](view, step)


# In Outlook

def create_copy(view, mailbox, step):
    name = step["item"]
    check(name not in mailbox.copies)
    mailbox.copies[name] = view.world.new_copy(view.world.specs[name])
    mailbox.seen.add(name)


def edit_copy(view, mailbox, step):
    copy = found(mailbox.copies, step["item"])
    check(copy["kind"] != "email")
    edit(copy, step["change"])


def edit(thing, change):
    if "title" in change:
        thing["title"] = change["title"]
    else:
        kept = {key: thing["dates"][key] for key in ("every_s", "count") if thing["dates"].get(key) is not None}
        thing["dates"] = {**kept, **copying.deepcopy(change["dates"])}


def delete_copy(view, mailbox, step):
    name = step["item"]
    copy = found(mailbox.copies, name)
    if step.get("occurrence") is not None:
        return delete_occurrence(copy, step["occurrence"])
    del mailbox.copies[name]
    pair = mailbox.pairs.get(name)
    if copy["state"] == "waiting":
        mailbox.pairs.pop(name, None)
    elif copy["state"] == "linked" and pair:
        pair.gone = True


def delete_occurrence(thing, number):
    check(thing["occurrences"] is not None and number in thing["occurrences"] and len(thing["occurrences"]) > 1)
    thing["occurrences"].remove(number)


def may_be_tracked(copy, record):
    return (copy["state"] == "untracked" and copy["kind"] != "service-activity" and not copy["assigned"]
            and (record in (None, copy["record"]) or copy["kind"] == "task" and record in rules.TASK_LIKE))


def selection(mailbox, names):
    copies = [found(mailbox.copies, name) for name in names]
    check(len(copies) <= 20 and len({copy["kind"] for copy in copies}) <= 1)
    return copies


def track(view, mailbox, step):
    record = step.get("record")
    copies = selection(mailbox, step["items"])
    check(all(may_be_tracked(copy, record) for copy in copies))
    for name, copy in zip(step["items"], copies):
        copy["record"] = record or copy["record"]
        start_tracking(view, mailbox, name, step)


def start_tracking(view, mailbox, name, step):
    principal = step["mailbox"]
    wait_for_record(mailbox, name, step["by"] != principal and view.world.away(principal))


def may_be_parent(world, name):
    """A contact belongs to an account or a contact."""
    return world.specs[name]["kind"] in ("account", "contact")


def set_regarding(view, mailbox, step):
    key, names = ("parent", [step["item"]]) if step["op"] == "set-parent" else ("regarding", step["items"])
    copies = selection(mailbox, names)
    check(all(copy["state"] in ("waiting", "linked") or may_be_tracked(copy, None) for copy in copies))
    check(all((copy["kind"] == "contact") == (key == "parent") for copy in copies))
    check(key != "parent" or may_be_parent(view.world, step["to"]))
    for name, copy in zip(names, copies):
        if copy["state"] == "untracked":
            start_tracking(view, mailbox, name, step)
        copy[key] = step["to"]


def complete_copy(view, mailbox, step):
    copy = found(mailbox.copies, step["item"])
    check(copy["kind"] in rules.TASK_LIKE | rules.DATED and copy["status"] == "open")
    copy["status"] = "completed"


def judge_untracking(view, computer, step):
    """Per item, does the record go? And was anybody asked? In a browser there is nobody to ask, and it stays."""
    decisions, asked = {}, False
    for name in step["items"]:
        copy = found(view.mailboxes[step["mailbox"]].copies, name)
        decisions[name] = False
        if copy["state"] == "linked" and computer is not None:
            prompt, decisions[name] = rules.untracked(copy, step["mailbox"], step["yes"])
            asked = asked or prompt
    return decisions, asked


def untrack(mailbox, names, decisions):
    copies = [found(mailbox.copies, name) for name in names]
    check(all(copy["state"] in ("waiting", "linked") for copy in copies))
    for name, copy in zip(names, copies):
        if copy["state"] == "waiting":
            copy["state"] = "untracked"
            mailbox.pairs.pop(name, None)
        else:
            copy["state"] = "untracking"
            if name in mailbox.pairs:
                mailbox.pairs[name].order = decisions[name]


def found(things, name):
    check(name in things)
    return things[name]


# In CRM

def create_record(view, step):
    name = step["item"]
    check(name not in view.crm)
    record = view.world.new_record(view.world.specs[name], step["by"])
    if view.live:
        view.world.add_record(name, record)
    else:
        view.crm[name] = record


def edit_record(view, step):
    record = found(view.crm, step["item"])
    check(not rules.closed(record))
    edit(record, step["change"])


def delete_record(view, step):
    name = step["item"]
    record = found(view.crm, name)
    check(view.world.users[step["by"]]["may_delete"])
    if step.get("occurrence") is not None:
        delete_occurrence(record, step["occurrence"])
    elif view.live:
        view.world.bury(name)
    else:
        del view.crm[name]


def set_regarding_record(view, step):
    key, names = ("parent", [step["item"]]) if step["op"] == "set-parent" else ("regarding", step["items"])
    records = [found(view.crm, name) for name in names]
    check(all((record["kind"] == "contact") == (key == "parent") for record in records))
    check(key != "parent" or may_be_parent(view.world, step["to"]))
    check(all(not rules.closed(record) or record["kind"] == "email" for record in records))
    for record in records:
        record[key] = step["to"]


def close_record(view, step):
    record = found(view.crm, step["item"])
    check(record["kind"] in rules.ACTIVITIES and not rules.closed(record))
    record["status"] = "completed" if step["op"] == "complete" else "cancelled"


def assign(view, step):
    found(view.crm, step["item"])["owner"] = step["to"]


def change_organizer(view, step):
    record = found(view.crm, step["item"])
    check(record["kind"] in rules.DATED and not rules.closed(record))
    record["organizer"] = step["to"]


# Computers

def connect(world, computer, state="disconnected"):
    """The queue goes to the servers in the order of entry; what cannot be done any more is dropped."""
    check(computer.state == state)
    computer.state = "connected"
    for mailbox in [world.mailboxes[computer.user]]:
        for pair in mailbox.pairs.values():
            pair.needs_principal = False
    queue, computer.queue = computer.queue, []
    view = View(world)
    for step, decisions in queue:
        for part in parts(step):
            try:
                change(view, part, decisions)
            except Refused:
                pass


def parts(step):
    """Each item of a selection for itself: one that is gone takes no other along."""
    return [{**step, "items": [name]} for name in step["items"]] if "items" in step else [step]


def disconnect(world, computer):
    check(computer.state == "connected")
    world.leave(computer, "disconnected")


def go_offline(world, computer):
    """X-23: synchronize whole on leaving, and not on returning."""
    check(computer.state == "connected")
    user = computer.user
    if world.users[user]["method"] == "outlook-client" and world.synchronizing[user] == computer.name:
        synchronize(world, user)
    world.leave(computer, "offline")


def go_online(world, computer):
    connect(world, computer, "offline")


def choose(world, computer):
    check(computer.state == "connected" and world.users[computer.user]["method"] == "outlook-client")
    check(sum(other.user == computer.user for other in world.computers.values()) > 1)
    world.synchronizing[computer.user] = computer.name


def synchronize_at(world, computer):
    check(computer.state == "connected" and world.users[computer.user]["method"] == "outlook-client")
    if world.synchronizing[computer.user] == computer.name:
        synchronize(world, computer.user)


def server_synchronize(world, user):
    check(world.users[user]["method"] == "server-side")
    synchronize(world, user)


AT_COMPUTER = {"synchronize": synchronize_at, "connect": connect, "disconnect": disconnect, "go-offline": go_offline, "go-online": go_online,
               "choose-synchronizing-computer": choose}
IN_OUTLOOK = {"create": create_copy, "edit": edit_copy, "delete": delete_copy, "track": track,
              "set-regarding": set_regarding, "set-parent": set_regarding, "complete": complete_copy}
IN_CRM = {"create": create_record, "edit": edit_record, "delete": delete_record, "assign": assign,
          "set-regarding": set_regarding_record, "set-parent": set_regarding_record, "complete": close_record,
          "cancel": close_record, "change-organizer": change_organizer}
