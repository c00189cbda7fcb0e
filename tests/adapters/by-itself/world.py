"""The stores: CRM, the mailboxes, and what each computer holds while it is cut off."""
import copy as copying
from dataclasses import dataclass, field

from rules import CRM_ONLY, TASK_LIKE, instant

# What a synchronization carries, apart from the owner and the occurrences.
FIELDS = ["title", "dates", "status", "organizer", "required", "optional", "regarding", "parent"]


@dataclass
class Pair:
    """What the engine remembers of one copy and its record."""
    base: dict = field(default_factory=dict)  # the fields as both sides last had them
    copy_occurrences: list = None             # and the occurrences, each side for itself
    record_occurrences: list = None
    order: bool = None                        # untracked and waiting: does the record go?
    gone: bool = False                        # the copy was deleted
    needs_principal: bool = False             # a delegate tracked it while the principal was away


@dataclass
class Mailbox:
    copies: dict = field(default_factory=dict)
    pairs: dict = field(default_factory=dict)  # empty in a cache: a client remembers the copies only
    seen: set = field(default_factory=set)     # what ever lay here; it does not arrive again


@dataclass
class Computer:
    name: str
    user: str
    state: str = "connected"                   # or "disconnected", or "offline"
    mailboxes: dict = field(default_factory=dict)
    crm: dict = None
    queue: list = field(default_factory=list)


class World:
    def __init__(self, params):
        self.now = instant(params["now"])
        self.users = {user["name"]: user for user in params["users"]}
        self.specs = {item["name"]: item for item in params["items"]}
        self.computers = {c["name"]: Computer(c["name"], c["user"]) for c in params["computers"]}
        self.synchronizing = {c["user"]: c["name"] for c in params["computers"] if c["synchronizing"]}
        self.crm, self.graves = {}, {}
        self.mailboxes = {name: Mailbox() for name in self.users}
        self.version = 0                       # counts changes, so that the thread may rest
        for name, spec in self.specs.items():
            if spec["in_crm"]:
                self.add_record(name, self.new_record(spec, spec["owner"]))
            for user in spec["copies"]:
                self.begin_copy(name, spec, user)

    def begin_copy(self, name, spec, user):
        mailbox = self.mailboxes[user]
        mailbox.copies[name] = self.new_copy(spec)
        mailbox.seen.add(name)
        if user in spec.get("tracked", []) and name in self.crm:
            link(mailbox, name, mailbox.copies[name], self.crm[name])
        elif user in spec.get("tracked", []):
            wait_for_record(mailbox, name)

    # Making things

    def common(self, spec):
        count = spec["dates"].get("count")
        thing = {name: copying.deepcopy(spec.get(name)) for name in FIELDS + ["address", "exceptions"]}
        thing["occurrences"] = list(range(count)) if spec["kind"] == "recurring-appointment" and count else None
        return thing

    def new_copy(self, spec):
        """An untracked copy."""
        return {**self.common(spec), "kind": spec["kind"], "record": spec["record"], "owner": None,
                "assigned": spec["assigned"], "state": "untracked"}

    def new_record(self, spec, owner):
        return {**self.common(spec), "kind": spec["record"], "owner": owner}

    def add_record(self, name, record):
        self.crm[name] = record

    def bury(self, name):
        """Delete a record, and remember what it last was."""
        record = self.crm.pop(name)
        self.graves[name] = record

    # Who is where

    def shown_at(self, computer):
        """The mailboxes that a computer shows: its user's and those of the principals."""
        return [name for name, user in self.users.items()
                if name == computer.user or computer.user in user["delegates"]]

    def away(self, user):
        return not any(c.user == user and c.state == "connected" for c in self.computers.values())

    def can_synchronize(self, user):
        if self.users[user]["method"] == "server-side":
            return True
        computer = self.computers.get(self.synchronizing.get(user))
        return computer is not None and computer.state == "connected"

    def leave(self, computer, state):
        """From now on the computer shows what it holds."""
        computer.state = state
        computer.mailboxes = {name: Mailbox(copying.deepcopy(self.mailboxes[name].copies))
                              for name in self.shown_at(computer)}
        computer.crm = copying.deepcopy(self.crm) if state == "offline" else None
        computer.queue = []

    # Looking

    def entries(self):
        found = [entry("crm", name, record) for name, record in self.crm.items()]
        for user, mailbox in self.mailboxes.items():
            found += [entry("outlook", name, copy, mailbox=user) for name, copy in mailbox.copies.items()]
        for computer in self.computers.values():
            shown = self.mailboxes if computer.state == "connected" else computer.mailboxes
            found += [entry("outlook", name, copy, mailbox=user, computer=computer.name)
                      for user in self.shown_at(computer) for name, copy in shown[user].copies.items()]
        return found


def entry(store, name, thing, **where):
    shown = {key: thing[key] for key in FIELDS}
    kind = thing["kind"]
    if store == "crm":
        shown["owner"] = thing["owner"]
    else:
        shown["tracked"] = thing["state"] in ("waiting", "linked")
        kind = "task" if kind in TASK_LIKE else kind
    if thing["occurrences"] is not None:
        shown["occurrences"] = thing["occurrences"]
        shown["exceptions"] = thing["exceptions"]
    if thing.get("address"):
        shown["address"] = thing["address"]
    return {"store": store, "kind": kind, "id": "/".join([store, *where.values(), name]), **shown, **where}


def remember(pair, copy, record):
    """Both sides are in step."""
    pair.base = {name: copying.deepcopy(copy[name]) for name in FIELDS}
    pair.copy_occurrences = list(copy["occurrences"] or [])
    pair.record_occurrences = list(record["occurrences"] or [])
    copy["owner"] = record["owner"]


def link(mailbox, name, copy, record):
    copy["state"], copy["record"] = "linked", record["kind"]
    pair = mailbox.pairs[name] = Pair()
    remember(pair, copy, record)


def wait_for_record(mailbox, name, needs_principal=False):
    copy = mailbox.copies[name]
    copy["state"] = "waiting"
    mailbox.pairs[name] = Pair(base={key: copying.deepcopy(copy[key]) for key in FIELDS},
                               copy_occurrences=list(copy["occurrences"] or []), needs_principal=needs_principal)
