#!/usr/bin/env python3
"""vdirsyncer between two folders, with a file an item: `adapter.py plain|policy`."""
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from common import engine
from common.adapter import SYNCHRONIZED, Adapter
from common.bodies import SUFFIX
from common.folders import Folders
from common.protocol import serve

VDIRSYNCER = str(Path(__file__).resolve().parent / ".venv/bin/vdirsyncer")
# Setting up takes a fraction of a second.
DISCOVERY_S = 20
# Whose deletions the documents never carry from Outlook to CRM.
NEVER_DELETED = ("contact",)


class Vdirsyncer(Adapter):
    name = "vdirsyncer"
    kinds = ("contact", "appointment", "task")

    def __init__(self, profile):
        super().__init__(profile)
        told = subprocess.run([VDIRSYNCER, "--version"], capture_output=True, text=True, check=True).stdout
        self.version = told.split()[-1]

    def prepare(self, folder, kinds):
        self.world_folder = folder
        stores = Folders(folder / "stores")
        lines = ["[general]", f'status_path = "{folder / "status"}"']
        for kind in kinds:
            lines += [f"[pair {kind}]", *(f'{side} = "{kind}_{place}"' for side, place in zip("ab", SYNCHRONIZED)),
                      "collections = null", 'conflict_resolution = "a wins"']
            for place in SYNCHRONIZED:
                stores.make(kind, place)
                lines += [f"[storage {kind}_{place}]", 'type = "filesystem"', f'path = "{stores.path(kind, place)}"',
                          f'fileext = "{SUFFIX[kind]}"']
                if self.profile == "policy" and place == "crm" and kind in NEVER_DELETED:
                    lines.append("no_delete = true")
        (folder / "config").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if kinds:
            self.discover()
        return stores

    def commands(self):
        return [self.command("sync")] if self.used else []

    def forget(self):
        shutil.rmtree(self.world_folder / "status", ignore_errors=True)
        if self.used:
            self.discover()

    def discover(self):
        """vdirsyncer wants to be shown the collections once before it synchronizes them."""
        codes, text = engine.run_all([self.command("discover")], DISCOVERY_S, self.log, env=self.environment())
        if any(codes):
            raise engine.EngineFailed(text)

    def command(self, name):
        return [VDIRSYNCER, "-vWARNING", "-c", str(self.world_folder / "config"), name]


if __name__ == "__main__":
    if sys.argv[1:] not in (["plain"], ["policy"]):
        sys.exit("usage: adapter.py plain|policy")
    serve(Vdirsyncer(sys.argv[1]))
