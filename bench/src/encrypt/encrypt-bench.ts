import { type Aim, aim, type BenchReport } from '../bench-report.ts';
import { machineFacts } from '../machine-facts.ts';
import { startProcess } from '../process/start-process.ts';
import type { EncryptFunctions, Measured, MeasureOptions } from './encrypt-process.ts';
import { type EncryptRow, encryptRow, noise } from './encrypt-row.ts';
import { type OpensslSpeed, opensslSpeed } from './openssl-speed.ts';

export interface EncryptBenchOptions extends MeasureOptions {
  readonly opensslSeconds: number;
  readonly signal: AbortSignal;
}

/** The figures of the accelerator, and in `rows` those of both encryptors. */
export interface EncryptReport extends BenchReport, Omit<EncryptRow, 'name'> {
  readonly rows: readonly EncryptRow[];
  readonly rounds: number;
  readonly messages: number;
  readonly noise: number;
  readonly others: number;
  readonly opensslSpeed: OpensslSpeed | undefined;
}

const AIMS: Readonly<Record<EncryptRow['name'], { readonly ratio: number; readonly overFloor: number }>> = {
  typescript: { ratio: 2.3, overFloor: 1.8 },
  native: { ratio: 3.5, overFloor: 1.25 },
};

/** What encrypting a message costs, in TypeScript and in C, beside web-push and beside what OpenSSL takes at the least. */
export async function encryptBench({ opensslSeconds, signal, ...size }: EncryptBenchOptions): Promise<EncryptReport> {
  const speed = await opensslSpeed(opensslSeconds, signal);
  const { slices, others } = await measureAlone(size, signal);
  const [typescript, native] = [encryptRow('typescript', slices), encryptRow('native', slices)];
  const aims = [...aimsOf(typescript), ...aimsOf(native)];
  const { name: _native, ...figures } = native;
  return {
    bench: 'encrypt',
    ...figures,
    met: aims.every(({ met }) => met),
    aims,
    machine: machineFacts(),
    ...size,
    noise: noise(slices),
    others,
    opensslSpeed: speed,
    rows: [typescript, native],
  };
}

async function measureAlone(size: MeasureOptions, signal: AbortSignal): Promise<Measured> {
  // libuv reads it when its threads start, which is before any module of a process runs: so the process inherits it.
  process.env.UV_THREADPOOL_SIZE = '1';
  const module = new URL('./encrypt-process.ts', import.meta.url);
  const measuring = startProcess<EncryptFunctions>({ module, execArgv: ['--expose-gc'], signal });
  try {
    return await measuring.call('measure', size);
  } finally {
    await measuring.stop();
  }
}

function aimsOf({ name, ratio, overFloor }: EncryptRow): Aim[] {
  return [
    aim(`${name}.ratio`, { value: ratio, atLeast: AIMS[name].ratio }),
    aim(`${name}.overFloor`, { value: overFloor, below: AIMS[name].overFloor }),
  ];
}
