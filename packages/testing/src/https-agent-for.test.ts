import { once } from 'node:events';
import { request } from 'node:https';
import type { PushService } from '@belfry/push-service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpsAgentFor } from './https-agent-for.ts';
import { pushService } from './push-service.ts';

let service: PushService;
let other: PushService;

beforeAll(async () => {
  [service, other] = await Promise.all([pushService.start(), pushService.start()]);
});

afterAll(async () => {
  await Promise.all([service?.close(), other?.close()]);
});

async function statusOf(url: string, trusted: PushService): Promise<number | undefined> {
  const { certificateAuthority } = trusted;
  const agent = httpsAgentFor({ address: service.address, certificateAuthority });
  const sent = request(url, { agent, method: 'POST', headers: { TTL: '0' } }).end();
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  agent.destroy();
  return response.statusCode;
}

test("every host that an endpoint has is the push service's, and its certificate is trusted", async () => {
  const endpoints = service.endpointOrigins.map((origin) => `${origin}/fcm/send/unknown`);
  expect(endpoints.length).toBeGreaterThan(1);
  // Refused by the push service in each one's own way, so reached.
  for (const endpoint of endpoints) expect(await statusOf(endpoint, service)).toBeGreaterThanOrEqual(400);
});

test('another push service is not trusted', async () => {
  await expect(statusOf(`${service.endpointOrigin}/unknown`, other)).rejects.toMatchObject({
    code: expect.stringMatching(/CERT|SIGNATURE|ISSUER/),
  });
});
