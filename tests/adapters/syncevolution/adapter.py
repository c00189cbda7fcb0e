#!/usr/bin/env python3
"""SyncEvolution between two sets of folders, with a file an item: `adapter.py plain`."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from common import engine
from common.adapter import SYNCHRONIZED, Adapter
from common.folders import Folders
from common.protocol import serve

FORMAT = {"contact": "text/vcard", "appointment": "text/calendar", "task": "text/calendar"}


class Numbered(Folders):
    """SyncEvolution names its files 0, 1 and so on."""

    def suffix(self, kind):
        return ""


class SyncEvolution(Adapter):
    name = "syncevolution"
    kinds = ("contact", "appointment", "task")
    deadlines = {"reset_ms": 60_000, "apply_ms": 30_000}

    def __init__(self, profile):
        super().__init__(profile)
        told = subprocess.run(
            ["syncevolution", "--version"], capture_output=True, text=True, check=True, env=self.environment()).stdout
        self.version = re.search(r"SyncEvolution ([\d.]+)", told)[1]

    def prepare(self, folder, kinds):
        self.home = folder / "home"
        stores = Numbered(folder / "stores")
        for kind in kinds:
            for place in SYNCHRONIZED:
                stores.make(kind, place)
        self.configure(stores, kinds)
        return stores

    def configure(self, stores, kinds):
        self.home.mkdir()

        def sources(place):
            for kind in kinds:
                yield f"{kind}/backend=file"
                yield f"{kind}/database=file://{stores.path(kind, place)}"
                yield f"{kind}/databaseFormat={FORMAT[kind]}"

        uris = [f"{kind}/uri={kind}" for kind in kinds]
        modes = [f"{kind}/sync=two-way" for kind in kinds]
        start = ["syncevolution", "--daemon=no", "--configure", "keyring=no"]
        crm = [
            *start, "--template", "none", "syncURL=", "username=", "password=", *sources("crm"), "target-config@crm", *kinds,
        ]
        outlook = [
            *start, "--template", "SyncEvolution_Client", "syncURL=local://@crm", "printChanges=0", "dumpData=0",
            "maxlogdirs=1", *sources("outlook"), *uris, *modes, "pair@outlook", *kinds,
        ]
        for command in (crm, outlook):
            codes, text = engine.run_all([command], 20, self.log, env=self.environment(), cwd=self.work)
            if codes != [0]:
                raise engine.EngineFailed(f"SyncEvolution could not be configured: {text}")

    def commands(self):
        # Without its daemon, and without the user's own: the process that is started does the work.
        return [["syncevolution", "--daemon=no", "pair@outlook"]] if self.used else []

    def environment(self):
        home = str(getattr(self, "home", self.work))
        folders = {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache"}
        return engine.environment(HOME=home, TZ="UTC", **{name: f"{home}/{folder}" for name, folder in folders.items()})

    def forget(self):
        shutil.rmtree(self.home)
        self.configure(self.stores, self.used)


if __name__ == "__main__":
    if sys.argv[1:] != ["plain"]:
        sys.exit("usage: adapter.py plain")
    serve(SyncEvolution(sys.argv[1]))
