import { once } from 'node:events';
import { join, resolve } from 'node:path';
import {
  PERSONA_NAMES,
  type PersonaName,
  type PushService,
  type PushServiceLogger,
  startPushService,
} from '@belfry/push-service';
import { type Command, InvalidArgumentError, Option } from 'commander';

export interface PushServiceCommandOptions {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  /** Ends the service. */
  readonly signal: AbortSignal;
}

interface Flags {
  readonly data: string;
  readonly host?: string;
  readonly autopushPort?: number;
  readonly endpointPort?: number;
  readonly gcmPort?: number;
  readonly mcsPort?: number;
  readonly controlPort?: number;
  readonly persona?: PersonaName;
}

/** Adds `belfry push-service`, which runs until its signal. */
export function pushServiceCommand(program: Command, options: PushServiceCommandOptions): void {
  program
    .command('push-service')
    .description('run a push service on this machine that Firefox and Chromium subscribe with')
    .option('--data <dir>', 'folder for its subscriptions, messages and certificates', 'data/push-service')
    .option('--host <address>', 'loopback address to listen on (default: 127.0.0.1)')
    .option('--autopush-port <n>', 'where Firefox connects; 0 for any free port (default: 8788)', parsePort)
    .option('--endpoint-port <n>', 'where application servers send to (default: 8789)', parsePort)
    .option('--gcm-port <n>', 'where Chromium registers (default: 8790)', parsePort)
    .option('--mcs-port <n>', 'where Chromium receives (default: 8791)', parsePort)
    .option('--control-port <n>', 'where its page is (default: 8792)', parsePort)
    .addOption(new Option('--persona <name>', 'whose answers it gives').choices(PERSONA_NAMES))
    .action((flags: Flags) => runPushService(flags, options));
}

async function runPushService(flags: Flags, options: PushServiceCommandOptions): Promise<void> {
  const { data, ...addresses } = flags;
  const { writeOut, signal } = options;
  const dataDir = resolve(data);
  const service = await startPushService({ ...addresses, dataDir, logger: warningLogger(options) });
  try {
    if (signal.aborted) return;
    writeOut(`${readyLine(service, dataDir)}\n`);
    await once(signal, 'abort');
  } finally {
    await service.close();
  }
}

/** What comes next for Firefox, for senders and for Chromium, whose flags end the line to be copied. */
function readyLine({ autopushUrl, chromium, endpointOrigin, controlUrl }: PushService, dataDir: string): string {
  return [
    `Push service ready at ${endpointOrigin}`,
    `see what arrives: ${controlUrl}`,
    `Firefox (about:config): dom.push.serverURL = ${autopushUrl} and dom.push.testing.allowInsecureServerURL = true`,
    `certificate authority: ${join(dataDir, 'push-service-ca.pem')}`,
    [
      'Chromium:',
      `--gcm-checkin-url=${chromium.checkinUrl}`,
      `--gcm-registration-url=${chromium.registrationUrl}`,
      `--gcm-mcs-endpoint=${chromium.mcsEndpoint}`,
      `--ignore-certificate-errors-spki-list=${chromium.certificateSpkiHash}`,
      '--user-data-dir=DIR',
    ].join(' '),
  ].join(' | ');
}

/** Of the rest the ready line tells more. */
function warningLogger({ writeErr }: PushServiceCommandOptions): PushServiceLogger {
  return {
    info() {},
    warn: (message, fields = {}) => writeErr(`warning: ${message} ${JSON.stringify(fields)}\n`),
  };
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return port;
}
