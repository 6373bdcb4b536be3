export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Where the service reports. It is never given an endpoint, a key, a token, a uaid or a message's content. */
export interface PushServiceLogger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
}

export const silentLogger: PushServiceLogger = { info() {}, warn() {} };

/** What kind of fault it was, without its message: a message may quote the value that caused it. */
export function faultFields(fault: unknown): LogFields {
  if (!(fault instanceof Error)) return { fault: typeof fault };
  // SQLite's own words, such as "database or disk is full", quote nothing.
  return { fault: 'errstr' in fault ? String(fault.errstr) : fault.name };
}
