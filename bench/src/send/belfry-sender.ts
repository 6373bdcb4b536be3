import { branded, parseAuthSecret, parseEndpoint, parseP256dh } from '@belfry/protocol';
// What the server's deliveries go through, from the plaintext on; no package exports it.
import { stderrLogger, systemClock } from '../../../packages/server/src/effects.ts';
import { chooseEncryptor } from '../../../packages/server/src/encryption/choose-encryptor.ts';
import { gatherJobs } from '../../../packages/server/src/encryption/gather-jobs.ts';
import { spareCores } from '../../../packages/server/src/encryption/spare-cores.ts';
import { sendPush } from '../../../packages/server/src/sender/send-push.ts';
import { createTransport } from '../../../packages/server/src/transport/create-transport.ts';
import { createVapidAuthorizer } from '../../../packages/server/src/vapid/vapid-authorizer.ts';
import { parsed } from '../parsed.ts';
import type { Send, SendContext } from './send.ts';

export async function belfrySender(
  { sink, vapidKeys, subscriptions }: SendContext,
  { native }: { readonly native: boolean },
): Promise<Send> {
  const { origin, address, certificateAuthority } = sink;
  const encryptor = await chooseEncryptor({
    env: { BELFRY_NATIVE: native ? undefined : 'off' },
    clock: systemClock,
    logger: stderrLogger,
  });
  if (native !== (encryptor.name === 'native')) throw new Error('The accelerator was not built: see @belfry/native');
  const development = { endpointOrigins: [origin], address, certificateAuthority };
  const effects = {
    clock: systemClock,
    encrypt: gatherJobs(encryptor, spareCores()),
    authorizer: createVapidAuthorizer({ subject: branded('mailto:ops@example.com'), clock: systemClock }),
    transport: createTransport({ development: () => development, clock: systemClock, random: Math.random }),
  };
  const devices = new Map(
    subscriptions.map((subscription) => [
      subscription.endpoint,
      {
        endpoint: parsed(parseEndpoint(subscription.endpoint)),
        p256dh: parsed(parseP256dh(subscription.keys.p256dh)),
        auth: parsed(parseAuthSecret(subscription.keys.auth)),
      },
    ]),
  );
  const { signal } = new AbortController();
  return async ({ endpoint }, text) => {
    const device = devices.get(endpoint);
    if (device === undefined) throw new RangeError('there is no such subscription');
    const push = { ...device, plaintext: Buffer.from(text), ttl: branded<number, 'Ttl'>(60), keys: vapidKeys };
    const { outcome } = await sendPush({ ...push, padToBytes: 0 }, effects, { signal });
    if (outcome.kind !== 'accepted') throw new Error(`A message was not accepted: ${outcome.kind}`);
  };
}
