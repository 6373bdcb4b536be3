import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';

// The code of the guides is what people paste: every block of TypeScript in them compiles, against the sources.

const run = promisify(execFile);
const CONFORMANCE = join(import.meta.dirname, '..');
const GUIDES = ['browser', 'service-worker', 'react', 'from-firebase', 'ios'] as const;

/** A block whose first line names one of these files is a service worker's or a server's: it has another global scope than a page. */
const FILES = { webworker: /^\/\/ .*\bsw\.ts/, node: /^\/\/ .*\bserver\.ts/ };

type Place = 'dom' | keyof typeof FILES;

function placeOf({ code }: CodeBlock): Place {
  if (FILES.webworker.test(code)) return 'webworker';
  return FILES.node.test(code) ? 'node' : 'dom';
}

interface CodeBlock {
  readonly language: 'ts' | 'tsx';
  readonly code: string;
}

function codeBlocks(markdown: string): readonly CodeBlock[] {
  return Array.from(markdown.matchAll(/^```(tsx?)\n([^]*?)^```$/gm), ([, language, code = '']) => ({
    language: language === 'tsx' ? 'tsx' : 'ts',
    code,
  }));
}

function tsconfig(place: Place): string {
  return JSON.stringify({
    extends: '../../tsconfig.base.json',
    compilerOptions: {
      composite: false,
      isolatedDeclarations: false,
      noEmit: true,
      allowImportingTsExtensions: true,
      noUnusedLocals: false,
      noUnusedParameters: false,
      jsx: 'react-jsx',
      // A page's code is bundled.
      module: 'preserve',
      lib: place === 'node' ? ['es2024'] : ['es2024', place],
      types: place === 'webworker' ? [] : ['node'],
    },
    include: [`${place}/*`],
  });
}

async function compile(blocks: readonly CodeBlock[]): Promise<string> {
  const folder = await mkdtemp(join(CONFORMANCE, '.guide-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const errors: string[] = [];
  for (const place of ['dom', 'webworker', 'node'] as const) {
    const own = blocks.filter((block) => placeOf(block) === place);
    if (own.length === 0) continue;
    await mkdir(join(folder, place));
    await Promise.all(
      own.map(({ language, code }, i) => writeFile(join(folder, place, `block-${i + 1}.${language}`), code)),
    );
    const project = join(folder, `${place}.json`);
    await writeFile(project, tsconfig(place));
    await run('npx', ['tsc', '-p', project], { cwd: CONFORMANCE }).catch((error: unknown) =>
      errors.push(String(Reflect.get(Object(error), 'stdout'))),
    );
  }
  return errors.join('\n');
}

describe.each(GUIDES)('docs/guides/%s.md', (name) => {
  test('begins with code, and all of its code compiles', async () => {
    const markdown = await readFile(join(CONFORMANCE, `../docs/guides/${name}.md`), 'utf8');
    const blocks = codeBlocks(markdown);
    // The shortest code that works, above the first heading of a section.
    expect(markdown.split('\n## ')[0]).toMatch(/^```tsx?$/m);
    expect(await compile(blocks)).toBe('');
  });
});

test('code that does not compile is seen', async () => {
  const code = "import { createPushClient } from '@belfry/client';\ncreatePushClient({ apii: '/x' });\n";
  expect(await compile([{ language: 'ts', code }])).toContain('apii');
});
