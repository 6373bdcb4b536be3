/**
 * What goes wrong with a push, on request:
 * - `delay`: nothing happens for so long, then all as usual
 * - `slow-read`: its body is read at this pace, then all as usual
 * - `status`: it is answered with this status, and not kept
 * - `throttle`: it is answered as the persona answers too many pushes (429; Mozilla 503, WNS 406), and not kept
 * - `drop`: it is accepted, and never delivered
 * - `no-answer`: it is read, and never answered
 * - `reset`: its stream is reset in the middle of its body (HTTP/1.1: the connection is cut)
 * - `goaway`: the HTTP/2 connection is ended, and this push is among those that were not processed (RFC 9113 §6.8);
 *   over HTTP/1.1 the connection is cut
 * - `expire`: the subscription ends, and this push is the first to be told (410)
 * - `rotate`: the user agent loses all its subscriptions and is told, so that it fires `pushsubscriptionchange`; this push
 *   gets 410
 */
export type Fault =
  | { readonly type: 'delay'; readonly delayMs: number }
  | { readonly type: 'slow-read'; readonly bytesPerSecond: number }
  | {
      readonly type: 'status';
      /** 200 to 599. */
      readonly status: number;
      readonly retryAfterSeconds?: number | undefined;
      /** Default: empty. */
      readonly body?: string | undefined;
    }
  | { readonly type: 'throttle'; readonly retryAfterSeconds?: number | undefined }
  | { readonly type: 'drop' | 'no-answer' | 'reset' | 'goaway' | 'expire' | 'rotate' };

export type FaultType = Fault['type'];
