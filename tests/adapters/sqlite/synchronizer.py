"""A small synchronizer between Outlook mailboxes and a CRM that keeps everything in a SQLite file.

It follows the documents of 2016 (profile `documented-2016`), and wherever they are silent the first reading. It can be
killed at any moment: what belongs together is written in one transaction. Without transactions it is not.
"""
import contextlib
import datetime
import json
import sqlite3

CALENDAR = {"appointment", "meeting-request", "recurring-appointment", "service-activity"}
TASKS = {"task", "phone-call", "letter", "fax"}
CRM_ONLY = {"account", "lead", "opportunity", "case"}
# What synchronization carries across; who owns a record and which occurrences are left have rules of their own.
# Personal options, by where they are offered; of three more it depends.
OPTIONS_EVERYWHERE = ["online-filters", "offline-filters", "synchronized-fields", "messages-to-track", "create-records"]
OPTIONS_OF_THE_CLIENT = ["company-field", "send-through-client", "check-incoming", "match-recipients", "local-data-interval",
                         "duplicates-on-return"]
CARRIED = ["title", "dates", "status", "organizer", "regarding", "parent", "required", "optional", "exceptions"]
BATCH_LIMIT = 20
DAY = datetime.timedelta(days=1)


class Refused(Exception):
    """The step is impossible here; nothing has changed."""


class Unsupported(Exception):
    """There is no such operation."""


class Crash(Exception):
    """The computer crashes in the middle of a synchronization."""


def require(condition):
    if not condition:
        raise Refused


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def carry(source, target, forgotten=()):
    target.update({field: source[field] for field in CARRIED if field not in forgotten})


def differ(one, other):
    return any(one[field] != other[field] for field in CARRIED)


class Database:
    """Documents by place: a copy lies in a mailbox, a record in none; on the server, or on a computer that is away."""

    SERVER = CRM = ""

    def __init__(self, path, transactions):
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.transactions = transactions
        self.connection.executescript("""
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            CREATE TABLE IF NOT EXISTS document (computer, mailbox, item, body, PRIMARY KEY (computer, mailbox, item));
            CREATE TABLE IF NOT EXISTS queue (number INTEGER PRIMARY KEY, computer, mailbox, item, action, sent DEFAULT 0);
            CREATE TABLE IF NOT EXISTS setting (key PRIMARY KEY, value);
        """)

    @contextlib.contextmanager
    def atomic(self):
        """All of the writes inside, or none of them."""
        if not self.transactions:
            yield
            return
        inner = self.connection.in_transaction
        self.connection.execute("SAVEPOINT part" if inner else "BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO part" if inner else "ROLLBACK")
            if inner:
                self.connection.execute("RELEASE part")
            raise
        self.connection.execute("RELEASE part" if inner else "COMMIT")

    def clear(self):
        for table in ("document", "queue", "setting"):
            self.connection.execute(f"DELETE FROM {table}")

    def load(self, computer, mailbox, item):
        row = self.connection.execute("SELECT body FROM document WHERE (computer, mailbox, item) = (?, ?, ?)",
                                      (computer, mailbox, item)).fetchone()
        return json.loads(row[0]) if row else None

    def shown(self):
        """What is there to see: by computer and mailbox, the items and their documents."""
        places = {}
        for computer, mailbox, item, body in self.connection.execute("SELECT computer, mailbox, item, body FROM document"):
            if (document := json.loads(body))["is"] == "present":
                places.setdefault((computer, mailbox), []).append((item, document))
        return places

    def mentioned(self, user):
        """The items of which there is a copy in a mailbox, or a record that names its user."""
        return {item for item, in self.connection.execute(
            "SELECT item FROM document WHERE computer = '' AND (mailbox = ?1 OR mailbox = '' AND instr(body, json_quote(?1)))",
            (user,))}

    def save(self, computer, mailbox, item, body):
        self.connection.execute("REPLACE INTO document VALUES (?, ?, ?, ?)", (computer, mailbox, item, json.dumps(body)))

    def setting(self, key):
        row = self.connection.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def set(self, key, value):
        self.connection.execute("REPLACE INTO setting VALUES (?, ?)", (key, json.dumps(value)))

    def enqueue(self, computer, mailbox, item, action):
        self.connection.execute("INSERT INTO queue (computer, mailbox, item, action) VALUES (?, ?, ?, ?)",
                                (computer, mailbox, item, json.dumps(action)))

    def waiting(self, computer, mailbox, item):
        rows = self.connection.execute("SELECT number, action FROM queue WHERE (computer, mailbox, item, sent) = (?, ?, ?, 0)"
                                       " ORDER BY number", (computer, mailbox, item))
        return [(number, json.loads(action)) for number, action in rows]

    def erase(self, computer, mailbox, item):
        self.connection.execute("DELETE FROM queue WHERE (computer, mailbox, item) = (?, ?, ?)", (computer, mailbox, item))

    def is_queued(self, item):
        return self.connection.execute("SELECT 1 FROM queue WHERE item = ?", (item,)).fetchone() is not None


class Synchronizer:
    """Both stores, every computer, and what crosses between them."""

    def __init__(self, database, defects=()):
        self.db = database
        self.defects = defects
        self.recall()

    # The world.

    def recall(self):
        """Reads the starting world again, after a start on a file that is there."""
        world = self.db.setting("world") or {"users": [], "computers": [], "items": []}
        self.users = {user["name"]: user for user in world["users"]}
        self.items = {item["name"]: item for item in world["items"]}
        self.owner_of = {computer["name"]: computer["user"] for computer in world["computers"]}

    def reset(self, world):
        with self.db.atomic():
            self.db.clear()
            self.db.set("world", world)
            self.db.set("now", world["now"])
            for computer in world["computers"]:
                state = {"is": "connected", "resume": "connected", "synchronizing": computer["synchronizing"]}
                self.db.set(f"computer {computer['name']}", state)
            self.recall()
            for name, item in self.items.items():
                if item["in_crm"]:
                    self.db.save(Database.SERVER, Database.CRM, name, {**self.content(item), "is": "present"})
                for user in item["copies"]:
                    copy = self.new_copy(item)
                    if user in item["tracked"]:
                        copy["link"] = "linked" if item["in_crm"] else "pending"
                    self.db.save(Database.SERVER, user, name, copy)

    def content(self, item):
        """What an item starts with."""
        fields = {field: item[field] for field in CARRIED}
        count = item["dates"].get("count", 1) if item["kind"] == "recurring-appointment" else 1
        return {**fields, "owner": item["owner"], "kind": item["record"], "occurrences": list(range(count))}

    def new_copy(self, item):
        content = self.content(item)
        return {**content, "is": "present", "link": "none", "record": item["record"], "held": False, "sent": False,
                "acted_at": None, "reply": "unasked", "base": content}

    def now(self):
        return instant(self.db.setting("now"))

    def state(self, computer):
        return self.db.setting(f"computer {computer}")

    def set_state(self, computer, is_now, resume=None):
        state = self.state(computer)
        self.db.set(f"computer {computer}", {**state, "is": is_now, "resume": resume or is_now})

    def synchronizing_computer(self, user):
        own = (name for name, owner in self.owner_of.items() if owner == user)
        return next((name for name in own if self.state(name)["synchronizing"]), None)

    def is_connected(self, user):
        return any(owner == user and self.state(name)["is"] == "connected" for name, owner in self.owner_of.items())

    def is_server_side(self, user):
        return self.users[user]["method"] == "server-side"

    def mailboxes_on(self, computer):
        """The mailboxes that a computer shows: its user's, then those that the user may open as a delegate."""
        user = self.owner_of[computer]
        return [user] + [name for name, other in self.users.items() if user in other["delegates"]]

    # Steps.

    def take(self, step):
        action = getattr(self, "do_" + step["op"].replace("-", "_"), None)
        if action is None:
            raise Unsupported(f"no operation {step['op']}")
        with self.db.atomic():
            return bool(action(step))

    def own_computer(self, step):
        require(self.owner_of.get(step.get("computer")) == step["by"])
        return step["computer"]

    def do_wait(self, step):
        require(step["seconds"] >= 0)
        self.db.set("now", (self.now() + datetime.timedelta(seconds=step["seconds"])).isoformat())

    def act(self, step, items):
        """Acts on items where the step says: at once on the server, or on a computer that is away, and waiting."""
        prompted = False
        for name in items:
            action = {key: value for key, value in step.items() if key not in ("item", "items", "mailbox", "computer")}
            if step.get("mailbox"):
                prompted |= bool(self.act_in_outlook(step, name, action))
            else:
                self.act_in_crm(step, name, action)
        return prompted

    def act_in_outlook(self, step, name, action):
        mailbox, by = step["mailbox"], step["by"]
        require(by == mailbox or by in self.users[mailbox]["delegates"])
        client = "computer" in step
        if not client and action["op"] in ("track", "untrack"):
            # In a browser there is no client, and without server-side synchronization nothing else that could track.
            require(self.is_server_side(mailbox))
        place = Database.SERVER
        if client:
            computer = self.own_computer(step)
            state = self.state(computer)["is"]
            require(state != "crashed")
            place = Database.SERVER if state == "connected" else computer
        if action["op"] == "create":
            require(self.exists_nowhere(name) and self.items[name]["kind"] not in CRM_ONLY)
            copy, was = self.new_copy(self.items[name]), "none"
            prompted = False
        else:
            copy = self.db.load(place, mailbox, name)
            was = copy and copy["link"]
            prompted = self.change_copy(name, copy, mailbox, action, client, self.now())
        if place != Database.SERVER:
            self.db.save(place, mailbox, name, copy)
            self.db.enqueue(place, mailbox, name, action)
            return prompted
        tracked = was == "none" and copy["link"] == "pending"
        if tracked:
            copy["held"] = by != mailbox and not self.is_connected(mailbox)
        self.db.save(place, mailbox, name, copy)
        at_once = self.is_server_side(mailbox) or (client and self.synchronizing_computer(mailbox) == step["computer"])
        if tracked and by == mailbox and at_once:
            self.send(name, mailbox)
        return prompted

    def act_in_crm(self, step, name, action):
        place = Database.SERVER
        if "computer" in step:
            computer = self.own_computer(step)
            state = self.state(computer)["is"]
            require(state in ("connected", "offline"))
            if state == "offline":
                # Assigning needs the server.
                require(step["op"] != "assign")
                place = computer
        if step["op"] == "create":
            require(self.exists_nowhere(name))
        self.change_record(place, name, step["by"], action)
        if place != Database.SERVER:
            self.db.enqueue(place, step["by"], name, {**action, "in_crm": True})

    def exists_nowhere(self, name):
        places = [Database.CRM, *self.users]
        return not self.db.is_queued(name) and not any(self.db.load(Database.SERVER, place, name) for place in places)

    def do_create(self, step):
        return self.act(step, [step["item"]])

    do_edit = do_delete = do_complete = do_cancel = do_assign = do_change_organizer = do_set_parent = do_create

    def do_set_regarding(self, step):
        return self.act(step, step["items"])

    def do_track(self, step):
        kinds = {self.items[name]["kind"] for name in step["items"]}
        require(len(kinds) == 1 and len(step["items"]) <= BATCH_LIMIT)
        return self.act(step, step["items"])

    def do_untrack(self, step):
        require(len(step["items"]) == 1)
        return self.act(step, step["items"])

    def change_copy(self, name, copy, mailbox, action, client, at):
        """Does something to a copy; returns whether the user was asked about the record."""
        item = self.items[name]
        kind, op = item["kind"], action["op"]
        require(copy is not None and copy["is"] == "present")
        if op == "edit" and "title" in action["change"]:
            require(kind != "email")
            copy["title"] = action["change"]["title"]
        elif op == "edit":
            require(kind not in ("email", "contact"))
            copy["dates"] = action["change"]["dates"]
        elif op == "complete":
            require(kind in TASKS and copy["status"] == "open")
            copy["status"] = "completed"
        elif op == "delete" and action.get("occurrence") is not None:
            require(kind == "recurring-appointment" and action["occurrence"] in copy["occurrences"])
            require(len(copy["occurrences"]) > 1)
            copy["occurrences"].remove(action["occurrence"])
            copy["acted_at"] = at.isoformat()
        elif op == "delete" and copy["link"] == "linked":
            copy.update({"is": "tombstone", "acted_at": at.isoformat()})
        elif op == "delete":
            # What becomes of the record of an untracked copy is still to be settled.
            link = "untracking" if copy["link"] == "untracking" else "none"
            copy.update({"is": "gone", "link": link, "held": False})
        elif op == "track":
            self.track(item, copy, action.get("record") or item["record"])
        elif op == "untrack":
            return self.untrack(copy, mailbox, action["yes"], client, at)
        elif op in ("set-regarding", "set-parent"):
            require((kind == "contact") == (op == "set-parent") and (op != "set-parent" or self.may_be_parent(action["to"])))
            if copy["link"] == "none":
                self.track(item, copy, item["record"])
            require(copy["link"] != "untracking")
            copy["parent" if op == "set-parent" else "regarding"] = action["to"]
        else:
            raise Refused
        return False

    def may_be_parent(self, name):
        return self.items[name]["kind"] in ("account", "contact")

    def track(self, item, copy, record):
        require(copy["link"] == "none" and item["kind"] not in CRM_ONLY | {"service-activity"})
        require(record == item["record"] or (record in TASKS and item["kind"] == "task"))
        require(not item["assigned"] and (item["kind"] != "task" or item["folder"] == "exchange"))
        copy.update({"link": "pending", "record": record, "sent": False})

    def untrack(self, copy, mailbox, yes, client, at):
        require(copy["link"] in ("pending", "linked"))
        if copy["link"] == "pending":
            # Nobody was asked: an answer of an earlier time says nothing of this one.
            copy.update({"link": "none", "held": False, "reply": "unasked"})
            return False
        owner = copy["owner"] == mailbox
        asked = client and copy["kind"] != "service-activity" and (copy["kind"] != "contact" or owner)
        reply = "no client" if not client else "unasked" if not asked else "yes" if yes else "no"
        # Whether a contact's owner was asked is settled now, and with it what the answer means.
        copy.update({"link": "untracking", "acted_at": at.isoformat(), "reply": reply})
        return asked

    def change_record(self, place, name, by, action):
        """Does something to a record, on the server or in the local copy of a computer that is offline."""
        op = action["op"]
        require(self.may(by, {"create": "create", "delete": "delete"}.get(op, "write")))
        if op == "create":
            self.db.save(place, Database.CRM, name, {**self.content(self.items[name]), "owner": by, "is": "present"})
            return
        record = self.db.load(place, Database.CRM, name)
        require(record is not None and record["is"] == "present")
        kind, is_open = record["kind"], record["status"] == "open"
        is_activity = kind != "contact" and kind not in CRM_ONLY
        if op in ("edit", "change-organizer"):
            # A closed activity cannot be edited.
            require(is_open or not is_activity)
        if op == "edit" and "title" in action["change"]:
            record["title"] = action["change"]["title"]
        elif op == "edit":
            require(is_activity)
            record["dates"] = action["change"]["dates"]
        elif op == "delete":
            occurrence = action.get("occurrence")
            if occurrence is not None:
                require(kind == "recurring-appointment" and occurrence in record["occurrences"])
                require(len(record["occurrences"]) > 1)
            if occurrence is None:
                record["is"] = "gone"
            else:
                record["occurrences"].remove(occurrence)
        elif op == "set-regarding":
            # Of a sent message, what it is regarding may still be changed.
            require(is_activity and (is_open or kind == "email"))
            record["regarding"] = action["to"]
        elif op == "set-parent":
            require(kind == "contact" and self.may_be_parent(action["to"]))
            record["parent"] = action["to"]
        elif op in ("complete", "cancel"):
            require(is_activity and is_open)
            record["status"] = "completed" if op == "complete" else "cancelled"
        elif op == "assign":
            record["owner"] = action["to"]
        elif op == "change-organizer":
            require(kind in CALENDAR)
            record["organizer"] = action["to"]
        else:
            raise Refused
        self.db.save(place, Database.CRM, name, record)

    # Computers.

    def do_choose_synchronizing_computer(self, step):
        computer = self.own_computer(step)
        own = [name for name, owner in self.owner_of.items() if owner == step["by"]]
        require(self.state(computer)["is"] == "connected" and not self.is_server_side(step["by"]) and len(own) > 1)
        for name in own:
            self.db.set(f"computer {name}", {**self.state(name), "synchronizing": name == computer})

    def options(self, step):
        """What the dialog of the personal options offers to whoever opens it there."""
        if step.get("computer"):
            require(self.state(self.own_computer(step))["is"] == "connected")
        client, server = bool(step.get("computer")), self.is_server_side(step["by"])
        several = sum(owner == step["by"] for owner in self.owner_of.values()) > 1
        offered = {name: True for name in OPTIONS_EVERYWHERE} | {name: client for name in OPTIONS_OF_THE_CLIENT}
        offered |= {"folder-rules": server, "automatic-synchronization": client and not server,
                    "synchronizing-computer": client and not server and several}
        return [name for name, is_offered in offered.items() if is_offered]

    def do_disconnect(self, step):
        computer = self.own_computer(step)
        require(self.state(computer)["is"] == "connected")
        self.leave(computer)
        self.set_state(computer, "disconnected")

    def do_connect(self, step):
        computer = self.own_computer(step)
        require(self.state(computer)["is"] == "disconnected")
        for name in self.items:
            self.replay(name, computer)
        self.release(step["by"])
        self.set_state(computer, "connected")

    def do_go_offline(self, step):
        computer = self.own_computer(step)
        require(self.state(computer)["is"] == "connected")
        if self.synchronizes(computer):
            # The user's changes go to the server before the computer leaves.
            self.synchronize_all(step["by"], step.get("crash"))
        self.leave(computer)
        self.set_state(computer, *(("crashed", "disconnected") if step.get("crash") else ("offline",)))

    def do_go_online(self, step):
        computer = self.own_computer(step)
        require(self.state(computer)["is"] == "offline")
        for name, stage in self.stages(self.items, step.get("crash")):
            self.replay(name, computer, stage)
        if step.get("crash"):
            self.set_state(computer, "crashed", "offline")
        else:
            self.release(step["by"])
            self.set_state(computer, "connected")

    def do_restart(self, step):
        computer = self.own_computer(step)
        require(self.state(computer)["is"] == "crashed")
        self.set_state(computer, self.state(computer)["resume"])

    def do_synchronize(self, step):
        computer = self.own_computer(step)
        require(self.state(computer)["is"] == "connected" and not self.is_server_side(step["by"]))
        if self.synchronizes(computer):
            self.synchronize_all(step["by"], step.get("crash"))
        if step.get("crash"):
            self.crashed(computer)

    def do_server_synchronize(self, step):
        require(self.is_server_side(step["mailbox"]))
        self.synchronize_all(step["mailbox"], step.get("crash"))

    def able(self):
        """The mailboxes that can be synchronized now."""
        computers = [name for name in self.owner_of if self.synchronizes(name) and self.state(name)["is"] == "connected"]
        return [self.owner_of[name] for name in computers] + [user for user in self.users if self.is_server_side(user)]

    def synchronizes(self, computer):
        user = self.owner_of[computer]
        return not self.is_server_side(user) and self.synchronizing_computer(user) == computer

    def crashed(self, computer):
        self.leave(computer)
        self.set_state(computer, "crashed", "disconnected")

    def leave(self, computer):
        """From now on the computer shows what it holds."""
        self.db.connection.execute("DELETE FROM queue WHERE computer = ?", (computer,))
        self.db.connection.execute("DELETE FROM document WHERE computer = ?", (computer,))
        for mailbox in [Database.CRM, *self.mailboxes_on(computer)]:
            self.db.connection.execute("INSERT INTO document SELECT ?, mailbox, item, body FROM document"
                                       " WHERE computer = ? AND mailbox = ?", (computer, Database.SERVER, mailbox))

    def release(self, user):
        """The principal has connected: what delegates tracked waits no longer."""
        for name in self.db.mentioned(user):
            copy = self.db.load(Database.SERVER, user, name)
            if copy and copy["held"]:
                self.db.save(Database.SERVER, user, name, {**copy, "held": False})

    def replay(self, name, computer, stage="done"):
        """Carries out what waits on a computer, in the order in which it was entered."""
        user = self.owner_of[computer]
        for mailbox in self.mailboxes_on(computer):
            cached = self.db.load(computer, mailbox, name)
            waiting = self.db.waiting(computer, mailbox, name)
            if not self.db.transactions:
                self.db.erase(computer, mailbox, name)
            if stage == "before-upload":
                continue
            for number, action in waiting:
                with contextlib.suppress(Refused), self.db.atomic():
                    if action.get("in_crm"):
                        self.change_record(Database.SERVER, name, user, action)
                    else:
                        self.replay_in_outlook(name, mailbox, user, action, cached)
                self.db.connection.execute("UPDATE queue SET sent = 1 WHERE number = ?", (number,))
            if stage == "done":
                # Nothing is erased before the server has all of it.
                self.db.erase(computer, mailbox, name)

    def replay_in_outlook(self, name, mailbox, user, action, cached):
        copy = self.db.load(Database.SERVER, mailbox, name)
        was = copy["link"] if copy else "none"
        if action["op"] == "create":
            require(copy is None)
            copy = self.new_copy(self.items[name])
        elif action["op"] == "untrack":
            # The user answered at the computer.
            require(copy is not None)
            if copy["is"] == "present" and was == "linked":
                copy.update({"link": "untracking", "reply": cached["reply"], "acted_at": cached["acted_at"]})
                if cached["link"] == "untracking":
                    # Who owns it, as that computer knew, decides what the answer means.
                    copy["owner"] = cached["owner"]
            elif was == "pending":
                copy.update({"link": "none", "held": False})
        else:
            acted_at = instant(cached["acted_at"]) if cached["acted_at"] else self.now()
            self.change_copy(name, copy, mailbox, action, True, acted_at)
        if was == "none" and copy["link"] == "pending":
            copy["held"] = user != mailbox and not self.is_connected(mailbox)
        self.db.save(Database.SERVER, mailbox, name, copy)

    # Synchronization.

    def stages(self, names, crash):
        """How far each of these items comes: those before the point of a crash are done, those after it untouched."""
        reached = False
        # One page of them, where the next page is forgotten.
        for name in list(self.items)[:6 if "page-of-six" in self.defects else None]:
            if name not in names and not (crash and name == crash["item"]):
                continue
            if crash and name == crash["item"]:
                reached = True
                yield name, crash["stage"]
            else:
                yield name, "before-upload" if reached else "done"

    def synchronize_all(self, user, crash=None):
        for name, stage in self.stages(self.db.mentioned(user), crash):
            # A crash before the upload rolls back what was begun; without transactions there is nothing to roll back.
            with contextlib.suppress(Crash):
                self.send(name, user, stage)
            if stage == "done":
                self.fetch(name, user)

    def send(self, name, user, stage="done"):
        """Sends what changed in Outlook."""
        copy, record = (self.db.load(Database.SERVER, place, name) for place in (user, Database.CRM))
        if copy is None or copy["link"] == "none":
            return
        before, record_before = json.loads(json.dumps(copy)), json.dumps(record)
        record = self.exchange(name, copy, record, user)
        sent = json.dumps(record) != record_before
        if stage == "before-acknowledgement":
            # The server has it, the client does not know; what a new record was made from is known again by what was sent.
            made = {"base": copy["base"]} if before["link"] == "pending" and sent else {}
            copy = {**before, **made, "sent": before["sent"] or sent}
        with self.db.atomic():
            self.db.save(Database.SERVER, user, name, copy)
            if stage == "before-upload":
                raise Crash
            if sent:
                self.db.save(Database.SERVER, Database.CRM, name, record)

    def exchange(self, name, copy, record, user):
        """What sending makes of a copy and a record."""
        there = record is not None and record["is"] == "present"
        if copy["link"] == "untracking":
            if there and self.untracking_deletes(copy, record, user):
                record["is"] = "gone"
            copy.update({"link": "none", "sent": False})
        elif copy["link"] == "pending":
            if not copy["held"] and copy["is"] == "present":
                record = self.create_record(name, copy, record, user)
        elif there and copy["is"] == "tombstone":
            if self.goes_from_crm(record["kind"], user):
                record["is"] = "gone"
            copy.update({"is": "gone", "link": "none", "sent": False})
        elif there:
            self.send_edits(name, copy, record, user)
        return record

    def may(self, user, right):
        """Whether a user may create, write or delete records in CRM."""
        return self.users[user].get(f"may_{right}", True)

    def create_record(self, name, copy, record, user):
        there = record is not None and record["is"] == "present"
        if not there and not copy["sent"] and not self.may(user, "create"):
            # It stays tracked, and gets the record that somebody else makes.
            return record
        sent, copy["sent"], copy["link"] = copy["sent"], False, "linked"
        if record is not None and record["is"] == "present" and not sent:
            # Somebody else tracked the same item: there is one record, and the two are linked.
            carry(copy, record) if self.may(user, "write") else carry(record, copy)
            copy["owner"] = record["owner"]
            both = [n for n in copy["occurrences"] if n in record["occurrences"]]
            copy["base"] = {**self.agreed(copy), "occurrences": both}
            return record
        if record is None or not sent:
            if self.items[name]["kind"] == "email":
                copy["status"] = "completed"
            copy.update({"owner": user, "kind": copy["record"]})
            record = {**self.agreed(copy), "is": "present"}
            copy["base"] = self.agreed(copy)
        return record

    def agreed(self, content):
        return {field: content[field] for field in [*CARRIED, "owner", "kind", "occurrences"]}

    def send_edits(self, name, copy, record, user):
        for n in [n for n in copy["base"]["occurrences"] if n not in copy["occurrences"]]:
            if n in record["occurrences"] and len(record["occurrences"]) > 1 and self.goes_from_crm("appointment", user):
                record["occurrences"].remove(n)
            copy["base"]["occurrences"].remove(n)
        if not differ(copy, copy["base"]):
            return
        closed = record["kind"] not in ("contact", "email") and record["status"] != "open"
        barred = closed or not self.may(user, "write")
        if self.items[name]["kind"] == "service-activity" or (barred and differ(copy, record)):
            # One flows to Outlook only, the other can no longer be edited, or not by this user.
            carry(record, copy)
            # An occurrence that was deleted in CRM is still to be fetched: what is left of the base stays as it is.
            carry(record, copy["base"])
            return
        # The side that is processed last wins; dates are not compared.
        carry(copy, record, ["dates"] if "dates-not-sent" in self.defects else [])
        carry(copy, copy["base"])
        copy["sent"] = False

    def fetch(self, name, user):
        """Fetches what changed in CRM."""
        copy, record = (self.db.load(Database.SERVER, place, name) for place in (user, Database.CRM))
        there = record is not None and record["is"] == "present"
        if copy is None:
            if there and self.is_for(user, record):
                content = self.agreed(record)
                copy = {**self.new_copy(self.items[name]), **content, "base": content, "link": "linked"}
                self.db.save(Database.SERVER, user, name, copy)
            return
        if copy["link"] != "linked":
            return
        if not there:
            if copy["is"] == "tombstone" or self.goes_from_outlook(copy, record, user, record["dates"]):
                copy["is"] = "gone"
            copy["link"] = "none"
        elif copy["is"] == "present":
            self.fetch_edits(copy, record, user)
        self.db.save(Database.SERVER, user, name, copy)

    def fetch_edits(self, copy, record, user):
        for n in [n for n in copy["base"]["occurrences"] if n not in record["occurrences"]]:
            if n in copy["occurrences"] and len(copy["occurrences"]) > 1:
                if self.goes_from_outlook(copy, {**record, "kind": "appointment"}, user, self.occurrence(record, n)):
                    copy["occurrences"].remove(n)
            copy["base"]["occurrences"].remove(n)
        if differ(record, copy["base"]):
            contact = record["kind"] == "contact"
            forgotten = ["title"] if contact and "title-of-contacts-not-fetched" in self.defects else []
            forgotten += ["status"] if "status-not-fetched" in self.defects else []
            carry(record, copy, forgotten)
            carry(record, copy["base"])
            copy["sent"] = False
        copy["owner"] = copy["base"]["owner"] = record["owner"]

    def is_for(self, user, record):
        """The default filters: contacts and tasks that the user owns, appointments that require the user."""
        if record["kind"] in CRM_ONLY | {"email"}:
            return False
        return user in record["required"] if record["kind"] in CALENDAR else user == record["owner"]

    # The deletion rules.

    def goes_from_crm(self, kind, user):
        """Whether a deletion in Outlook reaches the record."""
        return self.may(user, "delete") and kind not in ("email", "contact", "service-activity")

    def goes_from_outlook(self, copy, record, user, dates):
        """Whether a deletion in CRM reaches the user's copy."""
        kind = record["kind"]
        involved = user in (record["owner"], record["organizer"])
        if kind == "contact":
            return user != record["owner"] and "deletions-not-fetched" not in self.defects
        if "deletions-not-fetched" in self.defects:
            return False
        if kind in TASKS and "moody" in self.defects and len(self.owner_of) > 1:
            return record["status"] == "open"
        if kind in TASKS:
            return copy["status"] != "completed"
        if kind == "service-activity":
            return self.is_current(dates, record["exceptions"])
        return kind in CALENDAR and involved and self.is_current(dates, record["exceptions"])

    def untracking_deletes(self, copy, record, user):
        """Whether untracking deletes the record: after a Yes, and for a contact of somebody else without asking."""
        kind, reply = record["kind"], copy["reply"]
        if reply == "no client" or not self.may(user, "delete") or kind == "service-activity":
            return False
        if kind == "contact" and copy["owner"] != user:
            return True
        if kind in CALENDAR:
            current = self.is_current(record["dates"], record["exceptions"])
            return reply == "yes" and current and record["owner"] == user
        return reply == "yes"

    def is_current(self, dates, exceptions):
        """Whether it ends now or later; a series, whether its last occurrence does."""
        if "end" not in dates:
            return True
        count = dates.get("count", 1)
        last = self.occurrence({"dates": dates, "exceptions": exceptions}, count - 1) if count > 1 else dates
        return instant(last["end"]) >= self.now()

    def occurrence(self, record, n):
        dates = record["dates"]
        shift = datetime.timedelta(seconds=dates.get("every_s", 0) * n) + (DAY if n in record["exceptions"] else 0 * DAY)
        return {key: (instant(dates[key]) + shift).isoformat() for key in ("start", "end") if key in dates}

    # What can be seen.

    def entries(self):
        shown = self.db.shown()
        for name, record in shown.get((Database.SERVER, Database.CRM), []):
            yield self.entry(name, record, {"store": "crm", "owner": record["owner"]})
        for user in self.users:
            yield from self.copies(shown, Database.SERVER, user, {})
        for computer in self.owner_of:
            state = self.state(computer)["is"]
            if state == "crashed":
                continue
            place = Database.SERVER if state == "connected" else computer
            for mailbox in self.mailboxes_on(computer):
                yield from self.copies(shown, place, mailbox, {"computer": computer})

    def copies(self, shown, place, mailbox, more):
        for name, copy in shown.get((place, mailbox), []):
            tracked = copy["link"] in ("pending", "linked")
            yield self.entry(name, copy, {"store": "outlook", "mailbox": mailbox, "tracked": tracked, **more})

    def entry(self, name, content, more):
        fields = {field: content[field] for field in [*CARRIED, "kind", "occurrences"]}
        return {**fields, **more, "id": f"{more['store']}:{name}"}
