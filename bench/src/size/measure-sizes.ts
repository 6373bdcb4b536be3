import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

/** Bytes of what a browser downloads: bundled, minified, gzip -9. React itself is not counted. */
export interface Sizes {
  readonly client: number;
  readonly worker: number;
  /** What the React entry takes with it, the client included. */
  readonly clientReact: number;
  /** The same page and worker with `@firebase/messaging`. */
  readonly firebaseClient: number;
  readonly firebaseWorker: number;
}

/** What each may have at most, in bytes. */
export const SIZE_LIMITS: Readonly<Partial<Sizes>> = { client: 5120, worker: 5120 };

/** Measures the smallest honest use of each: see the entries beside this file. */
export async function measureSizes(): Promise<Sizes> {
  return {
    client: await sizeOf('client'),
    worker: await sizeOf('worker'),
    clientReact: await sizeOf('client-react'),
    firebaseClient: await sizeOf('firebase-client'),
    firebaseWorker: await sizeOf('firebase-worker'),
  };
}

async function sizeOf(entry: string): Promise<number> {
  const build = await rolldown({
    input: join(import.meta.dirname, `${entry}.browser.js`),
    platform: 'browser',
    external: ['react'],
    resolve: { conditionNames: ['@belfry/source', 'browser', 'import', 'default'] },
    // 'use client' is for servers that render React, and lost here.
    onLog: (level, log, print) => (log.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : print(level, log)),
  });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  return gzipSync(output[0].code, { level: 9 }).length;
}
