import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { checkFiles } from './invariants/check-files.ts';

// `npm run check:invariants`: what ARCHITECTURE.md promises of the sources, as far as it can be read from them.

const root = join(import.meta.dirname, '..');
const paths = globSync(
  ['{packages,examples}/*/{package.json,src/**/*.*}', 'conformance/{package.json,src/**/*.*}', 'tools/**/*.*'],
  { cwd: root },
);
const files = new Map(paths.map((path) => [path.split(sep).join('/'), readFileSync(join(root, path), 'utf8')]));
const violations = checkFiles(files);
for (const { file, line, rule, advice } of violations) console.log(`${file}:${line}  ${rule}  ${advice}`);
if (violations.length > 0) process.exitCode = 1;
else console.log(`Invariants hold in ${files.size} files`);
