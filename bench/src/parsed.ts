import type { Parsed } from '@belfry/protocol';

/** Of what a bench makes itself. */
export function parsed<Value, ErrorId extends string>(result: Parsed<Value, ErrorId>): Value {
  if (!result.ok) throw new TypeError(`A subscription of the bench is not one: ${result.error}`);
  return result.value;
}
