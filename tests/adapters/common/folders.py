"""Collections that are folders, with a file an item."""
import os
from pathlib import Path

from .bodies import SUFFIX


class Folders:
    """Each collection, a kind in a place, is a folder `PLACE/KIND`; an item's id is its file name."""

    def __init__(self, root):
        self.root = Path(root)

    def path(self, kind, place):
        return self.root / place / kind

    def suffix(self, kind):
        """How the names of items end, whoever gave them."""
        return SUFFIX[kind]

    def make(self, kind, place):
        self.path(kind, place).mkdir(parents=True, exist_ok=True)

    def list(self, kind, place):
        """The id and the body of every item."""
        items = []
        for entry in sorted(os.listdir(self.path(kind, place))):
            if entry.endswith(self.suffix(kind)) and not entry.startswith("."):
                with open(self.path(kind, place) / entry, encoding="utf-8", newline="") as file:
                    items.append((entry, file.read()))
        return items

    def put(self, kind, place, uid, body):
        """Creates an item."""
        self.replace(kind, place, uid + SUFFIX[kind], body)

    def replace(self, kind, place, id, body):
        """Gives an item another body. A new file under the old name: no engine can mistake it for the one it knew."""
        path = self.path(kind, place) / id
        # Dot files at the top, out of every engine's sight.
        temporary = self.root / f".{id}.new"
        with open(temporary, "w", encoding="utf-8", newline="") as file:
            file.write(body)
        os.rename(temporary, path)

    def discard(self, kind, place, id):
        """A folder has no place for what is deleted and still there."""
        self.remove(kind, place, id)

    def remove(self, kind, place, id):
        os.unlink(self.path(kind, place) / id)
