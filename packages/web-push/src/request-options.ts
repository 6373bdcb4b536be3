import { Agent } from 'node:https';
import { supportedContentEncodings, supportedUrgency } from './constants.ts';
import type { ContentEncoding, RequestOptions, Urgency, VapidDetails } from './types.ts';
import { isBase64Url } from './vapid-details.ts';

const DEFAULT_TTL_SECONDS = 4 * 7 * 24 * 3600;

/** In web-push's order, which its message about an unknown one has. */
const OPTION_NAMES: readonly string[] = [
  'headers',
  'gcmAPIKey',
  'vapidDetails',
  'TTL',
  'contentEncoding',
  'urgency',
  'topic',
  'proxy',
  'agent',
  'timeout',
] satisfies readonly (keyof RequestOptions)[];

/** What was set for all requests. */
export interface RequestDefaults {
  readonly gcmAPIKey: string | null;
  readonly vapidDetails: VapidDetails | null;
}

/** Options that were checked, with their defaults. */
export interface CheckedRequestOptions extends RequestDefaults {
  readonly ttlSeconds: number;
  readonly extraHeaders: object;
  readonly contentEncoding: ContentEncoding;
  readonly urgency: Urgency;
  readonly topic: string | undefined;
  readonly proxy: RequestOptions['proxy'];
  readonly agent: Agent | undefined;
  readonly timeoutMs: number | undefined;
}

/** Throws what web-push throws, in its order. */
export function checkRequestOptions(
  options: RequestOptions,
  { defaults, warn }: { readonly defaults: RequestDefaults; readonly warn: (message: string) => void },
): CheckedRequestOptions {
  const unknown = Object.keys(options).find((name) => !OPTION_NAMES.includes(name));
  if (unknown !== undefined) {
    throw new Error(`'${unknown}' is an invalid option. The valid options are ['${OPTION_NAMES.join("', '")}'].`);
  }
  return {
    extraHeaders: checkHeaders(options),
    gcmAPIKey: options.gcmAPIKey || defaults.gcmAPIKey,
    vapidDetails: options.vapidDetails === undefined ? defaults.vapidDetails : options.vapidDetails,
    ttlSeconds: checkTtl(options.TTL),
    contentEncoding: checkContentEncoding(options.contentEncoding),
    urgency: checkUrgency(options.urgency),
    topic: checkTopic(options.topic),
    ...checkConnection(options, warn),
    timeoutMs: typeof options.timeout === 'number' ? options.timeout : undefined,
  };
}

/** Nothing may be given twice, as an option and as a header. */
function checkHeaders(options: RequestOptions): object {
  const headers = options.headers || {};
  const twice = Object.keys(headers).filter((name) => Reflect.get(options, name) !== undefined);
  if (twice.length > 0) {
    throw new Error(
      `Duplicated headers defined [${twice.join(',')}]. Please either define the header in thetop level options OR in the 'headers' key.`,
    );
  }
  return headers;
}

/** Anything that `Number` makes a whole number of: '60' is in use, and web-push's NaN is what no push service takes. */
function checkTtl(given: unknown): number {
  const ttlSeconds = given === undefined ? DEFAULT_TTL_SECONDS : Number(given);
  if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 0) {
    throw new Error('TTL should be a number and should be at least 0');
  }
  return ttlSeconds;
}

function checkContentEncoding(given: string | undefined): ContentEncoding {
  if (!given) return supportedContentEncodings.AES_128_GCM;
  const encoding = Object.values(supportedContentEncodings).find((value) => value === given);
  if (encoding === undefined) throw new Error('Unsupported content encoding specified.');
  return encoding;
}

function checkUrgency(given: string | undefined): Urgency {
  if (!given) return supportedUrgency.NORMAL;
  const urgency = Object.values(supportedUrgency).find((value) => value === given);
  if (urgency === undefined) throw new Error('Unsupported urgency specified.');
  return urgency;
}

function checkTopic(topic: string | undefined): string | undefined {
  if (!topic) return undefined;
  if (!isBase64Url(topic)) {
    throw new Error('Unsupported characters set use the URL or filename-safe Base64 characters set');
  }
  if (topic.length > 32) {
    throw new Error('use maximum of 32 characters from the URL or filename-safe Base64 characters set');
  }
  return topic;
}

/** What cannot be used is left out with a warning. */
function checkConnection(
  options: RequestOptions,
  warn: (message: string) => void,
): { proxy: RequestOptions['proxy']; agent: Agent | undefined } {
  const isProxy = typeof options.proxy === 'string' || typeof options.proxy?.host === 'string';
  const proxy = options.proxy && isProxy ? options.proxy : undefined;
  if (options.proxy && proxy === undefined) {
    warn('Attempt to use proxy option, but invalid type it should be a string or proxy options object.');
  }
  const agent = options.agent instanceof Agent ? options.agent : undefined;
  if (options.agent && agent === undefined) {
    warn('Wrong type for the agent option, it should be an instance of https.Agent.');
  } else if (agent && proxy !== undefined) {
    warn('Agent option will be ignored because proxy option is defined.');
  }
  return { proxy, agent };
}
