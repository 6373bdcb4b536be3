import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startListeningProcess } from '../listening-process.ts';
import type { Companion } from '../start-browser.ts';

export interface StartMessageBusOptions {
  readonly executablePath: string;
  /** Where its socket and its configuration are put. */
  readonly folder: string;
}

/** A D-Bus daemon of its own: the session bus of one browser. */
export interface MessageBusProcess extends Companion {
  /** As in DBUS_SESSION_BUS_ADDRESS. */
  readonly address: string;
}

// It takes a few milliseconds.
const timeoutMs = 10_000;

/** @throws TestingError `browser-exited` when dbus-daemon cannot be started */
export async function startMessageBus({ executablePath, folder }: StartMessageBusOptions): Promise<MessageBusProcess> {
  const configFile = join(folder, 'bus.conf');
  await writeFile(configFile, configuration(join(folder, 'bus')));
  const { address, kill, exited } = startListeningProcess({
    executablePath,
    args: ['--nofork', '--print-address=2', `--config-file=${configFile}`],
    environment: process.env,
    addressPattern: /^(unix:\S+)\n/m,
  });
  process.once('exit', kill);
  const ended = exited.then(() => void process.off('exit', kill));
  const killLater = setTimeout(kill, timeoutMs);
  try {
    return { address: await address, kill, ended };
  } finally {
    clearTimeout(killLater);
  }
}

/**
 * Everything is allowed to whoever can open the socket, which is this user alone. There is no service directory on
 * purpose: the bus starts nothing of the desktop that the machine may have.
 */
function configuration(socketPath: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${encodeURI(socketPath)}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}
