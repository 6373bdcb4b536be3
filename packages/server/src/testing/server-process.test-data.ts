import { sqlite } from '@belfry/store/sqlite';
import { createBelfry } from '../create-belfry.ts';
import { ORIGIN } from './test-belfry.test-data.ts';

// A server to kill: it sends one message and prints its id once notify() has returned.

const [path = '', service = ''] = process.argv.slice(2);
const belfry = await createBelfry({
  store: sqlite(path),
  subject: 'mailto:ops@example.com',
  origins: [ORIGIN],
  authenticate: () => null,
  developmentPushServices: [JSON.parse(service)],
  env: {},
});
const { id } = await belfry.notify('ada', { title: 'survives' });
process.stdout.write(`${id}\n`);
