import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type BenchProcess, startProcess } from '../process/start-process.ts';
import { readBlackBox } from './black-box.ts';
import type { SenderFunctions, SenderOptions } from './sender-process.ts';

export interface SendersOptions extends Omit<SenderOptions, 'blackBox' | 'log'> {
  readonly count: number;
  /** For their black boxes and logs. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

interface Sender {
  readonly process: BenchProcess<SenderFunctions>;
  readonly blackBox: string;
  /** 0 before it runs. */
  pid: number;
  state: 'starting' | 'running' | 'stopped' | 'held' | 'killed';
  /** Since its overrun was taken: that is what it had under way when it was stopped, which is counted already. */
  wasStopped: boolean;
  /** Up to which its overrun was taken. */
  overrun: number;
  start(): Promise<void>;
}

/** A sender that a fault has for itself. */
export interface HeldSender {
  readonly pid: number;
  readonly process: BenchProcess<SenderFunctions>;
  /** How many devices it has under way. */
  underWay(): number;
}

const POLL_MS = 50;
const START_ATTEMPTS = 3;
/** The world's time; a round has no reason to take nearly as long. */
const PATIENCE_MS = 120_000;

/** The processes that send: always so many, however often one is killed. */
export class Senders {
  readonly #options: SendersOptions;
  #senders: Sender[] = [];
  #started = 0;
  #overrun = 0;

  constructor(options: SendersOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.count }, () => this.#startOne()));
  }

  /**
   * kill -9, and another in its place.
   *
   * @param number picks one of those that run
   * @returns how many devices it had under way
   */
  async kill(number: number): Promise<number> {
    const sender = await this.#take(number, 'killed');
    process.kill(sender.pid, 'SIGKILL');
    await sender.process.stop();
    this.#senders = this.#senders.filter((one) => one !== sender);
    const { devices } = readBlackBox(sender.blackBox);
    this.#overrun += takeOverrun(sender);
    rmSync(sender.blackBox);
    await this.#startOne();
    return devices;
  }

  /**
   * SIGSTOP, and after a while SIGCONT.
   *
   * @returns how many devices it had under way
   */
  async stopFor(number: number, durationMs: number): Promise<number> {
    const sender = await this.#take(number, 'stopped');
    process.kill(sender.pid, 'SIGSTOP');
    await setTimeout(durationMs, undefined, { signal: this.#options.signal });
    const { devices } = readBlackBox(sender.blackBox);
    sender.wasStopped = true;
    process.kill(sender.pid, 'SIGCONT');
    sender.state = 'running';
    return devices;
  }

  /**
   * Has one for itself: until `work` has ended nobody asks it, kills it or stops it.
   *
   * @param number picks one of those that run
   */
  async hold<Result>(number: number, work: (held: HeldSender) => Promise<Result>): Promise<Result> {
    const sender = await this.#take(number, 'held');
    try {
      const { pid, process, blackBox } = sender;
      return await work({ pid, process, underWay: () => readBlackBox(blackBox).devices });
    } finally {
      sender.state = 'running';
    }
  }

  /** Sets the clock of one that runs, and after a while sets the same one's right, if it was not killed meanwhile. */
  async setClockFor(number: number, { stepMs, durationMs }: { stepMs: number; durationMs: number }): Promise<void> {
    const { process } = await this.#running(number);
    await process.call('setClock', stepMs).catch(() => {});
    await setTimeout(durationMs, undefined, { signal: this.#options.signal });
    await process.call('setClock', -stepMs).catch(() => {});
  }

  /** Asks one that runs, and again where that one was killed meanwhile, or its database was away. */
  async ask<Answer>(question: (sender: BenchProcess<SenderFunctions>) => Promise<Answer>): Promise<Answer> {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (let turn = 0; ; turn += 1) {
      const sender = await this.#running(turn);
      try {
        return await question(sender.process);
      } catch (error) {
        if (Date.now() > giveUpAt) throw error;
        await this.#pause();
      }
    }
  }

  /**
   * Resolves when none has a device under way.
   *
   * @throws Error where one ended by itself
   */
  async idle(): Promise<void> {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (;;) {
      const busy = this.#senders.filter(
        ({ state, blackBox }) => state !== 'running' || readBlackBox(blackBox).devices > 0,
      );
      if (busy.length === 0) break;
      if (Date.now() > giveUpAt) throw new Error('A sender goes on with a message that is over');
      await this.#pause();
    }
    await Promise.all(this.#senders.map((sender) => sender.process.call('status', 'of no message')));
  }

  /** How many devices overran their lease since this was asked last, in senders that were not stopped. */
  takeOverrun(): number {
    const overrun = this.#senders.reduce((sum, sender) => sum + takeOverrun(sender), this.#overrun);
    this.#overrun = 0;
    return overrun;
  }

  /** At once. */
  async close(): Promise<void> {
    const senders = this.#senders;
    this.#senders = [];
    await Promise.all(
      senders.map(async (sender) => {
        // Where it never started, it ends with its channel.
        if (sender.pid !== 0) process.kill(sender.pid, 'SIGKILL');
        await sender.process.stop();
      }),
    );
  }

  /** Again where it could not start, as when its database is away. */
  async #startOne(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const sender = this.#newSender();
      try {
        await sender.start();
        return;
      } catch (error) {
        this.#senders = this.#senders.filter((one) => one !== sender);
        await sender.process.stop();
        if (attempt === START_ATTEMPTS) throw error;
      }
    }
  }

  #newSender(): Sender {
    const { count: _count, folder, signal, ...options } = this.#options;
    const name = join(folder, `sender-${++this.#started}`);
    const blackBox = `${name}.box`;
    const process = startProcess<SenderFunctions>({
      module: new URL('./sender-process.ts', import.meta.url),
      signal,
    });
    const sender: Sender = {
      process,
      blackBox,
      pid: 0,
      state: 'starting',
      wasStopped: false,
      overrun: 0,
      async start() {
        sender.pid = await process.call('start', { ...options, blackBox, log: `${name}.log` });
        sender.state = 'running';
      },
    };
    this.#senders.push(sender);
    return sender;
  }

  /** One that runs, and is that from now on: a kill and a stop that come together have one each. */
  async #take(number: number, state: 'killed' | 'stopped' | 'held'): Promise<Sender> {
    for (;;) {
      const sender = await this.#running(number);
      if (sender.state !== 'running') continue;
      sender.state = state;
      return sender;
    }
  }

  async #running(number: number): Promise<Sender> {
    for (;;) {
      const running = this.#senders.filter(({ state }) => state === 'running');
      const sender = running[number % running.length];
      if (sender !== undefined) return sender;
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return setTimeout(POLL_MS, undefined, { signal: this.#options.signal });
  }
}

function takeOverrun(sender: Sender): number {
  const { overrun } = readBlackBox(sender.blackBox);
  const since = sender.wasStopped ? 0 : overrun - sender.overrun;
  sender.overrun = overrun;
  sender.wasStopped = false;
  return since;
}
