import { posix } from 'node:path';

/** Where commands may be in the folders of PATH: all folders for the first name, then for the next. */
export function onPath(names: readonly string[], environment: NodeJS.ProcessEnv): readonly string[] {
  const folders = (environment['PATH'] ?? '').split(posix.delimiter).filter((folder) => posix.isAbsolute(folder));
  return names.flatMap((name) => folders.map((folder) => posix.join(folder, name)));
}
