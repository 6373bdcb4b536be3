import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordingLogger, startedService } from '../fixtures/started-service.test-data.ts';
import { callControl, get } from './control-request.test-data.ts';
import { CONTROL_ROUTES } from './control-routes.ts';

const DOCUMENTED = [200, 201, 204, 400, 404, 405, 409, 413, 415];

const ERROR = { error: { id: expect.any(String), message: expect.any(String) } };

const paths = CONTROL_ROUTES.map(({ path }) => path)
  // It answers for as long as the caller stays.
  .filter((path) => path !== '/api/pushes/stream');

const number = fc.oneof(fc.nat({ max: 3 }), fc.integer(), fc.double()).map(String);
const knownPath = fc
  .tuple(fc.constantFrom(...paths), number, fc.webQueryParameters())
  .map(([path, id, query]) => `${path.replace(':id', id)}?${query}`);
const anyPath = fc.oneof(
  knownPath,
  fc.webPath().map((path) => `/${path}`),
  fc.constantFrom('/', '/page.js', '/../limits.ts'),
);

const fault = fc.record(
  {
    type: fc.constantFrom('delay', 'slow-read', 'status', 'throttle', 'drop', 'no-answer', 'reset', 'goaway', 'expire'),
    delayMs: fc.oneof(fc.double(), fc.jsonValue()),
    status: fc.oneof(fc.integer({ min: 190, max: 610 }), fc.jsonValue()),
    retryAfterSeconds: fc.oneof(fc.nat(), fc.jsonValue()),
  },
  { requiredKeys: ['type'] },
);
const fields = fc.record(
  {
    persona: fc.oneof(fc.constantFrom('fcm', 'rfc8030', '__proto__', 'toString'), fc.jsonValue()),
    applicationServerKey: fc.oneof(fc.string(), fc.jsonValue()),
    endpoint: fc.oneof(fc.webUrl(), fc.jsonValue()),
    subscription: fc.oneof(fc.nat({ max: 3 }), fc.webUrl(), fc.jsonValue()),
    origin: fc.oneof(fc.constant('https://fcm.googleapis.com'), fc.jsonValue()),
    fault: fc.oneof(fault, fc.jsonValue()),
    times: fc.oneof(fc.constantFrom('always', 1, 0, -1, 1.5), fc.jsonValue()),
    skip: fc.oneof(fc.nat(), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fields.map((object) => JSON.stringify(object)),
  fc.json(),
  fc.uint8Array({ maxLength: 300 }),
);

test('whatever is sent, the answer is a documented one, and the service goes on', async () => {
  const logger = recordingLogger();
  const service = await startedService({ logger });
  service.createSubscription();
  await fc.assert(
    fc.asyncProperty(
      anyPath,
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'),
      body,
      fc.constantFrom('application/json', 'application/json', 'application/json', 'text/plain'),
      async (path, method, sent, type) => {
        const headers = { 'content-type': type };
        const { status, text } = await callControl(service.controlUrl, path, { method, body: sent, headers });
        expect(DOCUMENTED).toContain(status);
        const isError = status >= 400 && method !== 'HEAD';
        const error = isError ? JSON.parse(text) : ERROR;
        expect(error).toEqual(ERROR);
      },
    ),
    { numRuns: 2000 },
  );
  expect(logger.warnings).toEqual([]);
  expect((await get(service, '/api/subscriptions')).status).toBe(200);
});
