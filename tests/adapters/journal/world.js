'use strict';
// What the users do: at which computer, in whose mailbox, connected or not. A computer that is away works on what it held
// and keeps a queue; everything else works on the mailboxes and the CRM themselves.

const { Store } = require('./stores');
const { Engine, Crashed, fieldsOf } = require('./engine');
const rules = require('./rules');

const DONE = { answer: 'done' };
const REFUSED = { answer: 'refused' };
const CLOSED = (record) => record.status !== 'open' || record.kind === 'email';

class World {
  constructor(params) {
    this.now = Date.parse(params.now);
    this.users = new Map(params.users.map((user) => [user.name, user]));
    this.described = new Map(params.items.map((item) => [item.name, item]));
    this.order = params.items.map((item) => item.name);
    this.crm = new Store('crm');
    this.mailboxes = new Map(params.users.map((user) => [user.name, new Store(`out-${user.name}`)]));
    this.engines = new Map(params.users.map((user) => [user.name, new Engine(this, user.name)]));
    this.computers = new Map(params.computers.map((c) => [c.name, { ...c, state: 'connected', queue: [] }]));
    for (const item of params.items) {
      const record = item.in_crm ? this.crm.create(this.asRecord(item)) : null;
      for (const user of item.copies) {
        const tracked = item.tracked.includes(user);
        const copy = this.mailboxes.get(user).create(this.asCopy(item, tracked));
        if (record) this.engines.get(user).known.add(record.id);
        if (tracked && record) this.engines.get(user).link(copy, record);
        else if (tracked) this.engines.get(user).track(copy, item.record, false);
      }
    }
    for (const engine of this.engines.values()) engine.read();
  }

  asCopy(item, tracked) {
    const { name, kind, record, folder, assigned } = item;
    return { name, kind, record, folder, assigned, tracked, ...fieldsOf(item), ...this.series(item) };
  }

  asRecord(item, owner = item.owner) {
    return { name: item.name, kind: item.record, owner, ...fieldsOf(item), ...this.series(item) };
  }

  series(item) {
    const count = item.dates && item.dates.count;
    return { occurrences: [...Array(count || 0).keys()], exceptions: [...(item.exceptions || [])] };
  }

  // ---- who sees what

  principals(user) {
    return [...this.users.values()].filter((other) => other.name === user || other.delegates.includes(user));
  }

  /** The computer leaves: it keeps what it shows. */
  leave(computer, state) {
    computer.cache = new Map();
    for (const { name } of this.principals(computer.user)) {
      const store = this.mailboxes.get(name).snapshot();
      const owners = new Map();
      const pairs = new Map();
      for (const pair of this.engines.get(name).pairs) {
        pairs.set(pair.copyId, pair.state);
        if (pair.base) owners.set(pair.copyId, pair.base.owner);
      }
      computer.cache.set(name, { store, owners, pairs });
    }
    computer.state = state;
  }

  apply(step) {
    const computer = step.computer ? this.computers.get(step.computer) : null;
    if (computer && (computer.user !== step.by || (computer.state === 'crashed' && step.op !== 'restart'))) return REFUSED;
    if (step.mailbox && !this.principals(step.by).some((user) => user.name === step.mailbox)) return REFUSED;
    const method = this[`do_${step.op.replaceAll('-', '_')}`];
    if (!method) return { answer: 'unsupported', reason: `no operation ${step.op}` };
    return method.call(this, step, computer) || DONE;
  }

  /** The mailbox as it can be reached from where somebody stands, and whether that is the mailbox itself. */
  outlook(step, computer) {
    if (!computer || computer.state === 'connected') return { store: this.mailboxes.get(step.mailbox), live: true };
    return { ...computer.cache.get(step.mailbox), live: false };
  }

  /** The CRM likewise; none from a computer that is disconnected. */
  reachCrm(computer) {
    if (!computer || computer.state === 'connected') return { store: this.crm, live: true };
    if (computer.state === 'offline') return { store: computer.crm, live: false };
    return null;
  }

  wait(computer, name, send) {
    computer.queue.push({ name, send, sent: false });
  }

  /** Does something to a copy: now, and again in the mailbox itself when a computer that is away comes back. */
  inOutlook(step, computer, name, act) {
    const at = this.outlook(step, computer);
    const copy = at.store.named(name);
    if (!copy || act(at.store, copy) === false) return REFUSED;
    if (!at.live) {
      this.wait(computer, name, () => {
        const mailbox = this.mailboxes.get(step.mailbox);
        if (mailbox.get(copy.id)) act(mailbox, mailbox.get(copy.id));
      });
    }
    return DONE;
  }

  inCrm(step, computer, name, act) {
    const at = this.reachCrm(computer);
    const record = at && at.store.named(name);
    if (!record || act(at.store, record) === false) return REFUSED;
    if (!at.live) {
      this.wait(computer, name, () => {
        const now = this.crm.get(record.id);
        if (now) act(this.crm, now);
      });
    }
    return DONE;
  }

  either(step, computer, name, outlook, crm) {
    return step.mailbox ? this.inOutlook(step, computer, name, outlook) : this.inCrm(step, computer, name, crm);
  }

  // ---- what happens to items

  do_create(step, computer) {
    const item = this.described.get(step.item);
    if (step.mailbox) {
      const at = this.outlook(step, computer);
      if (rules.CRM_ONLY.has(item.kind) || at.store.named(step.item)) return REFUSED;
      const copy = at.store.create(this.asCopy(item, false));
      if (!at.live) {
        copy.id = `${step.computer}:${copy.id}`;
        at.store.items.delete([...at.store.items.keys()].find((id) => at.store.items.get(id) === copy));
        at.store.items.set(copy.id, copy);
        this.wait(computer, step.item, () => {
          const mailbox = this.mailboxes.get(step.mailbox);
          const made = mailbox.create(this.asCopy(item, false));
          mailbox.items.delete(made.id);
          mailbox.journal.pop();
          made.id = copy.id;
          mailbox.items.set(made.id, made);
        });
      }
      return DONE;
    }
    const at = this.reachCrm(computer);
    if (!at || at.store.named(step.item)) return REFUSED;
    const record = at.store.create(this.asRecord(item, step.by));
    if (!at.live) {
      const id = `${step.computer}:${record.id}`;
      at.store.items.delete(record.id);
      record.id = id;
      at.store.items.set(id, record);
      this.wait(computer, step.item, () => {
        if (this.crm.named(step.item)) return;
        this.crm.items.set(id, { ...this.asRecord(item, step.by), id });
        this.crm.journal.push({ id, what: 'create', by: null });
      });
    }
    return DONE;
  }

  do_edit(step, computer) {
    const change = step.change.title !== undefined ? { title: step.change.title } : { dates: step.change.dates };
    return this.either(
      step, computer, step.item,
      (store, copy) => copy.kind !== 'email' && store.edit(copy.id, change),
      (store, record) => !CLOSED(record) && store.edit(record.id, change),
    );
  }

  do_delete(step, computer) {
    const one = step.occurrence !== undefined && step.occurrence !== null;
    if (!step.mailbox && !this.users.get(step.by).may_delete) return REFUSED;
    const act = (store, item) => (one ? store.deleteOccurrence(item.id, step.occurrence) : store.delete(item.id));
    return this.either(step, computer, step.item, act, act);
  }

  do_complete(step, computer) {
    return this.either(
      step, computer, step.item,
      (store, copy) => copy.status === 'open' && store.edit(copy.id, { status: 'completed' }),
      (store, record) => !CLOSED(record) && store.edit(record.id, { status: 'completed' }),
    );
  }

  do_cancel(step, computer) {
    return this.inCrm(step, computer, step.item, (store, record) => !CLOSED(record) && store.edit(record.id, { status: 'cancelled' }));
  }

  do_assign(step, computer) {
    if (computer && computer.state !== 'connected') return REFUSED;
    return this.inCrm(step, computer, step.item, (store, record) => store.edit(record.id, { owner: step.to }));
  }

  do_change_organizer(step, computer) {
    return this.inCrm(step, computer, step.item, (store, record) => !CLOSED(record) && store.edit(record.id, { organizer: step.to }));
  }

  // ---- tracking

  /** Why an item cannot be tracked from where somebody stands, if it cannot. */
  untrackable(step, computer, name) {
    const at = this.outlook(step, computer);
    const copy = at.store.named(name);
    if (!copy || copy.tracked || copy.assigned || copy.kind === 'service-activity') return true;
    if (copy.folder && copy.folder !== 'exchange') return true;
    if (rules.CRM_ONLY.has(copy.kind)) return true;
    if (step.record && step.record !== copy.record && !(rules.TASKS.has(step.record) && copy.kind === 'task')) return true;
    const pair = this.engines.get(step.mailbox).pairOf(copy.id);
    return at.live ? Boolean(pair) : (at.pairs || new Map()).get(copy.id) === 'untracking';
  }

  do_track(step, computer) {
    if (step.items.length > 20) return REFUSED;
    const kinds = new Set(step.items.map((name) => this.described.get(name).kind));
    if (kinds.size > 1 || step.items.some((name) => this.untrackable(step, computer, name))) return REFUSED;
    for (const name of step.items) this.trackOne(step, computer, name);
    return DONE;
  }

  trackOne(step, computer, name) {
    return this.inOutlook(step, computer, name, (store, copy) => {
      if (copy.tracked) return false;
      const mailbox = this.mailboxes.get(step.mailbox);
      if (store !== mailbox) return store.edit(copy.id, { tracked: true });
      const engine = this.engines.get(step.mailbox);
      if (engine.pairOf(copy.id)) return false;
      if (step.record) copy.record = step.record;
      store.edit(copy.id, { tracked: true }, `engine:${step.mailbox}`);
      engine.track(copy, step.record, step.by !== step.mailbox && !this.isPresent(step.mailbox));
      return true;
    });
  }

  isPresent(user) {
    return [...this.computers.values()].some((computer) => computer.user === user && computer.state === 'connected');
  }

  do_set_regarding(step, computer) {
    return this.relate(step, computer, step.items, { regarding: step.to });
  }

  do_set_parent(step, computer) {
    // A contact belongs to an account or a contact.
    if (!['account', 'contact'].includes(this.described.get(step.to).kind)) return REFUSED;
    return this.relate(step, computer, [step.item], { parent: step.to });
  }

  relate(step, computer, names, fields) {
    if (!step.mailbox) {
      const at = this.reachCrm(computer);
      const able = (name) => {
        const record = at && at.store.named(name);
        return record && (record.status === 'open' || record.kind === 'email');
      };
      if (!names.every(able)) return REFUSED;
      for (const name of names) this.inCrm(step, computer, name, (store, record) => store.edit(record.id, fields));
      return DONE;
    }
    const at = this.outlook(step, computer);
    const copies = names.map((name) => at.store.named(name));
    if (copies.some((copy) => !copy)) return REFUSED;
    if (copies.some((copy) => (copy.kind === 'contact') !== ('parent' in fields))) return REFUSED;
    const fresh = names.filter((name) => !at.store.named(name).tracked);
    if (fresh.length && (names.length > 20 || fresh.some((name) => this.untrackable(step, computer, name)))) return REFUSED;
    for (const name of fresh) this.trackOne(step, computer, name);
    for (const name of names) this.inOutlook(step, computer, name, (store, copy) => store.edit(copy.id, fields));
    return DONE;
  }

  do_untrack(step, computer) {
    if (step.items.length !== 1) return REFUSED;
    const [name] = step.items;
    const at = this.outlook(step, computer);
    const copy = at.store.named(name);
    if (!copy || !copy.tracked) return REFUSED;
    const engine = this.engines.get(step.mailbox);
    let owner;
    let prompted = false;
    if (computer && at.live) {
      prompted = engine.asks(copy.id);
    } else if (computer && at.pairs.get(copy.id) === 'linked') {
      owner = at.owners.get(copy.id);
      prompted = rules.asks(copy.record, { owner }, step.mailbox);
    }
    const yes = prompted && Boolean(step.yes);
    const act = (mailbox, now) => {
      if (!now.tracked) return;
      mailbox.edit(now.id, { tracked: false }, `engine:${step.mailbox}`);
      engine.untrack(now.id, { yes, client: Boolean(computer), owner });
    };
    if (at.live) act(at.store, copy);
    else {
      at.store.edit(copy.id, { tracked: false });
      if (at.pairs.get(copy.id) === 'linked') at.pairs.set(copy.id, 'untracking');
      this.wait(computer, name, () => {
        const mailbox = this.mailboxes.get(step.mailbox);
        if (mailbox.get(copy.id)) act(mailbox, mailbox.get(copy.id));
      });
    }
    return { answer: 'done', prompted };
  }

  // ---- computers and synchronization

  do_disconnect(step, computer) {
    if (!computer || computer.state !== 'connected') return REFUSED;
    this.leave(computer, 'disconnected');
    return DONE;
  }

  /**
   * Sends what waits, in the order of entry. Where it dies on the way, what was not sent stays, and what was sent and not
   * acknowledged too: each entry is done once, however often it is sent.
   */
  return(computer, crash = null) {
    const place = crash ? this.order.indexOf(crash.item) : -1;
    const left = [];
    for (const entry of computer.queue) {
      const at = this.order.indexOf(entry.name);
      const here = at === place && crash;
      if (crash && (at > place || (here && crash.stage === 'before-upload'))) {
        left.push(entry);
        continue;
      }
      if (!entry.sent) entry.send();
      entry.sent = true;
      if (here && crash.stage === 'before-acknowledgement') left.push(entry);
    }
    computer.queue = left;
    this.engines.get(computer.user).principalIsBack();
    if (crash) return;
    computer.state = 'connected';
    computer.cache = computer.crm = null;
  }

  do_connect(step, computer) {
    if (!computer || computer.state !== 'disconnected') return REFUSED;
    this.return(computer);
    return DONE;
  }

  do_go_offline(step, computer) {
    if (!computer || computer.state !== 'connected') return REFUSED;
    const mine = computer.synchronizing && this.users.get(step.by).method === 'outlook-client';
    if (!this.pass(step.by, step.crash, computer, mine)) return DONE;
    this.leave(computer, 'offline');
    computer.crm = this.crm.snapshot();
    return DONE;
  }

  do_go_online(step, computer) {
    if (!computer || computer.state !== 'offline') return REFUSED;
    this.return(computer, step.crash);
    if (step.crash) Object.assign(computer, { state: 'crashed', after: 'offline' });
    return DONE;
  }

  /** One pass of a mailbox, at a computer or on the server; false if the computer died in it. */
  pass(user, crash, computer, does = true) {
    try {
      if (does) this.engines.get(user).synchronize(crash, this.order);
    } catch (error) {
      if (!(error instanceof Crashed)) throw error;
    }
    if (!crash || !computer) return true;
    this.leave(computer, 'crashed');
    computer.after = 'disconnected';
    return false;
  }

  do_synchronize(step, computer) {
    if (!computer || computer.state !== 'connected' || this.users.get(step.by).method !== 'outlook-client') return REFUSED;
    this.pass(step.by, step.crash, computer, computer.synchronizing);
    return DONE;
  }

  do_server_synchronize(step) {
    if (this.users.get(step.mailbox).method !== 'server-side') return REFUSED;
    this.pass(step.mailbox, step.crash, null);
    return DONE;
  }

  do_choose_synchronizing_computer(step, computer) {
    if (!computer || computer.state !== 'connected' || this.users.get(step.by).method !== 'outlook-client') return REFUSED;
    const own = [...this.computers.values()].filter((other) => other.user === step.by);
    if (own.length < 2) return REFUSED;
    for (const other of own) other.synchronizing = other === computer;
    return DONE;
  }

  do_restart(step, computer) {
    if (!computer || computer.state !== 'crashed') return REFUSED;
    computer.state = computer.after;
    return DONE;
  }

  do_wait(step) {
    this.now += step.seconds * 1000;
    return DONE;
  }

  // ---- what is there

  observe() {
    const entries = [];
    for (const record of this.crm.items.values()) entries.push(this.entry(record, { store: 'crm', owner: record.owner }));
    const show = (mailbox, store, more) => {
      for (const copy of store.items.values()) {
        entries.push(this.entry(copy, { store: 'outlook', mailbox, tracked: Boolean(copy.tracked), ...more }));
      }
    };
    for (const [user, store] of this.mailboxes) show(user, store, {});
    for (const computer of this.computers.values()) {
      if (computer.state === 'crashed') continue;
      for (const { name } of this.principals(computer.user)) {
        const store = computer.state === 'connected' ? this.mailboxes.get(name) : computer.cache.get(name).store;
        show(name, store, { computer: computer.name });
      }
    }
    return entries;
  }

  entry(item, more) {
    const { kind, id, title, dates, status, organizer, required, optional, regarding, parent } = item;
    const series = kind === 'recurring-appointment';
    return {
      ...more, kind, id, title, dates, status, organizer, required, optional, regarding, parent,
      ...(series ? { occurrences: item.occurrences, exceptions: item.exceptions } : {}),
    };
  }
}

module.exports = { World };
