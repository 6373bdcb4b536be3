import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { type Firefox, launchFirefox } from '@belfry/testing';
import { type Chat, startChat } from './start-chat.ts';

// `npm start`: the chat, and a push service of its own beside it. `-- --browser firefox` opens a browser too; say it
// twice for two people on one screen.

const { values } = parseArgs({ options: { browser: { type: 'string', multiple: true, default: [] } } });
const { PORT = '8787', PUSH_PORT = '8788', BELFRY_DATA = './data', DISPLAY, WAYLAND_DISPLAY } = process.env;

const unknown = values.browser.find((name) => name !== 'firefox');
if (unknown !== undefined) fail(`--browser takes firefox, not ${unknown}`);

const chat = await startChat({
  port: Number(PORT),
  pushPort: Number(PUSH_PORT),
  dataDir: BELFRY_DATA,
}).catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));

console.log(`The chat is ready on ${chat.origin}: sign in there, click "Enable notifications", and close the page.`);
if (values.browser.length === 0) {
  console.log(`A Firefox that is wired to the local push service: npm start -- --browser firefox
Your own, in about:config: dom.push.serverURL = ${chat.pushService.autopushUrl}
                           dom.push.testing.allowInsecureServerURL = true`);
}
const firefoxes = await Promise.all(values.browser.map((_name, at) => openFirefox(chat, at + 1)));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void close());
}

async function close(): Promise<void> {
  await Promise.all(firefoxes.map((firefox) => firefox?.close()));
  await chat.close();
}

/** A window of its own, with a profile that is kept: what it subscribed to is there the next time. */
async function openFirefox({ origin, pushService }: Chat, number: number): Promise<Firefox | undefined> {
  const hasScreen = process.platform !== 'linux' || DISPLAY !== undefined || WAYLAND_DISPLAY !== undefined;
  if (!hasScreen) {
    console.error('There is no screen to open Firefox on; `npm run demo` needs none.');
    return undefined;
  }
  try {
    const profileDir = resolve(BELFRY_DATA, `firefox-${number}`);
    const firefox = await launchFirefox({ pushService, headless: false, profileDir });
    await firefox.open(origin);
    return firefox;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}
