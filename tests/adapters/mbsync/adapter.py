#!/usr/bin/env python3
"""mbsync between two mailboxes of Dovecot's: `adapter.py plain|policy`.

Dovecot runs as no server: its IMAP program is started by whoever wants to talk to it, mbsync or this adapter, and
speaks over its standard streams. So there are no ports, and nothing runs between two cycles but the adapter's own connections.
"""
import imaplib
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from common.adapter import SYNCHRONIZED, Adapter
from common.imap import Mailboxes
from common.protocol import serve

MAILBOX = "mail"
IMAP = next((path for path in ("/usr/lib/dovecot/imap", "/usr/libexec/dovecot/imap") if os.path.exists(path)), None)
# Dovecot serves no mail to root: run by root, it is started as nobody.
NOBODY = 65534
ROOT = os.geteuid() == 0
SYNC = {
    "plain": ["Sync All", "Expunge Both"],
    # What is new and what is flagged crosses both ways; what is gone stays where it is not.
    "policy": ["Sync New Flags", "Expunge None"],
}


class Sides:
    """The two mailboxes of one world."""

    def __init__(self, folder):
        self.tunnels, self.mailboxes = {}, {}
        mail = folder / "dovecot"
        user, group = (NOBODY, NOBODY) if ROOT else (os.geteuid(), os.getegid())
        for path in (mail, *(mail / place for place in SYNCHRONIZED)):
            path.mkdir()
            os.chown(path, user, group)
        config = folder / "dovecot.conf"
        config.write_text(
            f"protocols = imap\nbase_dir = {mail}\nstate_dir = {mail}\nlog_path = /dev/stderr\n"
            "mail_location = maildir:~/Maildir\nssl = no\nmail_fsync = never\n"
            f"mail_uid = {user}\nmail_gid = {group}\nfirst_valid_uid = 1\nfirst_valid_gid = 1\n"
        )
        drop = f"setpriv --reuid {user} --regid {group} --clear-groups " if ROOT else ""
        for place in SYNCHRONIZED:
            self.tunnels[place] = f"exec {drop}env HOME={mail / place} USER={place} {IMAP} -c {config} 2>>{folder}/dovecot.log"
            self.mailboxes[place] = Mailboxes(imaplib.IMAP4_stream(self.tunnels[place]))
            self.mailboxes[place].make(MAILBOX)

    def list(self, kind, place):
        return self.mailboxes[place].list(MAILBOX)

    def put(self, kind, place, uid, body):
        self.mailboxes[place].put(MAILBOX, body)

    def discard(self, kind, place, id):
        self.mailboxes[place].discard(MAILBOX, id)

    def remove(self, kind, place, id):
        self.mailboxes[place].remove(MAILBOX, id)

    def close(self):
        for mailboxes in self.mailboxes.values():
            mailboxes.close()
            mailboxes.connection.process.wait(5)


class Mbsync(Adapter):
    name = "mbsync"
    kinds = soft = ("email",)

    def __init__(self, profile):
        super().__init__(profile)
        if ROOT:
            # Nobody may pass through, and look into nothing.
            self.work.chmod(0o711)
        told = subprocess.run(["mbsync", "--version"], capture_output=True, text=True, check=True).stdout
        self.version = told.split()[1]
        self.sides = None

    def prepare(self, folder, kinds):
        self.close()
        self.state = folder / "state"
        self.state.mkdir()
        self.sides = Sides(folder)
        self.config = folder / "mbsyncrc"
        lines = ["FSync no", ""]
        for place, tunnel in self.sides.tunnels.items():
            account = [f"IMAPAccount {place}", f'Tunnel "{tunnel}"', ""]
            lines += [*account, f"IMAPStore {place}", f"Account {place}", ""]
        lines += ["Channel mail", f"Far :outlook:{MAILBOX}", f"Near :crm:{MAILBOX}", *SYNC[self.profile]]
        lines += [f"SyncState {self.state}/", "Create None"]
        self.config.write_text("\n".join(lines) + "\n")
        return self.sides

    def commands(self):
        return [["mbsync", "-c", str(self.config), "-q", "mail"]] if self.used else []

    def forget(self):
        shutil.rmtree(self.state)
        self.state.mkdir()

    def close(self):
        if self.sides:
            self.sides.close()
            self.sides = None


if __name__ == "__main__":
    if sys.argv[1:] not in (["plain"], ["policy"]):
        sys.exit("usage: adapter.py plain|policy")
    serve(Mbsync(sys.argv[1]))
