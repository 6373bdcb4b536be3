import { expect, onTestFinished, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry } from '../testing/test-belfry.test-data.ts';

test('a message that cannot be made ready is given up, and the log says so without a word of it', async () => {
  const server = await startTestBelfry();
  onTestFinished(() => server.close());
  await server.post('/subscribe', { body: subscribeAtSink().subscription });
  const encrypt = () => Promise.reject(new SyntaxError('Unexpected token in "Dear Ada"'));
  await server.restart({ encryptor: { name: 'native', encrypt } });
  const notified = await server.belfry.notify('ada', { title: 'Dear Ada' });
  expect(await notified.settled()).toMatchObject([{ outcome: 'rejected' }]);
  expect(server.log).toContainEqual(expect.stringContaining('"error":"SyntaxError"'));
  expect(server.log.join()).not.toContain('Dear Ada');
});
