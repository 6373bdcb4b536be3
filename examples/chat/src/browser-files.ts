import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyPluginAsync } from 'fastify';
import { rolldown } from 'rolldown';

const PUBLIC = new URL('./public/', import.meta.url);

/** The page, its worker and its looks. Both scripts are bundled from TypeScript at start, in some 20 ms each. */
export const browserFiles: FastifyPluginAsync = async (app) => {
  const files = [
    ['/page.js', 'text/javascript', await bundle('./browser/page.ts')],
    ['/service-worker.js', 'text/javascript', await bundle('./service-worker/service-worker.ts')],
    ['/style.css', 'text/css', await readFile(new URL('style.css', PUBLIC))],
    ['/icon.svg', 'image/svg+xml', await readFile(new URL('icon.svg', PUBLIC))],
  ] as const;
  for (const [path, type, content] of files) {
    app.get(path, (_request, reply) => reply.type(type).header('cache-control', 'no-cache').send(content));
  }
  const page = await readFile(new URL('index.html', PUBLIC));
  for (const path of ['/', '/with/:name']) {
    app.get(path, (_request, reply) => reply.type('text/html').header('cache-control', 'no-cache').send(page));
  }
};

async function bundle(entry: string): Promise<string> {
  const input = fileURLToPath(new URL(entry, import.meta.url));
  const build = await rolldown({
    input,
    platform: 'browser',
    // Belfry's own sources, so that a change of them is seen without a build.
    resolve: { conditionNames: ['@belfry/source', 'import', 'default'] },
  });
  const { output } = await build.generate({ format: 'esm' });
  await build.close();
  return output[0].code;
}
