import { join } from 'node:path';
import { rolldown } from 'rolldown';

// Part of `npm run build`: the worker runtime as one classic script, for workers that load theirs with importScripts().

const worker = join(import.meta.dirname, '../packages/worker');
const build = await rolldown({ input: join(worker, 'dist/import-scripts.js'), platform: 'browser' });
await build.write({ file: join(worker, 'dist/belfry-worker.js'), format: 'iife', minify: true });
await build.close();
