import { expect, test } from 'vitest';
import { FlowQueue } from './flow-queue.ts';
import type { QueueEntry } from './linked-queue.ts';

interface Entry extends QueueEntry<Entry> {
  readonly flow: number;
  readonly name: string;
}

const entry = (name: string): Entry => ({
  flow: Number.parseInt(name, 10),
  name,
  previous: undefined,
  next: undefined,
});

function filled(...names: string[]): FlowQueue<Entry> {
  const queue = new FlowQueue<Entry>();
  for (const name of names) queue.push(entry(name));
  return queue;
}

function drained(queue: FlowQueue<Entry>): string {
  const names: string[] = [];
  for (let first = queue.first; first !== undefined; first = queue.first) {
    queue.remove(first);
    names.push(first.name);
  }
  expect(queue.size).toBe(0);
  return names.join(' ');
}

test('one flow is first in, first out', () => {
  expect(drained(filled('1a', '1b', '1c'))).toBe('1a 1b 1c');
});

test('flows take turns, each in its order', () => {
  expect(drained(filled('1a', '1b', '1c', '2a', '2b', '3a'))).toBe('1a 2a 3a 1b 2b 1c');
});

test('what comes while a flow has much waits for one turn', () => {
  const queue = filled(...Array.from({ length: 20_000 }, (_, n) => `1-${n}`));
  for (let n = 0; n < 5; n++) queue.remove(queue.first ?? entry('none'));
  queue.push(entry('2a'));
  const next = drained(queue).split(' ').indexOf('2a');
  expect(next).toBeLessThanOrEqual(1);
});

test('what is put back is the first again', () => {
  const queue = filled('1a', '1b', '2a', '2b');
  const first = queue.first ?? entry('none');
  queue.remove(first);
  queue.putBack(first);
  expect(drained(queue)).toBe('1a 2a 1b 2b');
});

test('what is taken out of the middle is gone, whoever’s turn it is', () => {
  const queue = new FlowQueue<Entry>();
  const entries = ['1a', '1b', '2a', '3a'].map(entry);
  for (const one of entries) queue.push(one);
  for (const one of entries.slice(1, 3)) queue.remove(one);
  expect([queue.size, drained(queue)]).toEqual([2, '1a 3a']);
});
