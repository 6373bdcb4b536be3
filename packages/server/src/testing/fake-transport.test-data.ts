import type { PushTransport } from '../transport/push-transport.ts';

/** A transport without a network: its push services are all proven, and answer as `send` says. */
export function fakeTransport(send: PushTransport['send']): PushTransport {
  return { send, refusal: () => undefined, isProven: () => true, provenOrigins: () => [], pause() {}, close() {} };
}
