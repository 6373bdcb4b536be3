declare const brand: unique symbol;

/**
 * A value that was checked once, at the edge, and is trusted from there on. Only the parser that made the check hands
 * one out, so a function that asks for a `Brand<string, 'Endpoint'>` cannot be given an unchecked string.
 */
export type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };

/**
 * Hands out a brand. Called by parsers, right after their check, and by whoever makes a value that needs none (a fresh
 * key): the one assertion that brands need stands here, so that every call of it can be found and read.
 */
export function branded<Value, Name extends string>(value: Value): Brand<Value, Name> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this is what a brand is
  return value as Brand<Value, Name>;
}

/** What a parser of untrusted input answers: the branded value, or the id of what is wrong with it. */
export type Parsed<Value, ErrorId extends string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ErrorId };
