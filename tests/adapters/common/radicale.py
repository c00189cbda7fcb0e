"""Collections on a Radicale server, over CalDAV and CardDAV."""
import base64
import http.client
import os
import sys
from pathlib import Path

from . import engine
from .bodies import SUFFIX

CONTENT = {".vcf": "text/vcard; charset=utf-8", ".ics": "text/calendar; charset=utf-8"}
PASSWORD = "p"
MAKE = """<?xml version="1.0" encoding="utf-8"?>
<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:{space}"><D:set><D:prop>
<D:resourcetype><D:collection/><C:{type}/></D:resourcetype><D:displayname>{name}</D:displayname>{more}
</D:prop></D:set></D:mkcol>"""


class Radicale:
    """One server, with a user for each kind and world: a fresh home costs nothing, and nobody sees another's."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.process, self.port = engine.serve_on_free_port(self._command, env=self._environment())
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def _command(self, port):
        config = self.folder / "config"
        config.write_text(
            f"[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = none\n[rights]\ntype = owner_only\n"
            f"[storage]\nfilesystem_folder = {self.folder / 'collections'}\n"
            "[logging]\nlevel = warning\n"
        )
        return [sys.executable, "-m", "radicale", "--config", str(config)]

    def _environment(self):
        return engine.environment(HOME=str(self.folder))

    def cut(self):
        """Makes the server unreachable. What is done to its collections meanwhile is done to its files."""
        if self.process:
            self.connection.close()
            engine.stop(self.process)
            self.process = None

    def mend(self):
        """Makes it reachable again, on the same port."""
        if not self.process:
            self.process = engine.start(self._command(self.port), env=self._environment())
            if not engine.await_port(self.port, self.process):
                raise engine.EngineFailed("the server did not start again")

    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def make(self, kind, user):
        contact = kind == "contact"
        component = "VTODO" if kind == "task" else "VEVENT"
        more = "" if contact else (
            f'<C:supported-calendar-component-set><C:comp name="{component}"/></C:supported-calendar-component-set>')
        body = MAKE.format(
            space="carddav" if contact else "caldav", type="addressbook" if contact else "calendar", name=kind, more=more,
        )
        self._ask("MKCOL", f"/{user}/{kind}/", user, body, "application/xml; charset=utf-8")

    def list(self, kind, user):
        """Read from the files of the server's storage: nothing that the server might still remember stands between."""
        folder = self._collection(kind, user)
        items = []
        for name in sorted(os.listdir(folder)):
            if not name.startswith("."):
                with open(folder / name, encoding="utf-8", newline="") as file:
                    items.append((name, file.read()))
        return items

    def put(self, kind, user, id, body):
        if not self.process:
            temporary = self.folder / f".{id}.new"
            temporary.write_text(body, encoding="utf-8", newline="")
            temporary.rename(self._collection(kind, user) / id)
            return
        self._ask("PUT", f"/{user}/{kind}/{id}", user, body, CONTENT[SUFFIX[kind]])

    def remove(self, kind, user, id):
        if not self.process:
            (self._collection(kind, user) / id).unlink()
            return
        self._ask("DELETE", f"/{user}/{kind}/{id}", user)

    def _collection(self, kind, user):
        return self.folder / "collections" / "collection-root" / user / kind

    def _ask(self, method, path, user, body=None, content=None):
        login = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", **({"Content-Type": content} if content else {})}
        body = body.encode() if body is not None else None
        for last in (False, True):
            try:
                self.connection.request(method, path, body, headers)
                response = self.connection.getresponse()
                text = response.read()
                break
            except (http.client.HTTPException, OSError):
                # The server may close a connection that was idle; once is no failure.
                self.connection.close()
                if last:
                    raise
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {text.decode('utf-8', 'replace')[:200]}")

    def stop(self):
        self.cut()


class Collections:
    """The collections of one world: a server on each side, with a user of the world's own."""

    def __init__(self, world, servers):
        self.user, self.servers = f"world{world}", servers

    def url(self, kind, place):
        return f"{self.servers[place].url()}{self.user}/{kind}/"

    def make(self, kind, place):
        self.servers[place].make(kind, self.user)

    def list(self, kind, place):
        return self.servers[place].list(kind, self.user)

    def put(self, kind, place, uid, body):
        self.servers[place].put(kind, self.user, uid + SUFFIX[kind], body)

    def replace(self, kind, place, id, body):
        self.servers[place].put(kind, self.user, id, body)

    def remove(self, kind, place, id):
        self.servers[place].remove(kind, self.user, id)
