import type { Repository, SourceFile } from './repository.ts';

/** One broken rule: where, which, and what to do about it. */
export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly rule: RuleName;
  readonly advice: string;
}

export type RuleName =
  | 'package-order'
  | 'declared-imports'
  | 'protocol-imports'
  | 'browser-imports'
  | 'push-service-imports'
  | 'testing-imports'
  | 'web-framework'
  | 'sql'
  | 'effects'
  | 'file-name'
  | 'file-length';

/** Pure: a repository in, its violations out. */
export type Rule = (repository: Repository) => Violation[];

/** A rule that judges each source file alone, and answers with what to do on which line. */
export function perSource(
  rule: RuleName,
  judge: (source: SourceFile, repository: Repository) => readonly { line: number; advice: string }[],
): Rule {
  return (repository) =>
    repository.sources.flatMap((source) =>
      judge(source, repository).map((found) => ({ file: source.path, rule, ...found })),
    );
}
