#!/usr/bin/env python3
"""Drives vdirsyncer between two stores of plain files, one in the role of Outlook and one in that of the CRM.

    adapter.py [--no-delete] [--keep FOLDER]

An item is tracked by lying in the folder that is synchronized, and untracked by being moved out of it. One `synchronize`
is one run of `vdirsyncer sync`. What is in the stores is read from the files; vdirsyncer is never asked.
"""
import argparse
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

VDIRSYNCER = pathlib.Path(sys.executable).with_name("vdirsyncer")
# By kind: the folder, the extension, the component, and the property that holds the title.
KINDS = {
    "contact": ("contacts", ".vcf", "VCARD", "FN"),
    "appointment": ("appointments", ".ics", "VEVENT", "SUMMARY"),
    "task": ("tasks", ".ics", "VTODO", "SUMMARY"),
}
EVERYWHERE = [f"{name}-in-{side}" for name in ("create", "edit", "delete") for side in ("outlook", "crm")]
CAPABILITIES = {
    "kinds": {
        "contact": {"operations": [*EVERYWHERE, "track", "untrack"], "fields": ["title", "tracked", "record"]},
        "appointment": {"operations": [*EVERYWHERE, "track", "untrack"], "fields": ["title", "when", "tracked", "record"]},
        "task": {"operations": [*EVERYWHERE, "track", "untrack", "complete-in-outlook", "complete-in-crm"],
                 "fields": ["title", "when", "status", "tracked", "record"]},
    },
    "operations": ["synchronize", "web"],
    "clock": "none",
    "store_clock": "none",
    "stepped": True,
    "deadlines": {"reset_ms": 60_000, "apply_ms": 20_000},
}
# vdirsyncer will not empty a store; two items of the adapter's own keep it from asking itself that.
CANARIES = ["canary one", "canary two"]


class Refused(Exception):
    """The step is impossible here; nothing has changed."""


class Unsupported(Exception):
    """Files cannot do this."""


def stamp(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(datetime.timezone.utc)
    return moment.strftime("%Y%m%dT%H%M%SZ")


def unstamp(text):
    return datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").strftime("%Y-%m-%dT%H:%M:%SZ")


class Item:
    """One file: the properties of a contact, an appointment or a task."""

    DATES = {"start": "DTSTART", "end": "DTEND", "due": "DUE"}

    def __init__(self, kind, path, properties):
        self.kind, self.path, self.properties = kind, path, properties

    @classmethod
    def read(cls, kind, path):
        text = path.read_text().replace("\r\n", "\n").replace("\n ", "")
        lines = (line.partition(":") for line in text.splitlines())
        # A parameter such as VALUE=… is nothing to this program.
        properties = {key.partition(";")[0]: value for key, _, value in lines if key not in ("BEGIN", "END")}
        return cls(kind, path, properties)

    @property
    def title(self):
        text = self.properties.get(KINDS[self.kind][3], "")
        return text.replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")

    @title.setter
    def title(self, text):
        escaped = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
        self.properties[KINDS[self.kind][3]] = escaped
        if self.kind == "contact":
            self.properties["N"] = f"{escaped};;;;"

    @property
    def dates(self):
        return {key: unstamp(self.properties[name]) for key, name in self.DATES.items() if name in self.properties}

    @dates.setter
    def dates(self, dates):
        for key, name in self.DATES.items():
            self.properties.pop(name, None)
            if key in dates:
                self.properties[name] = stamp(dates[key])

    def write(self, path=None):
        component = KINDS[self.kind][2]
        version = self.properties.get("VERSION", "3.0")
        inner = [f"{key}:{value}" for key, value in self.properties.items() if key not in ("VERSION", "PRODID")]
        if component == "VCARD":
            lines = ["BEGIN:VCARD", f"VERSION:{version}", *inner, "END:VCARD"]
        else:
            lines = ["BEGIN:VCALENDAR", f"VERSION:{version}", "PRODID:-//Tombstone//adapter//EN", f"BEGIN:{component}",
                     *inner, f"END:{component}", "END:VCALENDAR"]
        path = path or self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_text("".join(f"{line}\r\n" for line in lines))
        temporary.rename(path)


class Adapter:
    def __init__(self, options, root):
        self.no_delete, self.root = options.no_delete, root
        self.world, self.minted = 0, 0

    # The protocol.

    def initialize(self, params):
        version = subprocess.run([VDIRSYNCER, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
        name = "vdirsyncer (no_delete)" if self.no_delete else "vdirsyncer"
        return {"protocol": 1, "name": name, "version": version, "capabilities": CAPABILITIES}

    def reset(self, params):
        if len(params["users"]) != 1:
            return {"answer": "unsupported", "reason": "a pair of stores belongs to one user"}
        shutil.rmtree(self.root / f"world-{self.world}", ignore_errors=True)
        # Fresh folders each time: vdirsyncer remembers by path.
        self.world += 1
        self.folder = self.root / f"world-{self.world}"
        self.items = {item["name"]: item for item in params["items"]}
        self.user = params["users"][0]["name"]
        self.configure()
        for kind in KINDS:
            for canary in CANARIES:
                item = self.new(kind, canary, {})
                item.write(self.place("outlook", kind) / item.path)
                item.write(self.place("crm", kind) / item.path)
        for item in params["items"]:
            if item["kind"] not in KINDS:
                if item["in_crm"] or item["copies"]:
                    return {"answer": "unsupported", "reason": f"no files for items of kind {item['kind']}"}
                continue
            file = self.described(item)
            if item["in_crm"]:
                file.write(self.place("crm", item["kind"]) / file.path)
            if item["copies"]:
                folder = self.place("outlook" if item["tracked"] else "elsewhere", item["kind"])
                file.write(folder / file.path)
        # Later a failing run may have done its work all the same; in a fresh world there is nothing to fail at.
        failure = self.run("discover", keyboard="y\n" * 20) or self.run("sync")
        return {"answer": "failed", "definite": False, "message": failure} if failure else {"answer": "done"}

    def apply(self, params):
        return {"answers": [self.answer(step) for step in params["steps"]]}

    def answer(self, step):
        action = getattr(self, "do_" + step["op"].replace("-", "_"), None)
        try:
            if action is None:
                raise Unsupported(f"vdirsyncer has no operation {step['op']}")
            report = action(step)
        except Refused:
            return {"answer": "refused"}
        except Unsupported as error:
            return {"answer": "unsupported", "reason": str(error)}
        return {"answer": "done", "report": report} if report else {"answer": "done"}

    def observe(self, params):
        return {"entries": [entry for kind in KINDS for entry in self.entries(kind)]}

    def lose_state(self, params):
        shutil.rmtree(self.folder / "status")
        return {"answer": "done", "report": self.run("discover", keyboard="y\n" * 20)}

    def crash(self, params):
        return {"answer": "done", "report": self.run("sync", kill_after=params["delay_ms"] / 1000) or "finished before"}

    def shutdown(self, params):
        return None

    # The steps.

    def do_create(self, step):
        item = self.items[step["item"]]
        if item["kind"] not in KINDS:
            raise Unsupported(f"no files for items of kind {item['kind']}")
        if self.find(step["item"], "outlook", "elsewhere", "crm"):
            raise Refused
        file = self.described(item)
        file.write(self.place("elsewhere" if step.get("mailbox") else "crm", item["kind"]) / file.path)

    def do_edit(self, step):
        file = self.one(step)
        if "title" in step["change"]:
            file.title = step["change"]["title"]
        elif file.kind == "contact":
            raise Refused
        else:
            if "count" in step["change"]["dates"]:
                raise Unsupported("series are not driven")
            file.dates = step["change"]["dates"]
        file.write()

    def do_delete(self, step):
        if step.get("occurrence") is not None:
            raise Unsupported("series are not driven")
        self.one(step).path.unlink()

    def do_complete(self, step):
        file = self.one(step)
        if file.kind != "task" or file.properties.get("STATUS") == "COMPLETED":
            raise Refused
        file.properties["STATUS"] = "COMPLETED"
        file.write()

    def do_track(self, step):
        if step.get("record") not in (None, *(self.items[name]["kind"] for name in step["items"])):
            raise Unsupported("a file is tracked as what it is")
        self.move(step["items"], "elsewhere", "outlook")

    def do_untrack(self, step):
        self.move(step["items"], "outlook", "elsewhere")

    def do_synchronize(self, step):
        return self.run("sync")

    def move(self, names, source, target):
        files = [self.find(name, source) for name in names]
        if not all(files):
            raise Refused
        for file in files:
            file[0].path.rename(self.place(target, file[0].kind) / file[0].path.name)

    # The stores.

    def place(self, store, kind):
        return self.folder / store / KINDS[kind][0]

    def files(self, store, kind):
        for path in sorted(self.place(store, kind).glob(f"*{KINDS[kind][1]}")):
            item = Item.read(kind, path)
            if item.title not in CANARIES:
                yield item

    def find(self, name, *stores):
        kind = self.items[name]["kind"]
        if kind not in KINDS:
            return []
        return [item for store in stores for item in self.files(store, kind) if item.title.rpartition(" #")[0] == name]

    def one(self, step):
        found = self.find(step["item"], *(("outlook", "elsewhere") if step.get("mailbox") else ("crm",)))
        if not found:
            raise Refused
        return found[0]

    def entries(self, kind):
        for store, tracked in (("outlook", True), ("elsewhere", False), ("crm", False)):
            for item in self.files(store, kind):
                entry = {"store": "crm" if store == "crm" else "outlook", "kind": kind, "id": item.properties.get("UID", ""),
                         "title": item.title, "dates": item.dates, "raw": item.path.read_text()}
                if store != "crm":
                    entry |= {"mailbox": self.user, "tracked": tracked}
                if item.properties.get("STATUS") == "COMPLETED":
                    entry["status"] = "completed"
                if email := item.properties.get("EMAIL"):
                    entry["address"] = email
                yield entry

    def described(self, item):
        file = self.new(item["kind"], item["title"], item["dates"])
        if item["kind"] == "contact":
            file.properties["EMAIL"] = item["address"]
        if item["kind"] == "task" and item["status"] == "completed":
            file.properties["STATUS"] = "COMPLETED"
        return file

    def new(self, kind, title, dates):
        self.minted += 1
        uid = f"tombstone-{self.minted}"
        item = Item(kind, pathlib.Path(uid + KINDS[kind][1]), {"UID": uid})
        item.title, item.dates = title, dates
        if kind != "contact":
            item.properties["DTSTAMP"] = "20160101T000000Z"
        return item

    # vdirsyncer.

    def configure(self):
        lines = ["[general]", f"status_path = {json.dumps(str(self.folder / 'status'))}"]
        for kind, (name, extension, _, _) in KINDS.items():
            lines += [f"[pair {name}]", f'a = "{name}_outlook"', f'b = "{name}_crm"', "collections = null",
                      'conflict_resolution = "a wins"']
            # The documented policy: the deletion of a contact in Outlook never reaches the CRM.
            keeps = self.no_delete and kind == "contact"
            for store in ("outlook", "crm"):
                path = self.place(store, kind)
                path.mkdir(parents=True)
                lines += [f"[storage {name}_{store}]", 'type = "filesystem"', f"path = {json.dumps(str(path))}",
                          f'fileext = "{extension}"', *(["no_delete = true"] if keeps and store == "crm" else [])]
            self.place("elsewhere", kind).mkdir(parents=True)
        (self.folder / "config").write_text("\n".join(lines) + "\n")

    def run(self, command, keyboard="", kill_after=None):
        """One run of vdirsyncer; returns what it complains of, if of anything."""
        arguments = [VDIRSYNCER, "-vWARNING", "-c", self.folder / "config", command]
        process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            output, _ = process.communicate(keyboard, timeout=kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return "killed"
        print(output, end="", file=sys.stderr)
        return f"exit status {process.returncode}: {output.strip()}" if process.returncode else ""

    def serve(self):
        for line in sys.stdin:
            request = json.loads(line)
            response = {"jsonrpc": "2.0", "id": request["id"]}
            if method := getattr(self, request["method"], None):
                response["result"] = method(request["params"])
            else:
                response["error"] = {"code": -32601, "message": f"no method {request['method']}"}
            print(json.dumps(response), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-delete", action="store_true", help="the CRM store keeps contacts that Outlook deleted")
    parser.add_argument("--keep", type=pathlib.Path, help="work in this folder, and leave it behind")
    options = parser.parse_args()
    if options.keep:
        Adapter(options, options.keep).serve()
    else:
        with tempfile.TemporaryDirectory() as folder:
            Adapter(options, pathlib.Path(folder)).serve()


if __name__ == "__main__":
    main()
