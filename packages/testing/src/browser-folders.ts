import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one run of a browser writes to. */
export interface BrowserFolders {
  /** Holds what the launch made, and goes with it. */
  readonly baseDir: string;
  readonly profileDir: string;
  readonly homeDir: string;
  /** Removes all but a profile folder that the caller named. */
  readonly remove: () => Promise<void>;
  readonly removeSync: () => void;
}

export interface MakeBrowserFoldersOptions {
  readonly browser: 'firefox' | 'chromium';
  /** The caller's own profile folder. */
  readonly profileDir: string | undefined;
}

export async function makeBrowserFolders(options: MakeBrowserFoldersOptions): Promise<BrowserFolders> {
  const baseDir = await mkdtemp(join(tmpdir(), `belfry-${options.browser}-`));
  const profileDir = options.profileDir ?? join(baseDir, 'profile');
  const homeDir = join(baseDir, 'home');
  // The processes that belong to a killed browser may write for a moment longer, and rm then finds a folder not empty.
  const removal = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 };
  const folders: BrowserFolders = {
    baseDir,
    profileDir,
    homeDir,
    remove: () => rm(baseDir, removal),
    removeSync: () => rmSync(baseDir, removal),
  };
  try {
    await Promise.all([mkdir(profileDir, { recursive: true }), mkdir(homeDir)]);
  } catch (error) {
    await folders.remove();
    throw error;
  }
  return folders;
}
