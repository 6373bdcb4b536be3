import { setImmediate } from 'node:timers/promises';
import { loadAddon, loadNativeEncryptor } from '@belfry/native';
import { typescriptEncryptor } from '@belfry/protocol';
import { cpuShare, machineUsage, resourceUsage } from '../process/resource-usage.ts';
import { serveCalls } from '../process/serve-calls.ts';
import { encryptWithBelfry, encryptWithWebPush, makeSubscription } from './encrypt-messages.ts';
import type { Slice } from './encrypt-row.ts';

export interface MeasureOptions {
  /** How often each variant has its turn. */
  readonly rounds: number;
  /** Messages of one turn. */
  readonly messages: number;
}

export interface Measured {
  readonly slices: readonly Slice[];
  /** Share of one core that others used meanwhile. */
  readonly others: number;
}

/** What the process that measures does. */
export type EncryptFunctions = ReturnType<typeof encryptFunctions>;

function encryptFunctions(): { measure(options: MeasureOptions): Promise<Measured> } {
  return { measure };
}

async function measure({ rounds, messages }: MeasureOptions): Promise<Measured> {
  const [addon, native] = [loadAddon(), loadNativeEncryptor({ env: {} })];
  if (addon === undefined || native === undefined) {
    throw new Error('The floor is measured inside @belfry/native, which is not built: it takes a C compiler');
  }
  const subscriptions = Array.from({ length: messages }, (_, number) => makeSubscription(number));
  const slice = async (): Promise<Slice> => ({
    floor: await cpuUsEach(messages, () => addon.measureFloor(messages)),
    webPush: await cpuUsEach(messages, () => encryptWithWebPush(subscriptions)),
    typescript: await cpuUsEach(messages, () => encryptWithBelfry(typescriptEncryptor, subscriptions)),
    native: await cpuUsEach(messages, () => encryptWithBelfry(native, subscriptions)),
  });
  // What runs for the first time is compiled, and not counted.
  await slice();
  const [own, machine] = [resourceUsage(), machineUsage()];
  const slices: Slice[] = [];
  while (slices.length < rounds) slices.push(await slice());
  const others = cpuShare(machine, machineUsage()) - cpuShare(own, resourceUsage());
  return { slices, others: Math.round(others * 100) / 100 };
}

/** CPU time of all threads. What garbage there is goes before, so that nobody pays for that of another's turn. */
async function cpuUsEach(count: number, run: () => unknown): Promise<number> {
  globalThis.gc?.({ type: 'minor' });
  // What native code keeps for a collected object is freed in a task of its own.
  await setImmediate();
  const before = resourceUsage();
  await run();
  return ((resourceUsage().cpuMs - before.cpuMs) * 1000) / count;
}

serveCalls(encryptFunctions());
