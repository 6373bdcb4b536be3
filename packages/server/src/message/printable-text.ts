import * as v from 'valibot';

/** PostgreSQL takes no NUL, and nobody means one, or any other control character. */
export const printable: v.RegexAction<string, string> = v.regex(/^\P{Cc}*$/v, 'must not hold control characters');

/** A text that may be left out; null then. */
export const optionalText = (maxChars: number): v.GenericSchema<string | null | undefined, string | null> =>
  v.nullish(v.pipe(v.string(), v.maxLength(maxChars), printable), null);
