import { defineConfig } from 'vitest/config';

// Tests run the sources: the same condition that `npm start` passes to Node.
const conditions = ['@belfry/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'conformance/src/**/*.test.ts',
      'bench/src/**/*.test.ts',
      'examples/*/src/**/*.test.ts',
      'tools/**/*.test.ts',
    ],
    // Most files wait for a browser, a disk or a network at any time; one for each core, not one fewer.
    maxWorkers: '100%',
    // What hangs ends; how fast something is, no test says.
    testTimeout: 30_000,
    expect: { poll: { timeout: 15_000 } },
    execArgv: ['--conditions=@belfry/source'],
  },
});
