#!/usr/bin/env python3
"""Talks to an adapter as the harness does, and says what it saw: `smoke.py [--quiet] -- PROGRAM ARGUMENT...`

What the engine does to the other side is shown and not judged: that is the harness' work. What is judged is the adapter:
that its answers have the right form, that a change is seen in the store where it was made, that a reset is total, and
that nothing runs on afterwards.
"""
import json
import os
import subprocess
import sys
import time

NOW = "2016-03-01T09:00:00Z"
FUTURE = {"start": "2016-03-02T09:00:00Z", "end": "2016-03-02T10:00:00Z"}
LATER = {"start": "2016-03-03T09:00:00Z", "end": "2016-03-03T10:00:00Z"}
DUE, LATER_DUE = {"due": "2016-03-02T16:00:00Z"}, {"due": "2016-03-03T16:00:00Z"}
KINDS = ("email", "contact", "appointment", "task")


class Talk:
    def __init__(self, command, quiet):
        self.quiet = quiet
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL if quiet else None,
            process_group=0, text=True)
        self.id = 0
        self.times = {}

    def ask(self, method, params, label=None):
        self.id += 1
        request = {"jsonrpc": "2.0", "id": self.id, "method": method, "params": {"deadline_ms": 30_000, **params}}
        begun = time.monotonic()
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        self.times.setdefault(label or method, []).append(time.monotonic() - begun)
        if not line:
            sys.exit(f"{method}: the adapter ended with {self.process.wait()}")
        response = json.loads(line)
        assert response["id"] == self.id and response["jsonrpc"] == "2.0", line
        if "error" in response:
            return response["error"]
        return response["result"]

    def step(self, op, expected="done", **fields):
        computer = {"computer": "laptop"} if "mailbox" in fields or op == "synchronize" else {}
        step = {"by": "ann", **computer, "op": op, **fields}
        (answer,) = self.ask("apply", {"steps": [step]}, op)["answers"]
        assert answer["answer"] == expected, f"{step}: {answer}"
        return answer

    def look(self, title=None):
        entries = self.ask("observe", {})["entries"]
        seen = {}
        for entry in entries:
            assert set(entry) >= {"store", "kind", "id", "title"}, entry
            what = entry["title"].rpartition(" #")[2]
            dates = entry.get("dates") or {}
            date = (dates.get("start") or dates.get("due") or "")[8:10]
            what += f"@{date}" if date else ""
            what += "*" if entry.get("tracked") else ""
            what += "!" if entry.get("status") == "completed" and entry["kind"] != "email" else ""
            seen.setdefault(entry["title"].rpartition(" #")[0], {}).setdefault(entry["store"], []).append(what)
        if title and not self.quiet:
            print(f"\n{title}")
            for name, stores in sorted(seen.items()):
                print(f"  {name:24} outlook {','.join(stores.get('outlook', ['-'])):16} crm {','.join(stores.get('crm', ['-']))}")
        return lambda name, store: seen.get(name, {}).get(store, [])


def item(name, kind, tracked=False, copies=False, in_crm=False):
    dates = {"appointment": FUTURE, "task": DUE}.get(kind, {})
    return {
        "name": name, "kind": kind, "record": kind, "title": f"{name} #0",
        **({"address": f"{name}@tombstone.example"} if kind == "contact" else {}),
        "copies": ["ann"] if copies else [], "tracked": ["ann"] if tracked else [], "in_crm": in_crm, "owner": "ann",
        "organizer": "ann" if kind == "appointment" else None,
        "required": ["ann"] if kind == "appointment" else [], "optional": [],
        "status": "completed" if kind == "email" else "open", "dates": dates, "exceptions": [], "regarding": None,
        "parent": None, "folder": "exchange", "assigned": False,
    }


def world(items):
    return {
        "now": NOW, "zone": "Europe/Berlin",
        "users": [{"name": "ann", "address": "ann@tombstone.example", "method": "outlook-client", "delegates": [], "may_delete": True}],
        "computers": [{"name": "laptop", "user": "ann", "synchronizing": True}],
        "items": items, "schedules": [{}, FUTURE, LATER, DUE, LATER_DUE],
    }


def converse(talk):
    introduction = talk.ask("initialize", {"protocol": 1, "harness": "smoke"})
    assert introduction["protocol"] == 1
    able = introduction["capabilities"]["kinds"]
    kinds = [kind for kind in KINDS if kind in able]
    print(f"{introduction['name']} {introduction['version']}: {', '.join(able)}")
    items = []
    for kind in kinds:
        for name in ("edit-o", "edit-c", "delete-o", "delete-c", "delete-b", "untrack", "both"):
            items.append(item(f"{kind}-{name}", kind, tracked=True, copies=True, in_crm=True))
        items.append(item(f"{kind}-track", kind, copies=True))
        items.append(item(f"{kind}-new-o", kind))
        items.append(item(f"{kind}-new-c", kind))
    assert talk.ask("reset", world(items))["answer"] == "done"
    seen = talk.look("after the reset")
    for kind in kinds:
        assert seen(f"{kind}-edit-o", "outlook")[0].endswith("*") and len(seen(f"{kind}-edit-o", "crm")) == 1, kind
        assert len(seen(f"{kind}-track", "outlook")) == 1 and not seen(f"{kind}-track", "crm"), kind
        assert not seen(f"{kind}-new-o", "outlook") and not seen(f"{kind}-new-c", "crm"), kind
    for kind in kinds:
        operations = able[kind]["operations"]
        later = {"dates": LATER_DUE if kind == "task" else LATER}
        def take(op, name, **fields):
            side = "outlook" if "mailbox" in fields else "crm"
            needed = op if op in ("track", "untrack") else f"{op}-in-{side}"
            if needed in operations:
                talk.step(op, **({"items": [name]} if needed == op else {"item": name}), **fields)
            return needed in operations
        take("edit", f"{kind}-edit-o", mailbox="ann", change={"title": f"{kind}-edit-o #3"})
        take("edit", f"{kind}-edit-c", change={"title": f"{kind}-edit-c #4"})
        if kind in ("appointment", "task"):
            take("edit", f"{kind}-edit-o", mailbox="ann", change=later)
        take("edit", f"{kind}-both", mailbox="ann", change={"title": f"{kind}-both #5"})
        take("edit", f"{kind}-both", change={"title": f"{kind}-both #6"})
        take("delete", f"{kind}-delete-o", mailbox="ann")
        take("delete", f"{kind}-delete-c")
        take("untrack", f"{kind}-untrack", mailbox="ann", yes=True)
        take("track", f"{kind}-track", mailbox="ann")
        take("create", f"{kind}-new-o", mailbox="ann")
        take("create", f"{kind}-new-c")
        take("complete", f"{kind}-edit-c")
        take("delete", f"{kind}-delete-b", mailbox="ann")
        if take("delete", f"{kind}-delete-b"):
            # Deleted in both stores: nothing is left to delete.
            talk.step("delete", "refused", item=f"{kind}-delete-b")
    seen = talk.look("after the changes, before any synchronization")
    for kind in kinds:
        assert not seen(f"{kind}-delete-o", "outlook") and not seen(f"{kind}-delete-c", "crm"), kind
        if "edit-in-outlook" in able[kind]["operations"]:
            assert seen(f"{kind}-edit-o", "outlook")[0].startswith("3"), kind
            assert seen(f"{kind}-edit-c", "crm")[0].startswith("4"), kind
            assert seen(f"{kind}-edit-c", "outlook")[0].startswith("0"), kind
        assert seen(f"{kind}-new-o", "outlook") and not seen(f"{kind}-new-o", "outlook")[0].endswith("*"), kind
        assert seen(f"{kind}-track", "outlook")[0].endswith("*"), kind
    for cycle in (1, 2):
        answer = talk.step("synchronize")
        if not talk.quiet:
            print(answer.get("report", "")[-300:])
        talk.look(f"after {cycle} synchronizations")
    for kind in kinds:
        seen = talk.look()
        assert len(seen(f"{kind}-track", "crm")) == 1, f"{kind}: what was tracked did not arrive"
    for _ in range(5):
        talk.step("synchronize")
    for method, more in (("lose_state", {}), ("crash", {"delay_ms": 20}), ("settle", {"most_cycles": 5})):
        answer = talk.ask(method, more)
        assert answer.get("answer") in ("done", "unsupported") or answer.get("code") == -32601 or method == "settle", answer
        if not talk.quiet:
            print(f"{method}: {answer}")
    talk.look("after a loss of state, a crash and rest")
    one = world([item("alone", kinds[0], tracked=True, copies=True, in_crm=True)])
    for _ in range(3):
        assert talk.ask("reset", one, "reset to one item")["answer"] == "done"
    seen = talk.look("after a reset to one item")
    assert seen("alone", "outlook") == ["0*"] and seen("alone", "crm") == ["0"]
    assert len(talk.ask("observe", {})["entries"]) == 2, "the reset was not total"
    talk.step("delete", item="alone", mailbox="ann")
    for _ in range(3):
        talk.step("synchronize")
        talk.times.setdefault("synchronize one kind", []).append(talk.times["synchronize"].pop())


def ended(process, group):
    process.stdin.close()
    process.wait(10)
    until = time.monotonic() + 1
    while (left := members(group)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not left, f"left behind: {left}"


def members(group):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as stat:
                fields = stat.read().rpartition(") ")[2].split()
            with open(f"/proc/{name}/cmdline") as line:
                command = line.read().replace("\0", " ")
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(f"{name} {command}")
    return found


def main():
    arguments = sys.argv[1:]
    quiet = "--quiet" in arguments[: arguments.index("--")]
    command = arguments[arguments.index("--") + 1 :]
    talk = Talk(command, quiet)
    try:
        converse(talk)
        assert talk.ask("shutdown", {}) is None
        ended(talk.process, talk.process.pid)
        # Once more, and the input ends in the middle.
        again = Talk(command, quiet)
        kind = next(iter(again.ask("initialize", {"protocol": 1, "harness": "smoke"})["capabilities"]["kinds"]))
        again.ask("reset", world([item("alone", kind, tracked=True, copies=True, in_crm=True)]))
        ended(again.process, again.process.pid)
    finally:
        try:
            os.killpg(talk.process.pid, 9)
        except ProcessLookupError:
            pass
    for label, times in talk.times.items():
        ordered = sorted(times)
        print(f"  {label:22} {len(times):4} times, median {ordered[len(times) // 2] * 1000:8.1f} ms, most {ordered[-1] * 1000:8.1f} ms")


main()
