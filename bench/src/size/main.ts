import { measureSizes, SIZE_LIMITS } from './measure-sizes.ts';

// `npm run size`: exits 1 above a limit. With --json, one JSON object is last on stdout.
const sizes = await measureSizes();
const limits = new Map(Object.entries(SIZE_LIMITS));
const rows = Object.entries(sizes).map(([name, bytes]) => ({ name, bytes, limit: limits.get(name) }));
const isMet = rows.every(({ bytes, limit }) => limit === undefined || bytes <= limit);
if (process.argv.includes('--json')) console.log(JSON.stringify({ ...sizes, met: isMet }));
else
  for (const { name, bytes, limit } of rows)
    console.log(`${name.padEnd(14)} ${bytes} bytes${limit === undefined ? '' : `, at most ${limit}`}`);
if (!isMet) process.exitCode = 1;
