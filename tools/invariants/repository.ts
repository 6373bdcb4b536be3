import { basename, dirname } from 'node:path/posix';
import { type Manifest, parseManifest } from './manifest.ts';
import { type ParsedSource, parseSource } from './parse-source.ts';

/** One TypeScript or JavaScript file, with what the rules ask of it. */
export interface SourceFile extends ParsedSource {
  /** From the repository's root, with '/': 'packages/server/src/effects.ts'. */
  readonly path: string;
  /** Tests, their data and their contracts; nothing of these is published. */
  readonly isTest: boolean;
  /** The folder of the nearest package.json: 'packages/server'. */
  readonly workspace: string;
}

/** What the rules judge. */
export interface Repository {
  readonly sources: readonly SourceFile[];
  /** Every path, sources and others. */
  readonly paths: readonly string[];
  /** By workspace. */
  readonly manifests: ReadonlyMap<string, Manifest>;
}

/** Reads a repository from the texts of its files, by path; files of other kinds are known by their path only. */
export function readRepository(files: ReadonlyMap<string, string>): Repository {
  const paths = [...files.keys()].toSorted();
  const manifests = new Map<string, Manifest>();
  for (const [path, text] of files) {
    if (basename(path) === 'package.json') manifests.set(dirname(path), parseManifest(text));
  }
  const sources = paths
    .filter((path) => /\.[jt]sx?$/.test(path))
    .map((path) => ({
      path,
      isTest: /(\.test(-data)?|\.test-d|-contract)\.[jt]sx?$/.test(path),
      workspace: workspaceOf(path, manifests),
      ...parseSource(path, files.get(path) ?? ''),
    }));
  return { sources, paths, manifests };
}

function workspaceOf(path: string, manifests: ReadonlyMap<string, Manifest>): string {
  let folder = dirname(path);
  while (folder !== '.' && !manifests.has(folder)) folder = dirname(folder);
  return folder;
}
