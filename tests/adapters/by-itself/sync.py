"""The synchronizer: one pass over one mailbox, and the thread that makes passes by itself."""
import copy as copying
import random
import threading

import rules
from world import FIELDS, Mailbox, link, remember


def synchronize(world, user):
    """Send what changed in the mailbox, then fetch what changed in CRM. True if anything changed."""
    mailbox = world.mailboxes[user]
    before = copying.deepcopy((mailbox, world.crm))
    for name in list(mailbox.pairs):
        send_and_fetch(world, user, mailbox, name)
    for name, record in world.crm.items():
        if name not in mailbox.seen and rules.receives(record, user):
            arrive(world, mailbox, name, record)
    return before != (mailbox, world.crm)


def send_and_fetch(world, user, mailbox, name):
    pair, copy, record = mailbox.pairs[name], mailbox.copies.get(name), world.crm.get(name)
    may_delete = world.users[user]["may_delete"]
    if pair.order is not None:                             # it was untracked
        if record and pair.order and may_delete and rules.order_stands(record, user, world.now):
            world.bury(name)
        unlink(mailbox, name)
    elif pair.gone:                                        # the copy was deleted
        if record and may_delete and rules.deleted_in_outlook(record["kind"]):
            world.bury(name)
        del mailbox.pairs[name]
    elif copy["state"] == "waiting":
        if not pair.needs_principal:
            make_or_find_record(world, user, mailbox, name)
    elif record:
        merge(world, user, pair, copy, record)
    else:                                                  # the record was deleted
        if rules.deleted_in_crm(world.graves[name], user, world.now):
            del mailbox.copies[name], mailbox.pairs[name]
        else:
            unlink(mailbox, name)


def unlink(mailbox, name):
    """The copy, if there still is one, survives and is tracked no longer (X-18)."""
    del mailbox.pairs[name]
    if name in mailbox.copies:
        mailbox.copies[name].update(state="untracked", owner=None)


def make_or_find_record(world, user, mailbox, name):
    copy, pair, record = mailbox.copies[name], mailbox.pairs[name], world.crm.get(name)
    if record is None:
        record = {key: copying.deepcopy(copy[key]) for key in FIELDS + ["address", "exceptions", "occurrences"]}
        record.update(kind=copy["record"], owner=user)
        if record["kind"] == "email":
            record["status"] = copy["status"] = "completed"
        world.add_record(name, record)
    else:                                                  # Outlook's content wins, unless the record is closed
        pair.record_occurrences = list(record["occurrences"] or [])
        carry_occurrences(world, user, pair, copy, record)
        fixed = rules.closed(record)
        for key in FIELDS:
            if not fixed or free_field(record, key):
                record[key] = copying.deepcopy(copy[key])
            else:
                copy[key] = copying.deepcopy(record[key])
    link(mailbox, name, copy, record)


def free_field(record, key):
    return record["kind"] == "email" and key == "regarding"


def merge(world, user, pair, copy, record):
    """X-24: field by field, and CRM where both changed one. X-29, X-10: what may not be edited is undone."""
    carry_occurrences(world, user, pair, copy, record)
    fixed = rules.closed(record) or record["kind"] == "service-activity"
    for key in FIELDS:
        mine, theirs, base = copy[key], record[key], pair.base[key]
        if mine != base and theirs == base and (not fixed or free_field(record, key)):
            record[key] = copying.deepcopy(mine)
        elif mine != theirs:
            copy[key] = copying.deepcopy(theirs)
    remember(pair, copy, record)


def carry_occurrences(world, user, pair, copy, record):
    if copy["occurrences"] is None or record["occurrences"] is None:
        return
    if world.users[user]["may_delete"]:
        for number in set(pair.copy_occurrences) - set(copy["occurrences"]):
            if number in record["occurrences"] and len(record["occurrences"]) > 1:
                record["occurrences"].remove(number)
                pair.record_occurrences = [n for n in pair.record_occurrences if n != number]
    for number in set(pair.record_occurrences) - set(record["occurrences"]):
        if (number in copy["occurrences"] and len(copy["occurrences"]) > 1
                and rules.occurrence_deleted_in_crm(record, number, user, world.now)):
            copy["occurrences"].remove(number)


def arrive(world, mailbox, name, record):
    spec = world.specs[name]
    copy = {key: copying.deepcopy(record[key]) for key in FIELDS + ["address", "exceptions", "occurrences"]}
    copy.update(kind=spec["kind"], record=record["kind"], assigned=spec["assigned"], owner=None)
    mailbox.copies[name] = copy
    mailbox.seen.add(name)
    link(mailbox, name, copy, record)


class Synchronizer(threading.Thread):
    """Synchronizes a mailbox after random short pauses, whenever nobody else holds the lock."""

    def __init__(self, lock):
        super().__init__(daemon=True)
        self.lock, self.world, self.done = lock, None, threading.Event()
        self.rested = {}                                   # by mailbox: at which version nothing was left to do

    def attend(self, world):
        self.world, self.rested = world, {}

    def run(self):
        while not self.done.wait(random.uniform(0.001, 0.012)):
            with self.lock:
                if self.world:
                    self.one_mailbox()

    def one_mailbox(self):
        world = self.world
        waiting = [user for user in world.users
                   if self.rested.get(user) != world.version and world.can_synchronize(user)]
        if waiting:
            user = random.choice(waiting)
            if synchronize(world, user):
                world.version += 1
            else:
                self.rested[user] = world.version

    def settle(self):
        """Until nothing changes. The caller holds the lock."""
        users = [user for user in self.world.users if self.world.can_synchronize(user)]
        while any([synchronize(self.world, user) for user in users]):
            self.world.version += 1
