import { chromiumInstallCommands } from '../chromium/chromium-install-commands.ts';
import { findExecutable } from '../find-executable.ts';
import { onPath } from '../on-path.ts';

/**
 * The dbus-daemon of this machine, which Chromium's notifications need. Installed with apt-get where there is none and
 * the process is root on Debian. `BELFRY_DBUS_DAEMON` names another.
 *
 * @throws TestingError `browser-not-found` with the one command that installs it, `browser-install-failed`
 */
export function findDbusDaemon(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  return findExecutable({
    name: 'dbus-daemon',
    variable: 'BELFRY_DBUS_DAEMON',
    environment,
    candidates: [...onPath(['dbus-daemon'], environment), '/usr/bin/dbus-daemon', '/bin/dbus-daemon'],
    debianPackage: 'dbus-daemon',
    installCommands: chromiumInstallCommands,
    install: true,
  });
}
