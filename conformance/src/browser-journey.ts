import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chat, startChat } from '@belfry/example-chat';
import type { DeviceOutcome, Notified } from '@belfry/server';
import type { Browser, BrowserNotification } from '@belfry/testing';
import { ChatWriter } from './chat-writer.ts';
import type { JourneyBrowser, LaunchedBrowser, TakePicture } from './journey-browsers.ts';

/** What the journey came to, in one browser. */
export interface BrowserJourney {
  readonly name: string;
  readonly version: string;
  /** Subscribed. */
  readonly devices: number;
  /** Taken by the push service, of the first message. */
  readonly accepted: number;
  /** On the screen, as the browser itself says. */
  readonly shown: number;
  readonly clicked: number;
  /** Found gone by the second message. */
  readonly pruned: number;
  /** Each the slower of the two. */
  readonly ms: { readonly subscribe: number; readonly notifyToShown: number };
}

export interface JourneyReporter {
  /** Something happened, to `who`. */
  step(who: string, what: string): void;
  /** Takes pictures for the documentation. */
  readonly picture?: TakePicture;
}

const READER = 'Ada';
const WRITER = 'Grace';
const TEXT = 'The tests are green. Lunch?';

/**
 * The whole path, for real: two browser profiles of one user subscribe, a message is sent with both pages closed, both
 * show it, one is clicked and its conversation opens; then the other unsubscribes without telling the server, and the
 * next message finds that device gone.
 */
export async function browserJourney<Notification extends BrowserNotification>(
  kind: JourneyBrowser<Notification>,
  reporter: JourneyReporter,
): Promise<BrowserJourney> {
  await using cleanUp = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'belfry-journey-'));
  cleanUp.defer(() => rm(dataDir, { recursive: true }));
  const notified: Notified[] = [];
  const chat = await startChat({ port: 0, pushPort: 0, dataDir, onNotified: (one) => notified.push(one) });
  cleanUp.defer(() => chat.close());
  reporter.step('server', `the chat runs on ${chat.origin}, with a push service beside it`);

  const people = await Promise.all(
    [1, 2].map(async (number) => {
      const launched = await kind.launch(chat.pushService);
      cleanUp.defer(() => launched.browser.close());
      const who = `${kind.name} ${number}`;
      reporter.step(who, `version ${launched.browser.version} is up, headless, with a profile of its own`);
      return { who, launched, subscribeMs: await subscribe(launched, { who, chat, reporter }) };
    }),
  );
  const [first, second] = people;
  if (first === undefined || second === undefined) throw new Error('two browsers were launched');
  await chat.readers.whenAway(READER);

  const writer = await ChatWriter.signIn(chat.origin, WRITER);
  const sentAt = performance.now();
  await writer.write(READER, TEXT);
  reporter.step('server', `${WRITER} writes to ${READER}, whose pages are all closed`);
  const shown = await Promise.all(
    people.map(async ({ who, launched }) => {
      const notification = await launched.browser.waitForNotification({ title: WRITER, body: TEXT });
      const ms = performance.now() - sentAt;
      reporter.step(
        who,
        `shows “${notification.title}: ${notification.body}”, ${Math.round(ms)} ms after it was written`,
      );
      return { notification, ms };
    }),
  );
  const accepted = await outcomesOf(notified[0]);

  const toClick = shown[0]?.notification;
  if (toClick === undefined) throw new Error('a notification is shown');
  await first.launched.photograph?.(toClick, reporter.picture);
  await toClick.click();
  const conversation = await first.launched.browser.waitForPage((url) => url === `${chat.origin}/with/${WRITER}`);
  await conversation.waitFor('#messages li', { text: TEXT });
  reporter.step(first.who, 'the notification was clicked: the conversation opens');
  await reporter.picture?.('conversation', await conversation.screenshot());
  await conversation.close();
  await chat.readers.whenAway(READER);

  await unsubscribeQuietly(second.launched.browser, chat);
  reporter.step(second.who, 'unsubscribes, and does not tell the server');
  await chat.readers.whenAway(READER);
  const pruned = await writeUntilGone(() => writer.write(READER, 'Still there?'), notified);
  reporter.step('server', `the next message: ${pruned.join(' and ')}`);

  return {
    name: kind.name,
    version: first.launched.browser.version,
    devices: notified[0]?.devices ?? 0,
    accepted: count(accepted, 'accepted'),
    shown: shown.length,
    clicked: 1,
    pruned: count(pruned, 'gone'),
    ms: {
      subscribe: Math.round(Math.max(...people.map(({ subscribeMs }) => subscribeMs))),
      notifyToShown: Math.round(Math.max(...shown.map(({ ms }) => ms))),
    },
  };
}

/** Signs in, clicks "Enable notifications", allows them as the browser has it, and closes the page. */
async function subscribe<Notification extends BrowserNotification>(
  { browser, beforeClick, afterClick }: LaunchedBrowser<Notification>,
  { who, chat, reporter }: { who: string; chat: Chat; reporter: JourneyReporter },
): Promise<number> {
  await beforeClick?.(chat.origin);
  const page = await browser.open(chat.origin);
  await page.type('#name', `${READER}\n`);
  await page.waitFor('#push-button', { text: 'Enable notifications' });
  const clickedAt = performance.now();
  await page.click('#push-button');
  await afterClick?.(who.endsWith('1') ? reporter.picture : undefined);
  await page.waitFor('#push-card[data-state="on"]');
  const ms = performance.now() - clickedAt;
  reporter.step(who, `subscribed as ${READER}, ${Math.round(ms)} ms after the click; its page is closed`);
  await page.close();
  return ms;
}

async function unsubscribeQuietly(browser: Browser, chat: Chat): Promise<void> {
  const page = await browser.open(chat.origin);
  // The page puts right what it finds lost at its load: it must have looked before.
  await page.waitFor('#push-card[data-state="on"]');
  const unsubscribed = await page.evaluate(`async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration.pushManager.getSubscription()).unsubscribe();
  }`);
  if (unsubscribed !== true) throw new Error('The browser did not unsubscribe');
  await page.close();
}

/**
 * Chromium does not wait for its push service when it unsubscribes, so the first message may be a few milliseconds too
 * early to find the device gone.
 */
async function writeUntilGone(
  write: () => Promise<void>,
  notified: readonly Notified[],
): Promise<DeviceOutcome['outcome'][]> {
  let outcomes: DeviceOutcome['outcome'][] = [];
  for (let tries = 0; tries < 5 && !outcomes.includes('gone'); tries++) {
    await write();
    outcomes = await outcomesOf(notified.at(-1));
  }
  return outcomes;
}

async function outcomesOf(notified: Notified | undefined): Promise<DeviceOutcome['outcome'][]> {
  return ((await notified?.settled()) ?? []).map(({ outcome }) => outcome);
}

function count(outcomes: readonly DeviceOutcome['outcome'][], outcome: DeviceOutcome['outcome']): number {
  return outcomes.filter((one) => one === outcome).length;
}
