// The replication filter of the profile `policy`. It is ours, not PouchDB's: the deletion table for a user who owns and
// organizes everything, so that PouchDB becomes a synchronizer of the documented kind. It uses nothing but what
// PouchDB offers: a filter function for each direction.
'use strict';

const TASK_LIKE = ['task', 'phone-call', 'letter', 'fax'];

class Policy {
  constructor(now) {
    this.now = now;
    this.forget();
  }

  forget() {
    // Items whose two sides no longer concern each other: a deletion was held back.
    this.parted = new Set();
  }

  forgive(id) {
    this.parted.delete(id);
  }

  /// Whether a change in Outlook goes to CRM.
  sends(doc) {
    if (this.parted.has(doc._id)) return false;
    if (!doc._deleted) return true;
    if (doc.untracked) {
      // Whatever becomes of the record, nothing of it comes back.
      this.parted.add(doc._id);
      return doc.untracked.yes && this.isDeletable(doc);
    }
    return this.goesOrParts(doc, !['email', 'contact'].includes(doc.kind));
  }

  /// Whether a change in CRM goes to Outlook.
  fetches(doc) {
    if (this.parted.has(doc._id) || (doc.kind === 'email' && !doc._deleted)) return false;
    if (!doc._deleted) return true;
    // The deletion came from Outlook, and comes back to where it was made.
    if (doc.untracked) return false;
    const goes = !['email', 'contact'].includes(doc.kind) && this.isCurrent(doc);
    return this.goesOrParts(doc, goes);
  }

  goesOrParts(doc, goes) {
    if (!goes) this.parted.add(doc._id);
    return goes;
  }

  isDeletable(doc) {
    return doc.kind !== 'appointment' || this.isCurrent(doc);
  }

  isCurrent({ kind, dates, status }) {
    if (TASK_LIKE.includes(kind)) return status !== 'completed';
    const end = dates?.end ?? dates?.start;
    return end ? Date.parse(end) >= this.now() : true;
  }
}

module.exports = { Policy };
