'use strict';
// The synchronizer: for each mailbox a place in both journals, the pairs it keeps in step, and an outbox.
//
// A message of the outbox carries an id, and the CRM remembers the ids it has applied. A message that was sent and whose
// acknowledgement was lost is asked for by its id before anything else is done for the item, so that it is neither sent
// twice nor takes the place of what the user did since.

const rules = require('./rules');

const FIELDS = ['title', 'dates', 'status', 'organizer', 'required', 'optional', 'regarding', 'parent'];
const fieldsOf = (item) => Object.fromEntries(FIELDS.map((field) => [field, item[field]]));

class Crashed extends Error {}

class Engine {
  constructor(world, user) {
    this.world = world;
    this.user = user;
    this.cursors = { mailbox: 0, crm: 0 };
    this.pairs = []; // { copyId, recordId, state: waiting | linked | untracking, base, out, in, ... }
    this.known = new Set(); // records that are or were in this mailbox, and do not arrive again
    this.outbox = []; // { id, copyId, ... }
    this.messages = 0;
  }

  get mailbox() {
    return this.world.mailboxes.get(this.user);
  }

  get crm() {
    return this.world.crm;
  }

  pairOf(copyId) {
    return this.pairs.find((pair) => pair.copyId === copyId);
  }

  link(copy, record) {
    const pair = { copyId: copy.id, name: copy.name, record: copy.record, state: 'linked', recordId: record.id };
    this.pairs.push(this.fresh(pair, record));
    this.known.add(record.id);
    return pair;
  }

  fresh(pair, record) {
    return Object.assign(pair, {
      base: record && { ...record },
      out: { version: 0, changed: false, deleted: false, occurrences: [] },
      in: { changed: false, deleted: false, occurrences: [] },
    });
  }

  /** The user tracks a copy. `held`: a delegate did, while the principal was away. */
  track(copy, record, held) {
    const pair = { copyId: copy.id, name: copy.name, record: record || copy.record, state: 'waiting', recordId: null, held };
    this.pairs.push(this.fresh(pair, null));
  }

  /** Whether the user would be asked now. */
  asks(copyId, record = undefined) {
    const pair = this.pairOf(copyId);
    if (!pair || pair.state !== 'linked') return false;
    return rules.asks(pair.record, record || pair.base, this.user);
  }

  /** The user untracks a copy; `yes` where asked and answered so, `client` where there was one to ask. */
  untrack(copyId, { yes, client, owner }) {
    const pair = this.pairOf(copyId);
    if (!pair) return;
    if (pair.state === 'waiting') {
      this.drop(pair);
      return;
    }
    const knew = { ...pair.base, owner: owner || pair.base.owner };
    Object.assign(pair, { state: 'untracking', yes, client, knew });
  }

  drop(pair) {
    this.pairs.splice(this.pairs.indexOf(pair), 1);
  }

  principalIsBack() {
    for (const pair of this.pairs) pair.held = false;
  }

  // ---- one pass

  synchronize(crash = null, order = []) {
    this.read();
    for (const name of order) {
      const stop = crash && crash.item === name ? crash.stage : null;
      this.stage = (at) => {
        if (stop === at) throw new Crashed(at);
      };
      this.item(name);
      if (stop) throw new Crashed(stop);
    }
  }

  /** Reads both journals on from where it stands. What it did itself is passed over. */
  read() {
    const me = `engine:${this.user}`;
    for (const entry of this.mailbox.since(this.cursors.mailbox)) {
      const pair = entry.by !== me && this.pairOf(entry.id);
      if (!pair) continue;
      pair.out.version += 1;
      if (entry.what === 'edit') pair.out.changed = true;
      if (entry.what === 'delete') pair.out.deleted = true;
      if (entry.what === 'occurrence') pair.out.occurrences.push(entry.occurrence);
    }
    this.cursors.mailbox = this.mailbox.journal.length;
    for (const entry of this.crm.since(this.cursors.crm)) {
      if (entry.by === me) continue;
      for (const pair of this.pairs.filter((pair) => pair.recordId === entry.id)) {
        if (entry.what === 'edit') pair.in.changed = true;
        if (entry.what === 'delete') Object.assign(pair.in, { deleted: true, last: entry.last });
        if (entry.what === 'occurrence') pair.in.occurrences.push(entry.occurrence);
      }
    }
    this.cursors.crm = this.crm.journal.length;
  }

  item(name) {
    this.recall(name);
    for (const pair of this.pairs.filter((pair) => pair.name === name)) {
      if (pair.state === 'untracking') this.letGo(pair);
      else if (pair.state === 'waiting') this.begin(pair);
      else if (pair.out.deleted) this.deletedInOutlook(pair);
      else if (pair.in.deleted) this.deletedInCrm(pair);
      else this.inStep(pair);
    }
    this.arrivals(name);
  }

  /** Asks for the messages that were sent and never acknowledged. */
  recall(name) {
    for (const message of this.outbox.filter((message) => message.name === name)) {
      if (this.crm.applied.has(message.id)) this.acknowledged(message);
      else this.erase(message);
    }
  }

  /** Sends one message, with the three moments at which a computer may die. */
  send(pair, op, act) {
    const message = {
      id: `${this.user}-${(this.messages += 1)}`,
      name: pair.name,
      copyId: pair.copyId,
      op,
      version: pair.out.version,
      occurrences: pair.out.occurrences.length,
    };
    this.outbox.push(message);
    this.stage('before-upload');
    this.crm.applied.set(message.id, act());
    this.stage('before-acknowledgement');
    this.acknowledged(message);
    this.stage('before-erase');
  }

  acknowledged(message) {
    const pair = this.pairOf(message.copyId);
    const recordId = this.crm.applied.get(message.id);
    this.erase(message);
    if (message.op === 'create') {
      this.known.add(recordId);
      // The copy was let go before it was known that there is a record.
      if (!pair) return;
      Object.assign(pair, { state: 'linked', recordId });
      pair.base = { ...(this.crm.get(recordId) || pair.sent) };
      // What happened to the record in between was read past: it was not known yet whose it is.
      const record = this.crm.get(recordId);
      pair.in = { changed: true, deleted: !record, last: pair.base, occurrences: [] };
      if (record) pair.in.occurrences = pair.sent.occurrences.filter((n) => !record.occurrences.includes(n));
    }
    if (!pair) return;
    if (message.op === 'delete') {
      this.drop(pair);
      return;
    }
    if (pair.out.version === message.version) pair.out.changed = false;
    pair.out.occurrences.splice(0, message.occurrences);
  }

  erase(message) {
    this.outbox.splice(this.outbox.indexOf(message), 1);
  }

  get mayDelete() {
    return this.world.users.get(this.user).may_delete;
  }

  deleteRecord(pair) {
    if (this.mayDelete && this.crm.get(pair.recordId)) {
      this.send(pair, 'delete', () => {
        this.crm.delete(pair.recordId, `engine:${this.user}`);
        return pair.recordId;
      });
    } else {
      this.stage('before-upload');
      this.drop(pair);
    }
  }

  letGo(pair) {
    const yes = pair.client && pair.yes;
    const deletes = pair.client && rules.untrackingDeletes(pair.record, pair.knew, this.user, yes, this.world.now);
    if (deletes) {
      // The order names the record, and one that was made again in its place.
      if (!this.crm.get(pair.recordId)) {
        const again = this.crm.named(pair.name);
        if (again) pair.recordId = again.id;
      }
      this.deleteRecord(pair);
    } else {
      this.stage('before-upload');
      this.drop(pair);
    }
  }

  begin(pair) {
    const copy = this.mailbox.get(pair.copyId);
    if (pair.out.deleted || !copy) {
      this.drop(pair);
      return;
    }
    if (pair.held) return;
    const there = this.crm.named(pair.name);
    if (there) {
      this.stage('before-upload');
      Object.assign(pair, { state: 'linked', recordId: there.id });
      this.fresh(pair, there);
      this.known.add(there.id);
      this.fetch(pair, there);
      return;
    }
    const status = pair.record === 'email' ? 'completed' : copy.status;
    pair.sent = { ...copy, ...fieldsOf(copy), kind: pair.record, owner: this.user, status };
    this.send(pair, 'create', () => this.crm.create(pair.sent, `engine:${this.user}`).id);
    pair.in = { changed: false, deleted: false, occurrences: [] };
    if (pair.record === 'email') this.fetch(pair, this.crm.get(pair.recordId));
  }

  deletedInOutlook(pair) {
    if (rules.recordGoes(pair.record)) this.deleteRecord(pair);
    else {
      this.stage('before-upload');
      this.drop(pair);
    }
  }

  deletedInCrm(pair) {
    this.stage('before-upload');
    const copy = this.mailbox.get(pair.copyId);
    const record = pair.in.last;
    this.drop(pair);
    if (!copy) return;
    if (rules.copyGoes(pair.record, record, copy, this.user, this.world.now)) {
      this.mailbox.delete(copy.id, `engine:${this.user}`);
    } else {
      this.mailbox.edit(copy.id, { tracked: false }, `engine:${this.user}`);
    }
  }

  inStep(pair) {
    const copy = this.mailbox.get(pair.copyId);
    const record = this.crm.get(pair.recordId);
    if (pair.out.changed || pair.out.occurrences.length) {
      if (pair.record === 'email') {
        // Of a message the regarding record crosses, closed as it is.
        this.send(pair, 'update', () => {
          this.crm.edit(record.id, { regarding: copy.regarding }, `engine:${this.user}`);
          return pair.recordId;
        });
      } else if (record.status !== 'open') {
        // What is closed in CRM is not edited from Outlook: the copy goes back to what the record says.
        const occurrences = pair.out.occurrences;
        pair.out.changed = false;
        if (occurrences.length) {
          this.send(pair, 'update', () => this.sendOccurrences(pair, occurrences));
        }
        pair.in.changed = true;
      } else {
        const changed = pair.out.changed;
        const occurrences = [...pair.out.occurrences];
        this.send(pair, 'update', () => {
          if (changed) this.crm.edit(record.id, fieldsOf(copy), `engine:${this.user}`);
          return this.sendOccurrences(pair, occurrences);
        });
      }
    }
    this.stage('before-upload');
    for (const occurrence of pair.in.occurrences.splice(0)) {
      if (rules.occurrenceGoes(record, this.user, occurrence, this.world.now)) {
        this.mailbox.deleteOccurrence(copy.id, occurrence, `engine:${this.user}`);
      }
    }
    if (pair.in.changed) this.fetch(pair, record);
    pair.base = { ...record };
  }

  sendOccurrences(pair, occurrences) {
    // Who may not delete records does not shorten them either.
    for (const occurrence of this.mayDelete ? occurrences : []) {
      this.crm.deleteOccurrence(pair.recordId, occurrence, `engine:${this.user}`);
    }
    return pair.recordId;
  }

  fetch(pair, record) {
    this.mailbox.edit(pair.copyId, { ...fieldsOf(record) }, `engine:${this.user}`);
    pair.in.changed = false;
    pair.base = { ...record };
  }

  arrivals(name) {
    for (const record of [...this.crm.items.values()]) {
      if (record.name !== name || this.known.has(record.id) || !rules.receives(record, this.user)) continue;
      if (this.mailbox.named(name)) continue;
      this.stage('before-upload');
      const kind = this.world.described.get(name).kind;
      const copy = this.mailbox.create({ ...record, kind, tracked: true }, `engine:${this.user}`);
      copy.record = record.kind;
      this.link(copy, record);
    }
  }
}

module.exports = { Engine, Crashed, fieldsOf };
