#!/usr/bin/env python3
"""Adapters that claim what they never read: `deaf.py CAPABILITY...`, or without any.

The synchronizer of `sqlite/` with everything that it claims, in front of which somebody drops the parameter, or does nothing
instead of the step.
"""
import os
import sys
import tempfile
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "sqlite"))
from adapter import Adapter  # noqa: E402

DEAF = set(sys.argv[1:])
DONE = {"answer": "done"}


class Deaf(Adapter):
    def initialize(self, params):
        return {**super().initialize(params), "name": "deaf"}

    def reset(self, params):
        self.first = params["users"][0]["name"]
        self.computers = params["computers"]
        self.names = [item["name"] for item in params["items"]]
        for user in params["users"]:
            if "rights" in DEAF:
                user.update({"may_create": True, "may_write": True})
        for item in params["items"]:
            if "users" in DEAF:
                item.update({key: [self.first] if item[key] else [] for key in ("copies", "tracked")})
            if "roles" in DEAF:
                item["owner"] = self.first
                item["organizer"] = item["organizer"] and self.first
        return super().reset(params)

    def answer(self, step):
        op = step["op"]
        if op in DEAF and op in ("connect", "disconnect", "go-offline", "go-online", "synchronize", "server-synchronize",
                                 "choose-synchronizing-computer", "wait"):
            return DONE
        if "untrack-answer" in DEAF and op == "untrack":
            step["yes"] = False
        if "track-as" in DEAF and op == "track":
            step.pop("record", None)
        if "several" in DEAF and "items" in step:
            del step["items"][1:]
        if "web" in DEAF and "computer" not in step and "mailbox" in step and op != "server-synchronize":
            step["computer"] = next(it["name"] for it in self.computers if it["user"] == step["by"])
        if "computers" in DEAF and "computer" in step:
            step["computer"] = next(it["name"] for it in self.computers if it["user"] == step["by"])
        if "delegate" in DEAF and "mailbox" in step:
            step["mailbox"] = step["by"]
        if op in DEAF and op in ("set-regarding", "set-parent"):
            step["to"] = self.names[0]
        if op in DEAF and op in ("assign", "change-organizer"):
            step["to"] = self.first
        if "delete-occurrence-in-" + ("outlook" if "mailbox" in step else "crm") in DEAF and "occurrence" in step:
            step["occurrence"] = 0
        if crash := step.get("crash"):
            if "crash" in DEAF:
                del step["crash"]
            if "crash-item" in DEAF:
                crash["item"] = self.names[0]
            if "crash-stage" in DEAF:
                crash["stage"] = "done"
        answer = super().answer(step)
        if "prompts" in DEAF:
            answer.pop("prompted", None)
        return answer

    def observe(self, params):
        entries = super().observe(params)["entries"]
        return {"entries": [entry for entry in entries if "caches" not in DEAF or "computer" not in entry]}


with tempfile.TemporaryDirectory() as folder:
    database = os.path.join(folder, "stores.sqlite")
    Deaf(SimpleNamespace(database=database, by_itself=False, without_transaction=True, defect=[])).serve()
