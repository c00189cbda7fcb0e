#!/usr/bin/env python3
"""neverest between two Radicale servers and two pymap servers: `adapter.py plain|policy`."""
import imaplib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import engine
from common.adapter import SYNCHRONIZED, Adapter
from common.bodies import SUFFIX
from common.imap import Mailboxes
from common.protocol import serve
from common.radicale import PASSWORD, Radicale

NEVEREST = str(HERE / ".installed" / "bin" / "neverest")
PROTOCOL = {"email": "imap", "contact": "carddav", "appointment": "caldav", "task": "caldav"}
# Whose deletions the documents never carry across.
NEVER_DELETED = ("email", "contact")


class Pymap:
    """An IMAP server that keeps its mailboxes in memory."""

    def __init__(self, folder):
        folder.mkdir(parents=True)
        self.process, self.port = engine.serve_on_free_port(self._command, env=engine.environment(HOME=str(folder)))
        connection = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        connection.login("u", PASSWORD)
        self.mailboxes = Mailboxes(connection)

    @staticmethod
    def _command(port):
        return [
            sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port),
            "--no-tls", "--no-service", "admin", "--no-service", "managesieve",
            "dict", "--demo-user", "u", "--demo-password", PASSWORD,
        ]

    def stop(self):
        self.mailboxes.close()
        engine.stop(self.process)


class Servers:
    """The collections of one world: a Radicale and a pymap on each side, with a user or a mailbox of their own."""

    def __init__(self, world, dav, imap):
        self.world, self.dav, self.imap = world, dav, imap

    def user(self, kind):
        return f"{kind}{self.world}"

    def make(self, kind, place):
        if kind == "email":
            self.imap[place].mailboxes.make(self.user(kind))
        else:
            self.dav[place].make(kind, self.user(kind))

    def list(self, kind, place):
        if kind == "email":
            return self.imap[place].mailboxes.list(self.user(kind))
        return self.dav[place].list(kind, self.user(kind))

    def put(self, kind, place, uid, body):
        if kind == "email":
            self.imap[place].mailboxes.put(self.user(kind), body)
        else:
            self.dav[place].put(kind, self.user(kind), uid + SUFFIX[kind], body)

    def replace(self, kind, place, id, body):
        # The id that the store gave it stays: another for the same UID is refused.
        self.dav[place].put(kind, self.user(kind), id, body)

    def discard(self, kind, place, id):
        self.imap[place].mailboxes.discard(self.user(kind), id)

    def remove(self, kind, place, id):
        if kind == "email":
            self.imap[place].mailboxes.remove(self.user(kind), id)
        else:
            self.dav[place].remove(kind, self.user(kind), id)


class Neverest(Adapter):
    name = "neverest"
    kinds = ("email", "contact", "appointment", "task")
    soft = ("email",)

    def __init__(self, profile):
        super().__init__(profile)
        told = subprocess.run([NEVEREST, "--version"], capture_output=True, text=True, check=True).stdout
        self.version = told.split()[1].lstrip("v")
        self.dav, self.imap = {}, {}

    def prepare(self, folder, kinds):
        for place in SYNCHRONIZED:
            # Servers are started when first needed, and stay.
            if place not in self.dav and set(kinds) - {"email"}:
                self.dav[place] = Radicale(self.work / f"radicale-{place}")
            if place not in self.imap and "email" in kinds:
                self.imap[place] = Pymap(self.work / f"pymap-{place}")
            if place in self.imap:
                self.imap[place].mailboxes.clear()
        self.state = folder / "state"
        self.configs = {}
        stores = Servers(self.world, self.dav, self.imap)
        for kind in kinds:
            for place in SYNCHRONIZED:
                stores.make(kind, place)
            self.configs[kind] = folder / f"{kind}.toml"
            self.configs[kind].write_text(self.config(kind, stores.user(kind)))
        self.init()
        return stores

    def config(self, kind, user):
        protocol = PROTOCOL[kind]
        lines = ["[accounts.t]", "default = true", f'store.root = "{self.state / kind}"']
        for role, place in (("sources", "outlook"), ("targets", "crm")):
            side = f"{role}.{place}.{protocol}"
            if kind == "email":
                lines += [
                    f'{side}.server = "imap://127.0.0.1:{self.imap[place].port}"',
                    f'{side}.sasl.plain.username = "u"',
                    f'{side}.sasl.plain.password.raw = "{PASSWORD}"',
                    f'{side}.collection.filter.include = ["{user}"]',
                ]
            else:
                lines += [
                    f'{side}.server = "{self.dav[place].url()}"',
                    f'{side}.auth.basic.username = "{user}"',
                    f'{side}.auth.basic.password.raw = "{PASSWORD}"',
                ]
            if self.profile == "policy" and kind in NEVER_DELETED:
                lines += [f"{side}.item.create = true", f"{side}.item.delete = false"]
        return "\n".join(lines) + "\n"

    def init(self):
        self.state.mkdir()
        engine.run_all([[NEVEREST, "-c", str(config), "init"] for config in self.configs.values()], 10, self.log,
                       env=self.environment(), cwd=self.work)

    def commands(self):
        return [[NEVEREST, "-c", str(config), "sync", "--json"] for config in self.configs.values()]

    def forget(self):
        shutil.rmtree(self.state, ignore_errors=True)
        self.init()

    def close(self):
        for server in [*self.dav.values(), *self.imap.values()]:
            server.stop()


if __name__ == "__main__":
    if sys.argv[1:] not in (["plain"], ["policy"]):
        sys.exit("usage: adapter.py plain|policy")
    serve(Neverest(sys.argv[1]))
