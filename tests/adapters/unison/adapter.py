#!/usr/bin/env python3
"""Unison between two folders, with a file an item: `adapter.py plain|policy`."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from common.adapter import SYNCHRONIZED, Adapter
from common.folders import Folders
from common.protocol import serve

# Whose deletions the documents never carry across.
NEVER_DELETED = ("email", "contact")


class Unison(Adapter):
    name = "unison"
    kinds = ("email", "contact", "appointment", "task")

    def __init__(self, profile):
        super().__init__(profile)
        told = subprocess.run(["unison", "-version"], capture_output=True, text=True, check=True).stdout
        self.version = re.search(r"[\d.]+", told)[0]

    def prepare(self, folder, kinds):
        self.state = folder / "state"
        self.remember_nothing(kinds)
        stores = Folders(folder / "stores")
        for kind in kinds:
            for place in SYNCHRONIZED:
                stores.make(kind, place)
        return stores

    def commands(self):
        return [self.command(kind) for kind in self.used]

    def command(self, kind):
        """Each kind has roots and a memory of its own: a root that was emptied is what Unison's guard looks for."""
        roots = [str(self.stores.path(kind, place)) for place in SYNCHRONIZED]
        # A lock is what a killed Unison leaves behind; nobody else works on these folders.
        command = ["env", f"UNISON={self.state / kind}", "unison", *roots, "-ui", "text", "-batch", "-auto", "-ignorelocks",
                   "-color", "false"]
        if self.profile == "policy" and kind in NEVER_DELETED:
            for root in roots:
                command += ["-nodeletion", root]
        return command

    def environment(self):
        return {**super().environment(), "UNISONLOCALHOSTNAME": "localhost"}

    def forget(self):
        shutil.rmtree(self.state)
        self.remember_nothing(self.used)

    def remember_nothing(self, kinds):
        for kind in kinds:
            (self.state / kind).mkdir(parents=True)


if __name__ == "__main__":
    if sys.argv[1:] not in (["plain"], ["policy"]):
        sys.exit("usage: adapter.py plain|policy")
    serve(Unison(sys.argv[1]))
