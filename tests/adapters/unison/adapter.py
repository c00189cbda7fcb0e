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
        self.state.mkdir()
        stores = Folders(folder / "stores")
        for kind in kinds:
            for place in SYNCHRONIZED:
                stores.make(kind, place)
        return stores

    def commands(self):
        roots = [str(self.stores.root / place) for place in SYNCHRONIZED]
        # A lock is what a killed Unison leaves behind; nobody else works on these folders.
        command = ["unison", *roots, "-ui", "text", "-batch", "-auto", "-ignorelocks", "-color", "false"]
        if self.profile == "policy":
            for root in roots:
                for kind in NEVER_DELETED:
                    command += ["-nodeletionpartial", f"BelowPath {kind} -> {root}"]
        return [command]

    def environment(self):
        return {**super().environment(), "UNISON": str(self.state), "UNISONLOCALHOSTNAME": "localhost"}

    def forget(self):
        shutil.rmtree(self.state)
        self.state.mkdir()


if __name__ == "__main__":
    if sys.argv[1:] not in (["plain"], ["policy"]):
        sys.exit("usage: adapter.py plain|policy")
    serve(Unison(sys.argv[1]))
