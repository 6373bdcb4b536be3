import { setImmediate } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import { expect, test } from 'vitest';
import { ADDRESS_REQUESTS_PER_MINUTE, PASSES_PER_SECOND } from '../limits.ts';
import { ORIGIN, startTestBelfry } from '../testing/test-belfry.test-data.ts';

v8.setFlagsFromString('--expose-gc');
const collectGarbage: unknown = vm.runInNewContext('gc');

test('requests that wait for their refusal are not kept in memory', async () => {
  const server = await startTestBelfry();
  const answers: Promise<Response>[] = [];
  const ask = (): WeakRef<Request> => {
    const request = new Request(`${ORIGIN}/api/push/nothing`);
    answers.push(server.belfry.handle(request, { clientAddress: '192.0.2.1', identityRequest: request }));
    return new WeakRef(request);
  };
  for (let n = 0; n < ADDRESS_REQUESTS_PER_MINUTE + PASSES_PER_SECOND; n++) ask();
  const waiting = Array.from({ length: 100 }, ask);
  for (let turn = 0; turn < 10; turn++) {
    await setImmediate();
    if (typeof collectGarbage === 'function') collectGarbage();
  }
  expect(waiting.filter((request) => request.deref() !== undefined)).toEqual([]);
  await server.belfry.close();
  const refused = (await Promise.all(answers)).slice(-waiting.length);
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([429]));
  await server.close();
});
