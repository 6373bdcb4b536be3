import * as belfry from './index.ts';

// For classic workers: `importScripts('belfry-worker.js')` defines the global `belfry`.
Object.assign(globalThis, { belfry });
