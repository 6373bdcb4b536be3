import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { MessageBuffer, type MessageReceiver } from './message-buffer.ts';
import type { NewMessage } from './records.ts';

const receiver: MessageReceiver = { uaid: branded('agent'), channelId: branded('channel') };

function message(id: string, token = 'token'): NewMessage {
  const rest = { topic: undefined, urgency: 'normal', receipts: undefined, expiresAt: 0 } as const;
  return { id: branded(id), token: branded(token), body: new Uint8Array(), ...rest };
}

/** A buffer whose time comes when the test says so. */
function startedBuffer(write: (ids: readonly string[]) => Promise<void> = () => Promise.resolve()) {
  const written: string[][] = [];
  const due: (() => void)[] = [];
  const buffer = new MessageBuffer({
    write(messages) {
      const ids = messages.map(({ id }) => id);
      written.push(ids);
      return write(ids);
    },
    later: (callback) => due.push(callback),
  });
  return { buffer, written, ring: () => due.splice(0).forEach((callback) => callback()) };
}

test('messages are written together when their time comes, and kept from then on', async () => {
  const { buffer, written, ring } = startedBuffer();
  const kept = ['one', 'two'].map((id) => buffer.add({ message: message(id), receiver }));
  expect(written).toEqual([]);
  ring();
  await Promise.all(kept);
  expect(written).toEqual([['one', 'two']]);
  ring();
  expect(written).toHaveLength(1);
});

test('what its own user agent acknowledges before is done, and never written', async () => {
  const { buffer, written, ring } = startedBuffer();
  const kept = buffer.add({ message: message('one'), receiver });
  const stranger = { ...receiver, uaid: branded<string, 'Uaid'>('stranger') };
  const otherChannel = { ...receiver, channelId: branded<string, 'ChannelId'>('other') };
  const id = branded<string, 'MessageId'>('one');
  expect(buffer.acknowledge(id, stranger)).toBe(false);
  expect(buffer.acknowledge(id, otherChannel)).toBe(false);
  expect(buffer.acknowledge(id, receiver)).toBe(true);
  await kept;
  expect(buffer.acknowledge(id, receiver)).toBe(false);
  ring();
  expect(written).toEqual([]);
});

test('a disk that fails is told to each who waits, and to nobody after', async () => {
  let isFull = true;
  const { buffer, ring } = startedBuffer(() =>
    isFull ? Promise.reject(new Error('disk is full')) : Promise.resolve(),
  );
  const kept = ['one', 'two'].map((id) => buffer.add({ message: message(id), receiver }));
  ring();
  for (const one of kept) await expect(one).rejects.toThrow('disk is full');
  isFull = false;
  const later = buffer.add({ message: message('three'), receiver });
  ring();
  await later;
});

test('it counts what waits of a subscription', () => {
  const { buffer } = startedBuffer();
  for (const [id, token] of [
    ['one', 'a'],
    ['two', 'b'],
    ['three', 'a'],
  ] as const) {
    void buffer.add({ message: message(id, token), receiver });
  }
  expect(buffer.count(branded('a'))).toBe(2);
  buffer.flush();
  expect(buffer.count(branded('a'))).toBe(0);
});
