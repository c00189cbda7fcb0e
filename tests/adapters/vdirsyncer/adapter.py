#!/usr/bin/env python3
"""vdirsyncer between two folders with a file an item, `adapter.py plain|policy`, or between two Radicale servers,
`adapter.py radicale|window`."""
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from common import engine
from common.adapter import SYNCHRONIZED, Adapter
from common.bodies import SUFFIX
from common.folders import Folders
from common.protocol import serve
from common.radicale import PASSWORD, Collections, Radicale

VDIRSYNCER = str(Path(__file__).resolve().parent / ".venv/bin/vdirsyncer")
# Setting up takes a fraction of a second.
DISCOVERY_S = 20
# Whose deletions the documents never carry from Outlook to CRM.
NEVER_DELETED = ("contact",)


PROFILES = ("plain", "policy", "radicale", "window")
ON_SERVERS = ("radicale", "window")
# What the profile `window` lets vdirsyncer see of a calendar: from the time of its start on. It reads these as Python.
WINDOW = ('start_date = "datetime.now()"', 'end_date = "datetime.now() + timedelta(days=1825)"')


class Vdirsyncer(Adapter):
    name = "vdirsyncer"
    kinds = ("contact", "appointment", "task")

    def __init__(self, profile):
        super().__init__(profile)
        told = subprocess.run([VDIRSYNCER, "--version"], capture_output=True, text=True, check=True).stdout
        self.version = told.split()[-1]
        self.servers = {}
        self.unreachable = profile in ON_SERVERS
        self.timed = profile == "window"
        if self.timed and not engine.faketime():
            sys.exit("missing: the library that starts vdirsyncer at another time (Debian package faketime)")

    def prepare(self, folder, kinds):
        self.world_folder = folder
        if self.profile in ON_SERVERS:
            # Servers are started when first needed, and stay.
            if kinds and not self.servers:
                self.servers = {place: Radicale(self.work / f"radicale-{place}") for place in SYNCHRONIZED}
            stores = Collections(self.world, self.servers)
        else:
            stores = Folders(folder / "stores")
        for kind in kinds:
            for place in SYNCHRONIZED:
                stores.make(kind, place)
        self.configure(stores, kinds)
        if kinds:
            self.discover()
        return stores

    def configure(self, stores, kinds, window=False):
        lines = ["[general]", f'status_path = "{self.world_folder / "status"}"']
        for kind in kinds:
            lines += [f"[pair {kind}]", *(f'{side} = "{kind}_{place}"' for side, place in zip("ab", SYNCHRONIZED)),
                      "collections = null", 'conflict_resolution = "a wins"']
            for place in SYNCHRONIZED:
                lines.append(f"[storage {kind}_{place}]")
                if self.profile in ON_SERVERS:
                    lines += self.on_server(stores, kind, place, window)
                else:
                    lines += ['type = "filesystem"', f'path = "{stores.path(kind, place)}"', f'fileext = "{SUFFIX[kind]}"']
                if self.profile == "policy" and place == "crm" and kind in NEVER_DELETED:
                    lines.append("no_delete = true")
        (self.world_folder / "config").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def on_server(self, stores, kind, place, window):
        lines = [f'type = "{"carddav" if kind == "contact" else "caldav"}"', f'url = "{stores.url(kind, place)}"',
                 f'username = "{stores.user}"', f'password = "{PASSWORD}"']
        if kind != "contact":
            lines.append(f'item_types = ["{"VTODO" if kind == "task" else "VEVENT"}"]')
        if kind == "appointment" and window:
            lines += WINDOW
        return lines

    def canary_dates(self, kind):
        dates = super().canary_dates(kind)
        if self.profile == "window" and kind == "appointment":
            # Inside the window however long the world waits.
            start = self.now + timedelta(days=3 * 365)
            dates = {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
        return dates

    def linked(self):
        # What lies outside the window was brought to CRM while it still lay inside.
        if self.profile == "window" and self.used:
            self.configure(self.stores, self.used, window=True)
            self.discover()

    def cut(self):
        if self.servers:
            self.servers["crm"].cut()

    def mend(self):
        if self.servers:
            self.servers["crm"].mend()

    def close(self):
        for server in self.servers.values():
            server.stop()

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
    if len(sys.argv) != 2 or sys.argv[1] not in PROFILES:
        sys.exit(f"usage: adapter.py {'|'.join(PROFILES)}")
    serve(Vdirsyncer(sys.argv[1]))
