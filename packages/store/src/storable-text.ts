/**
 * Whether a value from outside can be stored as an id and found again: a string of 1 to `maxChars` UTF-16 code units, of
 * well-formed Unicode, without NUL.
 *
 * Both engines keep UTF-8, which has no form for a lone surrogate. Each one becomes U+FFFD, so that two ids would become one.
 * PostgreSQL's `text` cannot hold NUL.
 */
export function isStorableText(value: unknown, { maxChars }: { readonly maxChars: number }): value is string {
  // The length goes first, so that a long text costs nothing.
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= maxChars &&
    value.isWellFormed() &&
    !value.includes('\0')
  );
}
