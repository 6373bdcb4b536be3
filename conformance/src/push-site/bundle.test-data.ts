import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** A module and all that it imports, as one script for browsers. */
export async function bundle(module: URL): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(module),
    platform: 'browser',
    resolve: { conditionNames: ['@belfry/source', 'import', 'default'] },
    // 'use client' is for servers that render React, and lost here.
    onLog: (level, log, print) => (log.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : print(level, log)),
  });
  const { output } = await build.generate({ format: 'esm' });
  await build.close();
  return output[0].code;
}
