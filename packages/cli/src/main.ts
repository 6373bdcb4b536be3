#!/usr/bin/env node
import { runCli } from './run-cli.ts';

const stop = new AbortController();
// Once: a second Ctrl-C ends a process that hangs.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

process.exitCode = await runCli({
  args: process.argv.slice(2),
  writeOut: (text) => void process.stdout.write(text),
  writeErr: (text) => void process.stderr.write(text),
  signal: stop.signal,
  env: process.env,
  now: () => Date.now(),
});
