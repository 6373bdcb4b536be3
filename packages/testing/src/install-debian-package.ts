import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { TestingError } from './errors.ts';

/**
 * Two test processes may find something missing at the same moment. flock lets them in one after the other (on a folder
 * that is there anyway, so that nothing is left over), and the second finds the first one's work done.
 */
const script = `dpkg-query --show --showformat='\${Status}\\n' "$1" 2>/dev/null | grep -q ' installed$' || {
  apt-get update && apt-get install -y --no-install-recommends "$1"
}`;

/**
 * Installs a package as root, with apt-get's own output on stderr. It is not interrupted: a package installed by half
 * would be in the way of the next attempt.
 *
 * @throws TestingError `browser-install-failed`
 */
export async function installDebianPackage(name: string): Promise<void> {
  process.stderr.write(`belfry: installing ${name} with apt-get\n`);
  const child = spawn('flock', ['/etc/apt', 'sh', '-c', script, 'sh', name], {
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  try {
    const [code]: unknown[] = await once(child, 'close');
    if (code !== 0) throw new Error(`apt-get ended with ${String(code)}`);
  } catch (cause) {
    throw new TestingError('browser-install-failed', `Could not install ${name} with apt-get; see stderr`, {
      cause,
    });
  }
}
