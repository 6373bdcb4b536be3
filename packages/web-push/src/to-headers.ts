import type { Headers } from './types.ts';

/** Under the type that web-push's users have for headers: it says that all values are strings, where some are numbers. */
export function toHeaders(values: object): Headers {
  return Object.assign<Headers, object>({}, values);
}
