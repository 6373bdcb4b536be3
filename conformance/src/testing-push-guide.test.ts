import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { guideSteps, workflowCommands } from './guide-steps.test-data.ts';
import { packPackages, readPackages, withoutRegistry } from './packed-packages.test-data.ts';

// docs/guides/testing-push.md, done to the letter in an empty folder; only what npm would have from its registry, of
// ours, is packed here.

const run = promisify(execFile);
const GUIDE = new URL('../../docs/guides/testing-push.md', import.meta.url);
const WORKFLOW = '.github/workflows/test.yml';

test('the guide takes an empty folder to green push tests in both browsers, and to the same in CI', async () => {
  const steps = guideSteps(await readFile(GUIDE, 'utf8'));
  const folder = await mkdtemp(join(tmpdir(), 'belfry-guide-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const project = join(folder, 'inbox');
  await mkdir(project);
  const packages = (await readPackages()).filter(({ name }) => /\/(protocol|push-service|testing)$/.test(name));
  await packPackages(packages, folder);

  const outputs: string[] = [];
  for (const step of steps) {
    if (step.type === 'file') {
      await mkdir(dirname(join(project, step.path)), { recursive: true });
      await writeFile(join(project, step.path), step.text);
      continue;
    }
    for (const command of step.commands) outputs.push(await shell(project, withPacked(command)));
  }

  const workflow = steps.find((step) => step.type === 'file' && step.path === WORKFLOW);
  if (workflow?.type !== 'file') throw new Error(`the guide writes ${WORKFLOW}`);
  await rm(join(project, 'node_modules'), { recursive: true });
  for (const command of workflowCommands(workflow.text)) outputs.push(await shell(project, command));

  // The first test alone, then with the sender's, then both once more as CI runs them.
  const passed = outputs.flatMap((output) => /Tests +(\d+) passed \(\d+\)/.exec(output)?.[1] ?? []);
  expect(passed).toEqual(['2', '6', '6']);

  /**
   * The package is not in the registry before it is released: its packed file stands for it, and those below it. Vite is the
   * version of this repository: with 8.4.0 `npm ci` fails where an optional package for Windows is missing in the registry.
   */
  function withPacked(command: string): string {
    const tarballs = packages.map(({ tarball }) => join(folder, tarball)).join(' ');
    return command.startsWith('npm install') ? command.replace('@belfry/testing', `${tarballs} vite@8.3.8`) : command;
  }
}, 240_000);

/** Runs a command as in a stranger's terminal: with this Node, and without what this repository sets. */
async function shell(cwd: string, command: string): Promise<string> {
  const strangers = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_OPTIONS$|VITEST|NODE_ENV$)/.test(name),
  );
  const env = {
    ...Object.fromEntries(strangers),
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    NO_COLOR: '1',
  };
  const { stdout } = await withoutRegistry(command, run('sh', ['-c', command], { cwd, env }));
  return stdout;
}
