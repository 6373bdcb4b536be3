import { createPushClient, type PushClient } from '../push-client.ts';

let made: PushClient | null = null;

/** The page's one client where the application brings none: with the server and the worker where they are by default. */
export function defaultPushClient(): PushClient {
  made ??= createPushClient();
  return made;
}
