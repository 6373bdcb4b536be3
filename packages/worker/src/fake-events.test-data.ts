import { handleMessage } from './handle-message.ts';
import { handleNotificationClick } from './handle-notification-click.ts';
import { handleNotificationClose } from './handle-notification-close.ts';
import { handlePush } from './handle-push.ts';
import { handleSubscriptionChange } from './handle-subscription-change.ts';
import type { FakeNotification, FakeScope } from './fake-scope.test-data.ts';
import type { NotificationLike, PushEventLike } from './push-worker-events.ts';

/** Long enough for all that a worker waits for. */
export const LONG_MS = 120_000;

export interface Waiting {
  waitUntil(work: Promise<unknown>): void;
  /** What becomes of the work that the event waits for. */
  state: 'none' | 'pending' | 'done' | 'failed';
}

export function waiting(): Waiting {
  const event: Waiting = {
    state: 'none',
    waitUntil(work) {
      event.state = 'pending';
      work.then(
        () => (event.state = 'done'),
        () => (event.state = 'failed'),
      );
    },
  };
  return event;
}

/** A push event with a text, without one, or with a notification that the browser has parsed. */
export function fakePush(message: string | object | null, notification?: object): PushEventLike & Waiting {
  const text = typeof message === 'object' && message !== null ? JSON.stringify(message) : message;
  return Object.assign(waiting(), {
    data: text === null ? null : { text: () => text },
    ...(notification && { notification }),
  });
}

/** A push comes, and a long time passes. */
export async function push(fake: FakeScope, message: string | object | null, notification?: object): Promise<Waiting> {
  const event = fakePush(message, notification);
  handlePush(event, fake.deps);
  await fake.clock.pass(LONG_MS);
  return event;
}

/** A notification that is not on the screen, such as one that the app has shown, or another run of the worker. */
export function fakeNotification(data: unknown, tag = 'some'): FakeNotification & { closed: boolean } {
  const notification = { title: 'Some', tag, data, closed: false, close: () => void (notification.closed = true) };
  return notification;
}

/** A notification, or a button of it, is clicked, and a long time passes. */
export async function click(fake: FakeScope, notification: NotificationLike, action = ''): Promise<Waiting> {
  const event = Object.assign(waiting(), { notification, action });
  handleNotificationClick(event, fake.deps);
  await fake.clock.pass(LONG_MS);
  return event;
}

/** The browser says that a notification was closed, and a long time passes. */
export async function close(fake: FakeScope, notification: NotificationLike): Promise<Waiting> {
  const event = Object.assign(waiting(), { notification });
  handleNotificationClose(event, fake.deps);
  await fake.clock.pass(LONG_MS);
  return event;
}

/** The browser says that the subscription is another one, and a long time passes. */
export async function changeSubscription(fake: FakeScope): Promise<Waiting> {
  const event = waiting();
  handleSubscriptionChange(event, fake.deps);
  await fake.clock.pass(LONG_MS);
  return event;
}

/** A page posts a message, with a port or without, and a long time passes; `answers` is what came back, and on what. */
export async function postMessage(
  fake: FakeScope,
  data: unknown,
  { hasPort = true }: { readonly hasPort?: boolean } = {},
): Promise<Waiting & { answers: [on: 'port' | 'page', message: unknown][] }> {
  const answers: [on: 'port' | 'page', message: unknown][] = [];
  const answerOn = (on: 'port' | 'page') => ({ postMessage: (message: unknown) => void answers.push([on, message]) });
  const event = Object.assign(waiting(), {
    data,
    ports: hasPort ? [answerOn('port')] : [],
    source: answerOn('page'),
    answers,
  });
  handleMessage(event, fake.deps);
  await fake.clock.pass(LONG_MS);
  return event;
}
