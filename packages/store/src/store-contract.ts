import { describe } from 'vitest';
import { addressedReceiptsContract } from './contract/addressed-receipts-contract.ts';
import { chunksContract } from './contract/chunks-contract.ts';
import { collapseContract } from './contract/collapse-contract.ts';
import { committingContract } from './contract/committing-contract.ts';
import { conditionsContract } from './contract/conditions-contract.ts';
import { coverageContract } from './contract/coverage-contract.ts';
import { dateContract } from './contract/date-contract.ts';
import { deliveriesContract } from './contract/deliveries-contract.ts';
import { deviceLimitsContract } from './contract/device-limits-contract.ts';
import { devicesContract } from './contract/devices-contract.ts';
import { durabilityContract } from './contract/durability-contract.ts';
import { idempotencyContract } from './contract/idempotency-contract.ts';
import { keyMismatchContract } from './contract/key-mismatch-contract.ts';
import { leasesContract } from './contract/leases-contract.ts';
import { messageChangesContract } from './contract/message-changes-contract.ts';
import { overLeasesContract } from './contract/over-leases-contract.ts';
import { pagesContract } from './contract/pages-contract.ts';
import { planningContract } from './contract/planning-contract.ts';
import { provenDevicesContract } from './contract/proven-devices-contract.ts';
import { proofsContract } from './contract/proofs-contract.ts';
import { purgeContract } from './contract/purge-contract.ts';
import { receiptsContract } from './contract/receipts-contract.ts';
import { rejectedDevicesContract } from './contract/rejected-devices-contract.ts';
import { resubscribeContract } from './contract/resubscribe-contract.ts';
import { retiredSecretsContract } from './contract/retired-secrets-contract.ts';
import { sessionsContract } from './contract/sessions-contract.ts';
import { setBackContract } from './contract/set-back-contract.ts';
import { silenceContract } from './contract/silence-contract.ts';
import { soleOwnerContract } from './contract/sole-owner-contract.ts';
import { spellingsContract } from './contract/spellings-contract.ts';
import type { StoreUnderTest } from './contract/store-under-test.test-data.ts';
import { timeZonesContract } from './contract/time-zones-contract.ts';
import { topicsContract } from './contract/topics-contract.ts';
import { vapidKeysContract } from './contract/vapid-keys-contract.ts';
import { waitingContract } from './contract/waiting-contract.ts';

export type { StoreUnderTest } from './contract/store-under-test.test-data.ts';

const TOPICS: Readonly<Record<string, (engine: StoreUnderTest) => void>> = {
  devices: devicesContract,
  'spellings of an endpoint': spellingsContract,
  resubscribe: resubscribeContract,
  proofs: proofsContract,
  'retired secrets': retiredSecretsContract,
  sessions: sessionsContract,
  deliveries: deliveriesContract,
  'what waits': waitingContract,
  'rejected devices': rejectedDevicesContract,
  'device limits': deviceLimitsContract,
  'proven devices': provenDevicesContract,
  'key mismatch': keyMismatchContract,
  receipts: receiptsContract,
  'addressed receipts': addressedReceiptsContract,
  silence: silenceContract,
  'VAPID keys': vapidKeysContract,
  topics: topicsContract,
  idempotency: idempotencyContract,
  planning: planningContract,
  conditions: conditionsContract,
  'time zones': timeZonesContract,
  chunks: chunksContract,
  leases: leasesContract,
  pages: pagesContract,
  committing: committingContract,
  coverage: coverageContract,
  'message changes': messageChangesContract,
  'collapse keys': collapseContract,
  date: dateContract,
  'a clock that is set back': setBackContract,
  purge: purgeContract,
  durability: durabilityContract,
};

/** What every engine behind the `Store` interface must do. */
export function storeContract(engine: StoreUnderTest): void {
  describe(`the store contract on ${engine.name}`, () => {
    // Each topic has a `describe` of its own, since it registers hooks that open a store for each of its tests.
    const owners = engine.sharesLeases ? { 'over leases': overLeasesContract } : { 'sole owner': soleOwnerContract };
    describe.each(Object.entries({ ...TOPICS, ...owners }))('%s', (_topic, contract) => {
      contract(engine);
    });
  });
}
