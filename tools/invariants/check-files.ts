import { importRules } from './import-rules.ts';
import { readRepository } from './repository.ts';
import { sourceRules } from './source-rules.ts';
import type { Violation } from './violation.ts';

/** Every violation of the invariants in these files, given by path from the repository's root. */
export function checkFiles(files: ReadonlyMap<string, string>): Violation[] {
  const repository = readRepository(files);
  return [...importRules, ...sourceRules]
    .flatMap((rule) => rule(repository))
    .toSorted((one, other) => one.file.localeCompare(other.file) || one.line - other.line);
}
