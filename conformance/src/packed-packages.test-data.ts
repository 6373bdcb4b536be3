import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const REPOSITORY = join(import.meta.dirname, '../..');

/** A package of this repository, as its package.json describes it. */
export interface PackedPackage {
  readonly name: string;
  readonly path: string;
  /** The file that `packPackages` makes of it. */
  readonly tarball: string;
  /** '@belfry/store', '@belfry/store/sqlite' and so on. */
  readonly exports: readonly string[];
}

export async function readPackages(): Promise<PackedPackage[]> {
  return Promise.all((await readdir(join(REPOSITORY, 'packages'))).map(readPackage));
}

/**
 * Builds all packages and packs them into a folder, about 3 s. One at a time, on this machine: a build replaces what the one
 * before has just packed.
 */
export async function packPackages(packages: readonly PackedPackage[], folder: string): Promise<void> {
  const pack = ['npm', 'pack', ...packages.map(({ path }) => path), '--pack-destination', folder];
  const script = `npm run --silent build && ${[...pack, '--cache', join(folder, 'cache')].map(quoted).join(' ')}`;
  await withoutRegistry('packing', run('flock', ['package.json', 'sh', '-c', script], { cwd: REPOSITORY }));
}

/** What npm says names the registry: of its failure only its code is passed on, and what else was printed. */
export async function withoutRegistry<Result>(what: string, running: Promise<Result>): Promise<Result> {
  const [settled] = await Promise.allSettled([running]);
  if (settled.status === 'fulfilled') return settled.value;
  const text = (name: string): string => String(Reflect.get(Object(settled.reason), name) ?? '');
  const [code = ''] = /(?<=^npm error code )\w+$/m.exec(text('stderr')) ?? [];
  const output = `${text('stdout')}\n${text('stderr')}`.split('\n').filter((line) => !/^npm |https?:/.test(line));
  throw new Error(`${what} failed ${code}\n${output.join('\n')}`);
}

/** A package as its package.json describes it: `exports` holds '@belfry/store' and '@belfry/store/sqlite'. */
async function readPackage(folderName: string): Promise<PackedPackage> {
  const path = join(REPOSITORY, 'packages', folderName);
  const manifest: { name: string; version: string; exports: Record<string, unknown> } = JSON.parse(
    await readFile(join(path, 'package.json'), 'utf8'),
  );
  const { name, version } = manifest;
  return {
    name,
    path,
    tarball: `${name.replace('@', '').replace('/', '-')}-${version}.tgz`,
    exports: Object.keys(manifest.exports).map((subpath) => name + subpath.slice(1)),
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
