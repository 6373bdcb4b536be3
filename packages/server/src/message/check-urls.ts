import { BelfryError } from '../errors.ts';
import type { FullMessage } from './message.ts';

/**
 * Refuses urls that a notification must not carry: a click may only lead to one of the application's origins, an image
 * may come from anywhere on the web, and `javascript:` and its like are nowhere allowed.
 *
 * @throws {BelfryError} `invalid-message-url`, naming the field
 */
export function checkUrls({ notification }: FullMessage, origins: readonly string[]): void {
  if (notification === undefined) return;
  const links = [
    ['url', notification.url],
    ...(notification.actions ?? []).map((action, i) => [`actions.${i}.url`, action.url]),
  ];
  for (const [field, link] of links) {
    if (link !== undefined && origins.some((origin) => !leadsTo(link, { from: origin, origins }))) {
      throw refused(field, "must lead to one of the server's `origins`");
    }
  }
  for (const field of ['icon', 'image', 'badge'] as const) {
    const image = notification[field];
    if (image !== undefined && !/^https?:$/.test(URL.parse(image, origins[0])?.protocol ?? '')) {
      throw refused(field, 'must be an http or https url');
    }
  }
}

function leadsTo(link: string, { from, origins }: { from: string; origins: readonly string[] }): boolean {
  const url = URL.parse(link, from);
  // The origin of a blob: url is that of the page which made it.
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && origins.includes(url.origin);
}

function refused(field: string | undefined, rule: string): BelfryError {
  return new BelfryError('invalid-message-url', `notification.${field ?? 'url'}: ${rule}`);
}
