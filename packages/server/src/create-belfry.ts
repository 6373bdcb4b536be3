import { randomBytes as systemRandomBytes } from 'node:crypto';
import type { Store } from '@belfry/store';
import type { Belfry } from './belfry.ts';
import { type BelfryOptions, type CheckedOptions, checkOptions } from './belfry-options.ts';
import { startDeliveryEngine } from './delivery/delivery-engine.ts';
import { stderrLogger, systemClock } from './effects.ts';
import { chooseEncryptor } from './encryption/choose-encryptor.ts';
import { gatherJobs } from './encryption/gather-jobs.ts';
import { BelfryError } from './errors.ts';
import { errorAnswer } from './http/answers.ts';
import { createHandler } from './http/create-handler.ts';
import { toIdentity } from './http/identify.ts';
import { createRateLimit } from './http/rate-limit.ts';
import { publicKeyRoute } from './http/routes/public-key.ts';
import { sendRoute } from './http/routes/send.ts';
import { subscribeRoute } from './http/routes/subscribe.ts';
import { unsubscribeRoute } from './http/routes/unsubscribe.ts';
import { BROWSER_REQUESTS_PER_MINUTE, SEND_REQUESTS_PER_MINUTE } from './limits.ts';
import { createNotify, type Notify } from './create-notify.ts';
import { createTransport } from './transport/create-transport.ts';
import { createVapidAuthorizer } from './vapid/vapid-authorizer.ts';
import { openVapidKeyRing } from './vapid/vapid-key-ring.ts';

/**
 * Starts Belfry: opens the store, finds or makes the VAPID keys, and takes up what an earlier process left unfinished.
 *
 * @throws {BelfryError} `invalid-configuration`, `vapid-keys-missing`
 * @throws {StoreError} where the store cannot be opened
 * @example
 * const belfry = await createBelfry({
 *   store: sqlite('belfry.db'),
 *   subject: 'mailto:ops@example.com',
 *   origins: ['https://app.example.com'],
 *   authenticate: (request) => userIdOf(request),
 * });
 */
export async function createBelfry<IdentityRequest = Request>(
  options: BelfryOptions<IdentityRequest>,
): Promise<Belfry<IdentityRequest>> {
  const checked = checkOptions(options);
  const store = await options.store();
  try {
    return await startOn(store, options, checked);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function startOn<IdentityRequest>(
  store: Store,
  options: BelfryOptions<IdentityRequest>,
  { subject, origins, prefix, checkApiKey, padToBytes, endpoints, proxy }: CheckedOptions,
): Promise<Belfry<IdentityRequest>> {
  const { logger = stderrLogger, clock = systemClock, randomBytes = systemRandomBytes } = options;
  if (options.developmentPushServices?.length) {
    logger.warn('Messages go to a local push service (developmentPushServices): not for production');
  }
  const keyRing = await openVapidKeyRing({
    given: options.vapid,
    env: options.env ?? process.env,
    store,
    now: clock.now(),
  });
  const transport = options.transport ?? createTransport({ ...endpoints, clock, proxy });
  const encryptor = options.encryptor ?? (await chooseEncryptor(options.env ?? process.env));
  const engine = await startDeliveryEngine({
    store,
    logger,
    clock,
    keyRing,
    transport,
    encrypt: gatherJobs(encryptor),
    authorize: createVapidAuthorizer({ subject, clock }),
    origins,
    padToBytes,
    random: () => (randomBytes(1)[0] ?? 0) / 256,
  });
  const notify = createNotify({ store, engine, origins, clock, randomBytes });
  let closing: Promise<void> | undefined;
  const notifyWhileOpen: Notify = async (target, message, notifyOptions) => {
    if (closing !== undefined) throw new BelfryError('closed', 'Belfry is closed');
    return await notify(target, message, notifyOptions);
  };
  const limitPerMinute = (limit: number) => createRateLimit({ limit, windowMs: 60_000, clock });
  const browsers = limitPerMinute(BROWSER_REQUESTS_PER_MINUTE);
  const handle = createHandler({
    prefix,
    logger,
    routes: {
      '/public-key': { GET: publicKeyRoute(keyRing) },
      '/subscribe': {
        POST: subscribeRoute({ store, endpoints, origins, keyRing, clock, randomBytes, limit: browsers }),
        DELETE: unsubscribeRoute({ store, endpoints, origins, clock, limit: browsers }),
      },
      '/send': {
        POST: sendRoute({ checkApiKey, limit: limitPerMinute(SEND_REQUESTS_PER_MINUTE), notify: notifyWhileOpen }),
      },
    },
  });

  return {
    notify: notifyWhileOpen,
    async handle(request, { identityRequest } = {}) {
      if (closing !== undefined) return errorAnswer(new BelfryError('closed', 'Belfry is closed'));
      return await handle(request, async () => toIdentity(await options.authenticate(identityRequest ?? request)));
    },
    close: () => (closing ??= closeAll()),
  };

  async function closeAll(): Promise<void> {
    await engine.stop();
    transport.close();
    await encryptor.close?.();
    await store.close();
  }
}
