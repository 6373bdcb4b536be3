import { describe, expect, test } from 'vitest';
import { checkFiles } from './invariants/check-files.ts';
import type { RuleName } from './invariants/violation.ts';

/** A small repository in which every rule holds; a test adds a file, or puts another in its place. */
const SOUND: Readonly<Record<string, string>> = {
  'packages/protocol/package.json': '{}',
  'packages/protocol/src/encrypt.ts': "import { createECDH } from 'node:crypto';\nimport { a } from './limits.ts';",
  'packages/store/package.json':
    '{ "dependencies": { "@belfry/protocol": "0.1.0" }, "devDependencies": { "@belfry/server": "0.1.0" } }',
  'packages/store/src/sqlite/devices.ts': "import '@belfry/protocol';\nexport const all = 'SELECT * FROM devices';",
  'packages/store/src/sqlite/migrations/0001.sql': 'CREATE TABLE devices (id INTEGER);',
  'packages/server/package.json':
    '{ "dependencies": { "@belfry/store": "0.1.0" }, "devDependencies": { "@belfry/protocol": "0.1.0", "@belfry/server": "0.1.0" } }',
  'packages/server/src/belfry.ts': "export * from '@belfry/store/sqlite';",
  'packages/server/src/belfry.test.ts': "import '@belfry/protocol';\nconst now = Date.now();",
  'packages/server/src/effects.ts': 'export const now = () => Date.now();',
  'packages/fastify/package.json': '{}',
  'packages/fastify/src/index.ts': "import fp from 'fastify-plugin';",
  'packages/client/package.json':
    '{ "devDependencies": { "vitest": "5.1.1" }, "peerDependencies": { "react": ">=18" }, "peerDependenciesMeta": { "react": { "optional": true } } }',
  'packages/client/src/index.ts': "export * from './enable.ts';",
  'packages/client/src/react/use-push.ts': "import { useState } from 'react';\nexport * from '../enable.ts';",
  'packages/client/src/enable.test.ts': "import { test } from 'vitest';",
  'packages/push-service/package.json': '{ "dependencies": { "@belfry/protocol": "0.1.0", "@belfry/store": "0.1.0" } }',
  'packages/testing/package.json':
    '{ "dependencies": { "@belfry/protocol": "0.1.0", "@belfry/push-service": "0.1.0", "@belfry/server": "0.1.0" } }',
  'packages/testing/src/agent.ts': "import '@belfry/protocol';",
  'packages/testing/src/agent.test.ts': "import '@belfry/push-service';",
  'packages/push-service/src/store/channels.ts': 'export const one = `DELETE FROM channels WHERE id = ${1}`;',
  'examples/chat/package.json': '{}',
  'examples/chat/src/main.ts': "import fastify from 'fastify';\nsetTimeout(fastify, Date.now());",
};

function check(files: Readonly<Record<string, string>>): string[] {
  const violations = checkFiles(new Map(Object.entries({ ...SOUND, ...files })));
  return violations.map(({ file, line, rule }) => `${file}:${line} ${rule}`);
}

test('a sound repository has no violation', () => {
  expect(check({})).toEqual([]);
});

test('comments and strings that speak of imports and clocks are none', () => {
  const text = "// import 'fastify'; Date.now()\nexport const advice = 'select one from the list, not Date.now()';";
  expect(check({ 'packages/server/src/a.ts': text })).toEqual([]);
});

const violations: { [Rule in RuleName]: [what: string, file: string, text: string, line?: number][] } = {
  'package-order': [
    [
      'a package above, declared or not',
      'packages/store/src/a.test.ts',
      "\n\nimport type { B } from '@belfry/server';",
      3,
    ],
    ['its own package', 'packages/server/src/a.test.ts', "import '@belfry/server';"],
    ["another package's file", 'packages/server/src/a.ts', "export * from '../../store/src/index.ts';"],
    ['a package without a place', 'packages/mail/src/a.ts', ''],
  ],
  'declared-imports': [
    ['nothing declares', 'examples/chat/src/a.ts', "await import('@belfry/client');"],
    ['a source that rests on a development dependency', 'packages/server/src/a.ts', "import '@belfry/protocol';"],
  ],
  'protocol-imports': [
    ['another module of Node', 'packages/protocol/src/a.ts', "import { readFile } from 'node:fs';"],
    ['a package', 'packages/protocol/src/a.ts', "import * as v from 'valibot';"],
  ],
  'browser-imports': [
    ['Node', 'packages/client/src/a.ts', "export type Buffer = import('node:buffer').Buffer;"],
    ['a package', 'packages/worker/src/a.ts', "import { openDB } from 'idb';"],
    ['a declared dependency', 'packages/worker/package.json', '{ "dependencies": { "idb": "1.0.0" } }'],
    ['a peer that is not optional', 'packages/worker/package.json', '{ "peerDependencies": { "idb": "1.0.0" } }'],
    ['an optional peer outside of its folder', 'packages/client/src/a.ts', "import { useState } from 'react';"],
    ['an optional peer through its folder', 'packages/client/src/a.ts', "export * from './react/use-push.ts';"],
    ['another package in that folder', 'packages/client/src/react/a.ts', "import 'react-dom';"],
  ],
  'push-service-imports': [['more than protocol', 'packages/push-service/src/a.ts', "import '@belfry/store';"]],
  'testing-imports': [["a server of Belfry's", 'packages/testing/src/a.ts', "import '@belfry/server';"]],
  'web-framework': [
    ['Fastify in the server', 'packages/server/src/a.ts', "import type { FastifyRequest } from 'fastify';"],
    ['a plugin of it', 'packages/push-service/src/a.ts', "import '@fastify/cookie';"],
    ['another one', 'packages/server/src/a.ts', "import { Hono } from 'hono/tiny';"],
  ],
  sql: [
    ['a query', 'packages/server/src/a.ts', "export const all =\n  'SELECT id FROM devices';", 2],
    ['a query over lines, with an expression', 'packages/server/src/a.ts', 'x = `SELECT ${columns}\n  FROM devices`;'],
    ['an insert', 'packages/server/src/a.ts', "x = 'INSERT OR REPLACE INTO devices VALUES (1)';"],
    ['an update', 'packages/server/src/a.ts', "x = 'UPDATE devices SET state = 1';"],
    ['a schema', 'packages/push-service/src/a.ts', "x = 'CREATE TABLE channels (id)';"],
    ['a pragma', 'examples/chat/src/a.ts', "x = 'PRAGMA journal_mode = WAL';"],
    ['a file', 'packages/server/src/0002.sql', 'SELECT 1;'],
  ],
  effects: [
    ['the clock', 'packages/server/src/a.ts', 'export const now = () => Date.now();'],
    ['the clock unnamed', 'packages/store/src/a.ts', 'export const now = () => new Date();'],
    ['a clock handed on', 'packages/server/src/a.ts', 'export const now = Date.now;'],
    ['a timer', 'packages/server/src/a.ts', 'setTimeout(() => {}, 1);'],
    [
      'a timer to await',
      'packages/push-service/src/a.ts',
      "import { setTimeout as sleep } from 'node:timers/promises';",
    ],
    ['random numbers', 'packages/client/src/a.ts', 'export const jitter = Math.random();'],
    ['random octets', 'packages/protocol/src/a.ts', "import { randomBytes } from 'node:crypto';"],
  ],
  'file-name': [
    ['a file', 'packages/server/src/utils.ts', ''],
    ['a test of one', 'packages/server/src/helper.test.ts', ''],
    ['a folder', 'conformance/src/misc/a.ts', ''],
  ],
  'file-length': [['301 lines', 'packages/server/src/a.ts', '\n'.repeat(301), 301]],
};

describe.each(Object.entries(violations))('%s', (rule, cases) => {
  test.each(cases)('finds %s', (_what, file, text, line = 1) => {
    expect(check({ [file]: text })).toEqual([`${file}:${line} ${rule}`]);
  });
});

test('length counts neither in tests nor in what only they use', () => {
  const long = '\n'.repeat(301);
  expect(check({ 'packages/store/src/a.test.ts': long, 'packages/store/src/store-contract.ts': long })).toEqual([]);
});

test('dates that come from an argument are no reading of the clock', () => {
  expect(check({ 'packages/server/src/a.ts': 'export const day = (ms: number) => new Date(ms);' })).toEqual([]);
});
