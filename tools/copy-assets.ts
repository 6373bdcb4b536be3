import { copyFileSync, globSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

// Part of `npm run build`: tsc leaves behind what is no TypeScript, and built code reads it from beside itself: the
// migrations of a store, the page of the push service.

const packages = join(import.meta.dirname, '../packages');
for (const name of globSync('*', { cwd: packages })) {
  for (const file of globSync('**/*.{sql,html,css,svg,js}', { cwd: join(packages, name, 'src') })) {
    const target = join(packages, name, 'dist', file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(packages, name, 'src', file), target);
  }
}
