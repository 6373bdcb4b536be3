import { obstacle } from '../obstacle.ts';
import type { PushEnvironment } from '../push-environment.ts';

/** Whether this page can have a token: false over http, on a server that renders, and on iOS until it is on the Home Screen. */
export async function isSupported(environment: PushEnvironment = globalThis): Promise<boolean> {
  return obstacle(environment) === null;
}
