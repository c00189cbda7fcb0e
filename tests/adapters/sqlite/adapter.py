#!/usr/bin/env python3
"""The adapter of a small synchronizer that keeps everything in a SQLite file.

    adapter.py [--database FILE] [--without-transaction] [--defect NAME]... [--by-itself]
"""
import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from synchronizer import CALENDAR, CRM_ONLY, TASKS, Database, Refused, Synchronizer, Unsupported

DEFECTS = ["page-of-six", "dates-not-sent", "title-of-contacts-not-fetched", "status-not-fetched", "deletions-not-fetched",
           "moody"]
KINDS = ["email", "contact", *sorted(CALENDAR), *sorted(TASKS), *sorted(CRM_ONLY)]
SIDED = ["create", "edit", "delete", "delete-occurrence", "complete"]
# Deleted Items and folders of the user's own are outside what it keeps: an item that goes there is gone from the mailbox.
ON_ITEMS = [f"{name}-in-{side}" for name in SIDED for side in ("outlook", "crm")] + [
    "soft-delete-in-outlook", "move-away-in-outlook", "track", "track-as", "untrack", "untrack-answer",
    "set-regarding", "set-parent", "cancel", "assign", "change-organizer"]
ON_COMPUTERS = ["connect", "disconnect", "go-offline", "go-online", "synchronize", "server-synchronize",
                "choose-synchronizing-computer", "open-options", "crash", "crash-item", "crash-stage", "wait", "delegate", "web",
                "several"]
FIELDS = ["title", "when", "status", "organizer", "owner", "regarding", "parent", "required", "optional", "occurrences",
          "exceptions", "record", "tracked", "count"]


class Adapter:
    """Speaks the protocol for the synchronizer."""

    def __init__(self, options):
        self.path = options.database
        self.by_itself = options.by_itself
        self.lock = threading.Lock()
        self.transactions = not options.without_transaction
        self.defects = options.defect
        self.synchronizer = Synchronizer(Database(self.path, self.transactions), self.defects)
        if self.by_itself:
            threading.Thread(target=self.run, daemon=True).start()

    def initialize(self, params):
        kinds = {kind: {"operations": ON_ITEMS, "fields": FIELDS} for kind in KINDS}
        capabilities = {"kinds": kinds, "operations": ON_COMPUTERS, "clock": "live", "store_clock": "live",
                        "disasters": ["kill"]}
        for name in ("roles", "rights", "users", "computers", "caches", "prompts"):
            capabilities[name] = True
        capabilities["stepped"] = not self.by_itself
        name = "sqlite" if self.transactions else "sqlite without transactions"
        if self.by_itself:
            told = ("synchronize", "server-synchronize", "crash", "crash-item", "crash-stage")
            capabilities["operations"] = [name for name in ON_COMPUTERS if name not in told]
            name += " by itself"
        return {"protocol": 1, "name": name, "version": "1.0", "capabilities": capabilities}

    def reset(self, params):
        self.synchronizer.reset(params)
        return {"answer": "done"}

    def run(self):
        """Synchronizes now and then, whether anybody asks or not."""
        turn = 0
        while True:
            time.sleep(0.002)
            with self.lock:
                mailboxes = self.synchronizer.able()
                if mailboxes:
                    self.synchronizer.synchronize_all(mailboxes[turn % len(mailboxes)])
                turn += 1

    def settle(self, params):
        """Synchronizes every mailbox until nothing changes."""
        before = None
        for _ in range(params["most_cycles"]):
            for mailbox in self.synchronizer.able():
                self.synchronizer.synchronize_all(mailbox)
            now = list(self.synchronizer.entries())
            if now == before:
                return {"answer": "done"}
            before = now
        return {"answer": "failed", "definite": False, "message": "it does not come to rest"}

    def apply(self, params):
        return {"answers": [self.answer(step) for step in params["steps"]]}

    def answer(self, step):
        try:
            if step["op"] == "open-options":
                return {"answer": "done", "options": self.synchronizer.options(step)}
            prompted = self.synchronizer.take(step)
            return {"answer": "done", "prompted": True} if prompted else {"answer": "done"}
        except Refused:
            return {"answer": "refused"}
        except Unsupported as error:
            return {"answer": "unsupported", "reason": str(error)}
        except sqlite3.Error as error:
            return {"answer": "failed", "definite": self.transactions, "message": f"the database says: {error}"}

    def observe(self, params):
        return {"entries": list(self.synchronizer.entries())}

    def crash(self, params):
        """Synchronizes in a process of its own, and kills that."""
        computer = params.get("computer") or next(iter(self.synchronizer.owner_of), None)
        if computer is None or self.synchronizer.state(computer)["is"] != "connected":
            return {"answer": "refused"}
        command = [sys.executable, os.path.abspath(__file__), "--database", self.path, "--synchronize", computer]
        if not self.transactions:
            command.append("--without-transaction")
        command += [f"--defect={defect}" for defect in self.defects]
        engine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        try:
            outcome = "failure" if engine.wait(params["delay_ms"] / 1000) else "success"
        except subprocess.TimeoutExpired:
            engine.kill()
            engine.wait()
            outcome = "killed"
        self.synchronizer.crashed(computer)
        return {"answer": "done", "outcome": outcome}

    def shutdown(self, params):
        return None

    def serve(self):
        for line in sys.stdin:
            request = json.loads(line)
            response = {"jsonrpc": "2.0", "id": request["id"]}
            if method := getattr(self, request["method"], None):
                with self.lock:
                    response["result"] = method(request["params"])
            else:
                response["error"] = {"code": -32601, "message": f"no method {request['method']}"}
            print(json.dumps(response), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help="the file; a temporary one, if left out")
    parser.add_argument("--without-transaction", action="store_true", help="the seeded defect: no write belongs to another")
    parser.add_argument("--defect", action="append", default=[], choices=DEFECTS, help="another seeded defect")
    parser.add_argument("--by-itself", action="store_true", help="synchronize at any moment, and cannot be told to")
    parser.add_argument("--synchronize", metavar="COMPUTER", help="run one synchronization on the file, and exit")
    options = parser.parse_args()
    if options.synchronize:
        synchronizer = Synchronizer(Database(options.database, not options.without_transaction), options.defect)
        if synchronizer.synchronizes(options.synchronize):
            synchronizer.synchronize_all(synchronizer.owner_of[options.synchronize])
        return
    with tempfile.TemporaryDirectory() as folder:
        options.database = options.database or os.path.join(folder, "stores.sqlite")
        Adapter(options).serve()


if __name__ == "__main__":
    main()
