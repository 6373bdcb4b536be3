import { type Belfry, type BelfryOptions, createBelfry } from '@belfry/server';
import { type FcmPayload, getMessaging, type Message } from '@belfry/server/firebase';
import type { FastifyRequest } from 'fastify';

// Firebase's interface asks nothing of what the application declares.
export async function sendAll(options: BelfryOptions, ofFastify: Belfry<FastifyRequest>): Promise<void> {
  const message: Message = { token: 'x', data: { a: '1' }, notification: { title: 'Hi' } };
  const sent: string = await getMessaging(await createBelfry(options)).send(message);
  const { responses } = await getMessaging(ofFastify).sendEachForMulticast({ tokens: [sent], data: { a: '1' } });
  for (const response of responses) {
    if (response.success) await getMessaging(ofFastify).subscribeToTopic(response.messageId, 'news');
    else if (response.error.code === 'messaging/registration-token-not-registered') throw response.error;
  }

  // @ts-expect-error: data holds texts
  await getMessaging(ofFastify).send({ token: 'x', data: { a: 1 } });
  // @ts-expect-error: a message has a target
  await getMessaging(ofFastify).send({ data: { a: '1' } });
}

export const payload: FcmPayload = { from: '/topics/news', data: { a: '1' } };
