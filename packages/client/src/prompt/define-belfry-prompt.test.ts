import { expect, test } from 'vitest';
import { defineBelfryPrompt } from './define-belfry-prompt.ts';
import { fakePush } from './fake-push.test-data.ts';

// What it does in browsers is in conformance/src/journeys/prompt.test.ts.
test('on a server nothing happens', () => {
  const push = fakePush();
  defineBelfryPrompt({ push });
  expect(push).toMatchObject({ listening: 0, enabled: 0 });
});
