import { branded, pushServiceOf } from '@belfry/protocol';
import type { DeliveryDevice, StoredMessage } from '@belfry/store';
import { type MessageContent, readContent } from './message-content.ts';
import { type WireSettings, wireMessage } from './wire-message.ts';

/** A message that was read once, for all of its devices. */
export interface PreparedMessage {
  readonly stored: StoredMessage;
  readonly options: MessageContent['options'];
  /** What is encrypted for one device. */
  plaintextFor(device: Pick<DeliveryDevice, 'binding' | 'pageOrigin' | 'endpoint'>): Buffer;
}

type Template = readonly [beforeBinding: string, afterBinding: string];

/**
 * Of all that a device gets only its binding, the origin that urls resolve against, and whether it is one of Apple's, are
 * its own: the rest is written once, 5 µs of each device's 20.
 */
export function prepareMessage(
  stored: StoredMessage,
  { origins, defaultNotification }: WireSettings,
  { isSampled = false }: { readonly isSampled?: boolean } = {},
): PreparedMessage {
  const content = contentOf(stored);
  // Each of its attempts fails by itself, and with it no other message.
  if (content === undefined) return { stored, options: { ttl: branded(1) }, plaintextFor: throwDamaged };
  const templates = { apple: new Map<string, Template>(), others: new Map<string, Template>() };
  const templateFor = (pageOrigin: string, isApple: boolean): Template => {
    const ofKind = isApple ? templates.apple : templates.others;
    const known = ofKind.get(pageOrigin);
    if (known !== undefined) return known;
    // The message's own id stands in for the binding: no text that was there before notify() holds it.
    const ids = { id: stored.id, binding: stored.id, seq: stored.seq };
    const text = wireMessage(content, { ids, pageOrigin, isApple, isSampled, defaultNotification });
    const [before = '', after = ''] = text.split(JSON.stringify({ binding: stored.id }).slice(1, -1));
    const template = [before, after] as const;
    ofKind.set(pageOrigin, template);
    return template;
  };
  return {
    stored,
    options: content.options,
    plaintextFor({ binding, pageOrigin, endpoint }) {
      const isServed = pageOrigin !== null && origins.includes(pageOrigin);
      const isApple = pushServiceOf(endpoint).name === 'apple';
      const [before, after] = templateFor(isServed ? pageOrigin : origins[0], isApple);
      return Buffer.from(`${before}${JSON.stringify({ binding }).slice(1, -1)}${after}`);
    },
  };
}

/** Undefined for a row that somebody has damaged. */
function contentOf({ content }: StoredMessage): MessageContent | undefined {
  try {
    return readContent(content);
  } catch {
    return undefined;
  }
}

class DamagedMessageError extends Error {
  override readonly name = 'DamagedMessageError';
}

function throwDamaged(): never {
  throw new DamagedMessageError('The message in the store is not one');
}
