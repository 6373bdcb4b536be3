import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, launchChromium, launchFirefox } from '@belfry/testing';
import { type Chat, startChat } from './start-chat.ts';

// `npm start`: the chat, and a push service of its own beside it. `-- --browser firefox` (or chromium) opens a browser
// too; say it twice for two people on one screen.

const LAUNCH = { firefox: launchFirefox, chromium: launchChromium };

const { values } = parseArgs({ options: { browser: { type: 'string', multiple: true, default: [] } } });
const { PORT = '8787', PUSH_PORT = '8788', BELFRY_DATA = './data', DISPLAY, WAYLAND_DISPLAY } = process.env;

const kinds = values.browser.map((name) => {
  if (name === 'firefox' || name === 'chromium') return name;
  return fail(`--browser takes firefox or chromium, not ${name}`);
});

const chat = await startChat({
  port: Number(PORT),
  pushPort: Number(PUSH_PORT),
  dataDir: BELFRY_DATA,
}).catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));

console.log(`The chat is ready on ${chat.origin}: sign in there, click "Enable notifications", and close the page.`);
if (kinds.length === 0) {
  console.log(`A browser that is wired to the local push service: npm start -- --browser firefox (or chromium)
Your own Firefox, in about:config: dom.push.serverURL = ${chat.pushService.autopushUrl}
                                   dom.push.testing.allowInsecureServerURL = true`);
}
const browsers = await Promise.all(kinds.map((kind, at) => openBrowser(chat, { kind, number: at + 1 })));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void close());
}

async function close(): Promise<void> {
  await Promise.all(browsers.map(async (browser) => browser?.close()));
  await chat.close();
}

/** A window of its own, with a profile that is kept: what it subscribed to is there the next time. */
async function openBrowser(
  { origin, pushService }: Chat,
  { kind, number }: { kind: keyof typeof LAUNCH; number: number },
): Promise<Browser | undefined> {
  const hasScreen = process.platform !== 'linux' || DISPLAY !== undefined || WAYLAND_DISPLAY !== undefined;
  if (!hasScreen) {
    console.error('There is no screen to open a browser on; `npm run demo` needs none.');
    return undefined;
  }
  try {
    const profileDir = resolve(BELFRY_DATA, `${kind}-${number}`);
    const browser = await LAUNCH[kind]({ pushService, headless: false, profileDir });
    await browser.open(origin);
    return browser;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}
