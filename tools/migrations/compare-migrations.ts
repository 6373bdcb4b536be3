/** Each migration by its path (of a step in a TypeScript file, with `#` and its number), and the SHA-256 of its text. */
export type MigrationHashes = ReadonlyMap<string, string>;

/** The file that keeps the hash of each migration that has landed. */
export const LANDED = 'tools/migrations/landed.sha256';

export interface MigrationProblem {
  readonly path: string;
  readonly kind: 'changed' | 'missing' | 'unrecorded' | 'misnumbered';
}

/** A store runs each migration once. One that changes afterwards makes two kinds of stores that claim to be the same. */
export function compareMigrations(landed: MigrationHashes, found: MigrationHashes): MigrationProblem[] {
  const problems: MigrationProblem[] = [];
  for (const [path, hash] of landed) {
    const now = found.get(path);
    if (now === undefined) problems.push({ path, kind: 'missing' });
    else if (now !== hash) problems.push({ path, kind: 'changed' });
  }
  const numbers = new Map<string, number>();
  for (const path of [...found.keys()].toSorted()) {
    if (!landed.has(path)) problems.push({ path, kind: 'unrecorded' });
    const [, folder, digits] = /^(.*\/)(\d{4})-[^\/]+\.sql$/v.exec(path) ?? [];
    if (folder === undefined) {
      if (!path.includes('#')) problems.push({ path, kind: 'misnumbered' });
      continue;
    }
    // A store counts the files that it has seen: two of one number, or a gap, would change what its count means.
    const expected = (numbers.get(folder) ?? 0) + 1;
    numbers.set(folder, expected);
    if (Number(digits) !== expected) problems.push({ path, kind: 'misnumbered' });
  }
  return problems;
}

/** What went wrong, and what to do. */
export function describeProblem({ path, kind }: MigrationProblem): string {
  switch (kind) {
    case 'changed':
      return `${path} was changed after it had landed: stores ran it as it was. Restore it, and add a new migration.`;
    case 'missing':
      return `${path} has landed and is not there: restore it. If it never landed, delete its line in ${LANDED}.`;
    case 'unrecorded':
      return `${path} is new: run \`npm run migrations:record\` and commit ${LANDED}.`;
    case 'misnumbered':
      return `${path}: migrations are named NNNN-name.sql, and their numbers have neither gaps nor doubles. Take the next free one.`;
  }
}

/** Lines as `sha256sum` writes them. */
export function parseHashes(text: string): MigrationHashes {
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const [hash = '', path = ''] = line.split(/\s+/v);
      return [path, hash];
    }),
  );
}

export function formatHashes(hashes: MigrationHashes): string {
  return [...hashes]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, hash]) => `${hash}  ${path}\n`)
    .join('');
}
