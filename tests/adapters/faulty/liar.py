#!/usr/bin/env python3
"""Adapters that speak the protocol well and lie, one lie each: `liar.py LIE`, or `liar.py none`.

Two dicts play the stores; contacts only. `carries-nothing-in-every-second-start` counts its starts in a file, its second
argument, and carries nothing in the first, the third and so on. `carries-nothing-in-the-first-crowd` carries nothing in
worlds of more than six items, in the process that is the first to see one, as a file tells.
"""
import json
import os
import sys
import time

LIE = sys.argv[1]
# Longer than two edits of the doctor take, shorter than it waits where it means to wait.
GRAIN_S = 1.5
CARRIES = True
CROWD = "crowd-before"
if LIE == "carries-nothing-in-every-second-start":
    starts = os.path.getsize(sys.argv[2]) if os.path.exists(sys.argv[2]) else 0
    with open(sys.argv[2], "a") as count:
        count.write(".")
    CARRIES = starts % 2 == 1
OPERATIONS = ["create-in-outlook", "edit-in-outlook", "delete-in-outlook", "edit-in-crm", "delete-in-crm", "track"]


class Adapter:
    outlook, crm, pending, runs, carried, first = {}, {}, set(), 0, {}, False

    def initialize(self, params):
        operations = OPERATIONS + (["untrack", "untrack-answer"] if LIE == "claims-what-it-cannot" else [])
        contact = {"operations": operations, "fields": ["title", "tracked"]}
        general = ["synchronize", "web"] + (["wait"] if LIE == "waits-without-a-clock" else [])
        general += ["disconnect", "connect"] if LIE == "claims-a-network" else []
        capabilities = {"kinds": {"contact": contact}, "operations": general, "stepped": True}
        return {"protocol": 1, "name": "liar", "version": LIE, "capabilities": capabilities}

    def reset(self, params):
        if LIE == "answers-slowly" and not self.runs:
            time.sleep(params["deadline_ms"] / 1000 * 0.7)
        self.items = {item["name"]: item for item in params["items"]}
        if LIE == "carries-nothing-in-the-first-crowd" and len(self.items) > 6 and not os.path.exists(CROWD):
            self.first = True
            open(CROWD, "w").close()
        outlook = {name: item["title"] for name, item in self.items.items() if item["copies"]}
        crm = {name: item["title"] for name, item in self.items.items() if item["in_crm"]}
        kept = LIE == "keeps-the-last-world"
        self.outlook = {**self.outlook, **outlook} if kept else outlook
        self.crm = {**self.crm, **crm} if kept else crm
        self.tracked = {name for name, item in self.items.items() if item["tracked"]}
        if LIE == "drops-untracked-copies":
            self.outlook = {name: title for name, title in self.outlook.items() if name in self.tracked}
        if LIE != "keeps-what-waits":
            self.pending = set()
        if LIE == "forgets-an-item" and self.crm:
            del self.crm[min(self.crm)]
        self.runs += 1
        self.carried = {}
        return {"answer": "done"}

    def apply(self, params):
        return {"answers": [self.step(step) for step in params["steps"]]}

    def step(self, step):
        store, op = self.outlook if step.get("mailbox") else self.crm, step["op"]
        match op:
            case "create":
                if LIE != "creates-nothing":
                    store[step["item"]] = self.items[step["item"]]["title"]
            case "edit" if step["item"] in store:
                store[step["item"]] = step["change"]["title"]
                self.pending.add(step["item"])
            case "delete" if step["item"] in store:
                del store[step["item"]]
            case "track":
                self.tracked.update(step["items"])
            case "synchronize":
                self.synchronize()
            case "edit" | "delete":
                return {"answer": "refused"}
            case "wait" if LIE == "waits-without-a-clock":
                pass
            case _:
                return {"answer": "unsupported", "reason": f"there is no {op}"}
        return {"answer": "done"}

    def synchronize(self):
        lost = self.first and len(self.items) > 6
        for name in self.pending & self.outlook.keys() if CARRIES and not lost else []:
            if LIE == "sees-no-edit-right-after-another":
                if time.monotonic() - self.carried.get(name, -GRAIN_S) < GRAIN_S:
                    continue
                self.carried[name] = time.monotonic()
            title = self.outlook[name]
            self.crm[name] = "A contact" if LIE == "writes-titles-of-its-own" else title
        others = self.crm.keys() - self.pending
        if LIE == "writes-into-another" and self.pending and others:
            self.crm[min(others)] += ", edited"
        if LIE == "keeps-what-waits" and self.pending:
            self.crm = {name: f"{name} #5" for name in self.crm}
        if LIE == "does-it-another-way-every-time" and self.runs % 2:
            self.crm = {}
        self.pending = set()

    def observe(self, params):
        def entry(store, name, title, **more):
            return {"store": store, "kind": "contact", "id": f"{store}-{name}", "title": title, **more}

        owner = next((item["owner"] for item in self.items.values()), "user-1")
        outlook = [entry("outlook", name, title, mailbox=owner, tracked=name in self.tracked)
                   for name, title in self.outlook.items()]
        return {"entries": outlook + [entry("crm", name, title) for name, title in self.crm.items()]}

    def shutdown(self, params):
        return None


adapter = Adapter()
for line in sys.stdin:
    request = json.loads(line)
    response = {"jsonrpc": "2.0", "id": request["id"], "result": getattr(adapter, request["method"])(request["params"])}
    print(json.dumps(response), flush=True)
    if request["method"] == "shutdown":
        break
