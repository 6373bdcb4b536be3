import * as v from 'valibot';

/** A person's name, which is all that this chat knows of anybody: letters, digits, spaces and hyphens. */
export const personName: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^[\p{L}\p{N}][\p{L}\p{N} -]{0,31}$/u, 'A name has 1 to 32 letters, digits, spaces and hyphens'),
);
