#!/usr/bin/env python3
"""An adapter that says one thing wrongly: `misspoken.py METHOD PATH VALUE`.

It keeps contacts as they were reset, and takes every step for done. In the result of METHOD it puts VALUE in the place of
PATH, or leaves that out where VALUE is nothing: keys with dots between them, and `*` for each of a list. What is not there
is not replaced.
"""
import json
import sys

METHOD, PATH, VALUE = sys.argv[1:]
OPERATIONS = ["create-in-outlook", "edit-in-outlook", "delete-in-outlook", "edit-in-crm", "delete-in-crm", "track"]
INTRODUCTION = {
    "protocol": 1, "name": "misspoken", "version": "1",
    "capabilities": {
        "kinds": {"contact": {"operations": OPERATIONS, "fields": ["title", "owner"]}},
        "operations": ["synchronize", "web", "open-options"], "clock": "none", "stepped": True, "min_edit_gap_ms": 0,
        "deadlines": {"apply_ms": 5000},
    },
}
world = {"items": []}


def entries():
    for item in world["items"]:
        entry = {"kind": item["kind"], "id": item["name"], "title": item["title"], "dates": {}, "status": "open"}
        if item["in_crm"]:
            yield {**entry, "store": "crm", "owner": item["owner"]}
        for user in item["copies"]:
            yield {**entry, "store": "outlook", "mailbox": user}


def answer(step):
    options = {"options": ["offline-filters"]} if step["op"] == "open-options" else {}
    return {"answer": "done", "outcome": "success", **options}


def result(method, params):
    global world
    if method == "initialize":
        return INTRODUCTION
    if method == "apply":
        return {"answers": [answer(step) for step in params["steps"]]}
    if method == "observe":
        return {"entries": list(entries())}
    if method == "shutdown":
        return None
    world = params if method == "reset" else world
    return {"answer": "done"}


def replace(value, path):
    if not path:
        return json.loads(VALUE)
    key, rest = path[0], path[1:]
    if isinstance(value, list):
        return [replace(each, rest) for each in value]
    if key in value and not rest and not VALUE:
        return {name: each for name, each in value.items() if name != key}
    return {**value, key: replace(value[key], rest)} if key in value else value


for line in sys.stdin:
    request = json.loads(line)
    said = result(request["method"], request["params"])
    if request["method"] == METHOD:
        said = replace(said, PATH.split("."))
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": said}), flush=True)
