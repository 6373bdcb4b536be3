import { copyFileSync, globSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

// Part of `npm run build`: tsc leaves .sql files behind, and a built store reads its migrations from beside its code.

const packages = join(import.meta.dirname, '../packages');
for (const name of globSync('*', { cwd: packages })) {
  for (const file of globSync('**/*.sql', { cwd: join(packages, name, 'src') })) {
    const target = join(packages, name, 'dist', file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(packages, name, 'src', file), target);
  }
}
