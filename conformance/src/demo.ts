import { parseArgs } from 'node:util';
import { type BrowserJourney, browserJourney, type JourneyReporter } from './browser-journey.ts';
import { CHROMIUM, FIREFOX } from './journey-browsers.ts';

// `npm run demo`: the journey, told as it happens. With `--json` the last line on stdout is one JSON object, and the
// story goes to stderr.

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const startedAt = performance.now();
const tell = values.json ? console.error : console.log;

tell('\n  Belfry, the whole path in real browsers: subscribe → notify → shown → clicked → gone\n');
const journeys = [
  await tellJourney((reporter) => browserJourney(FIREFOX, reporter)),
  await tellJourney((reporter) => browserJourney(CHROMIUM, reporter)),
];
const ok = journeys.every((journey) => journey !== undefined && isWhole(journey));
if (values.json) console.log(JSON.stringify({ ok, browsers: journeys.filter((journey) => journey !== undefined) }));
process.exitCode = ok ? 0 : 1;

async function tellJourney(
  make: (reporter: JourneyReporter) => Promise<BrowserJourney>,
): Promise<BrowserJourney | undefined> {
  try {
    const journey = await make({ step });
    const { name, devices, accepted, shown, clicked, pruned } = journey;
    tell(
      `\n  ${name}: ${devices} devices · ${accepted} accepted · ${shown} shown · ${clicked} clicked · ${pruned} gone\n`,
    );
    return journey;
  } catch (error) {
    tell(`\n  That failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

function isWhole({ accepted, shown, clicked, pruned }: BrowserJourney): boolean {
  return accepted === 2 && shown === 2 && clicked === 1 && pruned === 1;
}

function step(who: string, what: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
  tell(`  ${seconds} s  ${who.padEnd(10)} ${what}`);
}
