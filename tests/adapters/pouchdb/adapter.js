#!/usr/bin/env node
// Two PouchDB databases play Outlook and CRM; a cycle is one replication each way. `adapter.js plain|policy`.
//
// Under `policy` the replications are filtered by `sends` and `fetches` of policy.js, which is ours and not PouchDB's.
'use strict';

const readline = require('node:readline');

// Whatever is printed by others goes to standard error: standard output is the protocol's alone.
const answer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const PouchDB = require('pouchdb');
PouchDB.plugin(require('pouchdb-adapter-memory'));
const { Policy } = require('./policy.js');

const KINDS = ['email', 'contact', 'appointment', 'task', 'phone-call', 'letter', 'fax'];
// What lives in CRM only is there to be regarding, and nothing is done to it.
const CRM_ONLY = ['account', 'lead', 'opportunity', 'case'];
const TASK_LIKE = ['task', 'phone-call', 'letter', 'fax'];
const CANARIES = ['canary one', 'canary two'];
// The most items that Outlook tracks at once.
const MOST_SELECTED = 20;
const DONE = { answer: 'done' };
const REFUSED = { answer: 'refused' };
const unsupported = (reason) => ({ answer: 'unsupported', reason });

function operations(kind, policy) {
  const list = ['create-in-outlook', 'create-in-crm', 'delete-in-outlook', 'delete-in-crm', 'track'];
  if (kind !== 'email') list.push('edit-in-outlook', 'edit-in-crm');
  if (TASK_LIKE.includes(kind)) list.push('complete-in-outlook', 'complete-in-crm');
  if (kind === 'task') list.push('track-as');
  // Untracking means something to the filter only, and the answer reaches it.
  if (policy) list.push('untrack', 'untrack-answer');
  return list;
}

class Adapter {
  constructor(profile) {
    this.profile = profile;
    this.world = 0;
    this.databases = [];
  }

  initialize() {
    const policy = this.profile === 'policy';
    const fields = ['title', 'when', 'status', 'record', 'tracked', 'owner', 'organizer', 'required', 'optional'];
    const kinds = Object.fromEntries(KINDS.map((kind) => [kind, { operations: operations(kind, policy), fields }]));
    CRM_ONLY.forEach((kind) => { kinds[kind] = { operations: [], fields: ['title', 'owner', 'record'] }; });
    return {
      protocol: 1,
      name: `pouchdb-${this.profile}`,
      version: PouchDB.version,
      capabilities: {
        kinds,
        operations: ['synchronize', 'web', 'several', ...(policy ? ['wait'] : [])],
        clock: policy ? 'live' : 'none',
        stepped: true,
        deadlines: { reset_ms: 10000, apply_ms: 5000 },
      },
    };
  }

  async reset({ now, users, items }) {
    if (items.some(({ folder, copies }) => folder !== 'exchange' && copies.length > 0)) {
      return unsupported('Outlook has one message store only');
    }
    await this.stop();
    this.world += 1;
    this.user = users[0].name;
    this.now = Date.parse(now);
    this.items = new Map(items.map((item) => [item.name, item]));
    this.policy = new Policy(() => this.now);
    this.since = undefined;
    const open = (place) => new PouchDB(`${place}-${this.world}`, { adapter: 'memory' });
    // Outlook and CRM are synchronized; `private` is what Outlook keeps to itself, `shelf` is the same in CRM.
    this.outlook = open('outlook');
    this.crm = open('crm');
    this.private = open('private');
    this.shelf = open('shelf');
    this.databases = [this.outlook, this.crm, this.private, this.shelf];

    const kinds = new Set(items.map((item) => item.kind));
    const canaries = [...kinds].flatMap((kind) => CANARIES.map((title) => ({ _id: `${kind} ${title}`, kind, title })));
    const linked = items.filter((item) => item.tracked.length > 0 && item.in_crm);
    await this.outlook.bulkDocs([...canaries, ...linked.map((item) => this.document(item))]);
    // What is linked was put into Outlook only: PouchDB itself makes the record, and so knows of both.
    await this.outlook.replicate.to(this.crm);
    await this.replicate();
    for (const item of items) {
      if (linked.includes(item)) continue;
      if (item.copies.length > 0) await (item.tracked.length > 0 ? this.outlook : this.private).put(this.document(item));
      if (item.in_crm) await this.recordPlace(item).put(this.document(item));
    }
    return DONE;
  }

  /// Where a record that is not linked lies. What no filter brings to Outlook is not in the synchronized database.
  recordPlace(item) {
    const { kind, copies, required } = item;
    // What the user's filter in CRM brings to Outlook is CRM's affair, and not the replication's.
    const brought = kind === 'appointment' ? required.includes(this.user) : KINDS.includes(kind) && kind !== 'email';
    return brought && copies.length === 0 ? this.crm : this.shelf;
  }

  document(item) {
    const { name, kind, record, title, address, dates, status, owner, organizer, required, optional } = item;
    // The same in every world: of two edits PouchDB prefers one by a digest of all that is in it.
    return { _id: name, kind, record, title, address, dates, status, owner, organizer, required, optional };
  }

  async apply({ steps }) {
    const answers = [];
    for (const step of steps) answers.push(await this.step(step));
    return { answers };
  }

  async step(step) {
    const { op } = step;
    if (step.by !== this.user || (step.mailbox ?? this.user) !== this.user) return unsupported('there is one user only');
    if (step.crash) return unsupported('it cannot be crashed inside a synchronization');
    if (op === 'synchronize') return this.synchronize();
    if (op === 'wait') {
      this.now += step.seconds * 1000;
      return DONE;
    }
    if (op === 'track' || op === 'untrack') {
      const kinds = new Set(step.items.map((name) => this.items.get(name).kind));
      if (step.items.length > MOST_SELECTED || kinds.size > 1) return unsupported('there is no selection with limits of its own');
    }
    if (op === 'track') return this.track(step);
    if (op === 'untrack') return this.untrack(step);
    const side = 'mailbox' in step ? 'outlook' : 'crm';
    const item = this.items.get(step.item);
    const able = item && operations(item.kind, true).includes(`${op}-in-${side}`) && !('occurrence' in step);
    if (!able) return unsupported(`no operation ${op}`);
    const found = await this.find(step.item, side === 'outlook' ? [this.outlook, this.private] : [this.crm, this.shelf]);
    if (op === 'create') {
      if (found) return REFUSED;
      await (side === 'outlook' ? this.private : this.recordPlace({ ...item, copies: [] })).put(this.document(item));
      return DONE;
    }
    if (!found) return REFUSED;
    const { database, doc } = found;
    if (['edit', 'complete'].includes(op) && side === 'crm' && doc.kind !== 'contact' && doc.status !== 'open') {
      return unsupported('the database that plays CRM knows no closed records');
    }
    if (op === 'edit') await database.put({ ...doc, ...step.change });
    if (op === 'complete') await database.put({ ...doc, status: 'completed' });
    if (op === 'delete') await this.erase(database, doc);
    return DONE;
  }

  /// Deletes a document, and with it the losers of old conflicts, which would come to light.
  async erase(database, doc, more = {}) {
    const { _conflicts: losers = [] } = await database.get(doc._id, { conflicts: true });
    for (const rev of losers) await database.remove(doc._id, rev);
    // A deletion keeps the fields: a filter sees nothing else of what is gone.
    await database.put({ ...doc, ...more, _deleted: true });
  }

  async track({ items, record }) {
    const found = [];
    for (const name of items) found.push(await this.find(name, [this.private]));
    if (found.includes(null)) return REFUSED;
    for (const [n, { doc }] of found.entries()) {
      const item = this.items.get(items[n]);
      const { _rev, ...fields } = doc;
      this.policy.forgive(doc._id);
      // What was tracked before lies deleted in the synchronized database: it goes on from there.
      await this.revive(this.outlook, { ...fields, record: record ?? item.record });
      await this.private.remove(doc);
      const shelved = await this.find(items[n], [this.shelf]);
      if (shelved) {
        const { _rev: _, ...recorded } = shelved.doc;
        await this.revive(this.crm, recorded);
        await this.shelf.remove(shelved.doc);
      }
    }
    return DONE;
  }

  async untrack({ items, yes }) {
    if (this.profile !== 'policy') return unsupported('without a filter there is no tracking to stop');
    const found = [];
    for (const name of items) found.push(await this.find(name, [this.outlook]));
    if (found.includes(null)) return REFUSED;
    for (const { doc } of found) {
      const { _rev, ...fields } = doc;
      await this.revive(this.private, fields);
      await this.erase(this.outlook, doc, { untracked: { yes } });
    }
    return DONE;
  }

  async revive(database, fields) {
    const before = await database.get(fields._id, { open_revs: 'all' }).catch(() => []);
    const leaf = before.map(({ ok }) => ok).find((ok) => ok);
    const { _deleted, untracked, ...rest } = fields;
    await database.put(leaf ? { ...rest, _rev: leaf._rev } : rest);
  }

  async synchronize() {
    try {
      const [sent, fetched] = await this.replicate();
      const tell = ({ docs_written, doc_write_failures }) => `${docs_written} written, ${doc_write_failures} failed`;
      const failures = sent.doc_write_failures + fetched.doc_write_failures;
      return { ...DONE, outcome: failures > 0 ? 'failure' : 'success', report: `to CRM: ${tell(sent)}; to Outlook: ${tell(fetched)}` };
    } catch (error) {
      return { answer: 'failed', definite: false, message: String(error) };
    }
  }

  async replicate() {
    const { policy, since } = this;
    const filtered = this.profile === 'policy';
    const options = (filter) => ({ ...(filtered && { filter }), ...(since !== undefined && { since }) });
    const sent = await this.outlook.replicate.to(this.crm, options(function sends(doc) { return policy.sends(doc); }));
    const fetched = await this.crm.replicate.to(this.outlook, options(function fetches(doc) { return policy.fetches(doc); }));
    this.since = undefined;
    return [sent, fetched];
  }

  async observe() {
    const entries = [];
    const places = [['outlook', this.outlook], ['private', this.private], ['crm', this.crm], ['shelf', this.shelf]];
    for (const [place, database] of places) {
      const { rows } = await database.allDocs({ include_docs: true });
      for (const { doc } of rows) {
        if (CANARIES.includes(doc.title)) continue;
        const crm = database === this.crm || database === this.shelf;
        const { title, address, dates, status, owner, organizer, required, optional } = doc;
        entries.push({
          ...(crm ? { store: 'crm' } : { store: 'outlook', mailbox: this.user, tracked: place === 'outlook' }),
          kind: crm ? doc.record : doc.kind,
          id: `${place}/${doc._id}/${doc._rev}`,
          title,
          ...(address && { address }),
          dates: dates ?? {},
          status,
          ...(crm && { owner }),
          ...(organizer && { organizer }),
          required,
          optional,
          raw: JSON.stringify(doc),
        });
      }
    }
    return { entries };
  }

  async settle({ most_cycles: most }) {
    let before = JSON.stringify(await this.observe());
    for (let cycle = 0; cycle < most; cycle += 1) {
      const answer = await this.synchronize();
      if (answer.answer !== 'done') return answer;
      const after = JSON.stringify(await this.observe());
      if (after === before && cycle > 0) return DONE;
      before = after;
    }
    return { answer: 'failed', definite: false, message: 'it does not come to rest' };
  }

  lose_state() {
    // From the first change on, whatever the checkpoints say.
    this.since = 0;
    this.policy.forget();
    return DONE;
  }

  shutdown() {
    return null;
  }

  /// Items are known by their titles and by nothing else.
  async find(name, databases) {
    const named = (doc) => doc !== null && doc.title.replace(/ #[^#]*$/, '') === name;
    for (const database of databases) {
      // It most likely lies where it was put.
      const likely = await database.get(name).catch(() => null);
      if (named(likely)) return { database, doc: likely };
      const { rows } = await database.allDocs({ include_docs: true });
      const row = rows.find(({ doc }) => named(doc));
      if (row) return { database, doc: row.doc };
    }
    return null;
  }

  async stop() {
    await Promise.all(this.databases.map((database) => database.destroy()));
    this.databases = [];
  }
}

const METHODS = ['initialize', 'reset', 'apply', 'observe', 'settle', 'lose_state', 'shutdown'];

async function main() {
  const profile = process.argv[2];
  if (profile !== 'plain' && profile !== 'policy') {
    process.stderr.write('usage: adapter.js plain|policy\n');
    process.exit(2);
  }
  const adapter = new Adapter(profile);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (!line.trim()) continue;
    const { id, method, params } = JSON.parse(line);
    const response = { jsonrpc: '2.0', id };
    if (METHODS.includes(method)) {
      try {
        response.result = await adapter[method](params);
      } catch (error) {
        process.stderr.write(`${error.stack ?? error}\n`);
        response.error = { code: -32603, message: String(error) };
      }
    } else {
      response.error = { code: -32601, message: `no method \`${method}\`` };
    }
    answer(`${JSON.stringify(response)}\n`);
    if (method === 'shutdown') break;
  }
  await adapter.stop();
  process.exit(0);
}

main();
