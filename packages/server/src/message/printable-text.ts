import { isStorableText } from '@belfry/store';
import * as v from 'valibot';

/**
 * A text that is stored, logged or compared. Control characters are refused: nobody means one, and PostgreSQL takes no NUL.
 * So is a lone surrogate, which becomes U+FFFD in UTF-8, so that two texts would become one.
 */
export const printable: v.RegexAction<string, string> = v.regex(
  /^[^\p{Cc}\p{Cs}]*$/v,
  'must be well-formed Unicode without control characters',
);

/** 1 to `maxChars` characters that are stored and compared, but not shown, such as a collapse key; see {@link isStorableText}. */
export const storable = (maxChars: number): v.CheckAction<string, string> =>
  v.check(
    (text) => isStorableText(text, { maxChars }),
    `must be 1 to ${maxChars} characters of well-formed Unicode without NUL`,
  );

/** A text that may be left out; null then. */
export const optionalText = (maxChars: number): v.GenericSchema<string | null | undefined, string | null> =>
  v.nullish(v.pipe(v.string(), v.maxLength(maxChars), printable), null);
