/** What may be logged of an error that is not Belfry's own. */
export interface ErrorPlace {
  readonly error: string;
  /** `file:line:column` of the first stack frame in a file. */
  readonly at?: string;
}

/**
 * An error's name and where it was thrown. Its message is left out: an application's error may quote a token, a cookie or a
 * URL. So are the names of functions, and whatever follows a `?` in a file's URL.
 */
export function errorPlace(error: unknown): ErrorPlace {
  if (!(error instanceof Error)) return { error: typeof error };
  const name = /^[\w$]{1,64}$/v.test(error.name) ? error.name : 'Error';
  const at = firstFrame(error);
  return at === undefined ? { error: name } : { error: name, at };
}

function firstFrame({ stack = '', message }: Error): string | undefined {
  // The stack begins with the message, which may have lines that look like frames.
  const start = stack.indexOf(message);
  if (typeof message !== 'string' || start === -1) return undefined;
  for (const line of stack.slice(start + message.length).split('\n')) {
    const { file, place } =
      /^\s+at (?:.*\()?(?<file>(?:file:\/\/)?\/[^?\s\(\)]*)(?:\?\S*?)?(?<place>:\d+:\d+)\)?$/v.exec(line)?.groups ?? {};
    if (file !== undefined && place !== undefined) return file + place;
  }
  return undefined;
}
