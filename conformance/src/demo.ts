import { parseArgs } from 'node:util';
import { firefoxJourney } from './firefox-journey.ts';

// `npm run demo`: the journey, told as it happens. With `--json` the last line on stdout is one JSON object, and the
// story goes to stderr.

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const startedAt = performance.now();
const tell = values.json ? console.error : console.log;

tell('\n  Belfry, the whole path in real browsers: subscribe → notify → shown → clicked → gone\n');
try {
  const journey = await firefoxJourney({ step });
  const ok = journey.accepted === 2 && journey.shown === 2 && journey.clicked === 1 && journey.pruned === 1;
  const { devices, accepted, shown, clicked, pruned } = journey;
  tell(`\n  ${devices} devices · ${accepted} accepted · ${shown} shown · ${clicked} clicked · ${pruned} gone\n`);
  if (values.json) console.log(JSON.stringify({ ok, browsers: [journey] }));
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  tell(`\n  That failed: ${error instanceof Error ? error.message : String(error)}\n`);
  if (values.json) console.log(JSON.stringify({ ok: false, browsers: [] }));
  process.exitCode = 1;
}

function step(who: string, what: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
  tell(`  ${seconds} s  ${who.padEnd(10)} ${what}`);
}
