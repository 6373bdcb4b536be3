import { PushServiceError } from '../errors.ts';
import type { Fault } from '../faults/fault.ts';
import { parseFault, parseRepetition, type Repetition } from '../faults/parse-fault.ts';

/** @throws {PushServiceError} `invalid-fault` */
export function checkFault(input: unknown): Fault {
  const fault = parseFault(input);
  if (!fault.ok) throw invalidFault(fault.error);
  return fault.value;
}

/** @throws {PushServiceError} `invalid-fault` */
export function checkRepetition(input: unknown): Repetition {
  const repetition = parseRepetition(input);
  if (!repetition.ok) throw invalidFault(repetition.error);
  return repetition.value;
}

function invalidFault(reason: string): PushServiceError {
  return new PushServiceError('invalid-fault', `There is no such fault. ${reason}`);
}
