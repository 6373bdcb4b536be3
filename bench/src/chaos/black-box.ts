import { openSync, readFileSync, writeSync } from 'node:fs';

/** What a process may have sent without a trace in the store. */
export interface UnderWay {
  /** In pages that are being sent and not committed, or taken up again and not recorded. */
  readonly devices: number;
  /** So far: those whose lease was over before that could be done. */
  readonly overrun: number;
}

const WIDTH = 60;

/** Where a process notes what it has under way: what was written is there after kill -9. */
export function openBlackBox(path: string): (underWay: UnderWay) => void {
  const file = openSync(path, 'w');
  const note = (underWay: UnderWay): void => void writeSync(file, JSON.stringify(underWay).padEnd(WIDTH), 0);
  note({ devices: 0, overrun: 0 });
  return note;
}

/** What a process noted last. */
export function readBlackBox(path: string): UnderWay {
  return JSON.parse(readFileSync(path, 'utf8'));
}
