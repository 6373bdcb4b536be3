import { randomBytes } from 'node:crypto';
import { encodeBase64Url } from '@belfry/protocol';
import { subscribeAtSink } from './push-sink.test-data.ts';
import type { TestBelfry } from './test-belfry.test-data.ts';

/** What a page keeps of its device, and where its subscription was. */
export interface KnownBrowser {
  readonly deviceId: string;
  readonly binding: string;
  readonly deviceSecret: string;
  readonly subscription: ReturnType<typeof subscribeAtSink>['subscription'];
}

export interface SubscribeBrowser {
  readonly user?: string;
  readonly subscription?: KnownBrowser['subscription'];
  readonly headers?: Record<string, string>;
}

export function aSecret(): string {
  return encodeBase64Url(randomBytes(32));
}

/** Subscribes with a new secret. */
export async function subscribeBrowser(
  server: TestBelfry,
  { user = 'ada', subscription = subscribeAtSink().subscription, headers = {} }: SubscribeBrowser = {},
): Promise<KnownBrowser> {
  const deviceSecret = aSecret();
  const { status, body } = await server.post('/subscribe', { user, headers, body: { ...subscription, deviceSecret } });
  if (status !== 201) throw new Error(`subscribing was answered with ${status}`);
  const { deviceId, binding }: Record<string, unknown> = Object(Reflect.get(Object(body), 'data'));
  return { deviceId: String(deviceId), binding: String(binding), deviceSecret, subscription };
}

/** Another user goes on with the browser: its page posts what it has, and then the new secret that it was told to make. */
export async function moveBrowser(
  server: TestBelfry,
  { user, browser: { subscription, deviceSecret } }: { readonly user: string; readonly browser: KnownBrowser },
): Promise<KnownBrowser> {
  const { status } = await server.post('/subscribe', { user, body: { ...subscription, deviceSecret } });
  if (status !== 201) throw new Error(`moving was answered with ${status}`);
  return await subscribeBrowser(server, { user, subscription });
}
