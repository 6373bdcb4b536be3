import { createBelfry } from '@belfry/server';
import { sqlite } from '@belfry/store/sqlite';

// A program of somebody who installed Belfry: packages.test.ts copies it into a project of its own and runs it there.

const [databasePath = '', ...imported] = process.argv.slice(2);
await Promise.all(imported.map((specifier) => import(specifier)));

const belfry = await createBelfry({
  store: sqlite(databasePath),
  subject: 'mailto:ops@example.com',
  origins: ['https://app.example.com'],
  authenticate: () => null,
});
const answer = await belfry.handle(new Request('https://app.example.com/api/push/public-key'));
const body: unknown = await answer.json();
await belfry.close();

console.log(JSON.stringify({ imported, server: import.meta.resolve('@belfry/server'), status: answer.status, body }));
