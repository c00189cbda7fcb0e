#!/usr/bin/env python3
"""Adapters of a small synchronizer that meets disasters in one way each: `struck.py WAY`.

Two dicts play the stores, with a list of titles for each contact; deletions stay where they are made, as the documents
have it for an owner's contacts. Where WAY ends in `-in-one-process`, whoever is struck leaves a file behind, and a process
that finds it when it starts refuses instead.
"""
import json
import os
import sys

WAY = sys.argv[1]
STRUCK = "struck-before"
if WAY.endswith("-in-one-process"):
    WAY = "refuses" if os.path.exists(STRUCK) else WAY.removesuffix("-in-one-process")
OPERATIONS = ["create-in-outlook", "edit-in-outlook", "delete-in-outlook", "create-in-crm", "edit-in-crm", "delete-in-crm",
              "track"]
DISASTERS = ["kill", "lose-state", "empty-outlook", "empty-crm", "unreachable-crm"]
DONE = {"answer": "done"}
# What it does about a lost memory; whatever is not here refuses.
WITHOUT_MEMORY = ("doubles", "resurrects", "forgets")


class NoSuchMethod(Exception):
    """There is none."""


class Adapter:
    def initialize(self, params):
        contact = {"operations": OPERATIONS, "fields": ["title", "tracked", "count"]}
        disasters = [] if WAY == "crash-is-only-a-step" else DISASTERS
        capabilities = {"kinds": {"contact": contact}, "operations": ["synchronize", "web", "crash"], "stepped": True,
                        "disasters": disasters}
        return {"protocol": 1, "name": "struck", "version": WAY, "capabilities": capabilities}

    def reset(self, params):
        self.items = {item["name"]: item for item in params["items"]}
        self.outlook = {name: [item["title"]] for name, item in self.items.items() if item["copies"]}
        self.crm = {name: [item["title"]] for name, item in self.items.items() if item["in_crm"]}
        self.tracked = {name for name, item in self.items.items() if item["tracked"]}
        self.memory = {name: self.outlook[name][0] for name in self.tracked & self.crm.keys()}
        self.reach = True
        return DONE

    def apply(self, params):
        return {"answers": [self.step(step) for step in params["steps"]]}

    def step(self, step):
        store, op = self.outlook if step.get("mailbox") else self.crm, step["op"]
        match op:
            case "create":
                store[step["item"]] = [self.items[step["item"]]["title"]]
            case "edit" if step["item"] in store:
                store[step["item"]] = [step["change"]["title"]]
            case "delete" if step["item"] in store:
                del store[step["item"]]
            case "track":
                self.tracked.update(step["items"])
            case "synchronize" if not step.get("crash"):
                outcome, report = self.synchronize()
                return {**DONE, "outcome": outcome, "report": report}
            case "edit" | "delete":
                return {"answer": "refused"}
            case _:
                return {"answer": "unsupported", "reason": f"there is no {op}"}
        return DONE

    def synchronize(self):
        if not self.reach and WAY != "reaches-what-is-out-of-reach":
            # Words that say the opposite of the field.
            return ("success", "error: no route") if WAY == "says-success" else ("failure", "0 errors, all is well")
        if self.memory is None:
            match WAY:
                case "doubles":
                    for name in self.tracked & self.outlook.keys() & self.crm.keys():
                        self.outlook[name] = self.outlook[name] + self.crm[name]
                case "forgets":
                    for store in (self.outlook, self.crm):
                        store.update({name: [self.items[name]["title"]] for name in self.tracked & store.keys()})
                case _ if WAY not in WITHOUT_MEMORY:
                    return "refused-to-synchronize", "no errors; nothing is known of these stores"
            known = self.outlook.keys() & self.crm.keys() if WAY in ("doubles", "forgets") else set()
            gone = set() if WAY == "resurrects" else self.outlook.keys() ^ self.crm.keys()
            self.memory = {name: self.outlook.get(name, self.crm.get(name))[0] for name in known | gone}
        for store, other in ((self.outlook, self.crm), (self.crm, self.outlook)):
            if self.memory and not store and other:
                if WAY == "empties-the-other":
                    other.clear()
                else:
                    return "refused-to-synchronize", "a store is empty"
        self.tracked |= self.crm.keys() - self.outlook.keys() - self.memory.keys()
        for name in sorted(self.tracked):
            there, here, known = self.crm.get(name), self.outlook.get(name), self.memory.get(name)
            if known is None:
                there, here = there or here, here or there
            if not there or not here or (known is None and here != there):
                continue
            newest = there[0] if here[0] == known else here[0]
            self.outlook[name] = [newest, *here[1:]]
            self.crm[name] = [newest, *there[1:]]
            self.memory[name] = newest
        return "success", "error: none"

    def observe(self, params):
        owner = next((item["owner"] for item in self.items.values()), "user-1")

        def entry(store, name, title, number, **more):
            return {"store": store, "kind": "contact", "id": f"{store}-{name}-{number}", "title": title, **more}

        outlook = [entry("outlook", name, title, number, mailbox=owner, tracked=name in self.tracked)
                   for name, titles in self.outlook.items() for number, title in enumerate(titles)]
        crm = [entry("crm", name, title, number) for name, titles in self.crm.items() for number, title in enumerate(titles)]
        return {"entries": outlook + crm}

    def lose_state(self, params):
        if WAY == "declares-what-it-has-not":
            raise NoSuchMethod
        self.memory = None
        open(STRUCK, "w").close()
        return DONE

    def crash(self, params):
        if WAY == "declares-what-it-has-not":
            raise NoSuchMethod
        if WAY == "doubles-when-killed":
            open(STRUCK, "w").close()
            for name in self.tracked & self.outlook.keys() & self.crm.keys():
                self.outlook[name] = self.outlook[name] + self.crm[name]
        # It is too fast to be met; or, killed at any moment, nothing was written.
        return {**DONE, "outcome": self.synchronize()[0] if WAY == "is-never-met" else "killed"}

    def strike(self, params):
        match params["blow"]:
            case "empty-outlook":
                self.outlook.clear()
            case "empty-crm":
                self.crm.clear()
            case blow:
                self.reach = blow == "mend-crm"
        return DONE

    def shutdown(self, params):
        return None


adapter = Adapter()
for line in sys.stdin:
    request = json.loads(line)
    response = {"jsonrpc": "2.0", "id": request["id"]}
    try:
        response["result"] = getattr(adapter, request["method"])(request["params"])
    except NoSuchMethod:
        response["error"] = {"code": -32601, "message": f"no method {request['method']}"}
    print(json.dumps(response), flush=True)
    if request["method"] == "shutdown":
        break
