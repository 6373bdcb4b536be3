export { type PushFixtures, type StartAgentOptions, test } from './test.ts';
