"""The harness' operations on two stores and a synchronizer between them.

Of each kind there are four collections: `outlook` and `crm`, which the engine synchronizes; `private`, the part of
Outlook that it does not see, where untracked items lie; and `shelf`, the same in CRM, for records that no filter brings
to Outlook (messages, and appointments to which the user is not required) or whose copy is not tracked. To track is to
move from `private` into `outlook`. What Outlook moves away goes to `away`, which nobody synchronizes or looks into.
"""
import os
import shutil
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from . import bodies, engine
from .folders import Folders

PREFIX = "tombstone-adapter-"
SYNCHRONIZED = ("outlook", "crm")
UNSEEN = ("private", "shelf", "away")
OUTLOOK = ("outlook", "private")
CRM = ("crm", "shelf")
CANARIES = ("canary one", "canary two")
# Some engines need a second run before both sides agree.
MOST_LINKING_CYCLES = 3
# What is left of a deadline for the answer itself.
MARGIN_S = 1.0
# The most items that Outlook tracks at once.
MOST_SELECTED = 20
# Of what an engine prints, the end says most.
REPORT_LENGTH = 1000

# To untrack is to answer a question, which no client asks here: it is not claimed.
BOTH = ["create-in-outlook", "create-in-crm", "delete-in-outlook", "move-away-in-outlook", "delete-in-crm", "track"]
EDITS = ["edit-in-outlook", "edit-in-crm"]
COMPLETES = ["complete-in-outlook", "complete-in-crm"]
KINDS = {
    # A message is not edited: to most engines another text is another message.
    "email": {"operations": BOTH, "fields": ["title", "tracked"]},
    "contact": {"operations": BOTH + EDITS, "fields": ["title", "tracked"]},
    "appointment": {"operations": BOTH + EDITS, "fields": ["title", "when", "tracked"]},
    "task": {"operations": BOTH + EDITS + COMPLETES, "fields": ["title", "when", "status", "tracked"]},
}
# What lives in CRM only is there to be regarding, and nothing is done to it.
CRM_ONLY = dict.fromkeys(("account", "lead", "opportunity", "case"), {"operations": [], "fields": ["title"]})
# What is a task in Outlook is one to an engine, whatever its record is.
TASKS = ("task", "phone-call", "letter", "fax")
# The step `delete` as a capability, by how it is done.
DELETES = {"soft": "soft-delete", "move": "move-away"}
DONE = {"answer": "done"}
REFUSED = {"answer": "refused"}


def unsupported(reason):
    return {"answer": "unsupported", "reason": reason}


def beyond(params):
    """What a starting world has that is beyond two collections and an engine, if anything."""
    elsewhere = any(item["folder"] != "exchange" and item["copies"] for item in params["items"])
    return "Outlook has one message store only" if elsewhere else None


class Adapter:
    """What all engines have in common. A subclass says who it is, and how to set up, run and forget."""

    name = version = ""
    kinds = ()
    # The kinds whose store can keep an item that is marked as deleted.
    soft = ()
    # A world of 600 items more is minutes of work for some engines.
    deadlines = {"reset_ms": 180_000, "apply_ms": 10_000}
    min_edit_gap_ms = 0
    # Whether the store that plays CRM can be made unreachable.
    unreachable = False
    # Whether the engine is started at the world's time, so that `wait` moves it on.
    timed = False

    def __init__(self, profile):
        self.profile = profile
        engine.remove_leftovers(PREFIX)
        self.folder = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-")
        self.work = Path(self.folder.name)
        self.world = 0
        self.items = {}
        self.used = ()
        self.user = None
        self.stores = self.unseen = None
        self.connected = True
        self.now = None

    # What an engine fills in.

    def prepare(self, folder, kinds):
        """Sets up empty synchronized collections of these kinds and an engine that remembers nothing; returns them."""
        raise NotImplementedError

    def commands(self):
        """The programs that make up one cycle, to be run side by side."""
        raise NotImplementedError

    def forget(self):
        """Removes all that the engine remembers."""
        raise NotImplementedError

    def environment(self):
        clock = engine.clock_at(self.now) if self.timed and self.now else {}
        return engine.environment(HOME=str(self.work), **clock)

    def cut(self):
        """Makes the store that plays CRM unreachable to the engine."""

    def mend(self):
        """Makes it reachable again."""

    def linked(self):
        """Anything due between the linking of a new world and its first step."""

    def outcome(self, codes):
        """How a cycle ended, as the exit codes of its programs say: an outcome of the protocol."""
        return "failure" if any(codes) else "success"

    def canary_dates(self, kind):
        return CANARY_DATES[kind]

    def before_cycle(self):
        """Anything due before the engine runs."""

    def close(self):
        """Stops what `prepare` or the constructor started."""

    # The protocol.

    def initialize(self, params):
        capabilities = {
            "kinds": self.claimed() | CRM_ONLY,
            "operations": ["synchronize", "web", "several", *(["wait"] if self.timed else [])],
            # It is started anew for every cycle, so that from outside its clock is a live one. The stores have none.
            "clock": "live" if self.timed else "none",
            "store_clock": "none",
            "stepped": True,
            "disasters": [
                "kill", "lose-state", "empty-outlook", "empty-crm", *(["unreachable-crm"] if self.unreachable else [])],
            "min_edit_gap_ms": self.min_edit_gap_ms,
            "deadlines": self.deadlines,
        }
        name = f"{self.name}-{self.profile}"
        return {"protocol": 1, "name": name, "version": self.version, "capabilities": capabilities}

    def claimed(self):
        """The kinds that it keeps."""
        of = {kind: "task" if kind in TASKS else kind for kind in [*KINDS, *TASKS]}
        kept = {kind: like for kind, like in of.items() if like in self.kinds}
        return {kind: {**KINDS[like], "operations": self.operations(like)} for kind, like in kept.items()}

    def operations(self, kind):
        return KINDS[kind]["operations"] + (["soft-delete-in-outlook"] if kind in self.soft else [])

    def reset(self, params):
        if reason := beyond(params):
            return unsupported(reason)
        for item in params["items"]:
            if item["kind"] in TASKS:
                item["kind"] = "task"
        self.user = params["users"][0]["name"]
        self.now = datetime.fromisoformat(params["now"]).astimezone(timezone.utc)
        self.reconnect()
        # Engines keep no hold of a world that is over.
        shutil.rmtree(self.work / f"world-{self.world}", ignore_errors=True)
        self.world += 1
        self.items = {item["name"]: item for item in params["items"]}
        self.used = [kind for kind in self.kinds if any(item["kind"] == kind for item in params["items"])]
        folder = self.work / f"world-{self.world}"
        folder.mkdir()
        self.log = folder / "engine.log"
        self.unseen = Folders(folder / "unseen")
        self.stores = self.prepare(folder, self.used)
        for kind in self.used:
            for place in UNSEEN:
                self.unseen.make(kind, place)
            for canary in CANARIES:
                uid = f"{canary.replace(' ', '-')}.{kind}.{self.world}"
                self.stores.put(kind, "outlook", uid, bodies.render(kind, uid, canary, dates=self.canary_dates(kind)))
        linked = [item for item in params["items"] if item["tracked"] and item["in_crm"] and item["kind"] in self.used]
        for item in linked:
            self.put_new(item, "outlook")
        # What is linked was put into Outlook only: the engine itself makes the record, and so knows of both.
        deadline = params["deadline_ms"] / 1000 - MARGIN_S
        for _ in range(MOST_LINKING_CYCLES):
            if not self.used or self.is_linked([item["name"] for item in linked]):
                break
            self.cycle(deadline)
        else:
            if not self.is_linked([item["name"] for item in linked]):
                return {"answer": "failed", "definite": True, "message": "the engine did not bring the items to CRM"}
        self.linked()
        for item in params["items"]:
            if item in linked or item["kind"] not in self.used:
                continue
            if item["copies"]:
                self.put_new(item, "outlook" if item["tracked"] else "private")
            if item["in_crm"]:
                self.put_new(item, "shelf" if item["copies"] or not self.is_brought(item) else "crm")
        return DONE

    def apply(self, params):
        steps = params["steps"]
        share = (params["deadline_ms"] / 1000 - MARGIN_S) / len(steps)
        return {"answers": [self.step(step, share) for step in steps]}

    def observe(self, params):
        # Accounts and the like live in CRM only, where nothing is done to them.
        entries = [
            {"store": "crm", "kind": item["kind"], "id": f"crm-only/{name}", "title": item["title"]}
            for name, item in self.items.items() if item["in_crm"] and item["kind"] not in self.kinds
        ]
        for kind in self.used:
            for place in OUTLOOK + CRM:
                canaries = 0
                for id, body in self.collection(place).list(kind, place):
                    seen = bodies.read(kind, body)
                    if seen["title"] in CANARIES:
                        canaries += 1
                        continue
                    where = {"store": "crm"} if place in CRM else {
                        "store": "outlook", "mailbox": self.user, "tracked": place == "outlook"}
                    entries.append({**where, "kind": kind, "id": f"{place}/{id}", **seen, "raw": body})
                if place in SYNCHRONIZED and canaries != len(CANARIES):
                    print(f"of {len(CANARIES)} untouched items of kind {kind}, {place} has {canaries}", file=sys.stderr)
        return {"entries": entries}

    def settle(self, params):
        before = self.observe({})
        deadline = (params["deadline_ms"] / 1000 - MARGIN_S) / params["most_cycles"]
        for cycle in range(params["most_cycles"]):
            answer = self.synchronize(deadline)
            if answer["answer"] != "done":
                return answer
            after = self.observe({})
            # The first cycle may have had nothing to do yet by the engine's own reckoning.
            if after == before and cycle > 0:
                return DONE
            before = after
        return {"answer": "failed", "definite": False, "message": "it does not come to rest"}

    def lose_state(self, params):
        self.forget()
        return DONE

    def crash(self, params):
        self.before_cycle()
        codes = engine.run_and_kill(
            self.commands(), params["delay_ms"] / 1000, self.log, env=self.environment(), cwd=self.work)
        return {**DONE, "outcome": "killed" if codes is None else self.outcome(codes)}

    def strike(self, params):
        match params["blow"]:
            case "empty-outlook" | "empty-crm":
                place = params["blow"].removeprefix("empty-")
                for kind in self.used:
                    for id, _ in self.stores.list(kind, place):
                        self.stores.remove(kind, place, id)
            case "cut-crm" if self.unreachable:
                self.cut()
                self.connected = False
            case "mend-crm" if self.unreachable:
                self.reconnect()
            case blow:
                return unsupported(f"it cannot be struck by `{blow}`")
        return DONE

    def shutdown(self, params):
        return None

    def stop(self):
        self.close()
        self.folder.cleanup()

    # Steps.

    def step(self, step, deadline):
        op, user = step["op"], step["by"]
        if step.get("mailbox", self.user) != self.user or user != self.user:
            return unsupported("there is one user only")
        if step.get("crash"):
            return unsupported("it cannot be crashed at one item; the method `crash` kills it after a delay")
        if op == "synchronize":
            return self.synchronize(deadline)
        if op == "wait" and self.timed:
            self.now += timedelta(seconds=step["seconds"])
            return DONE
        places = OUTLOOK if "mailbox" in step else CRM
        if op == "track":
            return self.track(step)
        kind = self.items[step["item"]]["kind"] if "item" in step else None
        side = "in-outlook" if places == OUTLOOK else "in-crm"
        op = DELETES.get(step.get("how"), op)
        if kind not in self.kinds or f"{op}-{side}" not in self.operations(kind) or "occurrence" in step:
            return unsupported(f"no operation `{op}` on {kind or 'this'}")
        found = self.find(step["item"], places)
        match op:
            case "create":
                if found:
                    return REFUSED
                item = self.items[step["item"]]
                crm = "crm" if self.is_brought(item) else "shelf"
                self.put_new(item, "private" if places == OUTLOOK else crm)
                return DONE
            case _ if not found:
                return REFUSED
        place, id, body = found
        store = self.collection(place)
        status = bodies.read(kind, body).get("status", self.items[step["item"]]["status"])
        if op in ("edit", "complete") and places == CRM and kind != "contact" and status != "open":
            return unsupported("the store that plays CRM knows no closed records")
        match op:
            case "edit":
                store.replace(kind, place, id, bodies.edited(kind, body, step["change"]))
            case "complete":
                store.replace(kind, place, id, bodies.completed(body))
            case "delete":
                store.remove(kind, place, id)
            case "soft-delete":
                store.discard(kind, place, id)
            case "move-away":
                self.unseen.put(kind, "away", self.uid(step["item"]), body)
                store.remove(kind, place, id)
        return DONE

    def track(self, step):
        """Tracks a selection: moves it into the synchronized collection of Outlook."""
        if len(step["items"]) > MOST_SELECTED or len({self.items[item]["kind"] for item in step["items"]}) > 1:
            return unsupported("there is no selection, with limits of its own")
        found = {name: self.find(name, ("private",)) for name in step["items"]}
        if not all(found.values()):
            return REFUSED
        for name, (_, id, body) in found.items():
            kind = self.items[name]["kind"]
            # The other collection gets it before this one loses it: at no moment is it nowhere.
            self.stores.put(kind, "outlook", self.uid(name), body)
            self.unseen.remove(kind, "private", id)
            shelved = self.find(name, ("shelf",))
            if shelved:
                self.stores.put(kind, "crm", self.uid(name), shelved[2])
                self.unseen.remove(kind, "shelf", shelved[1])
        return DONE

    def synchronize(self, deadline):
        try:
            codes, text = self.cycle(deadline)
        except engine.EngineFailed as failure:
            return {"answer": "failed", "definite": False, "message": str(failure)}
        # A second witness: engines answer with failure to healthy runs, and with success to others.
        text = text.replace(str(self.work), "").strip()
        return {**DONE, "outcome": self.outcome(codes), "report": f"exit {','.join(map(str, codes))}: {text[-REPORT_LENGTH:]}"}

    def reconnect(self):
        if not self.connected:
            self.mend()
            self.connected = True

    def cycle(self, deadline):
        self.before_cycle()
        return engine.run_all(self.commands(), deadline, self.log, env=self.environment(), cwd=self.work)

    # Where things are.

    def collection(self, place):
        return self.unseen if place in UNSEEN else self.stores

    def uid(self, name):
        return f"{name}.{self.world}"

    def is_brought(self, item):
        """Whether the user's filter in CRM brings a record to Outlook. That is CRM's affair and no engine's."""
        return item["kind"] not in ("email", "appointment") or self.user in item["required"]

    def put_new(self, item, place):
        kind = item["kind"]
        body = bodies.render(
            kind, self.uid(item["name"]), item["title"], item.get("address"), item["dates"], item["status"])
        self.collection(place).put(kind, place, self.uid(item["name"]), body)

    def find(self, name, places):
        """The place, id and body of the first copy of an item; items are known by their titles and by nothing else."""
        kind = self.items[name]["kind"]
        if kind not in self.used:
            return None
        for place in places:
            for id, body in self.collection(place).list(kind, place):
                if bodies.read(kind, body)["title"].rpartition(" #")[0] == name:
                    return place, id, body
        return None

    def is_linked(self, names):
        def titles(kind):
            return [bodies.read(kind, body)["title"] for _, body in self.stores.list(kind, "crm")]

        there = [title for kind in self.used for title in titles(kind)]
        known = {title.rpartition(" #")[0] for title in there}
        canaries = sum(title in CANARIES for title in there)
        return canaries == len(CANARIES) * len(self.used) and known.issuperset(names)


CANARY_DATES = {
    "email": {},
    "contact": {},
    "appointment": {"start": "2040-01-01T09:00:00+00:00", "end": "2040-01-01T10:00:00+00:00"},
    "task": {"due": "2040-01-01T09:00:00+00:00"},
}
