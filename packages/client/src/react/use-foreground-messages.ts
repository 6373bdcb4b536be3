import { useEffect, useInsertionEffect, useRef } from 'react';
import type { MessageType, PageMessage } from '../messages.ts';
import { onMessage } from '../on-message.ts';

/**
 * Takes the messages of a type, or of all, while this page is visible and the component mounted: as `onMessage` does, in place of
 * their notification. The handler may be a new function at each render; the last one is called.
 *
 * @example useForegroundMessages('chat.message', ({ id, payload }) => setTexts((texts) => [...texts, payload.text]));
 */
export function useForegroundMessages(handler: (message: PageMessage) => void): void;
export function useForegroundMessages<Type extends MessageType>(
  type: Type | '*',
  handler: (message: PageMessage<Type>) => void,
): void;
export function useForegroundMessages<Type extends MessageType>(
  ...args:
    | [handler: (message: PageMessage<Type>) => void]
    | [type: Type | '*', handler: (message: PageMessage<Type>) => void]
): void {
  const [type, handler] = args.length === 1 ? (['*', args[0]] as const) : args;
  const latest = useRef(handler);
  // Before any other effect; a layout effect would do, but React 18 warns of it on servers.
  useInsertionEffect(() => {
    latest.current = handler;
  });
  useEffect(() => onMessage<Type>(type, (message) => latest.current(message)), [type]);
}
