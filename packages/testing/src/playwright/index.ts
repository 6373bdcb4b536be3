export { expect } from '@playwright/test';
export { type PushTestArgs, type PushWorkerArgs, type PushWorkerOptions, test } from './test.ts';
