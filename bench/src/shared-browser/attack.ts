import type { Attack } from './step.ts';
import { ask, newSecret, type Note, subscribe, type World } from './world.ts';

export interface AttackRequest {
  readonly user: string;
  readonly how: Attack;
  /** Which of what the user noted, or recorded. */
  readonly note: number;
}

/**
 * What a user does with what they noted on a browser, from home. `take-over` posts the noted endpoint and keys with a secret of the
 * attacker's own: without the secret that the device has now, it must never move one.
 */
export async function attack(world: World, { user, how, note: nth }: AttackRequest): Promise<void> {
  if (how === 'replay') {
    const recorded = world.recorded.get(user) ?? [];
    const request = recorded[nth % Math.max(recorded.length, 1)];
    // Kept out of the record, which would grow.
    if (request) await ask({ ...world, recorded: new Map() }, request, { user });
    return;
  }
  const notes = world.notes.get(user) ?? [];
  const noted = notes[nth % Math.max(notes.length, 1)];
  if (noted) await use(world, { user, how, noted });
}

interface Use {
  readonly user: string;
  readonly how: Exclude<Attack, 'replay'>;
  readonly noted: Note;
}

async function use(world: World, { user, how, noted }: Use): Promise<void> {
  const { deviceId, deviceSecret, subscription } = noted;
  // Without cookies: whoever has the secret is the device.
  const alone = { ...world, recorded: new Map() };
  switch (how) {
    case 'resubscribe': {
      // With the ids that the attacker may know: the one noted, and that of each browser's device now.
      const body = { deviceId, deviceSecret, ...subscribe(world, user) };
      await ask(alone, { method: 'POST', path: '/resubscribe', body });
      for (const { record } of world.browsers) {
        if (!record.confirmed || record.confirmed.deviceId === deviceId) continue;
        await ask(alone, {
          method: 'POST',
          path: '/resubscribe',
          body: { ...body, deviceId: record.confirmed.deviceId },
        });
      }
      return;
    }
    case 'remove':
      await ask(alone, { method: 'DELETE', path: '/subscribe', body: { deviceId, deviceSecret } });
      return;
    case 'remove-by-endpoint': {
      const body = { endpoint: subscription.endpoint, deviceSecret };
      await ask(alone, { method: 'DELETE', path: '/subscribe', body });
      return;
    }
    case 'report': {
      const receipts = [{ id: 'x'.repeat(22), binding: 'x'.repeat(22), kind: 'shown', at: 1 }];
      await ask(alone, { method: 'POST', path: '/receipts', body: { deviceId, deviceSecret, receipts } });
      return;
    }
    case 'take-over':
    case 'subscribe-own':
    case 'subscribe-shared': {
      const posted = how === 'subscribe-own' ? subscribe(world, user) : subscription;
      const secret = how === 'take-over' ? newSecret() : deviceSecret;
      const body = { ...posted, deviceId, deviceSecret: secret, scope: 'https://app.example.com/' };
      await ask(alone, { method: 'POST', path: '/subscribe', body }, { user });
    }
  }
}
