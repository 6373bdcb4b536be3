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
    execArgv: ['--conditions=@belfry/source'],
  },
});
