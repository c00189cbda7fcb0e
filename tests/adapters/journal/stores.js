'use strict';
// The two stores as a synchronizer finds them: each item has an id that the store gave it, and every change is an entry of
// a journal that can be read from any place on.

class Store {
  constructor(prefix) {
    this.prefix = prefix;
    this.items = new Map(); // id -> item
    this.journal = []; // { id, what: create | edit | delete | occurrence, occurrence?, by }
    this.applied = new Map(); // message id -> id of the item it was about
    this.next = 0;
  }

  get(id) {
    return this.items.get(id);
  }

  named(name) {
    for (const item of this.items.values()) if (item.name === name) return item;
    return undefined;
  }

  create(item, by = null) {
    const id = `${this.prefix}-${(this.next += 1)}`;
    const stored = { ...item, id };
    this.items.set(id, stored);
    this.journal.push({ id, what: 'create', by });
    return stored;
  }

  edit(id, fields, by = null) {
    const item = this.items.get(id);
    if (!item) return false;
    Object.assign(item, fields);
    this.journal.push({ id, what: 'edit', by });
    return true;
  }

  delete(id, by = null) {
    const item = this.items.get(id);
    if (!item) return false;
    this.items.delete(id);
    this.journal.push({ id, what: 'delete', by, last: item });
    return true;
  }

  deleteOccurrence(id, occurrence, by = null) {
    const item = this.items.get(id);
    if (!item || !item.occurrences.includes(occurrence) || item.occurrences.length < 2) return false;
    item.occurrences = item.occurrences.filter((n) => n !== occurrence);
    this.journal.push({ id, what: 'occurrence', occurrence, by });
    return true;
  }

  since(cursor) {
    return this.journal.slice(cursor);
  }

  /** A copy of the store as it is now, for a computer that goes away. */
  snapshot() {
    const copy = new Store(this.prefix);
    for (const [id, item] of this.items) copy.items.set(id, { ...item });
    copy.next = this.next;
    return copy;
  }
}

module.exports = { Store };
