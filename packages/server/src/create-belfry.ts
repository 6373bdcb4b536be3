import { randomBytes as systemRandomBytes } from 'node:crypto';
import type { Store } from '@belfry/store';
import type { Belfry } from './belfry.ts';
import { type BelfryOptions, type CheckedOptions, checkOptions } from './belfry-options.ts';
import { createNotify, type Notify } from './create-notify.ts';
import { openDateGuard } from './date/date-guard.ts';
import { createSteadyClock } from './date/steady-clock.ts';
import { createAttempts } from './delivery/create-attempts.ts';
import { createRefusals } from './delivery/refusals.ts';
import { startDeliveryEngine } from './delivery/delivery-engine.ts';
import { withdrawEnded } from './delivery/withdraw-ended.ts';
import { Withdrawn } from './delivery/withdrawn.ts';
import { createDevices } from './devices/devices.ts';
import { stderrLogger, systemClock } from './effects.ts';
import { chooseEncryptor } from './encryption/choose-encryptor.ts';
import { BelfryError } from './errors.ts';
import { errorAnswer } from './http/answers.ts';
import { createAskApplication } from './http/ask-application.ts';
import { checkSameSite } from './http/check-same-site.ts';
import { createHandler } from './http/create-handler.ts';
import { createRoutes } from './http/create-routes.ts';
import { createFaultLog } from './http/fault-log.ts';
import { toIdentity } from './http/identify.ts';
import { createAddressLimit } from './http/limits/address-limit.ts';
import { createKnownDevices } from './http/limits/known-devices.ts';
import { createPassLimit } from './http/limits/pass-limit.ts';
import { createRefusalQueue } from './http/limits/refusal-queue.ts';
import { createProveDevice } from './http/prove-device.ts';
import { LEASE_MS } from './limits.ts';
import { createMessages } from './message/messages.ts';
import { startRetentionLoop } from './retention/retention-loop.ts';
import { createTopics } from './topics/topics.ts';
import { createTransport } from './transport/create-transport.ts';
import { type StoreWatch, watchStore } from './unusable-store.ts';
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
  const { logger = stderrLogger, clock = systemClock } = options;
  const storeWatch = watchStore(logger);
  const opened = await options.store({ onFault: storeWatch.onFault, elapsed: () => clock.elapsed() });
  const withdrawn = new Withdrawn();
  const store = withdrawEnded(opened, withdrawn);
  try {
    return await startOn({ store, storeWatch, checked, withdrawn }, options);
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface Opened {
  readonly store: Store;
  readonly storeWatch: StoreWatch;
  readonly checked: CheckedOptions;
  readonly withdrawn: Withdrawn;
}

async function startOn<IdentityRequest>(
  { store, storeWatch, checked, withdrawn }: Opened,
  options: BelfryOptions<IdentityRequest>,
): Promise<Belfry<IdentityRequest>> {
  const { subject, origins, prefix, checkApiKey, padToBytes, endpoints, proxy, fallbackTimeZone, keepMessagesMs } =
    checked;
  const { defaultNotification, deviceLimits } = checked;
  const { logger = stderrLogger, randomBytes = systemRandomBytes, leaseMs = LEASE_MS } = options;
  const clock = createSteadyClock(options.clock ?? systemClock);
  if (options.developmentPushServices?.length) {
    logger.warn('Messages go to a local push service (developmentPushServices): not for production');
  }
  const random = (): number => (randomBytes(1)[0] ?? 0) / 256;
  // Before anything is counted: where the date jumped, steady time goes on from before.
  const date = await openDateGuard({ store, clock, logger });
  const env = options.env ?? process.env;
  const keyRing = await openVapidKeyRing({ given: options.vapid, env, store, clock });
  const transport = options.transport ?? createTransport({ ...endpoints, clock, proxy, random });
  const encryptor = options.encryptor ?? (await chooseEncryptor({ env, clock, logger }));
  const refusals = createRefusals(clock);
  const engine = await startDeliveryEngine({
    store,
    logger,
    clock,
    makeAttempt: createAttempts({
      clock,
      logger,
      keyRing,
      transport,
      encryptor,
      subject,
      padToBytes,
      withdrawn,
      refusals,
    }),
    hasAccepted: (device) => refusals.isProven({ ...device, key: device.vapidPublicKey }),
    origins,
    defaultNotification,
    leaseMs,
    fallbackTimeZone,
    random,
    isProven: (origin) => transport.isProven(origin),
    provenOrigins: () => transport.provenOrigins(),
  });
  const retention = startRetentionLoop({ store, date, clock, logger, keepMessagesMs });
  const topics = createTopics({ store, clock });
  const devices = createDevices({ store, clock });
  const messages = createMessages({ store, engine, clock, withdrawn });
  const notify = createNotify({ store, engine, origins, defaultNotification, clock, randomBytes, leaseMs });
  let stopping: Promise<unknown> | undefined;
  const stopWork = () => (stopping ??= Promise.all([engine.stop(), retention.stop()]));
  storeWatch.onUnusable(() => void stopWork());
  let closing: Promise<void> | undefined;
  const refusal = () => (closing === undefined ? storeWatch.unusable() : closed());
  const notifyWhileOpen: Notify = async (target, message, notifyOptions) => {
    const refused = refusal();
    if (refused !== undefined) throw refused;
    return await notify(target, message, notifyOptions);
  };
  const reportFault = createFaultLog({ logger, clock });
  const askApplication = createAskApplication({ clock, reportFault });
  const knownDevices = createKnownDevices({ maxPerUser: deviceLimits.maxDevices + deviceLimits.maxGoneDevices });
  const refusalQueue = createRefusalQueue({ clock });
  const handle = createHandler({
    prefix,
    reportFault,
    limitAddress: createAddressLimit({ clock, randomBytes }),
    limitPublicKey: createAddressLimit({ clock, randomBytes }),
    passLimit: createPassLimit({ hasApiKey: (request) => checkApiKey(request) !== undefined, clock }),
    checkApiKey,
    refusals: refusalQueue,
    clock,
    routes: createRoutes({
      store,
      endpoints,
      origins,
      keyRing,
      clock,
      randomBytes,
      deviceLimits,
      authorizeTopic: options.authorizeTopic,
      askApplication,
      knownDevices,
      proveDevice: createProveDevice({ store, knownDevices, clock }),
      notify: notifyWhileOpen,
      messages,
      topics,
      devices,
    }),
  });

  return {
    notify: notifyWhileOpen,
    ...topics,
    ...messages,
    ...devices,
    rotateVapidKeys: () => keyRing.rotate(),
    async confirmDate() {
      const refused = refusal();
      if (refused !== undefined) throw refused;
      await date.confirm();
      retention.wakeAt(clock.now());
    },
    // Not async: it would keep the request in memory until there is a response.
    handle(request, { identityRequest, clientAddress } = {}) {
      const refused = refusal();
      if (refused !== undefined) return Promise.resolve(errorAnswer(refused));
      const identify = async () => {
        checkSameSite(request, origins);
        const ask = async () => toIdentity(await options.authenticate(identityRequest ?? request));
        const identity = await askApplication('authenticate', ask);
        if (identity === undefined) throw new BelfryError('not-signed-in', 'Sign in first');
        return identity;
      };
      return handle(request, { identify, clientAddress });
    },
    close: () => (closing ??= closeAll()),
  };

  async function closeAll(): Promise<void> {
    refusalQueue.end();
    await stopWork();
    transport.close();
    await encryptor.close?.();
    await store.close();
  }
}

function closed(): BelfryError {
  return new BelfryError('closed', 'Belfry is closed');
}
