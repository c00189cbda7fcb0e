"""Mailboxes behind IMAP, whatever the server."""
import imaplib
import re


class Mailboxes:
    """A connection of the adapter's own to an IMAP server."""

    def __init__(self, connection):
        self.connection = connection
        self.names = []

    def make(self, name):
        self._ask("create", name)
        self.names.append(name)

    def list(self, name):
        """The UID and the text of every message that is not marked as deleted."""
        # Selected anew each time: what others did since is seen for certain.
        self._ask("select", name, True)
        (there,) = self._ask("uid", "SEARCH", "UNDELETED")
        messages = []
        if there:
            for part in self._ask("uid", "FETCH", there.decode().replace(" ", ","), "(UID BODY.PEEK[])"):
                if isinstance(part, tuple):
                    uid = re.search(rb"UID (\d+)", part[0])
                    messages.append((uid[1].decode(), part[1].decode("utf-8", "replace")))
        return messages

    def put(self, name, body):
        self._ask("append", name, None, None, body.encode())

    def discard(self, name, uid):
        """Marks a message as deleted, which is all that most programs for e-mail do at first."""
        self._ask("select", name)
        self._ask("uid", "STORE", uid, "+FLAGS.SILENT", r"(\Deleted)")

    def remove(self, name, uid):
        self.discard(name, uid)
        # This one only: others may be marked as deleted, and are to stay.
        self._ask("uid", "EXPUNGE", uid)

    def clear(self):
        # A mailbox that is open cannot be deleted everywhere.
        self._ask("select", "INBOX", True)
        for name in self.names:
            self._ask("delete", name)
        self.names = []

    def close(self):
        try:
            self.connection.logout()
        except (imaplib.IMAP4.error, OSError):
            pass

    def _ask(self, command, *arguments):
        status, data = getattr(self.connection, command)(*arguments)
        if status != "OK":
            raise RuntimeError(f"IMAP {command} {arguments[:2]}: {status} {data}")
        return data
