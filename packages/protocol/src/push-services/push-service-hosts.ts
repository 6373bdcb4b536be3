import { apple } from './apple.ts';
import { fcm } from './fcm.ts';
import { mozilla } from './mozilla.ts';
import { wns } from './wns.ts';

/** Hosts of the push services that browsers use today; a leading `*.` stands for one or more labels. */
export const PUSH_SERVICE_HOSTS: readonly string[] = [apple, fcm, mozilla, wns].flatMap(({ hosts }) => hosts);

/** Whether a host name (no port) is on a list of names and `*.` patterns. */
export function isPushServiceHost(host: string, hosts: readonly string[] = PUSH_SERVICE_HOSTS): boolean {
  return hosts.some((pattern) => (pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern));
}
