#!/usr/bin/env python3
"""The channel: reads requests, answers them, and says what this synchronizer can do."""
import json
import sys
import threading

import rules
import steps
from sync import Synchronizer
from world import World

OUTLOOK = ["create-in-outlook", "delete-in-outlook", "soft-delete-in-outlook", "move-away-in-outlook"]
CRM = ["create-in-crm", "edit-in-crm", "delete-in-crm", "assign"]
ACTIVITY = ["complete-in-crm", "cancel", "set-regarding"]
TRACKING = ["track", "untrack", "untrack-answer"]
SHOWN = ["title", "when", "status", "owner", "record", "tracked", "count", "required", "optional", "organizer"]


def kind_row(kind):
    operations, fields = list(CRM), list(SHOWN)
    if kind in rules.CRM_ONLY:
        return {"operations": operations, "fields": ["title", "owner", "record", "count"]}
    operations += OUTLOOK + TRACKING
    if kind == "contact":
        return {"operations": operations + ["edit-in-outlook", "set-parent"], "fields": fields + ["parent"]}
    fields.append("regarding")
    operations += ACTIVITY
    if kind == "task":
        operations.append("track-as")
    if kind != "email":
        operations += ["edit-in-outlook", "complete-in-outlook"]
    if kind in rules.DATED:
        operations.append("change-organizer")
    if kind == "recurring-appointment":
        operations += ["delete-occurrence-in-outlook", "delete-occurrence-in-crm"]
        fields += ["occurrences", "exceptions"]
    return {"operations": operations, "fields": fields}


KINDS = ["email", "contact", "appointment", "meeting-request", "recurring-appointment", "task", "phone-call", "letter",
         "fax", "service-activity", "account", "lead", "opportunity", "case"]
CAPABILITIES = {
    "kinds": {kind: kind_row(kind) for kind in KINDS},
    "operations": ["connect", "disconnect", "go-offline", "go-online", "choose-synchronizing-computer", "wait",
                   "delegate", "web", "several"],
    "clock": "live", "store_clock": "live", "roles": True, "users": True, "computers": True, "caches": True,
    "prompts": True,
}


class Adapter:
    def __init__(self):
        self.lock = threading.RLock()
        self.synchronizer = Synchronizer(self.lock)
        self.synchronizer.start()
        self.world = None
        if "--told" in sys.argv:                           # it may be told to synchronize, too
            CAPABILITIES["operations"] += ["synchronize", "server-synchronize"]

    def initialize(self, params):
        return {"protocol": 1, "name": "by itself", "version": "1", "capabilities": CAPABILITIES}

    def reset(self, params):
        self.world = World(params)
        self.synchronizer.attend(self.world)
        return {"answer": "done"}

    def step(self, step):
        if step["op"] == "restart" or step.get("crash") or "--told" not in sys.argv and "synchronize" in step["op"]:
            return {"answer": "unsupported", "reason": "it synchronizes by itself and cannot be stepped"}
        return steps.take(self.world, step)

    def observe(self, params):
        return {"entries": self.world.entries()}

    def settle(self, params):
        self.synchronizer.settle()
        return {"answer": "done"}

    def shutdown(self, params):
        self.synchronizer.done.set()

    def answer(self, request):
        response = {"jsonrpc": "2.0", "id": request["id"]}
        if request["method"] in ("initialize", "reset", "apply", "observe", "settle", "shutdown"):
            if request["method"] == "apply":               # the thread may come between two steps
                response["result"] = self.apply_slowly(request["params"])
            else:
                with self.lock:
                    response["result"] = getattr(self, request["method"])(request["params"])
        else:
            response["error"] = {"code": -32601, "message": f"no method {request['method']}"}
        return response

    def apply_slowly(self, params):
        answers = []
        for step in params["steps"]:
            with self.lock:
                answers.append(self.step(step))
        return {"answers": answers}


def main():
    adapter = Adapter()
    for line in sys.stdin:
        print(json.dumps(adapter.answer(json.loads(line))), flush=True)
    adapter.synchronizer.done.set()
    adapter.synchronizer.join()


main()
