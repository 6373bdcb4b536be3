/** How a person installs something, by platform. */
export interface InstallCommands {
  readonly darwin: string;
  readonly win32: string;
  /** By the distribution's id, or its family's: os-release(5). */
  readonly linux: ReadonlyMap<string, string>;
  /** Where none of these fits. */
  readonly other: string;
}

export interface InstallCommandOptions {
  readonly platform: NodeJS.Platform;
  /** The text of /etc/os-release; empty where there is none. */
  readonly osRelease: string;
}

/** The one command for this platform. */
export function installCommand(commands: InstallCommands, options: InstallCommandOptions): string {
  const { platform, osRelease } = options;
  if (platform === 'darwin' || platform === 'win32') return commands[platform];
  return distributions(osRelease).flatMap((name) => commands.linux.get(name) ?? [])[0] ?? commands.other;
}

/** Debian itself: Ubuntu and others of its family have other packages. */
export function isDebian(osRelease: string): boolean {
  const names = distributions(osRelease);
  return names.includes('debian') && !names.includes('ubuntu');
}

/** ID first, then the family, nearest first. */
function distributions(osRelease: string): readonly string[] {
  return [...osRelease.matchAll(/^(?:ID|ID_LIKE)=["']?([^"'\n]*)/gm)].flatMap(([, ids = '']) => ids.split(' '));
}
