import * as v from 'valibot';
import { ControlError } from './control-error.ts';

/** @throws {ControlError} `invalid-request`, naming the field, without its value: that may be an endpoint */
export function parseInput<Output>(schema: v.GenericSchema<unknown, Output>, input: unknown): Output {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? 'The body';
  if (issue.expected === 'never') throw new ControlError('invalid-request', `${path}: there is no such field`);
  if (issue.message.startsWith('Invalid key')) throw new ControlError('invalid-request', `${path}: is missing`);
  // valibot's own messages begin so, and end in the value that was received.
  const isOwn = issue.message.startsWith('Invalid ');
  const problem = isOwn ? `expected ${issue.expected ?? issue.type}` : issue.message;
  throw new ControlError('invalid-request', `${path}: ${problem}`);
}
