import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one run of Firefox writes to. */
export interface FirefoxFolders {
  readonly profileDir: string;
  readonly homeDir: string;
  /** Removes all but a profile folder that the caller named. */
  readonly remove: () => Promise<void>;
  readonly removeSync: () => void;
}

export async function makeFirefoxFolders(callersProfileDir: string | undefined): Promise<FirefoxFolders> {
  const base = await mkdtemp(join(tmpdir(), 'belfry-firefox-'));
  const profileDir = callersProfileDir ?? join(base, 'profile');
  const homeDir = join(base, 'home');
  // The content processes of a killed Firefox may write for a moment longer, and rm then finds a folder not empty.
  const options = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 };
  const folders: FirefoxFolders = {
    profileDir,
    homeDir,
    remove: () => rm(base, options),
    removeSync: () => rmSync(base, options),
  };
  try {
    await Promise.all([mkdir(profileDir, { recursive: true }), mkdir(homeDir)]);
  } catch (error) {
    await folders.remove();
    throw error;
  }
  return folders;
}
