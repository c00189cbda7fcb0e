#!/usr/bin/env node
'use strict';
// The adapter: the protocol on one side, the world on the other.

const readline = require('readline');
const { World } = require('./world');

const both = (operation) => [`${operation}-in-outlook`, `${operation}-in-crm`];
const OUTLOOK = ['create', 'edit', 'delete', 'complete'].flatMap(both);
const ITEMS = [...OUTLOOK, ...both('delete-occurrence'), 'soft-delete-in-outlook', 'move-away-in-outlook', 'track', 'track-as',
  'untrack', 'untrack-answer', 'set-regarding', 'set-parent', 'cancel', 'assign', 'change-organizer'];
const KINDS = ['email', 'contact', 'appointment', 'meeting-request', 'recurring-appointment', 'task', 'phone-call', 'letter',
  'fax', 'service-activity', 'account', 'lead', 'opportunity', 'case'];
const FIELDS = ['title', 'when', 'status', 'organizer', 'owner', 'regarding', 'parent', 'required', 'optional', 'occurrences',
  'exceptions', 'record', 'tracked', 'count'];
const GENERAL = ['connect', 'disconnect', 'go-offline', 'go-online', 'synchronize', 'server-synchronize',
  'choose-synchronizing-computer', 'wait', 'crash', 'crash-item', 'crash-stage', 'delegate', 'web', 'several'];

const methods = {
  initialize() {
    const kinds = Object.fromEntries(KINDS.map((kind) => [kind, { operations: ITEMS, fields: FIELDS }]));
    return {
      protocol: 1,
      name: 'journal',
      version: '1',
      capabilities: {
        kinds, operations: GENERAL, clock: 'live', store_clock: 'live', stepped: true, roles: true, users: true,
        computers: true, caches: true, prompts: true,
      },
    };
  },
  reset(params) {
    methods.world = new World(params);
    return { answer: 'done' };
  },
  apply: (params) => ({ answers: params.steps.map((step) => methods.world.apply(step)) }),
  observe: () => ({ entries: methods.world.observe() }),
  settle: () => ({ answer: 'unsupported', reason: 'it synchronizes when it is told to' }),
  shutdown: () => null,
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  const response = { jsonrpc: '2.0', id };
  if (typeof methods[method] !== 'function') response.error = { code: -32601, message: `no method ${method}` };
  else {
    try {
      response.result = methods[method](params);
    } catch (error) {
      console.error(error.stack);
      response.error = { code: -32000, message: String(error.message) };
    }
  }
  process.stdout.write(`${JSON.stringify(response)}\n`);
});
