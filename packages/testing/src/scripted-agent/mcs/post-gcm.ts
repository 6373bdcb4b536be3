import { TestingError } from '../../errors.ts';

export interface GcmRequest {
  /** `checkinUrl` or `registrationUrl`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

export interface GcmAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** @throws `push-service-unreachable`; the signal's reason */
export async function postGcm({ url, signal, ...request }: GcmRequest): Promise<GcmAnswer> {
  try {
    const answer = await fetch(url, { method: 'POST', signal, ...request });
    return { status: answer.status, body: await answer.bytes() };
  } catch (cause) {
    signal.throwIfAborted();
    const message = `No push service answers at ${url}: start one, or correct pushService.chromium`;
    throw new TestingError('push-service-unreachable', message, { cause });
  }
}
